"""Time a period leaves out (暂停): the set of left-out days, counting round it, and hours round instants."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate

from tracker.clock.calendar import WorkCalendar
from tracker.clock.rules import Step, Suspended, Suspension
from tracker.clock.wording import span_words
from tracker.now import shanghai

_ONE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A set of left-out days as merged runs: `firsts[i]` through `lasts[i]`, in order, no two touching.

    `sums[i]` is the number of days in the runs before i, so that membership and counting are O(log n).  The
    `suspensions` it was made of serve the explanation.  An empty set is false, and counting round it costs what the
    calendar alone costs.
    """

    firsts: tuple[date, ...] = ()
    lasts: tuple[date, ...] = ()
    sums: tuple[int, ...] = (0,)
    suspensions: tuple[Suspension, ...] = ()

    @classmethod
    def of(cls, suspensions: Iterable[Suspension]) -> "LeftOut":
        """Return the days ended suspensions leave out; an open one is for `check_ended`."""
        ended = tuple(sorted((s for s in suspensions if days_of(s)), key=lambda s: s.start))
        runs: list[tuple[date, date]] = []
        for first, last in sorted(found for found in map(days_of, ended) if found):
            if runs and first <= runs[-1][1] + _ONE:
                runs[-1] = (runs[-1][0], max(runs[-1][1], last))
            else:
                runs.append((first, last))
        lengths = ((last - first).days + 1 for first, last in runs)
        sums = tuple(accumulate(lengths, initial=0))
        return cls(tuple(first for first, _ in runs), tuple(last for _, last in runs), sums, ended)

    def __bool__(self) -> bool:
        return bool(self.firsts)

    def __contains__(self, day: date) -> bool:
        index = bisect_right(self.firsts, day) - 1
        return index >= 0 and day <= self.lasts[index]

    def count(self, after: date, through: date) -> int:
        """Return how many left-out days lie after `after` through `through`."""
        return self._through(through) - self._through(after)

    def gaps(self, start: date, end: date) -> Iterator[tuple[date, date]]:
        """Yield the runs of days from `start` through `end` that are not left out."""
        for first, last in self._runs_from(start):
            if first > end:
                break
            if start < first:
                yield start, first - _ONE
            start = max(start, last + _ONE)
        if start <= end:
            yield start, end

    def add_days(self, day: date, amount: int) -> date:
        """Return the `amount`-th day after `day` that is not left out; an amount of at least 1."""
        for first, last in self._runs_from(day + _ONE):
            room = (first - day).days - 1
            if amount <= room:
                break
            amount -= max(room, 0)
            day = max(day, last)
        return day + timedelta(days=amount)

    def add_workdays(self, calendar: WorkCalendar, day: date, amount: int) -> date:
        """Return the `amount`-th workday after `day` that is not left out; an amount of at least 1."""
        for first, last in self._runs_from(day + _ONE):
            room = calendar.workdays_between(day, first - _ONE)
            if amount <= room:
                break
            amount -= max(room, 0)
            day = max(day, last)
        return calendar.add_workdays(day, amount)

    def day_on_or_after(self, day: date) -> date:
        """Return `day`, or the first day after it that is not left out."""
        return self.add_days(day, 1) if day in self else day

    def workday_on_or_after(self, calendar: WorkCalendar, day: date) -> date:
        """Return `day` if worked and not left out, else the first such day after it."""
        if calendar.is_workday(day) and day not in self:
            return day
        return self.add_workdays(calendar, day, 1)

    def stops_on(self, day: date) -> bool:
        """Tell whether time stands still at the end of `day` (24:00): no period can end then."""
        return bool(self) and day + _ONE in self

    def last_day(self, day: date, calendar: WorkCalendar | None = None) -> date:
        """Return the first day from `day` on that a period can end with; with a calendar a workday."""
        while True:
            day = self.workday_on_or_after(calendar, day) if calendar else self.day_on_or_after(day)
            if not self.stops_on(day):
                return day
            day = self.add_days(day, 1)

    def steps(self, event: date, last: date, calendar: WorkCalendar | None = None) -> list[Step]:
        """Return one line for each suspension that kept a day of (event, last] from counting.

        With a calendar only workdays count: a pause over a weekend kept none of them.
        """
        found = []
        for suspension in self.suspensions:
            days = days_of(suspension)
            if days is None:
                continue
            first, end = max(days[0], event + _ONE), min(days[1], last)
            if first <= end and (calendar is None or calendar.workdays_between(first - _ONE, end)):
                text = f"{span_words(first, end, event.year)} {words(suspension)}"
                found.append(Step(text, on=first, article=cited(suspension)))
        return in_order(found)

    def _through(self, day: date) -> int:
        """Return how many left-out days there are through `day`."""
        index = bisect_right(self.firsts, day) - 1
        if index < 0:
            return 0
        return self.sums[index] + (min(day, self.lasts[index]) - self.firsts[index]).days + 1

    def _runs_from(self, day: date) -> Iterator[tuple[date, date]]:
        """Yield the runs that end on `day` or later."""
        for index in range(bisect_left(self.lasts, day), len(self.firsts)):
            yield self.firsts[index], self.lasts[index]


