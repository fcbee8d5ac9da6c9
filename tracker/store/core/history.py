"""Histories (经过): the audit entries of one duty or one case, newest first."""

from sqlalchemy import Select, bindparam, or_, select
from sqlalchemy.orm import Session, joinedload

from tracker.store.core.actors import Actor
from tracker.store.core.visible import unconcerned, visible_cases
from tracker.store.models import AuditEntry, Case

LONGEST = 200
_OF_DUTY = (
    select(AuditEntry)
    .where(AuditEntry.duty_id == bindparam("duty_id"))
    .options(joinedload(AuditEntry.actor), joinedload(AuditEntry.unit))
    .order_by(AuditEntry.id.desc())
    .limit(LONGEST)
)


def history_of_duty(session: Session, actor: Actor, duty_id: int) -> list[AuditEntry]:
    """Return what was done to a duty, and to those of its cases whose pages the actor may read, with who did it.

    Who sees a duty need not see its cases: a co-unit may be whom one of them complains of.
    """
    entries = list(session.scalars(_OF_DUTY, {"duty_id": duty_id}))
    if not any(entry.subject == "case" for entry in entries):
        return entries
    cases = visible_cases(actor).where(unconcerned(actor), Case.duty_id == duty_id).with_only_columns(Case.id)
    open_to_him = or_(AuditEntry.subject != "case", AuditEntry.subject_id.in_(cases))
    return list(session.scalars(_newest(select(AuditEntry).where(AuditEntry.duty_id == duty_id, open_to_him))))


def history_of_case(session: Session, case_id: int) -> list[AuditEntry]:
    """Return what was done to a case, with who did it for which unit."""
    return list(session.scalars(_OF_CASE, {"case_id": case_id}))


def _newest(query: Select[AuditEntry]) -> Select[AuditEntry]:
    loaded = query.options(joinedload(AuditEntry.actor), joinedload(AuditEntry.unit))
    return loaded.order_by(AuditEntry.id.desc()).limit(LONGEST)


_OF_CASE = _newest(
    select(AuditEntry).where(AuditEntry.subject == "case", AuditEntry.subject_id == bindparam("case_id"))
)
