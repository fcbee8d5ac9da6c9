"""A migration on PostgreSQL gives up soon where others hold its tables, and says what to do."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, inspect, text

from tests.kit.world import published_world
from tracker.store.core.engine import Database
from tracker.store.core.schema import PATIENCE, TablesInUse, differences, downgrade, upgrade

pytestmark = [pytest.mark.postgres, pytest.mark.parametrize("database", ["postgresql"], indirect=True)]
SOON = timedelta(milliseconds=200)


@pytest.fixture
def reader(database: Database) -> Iterator[Connection]:
    """Return a connection of somebody else's that has read a table and keeps its transaction open."""
    published_world(database)
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM milestones")).scalar_one() > 0
        yield connection


def test_a_migration_gives_up_where_a_reader_stays_and_has_changed_nothing(
    database: Database, reader: Connection
) -> None:
    with pytest.raises(TablesInUse, match=r"等了 0\.2 秒.*tracker worker"):
        downgrade(database.engine, "0008", patience=SOON)
    assert differences(database.engine) == []
    assert reader.execute(text("SELECT count(*) FROM posted_forms")).scalar_one() == 0


def test_once_the_reader_is_gone_the_same_migration_runs(database: Database, reader: Connection) -> None:
    with pytest.raises(TablesInUse):
        downgrade(database.engine, "0008", patience=SOON)
    reader.rollback()
    try:
        downgrade(database.engine, "0008", patience=SOON)
        assert "posted_forms" not in inspect(database.engine).get_table_names()
    finally:
        upgrade(database.engine)
    assert differences(database.engine) == []


def test_by_itself_a_migration_waits_ten_seconds_for_a_table_and_as_long_as_it_takes_for_another_migration(
    database: Database,
) -> None:
    said: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        said.append(statement)

    event.listen(database.engine, "before_cursor_execute", hear)
    upgrade(database.engine)
    event.remove(database.engine, "before_cursor_execute", hear)
    first = next(n for n, statement in enumerate(said) if "pg_advisory_xact_lock" in statement)
    assert said[first + 1] == "SET LOCAL lock_timeout = 10000"
    assert timedelta(seconds=10) == PATIENCE


def test_the_patience_ends_with_the_migration(database: Database) -> None:
    upgrade(database.engine)
    with database.engine.connect() as connection:
        assert connection.execute(text("SHOW lock_timeout")).scalar_one() == "0"


def test_the_command_says_it_in_one_sentence(database: Database, tmp_path: Path) -> None:
    url = database.engine.url.render_as_string(hide_password=False)
    env = {**os.environ, "DATABASE_URL": url, "TRACKER_DATA": str(tmp_path)}
    with database.engine.connect() as holder:
        holder.execute(text("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE"))
        done = subprocess.run(
            [sys.executable, "-m", "tracker.cli", "migrate", "--wait", "1"],
            env=env, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("数据表正被其他进程占用，等了 1 秒没有等到，迁移已放弃")
    assert "Traceback" not in done.stderr
