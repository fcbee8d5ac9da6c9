"""The calendar held day by day against two libraries that keep the notices themselves: holidays and lunar_python."""

from collections.abc import Callable
from datetime import date, timedelta

import holidays
import pytest
from lunar_python.util import HolidayUtil

from tracker.clock.calendar import WorkCalendar

CALENDAR = WorkCalendar(noticed_years=range(2004, 2027))
CHINA = holidays.country_holidays("CN", years=range(2004, 2027))


def by_holidays(day: date) -> bool:
    """Neither a holiday nor a weekend day, unless the notice makes that weekend day a workday."""
    return CHINA.is_working_day(day)


def by_lunar_python(day: date) -> bool:
    """What its list of days off and make-up days says; it names no ordinary day."""
    listed = HolidayUtil.getHoliday(day.isoformat())
    return day.weekday() < 5 if listed is None else bool(listed.isWork())


LIBRARIES: list[Callable[[date], bool]] = [by_holidays, by_lunar_python]

# Before 2020 the libraries differ on these days, each for a reason; a later release may have put it right.
_MAY_2019 = (
    "国办发明电〔2019〕3号 made 劳动节 four days, worked on 28 April and 5 May; the library has the older notice"
)
_KNOWN = {
    by_holidays: {
        date(2005, 12, 31): "the notice for 2006 made this Saturday a workday; our table begins later",
        date(2019, 4, 28): _MAY_2019,
        date(2019, 5, 2): _MAY_2019,
        date(2019, 5, 3): _MAY_2019,
        date(2019, 5, 5): _MAY_2019,
    },
    by_lunar_python: {
        date(2005, 12, 31): "the notice for 2006 made this Saturday a workday; our table begins later",
        date(2013, 4, 7): "国办发明电〔2012〕33号: 4月7日（星期日）上班; the library has the day off",
        date(2013, 10, 12): "国办发明电〔2012〕33号: 10月12日（星期六）上班; the library has the day off",
    },
}


def differing(says: Callable[[date], bool], first: date, last: date) -> set[date]:
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return {day for day in days if CALENDAR.is_workday(day) != says(day)}


@pytest.mark.parametrize("says", LIBRARIES)
def test_every_day_of_2020_to_2026_agrees(says: Callable[[date], bool]) -> None:
    assert differing(says, date(2020, 1, 1), date(2026, 12, 31)) == set()


@pytest.mark.parametrize("says", LIBRARIES)
def test_before_2020_only_known_days_differ(says: Callable[[date], bool]) -> None:
    assert differing(says, date(2004, 1, 1), date(2019, 12, 31)) <= _KNOWN[says].keys()


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        # 国办发明电〔2019〕16号 ended 春节 on 30 January 2020 and made Saturday 1 February a workday;
        # 国办发明电〔2020〕1号 extended it to 2 February.  The later notice holds; a table with the first alone
        # (workalendar 17) has the 31st and the 1st as workdays: the one disagreement known for these years.
        (date(2020, 1, 19), True),
        (date(2020, 1, 30), False),
        (date(2020, 1, 31), False),
        (date(2020, 2, 1), False),
        (date(2020, 2, 2), False),
        (date(2020, 2, 3), True),
    ],
)
def test_the_extended_spring_festival_of_2020(day: date, worked: bool) -> None:
    assert CALENDAR.is_workday(day) is worked
    assert [says(day) for says in LIBRARIES] == [worked, worked]
