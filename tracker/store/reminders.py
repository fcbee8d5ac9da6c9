"""The worker's questions (提醒): what is due to be said, and to whom it has not been said yet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, exists, func, literal, null, or_, select
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql import ColumnElement

from tracker.ladder import LadderBounds, Level
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
from tracker.store.outcomes import TELLINGS, Telling
from tracker.store.portions import MOST_VALUES, portions
from tracker.store.recipients import address_told, answers, has_address, holds, nobody, unconcerned
from tracker.store.tellable import running, to_sign, unsigned, with_holders

# The last rung of a ladder: once told, a clock is not looked at again for that reader.
LAST_RUNGS = (Level.LATE_1, Level.AVAILABLE)
# SQLite takes 32,766 values in one statement; other columns need room as well.



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


def _person() -> tuple[Any, ...]:
    return Membership.user_id.label("user_id"), Membership.unit_id.label("unit_id"), literal(True).label("reachable")


def _address() -> tuple[Any, ...]:
    return null().label("user_id"), Unit.id.label("unit_id"), has_address().label("reachable")


# --- New duties (新交办) --------------------------------------------------------------------------------------------


def unsigned_untold(session: Session) -> Iterator[Due]:
    """Yield who has still to be told of a duty nobody has signed for; people added later are told as well."""
    said = aliased(Alert)
    told = (
        exists()
        .where(said.duty_id == Duty.id, said.level == Level.ASSIGNED, said.user_id == Membership.user_id)
        .where(said.state != AlertState.DROPPED, said.created_at >= Duty.assigned_at)
    )
    people = (
        _duties(*_person(), rounds=_rounds(Alert.user_id == Membership.user_id))
        .join(Membership, and_(Membership.unit_id == Duty.unit_id, Membership.role == MemberRole.OFFICER))
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
        .where(unsigned(), nobody(Duty.unit_id), ~at_address)
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
    yield from _told_of_clocks(session, reached, or_(_as_officer(), as_head), LAST_RUNGS)


def changed_untold(session: Session, since: datetime) -> Iterator[Due]:
    """Yield the running clocks whose present date comes from a recalculation after `since` that moved it, untold."""
    # Found by themselves first: one short question where nothing was counted again, which is nearly always.
    for ids in portions(_moved(session, since), MOST_VALUES):
        yield from _told_of_clocks(session, and_(Milestone.id.in_(ids), running()), _as_officer(), (Level.CHANGED,))


def _moved(session: Session, since: datetime) -> Sequence[int]:
    now, before = aliased(MilestoneDate), aliased(MilestoneDate)
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
    session: Session, wanted: ColumnElement[bool], readers: ColumnElement[bool], levels: Sequence[Level]
) -> Iterator[Due]:
    """Yield clocks with each reader to whom none of `levels` was told of the date they have now."""
    said = aliased(Alert)
    saying = and_(
        said.milestone_id == Milestone.id, said.milestone_version == Milestone.version, said.level.in_(levels)
    )
    told = exists().where(saying, said.user_id == Membership.user_id, said.state != AlertState.DROPPED)
    people = (
        _clocks(*_person())
        .join(Membership, Membership.unit_id == Milestone.unit_id)
        .where(wanted, readers, unconcerned(Membership.user_id, Case.accused_unit_id), ~told)
    )
    yield from _dues(session, people)
    at_address = exists().where(saying, said.user_id.is_(None), address_told(said))
    units = (
        _clocks(*_address())
        .join(Unit, Milestone.unit_id == Unit.id)
        .where(wanted, nobody(Milestone.unit_id), Case.accused_unit_id.is_distinct_from(Unit.id), ~at_address)
    )
    yield from _dues(session, units)


def _as_officer() -> ColumnElement[bool]:
    return and_(Membership.role == MemberRole.OFFICER, answers(Membership.user_id, Milestone.unit_id, Duty.officer_id))


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
    said = aliased(Alert)
    saying = and_(said.referral_id == Referral.id, said.level == Level.REFERRED)
    told = exists().where(saying, said.user_id == Membership.user_id, said.state != AlertState.DROPPED)
    query = select(Referral.id.label("referral_id")).join(Case, Referral.case_id == Case.id).order_by(Referral.id)
    people = (
        query.add_columns(*_person())
        .join(Membership, and_(Membership.unit_id == Referral.to_unit_id, Membership.role == MemberRole.OFFICER))
        .where(to_sign(), holds(Membership.user_id, MemberRole.OFFICER, Referral.to_unit_id), ~told)
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
    said = aliased(Alert)
    saying = and_(getattr(said, telling.alert.key) == telling.thing.id, said.level == telling.level)
    told = exists().where(saying, said.user_id == Membership.user_id, said.state != AlertState.DROPPED)
    recent = telling.true if telling.since is None else and_(telling.true, telling.since >= since)
    names = (telling.thing.id.label(telling.alert.key), *telling.ids)
    people = (
        telling.join(select(*_person(), *names).select_from(telling.thing))
        .join(Membership, telling.posts)
        .where(recent, telling.told_to(Membership.user_id), ~told)
        .order_by(telling.thing.id)
    )
    if telling.level is Level.SUBMITTED:
        lately = aliased(Alert)
        people = people.where(
            ~exists().where(
                lately.level == Level.SUBMITTED,
                lately.user_id == Membership.user_id,
                lately.created_at > quiet,
                lately.state != AlertState.DROPPED,
            )
        )
    yield from _dues(session, people)
    if telling.unit is None:
        return
    at_address = exists().where(saying, said.user_id.is_(None), address_told(said))
    units = (
        telling.join(select(*_address(), *names).select_from(telling.thing))
        .where(recent, telling.told_at_address(), ~at_address)
        .order_by(telling.thing.id)
    )
    yield from _dues(session, units)


# --- The calendar (放假安排) ----------------------------------------------------------------------------------------


def administrators(session: Session) -> list[tuple[int, int]]:
    """Return (user, jurisdiction) of every administrator who can be reached."""
    rows = session.execute(
        select(User.id, Unit.jurisdiction_id)
        .join(Membership, Membership.user_id == User.id)
        .join(Unit, Membership.unit_id == Unit.id)
        .where(Membership.role == MemberRole.ADMINISTRATOR, User.active.is_(True), User.email != "")
        .distinct()
        .order_by(User.id, Unit.jurisdiction_id)
    )
    return [(user_id, place) for user_id, place in rows]
