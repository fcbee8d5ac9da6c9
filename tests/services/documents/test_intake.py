"""Sources come in once, and a plan nearly like one already in is asked about."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from tests.kit.world import NOW, TEXT, World, plan
from tracker.reading.plan import NameKind
from tracker.services.core.act import begin
from tracker.services.core.errors import NotPermitted, Refused
from tracker.services.documents import intake
from tracker.services.documents.rows import first_words
from tracker.store.core.actors import Actor, Post
from tracker.store.core.engine import Database
from tracker.store.models import (
    Assignment,
    AuditEntry,
    Document,
    DocumentState,
    Edition,
    Item,
    Jurisdiction,
    Measure,
    MemberRole,
    PlanAnswer,
    PlanReading,
    Source,
)


def a_source(world: World, text: str = "另一份", plans: list[dict[str, Any]] | None = None) -> intake.NewSource:
    """Return an upload of the given text; its plans are those of the world unless said otherwise."""
    return intake.NewSource(
        jurisdiction_id=world.jurisdiction.id,
        filename="文件.txt",
        pasted=False,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        size=len(text.encode()),
        encoding="utf-8",
        text=text,
        plans=[plan()] if plans is None else plans,
    )


def open_plan(
    session: Session,
    world: World,
    source: Source,
    answer: PlanAnswer | None = None,
    who: str = "supervisor",
    n: int = 0,
) -> Document | None:
    made = intake.choose_plan(begin(session, world.actor(who), NOW), source.plans[0], source, answer)
    session.flush()
    return made


def supervisor_of(world: World, jurisdiction_id: int) -> Actor:
    """Return the world's supervisor as one of another place."""
    return Actor(
        world.people["supervisor"].id,
        "督查员",
        (Post(world.units["jfb"].id, "减负办", jurisdiction_id, MemberRole.SUPERVISOR),),
    )


def elsewhere(session: Session) -> Jurisdiction:
    place = Jurisdiction(code="990200", name="另一市", level="city")
    session.add(place)
    session.flush()
    return place


# --- Taking in -------------------------------------------------------------------------------------------------------


def test_a_source_keeps_its_text_and_every_plan_read_from_it(draft: World, session: Session) -> None:
    second = {**plan(), "plan": "第二个方案", "measures": plan()["measures"][:2]}
    source = intake.take_in(
        begin(session, draft.actor("supervisor"), NOW),
        a_source(draft, plans=[plan(), {**plan(), "measures": []}, second]),
    )
    session.commit()
    kept = session.scalars(select(Source).where(Source.id == source.id).options(undefer(Source.text))).one()
    assert (kept.text, kept.uploaded_by_id, kept.uploaded_at) == ("另一份", draft.people["supervisor"].id, NOW)
    assert [(p.ordinal, p.title, p.measure_count) for p in source.plans] == [
        (1, "某市减轻企业负担若干措施", 6),
        (3, "第二个方案", 2),
    ]
    (entry,) = session.scalars(
        select(AuditEntry).where(AuditEntry.verb == "source.take_in", AuditEntry.subject_id == source.id)
    )
    assert (entry.unit_id, entry.jurisdiction_id) == (draft.units["jfb"].id, draft.jurisdiction.id)


@pytest.mark.parametrize("who", ["lead", "head", "leader", "administrator", "auditor", "stranger"])
def test_only_a_supervisor_brings_sources_in(draft: World, session: Session, who: str) -> None:
    with pytest.raises(NotPermitted):
        intake.take_in(begin(session, draft.actor(who), NOW), a_source(draft))
    with pytest.raises(NotPermitted):
        open_plan(session, draft, draft.source, who=who)


def test_a_supervisor_of_another_place_does_not_bring_them_in_here(draft: World, session: Session) -> None:
    with pytest.raises(NotPermitted):
        intake.take_in(begin(session, supervisor_of(draft, elsewhere(session).id), NOW), a_source(draft))


@pytest.mark.parametrize(
    "again",
    [
        lambda w: a_source(w, TEXT),
        lambda w: replace(a_source(w, TEXT), filename="改名.txt", pasted=True),
        # Saved in another encoding: other bytes, the same words.
        lambda w: replace(a_source(w, TEXT), sha256="0" * 64, encoding="gb18030"),
        lambda w: replace(a_source(w, "别的"), sha256=hashlib.sha256(TEXT.encode()).hexdigest()),
    ],
    ids=["same", "renamed", "other encoding", "same bytes"],
)
def test_the_same_source_is_refused_and_pointed_to(
    draft: World, session: Session, again: Callable[[World], intake.NewSource]
) -> None:
    with pytest.raises(intake.AlreadyIn, match="2026年3月23日") as refusal:
        intake.take_in(begin(session, draft.actor("supervisor2"), NOW), again(draft))
    assert refusal.value.source_id == draft.source.id
    assert session.scalar(select(func.count()).select_from(Source)) == 1


