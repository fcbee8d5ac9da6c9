"""Whom a case is from: masked, shown once to who handles it and asks, and never to the unit complained of."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Select, select

from tests.kit.ledger_types import add_types, load_version
from tests.kit.pages import engage, post, read
from tests.kit.world import NOW, World
from tracker.adapters.mail.sending import sender_for
from tracker.services.cases import conclusion, ledger, pauses
from tracker.services.cases.acts import StepFacts
from tracker.services.cases.ledger import NewCase
from tracker.services.core.act import begin
from tracker.services.reminders.dispatch import run_pass
from tracker.store.cases.page import find_case
from tracker.store.core.engine import Database
from tracker.store.models import Attachment, AuditEntry, Case, MemberRole, Message

ClientFor = Callable[[str], FlaskClient]
Rows = Callable[[Select[Any]], list[Any]]
NAME, PHONE, FIRM, CONTENT = "张三丰", "13812345678", "某某建材公司", "拖欠货款一事"
SECRETS = (NAME, PHONE, FIRM, CONTENT)
PDF = b"%PDF-1.4 contract"


@pytest.fixture
def rows(database: Database) -> Rows:
    """Ask what the pages have committed, each time in a transaction of its own."""

    def ask(query: Select[Any]) -> list[Any]:
        with database.read() as session:
            return list(session.scalars(query))

    return ask


@pytest.fixture
def case_id(database: Database, world: World, app: Flask) -> int:
    """An accepted complaint about 市财政局, handled by 市减负办, with whom it is from and a file; returns its id."""
    with database.write() as session:
        types = add_types(session, world)
        session.commit()
        new = NewCase(
            unit_id=world.units["jfb"].id,
            happened_at=NOW,
            accepted_at=NOW,
            reference="XS-001",
            form_key="f",
            firm=FIRM,
            content=f"{NAME}称{CONTENT}，电话{PHONE}。",
            accused_unit_id=world.units["czj"].id,
            name=NAME,
            phone=PHONE,
            address="东县某路1号2单元",
            channel="来信",
        )
        version = load_version(session, types["complaint"])
        case = ledger.open_case(begin(session, world.actor("supervisor2"), NOW), version, new)
        note = StepFacts(f"已与{NAME}（{PHONE}）联系，{FIRM}提供了合同。")
        session.flush()
        found = find_case(session, world.actor("supervisor2"), case.id)
        assert found is not None
        conclusion.add_note(begin(session, world.actor("supervisor2"), NOW), found, note)
        session.commit()
        made = case.id
    engage(database, world, "watcher", ("gxj", MemberRole.SUPERVISOR))
    engage(database, world, "both", ("czj", MemberRole.OFFICER), ("jfb", MemberRole.SUPERVISOR))
    return made


def unmask(client: FlaskClient, case_id: int) -> Any:
    return post(client, f"/cases/{case_id}/unmask", read(client, f"/cases/{case_id}"))


def entries(rows: Rows) -> list[AuditEntry]:
    return rows(select(AuditEntry).where(AuditEntry.verb == "case.unmask"))


@pytest.mark.parametrize("person", ["watcher", "supervisor2", "leader"])
def test_a_page_masks_whom_the_case_is_from(client_for: ClientFor, case_id: int, person: str) -> None:
    page = read(client_for(person), f"/cases/{case_id}")
    assert "张**" in page
    assert "138****5678" in page
    if person != "supervisor2":  # who handles the case reads what handlers wrote as it was written
        assert NAME not in page
        assert PHONE not in page


def test_who_handles_the_case_sees_it_once_and_the_entry_is_in_the_database(
    client_for: ClientFor, case_id: int, rows: Rows
) -> None:
    client = client_for("supervisor2")
    masked = read(client, f"/cases/{case_id}")
    assert f"<dd>{NAME}</dd>" not in masked
    answer = unmask(client, case_id)
    assert (answer.status_code, answer.location) == (302, f"/cases/{case_id}#person")
    found = entries(rows)
    assert [(e.subject_id, e.at) for e in found] == [(case_id, NOW)]
    assert not any(secret in f"{found[0].note}{found[0].after}" for secret in SECRETS)
    shown = client.get(f"/cases/{case_id}")
    page = shown.get_data(as_text=True)
    assert f"<dd>{NAME}</dd>" in page
    assert f"<dd>{PHONE}</dd>" in page
    assert "已记录本次查看" in page
    assert shown.headers["Cache-Control"] == "no-store"
    assert f"<dd>{NAME}</dd>" not in read(client, f"/cases/{case_id}")
    assert len(entries(rows)) == 1


def test_what_was_asked_for_is_forgotten_after_two_minutes(client_for: ClientFor, case_id: int, clock: Any) -> None:
    client = client_for("supervisor2")
    unmask(client, case_id)
    clock.at = NOW + timedelta(minutes=2)
    assert f"<dd>{NAME}</dd>" not in read(client, f"/cases/{case_id}")


def test_what_was_asked_for_in_one_case_shows_nothing_of_another(
    client_for: ClientFor, case_id: int, database: Database, world: World
) -> None:
    with database.write() as session:
        version = load_version(session, 1)
        new = NewCase(unit_id=world.units["jfb"].id, happened_at=NOW, reference="XS-002", form_key="g", name="李四维")
        other = ledger.open_case(begin(session, world.actor("supervisor2"), NOW), version, new).id
        session.commit()
    client = client_for("supervisor2")
    unmask(client, case_id)
    assert "<dd>李四维</dd>" not in read(client, f"/cases/{other}")


@pytest.mark.parametrize(("person", "status"), [("watcher", 403), ("leader", 403), ("support", 404), ("both", 403)])
def test_nobody_else_may_ask(client_for: ClientFor, case_id: int, rows: Rows, person: str, status: int) -> None:
    client = client_for(person)
    answer = post(client, f"/cases/{case_id}/unmask", read(client, "/password"))
    assert answer.status_code == status
    assert not any(secret in answer.get_data(as_text=True) for secret in SECRETS)
    assert entries(rows) == []


@pytest.mark.parametrize(("person", "status"), [("support", 404), ("both", 200)])
def test_the_unit_complained_of_finds_nothing_of_it_on_any_page(
    client_for: ClientFor,
    case_id: int,
    database: Database,
    world: World,
    settings: Any,
    rows: Rows,
    person: str,
    status: int,
) -> None:
    sender = sender_for(None, settings.mail_from, settings.maildir)
    run_pass(database, NOW + timedelta(days=1), settings, sender, "test")
    client = client_for(person)
    pages = [read(client, f"/cases/{case_id}", status)]
    pages += [
        client.get(url, follow_redirects=True).get_data(as_text=True)
        for url in (
            "/",
            "/cases/",
            "/cases/?q=XS",
            f"/cases/?q={FIRM}",
            "/duties/",
            "/dashboard/",
            f"/cases/{case_id}/event",
            f"/cases/{case_id}/letter/1",
        )
    ]
    for page in pages:
        assert not any(secret in page.replace(f'value="{FIRM}"', "") for secret in SECRETS)
    for message in rows(select(Message).where(Message.user_id == world.people[person].id)):
        assert not any(secret in f"{message.subject}{message.text}{message.html}" for secret in SECRETS)
    assert ("不对被投诉单位公开" in pages[0]) is (status == 200)


def test_what_handlers_wrote_of_pauses_and_extensions_is_hidden_as_well(
    client_for: ClientFor, case_id: int, database: Database, world: World
) -> None:
    said = f"{FIRM}的{NAME}申请听证"
    with database.write() as session:
        who = world.actor("supervisor")
        found = find_case(session, who, case_id)
        assert found is not None
        pauses.pause_case(begin(session, who, NOW), found, reason=said, authority="行政许可法 45")
        session.flush()
        pauses.resume_case(begin(session, who, NOW + timedelta(days=2)), found)
        session.commit()
    assert said in read(client_for("supervisor2"), f"/cases/{case_id}")
    watched = read(client_for("watcher"), f"/cases/{case_id}")
    assert f"{FIRM}的张**申请听证" in watched
    assert NAME not in watched
    assert "为什么是这一天" in watched
    hidden = read(client_for("both"), f"/cases/{case_id}")
    assert not any(secret in hidden for secret in SECRETS)
    sheet = re.search(r"/milestones/\d+", watched)
    assert sheet
    assert "/milestones/" not in hidden
    read(client_for("both"), sheet[0], 404)
    read(client_for("watcher"), sheet[0])


def test_a_search_for_the_firm_tells_the_unit_complained_of_nothing(client_for: ClientFor, case_id: int) -> None:
    assert "2026-001" in read(client_for("watcher"), f"/cases/?q={FIRM}")
    assert "2026-001" in read(client_for("both"), "/cases/")
    assert "2026-001" not in read(client_for("both"), f"/cases/?q={FIRM}")


def test_files_of_the_intake_are_for_those_who_handle_the_case(client_for: ClientFor, case_id: int, rows: Rows) -> None:
    office = client_for("supervisor2")
    page = read(office, "/cases/intake/1")
    key = re.search(r'name="form_token"[^>]*value="(\w+)"', page)
    assert key
    given = {
        "form_token": key[1], "happened_on": "2026-03-20", "reference": "XS-003",
        "unit": re.search(r'<option selected value="(\d+)">市减负办', page)[1],  # type: ignore[index]
        "files": [(io.BytesIO(PDF), "合同.pdf")],
    }  # fmt: skip
    made = post(office, "/cases/intake/1", page, **given)
    assert made.status_code == 302, made.get_data(as_text=True)
    file = rows(select(Attachment.id).where(Attachment.case_record_id.is_not(None)))[0]
    assert "合同.pdf" not in read(office, made.location)  # whom it is from stands in it: asked for first
    other = int(made.location.rsplit("/", 1)[1])
    assert rows(select(Case.number).where(Case.id == other)) == ["2026-002"]
    unmask(office, other)
    assert "合同.pdf" in read(office, made.location)
    answer = office.get(f"/cases/attachments/{file}")
    assert answer.data == PDF
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    answer.close()
    for person in ("leader", "watcher", "support", "stranger"):
        assert client_for(person).get(f"/cases/attachments/{file}").status_code == 404
