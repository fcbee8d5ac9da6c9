"""申请暂停 on the pages: asked for by the unit, waiting under 待审核, decided on the case's page by who supervises."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.kit.ledger_types import add_types
from tests.kit.pages import post, read, version_in, words
from tests.kit.world import World
from tests.services.cases.test_ledger import HANDED, referred
from tracker.store.core.engine import Database
from tracker.store.models import Case

ClientFor = Callable[[str], FlaskClient]
WHY = {"reason": "正在等<b>听证</b>", "authority": "行政许可法 45"}


@pytest.fixture
def url(world: World, database: Database) -> str:
    """A complaint handed to 东县, which handles it."""
    with database.write() as session:
        case: Case = referred(session, world, add_types(session, world))
        session.commit()
        return f"/cases/{case.id}"


def send(client: FlaskClient, url: str, part: str, **values: str) -> int:
    """Send the one form of a page whose address ends with `part`, as a browser would."""
    page = read(client, url)
    found = re.search(rf'<form class="offer"[^>]*action="({url}/{part})".*?</form>', page, re.S)
    assert found, part
    return post(client, found[1], found[0], **values).status_code


def test_a_unit_asks_the_supervisor_decides_and_the_unit_reads_it(url: str, client_for: ClientFor) -> None:
    unit, boss = client_for(HANDED), client_for("supervisor")
    assert "暂停计时" not in words(read(unit, url))
    assert send(unit, url, "ask-pause", reason="正在等<b>听证</b>", authority=" ") == 422
    assert send(unit, url, "ask-pause", **WHY) == 302
    shown = words(read(unit, url))
    assert "批准前照常计时" in shown
    assert "申请暂停 ▾" not in shown
    waiting = read(boss, "/reviews/")
    assert "正在等&lt;b&gt;听证&lt;/b&gt;" in waiting
    assert "行政许可法 45" in waiting
    assert '待审核 <span class="badge-n">1</span>' in waiting
    assert "审批暂停" in read(boss, url)
    assert "审批暂停" not in read(client_for("leader"), url)
    assert send(boss, url, r"pause-requests/\d+/decide", note=" ", refuse="1") == 422
    assert send(boss, url, r"pause-requests/\d+/decide", note="缺听证通知书", refuse="1") == 302
    told = words(read(unit, url))
    assert "未批准" in told
    assert "审批意见：缺听证通知书" in told
    assert "不批准暂停" in told
    assert "badge-n" not in read(boss, "/reviews/")
    assert send(unit, url, "ask-pause", **WHY) == 302
    assert send(boss, url, r"pause-requests/\d+/decide", note="") == 302
    told = words(read(unit, url))
    assert "已批准" in told
    assert "恢复计时" in told
    trail = words(read(client_for("auditor"), "/audit/"))
    assert "申请暂停" in trail
    assert "不批准暂停" in trail


@pytest.mark.parametrize(("who", "status"), [("stranger", 404), ("lead", 404), ("leader", 403), ("supervisor", 403)])
def test_nobody_else_asks(url: str, client_for: ClientFor, who: str, status: int) -> None:
    page = read(client_for(HANDED), url)
    client = client_for(who)
    given = {**WHY, "version": version_in(page)}
    assert post(client, f"{url}/ask-pause", read(client, "/password"), **given).status_code == status


@pytest.mark.parametrize(("who", "status"), [(HANDED, 403), ("leader", 403), ("stranger", 404), ("lead", 404)])
def test_nobody_else_decides_nor_stops_the_clock(url: str, client_for: ClientFor, who: str, status: int) -> None:
    assert send(client_for(HANDED), url, "ask-pause", **WHY) == 302
    found = re.search(r"pause-requests/\d+/decide", read(client_for("supervisor"), url))
    assert found
    client = client_for(who)
    version = version_in(read(client_for("supervisor"), url))
    for part, given in ((found[0], {"note": "同意"}), ("pause", WHY)):
        sent = {**given, "version": version}
        assert post(client, f"{url}/{part}", read(client, "/password"), **sent).status_code == status
    assert "批准前照常计时" in words(read(client_for(HANDED), url))
