"""延期 on the pages: asked for by the unit, waiting for the supervisor, decided on the duty's page."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.kit.pages import post, read, version_in, words
from tests.kit.world import World, duty
from tests.services.duties.test_duties import bring_to
from tracker.rules.workflow import State
from tracker.store.core.engine import Database
from tracker.store.models import Extension

ClientFor = Callable[[str], FlaskClient]


def wish(page: str, **changes: str) -> dict[str, str]:
    """Return what a browser would send from the form: the date chosen, and what was typed."""
    chosen = re.search(r'<option[^>]*value="(\d+)"', page)
    assert chosen
    return {"milestone": chosen[1], "wanted_on": "2026-08-31", "reason": "账目多，需逐户核对", **changes}


def ask(client: FlaskClient, url: str) -> int:
    form = read(client, f"{url}/extend")
    return post(client, f"{url}/extend", form, **wish(form)).status_code


@pytest.fixture
def url(world: World, database: Database) -> str:
    """The page of a signed duty with a date: 一.1, 2026年6月底前."""
    with database.write() as session:
        it = bring_to(session, world, duty(session, world, "一.1", "gxj"), State.ACKNOWLEDGED)
        session.commit()
        return f"/duties/{it.id}"


def asked(database: Database) -> int:
    with database.read() as session:
        return session.scalars(select(Extension.id)).one()


def test_a_request_waits_under_pending_reviews_and_is_granted(
    url: str, database: Database, client_for: ClientFor
) -> None:
    unit, boss = client_for("lead"), client_for("supervisor")
    assert "申请延期" in read(unit, url)
    form = read(unit, f"{url}/extend")
    early = post(unit, f"{url}/extend", form, **wish(form, wanted_on="2026-06-01", reason="还差两户"))
    assert early.status_code == 422
    assert "还差两户" in early.get_data(as_text=True)
    assert "晚于现在的期限" in early.get_data(as_text=True)
    assert post(unit, f"{url}/extend", form, **wish(form)).status_code == 302
    assert "等待审批，批准之前仍按原期限计算" in words(read(unit, url))
    assert "批准延期" not in words(read(unit, url))
    waiting = words(read(boss, "/reviews/"))
    assert "账目多，需逐户核对" in waiting
    assert "8月31日 周一" in waiting
    page = read(boss, url)
    decision = f"{url}/extensions/{asked(database)}/decide"
    silent = post(boss, decision, page, refuse="1")
    assert silent.status_code == 422
    assert "请写明不批准的原因" in silent.get_data(as_text=True)
    assert post(boss, decision, page, note="同意").status_code == 302
    shown = words(read(unit, url))
    assert "首次时限 6月30日 周二" in shown
    assert "没有等待审批的延期申请" in words(read(boss, "/reviews/"))


def test_a_reason_that_ends_its_sentence_is_not_stopped_twice(
    url: str, database: Database, client_for: ClientFor
) -> None:
    unit, boss = client_for("lead"), client_for("supervisor")
    form = read(unit, f"{url}/extend")
    assert post(unit, f"{url}/extend", form, **wish(form, reason="账目多，需逐户核对。")).status_code == 302
    page = read(boss, url)
    assert post(boss, f"{url}/extensions/{asked(database)}/decide", page, note="同意。").status_code == 302
    shown = words(read(unit, url))
    assert "首次时限 6月30日 周二；经批准延期：账目多，需逐户核对。" in shown
    assert "经批准延期：账目多，需逐户核对：2026年8月31日" in shown
    assert not re.search("。[。：；，]", shown)


def test_a_form_posted_twice_is_one_request(url: str, database: Database, client_for: ClientFor) -> None:
    unit = client_for("lead")
    form = read(unit, f"{url}/extend")
    assert post(unit, f"{url}/extend", form, **wish(form)).status_code == 302
    again = post(unit, f"{url}/extend", form, **wish(form))
    assert again.status_code in (302, 409, 422)
    assert asked(database)


@pytest.mark.parametrize(("who", "status"), [("head", 403), ("leader", 403), ("supervisor", 403), ("stranger", 404)])
def test_nobody_else_asks(url: str, client_for: ClientFor, who: str, status: int) -> None:
    form = read(client_for("lead"), f"{url}/extend")
    client = client_for(who)
    read(client, f"{url}/extend", status)
    answer = post(client, f"{url}/extend", read(client, "/password"), version=version_in(form), **wish(form))
    assert answer.status_code == status


@pytest.mark.parametrize(("who", "status"), [("lead", 403), ("head", 403), ("leader", 403), ("stranger", 404)])
def test_nobody_else_decides(url: str, database: Database, client_for: ClientFor, who: str, status: int) -> None:
    unit = client_for("lead")
    assert ask(unit, url) == 302
    version = version_in(read(client_for("supervisor"), url))
    client = client_for(who)
    page = read(client, "/password")
    answer = post(client, f"{url}/extensions/{asked(database)}/decide", page, note="同意", version=version)
    assert answer.status_code == status


def test_the_request_of_another_duty_is_not_found(
    url: str, world: World, database: Database, client_for: ClientFor
) -> None:
    unit, boss = client_for("lead"), client_for("supervisor")
    assert ask(unit, url) == 302
    with database.read() as session:
        other = f"/duties/{duty(session, world, '一.2', 'gxj').id}"
    page = read(boss, other)
    assert post(boss, f"{other}/extensions/{asked(database)}/decide", page, note="同意", version="1").status_code == 404
