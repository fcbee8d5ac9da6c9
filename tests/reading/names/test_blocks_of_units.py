"""Printed blocks (责任条目) name who answers, wherever they stand and whatever else they say; cases of `reading.md` 4."""
# ruff: noqa: E501 - printed Chinese is quoted as it stands; broken lines would hide it.

import pytest

from tracker.reading.extraction import measure_of
from tracker.reading.plan import Measure, Span


def measure(text: str) -> Measure:
    """A text read as one measure."""
    return measure_of(text, Span(0, len(text)), key="1", year=2025)


def charged(text: str) -> list[str]:
    """Every unit of a measure as 「unit」 or 「unit:role」 where it is not plainly responsible."""
    return [
        one.unit if one.role.value == "responsible" else f"{one.unit}:{one.role.value}"
        for item in measure(text).items
        for one in item.assignments
    ]


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("推进通关便利。（责任单位：区商务局、白石海关，适用范围：综合保税区）", ["区商务局", "白石海关"]),
        ("推进通关便利。（牵头单位：白石海关；实施范围：港口片区；完成时限：2025年10月底前）", ["白石海关:lead"]),
        ("共建平台。（市科技局、市工信局）", ["市科技局", "市工信局"]),
        ("共建平台（市科技局、市工信局）。推广应用。", ["市科技局", "市工信局"]),
        ("共建平台（市科技局、市工信局）", ["市科技局", "市工信局"]),
        ("共建平台。（市科技局、市工信局）推广应用。（市财政局）", ["市科技局", "市工信局", "市财政局"]),
        ("共建平台。（市科技局　市工信局）", ["市科技局", "市工信局"]),
        ("共建平台。责任单位：市科技局 市工信局", ["市科技局", "市工信局"]),
        ("共建平台。责任单位：市 科 技 局、市工 信局", ["市科技局", "市工信局"]),
        ("开通全程网办。（5月底完成，牵头考核单位：市审批局）", ["市审批局:lead"]),
        ("开通全程网办。（1分）（持续推进，牵头考核单位：市审批局、市公安局）", ["市审批局:lead", "市公安局:lead"]),
        (
            "完善机制。（市发改委牵头，市财政局、市商务局配合）",
            ["市发改委:lead", "市财政局:support", "市商务局:support"],
        ),
        ("完善机制。（科技部等和各地方人民政府按职责分工负责）", ["科技部:each", "各地方人民政府:each"]),
        ("完善机制。（市发改委会同市财政局）", ["市发改委", "市财政局:support"]),
        ("完善机制。（责任单位：各区县人民政府，列首位者为牵头单位）", ["各区县人民政府:lead"]),
        ("完善机制。（责任科室：办公室、审批科）", ["办公室", "审批科"]),
        ("由县水务局负责巡查。（责任单位：县河长办）", ["县河长办"]),
        ("市场监督管理所、市场服务管理所。由其做好巡查。", ["市场监督管理所", "市场服务管理所"]),
        ("市场监督管理所：做好巡查。", ["市场监督管理所"]),
    ],
)
def test_the_printed_block_says_who(text: str, units: list[str]) -> None:
    assert charged(text) == units
