"""The worker's questions (提醒): what is due to be said, and to whom it has not been said yet."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, case, exists, false, func, literal, null, or_, select
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql import ColumnElement

from tracker.rules.ladder import LadderBounds, Level, Reader
from tracker.store.core.base import UtcDateTime
from tracker.store.core.portions import MOST_VALUES, portions
from tracker.store.models import (
    Alert,
    AlertState,
    Case,
    Document,
    Duty,
    MemberRole,
    Membership,
    Milestone,
    MilestoneDate,
    Recalculation,
    Referral,
    Task,
    Unit,
    User,
)
from tracker.store.reminders.conditions import running, to_sign, unsigned, with_holders
from tracker.store.reminders.outcomes import TELLINGS, Telling
from tracker.store.reminders.recipients import (
    address_told,
    answers,
    has_address,
    headed,
    holds,
    nobody,
    refused,
    unconcerned,
    usable,
)

# Who may answer for a unit; its head where the officer's address was refused.
ANSWERING = (MemberRole.OFFICER, MemberRole.HEAD)
# The last rung of a ladder but the weekly one: once told, a clock is not looked at again for that reader until then.
LAST_RUNGS = (Level.LATE_1, Level.AVAILABLE)
# Made once, as in recipients: an alias and its columns cost more than the query it is for.
_said, _lately = aliased(Alert), aliased(Alert)
_office = aliased(Unit)
_now, _before = aliased(MilestoneDate), aliased(MilestoneDate)
_READERS = {
    MemberRole.HEAD: Reader.HEAD,
    MemberRole.SUPERVISOR: Reader.SUPERVISOR,
    MemberRole.LEADER: Reader.LEADER,
}


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that may have to be told to one recipient: a user, or else a unit's own address."""

    user_id: int | None
    unit_id: int | None
    reachable: bool
    duty_id: int | None = None
    assigned_at: datetime | None = None
    rounds: int = 0  # how often this duty was given to this reader before (revoked and restored)
    milestone_id: int | None = None
    version: int | None = None
    due_on: date | None = None
    due_at: datetime | None = None
    earliest_on: date | None = None
    referral_id: int | None = None
    report_id: int | None = None
    extension_id: int | None = None
    case_id: int | None = None
    given_at: datetime | None = None  # when what nobody has signed for was given to the unit
    headed: bool = False  # whether the unit has a head who is told in its place from then on
    role: MemberRole | None = None  # the post for which the reader is told

    @property
    def reader(self) -> Reader:
        """As what the reader is told."""
        return _READERS.get(self.role, Reader.UNIT) if self.role is not None else Reader.UNIT


@dataclass(frozen=True, slots=True)
class Places:
    """The jurisdictions a question is about: these alone, or all but these."""

    ids: tuple[int, ...] = ()
    others: bool = True

    def hold(self, place: Any) -> ColumnElement[bool]:
        """Return the condition on a column; true for all where none is named."""
        named: ColumnElement[bool] = place.in_(self.ids)
        return ~named if self.others else named


EVERYWHERE = Places()


def _dues(session: Session, query: Select[Any]) -> Iterator[Due]:
    return (Due(**row._mapping) for row in session.execute(query))


def _person(role: Any = Membership.role) -> tuple[Any, ...]:
    return (
        Membership.user_id.label("user_id"),
        Membership.unit_id.label("unit_id"),
        literal(True).label("reachable"),
        role.label("role"),
    )


def _address() -> tuple[Any, ...]:
    return null().label("user_id"), Unit.id.label("unit_id"), has_address().label("reachable")


# --- New duties (新交办) --------------------------------------------------------------------------------------------


def unsigned_untold(session: Session) -> Iterator[Due]:
    """Yield who has still to be told of a duty nobody has signed for; people added later are told as well."""
    said = _said
    told = (
        exists()
        .where(said.duty_id == Duty.id, said.level == Level.ASSIGNED, said.user_id == Membership.user_id)
        .where(said.state != AlertState.DROPPED, said.created_at >= Duty.assigned_at)
    )
    people = (
        _duties(*_person(), rounds=_rounds(Alert.user_id == Membership.user_id))
        .join(Membership, and_(Membership.unit_id == Duty.unit_id, Membership.role.in_(ANSWERING)))
        .where(unsigned(), answers(Membership.user_id, Duty.unit_id, Duty.officer_id), ~told)
    )
    yield from _dues(session, people)
    at_address = (
        exists()
        .where(said.duty_id == Duty.id, said.level == Level.ASSIGNED, said.user_id.is_(None))
        .where(address_told(said), said.created_at >= Duty.assigned_at)
    )
    units = (
        _duties(*_address(), rounds=_rounds(Alert.user_id.is_(None)))
        .join(Unit, Duty.unit_id == Unit.id)
        .where(unsigned(), nobody(Duty.unit_id, Duty.officer_id), ~at_address)
    )
    yield from _dues(session, units)


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


