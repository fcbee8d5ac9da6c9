"""What lists of cases add up to: from the tally where it knows the filter, else from the cases, as far as a number."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, case, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from tracker.rules.lights import Light
from tracker.rules.phases import BEYOND, Phase
from tracker.store.cases.narrowing import (
    C,
    Shape,
    bind_moment,
    chosen,
    only_overseen,
    soon_ends,
    together,
    up_to_a_number,
    ways_of,
)
from tracker.store.core.actors import Actor
from tracker.store.duties.lights import Moment
from tracker.store.models import CaseTally, CaseType, CaseTypeVersion, Unit

# The lights a list of cases can be narrowed to, in the order they stand: a case always has its event, what waits is
# the period that has to pass.
CASE_LIGHTS = (Light.LATE, Light.WATCH, Light.SOON, Light.FINE, Light.WAITING, Light.HOLD, Light.NONE)
COUNTED = 1_000  # as far as a number is counted of what no tally knows
MOST_CHOICES = 500

_T: Any = CaseTally.__table__.c
_VERSIONS, _TYPES, _UNITS = CaseTypeVersion.__table__, CaseType.__table__, Unit.__table__
# Of which phases the tally's cases in a state are.
_OF_STATE = {
    None: tuple(Phase),
    "open": tuple(phase for phase in Phase if phase is not Phase.DONE),
    "paused": (Phase.PAUSED,),
    "closed": (Phase.DONE,),
}
_OF_LIGHT = {Light.HOLD: Phase.PAUSED, Light.NONE: Phase.UNDATED}
_TALLIED = frozenset({"of_type", "of_unit"})


@dataclass(frozen=True, slots=True)
class Totals:
    """What a list of cases adds up to, sums in 分; of a list that was not counted to its end there are no sums."""

    count: int
    owed_fen: int = 0
    refunded_fen: int = 0  # of the cases whose sum is known, so that owed less refunded is left
    beside_fen: int = 0  # refunded in cases whose sum is not known
    more: bool = False  # there are more than were counted

    @property
    def left_fen(self) -> int:
        return self.owed_fen - self.refunded_fen


def totals_of(session: Session, shape: Shape, bound: Mapping[str, Any], up_to: int = COUNTED) -> Totals:
    """Add up the cases of a shape, in full where the tally knows them."""
    if not shape.ways:
        return Totals(0)
    wanted = _OF_STATE.get(shape.state, tuple(Phase))
    if only_overseen(shape.ways) and _TALLIED.issuperset(shape.given) and shape.light in (None, *_OF_LIGHT):
        if shape.light is not None:
            wanted = tuple(phase for phase in wanted if phase is _OF_LIGHT[Light(shape.light)])
        rows = session.execute(_tallied(shape.ways, shape.given), bound).all()
        # A decimal where PostgreSQL added large numbers up.
        count, owed, refunded, beside = (
            sum(int(row[column]) for row in rows if row[0] in wanted) for column in range(1, 5)
        )
        return Totals(count, owed, refunded, beside)
    count, owed, refunded, beside = session.execute(_counted(shape), {**bound, "upto": up_to + 1}).one()
    if count > up_to:
        return Totals(up_to, more=True)
    return Totals(count, int(owed), int(refunded), int(beside))


@lru_cache(maxsize=256)
def _counted(shape: Shape) -> Select[Any]:
    return up_to_a_number(shape)


@lru_cache(maxsize=64)
def _tallied(ways: tuple[str, ...], given: tuple[str, ...]) -> Select[Any]:
    """Return, by phase, what the places' cases add up to: all of them, one unit's, or those of one type."""
    sums = (_T.number, _T.owed_fen, _T.refunded_fen, _T.beside_fen)
    found = select(_T.phase, *(func.sum(column) for column in sums)).where(_in_places(_T.jurisdiction_id, ways))
    if "of_unit" in given:
        found = found.where(_T.unit_id == bindparam("of_unit"))
    if "of_type" in given:
        versions = select(_VERSIONS.c.id).where(_VERSIONS.c.type_id == bindparam("of_type"))
        found = found.where(_T.type_version_id.in_(versions))
    return found.group_by(_T.phase)


def _in_places(column: Any, ways: tuple[str, ...]) -> Any:
    return or_(*(_among(column, way) for way in ways))


def _among(column: Any, way: str) -> Any:
    return column.in_(bindparam(way, expanding=True)) if way == "places" else column == bindparam(way)


# --- Lights ----------------------------------------------------------------------------------------------------------


def light_counts(session: Session, actor: Actor, moment: Moment) -> dict[Light, int]:
    """Count the open cases an actor may see by light, in one query; lights that no case has are left out."""
    ways, bound = ways_of(actor)
    if not ways:
        return {}
    own = tuple(bind_moment(moment, bound))
    if not only_overseen(ways):
        return {Light(lamp): number for lamp, number in session.execute(_lit_nearby(ways, own), bound)}
    counts: Counter[Light] = Counter()
    for name, number in session.execute(_lit_in_places(ways, own), bound):
        counts[Light(name)] += int(number or 0)
    # What is dated and neither late nor due soon is fine; so is what may be applied for by now.
    counts[Light.FINE] -= counts[Light.LATE] + counts[Light.WATCH] + counts[Light.SOON]
    over = counts.pop(Light.WAIT)
    counts[Light.FINE] += over
    counts[Light.WAITING] -= over
    return {lamp: number for lamp, number in counts.items() if number}


_PHASES = {
    Phase.DATED: Light.FINE, Phase.WAITING: Light.WAITING, Phase.PAUSED: Light.HOLD, Phase.UNDATED: Light.NONE,
}  # fmt: skip


@lru_cache(maxsize=64)
def _lit_in_places(ways: tuple[str, ...], own: tuple[int, ...]) -> Any:
    """Return the phases' numbers from the tally, and from the index those late, due soon and past their waiting."""
    now: Any = bindparam("now")
    here = _in_places(C.jurisdiction_id, ways)
    dated = (here, C.closed_at.is_(None), C.phase == Phase.DATED)
    late, watched = C.own_at <= now, C.watch_at <= now
    soon = and_(C.next_at > now, C.next_at < soon_ends(own))
    lamp = case((late, Light.LATE.value), (watched, Light.WATCH.value), (soon, Light.SOON.value))
    near = select(lamp.label("lamp")).where(*dated, C.next_at <= bindparam("soon_last")).subquery()
    waiting = select(func.count()).where(here, C.closed_at.is_(None), C.phase == Phase.WAITING)
    phase = case(*((_T.phase == phase, literal(light.value)) for phase, light in _PHASES.items()))
    return union_all(
        select(phase.label("lamp"), func.sum(_T.number))
        .where(_in_places(_T.jurisdiction_id, ways), _T.phase != Phase.DONE)
        .group_by(_T.phase),
        select(near.c.lamp, func.count()).where(near.c.lamp.is_not(None)).group_by(near.c.lamp),
        select(literal(Light.WAIT.value), waiting.where(C.earliest_on <= bindparam("today")).scalar_subquery()),
    )


