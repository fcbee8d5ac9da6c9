"""Compound time wordings (时限表述), each with the day its document was issued and the days it comes to.

The wordings and what is right of them are those of reading.md 5 and their kin; each is read, then counted by the clock,
and explains itself.
"""
# ruff: noqa: E501 - a wording and what it comes to stand on one line.

from datetime import date, datetime, time

import pytest

from tracker.clock.answers import rule_of
from tracker.clock.calendar import WorkCalendar
from tracker.clock.recurrence import earlier_period, occurrences
from tracker.clock.resolution import resolve
from tracker.clock.rules import Resolved
from tracker.now import SHANGHAI
from tracker.reading.limits.phrases import read_phrases
from tracker.reading.plan import Deadline
from tracker.store.documents.drafts import UNSURE

CALENDAR = WorkCalendar(noticed_years=range(2004, 2027))
NOVEMBER, JANUARY, MARCH = date(2026, 11, 28), date(2026, 1, 15), date(2026, 3, 10)


def only(sentence: str, issued: date) -> Deadline:
    found = read_phrases(sentence, year=issued.year, issued=issued)
    assert len(found) == 1, [(one.kind, one.quote) for one in found]
    assert found[0].confidence >= UNSURE, found[0]
    return found[0]


def counted(one: Deadline, issued: date, number: int) -> list[Resolved]:
    """What the clock makes of a limit whose event, where it has one, is on the day of issue at nine o'clock."""
    rule = rule_of(one)
    if one.kind == "recurring":
        found = occurrences(rule, published_on=issued, expires_on=None, calendar=CALENDAR, count=number)
        return [period.resolved for period in found]
    at = datetime.combine(issued, time(9), SHANGHAI)
    return [resolve(rule, event_at=at, calendar=CALENDAR, event_name=one.trigger)]