# --- Clocks (节点): of a duty, or of a case's step that may stand under no duty ---------------------------------------


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
    said = _said
    supervisor, leader = Membership.role == MemberRole.SUPERVISOR, Membership.role == MemberRole.LEADER
    tells = case(
        (and_(supervisor, Milestone.due_at < limits.weekly_late3), _this_week(said, limits)),
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
        _overseen(_clocks(*_person()), Milestone.jurisdiction_id)
        .where(running(), Milestone.due_at < limits.late3, Milestone.watch.is_(False), late)
        .where(places.hold(Milestone.jurisdiction_id), unconcerned(Membership.user_id, Case.accused_unit_id), ~told)
    )
    yield from _dues(session, query)


def _overseen(query: Select[Any], place: Any) -> Select[Any]:
    """Join to a query the posts in a place's units of everybody there who can be reached."""
    office = _office
    return (
        query.join(office, office.jurisdiction_id == place)
        .join(Membership, Membership.unit_id == office.id)
        .join(User, and_(User.id == Membership.user_id, User.active.is_(True), User.email != ""))
    )


def _this_week(said: Any, limits: LadderBounds) -> ColumnElement[bool]:
    """Whether an alert says this week what is said every week; what reaches nobody is kept once and for all weeks."""
    return and_(
        said.level == Level.WEEKLY,
        or_(said.created_at >= limits.week_at, said.state == AlertState.UNREACHABLE),
    )


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
    said = _said
    saying = and_(said.milestone_id == Milestone.id, said.milestone_version == Milestone.version)
    once = said.level.in_(levels)
    weekly = Milestone.due_at < limits.weekly_late1 if limits else false()
    this_week = _this_week(said, limits) if limits else once
    as_unit = or_(Membership.role != MemberRole.HEAD, refused(Milestone.unit_id, Duty.officer_id))
    to_unit = case((and_(weekly, as_unit), this_week), else_=once)
    told = exists().where(saying, to_unit, said.user_id == Membership.user_id, said.state != AlertState.DROPPED)
    people = (
        _clocks(*_person(case((as_unit, literal(MemberRole.OFFICER, Membership.role.type)), else_=Membership.role)))
        .join(Membership, Membership.unit_id == Milestone.unit_id)
        .where(wanted, readers, unconcerned(Membership.user_id, Case.accused_unit_id), ~told)
    )
    yield from _dues(session, people)
    to_address = case((weekly, this_week), else_=once)
    at_address = exists().where(saying, to_address, said.user_id.is_(None), address_told(said))
    units = (
        _clocks(*_address())
        .join(Unit, Milestone.unit_id == Unit.id)
        .where(wanted, nobody(Milestone.unit_id, Duty.officer_id), ~at_address)
        .where(Case.accused_unit_id.is_distinct_from(Unit.id))
    )
    yield from _dues(session, units)


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


# --- Referrals (新转办) -----------------------------------------------------------------------------------------------


def referrals_untold(session: Session) -> Iterator[Due]:
    """Yield who has still to be told of a case handed to their unit, which has neither signed nor returned it."""
    said = _said
    saying = and_(said.referral_id == Referral.id, said.level == Level.REFERRED)
    told = exists().where(saying, said.user_id == Membership.user_id, said.state != AlertState.DROPPED)
    query = select(Referral.id.label("referral_id")).join(Case, Referral.case_id == Case.id).order_by(Referral.id)
    people = (
        query.add_columns(*_person())
        .join(Membership, and_(Membership.unit_id == Referral.to_unit_id, Membership.role.in_(ANSWERING)))
        .where(to_sign(), answers(Membership.user_id, Referral.to_unit_id), ~told)
        .where(unconcerned(Membership.user_id, Case.accused_unit_id))
    )
    yield from _dues(session, people)
    at_address = exists().where(saying, said.user_id.is_(None), address_told(said))
    units = (
        query.add_columns(*_address())
        .join(Unit, Referral.to_unit_id == Unit.id)
        .where(to_sign(), nobody(Referral.to_unit_id), Case.accused_unit_id.is_distinct_from(Unit.id), ~at_address)
    )
    yield from _dues(session, units)


# --- Outcomes (结果) --------------------------------------------------------------------------------------------------


def outcomes_untold(session: Session, since: datetime, quiet: datetime) -> Iterator[tuple[Level, Due]]:
    """Yield who has still to be told of an outcome: of what came about after `since`, and of all that waits.

    Who was told after `quiet` of a submission to review is told of further ones later, all in one mail.
    """
    for telling in TELLINGS:
        for due in _told_of(session, telling, since, quiet):
            yield telling.level, due


