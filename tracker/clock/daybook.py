"""Day by day (逐日计算): a counted period added up again, one line for each day, for the sheet that says why.

An independent re-addition: it walks the days where `resolution` reckons, and shares with it only the checks of what
can be counted at all.  The tests hold the two against each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from tracker.clock.calendar import WorkCalendar
from tracker.clock.countback import runs_out
from tracker.clock.daylines import CalendarBook, DayLine, collapsed
from tracker.clock.explanation import CORRESPONDING_DAY, FROM_NEXT_DAY, LAST_DAY
from tracker.clock.hours import running
from tracker.clock.resolution import measured
from tracker.clock.results import DAY_ENDS as _ENDS
from tracker.clock.results import day_end, ends
from tracker.clock.rules import CountUnit, DayOff, IncompleteRule, Kind, NeedsEvent, Rule, Sense, Suspension
from tracker.clock.suspension import check_ended, words
from tracker.clock.wording import month_day
from tracker.now import shanghai

_ONE = timedelta(days=1)
_ALLOWED = "起方可办理"


@dataclass(frozen=True, slots=True)
class _Period:
    """A period to be walked: from where, how far, and in what."""

    rule: Rule
    day: date
    amount: int
    unit: CountUnit
    name: str

    @property
    def workdays(self) -> bool:
        return self.unit is CountUnit.WORKDAY

    @property
    def cited(self) -> str | None:
        """Return the article that makes a printed 日 a workday, where one does."""
        return self.rule.article if self.unit is not self.rule.unit else None

    def length(self, sign: int) -> int:
        """Return how many days or workdays are to be counted; months and years reach to their corresponding day."""
        if self.unit is CountUnit.WEEK:
            return self.amount * 7
        if self.unit not in (CountUnit.MONTH, CountUnit.YEAR):
            return self.amount
        months = self.amount * (12 if self.unit is CountUnit.YEAR else 1) * sign
        year, month = divmod(self.day.year * 12 + self.day.month - 1 + months, 12)
        day = self.day.day
        while not _is_day(year, month + 1, day):  # 民法典 202: the month's last day where there is no such day
            day -= 1
        return abs((date(year, month + 1, day) - self.day).days)


def day_by_day(
    rule: Rule,
    *,
    event_at: datetime | None,
    calendar: WorkCalendar,
    suspensions: Sequence[Suspension] = (),
    event_name: str | None = None,
) -> tuple[DayLine, ...]:
    """Return a period's days in the order they are walked, from the event's day to the day `resolve` gives.

    The last line stands on `due_on`, for a waiting period on `earliest_on`, for hours on the day of the end instant;
    a period counted back, or moved back off a day off, ends on an earlier day than the line before.  A written date
    has one line and those of its move.  Recurring rules and validities have none.  Lines of a period longer than 400
    days are drawn together, see `DayLine.through`.  Raises what `resolve` raises.
    """
    ended = [s for s in suspensions if s.end is not None]
    match rule.kind:
        case Kind.RECURRING | Kind.VALIDITY:
            return ()
        case Kind.ABSOLUTE:
            return _at_hour(rule, _written(rule, CalendarBook(calendar)))
    name = event_name or "事件发生"
    if event_at is None:
        raise NeedsEvent(f"尚未登记起算事件（{event_name or '事件'}），无法计算日期")
    event = shanghai(event_at)
    amount, unit = measured(rule, event)
    if unit in (CountUnit.HOUR, CountUnit.MINUTE):
        return _hours(rule, amount, event, CalendarBook(calendar, ended), name, suspensions)
    period = _Period(rule, event.date(), amount, unit, name)
    if rule.direction == "before":
        return _at_hour(rule, collapsed(_backward(period, CalendarBook(calendar))))
    if rule.direction == "until":
        return _at_hour(rule, collapsed(_window(period, CalendarBook(calendar))))
    book = CalendarBook(calendar, ended)
    if rule.sense is Sense.NOT_BEFORE:
        lines = _waiting(period, book)
        check_ended(day_end(lines[-1].on - _ONE), suspensions)
    else:
        lines = _forward(period, book) if amount else _same_day(period, book)
        check_ended(day_end(lines[-1].on), suspensions)
    return _at_hour(rule, collapsed(lines))


def _at_hour(rule: Rule, lines: Sequence[DayLine]) -> tuple[DayLine, ...]:
    """Return the lines with the last day ending at the printed hour, where the rule has one."""
    if rule.due_time is None or not lines:
        return tuple(lines)
    return *lines[:-1], replace(lines[-1], why=lines[-1].why.replace(_ENDS, ends(rule.due_time)))


def _event(period: _Period, book: CalendarBook) -> DayLine:
    return book.line(period.day, f"{period.name}，起算日不计", article=FROM_NEXT_DAY, edge=True)


def _counted(period: _Period, book: CalendarBook, goal: int, step: timedelta) -> list[DayLine]:
    """Walk from the event until `goal` days count; suspended days do not, nor do days off among workdays."""
    lines, day, number = [_event(period, book)], period.day, 0
    while number < goal:
        day += step
        if book.suspension(day):
            lines.append(book.suspended(day))
        elif period.workdays and book.off(day):
            lines.append(book.line(day, f"{book.kind(day)}，不计", article=period.cited, relied=True))
        else:
            number += 1
            which = f"第 {number} 个工作日" if period.workdays else f"第 {number} 日"
            lines.append(book.line(day, which, counted=number, relied=period.workdays))
    return lines


def _forward(period: _Period, book: CalendarBook) -> list[DayLine]:
    """Walk a period to its end and on to a workday where the end is a day off (民法典 203)."""
    lines = _counted(period, book, period.length(1), _ONE)
    last, how = lines[-1], period.rule.day_off or DayOff.NEXT
    full = {CountUnit.MONTH: f"{period.amount} 个月届满", CountUnit.YEAR: f"{period.amount} 年届满"}.get(period.unit)
    if full:
        last = replace(last, why=f"{last.why}，{full}", article=CORRESPONDING_DAY)
    return [*lines[:-1], *_moved(last, DayOff.NEXT if period.workdays else how, book, LAST_DAY)]


def _moved(last: DayLine, how: DayOff, book: CalendarBook, article: str | None) -> list[DayLine]:
    """Return a last day and the days it moves over: to a workday, as `how` says, at whose end time does not stand."""
    relied = last.provisional or (how is not DayOff.AS_PRINTED and book.calendar.is_provisional(last.on))
    last = replace(last, provisional=relied, edge=True)
    off = book.off(last.on)
    if not book.stops_on(last.on) and (not off or how is DayOff.AS_PRINTED):
        kept = f"{book.kind(last.on)}，不顺延，" if off else ""
        return [replace(last, why=f"{last.why}，{kept}{_ENDS}", article=last.article or (None if off else article))]
    if off and how is DayOff.PREVIOUS:
        back = _moved_back(last, book, article)
        if back:
            return back
    why = "当日起暂停" if book.stops_on(last.on) else book.kind(last.on)
    lines, day, as_printed = [replace(last, why=f"{last.why}，{why}，顺延")], last.on + _ONE, how is DayOff.AS_PRINTED
    while not book.ends_on(day, any_day=as_printed):
        lines.append(book.passed_over(day, "顺延", relied=not as_printed))
        day += _ONE
    return [*lines, book.line(day, f"顺延至此，{_ENDS}", article=article, relied=not as_printed, edge=True)]


def _moved_back(last: DayLine, book: CalendarBook, article: str | None) -> list[DayLine]:
    """Return a last day and the days back to the workday before it; nothing where the period cannot end on that."""
    lines, day = [replace(last, why=f"{last.why}，{book.kind(last.on)}，提前")], last.on - _ONE
    while book.off(day):
        lines.append(book.passed_over(day, "提前"))
        day -= _ONE
    if not book.ends_on(day):
        return []
    return [*lines, book.line(day, f"提前至此，{_ENDS}", article=article, relied=True, edge=True)]


def _same_day(period: _Period, book: CalendarBook) -> list[DayLine]:
    """Return the event's own day (当日办结), or the first that is not suspended, moved only where the rule says so."""
    line = book.line(period.day, f"{period.name}，限当日办理", edge=True)
    lines, day = [], period.day
    if book.suspension(day):
        lines = [replace(line, why=f"{line.why}，{book.suspended(day).why}")]
        day += _ONE
        while book.suspension(day):
            lines.append(book.suspended(day))
            day += _ONE
        line = book.line(day, "恢复后首日办理", edge=True)
    how = period.rule.day_off or (DayOff.NEXT if period.workdays else DayOff.AS_PRINTED)
    return [*lines, *_moved(line, how, book, LAST_DAY)]


