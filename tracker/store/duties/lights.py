"""The two partitions of duties, by state and by light, as SQL: counting and filtering ask the same expression.

A duty carries its phase and its next due instant (rules/phases.py); each light is a range of that instant, so that one
index serves the order of a list and every narrowing of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, case, literal, literal_column, or_
from sqlalchemy.sql import ColumnElement

from tracker.now import SHANGHAI
from tracker.rules.lights import Light
from tracker.rules.phases import BEYOND, Phase
from tracker.rules.workflow import ENDED, PARTITION, State, StateClass
from tracker.store.models import Duty

# The classes in the order in which they stand on a page.
LIGHTS = (Light.LATE, Light.SOON, Light.FINE, Light.WAIT, Light.HOLD, Light.NONE, Light.DONE)
# What a list can be narrowed to: another party's lateness is a filter of its own, outside the partition.
NARROWING = (*LIGHTS, Light.WATCH)
# In the words of the partial indexes: a bound value would not be known to be theirs.
LIVE = Duty.state != literal_column("'revoked'")

OF_PHASE = {Phase.PAUSED: Light.HOLD, Phase.UNDATED: Light.NONE, Phase.DONE: Light.DONE}


@dataclass(frozen=True, slots=True)
class Moment:
    """The instant a list is read at, and where 临期 ends: by place where its calendar is its own."""

    now: datetime
    soon_until: datetime
    soon_by_place: Mapping[int, datetime] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return self.now.astimezone(SHANGHAI).date()

    @property
    def own(self) -> dict[int, datetime]:
        """The places whose 临期 ends at another instant than everywhere else."""
        return {j: until for j, until in self.soon_by_place.items() if until != self.soon_until}

    def soon(self, place: Any) -> Any:
        """Return the exclusive end of 临期 in a jurisdiction, given as a column."""
        own = self.own
        return case(own, value=place, else_=self.soon_until) if own else self.soon_until

    def before_soon_ends(self, at: Any, place: Any) -> Any:
        """Return whether an instant lies before 临期 ends in its place and, for an index, before it ends anywhere."""
        own = self.own
        if not own:
            return at < self.soon_until
        return and_(at < max(self.soon_until, *own.values()), at < self.soon(place))

    def after_soon_ends(self, at: Any, place: Any) -> Any:
        """Return the opposite and, for an index, whether it has ended anywhere."""
        own = self.own
        if not own:
            return at >= self.soon_until
        return and_(at >= min(self.soon_until, *own.values()), at >= self.soon(place))


def light(moment: Moment) -> ColumnElement[str]:
    """Return the light of a duty."""
    at = Duty.next_at
    over = Duty.earliest_on <= moment.today  # a waiting period that is over: 可以申请
    return case(
        (Duty.state == State.REVOKED, literal(Light.NONE.value)),
        (at <= moment.now, literal(Light.LATE.value)),
        (at < moment.soon(Duty.jurisdiction_id), literal(Light.SOON.value)),
        (at <= BEYOND[Phase.REVIEW], literal(Light.FINE.value)),
        (Duty.phase == Phase.WAITING, case((over, literal(Light.FINE.value)), else_=literal(Light.WAIT.value))),
        *((Duty.phase == phase, literal(lamp.value)) for phase, lamp in OF_PHASE.items()),
    )


def lamp(moment: Moment, place: int, state: State, phase: Phase, next_at: datetime, earliest_on: date | None) -> Light:
    """Return the light of a duty from what its row says."""
    if state is State.REVOKED:
        return Light.NONE
    if next_at <= moment.now:
        return Light.LATE
    if next_at < moment.soon_by_place.get(place, moment.soon_until):
        return Light.SOON
    if next_at <= BEYOND[Phase.REVIEW]:
        return Light.FINE
    if phase is Phase.WAITING:
        return Light.FINE if earliest_on is not None and earliest_on <= moment.today else Light.WAIT
    return OF_PHASE[phase]


def is_lit(lamp: Light, moment: Moment) -> ColumnElement[bool]:
    """Return the condition for one light, as ranges of the next due instant."""
    at, now = Duty.next_at, moment.now
    waits, over = at == BEYOND[Phase.WAITING], Duty.earliest_on <= moment.today
    match lamp:
        case Light.LATE:
            return at <= now
        case Light.SOON:
            return and_(at > now, moment.before_soon_ends(at, Duty.jurisdiction_id))
        case Light.FINE:
            dated = and_(moment.after_soon_ends(at, Duty.jurisdiction_id), at <= BEYOND[Phase.REVIEW])
            return or_(dated, and_(waits, over))
        case Light.WAIT:
            return and_(waits, or_(Duty.earliest_on.is_(None), Duty.earliest_on > moment.today))
        case Light.WATCH:
            return watch_overdue(moment.now)
    (phase,) = (p for p, lit in OF_PHASE.items() if lit is lamp)
    return at == BEYOND[phase]


def watch_overdue(now: datetime) -> ColumnElement[bool]:
    """Return whether another party's clock has run out (■ 对方逾期): beside the partition by light, not part of it."""
    return and_(Duty.watch_at <= now, not_ended())


def in_partition(name: StateClass) -> ColumnElement[bool]:
    """Return the condition for one class of the partition by state."""
    return Duty.state.in_(PARTITION[name])


def state_class() -> ColumnElement[str]:
    """Return the class of a duty in the partition by state."""
    return case(
        *((Duty.state.in_(states), literal(name.value)) for name, states in PARTITION.items()),
        else_=literal(State.REVOKED.value),
    )


def not_ended() -> ColumnElement[bool]:
    return Duty.state.not_in(ENDED)
