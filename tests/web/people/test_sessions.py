"""When a log-in ends: by itself, at log-out, with every other of its person; and that a copy of its cookie ends too."""

import sqlite3
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

import config
from tests.conftest import Clock
from tests.kit.pages import read
from tests.kit.statements import counted
from tests.kit.world import NOW, PASSWORD, World, log_in, token_in
from tracker.app import create_app
from tracker.services.core.act import begin
from tracker.services.people import accounts
from tracker.store.core.actors import SYSTEM
from tracker.store.core.engine import Database
from tracker.store.models import AuditEntry, User, UserSession

MINUTE = timedelta(minutes=1)


@pytest.fixture
def app(database: Database, settings: config.Settings, clock: Clock) -> Flask:
    """The application with the usual ends of a session."""
    usual = config.load({"TRACKER_DATA": str(settings.data_dir), "TRACKER_ENV": "test", "BASE_URL": "http://t.example"})
    made = create_app(usual, database, clock)
    made.config["TESTING"] = True
    return made


def copy_of(client: FlaskClient, app: Flask) -> FlaskClient:
    """Return another browser with the same cookie: what a thief has."""
    cookie = client.get_cookie("session")
    assert cookie is not None
    other = app.test_client()
    other.set_cookie("session", cookie.value)
    return other


def kept(database: Database) -> list[UserSession]:
    with database.read() as session:
        return list(session.scalars(select(UserSession).order_by(UserSession.id)))


def test_a_copied_cookie_dies_at_log_out(world: World, app: Flask, database: Database) -> None:
    client = log_in(app, "lead")
    stolen = copy_of(client, app)
    assert stolen.get("/").status_code == 200
    token = token_in(read(client, "/password"))
    assert client.post("/logout", data={"csrf_token": token}).status_code == 302
    assert stolen.get("/").status_code == 302
    with database.read() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.verb == "user.logout")).one()
    assert (entry.actor_id, entry.at) == (world.people["lead"].id, NOW)


def test_logging_out_ends_this_session_and_no_other(world: World, app: Flask) -> None:
    here, elsewhere, other = log_in(app, "lead"), log_in(app, "lead"), log_in(app, "head")
    here.post("/logout", data={"csrf_token": token_in(read(here, "/password"))})
    assert [client.get("/").status_code for client in (here, elsewhere, other)] == [302, 200, 200]


def test_what_the_table_keeps_opens_nothing(world: World, app: Flask, database: Database) -> None:
    client = log_in(app, "lead")
    with client.session_transaction() as cookie:
        token = cookie["_user_id"]
    (row,) = kept(database)
    assert len(token) >= 40
    assert token not in (row.token_hash, str(row.id))
    for guess in (row.token_hash, str(row.id), f"{row.user_id}:1", ""):
        with client.session_transaction() as cookie:
            cookie["_user_id"] = guess
        assert client.get("/").status_code == 302


def test_each_log_in_has_a_token_of_its_own_and_ends_the_one_before_in_that_browser(
    world: World, app: Flask, database: Database
) -> None:
    client = log_in(app, "lead")
    before = copy_of(client, app)
    page = read(client, "/login")
    client.post("/login", data={"login": "head", "password": PASSWORD, "csrf_token": token_in(page)})
    assert client.get("/").status_code == 200
    assert before.get("/").status_code == 302
    first, second = kept(database)
    assert first.token_hash != second.token_hash
    assert (first.ended_at, second.ended_at) == (NOW, None)


def test_a_session_ends_half_an_hour_after_its_last_page(world: World, app: Flask, clock: Clock) -> None:
    client = log_in(app, "lead")
    for _ in range(4):
        clock.at += 29 * MINUTE
        assert client.get("/").status_code == 200
    clock.at += 30 * MINUTE
    assert client.get("/").status_code == 302
    clock.at -= 10 * MINUTE  # nothing was written: a clock set right again finds it running
    assert client.get("/").status_code == 200


def test_a_session_ends_ten_hours_after_it_began_however_busy(world: World, app: Flask, clock: Clock) -> None:
    client = log_in(app, "lead")
    while clock.at < NOW + timedelta(hours=10) - 20 * MINUTE:
        clock.at += 20 * MINUTE
        assert client.get("/").status_code == 200
    clock.at = NOW + timedelta(hours=10)
    assert client.get("/").status_code == 302


def test_last_use_is_written_once_in_five_minutes(world: World, app: Flask, clock: Clock, database: Database) -> None:
    client = log_in(app, "lead")
    written: list[datetime] = []
    for _ in range(12):
        clock.at += MINUTE
        with counted(database) as sent:
            client.get("/duties/")
        if any("UPDATE sessions" in statement for statement in sent):
            written.append(clock.at)
    assert written == [NOW + 5 * MINUTE, NOW + 10 * MINUTE]
    assert [row.last_used_at for row in kept(database)] == written[-1:]


