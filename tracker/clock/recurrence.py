"""Recurring time limits (周期时限): which occurrences a rule has, when each is due, and why."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice

from tracker.clock.calendar import WorkCalendar
from tracker.clock.explanation import day_label, workday_steps
from tracker.clock.resolution import resolve
from tracker.clock.results import at_hour, due, settle
from tracker.clock.rhythm import Period, Rhythm
from tracker.clock.rrule import read_rhythm
from tracker.clock.rules import CountUnit, DayOff, IncompleteRule, Kind, Occurrence, Resolved, Rule, Sense, Step
from tracker.clock.suspension import NOTHING
from tracker.clock.wording import month_day, span_words
from tracker.now import SHANGHAI

_ONE = timedelta(days=1)
# So many cycles without a single day mean that the rhythm has none (第5个周一 in every month is there within one).
_BARREN = 60


def occurrences(
    rule: Rule,
    *,
    published_on: date,
    expires_on: date | None,
    calendar: WorkCalendar,
    first_index: int = 0,
    count: int = 2,
    origin: str | None = None,
) -> list[Occurrence]:
    """Return up to `count` occurrences from `first_index` on; fewer once the document has expired.

    Index 0 is the first period, the one in which the document is published, or the first whose printed day is not
    past by then.  Indexes do not depend on the calendar and may skip a number: of periods due on one day only the
    last is kept (no daily report is owed for a holiday), and one whose last workday came before publication is
    dropped.  To go on, ask from the last index plus one.  `origin` names the day they are counted from where that is
    not the publication (派单之日).  Raises IncompleteRule for a rule without a readable rhythm.
    """
    rhythm = rhythm_of(rule, published_on, origin)
    return list(islice(_from(rule, rhythm, expires_on, calendar, max(first_index, 0)), max(count, 0)))


def current_and_next(
    rule: Rule, *, on: date, published_on: date, expires_on: date | None, calendar: WorkCalendar
) -> list[Occurrence]:
    """Return the first occurrence not yet past on `on` and the one after it; one or none near the expiry."""
    rhythm = rhythm_of(rule, published_on)
    # Two cycles back covers a due day that a holiday moved past the end of its own period.
    back = 2 + _cycles_behind(rule, rhythm)
    index = (rhythm.cycle_of(max(on, published_on)) - back - rhythm.cycle_of(published_on)) * rhythm.slots
    open_ones = (
        found
        for found in _from(rule, rhythm, expires_on, calendar, max(index, 0))
        if found.resolved.due_on is not None and found.resolved.due_on >= on
    )
    return list(islice(open_ones, 2))


def earlier_period(rule: Rule, *, issued_on: date, calendar: WorkCalendar) -> Occurrence | None:
    """Return the period that had ended when the document was issued and can still be met (上一期), if there is one.

    Only a limit counted from the end of a period has one: 每季度终了后15日内, issued on 10 January, leaves five days
    for the fourth quarter, and the document does not say whether that is owed.
    """
    if rule.kind is not Kind.RECURRING or rule.offset is None or rule.direction != "after":
        return None
    rhythm = rhythm_of(rule, issued_on)
    if rhythm.counted:
        return None
    ended: Period | None = None
    for cycle in (rhythm.cycle_of(issued_on) - 1, rhythm.cycle_of(issued_on)):
        ended = next((p for p in reversed(list(rhythm.periods(cycle))) if p.end < issued_on), ended)
    if ended is None:
        return None
    resolved = _resolve(rule, rhythm, ended, calendar)
    if resolved.due_on is None or resolved.due_on < issued_on:
        return None
    return Occurrence(-1, rhythm.label(ended), resolved)


def rhythm_of(rule: Rule, published_on: date, origin: str | None = None) -> Rhythm:
    """Return the rhythm of a recurring rule; raises IncompleteRule for any other."""
    if rule.kind is not Kind.RECURRING:
        raise IncompleteRule("该时限不是周期时限")
    return read_rhythm(rule.rrule, published_on, origin)


def _from(
    rule: Rule, rhythm: Rhythm, expires_on: date | None, calendar: WorkCalendar, first_index: int
) -> Iterator[Occurrence]:
    """Yield occurrences lazily from an index; the cost of reaching it does not grow with the index."""
    last_day = min((day for day in (expires_on, rhythm.until) if day is not None), default=None)
    waiting: Occurrence | None = None
    for index, period in _numbered(rhythm, first_index):
        if rhythm.limit is not None and index >= rhythm.limit:
            break
        resolved = _resolve(rule, rhythm, period, calendar)
        if waiting is not None and waiting.resolved.due_on != resolved.due_on:
            yield waiting
        waiting = None
        # A day within the validity is owed even where a holiday moves it past the last one.
        if resolved.due_on is None or (last_day is not None and min(resolved.due_on, period.reach) > last_day):
            return
        if resolved.due_on >= rhythm.published_on:
            waiting = Occurrence(index, rhythm.label(period), resolved)
    if waiting is not None:
        yield waiting


def _numbered(rhythm: Rhythm, first_index: int) -> Iterator[tuple[int, Period]]:
    """Yield periods with their indexes, starting at `first_index`."""
    first_cycle = rhythm.cycle_of(rhythm.published_on)
    base = _base(rhythm, first_cycle)
    cycle = first_cycle + (first_index + base) // rhythm.slots
    barren = 0
    while barren < _BARREN and rhythm.in_reach(cycle):
        barren += 1
        for period in rhythm.periods(cycle):
            barren = 0
            index = (cycle - first_cycle) * rhythm.slots + period.slot - base
            if index >= first_index:
                yield index, period
        cycle += 1


def _base(rhythm: Rhythm, first_cycle: int) -> int:
    """Return the running number of the first period not past at publication; it becomes index 0."""
    for cycle in range(first_cycle, first_cycle + _BARREN):
        if not rhythm.in_reach(cycle):
            break
        for period in rhythm.periods(cycle):
            if period.reach >= rhythm.published_on:
                return (cycle - first_cycle) * rhythm.slots + period.slot
    raise IncompleteRule("该周期没有可用的日期")


def _resolve(rule: Rule, rhythm: Rhythm, period: Period, calendar: WorkCalendar) -> Resolved:
    """Date one period: from its end, by its n-th workday, by its printed day or by its last workday."""
    if rule.offset is not None:
        found = _from_its_end(rule, rhythm, period, calendar)
    elif rule.nth_workday is not None:
        found = _nth_workday(rhythm, period, rule.nth_workday, calendar)
    elif period.printed is not None:
        found = _printed_day(rule, rhythm, period, period.printed, calendar)
    else:
        found = _reporting_period(rule, rhythm, period, calendar)
    return at_hour(found, rule.due_time)


def _from_its_end(rule: Rule, rhythm: Rhythm, period: Period, calendar: WorkCalendar) -> Resolved:
    """Date a period by a limit counted from its end, as any period of time is counted (民法典 201-203)."""
    amount, unit = rule.offset or (0, CountUnit.DAY)
    counted = Rule(
        Kind.RELATIVE, Sense.WITHIN, amount=amount, unit=unit, direction=rule.direction, day_off=rule.day_off
    )
    # Only for a limit counted back does the name say that the period ends with its last day.
    name = f"{rhythm.label(period)}{'期满' if rule.direction == 'before' else '结束'}"
    return resolve(
        counted, event_at=datetime.combine(period.end, time(12), SHANGHAI), calendar=calendar, event_name=name
    )


def _nth_workday(rhythm: Rhythm, period: Period, nth: int, calendar: WorkCalendar) -> Resolved:
    """Date a period by its n-th workday, or its n-th from the end; one with fewer by the last it has."""
    label, year = rhythm.label(period), period.end.year
    if nth > 0:
        day = calendar.add_workdays(period.start - _ONE, nth)
        first, last, which = period.start, day, f"第 {nth} 个工作日"
    else:
        day = calendar.back_workdays(period.end + _ONE, -nth)
        first, last, which = day, period.end, "最后一个工作日" if nth == -1 else f"倒数第 {-nth} 个工作日"
    steps = [Step(f"{label}（{span_words(period.start, period.end, year)}），以{which}为限", on=period.start)]
    if not period.start <= day <= period.end:
        day = calendar.workday_on_or_before(period.end) if nth > 0 else calendar.workday_on_or_after(period.start)
        steps.append(Step(f"期内没有这么多工作日，以{month_day(day, year)}为限", on=day))
    elif nth > 0 and first < last:
        steps += workday_steps(calendar, first, last, year, NOTHING)
    return due(day, steps, calendar, relied_on=(min(first, day), max(last, day)), year=year)


def _cycles_behind(rule: Rule, rhythm: Rhythm) -> int:
    """Return over how many cycles a limit from the end of a period may reach."""
    if rule.offset is None:
        return 0
    amount, unit = rule.offset
    days = amount * {CountUnit.WORKDAY: 2, CountUnit.WEEK: 7, CountUnit.MONTH: 31, CountUnit.YEAR: 366}.get(unit, 1)
    return days // (rhythm.days or rhythm.months * 28) + 1


def _printed_day(rule: Rule, rhythm: Rhythm, period: Period, day: date, calendar: WorkCalendar) -> Resolved:
    """Date a period with a printed day: that day, which does not move unless the rule says so."""
    steps = [Step(f"周期为{rhythm.words()}，本期为{day_label(day, calendar, None)}", on=day)]
    if period.short_of is not None:
        steps.append(Step(f"{day.year}年{day.month}月没有{period.short_of}日，以当月最后一日为准", on=day))
    how = rule.day_off or DayOff.AS_PRINTED
    settled, moves = settle(day, how, calendar, year=day.year, printed=True)
    relied_on = None if how is DayOff.AS_PRINTED else (day, settled)
    return due(settled, steps + moves, calendar, relied_on=relied_on, year=None)


def _reporting_period(rule: Rule, rhythm: Rhythm, period: Period, calendar: WorkCalendar) -> Resolved:
    """Date a reporting period: its last workday, or the first after it where the whole period is off."""
    start, end, year = period.start, period.end, period.end.year
    span = span_words(start, end)
    if rhythm.counted:
        text = f"{rhythm.words()}，{rhythm.origin}{month_day(rhythm.published_on)}不计，本期为{span}"
    else:
        label = rhythm.label(period)
        text = f"{label}为一个报告周期" + (f"（{span}）" if span != label else "")
    how, steps = rule.day_off, [Step(f"{text}，未写明日期", on=start)]
    if how is None:
        last = calendar.workday_on_or_before(end)
        whole_off = last < start
        how = DayOff.NEXT if whole_off else DayOff.PREVIOUS
        if whole_off:
            steps.append(Step("期内没有工作日", on=start))
        else:
            steps.append(Step("以期内最后一个工作日为限", on=last))
    settled, moves = settle(end, how, calendar, year=year, printed=False)
    relied_on = None if how is DayOff.AS_PRINTED else (settled, end)
    return due(settled, steps + moves, calendar, relied_on=relied_on, year=None)
