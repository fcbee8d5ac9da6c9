"""A table behind a plan: joined to the measures it says again, a plan of its own where its tasks are its own."""

from datetime import date

import pytest

from tracker.reading.extraction import read
from tracker.reading.plan import DoubtKind, Measure, Plan, Role

PLAN = """柳河县稳就业若干措施
为稳定就业，制定本措施。
一、扩大岗位供给。鼓励企业吸纳高校毕业生，县人社局每季度发布岗位清单。对吸纳较多的企业按规定给予补贴。
二、支持返乡创业。建设返乡创业园两个，提供场地和融资服务。
三、加强技能培训。围绕家政、养老等行业开展培训，2026年底前完成六千人次。
"""
HEAD = "序号\t工作任务\t牵头单位\t配合单位\t完成时限\n"
AGAIN = (
    HEAD
    + "1\t鼓励企业吸纳高校毕业生，县人社局每季度发布岗位清单\t县人社局\t县教育局\t每季度\n"
    + "1\t对吸纳较多的企业按规定给予补贴\t县财政局\t县人社局\t2026年12月底前\n"
    + "2\t建设返乡创业园两个，提供场地和融资服务\t县发展改革局\t县农业农村局、各乡镇政府\t2026年9月底前\n"
    + "3\t围绕家政、养老等行业开展培训\t县人社局\t县妇联\t2026年底前\n"
)


def units(measure: Measure) -> list[list[tuple[str, str]]]:
    return [[(one.unit, one.role.brief or one.role.value) for one in item.assignments] for item in measure.items]


def only(text: str) -> Plan:
    (plan,) = read(text).plans
    return plan


@pytest.mark.parametrize("caption", ["附件\n", "附件\n任务分工表\n", "附件1\n柳河县稳就业若干措施任务分工表\n", ""])
def test_a_table_that_says_the_text_again_is_joined_to_it(caption: str) -> None:
    plan = only(PLAN + caption + AGAIN)
    assert [measure.key for measure in plan.measures] == ["一", "二", "三"]
    assert units(plan.measures[0]) == [
        [("县人社局", "牵头"), ("县教育局", "配合")],
        [("县财政局", "牵头"), ("县人社局", "配合")],
    ]
    assert units(plan.measures[1]) == [[("县发展改革局", "牵头"), ("县农业农村局", "配合"), ("各乡镇政府", "配合")]]
    days = [[limit.date or limit.rrule for item in m.items for limit in item.deadlines] for m in plan.measures]
    assert days == [
        ["FREQ=MONTHLY;INTERVAL=3", date(2026, 12, 31)], [date(2026, 9, 30)], [date(2026, 12, 31)],
    ]  # fmt: skip


def test_the_items_of_a_joined_measure_are_the_sentences_its_rows_repeat() -> None:
    text = PLAN + AGAIN
    measure = only(text).measures[0]
    assert [item.text for item in measure.items] == [
        "鼓励企业吸纳高校毕业生，县人社局每季度发布岗位清单",
        "对吸纳较多的企业按规定给予补贴",
    ]
    for item in measure.items:
        assert text[item.span.start : item.span.end] == item.text
        for one in item.assignments:
            assert text[one.span.start : one.span.end] == one.unit


def test_what_only_the_table_prints_is_a_measure_of_its_own() -> None:
    plan = only(PLAN + AGAIN + "4\t举办招聘会二十场\t县总工会\t县人社局\t2026年6月底前\n")
    assert [measure.text for measure in plan.measures][3:] == ["举办招聘会二十场"]
    assert units(plan.measures[3]) == [[("县总工会", "牵头"), ("县人社局", "配合")]]


def test_a_task_of_the_titles_alone_is_joined_by_them() -> None:
    rows = "1\t扩大岗位供给\t县人社局\t/\t\n2\t支持返乡创业\t县发展改革局\t/\t\n3\t加强技能培训\t县人社局\t/\t\n"
    plan = only(PLAN + "附件\n" + HEAD + rows)
    assert [units(measure) for measure in plan.measures] == [
        [[("县人社局", "牵头")]], [[("县发展改革局", "牵头")]], [[("县人社局", "牵头")]],
    ]  # fmt: skip


def test_rows_worded_anew_are_joined_by_their_numbers_and_asked_about() -> None:
    rows = (
        "1\t鼓励企业吸纳高校毕业生，县人社局每季度发布岗位清单\t县人社局\t/\t\n"
        "2\t办好返乡创业园\t县发展改革局\t/\t\n"
        "3\t围绕家政、养老等行业开展培训\t县人社局\t/\t\n"
    )
    plan = only(PLAN + "附件\n" + HEAD + rows)
    assert [measure.key for measure in plan.measures] == ["一", "二", "三"]
    assert units(plan.measures[1]) == [[("县发展改革局", "牵头")]]
    assert [(one.kind, one.measure) for one in plan.doubts] == [(DoubtKind.TABLE, "二")]


