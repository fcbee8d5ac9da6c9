"""The supervisor's figures: kept sums by document, unit and day, each of which a list can show row by row.

Late and due soon are of the clock: the days that are over are taken from the sums of their days, the hours of today
from the duties themselves.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from tracker.rules.lights import Light
from tracker.rules.workflow import StateClass
from tracker.store.boards import figures
from tracker.store.core.actors import Actor
from tracker.store.core.pages import PER_PAGE, Page, page_bounds
from tracker.store.core.visible import OVERSEEING, OWN, visible_documents
from tracker.store.duties.clock import AHEAD, DOCUMENTS, PHASES, UNITS, TallyClock
from tracker.store.duties.lights import LIGHTS, Moment
from tracker.store.models import Document, DocumentState, MemberRole


@dataclass(frozen=True, slots=True)
class Scope:
    """What a dashboard is narrowed to."""

    jurisdiction_id: int | None = None
    document_id: int | None = None


@dataclass(frozen=True, slots=True)
class TallyGroup:
    """One document's or unit's duties by light, in the order of `LIGHTS`, under its id and name."""

    id: int
    name: str
    counts: tuple[int, ...]

    @property
    def lights(self) -> dict[Light, int]:
        return dict(zip(LIGHTS, self.counts, strict=True))

    @property
    def total(self) -> int:
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class OnTime:
    """Dates met by the first date each had, and by the one it has now, among all dates met or missed."""

    by_first: int
    by_current: int
    of: int

    def percent(self, met: int) -> int:
        """Return a share as a whole percentage, 100 only where none was missed."""
        return 100 if met == self.of else min(round(100 * met / self.of), 99)


@dataclass(frozen=True, slots=True)
class Board:
    """All figures of a scope: both partitions add up to the total, and so do the groups.

    `on_time` counts the units' dates that are decided: met, past and still open, or put off late; another party's
    never enter.  One that waits for review or stands still is not decided yet.  An extension or a recalculation moves
    the present date and leaves the first one, so its two counts differ by what was put off; what was late by then is
    in neither.
    """

    lights: dict[Light, int]
    states: dict[StateClass, int]
    documents: list[TallyGroup]  # newest first
    units: list[TallyGroup]  # the most overdue first
    on_time: OnTime
    due: dict[date, int]  # how many dates fall due on each of the days ahead
    watched: int  # whose other party is late (对方逾期)
    published: list[tuple[int, str]]  # all one oversees, whatever the scope

    @property
    def total(self) -> int:
        return sum(self.states.values())


# --- Reading ----------------------------------------------------------------------------------------------------------


def within(actor: Actor, scope: Scope) -> list[int]:
    """Return the places in scope that the actor oversees."""
    places = actor.jurisdictions(*OVERSEEING)
    return sorted(places if scope.jurisdiction_id is None else places & {scope.jurisdiction_id})


def _grouped(session: Session, scope: Scope, places: Sequence[int], clock: TallyClock) -> list[TallyGroup]:
    """Return the units of a scope, the most overdue first."""
    asked: Mapping[str, Any] = {"places": places}
    if scope.document_id is not None:
        asked = {**asked, "document": scope.document_id}
    found: dict[int, tuple[str, list[int]]] = {}
    for unit_id, name, *phases in session.execute(figures.units(scope.document_id is not None), asked):
        if unit_id in found:  # it answers for duties of several places
            phases = [a + b for a, b in zip(found[unit_id][1], phases, strict=True)]
        found[unit_id] = (name, phases)
    groups = [
        TallyGroup(i, name, clock.lights(("unit", i), phases)) for i, (name, phases) in found.items() if any(phases)
    ]
    late, soon = LIGHTS.index(Light.LATE), LIGHTS.index(Light.SOON)
    return sorted(groups, key=lambda g: (-g.counts[late], -g.counts[soon], -g.total, g.id))


def read_units(
    session: Session, actor: Actor, moment: Moment, scope: Scope, number: int = 1, per_page: int = PER_PAGE
) -> Page[TallyGroup]:
    """Return a page of the units in scope by light, the most overdue first."""
    places = within(actor, scope)
    clock = TallyClock()
    clock.read(session, moment, places, (UNITS,), scope.document_id)
    groups = _grouped(session, scope, places, clock)
    number, offset = page_bounds(len(groups), number, per_page)
    return Page(groups[offset : offset + per_page], number, len(groups), per_page)


def read_board(
    session: Session, actor: Actor, moment: Moment, scope: Scope, first: date | None = None, days: int = 0
) -> Board:
    """Return the figures of the published documents in scope, revoked duties left out, and the days from `first`."""
    places, overseen = within(actor, scope), actor.jurisdictions(*OVERSEEING)
    clock = TallyClock()
    clock.read(session, moment, places, (DOCUMENTS, UNITS, AHEAD), scope.document_id, (first or moment.today, days))
    n, c = len(PHASES), len(PHASES) + len(figures.CLASSES)
    documents: list[TallyGroup] = []
    published: list[tuple[int, str]] = []
    numbers_in_scope: list[Sequence[int]] = [(0,) * (c + len(figures.SUMS))]
    for document_id, title, state, place, *numbers in session.execute(figures.DOCUMENTS, {"places": sorted(overseen)}):
        if state is DocumentState.PUBLISHED:
            published.append((document_id, title))
        if place in places and scope.document_id in (None, document_id) and any(numbers[:n]):
            documents.append(TallyGroup(document_id, title, clock.lights((DOCUMENTS, document_id), numbers[:n])))
            numbers_in_scope.append(numbers)
    totals = [sum(column) for column in zip(*numbers_in_scope, strict=True)]
    sums = totals[c:]
    if actor.units(*OWN):
        published = _published(session, actor)
    return Board(
        lights=_added(documents),
        states=dict(zip(StateClass, totals[n:c], strict=True)),
        documents=documents,
        units=_grouped(session, scope, places, clock),
        on_time=OnTime(by_first=sums[1], by_current=sums[2], of=sums[0] + clock.missed),
        due=clock.due,
        watched=clock.watched,
        published=published,
    )


def _added(groups: Iterable[TallyGroup]) -> dict[Light, int]:
    counts = [(0,) * len(LIGHTS), *(group.counts for group in groups)]
    return dict(zip(LIGHTS, map(sum, zip(*counts, strict=True)), strict=True))


def _published(session: Session, actor: Actor) -> list[tuple[int, str]]:
    """Return id and title of the published documents an actor may see, newest first."""
    rows = session.execute(
        visible_documents(actor)
        .where(Document.state == DocumentState.PUBLISHED)
        .with_only_columns(Document.id, Document.title)
        .order_by(Document.id.desc())
    )
    return [(row[0], row[1]) for row in rows]


# --- Beside the figures -----------------------------------------------------------------------------------------------


def unreachable(session: Session, actor: Actor) -> list[tuple[int, str]]:
    """Return id and name of the units that nobody could be told of (无人可通知), each once."""
    places = sorted(actor.jurisdictions(MemberRole.SUPERVISOR))
    return [(row[0], row[1]) for row in session.execute(figures.UNREACHABLE, {"places": places})] if places else []


def overseen_jurisdictions(session: Session, actor: Actor) -> list[tuple[int, str]]:
    """Return id and name of the places an actor oversees, to choose between; none where there is no choice."""
    places = sorted(actor.jurisdictions(*OVERSEEING))
    return (
        [(row[0], row[1]) for row in session.execute(figures.OVERSEEN, {"places": places})] if len(places) > 1 else []
    )
