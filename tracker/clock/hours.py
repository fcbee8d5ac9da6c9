"""Counting hours and minutes (按小时计算): from the instant itself, to the minute, suspended time left out exactly."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from tracker.clock.calendar import WorkCalendar
from tracker.clock.explanation import FROM_NEXT_DAY, day_label
from tracker.clock.results import earliest
from tracker.clock.rules import CountUnit, Resolved, Rule, Sense, Step, Suspension
from tracker.clock.suspension import add_running, check_ended, hour_steps

_ONE = timedelta(days=1)


def count_hours(
    rule: Rule,
    amount: int,
    event: datetime,
    calendar: WorkCalendar,
    name: str | None,
    suspensions: Sequence[Suspension],
) -> Resolved:
    """Count hours from the instant; a period in hours does not move for days off.  Raises Suspended as `resolve`."""
    start = event.replace(second=0, microsecond=0)
    back = rule.direction == "before"
    length, said = running(amount, rule.unit)
    end = start - length if back else add_running(start, length, suspensions)
    label = day_label(start.date(), calendar, start.year)
    text = f"{label}{start:%H:%M} {name or '事件发生'}，按{said}自该时刻起{'倒推' if back else '算'}"
    steps = [Step(text, on=start.date(), article=FROM_NEXT_DAY)]
    if not back:
        check_ended(end, suspensions)
        steps += hour_steps(suspensions, start, end)
    words = f"{day_label(end.date(), calendar, start.year)}{end:%H:%M}"
    if rule.sense is Sense.NOT_BEFORE:
        # Only whole days can be told apart; the next one never says "may" too early.
        first = end.date() if end.time() == time() else end.date() + _ONE
        steps.append(Step(f"{amount} {said}至{words}届满", on=end.date()))
        return earliest(first, steps, calendar, None, start.year)
    steps.append(Step(f"满 {amount} {said}：{words} 截止", on=end.date()))
    return Resolved(None, end.astimezone(UTC), None, provisional=False, explanation=tuple(steps))


def running(amount: int, unit: CountUnit | None) -> tuple[timedelta, str]:
    """Return a running time as a length, and the unit it is said in."""
    if unit is CountUnit.MINUTE:
        return timedelta(minutes=amount), CountUnit.MINUTE.label
    return timedelta(hours=amount), CountUnit.HOUR.label
