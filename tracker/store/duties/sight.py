"""The duties an actor may see, in parts that no two share, each read in the order of an index of its own.

It is `visible_duties` as statements built once: one part a place he oversees, one a unit he works in, and one for
what other units do in the tasks those lead.  A list lays the parts together, and its number is the sum of theirs;
asked as one condition, an officer's `own OR leads` would read every duty there is.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, bindparam, exists, literal_column, or_, select
from sqlalchemy.sql import ColumnElement

from tracker.rules.lights import Light
from tracker.rules.workflow import PARTITION, State, StateClass
from tracker.store.core.actors import Actor
from tracker.store.core.visible import OVERSEEING, OWN
from tracker.store.duties.lights import AskedMoment, is_lit
from tracker.store.duties.told import duty_was_told
from tracker.store.models import Document, Duty, DutyTally, Task

_duties: Any = Duty.__table__
_tallies: Any = DutyTally.__table__
_documents: Any = Document.__table__
_tasks: Any = Task.__table__
_leading = _duties.alias("leading")
Conditions = list[ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class DutyShape:
    """Which questions a list asks, without what it asks for: all that its statements depend on."""

    places: int
    units: int
    led: bool  # what others do in the tasks that one's units lead
    elsewhere: bool  # of units' parts: what lies in no place that is a part already
    own_only: bool = False
    jurisdiction: bool = False
    document: bool = False
    unit: bool = False
    role: bool = False
    words: bool = False
    told: bool = False  # of by one mail
    state: str | None = None
    light: str | None = None
    sort: str = "due"
    own_calendars: tuple[int, ...] = ()

    @property
    def revoked(self) -> bool:
        return self.state == State.REVOKED

    @property
    def states(self) -> tuple[State, ...]:
        if self.state is None:
            return ()
        return (State.REVOKED,) if self.revoked else PARTITION[StateClass(self.state)]


@dataclass(frozen=True, slots=True)
class Sight:
    """The places and units whose duties a list shows."""

    places: list[int]
    units: list[int]
    led: bool
    elsewhere: bool
    values: dict[str, Any]


def sight(actor: Actor, *, own_only: bool, revoked: bool, jurisdiction_id: int | None, unit_id: int | None) -> Sight:
    """Return which parts an actor's list has: what its filters leave none of is no part."""
    overseen, own = actor.jurisdictions(*OVERSEEING), actor.units(*OWN)
    values = {"own": sorted(own), "overseen": sorted(overseen)}
    places = overseen if jurisdiction_id is None else overseen & {jurisdiction_id}
    # Only who oversees a place sees what was revoked there.
    as_unit = not revoked and (jurisdiction_id is None or jurisdiction_id not in overseen)
    if own_only and not revoked:
        # All of them, in places one oversees as well.
        return Sight([], sorted(own if unit_id is None else own & {unit_id}), False, False, values)
    units = own if unit_id is None else own & {unit_id}
    return Sight(
        places=sorted(places),
        units=sorted(units) if as_unit else [],
        led=bool(own) and as_unit and unit_id not in own,
        elsewhere=bool(overseen) and jurisdiction_id is None,
        values=values,
    )


def of_words(text: str) -> ColumnElement[bool]:
    """Write a word of ours into a statement as it is: of a bound value an index would not know that it is its own."""
    return literal_column(f"'{text}'")


def live(row: Any) -> ColumnElement[bool]:
    return row.state != of_words(State.REVOKED.value)  # type: ignore[no-any-return]


def place_parts(shape: DutyShape) -> list[Conditions]:
    """Return the conditions of each part that is of a place."""
    row, found = _duties.c, []
    for n in range(shape.places):
        place: Any = bindparam(f"place_{n}", type_=row.jurisdiction_id.type)
        if shape.document:
            # A document is of one place: asked so, its own index is the only one that fits.
            here = select(_documents.c.id).where(
                _documents.c.id == bindparam("document_id"), _documents.c.jurisdiction_id == place
            )
            found.append([row.document_id == here.scalar_subquery()])
        elif shape.unit or shape.own_only:
            found.append([row.jurisdiction_id + 0 == place])  # no index of the place: that of the unit is to be read
        else:
            found.append([row.jurisdiction_id == place])
    if shape.states and not (shape.document or shape.unit):
        # One index holds a place's duties by state.
        return [[*part, row.state == of_words(state.value)] for part in found for state in shape.states]
    return found


