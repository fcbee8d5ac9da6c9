"""One line of a list of duties, read whole by one statement: the duty, its task, document, unit and nearest date."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, String, case, select, type_coerce
from sqlalchemy.sql import ColumnElement

from tracker.clock.rules import Kind
from tracker.store.models import Case, CaseStep, DeadlineRule, Document, Duty, Milestone, Task, Unit

_duties: Any = Duty.__table__
_tasks: Any = Task.__table__
_documents: Any = Document.__table__
_units: Any = Unit.__table__
_steps: Any = CaseStep.__table__
_cases: Any = Case.__table__
_dates: Any = Milestone.__table__
_rules: Any = DeadlineRule.__table__
_of_task = _rules.alias("of_task")
_open_dates = _dates.alias("open_dates")


class DutyRow(NamedTuple):
    """One line of a list: a duty and, of its open dates, the one to show, where it has one."""

    id: int
    task_id: int
    unit_id: int
    role: str
    state: str
    percent: int
    told: bool  # of any progress
    awaits_event: bool
    paused: bool
    assigned_at: datetime
    version: int
    key: str
    title: str
    document: str
    unit: str
    unit_phone: str | None
    waits_for: str | None  # 依据: the clause whose event has not come
    date_id: int | None
    label: str | None
    place: int | None  # whose calendar counts
    due_on: date | None
    due_at: datetime | None
    earliest_on: date | None
    watch: bool | None
    date_submitted: bool | None
    date_paused: bool | None
    quote: str | None
    set_by_hand: bool | None
    step: str | None
    case_id: int | None
    case: str | None

    @property
    def dated(self) -> bool:
        return self.date_id is not None


# Own clocks first, the earliest of them.
nearest_date = (
    select(_open_dates.c.id)
    .where(_open_dates.c.answering_duty_id == _duties.c.id)
    .where(_open_dates.c.met_at.is_(None), _open_dates.c.cancelled_at.is_(None))
    .order_by(
        _open_dates.c.watch,
        _open_dates.c.submitted_at.is_not(None),
        _open_dates.c.due_at.is_(None),
        _open_dates.c.due_at,
        _open_dates.c.id,
    )
    .limit(1)
    .correlate(_duties)
    .scalar_subquery()
)
# The clause of the task's first rule that waits for an event.
_waits_for = (
    select(_of_task.c.quote)
    .where(_of_task.c.item_id == _tasks.c.item_id, _of_task.c.kind == Kind.RELATIVE, _of_task.c.quote.is_not(None))
    .order_by(_of_task.c.ordinal, _of_task.c.id)
    .limit(1)
    .correlate(_tasks)
    .scalar_subquery()
)
_COLUMNS: tuple[ColumnElement[Any], ...] = (
    _duties.c.id,
    _duties.c.task_id,
    _duties.c.unit_id,
    type_coerce(_duties.c.role, String),
    type_coerce(_duties.c.state, String),
    _duties.c.percent,
    _duties.c.reported_at.is_not(None) | (_duties.c.percent != 0),
    _duties.c.awaits_event,
    _duties.c.paused_at.is_not(None),
    _duties.c.assigned_at,
    _duties.c.version,
    _tasks.c.key,
    _tasks.c.title,
    _documents.c.title,
    _units.c.name,
    _units.c.phone,
    case((_duties.c.awaits_event, _waits_for)),
    _dates.c.id,
    _dates.c.label,
    _dates.c.jurisdiction_id,
    _dates.c.due_on,
    _dates.c.due_at,
    _dates.c.earliest_on,
    _dates.c.watch,
    _dates.c.submitted_at.is_not(None),
    _dates.c.paused_at.is_not(None),
    _rules.c.quote,
    _rules.c.set_by_id.is_not(None),
    _steps.c.name,
    _cases.c.id,
    _cases.c.number,
)


def whole_rows(page: Any, nearest: Any = nearest_date, *also: Any) -> Select[Any]:
    """Return the lines of the duties whose `id` a page has, each with its nearest date or the one it names itself."""
    return select(*_COLUMNS, *also).select_from(
        page.join(_duties, _duties.c.id == page.c.id)
        .join(_tasks, _tasks.c.id == _duties.c.task_id)
        .join(_documents, _documents.c.id == _duties.c.document_id)
        .join(_units, _units.c.id == _duties.c.unit_id)
        .outerjoin(_dates, _dates.c.id == nearest)
        .outerjoin(_rules, _rules.c.id == _dates.c.rule_id)
        .outerjoin(_steps, _steps.c.id == _dates.c.case_step_id)
        .outerjoin(_cases, _cases.c.id == _steps.c.case_id)
    )


def made(rows: Sequence[Any]) -> list[DutyRow]:
    """Return what `whole_rows` has read."""
    return [DutyRow._make(row) for row in rows]
