"""The confirmation of a reading in a real browser: the table, names with what is learned, and nothing typed lost."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Dialog, Page, expect
from sqlalchemy import select

from tests.browser.conftest import Town
from tests.browser.test_story import row_of
from tests.kit.world import World, found
from tracker.store.models import Alias, Assignment, Item, Measure, Unit

Enter = Callable[[str], Page]

pytestmark = pytest.mark.browser


@pytest.fixture
def draft(town: Town) -> World:
    """A draft two of whose names nobody knows."""
    with town.database.write() as session:
        world = found(session)
        for key, printed in (("一.4", "市住房城乡局"), ("一.1", "市数据局")):
            row = session.scalars(
                select(Assignment).join(Item).join(Measure).where(Measure.key == key).order_by(Assignment.id)
            ).first()
            assert row is not None
            row.printed, row.unit_id = printed, None
        session.commit()
    return world


def home(town: Town, world: World) -> str:
    return f"{town.url}/confirm/{world.document.id}"


def test_the_table_is_walked_by_keys_and_no_wider_than_a_phone(town: Town, draft: World, enter: Enter) -> None:
    boss = enter("supervisor")
    boss.goto(f"{home(town, draft)}?only=open")
    expect(boss.locator("td.c-key")).to_have_count(6)
    boss.get_by_role("columnheader", name="时限").get_by_role("link").click()
    expect(boss.get_by_role("columnheader", name="时限")).to_have_attribute("aria-sort", "ascending")
    boss.wait_for_load_state()
    boss.keyboard.press("j")
    at_hand = boss.locator("form.open-measure .key").first
    expect(at_hand).to_have_text("一.1")  # the doubtful first
    boss.set_viewport_size({"width": 390, "height": 844})
    for address in ("", "?after=0", "/names", "/publish"):
        boss.goto(home(town, draft) + address)
        assert boss.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, address
        # Where ways out are buttons, since something may be typed, the main navigation stays.
        expect(boss.get_by_role("navigation", name="主导航")).to_be_visible()


def test_on_a_phone_the_way_in_stands_clear_of_the_line_and_the_row_at_hand_is_of_one_colour(
    town: Town, draft: World, enter: Enter
) -> None:
    boss = enter("supervisor")
    boss.set_viewport_size({"width": 390, "height": 844})
    boss.goto(home(town, draft))
    head = boss.locator(".glance > header").bounding_box()
    way = boss.get_by_role("link", name="逐项核对").bounding_box()
    assert head is not None
    assert way is not None
    assert head["y"] + head["height"] - way["y"] - way["height"] >= 4
    boss.get_by_role("link", name="逐项核对").click()
    row, cell = boss.locator(".glance tr.at"), boss.locator(".glance tr.at td").first
    colour = "one => getComputedStyle(one).backgroundColor"
    assert row.evaluate(colour) == cell.evaluate(colour)
    assert row.evaluate("one => getComputedStyle(one).borderBottomWidth") == "0px"


def test_what_is_learned_is_said_as_soon_as_it_is_chosen(town: Town, draft: World, enter: Enter) -> None:
    boss = enter("supervisor")
    boss.goto(f"{home(town, draft)}/names")
    typed = boss.get_by_role("group", name="“市数据局”指谁")
    expect(typed.get_by_text("将学会").filter(visible=True)).to_have_count(0)
    typed.get_by_label("“市数据局”指单位库中的哪一个").fill("市财政局")
    expect(typed.get_by_text("将学会：“市数据局” = 市财政局").filter(visible=True)).to_have_count(1)
    nearest = boss.get_by_role("group", name="“市住房城乡局”指谁")
    nearest.get_by_label("市住房城乡建设局").check()
    expect(nearest.get_by_text("将学会：“市住房城乡局” = 市住房城乡建设局")).to_be_visible()
    nearest.get_by_label(re.compile("记入单位库")).uncheck()
    boss.get_by_role("button", name="确认选定的名称").click()
    expect(boss.get_by_text("已确认 2 个名称，文中共 2 处")).to_be_visible()
    with town.database.read() as session:
        learned = session.scalars(select(Alias.printed).where(Alias.printed.in_(("市数据局", "市住房城乡局")))).all()
    assert learned == ["市数据局"]


def test_a_new_unit_has_its_mailbox_and_telephone_from_the_table(town: Town, draft: World, enter: Enter) -> None:
    boss = enter("supervisor")
    boss.goto(f"{home(town, draft)}/names")
    row = boss.get_by_role("group", name="“市数据局”指谁")
    expect(row.get_by_label("“市数据局”的邮箱")).to_be_hidden()
    row.get_by_label("新建单位“市数据局”").check()
    row.get_by_label("“市数据局”的邮箱").fill("sjj@mou.example")
    row.get_by_label("“市数据局”的电话").fill("0412-1234567")
    boss.get_by_role("button", name="确认选定的名称").click()
    expect(boss.get_by_text("已确认 1 个名称")).to_be_visible()
    with town.database.read() as session:
        made = session.scalars(select(Unit).where(Unit.name == "市数据局")).one()
    assert (made.email, made.phone) == ("sjj@mou.example", "0412-1234567")


def test_nothing_typed_is_lost_by_any_way_out(town: Town, draft: World, enter: Enter) -> None:
    boss = enter("supervisor")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    boss.on("dialog", stay)
    boss.goto(home(town, draft))
    row_of(boss, "一.2").locator(".row-link").click()
    form = boss.locator("form.open-measure")
    form.get_by_label("标题").fill("改过的标题")
    row_of(boss, "一.3").locator(".row-link").click()  # our own page asks
    expect(boss.get_by_text("这一项有改动，还没有保存")).to_be_visible()
    expect(form.get_by_label("标题")).to_have_value("改过的标题")
    boss.get_by_role("button", name="总览").click()  # the frame's ways out ask as well
    expect(boss.get_by_text("这一项有改动，还没有保存")).to_be_visible()
    assert asked == []
    boss.evaluate("document.querySelector('.foot').insertAdjacentHTML('beforeend', '<a id=out href=/units/>出去</a>')")
    boss.locator("#out").click()  # and the browser, where a way out is none of ours
    boss.wait_for_function("document.querySelector('#out') !== null")
    assert asked == ["beforeunload"]
    expect(form.get_by_label("标题")).to_have_value("改过的标题")
    form.get_by_role("button", name="确认这一项，再前往").click()
    expect(boss).to_have_url(re.compile("/dashboard/"))
    boss.goto(home(town, draft))
    expect(row_of(boss, "一.2")).to_contain_text("改过的标题")
    assert asked == ["beforeunload"], "nothing is asked where nothing was typed"


def test_without_scripts_nothing_typed_is_lost_either(town: Town, draft: World, enter: Enter) -> None:
    boss = enter("supervisor")
    plain = boss.context.browser.new_context(locale="zh-CN", java_script_enabled=False)  # type: ignore[union-attr]
    plain.add_cookies(boss.context.cookies())  # type: ignore[arg-type]
    page = plain.new_page()
    page.goto(home(town, draft))
    row_of(page, "一.2").locator(".row-link").click()
    page.locator("form.open-measure").get_by_label("标题").fill("改过的标题")
    for name in ("单位名称", "疑问", "未确认", "总览"):
        page.get_by_role("button", name=re.compile(f"^{name}")).first.click()
        expect(page.get_by_text("这一项有改动，还没有保存")).to_be_visible()
        expect(page.locator("form.open-measure").get_by_label("标题")).to_have_value("改过的标题")
    page.get_by_role("link", name="放弃改动，直接前往").click()
    expect(page).to_have_url(re.compile("/dashboard/"))
    plain.close()
