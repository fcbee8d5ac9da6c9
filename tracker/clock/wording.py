"""Chinese words for dates and instants, as pages, mails and explanations print them."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from tracker.now import shanghai

_WEEKDAYS = "一二三四五六日"


def weekday_name(day: date) -> str:
    """Return 周一 to 周日."""
    return f"周{_WEEKDAYS[day.weekday()]}"


def month_day(day: date, year: int | None = None) -> str:
    """Return 2月26日, with the year in front when it is not `year`; None always prints the year."""
    words = f"{day.month}月{day.day}日"
    return words if day.year == year else f"{day.year}年{words}"


def date_words(day: date, year: int | None = None) -> str:
    """Return 2月26日 周四, with the year in front when it is not `year`."""
    return f"{month_day(day, year)} {weekday_name(day)}"


def day_words(day: date, today: date) -> str:
    """Return 今日, 明日, 2月26日 周四, or 2025年2月26日 周三 where the year is not today's."""
    if day == today:
        return "今日"
    if day - today == timedelta(days=1):
        return "明日"
    return date_words(day, today.year)


def span_words(start: date, end: date, year: int | None = None) -> str:
    """Return 2月15日至23日, as short as the two ends allow; one day alone is printed once."""
    if start == end:
        return month_day(start, year)
    if (start.year, start.month) == (end.year, end.month):
        return f"{month_day(start, year)}至{end.day}日"
    return f"{month_day(start, year)}至{month_day(end, start.year)}"


def instant_words(instant: datetime, now: datetime) -> str:
    """Return 今日 16:30 or 2月26日 周四 09:00: an aware instant on the Shanghai clock, to the minute."""
    local = shanghai(instant)
    return f"{day_words(local.date(), shanghai(now).date())} {local:%H:%M}"


def unstopped(words: str) -> str:
    """Return words without the stop they end with, where a sentence goes on behind them."""
    return words.rstrip().rstrip("。．；;，,")


def joined(parts: Iterable[str]) -> str:
    """Join with the enumeration comma 、."""
    return "、".join(parts)
