"""The ledger's pages: intake, list, a case from acceptance to the return visit, and every form's answers."""

import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Select, select

from tests.kit.ledger_types import add_types, load_version
from tests.kit.pages import engage, hidden, post, read, words
from tests.kit.world import NOW, World, duty, token_in
from tests.services.duties.test_duties import at
from tracker.services.cases import ledger
from tracker.services.cases.ledger import NewCase
from tracker.services.core.act import begin
from tracker.store.core.engine import Database
from tracker.store.models import (
    Attachment,
    Case,
    CaseRecord,
    CaseStep,
    CaseType,
    CaseTypeVersion,
    Complainant,
    Extension,
    MemberRole,
    Milestone,
    Pause,
    Referral,
)

ClientFor = Callable[[str], FlaskClient]
Rows = Callable[[Select[Any]], list[Any]]
PDF = b"%PDF-1.4 answer"


@pytest.fixture
def rows(database: Database) -> Rows:
    """Ask what the pages have committed, each time in a transaction of its own."""

    def ask(query: Select[Any]) -> list[Any]:
        with database.read() as session:
            return list(session.scalars(query))

    return ask


@pytest.fixture
def types(database: Database, world: World) -> dict[str, int]:
    """The four types of case; by code the id of the type (its one version has the same)."""
    with database.write() as session:
        made = add_types(session, world)
        session.commit()
    engage(database, world, "boss", ("jfb", MemberRole.HEAD))
    engage(database, world, "countyhead", ("dxj", MemberRole.HEAD))
    return made


@pytest.fixture
def opened(database: Database, world: World, types: dict[str, int]) -> Callable[..., int]:
    """Open a case by the verb itself; returns its id."""

    def open_one(code: str = "complaint", who: str = "supervisor2", unit: str = "jfb", **more: Any) -> int:
        with database.write() as session:
            number = len(session.scalars(select(Case.id)).all()) + 1
            given = {
                "unit_id": world.units[unit].id, "happened_at": NOW, "reference": f"XS-{number:03d}",
                "form_key": f"form-{number}", **more,
            }  # fmt: skip
            case = ledger.open_case(
                begin(session, world.actor(who), NOW), load_version(session, types[code]), NewCase(**given)
            )
            session.commit()
            return case.id

    return open_one


def intake(client: FlaskClient, type_id: int, **typed: Any) -> Any:
    url = f"/cases/intake/{type_id}"
    page = read(client, url)
    given = {
        "form_token": hidden(page, "form_token"), "happened_on": "2026-03-20", "happened_time": "09:30",
        "reference": "XS-014", "unit": re.search(r'name="unit".*?<option[^>]* value="(\d+)"', page, re.S)[1],  # type: ignore[index]
    }  # fmt: skip
    return post(client, url, page, **{**given, **typed})


def step_of(rows: Rows, name: str) -> int:
    return int(rows(select(CaseStep.id).where(CaseStep.name == name, CaseStep.cancelled_at.is_(None)))[-1])


def act(client: FlaskClient, rows: Rows, name: str, status: int = 302, do: str = "close", **typed: Any) -> str:
    """Do one step of the first case by its form; returns the page that follows."""
    url = f"/cases/1/steps/{step_of(rows, name)}/{do}"
    answer = post(client, url, read(client, "/cases/1"), **typed)
    assert answer.status_code == status, answer.get_data(as_text=True)[:3000]
    return read(client, answer.location) if status == 302 else answer.get_data(as_text=True)


def do(client: FlaskClient, verb: str, status: int = 302, page: str | None = None, **typed: Any) -> str:
    answer = post(client, f"/cases/1/{verb}", page or read(client, "/cases/1"), **typed)
    assert answer.status_code == status, answer.get_data(as_text=True)[:3000]
    return read(client, answer.location) if status == 302 else answer.get_data(as_text=True)


# --- Taking in -------------------------------------------------------------------------------------------------------


def test_one_chooses_among_types_made_by_hand_and_of_limits(client_for: ClientFor, types: dict[str, int]) -> None:
    page = read(client_for("county"), "/cases/intake")
    assert len(set(re.findall(r"/cases/intake/(\d+)", page))) == 7
    assert "拖欠账款投诉" in page
    assert "3个工作日内" in page
    assert "转办（一.2）" in page
    for person, status in (("leader", 403), ("head", 403), ("auditor", 403)):
        read(client_for(person), "/cases/intake", status)


