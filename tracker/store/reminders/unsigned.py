"""What a unit was given and has not signed for (未签收): new duties, cases handed on, and those long waiting."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from tracker.rules.ladder import LadderBounds, Level
from tracker.store.models import Alert, AlertState, Case, Document, Duty, MemberRole, Membership, Referral, Task, Unit
from tracker.store.reminders.conditions import to_sign, unsigned
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
from tracker.store.reminders.recipients import address_told, answers, headed, holds, nobody, unconcerned

# --- New duties (新交办) --------------------------------------------------------------------------------------------


def unsigned_untold(session: Session) -> Iterator[Due]:
    """Yield who has still to be told of a duty nobody has signed for; people added later are told as well."""
    said = SAID
    told = (
        exists()
        .where(said.duty_id == Duty.id, said.level == Level.ASSIGNED, said.user_id == Membership.user_id)
        .where(said.state != AlertState.DROPPED, said.created_at >= Duty.assigned_at)
    )
    people = (
        _duties(*person(), rounds=_rounds(Alert.user_id == Membership.user_id))
        .join(Membership, and_(Membership.unit_id == Duty.unit_id, Membership.role.in_(ANSWERING)))
        .where(unsigned(), answers(Membership.user_id, Duty.unit_id, Duty.officer_id), ~told)
    )
    yield from dues(session, people)
    at_address = (
        exists()
        .where(said.duty_id == Duty.id, said.level == Level.ASSIGNED, said.user_id.is_(None))
        .where(address_told(said), said.created_at >= Duty.assigned_at)
    )
    units = (
        _duties(*address(), rounds=_rounds(Alert.user_id.is_(None)))
        .join(Unit, Duty.unit_id == Unit.id)
        .where(unsigned(), nobody(Duty.unit_id, Duty.officer_id), ~at_address)
    )
    yield from dues(session, units)


def _rounds(reader: ColumnElement[bool]) -> Any:
    """Return how often a duty was told to a reader before it was assigned as it is now."""
    return (
        select(func.count(Alert.id))
        .where(Alert.duty_id == Duty.id, Alert.level == Level.ASSIGNED, Alert.created_at < Duty.assigned_at, reader)
        .correlate(Duty, Membership)
        .scalar_subquery()
    )


def _duties(*recipient: Any, rounds: Any) -> Select[Any]:
    return (
        select(*recipient, Duty.id.label("duty_id"), Duty.assigned_at.label("assigned_at"), rounds.label("rounds"))
        .select_from(Duty)
        .join(Task, Duty.task_id == Task.id)
        .join(Document, Task.document_id == Document.id)
        .order_by(Duty.id)
    )


# --- Referrals (新转办) -----------------------------------------------------------------------------------------------


def referrals_untold(session: Session) -> Iterator[Due]:
    """Yield who has still to be told of a case handed to their unit, which has neither signed nor returned it."""
    said = SAID
    saying = and_(said.referral_id == Referral.id, said.level == Level.REFERRED)
    told = exists().where(saying, said.user_id == Membership.user_id, said.state != AlertState.DROPPED)
    query = select(Referral.id.label("referral_id")).join(Case, Referral.case_id == Case.id).order_by(Referral.id)
    people = (
        query.add_columns(*person())
        .join(Membership, and_(Membership.unit_id == Referral.to_unit_id, Membership.role.in_(ANSWERING)))
        .where(to_sign(), answers(Membership.user_id, Referral.to_unit_id), ~told)
        .where(unconcerned(Membership.user_id, Case.accused_unit_id))
    )
    yield from dues(session, people)
    at_address = exists().where(saying, said.user_id.is_(None), address_told(said))
    units = (
        query.add_columns(*address())
        .join(Unit, Referral.to_unit_id == Unit.id)
        .where(to_sign(), nobody(Referral.to_unit_id), Case.accused_unit_id.is_distinct_from(Unit.id), ~at_address)
    )
    yield from dues(session, units)


# --- Long unsigned: duties and referrals ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Given:
    """What waits for a unit's signature, as columns of a query of it, and how an alert is known to be about it."""

    query: Select[Any]
    unit_id: Any
    place: Any
    at: Any
    about: Callable[[Any], ColumnElement[bool]]
    officer_id: Any = None
    accused_unit_id: Any = None


