"""Lists of cases (办件), one case with what its page shows, and where events can be registered."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload, selectinload
from sqlalchemy.sql import ColumnElement

from tracker.clock.rules import Kind
from tracker.now import SHANGHAI
from tracker.policy.plan import Role
from tracker.store.actors import Actor
from tracker.store.duties import DatedMilestone
from tracker.store.editions import counts_from_document
from tracker.store.lights import Moment
from tracker.store.models import (
    Case,
    CaseStep,
    DeadlineRule,
    Document,
    Duty,
    Item,
    Measure,
    MemberRole,
    Milestone,
    MilestoneDate,
    Task,
)
from tracker.store.pages import PER_PAGE, Page, count, page_bounds
from tracker.store.visible import visible_cases, visible_duties
from tracker.workflow import ENDED

# The lights a list of cases can be narrowed to, in the order they stand.
CASE_LIGHTS = ("late", "watch", "soon", "fine", "wait")
MOST_TASKS = 200


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What a list of cases is narrowed to; empty fields narrow nothing."""

    state: str | None = None  # open | closed
    light: str | None = None
    words: str | None = None
    duty_id: int | None = None


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One line of a list: the case (task, duty, unit loaded) and the date of its first open step, else its last."""

    case: Case
    milestone: Milestone | None


def list_cases(
    session: Session, actor: Actor, moment: Moment, wanted: CaseFilter, number: int = 1, per_page: int = PER_PAGE
) -> Page[CaseRow]:
    """Return one page of the cases an actor may see: open ones first, by date; then the closed, newest first."""
    dates = _dates()
    query = visible_cases(actor).outerjoin(dates, dates.c.case_id == Case.id).join(Task, Case.task_id == Task.id)
    query = _narrow(query, dates, moment, wanted)
    total = count(session, query)
    number, offset = page_bounds(total, number, per_page)
    ordered = query.order_by(
        Case.closed_at.is_not(None),
        Case.closed_at.desc(),
        dates.c.due_at.is_(None),
        dates.c.due_at,
        Case.id.desc(),
    )
    loaded = ordered.options(contains_eager(Case.task), contains_eager(Case.duty).joinedload(Duty.unit))
    cases = session.scalars(loaded.offset(offset).limit(per_page)).all()
    clocks = clocks_of_cases(session, [c.id for c in cases])
    return Page([CaseRow(c, clocks.get(c.id)) for c in cases], number, total, per_page)


def _dates() -> Any:
    """Return, for each case with an open step, its own nearest date, the other party's, and what it waits for."""
    return (
        select(
            CaseStep.case_id,
            func.min(case((Milestone.watch.is_(False), Milestone.due_at))).label("own_at"),
            func.min(case((Milestone.watch.is_(True), Milestone.due_at))).label("watch_at"),
            func.min(Milestone.due_at).label("due_at"),
            func.min(Milestone.earliest_on).label("earliest_on"),
        )
        .join(Milestone, Milestone.case_step_id == CaseStep.id)
        .where(Milestone.met_at.is_(None), Milestone.cancelled_at.is_(None))
        .group_by(CaseStep.case_id)
        .subquery("case_dates")
    )


def _light(dates: Any, moment: Moment) -> ColumnElement[str]:
    own, watch = dates.c.own_at, dates.c.watch_at
    return case(
        (Case.closed_at.is_not(None), literal("done")),
        (own <= moment.now, literal("late")),
        (watch <= moment.now, literal("watch")),
        (dates.c.due_at < moment.soon(Case.jurisdiction_id), literal("soon")),
        (dates.c.due_at.is_not(None), literal("fine")),
        (dates.c.earliest_on <= moment.now.astimezone(SHANGHAI).date(), literal("fine")),
        (dates.c.earliest_on.is_not(None), literal("wait")),
        else_=literal("none"),
    )


def _narrow(query: Select[Case], dates: Any, moment: Moment, wanted: CaseFilter) -> Select[Case]:
    if wanted.state == "open":
        query = query.where(Case.closed_at.is_(None))
    elif wanted.state == "closed":
        query = query.where(Case.closed_at.is_not(None))
    if wanted.light:
        query = query.where(_light(dates, moment) == wanted.light)
    if wanted.duty_id is not None:
        query = query.where(Case.duty_id == wanted.duty_id)
    if wanted.words and wanted.words.strip():
        words = wanted.words.strip()
        query = query.where(
            or_(
                Case.number.contains(words, autoescape=True),
                Case.reference.contains(words, autoescape=True),
                Task.title.contains(words, autoescape=True),
                Task.key == words,
            )
        )
    return query


