"""The same form sent again is one act with one result, and an honest second act stays a second act."""

import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_login import login_user
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from config import ROOT
from tests.kit.pages import hidden, post, read
from tests.kit.world import NOW, World, duty
from tracker.services.core import posting
from tracker.services.core.act import begin
from tracker.services.duties import progress
from tracker.services.registry import units as registry
from tracker.store.core.engine import Database
from tracker.store.models import AuditEntry, PostedForm, Report
from tracker.web.kit.access import SignedIn
from tracker.web.kit.posting import form_key

ClientFor = Callable[[str], FlaskClient]
PDF = b"%PDF-1.4\n%%EOF\n"
SAID = {"percent": "50", "text": "已完成一半"}


@pytest.fixture
def page_of(database: Database, world: World) -> str:
    """Return the address of a duty its unit has signed for."""
    with database.write() as session:
        it = duty(session, world, "一.1", "gxj")
        progress.acknowledge(begin(session, world.actor("lead"), NOW), it)
        session.commit()
        return f"/duties/{it.id}"


def texts(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Report.text).order_by(Report.id)))


def test_a_form_sent_twice_is_one_report_and_leads_where_the_first_led(
    client_for: ClientFor, database: Database, page_of: str
) -> None:
    client = client_for("lead")
    page = read(client, page_of)
    first = post(client, f"{page_of}/report", page, back="home", **SAID)
    again = post(client, f"{page_of}/report", page, back="home", **SAID)
    assert [(a.status_code, a.location) for a in (first, again)] == [(302, "/")] * 2
    assert "没有重复记录" in read(client, again.location)
    assert texts(database) == ["已完成一半"]


def test_it_is_known_although_somebody_else_has_acted_since_and_whatever_became_of_the_trail(
    client_for: ClientFor, database: Database, page_of: str, world: World, clock: Any
) -> None:
    client = client_for("lead")
    page = read(client, page_of)
    post(client, f"{page_of}/report", page, **SAID)
    with database.write() as session:
        progress.report_progress(
            begin(session, world.actor("lead"), NOW), duty(session, world, "一.1", "gxj"), percent=60, text="另一份"
        )
        session.execute(delete(AuditEntry))
        session.commit()
    clock.at = NOW + timedelta(hours=3)
    again = post(client, f"{page_of}/report", page, **SAID)
    assert (again.status_code, again.location) == (302, page_of)
    assert texts(database) == ["已完成一半", "另一份"]


def test_the_same_words_from_a_page_opened_afterwards_are_a_second_report(
    client_for: ClientFor, database: Database, page_of: str
) -> None:
    client = client_for("lead")
    for _ in range(2):
        answer = post(client, f"{page_of}/report", read(client, page_of), nothing="1", percent="0", text="")
        assert answer.status_code == 302
        assert "没有重复记录" not in read(client, page_of)
    assert texts(database) == ["无新进展"] * 2


def test_the_same_words_with_another_file_are_no_repetition(
    client_for: ClientFor, database: Database, page_of: str
) -> None:
    client = client_for("lead")
    page = read(client, page_of)
    statuses = [
        post(client, f"{page_of}/report", page, files=(io.BytesIO(content), "清单.pdf"), **SAID).status_code
        for content in (PDF, PDF, PDF + b"%\n")
    ]
    assert statuses == [302, 302, 409]
    assert texts(database) == ["已完成一半"]


def test_a_form_that_was_refused_is_refused_again(client_for: ClientFor, database: Database, page_of: str) -> None:
    client = client_for("lead")
    page = read(client, page_of)
    for _ in range(2):
        assert post(client, f"{page_of}/report", page, percent="50", text=" ").status_code == 422
    with database.read() as session:
        assert session.scalars(select(PostedForm)).all() == []


def test_another_persons_form_of_the_same_words_is_his_own(
    client_for: ClientFor, database: Database, page_of: str
) -> None:
    boss, other = client_for("supervisor"), client_for("supervisor2")
    mine, his = read(boss, f"{page_of}/revoke"), read(other, f"{page_of}/revoke")
    assert post(boss, f"{page_of}/revoke", mine, note="职责已划转").status_code == 302
    assert post(other, f"{page_of}/revoke", his, note="职责已划转").status_code == 409


