"""What a mail is made of, which mails wait to be sent, and what a supervisor must know did not arrive."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, literal_column, or_, select, true
from sqlalchemy.orm import Session, aliased, joinedload, load_only
from sqlalchemy.orm.strategy_options import _AbstractLoad

from tracker.clock.calendar import national
from tracker.rules.ladder import PRESSING, office_open
from tracker.store.calendars.versions import Calendars
from tracker.store.core.actors import Actor
from tracker.store.core.base import UtcDateTime
from tracker.store.core.pages import PER_PAGE, Page, count, page_bounds
from tracker.store.core.portions import MOST_VALUES, portions
from tracker.store.models import (
    Alert,
    AlertState,
    Case,
    CaseStep,
    CaseTypeVersion,
    Complainant,
    Document,
    Duty,
    Jurisdiction,
    MemberRole,
    Membership,
    Message,
    MessageState,
    Milestone,
    MilestoneDate,
    Referral,
    Task,
    Unit,
    User,
)
from tracker.store.reminders.due import EVERYWHERE, Places

Recipient = tuple[int | None, int | None]  # a user, or else a unit's own address


# --- Office hours (办公时间) ------------------------------------------------------------------------------------------


def open_offices(calendars: Calendars, now: datetime) -> Places:
    """Return the places at work at `now`, by their own calendars."""
    elsewhere = office_open(now, national())
    apart = (place for place, calendar in calendars.own.items() if office_open(now, calendar) != elsewhere)
    return Places(tuple(sorted(apart)), others=elsewhere)


_told = aliased(Alert)


def _may_leave(offices: Places) -> ColumnElement[bool]:
    """Whether an alert may be mailed: its place is at work, or it is of a clock whose hours run on.

    By a question of its own, so that the statement about alerts keeps its rows and locks.
    """
    if offices == EVERYWHERE:
        return true()
    leaving = _about(select(_told.id).select_from(_told), _told).where(
        or_(
            offices.hold(_place(_told)),
            and_(_told.level.in_(PRESSING), Milestone.due_on.is_(None), Milestone.due_at.is_not(None)),
        )
    )
    return leaving.where(_told.id == Alert.id).correlate(Alert).exists()


# --- What a mail is made of -------------------------------------------------------------------------------------------


def pending_recipients(session: Session, limit: int, offices: Places = EVERYWHERE) -> list[Recipient]:
    """Return for whom alerts wait that may leave now."""
    rows = session.execute(
        select(Alert.user_id, Alert.unit_id)
        .where(Alert.state == AlertState.PENDING, _may_leave(offices))
        .distinct()
        .limit(limit)
    )
    return [(user_id, unit_id) for user_id, unit_id in rows]


def lock_pending(session: Session, recipients: Sequence[Recipient], offices: Places = EVERYWHERE) -> list[Alert]:
    """Return the alerts of some recipients that may leave, with all a mail says of them, locked where rows can be."""
    users = [user_id for user_id, _ in recipients if user_id is not None]
    units = [unit_id for user_id, unit_id in recipients if user_id is None]
    theirs = or_(Alert.user_id.in_(users), and_(Alert.user_id.is_(None), Alert.unit_id.in_(units)))
    return _alerts(session, and_(Alert.state == AlertState.PENDING, theirs, _may_leave(offices)))


def untried(session: Session, recipients: Sequence[Recipient]) -> dict[Recipient, Message]:
    """Return, by recipient, a mail that waits and was never tried, locked: what is new can still be said in it."""
    users = [user_id for user_id, _ in recipients if user_id is not None]
    units = [unit_id for user_id, unit_id in recipients if user_id is None]
    rows = session.scalars(
        select(Message)
        .where(Message.state == MessageState.PENDING, Message.attempts == 0)
        .where(or_(Message.user_id.in_(users), and_(Message.user_id.is_(None), Message.unit_id.in_(units))))
        .order_by(Message.id)
        .with_for_update(skip_locked=True)
    )
    return {(row.user_id, row.unit_id): row for row in rows}


def alerts_in(session: Session, message_ids: Sequence[int]) -> list[Alert]:
    """Return the alerts that mails already written tell of."""
    return _alerts(session, and_(Alert.state == AlertState.IN_MESSAGE, Alert.message_id.in_(message_ids)))


def _alerts(session: Session, wanted: ColumnElement[bool]) -> list[Alert]:
    task = joinedload(Alert.duty).joinedload(Duty.task)
    step = joinedload(Alert.milestone).joinedload(Milestone.case_step)
    query = (
        select(Alert)
        .where(wanted)
        .options(
            joinedload(Alert.duty).joinedload(Duty.unit),
            task.joinedload(Task.document),
            task.joinedload(Task.item),
            joinedload(Alert.milestone).options(joinedload(Milestone.rule), joinedload(Milestone.unit)),
            _case(step.joinedload(CaseStep.case)),
            joinedload(Alert.referral).joinedload(Referral.to_unit),
            _case(joinedload(Alert.referral).joinedload(Referral.case)),
            _case(joinedload(Alert.case)),
            joinedload(Alert.report),
            joinedload(Alert.extension),
            joinedload(Alert.jurisdiction),
            joinedload(Alert.user),
            joinedload(Alert.unit),
        )
        .order_by(Alert.id)
        .with_for_update(of=Alert)
    )
    return list(session.scalars(query))


def _case(case: _AbstractLoad) -> _AbstractLoad:
    """Load of a case what a mail may say: never whom it is from, nor what he wrote."""
    return case.options(
        load_only(
            Case.number,
            Case.reference,
            Case.jurisdiction_id,
            Case.unit_id,
            Case.task_id,
            Case.opened_at,
            raiseload=True,
        ),
        joinedload(Case.unit),
        joinedload(Case.type_version).joinedload(CaseTypeVersion.type),
        joinedload(Case.task).joinedload(Task.document),
    )


def posts_of(session: Session, user_ids: Sequence[int]) -> dict[int, set[tuple[int, MemberRole]]]:
    """Return (unit, role) pairs by user."""
    found: dict[int, set[tuple[int, MemberRole]]] = {}
    for some in portions(user_ids, MOST_VALUES):
        rows = session.execute(
            select(Membership.user_id, Membership.unit_id, Membership.role).where(Membership.user_id.in_(some))
        )
        for user_id, unit_id, role in rows:
            found.setdefault(user_id, set()).add((unit_id, role))
    return found


def current_dates(session: Session, milestone_ids: Sequence[int]) -> dict[int, tuple[MilestoneDate, ...]]:
    """Return, by milestone, the row of the date it has now, and before it that of the date it had before."""
    found: dict[int, tuple[MilestoneDate, ...]] = {}
    for some in portions(milestone_ids, MOST_VALUES):
        rows = session.scalars(
            select(MilestoneDate)
            .join(Milestone, Milestone.id == MilestoneDate.milestone_id)
            .where(MilestoneDate.version.in_((Milestone.version, Milestone.version - 1)))
            .where(MilestoneDate.milestone_id.in_(some))
            .order_by(MilestoneDate.version)
        )
        for row in rows:
            found[row.milestone_id] = (*found.get(row.milestone_id, ()), row)
    return found


def complainants_behind(session: Session, milestone_ids: Sequence[int]) -> dict[int, str]:
    """Return, by milestone of a case, the name of whom the case is from: what no mail may say."""
    found: dict[int, str] = {}
    for some in portions(milestone_ids, MOST_VALUES):
        rows = session.execute(
            select(Milestone.id, Complainant.name)
            .join(CaseStep, Milestone.case_step_id == CaseStep.id)
            .join(Complainant, Complainant.case_id == CaseStep.case_id)
            .where(Milestone.id.in_(some), Complainant.name.is_not(None))
        )
        found |= {row[0]: row[1] or "" for row in rows}
    return found


def supervising_offices(session: Session) -> dict[int, str]:
    """Return, by jurisdiction, the name of the office that supervises there; the place's own name where none does."""
    names: dict[int, str] = {j.id: j.name for j in session.scalars(select(Jurisdiction))}
    offices = session.scalars(select(Unit).where(Unit.supervises.is_(True), Unit.active.is_(True)).order_by(Unit.id))
    seen: set[int] = set()
    for office in offices:
        if office.jurisdiction_id not in seen:
            names[office.jurisdiction_id] = office.name
            seen.add(office.jurisdiction_id)
    return names


