"""The stored text in blocks: nothing is lost, marks do not overlap, what was left out says why."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.kit.world import TEXT, plan
from tracker.clock.describing import describe_rule
from tracker.clock.rules import Kind, Rule, Sense
from tracker.reading.comparison import pairs
from tracker.store.models import Party
from tracker.web.deadlines.rhythms import AS_READ, DAY_CHOICES, RHYTHM_CHOICES, chosen, rrule
from tracker.web.documents.source_text import NOT_READ, TextMark, blocks, marks_of, page_coverage, parts


def measure(start: int, end: int, section: str = "一", names: Any = (), rules: Any = ()) -> Any:
    item = SimpleNamespace(
        assignments=[SimpleNamespace(start=a, end=b, confidence=c) for a, b, c in names],
        rules=[SimpleNamespace(start=a, end=b, confidence=c, party=p) for a, b, c, p in rules],
    )
    return SimpleNamespace(start=start, end=end, section=section, items=[item])


def read_measures() -> list[Any]:
    made = []
    for read in plan()["measures"]:
        item = read["items"][0]
        names = [(*a["span"], a["confidence"]) for a in item["assignments"]]
        rules = [(*d["span"], d["confidence"], Party(d["party"])) for d in item["deadlines"]]
        made.append(measure(*read["span"], read["section"], names, rules))
    return made


def joined(cut: list[Any]) -> str:
    return "".join("".join(words for words, _ in block.segments) for block in cut)


def test_every_character_but_blank_lines_stands_in_one_block() -> None:
    held = read_measures()
    cut = blocks(TEXT, 0, len(TEXT), held, plan(), marks_of(held))
    assert "".join(joined(cut).split()) == "".join(TEXT.split())
    assert [b.measure for b in cut if b.measure] == held
    marked = [(words, css) for b in cut for words, css in b.segments if css]
    assert ("每月25日", "deadline") in marked
    assert ("14天内", "other") in marked, "another party's limit looks different"
    assert ("各县区政府", "unit") in marked


def test_what_is_no_measure_is_listed_with_its_reason() -> None:
    held = read_measures()
    heading = TEXT.index("一、清理账款")
    reading = {"headings": [[0, 12], [heading, heading + 6]],
               "unassigned": [{"span": [14, 25], "reason": "文号", "suspect": False}]}  # fmt: skip
    cut = blocks(TEXT, 0, len(TEXT), held, reading, [])
    found = page_coverage(TEXT, (0, len(TEXT)), held, reading, cut)
    assert [b.reason for b in found.left_out] == ["文号"]
    assert found.unexplained == []
    assert found.percent == 100
    bare = page_coverage(TEXT, (0, len(TEXT)), held, {}, blocks(TEXT, 0, len(TEXT), held, {}, []))
    assert [b.reason for b in bare.left_out] == [NOT_READ]
    assert 80 < bare.percent < 100, "a paragraph nobody accounts for is not covered"


def test_a_suspect_paragraph_behind_a_plain_one_of_its_reason_keeps_its_mark() -> None:
    text = "附件\n背景资料。\n县水务局负责巡查。\n"
    left = [{"span": [0, 2], "reason": "附件", "suspect": False}, {"span": [3, 8], "reason": "附件", "suspect": False},
            {"span": [9, 18], "reason": "附件", "suspect": True}]  # fmt: skip
    reading = {"unassigned": left}
    found = page_coverage(text, (0, len(text)), [], reading, blocks(text, 0, len(text), [], reading, []))
    assert [block.words for block in found.suspects] == ["县水务局负责巡查。"]


@pytest.mark.parametrize(("asked", "answered"), [([], ["县水务局负责巡查。"]), ([[9, 18]], [])])
def test_a_paragraph_a_person_has_answered_for_is_accounted_for_unless_something_in_it_is_still_asked(
    asked: list[list[int]], answered: list[str]
) -> None:
    text = "附件\n背景资料。\n县水务局负责巡查。\n"
    left = [{"span": [0, 8], "reason": "附件", "suspect": False}, {"span": [9, 18], "reason": "附件", "suspect": True}]
    reading = {"unassigned": left, "answered": [[9, 13, "不需处理 · 某人"]], "asked": asked}
    found = page_coverage(text, (0, len(text)), [], reading, blocks(text, 0, len(text), [], reading, []))
    assert [(b.words, b.answered) for b in found.answered] == [(one, "不需处理 · 某人") for one in answered]
    assert [b.words for b in found.suspects] == ([] if answered else ["县水务局负责巡查。"])
    assert len(found.left_out) == (1 if answered else 2)
    assert found.read.accounted == (9 if answered else 0)


def test_marks_do_not_overlap_and_little_confidence_shows() -> None:
    held = [
        measure(0, 20, names=[(2, 8, 0.9), (12, 14, 0.3)], rules=[(4, 10, 0.9, Party.UNIT), (16, 18, 0.9, Party.UNIT)])
    ]
    assert marks_of(held) == [TextMark(2, 8, "unit"), TextMark(12, 14, "unsure"), TextMark(16, 18, "deadline")]


def test_two_measures_on_one_line_are_two_blocks() -> None:
    text = "1.甲局办理甲事。2.乙局办理乙事。\n"
    held = [measure(2, 8), measure(10, 16)]
    cut = blocks(text, 0, len(text), held, {}, [])
    assert [b.measure for b in cut] == held
    assert joined(cut) == text.strip()


def test_the_parts_hold_every_place_once() -> None:
    held = [measure(10, 20, "一"), measure(22, 30, "一"), measure(40, 50, "二")]
    found = parts(SimpleNamespace(measures=held), 0, 60)  # type: ignore[arg-type]
    assert [(p.heading, p.start, p.end) for p in found] == [("一", 0, 30), ("二", 30, 60)]


@pytest.mark.parametrize("rhythm", list(RHYTHM_CHOICES))
def test_a_rhythm_comes_back_as_it_was_chosen(rhythm: str) -> None:
    days = [day for group in DAY_CHOICES.values() if isinstance(group, dict) for day in group]
    taken = [day for day in ["", *days] if rrule(rhythm, day)]
    assert "" in taken
    for day in taken:
        rule = rrule(rhythm, day)
        back = chosen(rule)
        assert (back.rhythm, back.day) == (rhythm, day)
        assert describe_rule(Rule(Kind.RECURRING, Sense.WITHIN, rrule=rule))


@pytest.mark.parametrize(
    "rule", ["FREQ=WEEKLY;BYDAY=TU,TH", "FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=30", "FREQ=DAILY;INTERVAL=3"]
)
def test_a_finer_rhythm_is_kept_as_read(rule: str) -> None:
    assert chosen(rule).rhythm == AS_READ


def test_two_plans_are_paired_measure_by_measure() -> None:
    mine = ["组织银企对接活动，推广金融产品。", "全新的一项工作，此前没有写过。"]
    theirs = ["加强收费监督管理，查处违规加价。", "组织银企对接活动，推广金融产品。"]
    assert pairs(mine, theirs) == [(0, 1, 1.0), (1, None, 0.0), (None, 0, 0.0)]
