"""A text that says one thing over and over costs what it is long: the work is counted, not timed."""

import sys
from types import FrameType

import pytest

from tracker.reading.extraction import read
from tracker.reading.outline import layout

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


def clear_memories() -> None:
    """Forget what readings before this one left behind."""
    for module in [one for name, one in sys.modules.items() if name.startswith("tracker.reading")]:
        for kept in list(vars(module).values()):
            getattr(kept, "cache_clear", lambda: None)()


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
        "任务\n责任单位\n时限\n",
        "通知\n",
        "\t\n",
        "甲\t",
        "（责任单位：市财政局）\n",
        "市财政局负责落实。\n",
        "6月底前\n",
    ],
)
def test_a_wording_twice_as_often_takes_twice_the_work(words: str) -> None:
    count = _LENGTH // len(words)
    read(words * count)  # what is compiled at its first use is no part of it
    assert steps(words * count * 2) < _GROWTH * steps(words * count)


@pytest.mark.parametrize("words", ["责任单位", "关于做好有关工作的通知", "市财政局有关工作情况"])
def test_a_paragraph_that_is_repeated_takes_less_work_than_as_many_different_ones(words: str) -> None:
    """What it is, whether it charges anybody and what is suspect in it is asked once."""
    same = f"{words}甲乙丙\n" * 100
    other = "".join(f"{words}{chr(0x4E00 + n)}乙丙\n" for n in range(100, 200))
    read(same + other)  # what is compiled at its first use is no part of it
    clear_memories()
    work = steps(same)
    clear_memories()
    assert work < 0.75 * steps(other)


@pytest.mark.parametrize("words", ["责任单位\n", "市财政局负责落实。\n", "任务\t责任单位\n", "甲\t乙\n"])
def test_paragraphs_beyond_the_most_there_may_be_take_hardly_any_work(
    words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "MOST_LINES", 100)
    read(words * 300)
    assert steps(words * 300) < 2.2 * steps(words * 100)
