"""Counting back from an event (倒推): 开会15日前, 到期前3个工作日; suspensions do not move what lies before it."""

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from tracker.clock.calendar import WorkCalendar
from tracker.clock.explanation import day_label
from tracker.clock.results import due, earliest, settle
from tracker.clock.rules import CountUnit, DayOff, Resolved, Rule, Sense, Step
from tracker.clock.wording import span_words

_ONE = timedelta(days=1)


def count_back(
    rule: Rule, amount: int, unit: CountUnit, day: date, calendar: WorkCalendar, steps: list[Step]
) -> Resolved:
    """Count back from the event (开会15日前): `amount` full days must lie between the due day and the event.

    The last such day moves to the workday before it when it is a day off, since moving it later would leave the
    period short; the rule's day_off may say otherwise.  A not-before rule may start with those days.
    """
    if unit is CountUnit.WORKDAY:
        first_full = calendar.back_workdays(day, amount) if amount else day
        words = f"{amount} 个工作日"
    elif unit in (CountUnit.DAY, CountUnit.WEEK):
        days = amount * 7 if unit is CountUnit.WEEK else amount
        first_full = day - timedelta(days=days)
        words = f"{days} 个整日"
    else:
        months = amount if unit is CountUnit.MONTH else amount * 12
        first_full = day - relativedelta(months=months)
        words = f"{amount} 个月" if unit is CountUnit.MONTH else f"{amount} 年"
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
