"""Cutting a draft by hand: split, join, add, take out, each taken back again; what was settled goes along."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.kit.lengths import examples
from tests.kit.world import NOW, TEXT, World
from tests.services.documents.test_confirmation import another, correct, edition_of, measure_of, publish
from tests.services.documents.test_doubts import doubt
from tracker.reading.plan import DoubtKind, Role, Span
from tracker.services.core.act import Act, begin
from tracker.services.core.errors import NotPermitted, Refused, Stale
from tracker.services.documents import answers
from tracker.services.documents.corrections import NameInput
from tracker.services.documents.recut.cutting import add_measures, free_key, join_measures, split_measure, take_out
from tracker.services.documents.recut.steps import take_back
from tracker.store.documents.doubts import open_doubts
from tracker.store.documents.recuts import left_by_hand, steps_of
from tracker.store.models import (
    Assignment,
    AuditEntry,
    Document,
    DoubtAnswer,
    Edition,
    Item,
    Measure,
    Recut,
)

KEYS = ["一.1", "一.2", "一.3", "一.4", "一.5", "一.6"]


def boss(world: World, session: Session, who: str = "supervisor") -> Act:
    return begin(session, world.actor(who), NOW)


def at(words: str) -> int:
    return TEXT.index(words)


def stretch(words: str) -> Span:
    return Span(at(words), at(words) + len(words))


def keys(edition: Edition) -> list[str]:
    return [m.key for m in edition.measures]


def one(edition: Edition, key: str) -> Measure:
    return next(m for m in edition.measures if m.key == key)


def units(measure: Measure) -> list[str]:
    return [a.printed for i in measure.items for a in i.assignments]


def told(edition: Edition) -> Any:
    """Return all that an edition says: its measures with what was settled, and its doubts."""
    return [
        (
            m.id, m.ordinal, m.key, m.section, m.title, m.start, m.end, m.text, m.is_task, m.confirmed_at,
            [
                (
                    i.id, i.text,
                    [(a.id, a.role, a.unit_id, a.left_out, [c.unit_id for c in a.chosen]) for a in i.assignments],
                    [(r.id, r.amount, r.due_on, r.rrule, [b.assignment_id for b in r.bindings]) for r in i.rules],
                )
                for i in m.items
            ],
        )
        for m in edition.measures
    ] + [(d.id, d.kind, d.measure_id, d.answer) for d in edition.doubts]  # fmt: skip


def split(session: Session, world: World, key: str, words: str, document: Document | None = None) -> Edition:
    edition = edition_of(session, world, document)
    split_measure(boss(world, session), edition, one(edition, key), [at(words)])
    return edition_of(session, world, document)


def undo(session: Session, world: World, document: Document | None = None) -> Edition:
    edition = edition_of(session, world, document)
    take_back(boss(world, session), edition, steps_of(session, edition.id)[0].step.id)
    return edition_of(session, world, document)


# --- each act --------------------------------------------------------------------------------------------------------


def test_a_measure_is_split_where_it_was_asked_and_each_part_is_read(draft: World, session: Session) -> None:
    edition = split(session, draft, "一.1", "2026年6月底前")
    assert keys(edition) == ["一.1", "一.1#2", *KEYS[1:]]
    assert [m.ordinal for m in edition.measures] == [1, 2, 3, 4, 5, 6, 7]
    first, second = edition.measures[:2]
    assert (first.text, second.section) == ("建立清欠台账，", "一、清理账款")
    assert (units(first), units(second)) == ([], ["市工信局", "市财政局"])
    assert [r.due_on for r in second.items[0].rules] == [date(2026, 6, 30)]
    assert first.confirmed_at is second.confirmed_at is None


def test_neighbours_are_joined_with_what_stands_between(draft: World, session: Session) -> None:
    edition = edition_of(session, draft)
    join_measures(boss(draft, session), edition, one(edition, "一.4"), one(edition, "一.3"))
    edition = edition_of(session, draft)
    assert keys(edition) == ["一.1", "一.2", "一.3", "一.5", "一.6"]
    whole = one(edition, "一.3")
    assert set(units(whole)) == {"市财政局", "市住建局"}
    assert whole.text.startswith("每月25日")
    assert "14天内" in whole.text


def test_only_neighbours_are_joined(draft: World, session: Session) -> None:
    edition = edition_of(session, draft)
    with pytest.raises(Refused, match="只能和相邻的一项合并"):
        join_measures(boss(draft, session), edition, one(edition, "一.1"), one(edition, "一.3"))


def test_words_of_no_measure_become_one(draft: World, session: Session) -> None:
    edition = edition_of(session, draft)
    add_measures(boss(draft, session), edition, [stretch("一、清理账款")])
    edition = edition_of(session, draft)
    assert keys(edition) == ["#1", *KEYS]
    assert one(edition, "#1").text == "清理账款"


def test_words_within_a_measure_are_cut_out_of_it(draft: World, session: Session) -> None:
    edition = edition_of(session, draft)
    add_measures(boss(draft, session), edition, [stretch("自正式受理之日起3个工作日内转办。")])
    assert keys(edition_of(session, draft)) == ["一.1", "一.2", "一.2#2", "一.2#3", *KEYS[2:]]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("\n\n", "所选的地方没有文字"),
        ("转办。（责任单位：市减负办、市工信局，各县区政府）\n\n3.每月25日", "已在措施 一.2、一.3 中"),
    ],
)
def test_a_stretch_without_words_or_across_measures_is_refused(
    draft: World, session: Session, words: str, said: str
) -> None:
    edition = edition_of(session, draft)
    with pytest.raises(Refused, match=said):
        add_measures(boss(draft, session), edition, [stretch(words)])


def test_what_is_taken_out_is_listed_with_its_reason(draft: World, session: Session) -> None:
    edition = edition_of(session, draft)
    taken = one(edition, "一.5")
    place = (taken.start, taken.end)
    take_out(boss(draft, session), edition, taken, " 只是宣示 ")
    edition = edition_of(session, draft)
    assert keys(edition) == [*KEYS[:4], "一.6"]
    assert left_by_hand(session, edition.id) == [(*place, "已移出：只是宣示")]
    assert not open_doubts(edition)  # a person has read it, and said why


@pytest.mark.parametrize("why", ["", "  ", "长" * 201])
def test_why_a_measure_is_taken_out_is_said(draft: World, session: Session, why: str) -> None:
    edition = edition_of(session, draft)
    with pytest.raises(Refused, match=r"原因|为什么"):
        take_out(boss(draft, session), edition, edition.measures[0], why)


def test_the_last_measure_stays(draft: World, session: Session) -> None:
    for _ in KEYS[1:]:
        edition = edition_of(session, draft)
        take_out(boss(draft, session), edition, edition.measures[0], "说明")
    edition = edition_of(session, draft)
    with pytest.raises(Refused, match="最后一项"):
        take_out(boss(draft, session), edition, edition.measures[0], "说明")


@pytest.mark.parametrize(
    ("key", "taken", "free"),
    [
        ("四.2", set(), "四.2"),
        ("四.2", {"四.2"}, "四.2#2"),
        ("四.2#2", {"四.2", "四.2#2"}, "四.2#3"),
        ("一#1", {"一#2", "一#3"}, "一#1"),  # the paragraphs of a part: the first stays what it was called
        ("#1", {"#1", "#2"}, "#3"),
        ("#2", set(), "#2"),
    ],
)
def test_numbers_stay_unlike_each_other(key: str, taken: set[str], free: str) -> None:
    assert free_key(key, taken) == free


# --- who, when, and against what -------------------------------------------------------------------------------------

ACTS: dict[str, Callable[[Act, Edition], object]] = {
    "split": lambda act, e: split_measure(act, e, e.measures[0], [at("2026年6月底前")], version=e.version),
    "join": lambda act, e: join_measures(act, e, e.measures[0], e.measures[1], version=e.version),
    "add": lambda act, e: add_measures(act, e, [stretch("一、清理账款")], version=e.version),
    "take out": lambda act, e: take_out(act, e, e.measures[0], "说明", version=e.version),
    "take back": lambda act, e: take_back(act, e, steps_of(act.session, e.id)[0].step.id, e.version),
}


@pytest.mark.parametrize("who", ["lead", "support", "stranger", "leader", "administrator"])
@pytest.mark.parametrize("what", ACTS)
def test_nobody_but_a_supervisor_cuts(draft: World, session: Session, who: str, what: str) -> None:
    edition = split(session, draft, "一.6", "可以申请")
    with pytest.raises(NotPermitted):
        ACTS[what](boss(draft, session, who), edition)


@pytest.mark.parametrize("what", ACTS)
def test_what_another_tab_cut_meanwhile_is_told(draft: World, session: Session, what: str) -> None:
    edition = split(session, draft, "一.6", "可以申请")
    shown = edition.version
    split(session, draft, "一.4", "14天内")
    edition = edition_of(session, draft)
    assert edition.version != shown
    acts: dict[str, Callable[[], object]] = {
        "split": lambda: split_measure(boss(draft, session), edition, edition.measures[0], [1], version=shown),
        "join": lambda: join_measures(
            boss(draft, session), edition, edition.measures[0], edition.measures[1], version=shown
        ),
        "add": lambda: add_measures(boss(draft, session), edition, [stretch("一、清理账款")], version=shown),
        "take out": lambda: take_out(boss(draft, session), edition, edition.measures[0], "说明", version=shown),
        "take back": lambda: take_back(boss(draft, session), edition, 1, shown),
    }
    with pytest.raises(Stale):
        acts[what]()


def test_a_measure_corrected_meanwhile_is_not_split_unseen(draft: World, session: Session) -> None:
    shown = one(edition_of(session, draft), "一.1").version
    correct(session, draft, "一.1")
    edition = edition_of(session, draft)
    with pytest.raises(Stale):
        split_measure(boss(draft, session), edition, one(edition, "一.1"), [at("2026年6月底前")], measure_version=shown)


def test_a_published_document_is_cut_no_more(draft: World, session: Session) -> None:
    publish(session, draft)
    edition = edition_of(session, draft)
    with pytest.raises(Refused, match="文件已发布"):
        ACTS["split"](boss(draft, session), edition)


def test_other_measures_keep_their_versions_and_what_was_typed_of_them_counts(draft: World, session: Session) -> None:
    before = measure_of(session, draft, "一.4").version
    split(session, draft, "一.1", "2026年6月底前")
    after = measure_of(session, draft, "一.4")
    assert (after.version, after.ordinal) == (before, 5)


# --- what goes along -------------------------------------------------------------------------------------------------


def test_names_settled_and_limits_corrected_go_along(draft: World, session: Session) -> None:
    edition = edition_of(session, draft)
    chosen = [draft.units["czj"].id, draft.units["jyj"].id]
    answers.settle_collective(boss(draft, session), edition, "各有关部门", unit_ids=chosen)

    def four_days(form: Any) -> Any:
        (item,) = form.items
        return replace(form, items=(replace(item, rules=(replace(item.rules[0], amount=4, bound=(1,)),)),))

    correct(session, draft, "一.2", four_days)
    edition = edition_of(session, draft)
    join_measures(boss(draft, session), edition, one(edition, "一.2"), one(edition, "一.3"))
    edition = edition_of(session, draft)
    join_measures(boss(draft, session), edition, one(edition, "一.4"), one(edition, "一.5"))
    edition = edition_of(session, draft)
    rules = [r for i in one(edition, "一.2").items for r in i.rules if r.trigger == "正式受理"]
    assert [r.amount for r in rules] == [4]
    names = {a.id: a.printed for i in one(edition, "一.2").items for a in i.assignments}
    assert [names[b.assignment_id] for b in rules[0].bindings] == ["市工信局"]
    joined = [a for i in one(edition, "一.4").items for a in i.assignments if a.printed == "各有关部门"]
    assert [sorted(c.unit_id for c in a.chosen) for a in joined] == [sorted(chosen)]


def test_what_a_person_had_added_and_taken_away_stays_so(draft: World, session: Session) -> None:
    def education_instead_of_finance(form: Any) -> Any:
        (item,) = form.items
        added = NameInput(Role.SUPPORT, unit_id=draft.units["jyj"].id)
        return replace(form, items=(replace(item, names=(item.names[0], added)),))

    correct(session, draft, "一.1", education_instead_of_finance)
    edition = split(session, draft, "一.1", "2026年6月底前")
    assert units(one(edition, "一.1")) == ["市教育局"]
    assert units(one(edition, "一.1#2")) == ["市工信局"]


def test_a_unit_printed_before_the_text_is_every_parts_and_its_doubt_goes_along(draft: World, session: Session) -> None:
    def unit_first(p: dict[str, Any]) -> None:
        first = p["measures"][0]
        colon = at("，2026年6月底前") + 1
        first["span"][0] = first["items"][0]["span"][0] = colon  # as if 建立清欠台账 were the unit before a colon
        first["items"][0]["assignments"][0].update(unit="市工信局", span=[at("建立清欠台账"), at("建立清欠台账") + 6])
        p["questions"] = [doubt(DoubtKind.UNSURE_UNIT, "建立清欠台账", "一.1")]

    document = another(session, draft, unit_first)
    edition = split(session, draft, "一.1", "（牵头单位", document)
    assert [units(m)[:1] for m in edition.measures[:2]] == [["市工信局"], ["市工信局"]]
    assert [d.measure_id for d in open_doubts(edition)] == [edition.measures[0].id]


def test_doubts_go_to_the_part_that_holds_their_words(draft: World, session: Session) -> None:
    asked = [
        doubt(DoubtKind.HALF_LIMIT, "2026年6月底前", "一.1"),
        doubt(DoubtKind.LEVEL, "建立清欠台账", "一.1"),
    ]
    document = another(session, draft, lambda p: p.update(questions=asked))
    edition = split(session, draft, "一.1", "2026年6月底前", document)
    by_id = {m.id: m.key for m in edition.measures}
    assert [(d.kind, by_id[d.measure_id or 0]) for d in open_doubts(edition)] == [
        (DoubtKind.LEVEL, "一.1"), (DoubtKind.HALF_LIMIT, "一.1#2"),
    ]  # fmt: skip


def test_a_suspect_stretch_made_a_measure_is_answered_and_asked_again_when_that_is_taken_back(
    draft: World, session: Session
) -> None:
    suspect = doubt(DoubtKind.SUSPECT, "一、清理账款")
    document = another(session, draft, lambda p: p.update(questions=[suspect]))
    edition = edition_of(session, draft, document)
    add_measures(boss(draft, session), edition, [stretch("一、清理账款")])
    edition = edition_of(session, draft, document)
    assert [d.answer for d in edition.doubts] == [DoubtAnswer.ADDED]
    assert [d.open for d in undo(session, draft, document).doubts] == [True]


# --- 撤销上一步 ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["split", "join", "add", "take out"])
def test_what_is_taken_back_leaves_everything_as_it_was(draft: World, session: Session, what: str) -> None:
    correct(session, draft, "一.1")
    asked = [doubt(DoubtKind.UNSURE_UNIT, "市工信局", "一.1"), doubt(DoubtKind.SUSPECT, "一、清理账款")]
    document = another(session, draft, lambda p: p.update(questions=asked))
    for it in (None, document):
        before = told(edition_of(session, draft, it))
        counts = [session.scalar(select(func.count()).select_from(model)) for model in (Measure, Item, Assignment)]
        edition = edition_of(session, draft, it)
        ACTS[what](boss(draft, session), edition)
        assert told(edition_of(session, draft, it)) != before
        assert told(undo(session, draft, it)) == before
        assert counts == [session.scalar(select(func.count()).select_from(m)) for m in (Measure, Item, Assignment)]
    verbs = list(session.scalars(select(AuditEntry.verb).where(AuditEntry.verb == "edition.take_back")))
    assert len(verbs) == 2


def test_only_the_last_act_is_taken_back(draft: World, session: Session) -> None:
    edition = split(session, draft, "一.1", "2026年6月底前")
    first = steps_of(session, edition.id)[0].step.id
    edition = split(session, draft, "一.6", "可以申请")
    with pytest.raises(Stale):
        take_back(boss(draft, session), edition, first)


def test_what_can_be_taken_back_says_what_of_it_was_confirmed_since(draft: World, session: Session) -> None:
    edition = split(session, draft, "一.6", "可以申请")
    assert [(u.step.words, u.who, u.confirmed) for u in steps_of(session, edition.id)] == [
        ("把 一.6 拆成 2 项：一.6、一.6#2", "supervisor同志", 0)
    ]
    correct(session, draft, "一.6#2")
    assert [u.confirmed for u in steps_of(session, edition.id)] == [1]


@settings(max_examples=examples(6), deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_twenty_acts_are_taken_back_one_after_another(draft: World, session: Session, data: st.DataObject) -> None:
    try:
        _twenty_acts_and_back(draft, session, data)
    finally:
        # An example may be broken off between its acts: the next one begins with the draft as it was all the same.
        session.rollback()
        while session.scalar(select(func.count()).select_from(Recut)):
            undo(session, draft)
            session.commit()


def _twenty_acts_and_back(draft: World, session: Session, data: st.DataObject) -> None:
    states = [told(edition_of(session, draft))]
    for _ in range(20):
        edition = edition_of(session, draft)
        choice = data.draw(st.sampled_from(["split", "join", "out", "add"]))
        n = data.draw(st.integers(0, len(edition.measures) - 1))
        measure = edition.measures[n]
        act = boss(draft, session)
        try:
            if choice == "split":
                split_measure(act, edition, measure, [data.draw(st.integers(measure.start, measure.end))])
            elif choice == "join":
                join_measures(act, edition, measure, edition.measures[n - 1])
            elif choice == "out":
                take_out(act, edition, measure, "说明")
            else:
                start = data.draw(st.integers(0, len(TEXT) - 1))
                add_measures(act, edition, [Span(start, start + 30)])
        except Refused:
            session.rollback()
            continue
        session.commit()
        edition = edition_of(session, draft)
        assert len(set(keys(edition))) == len(keys(edition))
        assert [m.ordinal for m in edition.measures] == list(range(1, len(edition.measures) + 1))
        assert all(m.text for m in edition.measures)
        states.append(told(edition))
    while len(states) > 1:
        states.pop()
        assert told(undo(session, draft)) == states[-1]
        session.commit()
    assert session.scalar(select(func.count()).select_from(Recut)) == 0


def test_what_is_left_of_a_suspect_stretch_is_still_asked_where_it_states_a_duty(
    draft: World, session: Session
) -> None:
    suspect = doubt(DoubtKind.SUSPECT, TEXT[at("3.每月25日") : at("5.加强")])

    def without_two(p: dict[str, Any]) -> None:
        p["measures"] = [m for m in p["measures"] if m["key"] not in ("一.3", "一.4")]
        p["questions"] = [suspect]

    document = another(session, draft, without_two)
    for words, still in (("每月25日，市财政局公布清欠进度。（责任单位：市财政局）", True), ("发包人应", False)):
        edition = edition_of(session, draft, document)
        end = at(words) + len(words) if still else at("5.加强")
        add_measures(boss(draft, session), edition, [Span(at(words), end)])
        assert bool(open_doubts(edition_of(session, draft, document))) is still
