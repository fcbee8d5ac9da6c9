"""Log-in, own password, and what every answer carries."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

import config
from tests.conftest import Clock
from tests.kit.world import NOW, PASSWORD, World, log_in, token_in
from tracker.services.core.act import begin
from tracker.services.people import accounts
from tracker.store.core.actors import SYSTEM
from tracker.store.core.engine import Database
from tracker.store.models import AuditEntry, User

ClientFor = Callable[[str], FlaskClient]


def attempt(client: FlaskClient, login: str, password: str, target: str = "") -> tuple[int, str, str]:
    """Post the log-in form; returns status, page and where it leads."""
    page = client.get("/login", query_string={"next": target} if target else None).get_data(as_text=True)
    answer = client.post(
        "/login", data={"login": login, "password": password, "next": target, "csrf_token": token_in(page)}
    )
    return answer.status_code, answer.get_data(as_text=True), answer.headers.get("Location", "")


def test_a_page_behind_the_log_in_is_reached_after_it(world: World, app: Flask) -> None:
    client = app.test_client()
    sent = client.get("/duties/?light=late")
    assert sent.status_code == 302
    assert "next=" in sent.headers["Location"]
    status, _, target = attempt(client, "lead", PASSWORD, "/duties/?light=late")
    assert (status, target) == (302, "/duties/?light=late")


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\x00", "evil", "http://["],
)
def test_a_log_in_never_leads_to_another_site(world: World, app: Flask, target: str) -> None:
    assert attempt(app.test_client(), "lead", PASSWORD, target)[2] == "/"


@pytest.mark.parametrize("login", ["lead", "nobody"])
def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(world: World, app: Flask, login: str) -> None:
    status, page, _ = attempt(app.test_client(), login, "wrong")
    assert status == 401
    assert "登录名或密码不正确" in page
    assert f'value="{login}"' in page  # what was typed is still there
    assert "wrong" not in page


def test_failures_slow_an_account_down_even_with_the_right_password(world: World, app: Flask, clock: Clock) -> None:
    client = app.test_client()
    for _ in range(6):
        attempt(client, "lead", "wrong")
        clock.at += timedelta(milliseconds=10)
    status, page, _ = attempt(client, "lead", PASSWORD)
    assert status == 429
    assert "秒后再试" in page
    clock.at += timedelta(minutes=16)
    assert attempt(client, "lead", PASSWORD)[0] == 302


@pytest.mark.long
def test_wrong_passwords_of_one_lock_nobody_else_out_of_the_same_address(
    world: World, app: Flask, clock: Clock
) -> None:
    client = app.test_client()
    for n in range(60):
        attempt(client, f"nobody{n % 12}", "wrong")
        clock.at += timedelta(milliseconds=10)
    status, page, _ = attempt(client, "head", "mistyped")
    assert status == 429
    assert "密码正确可以直接登录" in page  # nobody waits for what he need not wait for
    assert attempt(client, "lead", PASSWORD)[0] == 302
    # A right password vouches for its address: the next slip there is an ordinary one.
    assert attempt(client, "head", "mistyped")[0] == 401


def test_a_password_is_still_not_to_be_guessed_from_one_address(world: World, app: Flask, clock: Clock) -> None:
    client, other = app.test_client(), app.test_client()
    for _ in range(5):
        attempt(client, "lead", "wrong")
    assert attempt(client, "lead", PASSWORD)[0] == 429  # not even looked at
    assert attempt(client, "head", PASSWORD)[0] == 302
    assert attempt(client, "lead", PASSWORD)[0] == 429  # and no account of one's own opens it
    other.environ_base["REMOTE_ADDR"] = "10.0.0.8"
    assert attempt(other, "lead", PASSWORD)[0] == 302  # its owner sits elsewhere


@pytest.mark.parametrize("login", ["lead", "nobody"])
def test_a_refused_log_in_hashes_once_whoever_it_is_for(
    world: World, app: Flask, monkeypatch: pytest.MonkeyPatch, login: str
) -> None:
    hashed: list[str] = []
    check = accounts.check_password_hash

    def counted(kept: str, typed: str) -> bool:
        hashed.append(typed)
        return check(kept, typed)

    monkeypatch.setattr(accounts, "check_password_hash", counted)
    attempt(app.test_client(), login, "wrong")
    assert hashed == ["wrong"]


def test_a_disabled_account_is_out_at_once(world: World, client_for: ClientFor, database: Database) -> None:
    client = client_for("lead")
    assert client.get("/").status_code == 200
    with database.write() as session:
        accounts.disable_user(begin(session, SYSTEM, NOW), session.get_one(User, world.people["lead"].id))
        session.commit()
    assert client.get("/").status_code == 302


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(
    world: World, client_for: ClientFor, app: Flask
) -> None:
    here, elsewhere = client_for("lead"), client_for("lead")
    page = here.get("/password").get_data(as_text=True)
    form = {"current": PASSWORD, "new": "Another-horse-8", "again": "Another-horse-8", "csrf_token": token_in(page)}
    assert here.post("/password", data=form).status_code == 302
    assert here.get("/").status_code == 200
    assert elsewhere.get("/").status_code == 302
    assert log_in(app, "lead", "Another-horse-8").get("/").status_code == 200


@pytest.mark.parametrize(
    ("current", "new", "again", "said"),
    [
        ("wrong", "Another-horse-8", "Another-horse-8", "现在的密码不正确"),
        (PASSWORD, "short", "short", "至少"),
        (PASSWORD, "Another-horse-8", "Another-horse-9", "不一致"),
    ],
)
def test_a_password_is_not_changed_by_mistake(
    world: World, client_for: ClientFor, database: Database, current: str, new: str, again: str, said: str
) -> None:
    client = client_for("lead")
    page = client.get("/password").get_data(as_text=True)
    form = {"current": current, "new": new, "again": again, "csrf_token": token_in(page)}
    assert said in client.post("/password", data=form).get_data(as_text=True)
    with database.read() as session:
        assert not session.scalars(select(AuditEntry).where(AuditEntry.verb == "user.password")).all()


def test_logging_out_ends_the_session(world: World, client_for: ClientFor) -> None:
    client = client_for("lead")
    assert client.get("/logout").status_code == 405  # a link alone logs nobody out
    token = token_in(client.get("/password").get_data(as_text=True))
    assert client.post("/logout", data={"csrf_token": token}).status_code == 302
    assert client.get("/").status_code == 302


def test_a_post_without_its_token_is_refused_in_chinese(world: World, client_for: ClientFor) -> None:
    answer = client_for("lead").post("/sign-all")
    assert answer.status_code == 400
    assert "页面已过期" in answer.get_data(as_text=True)


def test_every_page_carries_the_security_headers(world: World, client_for: ClientFor) -> None:
    headers = client_for("lead").get("/").headers
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe-inline" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_healthz_answers_without_a_log_in(app: Flask) -> None:
    assert app.test_client().get("/healthz").get_data(as_text=True) == "ok\n"


def test_a_request_over_the_limit_gets_a_page_that_says_so(world: World, client_for: ClientFor) -> None:
    client = client_for("supervisor")
    # As raw bytes: built from a form, the test's own temporary file would be left open.
    body = b"x" * (config.MAX_CONTENT_LENGTH + 1)
    answer = client.post("/sources/new", data=body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 413
    assert "MB" in answer.get_data(as_text=True)


def test_an_unknown_address_is_a_chinese_404(world: World, client_for: ClientFor) -> None:
    answer = client_for("lead").get("/没有这一页")
    assert answer.status_code == 404
    assert "没有找到这一页" in answer.get_data(as_text=True)
