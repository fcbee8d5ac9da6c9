"""A rhythm (周期) read from an RRULE: its cycles, the periods in each, and their names."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from dateutil.rrule import rrulestr

from tracker.clock.wording import joined, month_day, span_words, weekday_name

_ONE = timedelta(days=1)
WEEKDAYS = {"MO": "一", "TU": "二", "WE": "三", "TH": "四", "FR": "五", "SA": "六", "SU": "日"}
# Calendar blocks of so many months have names of their own; other blocks are counted from the month of publication.
_CALENDAR_BLOCKS = (1, 3, 6, 12)


@dataclass(frozen=True, slots=True)
class Period:
    """One period: its place in its cycle, its first and last day, and the printed day if the rule has one."""

    slot: int
    start: date
    end: date
    printed: date | None = None
    short_of: int | None = None  # the printed day of month that this month is too short for

    @property
    def reach(self) -> date:
        """Return the day that decides whether the period was already past at publication."""
        return self.printed or self.end


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often, and on which days.  `months` or `days` is the length of a cycle; the other is 0.

    With `counted` the cycles run from the day after publication (每两周, 每3天), else by the calendar.
    """

    published_on: date
    months: int = 0
    days: int = 0
    counted: bool = False
    in_months: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    weekdays: tuple[tuple[int | None, str], ...] = ()
    until: date | None = None
    limit: int | None = None
    origin: str = "发布日"  # what the day is that cycles are counted from
    text: str = field(default="", repr=False)  # frequency and months, for dateutil to expand weekdays

    @property
    def printed(self) -> bool:
        """Tell whether the rule names a day."""
        return bool(self.month_days or self.weekdays)

    @property
    def slots(self) -> int:
        """Return how many periods a cycle holds at most; indexes are numbered by it."""
        months = len(self.in_months) or 1
        if self.month_days:
            return months * len(self.month_days)
        if self.weekdays:
            if self.days:
                return len(self.weekdays)
            each = sum(1 if nth else 5 for nth, _ in self.weekdays)
            return (
                each * months if self.in_months or self.months < 12 else sum(1 if n else 53 for n, _ in self.weekdays)
            )
        return months

    def cycle_of(self, day: date) -> int:
        """Return the number of the cycle that holds `day`."""
        if self.months:
            return (day.year * 12 + day.month - 1 - self._anchor_month()) // self.months
        if self.counted:
            # The day of publication is before the first cycle and belongs to it.
            return max(0, ((day - self.published_on).days - 1) // self.days)
        return (day - self._anchor_monday()).days // self.days

    def in_reach(self, cycle: int) -> bool:
        """Tell whether a cycle lies before the year 9000, where dates can still be counted on."""
        if self.months:
            return self._anchor_month() + cycle * self.months < 9000 * 12
        return self.published_on.toordinal() + cycle * self.days < date(9000, 1, 1).toordinal()

    def bounds(self, cycle: int) -> tuple[date, date]:
        """Return the first and last day of a cycle."""
        if self.months:
            first = self._anchor_month() + cycle * self.months
            start = date(first // 12, first % 12 + 1, 1)
            last = first + self.months - 1
            return start, _month_end(last // 12, last % 12 + 1)
        start = self.published_on + _ONE if self.counted else self._anchor_monday()
        start += timedelta(days=cycle * self.days)
        return start, start + timedelta(days=self.days - 1)

    def periods(self, cycle: int) -> Iterator[Period]:
        """Yield a cycle's periods in order of date."""
        start, end = self.bounds(cycle)
        if self.month_days:
            yield from self._month_day_periods(start, end)
        elif self.weekdays:
            yield from self._weekday_periods(start, end)
        elif self.in_months:
            for slot, month in enumerate(self.in_months):
                yield Period(slot, date(start.year, month, 1), _month_end(start.year, month))
        else:
            yield Period(0, start, end)

    def label(self, period: Period) -> str:
        """Name a period: 2026年11月, 2026年第48周, 2026年第4季度, 2026年下半年, 2026年."""
        if self.counted:
            return span_words(period.start, period.end)
        if self.days == 1:
            return month_day(period.start)
        if self.days:
            return self._week_label(period)
        day = period.printed or period.start
        if self.in_months and len(self.month_days) <= 1 and not self.weekdays:
            return f"{day.year}年" if self.slots == 1 and self.month_days else f"{day.year}年{day.month}月"
        if self.slots > 1:
            return month_day(day)
        return _block_label(period.start, self.months)

    def words(self) -> str:
        """Say the rhythm in short: 每月25日, 每季度（当季最后一个工作日）, 每两周（自发布日起算）."""
        if self.days:
            return self._day_words()
        every, named = self.stem(), "当月" if self.in_months else _EVERY.get(self.months, ("", "当期"))[1]
        if self.printed and not self.in_months and self.months in (3, 6):
            every += "末月"
        if self.month_days:
            separator = "的" if len(self.in_months) > 1 else ""
            return f"{every}{separator}{joined(_month_day_word(day) for day in self.month_days)}"
        if self.weekdays:
            return f"{every}{joined(_nth_word(nth, name) for nth, name in self.weekdays)}"
        return f"{every}（{named}最后一个工作日）"

    def stem(self) -> str:
        """Say how often alone: 每月, 每季度, 每年3月、9月, 每周."""
        if self.days:
            weeks = self.days // 7 if self.days % 7 == 0 else 0
            if weeks:
                return {1: "每周", 2: "每两周"}.get(weeks, f"每{weeks}周")
            return "每日" if self.days == 1 else f"每{self.days}天"
        if self.in_months:
            return "每年" + joined(f"{month}月" for month in self.in_months)
        return _EVERY.get(self.months, (_every_months(self.months), ""))[0]

    def _day_words(self) -> str:
        weeks = self.days // 7 if self.days % 7 == 0 else 0
        if self.weekdays:
            every = {1: "每", 2: "每两周的"}.get(weeks, f"每{weeks}周的")
            return every + joined(f"周{WEEKDAYS[name]}" for _, name in self.weekdays)
        if self.days == 1:
            return "每个工作日"
        if not self.counted:
            return "每周（当周最后一个工作日）"
        every = {1: "每7天", 2: "每两周"}.get(weeks, f"每{weeks}周") if weeks else f"每{self.days}天"
        return f"{every}（自{self.origin}起算）"

    def _week_label(self, period: Period) -> str:
        year, week, _ = period.start.isocalendar()
        label = f"{year}年第{week}周"
        return label + weekday_name(period.printed) if period.printed and self.slots > 1 else label

    def _anchor_month(self) -> int:
        """Return the month, counted from year 0, at which cycle 0 starts."""
        if self.months in _CALENDAR_BLOCKS:
            return 0
        if self.months % 12 == 0:
            return self.published_on.year * 12
        return self.published_on.year * 12 + self.published_on.month - 1

    def _anchor_monday(self) -> date:
        return self.published_on - timedelta(days=self.published_on.weekday())

    def _month_day_periods(self, start: date, end: date) -> Iterator[Period]:
        """Yield the printed days of month; a month too short for one gives its last day."""
        found = []
        for year, month in self._printed_months(start, end):
            length = monthrange(year, month)[1]
            for wanted in self.month_days:
                number = max(1, length + 1 + wanted) if wanted < 0 else min(wanted, length)
                found.append((date(year, month, number), wanted if wanted > length else None))
        for slot, (day, short_of) in enumerate(sorted(found, key=lambda pair: (pair[0], pair[1] or 0))):
            yield Period(slot, start, end, day, short_of)

    def _printed_months(self, start: date, end: date) -> list[tuple[int, int]]:
        if self.in_months:
            return [(start.year, month) for month in self.in_months]
        # A day without its month in a quarter or half-year is taken in the last month, when the period can be told.
        # Blocks that only publication anchors start with a printed day, as RFC 5545 counts them.
        where = end if self.months in _CALENDAR_BLOCKS else start
        return [(where.year, where.month)]

    def _weekday_periods(self, start: date, end: date) -> Iterator[Period]:
        """Yield the printed weekdays, as dateutil expands them; of a cycle of several weeks in its first."""
        first, last = start, end
        if self.days:
            last = start + timedelta(days=6)
        elif self.months in (3, 6):
            first = end.replace(day=1)
        elif self.months % 12 == 0:
            last = date(start.year, 12, 31)
        elif self.months != 1:
            last = _month_end(start.year, start.month)
        begin, until = datetime.combine(first, time()), f"{last:%Y%m%d}T000000"
        found: set[date] = set()
        for nth, name in self.weekdays:
            # One weekday at a time: dateutil asks for both of a plain and a numbered one (SU,-1FR) and finds none.
            expanded = rrulestr(f"{self.text};BYDAY={nth or ''}{name};UNTIL={until}", dtstart=begin)
            found.update(moment.date() for moment in expanded)
        for slot, day in enumerate(sorted(found)):
            yield Period(slot, start, end, day)


_EVERY = {1: ("每月", "当月"), 3: ("每季度", "当季"), 6: ("每半年", "当半年"), 12: ("每年", "当年")}


def _month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _block_label(start: date, months: int) -> str:
    """Name a calendar block of months by its first day."""
    if months == 1:
        return f"{start.year}年{start.month}月"
    if months == 3:
        return f"{start.year}年第{(start.month + 2) // 3}季度"
    if months == 6:
        return f"{start.year}年{'上' if start.month <= 6 else '下'}半年"
    if months == 12:
        return f"{start.year}年"
    last = start.year * 12 + start.month - 1 + months - 1
    year, month = last // 12, last % 12 + 1
    if months % 12 == 0:
        return f"{start.year}年至{year}年"
    return f"{start.year}年{start.month}月至{'' if year == start.year else f'{year}年'}{month}月"


def _every_months(months: int) -> str:
    if months % 12 == 0:
        return "每两年" if months == 24 else f"每{months // 12}年"
    return "每两个月" if months == 2 else f"每{months}个月"


def _month_day_word(day: int) -> str:
    return f"{day}日" if day > 0 else "最后一日" if day == -1 else f"倒数第{-day}日"


def _nth_word(nth: int | None, name: str) -> str:
    if nth is None:
        return f"每个周{WEEKDAYS[name]}"
    return (
        f"最后一个周{WEEKDAYS[name]}"
        if nth == -1
        else f"倒数第{-nth}个周{WEEKDAYS[name]}"
        if nth < 0
        else f"第{nth}个周{WEEKDAYS[name]}"
    )
