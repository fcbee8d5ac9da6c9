"""Limits counted from the end of a period, by its n-th workday, to a printed hour, and windows before an event."""

from datetime import date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.lengths import examples
from tracker.clock.calendar import WorkCalendar
from tracker.clock.daybook import day_by_day
from tracker.clock.describing import describe_rule
from tracker.clock.recurrence import current_and_next, earlier_period, occurrences
from tracker.clock.resolution import resolve
from tracker.clock.rules import CountUnit, DayOff, Kind, Rule, Sense
from tracker.now import SHANGHAI

CALENDAR = WorkCalendar(noticed_years=range(2004, 2027))
DAY, WORKDAY, MONTH, MINUTE = CountUnit.DAY, CountUnit.WORKDAY, CountUnit.MONTH, CountUnit.MINUTE
MONTHLY, QUARTERLY, YEARLY, WEEKLY = "FREQ=MONTHLY", "FREQ=MONTHLY;INTERVAL=3", "FREQ=YEARLY", "FREQ=WEEKLY"


def from_end(rrule: str, amount: int, unit: CountUnit, *, before: bool = False) -> Rule:
    direction = "before" if before else "after"
    return Rule(Kind.RECURRING, Sense.WITHIN, rrule=rrule, offset=(amount, unit), direction=direction)


def nth(rrule: str, number: int, sense: Sense = Sense.WITHIN) -> Rule:
    return Rule(Kind.RECURRING, sense, rrule=rrule, nth_workday=number)


def until(amount: int, unit: CountUnit) -> Rule:
    return Rule(Kind.RELATIVE, Sense.WITHIN, amount, unit, direction="until")


def first_days(rule: Rule, on: date, number: int = 2) -> list[date | None]:
    found = occurrences(rule, published_on=on, expires_on=None, calendar=CALENDAR, count=number)
    return [one.resolved.due_on for one in found]


@pytest.mark.parametrize(
    ("rule", "issued", "days"),
    [
        # 每季度终了后15日内: the quarter under way first; 2027-04-15 is a Thursday
        (from_end(QUARTERLY, 15, DAY), date(2026, 11, 28), [date(2027, 1, 15), date(2027, 4, 15)]),
        # 每季度结束后5个工作日内: 4 to 6 April 2026 are 清明
        (from_end(QUARTERLY, 5, WORKDAY), date(2026, 1, 15), [date(2026, 4, 8), date(2026, 7, 7)]),
        (from_end(MONTHLY, 10, DAY), date(2026, 3, 10), [date(2026, 4, 10), date(2026, 5, 11)]),
        (from_end(MONTHLY, 7, WORKDAY), date(2026, 3, 10), [date(2026, 4, 10), date(2026, 5, 13)]),
        (from_end(YEARLY, 3, MONTH), date(2026, 3, 10), [date(2027, 3, 31), date(2028, 3, 31)]),
        # 每季度结束10日前: the last ten days of the quarter lie behind it
        (from_end(QUARTERLY, 10, DAY, before=True), date(2026, 11, 28), [date(2026, 12, 21), date(2027, 3, 19)]),
        (nth(MONTHLY, 5), date(2026, 11, 28), [date(2026, 12, 7), date(2027, 1, 8)]),
        (nth(MONTHLY, 1, Sense.ON), date(2026, 3, 10), [date(2026, 4, 1), date(2026, 5, 6)]),
        (nth(MONTHLY, -1), date(2026, 3, 10), [date(2026, 3, 31), date(2026, 4, 30)]),
        (nth(MONTHLY, -2), date(2026, 3, 10), [date(2026, 3, 30), date(2026, 4, 29)]),
        (nth(WEEKLY, 1, Sense.ON), date(2026, 9, 22), [date(2026, 9, 28), date(2026, 10, 8)]),
        # a week of National Day has no third workday: its last one
        (nth(WEEKLY, 4), date(2026, 10, 5), [date(2026, 10, 10), date(2026, 10, 15)]),
    ],
)
def test_each_period_is_dated_from_its_own_end_or_workdays(rule: Rule, issued: date, days: list[date]) -> None:
    assert first_days(rule, issued) == days


def test_a_limit_from_the_end_explains_itself() -> None:
    (found,) = occurrences(
        from_end(QUARTERLY, 10, DAY), published_on=date(2026, 7, 1), expires_on=None, calendar=CALENDAR, count=1
    )
    assert found.label == "2026年第3季度"
    assert [s.text for s in found.resolved.explanation] == [
        "9月30日（周三）2026年第3季度结束，当日不计",
        "自10月1日起算，第 10 天为10月10日（周六，调休上班）",
        "10月10日（周六，调休上班）24:00 截止",
    ]


