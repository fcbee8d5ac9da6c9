"""Sixty mornings of the demonstration: who is told what, how long a late unit hears nothing, and at what hour.

Nobody does anything in these sixty days, so that everything that can become late does.  The worker passes at five,
at half past eight and at noon, on Sundays as well.
Run: python benchmarks/mornings.py from the checkout.
"""

import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from time import process_time

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import config
from tracker.adapters.disk.store import FileStore
from tracker.adapters.mail.sending import Mail
from tracker.clock.calendar import national
from tracker.now import SHANGHAI
from tracker.services.case_types.seeds import seed_case_types
from tracker.services.demo.city import ACCOUNTS, seed_demo
from tracker.services.demo.seeding import read_seeds, seed_registry
from tracker.services.demo.sources import read_demo_sources
from tracker.services.reminders.dispatch import run_pass
from tracker.store.core.engine import Database, open_database
from tracker.store.core.schema import upgrade
from tracker.store.models import Alert, Document, Duty, Membership, Message, Milestone, Task, Unit
from tracker.store.reminders.conditions import running, unsigned, with_holders
from tracker.store.reminders.recipients import has_address, nobody

FIRST = date(2026, 11, 30)
MORNINGS = 60
PASSES = (time(5), time(8, 30), time(12))
OPENS, CLOSES = time(8, 30), time(17, 30)


class Tray:
    """A sender that takes everything."""

    def send(self, mail: Mail) -> None:
        """Take it."""

    def close(self) -> None:
        """Have nothing to close."""


@dataclass
class Silence:
    """The longest time, in days, in which a unit heard nothing while something was wanting of it."""

    longest: int = 0
    _since: dict[int, date] = field(default_factory=dict)

    def evening(self, day: date, wanting: set[int], told: set[int]) -> None:
        """Take in one day: of whom something is wanting, and who was told of it."""
        self._since = {unit: self._since.get(unit, day) for unit in wanting}
        for unit, since in self._since.items():
            self.longest = max(self.longest, (day - since).days)
            if unit in told:
                self._since[unit] = day


@dataclass
class Count:
    """What the mornings came to: mails by who got them, those at a wrong hour, and the longest silences."""

    mails: Counter[str] = field(default_factory=Counter)
    outside: int = 0
    by_the_hour: int = 0
    overdue: Silence = field(default_factory=Silence)
    unsigned: Silence = field(default_factory=Silence)
    late_units: int = 0


def seeded(folder: Path, first: date = FIRST) -> tuple[Database, config.Settings]:
    """Return what `tracker seed --demo` makes, on the eve of the first morning."""
    settings = config.load(
        {"TRACKER_ENV": "test", "SECRET_KEY": "x", "TRACKER_DATA": str(folder), "MAIL_FROM": "jfb@mou.example"}
    )
    database = open_database(f"sqlite:///{folder / 'tracker.db'}")
    upgrade(database.engine)
    at = datetime.combine(first, time(4), SHANGHAI).astimezone(UTC)
    places, types = read_seeds(config.ROOT / "seeds"), read_seeds(config.ROOT / "seeds" / "case-types")
    sources = read_demo_sources(FileStore(folder / "files"), config.ROOT / "seeds" / "documents")
    with database.write.begin() as session:
        seed_registry(session, at, places)
        seed_case_types(session, at, places, types)
        seed_demo(session, at, national(), sources, {account.login: "x" for account in ACCOUNTS})
    return database, settings


def mornings(database: Database, settings: config.Settings, first: date = FIRST, days: int = MORNINGS) -> Count:
    """Let the worker pass on each of the days and count what it sends."""
    count, seen = Count(), set[int]()
    for day in (first + timedelta(days=n) for n in range(days)):
        told, told_unsigned = set[int](), set[int]()
        for at in PASSES:
            now = datetime.combine(day, at, SHANGHAI).astimezone(UTC)
            run_pass(database, now, settings, Tray(), "mornings")
            with database.read() as session:
                _take(session, count, now, seen, told, told_unsigned)
        now = datetime.combine(day, PASSES[-1], SHANGHAI).astimezone(UTC)
        with database.read() as session:
            late, open_duties = _late(session, now), _unsigned(session)
        count.late_units = max(count.late_units, len(late))
        count.overdue.evening(day, late, told)
        count.unsigned.evening(day, open_duties, told_unsigned)
    return count


