"""The working-day calendar of a jurisdiction as data (工作日历): versions, each a whole, unchanged once in force.

The nationwide table is `clock/national.toml`; a version holds what a jurisdiction adds to it (a local
festival) or settles beside it (a notice that came out later, a single day).
"""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.rules.labels import Labelled
from tracker.store.core.base import Base, Key, Short, choice
from tracker.store.models.people import User
from tracker.store.models.registry import Jurisdiction
from tracker.store.models.versioned import Versioned


class CalendarState(Labelled):
    """Where a version of a calendar stands."""

    DRAFT = "draft", "待生效"  # its effect is previewed first
    CURRENT = "current", "现行"
    SUPERSEDED = "superseded", "已被替代"
    DISCARDED = "discarded", "已放弃"


class DayKind(StrEnum):
    """What a version says of one day."""

    OFF = "off"  # 放假
    WORK = "work"  # 上班
    ADDED = "added"  # 本地增加的放假日 (全国年节及纪念日放假办法 4)


class CalendarVersion(Versioned, Base):
    """日历版本: a jurisdiction's calendar as a whole; milestones name the label of the one they were counted by."""

    __tablename__ = "calendar_versions"
    __table_args__ = (
        UniqueConstraint("jurisdiction_id", "number"),
        Index(None, "jurisdiction_id", "state"),
    )
    id: Mapped[Key]
    jurisdiction_id: Mapped[int] = mapped_column(ForeignKey("jurisdictions.id"))
    number: Mapped[int]
    state: Mapped[CalendarState] = mapped_column(choice(CalendarState, "state"), default=CalendarState.DRAFT)
    why: Mapped[Short]  # what made it necessary: 载入2027年放假通知
    digest: Mapped[str] = mapped_column(String(64))  # of its days and years: equal calendars are built once
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    applied_at: Mapped[datetime | None]
    applied_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    jurisdiction: Mapped[Jurisdiction] = relationship(lazy="raise")
    created_by: Mapped[User | None] = relationship(foreign_keys=[created_by_id], lazy="raise")
    days: Mapped[list["CalendarDay"]] = relationship(
        order_by="CalendarDay.on", lazy="raise", cascade="all, delete-orphan"
    )
    notices: Mapped[list["CalendarNotice"]] = relationship(
        order_by="CalendarNotice.year", lazy="raise", cascade="all, delete-orphan"
    )


class CalendarDay(Base):
    """One day a version settles."""

    __tablename__ = "calendar_days"
    version_id: Mapped[int] = mapped_column(ForeignKey("calendar_versions.id"), primary_key=True)
    on: Mapped[date] = mapped_column("on_day", primary_key=True)
    kind: Mapped[DayKind] = mapped_column(choice(DayKind, "kind"))
    name: Mapped[str] = mapped_column(String(60), default="")


class CalendarNotice(Base):
    """A year whose notice (放假通知) a version holds beyond the installed table: it is provisional no more."""

    __tablename__ = "calendar_notices"
    version_id: Mapped[int] = mapped_column(ForeignKey("calendar_versions.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    doc_no: Mapped[str | None] = mapped_column(String(120))
