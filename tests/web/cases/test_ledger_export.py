"""台账导出: the list as a workbook, narrowed as it is, with whom the cases are from masked."""

import html
import io
import re
import urllib.parse
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
import pytest
from flask.testing import FlaskClient

from tests.kit import cpu
from tests.kit.ledger_types import add_types, load_version
from tests.kit.pages import engage, read
from tests.kit.world import NOW, World
from tests.web.conftest import settle_foreigner
from tracker.services.cases import ledger
from tracker.services.cases.privacy import HIDDEN
from tracker.services.core.act import begin
from tracker.store.core.engine import Database
from tracker.store.models import MemberRole
from tracker.web.cases import export

ClientFor = Callable[[str], FlaskClient]


@pytest.fixture
def opened(world: World, database: Database) -> list[int]:
    """Three complaints: with sums, one against 市财政局, one whose summary begins like a formula."""
    given: list[dict[str, Any]] = [
        {"reference": "工程款", "owed_fen": 1_234_560, "name": "张三丰", "phone": "13812345678", "firm": "=某某公司",
         "accepted_at": NOW, "channel": "来信"},
        {"reference": "货款", "owed_fen": 100, "accused_unit_id": world.units["czj"].id, "name": "李四",
         "firm": "另一公司"},
        {"reference": "=1+1", "accused": "@某镇"},
    ]  # fmt: skip
    with database.write() as session:
        version_id = add_types(session, world)["complaint"]
        made = []
        for n, one in enumerate(given):
            new = ledger.NewCase(world.units["jfb"].id, NOW, one.pop("reference"), f"f{n}", **one)
            version = load_version(session, version_id)
            made.append(ledger.open_case(begin(session, world.actor("supervisor"), NOW), version, new).id)
        session.commit()
    return made


def sheet_of(client: FlaskClient, query: str = "") -> Any:
    answer = client.get(f"/cases/export{query}")
    assert answer.status_code == 200, answer.get_data(as_text=True)[:800]
    said = answer.headers["Content-Disposition"]
    assert urllib.parse.quote("办件台账-20260323.xlsx") in said
    assert answer.headers["Cache-Control"] == "no-store"
    return openpyxl.load_workbook(io.BytesIO(answer.data)).active


def table(sheet: Any) -> list[dict[str, Any]]:
    heads = [cell.value for cell in sheet[3]]
    return [dict(zip(heads, row, strict=True)) for row in sheet.iter_rows(min_row=4, values_only=True)]


def test_the_list_comes_with_its_sums_days_and_lights_and_adds_up(client_for: ClientFor, opened: list[int]) -> None:
    *rows, last = table(sheet_of(client_for("supervisor"), "?sort=number"))
    assert [row["编号"] for row in rows] == ["2026-003", "2026-002", "2026-001"]
    first = rows[-1]
    days = [first[title].date() for title in ("事件日期", "受理日期", "到期日期")]
    assert days == [date(2026, 3, 23), date(2026, 3, 23), date(2026, 3, 26)]
    assert (first["涉及金额（元）"], first["现在的步骤"], first["来源"]) == (12345.6, "转办", "来信")
    assert "工作日" in first["状态"] or "临期" in first["状态"]
    assert (last["编号"], last["涉及金额（元）"], last["已返还（元）"]) == ("合计 3 件", 12346.6, 0)


def test_whom_a_case_is_from_stays_masked_and_nothing_is_a_formula(client_for: ClientFor, opened: list[int]) -> None:
    sheet = sheet_of(client_for("supervisor"))
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    said = {cell.value for cell in cells}
    assert {"张**", "138****5678", "=某某公司", "=1+1", "@某镇"} <= said
    assert not said & {"张三丰", "13812345678", "李四"}
    assert not [cell.value for cell in cells if cell.data_type == "f"]


def test_it_is_narrowed_as_the_list_is(client_for: ClientFor, opened: list[int]) -> None:
    client = client_for("supervisor")
    assert [row["摘要"] for row in table(sheet_of(client, "?q=货款"))[:-1]] == ["货款"]
    assert table(sheet_of(client, "?state=closed"))[0]["编号"] == "合计 0 件"
    assert table(sheet_of(client, "?until=2026-03-22"))[0]["编号"] == "合计 0 件"


def test_everybody_exports_what_he_sees_and_no_more(
    client_for: ClientFor, world: World, database: Database, opened: list[int]
) -> None:
    settle_foreigner(database, world)
    assert len(table(sheet_of(client_for("leader")))) == 4
    for who in ("support", "stranger", "foreigner"):  # support's unit is complained of in one of them
        assert len(table(sheet_of(client_for(who)))) == 1


def test_who_is_of_the_unit_complained_of_does_not_read_the_complaint_in_whatever_role(
    client_for: ClientFor, world: World, database: Database, opened: list[int]
) -> None:
    engage(database, world, "both", ("jfb", MemberRole.SUPERVISOR), ("czj", MemberRole.HEAD))
    row = table(sheet_of(client_for("both"), "?sort=number"))[1]
    assert (row["编号"], row["摘要"], row["企业名称"], row["来件人"]) == ("2026-002", HIDDEN, None, None)


def test_more_than_can_be_sent_is_refused_not_cut_short(
    client_for: ClientFor, opened: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "MOST", 2)
    assert "有 3 件，一次最多导出 2 件" in read(client_for("supervisor"), "/cases/export", 400)
    assert len(table(sheet_of(client_for("supervisor"), "?q=货款"))) == 2


@pytest.mark.long
def test_five_thousand_rows_are_written_at_a_bearable_cost() -> None:
    from tracker.adapters.ledger.export import HEADINGS, LedgerBook, workbook

    row = ["2026-001", *["字" * 20] * 10, NOW.date(), NOW.date(), "转办", NOW.date(), "逾期 3 个工作日", 123, 0, None]
    assert len(row) == len(HEADINGS)
    with cpu.at_most(20):
        data = workbook(LedgerBook("台账", "x", [row] * 5_000, (1, 2)))
    assert len(data) < 2_000_000


def test_the_list_leads_to_its_own_rows_as_a_workbook(opened: list[int], client_for: ClientFor) -> None:
    page = read(client_for("supervisor"), "/cases/?q=工程款&endpoint=x&_external=1")
    link = re.search(r'href="(/cases/export[^"]*)"', page)
    assert link
    asked = urllib.parse.parse_qs(urllib.parse.urlsplit(html.unescape(link[1])).query)
    assert asked == {"q": ["工程款"]}
