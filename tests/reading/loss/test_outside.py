"""The rule of loss: whatever lies in no measure is read, and a charge or a limit found there is a doubt."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.lengths import examples
from tests.reading.scoring import DOCUMENTS, reading_of, text_of
from tests.reading.test_reading_properties import texts
from tracker.reading.extraction import read
from tracker.reading.limits.phrases import deadlines_in
from tracker.reading.loss.stretches import Held, held_by, outside
from tracker.reading.names.charges import charges_in
from tracker.reading.plan import Doubt, DoubtKind, Reading, Span
from tracker.reading.tables.task_rows import HEADER, REPEATED
from tracker.reading.text.cleaning import Clean, fold, unveil

HEAD = "云岭县供水保障若干措施\n为保障供水，制定以下措施。\n"
MEASURES = "一、推进工作。（县水务局）\n二、开展检查。（县住建局）\n"
# Whole sentences that charge somebody or set a limit, or do neither, wherever they come to stand.
SENTENCES = [
    "县水务局负责巡查。", "各镇街要于5月20日前完成仓容摸底。", "由县住建局牵头。", "每月25日前报送进展。",
    "3个工作日内办结。", "（责任单位：县水务局）", "牵头单位：县住建局", "背景资料。", "供水设施",
    "为保障供水，制定以下措施。", "附件", "附件：1.名单", "一、", "（一）", "1.", "第一条 ", "目录",
    "云岭县供水保障若干措施", "本措施由县水务局负责解释。", "2026年3月1日", "\n", "\n", "　　",
]  # fmt: skip
documents = st.lists(st.sampled_from(SENTENCES), max_size=30).map("".join)


def doubts_of(reading: Reading) -> list[Doubt]:
    return [*reading.doubts, *(doubt for plan in reading.plans for doubt in plan.doubts)]


def suspects(text: str) -> list[str]:
    return [text[d.span.start : d.span.end] for d in doubts_of(read(text)) if d.kind is DoubtKind.SUSPECT]


def settled(reading: Reading) -> list[Span]:
    """Rows of tables that measures repeat word for word, and headers; of a strange table there is one question."""
    tables = [one.span for one in doubts_of(reading) if one.kind is DoubtKind.TABLE and one.measure is None]
    rows = [one.span for plan in reading.plans for one in plan.unassigned if one.reason in (HEADER, REPEATED)]
    return [*tables, *rows]


def stretches(text: str, reading: Reading) -> list[Span]:
    known = [one.span for one in reading.unassigned]
    for plan in reading.plans:
        known += [*plan.headings, *(one.span for one in plan.unassigned if one.reason not in (HEADER, REPEATED))]
    return outside(fold(unveil(text)), reading.plans, known, settled(reading))


def check_nothing_is_lost(text: str, reading: Reading) -> None:
    """Measures and the stretches beside them hold every word; one that charges or sets a limit is asked about."""
    printed = unveil(text)
    flat = fold(printed)
    beside = stretches(text, reading)
    held = Held([*beside, *settled(reading), *(span for plan in reading.plans for span in held_by(plan.measures))])
    assert not [flat[gap.start : gap.end] for gap in held.rest(0, len(flat)) if flat[gap.start : gap.end].strip()]
    asked = Held(doubt.span for doubt in doubts_of(reading) if doubt.kind is DoubtKind.SUSPECT)
    for span in beside:
        clean = Clean(printed, flat, [(span.start, span.end)])
        if len(clean.flat) < 4:
            continue
        charged = charges_in(clean.flat, 0, len(clean.flat)) and "解释" not in clean.flat
        limited = [one for one in deadlines_in(clean, 0, len(clean.flat), 2026) if one.kind != "validity"]
        assert not (charged or limited) or asked.touches(span.start, span.end), clean.text


@settings(max_examples=examples(150), deadline=None)
@given(documents)
def test_of_any_document_no_charge_and_no_limit_is_lost(text: str) -> None:
    check_nothing_is_lost(text, read(text))


@settings(max_examples=examples(150), deadline=None)
@given(texts)
def test_of_any_text_no_charge_and_no_limit_is_lost(text: str) -> None:
    check_nothing_is_lost(text, read(text))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_of_the_documents_no_charge_and_no_limit_is_lost(name: str) -> None:
    check_nothing_is_lost(text_of(name), reading_of(name))


@pytest.mark.parametrize(
    "lost",
    [
        "各镇街要于5月20日前完成仓容摸底。",
        "县水务局负责巡查。",
        "建成监测平台。（持续推进，牵头考核单位：县水务局）",
        "所需资金由县财政局牵头保障。",
        "经营者应当如实申报用水量。",
    ],
)
def test_a_duty_behind_the_measures_is_a_doubt_with_the_words_that_were_seen(lost: str) -> None:
    (doubt,) = [
        d for d in doubts_of(read(f"{HEAD}{MEASURES}附件\n背景资料。\n{lost}\n")) if d.kind is DoubtKind.SUSPECT
    ]
    assert doubt.seen in lost
    assert doubt.measure is None


def test_sentences_that_follow_one_another_are_one_doubt_and_those_apart_are_several() -> None:
    tail = "附件\n县水务局负责巡查。县住建局负责抽查。情况良好。县财政局负责保障。\n"
    assert suspects(HEAD + MEASURES + tail) == ["县水务局负责巡查。县住建局负责抽查。", "县财政局负责保障。"]


@pytest.mark.parametrize(
    "calm",
    [
        "本措施由县水务局负责解释。",
        "坚持“谁主管、谁负责”。",
        "本措施自印发之日起施行，有效期至2027年12月31日。",
        "建立县、乡、村分级负责的体系。",
        "（联系科室：县教育局小学教育科，联系电话：0800-5550100）",
    ],
)
def test_who_explains_a_principle_and_how_long_it_is_in_force_are_no_doubts(calm: str) -> None:
    assert suspects(f"{HEAD}{MEASURES}附件\n{calm}\n") == []


def test_a_paragraph_outside_the_measures_is_suspect_where_a_doubt_lies_in_it() -> None:
    (plan,) = read(f"{HEAD}{MEASURES}附件\n县水务局负责巡查。\n背景资料。\n").plans
    text = f"{HEAD}{MEASURES}附件\n县水务局负责巡查。\n背景资料。\n"
    marked = {text[one.span.start : one.span.end]: one.suspect for one in plan.unassigned}
    assert marked["县水务局负责巡查。"]
    assert not marked["背景资料。"]
