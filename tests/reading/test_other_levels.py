"""A draft may be cut at another level of its outline: the whole plan, or one branch."""

import pytest

from tests.reading.scoring import reading_of, text_of
from tracker.reading.extraction import levels_of, read, recut
from tracker.reading.plan import Span

PLAN = (
    "云岭县供水保障若干措施\n为保障供水，制定以下措施。\n一、推进改造\n（一）改造管网。县水务局负责实施。\n1.更换老旧管线；\n2.加装水表。\n"
    "（二）改造水厂。县水务局负责实施。\n1.更新滤池；\n2.加装监测设备。\n二、开展检查\n（三）检查水质。县卫健局每月检查一次。\n"
)


def keys(level: str | None, span: Span | None = None) -> list[str]:
    if span is None:
        return [measure.key for measure in read(PLAN, level).plans[0].measures]
    assert level is not None
    return [measure.key for measure in recut(PLAN, span, level)]


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("han", ["一", "二"]),
        ("han_paren", ["一.一", "一.二", "二.三"]),
        ("arabic", ["一.一#1", "一.一.1", "一.一.2", "一.二#1", "一.二.1", "一.二.2", "二.三"]),
    ],
)
def test_every_number_of_the_chosen_level_is_a_measure(level: str, expected: list[str]) -> None:
    found = keys(level)
    assert [key for key in found if "#" not in key] == [key for key in expected if "#" not in key]


def test_one_branch_is_cut_alone_with_the_keys_of_the_whole() -> None:
    plan = read(PLAN).plans[0]
    branch = next(node for node in plan.outline if node.key == "一.一")
    assert keys("arabic", branch.span)[-2:] == ["一.一.1", "一.一.2"]
    assert set(keys("arabic", branch.span)) <= set(keys("arabic"))
    assert [m.key for m in recut(PLAN, plan.span, "han_paren")] == ["一.一", "一.二", "二.三"]


def test_the_outline_names_every_number_and_the_levels_it_offers() -> None:
    plan = read(PLAN).plans[0]
    assert [node.key for node in plan.outline] == [
        "一",
        "一.一",
        "一.一.1",
        "一.一.2",
        "一.二",
        "一.二.1",
        "一.二.2",
        "二",
        "二.三",
    ]
    assert [node.depth for node in plan.outline] == [0, 1, 2, 2, 1, 2, 2, 0, 1]
    assert levels_of(plan) == (("han", 2), ("han_paren", 3), ("arabic", 4))
    first = plan.outline[1]
    assert PLAN[first.head.start : first.head.end] == "（一）改造管网。"


@pytest.mark.parametrize("name", ["anshan-burden-relief-measures.txt", "chongqing-consumption-support-2021.txt"])
def test_a_plan_cut_at_the_level_it_was_read_at_is_the_same(name: str) -> None:
    plan = reading_of(name).plans[0]
    level = next(node.style for node in plan.outline if node.is_measure)
    assert recut(text_of(name), plan.span, level) == plan.measures