def test_the_day_it_came_in_is_shanghais(draft: World, session: Session) -> None:
    evening = datetime(2026, 4, 30, 17, 0, tzinfo=UTC)  # one in the morning of the first of May
    intake.take_in(begin(session, draft.actor("supervisor"), evening), a_source(draft, "夜里"))
    with pytest.raises(intake.AlreadyIn, match="2026年5月1日"):
        intake.take_in(begin(session, draft.actor("supervisor"), evening), a_source(draft, "夜里"))


def test_another_place_may_bring_in_the_same_source(draft: World, session: Session) -> None:
    place = elsewhere(session)
    made = intake.take_in(
        begin(session, supervisor_of(draft, place.id), NOW), replace(a_source(draft, TEXT), jurisdiction_id=place.id)
    )
    assert made.jurisdiction_id == place.id


def test_the_same_upload_by_two_at_once_comes_in_once(draft: World, database: Database) -> None:
    def one(name: str) -> bool:
        with database.write() as session:
            try:
                intake.take_in(begin(session, draft.actor(name), NOW), a_source(draft, "同时"))
                session.commit()
            except intake.AlreadyIn:
                return False
            return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(one, ["supervisor", "supervisor2"] * 3)) == 1
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Source).where(Source.text == "同时")) == 1


@pytest.mark.parametrize("plans", [[], [{**plan(), "measures": []}]])
def test_a_source_without_any_measure_is_refused_with_what_to_do(
    draft: World, session: Session, plans: list[dict[str, Any]]
) -> None:
    with pytest.raises(Refused, match="没有读到任何措施"):
        intake.take_in(begin(session, draft.actor("supervisor"), NOW), a_source(draft, plans=plans))
    assert session.scalar(select(func.count()).select_from(Source)) == 1


# --- From plan to document -------------------------------------------------------------------------------------------


def test_a_plan_pressed_twice_opens_one_document(draft: World, database: Database) -> None:
    with database.write() as session:
        source = intake.take_in(begin(session, draft.actor("supervisor"), NOW), a_source(draft))
        session.commit()
        plan_id, source_id = source.plans[0].id, source.id

    def press(name: str) -> int:
        with database.write() as session:
            chosen = session.get_one(PlanReading, plan_id, options=[undefer(PlanReading.reading)])
            made = intake.choose_plan(
                begin(session, draft.actor(name), NOW), chosen, session.get_one(Source, source_id), PlanAnswer.ANOTHER
            )
            session.commit()
            assert made is not None
            return made.id

    with ThreadPoolExecutor(4) as pool:
        opened = set(pool.map(press, ["supervisor", "supervisor2"] * 2))
    assert len(opened) == 1
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Document)) == 2


def test_a_document_opens_with_the_reading_as_its_first_edition(draft: World, session: Session) -> None:
    document = session.get_one(Document, draft.document.id)
    assert (document.title, document.doc_no, document.state) == (
        "某市减轻企业负担若干措施",
        "某政发〔2026〕5号",
        DocumentState.DRAFT,
    )
    edition = session.scalars(select(Edition).where(Edition.document_id == document.id)).one()
    assert edition.number == 1
    measures = session.scalars(select(Measure).order_by(Measure.ordinal)).all()
    assert [m.key for m in measures] == ["一.1", "一.2", "一.3", "一.4", "一.5", "一.6"]
    assert {(m.confirmed_at, m.is_task) for m in measures} == {(None, True)}
    assert [TEXT[m.start : m.end] for m in measures] == [m.text for m in measures]


