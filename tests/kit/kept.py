"""A world made once and put back for every test that asks for it: a copied file, or rows copied within the server."""

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from tests.kit.world import World
from tracker.store.core.base import Base
from tracker.store.core.engine import Database, open_database

Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Kept:
    """A world: the database file that holds it, its rows by table, and the world itself, pickled."""

    name: str
    file: bytes
    rows: Rows
    world: bytes


def keep(name: str, template: bytes, folder: Path, make: Callable[[Database], World]) -> Kept:
    """Make a world in an empty, migrated SQLite database and keep it."""
    path = folder / f"{name}.db"
    path.write_bytes(template)
    opened = open_database(f"sqlite:///{path}")
    made = make(opened)
    with opened.read() as session:
        rows = rows_of(session)
    whole_file(opened)
    return Kept(name, path.read_bytes(), rows, pickle.dumps(made))


def whole_file(opened: Database) -> None:
    """Leave a SQLite database whole in its one file, with nobody connected to it."""
    with opened.engine.connect() as connection:
        connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    opened.engine.dispose()


def lay_down(opened: Database, file: bytes) -> None:
    """Let a SQLite database be the one of these bytes."""
    opened.engine.dispose()
    path = Path(opened.engine.url.database or "")
    for end in ("-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    path.write_bytes(file)


def empty(opened: Database) -> None:
    """Leave no row in a PostgreSQL database, and let its ids begin anew."""
    # Children first; on tables this small it takes a fifth of the time of TRUNCATE.
    emptied = [str(t.delete()) for t in reversed(Base.metadata.sorted_tables)]
    restarted = [_next_id(t.name, "1, false") for t in Base.metadata.sorted_tables if "id" in t.columns]
    with opened.engine.begin() as connection:
        connection.exec_driver_sql("; ".join([*emptied, *restarted]))


def put_back(database: Database, kept: Kept) -> World:
    """Put a kept world into an empty database of either kind."""
    if database.engine.dialect.name == "sqlite":
        lay_down(database, kept.file)
    else:
        with database.engine.begin() as connection:
            _copy_within(connection, kept)
    world: World = pickle.loads(kept.world)  # noqa: S301 - our own, made a moment ago
    return world


def _copy_within(connection: Connection, kept: Kept) -> None:
    """Copy the rows from a schema beside ours, which is filled by the first who asks for it."""
    filled = [t for t in Base.metadata.sorted_tables if kept.rows[t.name]]
    there = connection.execute(text("SELECT 1 FROM pg_namespace WHERE nspname = :name"), {"name": kept.name}).first()
    if there is None:
        for table in filled:
            connection.execute(table.insert(), kept.rows[table.name])
        copies = [f"CREATE TABLE {kept.name}.{t.name} AS TABLE public.{t.name}" for t in filled]
        connection.exec_driver_sql("; ".join([f"CREATE SCHEMA {kept.name}", *copies]))
    else:
        # A migration tried down and up leaves the columns in another order.
        columns = {t.name: ", ".join(f'"{c.name}"' for c in t.columns) for t in filled}
        copies = [f"INSERT INTO {name} ({c}) SELECT {c} FROM {kept.name}.{name}" for name, c in columns.items()]  # noqa: S608
        connection.exec_driver_sql("; ".join(copies))
    last = [_next_id(t.name, str(max(row["id"] for row in kept.rows[t.name]))) for t in filled if "id" in t.columns]
    connection.exec_driver_sql("; ".join(last))


def _next_id(table: str, value: str) -> str:
    return f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {value})"


def rows_of(session: Session) -> Rows:
    """Return every row of the database by table, parents first."""
    return {t.name: [dict(row) for row in session.execute(t.select()).mappings()] for t in Base.metadata.sorted_tables}
