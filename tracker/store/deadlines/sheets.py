"""计算单: one date with its clause, its holder and everything that has happened to it, for those who may see that."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, joinedload

from tracker.store.core.actors import Actor
from tracker.store.core.visible import visible_cases, visible_duties
from tracker.store.models import (
    Case,
    CaseStep,
    CaseType,
    CaseTypeVersion,
    DeadlineRule,
    Duty,
    Edition,
    Extension,
    Item,
    Measure,
    Milestone,
    MilestoneDate,
    Pause,
    Task,
)


@dataclass(frozen=True, slots=True)
class History:
    """What has happened to a date: every version, every pause of its holder, every request for more time."""

    dates: Sequence[MilestoneDate]
    pauses: Sequence[Pause]
    extensions: Sequence[Extension]


def find_milestone(session: Session, actor: Actor, milestone_id: int) -> Milestone | None:
    """Return a date whose duty, or whose case, the actor may see, with holder, clause and document; None otherwise.

    A case's date is shown to who may see the case: not to every reader of the duty that handles it.
    """
    duties = visible_duties(actor).with_only_columns(Duty.id)
    cases = visible_cases(actor).with_only_columns(Case.id)
    steps = select(CaseStep.id).where(CaseStep.case_id.in_(cases))
    return session.scalars(
        select(Milestone)
        .where(Milestone.id == milestone_id)
        .where(
            or_(
                and_(Milestone.case_step_id.is_(None), Milestone.duty_id.in_(duties)),
                Milestone.case_step_id.in_(steps),
            )
        )
        .options(
            joinedload(Milestone.unit),
            joinedload(Milestone.rule)
            .joinedload(DeadlineRule.item)
            .joinedload(Item.measure)
            .joinedload(Measure.edition)
            .joinedload(Edition.document),
            joinedload(Milestone.duty).joinedload(Duty.task).joinedload(Task.document),
            joinedload(Milestone.case_step).options(
                joinedload(CaseStep.statute_rule),
                joinedload(CaseStep.case).options(
                    joinedload(Case.task).options(joinedload(Task.document), joinedload(Task.item)),
                    joinedload(Case.type_version).joinedload(CaseTypeVersion.type).joinedload(CaseType.document),
                ),
            ),
        )
    ).one_or_none()


def history_of(session: Session, milestone: Milestone) -> History:
    """Return what has happened to a date, oldest first, with who did it."""
    step = milestone.case_step
    held = Pause.case_id == step.case_id if step is not None else Pause.duty_id == milestone.duty_id
    return History(
        dates=session.scalars(
            select(MilestoneDate)
            .where(MilestoneDate.milestone_id == milestone.id)
            .options(joinedload(MilestoneDate.by))
            .order_by(MilestoneDate.version)
        ).all(),
        pauses=session.scalars(select(Pause).where(held).order_by(Pause.from_at)).all(),
        extensions=session.scalars(
            select(Extension)
            .where(Extension.milestone_id == milestone.id)
            .options(joinedload(Extension.by), joinedload(Extension.decided_by))
            .order_by(Extension.id)
        ).all(),
    )
