"""From a rule to its date (时限计算), with the reasons: 民法典 200-204 and what the rule itself says."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from dateutil.relativedelta import relativedelta

from tracker.clock.calendar import WorkCalendar
from tracker.clock.explanation import (
    CORRESPONDING_DAY,
    FROM_NEXT_DAY,
    LAST_DAY,
    UNITS,
    day_label,
    event_step,
    off_words,
    provisional_step,
    workday_steps,
)
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
from tracker.clock.wording import month_day, shanghai, span_words
from tracker.now import SHANGHAI

_ONE = timedelta(days=1)
_FAR = "期限超出可计算的日期范围"
# A printed amount beyond a century is a misreading, not a time limit.
_MOST_DAYS = 36_600
_LENGTH = {
    CountUnit.WORKDAY: 1.5,
    CountUnit.DAY: 1,
    CountUnit.HOUR: 1 / 24,
    CountUnit.WEEK: 7,
    CountUnit.MONTH: 30,
    CountUnit.YEAR: 365,
}


def day_end(day: date) -> datetime:
    """Return the end of a Shanghai day (24:00, exclusive) as an aware UTC instant (民法典 203)."""
    if day == date.max:
        raise OutOfReach(_FAR)
    return datetime.combine(day + _ONE, time(), SHANGHAI).astimezone(UTC)


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
    OutOfReach for an amount beyond a century.
    """
    match rule.kind:
        case Kind.ABSOLUTE:
            return _absolute(rule, calendar)
        case Kind.RECURRING:
            return _undated("周期时限逐期计算，各期分别给出日期")
        case Kind.VALIDITY:
            return _undated("有效期说明措施适用的期间，不产生办理期限")
    if event_at is None:
        raise NeedsEvent(f"尚未登记起算事件（{event_name or '事件'}），无法计算日期")
    return _relative(rule, shanghai(event_at), calendar, event_name)


def settle(
    day: date, how: DayOff, calendar: WorkCalendar, *, year: int | None, printed: bool
) -> tuple[date, list[Step]]:
    """Move a last day that is a day off as `how` says, with the reason; `printed` marks a date written as such."""
    if calendar.is_workday(day):
        return day, []
    label = day_label(day, calendar, year)
    if how is DayOff.AS_PRINTED:
        why = "写明的日期不顺延" if printed else "按设定不顺延"
        return day, [Step(f"{label}是休息日，{why}", on=day)]
    if how is DayOff.NEXT:
        moved = calendar.workday_on_or_after(day)
        words = off_words(calendar, day, moved - _ONE, year)
        cited = None if printed else LAST_DAY
        return moved, [Step(f"{words}，顺延至其后第一个工作日{month_day(moved, year)}", on=day, article=cited)]
    moved = calendar.workday_on_or_before(day)
    words = off_words(calendar, moved + _ONE, day, year)
    return moved, [Step(f"{words}，提前至其前最后一个工作日{month_day(moved, year)}", on=day)]


def due(
    day: date, steps: list[Step], calendar: WorkCalendar, *, relied_on: tuple[date, date] | None, year: int | None
) -> Resolved:
    """Return a day deadline; `relied_on` is the range of days whose kind decided the date, if any did."""
    note = provisional_step(calendar, *relied_on) if relied_on else None
    result = Step(f"{day_label(day, calendar, year)}24:00 截止", on=day, article=LAST_DAY)
    explanation = (*steps, *([note] if note else []), result)
    return Resolved(day, day_end(day), None, provisional=note is not None, explanation=explanation)


def _undated(text: str) -> Resolved:
    """Return a result without a date and the one reason for it."""
    return Resolved(None, None, None, provisional=False, explanation=(Step(text),))


