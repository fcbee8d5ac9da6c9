"""The table of names nobody knows: several answered in one press, and nothing learned that was not shown first."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.kit.browser import Sheet, sheet
from tests.kit.pages import read, words
from tests.kit.world import World
from tests.web.documents.test_confirmation import Rows, change, form_of, home, make_unknown, rows, send
from tracker.store.models import Alias, Assignment, AuditEntry, Unit, UnitGroup, UnitKind

__all__ = ["change", "rows"]

ClientFor = Callable[[str], FlaskClient]


@pytest.fixture
def unknown(draft: World, change: Session) -> World:
    """Let three names be unknown, one of them in two places; 各有关部门 is open as well."""
    make_unknown(change, "市住房城乡局", "一.4", "一.6")
    make_unknown(change, "市数据局", "一.1")
    make_unknown(change, "市宣传中心", "一.3")
    return draft


class Table:
    """The page as a browser holds it: each name's fields by the name."""

    def __init__(self, client: FlaskClient, world: World, page: str | None = None) -> None:
        self.client, self.url = client, f"{home(world)}/names"
        self.page = page if page is not None else read(client, self.url)
        self.form: Sheet = sheet(self.page, "names")

    def at(self, printed: str) -> str:
        """Return what the fields of a name begin with."""
        found = [key for key, value in self.form.data.items() if key.endswith("-printed") and value == printed]
        assert found, printed
        return found[0].removesuffix("printed")

    def say(self, printed: str, **given: Any) -> None:
        for name, value in given.items():
            self.form.data.setlist(self.at(printed) + name, value if isinstance(value, list) else [value])

    def has(self, printed: str, field: str) -> str:
        return str(self.form.data.get(self.at(printed) + field, ""))

    def send(self, **more: str) -> Any:
        return self.client.post(self.url, data={**self.form.data.to_dict(flat=False), **more})


def test_every_unknown_name_stands_once_with_its_places_and_the_nearest(unknown: World, client_for: ClientFor) -> None:
    table = Table(client_for("supervisor"), unknown)
    said = words(table.page)
    assert "4 个名称还不知道指谁" in said
    assert "市住房城乡局 单位库中没有，共 2 处： 一.4 、 一.6" in said
    assert "未指明单位，共 1 处" in said
    assert f'value="u{unknown.units["zjj"].id}"' in table.page
    assert "市住房城乡建设局 像是简称" in said
    assert "将学会：“市住房城乡局” = 市住房城乡建设局" in said, "what would be learned is said beside the choice"
    assert not re.search(r"0\.\d\d", said), "how near a name is is said in words"
    assert "将学会：“各有关部门”" not in said


def test_a_name_is_settled_and_learned_in_one_press(unknown: World, client_for: ClientFor, rows: Rows) -> None:
    table = Table(client_for("supervisor"), unknown)
    assert table.has("市住房城乡局", "remember") == "y"
    table.say("市住房城乡局", means=f"u{unknown.units['zjj'].id}")
    assert table.send().location == table.url
    settled = rows.scalars(select(Assignment.unit_id).where(Assignment.printed == "市住房城乡局")).all()
    assert settled == [unknown.units["zjj"].id] * 2
    assert rows.scalars(select(Alias.unit_id).where(Alias.printed == "市住房城乡局")).one() == unknown.units["zjj"].id
    after = {"printed": "市住房城乡局", "unit": "市住房城乡建设局", "times": 2, "learned": True}
    assert rows.last("name.settle").after == after
    assert "已确认 1 个名称，文中共 2 处" in read(table.client, table.url)


def test_with_the_tick_taken_away_nothing_is_learned(unknown: World, client_for: ClientFor, rows: Rows) -> None:
    table = Table(client_for("supervisor"), unknown)
    table.say("市住房城乡局", means=f"u{unknown.units['zjj'].id}", remember=[])
    assert table.send().status_code == 302
    assert rows.scalars(select(Alias).where(Alias.printed == "市住房城乡局")).all() == []
    assert (rows.last("name.settle").after or {})["learned"] is False


def test_several_are_answered_in_one_press(unknown: World, client_for: ClientFor, rows: Rows) -> None:
    table = Table(client_for("supervisor"), unknown)
    table.say("市住房城乡局", means=f"u{unknown.units['zjj'].id}")
    table.say("市数据局", means="new", email="sjj@mou.example", phone="0412-1234567", sort="institution")
    table.say("市宣传中心", means="new")
    table.say("各有关部门", means="some", chosen=[str(unknown.units[c].id) for c in ("czj", "jyj")])
    assert table.send().status_code == 302
    made = rows.scalars(select(Unit).where(Unit.name == "市数据局")).one()
    assert (made.email, made.phone, made.kind) == ("sjj@mou.example", "0412-1234567", UnitKind.INSTITUTION)
    assert len(rows.measure("一.5").items[0].assignments[0].chosen) == 2
    assert "所有名称都已对应到单位库" in read(table.client, table.url)


