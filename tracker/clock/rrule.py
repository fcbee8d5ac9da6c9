"""Reading an RRULE (RFC 5545, without DTSTART) into a rhythm."""

import re
from dataclasses import replace
from datetime import date, datetime

from tracker.clock.rhythm import WEEKDAYS, Rhythm
from tracker.clock.rules import IncompleteRule

_TOKEN = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_KNOWN = {"FREQ", "INTERVAL", "BYMONTH", "BYMONTHDAY", "BYDAY", "UNTIL", "COUNT", "WKST"}


def read_rhythm(rrule: str | None, published_on: date, origin: str | None = None) -> Rhythm:
    """Read an RRULE without DTSTART; raises IncompleteRule where it is missing, broken or finer than a day."""
    try:
        rhythm = _read(rrule or "", published_on)
    except (ValueError, KeyError) as error:
        raise IncompleteRule(f"周期无法识别：{rrule or '（空）'}") from error
    return replace(rhythm, origin=origin) if origin else rhythm


def _read(rrule: str, published_on: date) -> Rhythm:
    body = rrule.strip().upper().removeprefix("RRULE:").strip(";")
    parts = dict(part.split("=", 1) for part in body.split(";"))
    freq, interval = parts["FREQ"], int(parts.get("INTERVAL", "1"))
    if not 1 <= interval <= 1000 or set(parts) - _KNOWN:
        raise ValueError(rrule)
    in_months, month_days = _numbers(parts.get("BYMONTH"), 1, 12), _numbers(parts.get("BYMONTHDAY"), -31, 31)
    weekdays = _weekdays(parts.get("BYDAY"))
    if month_days and weekdays:
        raise ValueError(rrule)
    if freq == "DAILY" and (month_days or weekdays or in_months):
        # 每日 narrowed to some days is a weekly or monthly rhythm.
        if interval != 1:
            raise ValueError(rrule)
        freq = "WEEKLY" if weekdays and not in_months else "MONTHLY"
    if freq == "YEARLY" and month_days and not in_months:
        # RFC 5545 expands a day of month without its month to every month.
        if interval != 1:
            raise ValueError(rrule)
        freq = "MONTHLY"
    nth_in_week = freq == "WEEKLY" and any(nth for nth, _ in weekdays)
    nth_in_one_month = freq == "MONTHLY" and interval % 12 == 0 and bool(weekdays) and not in_months
    if nth_in_week or nth_in_one_month:
        raise ValueError(rrule)
    months = {"MONTHLY": interval, "YEARLY": 12 * interval}.get(freq, 0)
    days = {"DAILY": interval, "WEEKLY": 7 * interval}.get(freq, 0)
    if (not months and not days) or (days and (month_days or in_months)):
        raise ValueError(rrule)
    if in_months:
        # Named months make a yearly cycle, however the frequency was put.
        months = 12 * interval if freq == "YEARLY" else 12
    text = f"FREQ={freq};BYMONTH={parts['BYMONTH']}" if in_months else f"FREQ={freq}"
    return Rhythm(
        published_on=published_on,
        months=months,
        days=days,
        counted=bool(days) and not weekdays and interval > 1,
        in_months=in_months,
        month_days=month_days,
        weekdays=weekdays,
        until=datetime.strptime(parts["UNTIL"][:8], "%Y%m%d").date() if "UNTIL" in parts else None,  # noqa: DTZ007
        limit=int(parts["COUNT"]) if "COUNT" in parts else None,
        text=text,
    )


def _numbers(text: str | None, low: int, high: int) -> tuple[int, ...]:
    numbers = tuple(sorted({int(number) for number in text.split(",")})) if text else ()
    if any(not low <= number <= high or number == 0 for number in numbers):
        raise ValueError(text)
    return numbers


def _weekdays(text: str | None) -> tuple[tuple[int | None, str], ...]:
    if not text:
        return ()
    found = []
    for token in text.split(","):
        match = _TOKEN.fullmatch(token)
        if match is None:
            raise ValueError(text)
        found.append((int(match[1]) if match[1] else None, match[2]))
    order = list(WEEKDAYS)
    return tuple(sorted(dict.fromkeys(found), key=lambda pair: (pair[0] or 0, order.index(pair[1]))))
