"""One task table in every form it comes in: copied from a sheet or a browser, Markdown, csv, and real files."""

import io
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import docx
import openpyxl
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table, TableStyle

from tests.kit.builders import FONT, saved
from tracker.adapters.files.readers import read_source

# A cell that is None belongs to the cell above it; a row of one cell is a section.
Rows = Sequence[Sequence[str | None]]
BODIES = ("县发展改革局", "县财政局", "县水务局", "县市场监督管理局", "县人力资源社会保障局")
TITLE = "清源县2026年重点任务分工表"
ROWS: Rows = (
    ("序号", "重点任务", "具体内容", "牵头单位", "配合单位", "完成时限"),
    ("一、改善出行",),
    (
        "1",
        "农村公路",
        "改造县乡公路40公里，同步完善标志标线。",
        "县交通运输局",
        "县财政局、各乡镇政府",
        "2026年10月底前",
    ),
    (None, None, "排查隐患路段并建立台账，逐处整改销号。", "县公安局", "县交通运输局", "2026年6月底前"),
    (None, None, "开通城乡公交三条。", None, "县财政局", "2026年12月底前"),
    ("2", "停车设施", "新建停车位1200个。", "县住房城乡建设局", "县自然资源局", "2026年11月底前"),
    ("二、改善居住",),
    ("（一）老旧小区",),
    ("3", "加装电梯", "完成电梯加装20部。", "县住房城乡建设局", "各街道办事处", "2026年9月底前"),
    ("4", "物业服务", "每季度公布一次物业服务评价结果。", "县住房城乡建设局", "/", "每季度"),
)


def filled(rows: Rows) -> list[list[str]]:
    """The rows with every merged cell repeated; a section keeps its one cell."""
    found: list[list[str]] = []
    above: list[str] = []
    for row in rows:
        if len(row) == 1:
            found.append([row[0] or ""])
            continue
        above = [cell if cell is not None else above[n] for n, cell in enumerate(row)]
        found.append(list(above))
    return found


def from_our_readers(rows: Rows) -> str:
    """Lines of TAB-parted cells, merged ones repeated."""
    return "\n".join("\t".join(row) for row in filled(rows))


def from_a_sheet(rows: Rows) -> str:
    """What a spreadsheet copies: a merged cell once, the places below it and beside a section empty."""
    width = max(map(len, rows))
    return "\n".join("\t".join([*(cell or "" for cell in row), *[""] * (width - len(row))]) for row in rows)


def from_a_browser(rows: Rows) -> str:
    """What a browser copies: a merged cell once, and the rows below it short."""
    return "\n".join("\t".join(cell for cell in row if cell is not None) for row in rows)


def as_markdown(rows: Rows) -> str:
    """A Markdown table, merged cells repeated and sections in the first cell."""
    width = max(map(len, rows))
    lines = ["| " + " | ".join([*row, *[""] * (width - len(row))]) + " |" for row in filled(rows)]
    return "\n".join([lines[0], "|" + "---|" * width, *lines[1:]])


def as_csv(rows: Rows) -> str:
    """Comma-parted lines, words with a comma in quotation marks."""
    width = max(map(len, rows))
    whole = [[*row, *[""] * (width - len(row))] for row in filled(rows)]
    return "\n".join(",".join(f'"{cell}"' if set(cell) & set(",，") else cell for cell in row) for row in whole)


def one_cell_a_line(rows: Rows) -> str:
    """Every cell on a line of its own, merged ones repeated, without sections."""
    return "\n".join(cell for row in filled(rows) if len(row) > 1 for cell in row)


def as_html(rows: Rows) -> str:
    """The table of a page, merged cells with rowspan and sections with colspan."""
    width, lines = max(map(len, rows)), []
    for n, row in enumerate(rows):
        cells = []
        for at, cell in enumerate(row):
            if cell is None:
                continue
            down = _reach(rows, n, at)
            span = f" colspan={width}" if len(row) == 1 else f" rowspan={down}" if down > 1 else ""
            cells.append(f"<td{span}><p>{cell}</p></td>")
        lines.append("<tr>" + "".join(cells) + "</tr>")
    return "<table>" + "".join(lines) + "</table>"


def _reach(rows: Rows, n: int, at: int) -> int:
    """How many rows a cell reaches over."""
    down = 1
    while n + down < len(rows) and len(rows[n + down]) > at and rows[n + down][at] is None:
        down += 1
    return down


