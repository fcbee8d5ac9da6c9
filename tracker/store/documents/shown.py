"""A document's page: its text in force with what was read in it, and each task with who has what."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, bindparam, func, literal, literal_column, or_, select, union_all
from sqlalchemy.orm import Session

from tracker.reading.plan import Role
from tracker.rules.lights import Light
from tracker.rules.workflow import State
from tracker.store.core.actors import Actor
from tracker.store.core.visible import OVERSEEING, OWN, documents_seen, seen_by
from tracker.store.documents.drafts import UNSURE
from tracker.store.duties.clock import columns
from tracker.store.duties.lights import Moment, lamp
from tracker.store.models import (
    Assignment,
    ChangeAnswer,
    DeadlineRule,
    Document,
    DocumentState,
    Duty,
    Edition,
    EditionChange,
    EditionState,
    Item,
    Jurisdiction,
    Measure,
    Party,
    PlanReading,
    Source,
    Task,
    Unit,
    UnitGroup,
)


class ShownMeasure(NamedTuple):
    """A measure as its text shows it."""

    id: int
    key: str
    section: str | None
    title: str
    start: int
    end: int
    is_task: bool


@dataclass(frozen=True, slots=True)
class ShownDocument:
    """A document with the edition readers see: what it says of itself, its whole source, and what was read of it."""

    id: int
    jurisdiction_id: int
    place: str
    title: str
    doc_no: str | None
    issued_on: date | None
    effective_on: date | None
    expires_on: date | None
    state: DocumentState
    published_at: datetime | None
    edition_id: int
    editions: int  # how many there are, drafts included
    reading: dict[str, Any]
    text: str


class UnitShare(NamedTuple):
    """One unit's part of a task, as a document's page names it; `light` is none where the duty is not the reader's."""

    duty_id: int
    unit_id: int
    unit: str
    role: Role
    state: State
    group_id: int | None
    group: str | None
    light: Light | None = None


@dataclass(frozen=True, slots=True)
class TaskShares:
    """A task with the shares of its units."""

    id: int
    key: str
    item_id: int
    shares: list[UnitShare] = field(default_factory=list)


_document, _place, _edition, _measure = (columns(m) for m in (Document, Jurisdiction, Edition, Measure))
_item, _name, _rule, _change = (columns(m) for m in (Item, Assignment, DeadlineRule, EditionChange))
_task, _duty, _unit, _group = (columns(m) for m in (Task, Duty, Unit, UnitGroup))
_reading, _source = columns(PlanReading), columns(Source)
_all = Edition.__table__.alias("all_editions")
_of_document: Any = bindparam("document")
_of_edition: Any = bindparam("edition")


@cache
def _shown(with_own: bool) -> Select[Any]:
    seen_edition = or_(
        _edition.state == EditionState.CURRENT, and_(_edition.state == EditionState.DRAFT, _edition.number == 1)
    )
    number = select(func.count()).where(_all.c.document_id == _document.id).scalar_subquery()
    return (
        select(
            _document.id, _document.jurisdiction_id, _place.name, _document.title, _document.doc_no,
            _document.issued_on, _document.effective_on, _document.expires_on, _document.state,
            _document.published_at, _edition.id.label("edition_id"), number, _reading.reading, _source.text,
        )
        .join_from(Document.__table__, Jurisdiction.__table__, _document.jurisdiction_id == _place.id)
        .join(Edition.__table__, and_(_edition.document_id == _document.id, seen_edition))
        .join(PlanReading.__table__, _edition.plan_reading_id == _reading.id)
        .join(Source.__table__, _reading.source_id == _source.id)
        .where(_document.id == _of_document, documents_seen(with_own))
    )  # fmt: skip


_MEASURES = (
    select(_measure.id, _measure.key, _measure.section, _measure.title, _measure.start, _measure.end, _measure.is_task)
    .where(_measure.edition_id == _of_edition)
    .order_by(_measure.ordinal)
)


def _marked(of: Any, table: Any, party: Any) -> Select[Any]:
    """Return the places of names or of time limits in an edition's text."""
    return (
        select(of.start, of.end, of.confidence, party.label("party"))
        .join_from(Measure.__table__, Item.__table__, _item.measure_id == _measure.id)
        .join(table, of.item_id == _item.id)
        .where(_measure.edition_id == _of_edition, of.start.is_not(None), of.end.is_not(None))
    )


