"""The working-day calendar (工作日历): the State Council's yearly notices, and the law where none is out yet."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import chain

from tracker.clock.festivals import expected_days_off
from tracker.clock.national import YEARS
from tracker.clock.rules import OutOfReach
from tracker.clock.wording import weekday_name
from tracker.rules.labels import Labelled

NOTICED_YEARS: frozenset[int] = frozenset(YEARS)
"""Years whose notice (国务院办公厅放假通知) the nationwide table holds."""

# Workdays of these years are held in one sorted array; other years are answered day by day, slower and no less right.
_FIRST, _LAST = date(1995, 1, 1), date(2060, 12, 31)
_ONE = timedelta(days=1)


class DaySort(Labelled):
    """What a calendar makes of a day, and whether people work on it."""

    WORKDAY = "workday", "工作日", True
    MAKEUP = "makeup", "调休上班", True
    WEEKEND = "weekend", "周末", False
    HOLIDAY = "holiday", "放假", False

    works: bool

    def __init__(self, _value: str, _label: str = "", works: bool = False) -> None:
        """Keep whether people work beside the word."""
        self.works = works


@dataclass(frozen=True, slots=True)
class Override:
    """One date settled by hand or by a loaded notice: worked or off, and what it is called."""

    workday: bool
    name: str = ""


@dataclass(frozen=True, slots=True)
class DayInfo:
    """What a calendar says about one day; `label` is fit for a page (国庆节放假, 调休上班, 周六, 工作日)."""

    on: date
    sort: DaySort
    label: str
    provisional: bool

    @property
    def off(self) -> bool:
        return not self.sort.works


class WorkCalendar:
    """Workdays of one jurisdiction (辖区); never raises for a year without data, but marks it provisional.

    `additions` are days off the jurisdiction adds (新疆: 古尔邦节), by name.  `overrides` settle single dates and
    win over everything.  `noticed_years` are the years whose notice is known, by default those of the nationwide
    table: to load a later notice pass `NOTICED_YEARS | {2027}` and the notice's days off and make-up workdays as
    overrides; nothing is then expected from the law alone for that year.
    """

    def __init__(
        self,
        *,
        additions: Mapping[date, str] | None = None,
        overrides: Mapping[date, Override] | None = None,
        noticed_years: Collection[int] | None = None,
        version: str | None = None,
    ) -> None:
        """Read the tables once into a sorted array of workdays and each workday's place in it."""
        self._noticed = NOTICED_YEARS if noticed_years is None else frozenset(noticed_years)
        self.version = version or f"cn-{max(self._noticed, default=0)}"
        self._settled: dict[date, tuple[DaySort, str]] = {}
        for year in self._noticed & NOTICED_YEARS:
            self._settled |= {day: (DaySort.HOLIDAY, f"{name}放假") for day, name in YEARS[year].off.items()}
            self._settled |= dict.fromkeys(YEARS[year].worked, (DaySort.MAKEUP, DaySort.MAKEUP.label))
        for day, name in (additions or {}).items():
            self._settled[day] = (DaySort.HOLIDAY, name if name.endswith("放假") else f"{name}放假")
        for day, override in (overrides or {}).items():
            self._settled[day] = _settled_by(day, override)
        days = (date.fromordinal(number) for number in range(_FIRST.toordinal(), _LAST.toordinal() + 1))
        self._days: list[date] = [day for day in days if self._look_up(day)[0].works]
        self._position = {day: index for index, day in enumerate(self._days)}

    @property
    def last_noticed_year(self) -> int:
        """Return the last year whose notice is known; later ones are provisional."""
        return max(self._noticed, default=0)

    def is_workday(self, day: date) -> bool:
        """Tell whether people work on `day`; a datetime is refused with TypeError rather than misread."""
        if day in self._position:
            return True
        return not _FIRST <= day <= _LAST and self._look_up(day)[0].works

    def is_provisional(self, day: date) -> bool:
        """Tell whether `day` lies in a year without a State Council notice."""
        return day.year not in self._noticed

    def describe(self, day: date) -> DayInfo:
        """Say what kind of day `day` is."""
        sort, label = self._look_up(day)
        return DayInfo(on=day, sort=sort, label=label, provisional=self.is_provisional(day))

    def add_workdays(self, day: date, amount: int) -> date:
        """Return the `amount`-th workday after `day`, which itself does not count (民法典 201).

        An amount of 0 gives `day` if worked, else the next workday.  Raises OutOfReach past the year 9999.
        """
        if amount <= 0:
            if amount < 0:
                raise ValueError("amount must not be negative; use back_workdays")
            return self.workday_on_or_after(day)
        index = self._position.get(day)
        if index is None and _FIRST <= day <= _LAST:
            index = bisect_right(self._days, day) - 1
        if index is not None and index + amount < len(self._days):
            return self._days[index + amount]
        return self._walk(day, amount, _ONE)

    def back_workdays(self, day: date, amount: int) -> date:
        """Return the `amount`-th workday before `day`, which itself does not count; 0 as workday_on_or_before."""
        if amount < 0:
            raise ValueError("amount must not be negative; use add_workdays")
        if amount == 0:
            return self.workday_on_or_before(day)
        if _FIRST <= day <= _LAST:
            index = bisect_left(self._days, day) - amount
            if index >= 0:
                return self._days[index]
        return self._walk(day, amount, -_ONE)

    def workday_on_or_after(self, day: date) -> date:
        """Return `day` if worked, else the first workday after it."""
        return day if self.is_workday(day) else self.add_workdays(day, 1)

    def workday_on_or_before(self, day: date) -> date:
        """Return `day` if worked, else the last workday before it."""
        return day if self.is_workday(day) else self.back_workdays(day, 1)

    def workdays_between(self, start: date, end: date) -> int:
        """Count the workdays after `start` through `end`: 0 on the same day, negative when `end` comes first.

        Days late are workdays_between(due, today); days left workdays_between(today, due).
        """
        if end < start:
            return -self.workdays_between(end, start)
        within = bisect_right(self._days, end) - bisect_right(self._days, start)
        first, last = start.toordinal(), end.toordinal()
        # What lies before and behind the array.
        beside = chain(
            range(first + 1, min(last + 1, _FIRST.toordinal())), range(max(first, _LAST.toordinal()) + 1, last + 1)
        )
        return within + sum(1 for number in beside if self.is_workday(date.fromordinal(number)))

    def _look_up(self, day: date) -> tuple[DaySort, str]:
        """Return what sort of day `day` is and its label, from the tables themselves."""
        settled = self._settled.get(day)
        if settled is not None:
            return settled
        if day.year not in self._noticed:
            expected = expected_days_off(day.year).get(day)
            if expected is not None:
                return DaySort.HOLIDAY, expected
        if day.weekday() >= 5:
            return DaySort.WEEKEND, weekday_name(day)
        return DaySort.WORKDAY, DaySort.WORKDAY.label

    def _walk(self, day: date, amount: int, step: timedelta) -> date:
        """Count `amount` workdays one day at a time, for years outside the array."""
        room = date.max - day if step > timedelta(0) else day - date.min
        if amount > room.days:
            raise OutOfReach("期限超出可计算的日期范围")
        try:
            while amount:
                day += step
                amount -= self.is_workday(day)
        except OverflowError:
            raise OutOfReach("期限超出可计算的日期范围") from None
        return day


def _settled_by(day: date, override: Override) -> tuple[DaySort, str]:
    """Return what an override makes of a day, under its own name where it has one."""
    name = override.name
    if override.workday:
        sort = DaySort.MAKEUP if name or day.weekday() >= 5 else DaySort.WORKDAY
        return sort, name or sort.label
    if not name:
        return DaySort.HOLIDAY, DaySort.HOLIDAY.label
    return DaySort.HOLIDAY, name if name.endswith("假") else f"{name}{DaySort.HOLIDAY.label}"


@lru_cache(maxsize=1)
def national() -> WorkCalendar:
    """Return the nationwide calendar, built once."""
    return WorkCalendar()