def test_the_nth_workday_explains_itself() -> None:
    (found,) = occurrences(nth(MONTHLY, 3), published_on=date(2026, 10, 1), expires_on=None, calendar=CALENDAR, count=1)
    assert [s.text for s in found.resolved.explanation] == [
        "2026年10月（10月1日至31日），以第 3 个工作日为限",
        "10月1日至7日 国庆节放假，不计",
        "10月8日（周四） 第 1 个工作日，10月9日（周五） 第 2 个工作日",
        "10月10日（周六，调休上班） 第 3 个工作日",
        "10月10日（周六，调休上班）24:00 截止",
    ]


@pytest.mark.parametrize(
    ("rule", "issued", "label", "due"),
    [
        (from_end(YEARLY, 3, MONTH), date(2026, 3, 10), "2025年", date(2026, 3, 31)),
        (from_end(YEARLY, 3, MONTH), date(2026, 3, 31), "2025年", date(2026, 3, 31)),
        (from_end(QUARTERLY, 15, DAY), date(2026, 10, 15), "2026年第3季度", date(2026, 10, 15)),
    ],
)
def test_the_period_before_may_still_be_met_on_the_day_of_issue(
    rule: Rule, issued: date, label: str, due: date
) -> None:
    found = earlier_period(rule, issued_on=issued, calendar=CALENDAR)
    assert found is not None
    assert (found.label, found.resolved.due_on) == (label, due)


@pytest.mark.parametrize(
    ("rule", "issued"),
    [
        (from_end(YEARLY, 3, MONTH), date(2026, 4, 1)),
        (from_end(QUARTERLY, 15, DAY), date(2026, 11, 28)),
        (nth(MONTHLY, 5), date(2026, 3, 2)),
        (Rule(Kind.RECURRING, Sense.WITHIN, rrule=MONTHLY), date(2026, 3, 2)),
        (Rule(Kind.ABSOLUTE, Sense.WITHIN, due_on=date(2026, 3, 2)), date(2026, 3, 2)),
    ],
)
def test_no_earlier_period_is_asked_about_where_none_can_be_met(rule: Rule, issued: date) -> None:
    assert earlier_period(rule, issued_on=issued, calendar=CALENDAR) is None


SHORTEST = {WEEKLY: 7, MONTHLY: 28, QUARTERLY: 90, YEARLY: 365}  # days of a period


@settings(deadline=None, max_examples=examples(150))
@given(
    on=st.dates(date(2020, 1, 1), date(2030, 12, 31)),
    later=st.integers(0, 500),
    rrule=st.sampled_from([MONTHLY, QUARTERLY, YEARLY, WEEKLY]),
    amount=st.integers(1, 120),
    unit=st.sampled_from([DAY, WORKDAY]),
)
def test_the_current_period_is_the_first_open_one_however_far_a_limit_reaches(
    on: date, later: int, rrule: str, amount: int, unit: CountUnit
) -> None:
    """Asking from a day in the middle gives what counting on from the first period gives."""
    rule = from_end(rrule, amount, unit)
    day = date.fromordinal(on.toordinal() + later)
    found = current_and_next(rule, on=day, published_on=on, expires_on=None, calendar=CALENDAR)
    # Far enough: a limit ends no sooner than its period, and `later` days hold so many of these.
    enough = later // SHORTEST[rrule] + 3
    every = occurrences(rule, published_on=on, expires_on=None, calendar=CALENDAR, count=enough)
    wanted = [one for one in every if one.resolved.due_on and one.resolved.due_on >= day][:2]
    assert [one.index for one in found] == [one.index for one in wanted]
    assert all(a.resolved.due_on and a.resolved.due_on >= on for a in every)


def noon(day: date, hour: int = 12) -> datetime:
    return datetime.combine(day, time(hour), SHANGHAI)


def test_a_term_runs_out_with_the_end_of_its_day() -> None:
    """届满30日前 of 31 December is by the 1st; of a meeting on that day, by 30 November (reading.md 5)."""
    rule = Rule(Kind.RELATIVE, Sense.WITHIN, 30, DAY, direction="before")
    end = noon(date(2026, 12, 31))
    assert resolve(rule, event_at=end, calendar=CALENDAR, event_name="有效期届满").due_on == date(2026, 12, 1)
    assert resolve(rule, event_at=end, calendar=CALENDAR, event_name="会议召开").due_on == date(2026, 11, 30)


def test_a_window_before_an_event_has_a_first_day_and_a_last() -> None:
    found = resolve(until(30, DAY), event_at=noon(date(2026, 12, 31)), calendar=CALENDAR, event_name="届满")
    assert (found.earliest_on, found.due_on) == (date(2026, 12, 1), date(2026, 12, 31))
    # Sunday 22 November: behind it would be too late
    found = resolve(until(30, DAY), event_at=noon(date(2026, 11, 22)), calendar=CALENDAR, event_name="届满")
    assert (found.earliest_on, found.due_on) == (date(2026, 10, 23), date(2026, 11, 20))
    found = resolve(until(3, WORKDAY), event_at=noon(date(2026, 11, 25)), calendar=CALENDAR, event_name="开会")
    assert (found.earliest_on, found.due_on) == (date(2026, 11, 20), date(2026, 11, 24))


