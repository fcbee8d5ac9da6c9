"""What must hold of every count: monotone, never earlier for a pause, and adding up again day by day."""

import re
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.lengths import examples
from tracker.clock.calendar import WorkCalendar
from tracker.clock.daybook import day_by_day
from tracker.clock.resolution import day_end, resolve
from tracker.clock.rules import CountUnit, DayOff, Kind, Resolved, Rule, Sense, Suspension
from tracker.clock.suspension import LeftOut
from tracker.now import SHANGHAI

CALENDAR = WorkCalendar(noticed_years=range(2004, 2027))
EVENTS = st.datetimes(
    datetime(2004, 1, 1),  # noqa: DTZ001
    datetime(2040, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)
UNITS = st.sampled_from(list(CountUnit))
AMOUNTS = {
    CountUnit.WORKDAY: 90, CountUnit.DAY: 120, CountUnit.HOUR: 240, CountUnit.WEEK: 12, CountUnit.MONTH: 14,
    CountUnit.YEAR: 2, CountUnit.MINUTE: 5000,
}  # fmt: skip
# Where a pause begins, in minutes from the event, and how long it lasts: many are short, some reach far.
PAUSES = st.lists(
    st.tuples(st.integers(-20 * 1440, 130 * 1440), st.one_of(st.integers(0, 3000), st.integers(0, 60 * 1440))),
    max_size=5,
)
Spans = list[tuple[int, int]]


@st.composite
def rules(draw: st.DrawFn, unit: CountUnit | None = None) -> Rule:
    unit = unit or draw(UNITS)
    return Rule(
        kind=Kind.RELATIVE,
        sense=draw(st.sampled_from([Sense.WITHIN, Sense.ON, Sense.NOT_BEFORE])),
        amount=draw(st.integers(0, AMOUNTS[unit])),
        unit=unit,
        direction=draw(st.sampled_from(["after", "after", "before"])),
        counts_as_workday=draw(st.booleans()),
        day_off=draw(st.sampled_from([None, None, *DayOff])),
    )


def paused(event: datetime, spans: Spans) -> list[Suspension]:
    made = []
    for begins, lasts in spans:
        start = event + timedelta(minutes=begins)
        made.append(Suspension(start, start + timedelta(minutes=lasts), "听证", "行政许可法 45"))
    return made


def end_of(resolved: Resolved) -> datetime:
    """Return one instant that orders results: the end, or the beginning of the first day allowed."""
    if resolved.due_at is not None:
        return resolved.due_at
    assert resolved.earliest_on is not None
    return day_end(resolved.earliest_on)


def count(rule: Rule, event: datetime, suspensions: list[Suspension]) -> Resolved:
    return resolve(rule, event_at=event, calendar=CALENDAR, suspensions=suspensions)


def longer(rule: Rule, more: int) -> Rule:
    assert rule.amount is not None
    return Rule(
        rule.kind,
        rule.sense,
        rule.amount + more,
        rule.unit,
        direction=rule.direction,
        counts_as_workday=rule.counts_as_workday,
        day_off=rule.day_off,
    )


def workdays(amount: int) -> Rule:
    return Rule(Kind.RELATIVE, Sense.WITHIN, amount, CountUnit.WORKDAY)


@settings(deadline=None, max_examples=examples(400))
@given(event=EVENTS, rule=rules(), more=st.integers(1, 9), spans=PAUSES)
def test_a_longer_period_never_ends_sooner(event: datetime, rule: Rule, more: int, spans: Spans) -> None:
    """...nor does one counted back from an event begin later."""
    pauses = paused(event, spans)
    shorter, further = end_of(count(rule, event, pauses)), end_of(count(longer(rule, more), event, pauses))
    assert further <= shorter if rule.direction == "before" else shorter <= further


@settings(deadline=None, max_examples=examples(400))
@given(event=EVENTS, rule=rules(), spans=PAUSES, further=PAUSES)
def test_a_suspension_never_brings_a_date_forward(event: datetime, rule: Rule, spans: Spans, further: Spans) -> None:
    free = end_of(count(rule, event, []))
    some = end_of(count(rule, event, paused(event, spans)))
    more = end_of(count(rule, event, paused(event, spans + further)))
    assert free <= some <= more
    if rule.direction == "before":
        assert free == more


@settings(deadline=None, max_examples=examples(300))
@given(event=EVENTS, rule=rules(), spans=PAUSES)
def test_the_days_add_up_to_the_date(event: datetime, rule: Rule, spans: Spans) -> None:
    pauses = paused(event, spans)
    resolved = count(rule, event, pauses)
    lines = day_by_day(rule, event_at=event, calendar=CALENDAR, suspensions=pauses)
    assert resolved.due_at is None or resolved.due_on or resolved.earliest_on is None
    hour_end = resolved.due_at.astimezone(SHANGHAI).date() if resolved.due_at else None
    assert lines[-1].on == (resolved.due_on or resolved.earliest_on or hour_end)
    assert lines[0].on == event.astimezone(SHANGHAI).date()
    counted = [line for line in lines if line.counted is not None]
    if rule.unit in (CountUnit.HOUR, CountUnit.MINUTE):
        assert [line.counted for line in counted] == [rule.amount]
        if resolved.due_at is not None:
            assert lines[-1].why.startswith(f"{resolved.due_at.astimezone(SHANGHAI):%H:%M}")
        return
    assert any(line.provisional for line in lines) == resolved.provisional
    if all(line.through is None for line in lines):
        assert [line.counted for line in counted] == list(range(1, len(counted) + 1))
        assert all(abs((b.on - a.on).days) == 1 for a, b in pairwise(lines))
    last_number = counted[-1].counted if counted else 0
    if rule.unit in (CountUnit.DAY, CountUnit.WORKDAY):
        assert last_number == rule.amount
    elif rule.unit is CountUnit.WEEK and rule.amount is not None:
        assert last_number == rule.amount * 7


@settings(deadline=None, max_examples=examples(200))
@given(event=EVENTS, amount=st.integers(1, 10), spans=PAUSES)
def test_the_lines_of_an_explanation_name_every_workday_once(event: datetime, amount: int, spans: Spans) -> None:
    """A short period's lines, read out, give 1, 2, … to its amount, in order of their days."""
    resolved = count(workdays(amount), event, paused(event, spans))
    numbers: list[int] = []
    for step in resolved.explanation:
        for first, last in re.findall(r"第 (\d+)(?: 至第 (\d+))? 个工作日", step.text):
            numbers += range(int(first), int(last or first) + 1)
    assert numbers == list(range(1, amount + 1))
    days = [step.on for step in resolved.explanation if step.on]
    assert days[-1] == max(days) == resolved.due_on


@settings(deadline=None, max_examples=examples(300))
@given(event=EVENTS, first=st.integers(1, 60), then=st.integers(1, 60), spans=PAUSES)
def test_counting_on_from_a_workday_is_counting_at_once(event: datetime, first: int, then: int, spans: Spans) -> None:
    """m workdays and then n more end where m + n do, pauses and all.

    A pause begun on the m-th itself moves the first period's end to the next one that counts: m is then one more.
    """
    pauses = paused(event, spans)
    left, start = LeftOut.of(pauses), event.astimezone(SHANGHAI).date()
    reached = count(workdays(first), event, pauses).due_on
    assert reached is not None
    walked = [start + timedelta(days=n) for n in range(1, (reached - start).days + 1)]
    kept = [day for day in walked if CALENDAR.is_workday(day) and day not in left]
    counted = len(kept)
    assert counted == first or (counted > first and left.stops_on(kept[first - 1]))
    noon = datetime.combine(reached, time(12), SHANGHAI)
    assert count(workdays(then), noon, pauses).due_on == count(workdays(counted + then), event, pauses).due_on


@settings(deadline=None, max_examples=examples(300))
@given(event=EVENTS, amount=st.integers(1, 240), begins=st.integers(0, 239 * 60), lasts=st.integers(0, 5000))
def test_an_hour_clock_moves_by_exactly_the_suspended_time(
    event: datetime, amount: int, begins: int, lasts: int
) -> None:
    event = event.replace(second=0, microsecond=0)
    rule = Rule(Kind.RELATIVE, Sense.WITHIN, amount, CountUnit.HOUR)
    free, held = count(rule, event, []).due_at, count(rule, event, paused(event, [(begins, lasts)])).due_at
    assert free is not None
    assert held is not None
    inside = begins < amount * 60
    assert held - free == (timedelta(minutes=lasts) if inside else timedelta(0))


@settings(deadline=None, max_examples=examples(300))
@given(event=EVENTS, amount=st.integers(1, 240), spans=PAUSES)
def test_the_hours_that_ran_are_the_hours_given(event: datetime, amount: int, spans: Spans) -> None:
    """However pauses overlap: the minutes from start to end outside all of them are the amount."""
    event = event.replace(second=0, microsecond=0)
    rule = Rule(Kind.RELATIVE, Sense.WITHIN, amount, CountUnit.HOUR)
    end = count(rule, event, paused(event, spans)).due_at
    assert end is not None
    stopped = [(max(b, 0), b + length) for b, length in spans]
    minutes = int((end - event).total_seconds()) // 60
    ran = minutes - len({m for b, e in stopped for m in range(b, min(e, minutes))})
    assert ran == amount * 60


@settings(deadline=None, max_examples=examples(200))
@given(event=EVENTS, rule=rules(), spans=PAUSES)
def test_no_period_ends_while_it_stands_still(event: datetime, rule: Rule, spans: Spans) -> None:
    """Neither on a day left out nor at a midnight within a pause, nor an hour clock within one."""
    if rule.direction == "before" or not rule.amount:
        return
    pauses = paused(event, spans)
    end = count(rule, event, pauses).due_at
    if end is None:
        return
    for pause in pauses:
        assert pause.end is not None
        if rule.unit in (CountUnit.HOUR, CountUnit.MINUTE):
            assert not pause.start < end < pause.end
        else:
            assert not pause.start < end <= day_start(pause.end)


def day_start(instant: datetime) -> datetime:
    return datetime.combine(instant.astimezone(SHANGHAI).date(), time(), SHANGHAI)
