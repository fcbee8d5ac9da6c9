"""What the clock makes of the duties of places: late and due soon, by document and by unit.

The days that are over are taken from the sums of their days, the hours of today from the duties and dates themselves.
Statements are built once a shape.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Date,
    Select,
    Table,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    null,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from tracker.now import SHANGHAI
from tracker.rules.phases import Phase, day_of
from tracker.rules.workflow import ENDED
from tracker.store.core.base import UtcDateTime
from tracker.store.duties.lights import Moment
from tracker.store.models import DocumentDay, Duty, Milestone, UnitDay

_TICK = timedelta(microseconds=1)
PHASES = tuple(f"in_{phase.value}" for phase in Phase)  # the columns of the sums, in the order of `TallyClock.lights`
UNITS, DOCUMENTS, AHEAD = "unit", "document", "day"


def columns(model: type[Any]) -> Any:
    """Return the columns of a model's table: rows of them are read without its objects."""
    table: Table = model.__table__
    return table.c


_duty, _milestone = columns(Duty), columns(Milestone)
_document_day, _unit_day = columns(DocumentDay), columns(UnitDay)
_places: Any = bindparam("places", expanding=True)
_one: Any = bindparam("document")
_now: Any = bindparam("now", type_=UtcDateTime())
_today: Any = bindparam("today", type_=Date())
_LIVE = _duty.state != literal_column("'revoked'")
_none: Any = literal_column("0")


def _part(kind: str, key: Any, day: Any, *numbers: Any) -> Select[Any]:
    return select(
        literal_column(f"'{kind}'").label("kind"),
        key.label("id"),
        day.label("day"),
        *(number.label(name) for name, number in zip(("late", "soon", "missed"), numbers, strict=True)),
    )


_no_day = cast(null(), Date)


def _days_of_units(narrowed: bool) -> Select[Any]:
    if narrowed:  # so few that they are counted themselves, to the instant
        over = _duty.next_at <= _now
        part = _part(UNITS, _duty.unit_id, _no_day, _sum(over, 1), _sum(~over, 1), _none)
        due = _duty.next_at < bindparam("soon_until", type_=UtcDateTime())
        within = and_(_duty.jurisdiction_id.in_(_places), _duty.document_id == _one, _LIVE, due)
        return part.where(within).group_by(_duty.unit_id)
    past, number = _unit_day.day < _today, _unit_day.duties
    part = _part(UNITS, _unit_day.unit_id, _no_day, _sum(past, number), _sum(~past, number), _none)
    within = and_(_unit_day.jurisdiction_id.in_(_places), _unit_day.day <= bindparam("soon_on", type_=Date()))
    return part.where(within).group_by(_unit_day.unit_id)


def _sum(condition: Any, number: Any) -> Any:
    return func.sum(case((condition, number), else_=0))


@cache
def _days(narrowed: bool, wanted: tuple[str, ...]) -> CompoundSelect[Any]:
    """Return what is late and what is due soon, by document and by unit, and the days ahead, as wanted."""
    day = _document_day
    past, soon_on = day.day < _today, bindparam("soon_on", type_=Date())
    inside = and_(day.jurisdiction_id.in_(_places), day.document_id == _one if narrowed else true())
    sums = (_sum(past, day.duties), _sum(~past, day.duties), _sum(past, day.running))
    first, last = bindparam("first", type_=Date()), bindparam("last", type_=Date())
    parts = {
        DOCUMENTS: _part(DOCUMENTS, day.document_id, _no_day, *sums)
        .where(inside, day.day <= soon_on)
        .group_by(day.document_id),
        UNITS: _days_of_units(narrowed),
        AHEAD: _part(AHEAD, _none, day.day, func.sum(day.due), _none, _none)
        .where(inside, day.day >= first, day.day < last)
        .group_by(day.day),
    }
    return union_all(*(parts[name] for name in wanted))


