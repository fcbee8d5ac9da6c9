"""No document has so many numbers or paragraphs: what lies behind the last that is read is asked, never lost."""

import pytest

from tracker.reading import extraction
from tracker.reading.extraction import read
from tracker.reading.loss.coverage import coverage_of
from tracker.reading.outline import layout, markers
from tracker.reading.plan import DoubtKind, Span


def test_a_text_with_more_numbers_than_any_document_says_where_it_was_no_longer_cut(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "云岭县若干措施\n" + "".join(f"{n}.推进第{n}项。（县水务局）\n" for n in range(1, 31))
    monkeypatch.setattr(markers, "MOST", 20)
    monkeypatch.setattr("tracker.reading.outline.layout.MOST", 20)
    reading = read(text)
    (doubt,) = [one for one in reading.doubts if one.kind is DoubtKind.UNREAD]
    assert text[doubt.span.start :].startswith("20.")
    assert len(reading.plans[0].measures) == 20


def test_an_ordinary_text_is_cut_to_its_end() -> None:
    text = "云岭县若干措施\n一、推进改造。（县水务局）\n二、开展检查。（县住建局）\n"
    assert [doubt.kind for doubt in read(text).doubts] == []


def test_paragraphs_beyond_the_most_there_may_be_are_one_question_and_no_part_of_what_was_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing behind the last paragraph that is laid out is read in silence, or counted as read."""
    monkeypatch.setattr(layout, "MOST_LINES", 20)
    monkeypatch.setattr(extraction, "MOST_LINES", 20)
    text = "".join(f"市财政局负责落实第{n}件事。\n" for n in range(100, 130))
    found = read(text)
    rest = Span(text.index("市财政局负责落实第120"), len(text))
    assert [one.key for one in found.plans[0].measures] == [f"#{n}" for n in range(1, 21)]
    assert [(one.kind, one.span) for one in found.doubts] == [(DoubtKind.UNREAD, rest)]
    assert found.doubts[0].seen.startswith("段落超过 20 段，从“市财政局负责落实第120件事")
    assert [one.span for one in coverage_of(text, found).rest] == [rest]
    assert not [doubt for plan in found.plans for doubt in plan.doubts if doubt.kind is DoubtKind.SUSPECT]
