"""Workbooks of the ledger that are handed out: the template (导入模板) and the rows that could not be taken in."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tracker.adapters.ledger.rows import CHANNELS, COLUMNS, LINE, MOST_ROWS, REASON, LedgerColumn, columns_of

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHEET, GUIDE, LISTS = "台账", "说明", "选项"
_SAVED_ROWS = MOST_ROWS + 1  # the rows a template's lists of choices reach down to
_TEXT = "@"
_HEAD_FILL, _NEEDED_FILL, _REASON_FILL = "E8ECF3", "D5DEEC", "FBF1DC"
# What XML cannot hold, and openpyxl refuses.
_NEVER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class TemplateChoices:
    """What a template offers to choose from: the type of case, its event and sorts, the units that may handle it."""

    type_name: str
    event: str
    variants: Sequence[str]
    units: Sequence[str]
    by_hour: bool = False


@dataclass(frozen=True, slots=True)
class FaultyRow:
    """A row that was not taken in: its number in the file it came from, the reason, and its cells as they were."""

    line: int
    reason: str
    cells: Sequence[str]


def columns_for(offer: TemplateChoices) -> list[LedgerColumn]:
    """Return the columns of a type's template: 类别 only where the type tells sorts apart."""
    return [c for c in COLUMNS if c.key != "variant" or offer.variants]


def template(offer: TemplateChoices) -> bytes:
    """Return the empty workbook to fill in: headings, lists to choose from, and a sheet that explains."""
    columns = columns_for(offer)
    book, sheet = _book()
    for at, column in enumerate(columns, 1):
        _head(sheet, at, column.title, column.width, _NEEDED_FILL if column.required else _HEAD_FILL)
        sheet.column_dimensions[_letter(at)].number_format = column.form
    sheet.freeze_panes = "A2"
    _guide(book, offer, columns)
    _choices(book, sheet, offer, {c.key: at for at, c in enumerate(columns, 1)})
    return _saved(book)


def faults_book(offer: TemplateChoices, headings: Sequence[str], rows: Sequence[FaultyRow]) -> bytes:
    """Return the rows that were not taken in, as they were, each with its reason; corrected, it can be uploaded.

    Every cell is a text, whatever it begins with: a spreadsheet that came from outside must not come alive (=, +, @)
    in the hands of whom it is sent on to.
    """
    book, sheet = _book()
    keys = {at: key for key, at in columns_of(headings).items()}
    own = [(at, keys.get(at), name) for at, name in enumerate(headings) if name not in (REASON, LINE)]
    # A column the file lacked may be just what its rows need.
    own += [(len(headings), c.key, c.title) for c in columns_for(offer) if c.key not in keys.values()]
    widths = {c.key: c.width for c in COLUMNS}
    _head(sheet, 1, REASON, 44, _REASON_FILL)
    _head(sheet, 2, LINE, 7, _REASON_FILL)
    for place, (_, key, name) in enumerate(own, 3):
        _head(sheet, place, name, widths.get(key or "", 14), _HEAD_FILL)
        sheet.column_dimensions[_letter(place)].number_format = _TEXT
    for number, row in enumerate(rows, 2):
        write(sheet, number, 1, row.reason, wrap=True)
        sheet.cell(number, 2).value = row.line
        for place, (at, _, _) in enumerate(own, 3):
            if at < len(row.cells) and row.cells[at]:
                write(sheet, number, place, row.cells[at])
    sheet.freeze_panes = "C2"
    _guide(book, offer, columns_for(offer))
    _choices(book, sheet, offer, {key: place for place, (_, key, _) in enumerate(own, 3) if key})
    return _saved(book)


def write(sheet: Any, row: int, column: int, text: str, *, wrap: bool = False) -> None:
    """Write a text that stays one: never a formula, a link or a number, in whatever program it is opened."""
    from openpyxl.styles import Alignment

    cell = sheet.cell(row, column)
    cell.value = _NEVER.sub("", text)
    cell.data_type = "s"  # openpyxl takes what begins with = for a formula
    cell.number_format = _TEXT
    cell.quotePrefix = True
    cell.alignment = Alignment(vertical="top", wrap_text=wrap or "\n" in text)


