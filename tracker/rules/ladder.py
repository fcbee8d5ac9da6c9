"""The alert ladder (提醒阶梯): what is due to be said to whom.  Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from tracker.clock.calendar import WorkCalendar
from tracker.now import SHANGHAI, shanghai
from tracker.rules.lights import is_hour, last_day_within, soon_limit, through

WEEKLY_AFTER = 1
"""So many workdays on from its rung, by the end of a week, the next week says it again."""

OPENS, CLOSES = time(8, 30), time(17, 30)
"""Office hours (办公时间)."""

_TICK = timedelta(microseconds=1)
_ONE = timedelta(days=1)
_HOUR = timedelta(hours=1)


class Level(StrEnum):
    """One rung of the ladder; the value is its fragment in an alert's key."""

    ASSIGNED = "assigned"
    BEFORE_3 = "before3"
    BEFORE_1 = "before1"
    DAY = "day"
    HOUR = "hour"  # an hour deadline within the hour
    LATE_0 = "late0"  # an hour deadline has just passed
    LATE_1 = "late1"
    LATE_3 = "late3"  # told to the supervisors
    LATE_10 = "late10"  # told to the leaders
    UNSIGNED_2 = "unsigned2"  # nobody has signed for so many workdays: told to the unit
    UNSIGNED_3 = "unsigned3"  # its head
    UNSIGNED_5 = "unsigned5"  # the supervisors
    WEEKLY = "weekly"  # late or unsigned still: its key names the week
    AVAILABLE = "available"
    REFERRED = "referred"  # a case was handed to a unit, which has not signed
    CHANGED = "changed"  # a date was counted again
    CALENDAR = "calendar"  # next year's notice is not loaded
    # Outcomes: what somebody did that another waits for.
    SUBMITTED = "submitted"  # waits for review
    SENT_BACK = "sent_back"
    ACCEPTED = "accepted"
    EXTENSION_ASKED = "extension_asked"
    EXTENSION_DECIDED = "extension_decided"
    REGISTERED = "registered"  # a case was registered for a unit by somebody else
    RETURNED = "returned"  # a case was returned by the unit it was handed to


class Reader(StrEnum):
    """Whom a rung is for: the unit that has to act, its head, or who oversees its place."""

    UNIT = "unit"
    HEAD = "head"
    SUPERVISOR = "supervisor"
    LEADER = "leader"


LATE_RUNGS = {
    Reader.UNIT: Level.LATE_1,
    Reader.HEAD: Level.LATE_1,
    Reader.SUPERVISOR: Level.LATE_3,
    Reader.LEADER: Level.LATE_10,
}
"""The first rung of lateness each reader hears."""

UNSIGNED_RUNGS = {
    Reader.UNIT: Level.UNSIGNED_2,
    Reader.HEAD: Level.UNSIGNED_3,
    Reader.SUPERVISOR: Level.UNSIGNED_5,
}
"""The first rung each reader hears of what nobody signs for; leaders hear none."""

PRESSING = (Level.BEFORE_1, Level.DAY, Level.HOUR, Level.LATE_0)
"""What is said of an hour clock (a 2-hour order of 12345) at any time of any day: its hours do not wait either."""


@dataclass(frozen=True, slots=True)
class LadderBounds:
    """The ladder at one instant, as limits for one query: a level is reached where `due_at` < its bound.

    Bounds are aware UTC.  `before3` is the widest, so the sweep asks `due_at < before3` once and sorts the rows
    it gets with `levels_due`; waiting periods are over where `earliest_on` <= `today`.  `hour` and `now` bound only
    hour deadlines: within the hour, and past.  Those of `unsigned…` hold for the instant something was given to a unit.
    `weekly_…` bound what was on its rung well before this week, which began at `week_at` and is called `week`.
    """

    now: datetime
    today: date
    before3: datetime
    before1: datetime
    day: datetime
    late1: datetime
    late3: datetime
    late10: datetime
    weekly_late1: datetime
    weekly_late3: datetime
    unsigned2: datetime
    unsigned3: datetime
    unsigned5: datetime
    weekly_unsigned2: datetime
    weekly_unsigned3: datetime
    weekly_unsigned5: datetime
    hour: datetime
    week_at: datetime
    week: str

    def late_for(self, reader: Reader) -> tuple[datetime, datetime | None]:
        """Return from which due instants on a reader hears of lateness, and hears of it weekly, if he does."""
        if reader is Reader.LEADER:
            return self.late10, None
        if reader is Reader.SUPERVISOR:
            return self.late3, self.weekly_late3
        return self.late1, self.weekly_late1 if reader is Reader.UNIT else None

    def unsigned_for(self, reader: Reader) -> tuple[datetime, datetime]:
        """Return the same of the instants at which something was given that nobody has signed for."""
        if reader is Reader.SUPERVISOR:
            return self.unsigned5, self.weekly_unsigned5
        if reader is Reader.HEAD:
            return self.unsigned3, self.weekly_unsigned3
        return self.unsigned2, self.weekly_unsigned2