def test_a_row_that_is_the_heading_of_a_section_gives_its_units_to_the_measures_below() -> None:
    text = (
        "柳河县稳就业工作方案\n一、扩大岗位供给\n（一）开发公益岗位。安置困难人员三百人。\n"
        "（二）举办招聘活动。全年不少于二十场。\n二、加强技能培训\n（三）开设夜校。开设课程四十门。\n附件\n"
        + HEAD
        + "1\t扩大岗位供给\t县人社局\t县总工会\t\n2\t加强技能培训\t县教育局\t县人社局\t\n"
    )
    plan = only(text)
    leads = [[one.unit for item in m.items for one in item.assignments if one.role is Role.LEAD] for m in plan.measures]
    assert leads == [["县人社局"], ["县人社局"], ["县教育局"]]


def test_a_block_in_the_text_and_a_row_that_names_others_are_laid_side_by_side() -> None:
    text = (
        "柳河县稳就业若干措施\n一、扩大岗位供给，鼓励企业吸纳毕业生。（责任单位：县人社局）\n"
        "二、建设返乡创业园两个，提供场地。（责任单位：县发展改革局）\n附件\n"
        + HEAD
        + "1\t扩大岗位供给，鼓励企业吸纳毕业生\t县人社局\t\t\n2\t建设返乡创业园两个，提供场地\t县农业农村局\t\t\n"
    )
    plan = only(text)
    assert units(plan.measures[0]) == [[("县人社局", "牵头")]]
    assert units(plan.measures[1]) == [[("县农业农村局", "牵头"), ("县发展改革局", "responsible")]]
    (doubt,) = [one for one in plan.doubts if one.kind is DoubtKind.UNSURE_UNIT]
    assert doubt.measure == "二"


def test_two_days_for_one_measure_are_a_conflict() -> None:
    plan = only(PLAN + AGAIN.replace("县妇联\t2026年底前", "县妇联\t2026年10月底前"))
    (doubt,) = [one for one in plan.doubts if one.kind is DoubtKind.CONFLICT]
    assert (doubt.measure, len(doubt.others)) == ("三", 1)


def test_a_named_table_of_tasks_of_its_own_is_a_plan_of_its_own() -> None:
    text = (
        PLAN
        + "附件\n柳河县稳就业重点任务分工表\n"
        + HEAD
        + "1\t举办春风行动招聘会三十场\t县人社局\t县总工会\t2026年3月底前\n"
        + "2\t建成零工市场一处\t城关镇\t县人社局\t2026年9月底前\n"
        + "注：本表由县人社局负责解释。\n"
    )
    plan, table = read(text).plans
    assert [measure.key for measure in plan.measures] == ["一", "二", "三"]
    assert table.title == "柳河县稳就业重点任务分工表"
    assert [(measure.key, measure.text) for measure in table.measures] == [
        ("1", "举办春风行动招聘会三十场"),
        ("2", "建成零工市场一处"),
    ]
    assert plan.span.end <= table.span.start
    assert table.jurisdiction == plan.jurisdiction


def test_a_table_in_the_middle_of_a_plan_stays_in_it() -> None:
    text = (
        "柳河县稳就业工作方案\n一、扩大供给。（责任单位：县人社局）\n柳河县重点岗位开发任务表\n"
        + HEAD
        + "1\t开发护林岗位三十个\t县林业局\t\t6月底前\n二、加强培训。（责任单位：县教育局）\n"
    )
    plan = only(text)
    assert sorted(measure.text[:4] for measure in plan.measures) == ["加强培训", "开发护林", "扩大供给"]


@pytest.mark.parametrize(
    ("text", "cell", "quotes"),
    [
        ("县水务局6月底前完成普查，9月底前完成改造。", "2026年12月底前", ["6月底前", "9月底前", "2026年12月底前"]),
        ("县水务局每月报送普查进展。", "每季度", ["每月", "每季度"]),
        ("县水务局6月底前完成普查，9月底前完成改造。", "2026年9月", []),
        ("县水务局每月报送普查进展。", "每月25日前", []),
    ],
)
def test_limits_of_the_text_that_the_table_does_not_know_are_laid_beside_its_own(
    text: str, cell: str, quotes: list[str]
) -> None:
    source = (
        f"柳河县2026年管网治理方案\n一、管网普查。{text}\n二、巡查护堤。县水务局负责组织巡查护堤工作。\n附件\n任务分工表\n"
        + f"{HEAD}1\t{text}\t县水务局\t县财政局\t{cell}\n2\t县水务局负责组织巡查护堤工作\t县水务局\t县财政局\t长期\n"
    )
    asked = [one for one in only(source).doubts if one.kind is DoubtKind.CONFLICT]
    assert [[source[s.start : s.end] for s in (one.span, *one.others)] for one in asked] == ([quotes] if quotes else [])
