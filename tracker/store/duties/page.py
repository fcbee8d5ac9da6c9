"""What stands on a duty's page beside the duty itself."""

from typing import Any

from sqlalchemy import Integer, bindparam, func, select
from sqlalchemy.orm import Session, joinedload

from tracker.rules.workflow import State
from tracker.store.models import (
    Alert,
    AlertState,
    Duty,
    PlanReading,
    Source,
    Unit,
)

MOST_CHOICES = 500
_sources: Any = Source.__table__
_readings: Any = PlanReading.__table__
_SLICE = (
    select(func.substr(_sources.c.text, bindparam("first", type_=Integer), bindparam("length", type_=Integer)))
    .join(_readings, _readings.c.source_id == _sources.c.id)
    .where(_readings.c.id == bindparam("reading"))
)


def source_slice(session: Session, plan_reading_id: int, start: int, end: int) -> str:
    """Return a piece of a source's stored text, by code points, without reading the whole."""
    asked = {"reading": plan_reading_id, "first": start + 1, "length": max(0, end - start)}
    return session.scalars(_SLICE, asked).one_or_none() or ""


def unreachable_of(session: Session, duty_id: int) -> list[Alert]:
    """Return the newest alerts of a duty that nobody could be told (无人可通知)."""
    return list(
        session.scalars(
            select(Alert)
            .where(Alert.duty_id == duty_id, Alert.state == AlertState.UNREACHABLE)
            .options(joinedload(Alert.unit), joinedload(Alert.user))
            .order_by(Alert.id.desc())
            .limit(5)
        )
    )


def addable_units(session: Session, jurisdiction_id: int, task_id: int) -> list[tuple[int, str]]:
    """Return the jurisdiction's units in use that have no live duty in a task, by name."""
    held = select(Duty.unit_id).where(Duty.task_id == task_id, Duty.state != State.REVOKED)
    query = (
        select(Unit.id, Unit.name)
        .where(Unit.jurisdiction_id == jurisdiction_id, Unit.active.is_(True), Unit.id.not_in(held))
        .order_by(Unit.name)
        .limit(MOST_CHOICES)
    )
    return [(row[0], row[1]) for row in session.execute(query)]