@pytest.mark.parametrize(
    ("person", "status"), [("leader", 403), ("head", 403), ("auditor", 404), ("administrator", 404)]
)
def test_who_takes_nothing_in(
    client_for: ClientFor, types: dict[str, int], rows: Rows, person: str, status: int
) -> None:
    client, url = client_for(person), f"/cases/intake/{types['complaint']}"
    read(client, url, status)
    assert post(client, url, read(client, "/password"), form_token="k", reference="x").status_code == status
    assert rows(select(Case)) == []


def test_an_intake_keeps_what_was_typed_and_starts_the_clocks(
    client_for: ClientFor, types: dict[str, int], rows: Rows, world: World
) -> None:
    answer = intake(
        client_for("supervisor2"),
        types["complaint"],
        unit=str(world.units["jfb"].id),
        channel="来信",
        amount="36,500.50",
        firm="某建材公司",
        name="张三丰",
        phone="13812345678",
        address="东县某路1号",
        content="拖欠货款。",
        accused_unit=str(world.units["czj"].id),
        accepted_on="2026-03-20",
        files=[(io.BytesIO(PDF), "合同.pdf")],
    )
    assert answer.status_code == 302, answer.get_data(as_text=True)
    case = rows(select(Case))[0]
    assert (case.number, case.owed_fen, case.channel, case.firm) == ("2026-001", 3_650_050, "来信", "某建材公司")
    assert case.happened_at == datetime(2026, 3, 20, 1, 30, tzinfo=UTC)
    assert case.accused_unit_id == world.units["czj"].id
    assert rows(select(Complainant.phone)) == ["13812345678"]
    assert rows(select(Attachment.filename).where(Attachment.case_record_id.is_not(None))) == ["合同.pdf"]
    # Accepted on Friday, 20 March: three workdays end on Wednesday.
    assert rows(select(Milestone.due_on).where(Milestone.case_step_id.is_not(None))) == [date(2026, 3, 25)]


def test_an_officer_takes_in_for_his_own_units_a_supervisor_for_any(
    client_for: ClientFor, types: dict[str, int]
) -> None:
    def units(person: str) -> list[str]:
        page = read(client_for(person), f"/cases/intake/{types['complaint']}")
        select_ = re.search(r'name="unit".*?</select>', page, re.S)
        assert select_
        return re.findall(r">([^<]*[县局办政府]+)</option>", select_[0])

    assert units("county") == ["东县政府"]
    assert {"市减负办", "东县政府", "市教育局"} <= set(units("supervisor"))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"happened_on": "2026-03-24"}, "收到投诉的日期不能晚于今天。"),
        ({"happened_on": ""}, "请填写日期。"),
        ({"accepted_on": "2026-03-19"}, "受理时间不能早于收到投诉的时间"),
        ({"accepted_time": "10:00"}, "请同时填写正式受理日期。"),
        ({"reference": " "}, "请填写简短的摘要"),
        ({"reference": "张三丰投诉"}, "不要写姓名"),
        ({"amount": "三万"}, "请填数字，最多两位小数"),
        ({"amount": "1.005"}, "请填数字，最多两位小数"),
        ({"amount": "0"}, "大于 0"),
        ({"unit": "999"}, "请从列表中选择一项。"),
        ({"accused_unit": "999"}, "请从列表中选择一项。"),
        ({"files": [(io.BytesIO(b"MZ"), "坏.exe")]}, "“坏.exe”没有收下"),
    ],
)  # fmt: skip
def test_a_refused_intake_says_why_and_keeps_everything(
    client_for: ClientFor, types: dict[str, int], rows: Rows, typed: dict[str, Any], said: str
) -> None:
    kept = {"name": "张三丰", "content": "拖欠货款。", "files": [(io.BytesIO(PDF), "合同.pdf")]}
    for file in [*kept["files"], *typed.get("files", [])]:  # type: ignore[attr-defined]
        file[0].seek(0)
    both = {**kept, **typed}
    both["files"] = [(io.BytesIO(PDF), "合同.pdf"), *typed.get("files", [])]
    answer = intake(client_for("county"), types["complaint"], **both)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in page
    assert 'value="张三丰"' in page
    assert "拖欠货款。" in page
    assert "合同.pdf（1 KB）" in page
    for name in ("amount", "accepted_time"):
        if name in typed:
            assert f'value="{typed[name]}"' in page
    assert rows(select(Case)) == []


