"""Sessions (登录): begun by a log-in, kept alive by use, ended by log-out and by what ends all of a person's."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from tracker.rules.verbs import Subject, Verb
from tracker.services.core.act import Act
from tracker.store.models import User, UserSession
from tracker.store.people.sessions import digest

WRITTEN_EVERY = timedelta(minutes=5)
REMEMBERED = timedelta(days=30)  # how long an ended session says from where its person signs in


def start(session: Session, now: datetime, user: User, address: str | None) -> str:
    """Begin a session and forget the person's old ones; returns the token for the cookie, which is kept nowhere."""
    session.execute(
        delete(UserSession).where(UserSession.user_id == user.id, UserSession.last_used_at < now - REMEMBERED)
    )
    token = secrets.token_urlsafe(32)
    session.add(
        UserSession(
            user_id=user.id,
            token_hash=digest(token),
            address=(address or "")[:60] or None,
            started_at=now,
            last_used_at=now,
        )
    )
    return token


def end(act: Act, session_id: int) -> None:
    """退出: end one session of the actor's; a copy of its cookie opens nothing any more."""
    mine = (UserSession.id == session_id, UserSession.user_id == act.actor.user_id, UserSession.ended_at.is_(None))
    ended = act.session.execute(
        update(UserSession).where(*mine).values(ended_at=act.now).returning(UserSession.id)
    ).all()
    if ended:
        act.record(Verb.USER_LOGOUT, Subject.USER, act.actor.user_id)


def end_all(session: Session, now: datetime, user: User) -> None:
    """End every session of a person."""
    running = (UserSession.user_id == user.id, UserSession.ended_at.is_(None))
    session.execute(update(UserSession).where(*running).values(ended_at=now))


def touch(session: Session, now: datetime, session_id: int) -> None:
    """Note that a session is in use, where that was not done within the last five minutes."""
    stale = (UserSession.last_used_at <= now - WRITTEN_EVERY, UserSession.ended_at.is_(None))
    session.execute(update(UserSession).where(UserSession.id == session_id, *stale).values(last_used_at=now))