def _waiting(period: _Period, book: CalendarBook) -> list[DayLine]:
    """Walk a waiting period and name the day after it, which does not move for days off."""
    lines = _counted(period, book, period.length(1) if period.amount else 0, _ONE)
    if book.stops_on(lines[-1].on):
        lines[-1] = replace(lines[-1], why=f"{lines[-1].why}，当日起暂停", edge=True)
    while book.stops_on(lines[-1].on) or book.suspension(lines[-1].on):
        lines.append(book.passed_over(lines[-1].on + _ONE, "届满", relied=False))
    return [*lines, book.line(lines[-1].on + _ONE, f"期满次日，{_ALLOWED}", edge=True)]


def _backward(period: _Period, book: CalendarBook) -> list[DayLine]:
    """Walk back from the event; the day before the last full day is the latest, moved back off a day off."""
    lines = _back_from(period, book)
    first = lines[-1]
    if period.rule.sense is Sense.NOT_BEFORE:
        return [*lines[:-1], replace(first, why=f"{first.why}，{_ALLOWED}", edge=True)]
    latest = book.line(first.on - _ONE, "最迟为其前一日")
    return [*lines, *_moved(latest, period.rule.day_off or DayOff.PREVIOUS, book, LAST_DAY)]


def _back_from(period: _Period, book: CalendarBook) -> list[DayLine]:
    """Walk back from the event; the end of a term comes with the end of its day, which is the first one counted."""
    if not (period.amount and runs_out(period.name)):
        return _counted(period, book, period.length(-1), -_ONE)
    after = replace(period, day=period.day + _ONE)
    _, end, *lines = _counted(after, book, after.length(-1), -_ONE)
    return [replace(end, why=f"24:00 {period.name}，{end.why}", edge=True), *lines]


