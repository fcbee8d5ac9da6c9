"""create_app(): the one place that puts settings, database, files, time and pages together."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, Response, flash, g, redirect, request, url_for
from flask_bootstrap import Bootstrap5
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from jinja2 import StrictUndefined
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

import config
from tracker import logs
from tracker.adapters.line_breaks import LineBreaks
from tracker.clock.wording import date_words
from tracker.now import utc_now
from tracker.services.core.errors import NotPermitted, Refused, Stale
from tracker.store.core.engine import Database, cut_off, open_database
from tracker.web import blueprints
from tracker.web.calendars.page import missing_strip
from tracker.web.core import addresses
from tracker.web.documents.readings import Readings
from tracker.web.kit import access, navigation, posting, words
from tracker.web.kit.views import (
    BrokenPage,
    Frame,
    NotFoundPage,
    NotPermittedPage,
    NotTakenPage,
    TooLargePage,
    TooManyPage,
    TooSlowPage,
    View,
    values,
)
from tracker.web.people import sign_in
from tracker.web.requests import PlainRequest, plain

CONTENT_SECURITY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "form-action 'self'; frame-src 'self'; frame-ancestors 'self'; base-uri 'none'"
)
LIMIT_WORDS = (
    f"{config.MAX_UPLOAD_BYTES // config.MEGABYTE} MB，粘贴的正文 {config.MAX_PASTE_BYTES // config.MEGABYTE} MB"
)


class TrackerApp(Flask):
    """Flask, with one transaction per request, committed once."""

    request_class = PlainRequest

    def dispatch_request(self) -> Any:
        answer = self.make_response(super().dispatch_request())
        # Inside dispatch, so that a conflict on commit reaches the error pages as any other error does.
        access.finish(answer.status_code)
        return answer


def create_app(
    settings: config.Settings | None = None,
    database: Database | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Flask:
    """Return the web application; settings, database and the reader of time may be given (tests do)."""
    settings = settings or config.load()
    database = database or open_database(settings.database_url)
    app = TrackerApp(
        "tracker", template_folder=str(config.ROOT / "templates"), static_folder=str(config.ROOT / "static")
    )
    app.url_map.converters["int"] = access.RowNumber
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=config.MAX_CONTENT_LENGTH,
        MAX_FORM_MEMORY_SIZE=config.MAX_FORM_MEMORY_SIZE,
        MAX_FORM_PARTS=config.MAX_FORM_PARTS,
        BOOTSTRAP_SERVE_LOCAL=True,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https://"),
        PERMANENT_SESSION_LIFETIME=settings.session_length,  # of the cookie; when a session ends, its row says
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a form left open over lunch still posts
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(days=1),
    )
    app.extensions["tracker"] = access.make_outfit(settings, database, clock)
    app.extensions["readings"] = Readings()
    Bootstrap5(app)
    CSRFProtect(app)
    _set_up_login(app)
    app.before_request(_name_request)
    app.before_request(_refuse_strange_address)
    app.teardown_request(access.close_session)
    app.after_request(_harden)
    app.context_processor(_page_context)
    app.jinja_env.undefined = StrictUndefined  # a misspelt name is an error, not an empty place on a page
    app.jinja_env.add_extension(LineBreaks)
    app.jinja_env.globals.update(form_token=posting.form_token)
    words.set_up(app)
    for blueprint in blueprints.ALL:
        app.register_blueprint(blueprint)
    addresses.set_up(app)
    _set_up_errors(app)
    return app


def _set_up_login(app: Flask) -> None:
    manager = LoginManager(app)
    manager.session_protection = None  # behind a proxy addresses change; the session's row ends it
    manager.user_loader(access.load_user)

    def to_login() -> Response:
        target: str | None
        if request.method == "GET":
            target = request.full_path.rstrip("?")
        else:
            target = sign_in.page_of(request.referrer)
            flash("登录已经结束，刚才提交的内容没有保存：登录后会回到原来的页面，请重新填写。", "error")
        return redirect(url_for("auth.login", next=target))  # type: ignore[return-value]

    manager.unauthorized_handler(to_login)

    @app.before_request
    def _require_login() -> Any:
        if request.endpoint in addresses.ANYBODYS or request.endpoint is None or current_user.is_authenticated:
            return None
        return manager.unauthorized()


def _harden(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "SAMEORIGIN")
    headers.setdefault("Referrer-Policy", "same-origin")
    if "request_id" in g:
        headers["X-Request-ID"] = g.request_id
    if request.endpoint not in ("static", "bootstrap.static"):
        headers.setdefault("Cache-Control", "no-store")
    return response


def _page_context() -> dict[str, Any]:
    """What base.html shows on every page."""
    now, settings = access.now(), access.outfit().settings
    signed_in = access.signed_in()
    bar = navigation.context(access.actor()) if signed_in else {"nav": [], "who": None, "mailbox_url": None}
    frame = Frame(
        today_words=date_words(access.this_day()),
        now_words=words.full_instant(now),
        mail_not_sent=settings.mail_url is None,
        home_url=url_for("home.index"),
        missing_notice=missing_strip(access.actor()) if signed_in else None,
        **bar,
    )
    return values(frame)


def _name_request() -> None:
    """Give the request an id of its own, which its log lines bear and a 500 page shows; a client's is never taken."""
    g.request_id = logs.begin("request")


