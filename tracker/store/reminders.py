"""The worker's questions: what is due to be said to whom, what still is, and which periods run out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import Select, and_, case, exists, func, literal, not_, null, or_, select
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql import ColumnElement

from tracker.clock.rules import Kind
from tracker.ladder import LadderBounds, Level
from tracker.policy.plan import Role
from tracker.store.models import (
    Alert,
    AlertState,
    DeadlineRule,
    Document,
    DocumentState,
    Duty,
    MemberRole,
    Membership,
    Milestone,
    Task,
    Unit,
    User,
)
from tracker.workflow import ENDED, State

# The last rung of a ladder: once told, a clock is not looked at again for that reader.
LAST_RUNGS = (Level.LATE_1, Level.AVAILABLE)
# SQLite takes 32,766 values in one statement; other columns need room as well.
MOST_VALUES = 5_000

Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that may have to be told to one recipient: a user, or else the unit's own address."""

    duty_id: int
    user_id: int | None
    unit_id: int
    reachable: bool
    assigned_at: datetime
    rounds: int = 0  # how often this duty was given to this reader before (revoked and restored)
    milestone_id: int | None = None
    version: int | None = None
    due_at: datetime | None = None
    earliest_on: date | None = None


def chunks(things: Sequence[Thing], size: int = MOST_VALUES) -> Iterator[Sequence[Thing]]:
    """Cut a list of values into pieces that fit one statement."""
    for start in range(0, len(things), size):
        yield things[start : start + size]


# --- Who is told: every condition belongs to a statement over Duty ---------------------------------------------------


def _holds(user_id: ColumnElement[Any], role: MemberRole) -> ColumnElement[bool]:
    """Whether a user holds `role` in the duty's unit and can be reached: active, with an address."""
    post, person = aliased(Membership), aliased(User)
    return exists().where(
        post.user_id == user_id,
        post.unit_id == Duty.unit_id,
        post.role == role,
        person.id == post.user_id,
        person.active.is_(True),
        person.email != "",
    )