def _book() -> tuple[Any, Any]:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = SHEET
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"
    return book, sheet


def _saved(book: Any) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _letter(at: int) -> str:
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(at))


def _head(sheet: Any, at: int, title: str, width: int, fill: str) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    write(sheet, 1, at, title)
    cell = sheet.cell(1, at)
    cell.font = Font(bold=True)
    cell.fill = PatternFill("solid", start_color=fill)
    cell.alignment = Alignment(vertical="center", wrap_text=True)
    cell.border = Border(bottom=Side(style="thin", color="8A94A6"))
    sheet.column_dimensions[_letter(at)].width = width


def _choices(book: Any, sheet: Any, offer: TemplateChoices, places: dict[str, int]) -> None:
    """Let a column's cells be chosen from a list kept on a hidden sheet; only 类别 takes nothing else."""
    from openpyxl.worksheet.datavalidation import DataValidation

    lists = book.create_sheet(LISTS)
    lists.sheet_state = "hidden"
    for at, (key, values) in enumerate((("variant", offer.variants), ("unit", offer.units), ("channel", CHANNELS)), 1):
        for row, value in enumerate(values, 1):
            write(lists, row, at, value)
        if key not in places or not values:
            continue
        letter, place = _letter(at), _letter(places[key])
        rule = DataValidation(
            type="list",
            formula1=f"'{LISTS}'!${letter}$1:${letter}${len(values)}",
            allow_blank=True,
            showErrorMessage=key == "variant",
            errorTitle="类别",
            error="请从列表中选择。",
        )
        rule.add(f"{place}2:{place}{_SAVED_ROWS}")
        sheet.add_data_validation(rule)


def _guide(book: Any, offer: TemplateChoices, columns: Sequence[LedgerColumn]) -> None:
    """Add the sheet that says in plain words how to fill the other one in."""
    from openpyxl.styles import Font

    guide = book.create_sheet(GUIDE)
    guide.column_dimensions["A"].width = 18
    guide.column_dimensions["B"].width = 90
    lines: list[tuple[str, str]] = [
        (f"{offer.type_name}：台账导入", ""),
        ("怎么填", f"在“{SHEET}”工作表里一件一行，一次最多 {MOST_ROWS} 行。列可以调换顺序，没有内容的选填列可以删去。"),
        ("时限从何时起算", f"“收到日期”填“{offer.event}”的那一天，时限由此起算；已经正式受理的再填受理日期。"),
        ("以前的办件", "已经办结的也可以导入：填写办结日期和办理结果，登记后即为办结，不计逾期，也不再提醒。"),
        ("上传以后", "没有问题的行登记为办件；有问题的行连同原因做成表格供下载，改好后直接上传那份表格即可。"),
        (
            "重复上传",
            "同一行上传多少次都只登记一件。上传不会修改已经登记的办件：要改请到办件页面；没有原编号的行改动后再上传，会登记为另一件。",
        ),
        ("隐藏的行列", "隐藏的行和列也会读取，筛选后未显示的行同样登记。"),
        ("", ""),
        ("列", "怎么写"),
    ]
    for column in columns:
        hint = _hint(column, offer)
        lines.append((column.title, f"{'必填。' if column.required else '选填。'}{hint}"))
    for number, (left, right) in enumerate(lines, 1):
        write(guide, number, 1, left)
        write(guide, number, 2, right, wrap=True)
        if number == 1 or left == "列":
            guide.cell(number, 1).font = guide.cell(number, 2).font = Font(bold=True)


def _hint(column: LedgerColumn, offer: TemplateChoices) -> str:
    if column.key == "variant":
        return f"必须是其中之一：{'、'.join(offer.variants)}。"
    if column.key == "received_time" and offer.by_hour:
        return "这个类型有按小时计算的时限，请填写，例如 9:30。"
    return column.hint
