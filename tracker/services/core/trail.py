"""Writing the audit trail (审计)."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from enum import Enum
from typing import Any

from sqlalchemy.orm import Session

from tracker.rules.verbs import Subject
from tracker.services.core.masking import mask_accounts, mask_text
from tracker.store.models import AuditEntry

Entry = dict[str, Any]


def entry(
    subject: Subject, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, note: str | None
) -> Entry:
    """Return what an entry says has changed, still without who, when and where.

    Auditors read it, so that it keeps no telephone or account that somebody wrote into a reason; of a case, in none of
    its words.  (A document's contacts are published: what was changed of those stays to be read.)
    """
    hide = _masked if subject is Subject.CASE else _as_it_is
    return {
        "subject": subject.value,
        "before": _plain(before, hide),
        "after": _plain(after, hide),
        "note": mask_accounts(note) if note else note,
    }


def add(session: Session, entry: Entry) -> None:
    """Write one entry; it is stored by the next flush."""
    session.add(AuditEntry(**entry))


def append(session: Session, entries: Iterable[Entry]) -> None:
    """Write many entries by one statement, behind all that was recorded before; the session keeps none of them."""
    session.flush()
    session.bulk_save_objects([AuditEntry(**entry) for entry in entries])


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