def duties_unsigned_long(session: Session, limits: LadderBounds, places: Places = EVERYWHERE) -> Iterator[Due]:
    """Yield the duties nobody has signed for in some workdays, with each reader still to be told of that."""
    rounds = (
        select(func.count(Alert.id))
        .where(Alert.duty_id == Duty.id, Alert.level == Level.ASSIGNED, Alert.created_at < Duty.assigned_at)
        .correlate(Duty)
        .scalar_subquery()
    )
    waiting = and_(unsigned(), Duty.assigned_at < limits.unsigned2, places.hold(Document.jurisdiction_id))
    given = _Given(
        _duties(Duty.assigned_at.label("given_at"), rounds=rounds).where(waiting),
        Duty.unit_id,
        Document.jurisdiction_id,
        Duty.assigned_at,
        lambda said: and_(said.duty_id == Duty.id, said.milestone_id.is_(None), said.created_at >= Duty.assigned_at),
        officer_id=Duty.officer_id,
    )
    yield from _unsigned_long(session, given, limits)


def referrals_unsigned_long(session: Session, limits: LadderBounds, places: Places = EVERYWHERE) -> Iterator[Due]:
    """Yield the cases handed to a unit that nobody there has signed for in some workdays, with each reader."""
    referrals: Any = select(Referral.id.label("referral_id"), Referral.at.label("given_at"))
    given = _Given(
        referrals.join(Case, Referral.case_id == Case.id)
        .where(to_sign(), Referral.at < limits.unsigned2, places.hold(Case.jurisdiction_id))
        .order_by(Referral.id),
        Referral.to_unit_id,
        Case.jurisdiction_id,
        Referral.at,
        lambda said: said.referral_id == Referral.id,
        accused_unit_id=Case.accused_unit_id,
    )
    yield from _unsigned_long(session, given, limits)


def _unsigned_long(session: Session, given: _Given, limits: LadderBounds) -> Iterator[Due]:
    """Yield each reader of the ladder of what is not signed for: the unit once, or weekly where it has no head."""
    said = SAID
    officer, head = Membership.role == MemberRole.OFFICER, Membership.role == MemberRole.HEAD
    has_head = headed(given.unit_id)
    unit_weekly = and_(given.at < limits.weekly_unsigned2, ~has_head)
    this_week = said_this_week(said, limits)
    to_user = and_(given.about(said), said.user_id == Membership.user_id, said.state != AlertState.DROPPED)

    tells = case(
        (or_(and_(officer, unit_weekly), and_(head, given.at < limits.weekly_unsigned3)), this_week),
        (head, said.level == Level.UNSIGNED_3),
        else_=said.level == Level.UNSIGNED_2,
    )
    as_officer = and_(officer, answers(Membership.user_id, given.unit_id, given.officer_id))
    as_head = and_(head, given.at < limits.unsigned3, holds(Membership.user_id, MemberRole.HEAD, given.unit_id))
    people = (
        given.query.add_columns(*person(), has_head.label("headed"))
        .join(Membership, Membership.unit_id == given.unit_id)
        .where(or_(as_officer, as_head), ~exists().where(to_user, tells))
    )
    weekly_above = case((given.at < limits.weekly_unsigned5, this_week), else_=said.level == Level.UNSIGNED_5)
    above = overseen(given.query.add_columns(*person()), given.place).where(
        Membership.role == MemberRole.SUPERVISOR,
        given.at < limits.unsigned5,
        ~exists().where(to_user, weekly_above),
    )
    to_address = and_(given.about(said), said.user_id.is_(None), address_told(said))
    at_address = case((unit_weekly, this_week), else_=said.level == Level.UNSIGNED_2)
    units = (
        given.query.add_columns(*address(), has_head.label("headed"))
        .join(Unit, given.unit_id == Unit.id)
        .where(nobody(given.unit_id, given.officer_id), ~exists().where(to_address, at_address))
    )
    if given.accused_unit_id is not None:
        people, above = (q.where(unconcerned(Membership.user_id, given.accused_unit_id)) for q in (people, above))
        units = units.where(given.accused_unit_id.is_distinct_from(Unit.id))
    for query in (people, above, units):
        yield from dues(session, query)
