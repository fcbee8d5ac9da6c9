"""Who asks, with which session, and at what time: the request's fixed spine."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NoReturn, ParamSpec, TypeVar

from flask import abort, current_app, g, has_request_context, request
from flask_login import UserMixin, current_user
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from werkzeug.routing import IntegerConverter, Map

from config import Settings
from tracker.adapters.disk.store import FileStore
from tracker.clock.calendar import WorkCalendar, national
from tracker.now import SHANGHAI
from tracker.rules.lights import soon_limit
from tracker.services.core.act import Act, begin
from tracker.services.people import sessions
from tracker.store.calendars.versions import Calendars, read_calendars
from tracker.store.core.actors import Actor
from tracker.store.core.engine import Database
from tracker.store.duties.lights import Moment
from tracker.store.people.sessions import find_session

MOST = 2**31 - 1  # of a row's number on PostgreSQL
READING = ("GET", "HEAD", "OPTIONS")

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Outfit:
    """What `create_app` chose: database, files, settings and the reader of time."""

    settings: Settings
    database: Database  # of pages, whose statements may not take for ever
    beside: Database  # the same without that limit, for what is done beside the pages
    files: FileStore
    clock: Callable[[], datetime]


class SignedIn(UserMixin):
    """The user of a session, as Flask-Login wants him; his actor is read once per request."""

    def __init__(self, login: str, actor: Actor, token: str, session_id: int | None = None) -> None:
        self.user_id, self.login, self.actor = actor.user_id or 0, login, actor
        self.token, self.session_id = token, session_id

    def get_id(self) -> str:
        return self.token


def outfit() -> Outfit:
    found: Outfit = current_app.extensions["tracker"]
    return found


def make_outfit(settings: Settings, database: Database, clock: Callable[[], datetime]) -> Outfit:
    pages = database.limited(settings.statement_limit)
    return Outfit(settings, pages, database, FileStore(settings.files_dir), clock)


def now() -> datetime:
    """Return this request's instant: one for the whole request."""
    if "now" not in g:
        g.now = outfit().clock()
    instant: datetime = g.now
    return instant


def this_act() -> Act:
    """Return this request as an act: who asks, when, on its session."""
    return begin(db(), actor(), now())


def this_day() -> date:
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
        g.session = database.read() if request.method in READING else database.write()
    session: Session = g.session
    return session


def finish(status: int) -> None:
    """Commit a POST that ended in a redirect; anything else leaves no trace."""
    session: Session | None = g.get("session")
    if session is not None and request.method == "POST" and 300 <= status < 400:
        session.commit()


def keep() -> None:
    """Commit what a POST has carried out so far, though its answer will be a page: the rest is still to be mended."""
    db().commit()


def close_session(_error: BaseException | None = None) -> None:
    session: Session | None = g.pop("session", None)
    if session is not None:
        session.close()


def load_user(token: str) -> SignedIn | None:
    """Find the user of a session cookie: a POST in a short reading session of its own, so that it takes no lock yet."""
    chosen = outfit().settings
    with nullcontext(db()) if request.method in READING else outfit().database.read() as session:
        found = find_session(session, token, now(), chosen.session_idle, chosen.session_length)
    if found is None:
        return None
    person = SignedIn(found.login, found.actor, token, found.id)
    if now() - found.last_used_at >= sessions.WRITTEN_EVERY:
        _touch(found.id)
    return person


def _touch(session_id: int) -> None:
    """Note the use of a session; a database that is busy or full costs the note, never the page."""
    try:
        with outfit().database.brief() as session:
            sessions.touch(session, now(), session_id)
            session.commit()
    except SQLAlchemyError as error:
        current_app.logger.warning("last use of session %s not noted: %s", session_id, type(error).__name__)


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


def whole(text: str) -> int:
    """Return a number of a query; raises ValueError, as for no number, where no row and no page can have it."""
    number = int(text)
    if abs(number) > MOST:
        raise ValueError(text)
    return number


class RowNumber(IntegerConverter):
    """<int:…> of an address: what no row can have is not found."""

    def __init__(self, map: Map, **given: Any) -> None:
        super().__init__(map, **{"max": MOST, **given})


def page_number() -> int:
    """Return the page asked for, 1 where none or nonsense is."""
    return request.args.get("page", 1, type=whole) or 1


def keep_args(**changes: Any) -> dict[str, Any]:
    """Return the query arguments of this page with some changed; None takes one away.

    Names that mean something to url_for itself (endpoint, _external) are nobody's to give in an address.
    """
    args = {**request.args.to_dict(), **changes}
    return {k: v for k, v in args.items() if v not in (None, "") and k != "endpoint" and not k.startswith("_")}