def test_files_kept_through_a_refused_intake_come_with_the_next_one(
    client_for: ClientFor, types: dict[str, int], rows: Rows
) -> None:
    client = client_for("county")
    refused = intake(client, types["complaint"], reference=" ", files=[(io.BytesIO(PDF), "合同.pdf")])
    page = refused.get_data(as_text=True)
    token = re.search(r'name="kept" value="([^"]+)"', page)
    assert token
    assert intake(client, types["complaint"], kept=token[1]).status_code == 302
    assert rows(select(Attachment.filename).where(Attachment.case_record_id.is_not(None))) == ["合同.pdf"]


def test_the_dates_can_be_tried_before_anything_is_saved(
    client_for: ClientFor, types: dict[str, int], rows: Rows
) -> None:
    """鞍山 四.2 over the Spring Festival of 2026: accepted on the make-up Saturday."""
    answer = intake(
        client_for("county"),
        types["complaint"],
        happened_on="2026-02-13",
        accepted_on="2026-02-14",
        accepted_time="10:00",
        **{"try": "1"},
    )
    page = words(answer.get_data(as_text=True))
    assert answer.status_code == 200
    assert "2月26日 周四" in page
    assert "法定 3月6日 周五" in page  # 28 February is a make-up Saturday
    assert "还没有登记" in page
    assert rows(select(Case)) == []


def test_an_intake_posted_twice_is_one_case(client_for: ClientFor, types: dict[str, int], rows: Rows) -> None:
    client = client_for("county")
    first, second = (intake(client, types["complaint"], form_token="a" * 32) for _ in range(2))
    assert first.location == second.location
    assert len(rows(select(Case))) == 1


def test_a_sort_is_asked_for_where_the_type_tells_them_apart(
    client_for: ClientFor, types: dict[str, int], rows: Rows
) -> None:
    client = client_for("county")
    assert "请选择类别。" in intake(client, types["order"]).get_data(as_text=True)
    assert intake(client, types["order"], variant="特殊情况", happened_on="2026-03-23").status_code == 302
    assert rows(select(Case.variant)) == ["特殊情况"]
    assert "今日 11:30" in read(client, "/cases/1")


# --- From acceptance to the return visit -----------------------------------------------------------------------------


def test_a_complaint_goes_its_way_through_the_pages(
    client_for: ClientFor, opened: Callable[..., int], rows: Rows, world: World, clock: Any
) -> None:
    opened(accused_unit_id=world.units["czj"].id, owed_fen=1_000_00, firm="某公司")
    office, county = client_for("supervisor2"), client_for("county")
    page = read(office, "/cases/1")
    assert page.count("btn-brand") == 1
    assert "正式受理后开始" in page
    page = act(office, rows, "受理", note="材料齐全", done_on="2026-03-23", done_time="09:00")
    assert "3月26日 周四" in page
    assert "本市承诺 3个工作日内 · 法定 10个工作日内 4月7日 周二（保障中小企业款项支付条例 25）" in words(page)
    assert f'<option value="{world.units["czj"].id}">' not in page  # never to the unit complained of
    read(county, "/cases/1", 404)
    page = act(office, rows, "转办", do="refer", to=str(world.units["dxj"].id), note="请依法处理")
    assert "已转东县政府，等待签收。" in page
    assert "待签收" in page
    assert "由东县政府办理" in words(page)
    page = read(county, "/cases/1")
    assert re.search(r'class="btn btn-brand">签收<', page)
    assert page.count("btn-brand") == 1
    assert "已签收。" in do(county, "sign")
    page = act(county, rows, "处理", note="责令付款", files=[(io.BytesIO(PDF), "决定书.pdf")])
    assert "决定书.pdf" in page
    page = act(county, rows, "答复投诉人", note="书面答复")
    assert "办结本件" not in page
    page = read(office, "/cases/1")
    assert re.search(r'class="btn btn-brand">办结<', page)
    page = do(office, "conclude", note="已付清")
    assert '<span class="light done">办结</span>' in page
    page = do(office, "visit", satisfaction="content", note="电话回访，表示满意")
    assert "满意" in page
    assert rows(select(Case.conclusion)) == ["已付清"]
    assert '<span class="light done">办结</span>' in read(office, "/cases/?state=closed")


