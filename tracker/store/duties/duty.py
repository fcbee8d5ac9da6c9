"""One duty, with what its page shows and its verbs need; statements built once, whatever the reader may see."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload, selectinload

from tracker.reading.plan import Role
from tracker.rules.workflow import State
from tracker.store.core.actors import Actor
from tracker.store.core.visible import OVERSEEING, OWN, visible_duties
from tracker.store.models import (
    Alert,
    AlertState,
    Attachment,
    Case,
    CaseStep,
    DeadlineRule,
    Document,
    Duty,
    Extension,
    Item,
    Measure,
    Milestone,
    MilestoneDate,
    Report,
    Task,
)

_id: BindParameter[int] = bindparam("duty_id")
_DUTY = (
    select(Duty)
    .join(Duty.task)
    .join(Task.document)
    .where(Duty.id == _id)
    .options(
        contains_eager(Duty.task).options(
            contains_eager(Task.document).joinedload(Document.jurisdiction),
            joinedload(Task.item).options(
                joinedload(Item.measure).joinedload(Measure.edition),
                selectinload(Item.assignments),
                selectinload(Item.contacts),
                selectinload(Item.rules).options(
                    selectinload(DeadlineRule.bindings), joinedload(DeadlineRule.case_type)
                ),
            ),
            selectinload(Task.duties).joinedload(Duty.unit),
        ),
        joinedload(Duty.unit),
        joinedload(Duty.officer),
        joinedload(Duty.via_group),
    )
)
# What the everyday verbs need: signing, reporting, submitting, reviewing.
_DUTY_TO_ACT = (
    select(Duty)
    .join(Duty.task)
    .join(Task.document)
    .where(Duty.id == _id)
    .options(
        contains_eager(Duty.task).options(
            contains_eager(Task.document),
            joinedload(Task.item).selectinload(Item.rules),
            selectinload(Task.duties),
        ),
    )
)
_current, _first = aliased(MilestoneDate), aliased(MilestoneDate)
_MILESTONES = (
    select(Milestone, _current, _first)
    .join(_current, and_(_current.milestone_id == Milestone.id, _current.version == Milestone.version))
    .join(_first, and_(_first.milestone_id == Milestone.id, _first.version == 1))
    .where(Milestone.answering_duty_id == _id)
    .options(joinedload(Milestone.rule), joinedload(Milestone.case_step).joinedload(CaseStep.case))
    .order_by(
        or_(Milestone.met_at.is_not(None), Milestone.cancelled_at.is_not(None)),
        Milestone.due_at.is_(None),
        Milestone.due_at,
        Milestone.id,
    )
    .limit(200)
)
_REPORTS = (
    select(Report)
    .where(Report.duty_id == _id)
    .options(selectinload(Report.attachments), joinedload(Report.by), joinedload(Report.milestone))
    .order_by(Report.id.desc())
    .limit(100)
)
_cases: Any = Case.__table__
_extensions: Any = Extension.__table__
_milestones: Any = Milestone.__table__
_alerts: Any = Alert.__table__
_BESIDE = select(
    exists().where(_cases.c.duty_id == _id),
    exists().where(_milestones.c.duty_id == _id, _extensions.c.milestone_id == _milestones.c.id),
    exists().where(_alerts.c.duty_id == _id, _alerts.c.state == AlertState.UNREACHABLE),
)


def sees(actor: Actor, duty: Duty) -> bool:
    """Whether an actor may see a duty whose task is loaded with its duties: what `visible_duties` asks, of one."""
    if duty.jurisdiction_id in actor.jurisdictions(*OVERSEEING):
        return True
    if duty.state is State.REVOKED:
        return False
    own = actor.units(*OWN)
    led = (d for d in duty.task.duties if d.role is Role.LEAD and d.state is not State.REVOKED)
    return duty.unit_id in own or any(d.unit_id in own for d in led)


def find_duty(session: Session, actor: Actor, duty_id: int) -> Duty | None:
    """Return a duty the actor may see, with its task, document, item and units; None for a stranger."""
    duty = session.scalars(_DUTY, {"duty_id": duty_id}).unique().one_or_none()
    return duty if duty is not None and sees(actor, duty) else None


def duty_to_act(session: Session, actor: Actor, duty_id: int) -> Duty | None:
    """Return a duty the actor may see with its task, document, rules and the task's duties: no page can be drawn of it.

    None for a stranger.
    """
    duty = session.scalars(_DUTY_TO_ACT, {"duty_id": duty_id}).unique().one_or_none()
    return duty if duty is not None and sees(actor, duty) else None


@dataclass(frozen=True, slots=True)
class DatedMilestone:
    """A milestone with the explanation of the date it has now, and the first date it had."""

    milestone: Milestone
    current: MilestoneDate
    first: MilestoneDate


def milestones_of(session: Session, duty_id: int) -> list[DatedMilestone]:
    """Return a duty's milestones, its cases' included: open ones first, by date."""
    return [DatedMilestone(*row) for row in session.execute(_MILESTONES, {"duty_id": duty_id})]


def reports_of(session: Session, duty_id: int) -> list[Report]:
    """Return a duty's hundred newest reports and submissions, newest first, with their writers and files."""
    return list(session.scalars(_REPORTS, {"duty_id": duty_id}))


@dataclass(frozen=True, slots=True)
class RareThings:
    """What there is beside a duty at all: most have none of it, and nothing more is asked then."""

    cases: bool
    extensions: bool
    unreachable: bool


def beside(session: Session, duty_id: int) -> RareThings:
    """Return which of the rarer things a duty has, whoever may see them."""
    return RareThings(*map(bool, session.execute(_BESIDE, {"duty_id": duty_id}).one()))


def find_attachment(session: Session, actor: Actor, attachment_id: int) -> Attachment | None:
    """Return a file of a duty the actor may see; None for a stranger."""
    duties = visible_duties(actor).with_only_columns(Duty.id)
    return session.scalars(
        select(Attachment)
        .join(Report, Attachment.report_id == Report.id)
        .where(Attachment.id == attachment_id, Report.duty_id.in_(duties))
    ).one_or_none()
