"""The registry: listed, looked up by any name, kept by supervisors and administrators of the place alone."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from tests.kit.browser import sheet
from tests.kit.pages import post, read, words
from tests.kit.statements import counted
from tests.kit.world import NOW, World, token_in
from tests.web.conftest import settle_foreigner
from tracker.services.core.act import begin
from tracker.services.registry import units
from tracker.store.core.actors import SYSTEM
from tracker.store.core.engine import Database
from tracker.store.models import Alias, AuditEntry, GroupMember, Unit, UnitGroup, UnitKind

ClientFor = Callable[[str], FlaskClient]


class Rows:
    """What has been committed so far."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def scalars(self, query: Select[Any]) -> Any:
        self.session.rollback()
        return self.session.scalars(query.execution_options(populate_existing=True))

    def unit(self, unit_id: int) -> Unit:
        found: Unit = self.scalars(select(Unit).where(Unit.id == unit_id)).one()
        return found

    def count(self, model: type) -> int:
        return self.scalars(select(func.count()).select_from(model)).one()


@pytest.fixture
def rows(database: Database, world: World) -> Iterator[Rows]:
    with database.read() as session:
        yield Rows(session)


def test_the_registry_lists_units_with_names_mailbox_and_people(world: World, client_for: ClientFor) -> None:
    for login in ("supervisor", "administrator"):
        said = words(read(client_for(login), "/units/"))
        assert "市工业和信息化局" in said
        assert "市工信局" in said
        assert "gxj@mou.example" in said
        assert "共 7 项" in said


@pytest.mark.parametrize("asked", ["市住建局", "住房城乡", "市 住建局"])
def test_a_unit_is_found_by_any_of_its_names(world: World, client_for: ClientFor, asked: str) -> None:
    said = words(read(client_for("supervisor"), f"/units/?q={asked}"))
    assert "市住房城乡建设局" in said
    assert "共 1 项" in said


def test_a_name_that_is_not_there_leads_to_a_new_unit(world: World, client_for: ClientFor) -> None:
    page = read(client_for("supervisor"), "/units/?q=市数据局")
    assert "单位库中没有这个名称" in page
    assert "/units/new?name=" in page


def test_a_units_mailbox_is_changed(world: World, client_for: ClientFor, rows: Rows) -> None:
    client, unit = client_for("administrator"), world.units["zjj"]
    url = f"/units/{unit.id}"
    answer = post(client, url, read(client, url), email=" zjj@mou.example ", phone="0400-1", active="y")
    assert answer.location == url
    changed = rows.unit(unit.id)
    assert (changed.email, changed.phone, changed.active) == ("zjj@mou.example", "0400-1", True)
    entry = rows.scalars(select(AuditEntry).where(AuditEntry.verb == "unit.update")).one()
    assert (entry.before["email"], entry.after["email"]) == (None, "zjj@mou.example")
    assert post(client, url, read(client, url), email="", phone="").status_code == 302
    assert (rows.unit(unit.id).email, rows.unit(unit.id).active) == (None, False)
    assert "停用" in read(client, "/units/")


@pytest.mark.parametrize("email", ["不是邮箱", "a@b", "a b@mou.example", "a@mou.example,b@mou.example"])
def test_a_wrong_mailbox_is_refused_and_kept(world: World, client_for: ClientFor, rows: Rows, email: str) -> None:
    client, url = client_for("supervisor"), f"/units/{world.units['gxj'].id}"
    answer = post(client, url, read(client, url), email=email, active="y")
    assert answer.status_code == 422
    assert "请填写一个完整的邮箱地址" in answer.get_data(as_text=True)
    assert f'value="{email}"' in answer.get_data(as_text=True)
    assert rows.unit(world.units["gxj"].id).email == "gxj@mou.example"


def test_a_stale_form_shows_both_and_can_be_sent_again(world: World, client_for: ClientFor, rows: Rows) -> None:
    client, url = client_for("supervisor"), f"/units/{world.units['gxj'].id}"
    old = read(client, url)
    post(client, url, old, email="one@mou.example", active="y")
    answer = post(client, url, old, email="two@mou.example", active="y")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "one@mou.example" in page
    assert "two@mou.example" in page
    assert rows.unit(world.units["gxj"].id).email == "one@mou.example"
    assert client.post(url, data=sheet(page, url).data).status_code == 302
    assert rows.unit(world.units["gxj"].id).email == "two@mou.example"


def test_another_name_is_remembered_once_and_never_for_two(world: World, client_for: ClientFor, rows: Rows) -> None:
    client, url = client_for("supervisor"), f"/units/{world.units['jyj'].id}"
    page = read(client, url)
    assert post(client, f"{url}/names", page, printed="市 教体局").location == url
    assert rows.scalars(select(Alias.unit_id).where(Alias.printed == "市教体局")).one() == world.units["jyj"].id
    taken = post(client, f"{url}/names", page, printed="市工信局")
    assert taken.status_code == 422
    assert "已是另一单位的名称" in taken.get_data(as_text=True)
    assert post(client, f"{url}/names", page, printed=" ").status_code == 422


