"""Suspended time: which days and hours a period leaves out, and what it says of them; each case cites its article."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.lengths import examples
from tracker.clock.calendar import WorkCalendar
from tracker.clock.resolution import resolve
from tracker.clock.rules import (
    ClockError,
    CountUnit,
    DayOff,
    Kind,
    Resolved,
    Rule,
    Sense,
    Suspended,
    Suspension,
)
from tracker.clock.suspension import LeftOut
from tracker.now import SHANGHAI

CALENDAR = WorkCalendar(noticed_years=range(2004, 2027))
DAY, WORKDAY, HOUR, WEEK, MONTH, YEAR = (
    CountUnit.DAY, CountUnit.WORKDAY, CountUnit.HOUR, CountUnit.WEEK, CountUnit.MONTH, CountUnit.YEAR,
)  # fmt: skip
LICENCE = "行政许可法 45"
INFORMATION = "政府信息公开条例 33"


def at(month: int, day: int, hour: int = 9, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


def pause(start: datetime, end: datetime | None, reason: str = "听证", authority: str = LICENCE) -> Suspension:
    return Suspension(start, end, reason, authority)


def after(amount: int, unit: CountUnit, sense: Sense = Sense.WITHIN, **more: object) -> Rule:
    return Rule(kind=Kind.RELATIVE, sense=sense, amount=amount, unit=unit, **more)  # type: ignore[arg-type]


def count(rule: Rule, event_at: datetime, *suspensions: Suspension) -> Resolved:
    return resolve(rule, event_at=event_at, calendar=CALENDAR, event_name="受理", suspensions=suspensions)


def texts(resolved: Resolved) -> list[str]:
    return [step.text for step in resolved.explanation]


@pytest.mark.parametrize(
    ("rule", "event", "suspensions", "expected"),
    [
        # 行政许可法 82 and 45: twenty workdays; a hearing from 23 February to 2 March leaves out 24 Feb to 2 March
        (after(20, DAY, counts_as_workday=True, article="行政许可法 82"), at(2, 10), [(at(2, 23), at(3, 2))],
         date(2026, 3, 24)),
        (after(20, DAY, counts_as_workday=True, article="行政许可法 82"), at(2, 10), [], date(2026, 3, 16)),
        # 政府信息公开条例 33: twenty workdays, asking a third party over a weekend costs one workday
        (after(20, WORKDAY), at(3, 2), [(at(3, 6), at(3, 9))], date(2026, 3, 31)),
        # a pause over a weekend alone leaves out no workday
        (after(20, WORKDAY), at(3, 2), [(at(3, 6), at(3, 8))], date(2026, 3, 30)),
        # the make-up Saturday of 28 February is a workday, and one left out
        (after(3, WORKDAY), at(2, 25), [(at(2, 27), at(2, 28))], date(2026, 3, 2)),
        # 民法典 201 read for pauses: the day it begins on counts, the day it ends on does not
        (after(3, WORKDAY), at(3, 2), [(at(3, 3), at(3, 4))], date(2026, 3, 6)),
        (after(3, DAY), at(3, 2), [(at(3, 3), at(3, 4))], date(2026, 3, 6)),
        # begun and ended on one day: nothing is left out
        (after(3, WORKDAY), at(3, 2), [(at(3, 4, 9), at(3, 4, 17))], date(2026, 3, 5)),
        # begun before the event: only what lies after it
        (after(3, WORKDAY), at(3, 2), [(at(2, 20), at(3, 3))], date(2026, 3, 6)),
        (after(3, DAY), at(3, 2), [(at(2, 20), at(2, 28))], date(2026, 3, 5)),
        # begun after the end: no effect
        (after(3, WORKDAY), at(3, 2), [(at(3, 6), at(3, 20))], date(2026, 3, 5)),
        # begun on the last day and outlasting it: no period ends while it stands still, so the first workday after
        (after(3, WORKDAY), at(3, 2), [(at(3, 5), at(3, 20))], date(2026, 3, 23)),
        (after(3, DAY), at(3, 2), [(at(3, 5), at(3, 20))], date(2026, 3, 23)),
        (after(3, DAY, day_off=DayOff.AS_PRINTED), at(3, 2), [(at(3, 5), at(3, 20))], date(2026, 3, 21)),
        (after(3, WORKDAY), at(3, 2), [(at(3, 5, 9), at(3, 5, 17))], date(2026, 3, 5)),
        # ...and where another begins on that day, the first after both
        (after(3, WORKDAY), at(3, 2), [(at(3, 5), at(3, 6)), (at(3, 9), at(3, 11))], date(2026, 3, 12)),
        # moved back by choice onto a Friday at whose end it stands still: forward instead
        (after(5, DAY, day_off=DayOff.PREVIOUS), at(3, 3), [(at(3, 6), at(3, 7))], date(2026, 3, 9)),
        # overlapping and touching ones are one; order does not matter
        (after(3, WORKDAY), at(3, 2), [(at(3, 4), at(3, 6)), (at(3, 3), at(3, 5))], date(2026, 3, 10)),
        (after(3, WORKDAY), at(3, 2), [(at(3, 3), at(3, 4)), (at(3, 4), at(3, 6))], date(2026, 3, 10)),
        # 信访工作条例 34: sixty days; weeks are days (民法典 200)
        (after(60, DAY), at(3, 2), [(at(3, 10), at(3, 20))], date(2026, 5, 11)),
        (after(2, WEEK), at(3, 2), [(at(3, 3), at(3, 5))], date(2026, 3, 18)),
        # 民法典 203: the last day is Saturday 7 March; the Monday it moves to is left out, so Tuesday
        (after(3, DAY), at(3, 4), [(at(3, 8), at(3, 9))], date(2026, 3, 10)),
        # moved back by choice: Friday is left out, so it cannot be the last day
        (after(4, DAY, day_off=DayOff.PREVIOUS), at(3, 2), [(at(3, 5), at(3, 6))], date(2026, 3, 9)),
        (after(5, DAY, day_off=DayOff.PREVIOUS), at(3, 2), [(at(3, 3), at(3, 4))], date(2026, 3, 6)),
        (after(4, DAY, day_off=DayOff.AS_PRINTED), at(3, 2), [(at(3, 3), at(3, 4))], date(2026, 3, 7)),
        # 民法典 202: the corresponding day, 15 April, and seven further days
        (after(1, MONTH), at(3, 15), [(at(3, 20), at(3, 27))], date(2026, 4, 22)),
        # ...which run on over a second pause
        (after(1, MONTH), at(3, 15), [(at(3, 20), at(3, 27)), (at(4, 16), at(4, 18))], date(2026, 4, 24)),
        (after(1, MONTH), at(1, 31), [(at(2, 2), at(2, 4))], date(2026, 3, 2)),
        (after(1, YEAR), at(3, 16), [(at(5, 6), at(5, 8))], date(2027, 3, 18)),
        # 当日办结 while everything stands still: the first day that does not
        (after(0, DAY), at(3, 3), [(at(3, 2), at(3, 4))], date(2026, 3, 5)),
        (after(0, WORKDAY), at(3, 3), [(at(3, 2), at(3, 6))], date(2026, 3, 9)),
        (after(0, DAY), at(3, 3), [(at(3, 3), at(3, 4))], date(2026, 3, 5)),
        # counted back from an event: what comes before it is not suspended
        (after(15, DAY, direction="before"), at(3, 20), [(at(3, 10), at(3, 15))], date(2026, 3, 4)),
    ],
)  # fmt: skip
def test_days_left_out(
    rule: Rule, event: datetime, suspensions: list[tuple[datetime, datetime]], expected: date
) -> None:
    for order in (suspensions, suspensions[::-1]):
        resolved = count(rule, event, *(pause(*each) for each in order))
        assert resolved.due_on == expected
        assert resolved.explanation[-1].on == expected


@pytest.mark.parametrize(
    ("rule", "suspensions", "expected"),
    [
        # 鞍山 五.6: 公示30日后方可申请; five days of publicity were lost
        (after(30, DAY, Sense.NOT_BEFORE), [(at(3, 20), at(3, 25))], date(2026, 4, 16)),
        (after(5, WORKDAY, Sense.NOT_BEFORE), [(at(3, 12), at(3, 13))], date(2026, 3, 20)),
        (after(1, MONTH, Sense.NOT_BEFORE), [(at(3, 20), at(3, 25))], date(2026, 4, 17)),
        (after(24, HOUR, Sense.NOT_BEFORE), [(at(3, 11, 12), at(3, 12, 12))], date(2026, 3, 14)),
        # stopped on the thirtieth day: that day was not a full one
        (after(30, DAY, Sense.NOT_BEFORE), [(at(4, 10), at(4, 25))], date(2026, 4, 27)),
        (after(30, DAY, Sense.NOT_BEFORE), [(at(4, 11), at(4, 25))], date(2026, 4, 11)),
    ],
)
def test_a_waiting_period_waits_longer(
    rule: Rule, suspensions: list[tuple[datetime, datetime]], expected: date
) -> None:
    resolved = count(rule, at(3, 11), *(pause(*each) for each in suspensions))
    assert (resolved.due_on, resolved.due_at, resolved.earliest_on) == (None, None, expected)


@pytest.mark.parametrize(
    ("amount", "suspensions", "expected"),
    [
        # 民法典 201 second paragraph: hours run from the instant and stop at one
        (2, [], at(3, 11, 11)),
        (2, [(at(3, 11, 10), at(3, 11, 10, 25))], at(3, 11, 11, 25)),
        (2, [(at(3, 11, 8), at(3, 11, 10))], at(3, 11, 12)),
        (2, [(at(3, 11, 11), at(3, 11, 12))], at(3, 11, 11)),
        (24, [(at(3, 11, 10), at(3, 11, 12)), (at(3, 11, 11), at(3, 11, 13))], at(3, 12, 12)),
        (24, [(at(3, 12, 8), at(3, 13, 8)), (at(3, 13, 8, 30), at(3, 13, 9))], at(3, 13, 9, 30)),
        (0, [(at(3, 11, 8), at(3, 11, 10))], at(3, 11, 9)),
    ],
)
def test_hours_stop_at_the_instant(
    amount: int, suspensions: list[tuple[datetime, datetime]], expected: datetime
) -> None:
    resolved = count(after(amount, HOUR), at(3, 11, 9), *(pause(*each) for each in suspensions))
    assert (resolved.due_on, resolved.due_at) == (None, expected)
    said = [line for line in texts(resolved) if "暂停" in line]
    assert len(said) == sum(1 for start, end in suspensions if start < expected and end > at(3, 11, 9) and amount)


def test_an_open_suspension_has_no_date() -> None:
    for rule in (after(3, WORKDAY), after(3, DAY), after(1, MONTH), after(72, HOUR), after(3, DAY, Sense.NOT_BEFORE)):
        for began in (at(3, 1), at(3, 3), at(3, 4)):
            with pytest.raises(Suspended, match="恢复后重新计算"):
                count(rule, at(3, 2), pause(began, None))
    assert issubclass(Suspended, ClockError)


def test_an_open_suspension_begun_after_the_end_changes_nothing() -> None:
    later = pause(at(3, 6, 0), None)
    assert count(after(3, WORKDAY), at(3, 2), later) == count(after(3, WORKDAY), at(3, 2))
    wait = after(3, DAY, Sense.NOT_BEFORE)
    assert count(wait, at(3, 2), later) == count(wait, at(3, 2))
    hours = after(2, HOUR, Sense.NOT_BEFORE)
    assert count(hours, at(3, 2), pause(at(3, 2, 12), None)) == count(hours, at(3, 2))
    # an earlier pause moved the end past the beginning of the open one
    with pytest.raises(Suspended):
        count(after(3, WORKDAY), at(3, 2), pause(at(3, 3), at(3, 5)), later)


def test_what_a_suspension_does_not_move() -> None:
    still = pause(at(1, 1), None)
    written = Rule(Kind.ABSOLUTE, Sense.WITHIN, due_on=date(2026, 6, 30))
    assert count(written, at(3, 2), still).due_on == date(2026, 6, 30)
    before = after(15, DAY, direction="before")
    assert count(before, at(3, 20), still) == count(before, at(3, 20))
    hours = after(2, HOUR, direction="before")
    assert count(hours, at(3, 20), still) == count(hours, at(3, 20))


def test_each_suspension_that_mattered_has_its_line() -> None:
    resolved = count(
        after(20, WORKDAY),
        at(2, 10),
        pause(at(2, 23), at(3, 2)),
        pause(at(3, 6), at(3, 8), "周末补正", ""),
        pause(at(3, 9), at(3, 11), "征求第三方意见", INFORMATION),
        pause(at(6, 1), at(6, 5), "以后的", ""),
    )
    lines = [(step.text, step.article) for step in resolved.explanation if "暂停" in step.text]
    assert lines == [
        ("2月24日至3月2日 暂停（听证），不计", LICENCE),
        ("3月10日至11日 暂停（征求第三方意见），不计", INFORMATION),
    ]
    days = [step.on for step in resolved.explanation if step.on]
    assert days == sorted(days)


def test_the_numbers_of_the_workdays_go_on_after_a_pause() -> None:
    assert texts(count(after(3, WORKDAY), at(3, 2), pause(at(3, 3), at(3, 5), ""))) == [
        "3月2日（周一）受理，当日不计",
        "3月3日（周二） 第 1 个工作日",
        "3月4日至5日 暂停，不计",
        "3月6日（周五） 第 2 个工作日",
        "3月7日至8日 周末，不计",
        "3月9日（周一） 第 3 个工作日，24:00 截止",
    ]


def test_months_and_moves_explain_themselves() -> None:
    assert texts(count(after(1, MONTH), at(3, 15), pause(at(3, 20), at(3, 27)))) == [
        "3月15日（周日）受理，当日不计",
        "自3月16日起算，1 个月的对应日为4月15日（周三）",
        "3月21日至27日 暂停（听证），不计",
        "期内不计的 7 天顺延补足，至4月22日（周三）",
        "4月22日（周三）24:00 截止",
    ]
    assert texts(count(after(3, DAY), at(3, 4), pause(at(3, 8), at(3, 9))))[1:] == [
        "自3月5日起算，第 3 天为3月7日（周六）",
        "3月9日 暂停（听证），不计",
        "3月7日至8日 周末，顺延至恢复后第一个工作日3月10日",
        "3月10日（周二）24:00 截止",
    ]


def test_a_pause_on_the_last_day_explains_itself() -> None:
    assert texts(count(after(3, WORKDAY), at(3, 2), pause(at(3, 5), at(3, 6)))) == [
        "3月2日（周一）受理，当日不计",
        "3月3日至5日 第 1 至第 3 个工作日",
        "3月6日 暂停（听证），不计",
        "3月5日（周四）当日起暂停，顺延至恢复后第一个工作日3月9日",
        "3月9日（周一）24:00 截止",
    ]
    assert texts(count(after(3, DAY, Sense.NOT_BEFORE), at(3, 2), pause(at(3, 5), at(3, 6))))[2:] == [
        "3月6日 暂停（听证），不计",
        "3月5日（周四）当日起暂停，至恢复后首日3月7日届满",
        "3月8日（周日）起方可办理",
    ]


# --- the set of days -------------------------------------------------------------------------------------------------

FIRST = date(2026, 1, 1)
SPANS = st.lists(st.tuples(st.integers(0, 120), st.integers(0, 30)), max_size=6)


@settings(deadline=None, max_examples=examples(200))
@given(spans=SPANS, start=st.integers(0, 150), amount=st.integers(1, 60))
def test_counting_round_left_out_days_matches_walking(spans: list[tuple[int, int]], start: int, amount: int) -> None:
    begun = [at(1, 1) + timedelta(days=first) for first, _ in spans]
    left = LeftOut.of([pause(b, b + timedelta(days=length)) for b, (_, length) in zip(begun, spans, strict=True)])
    out = {FIRST + timedelta(days=first + n) for first, length in spans for n in range(1, length + 1)}
    day = FIRST + timedelta(days=start)
    each = [day + timedelta(days=n) for n in range(1, 500)]
    kept = [d for d in each if d not in out]
    assert [d in left for d in each] == [d in out for d in each]
    assert bool(left) == bool(out)
    assert left.add_days(day, amount) == kept[amount - 1]
    assert left.add_workdays(CALENDAR, day, amount) == [d for d in kept if CALENDAR.is_workday(d)][amount - 1]
    end = each[amount]
    assert left.count(day, end) == sum(1 for d in each if d in out and d <= end)
    runs = list(left.gaps(each[0], end))
    walked = [first + timedelta(days=n) for first, last in runs for n in range((last - first).days + 1)]
    assert walked == [d for d in kept if d <= end]
    # merged: between two runs lies at least one day that counts
    assert all((first - last).days > 1 for last, first in zip(left.lasts, left.firsts[1:], strict=False))
