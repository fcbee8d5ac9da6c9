"""Who is told (收件人): a unit's officers who can be reached, else its own address; its head when it is late.

Where the mail server refused an officer's address for good, the unit's own address and its head stand in for him.

Every condition belongs to a statement that knows the unit, given as a column.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Exists, and_, case, exists, literal, not_, or_, select
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql import ColumnElement

from tracker.store.models import AlertState, MemberRole, Membership, Unit, User

# A column, whatever it is typed as: of a table, of an alias, or a label.
Column = Any

# Making an alias and its columns costs more than the query it is for, so that each condition has its own, made once.
# None of them stands within itself.
_held, _holder = aliased(Membership), aliased(User)
_own = aliased(Unit)
_cut_off, _cut_off_person = aliased(Membership), aliased(User)
_any_post, _any_person = aliased(Membership), aliased(User)
_in_place, _in_place_person, _in_place_unit = aliased(Membership), aliased(User), aliased(Unit)
_concerned = aliased(Membership)


def holds(user_id: Column, role: MemberRole, unit_id: Column) -> ColumnElement[bool]:
    """Whether a user holds `role` in a unit and can be reached: active, with an address."""
    post, person = _held, _holder
    found = exists().where(
        post.user_id == user_id, post.unit_id == unit_id, post.role == role, *_reachable(post, person)
    )
    return _only_of(found, post, person)


def answers(user_id: Column, unit_id: Column, officer_id: Column | None = None) -> ColumnElement[bool]:
    """Whether a user is told of what a unit has to do: its own officer, or any where it has none to reach.

    The unit's head is told as well where the officer's address was refused.
    """
    officer = holds(user_id, MemberRole.OFFICER, unit_id)
    if officer_id is not None:
        officer = and_(officer, or_(officer_id == user_id, not_(holds(officer_id, MemberRole.OFFICER, unit_id))))
    return or_(officer, and_(refused(unit_id, officer_id), holds(user_id, MemberRole.HEAD, unit_id)))


def nobody(unit_id: Column, officer_id: Column | None = None) -> ColumnElement[bool]:
    """Whether a unit's own address is told: no officer can be reached, or the address of one was refused.

    A unit without an address of its own whose head stands in lacks nobody.
    """
    cut_off = refused(unit_id, officer_id)
    head = and_(cut_off, _anybody(MemberRole.HEAD, unit_id))
    has_own = exists().where(_own.id == unit_id, *usable(_own))
    return or_(and_(cut_off, has_own), and_(~_anybody(MemberRole.OFFICER, unit_id), ~head))


def unreached(session: Session, unit_ids: Collection[int]) -> list[str]:
    """Return the names of those units that no mail would reach: nobody signs for them, and they have no address."""
    lacking = select(Unit.name).where(Unit.id.in_(unit_ids), nobody(Unit.id), ~has_address())
    return list(session.scalars(lacking.order_by(Unit.name)))


def refused(unit_id: Column, officer_id: Column | None = None) -> ColumnElement[bool]:
    """Whether the address of an officer who would be told was refused for good."""
    post, person = _cut_off, _cut_off_person
    cut_off = exists().where(
        post.unit_id == unit_id,
        post.role == MemberRole.OFFICER,
        person.id == post.user_id,
        person.active.is_(True),
        person.refused_address == person.email,
    )
    if officer_id is not None:
        own = or_(officer_id == person.id, not_(holds(officer_id, MemberRole.OFFICER, unit_id)))
        cut_off = cut_off.where(own)
    return _only_of(cut_off, post, person)


def _anybody(role: MemberRole, unit_id: Column) -> ColumnElement[bool]:
    post, person = _any_post, _any_person
    return _only_of(exists().where(post.unit_id == unit_id, post.role == role, *_reachable(post, person)), post, person)


def headed(unit_id: Column) -> ColumnElement[bool]:
    """Whether a unit has a head who can be reached."""
    return _anybody(MemberRole.HEAD, unit_id)


def administers(user_id: Column, jurisdiction_id: Column) -> ColumnElement[bool]:
    """Whether a user is an administrator of a place and can be reached."""
    return holds_in_place(user_id, MemberRole.ADMINISTRATOR, jurisdiction_id)


def holds_in_place(user_id: Column, role: MemberRole, jurisdiction_id: Column) -> ColumnElement[bool]:
    """Whether a user holds `role` in some unit of a place and can be reached."""
    post, person, unit = _in_place, _in_place_person, _in_place_unit
    found = exists().where(
        post.user_id == user_id,
        post.role == role,
        unit.id == post.unit_id,
        unit.jurisdiction_id == jurisdiction_id,
        *_reachable(post, person),
    )
    return _only_of(found, post, person, unit)


def unconcerned(user_id: Column, accused_unit_id: Column) -> ColumnElement[bool]:
    """Whether a user has no post in the unit a case complains of, which must not learn of it by a reminder."""
    post = _concerned
    return or_(accused_unit_id.is_(None), ~exists().where(post.user_id == user_id, post.unit_id == accused_unit_id))


def has_address() -> ColumnElement[bool]:
    """Whether the statement's Unit has an address of its own that takes mails."""
    return case((and_(*usable(Unit)), literal(True)), else_=literal(False))


def address_told(said: Any) -> ColumnElement[bool]:
    """Whether an alert to a unit's address stands: one that could not be told does until the unit has an address."""
    return or_(
        said.state.in_((AlertState.PENDING, AlertState.IN_MESSAGE)),
        and_(said.state == AlertState.UNREACHABLE, ~has_address()),
    )


def _only_of(found: Exists, *own: Any) -> ColumnElement[bool]:
    """Take every other table of a condition from the statement it stands in, however far out that is.

    Left to itself a condition within a condition takes them afresh: any duty's officer for this one's.
    """
    return found.correlate_except(*own)


def _reachable(post: Any, person: Any) -> tuple[ColumnElement[bool], ...]:
    return person.id == post.user_id, person.active.is_(True), *usable(person)


def usable(holder: Any) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of a user or unit having an address the mail server did not refuse for good."""
    return holder.email != "", or_(holder.refused_address.is_(None), holder.refused_address != holder.email)