def _absolute(rule: Rule, calendar: WorkCalendar) -> Resolved:
    """Return a date written as such: it stays where it is unless the rule's day_off moves it."""
    if rule.sense is Sense.NOT_BEFORE:
        first = rule.date_from or rule.due_on
        if first is None:
            raise IncompleteRule("该时限缺少日期，无法计算")
        return _earliest(first, [Step(f"写明的日期为{month_day(first)}", on=first)], calendar, None, None)
    if rule.due_on is None:
        raise IncompleteRule("该时限缺少日期，无法计算")
    steps = [Step(f"写明的日期为{month_day(rule.due_on)}", on=rule.due_on)]
    how = rule.day_off or DayOff.AS_PRINTED
    day, moves = settle(rule.due_on, how, calendar, year=rule.due_on.year, printed=True)
    moved = how is not DayOff.AS_PRINTED
    return due(day, steps + moves, calendar, relied_on=(rule.due_on, day) if moved else None, year=None)


def _relative(rule: Rule, event: datetime, calendar: WorkCalendar, name: str | None) -> Resolved:
    """Choose how to count from the event, given on the Shanghai clock."""
    amount, unit = rule.amount, rule.unit
    if amount is None or unit is None or amount < 0:
        raise IncompleteRule("该时限缺少数量或单位，无法计算")
    if amount * _LENGTH[unit] > _MOST_DAYS or not 1000 <= event.year <= 9000:
        raise OutOfReach(_FAR)
    if unit is CountUnit.HOUR:
        return _hours(rule, amount, event, calendar, name)
    by_law = rule.counts_as_workday and unit is CountUnit.DAY
    if by_law:
        unit = CountUnit.WORKDAY
    day = event.date()
    steps = [event_step(day, calendar, name)]
    if by_law:
        steps.append(Step("文件所写“日”依法按工作日计算", article=rule.article))
    if rule.direction == "before":
        return _backward(rule, amount, unit, day, calendar, steps)
    if rule.sense is Sense.NOT_BEFORE:
        return _waiting(amount, unit, day, calendar, steps)
    if amount == 0:
        return _same_day(rule, unit, day, calendar, name)
    if unit is CountUnit.WORKDAY:
        return _workdays(amount, day, calendar, steps)
    last, counted = _forward(amount, unit, day, calendar)
    how = rule.day_off or DayOff.NEXT
    settled, moves = settle(last, how, calendar, year=day.year, printed=False)
    relied_on = None if how is DayOff.AS_PRINTED else (last, settled)
    return due(settled, [*steps, counted, *moves], calendar, relied_on=relied_on, year=day.year)


def _workdays(amount: int, day: date, calendar: WorkCalendar, steps: list[Step]) -> Resolved:
    """Count workdays after `day`; the last one is the result line."""
    last = calendar.add_workdays(day, amount)
    steps = steps + workday_steps(calendar, day + _ONE, last - _ONE, day.year)
    note = provisional_step(calendar, day + _ONE, last)
    result = Step(f"{day_label(last, calendar, day.year)} 第 {amount} 个工作日，24:00 截止", on=last, article=LAST_DAY)
    explanation = (*steps, *([note] if note else []), result)
    return Resolved(last, day_end(last), None, provisional=note is not None, explanation=explanation)


def _forward(amount: int, unit: CountUnit, day: date, calendar: WorkCalendar) -> tuple[date, Step]:
    """Return the last day of a period in days, weeks, months or years, not yet moved, and how it was found."""
    start = month_day(day + _ONE, day.year)
    if unit in (CountUnit.DAY, CountUnit.WEEK):
        days = amount * 7 if unit is CountUnit.WEEK else amount
        last = day + timedelta(days=days)
        weeks = f"{amount} 周即 {days} 天，" if unit is CountUnit.WEEK else ""
        text = f"自{start}起算，{weeks}第 {days} 天为{day_label(last, calendar, day.year)}"
        return last, Step(text, on=last, article=UNITS)
    months, words = (amount, f"{amount} 个月") if unit is CountUnit.MONTH else (amount * 12, f"{amount} 年")
    last = day + relativedelta(months=months)
    label = day_label(last, calendar, day.year)
    if last.day == day.day:
        text = f"自{start}起算，{words}的对应日为{label}"
    else:
        text = f"自{start}起算，{words}后的{last.month}月没有{day.day}日，以该月最后一日{label}为届满日"
    return last, Step(text, on=last, article=CORRESPONDING_DAY)


