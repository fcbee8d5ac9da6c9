"""Where a measure may be cut: every sentence once, in order, nothing lost."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.lengths import examples
from tracker.reading.plan import Span
from tracker.reading.text.sentences import sentences


def cut(text: str) -> list[str]:
    return [text[s.start : s.end] for s in sentences(text, Span(0, len(text)))]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("建立台账。按月通报。", ["建立台账。", "按月通报。"]),
        # The block behind the stop names who does it: it stays with what it is about.
        ("完成清欠。（牵头单位：市工信局）按月通报。", ["完成清欠。（牵头单位：市工信局）", "按月通报。"]),
        ("完成清欠。（责任单位：市工信局）。通报。", ["完成清欠。（责任单位：市工信局）。", "通报。"]),
        ("完成清欠（含民企；含国企）。通报。", ["完成清欠（含民企；含国企）。", "通报。"]),
        ("擅自停业；（二）不开放；（三）拒绝检查。", ["擅自停业；", "（二）不开放；", "（三）拒绝检查。"]),
        ("甲说：“办好。”乙办。", ["甲说：“办好。”乙办。"]),
        ("甲。\n　　乙。", ["甲。", "乙。"]),
        ("没有句号", ["没有句号"]),
        ("（没有合上；甲。乙", ["（没有合上；", "甲。", "乙"]),
        (" \n　", []),
    ],
)
def test_sentences_as_a_person_would_point_at_them(text: str, parts: list[str]) -> None:
    assert cut(text) == parts


@settings(max_examples=examples(100))
@given(st.text(alphabet="甲乙。；！（）()“”【】\n 　，一", max_size=60))
def test_every_character_stands_in_exactly_one_sentence_or_is_blank(text: str) -> None:
    found = sentences(text, Span(0, len(text)))
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))
    assert "".join("".join(cut(text)).split()) == "".join(text.split())
