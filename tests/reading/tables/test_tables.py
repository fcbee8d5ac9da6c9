"""Task tables flattened to TAB-parted lines are read row by row: tasks, units with their roles, limits."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kit import cpu
from tracker.reading.extraction import read
from tracker.reading.plan import Deadline, DoubtKind, Measure, Role
from tracker.reading.tables.columns import Column, kind_of_column
from tracker.reading.tables.task_tables import tables_in
from tracker.reading.text.cleaning import fold

PLAIN = """安山市2022年重点任务分工方案
为落实市政府工作报告，制定本方案。
序号\t重点任务\t责任单位\t完成时限
一、减轻企业负担
1\t加强电能计量服务\t市发展改革委、市财政局\t2022年6月底前
2\t推广网上办电\t国网安山供电公司牵头，市财政局配合\t2022年12月
二、保障措施落地
3\t建立台账\t各县（市）区政府\t每月25日前
"""


def measures(text: str) -> list[Measure]:
    return [measure for plan in read(text).plans for measure in plan.measures]


def units(measure: Measure) -> list[tuple[str, Role]]:
    return [(one.unit, one.role) for item in measure.items for one in item.assignments]


def limits(measure: Measure) -> list[Deadline]:
    return [one for item in measure.items for one in item.deadlines]


def test_every_row_is_a_measure_under_its_number_and_heading() -> None:
    found = measures(PLAIN)
    assert [(m.key, m.section, m.text) for m in found] == [
        ("1", "一、减轻企业负担", "加强电能计量服务"),
        ("2", "一、减轻企业负担", "推广网上办电"),
        ("3", "二、保障措施落地", "建立台账"),
    ]
    assert units(found[0]) == [("市发展改革委", Role.RESPONSIBLE), ("市财政局", Role.RESPONSIBLE)]
    assert units(found[1]) == [("国网安山供电公司", Role.LEAD), ("市财政局", Role.SUPPORT)]
    assert [(d.quote, d.date, d.rrule) for m in found for d in limits(m)] == [
        ("2022年6月底前", date(2022, 6, 30), None),
        ("2022年12月", date(2022, 12, 31), None),
        ("每月25日前", None, "FREQ=MONTHLY;BYMONTHDAY=25"),
    ]


def test_offsets_point_into_the_source() -> None:
    for measure in measures(PLAIN):
        for item in measure.items:
            assert PLAIN[item.span.start : item.span.end].startswith(measure.key)
            for one in item.assignments:
                assert PLAIN[one.span.start : one.span.end] == one.unit
            for limit in item.deadlines:
                assert PLAIN[limit.span.start : limit.span.end] == limit.quote


def test_header_and_headings_are_read_but_are_no_measures() -> None:
    (plan,) = read(PLAIN).plans
    headings = [PLAIN[span.start : span.end] for span in plan.headings]
    assert any(PLAIN[o.span.start : o.span.end] == "序号\t重点任务\t责任单位\t完成时限" for o in plan.unassigned)
    assert "二、保障措施落地" in headings
    assert plan.title == "安山市2022年重点任务分工方案"


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("序号", Column.NUMBER), ("重点任务", Column.TASK), ("措施", Column.TASK), ("工作内容", Column.TASK),
        ("主要任务及措施", Column.TASK), ("任务分解", Column.TASK), ("责任单位", Column.WHO), ("牵头单位", Column.WHO),
        ("配合部门", Column.WHO), ("牵头（责任）单位", Column.WHO), ("牵头单位及配合单位", Column.WHO),
        ("责任处室", Column.WHO),
        ("完成时限", Column.TIME), ("时限", Column.TIME), ("完 成 时 间", Column.TIME), ("时间节点", Column.TIME),
        ("计划完成时间", Column.TIME), ("责任人", Column.PERSON), ("分管领导", Column.PERSON),
        ("联系电话", Column.PHONE),
        ("任务类别", Column.SECTION), ("备注", Column.OTHER), ("工作目标", Column.OTHER), ("金额", Column.OTHER),
    ],
)  # fmt: skip
def test_headers_say_what_a_column_holds(header: str, kind: Column) -> None:
    assert kind_of_column(fold(header)) is kind


def test_columns_of_lead_and_support_give_the_roles() -> None:
    found = measures("任务\t牵头单位\t配合单位\t时限\n清理拖欠账款\t市工信局\t市财政局、市住建局\t2022年底\n")
    assert units(found[0]) == [("市工信局", Role.LEAD), ("市财政局", Role.SUPPORT), ("市住建局", Role.SUPPORT)]
    assert limits(found[0])[0].date == date(2022, 12, 31)


def test_a_header_of_two_lines_is_read_as_one() -> None:
    text = "序号\t工作任务\t责任分工\t\t完成时限\n\t\t牵头单位\t配合单位\t\n"
    text += "1\t清理拖欠账款\t市工信局\t市财政局\t2022年9月30日\n"
    (found,) = measures(text)
    assert units(found) == [("市工信局", Role.LEAD), ("市财政局", Role.SUPPORT)]
    assert limits(found)[0].date == date(2022, 9, 30)


def test_a_task_merged_over_rows_has_an_item_for_each_whether_filled_or_empty() -> None:
    head = "序号\t任务\t责任单位\t完成时限\n"
    filled = head + "1\t建设平台\t市大数据局\t2022年6月底前\n1\t建设平台\t市财政局\t2022年9月底前\n"
    copied = head + "1\t建设平台\t市大数据局\t2022年6月底前\n\t\t市财政局\t2022年9月底前\n"
    for text in (filled, copied):
        (found,) = measures(text)
        assert [[one.unit for one in item.assignments] for item in found.items] == [["市大数据局"], ["市财政局"]]
        assert [limit.date for limit in limits(found)] == [date(2022, 6, 30), date(2022, 9, 30)]


def test_names_set_on_lines_of_their_own_are_parted_and_wrapped_ones_are_not() -> None:
    text = "任务\t责任单位\n建设平台\t市财政局 市住建局 市市场监督 管理局\n"
    assert [unit for unit, _ in units(measures(text)[0])] == ["市财政局", "市住建局", "市市场监督管理局"]


def test_the_outer_of_two_task_columns_is_the_section() -> None:
    text = "重点任务\t具体措施\t责任单位\n优化服务\t推行网上办\t市政务局\n优化服务\t推行就近办\t市民政局\n"
    assert [(m.section, m.text) for m in measures(text)] == [("优化服务", "推行网上办"), ("优化服务", "推行就近办")]


def test_a_remark_in_the_header_makes_the_first_unit_lead() -> None:
    text = "任务\t责任单位（列第一位者为牵头单位）\n建设平台\t市财政局、市住建局\n"
    assert units(measures(text)[0]) == [("市财政局", Role.LEAD), ("市住建局", Role.RESPONSIBLE)]


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2022年6月", date(2022, 6, 30)), ("2022年6月30日", date(2022, 6, 30)), ("2022.6.30", date(2022, 6, 30)),
        ("2022-06-30", date(2022, 6, 30)), ("2022年底", date(2022, 12, 31)), ("2022年", date(2022, 12, 31)),
        ("2022年上半年", date(2022, 6, 30)), ("2022年9月底前完成", date(2022, 9, 30)),
        ("2022年第二季度", date(2022, 6, 30)), ("一季度", date(2022, 3, 31)), ("2022年6-9月", date(2022, 9, 30)),
        ("6月至9月", date(2022, 9, 30)), ("20220630", date(2022, 6, 30)), ("2022.6", date(2022, 6, 30)),
        ("6.30", date(2022, 6, 30)), ("2022年10月中旬", date(2022, 10, 20)), ("2022-2024年", date(2024, 12, 31)),
        ("即日起至2022年8月", date(2022, 8, 31)), ("长期坚持", None), ("持续推进", None),
        ("立行立改", None), ("—", None),
    ],
)  # fmt: skip
def test_a_bare_date_in_the_column_of_limits_is_a_limit(cell: str, day: date | None) -> None:
    (plan,) = read(f"安山市2022年任务表\n任务\t责任单位\t完成时限\n建设平台\t市财政局\t{cell}\n").plans
    assert [one.date for one in limits(plan.measures[0])] == ([day] if day else [])
    assert all(one.kind == "absolute" for one in limits(plan.measures[0]))
    assert plan.doubts == ()


@pytest.mark.parametrize(
    ("cell", "said", "day"),
    [
        ("立即", ["立即"], None), ("长期坚持", ["长期坚持"], None), ("持续推进", ["持续推进"], None),
        ("常态化", ["常态化"], None), ("即时", ["即时"], None), ("全年", ["全年"], None),
        ("立行立改", ["立行立改"], None),
        ("按上级要求", ["按上级要求"], None), ("与主体工程同步", ["与主体工程同步"], None),
        ("已完成", ["已完成"], None),
        ("2022年底，长期坚持", ["长期坚持"], date(2022, 12, 31)),
        ("2022年6月底前完成，并长期坚持", ["并长期坚持"], date(2022, 6, 30)),
        ("立行立改，6月底前", ["立行立改"], date(2022, 6, 30)), ("—", [], None), ("无", [], None),
    ],
)  # fmt: skip
def test_words_without_a_day_in_the_column_of_limits_are_kept_as_printed(
    cell: str, said: list[str], day: date | None
) -> None:
    (plan,) = read(f"安山市2022年任务表\n任务\t责任单位\t完成时限\n建设平台\t市财政局\t{cell}\n").plans
    (item,) = plan.measures[0].items
    assert [one.quote for one in item.vague] == said
    assert [one.date for one in item.deadlines] == ([day] if day else [])
    assert plan.doubts == ()


@pytest.mark.parametrize("cell", ["一周内", "汛期前", "20日前"])
def test_what_is_not_understood_in_the_column_of_limits_is_asked_once(cell: str) -> None:
    (plan,) = read(f"安山市2022年任务表\n任务\t责任单位\t完成时限\n建设平台\t市财政局\t{cell}\n").plans
    assert [one.kind for one in plan.doubts] == [DoubtKind.HALF_LIMIT]


@pytest.mark.parametrize("cell", ["46203", "十三五末期", "县里来定", "第三次例会后"])
def test_what_is_not_understood_in_the_column_of_limits_is_asked_about(cell: str) -> None:
    (plan,) = read(f"任务\t责任单位\t完成时限\n建设平台\t市财政局\t{cell}\n").plans
    (doubt,) = plan.doubts
    assert doubt.kind is DoubtKind.HALF_LIMIT
    assert cell in doubt.seen


def test_a_bare_count_of_days_in_the_column_of_limits_is_a_limit() -> None:
    (limit,) = limits(measures("任务\t责任单位\t办理时限\n受理申请\t市财政局\t3个工作日\n")[0])
    assert (limit.kind, limit.amount, limit.unit) == ("relative", 3, "workday")


def test_people_and_telephones_have_columns_of_their_own() -> None:
    text = "任务\t责任单位\t责任人\t联系电话\n建设平台\t市财政局\t张三\t0412-5551234\n"
    (contact,) = measures(text)[0].items[0].contacts
    assert (contact.unit, contact.name, contact.phones) == ("市财政局", "张三", ("0412-5551234",))


def test_a_header_repeated_at_a_page_break_is_no_row() -> None:
    head = "序号\t任务\t责任单位\n"
    assert len(measures(head + "1\t建设平台\t市财政局\n" + head + "2\t完善机制\t市司法局\n")) == 2


def test_a_cell_with_line_breaks_copied_from_a_spreadsheet_is_one_cell() -> None:
    text = '任务\t责任单位\n"建立台账。\n每月通报。"\t市财政局\n完善机制\t市司法局\n'
    found = measures(text)
    assert [m.text for m in found] == ["建立台账。每月通报。", "完善机制"]


def test_a_table_that_says_the_text_again_is_listed_but_not_counted_twice() -> None:
    text = (
        "安山市稳增长若干措施\n一、加大减税力度，落实各项税费优惠政策。（责任单位：市税务局）\n二、加强用工保障服务工作。（责任单位：市人社局）\n"
        "附件\n任务\t责任单位\n加大减税力度，落实各项税费优惠政策\t市税务局\n另行开展专项检查\t市审计局\n"
    )
    (plan,) = read(text).plans
    assert [units(m)[0][0] for m in plan.measures] == ["市税务局", "市人社局", "市审计局"]
    assert any(one.reason == "任务表（与正文重复）" for one in plan.unassigned)


@pytest.mark.parametrize(
    "text",
    [
        "目录\n一、总则\t1\n二、措施\t3\n",
        "姓名\t电话\n张三\t123\n",
        "项目\t金额\t备注\n补贴\t100\t无\n",
        "一、加强服务。\t（责任单位：市财政局）\n",
    ],
)
def test_what_is_no_task_table_is_left_alone(text: str) -> None:
    assert tables_in(fold(text)) == []


@given(st.text(alphabet='\t\n"任务责单位时限市局1、。（） a', max_size=300))
def test_any_text_is_read_and_offsets_stay_valid(text: str) -> None:
    for plan in read("任务\t责任单位\n" + text).plans:
        for measure in plan.measures:
            assert 0 <= measure.span.start <= measure.span.end <= len(text) + 8


@pytest.mark.parametrize("line", ["\t", '"\t', '"a\n', "任务\t责任单位\n", "任务\t市局\n", "（\t"])
def test_long_tables_cost_little(line: str) -> None:
    with cpu.at_most(4):
        tables_in("任务\t责任单位\n" + line * (200_000 // len(line)))


def test_several_bare_dates_in_one_cell_are_as_many_limits() -> None:
    (plan,) = read("安山市2022年任务表\n任务\t责任单位\t完成时限\n建设平台\t市财政局\t2023年6月、12月底\n").plans
    assert [one.date for one in limits(plan.measures[0])] == [date(2023, 6, 30), date(2023, 12, 31)]
    assert plan.doubts == ()
