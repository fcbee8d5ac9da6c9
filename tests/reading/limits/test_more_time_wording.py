"""Further time wording (时限): weekdays in brackets, every second month, set days, floors and caps, parties."""

from datetime import date

import pytest

from tests.reading.limits.test_time_wording import one
from tracker.reading.extraction import read
from tracker.reading.limits.phrases import read_phrases


@pytest.mark.parametrize(
    ("sentence", "quote", "day"),
    [
        ("请于5月20日(星期五)前将总结报我办", "5月20日(星期五)前", date(2022, 5, 20)),
        ("2021年10月8日（周五）17时前反馈", "2021年10月8日（周五）17时前", date(2021, 10, 8)),
        ("请在9月30日18:00前上传", "9月30日18:00前", date(2022, 9, 30)),
        ("7月15日下班前报局办公室", "7月15日下班前", date(2022, 7, 15)),
        ("年内完成主体工程", "年内", date(2022, 12, 31)),
        ("力争年内出台办法", "力争年内", date(2022, 12, 31)),
    ],
)
def test_the_day_of_the_week_and_the_hour_may_part_a_date_from_its_limit(sentence: str, quote: str, day: date) -> None:
    found = one(sentence)
    assert (found.kind, found.sense, found.quote, found.date) == ("absolute", "within", quote, day)


@pytest.mark.parametrize(
    "sentence", ["培训班定于6月8日(7日报到)在市委党校举办", "拟定于6月8日召开现场会", "会议订于6月8日举行"]
)
def test_a_day_that_is_set_is_the_day_itself(sentence: str) -> None:
    found = one(sentence)
    assert (found.kind, found.sense, found.date) == ("absolute", "on", date(2022, 6, 8))


@pytest.mark.parametrize(
    ("sentence", "rrule", "since"),
    [
        ("2021年起，每年4月20日前报送", "FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=20", date(2021, 1, 1)),
        ("2021年起，市统计局每年4月20日前公布", "FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=20", date(2021, 1, 1)),
        ("各县逢双月5日前填报", "FREQ=YEARLY;BYMONTH=2,4,6,8,10,12;BYMONTHDAY=5", None),
        ("市级于单月20日前汇总", "FREQ=YEARLY;BYMONTH=1,3,5,7,9,11;BYMONTHDAY=20", None),
        ("每季度末月25日前上报", "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=25", None),
        ("每月5日(遇节假日顺延)前报送", "FREQ=MONTHLY;BYMONTHDAY=5", None),
    ],
)
def test_a_rhythm_may_begin_with_a_year_or_skip_a_month(sentence: str, rrule: str, since: date | None) -> None:
    found = one(sentence)
    assert (found.kind, found.sense, found.rrule, found.date_from) == ("recurring", "within", rrule, since)


@pytest.mark.parametrize(
    "sentence",
    [
        "报表内容为截至6月底各乡镇整改情况",
        "建立企业统计年报制度",
        "逾期不缴的，每日按欠缴额的万分之五加收滞纳金",
        "自收到通知之日起15日内，有关情况发生变化的，应当及时报告",
        "单月最高补助800元",
        "年内已办结事项",
        "服务热线每天24小时不间断",
        "从现在到2030年，需求将持续增长",
        "任一年度中有一次离境超过30天的",
    ],
)
def test_a_reported_time_a_rate_or_a_condition_is_no_limit(sentence: str) -> None:
    assert read_phrases(sentence, year=2022) == ()


@pytest.mark.parametrize(
    ("sentence", "sense", "trigger", "amount"),
    [
        ("办案期限自立案之日起不得超过六十日", "within", "立案", 60),
        ("自公告发出之日起至报名截止之日止，最短不得少于十日", "not_before", "公告发出", 10),
        ("决定书送达十五日后仍未履行的，行政机关可以申请强制执行", "not_before", "决定书送达", 15),
        ("自受理之日起二十个工作日内作出决定", "within", "受理", 20),
    ],
)
def test_a_cap_a_floor_and_a_wait_have_their_event(sentence: str, sense: str, trigger: str, amount: int) -> None:
    found = one(sentence)
    assert (found.sense, found.trigger, found.amount) == (sense, trigger, amount)


