"""Histories (经过): the audit entries of one duty or one case, newest first."""

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from tracker.store.models import AuditEntry

LONGEST = 200


def history_of_duty(session: Session, duty_id: int) -> list[AuditEntry]:
    """Return what was done to a duty and its cases, with who did it for which unit."""
    return _read(session, select(AuditEntry).where(AuditEntry.duty_id == duty_id))


def history_of_case(session: Session, case_id: int) -> list[AuditEntry]:
    """Return what was done to a case, with who did it for which unit."""
    return _read(session, select(AuditEntry).where(AuditEntry.subject == "case", AuditEntry.subject_id == case_id))


def _read(session: Session, query: Select[AuditEntry]) -> list[AuditEntry]:
    loaded = query.options(joinedload(AuditEntry.actor), joinedload(AuditEntry.unit))
    return list(session.scalars(loaded.order_by(AuditEntry.id.desc()).limit(LONGEST)))