@lru_cache(maxsize=64)
def _lit_nearby(ways: tuple[str, ...], own: tuple[int, ...]) -> Any:
    """Return the lights of the open cases of several ways, one after another."""
    now: Any = bindparam("now")
    lamp = case(
        (C.phase == Phase.PAUSED, literal(Light.HOLD.value)),
        (C.own_at <= now, literal(Light.LATE.value)),
        (C.watch_at <= now, literal(Light.WATCH.value)),
        (C.next_at < soon_ends(own), literal(Light.SOON.value)),
        (C.phase == Phase.DATED, literal(Light.FINE.value)),
        (C.earliest_on <= bindparam("today"), literal(Light.FINE.value)),
        (C.phase == Phase.WAITING, literal(Light.WAITING.value)),
        else_=literal(Light.NONE.value),
    )
    # The order of the ways' indexes: open cases stand before all closed ones.
    open_ones = [
        part.where(C.next_at <= BEYOND[Phase.DONE])
        for part in chosen(Shape(ways, state="open"), C.id, lamp.label("lamp"))
    ]
    found = together(open_ones)
    return select(found.c.lamp, func.count()).group_by(found.c.lamp)


# --- What can be chosen ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CaseChoices:
    """What the cases an actor may see can be narrowed to, by name."""

    types: list[tuple[int, str]]
    units: list[tuple[int, str]]
    accused: list[tuple[int, str]]  # the actor's own unit is none of them


def choices(session: Session, actor: Actor) -> CaseChoices:
    """Return the types, the handling units and the units complained of, of all the cases an actor may see."""
    ways, bound = ways_of(actor)
    found: dict[str, list[tuple[int, str]]] = {"type": [], "unit": [], "accused": []}
    if ways:
        bound["posts"] = sorted({post.unit_id for post in actor.posts})
        statement = _chosen_in_places(ways) if only_overseen(ways) else _chosen_nearby(ways)
        for kind, key, name in session.execute(statement, bound):
            found[kind].append((key, name))
    return CaseChoices(*(named[:MOST_CHOICES] for named in found.values()))


def _named(types: Any, units: Any, accused: Any) -> Any:
    named = union_all(
        select(literal("type").label("kind"), _TYPES.c.id, _TYPES.c.name).where(types),
        select(literal("unit"), _UNITS.c.id, _UNITS.c.name).where(units),
        select(literal("accused"), _UNITS.c.id, _UNITS.c.name).where(accused),
    ).subquery()
    return select(named).order_by(named.c.name)


@lru_cache(maxsize=64)
def _chosen_in_places(ways: tuple[str, ...]) -> Any:
    """Return them from the tally; a unit complained of by one look into the index for each unit there is."""
    tallied = (_in_places(_T.jurisdiction_id, ways), _T.number > 0)
    versions = select(_T.type_version_id).where(*tallied)
    complained_of = exists().where(_in_places(C.jurisdiction_id, ways), C.accused_unit_id == _UNITS.c.id)
    return _named(
        _TYPES.c.id.in_(select(_VERSIONS.c.type_id).where(_VERSIONS.c.id.in_(versions))),
        _UNITS.c.id.in_(select(_T.unit_id).where(*tallied)),
        and_(complained_of, _UNITS.c.id.not_in(bindparam("posts", expanding=True))),
    )


@lru_cache(maxsize=64)
def _chosen_nearby(ways: tuple[str, ...]) -> Any:
    columns = (C.type_version_id, C.unit_id, C.accused_unit_id)
    found = union_all(*chosen(Shape(ways), *columns)).cte("found")
    return _named(
        _TYPES.c.id.in_(select(_VERSIONS.c.type_id).where(_VERSIONS.c.id.in_(select(found.c.type_version_id)))),
        _UNITS.c.id.in_(select(found.c.unit_id)),
        and_(
            _UNITS.c.id.in_(select(found.c.accused_unit_id)),
            _UNITS.c.id.not_in(bindparam("posts", expanding=True)),
        ),
    )
