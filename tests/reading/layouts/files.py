"""Layouts that are files, each read back as an upload is: Word, PDFs of two makers, saved pages."""

import html
import io
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import docx
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Table

from tests.kit.builders import FONT, saved
from tests.reading.layouts.blocks import Block, TableBlock

SOFFICE = shutil.which("soffice")
_BODY = ParagraphStyle("body", fontName=FONT, fontSize=14, leading=24, wordWrap="CJK", firstLineIndent=28)
_TITLE = ParagraphStyle("title", parent=_BODY, fontSize=18, leading=30, alignment=1, firstLineIndent=0)
_CELL = ParagraphStyle("cell", parent=_BODY, fontSize=9, leading=13, firstLineIndent=0)
_TITLE_LIMIT = 60


def _is_title(n: int, paragraph: str) -> bool:
    return n == 0 and len(paragraph) < _TITLE_LIMIT and paragraph[-1] not in "。：:"


def as_docx(blocks: Sequence[Block]) -> bytes:
    """A Word file: a paragraph for each, indented, a table with its merged cells."""
    document = docx.Document()
    for n, block in enumerate(blocks):
        if isinstance(block, TableBlock):
            table = document.add_table(len(block.rows), block.columns)
            table.style = "Table Grid"
            for y, row in enumerate(block.rows):
                first = block.merged(row)
                for x, cell in enumerate(row):
                    table.cell(y, first + x).text = cell
                for x in range(first):
                    table.cell(y - 1, x).merge(table.cell(y, x))
        elif _is_title(n, block):
            document.add_heading(block, 0)
        else:
            document.add_paragraph("\u3000\u3000" + block)
    return saved(document)


def as_pdf(blocks: Sequence[Block]) -> bytes:
    """A PDF set by reportlab, with the page's number at its foot."""
    flow: list[Flowable] = []
    for n, block in enumerate(blocks):
        if isinstance(block, TableBlock):
            flow.append(_ruled(block))
        else:
            flow.append(Paragraph(html.escape(block), _TITLE if _is_title(n, block) else _BODY))
    found = io.BytesIO()
    SimpleDocTemplate(found, pagesize=A4).build(flow, onFirstPage=_foot, onLaterPages=_foot)
    return found.getvalue()


def _foot(canvas: Canvas, document: SimpleDocTemplate) -> None:
    canvas.setFont(FONT, 10)
    canvas.drawCentredString(A4[0] / 2, 36, f"— {document.page} —")


def _ruled(block: TableBlock) -> Table:
    cells, style = [], [("GRID", (0, 0), (-1, -1), 0.5, "black"), ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]
    starts = [0] * block.columns
    for y, row in enumerate(block.rows):
        first = block.merged(row)
        cells.append([*[""] * first, *(Paragraph(html.escape(cell), _CELL) for cell in row)])
        for x in range(block.columns):
            if x >= first:
                starts[x] = y
            if y > starts[x] and (y + 1 == len(block.rows) or block.merged(block.rows[y + 1]) <= x):
                style.append(("SPAN", (x, starts[x]), (x, y)))
    longest = [max(len(row[x]) for row in cells_of(block)) for x in range(block.columns)]
    shares = [min(max(n, 3), 60) for n in longest]
    widths = [460 * share / sum(shares) for share in shares]
    return Table(cells, colWidths=[max(width, 24) for width in widths], style=style, repeatRows=1, splitInRow=1)


def cells_of(block: TableBlock) -> list[tuple[str, ...]]:
    """The rows of a table, the merged cells left empty."""
    return [("",) * (block.columns - len(row)) + row for row in block.rows]


def by_libreoffice(documents: Sequence[bytes]) -> list[bytes]:
    """The PDFs that LibreOffice makes of Word files, all in one run of it."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        files = [folder / f"{n}.docx" for n in range(len(documents))]
        for file, data in zip(files, documents, strict=True):
            file.write_bytes(data)
        subprocess.run(
            [
                str(SOFFICE),
                f"-env:UserInstallation=file://{folder}/profile",
                "--headless",
                "--convert-to",
                "pdf",
                "--outdir",
                str(folder),
                *map(str, files),
            ],
            check=True,
            capture_output=True,
            timeout=600,
        )
        return [file.with_suffix(".pdf").read_bytes() for file in files]


def _menu(word: str, count: int) -> str:
    return "<ul>" + "".join(f'<li><a href="/{n}.html">{word}{n}</a></li>' for n in range(count)) + "</ul>"


FOOTER = (
    '<div class="bottom"><p>主办单位：云岭县人民政府办公室 网站标识码：5309000001</p>'
    "<p>联系电话：0800-5550100</p></div>"
)
HIDDEN = ' style="visibility: hidden"'


def as_page(body: str, *, hidden: str = "", footer: str = "") -> bytes:
    """A text in a government page's chrome: menus, the way to it, its data, related pages."""
    return (
        '<!DOCTYPE html><html lang="zh"><head><meta charset="utf-8"><title>政策文件_云岭县人民政府门户网站</title>'
        f"<script>var menu = '脚本';</script></head><body{hidden}>"
        f'<div class="top">{_menu("网站支持第", 4)}{_menu("政务公开栏目", 10)}</div>'
        '<div class="place">当前位置：<a href="/">首页</a> &gt; <a href="/zwgk">政务公开</a> &gt; <a>政策文件</a></div>'
        '<div class="content"><div class="info"><span>发布时间：2026-03-02 10:15</span><span>来源：本网</span>'
        f'<span>字号：[ <a>大</a> <a>中</a> <a>小</a> ]</span></div><div class="TRS_Editor">{body}</div>'
        f'<div class="related">{_menu("相关政策解读", 5)}</div></div>{footer}</body></html>'
    ).encode()


def _grid(block: TableBlock) -> str:
    rows = ""
    for y, row in enumerate(block.rows):
        cells = ""
        for x, cell in enumerate(row, block.merged(row)):
            below = 1
            while y + below < len(block.rows) and block.merged(block.rows[y + below]) > x:
                below += 1
            span = f' rowspan="{below}"' if below > 1 else ""
            cells += f"<td{span}>{html.escape(cell)}</td>"
        rows += f"<tr>{cells}</tr>"
    return f'<table border="1">{rows}</table>'


def in_elements(before: str, behind: str) -> Callable[[Sequence[Block]], str]:
    """The paragraphs between these two tags; tables as tables."""

    def body(blocks: Sequence[Block]) -> str:
        return "".join(
            _grid(block) if isinstance(block, TableBlock) else f"{before}{html.escape(block)}{behind}"
            for block in blocks
        )

    return body


_P = in_elements('<p style="text-indent: 2em">', "</p>\n")
_BR = in_elements("&nbsp;&nbsp;&nbsp;&nbsp;", "<br>")
_SPAN = in_elements("<p><span>\u3000\u3000</span><span>", "</span></p>")
FILE_LAYOUTS: dict[str, tuple[Callable[[Sequence[Block]], bytes], str]] = {
    "docx": (as_docx, "docx"),
    "pdf by reportlab": (as_pdf, "pdf"),
    "page of p, hidden": (lambda blocks: as_page(_P(blocks), hidden=HIDDEN), "html"),
    "page of p, footer": (lambda blocks: as_page(_P(blocks), footer=FOOTER), "html"),
    "page of br, footer": (lambda blocks: as_page(_BR(blocks), footer=FOOTER), "html"),
    "page of span, both": (lambda blocks: as_page(_SPAN(blocks), hidden=HIDDEN, footer=FOOTER), "html"),
}
LIBREOFFICE = "pdf by libreoffice"
