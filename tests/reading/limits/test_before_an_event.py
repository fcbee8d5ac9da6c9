"""Periods counted back from an event (开会15日前)."""

import pytest

from tracker.reading.limits.phrases import read_phrases


@pytest.mark.parametrize(
    ("sentence", "trigger", "amount", "unit"),
    [
        ("开会15日前提交议题。", "开会", 15, "day"),
        ("会议召开十日前，将议题送达各成员单位。", "会议召开", 10, "day"),
        ("期限届满三十日前提出延续申请。", "期限届满", 30, "day"),
        ("活动开始3个工作日前，主办单位应当报告。", "活动开始", 3, "workday"),
        ("应当在开庭三日前通知当事人。", "开庭", 3, "day"),
    ],
)
def test_an_event_may_open_its_clause_or_follow_a_preposition(
    sentence: str, trigger: str, amount: int, unit: str
) -> None:
    (found,) = read_phrases(sentence)
    assert (found.trigger, found.amount, found.unit, found.direction) == (trigger, amount, unit, "before")
    assert sentence[found.span.start : found.span.end] == found.quote


@pytest.mark.parametrize("sentence", ["距今15日前已经办理。", "约15日前完成了排查。"])
def test_how_long_ago_something_was_is_no_time_limit(sentence: str) -> None:
    assert read_phrases(sentence) == ()
