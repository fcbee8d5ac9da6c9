"""From rule to date: each case cites the article or the document it stands for."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.lengths import examples
from tracker.clock.calendar import WorkCalendar
from tracker.clock.resolution import day_end, resolve
from tracker.clock.rules import (
    CountUnit,
    DayOff,
    IncompleteRule,
    Kind,
    NeedsEvent,
    OutOfReach,
    Resolved,
    Rule,
    Sense,
)
from tracker.clock.wording import month_day
from tracker.now import SHANGHAI

CALENDAR = WorkCalendar(noticed_years=range(2004, 2027))
DAY, WORKDAY, HOUR, WEEK, MONTH, YEAR = (
    CountUnit.DAY,
    CountUnit.WORKDAY,
    CountUnit.HOUR,
    CountUnit.WEEK,
    CountUnit.MONTH,
    CountUnit.YEAR,
)


def after(amount: int, unit: CountUnit, **more: object) -> Rule:
    sense = more.pop("sense", Sense.WITHIN)
    return Rule(kind=Kind.RELATIVE, sense=sense, amount=amount, unit=unit, **more)  # type: ignore[arg-type]


def count(rule: Rule, event: date, hour: int = 9, minute: int = 0, name: str | None = "正式受理") -> Resolved:
    at = datetime(event.year, event.month, event.day, hour, minute, tzinfo=SHANGHAI)
    return resolve(rule, event_at=at, calendar=CALENDAR, event_name=name)


def texts(resolved: Resolved) -> list[str]:
    return [step.text for step in resolved.explanation]


@pytest.mark.parametrize(
    ("event", "rule", "expected"),
    [
        # 鞍山 四.2: 自正式受理之日起3个工作日内转办, over the Spring Festival of 2026
        (date(2026, 2, 13), after(3, WORKDAY), date(2026, 2, 25)),
        (date(2026, 2, 14), after(3, WORKDAY), date(2026, 2, 26)),
        # no notice for 2027 yet: art. 6 makes 9 and 10 February days off
        (date(2027, 2, 4), after(3, WORKDAY), date(2027, 2, 15)),
        # 民法典 201: the day itself does not count
        (date(2026, 3, 2), after(1, DAY), date(2026, 3, 3)),
        # 民法典 203: the last day is off, so the day after the holiday
        (date(2026, 9, 20), after(15, DAY), date(2026, 10, 8)),
        (date(2026, 3, 4), after(3, DAY), date(2026, 3, 9)),
        # a Saturday that is worked is a last day like any other
        (date(2026, 2, 14), after(14, DAY), date(2026, 2, 28)),
        # 支付条例 25: 30 days from receipt
        (date(2026, 3, 11), after(30, DAY), date(2026, 4, 10)),
        # 民法典 202: corresponding day, else the month's last
        (date(2026, 1, 31), after(1, MONTH), date(2026, 2, 28)),
        (date(2024, 2, 29), after(1, YEAR), date(2025, 2, 28)),
        (date(2025, 11, 30), after(3, MONTH), date(2026, 2, 28)),
        (date(2026, 3, 15), after(1, MONTH), date(2026, 4, 15)),
        (date(2026, 3, 2), after(2, WEEK), date(2026, 3, 16)),
        # 行政许可法 82: 日 counts as a working day
        (date(2026, 2, 13), after(5, DAY, counts_as_workday=True, article="行政许可法 82"), date(2026, 2, 27)),
        # 当日办结: the event's own day, even a day off; 0 workdays is the next worked one
        (date(2026, 2, 15), after(0, DAY), date(2026, 2, 15)),
        (date(2026, 2, 15), after(0, WORKDAY), date(2026, 2, 24)),
        # the supervisor's choice wins over 203
        (date(2026, 3, 4), after(3, DAY, day_off=DayOff.AS_PRINTED), date(2026, 3, 7)),
        (date(2026, 3, 4), after(3, DAY, day_off=DayOff.PREVIOUS), date(2026, 3, 6)),
        # 开会15日前: fifteen full days (5 to 19 April) lie between; 4 to 6 April are off, so Friday before
        (date(2026, 4, 20), after(15, DAY, direction="before"), date(2026, 4, 3)),
        (date(2026, 3, 20), after(15, DAY, direction="before"), date(2026, 3, 4)),
        (date(2026, 3, 20), after(5, WORKDAY, direction="before"), date(2026, 3, 12)),
        (date(2026, 3, 20), after(1, MONTH, direction="before"), date(2026, 2, 14)),
    ],
)
def test_relative_day(event: date, rule: Rule, expected: date) -> None:
    resolved = count(rule, event)
    assert resolved.due_on == expected
    assert resolved.due_at == day_end(expected)
    assert resolved.earliest_on is None
    assert resolved.explanation[-1].on == expected
    assert month_day(expected, event.year) in texts(resolved)[-1]


def test_a_day_ends_at_midnight_in_shanghai() -> None:
    assert day_end(date(2026, 2, 25)) == datetime(2026, 2, 25, 16, 0, tzinfo=UTC)
    assert day_end(date(2026, 2, 25)).tzinfo is UTC


def test_the_events_shanghai_date_counts() -> None:
    """20:00 UTC on the 12th is already the 13th in Shanghai."""
    at = datetime(2026, 2, 12, 20, 0, tzinfo=UTC)
    assert resolve(after(3, WORKDAY), event_at=at, calendar=CALENDAR).due_on == date(2026, 2, 25)
    with pytest.raises(ValueError, match="time zone"):
        resolve(after(3, WORKDAY), event_at=datetime(2026, 2, 12), calendar=CALENDAR)  # noqa: DTZ001


def test_explanation_of_the_sketch() -> None:
    """The look's own example, grouped as a clerk would read it out."""
    resolved = count(after(3, WORKDAY), date(2026, 2, 14))
    assert texts(resolved) == [
        "2月14日（周六，调休上班）正式受理，当日不计",
        "2月15日至23日 春节放假，不计",
        "2月24日（周二） 第 1 个工作日，2月25日（周三） 第 2 个工作日",
        "2月26日（周四） 第 3 个工作日，24:00 截止",
    ]
    assert resolved.explanation[0].article == "民法典 201"
    assert not resolved.provisional


