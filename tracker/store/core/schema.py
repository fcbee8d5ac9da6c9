"""Bringing a database's tables to a revision, on either database."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

import tracker.store.models  # noqa: F401 - fills the metadata
from config import ROOT
from tracker.store.core.base import Base

# Any number will do, as long as it is always the same: two processes must not migrate at once (PostgreSQL).
MIGRATION_LOCK = 727_001
# How long one statement of a migration waits for a table that others use (PostgreSQL).  While it waits, all who come
# after it wait behind it, readers too: better to give up soon and be run again.
PATIENCE = timedelta(seconds=10)
LOCK_NOT_AVAILABLE = "55P03"
IN_USE = (
    "数据表正被其他进程占用，等了 {seconds:g} 秒没有等到，迁移已放弃，什么都没有改动。"
    "请先停止 tracker serve、tracker worker 以及备份和长时间的查询，再运行 tracker migrate。"
)


class TablesInUse(Exception):
    """A migration gave up because others held its tables; it has changed nothing."""


def upgrade(engine: Engine, revision: str = "head", *, patience: timedelta = PATIENCE) -> None:
    """Migrate up to `revision`; raises TablesInUse where others hold a table longer than `patience`."""
    _run(engine, patience, lambda config: command.upgrade(config, revision))


def downgrade(engine: Engine, revision: str = "base", *, patience: timedelta = PATIENCE) -> None:
    """Migrate down to `revision`; raises TablesInUse where others hold a table longer than `patience`."""
    _run(engine, patience, lambda config: command.downgrade(config, revision))


def differences(engine: Engine) -> list[Any]:
    """Return what the tables and the models disagree about; empty when they agree."""
    with engine.connect() as connection:
        return list(
            compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), Base.metadata)
        )


def config_for(connection: Connection) -> Config:
    """Return an Alembic configuration that runs on `connection`."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["connection"] = connection
    return config


def _run(engine: Engine, patience: timedelta, act: Callable[[Config], None]) -> None:
    with engine.execution_options(sqlite_begin="IMMEDIATE").connect() as connection:
        if connection.dialect.name != "sqlite":
            with connection.begin():
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
                # After our own lock, for which another migration may be waited for as long as it takes.
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = {round(patience / timedelta(milliseconds=1))}")
                try:
                    act(config_for(connection))
                except OperationalError as error:
                    if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                        raise
                    raise TablesInUse(IN_USE.format(seconds=patience.total_seconds())) from error
            return
        # A batch ALTER drops and renames tables: with foreign keys on, that would delete children by cascade.
        _pragma(connection, "PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                act(config_for(connection))
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                if broken:
                    raise RuntimeError(f"migration left {len(broken)} broken foreign keys, e.g. {tuple(broken[0])}")
        finally:
            _pragma(connection, "PRAGMA foreign_keys=ON")


def _pragma(connection: Connection, statement: str) -> None:
    # Outside a transaction: SQLite ignores this pragma inside one.
    cursor = connection.connection.cursor()
    cursor.execute(statement)
    cursor.close()
