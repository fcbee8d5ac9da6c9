"""Lists of cases (办件): their rows, each with the date that counts, and the cases of one duty."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, and_, case, func, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from tracker.rules.workflow import State
from tracker.store.cases.figures import COUNTED, Totals, totals_of
from tracker.store.cases.narrowing import C, CaseFilter, Shape, first_ids, order_of, shape_of
from tracker.store.core.actors import Actor
from tracker.store.core.pages import PER_PAGE, Page, count, page_bounds
from tracker.store.core.visible import unconcerned, visible_cases
from tracker.store.duties.lights import Moment
from tracker.store.models import (
    Case,
    CaseStep,
    CaseType,
    CaseTypeVersion,
    Duty,
    Milestone,
    Task,
    Unit,
)

WITHOUT_END = 2**31 - 1


@dataclass(frozen=True, slots=True)
class CaseDate:
    """The date of a case's first open step, else of its last, with the step's name."""

    jurisdiction_id: int
    due_on: date | None
    due_at: datetime | None
    earliest_on: date | None
    watch: bool
    provisional: bool
    submitted_at: datetime | None
    paused_at: datetime | None
    met_at: datetime | None
    cancelled_at: datetime | None
    step: str

    @property
    def runs(self) -> bool:
        return self.met_at is None and self.cancelled_at is None

    @property
    def ends(self) -> tuple[Hashable, ...]:
        """Return what decides the words and the light of a date, beside the time they are asked at."""
        when = (self.jurisdiction_id, self.due_on, self.due_at, self.earliest_on, self.watch)
        return (*when, self.submitted_at, self.paused_at, self.met_at, self.cancelled_at)


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One line of a list of cases."""

    id: int
    number: str
    reference: str
    variant: str | None
    type_name: str
    task_key: str | None
    channel: str | None
    firm: str | None
    unit_name: str
    accused_unit_id: int | None
    accused: str | None  # the unit's name, or what was written where it is no unit of the registry
    event: str
    happened_on: date
    accepted_at: datetime | None
    paused_at: datetime | None
    closed_at: datetime | None
    owed_fen: int | None
    refunded_fen: int
    duty_state: State | None
    clock: CaseDate | None


def list_cases(
    session: Session, actor: Actor, moment: Moment, wanted: CaseFilter, number: int = 1, per_page: int = PER_PAGE
) -> Page[CaseRow]:
    """Return one page of the cases an actor may see: open ones first, by date; then the closed, newest first."""
    return ledger(session, actor, moment, wanted, number, per_page)[0]


def ledger(
    session: Session, actor: Actor, moment: Moment, wanted: CaseFilter, number: int = 1, per_page: int = PER_PAGE
) -> tuple[Page[CaseRow], Totals]:
    """Return one page of a list of cases, and what all of the list adds up to.

    What no tally knows is counted as far as 1,000; a page farther on than that is worth counting to the end.
    """
    shape, bound = shape_of(actor, moment, wanted)
    sums = totals_of(session, shape, bound, _far_enough(number, per_page))
    number, skip = page_bounds(sums.count, number, per_page)
    size = min(per_page, sums.count - skip)
    if size <= 0:
        return Page([], number, sums.count, per_page), sums
    backwards = not sums.more and skip > sums.count - skip - size
    if backwards:  # nearer to the end: read from there
        shape, skip = replace(shape, backwards=True), sums.count - skip - size
    rows = session.execute(_page(shape), {**bound, "size": size, "skip": skip, "upto": skip + size})
    found = [_row(*row) for row in rows]
    if backwards:
        found.reverse()
    return Page(found, number, sums.count, per_page, sums.more), sums


def totals(session: Session, actor: Actor, moment: Moment, wanted: CaseFilter, up_to: int = COUNTED) -> Totals:
    """Add up a filtered list: how many cases, what is owed, what was refunded (分)."""
    return totals_of(session, *shape_of(actor, moment, wanted), up_to)


def _far_enough(number: int, per_page: int) -> int:
    return COUNTED if number * per_page <= COUNTED else WITHOUT_END


def _row(*row: Any) -> CaseRow:
    clock = CaseDate(*row[_OWN:]) if row[_OWN] is not None else None
    return CaseRow(*(*row[:_OWN], clock))


_ACCUSED = Unit.__table__.alias("accused_units")
_STEPS, _MILESTONES = CaseStep.__table__, Milestone.__table__
_COLUMNS = (
    C.id, C.number, C.reference, C.variant, CaseType.__table__.c.name, Task.__table__.c.key, C.channel, C.firm,
    Unit.__table__.c.name, C.accused_unit_id, func.coalesce(_ACCUSED.c.name, C.accused), C.event, C.happened_on,
    C.accepted_at, C.paused_at, C.closed_at, C.owed_fen, C.refunded_fen, Duty.__table__.c.state,
)  # fmt: skip
_OWN = len(_COLUMNS)
_M = _MILESTONES.c
_DATE = (
    _M.jurisdiction_id, _M.due_on, _M.due_at, _M.earliest_on, _M.watch, _M.provisional, _M.submitted_at, _M.paused_at,
    _M.met_at, _M.cancelled_at, _STEPS.c.name,
)  # fmt: skip


@lru_cache(maxsize=256)
def _page(shape: Shape) -> Select[Any]:
    """Return a page of a shape: the keys by an index in its order, then what their lines say."""
    keys = first_ids(shape)
    versions, types, units, tasks, duties = (
        model.__table__ for model in (CaseTypeVersion, CaseType, Unit, Task, Duty)
    )  # fmt: skip
    cases: Any = Case.__table__
    lines = (
        cases.join(keys, C.id == keys.c.id)
        .join(versions, C.type_version_id == versions.c.id)
        .join(types, versions.c.type_id == types.c.id)
        .join(units, C.unit_id == units.c.id)
        .outerjoin(_ACCUSED, C.accused_unit_id == _ACCUSED.c.id)
        .outerjoin(tasks, C.task_id == tasks.c.id)
        .outerjoin(duties, C.duty_id == duties.c.id)
        .outerjoin(_MILESTONES, _M.id == _nearest())
        .outerjoin(_STEPS, _M.case_step_id == _STEPS.c.id)
    )
    return select(*_COLUMNS, *_DATE).select_from(lines).order_by(*order_of(shape))


def _nearest() -> Any:
    """Return the key of a case's nearest running clock; where none runs, of its latest date."""
    m, s = _MILESTONES.alias("near"), _STEPS.alias("near_steps")
    runs = and_(m.c.met_at.is_(None), m.c.cancelled_at.is_(None))
    return (
        select(m.c.id)
        .join(s, m.c.case_step_id == s.c.id)
        .where(s.c.case_id == C.id)
        .order_by(
            case((runs, 0), else_=1),
            case((m.c.due_at.is_(None), 1), else_=0),
            case((runs, m.c.due_at)),
            m.c.due_at.desc(),
            m.c.id.desc(),
        )
        .limit(1)
        .correlate(Case.__table__)
        .scalar_subquery()
    )


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
