"""Which cases a list is of, as statements made once for each shape: the ways an actor sees cases, and the filters.

Every way is `visible_cases` for one of its reasons, narrowed by one equality that an index serves in the list's order;
tests/store/cases/test_narrowing.py holds both against each other for every kind of actor.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BindParameter, Select, and_, bindparam, case, exists, func, literal_column, or_, select, union
from sqlalchemy.sql import ColumnElement

from tracker.rules.lights import Light
from tracker.rules.phases import BEYOND, Phase
from tracker.rules.workflow import State
from tracker.store.core.actors import Actor
from tracker.store.core.searching import holding
from tracker.store.core.visible import OVERSEEING, OWN
from tracker.store.duties.lights import Moment
from tracker.store.duties.told import Told, case_was_told
from tracker.store.models import Case, CaseRecord, CaseTypeVersion, Duty, Referral, Task

C: Any = Case.__table__.c
_DUTIES, _TASKS, _RECORDS, _REFERRALS = (Duty.__table__, Task.__table__, CaseRecord.__table__, Referral.__table__)
_VERSIONS, _ANY = CaseTypeVersion.__table__, CaseRecord.__table__.alias("any_records")
MOST_WAYS = 8  # more posts than these are asked for together, and sorted


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What a list of cases is narrowed to; empty fields narrow nothing."""

    state: str | None = None  # open | paused | closed
    light: str | None = None
    words: str | None = None
    duty_id: int | None = None
    type_id: int | None = None
    unit_id: int | None = None
    accused_unit_id: int | None = None
    since: date | None = None  # happened on or after
    until: date | None = None  # happened on or before
    told: Told | None = None  # by one mail
    sort: str = "due"  # due | number | happened | owed


@dataclass(frozen=True, slots=True)
class Shape:
    """What decides the text of a statement: the ways, the filters that are given, their fixed words, the order."""

    ways: tuple[str, ...]
    given: tuple[str, ...] = ()
    state: str | None = None
    light: str | None = None
    sort: str = "due"
    backwards: bool = False
    own_soon: tuple[int, ...] = ()  # the places whose 临期 ends at another instant


def _bind(name: str, **kind: Any) -> BindParameter[Any]:
    return bindparam(name, **kind)


