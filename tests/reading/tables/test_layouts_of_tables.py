"""A task table reads the same however it was pasted; what is ambiguous in a copy is asked."""

import pytest

from tests.kit import task_tables as tabled
from tracker.reading.extraction import read
from tracker.reading.plan import DoubtKind, Measure, Plan, Role


def plan_of(table: str) -> Plan:
    (plan,) = read(f"{tabled.TITLE}\n{table}\n").plans
    return plan


def told(measures: tuple[Measure, ...]) -> list[tuple[object, ...]]:
    """Key, section, title, and of every item its words, units with roles, and limits."""
    return [
        (m.key, m.section, m.title, i.text, [(a.unit, a.role) for a in i.assignments], [d.quote for d in i.deadlines])
        for m in measures
        for i in m.items
    ]


def test_rows_under_one_number_are_items_of_one_measure_below_their_own_section() -> None:
    plan = plan_of(tabled.from_our_readers(tabled.ROWS))
    assert [(m.key, m.section, m.title, len(m.items)) for m in plan.measures] == [
        ("1", "一、改善出行", "农村公路", 3),
        ("2", "一、改善出行", "停车设施", 1),
        ("3", "（一）老旧小区", "加装电梯", 1),
        ("4", "（一）老旧小区", "物业服务", 1),
    ]
    assert plan.doubts == ()


@pytest.mark.parametrize("form", tabled.PASTED)
def test_a_table_reads_the_same_however_it_was_pasted(form: str) -> None:
    """A browser leaves the merged lead out altogether, so that what the row means cannot be told: below."""
    plan = plan_of(tabled.PASTED[form](tabled.ROWS))
    as_it_is = told(plan_of(tabled.from_our_readers(tabled.ROWS)).measures)
    ambiguous = 2 if form == "a browser" else None
    for n, (found, right) in enumerate(zip(told(plan.measures), as_it_is, strict=True)):
        assert found == right or n == ambiguous


def test_a_copy_that_lost_a_merged_lead_is_asked_about() -> None:
    for form in (tabled.from_a_browser, tabled.from_a_sheet):
        (doubt,) = plan_of(form(tabled.ROWS)).doubts
        assert doubt.kind is DoubtKind.TABLE
        assert doubt.measure == "1"
        assert "开通城乡公交三条" in doubt.seen


def test_short_rows_are_laid_under_the_columns_their_cells_suit() -> None:
    """Cells copied from a browser: the number and the title reach down, so that the rows below begin with the task."""
    rows = (
        "序号\t事项\t内容\t牵头单位\t配合单位\t内部处室\t备注",
        "1\t扩大供给\t新增托位六百个。\t各区政府\t市卫生健康委、市财政局\t基层处\t/",
        "开展从业人员轮训。\t市人社局\t/\t人事处\t基层处",
        "2\t规范服务\t公布收费项目。\t市发展改革委\t各区政府\t价格处\t",
    )
    plan = plan_of("\n".join(rows))
    assert [(m.key, m.title, [i.text for i in m.items]) for m in plan.measures] == [
        ("1", "扩大供给", ["新增托位六百个。", "开展从业人员轮训。"]),
        ("2", "规范服务", ["公布收费项目。"]),
    ]
    second = plan.measures[0].items[1]
    assert [(one.unit, one.role) for one in second.assignments] == [("市人社局", Role.LEAD)]
    assert plan.doubts == ()


def test_a_row_whose_limit_is_left_out_keeps_its_units_and_one_whose_units_are_takes_the_row_above() -> None:
    head = "序号\t任务\t责任单位\t完成时限\n1\t建成平台。\t市数据局\t2026年6月底前\n"
    plan = plan_of(head + "2\t完善机制。\t市司法局\n3\t公布清单。\t2026年9月底前\n")
    assert [[a.unit for a in m.items[0].assignments] for m in plan.measures] == [
        ["市数据局"],
        ["市司法局"],
        ["市司法局"],
    ]
    assert [[d.quote for d in m.items[0].deadlines] for m in plan.measures] == [
        ["2026年6月底前"],
        [],
        ["2026年9月底前"],
    ]
    assert [doubt.measure for doubt in plan.doubts] == ["3"]


def test_line_breaks_inside_a_cell_do_not_break_its_row() -> None:
    first = "1\t建成平台。\n接入各部门数据。\n开放查询。\t市数据局\t2026年6月底前\n"
    text = f"序号\t任务\t责任单位\t完成时限\n{first}2\t完善机制。\t市司法局\t长期\n"
    plan = plan_of(text)
    assert [m.text for m in plan.measures] == ["建成平台。接入各部门数据。开放查询。", "完善机制。"]
    assert [[a.unit for a in m.items[0].assignments] for m in plan.measures] == [["市数据局"], ["市司法局"]]


