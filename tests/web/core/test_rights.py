"""权限: the matrix, for the three administrators alone, from the tables that decide."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from lxml import html

from tests.kit.pages import read
from tests.kit.world import NOW, PEOPLE, World
from tests.web.conftest import settle_foreigner
from tracker.rules.matrix import matrices
from tracker.services.core.act import begin
from tracker.services.people import accounts
from tracker.store.core.actors import SYSTEM
from tracker.store.core.engine import Database
from tracker.store.models import User

ClientFor = Callable[[str], FlaskClient]

READERS = {"administrator", "security", "auditor"}


@pytest.mark.parametrize("login", sorted(PEOPLE))
def test_the_three_administrators_read_it_and_find_it_in_the_bar(
    world: World, client_for: ClientFor, login: str
) -> None:
    client = client_for(login)
    assert client.get("/rights/").status_code == (200 if login in READERS else 403)
    bar = html.document_fromstring(read(client, "/password")).xpath("//nav//a[normalize-space()='权限']/@href")
    assert bar == (["/rights/"] if login in READERS else [])


def test_the_page_is_the_tables_line_by_line(world: World, client_for: ClientFor) -> None:
    tree = html.document_fromstring(read(client_for("auditor"), "/rights/"))
    shown = {
        section.xpath("string(header/h2)"): [
            [" ".join(cell.text_content().split()) for cell in row] for row in section.xpath(".//tbody/tr")
        ]
        for section in tree.xpath("//section[contains(@class, 'rights')]")
    }
    wanted = {m.title: [["".join([one.act, *one.notes]), one.when, *one.cells] for one in m.lines] for m in matrices()}
    assert shown == wanted


def test_on_a_phone_a_cell_names_whose_it_is_and_an_empty_one_takes_no_room(
    world: World, client_for: ClientFor
) -> None:
    tree = html.document_fromstring(read(client_for("auditor"), "/rights/"))
    (row,) = tree.xpath("//tr[th[starts-with(normalize-space(), '登记办件')]]")
    cells = row.xpath("td[position() > 1]")
    assert [(c.get("data-label"), c.text) for c in cells if c.text] == [("承办人", "限本单位"), ("督查员", "可以")]
    # CSS hides what is :empty, which a blank is not.
    assert all(c.get("data-label") is None and len(c) == 0 for c in cells if not c.text)


def test_who_keeps_the_rights_alone_begins_there(world: World, client_for: ClientFor) -> None:
    assert client_for("security").get("/").headers["Location"] == "/rights/"


# --- Who holds which role ---------------------------------------------------------------------------------------------


def held(client: FlaskClient, query: str = "") -> list[list[str]]:
    tree = html.document_fromstring(read(client, f"/rights/holders{query}"))
    return [[" ".join(cell.text_content().split()) for cell in row] for row in tree.xpath("//tbody/tr")]


@pytest.mark.parametrize("login", sorted(READERS))
def test_every_role_held_in_the_place_is_listed_who_may_do_most_first(
    world: World, client_for: ClientFor, login: str
) -> None:
    rows = held(client_for(login))
    assert len(rows) == sum(len(posts) for posts in PEOPLE.values())
    assert [row[1] for row in rows[:3]] == ["审计员", "安全管理员", "系统管理员"]
    assert ["lead同志lead", "承办人", "市工业和信息化局", "某市", "没有登录过"] in rows


def test_the_list_is_narrowed_to_one_role_and_nonsense_narrows_nothing(world: World, client_for: ClientFor) -> None:
    client = client_for("auditor")
    assert {row[0] for row in held(client, "?role=supervisor")} == {
        "supervisor2同志supervisor2",
        "supervisor同志supervisor",
    }
    assert len(held(client, "?role=king")) == len(held(client))


def test_neither_another_place_nor_an_ended_account_is_listed(
    database: Database, world: World, client_for: ClientFor
) -> None:
    settle_foreigner(database, world)
    with database.write() as session:
        accounts.disable_user(begin(session, SYSTEM, NOW), session.get_one(User, world.people["lead"].id))
        session.commit()
    names = {row[0] for row in held(client_for("auditor"))}
    assert names
    assert not any("lead同志" in name or "外地同志" in name for name in names)
