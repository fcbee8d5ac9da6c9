"""Cutting a draft in a real browser: words selected with the mouse, a level chosen on a phone, each taken back."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Town
from tests.kit.world import TEXT, found
from tests.services.documents.test_confirmation import another
from tests.services.documents.test_doubts import doubt
from tests.web.documents.test_recut import OUTLINE
from tracker.reading.plan import DoubtKind

Enter = Callable[[str], Page]

pytestmark = pytest.mark.browser

# Selects what stands between two places of the stored text, as a reader would with the mouse.
SELECT = """
([first, last]) => {
  const at = (place) => {
    for (const flow of document.querySelectorAll('.flow[data-start]')) {
      let left = place - Number(flow.dataset.start);
      if (left < 0 || left > flow.textContent.length) continue;
      const walk = document.createTreeWalker(flow, NodeFilter.SHOW_TEXT);
      for (let node = walk.nextNode(); node; node = walk.nextNode()) {
        if (left <= node.length) return [node, left];
        left -= node.length;
      }
    }
  };
  const range = document.createRange();
  range.setStart(...at(first));
  range.setEnd(...at(last));
  const selection = window.getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
}
"""


@pytest.fixture
def draft_url(town: Town) -> str:
    """The address of a draft with a doubt and an outline."""
    with town.database.write() as session:
        world = found(session)
        asked = [doubt(DoubtKind.SUSPECT, "一、清理账款")]
        made = another(session, world, lambda p: p.update(questions=asked, outline=OUTLINE))
        session.commit()
        return f"{town.url}/confirm/{made.id}"


def wider(page: Page) -> int:
    taken: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return taken


def way(page: Page, name: str) -> None:
    """Follow a way out of a page; where a form is open it is a button that looks after what was typed."""
    link, button = (page.get_by_role(role, name=name, exact=True) for role in ("link", "button"))
    link.or_(button).click()


def test_selected_words_become_a_measure_and_are_put_back(draft_url: str, enter: Enter) -> None:
    page = enter("supervisor")
    page.goto(f"{draft_url}/text")
    bar = page.locator("#picked")
    expect(bar).to_be_hidden()
    start = TEXT.index("2026年6月底前")
    page.evaluate(SELECT, [start, start + 9])
    expect(bar).to_be_visible()
    expect(bar).to_contain_text("已选 9 字")
    start = TEXT.index("清理账款")
    page.evaluate(SELECT, [start, start + 4])
    bar.get_by_role("link", name="作为措施").click()
    expect(page.locator("tr.chosen")).to_have_text(re.compile("一、清理账款"))
    page.get_by_role("button", name="作为措施").click()
    expect(page.get_by_text("上一步：把“清理账款”作为措施 一")).to_be_visible()
    way(page, "撤销")
    page.get_by_role("button", name="撤销这一步").click()
    expect(page.get_by_text("已撤销：把“清理账款”作为措施 一。")).to_be_visible()


def test_a_level_is_chosen_on_a_phone_and_no_page_of_it_is_wider(draft_url: str, enter: Enter) -> None:
    page = enter("supervisor")
    page.set_viewport_size({"width": 390, "height": 844})
    wide: dict[str, int] = {}
    for rest in ("", "/doubts", "/text", "/add?first=0&last=9", "/level", "/undo"):
        page.goto(f"{draft_url}{rest}")
        wide[rest] = wider(page)
    page.goto(draft_url)
    page.get_by_label("拆得太粗或太细？").select_option("han")
    page.get_by_role("button", name="先看结果").click()
    expect(page.get_by_text("6 项 → 1 项")).to_be_visible()
    wide["result"] = wider(page)
    page.get_by_role("button", name="按此拆分").click()
    expect(page.get_by_text("现在共 1 项措施。")).to_be_visible()
    page.locator("a.row-link").first.click()
    way(page, "拆分、合并、移出")
    wide["cut"] = wider(page)
    page.locator("input[name=cut]").first.check()
    page.get_by_role("button", name="从勾选处拆分").click()
    expect(page.get_by_text("拆成 2 项")).not_to_have_count(0)
    way(page, "撤销")
    page.get_by_role("button", name="撤销这一步").click()
    page.get_by_role("button", name="撤销这一步").click()
    expect(page.get_by_text("0 / 6")).to_be_visible()
    assert {k: v for k, v in wide.items() if v > 0} == {}
