"""Many printed names answered at once: each by itself, and nothing learned that nobody was shown."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.kit.world import NOW, World
from tests.services.documents.test_confirmation import another, asks, edition_of, measure_of
from tracker.reading.names.candidates import Closeness
from tracker.services.core.act import begin
from tracker.services.core.errors import NotPermitted
from tracker.services.documents.names import NameAnswer, settle_names
from tracker.store.documents.drafts import Ask
from tracker.store.models import AuditEntry, Unit, UnitKind
from tracker.store.registry.names import known_names

UNKNOWN = ("市工业局", "市数据局", "市水务集团")


def three_unknown(read: dict[str, Any]) -> None:
    """Print three names nobody knows, the first in two measures."""
    for place, name in ((0, UNKNOWN[0]), (2, UNKNOWN[1]), (3, UNKNOWN[0]), (5, UNKNOWN[2])):
        read["measures"][place]["items"][0]["assignments"][0]["unit"] = name


def settled(session: Session, world: World, document: Any, *given: NameAnswer, who: str = "supervisor") -> Any:
    return settle_names(begin(session, world.actor(who), NOW), edition_of(session, world, document), given)


def test_several_names_are_answered_at_once(draft: World, session: Session) -> None:
    document = another(session, draft, three_unknown)
    chosen = (draft.units["jyj"].id, draft.units["czj"].id)
    done = settled(
        session,
        draft,
        document,
        NameAnswer("市工业局", unit_id=draft.units["gxj"].id, remember=True),
        NameAnswer("市数据局", create=True, email="sjj@mou.example", phone="0412-1234567"),
        NameAnswer("市水务集团", create=True, sort=UnitKind.ENTERPRISE),
        NameAnswer("各有关部门", chosen=chosen),
    )
    assert (done.names, done.places, done.refused) == (4, 5, {})
    assert asks(session, draft, document=document) == []
    made = session.scalars(select(Unit).where(Unit.name == "市数据局")).one()
    assert (made.email, made.phone, made.kind) == ("sjj@mou.example", "0412-1234567", UnitKind.DEPARTMENT)
    assert session.scalars(select(Unit.kind).where(Unit.name == "市水务集团")).one() is UnitKind.ENTERPRISE
    assert known_names(session, draft.jurisdiction.id).resolve("市工业局") == (draft.units["gxj"].id, None)


def test_one_that_is_refused_leaves_the_others_be_and_itself_unchanged(draft: World, session: Session) -> None:
    document = another(session, draft, three_unknown)
    before = session.scalar(select(func.count()).select_from(AuditEntry))
    done = settled(
        session,
        draft,
        document,
        NameAnswer("市工业局", unit_id=999_999, remember=True),
        NameAnswer("市数据局", create=True),
        NameAnswer("没有印过的名称", create=True),
        NameAnswer("各有关部门", chosen=(999_999,)),
    )
    assert (done.names, done.places) == (1, 1)
    assert set(done.refused) == {"市工业局", "没有印过的名称", "各有关部门"}
    left = [key for ask, key in asks(session, draft, document=document) if ask in (Ask.UNKNOWN_UNIT, Ask.COLLECTIVE)]
    assert left == ["一.1", "一.4", "一.5", "一.6"]
    assert known_names(session, draft.jurisdiction.id).resolve("市工业局") == (None, None)
    assert session.scalars(select(Unit).where(Unit.name == "没有印过的名称")).all() == []
    verbs = session.scalars(select(AuditEntry.verb).order_by(AuditEntry.id)).all()[before:]
    assert verbs == ["unit.create", "name.settle"]


def test_the_trail_says_whether_a_name_was_learned(draft: World, session: Session) -> None:
    document = another(session, draft, three_unknown)
    settled(session, draft, document, NameAnswer("市工业局", unit_id=draft.units["gxj"].id))
    entry = session.scalars(select(AuditEntry).where(AuditEntry.verb == "name.settle")).one()
    assert entry.after == {"printed": "市工业局", "unit": "市工业和信息化局", "times": 2, "learned": False}
    assert measure_of(session, draft, "一.4", document).items[0].assignments[0].unit_id == draft.units["gxj"].id


@pytest.mark.parametrize("who", ["lead", "stranger", "leader", "auditor", "head"])
def test_only_a_supervisor_says_whom_names_mean(draft: World, session: Session, who: str) -> None:
    document = another(session, draft, three_unknown)
    with pytest.raises(NotPermitted):
        settled(session, draft, document, NameAnswer("市数据局", create=True), who=who)


def test_the_nearest_bodies_are_offered_once_each_with_how_near_they_are(draft: World, session: Session) -> None:
    offered = known_names(session, draft.jurisdiction.id).offered("市工信委")
    assert offered[0].unit_id == draft.units["gxj"].id
    assert len({(o.unit_id, o.group_id) for o in offered}) == len(offered)
    (group, *_) = known_names(session, draft.jurisdiction.id).offered("各县（市）区政府")
    assert group.group_id is not None
    assert isinstance(group.closeness, Closeness)
