"""Lights (红黄绿灯): what is shown of a duty or a clock at one instant.  Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from tracker.clock.calendar import WorkCalendar
from tracker.clock.wording import month_day
from tracker.now import SHANGHAI, shanghai
from tracker.rules.labels import Labelled
from tracker.rules.workflow import State

SOON_WORKDAYS = 3
"""A due day so many workdays away, or fewer, is 临期."""

_TICK = timedelta(microseconds=1)
_ONE = timedelta(days=1)
# So little time left of an hour deadline is said in hours and minutes.
_CLOSE = timedelta(hours=3)
_DONE_STATES = frozenset({"completed", "closed"})


class Light(Labelled):
    """The light of a duty or a clock (红黄绿灯): always a shape, a word and a colour, so that colour is never alone."""

    LATE = "late", "逾期", "■"
    WATCH = "watch", "对方逾期", "■"
    SOON = "soon", "临期", "▲"
    FINE = "fine", "正常", "●"
    WAIT = "wait", "待触发", "○"
    WAITING = "waiting", "等待期", "○"
    HOLD = "hold", "暂停", "‖"
    NONE = "none", "无时限", "—"
    REVIEW = "review", "待审核", "◆"
    DONE = "done", "办结", "✓"

    shape: str

    def __init__(self, _value: str, _label: str = "", shape: str = "") -> None:
        """Keep the shape beside the word."""
        self.shape = shape


@dataclass(frozen=True, slots=True)
class Signal:
    """A light and how much: words such as 逾期 18 个工作日, printed as they are."""

    light: Light
    words: str


def soon_limit(now: datetime, calendar: WorkCalendar) -> datetime:
    """Return the bound of 临期: a clock is due soon where now < due_at < this (aware UTC)."""
    return through(last_day_within(shanghai(now).date(), SOON_WORKDAYS, calendar))


def is_hour(due_at: datetime) -> bool:
    """Tell an hour deadline from a day's end by its instant; one of hours that ends at midnight is a day's."""
    return shanghai(due_at).time() != time()


def hour_of(due_at: datetime | None) -> str:
    """Return the hour a deadline ends at (17:00); nothing for one that ends with its day."""
    return f"{shanghai(due_at):%H:%M}" if due_at is not None and is_hour(due_at) else ""


def light_of(
    *,
    state: str,
    now: datetime,
    calendar: WorkCalendar,
    due_at: datetime | None = None,
    due_on: date | None = None,
    earliest_on: date | None = None,
    submitted: bool = False,
    watch: bool = False,
    paused: bool = False,
    untriggered: bool = False,
) -> Signal:
    """Return the light of a duty or clock and its words; `now` and `due_at` are aware instants.

    `state` is the holder's state (workflow.State as text); an unknown or empty one counts as under way.  `due_on` may
    be left out: it is the day `due_at` ends.  `watch` marks another party's clock (对方逾期), `untriggered` a relative
    rule whose event has not been registered.
    """
    if state in _DONE_STATES:
        return Signal(Light.DONE, Light.DONE.label)
    if state == "revoked":
        return Signal(Light.NONE, State.REVOKED.label)
    if submitted or state == "submitted":
        return Signal(Light.REVIEW, Light.REVIEW.label)
    if paused:
        return Signal(Light.HOLD, Light.HOLD.label)
    if due_at is None and due_on is not None:
        due_at = datetime.combine(due_on + _ONE, time(), SHANGHAI)
    if due_at is not None:
        return _dated(shanghai(due_at), due_on, shanghai(now), watch, calendar)
    if earliest_on is not None:
        return _waiting(earliest_on, shanghai(now).date())
    return Signal(Light.WAIT, Light.WAIT.label) if untriggered else Signal(Light.NONE, Light.NONE.label)


def _waiting(earliest_on: date, today: date) -> Signal:
    """Return the light of a waiting period (公示30日后方可), which is never late."""
    if earliest_on <= today:
        return Signal(Light.FINE, "可以申请")
    return Signal(Light.WAITING, f"等待期，{month_day(earliest_on, today.year)}起可申请")


def _dated(due_at: datetime, due_on: date | None, now: datetime, watch: bool, calendar: WorkCalendar) -> Signal:
    """Return the light of a deadline; both instants are on the Shanghai clock."""
    # The end of a day is the next day's midnight and still belongs to the day it ends.
    day = due_on or (due_at - _TICK).date()
    today = now.date()
    hour = is_hour(due_at)
    if now >= due_at:
        return _late(day, today, watch, calendar, now - due_at if hour else None)
    if hour and due_at - now < _CLOSE:
        return Signal(Light.SOON, f"还有 {_length(due_at - now)}")
    if day == today:
        return Signal(Light.SOON, f"今日 {due_at:%H:%M} 到期" if hour else "今日到期")
    if day - today == _ONE:
        return Signal(Light.SOON, f"明日 {due_at:%H:%M} 到期" if hour else "明日到期")
    left = calendar.workdays_between(today, day)
    if left > SOON_WORKDAYS:
        return Signal(Light.FINE, Light.FINE.label)
    return Signal(Light.SOON, f"还有 {left} 个工作日" if left else f"还有 {(day - today).days} 天")


def _late(day: date, today: date, watch: bool, calendar: WorkCalendar, by: timedelta | None) -> Signal:
    """Say how late: the workdays after the due day through today; before the first, hours `by` which it passed."""
    light = Light.WATCH if watch else Light.LATE
    days = calendar.workdays_between(day, today)
    if days > 0:
        return Signal(light, f"{light.label} {days} 个工作日")
    return Signal(light, f"{light.label} {'不足1个工作日' if by is None else _length(by)}")


def _length(span: timedelta) -> str:
    """Return 35 分钟, 3 小时 10 分, 2 小时: whole minutes, begun ones left out."""
    hours, minutes = divmod(int(span.total_seconds()) // 60, 60)
    if not hours:
        return f"{minutes} 分钟" if minutes else "不足1分钟"
    return f"{hours} 小时 {minutes} 分" if minutes else f"{hours} 小时"


def last_day_within(today: date, workdays: int, calendar: WorkCalendar) -> date:
    """Return the last day with at most so many workdays after today through it."""
    return calendar.add_workdays(today, workdays + 1) - _ONE


def through(day: date) -> datetime:
    """Return the bound just past the end of a Shanghai day: that end itself lies below it, the next minute does not."""
    return (datetime.combine(day + _ONE, time(), SHANGHAI) + _TICK).astimezone(UTC)
