"""A printed block says who answers; whom the text beside it charges by name is asked, never added."""

import pytest

from tracker.reading.extraction import read
from tracker.reading.plan import Doubt, DoubtKind, Plan


def plan_of(first: str) -> Plan:
    """A plan whose first measure is the text."""
    return read(
        "青溪县2025年治水实施方案\n"
        f"一、{first}\n"
        "二、加强宣传。广泛开展宣传。（责任单位：县教育局）\n"
        "三、加强督导。开展督导检查。（责任单位：县政府办）\n"
    ).plans[0]


def asked(plan: Plan) -> list[Doubt]:
    """What is asked about the units of a plan."""
    return [one for one in plan.doubts if one.kind is DoubtKind.UNSURE_UNIT]


def test_an_office_that_the_block_leaves_out_is_a_question() -> None:
    plan = plan_of("加强巡查。县水务局要每月巡查一次。（责任单位：县河长办）")
    assert [one.unit for item in plan.measures[0].items for one in item.assignments] == ["县河长办"]
    (doubt,) = asked(plan)
    assert doubt.measure == "一"
    assert "县水务局要每月巡查" in doubt.seen
    assert "责任单位里没有" in doubt.seen


@pytest.mark.parametrize(
    "first",
    [
        "加强巡查。县水务局要每月巡查一次。（责任单位：县水务局）",
        "加强巡查。水务局要每月巡查一次。（责任单位：县水务局）",
        "加强巡查。各乡镇要每月巡查一次。（责任单位：县水务局）",
        "加强巡查。每月巡查一次，报县水务局备案。（责任单位：县河长办）",
        "加强巡查。县水务局要每月巡查一次，县住建局负责排水管网。",
    ],
)
def test_an_office_that_is_listed_or_only_spoken_of_is_none(first: str) -> None:
    assert asked(plan_of(first)) == []
