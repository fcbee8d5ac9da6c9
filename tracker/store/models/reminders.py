"""What has to be said to whom, and the mails that say it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.rules.labels import Labelled
from tracker.rules.ladder import Level
from tracker.store.core.base import Base, Key, Words, choice
from tracker.store.models.cases import Case, Referral
from tracker.store.models.people import User
from tracker.store.models.registry import Jurisdiction, Unit
from tracker.store.models.work import Duty, Extension, Milestone, Report

PENDING = text("state = 'pending'")
OPEN = text("state = 'failed' AND settled_at IS NULL")


class AlertState(StrEnum):
    """Where an alert stands."""

    PENDING = "pending"
    IN_MESSAGE = "in_message"
    DROPPED = "dropped"  # no longer true, or the reader may no longer see it, when it was to be sent
    UNREACHABLE = "unreachable"  # 无人可通知


class MessageState(Labelled):
    """Where a mail stands."""

    PENDING = "pending", "待发送"
    CLAIMED = "claimed", "发送中"
    SENT = "sent", "已发送"
    FAILED = "failed", "发送失败"


class Message(Base):
    """One mail: claimed with a lease before it is sent, under a Message-ID that never changes."""

    __tablename__ = "messages"
    __table_args__ = (
        Index(None, "state", "next_try_at"),
        Index("ix_messages_open", "failed_at", sqlite_where=OPEN, postgresql_where=OPEN),
    )
    id: Mapped[Key]
    message_id: Mapped[str] = mapped_column(String(200), unique=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"), index=True)
    to_address: Mapped[str] = mapped_column(String(200))
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[Words]
    html: Mapped[Words]
    state: Mapped[MessageState] = mapped_column(choice(MessageState, "state"), default=MessageState.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_by: Mapped[str | None] = mapped_column(String(80))
    lease_until: Mapped[datetime | None]
    next_try_at: Mapped[datetime]
    last_error: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]  # failed, but sent again by hand, its reader told since, or nothing left to say


class Alert(Base):
    """提醒: one thing to tell one person, or one unit's address, written once under its key."""

    __tablename__ = "alerts"
    __table_args__ = (
        CheckConstraint("user_id IS NOT NULL OR unit_id IS NOT NULL", name="has_recipient"),
        CheckConstraint(
            "duty_id IS NOT NULL OR milestone_id IS NOT NULL OR referral_id IS NOT NULL OR jurisdiction_id IS NOT NULL"
            " OR case_id IS NOT NULL",
            name="is_about_something",
        ),
        Index("ix_alerts_pending", "user_id", "unit_id", sqlite_where=PENDING, postgresql_where=PENDING),
        Index(None, "state"),
        Index(None, "duty_id"),
        Index(None, "message_id"),
    )
    id: Mapped[Key]
    key: Mapped[str] = mapped_column(String(120), unique=True)
    level: Mapped[Level] = mapped_column(choice(Level, "level"))
    duty_id: Mapped[int | None] = mapped_column(ForeignKey("duties.id"))
    milestone_id: Mapped[int | None] = mapped_column(ForeignKey("milestones.id"), index=True)
    milestone_version: Mapped[int | None]
    referral_id: Mapped[int | None] = mapped_column(ForeignKey("referrals.id"), index=True)
    jurisdiction_id: Mapped[int | None] = mapped_column(ForeignKey("jurisdictions.id"))  # whose calendar lacks a year
    # The submission, request or case whose outcome is told; beside the first two stand their duty or their date.
    report_id: Mapped[int | None] = mapped_column(ForeignKey("reports.id"), index=True)
    extension_id: Mapped[int | None] = mapped_column(ForeignKey("extensions.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))  # the unit's own address
    state: Mapped[AlertState] = mapped_column(choice(AlertState, "state"), default=AlertState.PENDING)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id"))
    created_at: Mapped[datetime]
    duty: Mapped[Duty | None] = relationship(lazy="raise")
    milestone: Mapped[Milestone | None] = relationship(lazy="raise")
    referral: Mapped[Referral | None] = relationship(lazy="raise")
    jurisdiction: Mapped[Jurisdiction | None] = relationship(lazy="raise")
    report: Mapped[Report | None] = relationship(lazy="raise")
    extension: Mapped[Extension | None] = relationship(lazy="raise")
    case: Mapped[Case | None] = relationship(lazy="raise")
    user: Mapped[User | None] = relationship(lazy="raise")
    unit: Mapped[Unit | None] = relationship(lazy="raise")
