"""From a rule to its date (时限计算), with the reasons: 民法典 200-204 and what the rule itself says."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from dateutil.relativedelta import relativedelta

from tracker.clock.calendar import WorkCalendar
from tracker.clock.countback import count_back, count_window, runs_out
from tracker.clock.explanation import (
    CORRESPONDING_DAY,
    LAST_DAY,
    UNITS,
    day_label,
    end_step,
    event_step,
    provisional_step,
    workday_steps,
)
from tracker.clock.hours import count_hours
from tracker.clock.results import FAR, at_hour, day_end, due, earliest, settle, undated
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
    Step,
    Suspension,
)
from tracker.clock.suspension import LeftOut, check_ended
from tracker.clock.wording import month_day
from tracker.now import shanghai

_ONE = timedelta(days=1)
# A printed amount beyond a century is a misreading, not a time limit.
_MOST_DAYS = 36_600
_LENGTH = {
    CountUnit.WORKDAY: 1.5,
    CountUnit.DAY: 1,
    CountUnit.HOUR: 1 / 24,
    CountUnit.MINUTE: 1 / 1440,
    CountUnit.WEEK: 7,
    CountUnit.MONTH: 30,
    CountUnit.YEAR: 365,
}


def resolve(
    rule: Rule,
    *,
    event_at: datetime | None,
    calendar: WorkCalendar,
    event_name: str | None = None,
    suspensions: Sequence[Suspension] = (),
) -> Resolved:
    """Return the date `rule` gives, counted from the aware instant `event_at` where it is relative.

    `event_name` is the event's own words (正式受理) and only serves the explanation, whose last step is the result.
    A validity gives no date, nor does a recurring rule: ask `recurrence.occurrences` for its periods.
    Raises NeedsEvent for a relative rule without its event, IncompleteRule for one that lacks a date or an amount,
    OutOfReach for an amount beyond a century, Suspended while a suspension still open stops the period.

    `suspensions` (行政许可法 45, 政府信息公开条例 33) move the end of a period counted from its event, and the first
    day after a waiting period; they move no written date and nothing counted back from an event.  No period ends while
    it stands still: one suspended on its last day ends on the first workday after the suspension.
    """
    match rule.kind:
        case Kind.ABSOLUTE:
            return at_hour(_absolute(rule, calendar), rule.due_time)
        case Kind.RECURRING:
            return undated("周期时限逐期计算，各期分别给出日期")
        case Kind.VALIDITY:
            return undated("有效期说明措施适用的期间，不产生办理期限")
    if event_at is None:
        raise NeedsEvent(f"尚未登记起算事件（{event_name or '事件'}），无法计算日期")
    return at_hour(_relative(rule, shanghai(event_at), calendar, event_name, suspensions), rule.due_time)


def measured(rule: Rule, event: datetime) -> tuple[int, CountUnit]:
    """Return a relative rule's amount and the unit it is counted in: 日 that a law makes 工作日 is one."""
    amount, unit = rule.amount, rule.unit
    if amount is None or unit is None or amount < 0:
        raise IncompleteRule("该时限缺少数量或单位，无法计算")
    if amount * _LENGTH[unit] > _MOST_DAYS or not 1000 <= event.year <= 9000:
        raise OutOfReach(FAR)
    by_law = rule.counts_as_workday and unit is CountUnit.DAY
    return amount, CountUnit.WORKDAY if by_law else unit


def _absolute(rule: Rule, calendar: WorkCalendar) -> Resolved:
    """Return a date written as such: it stays where it is unless the rule's day_off moves it."""
    if rule.sense is Sense.NOT_BEFORE:
        first = rule.date_from or rule.due_on
        if first is None:
            raise IncompleteRule("该时限缺少日期，无法计算")
        return earliest(first, [Step(f"写明的日期为{month_day(first)}", on=first)], calendar, None, None)
    if rule.due_on is None:
        raise IncompleteRule("该时限缺少日期，无法计算")
    steps = [Step(f"写明的日期为{month_day(rule.due_on)}", on=rule.due_on)]
    how = rule.day_off or DayOff.AS_PRINTED
    day, moves = settle(rule.due_on, how, calendar, year=rule.due_on.year, printed=True)
    moved = how is not DayOff.AS_PRINTED
    return due(day, steps + moves, calendar, relied_on=(rule.due_on, day) if moved else None, year=None)


def _relative(
    rule: Rule, event: datetime, calendar: WorkCalendar, name: str | None, suspensions: Sequence[Suspension]
) -> Resolved:
    """Choose how to count from the event, given on the Shanghai clock."""
    amount, unit = measured(rule, event)
    if unit in (CountUnit.HOUR, CountUnit.MINUTE):
        return count_hours(rule, amount, event, calendar, name, suspensions)
    day = event.date()
    if rule.direction == "until":
        return count_window(rule, amount, unit, day, calendar, name)
    back_from_end = rule.direction == "before" and amount > 0 and name is not None and runs_out(name)
    steps = [end_step(day, calendar, name or "") if back_from_end else event_step(day, calendar, name)]
    if unit is not rule.unit:
        steps.append(Step("文件所写“日”依法按工作日计算", article=rule.article))
    if rule.direction == "before":
        return count_back(rule, amount, unit, day + _ONE if back_from_end else day, calendar, steps)
    left = LeftOut.of(suspensions)
    if rule.sense is Sense.NOT_BEFORE:
        found = _waiting(amount, unit, day, calendar, steps, left)
    elif amount == 0:
        found = _same_day(rule, unit, day, calendar, name, left)
    elif unit is CountUnit.WORKDAY:
        found = _workdays(amount, day, calendar, steps, left)
    else:
        found = _days(rule, amount, unit, day, calendar, steps, left)
    waited = day_end(found.earliest_on - _ONE) if found.earliest_on else None
    check_ended(found.due_at or waited, suspensions)
    return found


