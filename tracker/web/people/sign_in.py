"""Log-in, log-out, own password, and whether the product is up."""

from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

from flask import Blueprint, current_app, flash, redirect, request, session, url_for
from flask_login import current_user, login_user, logout_user
from sqlalchemy import select
from werkzeug.wrappers import Response
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired

from tracker.services.core.errors import Refused
from tracker.services.people import accounts, sessions
from tracker.store.core.actors import Actor, actor_of
from tracker.store.models import User
from tracker.store.people.sessions import has_signed_in_from
from tracker.web.kit.access import SignedIn, actor, db, now, outfit, signed_in, this_act
from tracker.web.kit.fields import wrong
from tracker.web.kit.forms import PageForm
from tracker.web.kit.posting import Answer, Done, Posting
from tracker.web.kit.views import View

auth = Blueprint("auth", __name__)

FAILED = "登录名或密码不正确。"
CROWDED = "您所在的网络近来登录失败较多，请核对后再试；密码正确可以直接登录。"


class LoginForm(PageForm):
    """登录"""

    login = StringField("登录名", [InputRequired("请填写登录名。")])
    password = PasswordField("密码", [InputRequired("请填写密码。")])
    next = HiddenField()


class PasswordForm(PageForm):
    """修改密码"""

    current = PasswordField("现在的密码", [InputRequired("请填写现在的密码。")])
    new = PasswordField(
        "新密码",
        [InputRequired("请填写新密码。")],
        description=f"至少 {accounts.MIN_PASSWORD} 位，包含数字、小写字母、大写字母、符号中的两类。",
    )
    again = PasswordField("再次填写新密码", [EqualTo("new", "两次填写的新密码不一致。")])
    hashed: str

    def validate(self, extra_validators: Any = None) -> bool:
        """Hash the new password, where the present one is right: slow on purpose, and outside any transaction."""
        if not super().validate(extra_validators):
            return False
        with outfit().database.read() as reading:
            user = reading.get_one(User, actor().user_id)
        if not accounts.password_matches(user, self.current.data or ""):
            return wrong(self.current, "现在的密码不正确。")
        try:
            self.hashed = accounts.hash_password(self.new.data or "")
        except Refused as refusal:
            return wrong(self.new, str(refusal))
        return True


@auth.get("/healthz")
def healthz() -> tuple[str, int, dict[str, str]]:
    """Answer once the product serves and its database does."""
    db().execute(select(1))
    return "ok\n", 200, {"Content-Type": "text/plain; charset=utf-8"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginPage(View):
    """The log-in."""

    template: ClassVar[str] = "people/login.html"
    form: LoginForm


@auth.route("/login", methods=["GET", "POST"])
def login() -> Response | str | tuple[str, int]:
    form = LoginForm()
    if request.method == "GET":
        form.next.data = request.args.get("next", "")
    if not form.validate_on_submit():
        return LoginPage(form=form).render()
    name = (form.login.data or "").strip().lower()
    keys = accounts.throttle_keys(name, request.remote_addr)
    with outfit().database.read() as reading:
        user = reading.scalars(select(User).where(User.login == name)).one_or_none()
        # Who guesses from many addresses must not keep a person out of his own office.
        since = now() - sessions.REMEMBERED
        at_home = user is not None and has_signed_in_from(reading, user.id, request.remote_addr, since)
        waiting = accounts.wait_for_login(reading, now(), [keys.pair] if at_home else keys.refusing)
        crowded = accounts.wait_for_login(reading, now(), [keys.address])
    if waiting:
        form.form_errors.append(f"登录失败次数过多，请在 {max(1, round(waiting.total_seconds()))} 秒后再试。")
        return LoginPage(form=form).render(), 429
    # Hashing is slow on purpose: outside any transaction, so that nobody waits for it.
    matches = accounts.password_matches(user, form.password.data or "")
    if user is None or not matches:
        with outfit().database.write() as writing:
            accounts.record_failed_login(writing, now(), [*keys.refusing, keys.address])
            writing.commit()
        # Only who was wrong is told of the address: colleagues behind it must never wait for one another.
        form.form_errors.append(f"{FAILED}{CROWDED}" if crowded else FAILED)
        return LoginPage(form=form).render(), 429 if crowded else 401
    leaving = signed_in()  # asked before the lock is taken: noting that session's use would wait for ourselves
    entering = db().get_one(User, user.id, with_for_update=True)
    if not entering.active or entering.password_hash != user.password_hash:  # changed while we hashed
        form.form_errors.append(FAILED)
        return LoginPage(form=form).render(), 401
    if leaving:
        sessions.end(this_act(), current_user.session_id)
    person = actor_of(db(), entering)
    accounts.record_login(db(), now(), entering, person, keys)
    _enter(entering, person)
    return redirect(_safe(form.next.data) or url_for("home.index"))


def _enter(user: User, person: Actor) -> None:
    """Begin a session for a person and put its token into a cookie that holds nothing of an older one."""
    token = sessions.start(db(), now(), user, request.remote_addr)
    session.clear()
    session.permanent = True
    login_user(SignedIn(user.login, person, token))


def page_of(referrer: str | None) -> str | None:
    """Return the page a form stood on, where it is one of ours that can be opened."""
    host, _, rest = (referrer or "").partition("://")[2].partition("/")
    target = f"/{rest}"
    # A refused form stands at an address that only takes posts.
    adapter = current_app.create_url_adapter(request)
    opens = adapter is not None and adapter.test(target.partition("?")[0], "GET")
    return _safe(target) if host == request.host and opens else None


def _safe(target: str | None) -> str | None:
    """Return a path of this site; nothing that could lead elsewhere."""
    if not target or "\\" in target or any(ord(c) < 32 for c in target):
        return None
    if not target.startswith("/") or target.startswith("//"):
        return None
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else None


@auth.post("/logout")
def logout() -> Response:
    if signed_in():
        sessions.end(this_act(), current_user.session_id)
    logout_user()
    session.clear()
    flash("您已退出。", "success")
    return redirect(url_for("auth.login"))


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordPage(View):
    """The form of one's own password."""

    template: ClassVar[str] = "people/password.html"
    form: PasswordForm


@auth.route("/password", methods=["GET", "POST"])
def password() -> Answer:
    form = PasswordForm()

    def verb(user: User) -> Done:
        accounts.set_password(this_act(), user, form.hashed)
        _enter(user, actor())
        return Done("密码已修改，其他设备上的登录已退出。", url_for("home.index"))

    def page(_: User) -> str:
        return PasswordPage(form=form).render()

    return Posting(form, lambda: db().get_one(User, actor().user_id), verb, page).answer()