def test_forms_of_long_ago_go_with_their_persons_next_act(database: Database, world: World) -> None:
    def carry_out(session: Session, who: str, at: datetime, key: str, led_to: str = "/") -> bool:
        act = begin(session, world.actor(who), at)
        first = posting.claim(act, key)
        if first:
            posting.remember(act, key, led_to)
        return first

    with database.write() as session:
        carry_out(session, "lead", NOW, "old")
        carry_out(session, "support", NOW, "others")
        carry_out(session, "lead", NOW + posting.KEPT_FOR, "newer")
        carry_out(session, "lead", NOW + posting.KEPT_FOR + timedelta(seconds=1), "new")
        assert set(session.scalars(select(PostedForm.key))) == {"others", "newer", "new"}
        assert not carry_out(session, "support", NOW, "others", "/elsewhere")
        assert set(session.scalars(select(PostedForm.led_to))) == {"/"}


NEW_UNIT = {"kind": "department", "aliases": "", "email": "", "phone": ""}


def new_unit(client: FlaskClient, page: str, name: str) -> TestResponse:
    return post(
        client,
        "/units/new",
        page,
        jurisdiction=hidden(page, "jurisdiction"),
        name=name,
        **NEW_UNIT,
    )


def test_what_makes_something_new_is_made_once_from_two_tabs_and_twice_where_it_is_meant_twice(
    client_for: ClientFor, world: World
) -> None:
    client = client_for("supervisor")
    first, second = read(client, "/units/new"), read(client, "/units/new")
    made = new_unit(client, first, "市新设一局")
    again = new_unit(client, second, "市新设一局")
    assert (made.status_code, again.status_code) == (302, 302)
    assert made.location == again.location
    assert "没有重复记录" in read(client, again.location)
    other = new_unit(client, second, "市新设二局")  # the second tab, filled in otherwise
    assert other.status_code == 302
    assert other.location != made.location
    meant = new_unit(client, read(client, "/units/new"), "市新设一局")  # opened afterwards: meant a second time
    assert meant.status_code == 422
    assert "已有" in meant.get_data(as_text=True)


def test_a_button_that_does_whatever_is_open_may_be_pressed_again(client_for: ClientFor, world: World) -> None:
    client = client_for("lead")
    page = read(client, "/password")
    for _ in range(2):
        assert post(client, "/sign-all", page).status_code == 302
        assert "没有重复记录" not in read(client, "/")


def test_what_may_not_be_chosen_twice_is_known_again_before_the_choice_is_looked_at(
    client_for: ClientFor, page_of: str, world: World
) -> None:
    client = client_for("supervisor")
    page = read(client, f"{page_of}/units")
    given = {"unit": str(world.units["jyj"].id), "role": "support", "note": "经会议明确"}
    first, again = (post(client, f"{page_of}/units", page, **given) for _ in range(2))
    assert (first.status_code, again.status_code, again.location) == (302, 302, first.location)


def test_another_query_is_another_form(app: Flask, world: World) -> None:
    """An intake is of the duty its address names."""
    keys = []
    for query in ("duty=1", "duty=2", "duty=1"):
        with app.test_request_context(f"/cases/intake/1?{query}", method="POST", data={"reference": "XS-1"}):
            login_user(SignedIn("supervisor", world.actor("supervisor"), "token"))
            keys.append(form_key())
    assert keys[0] == keys[2] != keys[1]


def test_what_two_make_at_once_is_made_once_and_the_other_keeps_what_he_typed(
    client_for: ClientFor, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name that another transaction has taken meanwhile is refused by its unique key alone."""
    client = client_for("supervisor")
    monkeypatch.setattr(registry, "_refuse_taken", lambda *_: None)
    answer = new_unit(client, read(client, "/units/new"), "市工业和信息化局")
    assert answer.status_code == 409
    assert 'value="市工业和信息化局"' in answer.get_data(as_text=True)


def test_what_the_verb_refuses_stands_beside_its_field(client_for: ClientFor, world: World) -> None:
    client = client_for("supervisor")
    refused = new_unit(client, read(client, "/units/new"), "市工信局").get_data(as_text=True)
    assert re.search(r'id="name-error"[^>]*>单位库中已有“市工信局”', refused)


def test_no_page_answers_a_posted_form_by_itself() -> None:
    """Refusals are caught, and written sessions rolled back, in the posting spine alone."""
    offenders = [
        f"{path.relative_to(ROOT)}: {words}"
        for path in sorted((ROOT / "tracker/web").rglob("*.py"))
        if path.parent.name != "kit"
        for words in ("except NotPermitted", "except Stale", "StaleDataError", "rollback()")
        if words in path.read_text("utf-8")
    ]
    assert offenders == []
