"""The two partitions of duties, by state and by light, as SQL: counting and filtering ask the same expression."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Subquery, and_, case, func, literal, select
from sqlalchemy.sql import ColumnElement

from tracker.now import SHANGHAI
from tracker.rules.lights import Light
from tracker.rules.workflow import ENDED, PARTITION, State, StateClass
from tracker.store.models import Document, Duty, Milestone

# The classes in the order in which they stand on a page.
LIGHTS = (Light.LATE, Light.SOON, Light.FINE, Light.WAIT, Light.HOLD, Light.NONE, Light.DONE)
# What a list can be narrowed to: another party's lateness is a filter of its own, outside the partition.
NARROWING = (*LIGHTS, Light.WATCH)


@dataclass(frozen=True, slots=True)
class Moment:
    """The instant a list is read at, and where 临期 ends: by place where its calendar is its own."""

    now: datetime
    soon_until: datetime
    soon_by_place: Mapping[int, datetime] = field(default_factory=dict)

    def soon(self, place: Any) -> Any:
        """Return the exclusive end of 临期 in a jurisdiction, given as a column."""
        own = {j: until for j, until in self.soon_by_place.items() if until != self.soon_until}
        return case(own, value=place, else_=self.soon_until) if own else self.soon_until


@dataclass(frozen=True, slots=True)
class OpenClocks:
    """The open dates of every duty, one row a duty, as a subquery to join."""

    rows: Subquery

    @property
    def due_at(self) -> ColumnElement[datetime | None]:
        return self.rows.c.due_at

    def join(self, query: Select[Duty]) -> Select[Duty]:
        return query.outerjoin(self.rows, self.rows.c.duty_id == Duty.id)


def clock() -> OpenClocks:
    """Return, for each duty with an open milestone, its nearest own due instant and what else runs.

    A milestone under review or paused counts for neither overdue nor soon; another party's (watch) never enters.
    """
    runs = Milestone.paused_at.is_(None)
    counting = and_(Milestone.submitted_at.is_(None), runs, Milestone.watch.is_(False))
    rows = (
        select(
            Milestone.answering_duty_id.label("duty_id"),
            func.min(case((counting, Milestone.due_at))).label("due_at"),
            func.min(case((and_(Milestone.watch.is_(True), runs), Milestone.due_at))).label("watch_due_at"),
            func.max(case((Milestone.paused_at.is_not(None), 1), else_=0)).label("paused"),
            func.min(case((runs, Milestone.earliest_on))).label("earliest_on"),
            func.max(case((Milestone.submitted_at.is_not(None), 1), else_=0)).label("under_review"),
            func.max(case((and_(Milestone.watch.is_(True), runs), 1), else_=0)).label("watched"),
        )
        .where(Milestone.met_at.is_(None), Milestone.cancelled_at.is_(None))
        .group_by(Milestone.answering_duty_id)
        .subquery("clock")
    )
    return OpenClocks(rows)


def light(clock: OpenClocks, moment: Moment) -> ColumnElement[str]:
    """Return the light of a duty joined to `clock` and to its Document."""
    c, now = clock.rows.c, moment.now
    return case(
        (Duty.state.in_((State.COMPLETED, State.CLOSED)), literal(Light.DONE.value)),
        (Duty.paused_at.is_not(None), literal(Light.HOLD.value)),
        (c.due_at <= now, literal(Light.LATE.value)),
        (c.due_at < moment.soon(Document.jurisdiction_id), literal(Light.SOON.value)),
        (c.due_at.is_not(None), literal(Light.FINE.value)),
        (c.under_review == 1, literal(Light.FINE.value)),
        (c.paused == 1, literal(Light.HOLD.value)),
        (c.watched == 1, literal(Light.FINE.value)),
        # A waiting period that is over: 可以申请.
        (c.earliest_on <= now.astimezone(SHANGHAI).date(), literal(Light.FINE.value)),
        (c.earliest_on.is_not(None), literal(Light.WAIT.value)),
        (Duty.awaits_event.is_(True), literal(Light.WAIT.value)),
        else_=literal(Light.NONE.value),
    )


def watch_overdue(clock: OpenClocks, now: datetime) -> ColumnElement[bool]:
    """Return whether another party's clock has run out (■ 对方逾期): beside the partition by light, not part of it."""
    return and_(clock.rows.c.watch_due_at <= now, not_ended())


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
