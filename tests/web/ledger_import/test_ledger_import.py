"""台账导入: the template, the upload and its result, the faulty rows that come back and go in corrected."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

import config
from tests.conftest import Clock
from tests.kit.ledger_types import add_types
from tests.kit.pages import engage, post, read, words
from tests.kit.world import World
from tests.web.conftest import settle_foreigner
from tracker.adapters.ledger.results import KEPT, MOST, Parcels
from tracker.adapters.ledger.rows import COLUMNS
from tracker.store.core.engine import Database
from tracker.store.models import AuditEntry, Case, CaseType, CaseTypeVersion, Complainant, MemberRole
from tracker.worker import Worker

ClientFor = Callable[[str], FlaskClient]
TITLES = {c.title: c.key for c in COLUMNS}
GOOD = {
    "unit": "市减负办",
    "received_on": date(2026, 2, 13),
    "reference": "工程款",
    "name": "张三丰",
    "phone": 13812345678,
}


@pytest.fixture
def types(world: World, database: Database) -> dict[str, int]:
    """The ids of the types (not of their versions), by code."""
    with database.write() as session:
        made = add_types(session, world)
        found = {code: session.get_one(CaseTypeVersion, version).type_id for code, version in made.items()}
        session.commit()
    return found


def opened(answer: TestResponse) -> Any:
    assert answer.status_code == 200, answer.get_data(as_text=True)[:500]
    said = answer.headers["Content-Disposition"]
    assert said.startswith("attachment")
    assert said.encode("latin-1")  # what a server can send; the Chinese name stands beside it, encoded
    assert "filename*=UTF-8''" in said
    assert answer.headers["Cache-Control"] == "no-store"
    return openpyxl.load_workbook(io.BytesIO(answer.data))


def saved(book: Any) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def filled(client: FlaskClient, type_id: int, *rows: dict[str, Any]) -> bytes:
    """Return the template with rows typed into it, as a person would."""
    book = opened(client.get(f"/cases/import/{type_id}/template.xlsx"))
    sheet = book["台账"]
    places = {TITLES[cell.value]: cell.column for cell in sheet[1]}
    for line, row in enumerate(rows, 2):
        for key, value in row.items():
            sheet.cell(line, places[key]).value = value
    return saved(book)


def upload(client: FlaskClient, type_id: int, data: bytes, name: str = "台账.xlsx") -> TestResponse:
    page = read(client, f"/cases/import?type={type_id}")
    return post(client, "/cases/import", page, type=str(type_id), file=(io.BytesIO(data), name))


def followed(client: FlaskClient, answer: TestResponse) -> str:
    assert answer.status_code == 302, answer.get_data(as_text=True)[:3000]
    return read(client, answer.location)


def count(database: Database, of: type = Case) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(of)) or 0


@pytest.mark.parametrize("who", ["lead", "supervisor"])
def test_who_takes_cases_in_finds_the_way_from_the_type_to_the_upload(
    client_for: ClientFor, types: dict[str, int], who: str
) -> None:
    client = client_for(who)
    assert "下载模板" not in read(client, "/cases/import")
    page = read(client, f"/cases/import?type={types['complaint']}")
    assert f"/cases/import/{types['complaint']}/template.xlsx" in page
    assert "收到投诉" in page


def test_years_of_closed_cases_come_in_closed_and_their_pages_say_how_they_ended(
    client_for: ClientFor, database: Database, types: dict[str, int]
) -> None:
    client, key = client_for("supervisor"), types["complaint"]
    old = {
        **GOOD, "received_on": date(2024, 5, 6), "accepted_on": date(2024, 5, 7), "closed_on": date(2024, 6, 3),
        "conclusion": "已全部付清", "owed": 500, "refunded": 500, "refunded_on": date(2024, 5, 30),
    }  # fmt: skip
    page = words(followed(client, upload(client, key, filled(client, key, old, {**old, "conclusion": None}))))
    assert "新增 1 件" in page
    assert "有“办结日期”，缺少“办理结果”" in page
    shown = words(read(client, "/cases/1"))
    for said in ("转办 本件已办结，不再办理", "已全部付清", "返还 500.00 元", "2024年5月30日", "未返还 0.00 元"):
        assert said in shown, said
    assert "逾期" not in shown
    assert "退回" not in shown
    assert "按导入的台账办结" in words(read(client_for("auditor"), "/audit/"))
    listed = words(read(client, "/cases/?state=closed"))
    assert "2026-001" in listed
    assert count(database) == 1


@pytest.mark.parametrize("who", ["head", "leader", "administrator", "auditor"])
def test_who_takes_no_case_in_does_not_get_in(client_for: ClientFor, types: dict[str, int], who: str) -> None:
    client = client_for(who)
    for url in (
        "/cases/import",
        f"/cases/import/{types['complaint']}/template.xlsx",
        "/cases/import/result/" + "0" * 32,
    ):
        read(client, url, 403)
    page = read(client, "/password")
    assert post(client, "/cases/import", page, type=str(types["complaint"])).status_code == 403


def test_a_supervisor_of_another_place_finds_no_type_of_ours(
    client_for: ClientFor, world: World, database: Database, types: dict[str, int]
) -> None:
    settle_foreigner(database, world)
    client, own = client_for("foreigner"), client_for("supervisor")
    key = types["complaint"]
    read(client, f"/cases/import?type={key}", 404)
    read(client, f"/cases/import/{key}/template.xlsx", 404)
    page = read(client, "/cases/import")
    assert "还没有可用的办件类型" in page
    data = filled(own, key, GOOD)
    answer = post(client, "/cases/import", page, type=str(key), file=(io.BytesIO(data), "a.xlsx"))
    assert answer.status_code == 404
    assert post(client, "/cases/import", page, type="x").status_code == 404
    assert count(database) == 0


def test_who_works_in_one_place_and_leads_another_imports_only_into_the_first(
    client_for: ClientFor, world: World, database: Database, types: dict[str, int]
) -> None:
    settle_foreigner(database, world)
    engage(database, world, "guest", ("foreign", MemberRole.OFFICER), ("jfb", MemberRole.LEADER))
    read(client_for("guest"), f"/cases/import/{types['complaint']}/template.xlsx", 403)


def test_the_template_offers_sorts_and_the_units_one_may_take_cases_in_for(
    client_for: ClientFor, types: dict[str, int]
) -> None:
    book = opened(client_for("supervisor").get(f"/cases/import/{types['order']}/template.xlsx"))
    lists = [[cell.value for cell in column if cell.value] for column in book["选项"].columns]
    assert lists[0] == ["特殊情况", "转派工单"]
    assert set(lists[1]) >= {"市减负办", "市财政局"}
    assert book["选项"].sheet_state == "hidden"
    own = opened(client_for("lead").get(f"/cases/import/{types['complaint']}/template.xlsx"))
    assert [cell.value for cell in own["选项"]["B"]][:2] == ["市工业和信息化局", None]
    assert "类别" not in [cell.value for cell in own["台账"][1]]


def test_good_rows_are_in_after_the_upload_and_the_page_says_how_many(
    client_for: ClientFor, database: Database, types: dict[str, int]
) -> None:
    client = client_for("supervisor")
    data = filled(client, types["complaint"], GOOD, {**GOOD, "reference": "二", "owed": 12345.6})
    page = followed(client, upload(client, types["complaint"], data))
    assert "2 件</a>（2026-001 至 2026-002）" in page
    assert f"/cases/?type={types['complaint']}" in page
    assert "下载有误" not in page
    assert count(database) == count(database, Complainant) == 2
    with database.read() as session:
        assert session.scalars(select(Complainant.phone)).first() == "13812345678"
        entry = session.scalars(select(AuditEntry).where(AuditEntry.verb == "case.import")).one()
        assert entry.after["file"] == "台账.xlsx"
    again = words(followed(client, upload(client, types["complaint"], data)))
    assert "新增 0 件" in again
    assert "已有 2 件" in again
    assert count(database) == 2


def test_faulty_rows_come_back_with_their_reasons_and_go_in_corrected_once(
    client_for: ClientFor, database: Database, types: dict[str, int]
) -> None:
    client, key = client_for("supervisor"), types["complaint"]
    second = {**GOOD, "reference": "二", "unit": "市工信"}
    data = filled(client, key, GOOD, second, {**GOOD, "reference": "三", "owed": "许多"})
    page = followed(client, upload(client, key, data))
    assert "第 3 行" in page
    assert "相近的有：市工信局" in page
    assert "张三丰" not in page
    book = opened(client.get(page.split('class="btn btn-brand" href="')[1].split('"')[0]))
    sheet = book["台账"]
    heads = [cell.value for cell in sheet[1]]
    assert heads[:2] == ["原因", "行号"]
    assert [(row[1].value, row[heads.index("摘要")].value) for row in sheet.iter_rows(min_row=2)] == [
        (3, "二"),
        (4, "三"),
    ]
    sheet.cell(2, heads.index("办理单位") + 1).value = "市工信局"
    sheet.cell(3, heads.index("涉及金额（元）") + 1).value = "1.2万元"
    page = words(followed(client, upload(client, key, saved(book), "台账-待改正.xlsx")))
    assert "新增 2 件" in page
    assert "有误 0 行" in page
    assert count(database) == 3
    assert "已有 2 件" in words(followed(client, upload(client, key, saved(book))))
    assert count(database) == 3


def test_what_begins_like_a_formula_goes_out_as_text(client_for: ClientFor, types: dict[str, int]) -> None:
    client, key = client_for("supervisor"), types["complaint"]
    evil = {"firm": '=HYPERLINK("http://x")', "name": "+1", "address": "-2", "accused": "@SUM(A1)", "unit": "没有"}
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["收到日期", "摘要", "企业名称", "来件人姓名", "地址", "被投诉单位", "办理单位", "=别的"])
    sheet.append(["2026-02-13", "一", *evil.values(), "\t=1"])
    for cell in (*sheet[1], *sheet[2]):
        cell.data_type = "s"
    page = followed(client, upload(client, key, saved(book)))
    out = opened(client.get(page.split('class="btn btn-brand" href="')[1].split('"')[0]))
    cells = [cell for one in out.worksheets for row in one.iter_rows() for cell in row if cell.value is not None]
    assert [c.value for c in cells if c.data_type == "f"] == []
    assert all(c.quotePrefix for c in cells if isinstance(c.value, str))
    assert {c.value for c in cells} >= {evil["firm"], "+1", "-2", "@SUM(A1)", "=别的", "=1"}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "文件是空的"),
        (b"reference,name\n", "不是 Excel 表格"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "不是 Excel 表格"),
        (b"PK\x03\x04" + b"x" * 600, "打不开"),
    ],
)
def test_what_is_no_workbook_is_refused_in_words_and_the_type_stays(
    client_for: ClientFor, database: Database, types: dict[str, int], data: bytes, said: str
) -> None:
    client = client_for("lead")
    answer = upload(client, types["complaint"], data)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in page
    assert f'name="type" value="{types["complaint"]}"' in page
    assert count(database) == 0


def test_nothing_chosen_and_no_heading_are_told(client_for: ClientFor, types: dict[str, int]) -> None:
    client = client_for("lead")
    page = read(client, f"/cases/import?type={types['complaint']}")
    answer = post(client, "/cases/import", page, type=str(types["complaint"]))
    assert (answer.status_code, "请选择一个文件" in answer.get_data(as_text=True)) == (422, True)
    book = openpyxl.Workbook()
    book.active.append(["甲", "乙"])
    assert "没有找到表头" in upload(client, types["complaint"], saved(book)).get_data(as_text=True)


def test_a_type_retired_meanwhile_is_told_and_nothing_comes_in(
    client_for: ClientFor, database: Database, types: dict[str, int]
) -> None:
    client = client_for("supervisor")
    data, page = filled(client, types["complaint"], GOOD), read(client, f"/cases/import?type={types['complaint']}")
    with database.write() as session:
        session.get_one(CaseType, types["complaint"]).active = False
        session.commit()
    answer = post(client, "/cases/import", page, type=str(types["complaint"]), file=(io.BytesIO(data), "a.xlsx"))
    assert (answer.status_code, "已停用" in answer.get_data(as_text=True)) == (422, True)
    assert count(database) == 0


def test_a_result_is_its_uploaders_for_a_day(
    client_for: ClientFor, clock: Clock, types: dict[str, int], settings: config.Settings
) -> None:
    client = client_for("supervisor")
    answer = upload(client, types["complaint"], filled(client, types["complaint"], {**GOOD, "unit": "没有"}))
    read(client, answer.location)
    opened(client.get(f"{answer.location}/faults.xlsx"))
    read(client_for("supervisor2"), answer.location, 404)
    read(client_for("supervisor2"), f"{answer.location}/faults.xlsx", 404)
    kept = list(settings.imports_dir.iterdir())
    assert [path.stat().st_mode & 0o777 for path in kept] == [0o600]
    clock.at += KEPT + timedelta(seconds=1)
    read(client, answer.location, 404)


def test_the_worker_removes_results_nobody_may_fetch_any_more(
    database: Database, settings: config.Settings, clock: Clock
) -> None:
    parcels = Parcels(settings.imports_dir)
    parcels.put(1, b"x", clock.at)
    working = Worker(settings, database)
    working.run_pass(clock.at + timedelta(hours=1))
    assert len(list(settings.imports_dir.iterdir())) == 1
    working.run_pass(clock.at + KEPT)
    assert list(settings.imports_dir.iterdir()) == []


def test_a_person_keeps_a_few_results_and_nobody_elses_are_touched(tmp_path: Path, clock: Clock) -> None:
    parcels = Parcels(tmp_path / "kept")
    other = parcels.put(2, b"other", clock.at)
    secrets = [parcels.put(1, str(n).encode(), clock.at + timedelta(minutes=n)) for n in range(MOST + 2)]
    found = [parcels.get(1, secret, clock.at) for secret in secrets]
    assert found == [None, None, *(str(n).encode() for n in range(2, MOST + 2))]
    assert parcels.get(2, other, clock.at) == b"other"
    assert parcels.get(1, other, clock.at) is None
    assert parcels.get(1, "../../etc/passwd", clock.at) is None
