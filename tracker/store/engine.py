"""Engines and session factories: one for reading, one that takes the write lock from its first statement."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.orm import Session, sessionmaker

BUSY_TIMEOUT_S = 30


@dataclass(frozen=True, slots=True)
class Database:
    """An engine with its two session factories."""

    engine: Engine
    read: sessionmaker[Session]
    write: sessionmaker[Session]


def open_database(url: str) -> Database:
    """Open the database at `url`; nothing is created."""
    engine = make_engine(url)
    writing = engine.execution_options(sqlite_begin="IMMEDIATE")
    return Database(
        engine=engine,
        read=sessionmaker(engine, expire_on_commit=False, autoflush=False),
        write=sessionmaker(writing, expire_on_commit=False),
    )


def make_engine(url: str) -> Engine:
    """Return an engine with the house's connection settings."""
    if url.startswith("sqlite"):
        engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_S})
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(url, pool_pre_ping=True)


def _set_up_sqlite(connection: Any, _record: object) -> None:
    # The driver's own BEGIN handling leaks rows out of savepoints; we begin ourselves.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A plain BEGIN that reads and then writes fails under load; a writer takes the lock at once and waits its turn.
    mode = connection.get_execution_options().get("sqlite_begin", "")
    connection.exec_driver_sql(f"BEGIN {mode}".strip())
