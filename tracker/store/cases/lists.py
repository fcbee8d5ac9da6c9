"""Lists of cases (办件): what they are narrowed to, how they are lit and what they add up to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, and_, case, func, literal, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload
from sqlalchemy.sql import ColumnElement

from tracker.rules.lights import Light
from tracker.rules.phases import Phase
from tracker.store.core.actors import Actor
from tracker.store.core.pages import PER_PAGE, Page, count, page_bounds
from tracker.store.core.visible import unconcerned, visible_cases
from tracker.store.duties.lights import Moment
from tracker.store.duties.told import Told, case_was_told
from tracker.store.models import (
    Case,
    CaseStep,
    CaseType,
    CaseTypeVersion,
    Milestone,
    Task,
    Unit,
)

# The lights a list of cases can be narrowed to, in the order they stand: a case always has its event, what waits is
# the period that has to pass.
CASE_LIGHTS = (Light.LATE, Light.WATCH, Light.SOON, Light.FINE, Light.WAITING, Light.HOLD, Light.NONE)
MOST_CHOICES = 500


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
class CaseRow:
    """One line of a list: the case (type, task, unit loaded) and the date of its first open step, else its last."""

    case: Case
    milestone: Milestone | None


@dataclass(frozen=True, slots=True)
class Totals:
    """What a list of cases adds up to, sums in 分."""

    count: int
    owed_fen: int
    refunded_fen: int  # of the cases whose sum is known, so that owed less refunded is left
    beside_fen: int  # refunded in cases whose sum is not known

    @property
    def left_fen(self) -> int:
        return self.owed_fen - self.refunded_fen


def list_cases(
    session: Session, actor: Actor, moment: Moment, wanted: CaseFilter, number: int = 1, per_page: int = PER_PAGE
) -> Page[CaseRow]:
    """Return one page of the cases an actor may see: open ones first, by date; then the closed, newest first."""
    query = _narrow(_listed(actor), actor, moment, wanted)
    total = count(session, query)
    number, offset = page_bounds(total, number, per_page)
    ordered = query.order_by(*_order(wanted.sort))
    loaded = ordered.options(
        contains_eager(Case.task),
        contains_eager(Case.duty),
        joinedload(Case.unit),
        joinedload(Case.accused_unit),
        joinedload(Case.type_version).joinedload(CaseTypeVersion.type),
    )
    cases = session.scalars(loaded.offset(offset).limit(per_page)).all()
    clocks = clocks_of_cases(session, [c.id for c in cases])
    return Page([CaseRow(c, clocks.get(c.id)) for c in cases], number, total, per_page)


def _listed(actor: Actor) -> Select[Case]:
    return visible_cases(actor).outerjoin(Task, Case.task_id == Task.id)


def _order(sort: str) -> list[Any]:
    orders: dict[str, list[Any]] = {
        "number": [Case.id.desc()],
        "happened": [Case.happened_at.desc(), Case.id.desc()],
        "owed": [Case.owed_fen.is_(None), (Case.owed_fen - Case.refunded_fen).desc(), Case.id.desc()],
    }
    # Of a closed case it is behind every open one's, the nearer the later it was closed.
    return orders.get(sort, [Case.next_at, Case.id])


def totals(session: Session, actor: Actor, moment: Moment, wanted: CaseFilter) -> Totals:
    """Add up the cases of a filtered list: how many, what is owed, what was refunded (分)."""
    sums = _narrow(_listed(actor), actor, moment, wanted).with_only_columns(
        func.count(),
        func.coalesce(func.sum(Case.owed_fen), 0),
        func.coalesce(func.sum(case((Case.owed_fen.is_not(None), Case.refunded_fen))), 0),
        func.coalesce(func.sum(case((Case.owed_fen.is_(None), Case.refunded_fen))), 0),
    )
    row = session.execute(sums.order_by(None)).one()
    return Totals(*(int(number or 0) for number in row))


def light_counts(session: Session, actor: Actor, moment: Moment) -> dict[Light, int]:
    """Count the open cases an actor may see by light, in one query."""
    lit = _listed(actor).where(Case.closed_at.is_(None)).with_only_columns(_light(moment).label("lamp"))
    lamps = lit.subquery()
    return {Light(row[0]): row[1] for row in session.execute(select(lamps.c.lamp, func.count()).group_by(lamps.c.lamp))}


def _light(moment: Moment) -> ColumnElement[str]:
    """Return the light of a case, by its phase and the instants it carries."""
    return case(
        (Case.phase == Phase.DONE, literal(Light.DONE.value)),
        (Case.phase == Phase.PAUSED, literal(Light.HOLD.value)),
        (Case.own_at <= moment.now, literal(Light.LATE.value)),
        (Case.watch_at <= moment.now, literal(Light.WATCH.value)),
        (Case.next_at < moment.soon(Case.jurisdiction_id), literal(Light.SOON.value)),
        (Case.phase == Phase.DATED, literal(Light.FINE.value)),
        (Case.earliest_on <= moment.today, literal(Light.FINE.value)),
        (Case.phase == Phase.WAITING, literal(Light.WAITING.value)),
        else_=literal(Light.NONE.value),
    )


def _narrow(query: Select[Case], actor: Actor, moment: Moment, wanted: CaseFilter) -> Select[Case]:
    if wanted.state == "open":
        query = query.where(Case.closed_at.is_(None))
    elif wanted.state == "paused":
        query = query.where(Case.closed_at.is_(None), Case.paused_at.is_not(None))
    elif wanted.state == "closed":
        query = query.where(Case.closed_at.is_not(None))
    if wanted.light:
        query = query.where(_light(moment) == wanted.light)
    if wanted.duty_id is not None:
        query = query.where(Case.duty_id == wanted.duty_id)
    if wanted.type_id is not None:
        versions = select(CaseTypeVersion.id).where(CaseTypeVersion.type_id == wanted.type_id)
        query = query.where(Case.type_version_id.in_(versions))
    if wanted.unit_id is not None:
        query = query.where(Case.unit_id == wanted.unit_id)
    if wanted.accused_unit_id is not None:
        query = query.where(Case.accused_unit_id == wanted.accused_unit_id, unconcerned(actor))
    if wanted.since is not None:
        query = query.where(Case.happened_on >= wanted.since)
    if wanted.until is not None:
        query = query.where(Case.happened_on <= wanted.until)
    if wanted.told is not None:
        query = query.where(case_was_told(actor, wanted.told))
    if wanted.words and wanted.words.strip():
        words = wanted.words.strip()
        query = query.where(
            or_(
                Case.number.contains(words, autoescape=True),
                Task.title.contains(words, autoescape=True),
                Task.key == words,
                # A search must not tell the unit complained of whose complaint it is.
                and_(
                    or_(Case.reference.contains(words, autoescape=True), Case.firm.contains(words, autoescape=True)),
                    unconcerned(actor),
                ),
            )
        )
    return query


def clocks_of_cases(session: Session, case_ids: Sequence[int]) -> dict[int, Milestone]:
    """Return, by case, the date of its first open step, else of its last one; rule and step loaded."""
    if not case_ids:
        return {}
    rows = session.scalars(
        select(Milestone)
        .join(CaseStep, Milestone.case_step_id == CaseStep.id)
        .where(CaseStep.case_id.in_(case_ids))
        .options(contains_eager(Milestone.case_step).joinedload(CaseStep.case), joinedload(Milestone.rule))
        .order_by(CaseStep.case_id, *open_and_nearest_last())
    )
    # The last row of each case stands: an open clock before a met one, and of the open ones the nearest.
    return {m.case_step.case_id: m for m in rows if m.case_step is not None}


def open_and_nearest_last() -> list[Any]:
    """Return an order in which a case's nearest running clock comes last; where none runs, the latest date."""
    runs = and_(Milestone.met_at.is_(None), Milestone.cancelled_at.is_(None))
    dated = case((Milestone.due_at.is_(None), 0), else_=1)
    return [case((runs, 1), else_=0), dated, case((runs, Milestone.due_at)).desc(), Milestone.due_at, Milestone.id]


