"""A time limit as a rule that can be counted: plain values shared by the clock and its callers."""

from dataclasses import dataclass
from datetime import date, datetime, time

from tracker.rules.labels import Labelled


class ClockError(ValueError):
    """A rule or a date the clock cannot count; the message is Chinese and fit to be shown."""


class NeedsEvent(ClockError):
    """A relative rule was asked for its date before its event is known (待触发)."""


class IncompleteRule(ClockError):
    """A rule lacks what its kind needs: a date, an amount with its unit, or a readable rhythm."""


class OutOfReach(ClockError):
    """The date asked for lies beyond the years a date can hold."""


class Suspended(ClockError):
    """A period was asked for its date while it stands still (暂停): it has none until it is resumed."""


class Kind(Labelled):
    """The four kinds of time wording (时限类型)."""

    ABSOLUTE = "absolute", "固定日期"
    RELATIVE = "relative", "相对时限"
    RECURRING = "recurring", "周期"
    VALIDITY = "validity", "有效期"


class Sense(Labelled):
    """What the wording asks: by then, on that day, not before, or for that long."""

    WITHIN = "within", "期限内"
    ON = "on", "当日"
    NOT_BEFORE = "not_before", "期满后方可"
    SPAN = "span", "持续期间"


class CountUnit(Labelled):
    """The unit a period is counted in."""

    WORKDAY = "workday", "个工作日"
    DAY = "day", "日"
    HOUR = "hour", "小时"
    MINUTE = "minute", "分钟"
    WEEK = "week", "周"
    MONTH = "month", "个月"
    YEAR = "year", "年"


class DayOff(Labelled):
    """What happens when a date falls on a day off (休息日)."""

    AS_PRINTED = "as_printed", "按原文日期"
    NEXT = "next", "顺延至下一工作日"
    PREVIOUS = "previous", "提前至上一工作日"


@dataclass(frozen=True, slots=True)
class Rule:
    """One countable time limit.

    `due_on`/`date_from` serve absolute and validity rules; `amount`/`unit`/`direction` serve relative ones;
    `rrule` (RFC 5545, without DTSTART) serves recurring ones.  `counts_as_workday` with `article` says that a
    printed 日 counts as a working day by law.  `day_off` None means the law's default: a counted period moves to
    the next workday (民法典 203), a date written as such does not move, a reporting period without a printed day
    is due on its last workday.

    `direction` is after, before (开会15日前), or until: a window of that length up to its event (届满前30日内).
    A recurring rule may count each period's limit from its end (`offset`: 每季度终了后15日内; before it where the
    direction says so), or name the n-th workday of each (`nth_workday`: 每月前5个工作日内 is 5, the last one -1), which
    no part of RFC 5545 can say.  `due_time` is the printed hour of the due day (17:00前) on the Shanghai clock.
    """

    kind: Kind
    sense: Sense
    amount: int | None = None
    unit: CountUnit | None = None
    due_on: date | None = None
    date_from: date | None = None
    rrule: str | None = None
    direction: str = "after"
    counts_as_workday: bool = False
    article: str | None = None
    day_off: DayOff | None = None
    offset: tuple[int, CountUnit] | None = None
    nth_workday: int | None = None
    due_time: time | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One line of an explanation (为什么是这一天): what was decided about which day, and the article relied on."""

    text: str
    on: date | None = None
    article: str | None = None


@dataclass(frozen=True, slots=True)
class Suspension:
    """暂停: time a counted period leaves out (行政许可法 45, 政府信息公开条例 33), with its reason and authority.

    `start` and `end` are aware instants, `end` None while it lasts.  Days are left out by the half-open interval
    (day of start, day of end]: the day it begins on still counts, the day it ends on does not (民法典 201); hours by
    the instants themselves.  No period ends while it stands still, so one begun on the last day moves that day.
    """

    start: datetime
    end: datetime | None
    reason: str = ""
    authority: str = ""


@dataclass(frozen=True, slots=True)
class Resolved:
    """The date a rule gives: a due day with its exclusive end instant (aware UTC), or an earliest day.

    A day deadline has `due_on` and `due_at`, which is the day's end or the printed hour on it; an hour deadline
    `due_at` alone; a waiting period `earliest_on` alone; a window both days.
    `provisional` is set where a year without the State Council's notice was counted.
    """

    due_on: date | None
    due_at: datetime | None
    earliest_on: date | None
    provisional: bool
    explanation: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One period of a recurring rule: a running index from the first, a label (2026年11月), and its date."""

    index: int
    label: str
    resolved: Resolved
