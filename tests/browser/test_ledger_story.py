"""A complaint from intake to return visit across the Spring Festival of 2026, its make-up days included."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Town
from tracker.store.models import MemberRole

Enter = Callable[[str], Page]
Hire = Callable[[str, str, str, MemberRole], None]

pytestmark = pytest.mark.browser


def at(month: int, day: int, hour: int = 10, minute: int = 0) -> datetime:
    """Return an instant of 2026 on the Shanghai clock (UTC+8)."""
    return datetime(2026, month, day, hour - 8, minute, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _people(hire: Hire, town: Town) -> None:
    town.clock.at = at(2, 12, 9)
    hire("jianfu", "鞍山市", "市减负办", MemberRole.OFFICER)
    hire("ducha", "鞍山市", "市减负办", MemberRole.SUPERVISOR)
    hire("haicheng", "鞍山市", "海城市政府", MemberRole.OFFICER)
    hire("haicheng-ld", "鞍山市", "海城市政府", MemberRole.HEAD)
    hire("zhujian", "鞍山市", "市住房城乡建设局", MemberRole.OFFICER)
    hire("guanli", "鞍山市", "市减负办", MemberRole.ADMINISTRATOR)
    hire("shenji", "鞍山市", "市减负办", MemberRole.AUDITOR)


def register(clerk: Page, town: Town) -> str:
    """Take the complaint in on the last Thursday before the festival; returns its address."""
    clerk.goto(f"{town.url}/cases/")
    clerk.get_by_role("link", name="登记办件").first.click()
    clerk.get_by_role("link", name="拖欠账款投诉").click()
    clerk.get_by_label("来源").select_option("来信")
    clerk.get_by_label("摘要").fill("QK-001")
    clerk.get_by_label("内容").fill("王建国反映2024年供货尾款未付，联系电话13841234567。")
    clerk.get_by_label("涉及金额").fill("356800.50")
    clerk.get_by_label("被投诉单位").select_option(label="市住房和城乡建设局")
    clerk.get_by_label("企业名称").fill("宏远建材有限公司")
    clerk.get_by_label("来件人姓名").fill("王建国")
    clerk.get_by_label("联系电话").fill("13841234567")
    clerk.get_by_role("button", name="先算时限").click()
    expect(clerk.locator("#trial")).to_contain_text("法定")
    expect(clerk.get_by_label("来件人姓名")).to_have_value("王建国")
    clerk.get_by_role("button", name="登记", exact=True).click()
    expect(clerk.get_by_role("heading", level=1)).to_contain_text("2026-001")
    return clerk.url


def accept(clerk: Page) -> None:
    """Accept it on Saturday the 14th, a make-up workday: three workdays end on the 26th, ten on 6 March."""
    form = clerk.locator("form.offer", has=clerk.get_by_label("受理日期"))
    form.get_by_label("受理日期").fill("2026-02-14")
    form.get_by_label("受理时刻").fill("09:30")
    form.get_by_label("受理情况").fill("材料齐全，予以受理。")
    form.get_by_role("button", name="受理").click()
    steps = clerk.locator("main")
    expect(steps.get_by_text("2月26日 周四").first).to_be_visible()
    expect(steps.get_by_text(re.compile("法定.*3月6日"))).to_be_visible()


def fold_out(page: Page, title: str) -> None:
    """Open a folded form by its title."""
    page.locator(".others details > summary", has_text=title).first.click()


@pytest.mark.long
def test_a_complaint_from_intake_to_return_visit(town: Town, enter: Enter) -> None:
    clerk = enter("jianfu")
    url = register(clerk, town)
    # The unit complained of finds nothing, whatever address it tries.
    accused = enter("zhujian")
    answer = accused.goto(url)
    assert answer is not None
    assert answer.status == 404

    town.clock.at = at(2, 14, 10)
    clerk.goto(url)
    accept(clerk)

    # Why this date: the sheet to print tells of the festival and the make-up day.
    clerk.get_by_role("link", name=re.compile("计算单")).first.click()
    sheet = clerk.locator("main")
    expect(sheet).to_contain_text("自正式受理之日起3个工作日内转办处理")
    expect(sheet).to_contain_text("春节放假")
    expect(sheet).to_contain_text("民法典 201")
    expect(sheet).to_contain_text("第 3 个工作日")

    # Referred on the 25th, within the three workdays; not to the unit complained of.
    town.clock.at = at(2, 25, 15)
    clerk.goto(url)
    form = clerk.locator("form.offer", has=clerk.get_by_label("转给"))
    assert "市住房和城乡建设局" not in form.get_by_label("转给").inner_text()
    form.get_by_label("转给").select_option(label="海城市人民政府")
    form.get_by_label("转办的事项和要求").fill("请核实欠款并书面答复投诉人。")
    form.get_by_role("button", name="转办").click()
    expect(clerk.get_by_text("3月27日 周五").first).to_be_visible()

    # The county is told, signs, and sees the complainant masked until it asks; the asking is in the trail.
    assert town.pass_time(at(2, 25, 15, 1)).sent > 0
    county = enter("haicheng")
    county.get_by_role("link", name=re.compile("2026-001")).first.click()
    county.get_by_role("button", name="签收").click()
    expect(county.locator("#person")).to_contain_text("138****4567")
    expect(county.locator("#person")).to_contain_text("王**反映2024年供货尾款未付，联系电话****。")
    county.get_by_role("button", name="查看来件人信息").click()
    expect(county.locator("#person")).to_contain_text("13841234567")
    county.reload()
    county.goto(url)
    expect(county.locator("#person")).not_to_contain_text("13841234567")

    # A pause of ten days, granted by the supervisor, and more time, by the head: the first date stays to be read.
    town.clock.at = at(3, 2, 9)
    county.goto(url)
    fold_out(county, "申请暂停")
    form = county.locator("form.offer", has=county.get_by_label("暂停的原因"))
    form.get_by_label("暂停的原因").fill("委托第三方审计账目")
    form.get_by_label("依据").fill("行政许可法第四十五条")
    form.get_by_role("button", name="申请暂停").click()
    expect(county.get_by_text("批准前照常计时")).to_be_visible()
    boss = enter("ducha")
    boss.goto(f"{town.url}/reviews/")
    boss.locator("#pauses").get_by_role("link", name=re.compile("2026-001")).click()
    boss.get_by_role("button", name="批准暂停").click()
    county.goto(url)
    expect(county.locator(".light.hold").first).to_be_visible()
    assert town.pass_time(at(3, 11, 9)).alerts == 0  # nothing is due while it stands
    town.clock.at = at(3, 12, 9)
    county.goto(url)
    county.get_by_role("button", name="恢复计时").first.click()
    expect(county.get_by_text("4月7日 周二").first).to_be_visible()  # 6 April is 清明
    fold_out(county, "申请延期")
    form = county.locator("details[open] form.offer", has=county.get_by_label("延长后的总期限"))
    form.get_by_label("延长后的总期限").fill("60")
    form.get_by_label("延期的原因").fill("涉及多个标段")
    form.get_by_role("button", name="申请延期").click()
    head = enter("haicheng-ld")
    head.goto(f"{town.url}/reviews/")
    head.get_by_role("link", name=re.compile("2026-001")).first.click()
    head.get_by_role("button", name="批准", exact=True).or_(head.get_by_role("button", name="批准延期")).first.click()
    expect(head.get_by_text("5月6日 周三").first).to_be_visible()  # 1 to 5 May are off

    # Handled, answered, concluded, and asked about afterwards.
    town.clock.at = at(4, 20, 10)
    for label, words in (("办理情况", "已签订分期付款协议，首期到账。"), ("答复的内容和方式", "已书面答复投诉人。")):
        county.goto(url)
        form = county.locator("form.offer", has=county.get_by_label(label))
        if not form.is_visible():
            county.locator(".others details", has=county.get_by_label(label)).locator("summary").first.click()
        form.get_by_label(label).fill(words)
        form.get_by_role("button", name="办结这一步").click()
        expect(county.locator("main").get_by_text(words).first).to_be_visible()
    town.clock.at = at(4, 22, 10)
    clerk.goto(url)
    form = clerk.locator("form.offer", has=clerk.get_by_label("办理结果"))
    if not form.is_visible():
        fold_out(clerk, "办结本件")
    form.get_by_label("办理结果").fill("双方达成协议，投诉人认可。")
    form.get_by_role("button", name="办结").click()
    town.clock.at = at(4, 29, 10)
    clerk.goto(url)
    form = clerk.locator("form.offer", has=clerk.get_by_label("回访情况"))
    if not form.is_visible():
        fold_out(clerk, "回访")
    form.get_by_label("满意", exact=True).check()
    form.get_by_label("回访情况").fill("电话回访，投诉人表示满意。")
    form.get_by_role("button", name="保存回访").click()
    expect(clerk.locator("main")).to_contain_text("满意")

    # The ledger adds up, the mails never name the complainant, and the auditor finds who looked.
    clerk.goto(f"{town.url}/cases/")
    expect(clerk.locator("main")).to_contain_text("356,800.50")
    keeper = enter("guanli")
    keeper.goto(f"{town.url}/mailbox/")
    keeper.get_by_role("link", name=re.compile("2026-001")).first.click()
    mail = keeper.frame_locator("iframe").locator("body")
    expect(mail).to_contain_text("2026-001")
    for private in ("王建国", "13841234567", "宏远建材"):
        expect(mail).not_to_contain_text(private)
    auditor = enter("shenji")
    auditor.goto(f"{town.url}/audit/")
    auditor.get_by_label("操作", exact=True).select_option("查看来件人信息")
    auditor.get_by_role("button", name="筛选").click()
    expect(auditor.locator("table")).to_contain_text("haicheng同志")
    expect(auditor.locator("table")).not_to_contain_text("王建国")