NOTHING = LeftOut()
"""No day is left out."""


def days_of(suspension: Suspension) -> tuple[date, date] | None:
    """Return the first and the last day an ended suspension leaves out: (day of start, day of end], maybe none."""
    if suspension.end is None:
        return None
    first, last = shanghai(suspension.start).date() + _ONE, shanghai(suspension.end).date()
    return (first, last) if first <= last else None


def add_running(start: datetime, left: timedelta, suspensions: Iterable[Suspension]) -> datetime:
    """Return the instant a running time of that length after `start`: while suspended, the time does not run."""
    at = start
    for pause_from, pause_to in sorted((s.start, s.end) for s in suspensions if s.end is not None and s.end > s.start):
        room = max(pause_from - at, timedelta(0))
        if left <= room:
            break
        left -= room
        at = max(at, pause_to)
    return (at + left).astimezone(start.tzinfo)


def check_ended(ends_at: datetime | None, suspensions: Iterable[Suspension]) -> None:
    """Raise Suspended where a suspension still open began before the period's end; later ones change nothing."""
    if ends_at is not None and any(s.end is None and s.start < ends_at for s in suspensions):
        raise Suspended("时限暂停中，恢复后重新计算")


def hour_steps(suspensions: Iterable[Suspension], start: datetime, end: datetime) -> list[Step]:
    """Return one line for each suspension during which hours from `start` to `end` did not run."""
    found = []
    for suspension in sorted(suspensions, key=lambda s: s.start):
        if suspension.end is None:
            continue
        first, last = max(shanghai(suspension.start), start), min(shanghai(suspension.end), end)
        if first < last:
            to = f"{last:%H:%M}" if first.date() == last.date() else _instant(last, first.year)
            text = f"{_instant(first, start.year)}至{to} {words(suspension)}"
            found.append(Step(text, first.date(), cited(suspension)))
    return found


def words(suspension: Suspension) -> str:
    """Return 暂停（听证），不计."""
    return f"暂停（{suspension.reason}），不计" if suspension.reason else "暂停，不计"


def cited(suspension: Suspension) -> str | None:
    """Return the article a suspension rests on, if one was given."""
    return suspension.authority or None


def in_order(steps: Sequence[Step], more: Sequence[Step] = ()) -> list[Step]:
    """Return steps with `more` set among them by day; a step without a day keeps its place at the end."""
    return sorted([*steps, *more], key=lambda step: step.on or date.max)


def _instant(at: datetime, year: int) -> str:
    return f"{span_words(at.date(), at.date(), year)}{at:%H:%M}"
