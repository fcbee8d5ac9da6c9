"""The only reader of time: everything else receives `now` as an argument."""

from datetime import UTC, datetime, timedelta, timezone

# China has used one zone without daylight saving since 1992; a fixed offset keeps every machine in agreement.
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")


def utc_now() -> datetime:
    """Return the present instant as an aware UTC datetime."""
    return datetime.now(UTC)  # noqa: TID251 - this is the one place allowed to look at the clock
