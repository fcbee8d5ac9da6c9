"""How much SQLite reads to answer: the instructions of its machine, and which tables it reads from end to end."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event, text

from tracker.store.core.engine import Database

# What grows with a city; to read one of them from end to end is what no page may do.
LARGE = frozenset({"milestones", "milestone_dates", "duties", "cases", "case_steps", "audit_entries"})
STEP = 50  # SQLite's machine is asked after so many instructions


@dataclass
class Read:
    """What was read meanwhile: instructions, and the large tables that were read from end to end."""

    much: int = 0
    scanned: list[str] = field(default_factory=list)


@contextmanager
def reading(database: Database) -> Iterator[Read]:
    """Measure what is read meanwhile."""
    found = Read()
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, cursor: Any, statement: str, parameters: Any, *_rest: object) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            asked.append((statement, parameters))
        cursor.connection.set_progress_handler(count, STEP)

    def count() -> int:
        found.much += STEP
        return 0

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
    with database.engine.connect() as connection:
        cursor: Any = connection.connection.cursor()
        cursor.connection.set_progress_handler(None, 0)
        for statement, parameters in asked:
            _explain(cursor, statement, parameters, found)


def analyse(database: Database) -> None:
    """Let the database know its tables, as it does in a place that has run for a while."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    database.engine.dispose()  # connections that were open keep what they knew


def _explain(cursor: Any, statement: str, parameters: Any, found: Read) -> None:
    cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
    for *_, detail in cursor.fetchall():
        words = detail.split()
        if words[0] == "SCAN" and words[1] in LARGE:
            found.scanned.append(f"{detail}: {' '.join(statement.split())[:2000]}")
