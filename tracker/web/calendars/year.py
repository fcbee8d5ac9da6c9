"""A year of a place's calendar as twelve month grids, each with its named days in words."""

import calendar as months_of
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from tracker.clock.calendar import DaySort, WorkCalendar
from tracker.clock.national import YEARS
from tracker.clock.notices import Mark
from tracker.clock.wording import date_words, month_day
from tracker.store.calendars.content import Content

_WEEKS = months_of.Calendar(firstweekday=0)


@dataclass(frozen=True, slots=True)
class DayCell:
    """One square: its day, how it is drawn, what stands in it beside the number, and what it is in words."""

    number: int
    css: str
    mark: str
    title: str


@dataclass(frozen=True, slots=True)
class Month:
    """One month: its squares by week (None outside it), and its named days as lines of words."""

    number: int
    weeks: list[list[DayCell | None]]
    notes: list[str]


@dataclass(frozen=True, slots=True)
class YearView:
    """Twelve months, whether the year's notice is still missing, and how it is cited where that is known."""

    number: int
    provisional: bool
    notice: str
    months: list[Month]


def year_view(calendar: WorkCalendar, content: Content, year: int, today: date) -> YearView:
    """Draw a year as `calendar` has it; what `content` (its version's own) says of a day is marked."""
    months = [_month(calendar, content, year, month, today) for month in range(1, 13)]
    return YearView(year, calendar.is_provisional(date(year, 1, 1)), _notice_words(content, year), months)


def _notice_words(content: Content, year: int) -> str:
    """Cite a year's notice: the number a place loaded it under, else what the nationwide table has of it."""
    if year in content.years:
        return content.years[year] or ""
    notice = YEARS[year].notice if year in YEARS else None
    return f"{notice.title}（{notice.number}，{month_day(notice.issued_on)}）" if notice else ""


def _month(calendar: WorkCalendar, content: Content, year: int, month: int, today: date) -> Month:
    weeks = [
        [_cell(calendar, content, date(year, month, n), today) if n else None for n in week]
        for week in _WEEKS.monthdayscalendar(year, month)
    ]
    days = [date(year, month, n) for n in range(1, months_of.monthrange(year, month)[1] + 1)]
    return Month(month, weeks, _notes(calendar, days))


def _cell(calendar: WorkCalendar, content: Content, on: date, today: date) -> DayCell:
    info = calendar.describe(on)
    said = content.days.get(on)
    local = said is not None and said.mark is Mark.ADDED
    css = ["off"] if info.off else []
    if not info.off and on.weekday() >= 5:
        css.append("make")
    if said is not None and (local or on.year not in content.years):
        css.append("own")  # beside the State Council's notice; the notice's own days are everybody's
    if on == today:
        css.append("now")
    mark = "班" if "make" in css else "节" if local else "休" if info.off and on.weekday() < 5 else ""
    return DayCell(on.day, " ".join(css), mark, f"{date_words(on)}，{info.label}")


def _notes(calendar: WorkCalendar, days: Iterable[date]) -> list[str]:
    """Return the days that are not what their weekday makes them, equal neighbours together: 15日至23日 春节放假."""
    runs: list[tuple[str, int, int]] = []
    for on in days:
        info = calendar.describe(on)
        if info.sort in (DaySort.WORKDAY, DaySort.WEEKEND):
            continue
        alone = info.sort is DaySort.MAKEUP
        if runs and runs[-1][0] == info.label and runs[-1][2] == on.day - 1 and not alone:
            runs[-1] = (info.label, runs[-1][1], on.day)
        else:
            runs.append((info.label, on.day, on.day))
    return [f"{first}日 {label}" if first == last else f"{first}日至{last}日 {label}" for label, first, last in runs]
