"""The registry of responsible units (单位库): names, aliases, groups."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.reading.names.likeness import normalise
from tracker.reading.plan import NameKind
from tracker.rules.permissions import PlaceAction
from tracker.rules.verbs import Subject, Verb
from tracker.services.core.act import Act
from tracker.services.core.errors import Refused, check_version
from tracker.store.models import Alias, Assignment, GroupMember, Jurisdiction, Unit, UnitGroup, UnitKind
from tracker.store.registry.names import Known


def create_unit(  # noqa: PLR0913 - a unit's parts, each named
    act: Act,
    *,
    jurisdiction_id: int,
    name: str,
    kind: UnitKind = UnitKind.DEPARTMENT,
    aliases: tuple[str, ...] = (),
    email: str | None = None,
    phone: str | None = None,
    code: str | None = None,
    supervises: bool = False,
) -> Unit:
    """Add a unit with its names; refuses a name that already means another body."""
    act.require(PlaceAction.KEEP_REGISTRY, jurisdiction_id)
    name = "".join(name.split())
    if not name:
        raise Refused("请填写单位名称。")
    unit = Unit(
        jurisdiction_id=jurisdiction_id,
        name=name,
        kind=kind,
        email=email or None,
        phone=phone or None,
        code=code,
        supervises=supervises,
    )
    _refuse_taken(act.session, jurisdiction_id, name)
    act.session.add(unit)
    act.session.flush()  # the aliases and the audit entry need its id
    for alias in (name, *aliases):
        add_alias(act.session, jurisdiction_id, alias, unit_id=unit.id)
    after = {"name": name, "kind": kind, "email": email, "aliases": aliases}
    act.record(Verb.UNIT_CREATE, Subject.UNIT, unit.id, jurisdiction_id=jurisdiction_id, after=after)
    return unit


def update_unit(
    act: Act,
    unit: Unit,
    *,
    email: str | None,
    phone: str | None,
    active: bool,
    version: int | None = None,
) -> None:
    """Change a unit's mailbox, telephone, and whether it is in use."""
    act.require(PlaceAction.KEEP_REGISTRY, unit.jurisdiction_id)
    check_version(unit.version, version)
    before = {"email": unit.email, "phone": unit.phone, "active": unit.active}
    unit.email, unit.phone, unit.active = email or None, phone or None, active
    after = {"email": unit.email, "phone": unit.phone, "active": unit.active}
    act.record(
        Verb.UNIT_UPDATE,
        Subject.UNIT,
        unit.id,
        jurisdiction_id=unit.jurisdiction_id,
        before=before,
        after=after,
    )


def create_group(
    act: Act,
    *,
    jurisdiction_id: int,
    name: str,
    member_ids: tuple[int, ...],
    aliases: tuple[str, ...] = (),
) -> UnitGroup:
    """Add a group of units with its names; refuses members of another jurisdiction."""
    act.require(PlaceAction.KEEP_REGISTRY, jurisdiction_id)
    name = "".join(name.split())
    if not name:
        raise Refused("请填写单位组名称。")
    own = select(Unit.id).where(Unit.id.in_(member_ids), Unit.jurisdiction_id == jurisdiction_id)
    if set(member_ids) - set(act.session.scalars(own)):
        raise Refused("成员只能是本辖区的单位。")
    _refuse_taken(act.session, jurisdiction_id, name)
    group = UnitGroup(jurisdiction_id=jurisdiction_id, name=name)
    act.session.add(group)
    act.session.flush()  # members and aliases need its id
    act.session.add_all(GroupMember(group_id=group.id, unit_id=unit_id) for unit_id in dict.fromkeys(member_ids))
    for alias in (name, *aliases):
        add_alias(act.session, jurisdiction_id, alias, group_id=group.id)
    after = {"name": name, "members": list(member_ids), "aliases": aliases}
    act.record(Verb.GROUP_CREATE, Subject.GROUP, group.id, jurisdiction_id=jurisdiction_id, after=after)
    return group


def learn_alias(act: Act, body: Unit | UnitGroup | None, printed: str) -> None:
    """Remember a printed name as another name of a unit or a group, as a supervisor confirmed."""
    if body is None:
        raise Refused("请选择单位。")
    act.require(PlaceAction.KEEP_REGISTRY, body.jurisdiction_id)
    printed = "".join(printed.split())
    if not printed:
        raise Refused("请填写名称。", "printed")
    subject = Subject.UNIT if isinstance(body, Unit) else Subject.GROUP
    if add_alias(act.session, body.jurisdiction_id, printed, **{f"{subject}_id": body.id}):
        act.record(
            Verb.UNIT_ALIAS if subject is Subject.UNIT else Verb.GROUP_ALIAS,
            subject,
            body.id,
            jurisdiction_id=body.jurisdiction_id,
            after={"alias": printed},
        )


def add_alias(
    session: Session, jurisdiction_id: int, printed: str, *, unit_id: int | None = None, group_id: int | None = None
) -> bool:
    """Add one name; True where it is new, False where it already means the same body; refuses a taken one."""
    key = normalise(printed)
    found = session.scalars(select(Alias).where(Alias.jurisdiction_id == jurisdiction_id, Alias.key == key)).first()
    if found is None:
        session.add(
            Alias(jurisdiction_id=jurisdiction_id, key=key, printed=printed, unit_id=unit_id, group_id=group_id)
        )
        session.flush()  # the next alias of the same unit must see this one
        return True
    if (found.unit_id, found.group_id) != (unit_id, group_id):
        raise Refused(f"“{printed}”已是另一单位的名称，同一辖区内名称不能重复。", "printed")
    return False


def _refuse_taken(session: Session, jurisdiction_id: int, name: str) -> None:
    taken = select(Alias.id).where(Alias.jurisdiction_id == jurisdiction_id, Alias.key == normalise(name))
    if session.scalar(taken) is not None:
        raise Refused(f"单位库中已有“{name}”，请直接选用。", "name")


def resolve_everywhere(assignments: list[Assignment], known: Known) -> list[Assignment]:
    """Settle the still unknown names that the registry now knows; returns those settled."""
    settled: list[Assignment] = []
    for assignment in assignments:
        if not assignment.answered:
            assignment.unit_id, assignment.group_id = known.resolve(assignment.printed)
            if assignment.answered:
                assignment.kind = NameKind.UNIT if assignment.unit_id else NameKind.GROUP
                settled.append(assignment)
    return settled


def find_jurisdiction(session: Session, code: str) -> Jurisdiction | None:
    return session.scalars(select(Jurisdiction).where(Jurisdiction.code == code)).one_or_none()
