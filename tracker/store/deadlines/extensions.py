"""Requests for more time (延期申请) of one duty."""

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from tracker.store.models import (
    Case,
    CaseStep,
    Duty,
    Extension,
    Milestone,
    Task,
)


def _loaded() -> Select[Extension]:
    return (
        select(Extension)
        .join(Extension.milestone)
        .options(
            joinedload(Extension.milestone).options(
                joinedload(Milestone.rule),
                joinedload(Milestone.unit),
                joinedload(Milestone.duty).joinedload(Duty.task).joinedload(Task.document),
                joinedload(Milestone.case_step).joinedload(CaseStep.case).joinedload(Case.unit),
            ),
            joinedload(Extension.by),
            joinedload(Extension.decided_by),
        )
        .order_by(Extension.id)
    )


def extensions_of_duty(session: Session, duty_id: int) -> Sequence[Extension]:
    """Return the requests for a duty's own dates, oldest first."""
    return session.scalars(_loaded().where(Milestone.duty_id == duty_id)).all()
