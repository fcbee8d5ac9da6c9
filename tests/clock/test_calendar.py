"""The working-day calendar against the notices, the law and a counting library."""

from datetime import date, datetime, timedelta

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.kit.lengths import examples
from tracker.clock.calendar import NOTICED_YEARS, Override, WorkCalendar, national
from tracker.clock.festivals import expected_days_off
from tracker.clock.rules import OutOfReach

# Pinned to the notices of 2004-2026, so that a later table does not change what these cases mean.
PINNED = WorkCalendar(noticed_years=range(2004, 2027))
DAYS = st.dates(date(2004, 1, 1), date(2040, 12, 31))
ANY_DAY = st.dates(date(1950, 1, 1), date(2150, 12, 31))
# Some years to either side of what the calendar holds as an array: days further off are counted one by one.
NEAR_DAY = st.dates(date(1985, 1, 1), date(2070, 12, 31))


def each_day(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


@pytest.mark.parametrize(
    ("start", "amount", "expected"),
    [
        (date(2026, 2, 13), 3, date(2026, 2, 25)),  # 14 February is worked, 15 to 23 are off (notice of 2026)
        (date(2026, 2, 14), 3, date(2026, 2, 26)),
        (date(2026, 2, 20), 1, date(2026, 2, 24)),  # from a day off: chinesecalendar lands one day late here
        (date(2026, 9, 30), 1, date(2026, 10, 8)),
        (date(2026, 10, 9), 1, date(2026, 10, 10)),  # a Saturday made a workday
        (date(2020, 1, 23), 3, date(2020, 2, 5)),  # the extended holiday of 2020
        (date(2027, 2, 4), 3, date(2027, 2, 15)),  # provisional: 9 and 10 February make up 6 and 7 (art. 6)
        (date(2027, 4, 30), 1, date(2027, 5, 5)),
        (date(2027, 9, 30), 1, date(2027, 10, 6)),
        (date(2026, 12, 31), 1, date(2027, 1, 4)),
        (date(2026, 2, 14), 0, date(2026, 2, 14)),
        (date(2026, 2, 15), 0, date(2026, 2, 24)),
    ],
)
def test_adding_workdays(start: date, amount: int, expected: date) -> None:
    assert PINNED.add_workdays(start, amount) == expected


def test_six_of_the_thirteen_days_of_2027_are_made_up() -> None:
    labels = expected_days_off(2027)
    made_up = sorted(day for day, label in labels.items() if label.endswith("补假"))
    assert [(day.month, day.day) for day in made_up] == [(2, 9), (2, 10), (5, 3), (5, 4), (10, 4), (10, 5)]
    assert sum(1 for day in labels if day.weekday() < 5) == 13


@pytest.mark.parametrize("year", range(2027, 2051))
def test_every_expected_year_gives_thirteen_weekdays_off(year: int) -> None:
    """Thirteen statutory days, each of them a weekday off or made up by one."""
    assert sum(1 for day in expected_days_off(year) if day.weekday() < 5) == 13


@pytest.mark.parametrize("year", [2025, 2026])
def test_the_law_gives_as_many_days_off_as_the_notices_did(year: int) -> None:
    days = each_day(date(year, 1, 1), date(year, 12, 31))
    worked = sum(1 for day in days if chinese_calendar.is_workday(day))
    from_law = WorkCalendar(noticed_years=range(2004, 2025))
    assert sum(1 for day in days if from_law.is_workday(day)) == worked


@pytest.mark.parametrize("year", range(2008, 2027))
def test_the_moving_festivals_are_those_of_the_notices(year: int) -> None:
    """清明, 端午, 中秋 and 初一 of the table are days off by that year's notice, under their own names."""
    names = {
        "春节放假": "Spring Festival",
        "清明节放假": "Tomb-sweeping Day",
        "端午节放假": "Dragon Boat Festival",
        "中秋节放假": "Mid-autumn Festival",
    }
    for day, label in expected_days_off(year).items():
        off, name = chinese_calendar.get_holiday_detail(day)
        if label in names and off and name is not None:
            # A 中秋 within 国庆 goes by either name.
            assert name in (names[label], "National Day", "Mid-autumn Festival"), day
        elif label in names:
            # A festival on a plain weekend needs no entry; 除夕 was not statutory in 2014-2024.
            assert off or (label == "春节放假" and 2014 <= year <= 2024), day


def test_what_a_day_is_called() -> None:
    said = {
        date(2026, 10, 1): (True, "国庆节放假", False),
        date(2026, 2, 14): (False, "调休上班", False),
        date(2026, 3, 7): (True, "周六", False),
        date(2026, 3, 9): (False, "工作日", False),
        date(2027, 2, 6): (True, "春节放假", True),
        date(2027, 2, 9): (True, "春节补假", True),
        date(2003, 5, 1): (True, "劳动节放假", True),
    }
    for day, expected in said.items():
        info = PINNED.describe(day)
        assert (info.off, info.label, info.provisional) == expected


def test_a_year_without_notice_is_provisional_and_never_raises() -> None:
    assert not PINNED.is_provisional(date(2026, 12, 31))
    for day in (date(2003, 12, 31), date(2027, 1, 1), date(1, 1, 1), date(9999, 12, 31), date(2300, 10, 1)):
        assert PINNED.is_provisional(day)
        PINNED.describe(day)
        PINNED.is_workday(day)
    assert not PINNED.is_workday(date(2300, 10, 1))


def test_the_end_of_dates_is_told_clearly() -> None:
    with pytest.raises(OutOfReach):
        PINNED.add_workdays(date(9999, 12, 30), 3)
    with pytest.raises(OutOfReach):
        PINNED.add_workdays(date(2026, 1, 1), 10**9)
    with pytest.raises(ValueError, match="negative"):
        PINNED.add_workdays(date(2026, 1, 1), -1)


def test_a_datetime_is_refused() -> None:
    with pytest.raises(TypeError):
        PINNED.is_workday(datetime(2026, 2, 14, 9, 0))  # noqa: DTZ001


def test_a_jurisdiction_adds_days_and_a_notice_overrides() -> None:
    """art. 4: an autonomous region adds days of its own; a loaded notice ends what was expected from the law."""
    local = WorkCalendar(additions={date(2026, 5, 27): "古尔邦节"}, version="cn-2026+xj")
    assert local.describe(date(2026, 5, 27)).label == "古尔邦节放假"
    assert local.add_workdays(date(2026, 5, 26), 1) == date(2026, 5, 28)
    assert local.version == "cn-2026+xj"
    loaded = WorkCalendar(
        overrides={date(2027, 2, 11): Override(False, "春节"), date(2027, 2, 20): Override(True)},
        noticed_years=frozenset(range(2004, 2028)),
    )
    assert not loaded.is_provisional(date(2027, 2, 11))
    assert loaded.describe(date(2027, 2, 11)).label == "春节放假"
    assert loaded.describe(date(2027, 2, 20)).label == "调休上班"
    assert loaded.is_workday(date(2027, 2, 9))  # the notice did not name it
    assert loaded.version == "cn-2027"


def test_version_and_last_year() -> None:
    assert PINNED.version == "cn-2026"
    assert PINNED.last_noticed_year == 2026
    assert national() is national()
    assert national().last_noticed_year == max(NOTICED_YEARS)


@settings(deadline=None, max_examples=examples(100))
@given(day=DAYS, first=st.integers(1, 60), then=st.integers(0, 60))
def test_adding_in_two_steps_is_adding_at_once(day: date, first: int, then: int) -> None:
    assert PINNED.add_workdays(PINNED.add_workdays(day, first), then) == PINNED.add_workdays(day, first + then)


@settings(deadline=None, max_examples=examples(100))
@given(day=ANY_DAY, amount=st.integers(1, 40))
def test_counting_matches_walking(day: date, amount: int) -> None:
    """Inside the array and outside it, the answer is that of counting on one's fingers."""
    walked, left = day, amount
    while left:
        walked += timedelta(days=1)
        left -= PINNED.is_workday(walked)
    assert PINNED.add_workdays(day, amount) == walked
    assert PINNED.workdays_between(day, walked) == amount
    assert PINNED.back_workdays(walked, amount) <= day or not PINNED.is_workday(day)


@settings(deadline=None, max_examples=examples(100))
@given(a=NEAR_DAY, b=NEAR_DAY, c=st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_counts_between_add_up(a: date, b: date, c: date) -> None:
    between = PINNED.workdays_between(a, b)
    assert between == -PINNED.workdays_between(b, a)
    assert between == PINNED.workdays_between(a, c) + PINNED.workdays_between(c, b)


@settings(deadline=None, max_examples=examples(100))
@given(day=ANY_DAY)
def test_nearest_workdays_stand_on_their_own_side(day: date) -> None:
    before, after = PINNED.workday_on_or_before(day), PINNED.workday_on_or_after(day)
    assert before <= day <= after
    assert PINNED.is_workday(before)
    assert PINNED.is_workday(after)
    assert (before == after) == PINNED.is_workday(day)
