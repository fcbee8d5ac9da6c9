"""Two limits for one act of one duty are laid side by side; what only says the same again is one."""

import pytest

from tests.reading.loss.test_outside import HEAD, doubts_of
from tracker.reading.extraction import read
from tracker.reading.plan import DoubtKind


def conflicts(body: str) -> list[list[str]]:
    text = f"{HEAD}{body}\n二、开展检查。（县住建局）\n"
    return [
        [text[span.start : span.end] for span in (doubt.span, *doubt.others)]
        for doubt in doubts_of(read(text))
        if doubt.kind is DoubtKind.CONFLICT
    ]


def limits(body: str) -> list[str]:
    measures = read(f"{HEAD}{body}\n二、开展检查。（县住建局）\n").plans[0].measures
    return [limit.quote for item in measures[0].items for limit in item.deadlines]


@pytest.mark.parametrize(
    ("body", "both"),
    [
        ("一、3个工作日内办结报装。受理报装的，10个工作日内办结报装。（县水务局）", ["3个工作日内", "10个工作日内"]),
        ("一、按周报送进展。各镇每月25日前报送进展。（县水务局）", ["按周", "每月25日前"]),
        ("一、2026年5月底前完成管网改造。2026年8月底前完成管网改造。（县水务局）", ["2026年5月底前", "2026年8月底前"]),
        (
            "一、3日内完成整改。5日内完成整改工作。10日内完成整改工作任务并报告。（县水务局）",
            ["3日内", "5日内", "10日内"],
        ),
        ("一、8日内完成整改工作。3日内完成整改。（县水务局）", ["8日内", "3日内"]),
    ],
)
def test_two_limits_for_one_act_are_one_question_with_both_places(body: str, both: list[str]) -> None:
    assert conflicts(body) == [both]


@pytest.mark.parametrize(
    "body",
    [
        "一、咨询类1日内答复，投诉类10日内答复。（县水务局）",
        "一、48小时内放行一般货物，6小时内放行易腐货物。（县水务局）",
        "一、到2026年覆盖率达到50%，到2027年覆盖率达到80%。（县水务局）",
        "一、2026年5月底前完成方案编制，2026年8月底前完成管网改造。（县水务局）",
        "一、月调度、季研判、年考核。（县水务局）",
        "一、每年开展培训，每月报送进展。（县水务局）",
        "一、自受理之日起3个工作日内审批，自批准之日起5个工作日内放款。（县水务局）",
        "一、每周五报送进展。（县水务局）",
        "一、每年6月底前、12月底前报送总结。（县水务局）",
    ],
)
def test_limits_of_several_acts_or_cases_are_no_conflict(body: str) -> None:
    assert conflicts(body) == []


@pytest.mark.parametrize(
    ("body", "left"),
    [
        # 鞍山 助企招工 四.一: one daily report, worded three times
        ("一、建立日报告制度。实行日报告，各组每日报告进展。（县水务局）", ["日报告，各组每日"]),
        ("一、按月报送进展。每月25日前，各镇报送进展。（县水务局）", ["每月25日前"]),
        ("一、每年遴选示范户，每年推介典型案例。（县水务局）", ["每年", "每年"]),
    ],
)
def test_what_only_says_the_same_again_is_one_limit(body: str, left: list[str]) -> None:
    assert limits(body) == left
    assert conflicts(body) == []


def test_two_clauses_that_give_one_unit_two_lengths_for_one_act_are_a_conflict() -> None:
    text = (
        "云岭县供水办法\n第一条 县水务局应当自收到申请之日起3个工作日内作出决定。\n"
        "第二条 县水务局应当公开流程。\n第三条 县水务局应当自收到申请之日起10个工作日内作出决定。\n"
    )
    (found,) = [doubt for doubt in doubts_of(read(text)) if doubt.kind is DoubtKind.CONFLICT]
    assert "3个工作日内" in text[found.span.start : found.span.end]
    assert ["10个工作日内" in text[span.start : span.end] for span in found.others] == [True]
    assert "／" in found.seen
