"""Excel workbooks (.xlsx): the visible sheets as lines of TAB-parted cells, merged cells filled.

A formula whose result the file does not hold says so in its cell; a day that lost its format (46387 under 完成时限)
is written as the day it is.
"""

import io
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from openpyxl.utils.escape import unescape

from tracker.adapters.files.archive import BROKEN, open_archive, unpack
from tracker.adapters.files.grid import Filling, lines_of_rows
from tracker.adapters.files.readers import ReadError
from tracker.reading.tables.task_tables import Column, kind_of_column
from tracker.reading.text.cleaning import fold

MAX_ROWS = 50_000
MAX_COLUMNS = 200
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
# A formula without a result: a program wrote the file, and Excel has not opened it since.
_NO_RESULT = re.compile(
    rb'<(?:\w+:)?c\s[^>]*?r="([A-Z]{1,3})(\d{1,7})"[^>]*>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*'
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
NO_RESULT = "［公式没有计算结果，请对照原件补录］"
_LONGEST_FORMULA = 10_000
_SERIAL = re.compile(r"\d{5}")
_FIRST_SERIAL, _LAST_SERIAL = 36526, 73050  # the first days of 2000 and 2100
_EPOCH = date(1899, 12, 30)
_DAY = re.compile(r"d", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')


def text_of(data: bytes) -> str:
    """The text of a workbook: a line to the row; the sheet's name first where several sheets have content."""
    sheets = [(title, lines_of_rows(_with_days(rows))) for title, rows in grids(data, _text, no_result=NO_RESULT)]
    filled = [(title, lines) for title, lines in sheets if lines]
    parts = []
    for title, lines in filled:
        own = [] if len(filled) == 1 or re.fullmatch(r"Sheet\d*|工作表\d*", title) or title in lines[0] else [title]
        parts.append("\n".join([*own, *lines]))
    return "\n\n".join(parts)


def _with_days(rows: dict[int, list[str]]) -> list[list[str]]:
    """The rows in order, where a bare number in a column of days is the day that Excel counts by it."""
    dated: set[int] = set()
    for _, row in sorted(rows.items()):
        for n, cell in enumerate(row):
            if n in dated and _SERIAL.fullmatch(cell) and _FIRST_SERIAL <= int(cell) < _LAST_SERIAL:
                row[n] = _date(_EPOCH + timedelta(days=int(cell)), "d")
            elif "日期" in cell[:12] or (cell and kind_of_column(fold(cell)) is Column.TIME):
                dated.add(n)
    return [rows[n] for n in sorted(rows)]


def grids(data: bytes, text: Callable[[Any], str], no_result: str = "") -> Iterator[tuple[str, dict[int, list[str]]]]:
    """The visible sheets of a workbook, title and rows by number, each cell as `text` writes it; merged ones filled.

    A cell whose formula has no stored result holds `no_result`.
    """
    archive = open_archive(data)
    marks: dict[str, _Marks] = {}
    for name in archive.namelist():
        if name.endswith((".xml", ".rels")):
            marks[name] = _Marks()
            unpack(archive, name, marks[name].take)
    yield from _sheets(data, marks, text, no_result)


class _Marks:
    """Collects from a sheet's XML as it passes what the read-only mode leaves out.

    Its merged ranges (top, left, bottom, right), and the cells (row, column) of formulas without a result.
    """

    def __init__(self) -> None:
        self.ranges: list[tuple[int, int, int, int]] = []
        self.without_result: list[tuple[int, int]] = []
        self._rest = b""

    def take(self, piece: bytes) -> None:
        """Find what ends in this piece."""
        text = self._rest + piece
        end = 0
        for match in _MERGED.finditer(text):
            left, top, right, bottom = match.groups()
            self.ranges.append((int(top), _column(left), int(bottom), _column(right)))
            end = match.end()
        for match in _NO_RESULT.finditer(text):
            self.without_result.append((int(match[2]), _column(match[1])))
            end = max(end, match.end())
        self._rest = text[max(end, len(text) - _LONGEST_FORMULA) :]


def _column(letters: bytes) -> int:
    value = 0
    for letter in letters:
        value = value * 26 + letter - 64
    return value


def _sheets(
    data: bytes, marks: dict[str, _Marks], text: Callable[[Any], str], no_result: str
) -> Iterator[tuple[str, dict[int, list[str]]]]:
    import warnings

    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            for sheet in book.worksheets:
                if sheet.sheet_state != "visible":
                    continue
                # The recorded size of a sheet is often wrong; without it every row is read.
                sheet.reset_dimensions()
                path = sheet._worksheet_path.lstrip("/")
                own = marks.get(path) or _Marks()
                rows = _rows(sheet, text)
                for number, column in own.without_result if no_result else ():
                    _put(rows, number, column, no_result)
                yield sheet.title, _filled(rows, own.ranges)
    except (InvalidFileException, KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError) as error:
        if isinstance(error, ReadError):
            raise
        raise ReadError(BROKEN) from error


def _put(rows: dict[int, list[str]], number: int, column: int, words: str) -> None:
    if column <= MAX_COLUMNS and number in rows:
        row = rows[number]
        row.extend([""] * (column - len(row)))
        row[column - 1] = row[column - 1] or words


def _rows(sheet: Any, text: Callable[[Any], str]) -> dict[int, list[str]]:
    """The rows that hold anything, by their number in the sheet."""
    rows: dict[int, list[str]] = {}
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = [text(cell) for cell in row[:MAX_COLUMNS]]
        if any(cells):
            rows[number] = cells
            if len(rows) > MAX_ROWS:
                raise ReadError(f"表格超过 {MAX_ROWS} 行，不像任务表。请只保留需要的行后重新上传。")
    return rows


def _filled(rows: dict[int, list[str]], merges: list[tuple[int, int, int, int]]) -> dict[int, list[str]]:
    """The rows, where a cell merged over several of them is repeated in each."""
    filling = Filling()
    for top, left, bottom, _ in merges:
        cells = rows.get(top, [])
        text = cells[left - 1] if left <= len(cells) else ""
        for number in range(top + 1, min(bottom, top + MAX_ROWS) + 1) if text else ():
            if number in rows:
                filling.add(len(text))
                row = rows[number]
                row.extend([""] * (left - len(row)))
                row[left - 1] = text
    return rows


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, (datetime, date)):
        return _date(value, _QUOTED.sub("", str(cell.number_format or "")))
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, (int, float)):
        percent = str(cell.number_format or "").endswith("%")
        number = value * 100 if percent else value
        return f"{number:.10g}" + ("%" if percent else "")
    text = unescape(str(value))
    return "" if re.fullmatch(r"#(?:REF!|N/A|NAME\?|VALUE!|DIV/0!|NUM!|NULL!)", text) else text


def _date(value: date, form: str) -> str:
    """A date as Chinese documents print it, without the day where the cell shows none (2024年6月)."""
    day = f"{value.day}日" if _DAY.search(form) or "m" not in form.lower() else ""
    return f"{value.year}年{value.month}月{day}"
