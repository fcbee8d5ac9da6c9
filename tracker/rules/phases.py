"""Phases of duties and cases: what an act changes of their standing, and the instant a list puts them in order by.

逾期 and 临期 are no phases: the clock alone makes them, so they are ranges of `next_at`, asked when a page is read.
`next_at` is never empty.  Where no date runs it lies in a year of its phase's own, so that one index orders every
list and a dated phase ends where the others begin.  Pure.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from tracker.now import shanghai
from tracker.rules.labels import Labelled
from tracker.rules.workflow import State


class Phase(Labelled):
    """Where a duty or a case stands by its clocks."""

    DATED = "dated", "有时限"
    REVIEW = "review", "待审核"
    WAITING = "waiting", "待触发"  # an event, or the end of a waiting period
    PAUSED = "paused", "暂停"
    UNDATED = "undated", "无时限"
    DONE = "done", "办结"


def _year(number: int) -> datetime:
    return datetime(number, 1, 1, tzinfo=UTC)


# What is lit like a date far away, though none of its own runs: another party's clock that has no end yet shown.
WATCHED = _year(8000)
BEYOND = {phase: _year(8001 + n) for n, phase in enumerate(Phase)}
_LAST, _FIRST = _year(9990), _year(2000)
_TICK = timedelta(microseconds=1)

# What is left of a sum nobody knows: less than of any that is known.
NOTHING_KNOWN = -(10**18)


def left_of(owed_fen: int | None, refunded_fen: int) -> int:
    """Return what is owed and not yet refunded, in 分."""
    return NOTHING_KNOWN if owed_fen is None else owed_fen - refunded_fen


@dataclass(frozen=True, slots=True)
class RunningClocks:
    """What runs of a duty or a case: the nearest instants of its open milestones, and what else stands open."""

    own_at: datetime | None = None  # neither under review nor paused nor another party's
    watch_at: datetime | None = None  # another party's (对方)
    earliest_on: date | None = None
    under_review: bool = False
    paused: bool = False
    watched: bool = False


@dataclass(frozen=True, slots=True)
class Position:
    """A phase and the instant that orders it."""

    phase: Phase
    next_at: datetime


NOTHING_RUNS = RunningClocks()


def _beyond(phase: Phase) -> Position:
    return Position(phase, BEYOND[phase])


def position_of_duty(state: State, *, paused: bool, awaits_event: bool, running: RunningClocks) -> Position:
    """Return where a duty stands; the order of the questions is that of its light."""
    if state in (State.COMPLETED, State.CLOSED, State.REVOKED):
        return _beyond(Phase.DONE)
    if paused:
        return _beyond(Phase.PAUSED)
    if running.own_at is not None:
        return Position(Phase.DATED, running.own_at)
    if running.under_review:
        return _beyond(Phase.REVIEW)
    if running.paused:
        return _beyond(Phase.PAUSED)
    if running.watched:
        return Position(Phase.DATED, WATCHED)
    return _beyond(Phase.WAITING if running.earliest_on is not None or awaits_event else Phase.UNDATED)


def position_of_case(*, closed_at: datetime | None, paused: bool, running: RunningClocks) -> Position:
    """Return where a case stands; of the closed, the one closed last comes first."""
    if closed_at is not None:
        return Position(Phase.DONE, _LAST - (closed_at - _FIRST))
    nearest = min((at for at in (running.own_at, running.watch_at) if at is not None), default=None)
    if paused:
        return Position(Phase.PAUSED, nearest or BEYOND[Phase.PAUSED])
    if nearest is not None:
        return Position(Phase.DATED, nearest)
    return _beyond(Phase.WAITING if running.earliest_on is not None else Phase.UNDATED)


def day_of(at: datetime) -> date:
    """Return the day an instant ends with or lies in: a day's midnight still belongs to it."""
    return (shanghai(at) - _TICK).date()


@dataclass(frozen=True, slots=True)
class OpenDates:
    """How many of a duty's own open dates fall due on a day, and how many end on it and run."""

    due: int = 0
    running: int = 0

    def plus(self, due: int, running: int) -> "OpenDates":
        return OpenDates(self.due + due, self.running + running)


def write_days(days: Mapping[date, OpenDates]) -> str:
    """Return them as text, which is equal where they are: 2026-03-25 1 1;2026-04-25 2 0."""
    return ";".join(f"{day} {n.due} {n.running}" for day, n in sorted(days.items()) if n != OpenDates())


def read_days(text: str) -> Iterator[tuple[date, OpenDates]]:
    """Return what `write_days` wrote."""
    for part in text.split(";") if text else ():
        day, due, running = part.split(" ")
        yield date.fromisoformat(day), OpenDates(int(due), int(running))