def test_a_unit_is_created_with_its_names(world: World, client_for: ClientFor, rows: Rows) -> None:
    client = client_for("supervisor")
    page = read(client, "/units/new?name=市数据局")
    assert 'value="市数据局"' in page
    given = {"jurisdiction": str(world.jurisdiction.id), "name": "市数据局", "kind": "department", "email": "",
             "aliases": "市大数据局\n市政务和数据局\n", "phone": ""}  # fmt: skip
    answer = post(client, "/units/new", page, **given)
    unit = rows.scalars(select(Unit).where(Unit.name == "市数据局")).one()
    assert answer.location == f"/units/{unit.id}"
    assert unit.kind is UnitKind.DEPARTMENT
    printed = rows.scalars(select(Alias.printed).where(Alias.unit_id == unit.id).order_by(Alias.id)).all()
    assert printed == ["市数据局", "市大数据局", "市政务和数据局"]
    twice = post(client, "/units/new", read(client, "/units/new"), **given)
    assert twice.status_code == 422
    assert "单位库中已有" in twice.get_data(as_text=True)
    assert "市大数据局" in twice.get_data(as_text=True)


def test_a_group_is_created_and_listed_with_its_members(world: World, client_for: ClientFor, rows: Rows) -> None:
    client = client_for("supervisor")
    page = read(client, "/units/groups/new")
    given = {"jurisdiction": str(world.jurisdiction.id), "name": "各开发区", "aliases": "开发区管委会"}
    nobody = post(client, "/units/groups/new", page, **given)
    assert nobody.status_code == 422
    assert "请勾选成员单位" in nobody.get_data(as_text=True)
    members = [str(world.units[c].id) for c in ("dxj", "jyj")]
    assert post(client, "/units/groups/new", page, **given, members=members).location == "/units/groups"
    group = rows.scalars(select(UnitGroup).where(UnitGroup.name == "各开发区")).one()
    held = rows.scalars(select(GroupMember.unit_id).where(GroupMember.group_id == group.id)).all()
    assert sorted(held) == sorted(int(m) for m in members)
    said = words(read(client, "/units/groups"))
    assert "各开发区" in said
    assert "东县政府 、 西县政府" in said


def test_a_group_takes_no_member_from_another_place(
    database: Database, world: World, client_for: ClientFor, rows: Rows
) -> None:
    settle_foreigner(database, world)
    client = client_for("supervisor")
    page = read(client, "/units/groups/new")
    given = {"jurisdiction": str(world.jurisdiction.id), "name": "各开发区", "aliases": ""}
    answer = post(client, "/units/groups/new", page, **given, members=[str(world.units["foreign"].id)])
    assert answer.status_code == 422
    assert "成员只能是本辖区的单位" in answer.get_data(as_text=True)
    assert rows.count(UnitGroup) == 1


def test_nothing_is_created_in_another_place(
    database: Database, world: World, client_for: ClientFor, rows: Rows
) -> None:
    settle_foreigner(database, world)
    client, before = client_for("foreigner"), rows.count(Unit)
    page = read(client, "/units/new")
    given = {"jurisdiction": str(world.jurisdiction.id), "name": "不该有的局", "kind": "other"}
    assert post(client, "/units/new", page, **given).status_code == 422
    assert rows.count(Unit) == before


def test_only_keepers_of_the_registry_come_in(
    database: Database, world: World, client_for: ClientFor, rows: Rows
) -> None:
    settle_foreigner(database, world)
    url, before = f"/units/{world.units['gxj'].id}", rows.count(Alias)
    for login in ("lead", "support", "stranger", "head", "leader", "auditor"):
        client = client_for(login)
        for page in ("/units/", "/units/groups", "/units/new", "/units/groups/new", url):
            read(client, page, 403)
        token = {"csrf_token": token_in(read(client, "/password")), "version": "1", "printed": "某局"}
        for act in (url, f"{url}/names", "/units/new", "/units/groups/new"):
            assert client.post(act, data=token).status_code == 403
    client = client_for("foreigner")
    assert "市工业和信息化局" not in read(client, "/units/")
    assert "各县区政府" not in read(client, "/units/groups")
    read(client, url, 404)
    token = {"csrf_token": token_in(read(client, "/password")), "version": "1", "printed": "某局"}
    assert client.post(url, data=token).status_code == 404
    assert client.post(f"{url}/names", data=token).status_code == 404
    assert rows.unit(world.units["gxj"].id).email == "gxj@mou.example"
    assert rows.count(Alias) == before


@pytest.mark.parametrize("path", ["/units/", "/units/groups", "/units/groups/new"])
def test_the_registry_asks_no_more_for_more_units(
    database: Database, world: World, client_for: ClientFor, path: str
) -> None:
    client = client_for("supervisor")
    with counted(database) as few:
        read(client, path)
    with database.write() as session:
        ids = [
            units.create_unit(begin(session, SYSTEM, NOW), jurisdiction_id=world.jurisdiction.id, name=f"第{n}局").id
            for n in range(60)
        ]
        units.create_group(
            begin(session, SYSTEM, NOW), jurisdiction_id=world.jurisdiction.id, name="各局", member_ids=tuple(ids)
        )
        session.commit()
    with counted(database) as many:
        read(client, path)
    assert len(many) == len(few), many
