"""Lines of a day-by-day sheet (逐日表): what one line holds, how it is made, how a long table is drawn together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby

from tracker.clock.calendar import DaySort, WorkCalendar
from tracker.clock.rules import CountUnit, Suspension
from tracker.clock.suspension import words
from tracker.clock.wording import weekday_name
from tracker.now import shanghai

MOST_LINES = 400
"""A longer table is drawn together."""

_ONE = timedelta(days=1)
# So many days in a row that are counted alike become one line of a long table.
_RUN = 3
# Days that are not what their weekday makes them: said beside it, and seen in a long table.
_NAMED = (DaySort.MAKEUP, DaySort.HOLIDAY)


@dataclass(frozen=True, slots=True)
class DayLine:
    """One day of a sheet, or the days from `on` through `through` where a long table draws a run together.

    `label` is the weekday and what the calendar says (周六，调休上班), of a run the number of days.  `counted` is the
    day's running number, of a run its last one; None where it does not count.  `edge` marks a line that is never
    drawn into a run: the event, the last day and the days it moves over.  `relied` says that its `sort` decided whether
    it counts.
    """

    on: date
    label: str
    counted: int | None
    why: str
    article: str | None = None
    provisional: bool = False
    through: date | None = None
    edge: bool = False
    sort: DaySort = DaySort.WORKDAY
    relied: bool = False


@dataclass(frozen=True, slots=True)
class CalendarBook:
    """A calendar and the ended suspensions, asked day by day."""

    calendar: WorkCalendar
    suspensions: Sequence[Suspension] = ()

    def off(self, day: date) -> bool:
        """Tell whether `day` is a day off."""
        return not self.calendar.is_workday(day)

    def kind(self, day: date) -> str:
        """Return why a day is off: 周末, 春节放假."""
        info = self.calendar.describe(day)
        return info.sort.label if info.sort is DaySort.WEEKEND else info.label

    def suspension(self, day: date) -> Suspension | None:
        """Return the suspension that leaves `day` out, the first begun where several do."""
        found = [
            s
            for s in self.suspensions
            if s.end is not None and shanghai(s.start).date() < day <= shanghai(s.end).date()
        ]
        return min(found, key=lambda s: s.start) if found else None

    def suspended(self, day: date) -> DayLine:
        """Return the line of a day left out."""
        found = self.suspension(day)
        return self.line(day, words(found), article=found.authority or None) if found else self.line(day, "暂停，不计")

    def stops_on(self, day: date) -> bool:
        """Tell whether time stands still at the end of `day`: a suspension begun on it, or before, outlasts it."""
        return self.suspension(day + _ONE) is not None

    def ends_on(self, day: date, *, any_day: bool = False) -> bool:
        """Tell whether a period can end with `day`: time runs through its end, and it is worked unless any may do."""
        return not (self.suspension(day) or self.stops_on(day) or (self.off(day) and not any_day))

    def passed_over(self, day: date, word: str, *, relied: bool = True) -> DayLine:
        """Return the line of a day that the end of a period moves over, with the reason."""
        if self.suspension(day):
            return self.suspended(day)
        off = self.off(day) and relied
        why = self.kind(day) if off else "当日起暂停" if self.stops_on(day) else "恢复后首日"
        return self.line(day, f"{why}，{word}", relied=off, edge=True)

    def line(
        self,
        day: date,
        why: str,
        *,
        counted: int | None = None,
        article: str | None = None,
        relied: bool = False,
        edge: bool = False,
    ) -> DayLine:
        """Return a day's line; `relied` says that its being worked or off decided the date."""
        info = self.calendar.describe(day)
        said = weekday_name(day) + (f"，{info.label}" if info.sort in _NAMED else "")
        provisional = relied and info.provisional
        return DayLine(day, said, counted, why, article, provisional, edge=edge, sort=info.sort, relied=relied)


def collapsed(lines: Sequence[DayLine]) -> tuple[DayLine, ...]:
    """Return the lines of a sheet; in a table of more than 400 each run of days alike is one line."""
    if len(lines) <= MOST_LINES:
        return tuple(lines)
    made: list[DayLine] = []
    for _, group in groupby(enumerate(lines), key=lambda pair: _alike(*pair)):
        run = [line for _, line in group]
        made += [_run(run)] if len(run) >= _RUN else run
    return tuple(made)


def _alike(place: int, line: DayLine) -> tuple[object, ...]:
    """Return what lines must share to be one run: counted days with the weekends between them, or one reason."""
    if line.edge:
        return ("edge", place)
    if line.counted is not None:
        # A holiday or a make-up day among workdays is to be seen; among calendar days it makes no difference.
        return ("make-up", place) if line.sort in _NAMED and line.relied else ("plain", line.provisional)
    weekend = line.sort is DaySort.WEEKEND and line.relied
    return ("plain", line.provisional) if weekend else (line.why, line.article)


def _run(run: Sequence[DayLine]) -> DayLine:
    """Draw a run together: its numbers, or its one reason."""
    first, last = run[0], run[-1]
    numbers = [line.counted for line in run if line.counted is not None]
    why = first.why
    if numbers:
        workdays = any(line.relied for line in run if line.counted is not None)
        unit = CountUnit.WORKDAY.label if workdays else CountUnit.DAY.label
        skipped = "，周末不计" if len(numbers) < len(run) else ""
        why = f"第 {numbers[0]} 至第 {numbers[-1]} {unit}{skipped}"
    days = abs((last.on - first.on).days) + 1
    counted = numbers[-1] if numbers else None
    return replace(first, label=f"共 {days} 天", counted=counted, why=why, through=last.on)
