"""The registry: one name means one body of a place, and seeding it again changes nothing."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from config import ROOT
from tests.kit.kept import rows_of
from tests.kit.world import NOW, World
from tracker.services.core.act import begin
from tracker.services.core.errors import NotPermitted, Refused, Stale
from tracker.services.demo import seeding
from tracker.services.registry import units
from tracker.store.core.actors import SYSTEM
from tracker.store.models import (
    Alias,
    AuditEntry,
    GroupMember,
    Jurisdiction,
    Unit,
    UnitGroup,
    UnitKind,
)
from tracker.store.registry.names import known_names


def create(session: Session, world: World, name: str, *aliases: str, who: str = "supervisor") -> Unit:
    return units.create_unit(
        begin(session, world.actor(who), NOW), jurisdiction_id=world.jurisdiction.id, name=name, aliases=aliases
    )


def resolve(session: Session, world: World, name: str) -> int | None:
    session.flush()
    return known_names(session, world.jurisdiction.id).resolve(name)[0]


# --- Names -----------------------------------------------------------------------------------------------------------


def test_a_unit_is_found_under_each_of_its_names(world: World, session: Session) -> None:
    unit = create(session, world, "市卫生健康委", "市卫健委", "市卫生健康委员会")
    for name in ("市卫生健康委", "市卫健委", "市卫生健康委员会"):
        assert resolve(session, world, name) == unit.id
    assert resolve(session, world, "市卫健局") is None


@pytest.mark.parametrize(
    ("printed", "sought"),
    [
        ("市市场监管局〔市知识产权局〕", "市市场监管局（市知识产权局）"),
        ("市市场监管局（市知识产权局）", "市市场监管局(市知识产权局)"),
        ("市 大数据 局", "市大数据局"),
        ("市大数据局", "市大\n数据局"),
    ],
)
def test_widths_brackets_and_blanks_do_not_make_another_name(
    world: World, session: Session, printed: str, sought: str
) -> None:
    unit = create(session, world, printed)
    assert resolve(session, world, sought) == unit.id
    with pytest.raises(Refused, match="已有"):
        create(session, world, sought)


@pytest.mark.parametrize("name", ["市工业和信息化局", "市工信局", "市 工信局", "各县区政府", "", "  "])
def test_a_taken_or_empty_name_is_refused(world: World, session: Session, name: str) -> None:
    before = session.scalar(select(func.count()).select_from(Unit))
    with pytest.raises(Refused):
        create(session, world, name)
    with pytest.raises(Refused):
        units.create_group(
            begin(session, world.actor("supervisor"), NOW),
            jurisdiction_id=world.jurisdiction.id,
            name=name,
            member_ids=(world.units["dxj"].id,),
        )
    assert session.scalar(select(func.count()).select_from(Unit)) == before


def test_an_alias_means_one_body_and_learning_it_again_is_nothing(world: World, session: Session) -> None:
    boss, gxj, czj = world.actor("supervisor"), world.units["gxj"], world.units["czj"]
    units.learn_alias(begin(session, boss, NOW), gxj, " 市工 信委 ")
    session.flush()
    assert session.scalars(select(AuditEntry.after).where(AuditEntry.verb == "unit.alias")).all() == [
        {"alias": "市工信委"}
    ]
    units.learn_alias(begin(session, boss, NOW), gxj, "市工信委")
    assert resolve(session, world, "市工信委") == gxj.id
    assert session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.verb == "unit.alias")) == 1
    with pytest.raises(Refused, match="已是另一单位的名称"):
        units.learn_alias(begin(session, boss, NOW), czj, "市工信委")
    with pytest.raises(Refused, match="已是另一单位的名称"):
        units.learn_alias(begin(session, boss, NOW), czj, "各县区政府")
    with pytest.raises(Refused):
        units.learn_alias(begin(session, boss, NOW), czj, "  ")
    assert resolve(session, world, "市工信委") == gxj.id


def test_a_group_may_have_another_name_too(world: World, session: Session) -> None:
    group = session.scalars(select(UnitGroup)).one()
    units.learn_alias(begin(session, world.actor("supervisor"), NOW), group, "各县（区）政府")
    assert known_names(session, world.jurisdiction.id).resolve("各县(区)政府") == (None, group.id)


def test_the_database_itself_keeps_a_name_single(world: World, session: Session) -> None:
    gxj = session.scalars(select(Alias).where(Alias.printed == "市工信局")).one()
    session.add(
        Alias(jurisdiction_id=world.jurisdiction.id, key=gxj.key, printed="市工信局", unit_id=world.units["czj"].id)
    )
    with pytest.raises(IntegrityError):
        session.flush()


def test_another_place_may_use_the_same_names(world: World, session: Session) -> None:
    place = Jurisdiction(code="990200", name="另一市", level="city")
    session.add(place)
    session.flush()
    theirs = units.create_unit(
        begin(session, SYSTEM, NOW), jurisdiction_id=place.id, name="市财政局", aliases=("市工信局",)
    )
    assert resolve(session, world, "市工信局") == world.units["gxj"].id
    assert known_names(session, place.id).resolve("市工信局") == (theirs.id, None)


def test_the_nearest_names_are_offered_each_unit_once(world: World, session: Session) -> None:
    found = known_names(session, world.jurisdiction.id).nearest("市工信委")
    assert found
    assert found[0][1] == world.units["gxj"].id
    assert len({unit for _, unit in found}) == len(found) <= 3


# --- Who keeps it ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["lead", "head", "leader", "auditor", "stranger"])
def test_only_supervisor_and_administrator_keep_the_registry(world: World, session: Session, who: str) -> None:
    actor, unit = world.actor(who), session.get_one(Unit, world.units["gxj"].id)
    with pytest.raises(NotPermitted):
        create(session, world, "市新局", who=who)
    with pytest.raises(NotPermitted):
        units.update_unit(begin(session, actor, NOW), unit, email=None, phone=None, active=True)
    with pytest.raises(NotPermitted):
        units.learn_alias(begin(session, actor, NOW), unit, "市工信委")
    with pytest.raises(NotPermitted):
        units.create_group(
            begin(session, actor, NOW), jurisdiction_id=world.jurisdiction.id, name="组", member_ids=(unit.id,)
        )


@pytest.mark.parametrize("who", ["supervisor", "administrator"])
def test_mailbox_telephone_and_use_are_changed_by_a_fresh_form(world: World, session: Session, who: str) -> None:
    unit = session.get_one(Unit, world.units["zjj"].id)
    shown = unit.version
    units.update_unit(
        begin(session, world.actor(who), NOW),
        unit,
        email="zjj@mou.example",
        phone="0412-1",
        active=False,
        version=shown,
    )
    session.flush()
    assert (unit.email, unit.phone, unit.active) == ("zjj@mou.example", "0412-1", False)
    (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.verb == "unit.update"))
    assert (entry.before, entry.after) == (
        {"email": None, "phone": None, "active": True},
        {"email": "zjj@mou.example", "phone": "0412-1", "active": False},
    )
    with pytest.raises(Stale):
        units.update_unit(
            begin(session, world.actor(who), NOW), unit, email=None, phone=None, active=True, version=shown
        )
    # An emptied field is no address: nobody is written to at "".
    units.update_unit(begin(session, world.actor(who), NOW), unit, email="", phone="", active=True)
    assert (unit.email, unit.phone) == (None, None)


def test_a_group_holds_units_of_its_own_place_each_once(world: World, session: Session) -> None:
    place = Jurisdiction(code="990200", name="另一市", level="city")
    session.add(place)
    session.flush()
    theirs = Unit(jurisdiction_id=place.id, name="另一市财政局")
    session.add(theirs)
    session.flush()
    mine = world.units["dxj"].id
    with pytest.raises(Refused, match="本辖区"):
        units.create_group(
            begin(session, world.actor("supervisor"), NOW),
            jurisdiction_id=world.jurisdiction.id,
            name="组",
            member_ids=(mine, theirs.id),
        )
    group = units.create_group(
        begin(session, world.actor("supervisor"), NOW),
        jurisdiction_id=world.jurisdiction.id,
        name="组",
        member_ids=(mine, mine),
    )
    session.flush()
    assert session.scalars(select(GroupMember.unit_id).where(GroupMember.group_id == group.id)).all() == [mine]


# --- Seeding ---------------------------------------------------------------------------------------------------------

PLACE: dict[str, Any] = {
    "jurisdiction": {"code": "990300", "name": "第三市", "level": "city", "parent": "某省"},
    "unit": [
        {"code": "a", "name": "市发展改革委", "kind": "department", "aliases": ["市发改委"], "email": "a@x.example"},
        {"code": "b", "name": "北县政府", "kind": "county"},
        {"code": "c", "name": "市优化营商环境办", "kind": "office", "supervises": True},
    ],
    "group": [{"name": "各县政府", "members": ["b"], "aliases": ["各县人民政府"]}],
}


def kept(session: Session) -> dict[str, Any]:
    """Return everything in the registry's tables."""
    session.flush()
    rows = rows_of(session)
    return {name: rows[name] for name in ("jurisdictions", "units", "unit_groups", "group_members", "aliases")}