# --- Mails to be sent -------------------------------------------------------------------------------------------------


def sendable(now: datetime, offices: Places = EVERYWHERE) -> ColumnElement[bool]:
    """Whether a mail may be claimed: its time has come, or who claimed it let the lease run out.

    What was put off waits for office hours as well, unless it tells of a clock whose hours run on.
    """
    due = or_(
        and_(Message.state == MessageState.PENDING, Message.next_try_at <= now),
        and_(Message.state == MessageState.CLAIMED, Message.lease_until <= now),
    )
    if offices == EVERYWHERE:
        return due
    of_it = select(Alert.id).where(Alert.message_id == Message.id).correlate(Message)
    return and_(due, or_(of_it.where(_may_leave(offices)).exists(), ~of_it.exists()))


def waiting_messages(session: Session, now: datetime, limit: int, offices: Places = EVERYWHERE) -> list[int]:
    """Return mails to claim, the longest waiting first; those another worker is claiming are passed over."""
    return list(
        session.scalars(
            select(Message.id)
            .where(sendable(now, offices))
            .order_by(Message.next_try_at, Message.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )


@dataclass(frozen=True, slots=True)
class Addressed:
    """A claimed mail with the name and address its recipient has now; no address: not to be reached any more."""

    message: Message
    name: str
    address: str | None
    jurisdiction_id: int | None


def addressed(session: Session, message_ids: Sequence[int]) -> list[Addressed]:
    """Return claimed mails with their recipients as they are now, in the order they were written."""
    rows = session.execute(
        select(Message, User, Unit)
        .outerjoin(User, Message.user_id == User.id)
        .outerjoin(Unit, Message.unit_id == Unit.id)
        .where(Message.id.in_(message_ids))
        .order_by(Message.id)
        .execution_options(populate_existing=True)
    ).all()
    telling = _about(select(Alert.message_id, _place())).where(Alert.message_id.in_(message_ids)).distinct()
    places = {message_id: place for message_id, place in session.execute(telling)}
    found = []
    for message, user, unit in rows:
        if user is not None:
            name, address = user.name, user.email if user.active else None
        else:
            name, address = unit.name, unit.email
        if address == (user or unit).refused_address:
            address = None
        found.append(Addressed(message, name, address or None, places.get(message.id)))
    return found


def _place(told: Any = Alert) -> ColumnElement[int]:
    """Return the jurisdiction of what an alert tells of; the alert must be joined to it by `_about`."""
    return func.coalesce(
        Milestone.jurisdiction_id, Document.jurisdiction_id, Case.jurisdiction_id, told.jurisdiction_id
    )


def _about(query: Any, told: Any = Alert) -> Select[Any]:
    joined: Select[Any] = (
        query.outerjoin(Milestone, told.milestone_id == Milestone.id)
        .outerjoin(Duty, told.duty_id == Duty.id)
        .outerjoin(Task, Duty.task_id == Task.id)
        .outerjoin(Document, Task.document_id == Document.id)
        .outerjoin(Referral, told.referral_id == Referral.id)
        .outerjoin(Case, Case.id == func.coalesce(Referral.case_id, told.case_id))
    )
    return joined


# --- What did not go out (未发出的邮件) -------------------------------------------------------------------------------


def same_reader(message: Message) -> ColumnElement[bool]:
    """Whether a mail is to the reader of another."""
    if message.user_id is not None:
        return Message.user_id == message.user_id
    return and_(Message.user_id.is_(None), Message.unit_id == message.unit_id)


def others_put_off(session: Session, message_ids: Sequence[int]) -> bool:
    """Whether mails besides these were tried and have to wait."""
    waiting = (
        exists()
        .where(Message.state == MessageState.PENDING, Message.attempts > 0)
        .where(Message.id.not_in(message_ids))
    )
    return bool(session.scalar(select(waiting)))


def visible_failed(actor: Actor, *roles: MemberRole) -> Select[Message]:
    """Return the mails given up, sent again or not, whose readers are of the places where an actor holds a role."""
    places = actor.jurisdictions(*roles)
    units = select(Unit.id).where(Unit.jurisdiction_id.in_(places))
    users = select(Membership.user_id).where(Membership.unit_id.in_(units))
    theirs = or_(Message.user_id.in_(users), and_(Message.user_id.is_(None), Message.unit_id.in_(units)))
    return select(Message).where(Message.state == MessageState.FAILED, theirs)


def open_failed(actor: Actor, *roles: MemberRole) -> Select[Message]:
    """Return those of them that stand open: neither sent again nor told since."""
    return visible_failed(actor, *roles).where(Message.settled_at.is_(None))


class GivenUp(NamedTuple):
    """An open mail given up, as a supervisor's first page names it."""

    to_address: str
    failed_at: datetime
    last_error: str


def _given_up() -> Select[Any]:
    """Return how `open_failed` is read where one page after another asks it: columns alone, built once."""
    mail, unit, member = (model.__table__.c for model in (Message, Unit, Membership))
    units = select(unit.id).where(unit.jurisdiction_id.in_(bindparam("places", expanding=True)))
    users = select(member.user_id).where(member.unit_id.in_(units))
    return (
        select(mail.to_address, mail.failed_at, mail.last_error)
        # In the words of the partial index.
        .where(mail.state == literal_column("'failed'"), mail.settled_at.is_(None))
        .where(mail.failed_at >= bindparam("since", type_=UtcDateTime()))
        .where(or_(mail.user_id.in_(users), and_(mail.user_id.is_(None), mail.unit_id.in_(units))))
        .order_by(mail.id.desc())
        .limit(bindparam("most"))
    )


_GIVEN_UP = _given_up()


def failed_messages(session: Session, actor: Actor, since: datetime, limit: int = 20) -> list[GivenUp]:
    """Return the open mails given up since an instant to readers of an actor's places, newest first."""
    places = sorted(actor.jurisdictions(MemberRole.SUPERVISOR))
    if not places:
        return []
    rows = session.execute(_GIVEN_UP, {"places": places, "since": since, "most": limit})
    return [GivenUp(row.to_address, row.failed_at, row.last_error or "") for row in rows]


@dataclass(frozen=True, slots=True)
class FailedMail:
    """A mail that did not go out, with its reader's name; `refused` where his address is marked as taking none."""

    message: Message
    reader: str
    refused: bool


def list_failed(session: Session, actor: Actor, roles: Sequence[MemberRole], number: int) -> Page[FailedMail]:
    """Return a page of the open ones, newest first."""
    query = open_failed(actor, *roles)
    total = count(session, query)
    number, offset = page_bounds(total, number)
    rows = session.execute(
        query.add_columns(User, Unit)
        .outerjoin(User, Message.user_id == User.id)
        .outerjoin(Unit, and_(Message.user_id.is_(None), Message.unit_id == Unit.id))
        .order_by(Message.failed_at.desc(), Message.id.desc())
        .limit(PER_PAGE)
        .offset(offset)
    )
    found = [_failed(message, user or unit) for message, user, unit in rows]
    return Page(found, number, total)


def _failed(message: Message, holder: User | Unit) -> FailedMail:
    return FailedMail(
        message, holder.name, holder.refused_address is not None and holder.refused_address == holder.email
    )