def cases_of_duty(session: Session, actor: Actor, duty_id: int, limit: int) -> tuple[list[Case], int]:
    """Return the newest cases a duty handles, open ones first, and how many there are in all."""
    mine = visible_cases(actor).where(Case.duty_id == duty_id, unconcerned(actor))
    newest = mine.order_by(Case.closed_at.is_not(None), Case.id.desc()).limit(limit)
    return list(session.scalars(newest.options(contains_eager(Case.duty)))), count(session, mine)


def handling_choices(session: Session, actor: Actor) -> list[tuple[int, str]]:
    """Return the units whose cases an actor may see, by name."""
    held = visible_cases(actor).with_only_columns(Case.unit_id)
    query = select(Unit.id, Unit.name).where(Unit.id.in_(held)).order_by(Unit.name).limit(MOST_CHOICES)
    return [(row[0], row[1]) for row in session.execute(query)]


def accused_choices(session: Session, actor: Actor) -> list[tuple[int, str]]:
    """Return the units complained of in the cases an actor may see, by name; his own is none of them."""
    against = visible_cases(actor).where(unconcerned(actor)).with_only_columns(Case.accused_unit_id)
    query = select(Unit.id, Unit.name).where(Unit.id.in_(against)).order_by(Unit.name).limit(MOST_CHOICES)
    return [(row[0], row[1]) for row in session.execute(query)]


def type_choices(session: Session, actor: Actor) -> list[tuple[int, str]]:
    """Return the types whose cases an actor may see, by name."""
    held = visible_cases(actor).with_only_columns(Case.type_version_id)
    query = (
        select(CaseType.id, CaseType.name)
        .where(CaseType.id.in_(select(CaseTypeVersion.type_id).where(CaseTypeVersion.id.in_(held))))
        .order_by(CaseType.name)
        .limit(MOST_CHOICES)
    )
    return [(row[0], row[1]) for row in session.execute(query)]
