"""A period that had ended at issue and can still be met is a question (上一期还来得及), reading.md 5."""

import pytest

from tracker.reading.extraction import read
from tracker.reading.plan import DoubtKind

PLAN = """青溪县人民政府办公室关于印发青溪县决算报送办法的通知
青政办发〔2026〕8号
各镇人民政府，县政府各部门：
现将办法印发给你们，请认真贯彻执行。
青溪县人民政府办公室
2026年{day}
青溪县决算报送办法
一、报送决算。各预算单位在每年度终了后3个月内报送决算。（责任单位：县财政局）
二、加强公开。县财政局及时公开结果。（责任单位：县财政局）
"""


@pytest.mark.parametrize(
    ("day", "asked"), [("3月10日", True), ("3月31日", True), ("4月1日", False), ("11月28日", False)]
)
def test_the_period_before_the_issue_is_asked_about_while_it_can_be_met(day: str, asked: bool) -> None:
    (plan,) = read(PLAN.format(day=day)).plans
    found = [doubt for doubt in plan.doubts if doubt.kind is DoubtKind.EARLIER_PERIOD]
    assert bool(found) is asked
    if asked:
        assert found[0].seen == "每年度终了后3个月内：2025年的到2026年3月31日为止"
        assert found[0].measure == "一"
