"""Writing the audit trail (审计)."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy.orm import Session

from tracker.services.core.masking import mask_accounts, mask_text
from tracker.store.core.actors import Actor
from tracker.store.models import AuditEntry, Document, Duty


def record(
    session: Session,
    actor: Actor,
    now: datetime,
    verb: str,
    subject: str,
    subject_id: int | None,
    *,
    unit_id: int | None = None,
    jurisdiction_id: int | None = None,
    duty: Duty | None = None,
    document: Document | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    note: str | None = None,
) -> None:
    """Append one entry: who, for which unit, what, before and after.

    Auditors read it, so that it keeps no telephone or account that somebody wrote into a reason; of a case, in none of
    its words.  (A document's contacts are published: what was changed of those stays to be read.)
    """
    hide = _masked if subject == "case" else _as_it_is
    if document is not None:
        jurisdiction_id = jurisdiction_id or document.jurisdiction_id
    if unit_id is None:
        unit_id = actor.post_for(duty.unit_id if duty else None, jurisdiction_id)
    session.add(
        AuditEntry(
            at=now,
            actor_id=actor.user_id,
            unit_id=unit_id,
            jurisdiction_id=jurisdiction_id,
            verb=verb,
            subject=subject,
            subject_id=subject_id,
            duty_id=duty.id if duty else None,
            document_id=document.id if document else None,
            before=_plain(before, hide),
            after=_plain(after, hide),
            note=mask_accounts(note) if note else note,
        )
    )


def _masked(text: str) -> str:
    return mask_text(text, None)


def _as_it_is(text: str) -> str:
    return text


def _plain(values: Mapping[str, Any] | None, hide: Callable[[str], str]) -> dict[str, Any] | None:
    return None if values is None else {k: _value(v, hide) for k, v in values.items()}


def _value(value: Any, hide: Callable[[str], str]) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return hide(value)
    if isinstance(value, date):  # datetime is one
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(k): _value(v, hide) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_value(v, hide) for v in value]
    return value