@pytest.mark.parametrize(
    ("first", "rest", "words", "units"),
    [
        ("1\t建成统一的数据平台，接入各部门\t市数据局\t2026年6月底前", "\t业务系统，开放查询。\t\t",
         "建成统一的数据平台，接入各部门业务系统，开放查询。", ["市数据局"]),
        ("1\t建成平台，\t市数据局、市市场\t2026年6月底前", "\t开放查询。\t监管局\t",
         "建成平台，开放查询。", ["市数据局", "市市场监管局"]),
        ("1\t建成平台。\t市数据局、\t2026年6月底前", "\t\t市财政局\t", "建成平台。", ["市数据局", "市财政局"]),
    ],
    ids=["words", "words and units", "units alone"],
)  # fmt: skip
@pytest.mark.parametrize("again", ["", "序号\t任务\t责任单位\t完成时限\n"], ids=["straight on", "header repeated"])
def test_a_row_that_a_page_breaks_is_one(first: str, rest: str, words: str, units: list[str], again: str) -> None:
    text = f"序号\t任务\t责任单位\t完成时限\n{first}\n{again}{rest}\n2\t完善机制。\t市司法局\t长期\n"
    plan = plan_of(text)
    assert [m.text for m in plan.measures] == [words, "完善机制。"]
    assert [a.unit for a in plan.measures[0].items[0].assignments] == units


def test_a_second_task_under_one_number_is_no_rest_of_the_first() -> None:
    text = "序号\t任务\t责任单位\n1\t建成平台。\t市数据局\n\t开放查询。\t市司法局\n"
    (measure,) = plan_of(text).measures
    assert [(i.text, [a.unit for a in i.assignments]) for i in measure.items] == [
        ("建成平台。", ["市数据局"]),
        ("开放查询。", ["市司法局"]),
    ]


@pytest.mark.parametrize("tail", ["", "\t\t\t"], ids=["a line", "a merged row"])
def test_two_section_rows_may_follow_one_another(tail: str) -> None:
    rows = ("一、出行", "（一）道路", "1\t修好道路\t市交通局\t长期", "二、居住", "2\t修好屋顶\t市住建局\t长期")
    text = "序号\t任务\t责任单位\t时限\n" + "\n".join(row if "\t" in row else row + tail for row in rows)
    plan = plan_of(text)
    assert [(m.key, m.section) for m in plan.measures] == [("1", "（一）道路"), ("2", "二、居住")]


def test_a_header_of_two_lines_repeated_on_the_next_page_is_no_row() -> None:
    head = "序号\t工作任务\t责任分工\t\t完成时限\n\t\t牵头单位\t配合单位\t\n"
    text = head + "1\t清理欠款\t市工信局\t市财政局\t9月底前\n" + head + "2\t核对账目\t市审计局\t市财政局\t10月底前\n"
    plan = plan_of(text)
    assert [m.text for m in plan.measures] == ["清理欠款", "核对账目"]
    assert {one.role for m in plan.measures for i in m.items for one in i.assignments} == {Role.LEAD, Role.SUPPORT}


def test_a_table_of_one_row_is_read() -> None:
    (measure,) = plan_of("任务\t责任单位\t完成时限\n建成平台\t市数据局\t2026年6月底前\n").measures
    assert measure.items[0].deadlines[0].quote == "2026年6月底前"


def test_an_unknown_header_is_read_by_what_its_cells_hold_and_asked_about() -> None:
    plan = plan_of("接收单位名称\t安置任务\n市水务局\t安置公益性岗位12人\n市林草局\t安置护林岗位30人\n")
    assert [(m.text, [a.unit for a in m.items[0].assignments]) for m in plan.measures] == [
        ("安置公益性岗位12人", ["市水务局"]),
        ("安置护林岗位30人", ["市林草局"]),
    ]
    (doubt,) = plan.doubts
    assert doubt.kind is DoubtKind.TABLE
    assert "接收单位名称" in doubt.seen


@pytest.mark.parametrize(
    "table",
    [
        "指标\t口径\t来源\n覆盖率\t市民政局按季统计\t年报\n满意率\t第三方调查\t抽样\n",
        "| 甲 | 乙 |\n|---|---|\n| 市财政局 | 按月拨付 |\n| 市审计局 | 应当核对 |\n",
    ],
)
def test_a_table_nobody_understands_is_asked_about(table: str) -> None:
    text = f"云岭市养老服务措施\n一、加强供给。（责任单位：市民政局）\n二、加强保障。（责任单位：市财政局）\n{table}"
    (plan,) = read(text).plans
    (doubt,) = [one for one in plan.doubts if one.kind is DoubtKind.TABLE]
    assert text[doubt.span.start : doubt.span.end] == table.rstrip()


@pytest.mark.parametrize(
    "table",
    ["目录\n一、总则\t1\n二、措施\t3\n", "档次\t补贴\n甲档\t100\n乙档\t200\n", "一行\t而已\n"],
    ids=["contents", "amounts", "one line"],
)
def test_a_table_that_hands_nothing_out_is_not(table: str) -> None:
    text = f"云岭市养老服务措施\n{table}一、加强供给。（责任单位：市民政局）\n二、加强保障。（责任单位：市财政局）\n"
    assert [one for plan in read(text).plans for one in plan.doubts if one.kind is DoubtKind.TABLE] == []
