"""今天要打的电话: the late, then those whose other party is late, then the due soon, with what a call needs to know."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, literal_column, select, true
from sqlalchemy.orm import Session

from tracker.rules.workflow import ENDED, State
from tracker.store.core.base import UtcDateTime
from tracker.store.duties.clock import columns
from tracker.store.duties.lights import Moment
from tracker.store.duties.rows import nearest_date
from tracker.store.models import Case, CaseStep, DeadlineRule, Document, Duty, Milestone, Task, Unit


@dataclass(frozen=True, slots=True)
class CallClock:
    """The date a call is about, under the names a milestone has."""

    jurisdiction_id: int
    due_on: date | None
    due_at: datetime | None
    earliest_on: date | None
    submitted_at: datetime | None
    paused_at: datetime | None
    watch: bool
    met_at: None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One line: the duty, what it is about, whom to call, and the date that comes first."""

    duty_id: int
    state: State
    paused_at: datetime | None
    awaits_event: bool
    key: str
    matter: str
    document: str
    quote: str
    unit: str
    phone: str | None
    clock: CallClock | None


_duty, _task, _document, _unit = (columns(model) for model in (Duty, Task, Document, Unit))
_milestone, _rule, _step, _case = (columns(model) for model in (Milestone, DeadlineRule, CaseStep, Case))
_SHOWN = (
    select(
        _duty.id,
        _duty.next_at,
        _duty.state,
        _duty.paused_at,
        _duty.awaits_event,
        _task.key,
        _task.title,
        _document.title.label("document"),
        _unit.name.label("unit"),
        _unit.phone,
        _rule.quote,
        _step.name.label("step"),
        _case.number,
        _milestone.id.label("milestone_id"),
        _milestone.jurisdiction_id,
        _milestone.due_on,
        _milestone.due_at,
        _milestone.earliest_on,
        _milestone.submitted_at,
        _milestone.paused_at.label("stopped_at"),
        _milestone.watch,
    )
    .join_from(Duty.__table__, Task.__table__, _duty.task_id == _task.id)
    .join(Document.__table__, _duty.document_id == _document.id)
    .join(Unit.__table__, _duty.unit_id == _unit.id)
    .outerjoin(Milestone.__table__, _milestone.id == nearest_date)
    .outerjoin(DeadlineRule.__table__, _milestone.rule_id == _rule.id)
    .outerjoin(CaseStep.__table__, _milestone.case_step_id == _step.id)
    .outerjoin(Case.__table__, _step.case_id == _case.id)
    .where(_duty.state != literal_column("'revoked'"))
    .order_by(_duty.next_at, _duty.document_id, _duty.ordinal, _duty.id)
    .limit(bindparam("most"))
)


@cache
def _calls(narrowed: bool, of_other: bool) -> Select[Any]:
    """Return those due before an instant in a place, or those whose other party is late, nearest first."""
    until = bindparam("until", type_=UtcDateTime())
    due = (_duty.watch_at <= until, _duty.state.not_in(ENDED)) if of_other else (_duty.next_at < until,)
    return _SHOWN.where(
        _duty.jurisdiction_id == bindparam("place"),
        _duty.document_id == bindparam("document") if narrowed else true(),
        *due,
    )


def list_calls(
    session: Session, moment: Moment, places: Sequence[int], document_id: int | None, most: int, watched: bool
) -> list[Call]:
    """Return at most so many lines of these places; `watched` says whether another party is late anywhere."""
    found: list[Any] = []
    asked: dict[str, Any] = {"most": most} if document_id is None else {"most": most, "document": document_id}
    narrowed = document_id is not None
    for place in places:
        until = moment.soon_by_place.get(place, moment.soon_until)
        found += session.execute(_calls(narrowed, False), {**asked, "place": place, "until": until})
    found.sort(key=lambda row: row.next_at)
    late = [row for row in found if row.next_at <= moment.now][:most]
    others: list[Any] = []
    if watched and len(late) < most:
        for place in places:
            others += session.execute(_calls(narrowed, True), {**asked, "place": place, "until": moment.now})
        others = sorted(others, key=lambda row: row.next_at)[: most - len(late)]
    soon = [row for row in found if row.next_at > moment.now][: most - len(late) - len(others)]
    return [_call(row) for row in {row.id: row for row in (*late, *others, *soon)}.values()]


def _call(row: Any) -> Call:
    clock = None
    if row.milestone_id is not None:
        clock = CallClock(
            row.jurisdiction_id,
            row.due_on,
            row.due_at,
            row.earliest_on,
            row.submitted_at,
            row.stopped_at,
            row.watch,
        )
    return Call(
        row.id,
        row.state,
        row.paused_at,
        row.awaits_event,
        row.key,
        f"{row.number} {row.step}" if row.step is not None else row.title,
        row.document,
        row.quote or "",
        row.unit,
        row.phone,
        clock,
    )