@settings(deadline=None, max_examples=examples(200))
@given(
    day=st.dates(date(2010, 1, 1), date(2030, 12, 31)),
    amount=st.integers(1, 60),
    unit=st.sampled_from([DAY, WORKDAY, MONTH]),
    name=st.sampled_from(["届满", "会议召开"]),
    direction=st.sampled_from(["before", "until"]),
    hour=st.sampled_from([None, time(17), time(12)]),
)
def test_windows_and_terms_add_up_day_by_day(
    day: date, amount: int, unit: CountUnit, name: str, direction: str, hour: time | None
) -> None:
    rule = Rule(Kind.RELATIVE, Sense.WITHIN, amount, unit, direction=direction, due_time=hour)
    resolved = resolve(rule, event_at=noon(day), calendar=CALENDAR, event_name=name)
    lines = day_by_day(rule, event_at=noon(day), calendar=CALENDAR, event_name=name)
    assert lines[0].on == day
    assert lines[-1].on == resolved.due_on
    assert resolved.due_on is not None
    assert resolved.due_on <= day
    if direction == "until" and resolved.earliest_on != resolved.due_on:
        assert resolved.earliest_on in {line.on for line in lines}
    ends = f"{hour:%H:%M} 截止" if hour else "24:00 截止"
    assert lines[-1].why.endswith(ends)
    assert ends in resolved.explanation[-1].text


def test_a_printed_hour_ends_the_day() -> None:
    rule = Rule(Kind.ABSOLUTE, Sense.WITHIN, due_on=date(2026, 12, 10), due_time=time(17))
    found = resolve(rule, event_at=None, calendar=CALENDAR)
    assert found.due_on == date(2026, 12, 10)
    assert found.due_at == datetime(2026, 12, 10, 17, tzinfo=SHANGHAI)
    assert found.explanation[-1].text == "2026年12月10日（周四）17:00 截止（文件写明的时刻）"
    weekly = Rule(Kind.RECURRING, Sense.WITHIN, rrule="FREQ=WEEKLY;BYDAY=FR", due_time=time(17))
    (period,) = occurrences(weekly, published_on=date(2026, 11, 28), expires_on=None, calendar=CALENDAR, count=1)
    assert period.resolved.due_at == datetime(2026, 12, 4, 17, tzinfo=SHANGHAI)


def test_minutes_run_from_the_instant() -> None:
    rule = Rule(Kind.RELATIVE, Sense.WITHIN, 30, MINUTE)
    found = resolve(rule, event_at=noon(date(2026, 11, 28)), calendar=CALENDAR, event_name="接报")
    assert found.due_at == datetime(2026, 11, 28, 12, 30, tzinfo=SHANGHAI)
    assert found.due_on is None
    assert "满 30 分钟" in found.explanation[-1].text


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (from_end(QUARTERLY, 15, DAY), "每季度结束后15日内"),
        (from_end(YEARLY, 3, MONTH), "每年结束后3个月内"),
        (from_end(QUARTERLY, 10, DAY, before=True), "每季度结束10日前"),
        (nth(MONTHLY, 5), "每月前5个工作日内"),
        (nth(MONTHLY, 1, Sense.ON), "每月第1个工作日"),
        (nth(MONTHLY, -1), "每月最后一个工作日"),
        (nth(MONTHLY, -2), "每月倒数第2个工作日"),
        (Rule(Kind.RECURRING, Sense.WITHIN, rrule="FREQ=WEEKLY;BYDAY=FR", due_time=time(17)), "每周五17:00前"),
        (Rule(Kind.ABSOLUTE, Sense.WITHIN, due_on=date(2026, 12, 10), due_time=time(17)), "2026年12月10日17:00前"),
        (Rule(Kind.RELATIVE, Sense.WITHIN, 1, DAY, due_time=time(12)), "1日内12:00前"),
        (Rule(Kind.RELATIVE, Sense.WITHIN, 30, MINUTE), "30分钟内"),
        (until(30, DAY), "前30日内"),
    ],
)
def test_a_rule_is_said_whole(rule: Rule, words: str) -> None:
    assert describe_rule(rule) == words


def test_the_day_before_a_festival_is_its_last_workday() -> None:
    """春节前 is the day before it, moved back: in 2026 to 14 February, a make-up Saturday (reading.md 5)."""
    for festival_eve, due in ((date(2026, 2, 16), date(2026, 2, 14)), (date(2026, 9, 30), date(2026, 9, 30))):
        rule = Rule(Kind.ABSOLUTE, Sense.WITHIN, due_on=festival_eve, day_off=DayOff.PREVIOUS)
        assert resolve(rule, event_at=None, calendar=CALENDAR).due_on == due
