"""Writes tracker/clock/national.toml from chinesecalendar; a notice a year names is kept.

Run it when chinesecalendar knows another year: python -m tests.kit.national_table
"""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from chinese_calendar.constants import holidays, workdays

from tracker.clock.national import YEARS, NationalYear

FILE = Path(__file__).resolve().parents[2] / "tracker" / "clock" / "national.toml"
NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
    "Anti-Fascist 70th Day": "抗战胜利纪念日",
}
HEAD = """\
# The State Council's yearly notices: days off as [festival, first day, last day], and make-up workdays (调休上班).
# Written by `python -m tests.kit.national_table` from chinesecalendar.  Only where a document at hand gives them, a
# year also has, written by hand: notice = { title = "…", number = "…", issued_on = … }
"""


def library_years() -> dict[int, NationalYear]:
    """Return what chinesecalendar holds, each day with the year it lies in."""
    off = {day: NAMES[name] for day, name in sorted(holidays.items())}
    return {
        year: NationalYear(
            {day: name for day, name in off.items() if day.year == year},
            frozenset(day for day in workdays if day.year == year),
        )
        for year in range(min(off).year, max(off).year + 1)
    }


def runs(off: dict[date, str]) -> Iterator[tuple[str, date, date]]:
    """Yield consecutive days of one festival together."""
    first: date | None = None
    for day, name in off.items():
        first = first or day
        following = day + timedelta(days=1)
        if off.get(following) != name:
            yield name, first, day
            first = None


def written(years: dict[int, NationalYear]) -> str:
    """Return the file's text."""
    parts = [HEAD]
    for number, year in sorted(years.items()):
        lines = [f"    [{json.dumps(name, ensure_ascii=False)}, {a}, {b}]," for name, a, b in runs(dict(year.off))]
        parts.append(f"\n[{number}]\noff = [\n" + "\n".join(lines) + "\n]\n")
        parts.append(f"worked = [{', '.join(day.isoformat() for day in sorted(year.worked))}]\n")
        if year.notice:
            said = {"title": year.notice.title, "number": year.notice.number}
            words = ", ".join(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in said.items())
            parts.append(f"notice = {{ {words}, issued_on = {year.notice.issued_on} }}\n")
    return "".join(parts)


def with_notices(years: dict[int, NationalYear]) -> dict[int, NationalYear]:
    """Return the years, each with the notice that the present file names."""
    return {
        n: NationalYear(year.off, year.worked, YEARS[n].notice) if n in YEARS else year for n, year in years.items()
    }


if __name__ == "__main__":
    FILE.write_text(written(with_notices(library_years())), "utf-8")
