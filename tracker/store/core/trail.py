"""Reading the audit trail."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from tracker.store.core.actors import Actor
from tracker.store.core.pages import PER_PAGE, Page, count, page_bounds
from tracker.store.core.visible import visible_audit
from tracker.store.models import AuditEntry, User


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What the trail is narrowed to; `until` is exclusive."""

    verb: str | None = None
    login: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def list_audit(
    session: Session, actor: Actor, wanted: AuditFilter, number: int = 1, per_page: int = PER_PAGE
) -> Page[AuditEntry]:
    """Return one page of the trail an auditor may read, newest first."""
    query = _narrow(visible_audit(actor), wanted)
    total = count(session, query)
    number, offset = page_bounds(total, number, per_page)
    rows = session.scalars(
        query.options(joinedload(AuditEntry.actor), joinedload(AuditEntry.unit))
        .order_by(AuditEntry.id.desc())
        .offset(offset)
        .limit(per_page)
    )
    return Page(list(rows), number, total, per_page)


def _narrow(query: Select[Any], wanted: AuditFilter) -> Select[Any]:
    if wanted.verb:
        query = query.where(AuditEntry.verb == wanted.verb)
    if wanted.login:
        query = query.where(
            AuditEntry.actor_id.in_(select(User.id).where((User.login == wanted.login) | (User.name == wanted.login)))
        )
    if wanted.since:
        query = query.where(AuditEntry.at >= wanted.since)
    if wanted.until:
        query = query.where(AuditEntry.at < wanted.until)
    return query
