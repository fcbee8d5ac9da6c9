"""What may have to be told (提醒): one thing and one reader, and what the worker's questions have in common."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, literal, null, or_, select
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql import ColumnElement

from tracker.rules.ladder import LadderBounds, Level, Reader
from tracker.store.models import Alert, AlertState, MemberRole, Membership, Unit, User
from tracker.store.reminders.recipients import has_address, usable

# Who may answer for a unit; its head where the officer's address was refused.
ANSWERING = (MemberRole.OFFICER, MemberRole.HEAD)
# The alert by which a reader was told, of whatever: made once, as in recipients.
SAID = aliased(Alert)
_office = aliased(Unit)
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


def dues(session: Session, query: Select[Any], **parameters: Any) -> Iterator[Due]:
    """Return what a query finds; it names its columns as Due does."""
    return (Due(**row._mapping) for row in session.execute(query, parameters))


def person(role: Any = Membership.role) -> tuple[Any, ...]:
    """Return the columns of a reader who is a person, told for the post that is joined."""
    return (
        Membership.user_id.label("user_id"),
        Membership.unit_id.label("unit_id"),
        literal(True).label("reachable"),
        role.label("role"),
    )


def address() -> tuple[Any, ...]:
    """Return the columns of a reader that is a unit's own address."""
    return null().label("user_id"), Unit.id.label("unit_id"), has_address().label("reachable")


def overseen(query: Select[Any], place: Any) -> Select[Any]:
    """Join to a query the posts in a place's units of everybody there who can be reached."""
    office = _office
    return (
        query.join(office, office.jurisdiction_id == place)
        .join(Membership, Membership.unit_id == office.id)
        .join(User, and_(User.id == Membership.user_id, User.active.is_(True), User.email != ""))
    )


def said_this_week(said: Any, limits: LadderBounds) -> ColumnElement[bool]:
    """Whether an alert says this week what is said every week; what reaches nobody is kept once and for all weeks."""
    return and_(
        said.level == Level.WEEKLY,
        or_(said.created_at >= limits.week_at, said.state == AlertState.UNREACHABLE),
    )


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
