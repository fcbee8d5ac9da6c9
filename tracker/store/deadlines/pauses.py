"""Pauses (暂停): the time that the counted clocks of a duty or a case leave out, and who asks for it."""

from collections.abc import Sequence

from sqlalchemy import Select, select, union_all
from sqlalchemy.orm import Session, contains_eager, joinedload

from tracker.clock.rules import Suspension
from tracker.store.core.portions import portions
from tracker.store.models import Case, CaseStep, ExtensionState, Milestone, Pause, PauseRequest


def open_pause(session: Session, duty_id: int) -> Pause | None:
    """Return the pause a duty is in, if it is in one."""
    return session.scalars(select(Pause).where(Pause.duty_id == duty_id, Pause.until_at.is_(None))).one_or_none()


def suspensions_of_case(session: Session, case_id: int) -> list[Suspension]:
    """Return a case's pauses in order of time."""
    query = select(Pause.from_at, Pause.until_at, Pause.reason, Pause.authority).where(Pause.case_id == case_id)
    return [Suspension(*row) for row in session.execute(query.order_by(Pause.from_at, Pause.id))]


def suspensions_of(session: Session, milestone_ids: Sequence[int]) -> dict[int, list[Suspension]]:
    """Return, by milestone, the pauses of its duty or of its case in order of time; nothing where there are none."""
    columns = (Milestone.id, Pause.from_at, Pause.until_at, Pause.reason, Pause.authority)
    found: dict[int, list[Suspension]] = {}
    for some in portions(milestone_ids):
        of_duties = select(*columns).join(Pause, Pause.duty_id == Milestone.duty_id).where(Milestone.id.in_(some))
        of_cases = (
            select(*columns)
            .join(CaseStep, Milestone.case_step_id == CaseStep.id)
            .join(Pause, Pause.case_id == CaseStep.case_id)
            .where(Milestone.id.in_(some))
        )
        both = union_all(of_duties, of_cases).subquery()
        for milestone_id, *interval in session.execute(select(both).order_by(both.c.id, both.c.from_at)):
            found.setdefault(milestone_id, []).append(Suspension(*interval))
    return found


# --- Requests (暂停申请) --------------------------------------------------------------------------------------------


def _asked() -> Select[PauseRequest]:
    return (
        select(PauseRequest)
        .join(PauseRequest.case)
        .options(
            contains_eager(PauseRequest.case).joinedload(Case.unit),
            joinedload(PauseRequest.unit),
            joinedload(PauseRequest.by),
            joinedload(PauseRequest.decided_by),
        )
        .order_by(PauseRequest.id)
    )


def pause_requests_of(session: Session, case_id: int) -> Sequence[PauseRequest]:
    """Return what was asked in a case, oldest first."""
    return session.scalars(_asked().where(PauseRequest.case_id == case_id)).all()


def pending_pause_request(session: Session, case_id: int) -> PauseRequest | None:
    """Return the request of a case that waits to be decided."""
    query = _asked().where(PauseRequest.case_id == case_id, PauseRequest.state == ExtensionState.PENDING)
    return session.scalars(query).one_or_none()
