"""The tally of cases: what a transaction changes of it is gathered while cases are settled, and added at its end."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from sqlalchemy import Table, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tracker.store.models import Case, CaseTally

Key = tuple[Any, ...]
Sums = tuple[int, int, int]  # owed, refunded of it, and refunded where nobody knows what is owed

_TALLY: Table = CaseTally.__table__  # type: ignore[assignment]
_KEY = tuple(column.name for column in _TALLY.primary_key)
_NUMBERS = ("number", "owed_fen", "refunded_fen", "beside_fen")
_OF_CASE = (Case.jurisdiction_id, Case.unit_id, Case.type_version_id, Case.phase)
_KNOWN = Case.tallied_owed_fen.is_not(None)
_REFUNDED = func.sum(Case.tallied_refunded_fen)
# What the tally should say.  PostgreSQL adds nothing up to null.
_ANEW = (
    select(
        *_OF_CASE,
        func.count(),
        func.coalesce(func.sum(Case.tallied_owed_fen), 0),
        func.coalesce(_REFUNDED.filter(_KNOWN), 0),
        func.coalesce(_REFUNDED.filter(~_KNOWN), 0),
    )
    .where(Case.tallied_refunded_fen.is_not(None))
    .group_by(*_OF_CASE)
)


def _adding(insert: Callable[[Table], Any]) -> Any:
    new = insert(_TALLY)
    return new.on_conflict_do_update(
        index_elements=_KEY, set_={name: _TALLY.c[name] + new.excluded[name] for name in _NUMBERS}
    )


_ADD = {"sqlite": _adding(sqlite.insert), "postgresql": _adding(postgresql.insert)}


class CaseChanges:
    """What the tally has to take up: by its key, how many cases more or fewer, and their sums."""

    def __init__(self) -> None:
        self.by_key: dict[Key, Counter[str]] = {}

    def add(self, key: Key, sign: int, sums: Sums, number: int = 1) -> None:
        counted = self.by_key.setdefault(key, Counter())
        for name, amount in zip(_NUMBERS, (number, *sums), strict=True):
            counted[name] += sign * int(amount)

    def _differing(self) -> list[tuple[Key, Counter[str]]]:
        return [(key, counted) for key, counted in sorted(self.by_key.items()) if any(counted.values())]

    def write(self, session: Session) -> None:
        """Add the differences in the order of their keys, which is the order every transaction takes."""
        changed = [
            dict(zip(_KEY, key, strict=True)) | {name: counted[name] for name in _NUMBERS}
            for key, counted in self._differing()
        ]
        if changed:
            session.connection().execute(_ADD[session.get_bind().dialect.name], changed)

    def said(self) -> list[str]:
        """Return the keys of what differs."""
        return [
            " ".join(f"{name}={value}" for name, value in zip(_KEY, key, strict=True)) for key, _ in self._differing()
        ]


def sums_of_case(owed_fen: int | None, refunded_fen: int) -> Sums:
    """Return what a case adds to the sums of its kind."""
    return (0, 0, refunded_fen) if owed_fen is None else (owed_fen, refunded_fen, 0)


def lacking_of_cases(session: Session) -> CaseChanges:
    """Return what each row of the tally lacks, or has too much; nothing where it adds up."""
    changes = CaseChanges()
    for sign, found in ((1, _ANEW), (-1, select(_TALLY))):
        for *key, number, owed, refunded, beside in session.execute(found):
            changes.add(tuple(key), sign, (owed, refunded, beside), number)
    return changes
