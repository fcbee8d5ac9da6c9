"""The first part of the worker's pass, for tests: periods rolled forward, here in the test's own transaction."""

from datetime import datetime

from sqlalchemy.orm import Session

from tracker.now import today
from tracker.services.core.act import begin
from tracker.services.deadlines.upkeep import extend_duties, extend_steps
from tracker.store.core.actors import SYSTEM
from tracker.store.deadlines.rhythms import rhythms_running_out, steps_running_out


def roll_forward(session: Session, now: datetime) -> int:
    """Make the periods that are missing anywhere; returns how many."""
    act = begin(session, SYSTEM, now)
    duties, steps = rhythms_running_out(session, today(now)), steps_running_out(session, today(now))
    return extend_duties(act, duties) + extend_steps(act, steps)
