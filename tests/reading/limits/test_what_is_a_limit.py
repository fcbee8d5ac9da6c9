"""What is a limit and what is none, in wordings of our own: windows, stages, prohibitions, seasons, rates, events."""
# ruff: noqa: E501 - a wording and what it says stand on one line.

import json
from datetime import date

import pytest

from tracker.reading.extraction import measure_of
from tracker.reading.limits.phrases import read_phrases
from tracker.reading.plan import Span
from tracker.reading.rendering import measure_json
from tracker.store.documents.drafts import UNSURE

ISSUED = date(2026, 3, 24)


@pytest.mark.parametrize(
    ("sentence", "quote", "day"),
    [
        # 前提交 is 前 and its act, 前提条件 is a word
        ("对照清单自查，4月30日前提交自查报告。", "4月30日前", "2026-04-30"),
        ("请于5月20日前提出书面意见。", "5月20日前", "2026-05-20"),
        ("10月前提升覆盖率。", "10月前", "2026-09-30"),
        # a day, a month, a year to come with its act
        ("县教育局于5月18日向社会公告招生计划。", "5月18日", "2026-05-18"),
        ("通知书于6月5日发出。", "6月5日", "2026-06-05"),
        ("2027年7月组织开展中期评估。", "2027年7月", "2027-07-31"),
        ("2027年，选取三个镇试点。", "2027年", "2027-12-31"),
        ("2026年要有所突破。", "2026年", "2026-12-31"),
        ("2026年，力争完成改造20个小区。", "2026年", "2026-12-31"),
        ("2026年新增老年助餐点600个。", "2026年", "2026-12-31"),
        ("首期3亿元于2026年上半年到位。", "于2026年上半年", "2026-06-30"),
        ("学校于2026年8月底交付。", "于2026年8月底", "2026-08-31"),
        ("力争2028年覆盖率达到八成。", "力争2028年", "2028-12-31"),
        ("四季度正式上线。", "四季度", "2026-12-31"),
        ("上半年在市平台发布。", "上半年", "2026-06-30"),
        # stages dated beside their titles, and months in a bracket beside who
        ("动员部署（2026年3月下旬）。", "2026年3月下旬", "2026-03-31"),
        ("集中整治（2026年4月至10月）。", "2026年4月至10月", "2026-10-31"),
        ("完善目录。（11月取得明显成效，牵头单位：市工信局）", "11月", "2026-11-30"),
        # a year that only tells of the past is not the year of the date
        ("根据2025年汛期暴露的环节，4月20日前完成修订。", "4月20日前", "2026-04-20"),
        ("于6月5日、6月15日前分别报送。", None, None),
        ("补足保证金期限为2027年3月31日。", "补足保证金期限为2027年3月31日", "2027-03-31"),
    ],
)  # fmt: skip
def test_a_date_is_due(sentence: str, quote: str | None, day: str | None) -> None:
    found = read_phrases(sentence, year=2026, issued=ISSUED)
    if quote is None:
        assert [str(one.date) for one in found] == ["2026-06-05", "2026-06-15"]
        return
    assert [(one.kind, one.quote, str(one.date)) for one in found] == [("absolute", quote, day)]
    assert found[0].confidence >= UNSURE


def test_every_year_of_a_list_is_due() -> None:
    found = read_phrases("2026年、2027年和2028年分别新建60个、60个、80个。", year=2026, issued=ISSUED)
    assert [(one.quote, str(one.date)) for one in found] == [
        ("2026年", "2026-12-31"),
        ("2027年", "2027-12-31"),
        ("2028年", "2028-12-31"),
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "2026年新增就业3万人，同比增长5%。",
        "2025年新增老年助餐点600个。",
        "2026年新增享受补贴人员按500元发放。",
        "已于2026年上半年到位。",
    ],
)
def test_a_year_that_only_tells_is_not_due(sentence: str) -> None:
    assert not read_phrases(sentence, year=2026, issued=ISSUED)


def test_a_target_of_a_year_nearly_over_is_asked_about() -> None:
    (one,) = read_phrases("2026年新增老年助餐点600个。", year=2026, issued=date(2026, 12, 5))
    assert one.confidence < UNSURE


@pytest.mark.parametrize(
    ("sentence", "trigger", "amount", "unit", "direction"),
    [
        ("发生险情，学校应当30分钟内电话报告。", "发生险情", 30, "minute", "after"),
        ("发现有害信息须在1小时内处置。", "发现有害信息", 1, "hour", "after"),
        ("办理许可证的时限为十个工作日。", None, None, None, None),
        ("审批时限为十个工作日。", None, 10, "workday", "after"),
        ("住建部门应当有效期届满7日前作出决定。", "有效期届满", 7, "day", "before"),
        ("须在考试开始前3天公布。", "考试开始", 3, "day", "before"),
        ("奖励资金由市财政局表彰决定印发后2个月内兑现。", "表彰决定印发", 2, "month", "after"),
        ("提出的问题会后7日内答复。", "会", 7, "day", "after"),
        ("银行机构原则上一个月内作出决定。", None, 1, "month", "after"),
        ("名单确定后于当天在网站公布。", "名单确定", 0, "day", "after"),
        ("咨询类1日内答复。", None, 1, "day", "after"),
    ],
)  # fmt: skip
def test_a_period_has_its_own_event(
    sentence: str, trigger: str | None, amount: int | None, unit: str | None, direction: str | None
) -> None:
    found = read_phrases(sentence, year=2026)
    if amount is None:
        assert found == ()
        return
    assert [(one.trigger, one.amount, one.unit, one.direction) for one in found] == [(trigger, amount, unit, direction)]


