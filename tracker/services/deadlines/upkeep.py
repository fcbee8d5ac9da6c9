"""Keeping recurring time limits supplied with their current and next period (周期滚动)."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload, selectinload

from tracker.rules.workflow import ENDED
from tracker.services.core.act import Act
from tracker.services.deadlines.periods import extend_recurring, extend_step
from tracker.store.models import Case, CaseStep, Duty, Item, Task

Holder = TypeVar("Holder", Duty, CaseStep)


def extend_duties(act: Act, ids: Sequence[int]) -> int:
    """Make what some duties, found before, lack.

    Safe in several workers: a duty another one is extending is passed over, and a period it made first is left be.
    """
    if not ids:
        return 0
    duties = act.session.scalars(
        select(Duty)
        .where(Duty.id.in_(ids), Duty.state.not_in(ENDED), Duty.paused_at.is_(None))
        .options(
            joinedload(Duty.task).options(
                joinedload(Task.document), joinedload(Task.item).options(selectinload(Item.rules))
            )
        )
        .order_by(Duty.id)
        .with_for_update(of=Duty, skip_locked=True)
    ).all()
    return _each(act, duties, _extend_duty)


def _extend_duty(act: Act, duty: Duty) -> int:
    return extend_recurring(act, duty, act.calendar(duty.task.document.jurisdiction_id))


def extend_steps(act: Act, ids: Sequence[int]) -> int:
    """Make what some steps of cases lack (反馈进展); safe in several workers as the duties are."""
    if not ids:
        return 0
    steps = act.session.scalars(
        select(CaseStep)
        .join(Case, CaseStep.case_id == Case.id)
        .where(CaseStep.id.in_(ids), CaseStep.done_at.is_(None), CaseStep.cancelled_at.is_(None))
        .where(Case.closed_at.is_(None), Case.paused_at.is_(None))
        .options(joinedload(CaseStep.case), joinedload(CaseStep.rule))
        .order_by(CaseStep.id)
        .with_for_update(of=CaseStep, skip_locked=True)
    ).all()
    return _each(act, steps, _extend_step)


def _extend_step(act: Act, step: CaseStep) -> int:
    calendar = act.calendar(step.case.jurisdiction_id)
    return extend_step(act, step, step.rule, calendar) if step.rule is not None else 0


def _each(act: Act, holders: Sequence[Holder], extend: Callable[[Act, Holder], int]) -> int:
    made = 0
    for holder in holders:
        try:
            with act.session.begin_nested():
                made += extend(act, holder)
        except IntegrityError:  # a report came first and made the same period
            continue
    return made
