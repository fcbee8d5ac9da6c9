"""What milestones say of a duty's or a case's standing: the rows from which services/core/standing.py keeps it."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import BindParameter, Row, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import Session

from tracker.rules.phases import OpenDates, RunningClocks, day_of, write_days
from tracker.store.models import Case, CaseStep, Document, Duty, Item, Measure, Milestone, Task

IDS = "ids"
_ids: BindParameter[Any] = bindparam(IDS, expanding=True)
_open = and_(Milestone.met_at.is_(None), Milestone.cancelled_at.is_(None))
_runs = Milestone.paused_at.is_(None)
_own = and_(Milestone.submitted_at.is_(None), _runs, Milestone.watch.is_(False))

# Where a duty belongs, beside what it says of that itself.  Locked in the order of their keys: what two acts at once
# say of one duty is written by the second, which then sees what the first did.
_DUTIES = (
    select(
        Duty.id,
        Duty.unit_id,
        Duty.role,
        Duty.state,
        Duty.paused_at,
        Duty.awaits_event,
        Duty.jurisdiction_id,
        Duty.document_id,
        Duty.section,
        Duty.ordinal,
        Duty.phase,
        Duty.next_at,
        Duty.watch_at,
        Duty.earliest_on,
        Duty.decided,
        Duty.met_by_first,
        Duty.met_by_present,
        Duty.open_days,
        Duty.tallied_role,
        Duty.tallied_state,
        Document.jurisdiction_id.label("in_jurisdiction"),
        Task.document_id.label("in_document"),
        Measure.section.label("in_section"),
        Task.ordinal.label("at_ordinal"),
    )
    .join(Task, Duty.task_id == Task.id)
    .join(Document, Task.document_id == Document.id)
    .join(Item, Task.item_id == Item.id)
    .join(Measure, Item.measure_id == Measure.id)
    .where(Duty.id.in_(_ids))
    .order_by(Duty.id)
)
_LOCKED_DUTIES = _DUTIES.with_for_update(of=Duty, key_share=True)
_OPEN_OF_DUTIES = (
    select(
        Milestone.answering_duty_id,
        func.min(case((_own, Milestone.due_at))).label("own_at"),
        func.min(case((and_(Milestone.watch.is_(True), _runs), Milestone.due_at))).label("watch_at"),
        func.min(case((_runs, Milestone.earliest_on))).label("earliest_on"),
        func.max(case((Milestone.submitted_at.is_not(None), 1), else_=0)).label("under_review"),
        func.max(case((Milestone.paused_at.is_not(None), 1), else_=0)).label("paused"),
        func.max(case((and_(Milestone.watch.is_(True), _runs), 1), else_=0)).label("watched"),
    )
    .where(Milestone.answering_duty_id.in_(_ids), _open)
    .group_by(Milestone.answering_duty_id)
)
_DECIDED_OF_DUTIES = (
    select(
        Milestone.answering_duty_id,
        func.count().label("decided"),
        func.count().filter(Milestone.met_at < Milestone.first_due_at).label("met_by_first"),
        func.count().filter(Milestone.met_at < Milestone.due_at, Milestone.missed_at.is_(None)).label("met_by_present"),
    )
    .where(Milestone.answering_duty_id.in_(_ids))
    .where(Milestone.cancelled_at.is_(None), Milestone.watch.is_(False))
    .where(Milestone.first_due_at.is_not(None), Milestone.due_at.is_not(None))
    .where(or_(Milestone.met_at.is_not(None), Milestone.missed_at.is_not(None)))
    .group_by(Milestone.answering_duty_id)
)
# One is counted as missed by the end it had run past when it was put off: once.
_ends = and_(_runs, Milestone.first_due_at.is_not(None), Milestone.missed_at.is_(None))
_OPEN_DAYS_OF_DUTIES = (
    select(
        Milestone.answering_duty_id,
        Milestone.due_on,
        Milestone.due_at,
        func.count().label("due"),
        func.count().filter(_ends).label("running"),
    )
    .where(Milestone.answering_duty_id.in_(_ids), _open)
    .where(Milestone.watch.is_(False), Milestone.submitted_at.is_(None))
    .group_by(Milestone.answering_duty_id, Milestone.due_on, Milestone.due_at)
)
_CASES = (
    select(
        Case.id,
        Case.jurisdiction_id,
        Case.unit_id,
        Case.type_version_id,
        Case.owed_fen,
        Case.refunded_fen,
        Case.paused_at,
        Case.closed_at,
        Case.phase,
        Case.next_at,
        Case.own_at,
        Case.watch_at,
        Case.earliest_on,
        Case.left_fen,
        Case.tallied_owed_fen,
        Case.tallied_refunded_fen,
    )
    .where(Case.id.in_(_ids))
    .order_by(Case.id)
)
_LOCKED_CASES = _CASES.with_for_update(of=Case, key_share=True)
_OPEN_OF_CASES = (
    select(
        CaseStep.case_id,
        func.min(case((Milestone.watch.is_(False), Milestone.due_at))).label("own_at"),
        func.min(case((Milestone.watch.is_(True), Milestone.due_at))).label("watch_at"),
        func.min(Milestone.earliest_on).label("earliest_on"),
    )
    .join(Milestone, Milestone.case_step_id == CaseStep.id)
    .where(CaseStep.case_id.in_(_ids), _open)
    .group_by(CaseStep.case_id)
)
_CASES_OF_STEPS = select(CaseStep.case_id).where(CaseStep.id.in_(_ids)).distinct()
_DUTIES_OF_TASKS = select(Duty.id).where(Duty.task_id.in_(_ids))


def duties_standing(session: Session, ids: Sequence[int], *, lock: bool) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return what duties carry and where they belong, in the order of their keys."""
    return session.execute(_LOCKED_DUTIES if lock else _DUTIES, {IDS: ids}).all()


