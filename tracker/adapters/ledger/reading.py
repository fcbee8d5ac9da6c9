"""Reading a ledger's workbook (台账 .xlsx) in a process apart: its headings and rows, every cell as exact text."""

import json
import re
from datetime import date, datetime, time, timedelta
from typing import Any

from tracker.adapters.files.readers import ReadError
from tracker.adapters.files.sandbox import FAILED, TOO_LARGE, TOO_SLOW, read_apart
from tracker.adapters.ledger.rows import COLUMNS, MOST_ROWS, Sheet, columns_of, heading_key

MAX_BYTES = 5 * 1024 * 1024
HEADING_WITHIN = 10  # rows
MOST_COLUMNS = 60
LONGEST_CELL = 10_000  # characters; longer than any column takes, so that it is refused with its row
_FEWEST = 3  # headings that make a row the heading
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

NOT_XLSX = (
    "这个文件不是 Excel 表格（.xlsx）。请下载模板填写后上传；其他格式请用 Excel 或 WPS 打开，另存为 .xlsx 后上传。"
)
UNSAFE = (
    "这个文件打不开，或者不像正常的 Excel 表格，为安全起见没有读取。请用 Excel 或 WPS 打开，另存一份 .xlsx 后上传。"
)
TOO_MUCH = "表格过大或过于复杂，没有读取。请只保留台账本身的行和列，或分成几份上传。"
LOCKED = "文件设了打开密码，读不了。请取消密码，另存后上传。"


def read_ledger(data: bytes) -> Sheet:
    """Read an uploaded ledger; raises ReadError, in words for the uploader.  Slow: before any transaction begins."""
    if not data:
        raise ReadError("文件是空的，请重新选择文件。")
    if len(data) > MAX_BYTES:
        raise ReadError(f"文件超过 {MAX_BYTES // 1024 // 1024} MB。请删去图片和多余的工作表，或分成几份上传。")
    if data.startswith(_OLE):
        encrypted = "EncryptedPackage".encode("utf-16-le") in data
        raise ReadError(LOCKED if encrypted else NOT_XLSX)
    if not data.startswith(b"PK\x03\x04"):
        raise ReadError(NOT_XLSX)
    text, reason = read_apart(__name__, data)
    if text is None:
        raise ReadError({TOO_SLOW: TOO_MUCH, TOO_LARGE: TOO_MUCH, FAILED: UNSAFE}.get(reason, reason))
    found = json.loads(text)
    return Sheet(tuple(found["headings"]), tuple((line, tuple(cells)) for line, cells in found["rows"]))


def text_of(data: bytes) -> str:
    """The ledger in a workbook as JSON; runs in the process apart."""
    from tracker.adapters.files.xlsx import grids

    try:
        sheets = [(title, rows) for title, rows in grids(data, exact) if rows]
        uncounted = _uncounted(data)
    except ReadError as error:
        said = str(error)  # its own words are about documents to be pasted
        raise ReadError(LOCKED if "加密" in said else TOO_MUCH if "行" in said else UNSAFE) from error
    if uncounted:
        raise ReadError(f"单元格 {uncounted} 的公式还没有算出结果。请用 Excel 或 WPS 打开，保存一次后再上传。")
    headed = [(title, rows, at) for title, rows in sheets if (at := _heading(rows)) is not None]
    if not headed:
        raise ReadError(
            f"没有找到表头：前 {HEADING_WITHIN} 行里要有“收到日期”“摘要”等列名。请下载模板，把内容贴到模板里再上传。"
        )
    full = [one for one in headed if any(number > one[2] for number in one[1])]
    if not full:
        raise ReadError("表格里只有表头，没有办件。请从表头的下一行开始填写。")
    if len(full) > 1:
        titles = "”“".join(title for title, _, _ in full)
        raise ReadError(f"文件里有几张工作表都像台账：“{titles}”。请只保留一张，或分别上传。")
    _, rows, at = full[0]
    return json.dumps(_table(rows, at), ensure_ascii=False)


# A formula without a stored result: programs that write tables leave it to Excel, and it would read as nothing.
_UNCOUNTED = re.compile(
    rb'<(?:\w+:)?c r="([A-Z]{1,3}\d{1,7})"((?![^>]*t="str")[^>]*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)'
    rb"\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)


def _uncounted(data: bytes) -> str | None:
    """The first cell whose formula has no result; None where every one has."""
    from tracker.adapters.files.archive import open_archive, part_of

    archive = open_archive(data)
    for name in archive.namelist():
        if name.startswith("xl/worksheets/") and name.endswith(".xml"):
            found = _UNCOUNTED.search(part_of(archive, name) or b"")
            if found is not None:
                return found[1].decode()
    return None


def _heading(rows: dict[int, list[str]]) -> int | None:
    """The row, among the first ones, with most of the known headings."""
    known = {heading_key(name) for c in COLUMNS for name in (c.title, *c.known_as)}
    scores = {n: len({heading_key(text) for text in rows[n]} & known) for n in rows if n <= HEADING_WITHIN}
    best = max(scores, key=lambda n: (scores[n], -n), default=None)
    return best if best is not None and scores[best] >= _FEWEST else None


def _table(rows: dict[int, list[str]], at: int) -> dict[str, Any]:
    headings = [" ".join(text.split()) for text in rows[at][:MOST_COLUMNS]]
    try:
        known = set(columns_of(headings).values())
    except ValueError as error:
        raise ReadError(str(error)) from error
    found = [(n, rows[n][: len(headings)]) for n in sorted(rows) if n > at]
    found = [(n, cells) for n, cells in found if any(cells[i] for i in known if i < len(cells))]
    if not found:
        raise ReadError("表格里只有表头，没有办件。请从表头的下一行开始填写。")
    if len(found) > MOST_ROWS:
        raise ReadError(f"表格有 {len(found)} 行，一次最多导入 {MOST_ROWS} 行。请分成几份上传。")
    return {"headings": headings, "rows": found}


def exact(cell: Any) -> str:
    """A cell as text that says all it holds: a day, a time, a number without .0, words with their line breaks."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}" if value.time() == time() else f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return f"{value:%H:%M:%S}"
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    return _tidy(str(value))


_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u200c\u200d\u2060\ufeff\ud800-\udfff]")


def _tidy(text: str) -> str:
    lines = _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ")).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()[:LONGEST_CELL]
