"""Recurring limits: which periods there are, when each is due, and what it is called."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.lengths import examples
from tracker.clock.calendar import WorkCalendar
from tracker.clock.describing import describe_rule
from tracker.clock.recurrence import current_and_next, occurrences
from tracker.clock.rules import CountUnit, DayOff, IncompleteRule, Kind, Occurrence, Rule, Sense

CALENDAR = WorkCalendar(noticed_years=range(2004, 2027))
RHYTHMS = [
    "FREQ=DAILY",
    "FREQ=DAILY;INTERVAL=3",
    "FREQ=WEEKLY",
    "FREQ=WEEKLY;INTERVAL=2",
    "FREQ=WEEKLY;BYDAY=TU,TH",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR",
    "FREQ=MONTHLY",
    "FREQ=MONTHLY;INTERVAL=2",
    "FREQ=MONTHLY;INTERVAL=3",
    "FREQ=MONTHLY;INTERVAL=6",
    "FREQ=MONTHLY;BYMONTHDAY=25",
    "FREQ=MONTHLY;BYMONTHDAY=30,31",
    "FREQ=MONTHLY;BYMONTHDAY=-1",
    "FREQ=MONTHLY;BYDAY=5MO",
    "FREQ=MONTHLY;BYDAY=SU,-1FR",
    "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=10",
    "FREQ=YEARLY",
    "FREQ=YEARLY;INTERVAL=2",
    "FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=30",
    "FREQ=YEARLY;BYMONTH=6,12",
    "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
]


def recurring(rrule: str, day_off: DayOff | None = None) -> Rule:
    return Rule(Kind.RECURRING, Sense.WITHIN, rrule=rrule, day_off=day_off)


def some(
    rrule: str,
    published_on: date,
    *,
    count: int = 2,
    expires_on: date | None = None,
    first_index: int = 0,
    day_off: DayOff | None = None,
) -> list[Occurrence]:
    return occurrences(
        recurring(rrule, day_off),
        published_on=published_on,
        expires_on=expires_on,
        calendar=CALENDAR,
        first_index=first_index,
        count=count,
    )


def dates(found: list[Occurrence]) -> list[date | None]:
    return [occurrence.resolved.due_on for occurrence in found]


@pytest.mark.parametrize(
    ("rrule", "published_on", "labels", "due"),
    [
        # 每月25日: that day, moved by nobody (2026-07-25 is a Saturday)
        ("FREQ=MONTHLY;BYMONTHDAY=25", date(2026, 6, 25), ["2026年6月", "2026年7月"], [(2026, 6, 25), (2026, 7, 25)]),
        # already past in the month of publication: the next one is the first
        ("FREQ=MONTHLY;BYMONTHDAY=25", date(2026, 6, 26), ["2026年7月", "2026年8月"], [(2026, 7, 25), (2026, 8, 25)]),
        ("FREQ=MONTHLY;BYMONTHDAY=31", date(2026, 1, 31), ["2026年1月", "2026年2月"], [(2026, 1, 31), (2026, 2, 28)]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", date(2026, 2, 1), ["2026年2月", "2026年3月"], [(2026, 2, 28), (2026, 3, 31)]),
        # reporting periods: the last workday of the calendar period
        ("FREQ=MONTHLY", date(2026, 10, 8), ["2026年10月", "2026年11月"], [(2026, 10, 30), (2026, 11, 30)]),
        ("FREQ=MONTHLY", date(2026, 2, 10), ["2026年2月", "2026年3月"], [(2026, 2, 28), (2026, 3, 31)]),
        ("FREQ=WEEKLY", date(2026, 11, 25), ["2026年第48周", "2026年第49周"], [(2026, 11, 27), (2026, 12, 4)]),
        # the week of 16 to 22 February has no workday at all: the first after it (民法典 203)
        ("FREQ=WEEKLY", date(2026, 2, 10), ["2026年第7周", "2026年第8周"], [(2026, 2, 14), (2026, 2, 24)]),
        (
            "FREQ=MONTHLY;INTERVAL=3",
            date(2026, 11, 1),
            ["2026年第4季度", "2027年第1季度"],
            [(2026, 12, 31), (2027, 3, 31)],
        ),
        (
            "FREQ=MONTHLY;INTERVAL=6",
            date(2026, 5, 1),
            ["2026年上半年", "2026年下半年"],
            [(2026, 6, 30), (2026, 12, 31)],
        ),
        ("FREQ=YEARLY", date(2022, 5, 1), ["2022年", "2023年"], [(2022, 12, 30), (2023, 12, 29)]),
        # counted from publication, whose day does not count (民法典 201)
        (
            "FREQ=WEEKLY;INTERVAL=2",
            date(2022, 6, 1),
            ["2022年6月2日至15日", "2022年6月16日至29日"],
            [(2022, 6, 15), (2022, 6, 29)],
        ),
        (
            "FREQ=DAILY;INTERVAL=3",
            date(2026, 3, 2),
            ["2026年3月3日至5日", "2026年3月6日至8日"],
            [(2026, 3, 5), (2026, 3, 6)],
        ),
        ("FREQ=DAILY", date(2026, 3, 6), ["2026年3月6日", "2026年3月9日"], [(2026, 3, 6), (2026, 3, 9)]),
        (
            "FREQ=WEEKLY;BYDAY=TU,TH",
            date(2026, 11, 25),
            ["2026年第48周周四", "2026年第49周周二"],
            [(2026, 11, 26), (2026, 12, 1)],
        ),
        # 支付条例 18: by 31 March each year
        ("FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=31", date(2026, 4, 1), ["2027年", "2028年"], [(2027, 3, 31), (2028, 3, 31)]),
        # a quarter's day without its month stands in the quarter's last
        (
            "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=10",
            date(2026, 11, 1),
            ["2026年第4季度", "2027年第1季度"],
            [(2026, 12, 10), (2027, 3, 10)],
        ),
        ("FREQ=YEARLY;BYMONTH=6,12", date(2026, 7, 1), ["2026年12月", "2027年6月"], [(2026, 12, 31), (2027, 6, 30)]),
    ],
)
def test_first_two(rrule: str, published_on: date, labels: list[str], due: list[tuple[int, int, int]]) -> None:
    found = some(rrule, published_on)
    assert [occurrence.label for occurrence in found] == labels
    assert dates(found) == [date(*day) for day in due]
    assert found[0].index == 0
    for occurrence in found:
        assert occurrence.resolved.explanation[-1].on == occurrence.resolved.due_on


@pytest.mark.parametrize(
    ("rrule", "published_on", "expected"),
    [
        # 每年2月29日: the month's last day where there is none (民法典 202 read for days)
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", date(2026, 1, 1), [(2026, 2, 28), (2027, 2, 28), (2028, 2, 29)]),
        # 每月31日 and 每月30日、31日: a short month owes one report, not two
        ("FREQ=MONTHLY;BYMONTHDAY=31", date(2026, 4, 1), [(2026, 4, 30), (2026, 5, 31), (2026, 6, 30)]),
        ("FREQ=MONTHLY;BYMONTHDAY=30,31", date(2027, 1, 31), [(2027, 1, 31), (2027, 2, 28), (2027, 3, 30)]),
        # 每月第五个周一: only months that have one
        ("FREQ=MONTHLY;BYDAY=5MO", date(2026, 1, 1), [(2026, 3, 30), (2026, 6, 29), (2026, 8, 31)]),
        ("FREQ=MONTHLY;BYDAY=-1MO", date(2026, 1, 1), [(2026, 1, 26), (2026, 2, 23), (2026, 3, 30)]),
        # 每季度末月31日, 每季度末月最后一日: 30 June and 30 September
        ("FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=31", date(2026, 4, 1), [(2026, 6, 30), (2026, 9, 30), (2026, 12, 31)]),
        ("FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=-1", date(2026, 4, 1), [(2026, 6, 30), (2026, 9, 30), (2026, 12, 31)]),
        # 每季度 without a day: the quarter's last workday; 29 and 30 September 2023 were 中秋 and a Saturday
        ("FREQ=MONTHLY;INTERVAL=3", date(2025, 12, 31), [(2025, 12, 31), (2026, 3, 31), (2026, 6, 30)]),
        ("FREQ=MONTHLY;INTERVAL=3", date(2023, 7, 1), [(2023, 9, 28), (2023, 12, 29), (2024, 3, 29)]),
        ("FREQ=MONTHLY;INTERVAL=6;BYMONTHDAY=31", date(2026, 1, 1), [(2026, 6, 30), (2026, 12, 31), (2027, 6, 30)]),
        # 每两年2月29日
        ("FREQ=YEARLY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=29", date(2026, 1, 1), [(2026, 2, 28), (2028, 2, 29)]),
    ],
)
def test_impossible_days_fall_on_the_last_there_is(
    rrule: str, published_on: date, expected: list[tuple[int, int, int]]
) -> None:
    assert dates(some(rrule, published_on, count=len(expected))) == [date(*day) for day in expected]


def test_a_short_month_says_why() -> None:
    found = some("FREQ=MONTHLY;BYMONTHDAY=31", date(2026, 2, 1))
    assert any("没有31日" in step.text for step in found[0].resolved.explanation)


@pytest.mark.parametrize(
    ("rrule", "day_off", "expected"),
    [
        ("FREQ=MONTHLY;BYMONTHDAY=25", None, date(2026, 7, 25)),
        ("FREQ=MONTHLY;BYMONTHDAY=25", DayOff.AS_PRINTED, date(2026, 7, 25)),
        ("FREQ=MONTHLY;BYMONTHDAY=25", DayOff.NEXT, date(2026, 7, 27)),
        ("FREQ=MONTHLY;BYMONTHDAY=25", DayOff.PREVIOUS, date(2026, 7, 24)),
        ("FREQ=MONTHLY;INTERVAL=12", None, date(2026, 12, 31)),
        # 31 October 2026 is a Saturday; 4 October lies within 国庆
        ("FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=25", DayOff.NEXT, date(2026, 7, 27)),
        ("FREQ=YEARLY;BYMONTH=10;BYMONTHDAY=31", DayOff.NEXT, date(2026, 11, 2)),
        ("FREQ=YEARLY;BYMONTH=10;BYMONTHDAY=31", DayOff.PREVIOUS, date(2026, 10, 30)),
        ("FREQ=YEARLY;BYMONTH=10;BYMONTHDAY=4", DayOff.NEXT, date(2026, 10, 8)),
        ("FREQ=YEARLY;BYMONTH=10;BYMONTHDAY=4", DayOff.PREVIOUS, date(2026, 9, 30)),
        ("FREQ=WEEKLY", DayOff.AS_PRINTED, date(2026, 7, 5)),
        ("FREQ=WEEKLY", DayOff.NEXT, date(2026, 7, 6)),
    ],
)
def test_days_off(rrule: str, day_off: DayOff | None, expected: date) -> None:
    assert dates(some(rrule, date(2026, 7, 1), count=1, day_off=day_off)) == [expected]


def test_nothing_after_expiry() -> None:
    found = some("FREQ=MONTHLY;BYMONTHDAY=25", date(2026, 1, 1), count=99, expires_on=date(2026, 3, 25))
    assert dates(found) == [date(2026, 1, 25), date(2026, 2, 25), date(2026, 3, 25)]
    assert some("FREQ=MONTHLY", date(2026, 1, 1), expires_on=date(2026, 1, 20)) == []
    assert len(some("FREQ=WEEKLY;UNTIL=20260131", date(2026, 1, 5), count=99)) == 4
    assert len(some("FREQ=WEEKLY;COUNT=3", date(2026, 3, 2), count=99)) == 3


def test_a_day_within_the_validity_is_owed_though_a_holiday_moves_it_past_the_end() -> None:
    """31 December 2022 was the first day of 元旦: moved to 3 January, it is still the report for December."""
    for rrule in ("FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=MONTHLY;BYMONTHDAY=-1;UNTIL=20221231"):
        found = some(rrule, date(2022, 11, 1), count=99, expires_on=date(2022, 12, 31), day_off=DayOff.NEXT)
        assert dates(found) == [date(2022, 11, 30), date(2023, 1, 3)]
    # the week of 16 to 22 February 2026 has no workday
    weekly = some("FREQ=WEEKLY", date(2026, 2, 10), count=99, expires_on=date(2026, 2, 22))
    assert dates(weekly) == [date(2026, 2, 14), date(2026, 2, 24)]
    assert dates(some("FREQ=WEEKLY", date(2026, 2, 10), count=99, expires_on=date(2026, 2, 21))) == [date(2026, 2, 14)]


def test_a_period_whose_last_workday_came_before_publication_is_dropped() -> None:
    """Published on Sunday, 8 March: nobody can report for that week any more."""
    found = some("FREQ=WEEKLY", date(2026, 3, 8))
    assert dates(found) == [date(2026, 3, 13), date(2026, 3, 20)]
    assert [occurrence.index for occurrence in found] == [1, 2]


def test_periods_that_fall_due_together_are_one() -> None:
    """No daily report is owed for each day of the Spring Festival."""
    found = some("FREQ=DAILY", date(2026, 2, 13), count=4)
    assert dates(found) == [date(2026, 2, 13), date(2026, 2, 14), date(2026, 2, 24), date(2026, 2, 25)]


def test_provisional_periods_are_marked() -> None:
    found = some("FREQ=MONTHLY", date(2026, 12, 1))
    assert [occurrence.resolved.provisional for occurrence in found] == [False, True]
    printed = some("FREQ=MONTHLY;BYMONTHDAY=25", date(2027, 1, 1))
    assert not printed[0].resolved.provisional


@pytest.mark.parametrize("rrule", RHYTHMS)
def test_going_on_from_an_index_is_the_same_as_asking_at_once(rrule: str) -> None:
    published_on = date(2026, 1, 30)
    at_once = some(rrule, published_on, count=12)
    assert len({occurrence.label for occurrence in at_once}) == 12
    step_by_step: list[Occurrence] = []
    while len(step_by_step) < 12:
        start = step_by_step[-1].index + 1 if step_by_step else 0
        step_by_step += some(rrule, published_on, count=1, first_index=start)
    assert step_by_step == at_once
    far = some(rrule, published_on, first_index=100_000_000)
    assert far == []


@settings(deadline=None, max_examples=examples(40))
@given(
    rrule=st.sampled_from(RHYTHMS),
    published_on=st.dates(date(2024, 1, 1), date(2027, 12, 31)),
    later=st.integers(0, 900),
)
def test_current_and_next_are_found_without_counting_from_the_start(rrule: str, published_on: date, later: int) -> None:
    on = published_on + timedelta(days=later)
    everything = some(rrule, published_on, count=1200, expires_on=on + timedelta(days=4000))
    open_ones = [found for found in everything if found.resolved.due_on is not None and found.resolved.due_on >= on]
    found = current_and_next(recurring(rrule), on=on, published_on=published_on, expires_on=None, calendar=CALENDAR)
    assert found == open_ones[:2]
    assert all(a.index < b.index for a, b in pairwise(everything))
    due = [found.resolved.due_on for found in everything]
    assert due == sorted(set(due))  # type: ignore[type-var]


@pytest.mark.parametrize(
    "rrule",
    [
        None,
        "",
        "FREQ=HOURLY",
        "MONTHLY",
        "FREQ=MONTHLY;BYMONTHDAY=32",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=MONTHLY;INTERVAL=0",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=MONTHLY;FOO=1",
    ],
)
def test_an_unreadable_rhythm_says_so(rrule: str | None) -> None:
    with pytest.raises(IncompleteRule):
        occurrences(
            Rule(Kind.RECURRING, Sense.WITHIN, rrule=rrule),
            published_on=date(2026, 1, 1),
            expires_on=None,
            calendar=CALENDAR,
        )


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (recurring("FREQ=MONTHLY;BYMONTHDAY=25"), "每月25日"),
        (recurring("FREQ=MONTHLY"), "每月（当月最后一个工作日）"),
        (recurring("FREQ=MONTHLY;INTERVAL=3"), "每季度（当季最后一个工作日）"),
        (recurring("FREQ=MONTHLY;INTERVAL=6"), "每半年（当半年最后一个工作日）"),
        (recurring("FREQ=YEARLY"), "每年（当年最后一个工作日）"),
        (recurring("FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=30"), "每年11月30日"),
        (recurring("FREQ=WEEKLY"), "每周（当周最后一个工作日）"),
        (recurring("FREQ=WEEKLY;INTERVAL=2"), "每两周（自发布日起算）"),
        (recurring("FREQ=WEEKLY;BYDAY=TU,TH"), "每周二、周四"),
        (recurring("FREQ=DAILY;INTERVAL=3"), "每3天（自发布日起算）"),
        (recurring("FREQ=DAILY"), "每个工作日"),
        (recurring("FREQ=MONTHLY;BYDAY=-1FR"), "每月最后一个周五"),
        (Rule(Kind.RELATIVE, Sense.WITHIN, 3, CountUnit.WORKDAY), "3个工作日内"),
        (Rule(Kind.RELATIVE, Sense.WITHIN, 0, CountUnit.DAY), "当日"),
        (Rule(Kind.RELATIVE, Sense.WITHIN, 15, CountUnit.DAY, direction="before"), "15日前"),
        (Rule(Kind.RELATIVE, Sense.WITHIN, 5, CountUnit.DAY, counts_as_workday=True), "5日内（按工作日计）"),
        (Rule(Kind.ABSOLUTE, Sense.WITHIN, due_on=date(2024, 12, 31)), "2024年12月31日前"),
        (Rule(Kind.ABSOLUTE, Sense.ON, due_on=date(2024, 12, 31)), "2024年12月31日"),
        (Rule(Kind.VALIDITY, Sense.SPAN, due_on=date(2025, 12, 31)), "有效期至2025年12月31日"),
        (Rule(Kind.VALIDITY, Sense.SPAN, 3, CountUnit.MONTH), "有效期3个月"),
    ],
)
def test_rule_words(rule: Rule, words: str) -> None:
    assert describe_rule(rule) == words


def test_rule_words_with_the_event() -> None:
    waiting = Rule(Kind.RELATIVE, Sense.NOT_BEFORE, 30, CountUnit.DAY)
    assert describe_rule(waiting, event_name="公示") == "公示30日后方可"
