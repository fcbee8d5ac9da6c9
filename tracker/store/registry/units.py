"""The registry as pages show it: lists of units and groups, their names, members and people."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import Session, joinedload

from tracker.reading.names.likeness import normalise
from tracker.store.core.actors import Actor
from tracker.store.core.pages import PER_PAGE, Page, count, page_bounds
from tracker.store.core.visible import visible_units
from tracker.store.models import (
    Alias,
    GroupMember,
    Jurisdiction,
    MemberRole,
    Membership,
    Unit,
    UnitGroup,
    UnitKind,
    User,
)

# The order of the kinds as a registry prints them: departments first, what is neither here nor there last.
KIND_ORDER = case(*((Unit.kind == kind, place) for place, kind in enumerate(UnitKind)), else_=len(UnitKind))


def list_places(session: Session) -> list[Jurisdiction]:
    """Return every place that has a registry; they are few."""
    return list(session.scalars(select(Jurisdiction).order_by(Jurisdiction.id)))


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One line of the registry: the unit, its other names, and how many people it has."""

    unit: Unit
    names: list[str]
    people: int


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group with its members and its other names."""

    group: UnitGroup
    members: list[Unit]
    names: list[str]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works in a unit."""

    name: str
    login: str
    role: MemberRole
    active: bool


@dataclass(frozen=True, slots=True)
class Choices:
    """What a name may mean in one jurisdiction: units and groups (with the number of members), for selects."""

    units: list[tuple[int, str, UnitKind]]
    groups: list[tuple[int, str, int]]
    unit_names: dict[int, str] = field(default_factory=dict)
    group_names: dict[int, str] = field(default_factory=dict)
    group_sizes: dict[int, int] = field(default_factory=dict)


def list_units(
    session: Session,
    actor: Actor,
    words: str | None = None,
    jurisdiction_id: int | None = None,
    number: int = 1,
    per_page: int = PER_PAGE,
) -> Page[UnitRow]:
    """Return one page of the registry an actor may see; `words` are looked for in every name of a unit."""
    query = visible_units(actor)
    if jurisdiction_id is not None:
        query = query.where(Unit.jurisdiction_id == jurisdiction_id)
    if words and words.strip():
        key = normalise(words)
        named = select(Alias.unit_id).where(Alias.unit_id.is_not(None), Alias.key.contains(key, autoescape=True))
        query = query.where(or_(Unit.id.in_(named), Unit.name.contains(words.strip(), autoescape=True)))
    total = count(session, query)
    number, offset = page_bounds(total, number, per_page)
    rows = list(
        session.scalars(
            query.options(joinedload(Unit.jurisdiction))
            .order_by(Unit.jurisdiction_id, KIND_ORDER, Unit.id)
            .offset(offset)
            .limit(per_page)
        )
    )
    names, people = other_names(session, [u.id for u in rows]), _people_count(session, [u.id for u in rows])
    made = [UnitRow(u, [n for n in names.get(u.id, []) if n != u.name], people.get(u.id, 0)) for u in rows]
    return Page(made, number, total, per_page)


def other_names(session: Session, unit_ids: Collection[int]) -> dict[int, list[str]]:
    """Return every printed name of units, by unit."""
    found: dict[int, list[str]] = {}
    for alias in session.scalars(select(Alias).where(Alias.unit_id.in_(unit_ids)).order_by(Alias.id)):
        found.setdefault(alias.unit_id or 0, []).append(alias.printed)
    return found


def _people_count(session: Session, unit_ids: Collection[int]) -> dict[int, int]:
    rows = session.execute(
        select(Membership.unit_id, func.count(Membership.user_id.distinct()))
        .join(User, Membership.user_id == User.id)
        .where(Membership.unit_id.in_(unit_ids), User.active.is_(True))
        .group_by(Membership.unit_id)
    )
    return {row[0]: row[1] for row in rows}