def cases_standing(session: Session, ids: Sequence[int], *, lock: bool) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return what cases carry, in the order of their keys."""
    return session.execute(_LOCKED_CASES if lock else _CASES, {IDS: ids}).all()


def running_of_duties(session: Session, ids: Sequence[int]) -> dict[int, RunningClocks]:
    """Return what runs of each duty that has an open milestone, its cases' included."""
    return {
        row[0]: RunningClocks(
            row.own_at, row.watch_at, row.earliest_on, bool(row.under_review), bool(row.paused), bool(row.watched)
        )
        for row in session.execute(_OPEN_OF_DUTIES, {IDS: ids})
    }


def running_of_cases(session: Session, ids: Sequence[int]) -> dict[int, RunningClocks]:
    """Return what runs of each case that has an open milestone."""
    return {
        row.case_id: RunningClocks(row.own_at, row.watch_at, row.earliest_on)
        for row in session.execute(_OPEN_OF_CASES, {IDS: ids})
    }


def decided_of_duties(session: Session, ids: Sequence[int]) -> dict[int, tuple[int, int, int]]:
    """Return, by duty, how many of its dates an act has decided, and how many were met by the first and present date.

    What is past and still open is missed by the clock alone: it is counted when a page is read.
    """
    counted = session.execute(_DECIDED_OF_DUTIES, {IDS: ids})
    return {duty_id: (all_, first, present) for duty_id, all_, first, present in counted if duty_id is not None}


def open_days_of_duties(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """Return, by duty, its own open dates by day: those due on it, and those that end on it and run."""
    found: dict[int, dict[date, OpenDates]] = {}
    for row in session.execute(_OPEN_DAYS_OF_DUTIES, {IDS: ids}):
        duty_id, due_on, due_at, due, running = cast("tuple[int, date | None, datetime | None, int, int]", row)
        days = found.setdefault(duty_id, {})
        if due_on is not None:
            days[due_on] = days.get(due_on, OpenDates()).plus(due, 0)
        if due_at is not None:
            ends_on = day_of(due_at)
            days[ends_on] = days.get(ends_on, OpenDates()).plus(0, running)
    return {duty_id: write_days(days) for duty_id, days in found.items()}


def cases_of_steps(session: Session, step_ids: Iterable[int]) -> set[int]:
    return set(session.scalars(_CASES_OF_STEPS, {IDS: list(step_ids)}))


def duties_of_tasks(session: Session, task_ids: Iterable[int]) -> set[int]:
    return set(session.scalars(_DUTIES_OF_TASKS, {IDS: list(task_ids)}))


def keys_after(session: Session, table: type[Duty] | type[Case], after: int, limit: int) -> list[int]:
    """Return the next keys of a table in their order, to walk all of it in portions."""
    return list(session.scalars(select(table.id).where(table.id > after).order_by(table.id).limit(limit)))