def html_file(rows: Rows, title: str = TITLE) -> str:
    """The text that is read of a page."""
    page = f"<html><body><h1>{title}</h1>{as_html(rows)}</body></html>"
    return read_source(page.encode(), "a.html").text


def docx_bytes(rows: Rows, title: str = TITLE) -> bytes:
    """A Word file of the table."""
    document = docx.Document()
    document.add_paragraph(title)
    width = max(map(len, rows))
    table = document.add_table(rows=len(rows), cols=width, style="Table Grid")
    for n, row in enumerate(rows):
        for at, cell in enumerate(row):
            if cell is None:
                continue
            down = _reach(rows, n, at)
            place = table.cell(n, at)
            if len(row) == 1:
                place = place.merge(table.cell(n, width - 1))
            elif down > 1:
                place = place.merge(table.cell(n + down - 1, at))
            place.text = cell
    return saved(document)


def docx_file(rows: Rows, title: str = TITLE) -> str:
    """The text that is read of a Word file."""
    return read_source(docx_bytes(rows, title), "a.docx").text


def xlsx_file(rows: Rows, title: str = TITLE) -> str:
    """The text that is read of a workbook."""
    book = openpyxl.Workbook()
    sheet = book.active
    width = max(map(len, rows))
    sheet.append([title])
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=width)
    for n, row in enumerate(rows, start=2):
        sheet.append([cell for cell in row])
        for at, cell in enumerate(row, start=1):
            down = _reach(rows, n - 2, at - 1)
            if len(row) == 1:
                sheet.merge_cells(start_row=n, start_column=1, end_row=n, end_column=width)
            elif cell is not None and down > 1:
                sheet.merge_cells(start_row=n, start_column=at, end_row=n + down - 1, end_column=at)
    return read_source(saved(book), "a.xlsx").text


def reportlab_pdf(rows: Rows, title: str = TITLE, *, split: bool = False) -> bytes:
    """A PDF by reportlab, its cells wrapped and merged; its rows may be split where a page ends."""
    found = io.BytesIO()
    style = ParagraphStyle("cell", fontName=FONT, fontSize=10, leading=14, wordWrap="CJK")
    width, commands = (
        max(map(len, rows)),
        [("GRID", (0, 0), (-1, -1), 0.6, "black"), ("VALIGN", (0, 0), (-1, -1), "TOP" if split else "MIDDLE")],
    )
    data = []
    for n, row in enumerate(rows):
        data.append([Paragraph(cell, style) if cell else "" for cell in [*row, *[""] * (width - len(row))]])
        for at, cell in enumerate(row):
            down = _reach(rows, n, at)
            if len(row) == 1:
                commands.append(("SPAN", (0, n), (width - 1, n)))
            elif cell is not None and down > 1:
                commands.append(("SPAN", (at, n), (at, n + down - 1)))
    widths = {6: [30, 70, 170, 80, 90, 70], 5: [30, 240, 80, 90, 70], 4: [30, 290, 110, 80]}
    table = Table(data, colWidths=widths[width], repeatRows=1, splitInRow=int(split))
    table.setStyle(TableStyle(commands))
    flow = [Paragraph(title, ParagraphStyle("title", fontName=FONT, fontSize=16, leading=28)), table]
    SimpleDocTemplate(found, pagesize=A4, leftMargin=40, rightMargin=40).build(flow)
    return found.getvalue()


def pdf_file(rows: Rows, title: str = TITLE) -> str:
    """The text that is read of a PDF by reportlab."""
    return read_source(reportlab_pdf(rows, title), "a.pdf").text


def office_pdf(rows: Rows, folder: Path, title: str = TITLE) -> bytes | None:
    """A PDF that LibreOffice makes of the Word file; None where it is not installed."""
    soffice = shutil.which("soffice")
    if soffice is None:
        return None
    (folder / "table.docx").write_bytes(docx_bytes(rows, title))
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = [
        soffice,
        profile,
        "--headless",
        "--convert-to",
        "pdf",
        "--outdir",
        str(folder),
        str(folder / "table.docx"),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return (folder / "table.pdf").read_bytes()


# How a table is typed or pasted, and which file it is read from.
PASTED: dict[str, Callable[[Rows], str]] = {
    "our readers": from_our_readers,
    "a sheet": from_a_sheet,
    "a browser": from_a_browser,
    "markdown": as_markdown,
    "csv": as_csv,
}
FILES: dict[str, Callable[[Rows], str]] = {
    "html": html_file,
    "docx": docx_file,
    "xlsx": xlsx_file,
    "pdf": pdf_file,
}