def test_a_case_returned_as_not_ours_leaves_the_countys_list_and_is_referred_anew(
    client_for: ClientFor, opened: Callable[..., int], rows: Rows, world: World, clock: Any
) -> None:
    """信访工作条例 22: within 5 workdays."""
    opened(accepted_at=NOW)
    office, county = client_for("supervisor2"), client_for("county")
    act(office, rows, "转办", do="refer", to=str(world.units["dxj"].id), note="请处理")
    page = read(county, "/cases/1")
    assert "3月30日（含当日）以前可以退回" in page
    assert "请写明为什么不属于本单位" in do(county, "return", 422, note=" ")
    answer = post(county, "/cases/1/return", page, note="属西县管辖")
    assert (answer.status_code, answer.location) == (302, "/cases/")
    again = post(county, "/cases/1/return", page, note="属西县管辖")
    assert (again.status_code, again.location) == (302, "/cases/")
    assert "没有重复记录" in read(county, "/cases/")
    page = read(office, "/cases/1")
    assert "属西县管辖" in page
    assert "再次转办" in page
    assert "已退回，不再办理" in page
    act(office, rows, "再次转办", do="refer", to=str(world.units["xxj"].id), note="请处理")
    clock.at = NOW + timedelta(days=9)
    assert rows(select(Referral.to_unit_id)) == [world.units["dxj"].id, world.units["xxj"].id]


def test_returning_is_not_offered_after_five_workdays(
    client_for: ClientFor, opened: Callable[..., int], rows: Rows, world: World, clock: Any
) -> None:
    opened(accepted_at=NOW)
    act(client_for("supervisor2"), rows, "转办", do="refer", to=str(world.units["dxj"].id), note="请处理")
    clock.at = at(3, 31)
    county = client_for("county")
    assert "退回转办" not in read(county, "/cases/1")
    assert "期限到2026年3月30日为止" in do(county, "return", 422, note="不属本县")


def test_returning_is_not_offered_to_whom_has_done_part_of_it(
    client_for: ClientFor, opened: Callable[..., int], rows: Rows, world: World
) -> None:
    opened(accepted_at=NOW)
    act(client_for("supervisor2"), rows, "转办", do="refer", to=str(world.units["dxj"].id), note="请处理")
    county = client_for("county")
    do(county, "sign")
    assert "退回转办" in read(county, "/cases/1")
    act(county, rows, "处理", note="已协调付款")
    assert "退回转办" not in read(county, "/cases/1")


def test_a_letter_is_offered_when_the_handling_is_late_and_prints_what_it_says(
    client_for: ClientFor, opened: Callable[..., int], rows: Rows, world: World, clock: Any
) -> None:
    """保障中小企业款项支付条例 25."""
    opened(accepted_at=NOW)
    office = client_for("supervisor2")
    act(office, rows, "转办", do="refer", to=str(world.units["dxj"].id), note="请处理")
    assert "发出督办书" not in read(office, "/cases/1")
    clock.at = at(4, 24)
    page = read(office, "/cases/1")
    assert re.search(r'class="btn btn-brand">发出督办书<', page)
    page = act(office, rows, "发督办书", note="请于4月30日前办结并书面报告")
    letter = re.search(r"/cases/1/letter/\d+", page)
    assert letter
    said = words(read(office, letter[0]))
    for part in (
        "东县政府：",
        "2026-001",
        "《保障中小企业款项支付条例》第25条",
        "应于 2026年4月22日 前",
        "逾期 2 个工作日",
        "请于4月30日前办结并书面报告",
        "市减负办",
        "2026年4月24日",
    ):
        assert part in said, part
    read(client_for("county"), letter[0])
    read(client_for("stranger"), letter[0], 404)
    read(office, "/cases/1/letter/1", 404)  # the intake is no letter


def test_a_letter_goes_to_the_unit_that_has_the_case_now_not_to_the_one_that_returned_it(
    client_for: ClientFor, opened: Callable[..., int], rows: Rows, world: World, clock: Any
) -> None:
    opened(accepted_at=NOW)
    office = client_for("supervisor2")
    act(office, rows, "转办", do="refer", to=str(world.units["dxj"].id), note="请处理")
    clock.at = at(3, 26)
    do(client_for("county"), "return", note="不属本县")
    act(office, rows, "再次转办", do="refer", to=str(world.units["xxj"].id), note="请处理")
    clock.at = at(4, 30)
    page = act(office, rows, "发督办书", note="请于5月8日前办结并书面报告")
    letter = re.search(r"/cases/1/letter/\d+", page)
    assert letter
    said = words(read(office, letter[0]))
    assert "西县政府：" in said
    assert "东县政府" not in said
    assert "应于 2026年4月27日 前" in said  # 30 days from March 26th, off a Saturday