def find_unit(session: Session, actor: Actor, unit_id: int) -> Unit | None:
    """Return a unit the actor may see; None for a stranger."""
    return session.scalars(
        visible_units(actor).where(Unit.id == unit_id).options(joinedload(Unit.jurisdiction))
    ).one_or_none()


def people_of(session: Session, unit_id: int) -> list[Person]:
    """Return who works in a unit."""
    rows = session.execute(
        select(User.name, User.login, Membership.role, User.active)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.unit_id == unit_id)
        .order_by(Membership.role, User.id)
    )
    return [Person(*row) for row in rows]


def groups_of_unit(session: Session, unit_id: int) -> list[UnitGroup]:
    """Return the groups a unit belongs to."""
    return list(
        session.scalars(
            select(UnitGroup)
            .join(GroupMember, GroupMember.group_id == UnitGroup.id)
            .where(GroupMember.unit_id == unit_id)
            .order_by(UnitGroup.id)
        )
    )


def list_groups(session: Session, jurisdiction_ids: Iterable[int]) -> list[GroupRow]:
    """Return the groups of jurisdictions with members and names."""
    ids = set(jurisdiction_ids)
    groups = list(
        session.scalars(
            select(UnitGroup)
            .where(UnitGroup.jurisdiction_id.in_(ids))
            .order_by(UnitGroup.jurisdiction_id, UnitGroup.id)
        )
    )
    held = [g.id for g in groups]
    members: dict[int, list[Unit]] = {}
    rows = session.execute(
        select(GroupMember.group_id, Unit)
        .join(Unit, GroupMember.unit_id == Unit.id)
        .where(GroupMember.group_id.in_(held))
        .order_by(GroupMember.group_id, Unit.id)
    )
    for group_id, unit in rows:
        members.setdefault(group_id, []).append(unit)
    names: dict[int, list[str]] = {}
    for alias in session.scalars(select(Alias).where(Alias.group_id.in_(held)).order_by(Alias.id)):
        names.setdefault(alias.group_id or 0, []).append(alias.printed)
    return [GroupRow(g, members.get(g.id, []), [n for n in names.get(g.id, []) if n != g.name]) for g in groups]


def members_of(session: Session, group_ids: Collection[int]) -> dict[int, list[int]]:
    """Return the members in use of groups, by group; a group without any has an empty list."""
    members: dict[int, list[int]] = {group_id: [] for group_id in group_ids}
    rows = session.scalars(
        select(GroupMember)
        .join(Unit, GroupMember.unit_id == Unit.id)
        .where(GroupMember.group_id.in_(list(members)), Unit.active.is_(True))
        .order_by(GroupMember.group_id, GroupMember.unit_id)
    )
    for row in rows:
        members[row.group_id].append(row.unit_id)
    return members


def choices(session: Session, jurisdiction_id: int) -> Choices:
    """Return the units in use and the groups of a jurisdiction, by two queries."""
    units = [
        (row[0], row[1], row[2])
        for row in session.execute(
            select(Unit.id, Unit.name, Unit.kind)
            .where(Unit.jurisdiction_id == jurisdiction_id, Unit.active.is_(True))
            .order_by(KIND_ORDER, Unit.id)
        )
    ]
    groups = [
        (row[0], row[1], row[2])
        for row in session.execute(
            select(UnitGroup.id, UnitGroup.name, func.count(Unit.id))
            .outerjoin(GroupMember, GroupMember.group_id == UnitGroup.id)
            .outerjoin(Unit, and_(Unit.id == GroupMember.unit_id, Unit.active.is_(True)))
            .where(UnitGroup.jurisdiction_id == jurisdiction_id)
            .group_by(UnitGroup.id, UnitGroup.name)
            .order_by(UnitGroup.id)
        )
    ]
    return Choices(
        units,
        groups,
        {i: name for i, name, _ in units},
        {i: name for i, name, _ in groups},
        {i: size for i, _, size in groups},
    )
