"""How connections are set up, asked of the connections themselves."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from tracker.store.core.engine import Database


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