@pytest.mark.parametrize(
    ("sentence", "issued", "days"),
    [
        # counted from the end of each period; the period under way comes first
        ("每季度终了后15日内报送报表。", NOVEMBER, ["2027-01-15", "2027-04-15"]),
        ("每季度结束后5个工作日内报送。", JANUARY, ["2026-04-08"]),
        ("每月终了后10日内报送。", MARCH, ["2026-04-10"]),
        ("每月结束后7个工作日内报送。", MARCH, ["2026-04-10"]),
        ("每年度终了后3个月内报送决算。", MARCH, ["2027-03-31"]),
        ("每半年结束后20日内报送。", MARCH, ["2026-07-20"]),
        ("季度终了后15日内报送报表。", NOVEMBER, ["2027-01-15"]),
        ("按季度于季后10日内报送统计表。", NOVEMBER, ["2027-01-11"]),
        ("月度终了后5个工作日内上报。", MARCH, ["2026-04-08"]),
        ("年度终了后3个月内编制报告。", MARCH, ["2027-03-31"]),
        ("每季度结束之日起15日内报送。", NOVEMBER, ["2027-01-15"]),
        ("每季度末后5日内报送。", NOVEMBER, ["2027-01-05"]),
        ("每季度结束后5日内（工作日）报送。", JANUARY, ["2026-04-08"]),
        ("每季度结束10日前报送计划。", NOVEMBER, ["2026-12-21"]),
        # days and months inside a period
        ("每季度首月10日前报送。", NOVEMBER, ["2027-01-10"]),
        ("每季度最后一个月25日前报送。", NOVEMBER, ["2026-12-25"]),
        ("每季度第二个月15日前报送。", NOVEMBER, ["2027-02-15"]),
        ("每季度次月10日前报送。", NOVEMBER, ["2027-01-10"]),
        ("每季度末月下旬报送。", NOVEMBER, ["2026-12-31"]),
        ("每季度首月前5个工作日内报送。", NOVEMBER, ["2027-01-08"]),
        ("每月前5个工作日内报送。", NOVEMBER, ["2026-12-07"]),
        ("每季度前10日内报送。", NOVEMBER, ["2027-01-11"]),
        ("每月前3日内报送。", date(2026, 9, 15), ["2026-10-08"]),
        ("每月上旬报送。", NOVEMBER, ["2026-12-10"]),
        ("每月上旬、下旬各报送一次。", NOVEMBER, ["2026-11-30", "2026-12-10"]),
        ("最迟2026年12月初完成。", NOVEMBER, ["2026-12-10"]),
        ("每月中旬报送。", NOVEMBER, ["2026-12-20"]),
        ("每月下旬报送。", NOVEMBER, ["2026-11-30"]),
        ("每月第二个星期五召开例会。", NOVEMBER, ["2026-12-11"]),
        ("每月最后一个周五召开例会。", NOVEMBER, ["2026-12-25"]),
        ("每季度第一个星期一召开例会。", NOVEMBER, ["2027-01-04"]),
        ("每月第一个工作日报送。", MARCH, ["2026-04-01", "2026-05-06"]),
        ("每月最后一个工作日报送。", MARCH, ["2026-03-31"]),
        ("每月第3个工作日前报送。", MARCH, ["2026-04-03"]),
        ("每周第一个工作日报送。", date(2026, 9, 29), ["2026-10-08"]),
        # several days in one rhythm
        ("每月10日、25日前各报送一次。", date(2026, 3, 12), ["2026-03-25", "2026-04-10"]),
        ("每月10日和25日前各报送一次。", date(2026, 3, 12), ["2026-03-25", "2026-04-10"]),
        ("每年3月、6月、9月、12月的20日前报送。", NOVEMBER, ["2026-12-20", "2027-03-20", "2027-06-20", "2027-09-20"]),
        ("每年6月、12月底前报送。", MARCH, ["2026-06-30", "2026-12-31"]),
        ("每年上半年开展一次检查。", MARCH, ["2026-06-30"]),
        # of the period behind each
        ("每月落实情况于次月5日前报送。", MARCH, ["2026-04-05", "2026-05-05"]),
        ("每月工作情况于次月前5个工作日内报送。", MARCH, ["2026-04-08"]),
        ("每月情况于下月5日前报送。", MARCH, ["2026-04-05"]),
        ("每季度情况于次月10日前报送。", NOVEMBER, ["2027-01-10"]),
        ("每周工作情况于次周周一前报送。", NOVEMBER, ["2026-11-30"]),
        ("每旬报送一次。", NOVEMBER, ["2026-11-30", "2026-12-10", "2026-12-20"]),
        ("每半月报送一次。", NOVEMBER, ["2026-11-30", "2026-12-15"]),
        # said twice is one
        ("按月报送清欠进展。每月25日前，各责任单位报送台账。", MARCH, ["2026-03-25"]),
        ("按月于每月25日前报送台账。", MARCH, ["2026-03-25"]),
        # days off
        ("每月5日前，遇节假日顺延。", date(2026, 9, 15), ["2026-10-08"]),
        ("每月5日前报送，遇节假日顺延。", date(2026, 9, 15), ["2026-10-08"]),
        ("每月5日前（遇法定节假日提前）报送。", date(2026, 9, 15), ["2026-09-30"]),
        ("每月5日前报送，如遇节假日则提前至前一个工作日。", date(2026, 9, 15), ["2026-09-30"]),
        ("2026年10月5日前报送（遇节假日顺延）。", date(2026, 9, 15), ["2026-10-08"]),
        ("3日内（工作日）办结。", date(2026, 11, 27), ["2026-12-02"]),
        ("五日内（不含节假日）答复。", date(2026, 11, 27), ["2026-12-04"]),
        ("3日（工作日）内办结。", date(2026, 11, 27), ["2026-12-02"]),
        ("5日内（含节假日）答复。", date(2026, 11, 27), ["2026-12-02"]),
        ("3（三）个工作日内办结。", date(2026, 11, 27), ["2026-12-02"]),
        ("7个自然日内答复。", NOVEMBER, ["2026-12-07"]),
        # told from the day of issue
        ("本月底前完成。", NOVEMBER, ["2026-11-30"]),
        ("本月25日前报送。", date(2026, 11, 20), ["2026-11-25"]),
        ("下个月10日前报送。", NOVEMBER, ["2026-12-10"]),
        ("于本周五前报送。", date(2026, 11, 24), ["2026-11-27"]),
        ("下周三前报送。", date(2026, 11, 24), ["2026-12-02"]),
        ("本季度末前完成。", NOVEMBER, ["2026-12-31"]),
        ("十二月月底前完成。", NOVEMBER, ["2026-12-31"]),
        ("20261231前完成。", NOVEMBER, ["2026-12-31"]),
        ("于6月5日、6月15日前分别报送。", MARCH, None),
        # festivals: the last workday before the notice's holiday
        ("春节前完成。", date(2026, 1, 20), ["2026-02-14"]),
        ("国庆节前完成。", MARCH, ["2026-09-30"]),
        ("“五一”前开放。", MARCH, ["2026-04-30"]),
        ("2026年中秋节前完成。", MARCH, ["2026-09-24"]),
        ("春节前完成。", NOVEMBER, ["2027-02-04"]),
        ("元旦前完成。", NOVEMBER, ["2026-12-31"]),
        ("每个工作日报送。", NOVEMBER, ["2026-11-30", "2026-12-01"]),
    ],
)  # fmt: skip
def test_a_wording_comes_to_its_days(sentence: str, issued: date, days: list[str] | None) -> None:
    if days is None:
        found = read_phrases(sentence, year=issued.year, issued=issued)
        assert [str(one.date) for one in found] == ["2026-06-05", "2026-06-15"]
        return
    one = only(sentence, issued)
    assert sentence[one.span.start : one.span.end] == one.quote
    answers = counted(one, issued, len(days))
    assert [str(answer.due_on) for answer in answers] == days, one
    assert all(answer.explanation for answer in answers)


