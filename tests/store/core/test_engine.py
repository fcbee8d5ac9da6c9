"""How connections are set up, asked of the connections themselves."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import delete, event, select, text
from sqlalchemy.orm import Session

import config
from tests.kit.statements import counted
from tests.kit.world import NOW
from tracker.store.core.engine import FOR_A_MOMENT, KEPT_OPEN, Database, open_database
from tracker.store.models import AuditEntry


def each_kind(database: Database) -> Iterator[Session]:
    """Give a session of every kind there is."""
    for factory in (database.read, database.write, database.brief):
        with factory() as session:
            yield session


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_on_sqlite_a_commit_lasts_through_a_loss_of_power_and_who_finds_it_busy_waits(database: Database) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}
    for session in each_kind(database):
        connection = session.connection()
        assert {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted} == wanted


@pytest.mark.postgres
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_on_postgresql_no_query_is_compiled_and_a_rollback_takes_nothing_back(database: Database) -> None:
    for session in each_kind(database):
        for _ in range(2):
            assert session.connection().exec_driver_sql("SHOW jit").scalar() == "off"
            session.rollback()


def test_every_thread_of_a_process_has_a_connection_at_once_and_none_is_opened_anew(database: Database) -> None:
    threads = config.SERVER_THREADS + config.READING_THREADS + config.WORKER_THREADS
    opened = open_database(database.engine.url.render_as_string(hide_password=False))
    made: list[object] = []
    event.listen(opened.engine, "connect", lambda connection, _record: made.append(connection))

    def held_at_once(sessions: int) -> int:
        """Have so many threads read at the same time: one that waited for another's would break the barrier."""
        together = Barrier(sessions, timeout=60)

        def read() -> int:
            with opened.read() as session:
                found: int = session.execute(text("SELECT 1")).scalar_one()
                together.wait()
                return found

        with ThreadPoolExecutor(sessions) as pool:
            return sum(asked.result() for asked in [pool.submit(read) for _ in range(sessions)])

    try:
        for _ in range(2):
            assert held_at_once(threads) == threads
        assert len(made) == threads
        # Each request may want a second one for a moment.
        assert held_at_once(threads + config.SERVER_THREADS) == threads + config.SERVER_THREADS
        assert len(made) == threads + config.SERVER_THREADS
        assert held_at_once(threads) == threads
    finally:
        opened.engine.dispose()


def test_the_readmes_say_how_many_connections_a_process_takes() -> None:
    english, chinese = ((config.ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh-CN.md"))
    assert f"keeps up to {KEPT_OPEN} connections open" in english
    assert f"at most {KEPT_OPEN + FOR_A_MOMENT}," in english
    assert f"平时最多保持 {KEPT_OPEN} 个连接" in chinese
    assert f"最多占用 {KEPT_OPEN + FOR_A_MOMENT} 个" in chinese


def test_new_rows_go_in_together_and_each_object_gets_its_own_number(database: Database) -> None:
    with database.write() as session:
        gone = [AuditEntry(at=NOW, verb="gone", subject="x") for _ in range(5)]
        session.add_all(gone)
        session.flush()
        session.execute(delete(AuditEntry).where(AuditEntry.id.in_([gone[1].id, gone[4].id])))
        made = [AuditEntry(at=NOW, verb=f"v{n}", subject="x", subject_id=n) for n in range(2_500)]
        with counted(database) as sent:
            session.add_all(made)
            session.flush()
        assert len(sent) <= 4
        ids = [entry.id for entry in made]
        assert ids == sorted(ids)
        stored = session.execute(select(AuditEntry.id, AuditEntry.subject_id).where(AuditEntry.verb != "gone"))
        assert {number: subject_id for number, subject_id in stored} == {entry.id: entry.subject_id for entry in made}
