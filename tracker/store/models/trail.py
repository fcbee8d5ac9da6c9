"""审计: who did what, for which unit, to which row, before and after."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.store.core.base import Base, Key, Words
from tracker.store.models.people import User
from tracker.store.models.registry import Unit


class AuditEntry(Base):
    """One act; histories are read from these rows, which nothing ever changes."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index(None, "duty_id", "id"),
        Index(None, "document_id", "id"),
        Index(None, "jurisdiction_id", "id"),
        Index(None, "actor_id", "id"),
        Index("ix_audit_entries_place_verb", "jurisdiction_id", "verb", "id"),
        Index(None, "subject", "subject_id"),
    )
    id: Mapped[Key]
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # null: the product itself
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))  # for which unit
    jurisdiction_id: Mapped[int | None] = mapped_column(ForeignKey("jurisdictions.id"))
    verb: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(60))  # the kind of row
    subject_id: Mapped[int | None]
    # What the act belongs to, so that a history is one indexed question; no foreign keys: the trail outlives rows.
    duty_id: Mapped[int | None]
    document_id: Mapped[int | None]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    note: Mapped[Words | None]
    actor: Mapped[User | None] = relationship(lazy="raise")
    unit: Mapped[Unit | None] = relationship(lazy="raise")