def _told_of(session: Session, telling: Telling, since: datetime, quiet: datetime) -> Iterator[Due]:
    for query in _outcome_queries(telling.level):
        yield from (Due(**row._mapping) for row in session.execute(query, {"since": since, "quiet": quiet}))


@cache
def _outcome_queries(level: Level) -> tuple[Select[Any], ...]:
    """Return whom one sort of outcome has still to be told, people and then addresses; built once, asked every minute.

    Parameters: `since` and `quiet`, as in `outcomes_untold`.
    """
    telling = next(t for t in TELLINGS if t.level is level)
    said = _said
    saying = and_(getattr(said, telling.alert.key) == telling.thing.id, said.level == level)
    told = exists().where(saying, said.user_id == Membership.user_id, said.state != AlertState.DROPPED)
    since = bindparam("since", type_=UtcDateTime)
    recent = telling.true if telling.since is None else and_(telling.true, telling.since >= since)
    names = (telling.thing.id.label(telling.alert.key), *telling.ids)
    people = (
        telling.join(select(*_person(), *names).select_from(telling.thing))
        .join(Membership, telling.posts)
        .where(recent, telling.told_to(Membership.user_id), ~told)
        .order_by(telling.thing.id)
    )
    if level is Level.SUBMITTED:
        # Asked once and not for each submission, and found by its index: every such alert names a report.
        people = people.where(
            Membership.user_id.not_in(
                select(_lately.user_id).where(
                    _lately.report_id > 0,
                    _lately.level == Level.SUBMITTED,
                    _lately.user_id.is_not(None),
                    _lately.created_at > bindparam("quiet", type_=UtcDateTime),
                    _lately.state != AlertState.DROPPED,
                )
            )
        )
    if telling.unit is None:
        return (people,)
    at_address = exists().where(saying, said.user_id.is_(None), address_told(said))
    units = (
        telling.join(select(*_address(), *names).select_from(telling.thing))
        .where(recent, telling.told_at_address(), ~at_address)
        .order_by(telling.thing.id)
    )
    return people, units


# --- What nobody signs for (未签收): duties and referrals ----------------------------------------------------------


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
    said = _said
    officer, head = Membership.role == MemberRole.OFFICER, Membership.role == MemberRole.HEAD
    has_head = headed(given.unit_id)
    unit_weekly = and_(given.at < limits.weekly_unsigned2, ~has_head)
    this_week = _this_week(said, limits)
    to_user = and_(given.about(said), said.user_id == Membership.user_id, said.state != AlertState.DROPPED)

    tells = case(
        (or_(and_(officer, unit_weekly), and_(head, given.at < limits.weekly_unsigned3)), this_week),
        (head, said.level == Level.UNSIGNED_3),
        else_=said.level == Level.UNSIGNED_2,
    )
    as_officer = and_(officer, answers(Membership.user_id, given.unit_id, given.officer_id))
    as_head = and_(head, given.at < limits.unsigned3, holds(Membership.user_id, MemberRole.HEAD, given.unit_id))
    people = (
        given.query.add_columns(*_person(), has_head.label("headed"))
        .join(Membership, Membership.unit_id == given.unit_id)
        .where(or_(as_officer, as_head), ~exists().where(to_user, tells))
    )
    weekly_above = case((given.at < limits.weekly_unsigned5, this_week), else_=said.level == Level.UNSIGNED_5)
    above = _overseen(given.query.add_columns(*_person()), given.place).where(
        Membership.role == MemberRole.SUPERVISOR,
        given.at < limits.unsigned5,
        ~exists().where(to_user, weekly_above),
    )
    to_address = and_(given.about(said), said.user_id.is_(None), address_told(said))
    at_address = case((unit_weekly, this_week), else_=said.level == Level.UNSIGNED_2)
    units = (
        given.query.add_columns(*_address(), has_head.label("headed"))
        .join(Unit, given.unit_id == Unit.id)
        .where(nobody(given.unit_id, given.officer_id), ~exists().where(to_address, at_address))
    )
    if given.accused_unit_id is not None:
        people, above = (q.where(unconcerned(Membership.user_id, given.accused_unit_id)) for q in (people, above))
        units = units.where(given.accused_unit_id.is_distinct_from(Unit.id))
    for query in (people, above, units):
        yield from _dues(session, query)


# --- The calendar (放假安排) ----------------------------------------------------------------------------------------


def administrators(session: Session) -> list[tuple[int, int]]:
    """Return (user, jurisdiction) of every administrator who can be reached."""
    rows = session.execute(
        select(User.id, Unit.jurisdiction_id)
        .join(Membership, Membership.user_id == User.id)
        .join(Unit, Membership.unit_id == Unit.id)
        .where(Membership.role == MemberRole.ADMINISTRATOR, User.active.is_(True), *usable(User))
        .distinct()
        .order_by(User.id, Unit.jurisdiction_id)
    )
    return [(user_id, place) for user_id, place in rows]
