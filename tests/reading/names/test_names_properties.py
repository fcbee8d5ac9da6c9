"""Whatever the text, names lie where they are said to, are names, and cost no more than the text is long."""
# ruff: noqa: E501 - printed Chinese is quoted as it stands; broken lines would hide it.

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit import cpu
from tests.kit.lengths import examples
from tracker.reading.names.brackets import blocks_in
from tracker.reading.names.charges import charges_in
from tracker.reading.names.confidence import confidence_of
from tracker.reading.names.responsibility import Named, read_list
from tracker.reading.plan import Role
from tracker.reading.text.cleaning import Clean, fold

PIECES = [
    "市财政局", "县水务局", "各乡镇（街道）", "各有关部门", "幼儿园", "包村干部", "县公交公司", "属地街道办事处", "第三条", "一、", "（二）",
    "由", "请", "会同", "牵头", "配合", "负责", "要", "应当", "将", "于每月5日前", "3个工作日内", "按照职责分工", "指导", "、", "，", "。", "；", "：",
    "（", "）", "的", "等", "和", "及", "主责", "责任单位", "督办", "\n", "　", " ", "组织", "开展检查", "完成整改", "报", "2025年6月底前", "近年来", "《", "》", "“", "”",
]  # fmt: skip
texts = st.one_of(st.text(max_size=80), st.lists(st.sampled_from(PIECES), max_size=40).map("".join))


def found_in(text: str) -> tuple[Clean, list[Named], list[Named]]:
    """The clean text, whom its sentences charge, and whom its blocks name."""
    clean = Clean(text, fold(text), [(0, len(text))])
    charged = [one for charge in charges_in(clean.flat, 0, len(clean.flat)) for one in charge.names]
    blocks = blocks_in(clean.flat, clean.breaks)
    listed = [
        one
        for block in blocks
        for one in read_list(clean.flat, block.inner_start, block.inner_end, Role.RESPONSIBLE, "bracket")
    ]
    return clean, charged, listed


@given(texts)
@settings(max_examples=examples(300), deadline=None)
def test_every_name_stands_where_it_is_said_to(text: str) -> None:
    clean, charged, listed = found_in(text)
    for one in (*charged, *listed):
        assert 0 <= one.start < one.end <= len(clean.flat)
        assert 0 < confidence_of(one.rule) < 1


@given(texts)
@settings(max_examples=examples(300), deadline=None)
def test_whom_a_sentence_charges_is_a_name_and_nothing_else(text: str) -> None:
    clean, charged, _ = found_in(text)
    for one in charged:
        name = clean.flat[one.start : one.end]
        assert not re.search(
            r"第[〇零一二三四五六七八九十百\d]+条|[，。；：《！]", re.sub(r"（[^（）]*）", "", name)
        ), name
        assert not re.match(r"[一二三四五六七八九十]、|[的和及由]", name), name


@given(texts)
@settings(max_examples=examples(200), deadline=None)
def test_the_sentences_that_charge_stand_in_order_and_apart(text: str) -> None:
    flat = fold(text)
    charges = charges_in(flat, 0, len(flat))
    starts = [charge.start for charge in charges]
    assert starts == sorted(set(starts))
    for charge in charges:
        spans = sorted((one.start, one.end) for one in charge.names)
        assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))


@pytest.mark.parametrize(
    "words",
    [
        "市财政局，",
        "市财政局、",
        "由市财政局",
        "会同市财政局，",
        "，请",
        "的，要",
        "（市财政局）",
        "各市、",
        "，由市财政局负责，",
        "各部门对",
        "每月",
        "中心",
    ],
)
def test_a_text_of_one_wording_costs_what_it_is_long(words: str) -> None:
    text = words * (100_000 // len(words))
    with cpu.at_most(2):
        charges_in(text, 0, len(text))
        blocks_in(text, range(0, len(text), 30))
