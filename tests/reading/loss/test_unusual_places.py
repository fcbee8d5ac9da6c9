"""Units and limits in places where clerks put them and no rule looked: each is read, or asked about."""

import pytest

from tests.reading.loss.test_missed import UNIT, asked
from tests.reading.loss.test_outside import HEAD, doubts_of, suspects
from tracker.reading.extraction import read
from tracker.reading.plan import Deadline, DoubtKind, Measure

LAW = "云岭县户外广告管理办法\n云政发〔2026〕6号\n2026年3月10日\n"


def only(body: str) -> Measure:
    return read(f"{HEAD}一、{body}\n").plans[0].measures[0]


def units(body: str) -> list[str]:
    return [one.unit for item in only(body).items for one in item.assignments]


def limits(body: str) -> list[Deadline]:
    return [one for item in only(body).items for one in item.deadlines]


def test_the_days_of_a_list_of_months_are_no_days_before_an_event() -> None:
    body = "县委社工部须于4、7、10月及次年1月的10日前报季报。"
    assert all(one.kind != "relative" for one in limits(body))
    assert limits(body) or [one for one in asked(body) if one.kind is DoubtKind.HALF_LIMIT]


@pytest.mark.parametrize("body", ["县城管局负责抽检。", "县城管局应当每半年抽检一次。"])
def test_a_limit_of_another_who_begins_the_article_is_asked(body: str) -> None:
    text = f"{LAW}第一条 设置人应当每季度检修一次设施。{body}\n第二条 县住建局负责巡查。\n"
    assert [one for one in doubts_of(read(text)) if one.measure == "一" and one.kind is DoubtKind.HALF_LIMIT]


def test_a_group_in_a_bracket_between_clauses_is_charged_with_the_office_before_it() -> None:
    body = "抓好征收。完成规划（县水务局）；完成征收（县资规局、各乡镇）；完成招标（县住建局）。"
    assert units(body) == ["县水务局", "县资规局", "各乡镇", "县住建局"]


def test_a_time_in_the_bracket_behind_a_unit_takes_nothing_from_the_unit() -> None:
    body = "开展春季行动。责任单位：县人社局（2-4月）、县总工会（11月起）。"
    assert units(body) == ["县人社局", "县总工会"]
    assert [one for one in asked(body) if one.kind is DoubtKind.HALF_LIMIT]


def test_a_rhythm_in_the_bracket_behind_a_unit_is_no_part_of_its_name() -> None:
    body = "落实补贴。责任单位：县财政局（按季）、县人社局（按月）。"
    assert units(body) == ["县财政局", "县人社局"]
    assert limits(body) or [one for one in asked(body) if one.kind is DoubtKind.HALF_LIMIT]


@pytest.mark.parametrize(
    "body",
    [
        "公布目录。（县委编办，四月）",
        "加强培训<县人社局>",
        "加强执法——县城管局，2026年底",
        "加快审批。补正期内逾期未补的县审批局退件。",
    ],
)
def test_an_office_in_a_measure_without_units_is_asked_wherever_it_stands(body: str) -> None:
    assert units(body) or asked(body)


def test_who_leads_behind_a_dash_is_read_as_who_helps_behind_him_is() -> None:
    assert units("加强监管——县市监局牵头，县卫健局配合，6月底前完成") == ["县市监局", "县卫健局"]


def test_who_is_joined_by_the_short_word_for_together_is_asked() -> None:
    body = "由县发展改革局会县财政局、县审计局编制初稿。"
    assert "县财政局" in units(body) or [one for one in asked(body) if one.kind is DoubtKind.UNSURE_UNIT]


@pytest.mark.parametrize(
    "line",
    [
        "★ 压减审批时限（县审批局，5月）",
        "主管：县市监局",
        "协管：县税务局、县公安局",
        "●6月30日，全面完成。",
    ],
)
def test_a_unit_or_a_day_in_a_paper_without_measures_is_suspect(line: str) -> None:
    text = f"云岭县服务事项一览\n2026年3月10日\n{line}\n"
    plans = read(text).plans
    read_at_all = any(i.assignments or i.deadlines for p in plans for m in p.measures for i in m.items)
    assert read_at_all or suspects(text)


@pytest.mark.parametrize("words", ["完成时限：一年", "完成时限：长期坚持", "办理期限：三日"])
def test_a_limit_in_what_stands_as_a_heading_is_suspect(words: str) -> None:
    text = (
        f"{HEAD}一、{words}\n责任单位：县住建局\n内容：完成改造30个。\n"
        f"二、{words}\n责任单位：县城管局\n内容：清理占道。\n"
    )
    found = [one for plan in read(text).plans for m in plan.measures for i in m.items for one in i.deadlines]
    assert found or any(words in one for one in suspects(text))


def test_a_measure_with_a_whole_unit_raises_no_question_for_its_bracket() -> None:
    assert asked("完成征收（县资规局、各乡镇）。" + UNIT) == []


@pytest.mark.parametrize("body", ["3日内县住建局办结。", "受理后5日内县住建局完成核准。", "24小时内县住建局答复。"])
def test_the_end_of_a_period_is_no_part_of_the_name_behind_it(body: str) -> None:
    assert units(body) == ["县住建局"] or (not units(body) and asked(body))


def test_a_rhythm_of_a_post_that_is_no_unit_is_asked() -> None:
    found = asked("健全机制。县委书记每年调研2次，分管副县长每季度调研1次，县发改局负责安排。")
    assert len([one for one in found if one.kind is DoubtKind.HALF_LIMIT]) == 2


@pytest.mark.parametrize(
    ("body", "unit"),
    [
        ("由县政府督查室逐月盘点。", "县政府督查室"),
        ("由县委组织部干部监督室受理举报。", "县委组织部干部监督室"),
    ],
)
def test_an_office_within_a_body_is_not_cut_to_the_body(body: str, unit: str) -> None:
    assert units(body) == [unit] or [one for one in asked(body) if one.kind is DoubtKind.UNSURE_UNIT]


def test_a_table_of_strange_bars_without_units_is_asked() -> None:
    rows = "序号|事项|谁来办|啥时办完\n1|修路|县交通局|10月\n2|架桥|县住建局|年底"
    assert asked("任务清单\n" + rows.replace("|", "\uff5c"))


@pytest.mark.parametrize(("year", "doubts"), [("", [DoubtKind.HALF_LIMIT]), ("2026年", [])])
def test_the_window_of_a_stage_is_asked_about_where_nothing_names_its_year(year: str, doubts: list[DoubtKind]) -> None:
    text = f"安山市{year}优化服务实施方案\n\n一、动员阶段（3月1日—3月15日）。各单位制定方案。\n"
    assert [one.kind for one in read(text).plans[0].doubts] == doubts
