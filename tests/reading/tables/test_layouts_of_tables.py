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
        "序号\t事项\t内容\t牵头单位\t配合单位\t内部处室\t其他处室",
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
    assert [doubt.seen for doubt in plan.doubts] == ["“内部处室”没有当作责任单位、“其他处室”没有当作责任单位"]


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


@pytest.mark.parametrize(
    "table",
    [
        "|序号|任务|责任单位|\n|1|完成校舍排查|县教育局|\n|2|建成医共体|县卫健局|\n".replace("|", "\uff5c"),
        "序号 | 任务 | 责任单位\n1 | 完成校舍排查 | 县教育局\n2 | 建成医共体 | 县卫健局\n",
        "序号　　任务　　责任单位\n1　　完成校舍排查　　县教育局\n2　　建成医共体　　县卫健局\n",
        "序号   任务           责任单位\n1      完成校舍排查   县教育局\n2      建成医共体     县卫健局\n",
        "序号\n任务\n责任单位\n1\n完成校舍排查\n县教育局\n2\n建成医共体\n县卫健局\n",
        "事项\t单位\t时间\n完成校舍排查\t县教育局\t\n建成医共体\t县卫健局\t\n",
        "责任单位\t任务\n县教育局\t完成校舍排查\n县卫健局\t建成医共体\n",
        "一级任务\t二级任务\t市直责任单位\n稳民生\t完成校舍排查\t县教育局\n稳民生\t建成医共体\t县卫健局\n",
    ],
    ids=["full-width bars", "bars", "wide blanks", "blanks", "stacked", "plain words", "unit first", "levels"],
)
def test_cells_may_be_parted_by_anything(table: str) -> None:
    assert [(m.text, [a.unit for a in m.items[0].assignments]) for m in plan_of(table).measures] == [
        ("完成校舍排查", ["县教育局"]),
        ("建成医共体", ["县卫健局"]),
    ]


def test_a_cell_left_out_of_a_list_of_cells_is_asked_about_and_loses_no_limit() -> None:
    head = "序号\n任务\n牵头单位\n配合单位\n完成时限\n"
    text = head + "1\n完成校舍排查\n县教育局\n6月底前\n2\n建成医共体\n县卫健局\n县医保局\n12月底前\n"
    plan = plan_of(text)
    assert [[limit.quote for limit in m.items[0].deadlines] for m in plan.measures] == [["6月底前"], ["12月底前"]]
    assert [doubt.measure for doubt in plan.doubts] == ["1"]


def test_bodies_on_lines_of_their_own_in_a_cell_do_not_break_its_row() -> None:
    text = "序号\t任务\t责任单位\t时限\n1\t修好渠道\t县水务局\n县农业农村局\t6月底前\n2\t修好道路\t县交通局\t9月底前\n"
    plan = plan_of(text)
    assert [[a.unit for a in m.items[0].assignments] for m in plan.measures] == [
        ["县水务局", "县农业农村局"],
        ["县交通局"],
    ]


def test_a_part_printed_behind_a_name_is_its_part() -> None:
    (measure,) = plan_of("任务\t责任单位\n办好信访\t市司法局（牵头）、市信访局（配合单位）\n").measures
    assert [(a.unit, a.role) for a in measure.items[0].assignments] == [
        ("市司法局", Role.LEAD),
        ("市信访局", Role.SUPPORT),
    ]


def test_an_empty_lead_is_asked_about_where_the_other_rows_have_one() -> None:
    text = "序号\t任务\t牵头单位\t配合单位\n1\t排查校舍\t\t县教育局\n2\t建医共体\t县卫健局\t\n3\t修路\t县交通局\t\n"
    (doubt,) = plan_of(text).doubts
    assert (doubt.kind, doubt.measure) == (DoubtKind.UNSURE_UNIT, "1")


def test_columns_of_bodies_or_of_stages_that_are_not_read_are_one_question() -> None:
    head = "任务\t牵头单位\t委内处室\t一季度目标\n"
    (doubt,) = plan_of(head + "建设水厂\t县水务局\t规划科\t立项\n建设学校\t县教育局\t基建科\t选址\n").doubts
    assert doubt.kind is DoubtKind.TABLE
    assert "委内处室" in doubt.seen
    assert "一季度目标" in doubt.seen


def test_notes_and_sums_among_the_rows_are_no_tasks_and_a_duty_in_one_is_suspect() -> None:
    rows = (
        "序号\t任务\t责任单位\t资金",
        "1\t排查校舍\t县教育局\t9",
        "合计\t\t\t9",
        "注：每季度末报县督查室。\t\t\t",
    )
    plan = plan_of("\n".join(rows))
    assert [m.text for m in plan.measures] == ["排查校舍"]
    notes = [one for one in plan.unassigned if one.reason == "任务表的附注"]
    assert [one.suspect for one in notes] == [False, True]


def test_what_reaches_over_both_lines_of_a_header_may_be_printed_in_each() -> None:
    head = "序号\t任务\t责任分工\t\t备注\n序号\t任务\t牵头单位\t配合单位\t备注\n"
    plan = plan_of(head + "1\t排查校舍\t县教育局\t县财政局\t续建\n2\t修好渠道\t县水务局\t城关镇\t\n")
    assert plan.title == tabled.TITLE
    assert [[(a.unit, a.role) for a in m.items[0].assignments] for m in plan.measures] == [
        [("县教育局", Role.LEAD), ("县财政局", Role.SUPPORT)],
        [("县水务局", Role.LEAD), ("城关镇", Role.SUPPORT)],
    ]
    assert plan.doubts == ()


def test_a_note_below_a_table_is_no_measure() -> None:
    plan = plan_of("序号\t任务\t责任单位\n1\t排查校舍\t县教育局\n备注：1.任务按项计算。2.括号内为数量。\n")
    assert [m.text for m in plan.measures] == ["排查校舍"]


def test_a_task_that_speaks_of_a_rhythm_is_no_limit_laid_in_the_wrong_column() -> None:
    head = "序号\t项目\t内容\t牵头单位\t配合单位\t完成时限\t备注\n"
    plan = plan_of(head + "1\t助残\t提供居家托养服务，每月不少于4次\t市民政局\t市残联\t全年\n")
    assert plan.doubts == ()
    assert [(a.unit, a.role) for a in plan.measures[0].items[0].assignments] == [
        ("市民政局", Role.LEAD),
        ("市残联", Role.SUPPORT),
    ]


def test_a_number_printed_in_the_cell_of_a_task_is_its_key() -> None:
    plan = plan_of("任务\t责任单位\n（一）排查校舍\t县教育局\n（二）修好渠道\t县水务局\n3.修好道路\t县交通局\n")
    assert [(m.key, m.text) for m in plan.measures] == [("一", "排查校舍"), ("二", "修好渠道"), ("3", "修好道路")]


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
    [
        "姓名\t单位\t电话\n张三\t市民政局\t5551234\n李四\t市财政局\t5554321\n",
        "目录\n一、总则\t1\n二、措施\t3\n",
        "档次\t补贴\n甲档\t100\n乙档\t200\n",
        "一行\t而已\n",
    ],
    ids=["people", "contents", "amounts", "one line"],
)
def test_a_table_that_hands_nothing_out_is_not(table: str) -> None:
    text = f"云岭市养老服务措施\n{table}一、加强供给。（责任单位：市民政局）\n二、加强保障。（责任单位：市财政局）\n"
    assert [one for plan in read(text).plans for one in plan.doubts if one.kind is DoubtKind.TABLE] == []
