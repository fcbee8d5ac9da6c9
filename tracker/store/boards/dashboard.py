"""The supervisor's figures: grouped counts of duties, each of which a list can show row by row."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from tracker.rules.lights import Light
from tracker.rules.workflow import State, StateClass
from tracker.store.core.actors import Actor
from tracker.store.core.pages import PER_PAGE, Page, count, page_bounds
from tracker.store.core.visible import OVERSEEING, visible_documents, visible_duties
from tracker.store.duties.lights import LIGHTS, LIVE, Moment, light, state_class, watch_overdue
from tracker.store.models import (
    Alert,
    AlertState,
    Document,
    DocumentState,
    Duty,
    Jurisdiction,
    MemberRole,
    Milestone,
    MilestoneDate,
    Task,
    Unit,
)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a dashboard is narrowed to."""

    jurisdiction_id: int | None = None
    document_id: int | None = None


@dataclass(slots=True)
class Tally:
    """Counts of duties by light and by state; both add up to the total."""

    lights: dict[Light, int] = field(default_factory=lambda: dict.fromkeys(LIGHTS, 0))
    states: dict[StateClass, int] = field(default_factory=lambda: dict.fromkeys(StateClass, 0))

    @property
    def total(self) -> int:
        return sum(self.states.values())

    def add(self, lamp: str, state: str, number: int) -> None:
        self.lights[Light(lamp)] += number
        self.states[StateClass(state)] += number


@dataclass(frozen=True, slots=True)
class TallyGroup:
    """One document's or unit's tally, under its id and name."""

    id: int
    name: str
    tally: Tally


def _duties(actor: Actor, scope: Scope) -> Select[Any]:
    """Duties of published documents in the jurisdictions the actor oversees, revoked ones left out."""
    query = visible_duties(actor).where(LIVE, Duty.jurisdiction_id.in_(actor.jurisdictions(*OVERSEEING)))
    if scope.jurisdiction_id is not None:
        query = query.where(Duty.jurisdiction_id == scope.jurisdiction_id)
    if scope.document_id is not None:
        query = query.where(Duty.document_id == scope.document_id)
    return query


def tally(session: Session, actor: Actor, moment: Moment, scope: Scope) -> Tally:
    """Count the duties in scope by light and by state, in one query."""
    lamp, state = light(moment), state_class()
    rows = session.execute(_duties(actor, scope).with_only_columns(lamp, state, func.count()).group_by(lamp, state))
    found = Tally()
    for row in rows:
        found.add(*row)
    return found


def watched_late(session: Session, actor: Actor, moment: Moment, scope: Scope) -> int:
    """Count the duties whose other party is late (对方逾期)."""
    return count(session, _duties(actor, scope).where(watch_overdue(moment.now)))


def by_document(session: Session, actor: Actor, moment: Moment, scope: Scope) -> list[TallyGroup]:
    """Tally the duties of each document in scope, newest document first."""
    rows = _grouped(session, actor, moment, scope, [Document.id, Document.title])
    groups = _collect(rows)
    return sorted(groups, key=lambda g: -g.id)


def by_unit(
    session: Session, actor: Actor, moment: Moment, scope: Scope, number: int = 1, per_page: int = PER_PAGE
) -> Page[TallyGroup]:
    """Tally the duties of each unit in scope, the most overdue first, a page at a time."""
    rows = _grouped(session, actor, moment, scope, [Unit.id, Unit.name], with_unit=True)
    groups = sorted(
        _collect(rows), key=lambda g: (-g.tally.lights[Light.LATE], -g.tally.lights[Light.SOON], -g.tally.total, g.id)
    )
    number, offset = page_bounds(len(groups), number, per_page)
    return Page(groups[offset : offset + per_page], number, len(groups), per_page)


def _grouped(
    session: Session, actor: Actor, moment: Moment, scope: Scope, keys: Sequence[Any], with_unit: bool = False
) -> Sequence[Any]:
    lamp, state = light(moment), state_class()
    query = _duties(actor, scope)
    if with_unit:
        query = query.join(Unit, Duty.unit_id == Unit.id)
    return session.execute(query.with_only_columns(*keys, lamp, state, func.count()).group_by(*keys, lamp, state)).all()


def _collect(rows: Sequence[Any]) -> list[TallyGroup]:
    groups: dict[int, TallyGroup] = {}
    for key, name, lamp, state, number in rows:
        groups.setdefault(key, TallyGroup(key, name, Tally())).tally.add(lamp, state, number)
    return list(groups.values())