def _workdays(amount: int, day: date, calendar: WorkCalendar, steps: list[Step], left: LeftOut) -> Resolved:
    """Count workdays after `day`; the last one is the result line."""
    last = left.add_workdays(calendar, day, amount)
    settled, moves = settle(last, DayOff.NEXT, calendar, year=day.year, printed=False, left=left)
    if settled != last:
        steps = [*steps, *workday_steps(calendar, day + _ONE, last, day.year, left), *left.steps(last, settled), *moves]
        return due(settled, steps, calendar, relied_on=(day + _ONE, settled), year=day.year)
    steps = steps + workday_steps(calendar, day + _ONE, last - _ONE, day.year, left)
    note = provisional_step(calendar, day + _ONE, last)
    result = Step(f"{day_label(last, calendar, day.year)} 第 {amount} 个工作日，24:00 截止", on=last, article=LAST_DAY)
    explanation = (*steps, *([note] if note else []), result)
    return Resolved(last, day_end(last), None, provisional=note is not None, explanation=explanation)


def _days(
    rule: Rule, amount: int, unit: CountUnit, day: date, calendar: WorkCalendar, steps: list[Step], left: LeftOut
) -> Resolved:
    """Count calendar days, weeks, months or years; a last day that is a day off moves (民法典 203)."""
    last, counted = _forward(amount, unit, day, calendar, left)
    how = rule.day_off or DayOff.NEXT
    settled, moves = settle(last, how, calendar, year=day.year, printed=False, left=left)
    while_moving = left.steps(last, settled)
    relied_on = None if how is DayOff.AS_PRINTED else (last, settled)
    return due(settled, [*steps, *counted, *while_moving, *moves], calendar, relied_on=relied_on, year=day.year)


def _forward(amount: int, unit: CountUnit, day: date, calendar: WorkCalendar, left: LeftOut) -> tuple[date, list[Step]]:
    """Return the last day of a period in days, weeks, months or years, not yet moved, and how it was found.

    Days left out are made up for by as many further ones: what counts is that the period has its full length.
    """
    start = month_day(day + _ONE, day.year)
    if unit in (CountUnit.DAY, CountUnit.WEEK):
        days = amount * 7 if unit is CountUnit.WEEK else amount
        last = left.add_days(day, days)
        weeks = f"{amount} 周即 {days} 天，" if unit is CountUnit.WEEK else ""
        text = f"自{start}起算，{weeks}第 {days} 天为{day_label(last, calendar, day.year)}"
        return last, [*left.steps(day, last), Step(text, on=last, article=UNITS)]
    months, words = (amount, f"{amount} 个月") if unit is CountUnit.MONTH else (amount * 12, f"{amount} 年")
    printed = day + relativedelta(months=months)
    label = day_label(printed, calendar, day.year)
    if printed.day == day.day:
        text = f"自{start}起算，{words}的对应日为{label}"
    else:
        text = f"自{start}起算，{words}后的{printed.month}月没有{day.day}日，以该月最后一日{label}为届满日"
    steps = [Step(text, on=printed, article=CORRESPONDING_DAY)]
    last = left.add_days(day, (printed - day).days)
    if last != printed:
        text = f"期内不计的 {left.count(day, printed)} 天顺延补足，至{day_label(last, calendar, day.year)}"
        steps += [*left.steps(day, last), Step(text, on=last)]
    return last, steps


def _same_day(
    rule: Rule, unit: CountUnit, day: date, calendar: WorkCalendar, name: str | None, left: LeftOut
) -> Resolved:
    """Return the event's own day (当日办结); only 0 workdays or an explicit day_off moves it off a day off."""
    steps = [Step(f"{day_label(day, calendar, day.year)}{name or '事件发生'}，限当日办理", on=day)]
    how = rule.day_off or (DayOff.NEXT if unit is CountUnit.WORKDAY else DayOff.AS_PRINTED)
    first = left.day_on_or_after(day)
    moved = how is not DayOff.AS_PRINTED
    settled, moves = first, list[Step]()
    if moved or left.stops_on(first):
        settled, moves = settle(first, how, calendar, year=day.year, printed=False, left=left)
    pauses = left.steps(day - _ONE, max(first, settled))
    return due(
        settled, [*steps, *pauses, *moves], calendar, relied_on=(first, settled) if moved else None, year=day.year
    )


def _waiting(
    amount: int, unit: CountUnit, day: date, calendar: WorkCalendar, steps: list[Step], left: LeftOut
) -> Resolved:
    """Return the day after the period's last full day (公示30日后方可); a waiting period is not moved for days off."""
    workdays = unit is CountUnit.WORKDAY and amount > 0
    counted: list[Step] = []
    if workdays:
        last = left.add_workdays(calendar, day, amount)
        counted = workday_steps(calendar, day + _ONE, last, day.year, left)
    else:
        last, counted = _forward(amount, unit, day, calendar, left) if amount else (day, [])
    full = left.last_day(last)
    if full != last:  # it cannot run out while it stands still
        more = f"{day_label(last, calendar, day.year)}当日起暂停，至恢复后首日{month_day(full, day.year)}届满"
        counted = [*counted, *left.steps(last, full), Step(more, on=full)]
    return earliest(full + _ONE, steps + counted, calendar, (day + _ONE, last) if workdays else None, day.year)
