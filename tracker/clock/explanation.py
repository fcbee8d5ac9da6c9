"""Why it is this day (为什么是这一天): the lines of an explanation, grouped so that a long period stays readable."""

from collections.abc import Iterator
from datetime import date, timedelta

from tracker.clock.calendar import DaySort, WorkCalendar
from tracker.clock.rules import Step
from tracker.clock.suspension import LeftOut, in_order
from tracker.clock.wording import joined, month_day, span_words, weekday_name

FROM_NEXT_DAY = "民法典 201"
CORRESPONDING_DAY = "民法典 202"
LAST_DAY = "民法典 203"
UNITS = "民法典 200"

_ONE = timedelta(days=1)
# Up to so many workdays are listed one by one or in runs; a longer period names only what was left out or added.
_LISTED = 10


def day_label(day: date, calendar: WorkCalendar, year: int | None) -> str:
    """Return 2月14日（周六，调休上班）: the date, its weekday and whatever sets it apart."""
    info = calendar.describe(day)
    plain = info.off == (day.weekday() >= 5) and (info.sort is DaySort.WEEKEND or not info.off)
    extra = "" if plain else f"，{info.label}"
    return f"{month_day(day, year)}（{weekday_name(day)}{extra}）"


def event_step(day: date, calendar: WorkCalendar, event_name: str | None) -> Step:
    """State the event and that its own day is not counted."""
    text = f"{day_label(day, calendar, day.year)}{event_name or '事件发生'}，当日不计"
    return Step(text, on=day, article=FROM_NEXT_DAY)


def end_step(day: date, calendar: WorkCalendar, event_name: str) -> Step:
    """State the end of a term, which comes with the end of its day: that day is one of those before it."""
    return Step(f"{day_label(day, calendar, day.year)}24:00 {event_name}，当日计入", on=day)


def off_words(calendar: WorkCalendar, start: date, end: date, year: int | None) -> str:
    """Return 2月15日至23日 春节放假 for days off from `start` through `end`."""
    labels: dict[str, None] = {}
    for number in range(start.toordinal(), end.toordinal() + 1):
        info = calendar.describe(date.fromordinal(number))
        labels[info.sort.label if info.sort is DaySort.WEEKEND and start != end else info.label] = None
    return f"{span_words(start, end, year)} {joined(labels)}"


def workday_steps(calendar: WorkCalendar, start: date, end: date, year: int, left: LeftOut) -> list[Step]:
    """Show how the workdays from `start` through `end` were counted: days off, make-up days and days left out."""
    runs = [run for first, last in left.gaps(start, end) for run in _runs(calendar, first, last)]
    counted = sum((last - first).days + 1 for works, first, last in runs if works)
    steps = _condensed(calendar, runs, year) if counted > _LISTED else _listed(calendar, runs, year)
    pauses = left.steps(start - _ONE, end, calendar)
    return in_order(steps, pauses) if pauses else steps


def _listed(calendar: WorkCalendar, runs: list[tuple[bool, date, date]], year: int) -> list[Step]:
    """Name every run of workdays with its numbers and every run of days off."""
    steps, count = [], 0
    for works, first, last in runs:
        if not works:
            steps.append(Step(f"{off_words(calendar, first, last, year)}，不计", on=first))
            continue
        length = (last - first).days + 1
        if length <= 2:
            days = (first,) if length == 1 else (first, last)
            text = "，".join(
                f"{day_label(day, calendar, year)} 第 {count + n} 个工作日" for n, day in enumerate(days, 1)
            )
        else:
            text = f"{span_words(first, last, year)} 第 {count + 1} 至第 {count + length} 个工作日"
        steps.append(Step(text, on=first))
        count += length
    return steps


def provisional_step(calendar: WorkCalendar, start: date, end: date) -> Step | None:
    """Say which counted years have no notice, or nothing where all have."""
    low, high = sorted((start.year, end.year))
    years = [year for year in range(low, high + 1) if calendar.is_provisional(date(year, 1, 1))]
    if not years:
        return None
    which = f"{years[0]}年" if len(years) == 1 else f"{years[0]}年至{years[-1]}年"
    return Step(f"{which}没有放假通知可据，暂按法定节日及其补假推算，通知载入后重新计算")


def _runs(calendar: WorkCalendar, start: date, end: date) -> Iterator[tuple[bool, date, date]]:
    """Yield (worked, first, last) runs of days; a make-up day stands alone so that it is seen."""
    run: tuple[bool, date, date] | None = None
    day = start
    while day <= end:
        info = calendar.describe(day)
        alone = info.sort is DaySort.MAKEUP
        if run and run[0] != info.off and not alone and not (run[0] and _is_makeup(calendar, run[2])):
            run = (run[0], run[1], day)
        else:
            if run:
                yield run
            run = (not info.off, day, day)
        day += _ONE
    if run:
        yield run


def _is_makeup(calendar: WorkCalendar, day: date) -> bool:
    return calendar.describe(day).sort is DaySort.MAKEUP


def _condensed(calendar: WorkCalendar, runs: list[tuple[bool, date, date]], year: int) -> list[Step]:
    """Name the first workday, the holidays left out, the make-up days counted and the number of weekend days."""
    first = next(start for works, start, _ in runs if works)
    steps = [Step(f"自{day_label(first, calendar, year)}起逐个计算工作日", on=first)]
    weekend = 0
    for works, start, end in runs:
        if works:
            if _is_makeup(calendar, start) and start != first:
                steps.append(Step(f"{day_label(start, calendar, year)}，计入", on=start))
        elif all(calendar.describe(day).sort is DaySort.WEEKEND for day in (start, end)) and (end - start).days < 2:
            weekend += (end - start).days + 1
        else:
            steps.append(Step(f"{off_words(calendar, start, end, year)}，不计", on=start))
    if weekend:
        steps.append(Step(f"其余周末 {weekend} 天，不计"))
    return steps
