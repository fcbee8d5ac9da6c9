"""What the supervisor's figures are read by: statements over the kept sums, built once a shape.

Late and due soon are of the clock: the days that are over are taken from the sums of their days, the hours of today
from the duties themselves.
"""

from functools import cache
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Date,
    Select,
    Table,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    null,
    select,
    true,
    union_all,
)

from tracker.rules.phases import Phase
from tracker.rules.workflow import ENDED, State, StateClass
from tracker.store.core.base import UtcDateTime
from tracker.store.models import (
    Alert,
    AlertState,
    Document,
    DocumentDay,
    DocumentState,
    DocumentTally,
    Duty,
    DutyTally,
    Jurisdiction,
    Milestone,
    Unit,
    UnitDay,
    UnitTally,
)


def _columns(model: type[Any]) -> Any:
    table: Table = model.__table__
    return table.c


_duty, _unit, _document, _milestone = (_columns(m) for m in (Duty, Unit, Document, Milestone))
_of_document, _of_unit = _columns(DocumentTally), _columns(UnitTally)
_document_day, _unit_day = _columns(DocumentDay), _columns(UnitDay)
_all = _columns(DutyTally)
_places: Any = bindparam("places", expanding=True)
_one: Any = bindparam("document")
_now: Any = bindparam("now", type_=UtcDateTime())
_today: Any = bindparam("today", type_=Date())
_LIVE = _duty.state != literal_column("'revoked'")
PHASES = tuple(f"in_{phase.value}" for phase in Phase)
CLASSES = tuple(f"at_{name.value}" for name in StateClass)
SUMS = ("decided", "met_by_first", "met_by_present")
_none: Any = literal_column("0")

# Every document one oversees, with its sums where it has any.
DOCUMENTS = (
    select(
        _document.id,
        _document.title,
        _document.state,
        _document.jurisdiction_id,
        *(func.coalesce(_of_document[name], 0).label(name) for name in (*PHASES, *CLASSES, *SUMS)),
    )
    .outerjoin_from(
        Document.__table__,
        DocumentTally.__table__,
        and_(_of_document.jurisdiction_id == _document.jurisdiction_id, _of_document.document_id == _document.id),
    )
    .where(_document.jurisdiction_id.in_(_places), _document.state != DocumentState.DRAFT)
    .order_by(_document.id.desc())
)


@cache
def units(narrowed: bool) -> Select[Any]:
    """Return the units' duties by phase: from their own sums, or of one document from its part of the tally."""
    if not narrowed:
        return (
            select(_unit.id, _unit.name, *(_of_unit[name] for name in PHASES))
            .join_from(UnitTally.__table__, Unit.__table__, _of_unit.unit_id == _unit.id)
            .where(_of_unit.jurisdiction_id.in_(_places))
        )
    phases = (func.sum(case((_all.phase == phase, _all.number), else_=0)).label(f"in_{phase.value}") for phase in Phase)
    return (
        select(_unit.id, _unit.name, *phases)
        .join_from(DutyTally.__table__, Unit.__table__, _all.unit_id == _unit.id)
        .where(_all.jurisdiction_id.in_(_places), _all.document_id == _one, _all.state != State.REVOKED)
        .group_by(_unit.id, _unit.name)
    )


def _part(kind: str, key: Any, day: Any, *numbers: Any) -> Select[Any]:
    return select(
        literal_column(f"'{kind}'").label("kind"),
        key.label("id"),
        day.label("day"),
        *(number.label(name) for name, number in zip(("late", "soon", "missed"), numbers, strict=True)),
    )


_no_day = cast(null(), Date)


