"""Task tables pasted one cell a line are read row by row."""

import pytest

from tests.kit import cpu
from tracker.reading.extraction import read
from tracker.reading.tables.stacked import stacked_in

HEAD = "安山市2023年重点工作分工表\n"
ROWS = (
    ("1", "推进窗口整合，实现一窗受理。", "市政务服务局", "6月底前"),
    ("2", "公布事项清单，动态调整。", "市政务服务局、市司法局", "10月底前"),
    ("3", "开展满意度回访。", "各县（区）政府", "每月25日前"),
)
NUMBERED = "\n".join(["序号", "工作任务", "责任单位", "完成时限", *(cell for row in ROWS for cell in row)])
PLAIN = "\n".join(["工作任务", "责任单位", "完成时限", *(cell for row in ROWS for cell in row[1:])])
BARRED = NUMBERED.replace("\n", "\n|\n")
MERGED = """工作任务
|
具体要求
|
责任科室
|
时限要求
|
规范办理
|
1
|
建立登记台账，
逐件销号。
|
办公室
|
年底前
|
2
|
开展抽查。
|
各科室
|
持续推进
|
加强宣传
|
3
|
报送典型做法。
|
综合科、各科室
|
每季度
|
"""


def told(text: str) -> list[tuple[str, str, list[str], int]]:
    """Key, text, units and the number of limits of every measure."""
    return [
        (m.key, m.text, [a.unit for i in m.items for a in i.assignments], sum(len(i.deadlines) for i in m.items))
        for plan in read(text).plans
        for m in plan.measures
    ]


@pytest.mark.parametrize("table", [NUMBERED, PLAIN, BARRED], ids=["numbered", "counted", "barred"])
def test_every_row_is_a_measure(table: str) -> None:
    assert told(HEAD + table) == [
        ("1", "推进窗口整合，实现一窗受理。", ["市政务服务局"], 1),
        ("2", "公布事项清单，动态调整。", ["市政务服务局", "市司法局"], 1),
        ("3", "开展满意度回访。", ["各县（区）政府"], 1),
    ]


def test_a_section_that_reaches_over_rows_is_printed_once() -> None:
    plan = read(MERGED).plans[0]
    assert [(m.key, m.section, m.text) for m in plan.measures] == [
        ("1", "规范办理", "建立登记台账，逐件销号。"),
        ("2", None, "开展抽查。"),
        ("3", "加强宣传", "报送典型做法。"),
    ]
    assert [a.unit for a in plan.measures[2].items[0].assignments] == ["综合科", "各科室"]


def test_what_follows_the_table_is_no_row() -> None:
    assert len(told(HEAD + PLAIN + "\n联系人另行通知。\n请认真执行。\n特此通知。\n")) == 3


def test_words_of_a_header_in_running_text_are_no_table() -> None:
    assert stacked_in("责任单位\n工作任务\n市财政局要做好保障。\n") == []


@pytest.mark.parametrize("text", ["工作任务\n责任单位\n完成时限\n" * 20_000, "责任单位\n|\n" * 50_000, "1\n" * 100_000])
def test_a_hostile_stack_costs_little_to_read(text: str) -> None:
    with cpu.at_most(2):
        stacked_in(text)