def test_what_is_due_within_a_first_limit_is_no_event_of_the_second() -> None:
    first, second = read_phrases("须收到督办单24小时内说明原因，并一周之内整改完毕。")
    assert (first.trigger, second.trigger) == ("收到督办单", "收到督办单")


@pytest.mark.parametrize(
    "sentence",
    [
        "以完善制度为前提条件。",
        "新建道路交付使用后五年内，大修道路竣工后三年内，不得挖掘。",
        "汛期（4月15日至9月30日）实行24小时值班。",
        "项目规模由每日3万吨提升到5万吨。",
        "县财政每年每公里投入不低于五千元。",
        "家庭每年可以提取一次。",
        "改造已于2025年10月完成。",
        "预收费用最长不得超过12个月。",
        "2025年上半年情况已经通报。",
    ],
)
def test_what_only_mentions_time_is_none(sentence: str) -> None:
    assert [(one.kind, one.quote) for one in read_phrases(sentence, year=2026, issued=ISSUED)] == []


@pytest.mark.parametrize(
    ("sentence", "rrules"),
    [
        ("落实“日管控、周排查、月调度”制度。", ["FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY"]),
        ("实行日报告，每个专班每日报告进展。", ["FREQ=DAILY"]),
        ("每周按时落实“周报告”制度。", ["FREQ=WEEKLY"]),
        ("活动时间为每周二和每周四，每周开展两次直播。", ["FREQ=WEEKLY;BYDAY=TU,TH"]),
        ("补贴纳入年度预算，按季度预拨，次年3月底前清算。", ["FREQ=MONTHLY;INTERVAL=3", "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=31"]),
    ],
)  # fmt: skip
def test_each_act_has_one_rhythm(sentence: str, rrules: list[str]) -> None:
    assert [one.rrule for one in read_phrases(sentence, year=2026)] == rrules


def test_what_an_offer_is_held_in_is_a_validity() -> None:
    (whole,) = read_phrases("活动时间：全年", year=2026)
    assert (whole.kind, whole.date_from, whole.date) == ("validity", date(2026, 1, 1), date(2026, 12, 31))
    (goal,) = read_phrases("2026年底前将办理时限减至5个工作日。", year=2026)
    assert goal.kind == "absolute"


def test_leave_to_extend_is_part_of_its_limit_in_a_measure() -> None:
    """可以延长十日 of a limit of fifteen is a limit of twenty-five at most; laws read by themselves list both."""
    text = "市住建局应当自受理之日起15日内作出决定；情况复杂的，经批准可以延长10日。"
    measure = measure_json(measure_of(text, Span(0, len(text)), key="1"))
    (limit,) = [one for item in measure["items"] for one in item["deadlines"]]
    assert (limit["amount"], limit["extendable_to"]) == (15, {"amount": 25, "unit": "day"})
    assert [one.extension for one in read_phrases(text)] == [False, True]


def test_the_values_print_as_json() -> None:
    text = "每季度终了后15日内报送，每月前5个工作日内反馈，12月10日17:00前办结，遇节假日提前。"
    measure = measure_json(measure_of(text, Span(0, len(text)), key="1", year=2026))
    read = json.loads(json.dumps(measure["items"][0]["deadlines"], ensure_ascii=False))
    assert [one["offset"] for one in read] == [{"amount": 15, "unit": "day"}, None, None]
    assert [one["nth_workday"] for one in read] == [None, 5, None]
    assert [one["time"] for one in read] == [None, None, "17:00"]
    assert {one["day_off"] for one in read} == {"previous"}


@pytest.mark.parametrize(
    ("sentence", "bound"),
    [
        ("2027年3月底前，县卫健局推行统一编码。县中医院印发术语集。", ["县卫健局"]),
        ("2027年3月底前，县卫健局、县医保局推行统一编码。", ["县卫健局", "县医保局"]),
        ("每月25日，市燃气集团将积分结转。", ["市燃气集团"]),
        ("县教育局应当于6月底前完成验收。", ["县教育局"]),
        ("2027年3月底前推行统一编码。", None),
        ("2027年3月底前，全县推行统一编码。", None),
        # whom it is reported to
        ("县教育局应当在聘用后30日内报市教育局备案。", ["县教育局"]),
        ("各责任单位每月28日前向县信访局报送进展。", ["各责任单位"]),
    ],
)
def test_a_limit_binds_whom_its_sentence_names(sentence: str, bound: list[str] | None) -> None:
    """The date is on 县卫健局 alone (reading.md 4)."""
    (one,) = read_phrases(sentence, year=2026)
    assert (list(one.bound) if one.bound else None) == bound


def test_a_rhythm_of_one_word_takes_no_act_from_the_next() -> None:
    found = read_phrases("实行周调度、月通报、季考核，台账每周五更新。", year=2026)
    assert [(one.quote, one.act) for one in found][:3] == [("周调度", None), ("月通报", None), ("季考核", None)]
