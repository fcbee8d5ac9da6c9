"""What may be told and still is true (提醒的条件): unsigned duties, running clocks, referrals, calendars, outcomes."""

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    CompoundSelect,
    ScalarResult,
    Select,
    and_,
    bindparam,
    exists,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from tracker.reading.plan import Role
from tracker.rules.ladder import UNSIGNED_RUNGS, Level
from tracker.rules.workflow import ENDED, State
from tracker.store.models import (
    Alert,
    AlertState,
    Case,
    CaseStep,
    Document,
    DocumentState,
    Duty,
    MemberRole,
    Milestone,
    Referral,
    Task,
    Unit,
)
from tracker.store.reminders.outcomes import outcomes_still_true
from tracker.store.reminders.recipients import (
    administers,
    answers,
    has_address,
    holds,
    holds_in_place,
    nobody,
    unconcerned,
)

# What is said of what nobody signs for, besides that it is new.
UNSIGNED = (*UNSIGNED_RUNGS.values(), Level.WEEKLY)
# What those are told who do not act themselves but see to it that others do.
TO_HEADS = (Level.LATE_0, Level.LATE_1, Level.UNSIGNED_3, Level.WEEKLY)
TO_SUPERVISORS = (Level.LATE_3, Level.UNSIGNED_5, Level.WEEKLY)
TO_LEADERS = (Level.LATE_10,)


def unsigned() -> ColumnElement[bool]:
    """Whether a duty waits to be signed for."""
    return and_(Duty.state == State.ASSIGNED, Document.state == DocumentState.PUBLISHED)


def running() -> ColumnElement[bool]:
    """Whether a clock runs: open, neither paused nor under review, its duty and its case not over."""
    under_duty = and_(Duty.state.not_in(ENDED), Duty.role != Role.SUPPORT, Document.state == DocumentState.PUBLISHED)
    return and_(
        Milestone.met_at.is_(None),
        Milestone.cancelled_at.is_(None),
        Milestone.submitted_at.is_(None),
        Milestone.paused_at.is_(None),
        or_(Milestone.answering_duty_id.is_(None), under_duty),
        Case.closed_at.is_(None),
    )


def with_holders(query: Select[Any]) -> Select[Any]:
    """Join to a query of milestones what holds them, where they have it."""
    return (
        query.outerjoin(Duty, Milestone.answering_duty_id == Duty.id)
        .outerjoin(Task, Duty.task_id == Task.id)
        .outerjoin(Document, Task.document_id == Document.id)
        .outerjoin(CaseStep, Milestone.case_step_id == CaseStep.id)
        .outerjoin(Case, CaseStep.case_id == Case.id)
    )


def to_sign() -> ColumnElement[bool]:
    """Whether a referral waits to be signed for, its Case joined."""
    over = exists().where(Duty.id == Case.duty_id, Duty.state.in_(ENDED)).correlate(Case)
    return and_(Referral.signed_at.is_(None), Referral.returned_at.is_(None), Case.closed_at.is_(None), ~over)


def still_true(session: Session, alert_ids: Sequence[int], noticeless: Collection[int] = ()) -> ScalarResult[int]:
    """Return those of the alerts that still are true, of things and of readers alike.

    `noticeless` are the jurisdictions whose calendar lacks a notice now.
    """
    return session.scalars(_still_true(), {"alert_ids": list(alert_ids), "noticeless": list(noticeless)})


@cache
def _still_true() -> CompoundSelect[int]:
    """Return the query of `still_true`, which is built once: that costs more than to ask it."""
    told = select(Alert.id).where(Alert.id.in_(bindparam("alert_ids", expanding=True)))
    new = (
        told.join(Duty, Alert.duty_id == Duty.id)
        .join(Task, Duty.task_id == Task.id)
        .join(Document, Task.document_id == Document.id)
        .join(Unit, Duty.unit_id == Unit.id)
        .where(Alert.level.in_((Level.ASSIGNED, *UNSIGNED)), Alert.milestone_id.is_(None))
        .where(unsigned(), Alert.created_at >= Duty.assigned_at)
        .where(or_(_still_reader(Duty.unit_id, Duty.officer_id), _chases(Duty.unit_id, Document.jurisdiction_id)))
    )
    chasing = and_(Milestone.watch.is_(False), _chases(Milestone.unit_id, Milestone.jurisdiction_id))
    clocks = (
        with_holders(told.join(Milestone, Alert.milestone_id == Milestone.id))
        .join(Unit, Milestone.unit_id == Unit.id)
        .where(running(), Alert.milestone_version == Milestone.version)
        .where(or_(_still_reader(Milestone.unit_id, Duty.officer_id), chasing))
        .where(_unconcerned_reader())
    )
    referred = (
        told.join(Referral, Alert.referral_id == Referral.id)
        .join(Case, Referral.case_id == Case.id)
        .join(Unit, Referral.to_unit_id == Unit.id)
        .where(Alert.level.in_((Level.REFERRED, *UNSIGNED)), to_sign(), _unconcerned_reader())
        .where(or_(_still_reader(Referral.to_unit_id), _chases(Referral.to_unit_id, Case.jurisdiction_id)))
    )
    noticeless: BindParameter[int] = bindparam("noticeless", expanding=True)
    calendars = told.where(Alert.level == Level.CALENDAR, Alert.jurisdiction_id.in_(noticeless)).where(
        administers(Alert.user_id, Alert.jurisdiction_id)
    )
    return union_all(new, clocks, referred, calendars, *outcomes_still_true(told))


def _still_reader(unit_id: Any, officer_id: Any = None) -> ColumnElement[bool]:
    """Whether an alert's reader, a person or the statement's Unit by its address, still is the one to tell."""
    to_person = and_(Alert.user_id.is_not(None), answers(Alert.user_id, unit_id, officer_id))
    # What could not be told is taken back once there is an address: the sweep says it there as it stands by then.
    unreachable = Alert.state == AlertState.UNREACHABLE
    to_address = and_(Alert.user_id.is_(None), nobody(unit_id, officer_id), has_address() != unreachable)
    return or_(to_person, to_address)


def _chases(unit_id: Any, place: Any) -> ColumnElement[bool]:
    """Whether an alert's reader still is the head of the unit, or a supervisor or leader of the place, it was for."""
    return or_(
        and_(Alert.level.in_(TO_HEADS), holds(Alert.user_id, MemberRole.HEAD, unit_id)),
        and_(Alert.level.in_(TO_SUPERVISORS), holds_in_place(Alert.user_id, MemberRole.SUPERVISOR, place)),
        and_(Alert.level.in_(TO_LEADERS), holds_in_place(Alert.user_id, MemberRole.LEADER, place)),
    )


def _unconcerned_reader() -> ColumnElement[bool]:
    return and_(unconcerned(Alert.user_id, Case.accused_unit_id), Case.accused_unit_id.is_distinct_from(Unit.id))
