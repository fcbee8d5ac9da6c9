"""Keeping recurring time limits supplied with their current and next period (周期滚动)."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker.clock.calendar import WorkCalendar
from tracker.services.milestones import today
from tracker.services.periods import extend_recurring
from tracker.store.models import Duty, Item, Task
from tracker.store.reminders import rhythms_running_out
from tracker.workflow import ENDED


def extend_due(session: Session, now: datetime, calendar: WorkCalendar, duty_ids: Sequence[int] | None = None) -> int:
    """Make the periods that are missing; returns how many.  `duty_ids` narrows it to a part of those found before.

    Safe in several workers: a duty another one is extending is passed over, and a period it made first is left be.
    """
    ids = rhythms_running_out(session, today(now)) if duty_ids is None else duty_ids
    if not ids:
        return 0
    duties = session.scalars(
        select(Duty)
        .where(Duty.id.in_(ids), Duty.state.not_in(ENDED))
        .options(
            joinedload(Duty.task).options(
                joinedload(Task.document), joinedload(Task.item).options(selectinload(Item.rules))
            )
        )
        .order_by(Duty.id)
        .with_for_update(of=Duty, skip_locked=True)
    ).all()
    made = 0
    for duty in duties:
        try:
            with session.begin_nested():
                made += extend_recurring(session, duty, calendar, now)
        except IntegrityError:  # a report came first and made the same period
            continue
    return made