def test_an_extension_is_approved_before_the_semicolon() -> None:
    found = one("经负责人批准，可以适当延长，并告知当事人；但是延长期限最多不得超过十日。")
    assert (found.extension, found.amount) == (True, 10)


@pytest.mark.parametrize(
    ("sentence", "party"),
    [
        ("用人单位应当自用工之日起三十日内办理登记", "other"),
        ("建设单位应当自竣工验收合格之日起15日内备案", "other"),
        ("被告应当在收到之日起十五日内提出答辩状", "other"),
        ("第三方应当自收到征求意见书之日起10个工作日内提出意见", "other"),
        ("单位负责人接到报告后，应当于2小时内报告", "other"),
        ("公民对决定不服的，应当自收到决定之日起六十日内提出", "other"),
        ("被申请人应当自收到申请书副本之日起十日内提出书面答复", "unit"),
        ("自收到申请之日起三十日内，任何一方不同意的，可以撤回申请", "other"),
    ],
)
def test_those_who_are_only_supervised_are_others(sentence: str, party: str) -> None:
    assert one(sentence).party == party


@pytest.mark.parametrize(
    ("sentence", "acts"),
    [
        ("严格落实“周报告、月通报”制度", [None, None]),
        ("每周按时落实“周报告、月调度”制度", [None, None]),
        ("每月25日，供热集团将用量结转", ["供热集团将用量结转"]),
        ("每季度开展一次督查", ["开展一次督查"]),
        ("实行“每月例会”制度", [None]),
    ],
)
def test_the_act_of_a_rhythm_is_a_whole_phrase_or_none(sentence: str, acts: list[str | None]) -> None:
    assert [found.act for found in read_phrases(sentence, year=2022)] == acts


@pytest.mark.parametrize(
    ("sentence", "rrule"),
    [
        ("每周四下午4时前报送进展", "FREQ=WEEKLY;BYDAY=TH"),
        ("每周五17:30前报送周报", "FREQ=WEEKLY;BYDAY=FR"),
        ("每月28日下班前上报", "FREQ=MONTHLY;BYMONTHDAY=28"),
    ],
)
def test_the_hour_may_part_a_rhythm_from_its_limit(sentence: str, rrule: str) -> None:
    found = one(sentence)
    assert (found.rrule, found.sense) == (rrule, "within")


def test_a_date_repeated_by_the_block_is_one_limit() -> None:
    plan = read("某市方案\n为推进，制定本方案。\n1.2022年6月底前公布目录。（市甲局牵头，2022年6月底前完成）\n").plans[0]
    assert [found.quote for found in plan.measures[0].items[0].deadlines] == ["2022年6月底前"]


@pytest.mark.parametrize(
    ("wording", "first", "last"),
    [
        ("于8月上旬完成。", "2026-08-01", "2026-08-10"),
        ("8月中旬完成验收。", "2026-08-11", "2026-08-20"),
        ("8月下旬完成验收。", "2026-08-21", "2026-08-31"),
    ],
)
def test_a_third_of_a_month_begins_with_its_own_first_day(wording: str, first: str, last: str) -> None:
    (limit,) = read_phrases(wording, year=2026)
    assert (str(limit.date_from), str(limit.date)) == (first, last)


@pytest.mark.parametrize("by", ["不得迟于", "不晚于", "不得晚于", "最迟于", "最迟", "最迟不超过"])
def test_no_later_than_a_day_is_by_that_day_and_not_on_it(by: str) -> None:
    (limit,) = read_phrases(f"{by}2026年6月30日完成整改。")
    assert (limit.sense, str(limit.date)) == ("within", "2026-06-30")
