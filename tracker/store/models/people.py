"""Users, what they are in which unit, their sessions, and the slowing-down of failed log-ins."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.rules.roles import MemberRole
from tracker.store.core.base import Base, Key, Short, choice
from tracker.store.models.registry import Unit


class User(Base):
    """A person with an account."""

    __tablename__ = "users"
    id: Mapped[Key]
    login: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[Short]
    email: Mapped[str | None] = mapped_column(String(200))
    refused_address: Mapped[str | None] = mapped_column(String(200))  # the mail server refused it for good
    phone: Mapped[str | None] = mapped_column(String(60))
    password_hash: Mapped[str] = mapped_column(String(300))
    active: Mapped[bool] = mapped_column(default=True)
    demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    last_login_at: Mapped[datetime | None]
    memberships: Mapped[list["Membership"]] = relationship(back_populates="user", lazy="raise")


class Membership(Base):
    """A person's role in a unit; a person may hold several."""

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("user_id", "unit_id", "role"),)
    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    role: Mapped[MemberRole] = mapped_column(choice(MemberRole, "role"))
    user: Mapped[User] = relationship(back_populates="memberships", lazy="raise")
    unit: Mapped[Unit] = relationship(lazy="raise")


class UserSession(Base):
    """One log-in, until log-out, a new password, disabling, or too long without a page."""

    __tablename__ = "sessions"
    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    # Of what the cookie holds: who reads the table can sign in as nobody.
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    address: Mapped[str | None] = mapped_column(String(60))
    started_at: Mapped[datetime]
    last_used_at: Mapped[datetime]  # written at most once in five minutes
    ended_at: Mapped[datetime | None]
    user: Mapped[User] = relationship(lazy="raise")


class LoginThrottle(Base):
    """How often a log-in name or an address has failed of late, and until when it must wait."""

    __tablename__ = "login_throttles"
    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    last_failed_at: Mapped[datetime]
    blocked_until: Mapped[datetime | None]