def test_a_faulty_row_comes_back_as_typed_and_the_others_are_saved(
    unknown: World, client_for: ClientFor, rows: Rows
) -> None:
    table = Table(client_for("supervisor"), unknown)
    table.say("市住房城乡局", means=f"u{unknown.units['zjj'].id}")
    table.say("市数据局", means="new", email="不是邮箱", phone="0412-1234567")
    table.say("市宣传中心", means="other", other="没有这个局")
    table.say("各有关部门", means="some")
    answer = table.send()
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    said = words(page)
    assert "已确认 1 个名称，文中共 2 处" in said
    assert "请填写一个完整的邮箱地址" in said
    assert "单位库中没有“没有这个局”" in said
    assert "请勾选承办的单位" in said
    again = Table(table.client, unknown, page)
    assert (again.has("市数据局", "email"), again.has("市数据局", "phone")) == ("不是邮箱", "0412-1234567")
    assert again.has("市宣传中心", "other") == "没有这个局"
    assert "市住房城乡局" not in again.form.data.values(), "the saved one stands in the table no more"
    assert rows.measure("一.4").items[0].assignments[0].unit_id == unknown.units["zjj"].id, "it is kept"
    again.say("市数据局", email="sjj@mou.example")
    again.say("市宣传中心", means="")
    again.say("市宣传中心", other="")
    again.say("各有关部门", means="left")
    assert again.send().status_code == 302
    assert rows.measure("一.5").items[0].assignments[0].left_out
    assert rows.scalars(select(Unit.email).where(Unit.name == "市数据局")).one() == "sjj@mou.example"


def test_a_name_typed_by_hand_is_shown_what_it_teaches_before_it_is_learned(
    unknown: World, client_for: ClientFor, rows: Rows
) -> None:
    table = Table(client_for("supervisor"), unknown)
    table.say("市数据局", other="市工信局")
    answer = table.send()
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "将学会：“市数据局” = 市工业和信息化局 。是这样，请再按一次" in words(page)
    assert rows.scalars(select(Alias).where(Alias.printed == "市数据局")).all() == []
    assert rows.measure("一.1").items[0].assignments[0].unit_id is None
    again = Table(table.client, unknown, page)
    assert again.has("市数据局", "told") == f"u{unknown.units['gxj'].id}"
    again.say("市数据局", other="市财政局")  # another one than was shown: asked again
    assert "“市数据局” = 市财政局" in words(again.send().get_data(as_text=True))
    again.say("市数据局", other="市工信局")
    assert again.send().status_code == 302
    assert rows.scalars(select(Alias.unit_id).where(Alias.printed == "市数据局")).one() == unknown.units["gxj"].id


def test_a_group_is_found_by_its_name_too(unknown: World, client_for: ClientFor, rows: Rows) -> None:
    table = Table(client_for("supervisor"), unknown)
    table.say("各有关部门", other="各县区政府")
    assert table.send().status_code == 302, "各有关部门 is never learned, so nothing has to be shown"
    name = rows.measure("一.5").items[0].assignments[0]
    assert name.group_id == rows.scalars(select(UnitGroup.id)).one()
    assert rows.scalars(select(Alias).where(Alias.printed == "各有关部门")).all() == []


def test_the_same_form_sent_twice_makes_one_unit(unknown: World, client_for: ClientFor, rows: Rows) -> None:
    table = Table(client_for("supervisor"), unknown)
    table.say("市数据局", means="new")
    assert [table.send().status_code for _ in range(2)] == [302, 302]
    assert len(rows.scalars(select(Unit).where(Unit.name == "市数据局")).all()) == 1
    assert len(rows.scalars(select(AuditEntry).where(AuditEntry.verb == "name.settle")).all()) == 1


@pytest.mark.parametrize(
    "given",
    [
        {"means": "u999999"}, {"means": "g999999"}, {"means": "x"}, {"means": "u"}, {"means": "ux"}, {"means": "other"},
        {"means": "some"}, {"means": "left"}, {"means": "new", "sort": "nonsense"}, {"means": "u" + "9" * 40},
        {"means": "new", "phone": "1" * 61},
    ],
)  # fmt: skip
def test_what_no_page_of_ours_sends_is_refused_and_changes_nothing(
    unknown: World, client_for: ClientFor, rows: Rows, given: dict[str, str]
) -> None:
    table = Table(client_for("supervisor"), unknown)
    table.say("市数据局", **given)
    assert table.send().status_code == 422
    assert rows.measure("一.1").items[0].assignments[0].unit_id is None
    assert not rows.measure("一.1").items[0].assignments[0].left_out