def test_a_pause_stops_the_clocks_and_only_resuming_is_offered(
    client_for: ClientFor, opened: Callable[..., int], rows: Rows, world: World, clock: Any
) -> None:
    """行政许可法 45."""
    opened(accepted_at=NOW)
    office, boss = client_for("supervisor2"), client_for("supervisor")
    authority = "行政许可法 45"
    assert "请写明暂停的依据" in do(boss, "pause", 422, reason="听证", authority="")
    page = do(boss, "pause", reason="正在听证", authority=authority)
    assert '<span class="light hold">暂停</span>' in page
    assert re.search(r'class="btn btn-brand">恢复计时<', page)
    assert "/refer" not in page
    assert '<span class="light hold">暂停</span>' in read(office, "/cases/?state=paused")
    clock.at = NOW + timedelta(days=2)
    page = do(office, "resume")
    assert "3月30日 周一" in page  # two workdays later than 26 March, a weekend between
    assert re.search("首次时限 明日 ?；恢复计时：正在听证", words(page))
    assert rows(select(Pause.authority)) == [authority]


def test_more_time_is_asked_for_and_granted_by_the_units_head(
    client_for: ClientFor, opened: Callable[..., int], rows: Rows, world: World
) -> None:
    """保障中小企业款项支付条例 25: 30 days, 90 at most."""
    opened(accepted_at=NOW)
    county, head = client_for("county"), client_for("countyhead")
    act(client_for("supervisor2"), rows, "转办", do="refer", to=str(world.units["dxj"].id), note="请处理")
    page = read(county, "/cases/1")
    assert "现在 30日，最长 90日" in page
    refused = act(county, rows, "处理", 422, do="extend", amount="91", reason="案情复杂")
    assert "最长 90日" in refused
    assert 'value="91"' in refused
    assert "案情复杂" in refused
    page = act(county, rows, "处理", do="extend", amount="60", reason="案情复杂")
    assert "待审批" in page
    assert "批准延期" not in page
    assert "不批准的原因" in do(head, "extensions/1/decide", 422, refuse="1", note="")
    page = do(head, "extensions/1/decide", note="同意")
    assert "已批准" in page
    assert "5月22日 周五" in page
    assert rows(select(Extension.note)) == ["同意"]


def test_a_promise_below_the_law_is_put_off_to_a_day_once_it_is_late(
    client_for: ClientFor, opened: Callable[..., int], clock: Any, rows: Rows
) -> None:
    """Promised by 26 March, by law until 7 April; asked for on the 30th."""
    opened(accepted_at=NOW)
    clock.at = NOW + timedelta(days=7)
    client, boss = client_for("supervisor2"), client_for("supervisor")
    assert "申请延期：转办" in read(client, "/cases/1")
    refused = act(client, rows, "转办", 422, do="extend", wanted_on="2026-04-08", reason="案情复杂")
    assert "最长只能延至2026年4月7日" in refused
    assert "案情复杂" in refused
    asked = act(client, rows, "转办", do="extend", wanted_on="2026-04-07", reason="案情复杂")
    assert "转办：延至4月7日 周二" in words(asked)
    page = do(boss, f"extensions/{rows(select(Extension.id))[0]}/decide", note="同意")
    assert "逾期2个工作日后经批准延期：案情复杂" in words(page)
    assert rows(select(Milestone.due_on).where(Milestone.case_step_id == step_of(rows, "转办"))) == [date(2026, 4, 7)]


def test_acts_of_one_period_are_extended_by_one_request(
    client_for: ClientFor, opened: Callable[..., int], rows: Rows, world: World
) -> None:
    """保障中小企业款项支付条例 25: handling and the answer in writing share the 30 days."""
    opened(accepted_at=NOW)
    county = client_for("county")
    act(client_for("supervisor2"), rows, "转办", do="refer", to=str(world.units["dxj"].id), note="请处理")
    page = read(county, "/cases/1")
    assert re.findall(r"<summary>(申请延期[^<]*)</summary>", page) == ["申请延期：处理、答复投诉人"]
    assert "这几步同属一个期限" in page
    page = act(county, rows, "处理", do="extend", amount="60", reason="案情复杂")
    assert "申请延期：" not in page
    page = do(client_for("countyhead"), "extensions/1/decide", note="同意")
    assert page.count("5月22日 周五") >= 2


