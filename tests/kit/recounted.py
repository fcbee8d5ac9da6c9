"""Open dates whose calendar or event changes later, for tests of recalculation and of the sheet of a date."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.kit import registered
from tests.kit.world import NOW, World, duty
from tracker.clock.calendar import Override, WorkCalendar
from tracker.services.core.act import begin
from tracker.store.models import Case, Milestone, Pause

# 26 March 2026 is a Thursday: a place makes it a day off after the dates were counted.
OFF = date(2026, 3, 26)
CHANGED = WorkCalendar(overrides={OFF: Override(False, "市庆")}, version="cn-2026+v1")


def register(
    session: Session,
    world: World,
    key: str = "一.2",
    unit: str = "gxj",
    at: datetime = NOW,
    now: datetime = NOW,
    who: str = "supervisor",
) -> Case:
    """Register an event under a measure, handled by a unit."""
    it = duty(session, world, key, unit)
    number = session.scalars(select(func.count(Case.id))).one()
    case = registered.register(
        begin(session, world.actor(who), now),
        it,
        happened_at=at,
        reference=f"XS-{number:03d}",
        form_key=f"form{number}",
    )
    session.flush()
    return case


def clock_of(session: Session, case: Case) -> Milestone:
    """Return the date of a case's one step."""
    return session.scalars(select(Milestone).where(Milestone.case_step_id == case.steps[0].id)).one()


def opened(session: Session, world: World, *args: Any, **more: Any) -> Milestone:
    """Open a case and return its clock: 3 workdays from 23 March end on the 26th."""
    return clock_of(session, register(session, world, *args, **more))


def pause(session: Session, world: World, start: datetime, end: datetime | None = None, **holder: int) -> None:
    """Write an interval of a duty or a case, as the verb that pauses does."""
    by = world.people["supervisor"].id
    session.add(
        Pause(from_at=start, until_at=end, reason="听证", authority="行政许可法 45", by_id=by, at=start, **holder)
    )
    session.flush()
