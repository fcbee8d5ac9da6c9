"""Compare the working-day calendar with chinesecalendar in one run; only the ratios mean anything.

It fails where is_workday is not 100 times as fast, or adding 15 workdays not 1,000 times.
Run: python -m benchmarks.clock (or python benchmarks/clock.py) from the checkout.
"""

import sys
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from time import perf_counter

import chinese_calendar

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tracker.clock.calendar import WorkCalendar
from tracker.clock.resolution import resolve
from tracker.clock.rules import CountUnit, Kind, Rule, Sense, Suspension
from tracker.clock.suspension import LeftOut
from tracker.now import SHANGHAI

_DAYS = [date(2022, 1, 1) + timedelta(days=n) for n in range(365 * 4)]
_ROUNDS = 5
# A whole date with its explanation, three pauses in it, must not slow a recalculation of thousands down.
_PAUSES = 3


def rate(work: Callable[[date], object], days: list[date]) -> float:
    """Return calls per second, the best of several rounds."""
    best = float("inf")
    for _ in range(_ROUNDS):
        start = perf_counter()
        for day in days:
            work(day)
        best = min(best, perf_counter() - start)
    return len(days) / best


def main() -> None:
    """Print both rates and their ratio for each question, after checking that the answers agree."""
    start = perf_counter()
    calendar = WorkCalendar()
    print(f"building a calendar      {1000 * (perf_counter() - start):8.1f} ms")
    worked = [day for day in _DAYS if calendar.is_workday(day)]
    # From a day off find_workday counts one day too many, so the comparison starts on workdays.
    questions: list[tuple[str, Callable[[date], object], Callable[[date], object], list[date], int]] = [
        ("is_workday", calendar.is_workday, chinese_calendar.is_workday, _DAYS, 100),
        (
            "+15 workdays",
            lambda day: calendar.add_workdays(day, 15),
            lambda day: chinese_calendar.find_workday(15, day),
            worked,
            1000,
        ),
    ]
    failed = []
    for name, ours, theirs, days, least in questions:
        if [ours(day) for day in days] != [theirs(day) for day in days]:
            raise SystemExit(f"{name}: the answers differ")
        mine, other = rate(ours, days), rate(theirs, days[:: max(1, len(days) // 200)])
        ratio = mine / other
        print(f"{name:<24} {mine:12,.0f}/s   chinesecalendar {other:10,.0f}/s   ratio {ratio:8,.0f}x (least {least:,})")
        if ratio < least:
            failed.append(f"{name}: {ratio:,.0f}x, not {least:,}x")
    suspended(calendar, worked)
    if failed:
        raise SystemExit("; ".join(failed))


def suspended(calendar: WorkCalendar, days: list[date]) -> None:
    """Print how fast workdays are counted round suspensions, and a date with its whole explanation."""
    begun = [datetime.combine(_DAYS[0] + timedelta(days=n * 80), time(9), SHANGHAI) for n in range(len(_DAYS) // 80)]
    everywhere = LeftOut.of([Suspension(start, start + timedelta(days=20)) for start in begun])
    speed = rate(lambda day: everywhere.add_workdays(calendar, day, 15), days)
    print(f"+15, {len(begun)} suspensions     {speed:12,.0f}/s")
    rule = Rule(Kind.RELATIVE, Sense.WITHIN, 20, CountUnit.WORKDAY)

    def explained(day: date) -> object:
        event = datetime.combine(day, time(9), SHANGHAI)
        pauses = [
            Suspension(event + timedelta(days=7 * n), event + timedelta(days=7 * n + 4)) for n in range(1, _PAUSES + 1)
        ]
        return resolve(rule, event_at=event, calendar=calendar, suspensions=pauses)

    print(f"20 workdays explained    {rate(explained, days[::10]):12,.0f}/s   with {_PAUSES} suspensions each")


if __name__ == "__main__":
    main()
