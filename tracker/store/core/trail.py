"""Reading the audit trail, newest first; far from its start page by page from one entry's key to the next."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, or_, select, union_all
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from tracker.rules.permissions import PlaceAction
from tracker.store.core.actors import Actor
from tracker.store.core.pages import PER_PAGE, page_bounds
from tracker.store.models import AuditEntry, Case, Unit, User

COUNTED = 1_000  # as far as entries are counted, and pages have numbers

_TABLE: Any = AuditEntry.__table__
_A, _CASES, _USERS, _UNITS = _TABLE.c, Case.__table__, User.__table__, Unit.__table__


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What the trail is narrowed to; `until` is exclusive."""

    verb: str | None = None
    login: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class TrailPlace:
    """Where in the trail a page lies: by its number, or beside an entry's key; after 0 are the oldest."""

    number: int = 1
    before: int | None = None
    after: int | None = None


@dataclass(frozen=True, slots=True)
class TrailRow:
    """One entry, with the names of who did it and for which unit."""

    id: int
    at: datetime
    verb: str
    subject: str
    subject_id: int | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    note: str | None
    actor: str | None
    unit: str | None


@dataclass(frozen=True, slots=True)
class TrailRows:
    """One page: its number and how many entries there are where anybody counted, and whether others lie around it."""

    rows: list[TrailRow]
    number: int | None
    total: int
    more: bool  # there are more than `total`
    earlier: bool
    later: bool


@dataclass(frozen=True, slots=True)
class _Shape:
    ways: tuple[str, ...]
    given: tuple[str, ...]
    beside: str | None = None  # before | after | None: by number


def list_audit(
    session: Session, actor: Actor, wanted: AuditFilter, place: TrailPlace | None = None, per_page: int = PER_PAGE
) -> TrailRows:
    """Return one page of the trail an auditor may read, newest first.

    Only 1,000 entries are counted; a page by a number beyond them is that of the oldest.
    """
    place, (shape, bound) = place or TrailPlace(), _asked(session, actor, wanted)
    if not shape.ways:
        return TrailRows([], 1, 0, more=False, earlier=False, later=False)
    if place.before is not None or place.after is not None:
        return _beside(session, shape, bound, place, per_page)
    total = session.scalar(_counted(shape), {**bound, "upto": COUNTED + 1}) or 0
    total, more = min(total, COUNTED), total > COUNTED
    if more and place.number * per_page > COUNTED:
        return _beside(session, shape, bound, TrailPlace(after=0), per_page)
    number, skip = page_bounds(total, place.number, per_page)
    rows = _read(session, shape, {**bound, "size": per_page, "skip": skip})
    return TrailRows(rows, number, total, more, earlier=more or skip + per_page < total, later=number > 1)


def _beside(session: Session, shape: _Shape, bound: dict[str, Any], place: TrailPlace, per_page: int) -> TrailRows:
    """Return the page next to an entry; one row more than it shows tells whether it is the last."""
    backwards = place.before is None
    shape = replace(shape, beside="after" if backwards else "before")
    key = place.after if backwards else place.before
    rows = _read(session, shape, {**bound, "key": key, "size": per_page + 1, "skip": 0})
    further, rows = len(rows) > per_page, rows[:per_page]
    if backwards:
        return TrailRows(rows[::-1], None, 0, more=True, earlier=key != 0, later=further)
    return TrailRows(rows, None, 0, more=True, earlier=further, later=True)


def _read(session: Session, shape: _Shape, bound: dict[str, Any]) -> list[TrailRow]:
    return [TrailRow(*row) for row in session.execute(_page(shape), {**bound, "upto": bound["skip"] + bound["size"]})]


def _asked(session: Session, actor: Actor, wanted: AuditFilter) -> tuple[_Shape, dict[str, Any]]:
    """Return the shape of what is asked for, and its values; no ways where nothing may be read or nobody is meant."""
    places = sorted(actor.places(PlaceAction.READ_TRAIL))
    bound: dict[str, Any] = {f"place{n}": place for n, place in enumerate(places)}
    ways = (*bound, "nowhere") if places else ()
    given = {"verb": wanted.verb, "since": wanted.since, "until": wanted.until}
    bound |= {name: value for name, value in given.items() if value}
    bound["posts"] = sorted({post.unit_id for post in actor.posts})
    if wanted.login and places:
        people = {f"person{n}": key for n, key in enumerate(session.scalars(_NAMED, {"who": wanted.login}))}
        ways, bound = tuple(people), {**bound, **people, "places": places}
    return _Shape(ways, tuple(name for name in given if name in bound)), bound


_NAMED = select(_USERS.c.id).where(or_(_USERS.c.login == bindparam("who"), _USERS.c.name == bindparam("who")))


# --- Statements, made once for each shape ----------------------------------------------------------------------------


def _way(name: str) -> ColumnElement[bool]:
    """Return what visible_audit gives for one reason: a place audited, none at all, or what one person did there."""
    of_none: ColumnElement[bool] = _A.jurisdiction_id.is_(None)
    if name.startswith("person"):
        audited = or_(of_none, _A.jurisdiction_id.in_(bindparam("places", expanding=True)))
        return and_(_A.actor_id == bindparam(name), audited)
    return of_none if name == "nowhere" else _A.jurisdiction_id == bindparam(name)


def _narrow(shape: _Shape) -> list[ColumnElement[bool]]:
    given: dict[str, Any] = {
        "verb": _A.verb == bindparam("verb"),
        "since": _A.at >= bindparam("since"),
        "until": _A.at < bindparam("until"),
    }
    beside = {"before": [_A.id < bindparam("key")], "after": [_A.id > bindparam("key")], None: []}[shape.beside]
    # The complaints about a unit are not for its own auditors: they are few, and found from the complaints.
    own = _TABLE.alias("own")
    complaints = select(_CASES.c.id).where(_CASES.c.accused_unit_id.in_(bindparam("posts", expanding=True)))
    about_own = select(own.c.id).where(own.c.subject == "case", own.c.subject_id.in_(complaints))
    return [*(given[name] for name in shape.given), *beside, _A.id.not_in(about_own)]


def _ways(shape: _Shape) -> Sequence[Select[Any]]:
    return [select(_A.id).where(_way(way), *_narrow(shape)) for way in shape.ways]


@lru_cache(maxsize=256)
def _counted(shape: _Shape) -> Select[Any]:
    parts = [select(part.limit(bindparam("upto")).subquery().c.id) for part in _ways(shape)]
    return select(func.count()).select_from(union_all(*parts).subquery())


@lru_cache(maxsize=256)
def _page(shape: _Shape) -> Select[Any]:
    """Return a page of a shape: of each way the keys in the order of its index, then what the entries say."""
    order = "asc" if shape.beside == "after" else "desc"
    parts = [part.order_by(getattr(_A.id, order)()).limit(bindparam("upto")).subquery() for part in _ways(shape)]
    every = union_all(*(select(part.c.id) for part in parts)).subquery("every")
    keys = select(every.c.id).order_by(getattr(every.c.id, order)()).limit(bindparam("size")).offset(bindparam("skip"))
    found = keys.subquery("found")
    lines = (
        _TABLE.join(found, _A.id == found.c.id)
        .outerjoin(_USERS, _A.actor_id == _USERS.c.id)
        .outerjoin(_UNITS, _A.unit_id == _UNITS.c.id)
    )
    columns = (_A.id, _A.at, _A.verb, _A.subject, _A.subject_id, _A.before, _A.after, _A.note)
    named = select(*columns, _USERS.c.name, _UNITS.c.name).select_from(lines)
    return named.order_by(getattr(_A.id, order)())