def test_a_retired_type_takes_nothing_in(
    client_for: ClientFor, types: dict[str, int], database: Database, rows: Rows
) -> None:
    with database.write() as session:
        session.get_one(CaseType, types["complaint"]).active = False
        session.commit()
    client = client_for("county")
    assert "已停用" in read(client, f"/cases/intake/{types['complaint']}", 400)
    assert "拖欠账款投诉" not in read(client, "/cases/intake")


def test_another_partys_step_is_recorded_with_the_day_it_acted_and_refunds_add_up(
    client_for: ClientFor, opened: Callable[..., int], rows: Rows
) -> None:
    """建质〔2017〕138号 11."""
    opened("refund", happened_at=at(3, 2), owed_fen=1_000_00)
    office = client_for("supervisor2")
    page = read(office, "/cases/1")
    assert "对方办理的日期" in page
    assert "不计入市减负办的逾期" in page
    page = act(office, rows, "核实", note="无质量问题", done_on="2026-03-10")
    assert "核实 3月10日 周二 市减负办" in words(page)  # the day the other party acted
    assert page.count("（选填）") == 2  # the evidence alone, here and with a note
    page = act(office, rows, "返还", 422, note="先还一部分", amount="400.005", from_on="2026-03-20")
    assert "最多两位小数" in page
    assert 'value="400.005"' in page
    assert "请填写返还的金额。" in act(office, rows, "返还", 422, note="先还一部分", amount="", from_on="2026-03-20")
    page = act(office, rows, "返还", note="先还一部分", amount="400", from_on="2026-03-20", more="y")
    assert "记录“返还”" in page  # not done: more is to come
    assert "未返还 600.00 元" in words(page)
    assert "超过未返还的 600.00 元" in act(
        office, rows, "返还", 422, note="其余", amount="600.01", from_on="2026-03-23"
    )
    act(office, rows, "返还", note="其余", amount="600", from_on="2026-03-23")
    assert rows(select(Case.refunded_fen)) == [100_000]
    page = words(read(office, "/cases/"))
    assert "涉及金额 1,000.00 元 已返还 1,000.00 元 未返还 0.00 元" in page


def test_publicity_takes_its_days_and_place_and_the_claim_waits(
    client_for: ClientFor, opened: Callable[..., int], rows: Rows, clock: Any
) -> None:
    """鞍山 五.6: 30 days."""
    opened("wage", happened_at=at(3, 10))
    office = client_for("supervisor2")
    days = {"from_on": "2026-03-12", "until_on": "2026-04-11"}
    assert "请填写公示地点。" in act(office, rows, "公示", 422, note="已公示", **days)
    page = act(office, rows, "公示", note="已公示", place="施工现场", **days)
    assert "等待期未满：4月12日 周日起方可申请返还" in words(page)
    assert "施工现场" in page
    assert "4月12日起" in act(office, rows, "申请返还", 422, note="已申请")
    clock.at = at(4, 13)
    act(office, rows, "申请返还", note="已申请")


def test_progress_is_reported_by_period(client_for: ClientFor, opened: Callable[..., int], rows: Rows) -> None:
    """阜康 31: every 3 days."""
    opened("order", variant="转派工单")
    office = client_for("supervisor2")
    page = act(office, rows, "反馈进展", do="progress", note="已联系")
    assert "进展已反馈。" in page
    assert rows(select(CaseRecord.text).where(CaseRecord.milestone_id.is_not(None))) == ["已联系"]


# --- Refused, stale, repeated ----------------------------------------------------------------------------------------


