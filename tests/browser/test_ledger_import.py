"""A ledger from the template to the corrected rows, in a real browser."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Town
from tracker.store.models import MemberRole

Enter = Callable[[str], Page]
Hire = Callable[[str, str, str, MemberRole], None]

pytestmark = pytest.mark.browser


def fetched(page: Page, link: str, to: Path) -> str:
    """Follow a link that hands out a file; returns the name it is offered under."""
    with page.expect_download() as download:
        page.get_by_role("link", name=link).click()
    download.value.save_as(to)
    return download.value.suggested_filename


def fill_in(path: Path, line: int, **cells: Any) -> None:
    book = openpyxl.load_workbook(path)
    sheet = book["台账"]
    places = {cell.value: cell.column for cell in sheet[1]}
    for heading, value in cells.items():
        sheet.cell(line, places[heading]).value = value
    book.save(path)


def send(page: Page, path: Path) -> None:
    page.get_by_label("选择文件").set_input_files(path)
    page.get_by_role("button", name="导入", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("导入结果")


def test_a_ledger_goes_in_and_its_faulty_rows_follow_once_corrected(
    enter: Enter, hire: Hire, town: Town, tmp_path: Path
) -> None:
    town.clock.at = datetime(2026, 2, 12, 1, tzinfo=UTC)
    hire("ducha", "鞍山市", "市减负办", MemberRole.SUPERVISOR)
    page, path = enter("ducha"), tmp_path / "ledger.xlsx"
    page.goto(f"{town.url}/cases/import")
    page.get_by_label("一、选择办件类型").select_option(label="拖欠账款投诉")
    page.get_by_role("button", name="选定").click()
    assert fetched(page, "下载“拖欠账款投诉”模板", path) == "台账导入模板-拖欠账款投诉.xlsx"
    day = date(2026, 2, 11)
    fill_in(path, 2, 办理单位="市减负办", 收到日期=day, 摘要="供货尾款", 来件人姓名="王建国", 联系电话=13841234567)
    fill_in(path, 3, 办理单位="市减负", 收到日期=day, 摘要="工程款", 企业名称="@某公司")
    send(page, path)
    expect(page.locator("main")).to_contain_text("1 件（2026-001）")
    expect(page.get_by_role("table")).to_contain_text("单位库中没有“办理单位”写的“市减负”")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert fetched(page, "下载有误的 1 行", path) == "ledger-待改正.xlsx"
    fill_in(path, 2, 办理单位="市减负办")
    page.get_by_role("link", name="上传改好的表格").click()
    page.wait_for_url(re.compile(r"/cases/import\?type="))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    send(page, path)
    expect(page.locator("main")).to_contain_text("1 件（2026-002）")
    page.get_by_role("link", name="1 件").click()
    expect(page.get_by_role("table")).to_contain_text("供货尾款")
    expect(page.get_by_role("table")).to_contain_text("工程款")
