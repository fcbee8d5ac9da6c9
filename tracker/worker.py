"""The worker (后台): the only place that knows APScheduler; its jobs only wake our sweeps."""

import logging
import os
import socket
from datetime import datetime
from typing import TYPE_CHECKING

from tracker import logs
from tracker.now import SHANGHAI, utc_now

if TYPE_CHECKING:
    from config import Settings
    from tracker.services.reminders.dispatch import PassReport
    from tracker.store.core.engine import Database


# Everything heavy is imported where it is used: `tracker parse` starts in a fraction of a second.
SWEEP_EVERY_S = 60


class Worker:
    """The scheduler that wakes our sweeps; they are safe in several workers, it need not be."""

    def __init__(self, settings: "Settings", database: "Database") -> None:
        from apscheduler.schedulers.background import BackgroundScheduler

        from tracker.adapters.mail.sending import sender_for

        self.settings, self.database = settings, database
        self.sender = sender_for(settings.mail_url, settings.mail_from, settings.maildir)
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self.stopping = False
        self.scheduler = BackgroundScheduler(timezone=SHANGHAI)

    def start(self) -> None:
        # Missed wakings are made good by one: what is due is chosen by state, never by the instant of a waking.
        self.scheduler.add_job(
            self._tick,
            "interval",
            seconds=SWEEP_EVERY_S,
            next_run_time=utc_now(),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
        self.scheduler.start()

    def stop(self) -> None:
        """Let the running pass come to its end between two mails, then shut the scheduler."""
        self.stopping = True
        self.scheduler.shutdown(wait=True)

    def _tick(self) -> None:
        try:
            self.run_pass(utc_now())
        except Exception:
            # The next waking tries again; a worker that dies of one bad pass would tell nobody anything.
            logging.getLogger(__name__).exception("the pass failed")

    def run_pass(self, now: datetime) -> "PassReport":
        from tracker.adapters.ledger.results import Parcels
        from tracker.services.reminders.dispatch import run_pass

        logs.begin("pass")
        Parcels(self.settings.imports_dir).sweep(now)
        return run_pass(self.database, now, self.settings, self.sender, self.name, lambda: self.stopping)