@dataclass(frozen=True, slots=True)
class OnTime:
    """Dates met by the first date each had, and by the one it has now, among all dates met or missed."""

    by_first: int
    by_current: int
    of: int

    def percent(self, met: int) -> int:
        """Return a share as a whole percentage, 100 only where none was missed."""
        return 100 if met == self.of else min(round(100 * met / self.of), 99)


def on_time(session: Session, actor: Actor, moment: Moment, scope: Scope) -> OnTime:
    """Count the units' dates that are decided: met, past and still open, or put off late; another party's never enter.

    One that waits for review or stands still is not decided yet.  An extension or a recalculation moves the present
    date and leaves the first one, so the two counts differ by what was put off; what was late by then is in neither.
    """
    duties = _duties(actor, scope).with_only_columns(Duty.id)
    missed = and_(Milestone.due_at <= moment.now, Milestone.submitted_at.is_(None), Milestone.paused_at.is_(None))
    row = session.execute(
        select(
            func.count(),
            func.count().filter(Milestone.met_at < MilestoneDate.due_at),
            func.count().filter(Milestone.met_at < Milestone.due_at, Milestone.missed_at.is_(None)),
        )
        .join(MilestoneDate, (MilestoneDate.milestone_id == Milestone.id) & (MilestoneDate.version == 1))
        .where(Milestone.cancelled_at.is_(None), Milestone.watch.is_(False))
        .where(MilestoneDate.due_at.is_not(None), Milestone.due_at.is_not(None))
        .where(or_(Milestone.met_at.is_not(None), missed, Milestone.missed_at.is_not(None)))
        .where(Milestone.answering_duty_id.in_(duties))
    ).one()
    return OnTime(of=row[0], by_first=row[1], by_current=row[2])


def due_days(session: Session, actor: Actor, scope: Scope, first: date, days: int) -> dict[date, int]:
    """Count the open milestones due on each of the coming days."""
    duties = _duties(actor, scope).with_only_columns(Duty.id)
    rows = session.execute(
        select(Milestone.due_on, func.count())
        .where(Milestone.met_at.is_(None), Milestone.cancelled_at.is_(None), Milestone.submitted_at.is_(None))
        .where(Milestone.due_on >= first, Milestone.due_on < first + timedelta(days=days))
        .where(Milestone.watch.is_(False), Milestone.answering_duty_id.in_(duties))
        .group_by(Milestone.due_on)
    )
    return {day: number for day, number in rows if day is not None}


def unreachable(session: Session, actor: Actor) -> list[Unit]:
    """Return the units that nobody could be told of (无人可通知), each once."""
    return list(
        session.scalars(
            select(Unit)
            .where(
                Unit.id.in_(select(Alert.unit_id).where(Alert.state == AlertState.UNREACHABLE)),
                Unit.jurisdiction_id.in_(actor.jurisdictions(MemberRole.SUPERVISOR)),
            )
            .order_by(Unit.name)
        )
    )


def overseen_jurisdictions(session: Session, actor: Actor) -> list[Jurisdiction]:
    """Return the jurisdictions an actor oversees, by name."""
    ids = actor.jurisdictions(*OVERSEEING)
    return list(session.scalars(select(Jurisdiction).where(Jurisdiction.id.in_(ids)).order_by(Jurisdiction.id)))


def published_documents(session: Session, actor: Actor) -> list[tuple[int, str]]:
    """Return id and title of the published documents an actor may see, newest first."""
    rows = session.execute(
        visible_documents(actor)
        .where(Document.state == DocumentState.PUBLISHED)
        .with_only_columns(Document.id, Document.title)
        .order_by(Document.id.desc())
    )
    return [(row[0], row[1]) for row in rows]


def submitted(session: Session, actor: Actor, number: int = 1, per_page: int = PER_PAGE) -> Page[Duty]:
    """Return the duties that wait for review, the longest waiting first."""
    query = visible_duties(actor).where(
        Duty.state == State.SUBMITTED, Document.jurisdiction_id.in_(actor.jurisdictions(MemberRole.SUPERVISOR))
    )
    total = count(session, query)
    number, offset = page_bounds(total, number, per_page)
    rows = session.scalars(
        query.options(contains_eager(Duty.task).contains_eager(Task.document), joinedload(Duty.unit))
        .order_by(Duty.submitted_at, Duty.id)
        .offset(offset)
        .limit(per_page)
    )
    return Page(list(rows), number, total, per_page)
