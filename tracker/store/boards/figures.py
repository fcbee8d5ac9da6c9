"""What the supervisor's figures are read by: statements over the kept sums, built once a shape."""

from functools import cache
from typing import Any

from sqlalchemy import (
    Select,
    and_,
    bindparam,
    case,
    func,
    select,
)

from tracker.rules.phases import Phase
from tracker.rules.workflow import State, StateClass
from tracker.store.duties.clock import PHASES, columns
from tracker.store.models import (
    Alert,
    AlertState,
    Document,
    DocumentState,
    DocumentTally,
    DutyTally,
    Jurisdiction,
    Unit,
    UnitTally,
)

_unit, _document = columns(Unit), columns(Document)
_of_document, _of_unit = columns(DocumentTally), columns(UnitTally)
_all = columns(DutyTally)
_places: Any = bindparam("places", expanding=True)
_one: Any = bindparam("document")
CLASSES = tuple(f"at_{name.value}" for name in StateClass)
SUMS = ("decided", "met_by_first", "met_by_present")

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


# Who cannot be told, and between which places one may choose.
UNREACHABLE = (
    select(_unit.id, _unit.name)
    .where(
        _unit.id.in_(select(columns(Alert).unit_id).where(columns(Alert).state == AlertState.UNREACHABLE)),
        _unit.jurisdiction_id.in_(_places),
    )
    .order_by(_unit.name)
)
OVERSEEN = (
    select(columns(Jurisdiction).id, columns(Jurisdiction).name)
    .where(columns(Jurisdiction).id.in_(_places))
    .order_by(columns(Jurisdiction).id)
)
