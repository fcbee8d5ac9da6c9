"""未发出的邮件: who sees what did not go out, and sends it again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

import config
from tests.kit.pages import post, read, words
from tests.kit.smtp_server import mail_server
from tests.kit.world import NOW, World, log_in, token_in
from tests.web.conftest import settle_foreigner
from tracker.adapters.mail.sending import Smtp
from tracker.app import create_app
from tracker.services.reminders.dispatch import run_pass
from tracker.store.core.engine import Database
from tracker.store.models import AuditEntry, Message, MessageState, User

ClientFor = Callable[[str], FlaskClient]
PAGE = "/mails/failed/"
COUNTY = "county@mou.example"


@pytest.fixture
def failed(database: Database, world: World, settings: config.Settings) -> Message:
    """A reminder the server refused for its reader."""
    with mail_server() as server:
        server.refuse[COUNTY] = "550 5.1.1 <b>unknown</b>"
        run_pass(database, NOW, settings, Smtp(server.url, settings.mail_from), "test")
    with database.read() as session:
        return session.scalars(select(Message).where(Message.state == MessageState.FAILED)).one()


def address(database: Database, world: World) -> str | None:
    with database.read() as session:
        return session.get_one(User, world.people["county"].id).refused_address


def test_an_administrator_sees_what_failed_and_sends_it_again(
    database: Database, world: World, settings: config.Settings, failed: Message, client_for: ClientFor
) -> None:
    client = client_for("administrator")
    page = read(client, PAGE)
    for said in ("county同志", COUNTY, failed.subject, "550 5.1.1 &lt;b&gt;unknown", "未发出的邮件 <span"):
        assert said in page
    assert address(database, world) == COUNTY
    for _ in range(2):  # pressed twice it is one act
        assert post(client, f"{PAGE}{failed.id}/again", page).status_code == 302
    assert address(database, world) is None
    after = read(client, PAGE)
    assert "没有未发出的邮件" in after
    assert "badge-n" not in after
    with database.read() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.verb == "message.resend")).one()
        assert (entry.actor_id, entry.jurisdiction_id) == (world.people["administrator"].id, world.jurisdiction.id)
    with mail_server() as server:
        run_pass(database, NOW + timedelta(minutes=1), settings, Smtp(server.url, settings.mail_from), "test")
        assert [e.rcpt_tos for e in server.envelopes] == [[COUNTY]]
        assert server.taken[0]["Message-ID"] != failed.message_id


def test_all_are_sent_again_at_once(
    database: Database, world: World, settings: config.Settings, failed: Message, client_for: ClientFor
) -> None:
    client = client_for("administrator")
    answer = post(client, f"{PAGE}again", read(client, PAGE))
    assert answer.headers["Location"].endswith(PAGE)
    assert "重新发送 1 封" in words(read(client, PAGE))
    with mail_server() as server:
        run_pass(database, NOW + timedelta(minutes=1), settings, Smtp(server.url, settings.mail_from), "test")
        assert [e.rcpt_tos for e in server.envelopes] == [[COUNTY]]


@pytest.mark.parametrize("person", ["lead", "head", "stranger", "supervisor", "leader", "auditor", "county"])
def test_nobody_else_sends_again(
    database: Database, world: World, failed: Message, client_for: ClientFor, person: str
) -> None:
    client = client_for(person)
    page = read(client, PAGE, 200 if person == "supervisor" else 403)
    assert "重新发送</button>" not in page
    token = token_in(read(client, "/password"))
    for url in (f"{PAGE}{failed.id}/again", f"{PAGE}again"):
        assert client.post(url, data={"csrf_token": token}).status_code == 403
    assert address(database, world) == COUNTY


def test_another_place_sees_nothing(database: Database, world: World, failed: Message, client_for: ClientFor) -> None:
    settle_foreigner(database, world)
    client = client_for("foreigner")
    assert COUNTY not in read(client, PAGE)
    token = token_in(read(client, "/password"))
    assert client.post(f"{PAGE}{failed.id}/again", data={"csrf_token": token}).status_code == 403


def test_a_press_without_a_token_is_refused(
    database: Database, world: World, failed: Message, client_for: ClientFor
) -> None:
    client = client_for("administrator")
    assert client.post(f"{PAGE}{failed.id}/again").status_code == 400
    assert client.post(f"{PAGE}again").status_code == 400
    assert address(database, world) == COUNTY


def test_the_page_is_there_where_mail_really_goes_out(
    database: Database, world: World, settings: config.Settings, failed: Message
) -> None:
    app = create_app(replace(settings, mail_url="smtp://mail.example"), database, clock=lambda: NOW)
    client = log_in(app, "administrator")
    assert COUNTY in read(client, PAGE)
    assert PAGE in read(client, "/units/")