def test_names_the_registry_knows_are_settled_and_the_others_left_open(draft: World, session: Session) -> None:
    codes = {unit.id: code for code, unit in draft.units.items()}
    rows = session.scalars(select(Assignment).join(Item, Assignment.item_id == Item.id).order_by(Assignment.id)).all()
    assert [(a.printed, codes.get(a.unit_id or 0), a.kind) for a in rows[:5]] == [
        ("市工信局", "gxj", NameKind.UNIT),  # an alias
        ("市财政局", "czj", NameKind.UNIT),
        ("市减负办", "jfb", NameKind.UNIT),
        ("市工信局", "gxj", NameKind.UNIT),
        ("各县区政府", None, NameKind.GROUP),
    ]
    assert rows[4].group_id is not None
    (collective,) = [a for a in rows if a.printed == "各有关部门"]
    assert (collective.kind, collective.unit_id, collective.group_id) == (NameKind.COLLECTIVE, None, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("建立台账。按月通报", "建立台账"),
        ("建立台账；按月通报", "建立台账"),
        ("  建立\n台账", "建立台账"),
        ("一二三四五六七八九十，" * 5, "一二三四五六七八九十，一二三四五六七八九十，一二三四五六七八九十…"),
        ("长" * 50, "长" * 40 + "…"),
    ],
)
def test_a_measure_without_a_heading_is_called_by_its_first_words(text: str, expected: str) -> None:
    assert first_words(text) == expected


# --- Nearly the same -------------------------------------------------------------------------------------------------


def reworded(share_changed: int) -> dict[str, Any]:
    """Return the plan with so many of its six measures about something else."""
    read = plan()
    for place, measure in enumerate(read["measures"][:share_changed]):
        measure["text"] = "支持新能源汽车下乡，给予购置补贴，完善充电设施建设和运营。" + "甲乙丙丁戊己"[place] * 9
    return read


def test_a_plan_nearly_like_one_already_in_is_asked_about(draft: World, session: Session) -> None:
    boss = draft.actor("supervisor")
    source = intake.take_in(begin(session, boss, NOW), a_source(draft, plans=[reworded(1)]))
    with pytest.raises(intake.NeedsAnswer) as asked:
        open_plan(session, draft, source)
    assert asked.value.similar.document.id == draft.document.id
    assert asked.value.similar.share == pytest.approx(5 / 6)
    assert session.scalar(select(func.count()).select_from(Document)) == 1


def test_a_plan_that_agrees_in_less_is_another_document(draft: World, session: Session) -> None:
    source = intake.take_in(begin(session, draft.actor("supervisor"), NOW), a_source(draft, plans=[reworded(2)]))
    made = open_plan(session, draft, source)
    assert made is not None
    assert made.id != draft.document.id
    assert source.plans[0].answer is None


def test_the_three_answers(draft: World, session: Session) -> None:
    boss = draft.actor("supervisor")
    sources = [intake.take_in(begin(session, boss, NOW), a_source(draft, str(n))) for n in range(3)]
    same = open_plan(session, draft, sources[0], PlanAnswer.SAME)
    assert same is not None
    assert (same.id, sources[0].plans[0].document_id) == (draft.document.id, draft.document.id)
    assert open_plan(session, draft, sources[1], PlanAnswer.NEW_EDITION) is None
    assert (sources[1].plans[0].answer, sources[1].plans[0].document_id) == (PlanAnswer.NEW_EDITION, None)
    other = open_plan(session, draft, sources[2], PlanAnswer.ANOTHER)
    assert other is not None
    assert other.id != draft.document.id
    assert {s.plans[0].similar_to_id for s in sources} == {draft.document.id}
    assert session.scalar(select(func.count()).select_from(Document)) == 2
    said = session.scalars(select(AuditEntry).where(AuditEntry.verb == "plan.answer").order_by(AuditEntry.id)).all()
    assert [(e.after or {})["answer"] for e in said] == ["same", "new_edition"]


def test_documents_of_another_place_are_not_compared(draft: World, session: Session) -> None:
    place = elsewhere(session)
    boss = supervisor_of(draft, place.id)
    source = intake.take_in(begin(session, boss, NOW), replace(a_source(draft), jurisdiction_id=place.id))
    made = intake.choose_plan(begin(session, boss, NOW), source.plans[0], source)
    assert made is not None
    assert made.jurisdiction_id == place.id


def test_a_document_filed_away_is_not_compared(draft: World, session: Session) -> None:
    session.get_one(Document, draft.document.id).state = DocumentState.WITHDRAWN
    source = intake.take_in(begin(session, draft.actor("supervisor"), NOW), a_source(draft))
    assert open_plan(session, draft, source) is not None


def test_a_plan_of_another_source_is_not_opened_under_this_one(draft: World, session: Session) -> None:
    """The right to open a plan is read from its source: the two must belong together."""
    place = elsewhere(session)
    theirs = intake.take_in(
        begin(session, supervisor_of(draft, place.id), NOW), replace(a_source(draft), jurisdiction_id=place.id)
    )
    with pytest.raises(Refused):
        intake.choose_plan(
            begin(session, draft.actor("supervisor"), NOW), theirs.plans[0], draft.source, PlanAnswer.ANOTHER
        )
