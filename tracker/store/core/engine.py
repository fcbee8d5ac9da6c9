"""Engines and session factories: one for reading, one that takes the write lock from its first statement."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.sql.compiler import InsertmanyvaluesSentinelOpts

import config

# Kept open, one for each thread of a process that may want one; opened for a moment beside them, since a request that
# has just committed may begin to write again before it has given its first connection back.
KEPT_OPEN = config.SERVER_THREADS + config.READING_THREADS + config.WORKER_THREADS
FOR_A_MOMENT = config.SERVER_THREADS
BRIEF_WAIT_MS = 200
QUERY_CANCELED = "57014"
BUSY_TIMEOUT_MS = 30_000
# All that SQLite is told of a connection, in this order: switching to WAL may have to wait already.
PRAGMAS = {
    "busy_timeout": str(BUSY_TIMEOUT_MS),
    "journal_mode": "WAL",
    # In WAL mode NORMAL loses the last commits when the power fails: an act that was answered has to be there.
    "synchronous": "FULL",
    "foreign_keys": "ON",
}


@dataclass(frozen=True, slots=True)
class Database:
    """An engine with its session factories; `brief` writes, and gives up at once where others are writing."""

    engine: Engine
    read: sessionmaker[Session]
    write: sessionmaker[Session]
    brief: sessionmaker[Session]

    def limited(self, limit: timedelta) -> "Database":
        """The same connections, for pages: on PostgreSQL each statement of theirs is cut off after `limit`."""
        return _sessions(self.engine.execution_options(statement_limit_ms=round(limit / timedelta(milliseconds=1))))


def open_database(url: str) -> Database:
    """Open the database at `url`; nothing is created."""
    return _sessions(make_engine(url))


def cut_off(error: DBAPIError) -> bool:
    """Whether a statement failed because it took longer than it may."""
    return getattr(error.orig, "sqlstate", None) == QUERY_CANCELED


def _sessions(engine: Engine) -> Database:
    writing = engine.execution_options(sqlite_begin="IMMEDIATE")
    return Database(
        engine=engine,
        read=sessionmaker(engine, expire_on_commit=False, autoflush=False),
        write=sessionmaker(writing, expire_on_commit=False),
        brief=sessionmaker(writing.execution_options(brief_wait_ms=BRIEF_WAIT_MS), expire_on_commit=False),
    )


def make_engine(url: str) -> Engine:
    """Return an engine with the house's connection settings; its errors never name a value of a statement."""
    pool = {"hide_parameters": True, "pool_size": KEPT_OPEN, "max_overflow": FOR_A_MOMENT}
    if url.startswith("sqlite"):
        engine = create_engine(url, **pool)
        # New rows of one table go in one INSERT: SQLite numbers them as they stand in it, each one more than the last.
        engine.dialect.insertmanyvalues_implicit_sentinel = InsertmanyvaluesSentinelOpts.ANY_AUTOINCREMENT
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    engine = create_engine(url, **pool, pool_pre_ping=True)
    event.listen(engine, "connect", _set_up_postgres)
    event.listen(engine, "handle_error", _without_values)
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def _without_values(context: ExceptionContext) -> None:
    """Shorten what PostgreSQL says of an error: its DETAIL is the whole row, its data errors (class 22) quote."""
    error, raised = context.original_exception, context.sqlalchemy_exception
    diagnosis, state = getattr(error, "diag", None), getattr(error, "sqlstate", None)
    if diagnosis is None or state is None:  # no answer of the server: a connection lost, a value never sent
        return
    told = str(error)
    primary = "" if state.startswith("22") else f"{diagnosis.message_primary} "
    error.args = (f"{primary}[{state}]",)
    if raised is not None:
        raised.args = (str(raised.args[0]).replace(told, error.args[0]), *raised.args[1:])


def _set_up_sqlite(connection: Any, _record: object) -> None:
    # The driver's own BEGIN handling leaks rows out of savepoints; we begin ourselves.
    connection.isolation_level = None
    cursor = connection.cursor()
    for name, value in PRAGMAS.items():
        cursor.execute(f"PRAGMA {name}={value}")
    cursor.close()


def _set_up_postgres(connection: Any, _record: object) -> None:
    # Compiling a page's query takes longer than running it.
    with connection.cursor() as cursor:
        cursor.execute("SET jit = off")
    connection.commit()  # a rollback would take the setting back


def _begin_sqlite(connection: Connection) -> None:
    # A plain BEGIN that reads and then writes fails under load; a writer takes the lock at once and waits its turn.
    options = connection.get_execution_options()
    begin = f"BEGIN {options.get('sqlite_begin', '')}".strip()
    if (wait := options.get("brief_wait_ms")) is None:
        connection.exec_driver_sql(begin)
        return
    # The lock is all that is waited for; the connection goes back to the pool with the usual patience.
    connection.exec_driver_sql(f"PRAGMA busy_timeout={int(wait)}")
    try:
        connection.exec_driver_sql(begin)
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")


def _begin_postgresql(connection: Connection) -> None:
    # For this transaction alone: whoever has the connection next, the worker too, begins without them.
    options = connection.get_execution_options()
    limits = {"lock_timeout": options.get("brief_wait_ms"), "statement_timeout": options.get("statement_limit_ms")}
    said = [f"SET LOCAL {name}={int(limit)}" for name, limit in limits.items() if limit is not None]
    if said:
        connection.exec_driver_sql("; ".join(said))
