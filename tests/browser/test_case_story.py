"""Three time limits of 鞍山's text that wait for an event, from the published words to the list, figures and mail.

The days are those of the Spring Festival of 2026: Saturday 14 February is worked, 15 to 23 February are off.
"""

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Town
from tests.browser.test_ledger_story import at
from tests.browser.test_story import answer_questions, import_document, row_of
from tracker.store.models import MemberRole

Enter = Callable[[str], Page]
Hire = Callable[[str, str, str, MemberRole], None]

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def _people(hire: Hire, town: Town) -> None:
    town.clock.at = at(2, 9, 9)
    hire("ducha", "鞍山市", "市减负办", MemberRole.SUPERVISOR)
    hire("jianfu", "鞍山市", "市减负办", MemberRole.OFFICER)
    hire("zhujian", "鞍山市", "市住房城乡建设局", MemberRole.OFFICER)
    hire("haicheng", "鞍山市", "海城市政府", MemberRole.OFFICER)
    hire("guanli", "鞍山市", "市减负办", MemberRole.ADMINISTRATOR)


def take_the_type_that_counts_the_same(boss: Page) -> None:
    """四.2 is counted by 拖欠账款投诉, the law's limit beside it; 五.2 and 五.6 get types of their own."""
    boss.get_by_role("navigation", name="核对的各页").get_by_role("link", name="核对一览").click()
    row_of(boss, "四.2").locator(".row-link").click()
    rule = boss.locator("form.open-measure .rule")
    expect(rule).to_contain_text("转办 3个工作日内，法定 10个工作日内")
    rule.get_by_role("button", name="沿用“拖欠账款投诉”").click()
    expect(boss.locator("form.open-measure .rule")).to_contain_text("办件类型：拖欠账款投诉")


def publish(boss: Page) -> None:
    boss.get_by_role("button", name=re.compile("^全部确认无疑问的")).click()
    boss.get_by_role("link", name="发布", exact=True).click()
    expect(boss.locator("main")).to_contain_text("随时限新建 3 个，沿用“拖欠账款投诉”")
    boss.get_by_role("button", name="发布", exact=True).click()


def register(page: Page, town: Town, key: str, reference: str, **days: str) -> str:
    """Register an event from the duty of a measure, by the one intake page; returns the case's address."""
    page.goto(f"{town.url}/duties/?q={key}")
    page.locator("table.list a", has_text=key).first.click()
    page.get_by_role("link", name="登记办件").first.click()
    for label, day in days.items():
        page.get_by_label(re.compile(label)).first.fill(day)
    page.get_by_label("摘要").fill(reference)
    page.get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile(r"2026-\d{3}"))
    return page.url


def mail_of(keeper: Page, town: Town, subject: str) -> Page:
    keeper.goto(f"{town.url}/mailbox/")
    keeper.get_by_role("link", name=re.compile(subject)).first.click()
    return keeper


def passes(town: Town, *mornings: datetime) -> None:
    for morning in mornings:
        town.pass_time(morning)


@pytest.mark.long
def test_from_the_published_text_to_the_mail(town: Town, enter: Enter) -> None:
    boss = enter("ducha")
    import_document(boss, town)
    answer_questions(boss)
    take_the_type_that_counts_the_same(boss)
    publish(boss)

    # Monday the 9th: a quality bond is asked back. Fourteen days end on Monday the 23rd, a day off: the 24th.
    town.clock.at = at(2, 9, 15)
    builder = enter("zhujian")
    bond = register(builder, town, "五.2", "ZB-001", 接到承包人返还保证金申请="2026-02-09")
    expect(builder.get_by_text("2月24日 周二").first).to_be_visible()
    expect(builder.get_by_text("这是对方的期限").first).to_be_visible()

    # Friday the 13th: a complaint is accepted. Three workdays are Saturday the 14th, the 24th and the 25th.
    town.clock.at = at(2, 13, 16)
    clerk = enter("jianfu")
    complaint = register(clerk, town, "四.2", "QK-001", 收到投诉="2026-02-13", 正式受理日期="2026-02-13")
    expect(clerk.get_by_text("2月25日 周三").first).to_be_visible()
    expect(clerk.get_by_text(re.compile("法定.*3月5日")).first).to_be_visible()
    expect(clerk.get_by_text("春节放假").first).to_be_attached()

    # On their last days neither is late; on the next working morning each is, in list, figures and mail.
    passes(town, at(2, 14, 9), at(2, 24, 9))
    boss.goto(f"{town.url}/cases/?light=watch")
    expect(boss.locator("main")).not_to_contain_text("ZB-001")
    passes(town, at(2, 25, 9))
    boss.goto(f"{town.url}/cases/?light=watch")
    expect(boss.locator("table.list")).to_contain_text("ZB-001")
    boss.goto(f"{town.url}/dashboard/")
    expect(boss.locator("a.watch")).to_contain_text("对方逾期 1")
    boss.goto(f"{town.url}/cases/?light=late")
    expect(boss.locator("main")).not_to_contain_text("QK-001")
    keeper = enter("guanli")
    mail_of(keeper, town, "五.2|2026-001|对方逾期")
    expect(keeper.locator("main")).to_contain_text("zhujian@story.example")
    expect(keeper.frame_locator("iframe").get_by_text("对方逾期").first).to_be_visible()

    passes(town, at(2, 26, 9))
    boss.goto(f"{town.url}/cases/?light=late")
    expect(boss.locator("table.list")).to_contain_text("QK-001")
    expect(boss.locator("table.list")).not_to_contain_text("ZB-001")  # another party's lateness is nobody's figure
    boss.goto(f"{town.url}/dashboard/")
    expect(boss.get_by_role("link", name=re.compile("2026-002 转办"))).to_be_visible()
    mail_of(keeper, town, r"逾期1个工作日.*2026-002")
    mail = keeper.frame_locator("iframe")
    expect(mail.get_by_text("2月25日 周三").first).to_be_visible()

    # Both are done with: what the other party did is the whole of a case of one step.
    builder.goto(bond)
    builder.get_by_label("核实结果").fill("发包人已会同承包人核实。")
    builder.get_by_role("button", name="办结这一步").click()
    expect(builder.get_by_text("已办结").first).to_be_visible()
    clerk.goto(complaint)
    clerk.get_by_label("转给").select_option(label="海城市人民政府")
    clerk.get_by_label("转办的事项和要求").fill("请核实欠款并书面答复投诉人。")
    clerk.get_by_role("button", name="转办").click()
    for light in ("late", "watch"):
        boss.goto(f"{town.url}/cases/?light={light}")
        expect(boss.locator("main")).to_contain_text("没有符合条件的办件")

    # Publicised on 2 March, a wage bond may be claimed from 2 April: nothing is late, and one mail says so that day.
    town.clock.at = at(3, 2, 10)
    county = enter("haicheng")
    wage = register(county, town, "五.6", "GZ-001", 公示="2026-03-02")
    expect(county.get_by_text("4月2日 周四起").first).to_be_visible()
    expect(county.get_by_role("button", name="办结这一步")).to_have_count(0)
    passes(town, at(4, 1, 9), at(4, 2, 9))
    mail_of(keeper, town, "GZ-001|2026-003|可以申请")
    expect(keeper.frame_locator("iframe").get_by_text(re.compile("可以")).first).to_be_visible()
    county.goto(wage)
    expect(county.get_by_role("button", name="办结这一步")).to_be_visible()