_MARKS = union_all(
    _marked(_name, Assignment.__table__, literal("")), _marked(_rule, DeadlineRule.__table__, _rule.party)
)
_SHARES = (
    select(
        _item.measure_id, _task.id, _task.key, _task.item_id, _duty.id.label("duty_id"), _duty.unit_id,
        _unit.name.label("unit"), _duty.role, _duty.state, _duty.via_group_id, _group.name.label("group"),
        _duty.jurisdiction_id, _duty.phase, _duty.next_at, _duty.earliest_on,
    )
    .join_from(Task.__table__, Item.__table__, _task.item_id == _item.id)
    .outerjoin(Duty.__table__, and_(_duty.task_id == _task.id, _duty.state != literal_column("'revoked'")))
    .outerjoin(Unit.__table__, _duty.unit_id == _unit.id)
    .outerjoin(UnitGroup.__table__, _duty.via_group_id == _group.id)
    .where(_task.document_id == _of_document)
    .order_by(_task.ordinal, _duty.id)
)  # fmt: skip
_KEPT = select(_change.old_measure_id, _change.new_measure_id).where(
    _change.edition_id == _of_edition, _change.answer == ChangeAnswer.KEEP, _change.new_measure_id.is_not(None)
)


def find_shown(session: Session, actor: Actor, document_id: int) -> ShownDocument | None:
    """Return a document the actor may see with its text in force; None for a stranger."""
    seen = seen_by(actor)
    row = session.execute(_shown("own" in seen), {**seen, "document": document_id}).one_or_none()
    return ShownDocument(*row) if row is not None else None


def measures_of(session: Session, edition_id: int) -> list[ShownMeasure]:
    """Return an edition's measures in their order."""
    return [ShownMeasure(*row) for row in session.execute(_MEASURES, {"edition": edition_id})]


def marked_places(session: Session, edition_id: int) -> list[tuple[int, int, str]]:
    """Return where an edition names units and time limits: first, end, and what it is."""
    found = []
    for start, end, confidence, party in session.execute(_MARKS, {"edition": edition_id}):
        css = "unit" if party == "" else "other" if party == Party.OTHER else "deadline"
        found.append((start, end, "unsure" if confidence < UNSURE else css))
    return found


def kept_measures(session: Session, edition_id: int) -> list[tuple[int | None, int]]:
    """Return the measures whose new words were not adopted: the one that goes on, if any, and the one at its place."""
    return [(row[0], row[1]) for row in session.execute(_KEPT, {"edition": edition_id})]


def shares_by_measure(
    session: Session, actor: Actor, moment: Moment, document_id: int, shown_as: dict[int, int]
) -> dict[int, list[TaskShares]]:
    """Return a published document's tasks by measure, with who has what; lights only of duties the actor may see.

    `shown_as` says at which measure's place another one stands.
    """
    rows = session.execute(_SHARES, {"document": document_id}).all()
    overseen, own = actor.jurisdictions(*OVERSEEING), actor.units(*OWN)
    led = {row.id for row in rows if row.unit_id in own and row.role is Role.LEAD} if own else set()
    tasks: dict[int, TaskShares] = {}
    by_measure: dict[int, list[TaskShares]] = {}
    for measure_id, task_id, key, item_id, duty_id, unit_id, unit, role, state, group_id, group, place, *dates in rows:
        task = tasks.get(task_id)
        if task is None:
            task = tasks[task_id] = TaskShares(task_id, key, item_id)
            by_measure.setdefault(shown_as.get(measure_id, measure_id), []).append(task)
        if duty_id is not None:
            seen = place in overseen or unit_id in own or task_id in led
            light = lamp(moment, place, state, *dates) if seen else None
            task.shares.append(UnitShare(duty_id, unit_id, unit, role, state, group_id, group, light))
    return by_measure


def places_of(rows: Sequence[tuple[int | None, int]]) -> dict[int, int]:
    """Return, for measures that stay as they were, the one that stands at their place in the text in force."""
    return {old: new for old, new in rows if old is not None}
