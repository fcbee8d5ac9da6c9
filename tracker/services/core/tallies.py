"""The tallies: what every duty adds to each of them, and writing the differences of a transaction once at its end.

A duty is counted under what its own row says, so that it can be taken out of a tally as it was put in.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tracker.reading.plan import Role
from tracker.rules.phases import WATCHED, Phase, day_of, read_days
from tracker.rules.workflow import PARTITION, State
from tracker.store.models import DocumentDay, DocumentTally, Duty, DutyTally, UnitDay, UnitTally

SUMS = ("decided", "met_by_first", "met_by_present")
_AT = {state: f"at_{name.value}" for name, states in PARTITION.items() for state in states}
_IN = {phase: f"in_{phase.value}" for phase in Phase}


@dataclass(frozen=True, slots=True)
class Counted:
    """What of a duty is added up, in the order of its columns below."""

    jurisdiction_id: int
    document_id: int
    unit_id: int
    role: Role
    state: State
    phase: Phase
    next_at: datetime
    open_days: str
    sums: tuple[int, int, int]


_KEY = ("jurisdiction_id", "document_id", "unit_id", "role", "state", "phase")
_OF_DUTY = select(
    *(Duty.__table__.c[name] for name in _KEY[:3]),
    Duty.__table__.c.tallied_role,
    Duty.__table__.c.tallied_state,
    *(Duty.__table__.c[name] for name in ("phase", "next_at", "open_days", *SUMS)),
).where(Duty.__table__.c.tallied_state.is_not(None))


def _table(model: type[Any]) -> Table:
    found: Table = model.__table__
    return found


# In the order in which every transaction takes them; each by its key, in whose order the rows are taken.
_TALLIES = tuple(_table(model) for model in (DutyTally, DocumentTally, UnitTally, DocumentDay, UnitDay))
_DUTY, _DOCUMENT, _UNIT, _DOCUMENT_DAY, _UNIT_DAY = _TALLIES
_KEYS = {table.name: tuple(c.name for c in table.primary_key) for table in _TALLIES}
_NUMBERS = {table.name: tuple(c.name for c in table.c if not c.primary_key) for table in _TALLIES}
Key = tuple[Any, ...]


def _parts(it: Counted) -> Iterator[tuple[Table, Key, dict[str, int]]]:
    """Give what one duty adds to each tally."""
    place, document, unit = it.jurisdiction_id, it.document_id, it.unit_id
    sums = dict(zip(SUMS, it.sums, strict=True))
    yield _DUTY, (place, document, unit, it.role, it.state, it.phase), {"number": 1, **sums}
    if it.state is State.REVOKED:
        return
    phase = {_IN[it.phase]: 1}
    yield _DOCUMENT, (place, document), {**phase, _AT[it.state]: 1, **sums}
    yield _UNIT, (place, unit), phase
    if it.next_at < WATCHED:
        day = day_of(it.next_at)
        yield _DOCUMENT_DAY, (place, day, document), {"duties": 1}
        yield _UNIT_DAY, (place, day, unit), {"duties": 1}
    for day, dates in read_days(it.open_days):
        yield _DOCUMENT_DAY, (place, day, document), {"due": dates.due, "running": dates.running}


class Changes:
    """What the tallies have to take up: by tally and key, how many more or fewer."""

    def __init__(self) -> None:
        self.by_tally: dict[str, dict[Key, Counter[str]]] = {table.name: {} for table in _TALLIES}

    def add(self, it: Counted, sign: int) -> None:
        for table, key, numbers in _parts(it):
            counted = self.by_tally[table.name].setdefault(key, Counter())
            for name, number in numbers.items():
                counted[name] += sign * number

    def write(self, session: Session) -> None:
        """Add the differences in the order of the tallies and their keys, which is the order every act takes."""
        for table in _TALLIES:
            keys, numbers = _KEYS[table.name], _NUMBERS[table.name]
            changed = [
                dict(zip(keys, key, strict=True)) | {name: counted[name] for name in numbers}
                for key, counted in sorted(self.by_tally[table.name].items())
                if any(counted.values())
            ]
            if changed:
                session.connection().execute(_ADD[session.get_bind().dialect.name, table.name], changed)

    def said(self) -> list[str]:
        """Name the rows that differ, for people."""
        return [
            " ".join((tally, *(f"{name}={value}" for name, value in zip(_KEYS[tally], key, strict=True))))
            for tally, by_key in self.by_tally.items()
            for key, counted in sorted(by_key.items())
            if any(counted.values())
        ]


def _adding(insert: Callable[[Table], Any], table: Table) -> Any:
    adding = insert(table)
    return adding.on_conflict_do_update(
        index_elements=_KEYS[table.name],
        set_={name: table.c[name] + adding.excluded[name] for name in _NUMBERS[table.name]},
    )


_ADD = {
    (name, table.name): _adding(insert, table)
    for name, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
    for table in _TALLIES
}


def lacking(session: Session) -> Changes:
    """Return what each row of the tallies lacks (or has too much), counted anew from the duties."""
    found = Changes()
    for row in session.execute(_OF_DUTY):
        found.add(Counted(*row[:8], sums=(row[8], row[9], row[10])), 1)
    for table in _TALLIES:
        keys, numbers = _KEYS[table.name], _NUMBERS[table.name]
        for row in session.execute(select(*(table.c[name] for name in (*keys, *numbers)))):
            counted = found.by_tally[table.name].setdefault(tuple(row[: len(keys)]), Counter())
            for name, number in zip(numbers, row[len(keys) :], strict=True):
                counted[name] -= number
    return found
