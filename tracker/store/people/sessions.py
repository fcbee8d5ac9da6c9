"""Reading sessions (登录): whose a cookie is, and from where a person has signed in of late."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from tracker.store.core.actors import Actor, Post
from tracker.store.models import Membership, Unit, User, UserSession

_sessions: Any = UserSession.__table__
_users: Any = User.__table__
_memberships: Any = Membership.__table__
_units: Any = Unit.__table__
# Asked by every page, and so built once, of tables rather than objects: a row for each of the person's posts.
_SIGNED_IN = (
    select(
        _sessions.c.id,
        _sessions.c.last_used_at,
        _users.c.id,
        _users.c.login,
        _users.c.name,
        _memberships.c.unit_id,
        _units.c.name,
        _units.c.jurisdiction_id,
        _memberships.c.role,
    )
    .select_from(_sessions)
    .join(_users, _sessions.c.user_id == _users.c.id)
    .outerjoin(_memberships, _memberships.c.user_id == _users.c.id)
    .outerjoin(_units, _memberships.c.unit_id == _units.c.id)
    .where(_sessions.c.token_hash == bindparam("token_hash"), _sessions.c.ended_at.is_(None), _users.c.active)
    .where(_sessions.c.last_used_at > bindparam("used_since"), _sessions.c.started_at > bindparam("started_since"))
    .order_by(_memberships.c.id)
)


@dataclass(frozen=True, slots=True)
class RunningSession:
    """A session that runs, and whose it is."""

    id: int
    last_used_at: datetime
    login: str
    actor: Actor


def digest(token: str) -> str:
    """Return what the table keeps of a cookie's token; it is random and long, so that one round is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_session(
    session: Session, token: str, now: datetime, idle: timedelta, length: timedelta
) -> RunningSession | None:
    """Return the session of a token with whose it is and what he is, where it runs still."""
    asked = {"token_hash": digest(token), "used_since": now - idle, "started_since": now - length}
    rows = session.execute(_SIGNED_IN, asked).all()
    if not rows:
        return None
    number, last_used_at, user_id, login, name = rows[0][:5]
    posts = tuple(Post(*row[5:]) for row in rows if row[5] is not None)
    return RunningSession(number, last_used_at, login, Actor(user_id, name, posts))


def has_signed_in_from(session: Session, user_id: int, address: str | None, since: datetime) -> bool:
    """Whether a person has signed in from an address since."""
    query = select(UserSession.id).where(
        UserSession.user_id == user_id, UserSession.address == address, UserSession.started_at >= since
    )
    return session.scalars(query.limit(1)).first() is not None