@pytest.mark.parametrize(
    ("sentence", "issued", "instant"),
    [
        ("于2026年12月10日17:00前报送。", NOVEMBER, "2026-12-10 17:00"),
        ("12月10日17时30分前报送。", NOVEMBER, "2026-12-10 17:30"),
        ("12月10日（星期四）下午5点前报送。", NOVEMBER, "2026-12-10 17:00"),
        ("12月10日中午12时前报送。", NOVEMBER, "2026-12-10 12:00"),
        ("12月10日24时前报送。", NOVEMBER, "2026-12-11 00:00"),
        ("会议定于12月10日上午9时召开。", NOVEMBER, "2026-12-10 09:00"),
        ("截至12月10日17:00完成申报。", NOVEMBER, "2026-12-10 17:00"),
        ("次日12时前报送。", NOVEMBER, "2026-11-30 12:00"),
        ("收到通知的次日上午10点前反馈。", MARCH, "2026-03-11 10:00"),
        ("下一个工作日9时前报送。", NOVEMBER, "2026-11-30 09:00"),
        ("当日17时前报送。", MARCH, "2026-03-10 17:00"),
        ("每周五下午5时前报送。", NOVEMBER, "2026-12-04 17:00"),
        ("每月25日17:00前报送。", NOVEMBER, "2026-12-25 17:00"),
        ("每日17时前报送当日进展。", MARCH, "2026-03-10 17:00"),
        ("每月第一个工作日上午10时前报送。", MARCH, "2026-04-01 10:00"),
        ("30分钟内报告。", MARCH, "2026-03-10 09:30"),
        ("一个半小时内到达。", MARCH, "2026-03-10 10:30"),
        ("1.5小时内报告。", MARCH, "2026-03-10 10:30"),
        ("半小时内报告。", MARCH, "2026-03-10 09:30"),
        ("2小时内报告。", MARCH, "2026-03-10 11:00"),
    ],
)
def test_a_printed_hour_or_minute_is_kept(sentence: str, issued: date, instant: str) -> None:
    one = only(sentence, issued)
    (answer,) = counted(one, issued, 1)
    assert answer.due_at is not None
    assert f"{answer.due_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" == instant