@cache
def _hours(narrowed: bool) -> CompoundSelect[Any]:
    """Return what the clock has done today: ended hours, waiting periods that are over, other parties' lateness."""
    midnight = bindparam("midnight", type_=UtcDateTime())

    def part(kind: str, *where: Any, place: Any = _duty.jurisdiction_id, of: Any = _duty.document_id) -> Select[Any]:
        counted = select(
            literal_column(f"'{kind}'").label("kind"), _duty.document_id, _duty.unit_id, func.count().label("number")
        )
        inside = (place.in_(_places), _LIVE, of == _one if narrowed else true())
        return counted.where(*inside, *where).group_by(_duty.document_id, _duty.unit_id)

    runs = and_(
        _milestone.met_at.is_(None),
        _milestone.cancelled_at.is_(None),
        _milestone.submitted_at.is_(None),
        _milestone.paused_at.is_(None),
        _milestone.missed_at.is_(None),
        _milestone.first_due_at.is_not(None),
        _milestone.watch.is_(False),
    )
    return union_all(
        part("late", _duty.next_at > midnight, _duty.next_at <= _now),
        part("over", _duty.phase == literal_column("'waiting'"), _duty.earliest_on <= _today),
        part("watch", _duty.watch_at <= _now, _duty.state.not_in(ENDED)),
        part(
            "missed",
            _milestone.answering_duty_id == _duty.id,
            _milestone.due_at > midnight,
            _milestone.due_at <= _now,
            runs,
            # No column of an index: the few dates of today's hours are read first, then their duties by key.
            place=_duty.jurisdiction_id + 0,
            of=_duty.document_id + 0,
        ),
    )


class TallyClock:
    """What the clock makes of dated and waiting duties, by document and by unit."""

    def __init__(self) -> None:
        self.late: dict[tuple[str, int], int] = {}
        self.soon: dict[tuple[str, int], int] = {}
        self.over: dict[tuple[str, int], int] = {}
        self.due: dict[date, int] = {}
        self.missed = self.watched = 0

    def _read_days(self, rows: Iterable[Any]) -> None:
        for kind, key, day, late, soon, missed in rows:
            if kind == AHEAD:
                self.due[day] = self.due.get(day, 0) + late
                continue
            self.late[kind, key] = self.late.get((kind, key), 0) + late
            self.soon[kind, key] = self.soon.get((kind, key), 0) + soon
            self.missed += missed

    def _read_hours(self, rows: Iterable[Any], kinds: Sequence[str]) -> None:
        for kind, document_id, unit_id, number in rows:
            if kind == "watch":
                self.watched += number
            elif kind == "missed":
                self.missed += number
            for key in ((DOCUMENTS, document_id), (UNITS, unit_id)):
                if kind == "over":
                    self.over[key] = self.over.get(key, 0) + number
                elif kind == "late" and key[0] in kinds:
                    self.late[key] = self.late.get(key, 0) + number
                    self.soon[key] = self.soon.get(key, 0) - number

    def read(
        self,
        session: Session,
        moment: Moment,
        places: Iterable[int],
        wanted: tuple[str, ...],
        document_id: int | None = None,
        ahead: tuple[date, int] | None = None,
    ) -> None:
        """Read what is wanted of places, of one document where one is given; `ahead` is a day and how many from it."""
        narrowed, (first, days) = document_id is not None, ahead or (moment.today, 0)
        by_limit: dict[datetime, list[int]] = {}
        for place in places:
            by_limit.setdefault(moment.soon_by_place.get(place, moment.soon_until), []).append(place)
        asked: dict[str, Any] = {"document": document_id} if narrowed else {}
        asked |= {"now": moment.now, "today": moment.today, "first": first, "last": first + timedelta(days=days)}
        asked["midnight"] = datetime.combine(moment.today, time(), SHANGHAI)
        by_days = (DOCUMENTS,) if narrowed else (DOCUMENTS, UNITS)
        for limit, of in by_limit.items():
            asked |= {"places": of, "soon_until": limit, "soon_on": day_of(limit - _TICK)}
            self._read_days(session.execute(_days(narrowed, wanted), asked))
            self._read_hours(session.execute(_hours(narrowed), asked), by_days)

    def lights(self, key: tuple[str, int], phases: Sequence[int]) -> tuple[int, ...]:
        """Return a group's duties by light, in the order of `LIGHTS`, from their number in each phase."""
        dated, review, waiting, paused, undated, done = phases
        late, soon, over = self.late.get(key, 0), self.soon.get(key, 0), self.over.get(key, 0)
        return late, soon, dated - late - soon + review + over, waiting - over, paused, undated, done
