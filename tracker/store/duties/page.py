"""What stands on a duty's page beside the duty itself, and the choices of the lists of duties."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Integer, bindparam, func, select
from sqlalchemy.orm import Session, joinedload

from tracker.clock.rules import Kind
from tracker.rules.workflow import State
from tracker.store.core.actors import Actor
from tracker.store.core.visible import visible_documents, visible_duties
from tracker.store.duties.lists import DutyRow
from tracker.store.models import (
    Alert,
    AlertState,
    DeadlineRule,
    Document,
    DocumentState,
    Duty,
    PlanReading,
    Source,
    Task,
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


def waiting_quotes(session: Session, rows: Iterable[DutyRow]) -> dict[int, str]:
    """Return, by task, the clause that waits for its event, for those rows that have no date yet."""
    tasks = {row.duty.task_id for row in rows if row.milestone is None}
    query = (
        select(Task.id, func.coalesce(DeadlineRule.quote, ""))
        .join(DeadlineRule, DeadlineRule.item_id == Task.item_id)
        .where(Task.id.in_(tasks), DeadlineRule.kind == Kind.RELATIVE, DeadlineRule.quote.is_not(None))
        .order_by(DeadlineRule.ordinal.desc())
    )
    # The first rule of each task is read last and stands.
    return {row[0]: row[1] for row in session.execute(query)}


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


def document_choices(session: Session, actor: Actor) -> list[tuple[int, str]]:
    """Return the published documents an actor may see, newest first."""
    query = (
        visible_documents(actor)
        .where(Document.state == DocumentState.PUBLISHED)
        .with_only_columns(Document.id, Document.title)
        .order_by(Document.id.desc())
        .limit(MOST_CHOICES)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def unit_choices(session: Session, actor: Actor) -> list[tuple[int, str]]:
    """Return the units whose duties an actor may see, by name."""
    held = visible_duties(actor).with_only_columns(Duty.unit_id)
    query = select(Unit.id, Unit.name).where(Unit.id.in_(held)).order_by(Unit.name).limit(MOST_CHOICES)
    return [(row[0], row[1]) for row in session.execute(query)]


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
