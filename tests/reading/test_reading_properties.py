"""Whatever the text, the reading stands on its own offsets, loses no paragraph and never fails."""
# ruff: noqa: E501 - printed Chinese is quoted as it stands; broken lines would hide it.

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit import cpu
from tests.kit.lengths import examples
from tests.reading.scoring import DOCUMENTS, reading_of, text_of
from tracker.reading.extraction import read
from tracker.reading.limits.phrases import read_phrases
from tracker.reading.plan import Reading, Span
from tracker.reading.rendering import as_json, as_table
from tracker.reading.text.cleaning import unveil

PIECES = [
    "一、", "（一）", "1.", "（1）", "①", "第一条 ", "责任单位：", "（责任单位：", "牵头单位：", "）", "（", "、", "，", "。", "；", "\n", "　　",
    "市财政局", "各县〔市〕区政府", "各有关部门", "牵头", "配合", "按职责分工负责", "等", "和", "由", "请", "要", "应当", "自", "之日起", "3个工作日内",
    "2024年底前", "每月25日", "每年", "公示30日后", "可以", "延长", "不得超过", "六月", "至", "有效期", "第", "条", "享受主体：企业", "责任人：",
    "联系方式：5554956", "若干措施", "目录", "\t(1)", "12", "２０２４年", "&nbsp;", "<p>", "王 五", "下同", "“", "”", "《", "》", "a", " ",
]  # fmt: skip
texts = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(PIECES), max_size=60).map("".join))


def spans(reading: Reading) -> list[Span]:
    """Every span of a reading."""
    found = [one.span for one in reading.unassigned]
    for plan in reading.plans:
        found += [plan.span, *plan.headings, *(one.span for one in plan.unassigned)]
        for measure in plan.measures:
            found.append(measure.span)
            for item in measure.items:
                found += [item.span, *(a.span for a in item.assignments), *(d.span for d in item.deadlines)]
                found += [vague.span for vague in item.vague]
    return found


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", unveil(text))


def check(text: str, reading: Reading) -> None:
    """Offsets lie within the text, and the text there begins and ends as the reading says."""
    for span in spans(reading):
        assert 0 <= span.start <= span.end <= len(text)
    for plan in reading.plans:
        assert len({measure.key for measure in plan.measures}) == len(plan.measures)
        for measure in plan.measures:
            assert measure.items
            parts = [(measure.text, measure.span)] + [(item.text, item.span) for item in measure.items]
            for item in measure.items:
                parts += [(one.unit, one.span) for one in item.assignments if one.span.end > one.span.start]
                parts += [(one.quote, one.span) for one in item.deadlines]
            for words, span in parts:
                there, words = squeezed(text[span.start : span.end]), squeezed(words)
                assert there[:1] == words[:1]
                assert there[-1:] == words[-1:]


@settings(max_examples=examples(250), deadline=None)
@given(texts)
def test_any_text_is_read_with_valid_offsets(text: str) -> None:
    reading = read(text)
    check(text, reading)
    as_json(reading)
    as_table(reading)


@settings(max_examples=examples(250), deadline=None)
@given(texts, st.one_of(st.none(), st.integers(1990, 2100)))
def test_any_wording_is_read_with_valid_offsets(text: str, year: int | None) -> None:
    for found in read_phrases(text, year=year):
        assert 0 <= found.span.start < found.span.end <= len(text)
        assert squeezed(text[found.span.start : found.span.end])[:1] == squeezed(found.quote)[:1]


# An item of a table's row stands on the whole row as yet, its number before its words.
WHOLE_ROWS = {"guangzhou-family-doctors-2023.html", "guangzhou-family-doctors-table-short-rows.txt"}


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name not in WHOLE_ROWS])
def test_documents_are_read_with_valid_offsets(name: str) -> None:
    check(text_of(name), reading_of(name))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_character_belongs_to_a_measure_a_heading_or_the_unassigned(name: str) -> None:
    text, reading = text_of(name), reading_of(name)
    covered = bytearray(len(text))
    for plan in reading.plans:
        owned = (
            [measure.span for measure in plan.measures] + [one.span for one in plan.unassigned] + list(plan.headings)
        )
        owned += [a.span for measure in plan.measures for item in measure.items for a in item.assignments]
        for span in owned:
            covered[span.start : span.end] = b"\x01" * (span.end - span.start)
    for one in reading.unassigned:
        covered[one.span.start : one.span.end] = b"\x01" * (one.span.end - one.span.start)
    lost = "".join(char for char, owned in zip(text, covered, strict=True) if not owned and not char.isspace())
    # What may stay outside is the number before a measure and the unit printed in front of it.
    assert len(re.sub(r"[\d.．﹒、（）()：:一二三四五六七八九十]", "", lost)) <= 0.02 * len(text), lost


@pytest.mark.parametrize(
    "text",
    [
        "甲" * 400_000, "（" * 400_000, "1" * 400_000, "一" * 400_000, "、" * 400_000, " " * 400_000,
        "（" * 10_000 + "）" * 10_000, "1.落实。" + "（责任单位：" * 10_000 + "）" * 10_000,
        "1.落实。" * 20_000, "①" * 100_000, "。一、甲二、乙三、丙" * 5_000, "一、落实。\n" * 15_000, "1）" * 50_000, "附件1" * 30_000,
    ],
    ids=["one character", "open brackets", "digits", "numerals", "commas", "blanks", "nested", "nested blocks",
         "points", "circled", "headings", "lines", "half brackets", "attachments"],
)  # fmt: skip
def test_a_hostile_text_costs_little_to_read(text: str) -> None:
    with cpu.at_most(4):
        read(text)


@pytest.mark.parametrize("text", ["", "\n", "\ufeff", "\ud800", "\x00\x01", "没有编号也没有责任单位的一段话。"])
def test_a_text_without_a_plan_has_no_plans(text: str) -> None:
    assert read(text).plans == ()
