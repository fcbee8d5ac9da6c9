"""Whose periods run out (周期滚动): holders of a recurring time limit whose newest period has no successor yet."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session, aliased

from tracker.clock.rules import Kind
from tracker.rules.workflow import ENDED
from tracker.store.models import Case, CaseStep, DeadlineRule, Document, Duty, Milestone, Task


def rhythms_running_out(session: Session, day: date) -> list[int]:
    """Return the live duties whose newest period has begun; while one is paused nothing new is asked of it."""
    query = (
        _newest_begun(Milestone.duty_id, day)
        .join(Duty, Milestone.duty_id == Duty.id)
        .join(Task, Duty.task_id == Task.id)
        .join(Document, Task.document_id == Document.id)
        .where(Duty.state.not_in(ENDED), Duty.paused_at.is_(None))
        .where(or_(Document.expires_on.is_(None), Document.expires_on >= day))
    )
    return list(session.scalars(query))


def steps_running_out(session: Session, day: date) -> list[int]:
    """Return the same of the steps (反馈进展) of open cases, until they are done."""
    query = (
        _newest_begun(Milestone.case_step_id, day)
        .join(CaseStep, Milestone.case_step_id == CaseStep.id)
        .join(Case, CaseStep.case_id == Case.id)
        .where(CaseStep.done_at.is_(None), CaseStep.cancelled_at.is_(None))
        .where(Case.closed_at.is_(None), Case.paused_at.is_(None))
    )
    return list(session.scalars(query))


def _newest_begun(holder: Any, day: date) -> Select[Any]:
    # Open ones only, by their partial index: a period is reported on after it began, and the report itself makes
    # the next one.
    later = aliased(Milestone)
    same: ColumnElement[bool] = getattr(later, holder.key) == holder
    successor = select(later.id).where(
        same, later.rule_id == Milestone.rule_id, later.occurrence > Milestone.occurrence
    )
    return (
        select(holder)
        .distinct()
        .join(DeadlineRule, Milestone.rule_id == DeadlineRule.id)
        .where(Milestone.met_at.is_(None), Milestone.cancelled_at.is_(None), Milestone.opens_on <= day)
        .where(DeadlineRule.kind == Kind.RECURRING, holder.is_not(None), ~successor.exists())
        .order_by(holder)
    )
