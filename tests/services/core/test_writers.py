"""Several people at once: on SQLite a writer waits his turn, on PostgreSQL a lost update is told; none is swallowed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event, Thread

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from tests.kit.world import NOW, World, duty
from tests.services.duties.test_duties import bring_to
from tracker.clock.calendar import national
from tracker.reading.plan import Role
from tracker.rules.workflow import State
from tracker.services.core.act import begin
from tracker.services.core.errors import Refused, Stale
from tracker.services.duties import progress, roster
from tracker.store.core.engine import Database
from tracker.store.models import AuditEntry, Duty, Report, Task

CALENDAR = national()
WRITERS, TIMES = 8, 4


def test_many_report_at_once_and_no_writer_meets_a_lock(world: World, database: Database) -> None:
    with database.write() as session:
        it = bring_to(session, world, duty(session, world, "一.1", "gxj"), State.ACKNOWLEDGED)
        session.commit()
        duty_id, version = it.id, it.version
    start = Barrier(WRITERS)

    def write(writer: int) -> int:
        start.wait()
        kept = 0
        for n in range(TIMES):
            now = NOW + timedelta(seconds=writer, microseconds=n)
            with database.write() as session:
                mine = duty(session, world, "一.1", "gxj")
                progress.report_progress(begin(session, world.actor("lead"), now), mine, percent=n, text=f"第{n}次")
                try:
                    session.commit()
                    kept += 1
                except StaleDataError:
                    assert database.engine.dialect.name == "postgresql"
        return kept

    with ThreadPoolExecutor(WRITERS) as pool:
        kept = sum(pool.map(write, range(WRITERS)))
    if database.engine.dialect.name == "sqlite":
        assert kept == WRITERS * TIMES
    with database.read() as session:
        assert kept > 0
        assert session.scalar(select(func.count()).select_from(Report)) == kept
        assert session.get_one(Duty, duty_id).version == version + kept
        told = select(func.count()).select_from(AuditEntry).where(AuditEntry.verb == "duty.report")
        assert session.scalar(told) == kept


def test_a_reader_is_not_kept_waiting_by_a_writer_and_sees_what_was_before(world: World, database: Database) -> None:
    with database.write() as writing:
        mine = duty(writing, world, "一.1", "gxj")
        progress.acknowledge(begin(writing, world.actor("lead"), NOW), mine)
        writing.flush()
        with database.read() as reading:
            assert reading.get_one(Duty, mine.id).state is State.ASSIGNED
        writing.commit()
    with database.read() as reading:
        assert reading.get_one(Duty, mine.id).state is State.ACKNOWLEDGED


def test_a_writer_takes_the_lock_from_his_first_statement_on(world: World, database: Database) -> None:
    """Read first and write later, as every verb does: the second writer waits, and then sees what the first wrote."""
    if database.engine.dialect.name != "sqlite":
        # PostgreSQL lets both read; the version decides, as the test above shows.
        return
    first_has_read, seen = Event(), []

    def second() -> None:
        first_has_read.wait()
        with database.write() as session:
            seen.append(duty(session, world, "一.1", "gxj").state)

    other = Thread(target=second)
    other.start()
    with database.write() as session:
        mine = duty(session, world, "一.1", "gxj")
        first_has_read.set()
        progress.acknowledge(begin(session, world.actor("lead"), NOW), mine)
        session.commit()
    other.join(20)
    assert seen == [State.ACKNOWLEDGED]


def outcome(act: Callable[[Session], object], database: Database) -> str:
    """Carry out one verb in a transaction of its own; returns how it ended."""
    with database.write() as session:
        try:
            act(session)
            session.commit()
        except (Stale, StaleDataError):
            return "stale"
        except Refused:
            return "refused"
        except OperationalError as error:
            pytest.fail(f"a lock was met: {error}")
    return "done"


def test_of_two_reviews_at_once_one_counts(world: World, database: Database) -> None:
    with database.write() as session:
        bring_to(session, world, duty(session, world, "一.1", "gxj"), State.SUBMITTED)
        session.commit()
    start = Barrier(2)

    def agree(session: Session) -> None:
        progress.complete(begin(session, world.actor("supervisor"), NOW), duty(session, world, "一.1", "gxj"))

    def send_back(session: Session) -> None:
        progress.send_back(begin(session, world.actor("supervisor2"), NOW), duty(session, world, "一.1", "gxj"), "补充")

    def run(act: Callable[[Session], object]) -> str:
        start.wait()
        return outcome(act, database)

    with ThreadPoolExecutor(2) as pool:
        ends = sorted(pool.map(run, [agree, send_back]))
    assert ends in (["done", "refused"], ["done", "stale"])
    with database.read() as session:
        verbs = session.scalars(select(AuditEntry.verb).where(AuditEntry.verb.in_(["duty.complete", "duty.send_back"])))
        assert len(verbs.all()) == 1


def test_two_leads_completed_at_the_same_moment_complete_the_task(world: World, database: Database) -> None:
    with database.write() as session:
        it = duty(session, world, "一.1", "gxj")
        roster.add_unit(
            begin(session, world.actor("supervisor"), NOW), it.task, world.units["jyj"], Role.LEAD, "共同牵头"
        )
        session.flush()
        bring_to(session, world, it, State.SUBMITTED)
        bring_to(session, world, duty(session, world, "一.1", "jyj"), State.SUBMITTED, officer="stranger")
        session.commit()
    start = Barrier(2)

    def complete(unit: str) -> str:
        def act(session: Session) -> None:
            mine = duty(session, world, "一.1", unit)
            if database.engine.dialect.name == "postgresql":
                start.wait(10)  # both have read the other one as not yet done
            progress.complete(begin(session, world.actor("supervisor"), NOW), mine)

        return outcome(act, database)

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(complete, ["gxj", "jyj"])) == ["done", "done"]
    with database.read() as session:
        assert session.scalars(select(Task.completed_at).where(Task.key == "一.1")).one() == NOW
        assert session.get_one(Duty, duty(session, world, "一.1", "czj").id).state is State.COMPLETED
