"""What a mail is made of, which mails wait to be sent, and what a supervisor must know did not arrive."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, joinedload

from tracker.store.actors import Actor
from tracker.store.models import (
    Alert,
    AlertState,
    CaseStep,
    Document,
    Duty,
    Jurisdiction,
    MemberRole,
    Membership,
    Message,
    MessageState,
    Milestone,
    MilestoneDate,
    Task,
    Unit,
    User,
)
from tracker.store.reminders import chunks

Recipient = tuple[int | None, int | None]  # a user, or else a unit's own address


def pending_recipients(session: Session, limit: int) -> list[Recipient]:
    """Return for whom alerts wait."""
    rows = session.execute(
        select(Alert.user_id, Alert.unit_id).where(Alert.state == AlertState.PENDING).distinct().limit(limit)
    )
    return [(user_id, unit_id) for user_id, unit_id in rows]


def lock_pending(session: Session, recipients: Sequence[Recipient]) -> list[Alert]:
    """Return the waiting alerts of some recipients with all a mail says of them, locked where rows can be."""
    users = [user_id for user_id, _ in recipients if user_id is not None]
    units = [unit_id for user_id, unit_id in recipients if user_id is None]
    theirs = or_(Alert.user_id.in_(users), and_(Alert.user_id.is_(None), Alert.unit_id.in_(units)))
    return _alerts(session, and_(Alert.state == AlertState.PENDING, theirs))


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
    query = (
        select(Alert)
        .where(wanted)
        .options(
            joinedload(Alert.duty).joinedload(Duty.unit),
            task.joinedload(Task.document),
            task.joinedload(Task.item),
            joinedload(Alert.milestone).options(
                joinedload(Milestone.rule), joinedload(Milestone.case_step).joinedload(CaseStep.case)
            ),
            joinedload(Alert.user),
            joinedload(Alert.unit),
        )
        .order_by(Alert.id)
        .with_for_update(of=Alert)
    )
    return list(session.scalars(query))


def posts_of(session: Session, user_ids: Sequence[int]) -> dict[int, set[tuple[int, MemberRole]]]:
    """Return (unit, role) pairs by user."""
    found: dict[int, set[tuple[int, MemberRole]]] = {}
    for some in chunks(user_ids):
        rows = session.execute(
            select(Membership.user_id, Membership.unit_id, Membership.role).where(Membership.user_id.in_(some))
        )
        for user_id, unit_id, role in rows:
            found.setdefault(user_id, set()).add((unit_id, role))
    return found


def current_dates(session: Session, milestone_ids: Sequence[int]) -> dict[int, MilestoneDate]:
    """Return, by milestone, the row of the date it has now."""
    found: dict[int, MilestoneDate] = {}
    for some in chunks(milestone_ids):
        rows = session.scalars(
            select(MilestoneDate)
            .join(
                Milestone,
                and_(Milestone.id == MilestoneDate.milestone_id, Milestone.version == MilestoneDate.version),
            )
            .where(MilestoneDate.milestone_id.in_(some))
        )
        found |= {row.milestone_id: row for row in rows}
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


def sendable(now: datetime) -> ColumnElement[bool]:
    """Whether a mail may be claimed: its time has come, or who claimed it let the lease run out."""
    return or_(
        and_(Message.state == MessageState.PENDING, Message.next_try_at <= now),
        and_(Message.state == MessageState.CLAIMED, Message.lease_until <= now),
    )


def waiting_messages(session: Session, now: datetime, limit: int) -> list[int]:
    """Return mails to claim, the longest waiting first; those another worker is claiming are passed over."""
    return list(
        session.scalars(
            select(Message.id)
            .where(sendable(now))
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
    places = dict(
        session.execute(
            select(Alert.message_id, Document.jurisdiction_id)
            .join(Duty, Alert.duty_id == Duty.id)
            .join(Task, Duty.task_id == Task.id)
            .join(Document, Task.document_id == Document.id)
            .where(Alert.message_id.in_(message_ids))
            .distinct()
        ).all()
    )
    found = []
    for message, user, unit in rows:
        if user is not None:
            name, address = user.name, user.email if user.active else None
        else:
            name, address = unit.name, unit.email
        found.append(Addressed(message, name, address or None, places.get(message.id)))
    return found


# --- What a supervisor must know --------------------------------------------------------------------------------------


def failed_messages(session: Session, actor: Actor, since: datetime, limit: int = 20) -> list[Message]:
    """Return the mails given up since an instant that tell of duties an actor supervises, newest first."""
    telling = (
        select(Alert.message_id)
        .join(Duty, Alert.duty_id == Duty.id)
        .join(Task, Duty.task_id == Task.id)
        .join(Document, Task.document_id == Document.id)
        .where(Document.jurisdiction_id.in_(actor.jurisdictions(MemberRole.SUPERVISOR)))
    )
    return list(
        session.scalars(
            select(Message)
            .where(Message.state == MessageState.FAILED, Message.created_at >= since, Message.id.in_(telling))
            .order_by(Message.id.desc())
            .limit(limit)
        )
    )
