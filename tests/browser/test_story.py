"""The main job as its people live it: from a document to the overdue mail, in a real browser."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Locator, Page, expect

import config
from tests.browser.conftest import Town
from tracker.store.models import MemberRole

ANSHAN = config.ROOT / "seeds" / "documents" / "anshan-burden-relief-measures.txt"
Enter = Callable[[str], Page]
Hire = Callable[[str, str, str, MemberRole], None]

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def _people(hire: Hire) -> None:
    place = "鞍山市"
    hire("ducha", place, "市减负办", MemberRole.SUPERVISOR)
    hire("jianfu", place, "市减负办", MemberRole.OFFICER)
    hire("gongdian", place, "国网鞍山供电公司", MemberRole.OFFICER)
    hire("gongdian-ld", place, "国网鞍山供电公司", MemberRole.HEAD)
    hire("guanli", place, "市减负办", MemberRole.ADMINISTRATOR)
    hire("shenji", place, "市减负办", MemberRole.AUDITOR)
    hire("jining", "济宁市", "市教育局", MemberRole.OFFICER)


def import_document(boss: Page, town: Town) -> None:
    """Upload 鞍山's measures and choose the one plan in it."""
    boss.goto(f"{town.url}/sources/new")
    boss.get_by_label("选择文件").set_input_files(ANSHAN)
    boss.get_by_role("button", name="读取").click()
    boss.get_by_role("button", name="开始核对").click()
    expect(boss.get_by_text("32 项措施")).to_be_visible()


def row_of(page: Page, key: str) -> Locator:
    """Return the row of a measure in the table of the whole reading."""
    return page.locator("tr", has=page.locator(f"td.c-key .key:text-is('{key}')"))


def answer_questions(boss: Page) -> None:
    """Give the issue date, say who 市国资委 and 各有关部门 are, give the undated a rhythm."""
    expect(boss.get_by_role("button", name="发布（还有")).to_be_disabled()
    boss.get_by_role("link", name="没有读到印发日期，请填写").click()
    boss.get_by_label("标题").fill("鞍山市减轻中小微企业生产经营负担的若干措施")
    boss.get_by_label("印发日期").fill("2022-04-30")
    boss.get_by_role("button", name="保存").click()

    boss.get_by_role("navigation", name="核对的各页").get_by_role("link", name="单位名称").click()
    boss.get_by_role("radio", name=re.compile("^市政府国有资产监督管理委员会")).check()
    expect(boss.get_by_text("将学会：“市国资委” = 市政府国有资产监督管理委员会")).to_be_visible()
    boss.get_by_role("group", name="“各有关部门”指谁").get_by_label("暂不落实").check()
    boss.get_by_role("button", name="确认选定的名称").click()
    expect(boss.get_by_text("已确认 2 个名称")).to_be_visible()

    boss.get_by_role("navigation", name="核对的各页").get_by_role("link", name="无时限措施").click()
    boss.get_by_label("定期反馈进展").check()
    boss.locator("select[name=rhythm]").select_option("quarter")
    boss.get_by_role("button", name=re.compile("为 27 项设定")).click()


def confirm_and_publish(boss: Page) -> None:
    """Confirm 四.2 by its own form, the rest at once, and publish."""
    boss.get_by_role("navigation", name="核对的各页").get_by_role("link", name="核对一览").click()
    row_of(boss, "四.2").locator(".row-link").click()
    form = boss.locator("form.open-measure")
    expect(form.locator(".rule .quote")).to_have_text("自正式受理之日起3个工作日内")
    form.get_by_label("标题").fill("完善款项支付投诉渠道，线索3个工作日内转办")
    form.get_by_role("button", name=re.compile("^确认")).click()
    expect(boss.get_by_text("已核对 1 / 32")).to_be_visible()
    boss.get_by_role("button", name="全部确认无疑问的（31）").click()
    boss.get_by_role("link", name="发布", exact=True).click()
    boss.get_by_role("button", name="发布", exact=True).click()


