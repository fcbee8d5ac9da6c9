"""Hours of a day (时刻) as printed: 17:00, 17时30分, 下午5时, 上午9点半, 中午12时."""

import re

from tracker.reading.text.numerals import number

# The groups of an hour are named once in a pattern: one wording has one hour.
CLOCK = (
    r"(?:(?P<noon>上午|早上|早晨|中午|下午|傍晚|晚上?|当晚)?(?P<hour>\d{1,2}|[一二三四五六七八九十]{1,3})"
    r"(?:[时点](?!间|位|段|半以)(?:(?P<minute>\d{1,2}|[一二三四五六七八九十]{1,3})分|(?P<thirty>半)|整|钟)?|：(?P<colon>\d\d)))"
)
_AFTERNOON = ("下午", "傍晚", "晚", "晚上", "当晚")
_NOON = 12


def time_of(match: re.Match[str]) -> str | None:
    """The hour of a match as 17:00; None where it has none, where it ends the day (24时) or is no hour (25时)."""
    groups = match.groupdict()
    hour = number(groups.get("hour") or "")
    if hour is None:
        return None
    minute = 30 if groups.get("thirty") else number(groups.get("minute") or groups.get("colon") or "0") or 0
    if groups.get("noon") in _AFTERNOON and hour < _NOON:
        hour += _NOON
    if groups.get("noon") == "中午" and hour < 3:
        hour += _NOON
    return f"{hour:02d}:{minute:02d}" if hour < 24 and minute < 60 else None
