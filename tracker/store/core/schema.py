"""Bringing a database's tables to a revision, on either database."""

from collections.abc import Callable
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine

import tracker.store.models  # noqa: F401 - fills the metadata
from config import ROOT
from tracker.store.core.base import Base

# Any number will do, as long as it is always the same: two processes must not migrate at once (PostgreSQL).
MIGRATION_LOCK = 727_001


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Migrate up to `revision`."""
    _run(engine, lambda config: command.upgrade(config, revision))


def downgrade(engine: Engine, revision: str = "base") -> None:
    """Migrate down to `revision`."""
    _run(engine, lambda config: command.downgrade(config, revision))


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


def _run(engine: Engine, act: Callable[[Config], None]) -> None:
    with engine.execution_options(sqlite_begin="IMMEDIATE").connect() as connection:
        if connection.dialect.name != "sqlite":
            with connection.begin():
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
                act(config_for(connection))
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
