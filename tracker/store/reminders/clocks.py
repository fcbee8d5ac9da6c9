"""Clocks that have something to say (节点): of a duty, or of a case's step that may stand under no duty."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, case, exists, false, literal, or_, select
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql import ColumnElement

from tracker.rules.ladder import LadderBounds, Level
from tracker.store.core.portions import MOST_VALUES, portions
from tracker.store.models import (
    AlertState,
    Case,
    Duty,
    MemberRole,
    Membership,
    Milestone,
    MilestoneDate,
    Recalculation,
    Unit,
)
from tracker.store.reminders.conditions import running, with_holders
from tracker.store.reminders.due import (
    ANSWERING,
    EVERYWHERE,
    SAID,
    Due,
    Places,
    address,
    dues,
    overseen,
    person,
    said_this_week,
)
from tracker.store.reminders.recipients import address_told, answers, holds, nobody, refused, unconcerned

# The last rung of a ladder but the weekly one: once told, a clock is not looked at again for that reader until then.
LAST_RUNGS = (Level.LATE_1, Level.AVAILABLE)
_now, _before = aliased(MilestoneDate), aliased(MilestoneDate)


def _reached(limits: LadderBounds) -> ColumnElement[bool]:
    """Whether the ladder is reached; a period that has not begun cannot be reported on yet."""
    begun = or_(Milestone.opens_on.is_(None), Milestone.opens_on <= limits.today)
    return or_(
        and_(Milestone.due_at < limits.before3, begun),
        and_(Milestone.due_at.is_(None), Milestone.earliest_on <= limits.today),
    )


def clocks_reached(session: Session, limits: LadderBounds, places: Places = EVERYWHERE) -> Iterator[Due]:
    """Yield every running clock that has reached its ladder, with each reader not yet told its last rung."""
    reached = and_(running(), _reached(limits), places.hold(Milestone.jurisdiction_id))
    # The unit head is copied when it is late; another party's lateness is not the unit's.
    as_head = and_(
        Membership.role == MemberRole.HEAD,
        or_(Milestone.due_at < limits.late1, and_(Milestone.due_on.is_(None), Milestone.due_at <= limits.now)),
        Milestone.watch.is_(False),
        holds(Membership.user_id, MemberRole.HEAD, Milestone.unit_id),
    )
    yield from _told_of_clocks(session, reached, or_(_as_officer(), as_head), LAST_RUNGS, limits)
    yield from _overseers_of_clocks(session, limits, places)


def _overseers_of_clocks(session: Session, limits: LadderBounds, places: Places) -> Iterator[Due]:
    """Yield what is late enough for a place's supervisors and leaders to hear of; another party's lateness is not."""
    said = SAID
    supervisor, leader = Membership.role == MemberRole.SUPERVISOR, Membership.role == MemberRole.LEADER
    tells = case(
        (and_(supervisor, Milestone.due_at < limits.weekly_late3), said_this_week(said, limits)),
        (supervisor, said.level == Level.LATE_3),
        else_=said.level == Level.LATE_10,
    )
    told = (
        exists()
        .where(said.milestone_id == Milestone.id, said.milestone_version == Milestone.version, tells)
        .where(said.user_id == Membership.user_id, said.state != AlertState.DROPPED)
    )
    late = or_(and_(supervisor, Milestone.due_at < limits.late3), and_(leader, Milestone.due_at < limits.late10))
    query = (
        overseen(_clocks(*person()), Milestone.jurisdiction_id)
        .where(running(), Milestone.due_at < limits.late3, Milestone.watch.is_(False), late)
        .where(places.hold(Milestone.jurisdiction_id), unconcerned(Membership.user_id, Case.accused_unit_id), ~told)
    )
    yield from dues(session, query)


def changed_untold(session: Session, since: datetime) -> Iterator[Due]:
    """Yield the running clocks whose present date comes from a recalculation after `since` that moved it, untold."""
    # Found by themselves first: one short question where nothing was counted again, which is nearly always.
    for ids in portions(_moved(session, since), MOST_VALUES):
        yield from _told_of_clocks(session, and_(Milestone.id.in_(ids), running()), _as_officer(), (Level.CHANGED,))


def _moved(session: Session, since: datetime) -> Sequence[int]:
    now, before = _now, _before
    differs = or_(before.due_at.is_distinct_from(now.due_at), before.earliest_on.is_distinct_from(now.earliest_on))
    return session.scalars(
        select(Milestone.id)
        .join(now, and_(now.milestone_id == Milestone.id, now.version == Milestone.version))
        .join(Recalculation, now.recalculation_id == Recalculation.id)
        .join(before, and_(before.milestone_id == now.milestone_id, before.version == now.version - 1))
        .where(Recalculation.at >= since, differs)
        .where(Milestone.met_at.is_(None), Milestone.cancelled_at.is_(None))
        .order_by(Milestone.id)
    ).all()


def _told_of_clocks(
    session: Session,
    wanted: ColumnElement[bool],
    readers: ColumnElement[bool],
    levels: Sequence[Level],
    limits: LadderBounds | None = None,
) -> Iterator[Due]:
    """Yield clocks with each reader to whom none of `levels` was told of the date they have now.

    With `limits`, what is long late is yielded until the unit was told this week; its head is told but once, unless he
    stands in for an officer no mail reaches.
    """
    said = SAID
    saying = and_(said.milestone_id == Milestone.id, said.milestone_version == Milestone.version)
    once = said.level.in_(levels)
    weekly = Milestone.due_at < limits.weekly_late1 if limits else false()
    this_week = said_this_week(said, limits) if limits else once
    as_unit = or_(Membership.role != MemberRole.HEAD, refused(Milestone.unit_id, Duty.officer_id))
    to_unit = case((and_(weekly, as_unit), this_week), else_=once)
    told = exists().where(saying, to_unit, said.user_id == Membership.user_id, said.state != AlertState.DROPPED)
    people = (
        _clocks(*person(case((as_unit, literal(MemberRole.OFFICER, Membership.role.type)), else_=Membership.role)))
        .join(Membership, Membership.unit_id == Milestone.unit_id)
        .where(wanted, readers, unconcerned(Membership.user_id, Case.accused_unit_id), ~told)
    )
    yield from dues(session, people)
    to_address = case((weekly, this_week), else_=once)
    at_address = exists().where(saying, to_address, said.user_id.is_(None), address_told(said))
    units = (
        _clocks(*address())
        .join(Unit, Milestone.unit_id == Unit.id)
        .where(wanted, nobody(Milestone.unit_id, Duty.officer_id), ~at_address)
        .where(Case.accused_unit_id.is_distinct_from(Unit.id))
    )
    yield from dues(session, units)


def _as_officer() -> ColumnElement[bool]:
    return and_(Membership.role.in_(ANSWERING), answers(Membership.user_id, Milestone.unit_id, Duty.officer_id))


def _clocks(*recipient: Any) -> Select[Any]:
    return with_holders(
        select(
            *recipient,
            Milestone.answering_duty_id.label("duty_id"),
            Milestone.id.label("milestone_id"),
            Milestone.version.label("version"),
            Milestone.due_on.label("due_on"),
            Milestone.due_at.label("due_at"),
            Milestone.earliest_on.label("earliest_on"),
        ).select_from(Milestone)
    ).order_by(Milestone.id)