def unit_parts(shape: DutyShape) -> list[Conditions]:
    """Return the conditions of each part that is of a unit the actor works in."""
    return [
        [_duties.c.unit_id == bindparam(f"unit_{n}", type_=_duties.c.unit_id.type), *_elsewhere(shape)]
        for n in range(shape.units)
    ]


def led_parts(shape: DutyShape) -> list[Conditions]:
    """Return the conditions of what other units do in the tasks that the actor's units lead."""
    if not shape.led:
        return []
    own = bindparam("own", expanding=True, type_=_duties.c.unit_id.type)
    leads = select(_leading.c.task_id).where(
        _leading.c.unit_id.in_(own), _leading.c.role == of_words("lead"), live(_leading.c)
    )
    return [[_duties.c.task_id.in_(leads), _duties.c.unit_id.not_in(own), *_elsewhere(shape)]]


def _elsewhere(shape: DutyShape) -> Conditions:
    return [_duties.c.jurisdiction_id.not_in(bindparam("overseen", expanding=True))] if shape.elsewhere else []


def narrowed(shape: DutyShape) -> Conditions:
    """Return what every part is narrowed by."""
    row = _duties.c
    found = of_keys(shape, row)
    if shape.light:
        found.append(is_lit(Light(shape.light), AskedMoment(shape.own_calendars), row))
    if shape.own_only and shape.places:
        found.append(row.unit_id.in_(bindparam("own", expanding=True)))
    if shape.told:
        found.append(duty_was_told())
    if shape.words:
        told = or_(_tasks.c.title.like(bindparam("like"), escape="/"), _tasks.c.key == bindparam("words"))
        found.append(exists().where(_tasks.c.id == row.task_id, told))
    return found


def of_keys(shape: DutyShape, row: Any) -> Conditions:
    """Return the narrowing by what a tally has keys of as well; `row` is its columns or the duties'."""
    found: Conditions = [] if shape.revoked else [live(row)]
    if shape.states:
        found.append(row.state.in_([of_words(state.value) for state in shape.states]))
    if shape.jurisdiction and (shape.units or shape.led):
        found.append(row.jurisdiction_id + 0 == bindparam("jurisdiction_id"))
    if shape.document:
        found.append(row.document_id == bindparam("document_id"))
    if shape.unit:
        found.append(row.unit_id == bindparam("unit_id"))
    if shape.role:
        found.append(row.role == bindparam("role"))
    return found


def tallied(shape: DutyShape) -> ColumnElement[bool] | None:
    """Return where the duties' tally has the places' and units' parts; None where it has no such key, or of none.

    A whole place has too many rows of it to add up: those of its documents say its number.
    """
    if unkeyed(shape):
        return None
    row, parts = _tallies.c, []
    if shape.places and not whole_places(shape):
        parts.append(row.jurisdiction_id.in_(bindparam("places", expanding=True)))
    if shape.units:
        of_units = row.unit_id.in_(bindparam("units", expanding=True))
        away = row.jurisdiction_id.not_in(bindparam("overseen", expanding=True))
        parts.append(and_(of_units, away) if shape.elsewhere else of_units)
    return and_(or_(*parts), *of_keys(shape, row)) if parts else None


def unkeyed(shape: DutyShape) -> bool:
    """Whether a list is narrowed by what no tally has a key of."""
    by_other = bool(shape.light or shape.words or shape.told or (shape.own_only and shape.places))
    return by_other or (whole_places(shape) and (shape.role or shape.revoked))


def whole_places(shape: DutyShape) -> bool:
    return bool(shape.places) and not (shape.document or shape.unit)
