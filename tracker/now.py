"""The only reader of time: everything else receives `now` as an argument."""

from datetime import UTC, date, datetime, timedelta, timezone

# China has used one zone without daylight saving since 1992; a fixed offset keeps every machine in agreement.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
# A day typed before this one is a slip of the pen.
EARLIEST = date(2000, 1, 1)


def utc_now() -> datetime:
    """Return the present instant as an aware UTC datetime."""
    return datetime.now(UTC)  # noqa: TID251 - this is the one place allowed to look at the clock


def shanghai(instant: datetime) -> datetime:
    """Return an aware instant on the Shanghai clock; a naive one is refused, its zone would be a guess."""
    if instant.tzinfo is None:
        raise ValueError("an instant must carry its time zone")
    return instant.astimezone(SHANGHAI)


def today(now: datetime) -> date:
    """Return the day it is in Shanghai."""
    return now.astimezone(SHANGHAI).date()
