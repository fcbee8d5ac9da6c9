"""Days and instants of a case (时间) as its forms read them and its pages show them."""

from datetime import date, datetime, time

from wtforms.validators import ValidationError

from tracker.clock.rules import Resolved
from tracker.clock.wording import date_words
from tracker.now import EARLIEST, SHANGHAI
from tracker.rules.lights import hour_of
from tracker.web.kit.access import now, this_day
from tracker.web.kit.fields import DayField
from tracker.web.kit.words import instant


def check_day(field: DayField) -> None:
    """Refuse a day that cannot be: the verb itself refuses the future."""
    if field.data is not None and field.data < EARLIEST:
        raise ValidationError("请核对年份。")
    if field.data is not None and field.data > this_day():
        raise ValidationError(f"{field.label.text}不能晚于今天。")


def instant_of(day: date, at: time | None) -> datetime:
    """Return when an event happened: at the time given, else noon, and never later than now on its own day."""
    noon = datetime.combine(day, at or time(12), SHANGHAI)
    return min(noon, now()) if at is None and day == this_day() else noon


def resolved_words(result: Resolved | None) -> str:
    """Return a resolved date as pages show it: 2月26日 周四; 4月11日 周六起; 今日 16:00."""
    if result is None:
        return ""
    if result.due_on is not None:
        hour = hour_of(result.due_at)
        return date_words(result.due_on, this_day().year) + (f" {hour}" if hour else "")
    if result.due_at is not None:
        return instant(result.due_at)
    return f"{date_words(result.earliest_on, this_day().year)}起" if result.earliest_on else ""
