"""Which known names are offered for one nobody knows, and how each is said to be near."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.lengths import examples
from tracker.reading.names.candidates import Closeness, candidates
from tracker.reading.names.likeness import likeness, normalise

KNOWN = [
    "市工业和信息化局", "市财政局", "市住房城乡建设局", "市人力资源社会保障局", "市市场监管局〔市知识产权局〕",
    "市教育局", "国家税务总局某市税务局", "市政府国有资产监督管理委员会", "国网某市供电公司",
    "东县政府", "西县政府", "省财政厅",
]  # fmt: skip


@pytest.mark.parametrize(
    ("printed", "best", "how"),
    [
        ("市工信局", "市工业和信息化局", Closeness.SHORT),
        ("市国资委", "市政府国有资产监督管理委员会", Closeness.SHORT),
        ("市人社局", "市人力资源社会保障局", Closeness.SHORT),
        ("市知识产权局", "市市场监管局〔市知识产权局〕", Closeness.SAME),
        ("市市场监管局", "市市场监管局〔市知识产权局〕", Closeness.SAME),
        ("某市税务局", "国家税务总局某市税务局", Closeness.LONGER),
        ("市住房和城乡建设局", "市住房城乡建设局", Closeness.SLIP),
        ("市住房城乡建没局", "市住房城乡建设局", Closeness.SLIP),
        ("市 财政局", "市财政局", Closeness.SAME),
        ("县财政局", "市财政局", Closeness.LEVEL),
        ("某某县教育局", "市教育局", Closeness.LEVEL),
    ],
)
def test_the_nearest_is_offered_first_and_said_in_words(printed: str, best: str, how: Closeness) -> None:
    first, *_ = candidates(printed, KNOWN)
    assert (first.name, first.closeness) == (best, how)


@pytest.mark.parametrize("printed", ["完全无关的词", "甲", ""])
def test_what_has_nothing_in_common_is_not_offered(printed: str) -> None:
    assert candidates(printed, KNOWN) == []


def test_a_body_of_another_level_comes_after_the_one_of_its_own() -> None:
    assert next(c.name for c in candidates("市财政局", ["省财政厅", "市财政局"])) == "市财政局"


names = st.text(alphabet="市县区局委厅工业信息化财政教育水务〔〕（）", min_size=0, max_size=12)


@given(printed=names, known=st.lists(names, max_size=12), limit=st.integers(1, 6))
@settings(max_examples=examples(200), deadline=None)
def test_any_names_are_ranked_best_first_each_once(printed: str, known: list[str], limit: int) -> None:
    found = candidates(printed, known, limit)
    assert len(found) <= limit
    assert len({c.name for c in found}) == len(found)
    assert {c.name for c in found} <= set(known)
    scores = [c.score for c in found]
    assert scores == sorted(scores, reverse=True)
    for candidate in found:
        assert candidate.score == round(likeness(printed, candidate.name), 6)
    if printed and normalise(printed) in {normalise(k) for k in known}:
        assert found[0].score == 1
