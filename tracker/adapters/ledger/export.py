"""The ledger as a workbook (台账导出): one row a case, sums and days as numbers, texts that stay texts, no formulas."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from tracker.adapters.ledger.workbook import write

Value = str | date | int | None  # int: a sum in 分

HEADINGS = (
    ("编号", 11), ("办件类型", 18), ("类别", 12), ("摘要", 28), ("来源", 12), ("企业名称", 24), ("来件人", 10),
    ("联系电话", 16), ("办理单位", 20), ("被投诉单位", 20), ("事件", 14), ("事件日期", 12), ("受理日期", 12),
    ("现在的步骤", 14), ("到期日期", 12), ("状态", 18), ("涉及金额（元）", 16), ("已返还（元）", 16), ("办结日期", 12),
)  # fmt: skip
SUMS = tuple(at for at, (title, _) in enumerate(HEADINGS) if title.endswith("（元）"))


@dataclass(frozen=True, slots=True)
class LedgerBook:
    """What an exported ledger says of itself, its rows in the order of HEADINGS, and what they add up to."""

    title: str
    said: str  # when and by whom, and how it was narrowed
    rows: Sequence[Sequence[Value]]
    sums: Sequence[int]


def workbook(book: LedgerBook) -> bytes:
    """Return the ledger as .xlsx, with a line that adds it up."""
    import openpyxl
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter

    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = "办件台账"
    write(sheet, 1, 1, book.title)
    write(sheet, 2, 1, book.said)
    sheet["A1"].font = Font(bold=True, size=14)
    for at, (title, width) in enumerate(HEADINGS, 1):
        write(sheet, 3, at, title, wrap=True)
        sheet.cell(3, at).font = Font(bold=True)
        sheet.cell(3, at).fill = PatternFill("solid", start_color="E8ECF3")
        sheet.column_dimensions[get_column_letter(at)].width = width
    for line, row in enumerate(book.rows, 4):
        for at, value in enumerate(row, 1):
            if isinstance(value, str):
                write(sheet, line, at, value)
            elif value is not None:
                _number(sheet.cell(line, at), value)
    last = len(book.rows) + 4
    write(sheet, last, 1, f"合计 {len(book.rows)} 件")
    for at, value in zip(SUMS, book.sums, strict=True):
        _number(sheet.cell(last, at + 1), value)
    for at in range(1, len(HEADINGS) + 1):
        sheet.cell(last, at).font = Font(bold=True)
    sheet.freeze_panes = "B4"
    sheet.auto_filter.ref = f"A3:{get_column_letter(len(HEADINGS))}{last - 1}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "3:3"
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def _number(cell: Any, value: date | int) -> None:
    if isinstance(value, int):
        cell.value, cell.number_format = Decimal(value) / 100, "#,##0.00"
    else:
        cell.value, cell.number_format = value, "yyyy-mm-dd"
