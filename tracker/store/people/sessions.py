"""Reading sessions (登录): whose a cookie is, and from where a person has signed in of late."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from tracker.store.models import User, UserSession


def digest(token: str) -> str:
    """Return what the table keeps of a cookie's token; it is random and long, so that one round is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_session(session: Session, token: str, now: datetime, idle: timedelta, length: timedelta) -> UserSession | None:
    """Return the session of a token with its user, where it runs still."""
    query = (
        select(UserSession)
        .join(UserSession.user)
        .where(UserSession.token_hash == digest(token), UserSession.ended_at.is_(None), User.active)
        .where(UserSession.last_used_at > now - idle, UserSession.started_at > now - length)
        .options(contains_eager(UserSession.user))
    )
    return session.scalars(query).one_or_none()


def has_signed_in_from(session: Session, user_id: int, address: str | None, since: datetime) -> bool:
    """Whether a person has signed in from an address since."""
    query = select(UserSession.id).where(
        UserSession.user_id == user_id, UserSession.address == address, UserSession.started_at >= since
    )
    return session.scalars(query.limit(1)).first() is not None
