"""A time limit read by half is unsure, hence a question; own wordings of kinds that plans print."""
# ruff: noqa: E501 - a wording and what it says stand on one line.

import pytest

from tracker.reading.limits.phrases import read_phrases
from tracker.reading.plan import Deadline
from tracker.store.documents.drafts import UNSURE


def limits(sentence: str) -> tuple[Deadline, ...]:
    return read_phrases(sentence, year=2026)


@pytest.mark.parametrize(
    "sentence",
    [
        # 日月旬前内后 right behind the quote
        "每年年初报送计划。",
        "2026年11月底前后完成。",
        # a list or a range of which one end was read
        "每月5-10日报送。",
        "每月1日至5日报送。",
        "2026年第一、二季度完成。",
        "3至5个工作日内办结。",
        "收到通知后1个月零5日内报送。",
        # a second day of a yearly rhythm; a year in two digits, and the year after next
        "每年一季度、三季度报送。",
        "27年6月30日前完成。",
        "后年底前完成。",
        "并于次年一月三十一日前公布年度报告。",
        # a bracket that says how to count
        "自受理之日起15日(特殊情况30日)内办结。",
        # half a day, this month without a day of issue: worded limits that cannot be counted
        "0.5个工作日内办结。",
        "1.5个工作日办结。",
        "本月底前完成。",
        # a day no month has
        "每月45日报送。",
        # the first half of a range or a sum that went into the event's words
        "收到申请之日起7至10个工作日内办结。",
        "收到材料后2-3个工作日内反馈。",
        "自受理之日起5个至7个工作日内办结。",
        "自用地批准之日起二年六个月内开工。",
        "自签订合同之日起1年3个月内完工。",
        "收到后立即(最迟2小时内)报告。",
        "5+2个工作日内办结。",
        "T+3日内拨付。",
        "30日加15日内办结。",
        # a count of days before or behind what was read
        "会议召开前3日内送达通知。",
        "活动举办前10个工作日内报备。",
        "2026年12月25日前三日完成。",
        "2026年12月25日前3个工作日内报送。",
        # a range of weekdays; a year or a span that ends a rhythm
        "每周二至周五报送。",
        "每周一到五上报。",
        "2026年每月10日前报送。",
        "2026-2028年,每年12月底前报送。",
        "三年内每年6月底前报送。",
        # how to count, inside the quote
        "接到通知后48小时(节假日顺延)内到位。",
        "15日(不含检测时间)内办结。",
        # halves, points and slashes, a month told by its place: no rule counts them
        "自印发之日起一个半月内完成。",
        "两年半内完成。",
        "两个半工作日内办结。",
        "2个月15日内验收。",
        "五个月零十天内办结。",
        "本月25日前报送。",
        "下个月10日前报送。",
        "次周周一前报送。",
        "月底前报送。",
        "2026年5月中下旬前完成。",
        "2026年9月上中旬完成。",
        "不超过20个工作日办结。",
    ],
)
def test_what_was_read_by_half_is_unsure(sentence: str) -> None:
    read = limits(sentence)
    assert read, "a limit is never dropped in silence"
    assert all(one.confidence < UNSURE for one in read), [(one.quote, one.confidence) for one in read]


@pytest.mark.parametrize(
    ("sentence", "quote", "rrule"),
    [
        ("每季度首月10日前报送。", "每季度首月10日前", "FREQ=YEARLY;BYMONTH=1,4,7,10;BYMONTHDAY=10"),
        ("每季度最后一个月25日前报送。", "每季度最后一个月25日前", "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=25"),
        ("每月10日、25日前各报送一次。", "每月10日、25日前", "FREQ=MONTHLY;BYMONTHDAY=10,25"),
        ("每月15日、月底前各报送一次。", "每月15日、月底前", "FREQ=MONTHLY;BYMONTHDAY=15,-1"),
        ("每年3月、6月、9月、12月的20日前报送。", "每年3月、6月、9月、12月的20日前", "FREQ=YEARLY;BYMONTH=3,6,9,12;BYMONTHDAY=20"),
        ("每月落实情况于次月5日前报送。", "次月5日前", "FREQ=MONTHLY;BYMONTHDAY=5"),
        ("每旬报送一次。", "每旬", "FREQ=MONTHLY;BYMONTHDAY=10,20,-1"),
        ("每半月报送一次。", "每半月", "FREQ=MONTHLY;BYMONTHDAY=15,-1"),
        ("每个工作日报送。", "每个工作日", "FREQ=DAILY"),
    ],
)  # fmt: skip
def test_a_rhythm_with_several_days_is_read_whole(sentence: str, quote: str, rrule: str) -> None:
    read = limits(sentence)
    assert [(one.quote, one.rrule, one.sense) for one in read] == [(quote, rrule, "within")]
    assert read[0].confidence >= UNSURE


def test_calendar_days_and_a_date_in_digits_are_read() -> None:
    (days,) = limits("7个自然日内答复。")
    assert (days.amount, days.unit) == (7, "day")
    for words in ("20261231", "2026.12.31", "2026/12/31", "2026-12-31日"):
        (day,) = limits(f"{words}前完成。")
        assert (str(day.date), day.confidence >= UNSURE) == ("2026-12-31", True), words


@pytest.mark.parametrize(
    "sentence",
    [
        "每月25日前报送。",
        "每月1次,每年不少于2次。",
        "每年1月、7月底前报送。",
        "每周一、三、五报送。",
        "自受理之日起3个工作日内办结。",
        "在管控结束后10天内返还。",
        "2026年12月底前(责任单位:青溪县财政局,5个工作日)完成。",
        "6月底前完成前期工作。",
        "在3日内部署。",
        "24小时内报告。",
        "2026年6月30日(星期二)前完成。",
        "自2026年起,每年3月底前报送。",
        "2026年起每季度末报送。",
        "每周一到一线走访。",
        "在2026年12月底前3家企业投产。",
        "自竣工验收满1年后15日内申请。",
        "自批准之日起三十日内报备,目前3个工作日内可以办结。",
    ],
)
def test_a_limit_read_whole_is_sure(sentence: str) -> None:
    assert all(one.confidence >= UNSURE for one in limits(sentence))
