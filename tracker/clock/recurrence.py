"""Recurring time limits (周期时限): which occurrences a rule has, when each is due, and why."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice

from tracker.clock.calendar import WorkCalendar
from tracker.clock.explanation import day_label
from tracker.clock.results import due, settle
from tracker.clock.rhythm import Period, Rhythm
from tracker.clock.rrule import read_rhythm
from tracker.clock.rules import CountUnit, DayOff, IncompleteRule, Kind, Occurrence, Resolved, Rule, Sense, Step
from tracker.clock.wording import month_day, span_words

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
    rhythm = _rhythm(rule, published_on, origin)
    return list(islice(_from(rule, rhythm, expires_on, calendar, max(first_index, 0)), max(count, 0)))


def current_and_next(
    rule: Rule, *, on: date, published_on: date, expires_on: date | None, calendar: WorkCalendar
) -> list[Occurrence]:
    """Return the first occurrence not yet past on `on` and the one after it; one or none near the expiry."""
    rhythm = _rhythm(rule, published_on)
    # Two cycles back covers a due day that a holiday moved past the end of its own period.
    index = (rhythm.cycle_of(max(on, published_on)) - 2 - rhythm.cycle_of(published_on)) * rhythm.slots
    open_ones = (
        found
        for found in _from(rule, rhythm, expires_on, calendar, max(index, 0))
        if found.resolved.due_on is not None and found.resolved.due_on >= on
    )
    return list(islice(open_ones, 2))


def describe_rule(rule: Rule, *, event_name: str | None = None) -> str:
    """Say a rule in short Chinese: 每月25日, 3个工作日内, 2024年12月31日前, 公示30日后方可.

    `event_name` (公示) goes in front of a period counted from an event.
    """
    match rule.kind:
        case Kind.RECURRING:
            return _rhythm(rule, date(2000, 1, 1)).words()
        case Kind.VALIDITY:
            return _validity_words(rule, event_name)
        case Kind.ABSOLUTE:
            return _absolute_words(rule)
        case Kind.RELATIVE:
            return (event_name or "") + _relative_words(rule)


def _rhythm(rule: Rule, published_on: date, origin: str | None = None) -> Rhythm:
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
    """Date one period, by its printed day or by its last workday."""
    if period.printed is not None:
        return _printed_day(rule, rhythm, period, period.printed, calendar)
    return _reporting_period(rule, rhythm, period, calendar)


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


def _absolute_words(rule: Rule) -> str:
    """Say a written date."""
    if rule.sense is Sense.NOT_BEFORE:
        first = rule.date_from or rule.due_on
        return f"{month_day(first)}起方可" if first else "日期未定"
    if rule.due_on is None:
        return "日期未定"
    return month_day(rule.due_on) + ("" if rule.sense is Sense.ON else "前")


def _relative_words(rule: Rule) -> str:
    """Say a period counted from an event."""
    if rule.amount is None or rule.unit is None:
        return "期限未定"
    length = f"{rule.amount}{rule.unit.label}"
    by_law = "（按工作日计）" if rule.counts_as_workday and rule.unit is CountUnit.DAY else ""
    before = rule.direction == "before"
    if rule.sense is Sense.NOT_BEFORE:
        return f"前{length}内方可{by_law}" if before else f"{length}后方可{by_law}"
    if before:
        return f"{length}前{by_law}"
    if rule.amount == 0:
        return "当日"
    return f"{length}内{by_law}" if rule.sense is not Sense.ON else f"后第{length}{by_law}"


def _validity_words(rule: Rule, event_name: str | None) -> str:
    """Say a span of validity."""
    if rule.date_from and rule.due_on:
        return f"有效期{month_day(rule.date_from)}至{month_day(rule.due_on)}"
    if rule.due_on:
        return f"有效期至{month_day(rule.due_on)}"
    if rule.date_from:
        return f"自{month_day(rule.date_from)}起有效"
    if rule.amount is not None and rule.unit is not None:
        return f"有效期{event_name or ''}{'后' if event_name else ''}{rule.amount}{rule.unit.label}"
    return "有效期未定"