def test_the_seeds_of_this_checkout_load_and_loading_them_again_changes_nothing(session: Session) -> None:
    places = seeding.read_seeds(ROOT / "seeds")
    made = seeding.seed_registry(session, NOW, places)
    assert made.jurisdictions == len(places) >= 4
    assert made.units > 150
    session.commit()
    before = kept(session)
    trail = session.scalar(select(func.count()).select_from(AuditEntry))
    again = seeding.seed_registry(session, NOW + timedelta(days=1), places)
    assert (again.jurisdictions, again.units, again.groups) == (0, 0, 0)
    assert kept(session) == before
    assert session.scalar(select(func.count()).select_from(AuditEntry)) == trail
    # Every place has exactly one office that supervises, so that a demonstration can be given one.
    offices = session.execute(
        select(Unit.jurisdiction_id, func.count()).where(Unit.supervises).group_by(Unit.jurisdiction_id)
    )
    assert {number for _, number in offices} == {1}


def test_what_people_changed_stays_as_it_is(session: Session) -> None:
    seeding.seed_registry(session, NOW, [PLACE])
    unit = session.scalars(select(Unit).where(Unit.code == "a")).one()
    unit.email, unit.active = "new@x.example", False
    session.commit()
    seeding.seed_registry(session, NOW, [PLACE])
    session.refresh(unit)
    assert (unit.email, unit.active, unit.name) == ("new@x.example", False, "市发展改革委")


