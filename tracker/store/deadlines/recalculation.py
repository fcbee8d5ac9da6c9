"""The open dates that a changed calendar, issue date or event reaches, with everything they are counted from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload
from sqlalchemy.sql import ColumnElement

from tracker.clock.rules import Kind, Suspension
from tracker.store.core.actors import Actor
from tracker.store.core.portions import portions
from tracker.store.core.visible import unconcerned, visible_cases
from tracker.store.deadlines.pauses import suspensions_of
from tracker.store.models import Case, CaseStep, DeadlineRule, Duty, Milestone, Starts, StepKind, Task

OPEN = (Milestone.met_at.is_(None), Milestone.cancelled_at.is_(None))


@dataclass(frozen=True, slots=True)
class OpenDate:
    """An open milestone (rule, unit and holder loaded), its pauses, and the day after which its rhythm ends."""

    milestone: Milestone
    suspensions: Sequence[Suspension]
    ends_on: date | None


def held_in(jurisdiction_id: int) -> ColumnElement[bool]:
    """Choose the dates counted by a place's calendar: not a day a person set, nor a period that stands still."""
    return (Milestone.jurisdiction_id == jurisdiction_id) & Milestone.fixed_on.is_(None) & ~_standing_still()


def _standing_still() -> ColumnElement[bool]:
    """Whether a counted period is paused: it has no date to count until it resumes; a written date has one."""
    counted = select(DeadlineRule.id).where(DeadlineRule.kind == Kind.RELATIVE)
    return Milestone.paused_at.is_not(None) & Milestone.rule_id.in_(counted)


def of_document(document_id: int) -> ColumnElement[bool]:
    """Choose the dates of a document's duties that count from an event, its own or another."""
    duties = select(Duty.id).join(Task, Duty.task_id == Task.id).where(Task.document_id == document_id)
    rules = select(DeadlineRule.id).where(DeadlineRule.kind == Kind.RELATIVE)
    return Milestone.duty_id.in_(duties) & Milestone.rule_id.in_(rules)


def of_case(case_id: int) -> ColumnElement[bool]:
    """Choose the dates of a case's steps that start with its event or its acceptance, by name or after that step."""
    return Milestone.case_step_id.in_(select(CaseStep.id).where(CaseStep.case_id == case_id, _follows()))


def _follows() -> ColumnElement[bool]:
    accepting = aliased(CaseStep)
    after_acceptance = exists().where(
        accepting.case_id == CaseStep.case_id,
        accepting.kind == StepKind.ACCEPT,
        accepting.key == CaseStep.after_key,
        CaseStep.starts == Starts.AFTER,
    )
    return or_(CaseStep.starts.in_((Starts.EVENT, Starts.ACCEPTED)), after_acceptance)


def open_dates(session: Session, wanted: ColumnElement[bool]) -> Iterator[OpenDate]:
    """Yield the open dates wanted, loaded some hundreds at a time: three statements for each portion."""
    ids = session.scalars(select(Milestone.id).where(*OPEN, wanted).order_by(Milestone.id)).all()
    for some in portions(ids):
        milestones = session.scalars(
            select(Milestone).where(Milestone.id.in_(some)).options(*_loaded()).order_by(Milestone.id)
        ).all()
        pauses = suspensions_of(session, some)
        ends = _ends(session, [m.rule.item_id for m in milestones if m.rule.kind is Kind.RECURRING])
        for milestone in milestones:
            yield OpenDate(milestone, pauses.get(milestone.id, ()), _ends_on(milestone, ends))


def lock_open(session: Session, milestone_ids: Sequence[int]) -> dict[int, int]:
    """Lock those of these milestones that are still open until the transaction ends; returns their versions now."""
    found: dict[int, int] = {}
    for some in portions(sorted(milestone_ids)):
        query = select(Milestone.id, Milestone.version).where(Milestone.id.in_(some), *OPEN).order_by(Milestone.id)
        found |= {row[0]: row[1] for row in session.execute(query.with_for_update())}
    return found


def with_holders(session: Session, milestone_ids: Sequence[int]) -> dict[int, Milestone]:
    """Return milestones by id with the duty or the case that holds them: each is read once, however many it has."""
    of_duty = joinedload(Duty.task).joinedload(Task.document)
    holders = (
        selectinload(Milestone.duty).options(of_duty),
        selectinload(Milestone.case_step).joinedload(CaseStep.case).joinedload(Case.duty).options(of_duty),
    )
    found: dict[int, Milestone] = {}
    for some in portions(milestone_ids):
        rows = session.scalars(select(Milestone).where(Milestone.id.in_(some)).options(*holders))
        found |= {milestone.id: milestone for milestone in rows}
    return found


def dates_of_others(session: Session, actor: Actor, milestone_ids: Sequence[int]) -> set[int]:
    """Return those of these dates that belong to a case the actor may not see, or is complained of in."""
    own = select(CaseStep.id).where(
        CaseStep.case_id.in_(visible_cases(actor).where(unconcerned(actor)).with_only_columns(Case.id))
    )
    found: set[int] = set()
    for some in portions(milestone_ids):
        found |= set(
            session.scalars(
                select(Milestone.id).where(
                    Milestone.id.in_(some), Milestone.case_step_id.is_not(None), Milestone.case_step_id.not_in(own)
                )
            )
        )
    return found


def steps_that_follow(session: Session, case_id: int) -> Sequence[CaseStep]:
    """Return the steps not done of a case whose clocks start with its event or its acceptance."""
    return session.scalars(
        select(CaseStep).where(
            CaseStep.case_id == case_id,
            _follows(),
            CaseStep.started_at.is_not(None),
            CaseStep.done_at.is_(None),
        )
    ).all()


def _loaded() -> list[Any]:
    of_duty = joinedload(Duty.task).joinedload(Task.document)
    return [
        joinedload(Milestone.rule),
        joinedload(Milestone.unit),
        joinedload(Milestone.duty).options(of_duty),
        joinedload(Milestone.case_step).joinedload(CaseStep.case).joinedload(Case.duty).options(of_duty),
    ]


def _ends(session: Session, item_ids: Sequence[int | None]) -> dict[int, date]:
    """Return, by item, the end of its own validity."""
    wanted = {i for i in item_ids if i is not None}
    if not wanted:
        return {}
    rows = session.execute(
        select(DeadlineRule.item_id, func.min(DeadlineRule.due_on))
        .where(DeadlineRule.item_id.in_(wanted), DeadlineRule.kind == Kind.VALIDITY)
        .where(DeadlineRule.due_on.is_not(None))
        .group_by(DeadlineRule.item_id)
    )
    return {item_id: day for item_id, day in rows if item_id is not None and day is not None}


def _ends_on(milestone: Milestone, ends: dict[int, date]) -> date | None:
    own = ends.get(milestone.rule.item_id) if milestone.rule.item_id is not None else None
    document = milestone.duty.task.document if milestone.duty is not None else None
    return min((day for day in (own, document.expires_on if document else None) if day is not None), default=None)
