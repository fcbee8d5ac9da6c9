"""Lists of duties, and one duty with what its page shows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, func, literal_column, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from tracker.reading.plan import Role
from tracker.rules.lights import Light
from tracker.rules.workflow import State, StateClass
from tracker.store.core.actors import Actor
from tracker.store.core.pages import PER_PAGE, Page, count, page_bounds
from tracker.store.core.visible import OWN, visible_duties
from tracker.store.duties.lights import LIVE, Moment, in_partition, is_lit, light
from tracker.store.duties.told import Told, duty_was_told
from tracker.store.models import (
    CaseStep,
    Duty,
    Milestone,
    Task,
    Unit,
)


@dataclass(frozen=True, slots=True)
class DutyFilter:
    """What a list of duties is narrowed to; empty fields narrow nothing."""

    light: str | None = None
    state: str | None = None  # a class of the partition by state, or "revoked"
    document_id: int | None = None
    unit_id: int | None = None
    jurisdiction_id: int | None = None
    role: Role | None = None
    words: str | None = None
    own_only: bool = False
    told: Told | None = None  # by one mail
    sort: str = "due"  # due | key | unit | state


@dataclass(frozen=True, slots=True)
class DutyRow:
    """One line of a list: the duty (task, document and unit loaded) and the date that comes first."""

    duty: Duty
    milestone: Milestone | None  # rule, case_step.case loaded
    light: str = ""
    contacts: list[str] = field(default_factory=list)


def list_duties(
    session: Session, actor: Actor, moment: Moment, wanted: DutyFilter, number: int = 1, per_page: int = PER_PAGE
) -> Page[DutyRow]:
    """Return one page of the duties an actor may see, nearest date first unless sorted otherwise."""
    query = _narrow(visible_duties(actor), actor, moment, wanted)
    total = count(session, query)
    number, offset = page_bounds(total, number, per_page)
    ordered = query.join(Unit, Duty.unit_id == Unit.id).order_by(*_order(wanted.sort))
    loaded = ordered.options(
        contains_eager(Duty.task).contains_eager(Task.document), contains_eager(Duty.unit)
    ).add_columns(light(moment))
    rows = session.execute(loaded.offset(offset).limit(per_page)).all()
    nearest = nearest_milestones(session, [duty.id for duty, _ in rows])
    return Page([DutyRow(duty, nearest.get(duty.id), lamp) for duty, lamp in rows], number, total, per_page)


def _narrow(query: Select[Any], actor: Actor, moment: Moment, wanted: DutyFilter) -> Select[Any]:
    if wanted.state == State.REVOKED:
        query = query.where(Duty.state == State.REVOKED)
    else:
        query = query.where(LIVE)
        if wanted.state:
            query = query.where(in_partition(StateClass(wanted.state)))
    if wanted.light:
        query = query.where(is_lit(Light(wanted.light), moment))
    if wanted.own_only:
        query = query.where(Duty.unit_id.in_(actor.units(*OWN)))
    if wanted.document_id is not None:
        query = query.where(Duty.document_id == wanted.document_id)
    if wanted.unit_id is not None:
        query = query.where(Duty.unit_id == wanted.unit_id)
    if wanted.jurisdiction_id is not None:
        query = query.where(Duty.jurisdiction_id == wanted.jurisdiction_id)
    if wanted.role is not None:
        query = query.where(Duty.role == wanted.role)
    if wanted.told is not None:
        query = query.where(duty_was_told()).params(wanted.told.bound(actor))
    if wanted.words:
        words = wanted.words.strip()
        query = query.where(or_(Task.title.contains(words, autoescape=True), Task.key == words))
    return query


def _order(sort: str) -> list[Any]:
    place = [Duty.document_id, Duty.ordinal, Duty.id]
    due = [Duty.next_at, *place]
    orders: dict[str, list[Any]] = {
        "due": due,
        "key": place,
        "unit": [Unit.name, *due],
        "state": [Duty.state, *due],
    }
    return orders.get(sort, orders["due"])


def nearest_milestones(session: Session, duty_ids: Sequence[int]) -> dict[int, Milestone]:
    """Return, by duty, the open milestone to show: own clocks first, the earliest of them."""
    if not duty_ids:
        return {}
    rank = (
        func.row_number()
        .over(
            partition_by=Milestone.answering_duty_id,
            order_by=[
                Milestone.watch,
                Milestone.submitted_at.is_not(None),
                Milestone.due_at.is_(None),
                Milestone.due_at,
                Milestone.id,
            ],
        )
        .label("rank")
    )
    ranked = (
        select(Milestone.id.label("milestone_id"), rank)
        .where(Milestone.answering_duty_id.in_(duty_ids))
        .where(Milestone.met_at.is_(None), Milestone.cancelled_at.is_(None))
        .subquery()
    )
    rows = session.scalars(
        select(Milestone)
        .join(ranked, ranked.c.milestone_id == Milestone.id)
        .where(ranked.c.rank == literal_column("1"))
        .options(
            joinedload(Milestone.rule),
            joinedload(Milestone.case_step).joinedload(CaseStep.case),
        )
    )
    return {m.answering_duty_id: m for m in rows if m.answering_duty_id is not None}
