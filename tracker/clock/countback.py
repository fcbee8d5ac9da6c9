"""Counting back from an event (倒推): 开会15日前, 届满前30日内; suspensions do not move what lies before it."""

import re
from dataclasses import replace
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from tracker.clock.calendar import WorkCalendar
from tracker.clock.explanation import day_label
from tracker.clock.results import due, earliest, settle
from tracker.clock.rules import CountUnit, DayOff, Resolved, Rule, Sense, Step
from tracker.clock.wording import span_words

_ONE = timedelta(days=1)
# What runs out does so at the end of its last day, which is one of the full days before it.
_RUNS_OUT = re.compile(r"(?:届满|期满|到期)(?:之日|日)?$")


def runs_out(event_name: str | None) -> bool:
    """Tell whether an event is the end of a term (届满), which comes with the end of its day."""
    return event_name is not None and _RUNS_OUT.search(event_name) is not None


def count_back(
    rule: Rule, amount: int, unit: CountUnit, day: date, calendar: WorkCalendar, steps: list[Step]
) -> Resolved:
    """Count back from the event (开会15日前): `amount` full days must lie between the due day and the event.

    A term that runs out does so at the end of `day`: the caller counts back from the day after it.

    The last such day moves to the workday before it when it is a day off, since moving it later would leave the
    period short; the rule's day_off may say otherwise.  A not-before rule may start with those days.
    """
    first_full, words = _back(amount, unit, day, calendar)
    if amount:
        span = span_words(first_full, day - _ONE, day.year)
        steps = [*steps, Step(f"倒推 {words}为{span}", on=first_full)]
    counted = (first_full, day - _ONE) if unit is CountUnit.WORKDAY and amount else None
    if rule.sense is Sense.NOT_BEFORE:
        return earliest(first_full, steps, calendar, counted, day.year)
    last = first_full - _ONE
    steps.append(Step(f"最迟为其前一日{day_label(last, calendar, day.year)}", on=last))
    how = rule.day_off or DayOff.PREVIOUS
    settled, moves = settle(last, how, calendar, year=day.year, printed=False)
    moved = None if how is DayOff.AS_PRINTED else (last, settled)
    relied_on = (min(moved or counted), counted[1]) if counted else moved
    return due(settled, steps + moves, calendar, relied_on=relied_on, year=day.year)


def count_window(
    rule: Rule, amount: int, unit: CountUnit, day: date, calendar: WorkCalendar, event_name: str | None
) -> Resolved:
    """Return the window of `amount` that ends with an event (届满前30日内): its first day, and its last as due.

    A last day that is a day off gives way to the workday before it: behind the event would be too late.
    """
    opens, _ = _back(amount, unit, day, calendar)
    last = day if runs_out(event_name) else day - _ONE
    steps = [
        Step(f"{day_label(day, calendar, day.year)}{event_name or '事件发生'}", on=day),
        Step(f"其前{amount}{unit.label}内办理，自{day_label(opens, calendar, day.year)}起", on=opens),
    ]
    how = rule.day_off or DayOff.PREVIOUS
    settled, moves = settle(last, how, calendar, year=day.year, printed=False)
    relied_on = (opens, day) if unit is CountUnit.WORKDAY else (settled, last)
    found = due(settled, steps + moves, calendar, relied_on=relied_on, year=day.year)
    return replace(found, earliest_on=min(opens, settled))


def _back(amount: int, unit: CountUnit, day: date, calendar: WorkCalendar) -> tuple[date, str]:
    """Return the day so far before an event, and how far that is in words."""
    if unit is CountUnit.WORKDAY:
        return calendar.back_workdays(day, amount) if amount else day, f"{amount} 个工作日"
    if unit in (CountUnit.DAY, CountUnit.WEEK):
        days = amount * 7 if unit is CountUnit.WEEK else amount
        return day - timedelta(days=days), f"{days} 个整日"
    months = amount if unit is CountUnit.MONTH else amount * 12
    return day - relativedelta(months=months), f"{amount} 个月" if unit is CountUnit.MONTH else f"{amount} 年"