def _days_of_units(narrowed: bool) -> Select[Any]:
    if narrowed:  # so few that they are counted themselves, to the instant
        over = _duty.next_at <= _now
        part = _part("unit", _duty.unit_id, _no_day, _sum(over, 1), _sum(~over, 1), _none)
        due = _duty.next_at < bindparam("soon_until", type_=UtcDateTime())
        within = and_(_duty.jurisdiction_id.in_(_places), _duty.document_id == _one, _LIVE, due)
        return part.where(within).group_by(_duty.unit_id)
    past, number = _unit_day.day < _today, _unit_day.duties
    part = _part("unit", _unit_day.unit_id, _no_day, _sum(past, number), _sum(~past, number), _none)
    within = and_(_unit_day.jurisdiction_id.in_(_places), _unit_day.day <= bindparam("soon_on", type_=Date()))
    return part.where(within).group_by(_unit_day.unit_id)


def _sum(condition: Any, number: Any) -> Any:
    return func.sum(case((condition, number), else_=0))


@cache
def days(narrowed: bool, whole: bool) -> CompoundSelect[Any] | Select[Any]:
    """Return what is late and what is due soon by unit; for a whole board by document too, and the days ahead."""
    if not whole:
        return _days_of_units(narrowed)
    day = _document_day
    past = day.day < _today
    inside = and_(day.jurisdiction_id.in_(_places), day.document_id == _one if narrowed else true())
    documents = (
        _part(
            "document", day.document_id, _no_day, _sum(past, day.duties), _sum(~past, day.duties),
            _sum(past, day.running),
        )
        .where(inside, day.day <= bindparam("soon_on", type_=Date()))
        .group_by(day.document_id)
    )  # fmt: skip
    first, last = bindparam("first", type_=Date()), bindparam("last", type_=Date())
    ahead = (
        _part("day", _none, day.day, func.sum(day.due), _none, _none)
        .where(inside, day.day >= first, day.day < last)
        .group_by(day.day)
    )
    return union_all(documents, _days_of_units(narrowed), ahead)


@cache
def hours(narrowed: bool) -> CompoundSelect[Any]:
    """Return what the clock has done today: ended hours, waiting periods that are over, other parties' lateness."""
    midnight = bindparam("midnight", type_=UtcDateTime())

    def part(kind: str, *where: Any, place: Any = _duty.jurisdiction_id, of: Any = _duty.document_id) -> Select[Any]:
        counted = select(
            literal_column(f"'{kind}'").label("kind"), _duty.document_id, _duty.unit_id, func.count().label("number")
        )
        inside = (place.in_(_places), _LIVE, of == _one if narrowed else true())
        return counted.where(*inside, *where).group_by(_duty.document_id, _duty.unit_id)

    runs = and_(
        _milestone.met_at.is_(None),
        _milestone.cancelled_at.is_(None),
        _milestone.submitted_at.is_(None),
        _milestone.paused_at.is_(None),
        _milestone.missed_at.is_(None),
        _milestone.first_due_at.is_not(None),
        _milestone.watch.is_(False),
    )
    return union_all(
        part("late", _duty.next_at > midnight, _duty.next_at <= _now),
        part("over", _duty.phase == literal_column("'waiting'"), _duty.earliest_on <= _today),
        part("watch", _duty.watch_at <= _now, _duty.state.not_in(ENDED)),
        part(
            "missed",
            _milestone.answering_duty_id == _duty.id,
            _milestone.due_at > midnight,
            _milestone.due_at <= _now,
            runs,
            # No column of an index: the few dates of today's hours are read first, then their duties by key.
            place=_duty.jurisdiction_id + 0,
            of=_duty.document_id + 0,
        ),
    )


# Who cannot be told, and between which places one may choose.
UNREACHABLE = (
    select(_unit.id, _unit.name)
    .where(
        _unit.id.in_(select(_columns(Alert).unit_id).where(_columns(Alert).state == AlertState.UNREACHABLE)),
        _unit.jurisdiction_id.in_(_places),
    )
    .order_by(_unit.name)
)
OVERSEEN = (
    select(_columns(Jurisdiction).id, _columns(Jurisdiction).name)
    .where(_columns(Jurisdiction).id.in_(_places))
    .order_by(_columns(Jurisdiction).id)
)