def _refuse_strange_address() -> None:
    """Let no address through that holds what none of ours does."""
    if plain(request.path) != request.path:
        access.not_found()


def _set_up_errors(app: Flask) -> None:
    def close() -> None:
        session = g.pop("session", None)
        if session is not None:
            session.rollback()
            session.close()

    def page(code: int, view: View) -> tuple[str, int]:
        close()
        return view.render(), code

    plain: dict[int, View] = {
        400: NotTakenPage(),
        403: NotPermittedPage(),
        404: NotFoundPage(),
        413: TooLargePage(limit_words=LIMIT_WORDS),
        429: TooManyPage(),
    }
    for code, view in plain.items():
        app.register_error_handler(code, lambda error, code=code, view=view: page(code, view))

    @app.errorhandler(CSRFError)
    def csrf(error: CSRFError) -> tuple[str, int]:
        said = "页面已过期，请返回上一页重新打开后再提交；您填写的内容可以先复制下来。"
        return page(400, NotTakenPage(said=said))

    @app.errorhandler(NotPermitted)
    def not_permitted(error: NotPermitted) -> tuple[str, int]:
        return page(403, NotPermittedPage(said=str(error)))

    @app.errorhandler(StaleDataError)
    @app.errorhandler(Stale)
    def stale(error: Exception) -> tuple[str, int]:
        close()
        return posting.overtaken_page(), 409

    @app.errorhandler(Refused)
    def refused(error: Refused) -> tuple[str, int]:
        return page(400, NotTakenPage(said=str(error)))

    @app.errorhandler(DataError)
    @app.errorhandler(OverflowError)
    def out_of_range(error: Exception) -> tuple[str, int]:
        app.logger.warning("a value no column holds: %s on %s", type(error).__name__, request.path)
        said = "提交的内容里有超出范围的数字或日期，没有保存。"
        return page(400, NotTakenPage(said=said, typed=posting.posted_words()))

    @app.errorhandler(OperationalError)
    def busy(error: OperationalError) -> tuple[str, int]:
        if cut_off(error):
            limit = access.outfit().settings.statement_limit
            app.logger.warning("a statement took longer than %s on %s %s", limit, request.method, request.path)
            return alone(503, TooSlowPage(seconds=round(limit.total_seconds()), reference=g.get("request_id")))
        app.logger.exception("database unavailable")
        return broken_page()

    def broken_page() -> tuple[str, int]:
        return alone(500, BrokenPage(reference=g.get("request_id")))

    def alone(code: int, view: View) -> tuple[str, int]:
        # Whatever broke this request may break the page's frame as well.
        access.close_session()
        return view.render_alone(), code

    @app.errorhandler(Exception)
    def broken(error: Exception) -> Any:
        if isinstance(error, HTTPException):
            return error
        app.logger.exception("unhandled error on %s", request.path)
        return broken_page()