def test_from_the_document_to_the_overdue_mail(town: Town, enter: Enter) -> None:
    town.clock.at = datetime(2026, 2, 9, 1, 0, tzinfo=UTC)  # Monday, 09:00 in Shanghai
    boss = enter("ducha")
    import_document(boss, town)
    answer_questions(boss)
    confirm_and_publish(boss)

    # The clerk of the supervising office signs, reports, and registers a clue accepted on a make-up workday.
    assert town.pass_time(datetime(2026, 2, 9, 2, 0, tzinfo=UTC)).sent > 0
    clerk = enter("jianfu")
    clerk.get_by_role("link", name=re.compile("完善款项支付投诉渠道")).click()
    expect(clerk.locator("mark.deadline")).to_have_text(re.compile("3个工作日内"))
    clerk.get_by_role("button", name="签收").click()
    clerk.get_by_label("本期做了什么").fill("已开通投诉渠道，公布受理电话。")
    clerk.get_by_label("完成程度").fill("40")
    clerk.get_by_role("button", name="提交反馈").click()
    expect(clerk.get_by_text("已开通投诉渠道，公布受理电话。").first).to_be_visible()
    town.clock.at = datetime(2026, 2, 14, 3, 0, tzinfo=UTC)
    clerk.get_by_role("link", name=re.compile("^登记")).first.click()
    clerk.get_by_label(re.compile("正式受理的日期")).fill("2026-02-14")
    clerk.get_by_label("摘要").fill("XS-014")
    clerk.get_by_role("button", name="登记", exact=True).click()
    expect(clerk.get_by_text("2月26日 周四").first).to_be_visible()
    expect(clerk.get_by_text("春节放假，不计").first).to_be_visible()
    case_url = clerk.url

    # An agency submits; the supervisor sends back once, then agrees.
    agency = enter("gongdian")
    agency.get_by_role("button", name=re.compile("全部签收")).click()
    agency.get_by_role("link", name=re.compile("取消供电方案答复")).first.click()
    duty_url = agency.url
    submit(agency, "供电方案答复环节已取消。")
    review(boss, duty_url, "请补充办电时长对照。", "退回")
    agency.goto(f"{town.url}/")
    expect(agency.get_by_text("请补充办电时长对照。").first).to_be_visible()
    agency.goto(duty_url)
    submit(agency, "已附办电时长对照：平均由 7 天降至 3 天。")
    review(boss, duty_url, "", "同意办结")
    expect(boss.get_by_text("办结").first).to_be_visible()

    # A unit head reads the unit; another city's clerk finds nothing; the auditor reads the trail.
    head = enter("gongdian-ld")
    head.goto(duty_url)
    expect(head.get_by_role("button", name="提交反馈")).to_have_count(0)
    stranger = enter("jining")
    for url in (duty_url, case_url):
        answer = stranger.goto(url)
        assert answer is not None
        assert answer.status == 404
    auditor = enter("shenji")
    auditor.get_by_label("操作", exact=True).select_option("发布文件")
    auditor.get_by_role("button", name="筛选").click()
    expect(auditor.locator("table").get_by_text("发布文件")).to_have_count(1)

    # Time passes beyond the 26th; the mail goes out and is there to read.
    for day in (26, 27):  # what nobody has signed for is told of with what is due, on the day before
        town.pass_time(datetime(2026, 2, day, 1, 0, tzinfo=UTC))
    boss.goto(f"{town.url}/dashboard/")
    expect(boss.get_by_role("link", name=re.compile("2026-001 转办处理"))).to_be_visible()
    expect(boss.get_by_text("逾期 1 个工作日").first).to_be_visible()
    keeper = enter("guanli")
    keeper.goto(f"{town.url}/mailbox/")
    keeper.get_by_role("link", name=re.compile(r"〔逾期1个工作日〕四\.2")).first.click()
    mail = keeper.frame_locator("iframe")
    expect(mail.get_by_text("自正式受理之日起3个工作日内转办处理").first).to_be_visible()
    expect(mail.get_by_text("2月26日 周四").first).to_be_visible()
    expect(mail.get_by_text("春节放假，不计").first).to_be_visible()

    # The clerk refers it; the case is late no more.
    clerk.goto(case_url)
    clerk.get_by_label("转给").select_option(label="海城市人民政府")
    clerk.get_by_label("转办的事项和要求").fill("请核实并办理。")
    clerk.get_by_role("button", name="转办").click()
    expect(clerk.get_by_text("待签收").first).to_be_visible()
    boss.goto(f"{town.url}/dashboard/")
    expect(boss.get_by_role("heading", name="今天要打的电话")).to_be_visible()
    expect(boss.get_by_role("link", name=re.compile("2026-001 转办处理"))).to_have_count(0)


def submit(page: Page, words: str) -> None:
    page.get_by_role("button", name="申请办结").click()
    page.get_by_label(re.compile("办结|完成|说明|情况")).first.fill(words)
    page.get_by_role("button", name=re.compile("申请办结|提交")).first.click()


def review(page: Page, url: str, words: str, act: str) -> None:
    page.goto(url)
    if words:
        page.locator("#review textarea").fill(words)
    page.locator("#review").get_by_role("button", name=act).click()


def test_the_pages_work_with_the_keyboard_and_on_a_phone(town: Town, enter: Enter) -> None:
    boss = enter("ducha")
    import_document(boss, town)
    row_of(boss, "一.2").locator(".row-link").click()
    at_hand = boss.locator("form.open-measure .key").first
    expect(at_hand).to_have_text("一.2")
    here = boss.url
    boss.wait_for_load_state()  # the keys are read by a script that comes after the words
    boss.keyboard.press("j")
    expect(at_hand).to_have_text("一.3")
    boss.set_viewport_size({"width": 390, "height": 844})
    for path in ("/dashboard/", "/documents/", "/sources/new", "/units/", here.removeprefix(town.url)):
        boss.goto(town.url + path)
        assert boss.evaluate("document.documentElement.scrollWidth") <= 390, path
