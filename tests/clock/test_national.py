"""The nationwide table: a file of ours, every day of every year in it as chinesecalendar has it."""

import subprocess
import sys
from datetime import date, timedelta

import chinese_calendar
import pytest

from tests.kit.national_table import FILE, library_years, with_notices, written
from tracker.clock.calendar import WorkCalendar
from tracker.clock.national import YEARS, NationalYear, NoticeName, read_years


@pytest.mark.parametrize("year", sorted(YEARS))
def test_every_day_of_a_year_is_worked_or_off_as_chinesecalendar_has_it(year: int) -> None:
    calendar = WorkCalendar()
    days = [date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]
    assert [day for day in days if calendar.is_workday(day) != chinese_calendar.is_workday(day)] == []
    assert (YEARS[year].off, YEARS[year].worked) == (library_years()[year].off, library_years()[year].worked)


def test_the_table_begins_with_2004_and_has_no_gap() -> None:
    assert sorted(YEARS) == list(range(2004, max(YEARS) + 1))
    assert max(YEARS) >= 2026


def test_the_file_is_what_its_command_writes() -> None:
    kept = {year: found for year, found in library_years().items() if year in YEARS}
    assert FILE.read_text("utf-8") == written(with_notices(kept))


def test_the_program_counts_without_chinesecalendar() -> None:
    asked = "import tracker.app, tracker.worker, tracker.clock.answers, sys; print('chinese_calendar' in sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", asked], capture_output=True, text=True, check=True, cwd=FILE.parents[2]
    )
    assert told.stdout.strip() == "False"


TWO_YEARS = """
[2031]
off = [["元旦", 2031-01-01, 2031-01-02]]
worked = [2031-01-04]
notice = { title = "关于某年放假的通知", number = "某办〔某〕某号", issued_on = 2030-11-05 }
[2032]
off = []
worked = []
"""


def test_a_year_names_its_notice_or_is_left_without() -> None:
    assert read_years(TWO_YEARS) == {
        2031: NationalYear(
            {date(2031, 1, 1): "元旦", date(2031, 1, 2): "元旦"},
            frozenset({date(2031, 1, 4)}),
            NoticeName("关于某年放假的通知", "某办〔某〕某号", date(2030, 11, 5)),
        ),
        2032: NationalYear({}, frozenset(), None),
    }


def test_a_notice_a_year_names_is_written_again() -> None:
    assert read_years(written(read_years(TWO_YEARS))) == read_years(TWO_YEARS)
