"""The statements of a list of duties, each built once for all lists that ask the same questions (sight.DutyShape)."""

from functools import lru_cache, reduce
from operator import add
from typing import Any, cast

from sqlalchemy import ColumnElement, Integer, Select, bindparam, func, literal_column, select, union_all

from tracker.rules.workflow import StateClass
from tracker.store.duties.rows import whole_rows
from tracker.store.duties.sight import (
    Conditions,
    DutyShape,
    led_parts,
    narrowed,
    place_parts,
    tallied,
    unit_parts,
    unkeyed,
    whole_places,
)
from tracker.store.models import DocumentTally, Duty, DutyTally, Unit

_duties: Any = Duty.__table__
_units: Any = Unit.__table__
_tallies: Any = DutyTally.__table__
_document_tallies: Any = DocumentTally.__table__
# What a list is put in order by; the last is a duty's own, so that no two lie alike.
_PLACE = (_duties.c.document_id, _duties.c.ordinal, _duties.c.id)
_DUE = (_duties.c.next_at, *_PLACE)
SORTS: dict[str, tuple[Any, ...]] = {
    "due": _DUE,
    "key": _PLACE,
    "unit": (_units.c.name, *_DUE),
    "state": (_duties.c.state, *_DUE),
}
# Beyond so many questions somebody plays with addresses: the oldest are forgotten.
_KEPT = 256


def _given(name: str) -> Any:
    return bindparam(name, type_=Integer())


def _part(shape: DutyShape, conditions: Conditions, *columns: Any) -> Select[Any]:
    read = _duties.join(_units, _units.c.id == _duties.c.unit_id) if shape.sort == "unit" else _duties
    return select(*columns).select_from(read).where(*conditions, *narrowed(shape))


def _parts(shape: DutyShape) -> list[Conditions]:
    return [*place_parts(shape), *unit_parts(shape), *led_parts(shape)]


@lru_cache(_KEPT)
def rows_statement(shape: DutyShape, backwards: bool = False) -> Select[Any] | None:
    """Return the statement of a page's lines (`offset`, `limit`, `reach`: their sum); None where nothing is seen."""
    order = SORTS[shape.sort]
    names = [f"by_{n}" for n in range(len(order) - 1)] + ["id"]
    columns = [column.label(name) for column, name in zip(order, names, strict=True)]

    def ordered(by: Any) -> list[Any]:
        return [column.desc() for column in by] if backwards else list(by)

    parts = [_part(shape, part, *columns).order_by(*ordered(order)) for part in _parts(shape)]
    if not parts:
        return None
    if len(parts) == 1:
        page = parts[0].limit(_given("limit")).offset(_given("offset")).subquery("page")
    else:
        reached = [select(part.limit(_given("reach")).subquery()) for part in parts]
        every = union_all(*reached).subquery("every_part")
        by = ordered(every.c[name] for name in names)
        page = select(every).order_by(*by).limit(_given("limit")).offset(_given("offset")).subquery("page")
    return whole_rows(page).order_by(*ordered(page.c[name] for name in names))


@lru_cache(_KEPT)
def number_statement(shape: DutyShape) -> Select[Any] | None:
    """Return the statement that counts a list, up to `most` of each part; None where nothing is seen."""
    # In the order of the list: of several indexes that fit, the one to be read is then the list's own.
    parts = [
        *(_part(shape, part, _duties.c.id).order_by(*_DUE) for part in (*place_parts(shape), *unit_parts(shape))),
        *(_part(shape, part, _duties.c.id) for part in led_parts(shape)),
    ]
    counted = [select(part.limit(_given("most")).subquery()) for part in parts]
    if len(counted) < 2:
        return select(func.count()).select_from(counted[0].subquery()) if counted else None
    return select(func.count()).select_from(union_all(*counted).subquery())


@lru_cache(_KEPT)
def tally_statement(shape: DutyShape) -> Select[Any] | None:
    """Return the statement of the number that tallies know of the places' and units' parts; None where of none."""
    if unkeyed(shape) or not (shape.places or shape.units):
        return None
    known, number = tallied(shape), cast(ColumnElement[int], literal_column("0", Integer()))
    if known is not None:
        number += select(func.coalesce(func.sum(_tallies.c.number), 0)).where(known).scalar_subquery()
    if whole_places(shape):
        number += _of_whole_places(shape.state).scalar_subquery()
    return select(number)


def _of_whole_places(state: str | None) -> Select[Any]:
    names = [f"at_{kind.value}" for kind in StateClass if state in (None, kind.value)]
    every = reduce(add, (_document_tallies.c[name] for name in names))
    in_places = _document_tallies.c.jurisdiction_id.in_(bindparam("places", expanding=True))
    return select(func.coalesce(func.sum(every), 0)).where(in_places)
