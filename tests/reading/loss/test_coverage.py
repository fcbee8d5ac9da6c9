"""Coverage counts visible characters of measures, of proved headings and of paragraphs a named rule explains."""

import pytest
from hypothesis import given, settings

from tests.kit.lengths import examples
from tests.reading.loss.test_outside import HEAD, MEASURES, doubts_of
from tests.reading.scoring import DOCUMENTS, reading_of, text_of
from tests.reading.test_reading_properties import texts
from tracker.reading.extraction import read
from tracker.reading.loss.coverage import HEADING, Part, coverage, coverage_of
from tracker.reading.loss.explained import rule_of
from tracker.reading.loss.printed import as_questions
from tracker.reading.plan import DoubtKind, Span
from tracker.reading.text.cleaning import unveil


@pytest.mark.parametrize(
    ("words", "reason", "rule"),
    [
        ("各县（区）人民政府，市直有关部门：", "引言", "主送机关"),
        ("云政发（2026）3号", "引言", "文号"),
        ("2026年3月1日", "引言", "日期"),
        ("二〇二六年三月一日", "尾", "日期"),
        ("《云岭县供水保障若干措施》已经县政府同意，现印发给你们，请认真贯彻执行。", "引言", "印发语"),
        ("为保障供水，制定以下措施。", "引言", "制定缘由"),
        ("云岭县人民政府办公室2026年3月1日", "落款", "署名"),
        ("本措施自印发之日起施行，由县水务局负责解释。", "尾", "施行与解释"),
        ("附件：1.联络员名单", "附件", "附件目录"),
        ("（此件公开发布）", "尾", "公开属性"),
        ("抄送：县委办公室，县人大常委会办公室。", "尾", "抄送"),
        ("联系人：某某，联系电话：0800-5550100", "尾", "联系方式"),
        ("云岭县人民政府关于印发供水保障若干措施的通知", "引言", "印发通知的标题"),
        ("罗平省科技厅厅长", "附件", "名单"),
        # What none of them says.
        ("供水是民生大事。", "说明", None),
        ("水厂日供水三万吨。", "附件", None),
        ("县水务局负责巡查。", "尾", None),
    ],
)
def test_a_paragraph_outside_the_measures_is_known_by_a_rule_of_its_own(
    words: str, reason: str, rule: str | None
) -> None:
    assert rule_of(words, reason) == rule


def test_a_paragraph_that_nothing_explains_is_not_covered_and_is_listed() -> None:
    text = f"{HEAD}{MEASURES}附件\n水厂日供水三万吨。\n"
    found = coverage_of(text, read(text))
    assert [text[one.span.start : one.span.end] for one in found.rest] == ["水厂日供水三万吨。"]
    assert found.visible == len("".join(text.split()))
    assert found.accounted == found.visible - 9
    assert found.percent < 100


def test_a_heading_is_proved_by_its_shortness_and_by_holding_no_sentence() -> None:
    text = "一、供水设施\n（一）推进改造。情况很多，原因不一。\n"
    found = coverage(text, [], [(Span(0, 6), HEADING), (Span(7, len(text) - 1), HEADING)], [])
    assert [(one.part, text[one.span.start : one.span.end]) for one in found.beside] == [
        (Part.HEADING, "一、供水设施"),
        (Part.REST, "（一）推进改造。情况很多，原因不一。"),
    ]


def test_what_is_asked_about_covers_nothing() -> None:
    text = "附件：1.县水务局负责巡查"
    assert coverage(text, [], [(Span(0, len(text)), "附件")], []).percent == 100
    assert coverage(text, [], [(Span(0, len(text)), "附件")], [Span(0, 4)]).percent == 0


def test_a_part_of_a_text_has_a_coverage_of_its_own() -> None:
    text = "甲乙丙丁\n戊己庚辛\n"
    assert coverage(text, [Span(0, 4)], [], [], Span(0, 4)).percent == 100
    assert coverage(text, [Span(0, 4)], [], [], Span(5, 9)).percent == 0


@settings(max_examples=examples(150), deadline=None)
@given(texts)
def test_every_visible_character_is_counted_once(text: str) -> None:
    found = coverage_of(text, read(text))
    assert found.visible == len("".join(unveil(text).split()))
    assert 0 <= found.accounted <= found.visible
    ends = [0]
    for one in found.beside:
        assert one.span.start >= ends[-1]
        ends.append(one.span.end)
    assert found.accounted + sum(one.visible for one in found.rest) == found.visible


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_documents_are_covered_as_far_as_they_are_read(name: str) -> None:
    found = coverage_of(text_of(name), reading_of(name))
    assert found.accounted + sum(one.visible for one in found.rest) == found.visible


def test_a_text_hardly_read_raises_the_question_by_itself() -> None:
    text = "\n".join("水厂日供水三万吨，管网很长。" for _ in range(40))
    kinds = [doubt.kind for doubt in doubts_of(read(f"{HEAD}{MEASURES}附件\n{text}\n"))]
    assert kinds == [DoubtKind.UNREAD]
    assert DoubtKind.UNREAD not in [doubt.kind for doubt in doubts_of(read(HEAD + MEASURES * 20))]


def test_questions_are_printed_with_their_lines_their_reasons_and_what_is_left_over() -> None:
    text = f"{HEAD}{MEASURES}附件\n县水务局负责巡查。\n县财政局负责保障。\n水厂日供水三万吨。\n"
    printed = as_questions(read(text), text).splitlines()
    assert printed[0] == "云岭县供水保障若干措施：疑问 2 处"
    assert printed[1].strip().startswith(f"{DoubtKind.SUSPECT.label}（2 处）：{DoubtKind.SUSPECT.why}")
    assert printed[2].split() == ["第", "6", "行", "县水务局负责巡查。"]
    assert printed[-1].split() == ["第", "8", "行", "9", "字", "水厂日供水三万吨。"]
    assert "没有着落的 3 段" in printed[-4]
