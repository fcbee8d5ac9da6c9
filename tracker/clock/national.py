"""The nationwide table (全国放假安排): what each year's notice settles, kept in national.toml beside this module.

`python -m tests.kit.national_table` writes that file from chinesecalendar, and a test holds the two against each other
day by day.  A year names its notice only where a document at hand gives its title, number and date.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class NoticeName:
    """放假通知: how the document that settles a year is cited."""

    title: str
    number: str
    issued_on: date


@dataclass(frozen=True, slots=True)
class NationalYear:
    """One year as its notice has it: days off by their festival, make-up workdays (调休上班)."""

    off: Mapping[date, str]
    worked: frozenset[date]
    notice: NoticeName | None = None


def read_years(text: str) -> dict[int, NationalYear]:
    """Return the years of a table as national.toml is written."""
    return {int(year): _read_year(said) for year, said in tomllib.loads(text).items()}


def _read_year(said: Mapping[str, Any]) -> NationalYear:
    notice = said.get("notice")
    return NationalYear(
        {day: name for name, first, last in said["off"] for day in _through(first, last)},
        frozenset(said["worked"]),
        NoticeName(**notice) if notice else None,
    )


def _through(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


YEARS: Mapping[int, NationalYear] = read_years(files(__package__).joinpath("national.toml").read_text("utf-8"))