def test_explanation_of_days_and_of_the_law_behind_them() -> None:
    lines = texts(count(after(14, DAY), date(2026, 2, 14)))
    assert "自2月15日起算，第 14 天为2月28日（周六，调休上班）" in lines
    by_law = count(after(5, DAY, counts_as_workday=True, article="行政许可法 82"), date(2026, 2, 13))
    assert "行政许可法 82" in [step.article for step in by_law.explanation]


@pytest.mark.parametrize("amount", [15, 30, 60, 120, 250])
def test_a_long_explanation_stays_short(amount: int) -> None:
    resolved = count(after(amount, WORKDAY), date(2026, 1, 30))
    assert len(resolved.explanation) <= 20
    assert f"第 {amount} 个工作日" in texts(resolved)[-1]


def test_provisional_is_marked_and_explained() -> None:
    resolved = count(after(3, WORKDAY), date(2027, 2, 4))
    assert resolved.provisional
    assert any("2027年没有放假通知" in line for line in texts(resolved))
    assert count(after(3, WORKDAY), date(2026, 12, 30)).provisional  # runs into 2027
    assert not count(after(1, WORKDAY), date(2026, 12, 30)).provisional
    assert not count(after(30, DAY, sense=Sense.NOT_BEFORE), date(2026, 12, 20)).provisional


@pytest.mark.parametrize(
    ("rule", "earliest"),
    [
        # 鞍山 五.6: 公示30日后方可申请; Saturday 11 April stays where it is
        (after(30, DAY, sense=Sense.NOT_BEFORE), date(2026, 4, 11)),
        (after(5, WORKDAY, sense=Sense.NOT_BEFORE), date(2026, 3, 19)),
        (after(1, MONTH, sense=Sense.NOT_BEFORE), date(2026, 4, 12)),
        (after(0, DAY, sense=Sense.NOT_BEFORE), date(2026, 3, 12)),
        (after(3, DAY, sense=Sense.NOT_BEFORE, direction="before"), date(2026, 3, 8)),
        (after(24, HOUR, sense=Sense.NOT_BEFORE), date(2026, 3, 13)),
    ],
)
def test_waiting_period(rule: Rule, earliest: date) -> None:
    resolved = count(rule, date(2026, 3, 11), name="公示")
    assert (resolved.due_on, resolved.due_at, resolved.earliest_on) == (None, None, earliest)
    assert resolved.explanation[-1].on == earliest


def test_hours_run_from_the_instant_and_do_not_move() -> None:
    """民法典 201 second paragraph; 15 February is a holiday."""
    resolved = count(after(24, HOUR), date(2026, 2, 14), hour=10, minute=30)
    assert resolved.due_on is None
    assert resolved.due_at == datetime(2026, 2, 15, 2, 30, tzinfo=UTC)
    at = datetime(2026, 2, 14, 10, 30, 59, tzinfo=SHANGHAI)
    assert resolve(after(24, HOUR), event_at=at, calendar=CALENDAR).due_at == resolved.due_at
    back = count(after(2, HOUR, direction="before"), date(2026, 3, 11), hour=10)
    assert back.due_at == datetime(2026, 3, 11, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day_off", "expected"),
    [
        (None, date(2022, 12, 31)),
        (DayOff.AS_PRINTED, date(2022, 12, 31)),
        (DayOff.NEXT, date(2023, 1, 3)),
        (DayOff.PREVIOUS, date(2022, 12, 30)),
    ],
)
def test_a_written_date_moves_only_when_told_to(day_off: DayOff | None, expected: date) -> None:
    rule = Rule(Kind.ABSOLUTE, Sense.WITHIN, due_on=date(2022, 12, 31), day_off=day_off)
    resolved = resolve(rule, event_at=None, calendar=CALENDAR)
    assert resolved.due_on == expected
    assert resolved.explanation[-1].on == expected
    assert not resolved.provisional