def test_the_same_click_twice_is_one_act(
    client_for: ClientFor, opened: Callable[..., int], rows: Rows, world: World
) -> None:
    opened(accepted_at=NOW)
    office, boss = client_for("supervisor2"), client_for("supervisor")
    why = {"reason": "听证", "authority": "行政许可法 45"}
    for who, verb, typed in (
        (office, f"steps/{step_of(rows, '转办')}/refer", {"to": str(world.units["dxj"].id), "note": "请处理"}),
        (office, "note", {"note": "补充一句"}),
        (office, "ask-pause", why),
        (boss, "pause-requests/1/decide", {"note": "同意"}),
        (office, "resume", {}),
        (boss, "pause", why),
    ):
        page = read(who, "/cases/1")
        do(who, verb, page=page, **typed)
        assert "没有重复记录" in do(who, verb, page=page, **typed), verb
    assert len(rows(select(Referral))) == 1
    assert len(rows(select(CaseRecord).where(CaseRecord.text == "补充一句"))) == 1


def test_another_sum_with_the_same_words_is_another_act(
    client_for: ClientFor, opened: Callable[..., int], rows: Rows
) -> None:
    opened("refund", happened_at=at(3, 2), owed_fen=1_000_00)
    office = client_for("supervisor2")
    act(office, rows, "核实", note="无质量问题", done_on="2026-03-10")
    page = read(office, "/cases/1")
    url = f"steps/{step_of(rows, '返还')}/close"
    do(office, url, page=page, note="返还", amount="400", from_on="2026-03-20", more="y")
    conflict = do(office, url, 409, page=page, note="返还", amount="500", from_on="2026-03-20", more="y")
    assert "500" in conflict
    assert "仍按我填写的保存" in conflict


def test_an_old_form_shows_both_contents_and_can_be_sent_again(
    client_for: ClientFor, opened: Callable[..., int], rows: Rows
) -> None:
    opened(accepted_at=NOW)
    office, boss = client_for("supervisor2"), client_for("supervisor")
    old = read(office, "/cases/1")
    do(boss, "note", note="督查员补充")
    conflict = do(office, "note", 409, page=old, note="承办人补充")
    assert "承办人补充" in conflict
    assert "补充说明" in conflict
    given = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', conflict))
    assert office.post("/cases/1/note", data={**given, "csrf_token": token_in(conflict)}).status_code == 302
    assert rows(select(CaseRecord.text).where(CaseRecord.text.is_not(None))) == ["督查员补充", "承办人补充"]


def test_files_stay_through_a_refused_step(client_for: ClientFor, opened: Callable[..., int], rows: Rows) -> None:
    opened(accepted_at=NOW)
    page = do(client_for("supervisor2"), "note", 422, note=" ", files=[(io.BytesIO(PDF), "证明.pdf")])
    assert "请写明补充的情况" in page
    assert re.search(r'name="kept" value="[^"]+" checked', page)


def test_a_step_takes_files_of_more_than_a_page_may_send(
    client_for: ClientFor, opened: Callable[..., int], rows: Rows
) -> None:
    opened(accepted_at=NOW)
    big = [(io.BytesIO(PDF + bytes([n]) * 15_000_000), f"{n}.pdf") for n in (1, 2)]
    client = client_for("supervisor2")
    answer = post(client, "/cases/1/note", read(client, "/cases/1"), note="两份材料", files=big)
    assert answer.status_code == 302
    answer.request.environ["wsgi.input"].close()  # a large body is a temporary file of the test client's
    kept = rows(select(Attachment.filename).where(Attachment.case_record_id.is_not(None)))
    assert kept == ["1.pdf", "2.pdf"]


def test_refused_forms_opened_again_lead_to_the_case(client_for: ClientFor, opened: Callable[..., int]) -> None:
    opened()
    client = client_for("supervisor2")
    for url in ("steps/1/close", "steps/1/refer", "pause", "unmask", "extensions/1/decide"):
        assert client.get(f"/cases/1/{url}").location == "/cases/1"


# --- Who may ---------------------------------------------------------------------------------------------------------

POSTS = {
    "steps/2/refer": {"to": "5", "note": "请处理"},
    "steps/1/close": {"note": "受理", "done_on": "2026-03-23"},
    "sign": {}, "return": {"note": "不属本单位"}, "pause": {"reason": "听证", "authority": "法"}, "resume": {},
    "conclude": {"note": "办结"}, "visit": {"satisfaction": "fair", "note": "回访"}, "note": {"note": "补充"},
    "unmask": {},
}  # fmt: skip


