"""Who asks, with which session, and at what time: the request's fixed spine."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from typing import Any, NoReturn, ParamSpec, TypeVar

from flask import abort, current_app, g, has_request_context, request
from flask_login import UserMixin, current_user
from sqlalchemy.orm import Session

from config import Settings
from tracker.adapters.files import FileStore
from tracker.clock.calendar import WorkCalendar, national
from tracker.ladder import soon_limit
from tracker.now import SHANGHAI
from tracker.store.actors import Actor, actor_of
from tracker.store.calendars import Calendars, read_calendars
from tracker.store.engine import Database
from tracker.store.lights import Moment
from tracker.store.models import MemberRole, User

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Outfit:
    """What `create_app` chose: database, files, settings and the reader of time."""

    settings: Settings
    database: Database
    files: FileStore
    clock: Callable[[], datetime]


class SignedIn(UserMixin):
    """The user of a session, as Flask-Login wants him; his actor is read once per request."""

    def __init__(self, user: User, actor: Actor) -> None:
        self.user_id, self.epoch, self.actor = user.id, user.session_epoch, actor
        self.login = user.login

    def get_id(self) -> str:
        # A new password or a disabled account raises the epoch: the old cookie names nobody any more.
        return f"{self.user_id}:{self.epoch}"


def outfit() -> Outfit:
    found: Outfit = current_app.extensions["tracker"]
    return found


def make_outfit(settings: Settings, database: Database, clock: Callable[[], datetime]) -> Outfit:
    return Outfit(settings, database, FileStore(settings.files_dir), clock)


def now() -> datetime:
    """Return this request's instant: one for the whole request."""
    if "now" not in g:
        g.now = outfit().clock()
    instant: datetime = g.now
    return instant


def today() -> date:
    return now().astimezone(SHANGHAI).date()


def calendars() -> Calendars:
    """Return every place's calendar, read once a request."""
    if "calendars" not in g:
        g.calendars = read_calendars(db())
    found: Calendars = g.calendars
    return found


def calendar(jurisdiction_id: int) -> WorkCalendar:
    """Return the working-day calendar of a place."""
    return calendars().of(jurisdiction_id)


def moment() -> Moment:
    """Return the instant and, by place where its calendar is its own, the end of 临期 for the lists of this request."""
    if "moment" not in g:
        own = {place: soon_limit(now(), days) for place, days in calendars().own.items()}
        g.moment = Moment(now(), soon_limit(now(), national()), own)
    found: Moment = g.moment
    return found


def db() -> Session:
    """Return this request's session: reading for GET, writing (its lock taken at the first statement) for POST.

    Read files, parse and hash before the first call in a POST: others wait for the lock.
    """
    if "session" not in g:
        database = outfit().database
        g.session = database.read() if request.method in ("GET", "HEAD", "OPTIONS") else database.write()
    session: Session = g.session
    return session


def finish(status: int) -> None:
    """Commit a POST that ended in a redirect; anything else leaves no trace."""
    session: Session | None = g.get("session")
    if session is not None and request.method == "POST" and 300 <= status < 400:
        session.commit()


def close_session(_error: BaseException | None = None) -> None:
    session: Session | None = g.pop("session", None)
    if session is not None:
        session.close()


def load_user(cookie: str) -> SignedIn | None:
    """Find the user of a session cookie in a short reading session of its own, so that POST takes no lock for it."""
    user_id, _, epoch = cookie.partition(":")
    if not user_id.isdigit() or not epoch.isdigit():
        return None
    with outfit().database.read() as session:
        user = session.get(User, int(user_id))
        if user is None or not user.active or user.session_epoch != int(epoch):
            return None
        return SignedIn(user, actor_of(session, user))


def actor() -> Actor:
    """Return who is asking; only behind a log-in."""
    found: Actor = current_user.actor
    return found


def signed_in() -> bool:
    return has_request_context() and bool(current_user.is_authenticated)


def not_found() -> NoReturn:
    abort(404)


def or_404(row: R | None) -> R:
    """Return what a loader found; a stranger's row and a missing one look the same."""
    if row is None:
        not_found()
    return row


def requires(*roles: MemberRole) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let only holders of one of `roles` (in any unit) through: 403 otherwise."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if not any(actor().holds(role) for role in roles):
                abort(403)
            return view(*args, **kwargs)

        return guarded

    return decorate


def page_number() -> int:
    """Return the page asked for, 1 where none or nonsense is."""
    return request.args.get("page", 1, type=int) or 1


def keep_args(**changes: Any) -> dict[str, Any]:
    """Return the query arguments of this page with some changed; None takes one away.

    Names that mean something to url_for itself (endpoint, _external) are nobody's to give in an address.
    """
    args = {**request.args.to_dict(), **changes}
    return {k: v for k, v in args.items() if v not in (None, "") and k != "endpoint" and not k.startswith("_")}