def bounds(now: datetime, calendar: WorkCalendar) -> LadderBounds:
    """Return the ladder's limits at `now`; ask once for each calendar, not for each clock."""
    today = shanghai(now).date()
    week_on = today - today.weekday() * _ONE
    iso = today.isocalendar()

    rung = {n: _rung(today, n, calendar) for n in (1, 2, 3, 5, 10)}
    # Its rung was said before the last workday of last week: not on Friday and on Monday again.
    weekly = {n: _rung(week_on - _ONE, n + WEEKLY_AFTER, calendar) for n in (1, 2, 3, 5)}
    return LadderBounds(
        now=now,
        today=today,
        before3=soon_limit(now, calendar),
        before1=through(last_day_within(today, 1, calendar)),
        day=through(today),
        late1=rung[1],
        late3=rung[3],
        late10=rung[10],
        weekly_late1=weekly[1],
        weekly_late3=weekly[3],
        # A day's end belongs to it where something is due, to the next day where something is given.
        unsigned2=rung[2] - _TICK,
        unsigned3=rung[3] - _TICK,
        unsigned5=rung[5] - _TICK,
        weekly_unsigned2=weekly[2] - _TICK,
        weekly_unsigned3=weekly[3] - _TICK,
        weekly_unsigned5=weekly[5] - _TICK,
        hour=now.astimezone(UTC) + _HOUR + _TICK,
        week_at=datetime.combine(week_on, time(), SHANGHAI).astimezone(UTC),
        week=f"{iso.year}-W{iso.week:02d}",
    )


def levels_due(
    *,
    now: datetime,
    calendar: WorkCalendar,
    due_at: datetime | None = None,
    earliest_on: date | None = None,
    met: bool = False,
    paused: bool = False,
    submitted: bool = False,
    limits: LadderBounds | None = None,
    reader: Reader = Reader.UNIT,
) -> tuple[Level, ...]:
    """Return what is due to be said to a reader for one milestone at `now`: its most severe level, or nothing.

    Chosen by state and not by instant: after a stop of the worker the present level is said and the missed ones are
    not; its key keeps it from being said twice.  The levels before and on the day end with the deadline itself; from
    then to the first workday after it nothing new is said of a day deadline.  An hour deadline (its `due_at` no
    midnight of Shanghai) is also said within its last hour, and at once when it has passed.  `limits` saves computing
    `bounds` for each row.  ASSIGNED belongs to a duty's publication and is not chosen here.
    """
    if met or paused or submitted:
        return ()
    at = limits or bounds(now, calendar)
    if due_at is None:
        return (Level.AVAILABLE,) if earliest_on is not None and earliest_on <= at.today else ()
    late, weekly = at.late_for(reader)
    if weekly is not None and due_at < weekly:
        return (Level.WEEKLY,)
    if due_at < late:
        return (LATE_RUNGS[reader],)
    if reader in (Reader.SUPERVISOR, Reader.LEADER):
        return ()
    hour = is_hour(due_at)
    if due_at <= at.now:
        return (Level.LATE_0,) if hour else ()
    if hour and due_at < at.hour:
        return (Level.HOUR,)
    for level, bound in ((Level.DAY, at.day), (Level.BEFORE_1, at.before1), (Level.BEFORE_3, at.before3)):
        if due_at < bound:
            return (level,)
    return ()


def unsigned_level(given_at: datetime, limits: LadderBounds, reader: Reader, *, headed: bool) -> Level | None:
    """Return what is due to be said to a reader of something given to a unit at an instant and not signed for.

    A unit that is `headed` is told once and its head weekly; one without a head is told weekly itself.
    """
    rung, weekly = limits.unsigned_for(reader)
    if given_at < weekly and not (headed and reader is Reader.UNIT):
        return Level.WEEKLY
    return UNSIGNED_RUNGS[reader] if given_at < rung else None


def fragment(level: Level, limits: LadderBounds) -> str:
    """Return a level's part of a key: weekly/2026-W48, else its value."""
    return f"{level}/{limits.week}" if level is Level.WEEKLY else str(level)


def office_open(now: datetime, calendar: WorkCalendar) -> bool:
    """Whether a place is at work (工作日 08:30-17:30): nothing leaves at other times, save of hour clocks."""
    local = shanghai(now)
    return calendar.is_workday(local.date()) and OPENS <= local.time() <= CLOSES


def alert_key(holder: str, level: Level | str, recipient: str, version: int | None = None) -> str:
    """Return an alert's unique key: duty17/assigned/u4, ms88/v2/late1/u4, ms88/v2/late1/unit7.

    `version` is that of the milestone's date: a changed date starts the ladder anew.  Raises ValueError for a part
    that would make two keys look alike.
    """
    if any(not part or "/" in part for part in (holder, recipient)) or not level:
        raise ValueError("a key's holder and recipient must be non-empty and free of '/'")
    middle = [] if version is None else [f"v{version}"]
    return "/".join([holder, *middle, str(level), recipient])


def _rung(day: date, workdays: int, calendar: WorkCalendar) -> datetime:
    """Return the bound of so many workdays late by a day: the latest so many workdays lie after the due day."""
    return through(_workday_back(day, workdays, calendar) - _ONE)


def _workday_back(day: date, amount: int, calendar: WorkCalendar) -> date:
    """Return the workday `amount` workdays back, the last one on or before `day` being the first."""
    return calendar.back_workdays(calendar.workday_on_or_before(day), amount - 1)