def _take(
    session: Session, count: Count, now: datetime, seen: set[int], told: set[int], told_unsigned: set[int]
) -> None:
    """Count the mails of one pass, and note which units they tell of what is late or unsigned."""
    posts: dict[int, set[tuple[str, int]]] = {}
    for user, role, unit in session.execute(select(Membership.user_id, Membership.role, Membership.unit_id)):
        posts.setdefault(user, set()).add((role.value, unit))
    mails = [m for m in session.scalars(select(Message).where(Message.sent_at >= now)) if m.id not in seen]
    seen |= {m.id for m in mails}
    about: dict[int, list[Alert]] = {m.id: [] for m in mails}
    told_of = (
        select(Alert)
        .where(Alert.message_id.in_(about))
        .options(joinedload(Alert.milestone), joinedload(Alert.duty), joinedload(Alert.referral))
    )
    for alert in session.scalars(told_of):
        about[alert.message_id or 0].append(alert)
    local = now.astimezone(SHANGHAI)
    open_now = national().is_workday(local.date()) and OPENS <= local.time() <= CLOSES
    for mail in mails:
        roles = {role for role, _ in posts.get(mail.user_id or 0, ())} or {"unit's address"}
        count.mails.update(roles)
        hours = any(a.milestone and a.milestone.due_on is None and a.milestone.due_at for a in about[mail.id])
        count.by_the_hour += bool(hours and not open_now)
        count.outside += not hours and not open_now
        for alert in about[mail.id]:
            m = alert.milestone
            unit = m.unit_id if m else alert.duty.unit_id if alert.duty else 0
            if mail.user_id is not None and not {("officer", unit), ("head", unit)} & posts.get(mail.user_id, set()):
                continue
            if m is not None and m.due_at is not None and m.due_at <= now:
                told.add(unit)
            if m is None:
                told_unsigned.add(unit)


def _late(session: Session, now: datetime) -> set[int]:
    """Return the units with something overdue that have anybody to tell."""
    query = with_holders(select(Milestone.unit_id).select_from(Milestone).join(Unit, Milestone.unit_id == Unit.id))
    query = query.where(
        running(), Milestone.due_at <= now, Milestone.watch.is_(False), has_address() | ~nobody(Unit.id)
    )
    return set(session.scalars(query))


def _unsigned(session: Session) -> set[int]:
    """Return the units with a duty unsigned that have anybody to tell."""
    query = select(Duty.unit_id).join(Task, Duty.task_id == Task.id).join(Document, Task.document_id == Document.id)
    return set(
        session.scalars(query.join(Unit, Duty.unit_id == Unit.id).where(unsigned(), has_address() | ~nobody(Unit.id)))
    )


def main() -> None:
    """Print what sixty mornings came to."""
    started = process_time()
    with tempfile.TemporaryDirectory() as folder:
        database, settings = seeded(Path(folder))
        count = mornings(database, settings)
        database.engine.dispose()
    print(f"{MORNINGS} mornings from {FIRST}, {process_time() - started:.0f} s of CPU")
    for who, mails in sorted(count.mails.items()):
        print(f"  mails to {who:15} {mails:5}")
    print(f"  outside office hours: {count.outside}, and {count.by_the_hour} of hour clocks")
    print(f"  longest silence of a unit overdue: {count.overdue.longest} days ({count.late_units} units overdue)")
    print(f"  longest silence of a unit that has not signed: {count.unsigned.longest} days")


if __name__ == "__main__":
    main()
