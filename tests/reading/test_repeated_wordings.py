"""A text that says one thing over and over costs what it is long: the work is counted, not timed."""

import sys
from types import FrameType

import pytest

from tracker.reading.extraction import read

# Of the work on a text those on one twice as long may take; twice is linear.
_GROWTH = 2.6
_LENGTH = 1_500  # characters


def steps(text: str) -> int:
    """How many calls reading a text makes."""
    count = 0

    def tick(_frame: FrameType, event: str, _arg: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(tick)
    try:
        read(text)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize(
    "words",
    [
        "责任单位：市财政局、市教育局\n",
        "责任单位\n",
        "市政府办公室关于做好有关工作的通知\n",
        "任务|单位\n",
        "任务|单位\n加强管理|市财政局\n",
        "完善制度\t市财政局\t6月底前\n",
        "任务\t责任单位\n",
    ],
)
def test_a_wording_twice_as_often_takes_twice_the_work(words: str) -> None:
    count = _LENGTH // len(words)
    read(words * count)  # what is compiled at its first use is no part of it
    assert steps(words * count * 2) < _GROWTH * steps(words * count)
