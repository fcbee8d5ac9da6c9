"""What a version of a calendar says (日历内容), as plain values: compared, changed and named by a digest."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from tracker.clock.calendar import NOTICED_YEARS, WorkCalendar, national
from tracker.clock.notices import Mark, NoticedDay
from tracker.clock.wording import span_words, weekday_name
from tracker.store.models import CalendarVersion

_ONE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Content:
    """Everything a version says: days beside the national table, and the years whose notice it holds."""

    days: Mapping[date, NoticedDay] = field(default_factory=dict)
    years: Mapping[int, str | None] = field(default_factory=dict)

    @classmethod
    def of(cls, version: CalendarVersion | None) -> "Content":
        """Return what a version says; its days and notices must be loaded. No version says nothing."""
        if version is None:
            return cls()
        return cls(
            {day.on: NoticedDay(Mark(day.kind.value), day.name) for day in version.days},
            {notice.year: notice.doc_no for notice in version.notices},
        )

    def changed(self, days: Mapping[date, NoticedDay | None], years: Mapping[int, str | None]) -> "Content":
        """Return this with some days settled anew (None: nothing is said of them any more) and years' notices added.

        What the national table says by itself is not repeated.
        """
        kept = dict(self.days)
        for on, said in days.items():
            kept.pop(on, None)
            if said is not None and not _said_already(on, said):
                kept[on] = said
        added = {y: number or self.years.get(y) for y, number in years.items() if y not in NOTICED_YEARS}
        return Content(kept, {**self.years, **added})

    def beside(self, days: Mapping[date, NoticedDay]) -> dict[date, NoticedDay]:
        """Return a notice's days without those off that are a local festival here: they keep its name."""
        local = {on for on, said in self.days.items() if said.mark is Mark.ADDED}
        return {on: said for on, said in days.items() if said.mark is not Mark.OFF or on not in local}

    def digest(self) -> str:
        """Return what names equal contents."""
        days = [(on.isoformat(), said.mark.value, said.name) for on, said in sorted(self.days.items())]
        return hashlib.sha256(repr((days, sorted(self.years.items()))).encode()).hexdigest()


def _said_already(on: date, said: NoticedDay) -> bool:
    """Whether the national table, by itself, makes of a day what is said of it."""
    known = on.year in NOTICED_YEARS and said.mark is not Mark.ADDED
    return known and national().is_workday(on) is (said.mark is Mark.WORK)


@dataclass(frozen=True, slots=True)
class DayRun:
    """Consecutive days that change in the same way: 工作日 becomes 春节放假."""

    first: date
    last: date
    before: str
    after: str

    @property
    def words(self) -> str:
        """Return 2027年2月11日至12日 工作日 → 春节放假; one day alone with its weekday."""
        days = span_words(self.first, self.last)
        if self.first == self.last and self.before != weekday_name(self.first):
            days = f"{days} {weekday_name(self.first)}"
        return f"{days} {self.before} → {self.after}"


def differences(old: WorkCalendar, new: WorkCalendar, before: Content, after: Content) -> list[DayRun]:
    """Return what a version says otherwise than the one before, day by day, equal neighbours together."""
    days = {on for on in before.days.keys() | after.days.keys() if before.days.get(on) != after.days.get(on)}
    for year in before.years.keys() ^ after.years.keys():
        first = date(year, 1, 1)
        days |= {first + n * _ONE for n in range((date(year, 12, 31) - first).days + 1)}
    runs: list[DayRun] = []
    for on in sorted(days):
        was, becomes = old.describe(on).label, new.describe(on).label
        if was == becomes:
            continue
        if runs and runs[-1].last == on - _ONE and (runs[-1].before, runs[-1].after) == (was, becomes):
            runs[-1] = DayRun(runs[-1].first, on, was, becomes)
        else:
            runs.append(DayRun(on, on, was, becomes))
    return runs