def test_a_page_comes_though_its_use_cannot_be_noted(
    world: World, app: Flask, clock: Clock, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    client = log_in(app, "lead")
    clock.at += 10 * MINUTE
    with database.write() as busy:
        # Somebody writes for longer than a page waits: all of SQLite, or this very row.
        busy.scalars(select(UserSession).with_for_update()).all()
        assert client.get("/duties/").status_code == 200
    assert "not noted" in caplog.text
    assert [row.last_used_at for row in kept(database)] == [NOW]
    with database.write() as patient:  # the connection it used is as patient as any other again
        if database.engine.dialect.name == "sqlite":
            raw = patient.connection().connection.driver_connection
            assert isinstance(raw, sqlite3.Connection)
            assert raw.execute("PRAGMA busy_timeout").fetchone() == (30_000,)
    assert client.get("/duties/").status_code == 200
    assert [row.last_used_at for row in kept(database)] == [NOW + 10 * MINUTE]


@pytest.mark.parametrize("verb", ["disable", "password"])
def test_disabling_and_a_new_password_end_all_of_a_persons_sessions(
    world: World, app: Flask, database: Database, verb: str
) -> None:
    clients, other = [log_in(app, "lead") for _ in range(2)], log_in(app, "head")
    with database.write() as session:
        user = session.get_one(User, world.people["lead"].id)
        if verb == "disable":
            accounts.disable_user(begin(session, SYSTEM, NOW), user)
        else:
            accounts.set_password(begin(session, SYSTEM, NOW), user, accounts.hash_password("Another-horse-8"))
        session.commit()
    assert [client.get("/").status_code for client in clients] == [302, 302]
    assert other.get("/").status_code == 200


def post_late(client: FlaskClient, clock: Clock, referrer: str | None) -> str:
    """Post a form after its session has ended; returns where that leads."""
    token = token_in(read(client, "/password"))
    clock.at += timedelta(hours=1)
    answer = client.post("/sign-all", data={"csrf_token": token}, headers={"Referer": referrer} if referrer else {})
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def test_a_session_that_ended_over_a_form_leads_back_to_its_page(world: World, app: Flask, clock: Clock) -> None:
    client = log_in(app, "lead")
    target = post_late(client, clock, "http://localhost/duties/?light=late")
    page = read(client, target)
    assert "没有保存" in page
    form = {"login": "lead", "password": PASSWORD, "next": "/duties/?light=late", "csrf_token": token_in(page)}
    assert 'value="/duties/?light=late"' in page
    assert client.post("/login", data=form).headers["Location"] == "/duties/?light=late"


@pytest.mark.parametrize(
    "referrer",
    [
        None,
        "https://evil.example/duties/",
        "//evil.example/",
        "http://localhost//evil.example/",
        "http://[evil",
        "http://localhost/sign-all",
    ],
)
def test_a_page_of_somebody_else_is_no_page_to_return_to(
    world: World, app: Flask, clock: Clock, referrer: str | None
) -> None:
    target = post_late(log_in(app, "lead"), clock, referrer)
    assert target == "/login"


def test_logging_out_late_is_no_matter(world: World, app: Flask, clock: Clock) -> None:
    client = log_in(app, "lead")
    token = token_in(read(client, "/password"))
    clock.at += timedelta(hours=1)
    answer = client.post("/logout", data={"csrf_token": token}, follow_redirects=True)
    assert "您已退出" in answer.get_data(as_text=True)


def test_who_guesses_from_many_addresses_keeps_nobody_out_of_his_own_office(
    world: World, app: Flask, clock: Clock, database: Database
) -> None:
    log_in(app, "lead")
    with database.write() as session:
        for n in range(40):
            keys = accounts.throttle_keys("lead", f"10.9.{n}.1")
            accounts.record_failed_login(session, NOW, keys.refusing)
        session.commit()
    stranger = app.test_client()
    stranger.environ_base["REMOTE_ADDR"] = "10.8.0.1"
    form = {"login": "lead", "password": PASSWORD}
    assert stranger.post("/login", data={**form, "csrf_token": token_in(read(stranger, "/login"))}).status_code == 429
    log_in(app, "lead")


def test_old_sessions_of_a_person_are_forgotten_at_his_next_log_in(
    world: World, app: Flask, clock: Clock, database: Database
) -> None:
    log_in(app, "lead")
    log_in(app, "head")
    clock.at += timedelta(days=31)
    log_in(app, "lead")
    assert [(row.user_id, row.started_at) for row in kept(database)] == [
        (world.people["head"].id, NOW),
        (world.people["lead"].id, clock.at),
    ]
