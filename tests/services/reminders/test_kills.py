"""A worker killed with -9 at any moment, again and again: no reminder is lost, none is told under two identifiers."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from email.message import EmailMessage
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from config import ROOT
from tests.kit.smtp_server import Post, mail_server
from tests.kit.world import NOW, World
from tracker.adapters.mail.sending import Smtp
from tracker.services.reminders.dispatch import LEASE, MOST_ATTEMPTS, PassReport, run_pass
from tracker.store.core.engine import Database
from tracker.store.models import Alert, AlertState, Message, MessageState

# Reads everything in once; then for each line of its input a process of its own does one pass.
PASSES = """
import os, sys
from datetime import datetime
from types import SimpleNamespace
from tracker.adapters.mail.sending import Smtp
from tracker.services.reminders.dispatch import run_pass
from tracker.store.core.engine import open_database

url, server = sys.argv[1:]
settings = SimpleNamespace(mail_from="jfb@mou.example", base_url="https://tz.example")
for line in sys.stdin:
    child = os.fork()
    if not child:
        sender = Smtp(server, settings.mail_from)
        run_pass(open_database(url), datetime.fromisoformat(line.strip()), settings, sender, "worker")
        os._exit(0)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
SETTINGS = SimpleNamespace(mail_from="jfb@mou.example", base_url="https://tz.example")


class Deadly(list[EmailMessage]):
    """Mails taken; with the last of so many, whoever sent it is killed before it can hear so."""

    def __init__(self, taken: list[EmailMessage], fatal: int, kill: Callable[[], None]) -> None:
        super().__init__(taken)
        self.fatal, self.kill = len(taken) + fatal, kill

    def append(self, mail: EmailMessage) -> None:
        super().append(mail)
        if len(self) == self.fatal:
            self.kill()


def killed_pass(passes: subprocess.Popen[str], post: Post, now: datetime, chance: random.Random) -> bool:
    """Let a process do a pass and kill it: at any moment, as it names a reader, or with a mail just taken.

    Returns whether the kill came before the pass was over.
    """
    assert passes.stdin is not None
    assert passes.stdout is not None
    worker = 0

    def kill() -> bool:
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)
        return True

    asked, fatal = len(post.asked), chance.randint(1, 4)
    moment = chance.choice(["any", "naming", "taken"])
    passes.stdin.write(f"{now.isoformat()}\n")
    passes.stdin.flush()
    worker = int(passes.stdout.readline())
    if moment == "naming":
        post.drop = lambda post: len(post.asked) >= asked + fatal and kill()
    elif moment == "taken":
        post.taken = Deadly(post.taken, fatal, kill)
    else:
        time.sleep(chance.uniform(0, 0.4))
        kill()
    ended = int(passes.stdout.readline())
    post.drop, post.taken = (lambda post: False), list(post.taken)
    assert ended in (0, -signal.SIGKILL)
    return ended != 0


def one_round(database: Database, chance: random.Random) -> None:
    """Kill a worker as often as a mail is tried but once, let one work on in peace, and see what has been told."""
    now, kills = NOW, 0
    url = database.engine.url.render_as_string(hide_password=False)
    with (
        mail_server() as post,
        subprocess.Popen(
            [sys.executable, "-c", PASSES, url, post.url],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as passes,
    ):
        for _ in range(MOST_ATTEMPTS - 1):
            kills += killed_pass(passes, post, now, chance)
            now += LEASE + timedelta(seconds=1)
        sender = Smtp(post.url, SETTINGS.mail_from)
        run_pass(database, now, SETTINGS, sender, "in peace")
        assert run_pass(database, now, SETTINGS, sender, "again") == PassReport()
    with database.read() as session:
        messages = session.scalars(select(Message)).all()
        alerts = session.scalars(select(Alert.state)).all()
    assert kills
    assert {m.state for m in messages} == {MessageState.SENT}
    assert AlertState.PENDING not in alerts
    told = Counter(mail["Message-ID"] for mail in post.taken)
    assert set(told) == {m.message_id for m in messages}
    assert sum(told.values()) - len(told) <= kills, "a mail is sent twice only where its worker was killed with it"
    by_reader = Counter(mail["To"].addresses[0].addr_spec for mail in {m["Message-ID"]: m for m in post.taken}.values())
    assert set(by_reader.values()) == {1}


def test_a_worker_killed_again_and_again_loses_nothing(database: Database, world: World) -> None:
    one_round(database, random.Random(20261129))  # noqa: S311 - the same every time


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10))
def test_nor_do_many_rounds_of_kills(database: Database, world: World, seed: int) -> None:
    one_round(database, random.Random(seed))  # noqa: S311 - the same every time