def _answers(user_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a user is told of the duty: its own officer, or any officer of the unit where it has none to reach."""
    own = _holds(Duty.officer_id, MemberRole.OFFICER)  # type: ignore[arg-type]
    return and_(_holds(user_id, MemberRole.OFFICER), or_(Duty.officer_id == user_id, not_(own)))


def _nobody() -> ColumnElement[bool]:
    """Whether the duty's unit has no officer who can be reached, so that its own address is told."""
    post, person = aliased(Membership), aliased(User)
    return ~exists().where(
        post.unit_id == Duty.unit_id,
        post.role == MemberRole.OFFICER,
        person.id == post.user_id,
        person.active.is_(True),
        person.email != "",
    )


# --- What is told ---------------------------------------------------------------------------------------------------


def _unsigned() -> ColumnElement[bool]:
    return and_(Duty.state == State.ASSIGNED, Document.state == DocumentState.PUBLISHED)


def _running() -> ColumnElement[bool]:
    """Whether a clock runs: open, not under review, its duty not over."""
    return and_(
        Milestone.met_at.is_(None),
        Milestone.cancelled_at.is_(None),
        Milestone.submitted_at.is_(None),
        Duty.state.not_in(ENDED),
        Duty.role != Role.SUPPORT,
        Document.state == DocumentState.PUBLISHED,
    )


def _reached(limits: LadderBounds) -> ColumnElement[bool]:
    return or_(
        Milestone.due_at < limits.before3,
        and_(Milestone.due_at.is_(None), Milestone.earliest_on <= limits.today),
    )


def unsigned_untold(session: Session) -> Iterator[Due]:
    """Yield who has still to be told of a duty nobody has signed for; people added later are told as well."""
    said, before = aliased(Alert), aliased(Alert)
    told = (
        exists()
        .where(said.duty_id == Duty.id, said.level == Level.ASSIGNED, said.user_id == Membership.user_id)
        .where(said.state != AlertState.DROPPED, said.created_at >= Duty.assigned_at)
    )
    rounds = (
        select(func.count())
        .where(before.duty_id == Duty.id, before.level == Level.ASSIGNED, before.user_id == Membership.user_id)
        .where(before.created_at < Duty.assigned_at)
        .correlate(Duty, Membership)
        .scalar_subquery()
    )
    people = (
        _duties(Membership.user_id, Duty.unit_id, literal(True), Duty.assigned_at, rounds)
        .join(Membership, and_(Membership.unit_id == Duty.unit_id, Membership.role == MemberRole.OFFICER))
        .where(_unsigned(), _answers(Membership.user_id), ~told)  # type: ignore[arg-type]
    )
    yield from (Due(*row) for row in session.execute(people))
    at_address = (
        exists()
        .where(said.duty_id == Duty.id, said.level == Level.ASSIGNED, said.user_id.is_(None))
        .where(_address_told(said), said.created_at >= Duty.assigned_at)
    )
    earlier = (
        select(func.count())
        .where(before.duty_id == Duty.id, before.level == Level.ASSIGNED, before.user_id.is_(None))
        .where(before.created_at < Duty.assigned_at)
        .correlate(Duty)
        .scalar_subquery()
    )
    units = (
        _duties(null(), Duty.unit_id, _has_address(), Duty.assigned_at, earlier)
        .join(Unit, Duty.unit_id == Unit.id)
        .where(_unsigned(), _nobody(), ~at_address)
    )
    yield from (Due(*row) for row in session.execute(units))


def clocks_reached(session: Session, limits: LadderBounds) -> Iterator[Due]:
    """Yield every running clock that has reached its ladder, with each reader not yet told its last rung."""
    said = aliased(Alert)
    last = and_(
        said.milestone_id == Milestone.id,
        said.milestone_version == Milestone.version,
        said.level.in_(LAST_RUNGS),
    )
    told = exists().where(last, said.user_id == Membership.user_id, said.state != AlertState.DROPPED)
    # The unit head is copied when it is late; another party's lateness is not the unit's.
    as_head = and_(
        Membership.role == MemberRole.HEAD,
        Milestone.due_at < limits.late1,
        Milestone.watch.is_(False),
        _holds(Membership.user_id, MemberRole.HEAD),  # type: ignore[arg-type]
    )
    as_officer = and_(
        Membership.role == MemberRole.OFFICER,
        _answers(Membership.user_id),  # type: ignore[arg-type]
    )
    people = (
        _clocks(Membership.user_id, Duty.unit_id, literal(True))
        .join(Membership, Membership.unit_id == Duty.unit_id)
        .where(_running(), _reached(limits), or_(as_officer, as_head), ~told)
    )
    yield from (Due(*row) for row in session.execute(people))
    at_address = exists().where(last, said.user_id.is_(None), _address_told(said))
    units = (
        _clocks(null(), Duty.unit_id, _has_address())
        .join(Unit, Duty.unit_id == Unit.id)
        .where(_running(), _reached(limits), _nobody(), ~at_address)
    )
    yield from (Due(*row) for row in session.execute(units))


def _duties(*recipient: Any) -> Select[Any]:
    return (
        select(Duty.id, *recipient)
        .select_from(Duty)
        .join(Task, Duty.task_id == Task.id)
        .join(Document, Task.document_id == Document.id)
        .order_by(Duty.id)
    )


def _clocks(*recipient: Any) -> Select[Any]:
    facts = (Milestone.id, Milestone.version, Milestone.due_at, Milestone.earliest_on)
    return (
        select(Duty.id, *recipient, Duty.assigned_at, literal(0), *facts)
        .select_from(Milestone)
        .join(Duty, Milestone.answering_duty_id == Duty.id)
        .join(Task, Duty.task_id == Task.id)
        .join(Document, Task.document_id == Document.id)
        .order_by(Milestone.id)
    )


def _has_address() -> ColumnElement[bool]:
    return case((Unit.email != "", literal(True)), else_=literal(False))


def _address_told(said: Any) -> ColumnElement[bool]:
    """Whether an alert to a unit's address stands: one that could not be told does until the unit has an address."""
    return or_(
        said.state.in_((AlertState.PENDING, AlertState.IN_MESSAGE)),
        and_(said.state == AlertState.UNREACHABLE, ~_has_address()),
    )


def still_true(alert_ids: Sequence[int]) -> Select[int]:
    """Return a query of those of the alerts that still are true, of things and of readers alike."""
    said = or_(
        and_(Alert.level == Level.ASSIGNED, _unsigned(), Alert.created_at >= Duty.assigned_at),
        and_(Alert.level != Level.ASSIGNED, _running(), Alert.milestone_version == Milestone.version),
    )
    as_head = and_(
        Alert.level == Level.LATE_1,
        Milestone.watch.is_(False),
        _holds(Alert.user_id, MemberRole.HEAD),  # type: ignore[arg-type]
    )
    to_person = and_(Alert.user_id.is_not(None), or_(_answers(Alert.user_id), as_head))  # type: ignore[arg-type]
    to_address = and_(Alert.user_id.is_(None), _nobody(), or_(Alert.state == AlertState.UNREACHABLE, Unit.email != ""))
    return (
        select(Alert.id)
        .select_from(Alert)
        .join(Duty, Alert.duty_id == Duty.id)
        .join(Task, Duty.task_id == Task.id)
        .join(Document, Task.document_id == Document.id)
        .join(Unit, Duty.unit_id == Unit.id)
        .outerjoin(Milestone, Alert.milestone_id == Milestone.id)
        .where(Alert.id.in_(alert_ids), said, or_(to_person, to_address))
    )


def rhythms_running_out(session: Session, day: date) -> list[int]:
    """Return the live duties with a recurring rule whose newest period has begun and has no successor yet."""
    later = aliased(Milestone)
    successor = exists().where(
        later.duty_id == Milestone.duty_id,
        later.rule_id == Milestone.rule_id,
        later.occurrence > Milestone.occurrence,
    )
    query = (
        select(Milestone.duty_id)
        .distinct()
        .join(DeadlineRule, Milestone.rule_id == DeadlineRule.id)
        .join(Duty, Milestone.duty_id == Duty.id)
        .join(Task, Duty.task_id == Task.id)
        .join(Document, Task.document_id == Document.id)
        # Open ones only, by their partial index: a period is reported on after it began, and the report itself
        # makes the next one.
        .where(Milestone.met_at.is_(None), Milestone.cancelled_at.is_(None), Milestone.opens_on <= day)
        .where(DeadlineRule.kind == Kind.RECURRING, Duty.state.not_in(ENDED))
        .where(or_(Document.expires_on.is_(None), Document.expires_on >= day), ~successor)
        .order_by(Milestone.duty_id)
    )
    return [duty_id for duty_id in session.scalars(query) if duty_id is not None]