def _among(column: Any, name: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column.in_(_bind(name, expanding=True))
    return found


# --- The ways an actor sees cases ------------------------------------------------------------------------------------


def ways_of(actor: Actor) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Return the ways by name, and what they are bound to; none for who sees no case."""
    own, overseen = sorted(actor.units(*OWN)), sorted(actor.jurisdictions(*OVERSEEING))
    bound: dict[str, Any] = {}
    ways = [*_each("place", overseen, bound), *_each("unit", own, bound)]
    if own:
        ways += ["opened", "handed"]
        posts = sorted({post.unit_id for post in actor.posts})
        bound |= {"own": own, "posts": posts, "me": actor.user_id}
    return tuple(ways), bound


def _each(kind: str, ids: list[int], bound: dict[str, Any]) -> list[str]:
    if len(ids) > MOST_WAYS:
        bound[f"{kind}s"] = ids
        return [f"{kind}s"]
    bound |= {f"{kind}{n}": key for n, key in enumerate(ids)}
    return [f"{kind}{n}" for n in range(len(ids))]


def only_overseen(ways: tuple[str, ...]) -> bool:
    """Whether all that is seen is seen by overseeing places: then the tally knows it."""
    return bool(ways) and all(way.startswith("place") for way in ways)


def unconcerned_posts() -> ColumnElement[bool]:
    return or_(C.accused_unit_id.is_(None), ~_among(C.accused_unit_id, "posts"))


def conditions_of(name: str) -> list[ColumnElement[bool]]:
    """Return what an actor sees one way, bound as `ways_of` says."""
    if name.startswith("place"):
        return [_among(C.jurisdiction_id, name) if name == "places" else C.jurisdiction_id == _bind(name)]
    stopped = exists().where(_DUTIES.c.id == C.duty_id, _DUTIES.c.state == State.REVOKED)
    rest = [or_(C.duty_id.is_(None), ~stopped), unconcerned_posts()]
    if name == "opened":
        # The kind in the words of its index.  A unit that took in nothing is known before a case is looked at.
        taken = (_RECORDS.c.kind == literal_column("'intake'"), _among(_RECORDS.c.unit_id, "own"))
        ever = exists(select(_ANY.c.id).where(_ANY.c.kind == literal_column("'intake'"), _among(_ANY.c.unit_id, "own")))
        return [C.opened_by_id == _bind("me"), ever, exists().where(_RECORDS.c.case_id == C.id, *taken), *rest]
    if name == "handed":
        handed = select(_REFERRALS.c.case_id).where(
            _among(_REFERRALS.c.to_unit_id, "own"), _REFERRALS.c.returned_at.is_(None)
        )
        return [C.id.in_(handed), *rest]
    return [_among(C.unit_id, name) if name == "units" else C.unit_id == _bind(name), *rest]


# --- What a list is narrowed to --------------------------------------------------------------------------------------


def shape_of(actor: Actor, moment: Moment, wanted: CaseFilter) -> tuple[Shape, dict[str, Any]]:
    """Return the shape of what is asked for, and its values."""
    ways, bound = ways_of(actor)
    words = (wanted.words or "").strip()
    asked = {
        "duty": wanted.duty_id,
        "type": wanted.type_id,
        "unit": wanted.unit_id,
        "accused": wanted.accused_unit_id,
        "since": wanted.since,
        "until": wanted.until,
        "words": words or None,
        "told": wanted.told.mail if wanted.told else None,
    }
    given = {f"of_{name}": value for name, value in asked.items() if value is not None}
    bound |= given
    if wanted.told is not None:
        bound |= wanted.told.bound(actor)
    own: Mapping[int, Any] = {}
    if wanted.light:
        own = bind_moment(moment, bound)
    if words:
        bound["like"] = holding(words)
    if words or wanted.accused_unit_id is not None:
        bound["posts"] = sorted({post.unit_id for post in actor.posts})
    shape = Shape(ways, tuple(given), wanted.state, wanted.light, wanted.sort, own_soon=tuple(own))
    return shape, bound


def bind_moment(moment: Moment, bound: dict[str, Any]) -> Mapping[int, Any]:
    """Put the instant of a list among what is bound; return the places whose 临期 ends otherwise."""
    own = dict(sorted(moment.own.items()))
    bound |= {"now": moment.now, "today": moment.today, "soon": moment.soon_until}
    bound |= {f"soon{place}": until for place, until in own.items()}
    bound["soon_last"] = max([moment.soon_until, *own.values()])
    return own


def soon_ends(own: tuple[int, ...]) -> Any:
    """Return the exclusive end of 临期 in a case's place."""
    soon = _bind("soon", type_=C.next_at.type)
    each = {place: _bind(f"soon{place}", type_=C.next_at.type) for place in own}
    return case(each, value=C.jurisdiction_id, else_=soon) if each else soon


def lit(light: str, own: tuple[int, ...]) -> ColumnElement[bool]:
    """Return the condition for one light of a case, as ranges of its next instant."""
    now, soon, is_open = _bind("now"), soon_ends(own), C.closed_at.is_(None)
    dated = and_(is_open, C.phase == Phase.DATED)
    over = C.earliest_on <= _bind("today")
    match light:
        case Light.LATE:
            return and_(dated, C.next_at <= now, C.own_at <= now)
        case Light.WATCH:
            return and_(dated, C.next_at <= now, C.watch_at <= now, or_(C.own_at.is_(None), C.own_at > now))
        case Light.SOON:
            return and_(dated, C.next_at > now, C.next_at < _bind("soon_last"), C.next_at < soon)
        case Light.FINE:
            ahead = and_(C.phase == Phase.DATED, C.next_at > now, C.next_at >= soon)
            return and_(is_open, or_(ahead, and_(C.phase == Phase.WAITING, over)), C.next_at <= BEYOND[Phase.WAITING])
        case Light.WAITING:
            return and_(is_open, C.phase == Phase.WAITING, or_(C.earliest_on.is_(None), ~over))
        case Light.DONE:
            return and_(C.phase == Phase.DONE, C.next_at > BEYOND[Phase.DONE])
    return and_(is_open, C.phase == (Phase.PAUSED if light == Light.HOLD else Phase.UNDATED))


_STATES: dict[str | None, list[ColumnElement[bool]]] = {
    None: [],
    "open": [C.closed_at.is_(None)],
    "paused": [C.closed_at.is_(None), C.phase == Phase.PAUSED],
    "closed": [C.closed_at.is_not(None), C.next_at > BEYOND[Phase.DONE]],
}


def _holds_words() -> ColumnElement[bool]:
    like = _bind("like")
    task = exists().where(
        _TASKS.c.id == C.task_id, or_(_TASKS.c.title.like(like, escape="/"), _TASKS.c.key == _bind("of_words"))
    )
    told = or_(C.reference.like(like, escape="/"), C.firm.like(like, escape="/"))
    # A search must not tell the unit complained of whose complaint it is.
    return or_(C.number.like(like, escape="/"), task, and_(told, unconcerned_posts()))


_GIVEN: dict[str, Callable[[], ColumnElement[bool]]] = {
    "of_duty": lambda: C.duty_id == _bind("of_duty"),
    "of_type": lambda: C.type_version_id.in_(select(_VERSIONS.c.id).where(_VERSIONS.c.type_id == _bind("of_type"))),
    "of_unit": lambda: C.unit_id == _bind("of_unit"),
    "of_accused": lambda: and_(C.accused_unit_id == _bind("of_accused"), unconcerned_posts()),
    "of_since": lambda: C.happened_on >= _bind("of_since"),
    "of_until": lambda: C.happened_on <= _bind("of_until"),
    "of_words": _holds_words,
    "of_told": case_was_told,
}


def order_of(shape: Shape) -> list[Any]:
    """Return the order of a list; of the closed, which lie behind all open ones, the one closed last comes first."""
    falling = {"number": [C.id], "happened": [C.happened_at, C.id], "owed": [C.left_fen, C.id]}
    keys = falling.get(shape.sort, [C.next_at, C.id])
    return [key.desc() if (shape.sort in falling) is not shape.backwards else key.asc() for key in keys]


def chosen(shape: Shape, *columns: Any) -> list[Select[Any]]:
    """Return, for each way, the cases of a shape."""
    narrow = [_GIVEN[name]() for name in shape.given] + _STATES.get(shape.state, [])
    if shape.light:
        narrow.append(lit(shape.light, shape.own_soon))
    return [select(*columns).where(*conditions_of(way), *narrow) for way in shape.ways]


def together(parts: list[Select[Any]]) -> Any:
    """Return what several ways found, each case once, to be read as a table."""
    if len(parts) == 1:
        return parts[0].subquery("found")
    return union(*(select(part.subquery()) for part in parts)).subquery("found")


def first_ids(shape: Shape) -> Any:
    """Return a table of the keys on one page: `size` of them, after as many as `skip`, of each way `upto` at most."""
    if len(shape.ways) == 1:
        (only,) = chosen(shape, C.id)
        return only.order_by(*order_of(shape)).limit(_bind("size")).offset(_bind("skip")).subquery("found")
    parts = [part.order_by(*order_of(shape)).limit(_bind("upto")) for part in chosen(shape, C.id)]
    keys = select(C.id).where(C.id.in_(select(together(parts).c.id))).order_by(*order_of(shape))
    return keys.limit(_bind("size")).offset(_bind("skip")).subquery("found")


def up_to_a_number(shape: Shape, *columns: Any) -> Select[Any]:
    """Return a statement over at most `upto` cases of a shape: how many, and the sums of columns named by label."""
    parts = [part.limit(_bind("upto")) for part in chosen(shape, C.id, C.owed_fen, C.refunded_fen)]
    found = together(parts)
    known = found.c.owed_fen.is_not(None)
    return select(
        func.count(),
        func.coalesce(func.sum(found.c.owed_fen), 0),
        func.coalesce(func.sum(case((known, found.c.refunded_fen))), 0),
        func.coalesce(func.sum(case((~known, found.c.refunded_fen))), 0),
    )
