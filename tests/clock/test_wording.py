"""Dates in words, as the look prescribes."""

from datetime import UTC, date, datetime

import pytest

from tracker.clock.wording import date_words, day_words, instant_words, span_words, weekday_name

TODAY = date(2026, 2, 25)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 2, 25), "今日"),
        (date(2026, 2, 26), "明日"),
        (date(2026, 2, 27), "2月27日 周五"),
        (date(2026, 2, 24), "2月24日 周二"),
        (date(2025, 2, 26), "2025年2月26日 周三"),
    ],
)
def test_day_words(day: date, words: str) -> None:
    assert day_words(day, TODAY) == words


def test_the_year_turns_with_tomorrow() -> None:
    assert day_words(date(2027, 1, 1), date(2026, 12, 31)) == "明日"
    assert date_words(date(2027, 1, 1)) == "2027年1月1日 周五"


def test_instants_are_on_the_shanghai_clock() -> None:
    now = datetime(2026, 2, 25, 1, 0, tzinfo=UTC)
    assert instant_words(datetime(2026, 2, 25, 8, 30, tzinfo=UTC), now) == "今日 16:30"
    assert instant_words(datetime(2026, 2, 25, 17, 0, tzinfo=UTC), now) == "明日 01:00"
    assert instant_words(datetime(2025, 12, 31, 17, 0, tzinfo=UTC), now) == "1月1日 周四 01:00"
    with pytest.raises(ValueError, match="time zone"):
        instant_words(datetime(2026, 2, 25, 8, 30), now)  # noqa: DTZ001


def test_spans_are_as_short_as_they_can_be() -> None:
    assert span_words(date(2026, 2, 15), date(2026, 2, 23), 2026) == "2月15日至23日"
    assert span_words(date(2026, 2, 28), date(2026, 3, 1), 2026) == "2月28日至3月1日"
    assert span_words(date(2026, 12, 31), date(2027, 1, 3), 2026) == "12月31日至2027年1月3日"
    assert span_words(date(2026, 3, 7), date(2026, 3, 7)) == "2026年3月7日"


def test_weekdays() -> None:
    assert [weekday_name(date(2026, 2, day)) for day in range(23, 26)] == ["周一", "周二", "周三"]
    assert weekday_name(date(2026, 3, 1)) == "周日"
