"""Engines and session factories: one for reading, one that takes the write lock from its first statement."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.sql.compiler import InsertmanyvaluesSentinelOpts

BUSY_TIMEOUT_S = 30
BRIEF_WAIT_MS = 200


@dataclass(frozen=True, slots=True)
class Database:
    """An engine with its session factories; `brief` writes, and gives up at once where others are writing."""

    engine: Engine
    read: sessionmaker[Session]
    write: sessionmaker[Session]
    brief: sessionmaker[Session]


def open_database(url: str) -> Database:
    """Open the database at `url`; nothing is created."""
    engine = make_engine(url)
    writing = engine.execution_options(sqlite_begin="IMMEDIATE")
    return Database(
        engine=engine,
        read=sessionmaker(engine, expire_on_commit=False, autoflush=False),
        write=sessionmaker(writing, expire_on_commit=False),
        brief=sessionmaker(writing.execution_options(brief_wait_ms=BRIEF_WAIT_MS), expire_on_commit=False),
    )


def make_engine(url: str) -> Engine:
    """Return an engine with the house's connection settings; its errors never name a value of a statement."""
    if url.startswith("sqlite"):
        engine = create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_TIMEOUT_S})
        # New rows of one table go in one INSERT: SQLite numbers them as they stand in it, each one more than the last.
        engine.dialect.insertmanyvalues_implicit_sentinel = InsertmanyvaluesSentinelOpts.ANY_AUTOINCREMENT
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    engine = create_engine(url, hide_parameters=True, pool_pre_ping=True)
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
    cursor.execute("PRAGMA journal_mode=WAL")
    # In WAL mode NORMAL loses the last commits when the power fails: a report once acknowledged has to be there.
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
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
        connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_TIMEOUT_S * 1000}")


def _begin_postgresql(connection: Connection) -> None:
    if (wait := connection.get_execution_options().get("brief_wait_ms")) is not None:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout={int(wait)}")
