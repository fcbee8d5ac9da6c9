"""The whole reading in one table: sorted, narrowed, unfolding in its place, and left without losing what was typed."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.conftest import Clock
from tests.kit.browser import sheet
from tests.kit.pages import post, read, words
from tests.kit.world import NOW, World, confirm_all
from tests.web.documents.test_confirmation import LATE, Rows, change, form_of, home, make_unknown, rows, send
from tracker.services.core.act import begin
from tracker.services.documents import confirmation
from tracker.store.documents.drafts import working_edition
from tracker.store.models import DeadlineRule, Measure

__all__ = ["change", "rows"]

ClientFor = Callable[[str], FlaskClient]
NATURAL = ["一.1", "一.2", "一.3", "一.4", "一.5", "一.6"]


def keys(page: str) -> list[str]:
    """Return the numbers of the rows, as they stand."""
    return re.findall(r'<td class="c-key"><span class="key">([^<]+)</span>', page)


def row(page: str, key: str) -> str:
    """Return the words of one row."""
    return words(page.split(f'<td class="c-key"><span class="key">{key}</span>')[1].split("</tr>")[0])


def ways(page: str) -> list[str]:
    """Return where the buttons of the open form lead that are ways out of the page."""
    return re.findall(r'<button class="way[^>]*form="here" name="go" value="([^"]+)"', page)


# --- At a glance -----------------------------------------------------------------------------------------------------


def test_the_first_page_is_the_whole_reading_with_nothing_unfolded(draft: World, client_for: ClientFor) -> None:
    page = read(client_for("supervisor"), home(draft))
    assert keys(page) == NATURAL
    assert 'id="here"' not in page
    assert "一、清理账款" in page
    assert "2026年6月底前" in row(page, "一.1")
    assert "6月30日 周二" in row(page, "一.1"), "the date is counted, not only quoted"
    assert "牵头 市工信局" in row(page, "一.1")
    assert "配合 市财政局" in row(page, "一.1")
    assert "正式受理3个工作日内" in row(page, "一.2").replace(" ", "")
    assert "登记事件后起算" in row(page, "一.2")
    assert "下一期 3月25日" in row(page, "一.3")
    assert "— 无时限" in row(page, "一.5")
    assert "有疑问" in row(page, "一.5")
    assert "“各有关部门”未指明单位" in row(page, "一.5")
    assert 'class="unsettled"' in page


SORTS = {
    "": NATURAL,
    "key": NATURAL,
    "-key": NATURAL[::-1],
    "title": ["一.6", "一.5", "一.4", "一.2", "一.1", "一.3"],
    "unit": ["一.5", "一.4", "一.6", "一.2", "一.1", "一.3"],
    "due": ["一.3", "一.1", "一.2", "一.4", "一.5", "一.6"],
    "-due": ["一.2", "一.4", "一.5", "一.6", "一.1", "一.3"],
    "state": ["一.5", "一.1", "一.2", "一.3", "一.4", "一.6"],
    "nonsense": NATURAL,
    "-": NATURAL,
}


@pytest.mark.parametrize(("sort", "expected"), SORTS.items(), ids=SORTS)
def test_it_is_sorted_by_any_column_either_way(
    draft: World, client_for: ClientFor, sort: str, expected: list[str]
) -> None:
    assert keys(read(client_for("supervisor"), f"{home(draft)}?sort={sort}")) == expected


def test_the_head_of_the_column_sorted_by_turns_the_other_way_round(draft: World, client_for: ClientFor) -> None:
    page = read(client_for("supervisor"), f"{home(draft)}?sort=due&only=open")
    assert '<th scope="col" aria-sort="ascending"><a href="/confirm/2?only=open&amp;sort=-due"' in page.replace(
        home(draft), "/confirm/2"
    )
    turned = read(client_for("supervisor"), f"{home(draft)}?sort=-due")
    assert 'aria-sort="descending"' in turned


def test_it_is_narrowed_to_the_doubtful_and_to_what_nobody_has_confirmed(
    draft: World, client_for: ClientFor, change: Session
) -> None:
    edition = working_edition(change, draft.document.id)
    confirmation.confirm_clear(begin(change, draft.actor("supervisor"), NOW), edition)
    change.commit()
    client = client_for("supervisor")
    assert keys(read(client, f"{home(draft)}?only=doubt")) == ["一.5"]
    assert keys(read(client, f"{home(draft)}?only=open")) == ["一.5"]
    assert keys(read(client, f"{home(draft)}?only=nonsense")) == NATURAL
    said = words(read(client, home(draft)))
    assert "全部 6" in said
    assert "有疑问 1" in said
    assert "未确认 1" in said


def test_with_nothing_left_to_narrow_to_it_says_so(draft: World, client_for: ClientFor, change: Session) -> None:
    confirm_all(change, draft)
    change.commit()
    page = read(client_for("supervisor"), f"{home(draft)}?only=doubt")
    assert "没有这样的措施了" in page
    assert "全部核对完了" in page


def test_a_row_unfolds_in_its_place_and_stays_where_the_table_was_asked_for(
    draft: World, client_for: ClientFor, rows: Rows
) -> None:
    client = client_for("supervisor")
    page = read(client, f"{home(draft)}?sort=-key&only=doubt&m={rows.measure('一.2').id}")
    assert keys(page) == ["一.5", "一.2"], "the one at hand is among them whatever is asked for"
    before, after = page.split('id="here"')
    assert keys(before) == ["一.5", "一.2"]
    assert keys(after) == []
    answer = send(client, sheet(page, "here"))
    assert answer.location == f"{home(draft)}?only=doubt&sort=-key&after=2#here"


def test_whoever_begins_meets_the_doubtful_first(draft: World, client_for: ClientFor) -> None:
    page = read(client_for("supervisor"), home(draft))
    begin_url = re.search(r'href="([^"]+)" data-key="j">逐项核对', page)
    assert begin_url
    opened = read(client_for("supervisor"), begin_url[1])
    assert "各有关部门" in opened.split('id="here"')[1].split("</form>")[0]


def test_a_limit_that_cannot_be_counted_says_why_in_its_row(
    draft: World, client_for: ClientFor, rows: Rows, change: Session
) -> None:
    rule = change.get_one(DeadlineRule, rows.measure("一.1").items[0].rules[0].id)
    rule.due_on = None
    change.commit()
    page = read(client_for("supervisor"), home(draft))
    assert "2026年6月底前" in row(page, "一.1")
    assert "没有读到可用的日期" in row(page, "一.1")


# --- Leaving ---------------------------------------------------------------------------------------------------------


def test_every_way_out_of_a_page_with_an_open_form_asks_first(
    draft: World, client_for: ClientFor, rows: Rows, change: Session
) -> None:
    make_unknown(change, "市住房城乡局", "一.4")
    client = client_for("supervisor")
    page = read(client, f"{home(draft)}?m={rows.measure('一.1').id}")
    links = re.findall(r'<a\b[^>]*href="([^"]+)"', page)
    assert [link for link in links if not link.startswith("#")] == [], "no link leaves the form behind unasked"
    found = ways(page)
    for place in ("/documents/", "/names", "sort=due", "only=doubt", "/text", f"m={rows.measure('一.3').id}"):
        assert any(place in way for way in found), place
    form = form_of(client, rows, "一.1")  # nothing is carried out with it, so it serves for every way
    printed = form.data["title"]
    for way in dict.fromkeys(found):
        going = way.replace("&amp;", "&")
        led = send(client, form, title=printed, go=going)
        assert (led.status_code, led.location) == (302, going)
        asked = send(client, form, title="改过的标题", go=going)
        said = asked.get_data(as_text=True)
        assert asked.status_code == 200
        assert "还没有保存" in said
        assert sheet(said, "here").data["title"] == "改过的标题"
        assert f'href="{way}" data-leave' in said
        assert f'name="then" value="{way}"' in said
    assert rows.measure("一.1").title != "改过的标题"


def test_what_was_typed_can_be_confirmed_on_the_way_out(draft: World, client_for: ClientFor, rows: Rows) -> None:
    client, url = client_for("supervisor"), f"{home(draft)}/names"
    asked = send(client, form_of(client, rows, "一.1"), title="改过的标题", go=url)
    answer = send(client, sheet(asked.get_data(as_text=True), "here"), then=url)
    assert answer.location == url
    assert rows.measure("一.1").title == "改过的标题"


@pytest.mark.parametrize(
    ("page", "field", "typed"),
    [
        ("facts", "title", "改过的标题"), ("facts", "issued_on", "三月三日"), ("undated", "due_on", "2026-12-31"),
        ("undated", "rhythm", "quarter"), ("past", "answer", "done"), ("past", "renewed_on", "2026-09-30"),
    ],
)  # fmt: skip
def test_the_other_pages_of_confirmation_ask_as_well(
    draft: World, client_for: ClientFor, clock: Clock, page: str, field: str, typed: str
) -> None:
    clock.at = LATE  # one date is past by then
    client, url, there = client_for("supervisor"), f"{home(draft)}/{page}", f"{home(draft)}/text"
    drawn = read(client, url)
    form = sheet(drawn, page)
    assert f'<button class="way" form="{page}" name="go" value="{there}"' in drawn
    assert client.post(url, data={**form.data.to_dict(flat=False), "go": there}).location == there
    asked = client.post(url, data={**form.data.to_dict(flat=False), field: typed, "go": there})
    said = asked.get_data(as_text=True)
    assert asked.status_code == 200
    assert "这一页有改动，还没有保存" in said
    assert f'href="{there}" data-leave' in said
    if typed != "done":
        assert sheet(said, page).data[field] == typed


def test_confirming_the_clear_ones_does_not_lose_what_stands_open(
    draft: World, client_for: ClientFor, rows: Rows
) -> None:
    client = client_for("supervisor")
    page = read(client, f"{home(draft)}?m={rows.measure('一.1').id}")
    assert 'form="here" name="go" value="clear">全部确认无疑问的' in page
    asked = send(client, form_of(client, rows, "一.1"), title="改过的标题", go="clear")
    assert "还没有保存" in asked.get_data(as_text=True)
    assert rows.measure("一.2").confirmed_at is None
    done = send(client, form_of(client, rows, "一.1"), go="clear")
    assert done.location == home(draft)
    assert rows.measure("一.2").confirmed_at == NOW


@pytest.mark.parametrize(
    "place", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:1", "x" * 2000]
)
def test_nobody_is_led_to_a_place_that_is_not_ours(draft: World, client_for: ClientFor, rows: Rows, place: str) -> None:
    client = client_for("supervisor")
    assert send(client, form_of(client, rows, "一.1"), go=place).location == home(draft)
    assert send(client, form_of(client, rows, "一.1"), then=place).location == f"{home(draft)}?after=1#here"


@pytest.mark.parametrize("login", ["lead", "support", "stranger", "leader", "auditor"])
def test_nobody_else_sees_the_table(draft: World, client_for: ClientFor, login: str) -> None:
    read(client_for(login), f"{home(draft)}?sort=due&only=doubt", 404)


def test_titles_of_users_are_escaped_in_the_table(
    draft: World, client_for: ClientFor, rows: Rows, change: Session
) -> None:
    change.get_one(Measure, rows.measure("一.1").id).title = "<b>粗</b>"
    change.commit()
    assert "<b>粗</b>" not in read(client_for("supervisor"), home(draft))


def test_a_row_confirmed_says_by_whom_and_when(draft: World, client_for: ClientFor, rows: Rows) -> None:
    client = client_for("supervisor")
    page = read(client, home(draft))
    post(client, f"{home(draft)}/clear", page)
    assert "supervisor同志 今日 10:00 核对" in row(read(client, home(draft)), "一.1")