def test_new_entries_of_a_later_version_are_added(session: Session) -> None:
    seeding.seed_registry(session, NOW, [PLACE])
    later = {
        **PLACE,
        "unit": [*PLACE["unit"], {"code": "d", "name": "市数据局", "kind": "department", "aliases": ["市大数据局"]}],
        "group": [*PLACE["group"], {"name": "市直各部门", "members": ["a", "d"]}],
    }
    later["unit"][0] = {**PLACE["unit"][0], "aliases": ["市发改委", "市发展和改革委员会"]}
    made = seeding.seed_registry(session, NOW, [later])
    assert (made.jurisdictions, made.units, made.groups) == (0, 1, 1)
    place = session.scalars(select(Jurisdiction)).one()
    known = known_names(session, place.id)
    assert known.resolve("市发展和改革委员会")[0] == session.scalars(select(Unit.id).where(Unit.code == "a")).one()


def test_a_name_that_people_gave_to_another_body_is_left_to_it(session: Session) -> None:
    """A start of the product seeds again: a supervisor's decision in between must not stop it."""
    seeding.seed_registry(session, NOW, [{**PLACE, "unit": PLACE["unit"][1:], "group": []}])
    place = session.scalars(select(Jurisdiction)).one()
    other = session.scalars(select(Unit).where(Unit.code == "c")).one()
    units.learn_alias(begin(session, SYSTEM, NOW), other, "市发改委")  # an alias of the unit that comes later
    units.create_unit(begin(session, SYSTEM, NOW), jurisdiction_id=place.id, name="各县政府", kind=UnitKind.OTHER)
    made = seeding.seed_registry(session, NOW, [PLACE])
    known = known_names(session, place.id)
    assert known.resolve("市发改委") == (other.id, None)
    assert known.resolve("市发展改革委")[0] == session.scalars(select(Unit.id).where(Unit.code == "a")).one()
    assert (made.units, made.groups) == (1, 0)
    # And once more, now that the unit is in.
    assert seeding.seed_registry(session, NOW, [PLACE]).units == 0


def test_a_unit_people_created_before_the_seeds_knew_it_is_that_unit(session: Session) -> None:
    seeding.seed_registry(session, NOW, [{**PLACE, "unit": PLACE["unit"][1:]}])
    place = session.scalars(select(Jurisdiction)).one()
    made = units.create_unit(
        begin(session, SYSTEM, NOW), jurisdiction_id=place.id, name="市发展改革委", email="own@x.example"
    )
    seeded = seeding.seed_registry(session, NOW, [PLACE])
    assert seeded.units == 0
    session.flush()
    assert (made.code, made.email) == ("a", "own@x.example")
    assert known_names(session, place.id).resolve("市发改委")[0] == made.id


def test_no_seeds_are_no_error(session: Session, tmp_path: Path) -> None:
    assert seeding.read_seeds(tmp_path) == []
    assert seeding.seed_registry(session, NOW, []).units == 0