def _window(period: _Period, book: CalendarBook) -> list[DayLine]:
    """Walk back over a window that ends with the event, then state its last day, moved back off a day off."""
    lines = _counted(period, book, period.length(-1), -_ONE)
    opens = replace(lines[-1], why=f"{lines[-1].why}，自此日起办理", edge=True)
    event = replace(lines[0], why=period.name, article=None)
    if runs_out(period.name):
        last = book.line(period.day, "期满之日", edge=True)
    else:
        last = book.line(period.day - _ONE, "最迟为其前一日", edge=True)
    return [event, *lines[1:-1], opens, *_moved(last, period.rule.day_off or DayOff.PREVIOUS, book, LAST_DAY)]


def _written(rule: Rule, book: CalendarBook) -> tuple[DayLine, ...]:
    """Return a written date, which stays unless the rule's day_off moves it."""
    if rule.sense is Sense.NOT_BEFORE:
        first = rule.date_from or rule.due_on
        if first is None:
            raise IncompleteRule("该时限缺少日期，无法计算")
        return (book.line(first, f"写明的日期，{_ALLOWED}", edge=True),)
    if rule.due_on is None:
        raise IncompleteRule("该时限缺少日期，无法计算")
    return tuple(_moved(book.line(rule.due_on, "写明的日期"), rule.day_off or DayOff.AS_PRINTED, book, None))


def _hours(
    rule: Rule, amount: int, event: datetime, book: CalendarBook, name: str, suspensions: Sequence[Suspension]
) -> tuple[DayLine, ...]:
    """Return the start and the end instant of a period in hours, with the suspensions between them."""
    start = event.replace(second=0, microsecond=0)
    back = rule.direction == "before"
    length, unit = running(amount, rule.unit)
    begun = book.line(
        start.date(), f"{start:%H:%M} {name}，自该时刻起{'倒推' if back else '算'}", article=FROM_NEXT_DAY
    )
    end, stops = (start - length, []) if back else _run(start, length, book)
    if not back:
        check_ended(end, suspensions)
    full = f"满 {amount} {unit}"
    if rule.sense is not Sense.NOT_BEFORE:
        return begun, *stops, book.line(end.date(), f"{end:%H:%M} {full}，截止", counted=amount)
    first = end.date() if end.time() == time() else end.date() + _ONE
    reached = f"{month_day(end.date(), start.year)}{end:%H:%M}"
    return begun, *stops, book.line(first, f"{reached} {full}，{_ALLOWED}", counted=amount)


def _run(start: datetime, left: timedelta, book: CalendarBook) -> tuple[datetime, list[DayLine]]:
    """Let the hours run from one boundary of a suspension to the next; return the end and a line for each stop."""
    marks = sorted({start, *(shanghai(at) for s in book.suspensions for at in (s.start, s.end) if at and at > start)})
    end = start
    for at, until in zip(marks, [*marks[1:], None], strict=True):
        if any(s.start <= at and s.end is not None and s.end > at for s in book.suspensions) and left:
            continue
        end = at + left if until is None or left <= until - at else until
        left -= end - at
        if not left:
            break
    stops = []
    for s in sorted(book.suspensions, key=lambda s: s.start):
        first, last = max(shanghai(s.start), start), min(shanghai(s.end or s.start), end)
        if first < last:
            to = f"{last:%H:%M}" if first.date() == last.date() else f"{month_day(last.date(), start.year)}{last:%H:%M}"
            stops.append(book.line(first.date(), f"{first:%H:%M} 至 {to} {words(s)}", article=s.authority or None))
    return end, stops


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