def test_a_unit_of_another_place_is_not_offered_and_not_taken(
    unknown: World, foreigner: World, client_for: ClientFor, rows: Rows
) -> None:
    table = Table(client_for("supervisor"), unknown)
    table.say("市数据局", means=f"u{foreigner.units['foreign'].id}")
    assert table.send().status_code == 422
    assert rows.measure("一.1").items[0].assignments[0].unit_id is None


def test_leaving_with_something_chosen_asks_first(unknown: World, client_for: ClientFor, rows: Rows) -> None:
    table = Table(client_for("supervisor"), unknown)
    there = f"{home(unknown)}/facts"
    assert table.send(go=there).location == there
    table.say("市数据局", means="new", email="sjj@mou.example")
    asked = table.send(go=there)
    assert asked.status_code == 200
    page = asked.get_data(as_text=True)
    assert "这一页有改动，还没有保存" in page
    again = Table(table.client, unknown, page)
    assert (again.has("市数据局", "means"), again.has("市数据局", "email")) == ("new", "sjj@mou.example")
    assert rows.scalars(select(Unit).where(Unit.name == "市数据局")).all() == []
    assert again.send(then=there).location == there
    assert rows.scalars(select(Unit.email).where(Unit.name == "市数据局")).one() == "sjj@mou.example"


# --- In the form of one measure --------------------------------------------------------------------------------------


def test_a_measures_form_shows_what_it_teaches_before_it_teaches_it(
    unknown: World, client_for: ClientFor, rows: Rows
) -> None:
    client = client_for("supervisor")
    form = form_of(client, rows, "一.4")
    assert form.data["items-0-names-0-means"] == ""
    form.data["items-0-names-0-means"] = f"u{unknown.units['zjj'].id}"
    form.data["title"] = "留着的标题"
    asked = send(client, form)
    page = asked.get_data(as_text=True)
    assert asked.status_code == 200
    assert "将学会：“市住房城乡局” = 市住房城乡建设局" in words(page)
    assert "还没有保存：有的名称将记入单位库" in page
    assert rows.measure("一.4").confirmed_at is None
    assert rows.scalars(select(Alias).where(Alias.printed == "市住房城乡局")).all() == []
    again = sheet(page, "here")
    assert (again.data["title"], again.data["items-0-names-0-remember"]) == ("留着的标题", "y")
    assert send(client, again).status_code == 302
    for key in ("一.4", "一.6"):
        assert rows.measure(key).items[0].assignments[0].unit_id == unknown.units["zjj"].id
    assert rows.scalars(select(Alias.unit_id).where(Alias.printed == "市住房城乡局")).one() == unknown.units["zjj"].id


def test_a_measures_form_learns_nothing_once_the_tick_is_taken_away(
    unknown: World, client_for: ClientFor, rows: Rows
) -> None:
    client = client_for("supervisor")
    form = form_of(client, rows, "一.4")
    form.data["items-0-names-0-means"] = f"u{unknown.units['zjj'].id}"
    again = sheet(send(client, form).get_data(as_text=True), "here")
    assert send(client, again, **{"items-0-names-0-remember": []}).status_code == 302
    assert rows.measure("一.4").items[0].assignments[0].unit_id == unknown.units["zjj"].id
    assert rows.scalars(select(Alias).where(Alias.printed == "市住房城乡局")).all() == []


def test_an_unknown_name_may_become_a_new_unit_from_within_its_measure(
    unknown: World, client_for: ClientFor, rows: Rows
) -> None:
    client = client_for("supervisor")
    form = form_of(client, rows, "一.1")
    form.data["items-0-names-0-means"] = "new"
    assert send(client, form).status_code == 302, "a new unit has that very name: there is nothing else to learn"
    unit = rows.scalars(select(Unit).where(Unit.name == "市数据局")).one()
    assert rows.measure("一.1").items[0].assignments[0].unit_id == unit.id


@pytest.mark.parametrize("login", ["lead", "support", "stranger", "leader", "auditor", "administrator"])
def test_nobody_but_the_supervisor_answers(unknown: World, client_for: ClientFor, rows: Rows, login: str) -> None:
    table = Table(client_for("supervisor"), unknown)
    table.say("市数据局", means="new")
    table.client = client_for(login)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', read(table.client, "/password"))
    assert token
    table.form.data["csrf_token"] = token[1]
    assert table.send().status_code == 404
    assert rows.scalars(select(Unit).where(Unit.name == "市数据局")).all() == []