def clocks_of_cases(session: Session, case_ids: Sequence[int]) -> dict[int, Milestone]:
    """Return, by case, the date of its first open step, else of its last one; rule and step loaded."""
    if not case_ids:
        return {}
    rows = session.scalars(
        select(Milestone)
        .join(CaseStep, Milestone.case_step_id == CaseStep.id)
        .where(CaseStep.case_id.in_(case_ids))
        .options(contains_eager(Milestone.case_step).joinedload(CaseStep.case), joinedload(Milestone.rule))
        .order_by(CaseStep.case_id, Milestone.met_at.is_(None), CaseStep.ordinal.desc())
    )
    # The last row of each case stands: an open step before a met one, and of the open ones the first.
    return {m.case_step.case_id: m for m in rows if m.case_step is not None}


def cases_of_duty(session: Session, actor: Actor, duty_id: int, limit: int) -> tuple[list[Case], int]:
    """Return the newest cases a duty handles, open ones first, and how many there are in all."""
    mine = visible_cases(actor).where(Case.duty_id == duty_id)
    newest = mine.order_by(Case.closed_at.is_not(None), Case.id.desc()).limit(limit)
    return list(session.scalars(newest)), count(session, mine)


def find_case(session: Session, actor: Actor, case_id: int) -> Case | None:
    """Return a case the actor may see, with its steps, task, clause and handling duty; None for a stranger."""
    return session.scalars(
        visible_cases(actor)
        .where(Case.id == case_id)
        .options(
            selectinload(Case.steps),
            contains_eager(Case.duty).options(
                joinedload(Duty.unit),
                joinedload(Duty.task).options(
                    joinedload(Task.document).joinedload(Document.jurisdiction),
                    joinedload(Task.item).options(
                        selectinload(Item.rules),
                        selectinload(Item.assignments),
                        joinedload(Item.measure).joinedload(Measure.edition),
                    ),
                ),
            ),
        )
    ).one_or_none()


def case_by_form(session: Session, form_key: str) -> Case | None:
    """Return the case a form has opened before."""
    return session.scalars(select(Case).where(Case.form_key == form_key)).one_or_none()


def dated_steps(session: Session, case_id: int) -> dict[int, DatedMilestone]:
    """Return, by step, its milestone with the explanation of its present date and its first date."""
    first, current = aliased(MilestoneDate), aliased(MilestoneDate)
    rows = session.execute(
        select(Milestone, current, first)
        .join(CaseStep, Milestone.case_step_id == CaseStep.id)
        .join(current, and_(current.milestone_id == Milestone.id, current.version == Milestone.version))
        .join(first, and_(first.milestone_id == Milestone.id, first.version == 1))
        .where(CaseStep.case_id == case_id)
        .options(joinedload(Milestone.rule), joinedload(Milestone.case_step).joinedload(CaseStep.case))
    )
    return {m.case_step_id: DatedMilestone(m, now, then) for m, now, then in rows if m.case_step_id is not None}


def sees_duty(session: Session, actor: Actor, duty_id: int) -> bool:
    """Whether the actor may open a duty: who registered a case for another unit sees the case alone."""
    return session.scalars(visible_duties(actor).where(Duty.id == duty_id)).first() is not None


def registrable(session: Session, actor: Actor) -> list[Duty]:
    """Return the duties under which the actor may register an event: his units' own, and one of each task he
    supervises; unit, document and rules loaded."""
    own, supervised = actor.units(MemberRole.OFFICER), actor.jurisdictions(MemberRole.SUPERVISOR)
    other = aliased(Duty)
    earlier = exists().where(
        other.task_id == Duty.task_id, other.id < Duty.id, other.role != Role.SUPPORT, other.state.not_in(ENDED)
    )
    waits = exists().where(DeadlineRule.item_id == Task.item_id, DeadlineRule.kind == Kind.RELATIVE)
    query = (
        visible_duties(actor)
        .where(Duty.role != Role.SUPPORT, Duty.state.not_in(ENDED), waits)
        .where(or_(Duty.unit_id.in_(own), and_(Document.jurisdiction_id.in_(supervised), ~earlier)))
        .options(
            contains_eager(Duty.task).options(
                contains_eager(Task.document), joinedload(Task.item).selectinload(Item.rules)
            ),
            joinedload(Duty.unit),
        )
        .order_by(Task.document_id.desc(), Task.ordinal, Duty.id)
        .limit(MOST_TASKS)
    )
    return [d for d in session.scalars(query).unique() if any(_waits(rule) for rule in d.task.item.rules)]


def _waits(rule: DeadlineRule) -> bool:
    return rule.kind is Kind.RELATIVE and not counts_from_document(rule)