@pytest.mark.parametrize(
    ("person", "status"), [("leader", 403), ("boss", 403), ("county", 404), ("stranger", 404), ("auditor", 404)]
)
def test_who_does_not_handle_a_case_finds_no_form_and_is_refused(
    client_for: ClientFor, opened: Callable[..., int], rows: Rows, person: str, status: int
) -> None:
    opened(name="张三丰")
    client = client_for(person)
    if status == 403:
        page = read(client, "/cases/1")
        assert "btn-brand" not in page
        assert page.count("<form") == 1 + ("unmask" in page)  # the way out, and for the unit's head whom it is from
    for url, typed in POSTS.items():
        if person == "boss" and url == "unmask":
            continue  # the head of the handling unit is at work in it
        answer = post(client, f"/cases/1/{url}", read(client, "/password"), version="1", **typed)
        assert answer.status_code == status, url
    assert rows(select(CaseRecord.kind)) == ["intake"]


def test_a_supervisor_finds_the_countys_steps_folded(
    client_for: ClientFor, opened: Callable[..., int], rows: Rows, world: World
) -> None:
    opened(accepted_at=NOW)
    act(client_for("supervisor2"), rows, "转办", do="refer", to=str(world.units["dxj"].id), note="请处理")
    page = read(client_for("supervisor"), "/cases/1")
    assert "代为记录" in page
    assert "btn-brand" not in page


# --- The list --------------------------------------------------------------------------------------------------------


def numbers(page: str) -> list[str]:
    return re.findall(r'<span class="key">(\d{4}-\d+)</span>', page)


def test_the_list_narrows_sorts_and_adds_up(
    client_for: ClientFor, opened: Callable[..., int], rows: Rows, world: World, database: Database
) -> None:
    opened(accepted_at=NOW, owed_fen=100_00, channel="来信", firm="甲公司")
    opened("refund", happened_at=at(3, 2), owed_fen=5_00)
    opened("complaint", "county", "dxj", happened_at=at(3, 20))
    boss = client_for("supervisor")
    page = read(boss, "/cases/")
    assert numbers(page) == ["2026-002", "2026-001", "2026-003"]
    assert "3 件 涉及金额 105.00 元 已返还 0.00 元 未返还 105.00 元" in words(page)
    assert "甲公司" in page
    assert "拖欠账款投诉" in page
    assert '<span class="light watch">' in page
    assert '<span class="light none">无时限</span>' in page  # not accepted yet: nothing counts
    kinds = dict(zip(rows(select(CaseTypeVersion.id)), rows(select(CaseTypeVersion.type_id)), strict=True))
    for url, found in (
        ("light=soon", ["2026-001"]),
        ("light=watch", ["2026-002"]),
        ("light=none", ["2026-003"]),
        (f"type={kinds[rows(select(Case.type_version_id).where(Case.id == 2))[0]]}", ["2026-002"]),
        (f"unit={world.units['dxj'].id}", ["2026-003"]),
        ("since=2026-03-20", ["2026-001", "2026-003"]),
        ("q=甲公司", ["2026-001"]),
        ("until=2026-03-20", ["2026-002", "2026-003"]),
        ("sort=owed", ["2026-001", "2026-002", "2026-003"]),
        ("sort=number", ["2026-003", "2026-002", "2026-001"]),
        ("since=第一天&sort=名称&light=紫&type=x", ["2026-002", "2026-001", "2026-003"]),
    ):
        assert numbers(read(boss, f"/cases/?{url}")) == found, url
    assert "1 件 涉及金额 100.00 元" in words(read(boss, "/cases/?light=soon"))
    assert numbers(read(client_for("county"), "/cases/")) == ["2026-003"]
    assert numbers(read(client_for("stranger"), "/cases/")) == []


def test_the_dutys_page_shows_the_lights_of_its_typed_cases(
    client_for: ClientFor, opened: Callable[..., int], database: Database, world: World
) -> None:
    """A case whose dates are all met but which is not concluded is not 办结."""
    with database.write() as session:
        held = duty(session, world, "一.2", "jfb")
        held_id, task_id = held.id, held.task_id
        session.commit()
    opened("wage", happened_at=NOW)
    with database.write() as session:
        case = session.get_one(Case, 1)
        case.duty_id, case.task_id = held_id, task_id
        session.commit()
    page = read(client_for("supervisor2"), f"/duties/{held_id}")
    assert "2026-001" in page
    assert '<span class="light none">无时限</span>' in page
    assert "对投诉线索" in words(read(client_for("supervisor2"), "/cases/1"))  # the measure's own words
