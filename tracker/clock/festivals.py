"""Statutory holidays (法定节日) of a year without a State Council notice: the days known from the law alone."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache

# Festivals that follow the moon or the sun's position: (春节初一, 清明, 端午, 中秋) as (month, day).
# A table and not a library: it is short, never changes, and three lunar libraries (lunardate, lunar_python,
# zhdate) and `holidays` agree on every row; the tests hold 2004-2026 against the notices themselves.
_MOVING: dict[int, tuple[tuple[int, int], tuple[int, int], tuple[int, int], tuple[int, int]]] = {
    2004: ((1, 22), (4, 4), (6, 22), (9, 28)),
    2005: ((2, 9), (4, 5), (6, 11), (9, 18)),
    2006: ((1, 29), (4, 5), (5, 31), (10, 6)),
    2007: ((2, 18), (4, 5), (6, 19), (9, 25)),
    2008: ((2, 7), (4, 4), (6, 8), (9, 14)),
    2009: ((1, 26), (4, 4), (5, 28), (10, 3)),
    2010: ((2, 14), (4, 5), (6, 16), (9, 22)),
    2011: ((2, 3), (4, 5), (6, 6), (9, 12)),
    2012: ((1, 23), (4, 4), (6, 23), (9, 30)),
    2013: ((2, 10), (4, 4), (6, 12), (9, 19)),
    2014: ((1, 31), (4, 5), (6, 2), (9, 8)),
    2015: ((2, 19), (4, 5), (6, 20), (9, 27)),
    2016: ((2, 8), (4, 4), (6, 9), (9, 15)),
    2017: ((1, 28), (4, 4), (5, 30), (10, 4)),
    2018: ((2, 16), (4, 5), (6, 18), (9, 24)),
    2019: ((2, 5), (4, 5), (6, 7), (9, 13)),
    2020: ((1, 25), (4, 4), (6, 25), (10, 1)),
    2021: ((2, 12), (4, 4), (6, 14), (9, 21)),
    2022: ((2, 1), (4, 5), (6, 3), (9, 10)),
    2023: ((1, 22), (4, 5), (6, 22), (9, 29)),
    2024: ((2, 10), (4, 4), (6, 10), (9, 17)),
    2025: ((1, 29), (4, 4), (5, 31), (10, 6)),
    2026: ((2, 17), (4, 5), (6, 19), (9, 25)),
    2027: ((2, 6), (4, 5), (6, 9), (9, 15)),
    2028: ((1, 26), (4, 4), (5, 28), (10, 3)),
    2029: ((2, 13), (4, 4), (6, 16), (9, 22)),
    2030: ((2, 3), (4, 5), (6, 5), (9, 12)),
    2031: ((1, 23), (4, 5), (6, 24), (10, 1)),
    2032: ((2, 11), (4, 4), (6, 12), (9, 19)),
    2033: ((1, 31), (4, 4), (6, 1), (9, 8)),
    2034: ((2, 19), (4, 5), (6, 20), (9, 27)),
    2035: ((2, 8), (4, 5), (6, 10), (9, 16)),
    2036: ((1, 28), (4, 4), (5, 30), (10, 4)),
    2037: ((2, 15), (4, 4), (6, 18), (9, 24)),
    2038: ((2, 4), (4, 5), (6, 7), (9, 13)),
    2039: ((1, 24), (4, 5), (5, 27), (10, 2)),
    2040: ((2, 12), (4, 4), (6, 14), (9, 20)),
    2041: ((2, 1), (4, 4), (6, 3), (9, 10)),
    2042: ((1, 22), (4, 4), (6, 22), (9, 28)),
    2043: ((2, 10), (4, 5), (6, 11), (9, 17)),
    2044: ((1, 30), (4, 4), (5, 31), (10, 5)),
    2045: ((2, 17), (4, 4), (6, 19), (9, 25)),
    2046: ((2, 6), (4, 4), (6, 8), (9, 15)),
    2047: ((1, 26), (4, 5), (5, 29), (10, 4)),
    2048: ((2, 14), (4, 4), (6, 15), (9, 22)),
    2049: ((2, 2), (4, 4), (6, 4), (9, 11)),
    2050: ((1, 23), (4, 4), (6, 23), (9, 30)),
}


def _statutory(year: int) -> list[tuple[str, list[date]]]:
    """Return the year's statutory days by festival (全国年节及纪念日放假办法 2024 art. 2), in order of date."""
    solar = [
        ("元旦", [date(year, 1, 1)]),
        ("劳动节", [date(year, 5, 1), date(year, 5, 2)]),
        ("国庆节", [date(year, 10, day) for day in (1, 2, 3)]),
    ]
    if year not in _MOVING:
        # Outside the table only the festivals with a fixed date are known.
        return solar
    new_year, clear_bright, dragon_boat, mid_autumn = (date(year, *month_day) for month_day in _MOVING[year])
    moving = [
        ("春节", [new_year + timedelta(days=offset) for offset in (-1, 0, 1, 2)]),
        ("清明节", [clear_bright]),
        ("端午节", [dragon_boat]),
        ("中秋节", [mid_autumn]),
    ]
    return sorted(solar + moving, key=lambda festival: festival[1][0])


def festival_day(year: int, name: str) -> date | None:
    """Return the day a festival is on (春节: 初一); None outside the years whose moon is known."""
    days = dict(_statutory(year)).get(name)
    if days is None:
        return None
    # 春节 begins with its eve, which is off as well.
    return days[1] if name == "春节" else days[0]


def _first_free(after: date, taken: Iterable[date]) -> date:
    """Return the first weekday after `after` that is not already off."""
    day = after + timedelta(days=1)
    while day.weekday() >= 5 or day in taken:
        day += timedelta(days=1)
    return day


@lru_cache(maxsize=256)
def expected_days_off(year: int) -> dict[date, str]:
    """Return the weekdays and weekend days off that the law alone gives a year, each with its label.

    Art. 6: a statutory day on a Saturday or Sunday is made up on a workday.  The notices put such days after the
    festival, so the substitutes here follow its last day (2027: 初一 and 初二 fall on a weekend, 9 and 10 February
    are off).  Two festivals on one day count as two: in 2009 and 2020, when 中秋 met 国庆, the notices gave both.
    The returned dict is shared: do not change it.
    """
    festivals = _statutory(year)
    days = {day: f"{name}放假" for name, group in reversed(festivals) for day in group}
    seen: set[date] = set()
    for name, group in festivals:
        owed = sum(1 for day in group if day.weekday() >= 5 or day in seen)
        seen.update(group)
        last = group[-1]
        for _ in range(owed):
            last = _first_free(last, days)
            days[last] = f"{name}补假"
    return days
