"""What a reading doubts is asked in rows, settled by looking at a measure or by an answer; publication waits."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.kit.world import NOW, TEXT, World, plan
from tests.services.documents.test_confirmation import another, correct, edition_of, measure_of, publish
from tracker.reading.plan import DoubtKind
from tracker.services.core.act import begin
from tracker.services.core.errors import NotPermitted, Refused, Stale
from tracker.services.documents import asking, confirmation, publication
from tracker.services.documents.doubts import answer_doubts, ask_again, choose_limits
from tracker.store.documents.doubts import alike, open_doubts
from tracker.store.documents.drafts import Ask, questions
from tracker.store.models import AuditEntry, Document, DoubtAnswer, Edition

TODAY = NOW.date()


def span(words: str) -> list[int]:
    at = TEXT.index(words)
    return [at, at + len(words)]


def doubt(kind: DoubtKind, words: str, measure: str | None = None, *others: str) -> dict[str, Any]:
    return {
        "kind": kind.value, "span": span(words), "seen": words, "measure": measure, "others": [span(o) for o in others],
    }  # fmt: skip


SUSPECT = doubt(DoubtKind.SUSPECT, "某政发〔2026〕5号")
LIKE = {**SUSPECT, "span": span("一、清理账款")}
UNSURE = doubt(DoubtKind.UNSURE_UNIT, "市住建局", "一.4")
ALL = [SUSPECT, LIKE, UNSURE]


@pytest.fixture
def doubted(draft: World, session: Session) -> Document:
    """A draft of whose reading three things are doubted."""
    return another(session, draft, lambda p: p.update(questions=ALL))


def boss(world: World, session: Session, who: str = "supervisor") -> Any:
    return begin(session, world.actor(who), NOW)


def ids(edition: Edition, *kinds: DoubtKind) -> list[int]:
    return [d.id for d in open_doubts(edition) if not kinds or d.kind in kinds]


def test_what_is_doubted_becomes_rows_by_place_with_the_measure_each_is_about(
    draft: World, session: Session, doubted: Document
) -> None:
    edition = edition_of(session, draft, doubted)
    keys = {m.id: m.key for m in edition.measures}
    assert [(d.kind, d.seen, keys.get(d.measure_id or 0)) for d in edition.doubts] == [
        (DoubtKind.SUSPECT, "某政发〔2026〕5号", None),
        (DoubtKind.SUSPECT, "某政发〔2026〕5号", None),
        (DoubtKind.UNSURE_UNIT, "市住建局", "一.4"),
    ]
    asked = [q for q in questions(edition, TODAY) if q.ask is Ask.DOUBT]
    assert [q.words for q in asked][-1] == "一.4 责任单位没有把握：“市住建局”"
    assert [len(group.doubts) for group in alike(open_doubts(edition))] == [2, 1]


def test_an_edition_of_which_nothing_was_doubted_goes_on_as_it_was(draft: World, session: Session) -> None:
    assert edition_of(session, draft).doubts == []


def test_all_at_once_never_takes_a_measure_with_a_doubt(draft: World, session: Session, doubted: Document) -> None:
    edition = edition_of(session, draft, doubted)
    confirmation.confirm_clear(boss(draft, session), edition)
    assert [m.key for m in edition.measures if m.confirmed_at is None] == ["一.4", "一.5"]


def test_a_measure_that_is_no_task_is_not_taken_either_while_it_is_doubted(
    draft: World, session: Session, doubted: Document
) -> None:
    edition = edition_of(session, draft, doubted)
    next(m for m in edition.measures if m.key == "一.4").is_task = False
    confirmation.confirm_clear(boss(draft, session), edition)
    assert next(m for m in edition.measures if m.key == "一.4").confirmed_at is None


def test_looking_at_a_measure_settles_what_is_doubted_of_it(draft: World, session: Session, doubted: Document) -> None:
    correct(session, draft, "一.4", document=doubted)
    edition = edition_of(session, draft, doubted)
    settled = [d for d in edition.doubts if not d.open]
    assert [(d.seen, d.answer, d.answered_at) for d in settled] == [("市住建局", DoubtAnswer.CORRECTED, NOW)]


def test_publication_waits_for_every_doubt(draft: World, session: Session, doubted: Document) -> None:
    correct(session, draft, "一.4", document=doubted)
    with pytest.raises(Refused, match="还有 2 处需要您决定：正文之外有责任或时限：“某政发"):
        publish(session, draft, document=doubted)
    edition = edition_of(session, draft, doubted)
    answer_doubts(boss(draft, session), edition, ids(edition), DoubtAnswer.NOTHING)
    publication.publish(boss(draft, session), edition_of(session, draft, doubted))
    entry = session.scalars(select(AuditEntry).where(AuditEntry.verb == "doubt.answer")).one()
    assert entry.after is not None
    assert entry.after["answer"] == "nothing"
    assert len(entry.after["places"]) == 2


@pytest.mark.parametrize("who", ["lead", "support", "stranger", "head", "leader", "administrator"])
def test_nobody_but_a_supervisor_answers(draft: World, session: Session, doubted: Document, who: str) -> None:
    edition = edition_of(session, draft, doubted)
    with pytest.raises(NotPermitted):
        answer_doubts(boss(draft, session, who), edition, ids(edition), DoubtAnswer.NOTHING)
    with pytest.raises(NotPermitted):
        ask_again(boss(draft, session, who), edition, ids(edition))


def test_a_doubt_of_a_measure_wants_the_measure_looked_at(draft: World, session: Session, doubted: Document) -> None:
    edition = edition_of(session, draft, doubted)
    with pytest.raises(Refused, match=r"在措施 一\.4 上"):
        answer_doubts(boss(draft, session), edition, ids(edition, DoubtKind.UNSURE_UNIT), DoubtAnswer.NOTHING)


def test_what_another_answered_meanwhile_is_not_answered_again(
    draft: World, session: Session, doubted: Document
) -> None:
    edition = edition_of(session, draft, doubted)
    shown = ids(edition, DoubtKind.SUSPECT)
    answer_doubts(boss(draft, session), edition, shown[:1], DoubtAnswer.NOTHING)
    with pytest.raises(Stale):
        answer_doubts(boss(draft, session, "supervisor2"), edition, shown, DoubtAnswer.NOTHING)


def test_doubts_of_another_document_and_answers_of_another_kind_are_refused(
    draft: World, session: Session, doubted: Document
) -> None:
    shown = ids(edition_of(session, draft, doubted))
    with pytest.raises(Refused, match="不在这份文件中"):
        answer_doubts(boss(draft, session), edition_of(session, draft), shown, DoubtAnswer.NOTHING)
    edition = edition_of(session, draft, doubted)
    with pytest.raises(Refused, match="不能这样答复"):
        answer_doubts(boss(draft, session), edition, ids(edition, DoubtKind.SUSPECT), DoubtAnswer.FIRST)


def test_an_answer_can_be_taken_back(draft: World, session: Session, doubted: Document) -> None:
    edition = edition_of(session, draft, doubted)
    shown = ids(edition, DoubtKind.SUSPECT)
    answer_doubts(boss(draft, session), edition, shown, DoubtAnswer.NOTHING)
    ask_again(boss(draft, session), edition, shown)
    assert ids(edition_of(session, draft, doubted), DoubtKind.SUSPECT) == shown
    with pytest.raises(Refused, match="没有可以撤回的答复"):
        ask_again(boss(draft, session), edition, shown)


# --- two limits for one thing ----------------------------------------------------------------------------------------


def two_limits(p: dict[str, Any]) -> None:
    """Let 一.2 hold two limits, of which the reading cannot say which counts."""
    first = p["measures"][1]["items"][0]["deadlines"][0]
    second = {**first, "quote": "3个工作日", "span": span("3个工作日"), "amount": 10}
    first["span"] = span("自正式受理之日起")
    p["measures"][1]["items"][0]["deadlines"] = [first, second]
    p["questions"] = [doubt(DoubtKind.CONFLICT, "自正式受理之日起", "一.2", "3个工作日")]


def limits(session: Session, world: World, document: Document) -> list[tuple[int | None, int]]:
    return [(r.amount, len(r.bindings)) for r in measure_of(session, world, "一.2", document).items[0].rules]


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        (DoubtAnswer.FIRST, [(3, 3)]),
        (DoubtAnswer.SECOND, [(10, 3)]),
        (DoubtAnswer.BOTH, [(3, 3), (10, 3)]),
    ],
)
def test_of_two_limits_the_one_that_is_chosen_stays(
    draft: World, session: Session, answer: DoubtAnswer, left: list[tuple[int, int]]
) -> None:
    document = another(session, draft, two_limits)
    edition = edition_of(session, draft, document)
    assert len(limits(session, draft, document)) == 2
    edition = edition_of(session, draft, document)
    answer_doubts(boss(draft, session), edition, ids(edition), answer)
    assert limits(session, draft, document) == left


def test_two_limits_want_their_choice_though_the_measure_is_confirmed(draft: World, session: Session) -> None:
    document = another(session, draft, two_limits)
    correct(session, draft, "一.2", document=document)
    assert ids(edition_of(session, draft, document), DoubtKind.CONFLICT)


def test_taking_one_limit_away_on_the_form_is_a_choice_too(draft: World, session: Session) -> None:
    document = another(session, draft, two_limits)

    def without_second(form: Any) -> Any:
        (item,) = form.items
        return replace(form, items=(replace(item, rules=item.rules[:1]),))

    correct(session, draft, "一.2", without_second, document=document)
    assert not ids(edition_of(session, draft, document))


def test_a_limit_given_up_stands_again_when_its_answer_is_taken_back(draft: World, session: Session) -> None:
    def as_read(p: dict[str, Any]) -> None:
        p["questions"] = [doubt(DoubtKind.CONFLICT, "市减负办", "一.2", "自正式受理之日起3个工作日内")]

    document = another(session, draft, as_read)
    edition = edition_of(session, draft, document)
    shown = ids(edition)
    answer_doubts(boss(draft, session), edition, shown, DoubtAnswer.FIRST)
    assert limits(session, draft, document) == []
    ask_again(boss(draft, session), edition_of(session, draft, document), shown)
    assert limits(session, draft, document) == [(3, 3)]


def three_limits(p: dict[str, Any]) -> None:
    """Let 一.2 hold three limits, of which the reading cannot say which count."""
    two_limits(p)
    (item,) = p["measures"][1]["items"]
    third = {**item["deadlines"][0], "quote": "内转办", "span": span("内转办"), "amount": 30}
    item["deadlines"].append(third)
    p["questions"] = [doubt(DoubtKind.CONFLICT, "自正式受理之日起", "一.2", "3个工作日", "内转办")]


@pytest.mark.parametrize(
    ("kept", "left", "said"),
    [
        ([3], [30], "取第三个"),
        ([1, 3], [3, 30], "取第一、第三个"),
        ([1], [3], "取第一个"),
        ([3, 2, 1], [3, 10, 30], "都要"),
    ],
)
def test_of_three_limits_any_may_stay_and_the_rest_come_back_when_asked_again(
    draft: World, session: Session, kept: list[int], left: list[int], said: str
) -> None:
    document = another(session, draft, three_limits)
    edition = edition_of(session, draft, document)
    (shown,) = ids(edition)
    choose_limits(boss(draft, session), edition, shown, kept)
    assert [amount for amount, _ in limits(session, draft, document)] == left
    (row,) = edition_of(session, draft, document).doubts
    assert (row.open, row.note) == (False, said)
    ask_again(boss(draft, session), edition_of(session, draft, document), [shown])
    (row,) = edition_of(session, draft, document).doubts
    assert (row.open, row.note) == (True, None)


@pytest.mark.parametrize("kept", [[], [4], [0]])
def test_of_three_limits_some_that_are_there_must_be_chosen(draft: World, session: Session, kept: list[int]) -> None:
    document = another(session, draft, three_limits)
    edition = edition_of(session, draft, document)
    with pytest.raises(Refused, match="请勾选"):
        choose_limits(boss(draft, session), edition, ids(edition)[0], kept)


def test_nobody_chooses_among_the_limits_of_another_thing_or_twice(draft: World, session: Session) -> None:
    document = another(session, draft, three_limits)
    edition = edition_of(session, draft, document)
    (shown,) = ids(edition)
    with pytest.raises(Refused, match="已不在"):
        choose_limits(boss(draft, session), edition, shown + 999, [1])
    choose_limits(boss(draft, session), edition, shown, [1])
    with pytest.raises(Stale):
        choose_limits(boss(draft, session), edition_of(session, draft, document), shown, [2])


# --- what is doubted of a whole source -------------------------------------------------------------------------------


def _plan(start: int, end: int, measures: int = 1) -> dict[str, Any]:
    return {"plan": "甲", "span": [start, end], "measures": [{}] * measures, "questions": []}


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ([0, 300], [1, 1]),  # the whole source: every plan is asked
        ([120, 130], [0, 1]),
        ([95, 97], [1, 0]),  # between two: the plan before it
        ([0, 3], [1, 0]),  # before all: the first
        ([250, 260], [0, 1]),
    ],
)
def test_what_is_doubted_of_a_source_is_asked_where_it_stands(where: list[int], told: list[int]) -> None:
    plans = [_plan(10, 90), {**_plan(90, 95), "measures": []}, _plan(100, 200)]
    question = {"kind": "unread", "span": where, "seen": "x", "measure": None, "others": []}
    assert [len(p["questions"]) for p in asking.shared_out(plans, [question]) if p["measures"]] == told


def test_nothing_doubted_of_a_source_is_lost() -> None:
    read = {**plan(), "questions": [SUSPECT]}
    (told,) = asking.shared_out([read], [{"kind": "no_text", "span": [0, 1], "seen": "第3页", "others": []}])
    rows = asking.asked_of(told["questions"], [])
    assert [(d.kind, d.ordinal, d.measure) for d in rows] == [
        (DoubtKind.NO_TEXT, 1, None), (DoubtKind.SUSPECT, 2, None),
    ]  # fmt: skip
