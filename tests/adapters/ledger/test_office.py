"""The workbooks handed out, opened by another office program than the one that reads them here."""

import csv
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest

from tests.conftest import skip_or_fail
from tracker.adapters.ledger.export import LedgerBook, workbook
from tracker.adapters.ledger.workbook import TemplateChoices, template

pytestmark = pytest.mark.long


def opened(data: bytes, folder: Path) -> list[list[str]]:
    """Return the first sheet's rows as LibreOffice shows them."""
    soffice = shutil.which("soffice")
    if soffice is None:
        skip_or_fail("LibreOffice (Debian's libreoffice-calc) is not installed")
    (folder / "ledger.xlsx").write_bytes(data)
    subprocess.run(
        [
            str(soffice),
            f"-env:UserInstallation=file://{folder}/profile",
            "--headless",
            "--convert-to",
            "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true",
            "--outdir",
            str(folder),
            str(folder / "ledger.xlsx"),
        ],
        check=True,
        capture_output=True,
        timeout=300,
    )
    with (folder / "ledger.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_an_exported_ledger_opens_with_its_texts_days_and_sums(tmp_path: Path) -> None:
    row = [
        "2026-001",
        "款项投诉",
        "投诉",
        "=1+1",
        "来信",
        "＝某公司",
        "张*",
        "138****5678",
        "市工信局",
        "市财政局",
        "收到投诉",
        date(2026, 3, 23),
        None,
        "转办",
        date(2026, 4, 7),
        "办理中",
        1_234_560,
        0,
        None,
    ]
    rows = opened(workbook(LedgerBook("办件台账", "甲，全部", [row], [1_234_560, 0])), tmp_path)
    assert rows[0][0] == "办件台账"
    assert rows[2][:4] == ["编号", "办件类型", "类别", "摘要"]
    case = dict(zip(rows[2], rows[3], strict=True))
    assert (case["摘要"], case["企业名称"]) == ("=1+1", "＝某公司")  # texts, whatever they begin with
    assert (case["事件日期"], case["到期日期"], case["受理日期"]) == ("2026-03-23", "2026-04-07", "")
    assert case["涉及金额（元）"] == "12,345.60"
    assert rows[4][0] == "合计 1 件"


def test_the_template_of_an_import_opens_with_its_headings(tmp_path: Path) -> None:
    rows = opened(template(TemplateChoices("款项投诉", "收到投诉", ["工程款", "货款"], ["市工信局"])), tmp_path)
    assert any("收到日期" in cell for cell in rows[0])
