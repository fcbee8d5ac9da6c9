"""Requests for more time (延期申请): those that wait to be decided, and those of one duty."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session, joinedload

from tracker.store.core.actors import Actor
from tracker.store.core.visible import unconcerned
from tracker.store.models import (
    Case,
    CaseStep,
    Duty,
    Extension,
    ExtensionState,
    MemberRole,
    Milestone,
    Task,
)

MOST = 100


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


def _waiting(actor: Actor) -> ColumnElement[bool]:
    """Choose the requests an actor may decide; for a query joined to its case (`_with_case`)."""
    places, headed = actor.jurisdictions(MemberRole.SUPERVISOR), actor.units(MemberRole.HEAD)
    return and_(
        Extension.state == ExtensionState.PENDING,
        Extension.by_id != actor.user_id,
        Milestone.met_at.is_(None),
        Milestone.cancelled_at.is_(None),
        # Who is of the unit complained of decides nothing in the complaint, nor learns that more time is asked for.
        unconcerned(actor),
        or_(
            Milestone.jurisdiction_id.in_(places),
            and_(Milestone.case_step_id.is_not(None), Milestone.unit_id.in_(headed)),
        ),
    )


def _with_case(query: Select[Any]) -> Select[Any]:
    """Join a request's milestone to its case, which a duty's own date has not got."""
    return query.outerjoin(CaseStep, Milestone.case_step_id == CaseStep.id).outerjoin(Case, CaseStep.case_id == Case.id)


def waiting_extensions(session: Session, actor: Actor) -> Sequence[Extension]:
    """Return the requests an actor may decide: of the places he supervises and of the cases of units he heads."""
    return session.scalars(_with_case(_loaded()).where(_waiting(actor)).limit(MOST)).all()


def extensions_of_duty(session: Session, duty_id: int) -> Sequence[Extension]:
    """Return the requests for a duty's own dates, oldest first."""
    return session.scalars(_loaded().where(Milestone.duty_id == duty_id)).all()