def _same_day(rule: Rule, unit: CountUnit, day: date, calendar: WorkCalendar, name: str | None) -> Resolved:
    """Return the event's own day (当日办结); only 0 workdays or an explicit day_off moves it off a day off."""
    steps = [Step(f"{day_label(day, calendar, day.year)}{name or '事件发生'}，限当日办理", on=day)]
    how = rule.day_off or (DayOff.NEXT if unit is CountUnit.WORKDAY else DayOff.AS_PRINTED)
    settled, moves = (
        settle(day, how, calendar, year=day.year, printed=False) if how is not DayOff.AS_PRINTED else (day, [])
    )
    relied_on = None if how is DayOff.AS_PRINTED else (day, settled)
    return due(settled, steps + moves, calendar, relied_on=relied_on, year=day.year)


def _waiting(amount: int, unit: CountUnit, day: date, calendar: WorkCalendar, steps: list[Step]) -> Resolved:
    """Return the day after the period's last full day (公示30日后方可); a waiting period is not moved for days off."""
    if unit is CountUnit.WORKDAY and amount:
        last = calendar.add_workdays(day, amount)
        steps = steps + workday_steps(calendar, day + _ONE, last, day.year)
        return _earliest(last + _ONE, steps, calendar, (day + _ONE, last), day.year)
    last, counted = _forward(amount, unit, day, calendar) if amount else (day, None)
    return _earliest(last + _ONE, steps + ([counted] if counted else []), calendar, None, day.year)


def _earliest(
    day: date, steps: list[Step], calendar: WorkCalendar, relied_on: tuple[date, date] | None, year: int | None
) -> Resolved:
    """Return an earliest day: no due date, so nothing that could become overdue."""
    note = provisional_step(calendar, *relied_on) if relied_on else None
    result = Step(f"{day_label(day, calendar, year)}起方可办理", on=day)
    explanation = (*steps, *([note] if note else []), result)
    return Resolved(None, None, day, provisional=note is not None, explanation=explanation)


def _backward(
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
    counted = (first_full, day) if unit is CountUnit.WORKDAY else None
    if rule.sense is Sense.NOT_BEFORE:
        return _earliest(first_full, steps, calendar, counted, day.year)
    last = first_full - _ONE
    steps.append(Step(f"最迟为其前一日{day_label(last, calendar, day.year)}", on=last))
    how = rule.day_off or DayOff.PREVIOUS
    settled, moves = settle(last, how, calendar, year=day.year, printed=False)
    relied_on = (min(settled, last), day) if counted else (None if how is DayOff.AS_PRINTED else (last, settled))
    return due(settled, steps + moves, calendar, relied_on=relied_on, year=day.year)


def _hours(rule: Rule, amount: int, event: datetime, calendar: WorkCalendar, name: str | None) -> Resolved:
    """Count hours from the instant, to the minute; a period in hours does not move for days off."""
    start = event.replace(second=0, microsecond=0)
    end = start + timedelta(hours=-amount if rule.direction == "before" else amount)
    label = day_label(start.date(), calendar, start.year)
    text = (
        f"{label}{start:%H:%M} {name or '事件发生'}，按小时自该时刻起{'倒推' if rule.direction == 'before' else '算'}"
    )
    steps = [Step(text, on=start.date(), article=FROM_NEXT_DAY)]
    words = f"{day_label(end.date(), calendar, start.year)}{end:%H:%M}"
    if rule.sense is Sense.NOT_BEFORE:
        # Only whole days can be told apart; the next one never says "may" too early.
        first = end.date() if end.time() == time() else end.date() + _ONE
        return _earliest(
            first, [*steps, Step(f"{amount} 小时至{words}届满", on=end.date())], calendar, None, start.year
        )
    steps.append(Step(f"满 {amount} 小时：{words} 截止", on=end.date()))
    return Resolved(None, end.astimezone(UTC), None, provisional=False, explanation=tuple(steps))
