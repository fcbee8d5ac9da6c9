"""Compare the working-day calendar with chinesecalendar in one run; only the ratios mean anything.

Run: python -m benchmarks.clock (or python benchmarks/clock.py) from the checkout.
"""

import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter

import chinese_calendar

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tracker.clock.calendar import WorkCalendar

_DAYS = [date(2022, 1, 1) + timedelta(days=n) for n in range(365 * 4)]
_ROUNDS = 5


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
    questions: list[tuple[str, Callable[[date], object], Callable[[date], object], list[date]]] = [
        ("is_workday", calendar.is_workday, chinese_calendar.is_workday, _DAYS),
        (
            "+15 workdays",
            lambda day: calendar.add_workdays(day, 15),
            lambda day: chinese_calendar.find_workday(15, day),
            worked,
        ),
    ]
    for name, ours, theirs, days in questions:
        if [ours(day) for day in days] != [theirs(day) for day in days]:
            raise SystemExit(f"{name}: the answers differ")
        mine, other = rate(ours, days), rate(theirs, days[:: max(1, len(days) // 200)])
        print(f"{name:<16} {mine:12,.0f}/s   chinesecalendar {other:10,.0f}/s   ratio {mine / other:8,.0f}x")


if __name__ == "__main__":
    main()
