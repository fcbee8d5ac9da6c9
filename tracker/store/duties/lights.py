"""The two partitions of duties, by state and by light, as SQL: counting and filtering ask the same expression.

A duty carries its phase and its next due instant (rules/phases.py); each light is a range of that instant, so that one
index serves the order of a list and every narrowing of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, Protocol

from sqlalchemy import Date, and_, bindparam, case, literal, literal_column, or_
from sqlalchemy.sql import ColumnElement

from tracker.now import SHANGHAI
from tracker.rules.lights import Light
from tracker.rules.phases import BEYOND, Phase
from tracker.rules.workflow import ENDED, State
from tracker.store.core.base import UtcDateTime
from tracker.store.models import Duty

# The classes in the order in which they stand on a page.
LIGHTS = (Light.LATE, Light.SOON, Light.FINE, Light.WAIT, Light.HOLD, Light.NONE, Light.DONE)
# What a list can be narrowed to: another party's lateness is a filter of its own, outside the partition.
NARROWING = (*LIGHTS, Light.WATCH)
# In the words of the partial indexes: a bound value would not be known to be theirs.
LIVE = Duty.state != literal_column("'revoked'")

OF_PHASE = {Phase.PAUSED: Light.HOLD, Phase.UNDATED: Light.NONE, Phase.DONE: Light.DONE}


class Instants(Protocol):
    """The instant a list is read at and where 临期 ends: values, or the parameters of a statement built once."""

    @property
    def now(self) -> Any: ...

    @property
    def today(self) -> Any: ...

    def soon(self, place: Any) -> Any:
        """Return the exclusive end of 临期 in a jurisdiction, given as a column."""

    def before_soon_ends(self, at: Any, place: Any) -> Any:
        """Return whether an instant lies before 临期 ends in its place and, for an index, before it ends anywhere."""

    def after_soon_ends(self, at: Any, place: Any) -> Any:
        """Return the opposite and, for an index, whether it has ended anywhere."""


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
        own = self.own
        return case(own, value=place, else_=self.soon_until) if own else self.soon_until

    def before_soon_ends(self, at: Any, place: Any) -> Any:
        own = self.own
        if not own:
            return at < self.soon_until
        return and_(at < max(self.soon_until, *own.values()), at < self.soon(place))

    def after_soon_ends(self, at: Any, place: Any) -> Any:
        own = self.own
        if not own:
            return at >= self.soon_until
        return and_(at >= min(self.soon_until, *own.values()), at >= self.soon(place))

    def values(self) -> dict[str, Any]:
        """Return what is sent with a statement built over `AskedMoment`."""
        own = self.own
        known = {"now": self.now, "today": self.today, "soon_until": self.soon_until}
        if own:
            known["soon_first"] = min(self.soon_until, *own.values())
            known["soon_last"] = max(self.soon_until, *own.values())
        return known | {f"soon_{place}": until for place, until in own.items()}


@dataclass(frozen=True)
class AskedMoment:
    """A moment of which is known only for which places 临期 ends at another instant; `Moment.values` are the rest."""

    own: tuple[int, ...] = ()

    @cached_property
    def now(self) -> Any:
        return _instant("now")

    @cached_property
    def today(self) -> Any:
        return bindparam("today", type_=Date())

    def soon(self, place: Any) -> Any:
        until = _instant("soon_until")
        return case({j: _instant(f"soon_{j}") for j in self.own}, value=place, else_=until) if self.own else until

    def before_soon_ends(self, at: Any, place: Any) -> Any:
        soon = at < self.soon(place)
        return and_(at < _instant("soon_last"), soon) if self.own else soon

    def after_soon_ends(self, at: Any, place: Any) -> Any:
        soon = at >= self.soon(place)
        return and_(at >= _instant("soon_first"), soon) if self.own else soon


def _instant(name: str) -> Any:
    return bindparam(name, type_=UtcDateTime())


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


def is_lit(lamp: Light, moment: Instants, duty: Any = Duty) -> ColumnElement[bool]:
    """Return the condition for one light, as ranges of the next due instant; `duty` is what has the columns."""
    at, now = duty.next_at, moment.now
    waits, over = at == BEYOND[Phase.WAITING], duty.earliest_on <= moment.today
    match lamp:
        case Light.LATE:
            return and_(at <= now)
        case Light.SOON:
            return and_(at > now, moment.before_soon_ends(at, duty.jurisdiction_id))
        case Light.FINE:
            dated = and_(moment.after_soon_ends(at, duty.jurisdiction_id), at <= BEYOND[Phase.REVIEW])
            # The first and the last that can be, once more, for an index.
            return and_(at > now, at <= BEYOND[Phase.WAITING], or_(dated, and_(waits, over)))
        case Light.WAIT:
            return and_(waits, or_(duty.earliest_on.is_(None), duty.earliest_on > moment.today))
        case Light.WATCH:
            return watch_overdue(now, duty)
    (phase,) = (p for p, lit in OF_PHASE.items() if lit is lamp)
    return and_(at == BEYOND[phase])


def watch_overdue(now: Any, duty: Any = Duty) -> ColumnElement[bool]:
    """Return whether another party's clock has run out (■ 对方逾期): beside the partition by light, not part of it."""
    return and_(duty.watch_at <= now, duty.state.not_in(ENDED))