def test_written_dates_beyond_the_notices() -> None:
    unmoved = resolve(Rule(Kind.ABSOLUTE, Sense.ON, due_on=date(2028, 1, 1)), event_at=None, calendar=CALENDAR)
    assert (unmoved.due_on, unmoved.provisional) == (date(2028, 1, 1), False)
    rule = Rule(Kind.ABSOLUTE, Sense.ON, due_on=date(2028, 1, 1), day_off=DayOff.NEXT)
    moved = resolve(rule, event_at=None, calendar=CALENDAR)
    assert (moved.due_on, moved.provisional) == (date(2028, 1, 4), True)
    not_before = Rule(Kind.ABSOLUTE, Sense.NOT_BEFORE, date_from=date(2026, 5, 1))
    assert resolve(not_before, event_at=None, calendar=CALENDAR).earliest_on == date(2026, 5, 1)


@pytest.mark.parametrize("kind", [Kind.VALIDITY, Kind.RECURRING])
def test_kinds_without_a_date_of_their_own(kind: Kind) -> None:
    resolved = resolve(Rule(kind, Sense.SPAN, due_on=date(2025, 12, 31)), event_at=None, calendar=CALENDAR)
    assert (resolved.due_on, resolved.due_at, resolved.earliest_on) == (None, None, None)
    assert len(resolved.explanation) == 1


def test_what_cannot_be_counted_says_so() -> None:
    with pytest.raises(NeedsEvent, match="正式受理"):
        resolve(after(3, WORKDAY), event_at=None, calendar=CALENDAR, event_name="正式受理")
    with pytest.raises(IncompleteRule):
        count(Rule(Kind.RELATIVE, Sense.WITHIN, amount=3), date(2026, 3, 2))
    with pytest.raises(IncompleteRule):
        resolve(Rule(Kind.ABSOLUTE, Sense.WITHIN), event_at=None, calendar=CALENDAR)
    for rule in (after(10**9, WORKDAY), after(10**9, HOUR), after(10**6, YEAR)):
        with pytest.raises(OutOfReach):
            count(rule, date(2026, 3, 2))
    with pytest.raises(OutOfReach):
        resolve(Rule(Kind.ABSOLUTE, Sense.WITHIN, due_on=date.max), event_at=None, calendar=CALENDAR)


EVENTS = st.datetimes(datetime(2019, 1, 1), datetime(2029, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
UNITS = st.sampled_from(list(CountUnit))


@settings(deadline=None, max_examples=examples(100))
@given(event=EVENTS, unit=UNITS, amount=st.integers(1, 40), back=st.booleans(), wait=st.booleans())
def test_explanation_ends_with_the_result(
    event: datetime, unit: CountUnit, amount: int, back: bool, wait: bool
) -> None:
    rule = after(
        amount, unit, direction="before" if back else "after", sense=Sense.NOT_BEFORE if wait else Sense.WITHIN
    )
    resolved = resolve(rule, event_at=event, calendar=CALENDAR)
    result = resolved.explanation[-1]
    if wait:
        assert resolved.due_at is None
        assert result.on == resolved.earliest_on
    else:
        assert resolved.due_at is not None
        assert result.on == (resolved.due_on or resolved.due_at.astimezone(SHANGHAI).date())
    assert result.on is not None
    assert f"{result.on.month}月{result.on.day}日" in result.text


@settings(deadline=None, max_examples=examples(100))
@given(event=EVENTS, unit=UNITS, amount=st.integers(0, 60))
def test_a_longer_period_never_ends_sooner(event: datetime, unit: CountUnit, amount: int) -> None:
    shorter = resolve(after(amount, unit), event_at=event, calendar=CALENDAR).due_at
    longer = resolve(after(amount + 1, unit), event_at=event, calendar=CALENDAR).due_at
    assert shorter is not None
    assert longer is not None
    assert shorter <= longer


@settings(deadline=None, max_examples=examples(100))
@given(event=EVENTS, amount=st.integers(1, 30), unit=st.sampled_from([DAY, WEEK, MONTH, YEAR, WORKDAY]))
def test_a_counted_period_ends_on_a_workday(event: datetime, amount: int, unit: CountUnit) -> None:
    """民法典 203, and its mirror for periods counted back."""
    for direction in ("after", "before"):
        due_on = resolve(after(amount, unit, direction=direction), event_at=event, calendar=CALENDAR).due_on
        assert due_on is not None
        assert CALENDAR.is_workday(due_on)
