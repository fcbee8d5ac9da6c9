"""Levels, bounds and keys: what a sweep says, and that it finds what a page shows."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.clock.calendar import WorkCalendar
from tracker.clock.resolution import day_end
from tracker.now import SHANGHAI
from tracker.rules.ladder import Level, Reader, alert_key, bounds, fragment, levels_due, office_open, unsigned_level
from tracker.rules.lights import Light, light_of, soon_limit

CALENDAR = WorkCalendar(noticed_years=range(2004, 2027))


def at(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("now", "due_at", "expected"),
    [
        # a 2-hour order of 12345: told on the day at once, with an hour left, and when it has passed
        (at(3, 11, 14, 30), at(3, 11, 16, 30), Level.DAY),
        (at(3, 11, 15, 29), at(3, 11, 16, 30), Level.DAY),
        (at(3, 11, 15, 30), at(3, 11, 16, 30), Level.HOUR),
        (at(3, 11, 16, 29), at(3, 11, 16, 30), Level.HOUR),
        (at(3, 11, 16, 30), at(3, 11, 16, 30), Level.LATE_0),
        (at(3, 11, 23, 59), at(3, 11, 16, 30), Level.LATE_0),
        (at(3, 12, 0, 0), at(3, 11, 16, 30), Level.LATE_1),
        # passed on Friday: late at once, a workday late on Monday
        (at(3, 15, 12), at(3, 13, 16, 30), Level.LATE_0),
        (at(3, 16, 0), at(3, 13, 16, 30), Level.LATE_1),
        # over midnight
        (at(3, 10, 23), at(3, 11, 1), Level.BEFORE_1),
        (at(3, 10, 23, 59), at(3, 11, 0, 30), Level.HOUR),
        # 24 hours given on the eve of the Spring Festival pass in it, and nobody works till the 24th
        (at(2, 14, 16), at(2, 15, 16), Level.BEFORE_1),
        (at(2, 15, 15), at(2, 15, 16), Level.HOUR),
        (at(2, 23, 23), at(2, 15, 16), Level.LATE_0),
        (at(2, 24, 0), at(2, 15, 16), Level.LATE_1),
    ],
)
def test_levels_of_an_hour_deadline(now: datetime, due_at: datetime, expected: Level) -> None:
    assert levels_due(now=now, calendar=CALENDAR, due_at=due_at) == (expected,)
    assert levels_due(now=now, calendar=CALENDAR, due_at=due_at.astimezone(UTC), limits=bounds(now, CALENDAR)) == (
        expected,
    )
    for silent in ("met", "paused", "submitted"):
        assert levels_due(now=now, calendar=CALENDAR, due_at=due_at, **{silent: True}) == ()  # type: ignore[arg-type]


def test_hours_that_end_at_midnight_are_a_day() -> None:
    midnight = at(3, 12, 0)
    assert levels_due(now=at(3, 11, 23, 30), calendar=CALENDAR, due_at=midnight) == (Level.DAY,)


def test_every_level_has_a_fragment_of_its_own_in_keys() -> None:
    assert [str(level) for level in Level] == [
        "assigned",
        "before3",
        "before1",
        "day",
        "hour",
        "late0",
        "late1",
        "late3",
        "late10",
        "unsigned2",
        "unsigned3",
        "unsigned5",
        "weekly",
        "available",
        "referred",
        "changed",
        "calendar",
        "submitted",
        "sent_back",
        "accepted",
        "extension_asked",
        "extension_decided",
        "registered",
        "returned",
    ]


@pytest.mark.parametrize(
    ("now", "due_on", "expected"),
    [
        (at(3, 11), date(2026, 3, 17), ()),
        (at(3, 11), date(2026, 3, 16), (Level.BEFORE_3,)),
        (at(3, 12), date(2026, 3, 16), (Level.BEFORE_3,)),
        (at(3, 13), date(2026, 3, 16), (Level.BEFORE_1,)),
        (at(3, 16), date(2026, 3, 16), (Level.DAY,)),
        (at(3, 17), date(2026, 3, 16), (Level.LATE_1,)),
        # after a long stop only the present level is said
        (at(6, 30), date(2026, 3, 16), (Level.WEEKLY,)),
        # due on Friday, seen on Saturday: the first workday after it has not come
        (at(3, 14), date(2026, 3, 13), ()),
        (at(3, 16), date(2026, 3, 13), (Level.LATE_1,)),
    ],
)
def test_levels(now: datetime, due_on: date, expected: tuple[Level, ...]) -> None:
    due_at = day_end(due_on)
    assert levels_due(now=now, calendar=CALENDAR, due_at=due_at) == expected
    assert levels_due(now=now, calendar=CALENDAR, due_at=due_at, limits=bounds(now, CALENDAR)) == expected
    for silent in ("met", "paused", "submitted"):
        assert levels_due(now=now, calendar=CALENDAR, due_at=due_at, **{silent: True}) == ()  # type: ignore[arg-type]


def test_a_waiting_period_has_one_level() -> None:
    first = date(2026, 4, 11)
    assert levels_due(now=at(4, 10), calendar=CALENDAR, earliest_on=first) == ()
    assert levels_due(now=at(4, 11), calendar=CALENDAR, earliest_on=first) == (Level.AVAILABLE,)
    assert levels_due(now=at(5, 11), calendar=CALENDAR, earliest_on=first) == (Level.AVAILABLE,)
    assert levels_due(now=at(5, 11), calendar=CALENDAR) == ()


@pytest.mark.parametrize(
    ("now", "unit", "head", "supervisor", "leader"),
    [
        # due on Monday, 16 March
        (at(3, 16), Level.DAY, Level.DAY, None, None),
        (at(3, 17), Level.LATE_1, Level.LATE_1, None, None),
        (at(3, 18), Level.LATE_1, Level.LATE_1, None, None),
        (at(3, 19), Level.LATE_1, Level.LATE_1, Level.LATE_3, None),
        # the supervisors were told on Thursday; the unit a week ago
        (at(3, 23), Level.WEEKLY, Level.LATE_1, Level.WEEKLY, None),
        (at(3, 27), Level.WEEKLY, Level.LATE_1, Level.WEEKLY, None),
        (at(3, 30), Level.WEEKLY, Level.LATE_1, Level.WEEKLY, Level.LATE_10),
        (at(6, 30), Level.WEEKLY, Level.LATE_1, Level.WEEKLY, Level.LATE_10),
    ],
)
def test_lateness_climbs_for_each_reader(
    now: datetime, unit: Level, head: Level, supervisor: Level | None, leader: Level | None
) -> None:
    expected = {Reader.UNIT: unit, Reader.HEAD: head, Reader.SUPERVISOR: supervisor, Reader.LEADER: leader}
    due_at = day_end(date(2026, 3, 16))
    for reader, level in expected.items():
        assert levels_due(now=now, calendar=CALENDAR, due_at=due_at, reader=reader) == ((level,) if level else ())


def test_who_oversees_hears_of_nothing_before_it_is_late() -> None:
    for due_at in (at(3, 11, 16, 30), day_end(date(2026, 3, 11)), day_end(date(2026, 3, 13))):
        for now in (at(3, 11), at(3, 11, 16), at(3, 11, 17)):
            for reader in (Reader.SUPERVISOR, Reader.LEADER):
                assert levels_due(now=now, calendar=CALENDAR, due_at=due_at, reader=reader) == ()


@pytest.mark.parametrize(
    ("now", "unit", "head", "supervisor"),
    [
        # given on Monday, 16 March
        (at(3, 17, 23), None, None, None),
        (at(3, 18, 0), Level.UNSIGNED_2, None, None),
        (at(3, 19), Level.UNSIGNED_2, Level.UNSIGNED_3, None),
        (at(3, 22), Level.UNSIGNED_2, Level.UNSIGNED_3, None),
        (at(3, 23), Level.WEEKLY, Level.WEEKLY, Level.UNSIGNED_5),
        (at(3, 30), Level.WEEKLY, Level.WEEKLY, Level.WEEKLY),
    ],
)
def test_what_nobody_signs_for_climbs_too(
    now: datetime, unit: Level | None, head: Level | None, supervisor: Level | None
) -> None:
    limits = bounds(now, CALENDAR)
    for given_at in (at(3, 16, 0), at(3, 16, 23, 59)):
        levels = [
            unsigned_level(given_at, limits, reader, headed=False)
            for reader in (Reader.UNIT, Reader.HEAD, Reader.SUPERVISOR)
        ]
        assert levels == [unit, head, supervisor]
        # a unit with a head is told once, and its head weekly
        once = Level.UNSIGNED_2 if unit is not None else None
        assert unsigned_level(given_at, limits, Reader.UNIT, headed=True) == once


def test_no_week_of_work_passes_without_a_word() -> None:
    """From a rung to the weekly word no more than eleven days pass, and never only a weekend."""
    for offset in range(14):
        due_at = day_end(date(2026, 5, 11) + timedelta(days=offset))
        days = [at(5, 11) + timedelta(days=n) for n in range(60)]
        said = [(day, levels_due(now=day, calendar=CALENDAR, due_at=due_at)) for day in days]
        first = next(day for day, levels in said if levels == (Level.LATE_1,))
        weekly = next(day for day, levels in said if levels == (Level.WEEKLY,))
        assert 4 <= (weekly - first).days <= 11
        assert weekly.weekday() == 0


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (at(3, 11, 8, 29), False),
        (at(3, 11, 8, 30), True),
        (at(3, 11, 17, 30), True),
        (at(3, 11, 17, 31), False),
        (at(3, 15, 10), False),  # Sunday
        (at(2, 14, 10), True),  # a Saturday worked for the Spring Festival
        (at(2, 16, 10), False),  # a Monday in it
    ],
)
def test_office_hours_are_those_of_workdays(now: datetime, expected: bool) -> None:
    assert office_open(now, CALENDAR) is office_open(now.astimezone(UTC), CALENDAR) is expected


def test_the_weekly_word_has_its_week_in_its_key() -> None:
    limits = bounds(at(11, 25), CALENDAR)
    assert fragment(Level.WEEKLY, limits) == "weekly/2026-W48"
    assert fragment(Level.LATE_3, limits) == "late3"
    assert bounds(datetime(2027, 1, 2, 9, tzinfo=SHANGHAI), CALENDAR).week == "2026-W53"


def test_keys() -> None:
    assert alert_key("duty17", Level.ASSIGNED, "u4") == "duty17/assigned/u4"
    assert alert_key("ms88", Level.LATE_1, "u4", version=2) == "ms88/v2/late1/u4"
    assert alert_key("ms88", Level.LATE_1, "unit7", version=2) == "ms88/v2/late1/unit7"
    assert alert_key("ms88", "weekly/2026-W48", "u4", version=2) == "ms88/v2/weekly/2026-W48/u4"
    for holder, recipient in (("", "u4"), ("ms88", ""), ("ms/88", "u4"), ("ms88", "u/4")):
        with pytest.raises(ValueError, match="key"):
            alert_key(holder, Level.DAY, recipient)


INSTANTS = st.datetimes(datetime(2025, 6, 1), datetime(2027, 6, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
    lambda instant: instant.replace(second=0, microsecond=0)
)


@settings(deadline=None, max_examples=300)
@given(now=INSTANTS, minutes=st.integers(-30 * 1440, 30 * 1440), whole_day=st.booleans())
def test_one_query_finds_exactly_what_the_page_shows(now: datetime, minutes: int, whole_day: bool) -> None:
    """The bounds and the lights are two ways to say the same: no row is 临期 on the page and missed by the query."""
    due_at = now + timedelta(minutes=minutes)
    if whole_day:
        due_at = day_end(due_at.astimezone(SHANGHAI).date())
    shown = light_of(state="in_progress", now=now, calendar=CALENDAR, due_at=due_at).light
    assert (shown is Light.SOON) == (now < due_at < soon_limit(now, CALENDAR))
    assert (shown is Light.LATE) == (due_at <= now)
    limits = bounds(now, CALENDAR)
    assert limits.late10 < limits.late3 < limits.late1 <= limits.day
    assert limits.day <= limits.before1 <= limits.before3 == soon_limit(now, CALENDAR)
    levels = levels_due(now=now, calendar=CALENDAR, due_at=due_at, limits=limits)
    assert len(levels) <= 1
    within_the_hour = due_at.astimezone(SHANGHAI).time() != time() and now < due_at <= now + timedelta(hours=1)
    assert (levels == (Level.HOUR,)) == within_the_hour
    if levels:
        assert due_at < limits.before3
        assert (levels in ((Level.LATE_1,), (Level.WEEKLY,))) <= (shown is Light.LATE)
    elif due_at < limits.before3:
        assert day_end((due_at - timedelta(seconds=1)).astimezone(SHANGHAI).date()) == due_at
        assert shown is Light.LATE  # between the deadline and the first workday after it