def test_the_term_of_a_licence_is_a_window_or_an_end() -> None:
    """届满前30日内 is a window, 届满30日前 a last day (reading.md 5)."""
    expiry = datetime(2026, 12, 31, 9, tzinfo=SHANGHAI)
    for sentence in ("应当在有效期届满前30日内提出申请。", "有效期届满前30日内提出申请。"):
        window = only(sentence, MARCH)
        found = resolve(rule_of(window), event_at=expiry, calendar=CALENDAR, event_name=window.trigger)
        assert (str(found.earliest_on), str(found.due_on)) == ("2026-12-01", "2026-12-31")
    by = only("应当在有效期届满30日前提出申请。", MARCH)
    found = resolve(rule_of(by), event_at=expiry, calendar=CALENDAR, event_name=by.trigger)
    assert (found.earliest_on, str(found.due_on)) == (None, "2026-12-01")


@pytest.mark.parametrize(
    ("sentence", "rrules"),
    [
        ("每年4月底前向财政局报送清单，于5月底前完成清算。", ["FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=30", "FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=31"]),
        ("每年6月30日和12月31日前报送。", ["FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=30", "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=31"]),
        ("按月通报进展，每月25日前报送台账。", ["FREQ=MONTHLY", "FREQ=MONTHLY;BYMONTHDAY=25"]),
        ("每月召开调度会。每月25日前，各单位报送台账。", ["FREQ=MONTHLY", "FREQ=MONTHLY;BYMONTHDAY=25"]),
    ],
)  # fmt: skip
def test_two_acts_are_two_rhythms(sentence: str, rrules: list[str]) -> None:
    found = read_phrases(sentence, year=2026)
    assert [one.rrule for one in found] == rrules
    assert all(one.sense == "within" and one.confidence >= UNSURE for one in found)


def test_days_of_an_act_are_a_window() -> None:
    """A range of days is due at its end; what is offered in it is a validity."""
    one = only("报名时间为4月26日至28日，由家长现场报名。", MARCH)
    assert (one.kind, one.sense, one.date_from, one.date) == (
        "absolute",
        "within",
        date(2026, 4, 26),
        date(2026, 4, 28),
    )
    one = only("报名时间为5月19日至5月22日（下午3点）。", MARCH)
    assert (one.kind, one.date, one.time) == ("absolute", date(2026, 5, 22), "15:00")
    one = only("4月26日至4月28日，入园免收门票。", MARCH)
    assert one.kind == "validity"


def test_leave_to_extend_is_no_limit_of_its_own() -> None:
    one = only("经批准，可延长10个工作日。", MARCH)
    assert one.extension


def test_a_period_that_could_still_be_met_is_known() -> None:
    one = only("每年度终了后3个月内报送决算。", MARCH)
    earlier = earlier_period(rule_of(one), issued_on=MARCH, calendar=CALENDAR)
    assert earlier is not None
    assert (earlier.label, str(earlier.resolved.due_on)) == ("2025年", "2026-03-31")


@pytest.mark.parametrize(
    "sentence",
    [
        "0.5个工作日内办结。", "半天内办结。", "半个工作日内办结。", "1.5个工作日办结。", "两个半工作日内办结。",
        "每月25日下班前上报。", "12月10日25时前报送。", "每年春节前慰问一次。", "元旦、春节前完成。",
        "10月31日前后报送。", "每4小时巡查一次。", "每月（季）5日前报送。", "3（四）个工作日内办结。", "月底前报送。", "每月第一周报送。",
    ],
)  # fmt: skip
def test_what_no_clock_can_count_is_asked(sentence: str) -> None:
    found = read_phrases(sentence, year=2026, issued=MARCH)
    assert found
    assert all(one.confidence < UNSURE for one in found), [(one.quote, one.confidence) for one in found]


def test_a_festival_without_a_notice_is_provisional() -> None:
    one = only("2027年春节前完成。", NOVEMBER)
    (answer,) = counted(one, NOVEMBER, 1)
    assert answer.provisional
    (answer,) = counted(only("国庆节前完成。", MARCH), MARCH, 1)
    assert not answer.provisional
