"""Real files built in memory: Word, Excel and PDF documents as offices make them."""

import io
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import docx
import openpyxl
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

SEEDS = Path(__file__).resolve().parents[2] / "seeds" / "documents"
ANSHAN = (SEEDS / "anshan-burden-relief-measures.txt").read_text(encoding="utf-8")
JINING = (SEEDS / "jining-resumption-opinions.txt").read_text(encoding="utf-8")
FONT = "STSong-Light"
pdfmetrics.registerFont(UnicodeCIDFont(FONT))

TABLE = (
    ("序号", "重点任务", "责任单位", "完成时限"),
    ("1", "加强电能计量服务", "市发展改革委、市财政局", "2022年6月底前"),
    ("2", "", "市工业和信息化局", "2022年12月底前"),
    ("3", "推广网上办电", "国网鞍山供电公司", "2022年9月底前"),
)


def paragraphs(text: str) -> list[str]:
    """The lines of a text that bear words."""
    return [line.strip() for line in text.split("\n") if line.strip()]


def saved(document: Any) -> bytes:
    """The bytes of a python-docx document or an openpyxl workbook."""
    found = io.BytesIO()
    document.save(found)
    return found.getvalue()


def plain_docx(text: str) -> bytes:
    """A document with one paragraph to the line."""
    document = docx.Document()
    for line in paragraphs(text):
        document.add_paragraph(line)
    return saved(document)


# Level -> (format, text): the list that Chinese offices use.
LEVELS = (
    ("chineseCounting", "%1、"),
    ("chineseCounting", "（%2）"),
    ("decimal", "%3."),
    ("decimalEnclosedCircleChinese", "%4"),
)


def with_numbering(document: Any, levels: Sequence[tuple[str, str]] = LEVELS, *, start: int = 1) -> int:
    """Add a multi-level list to a document's numbering part; return its number."""
    numbering = document.part.numbering_part.element
    key = 100 + len(numbering.findall(qn("w:abstractNum")))
    inner = "".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for n, (form, text) in enumerate(levels)
    )
    xml = f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{key}">{inner}</w:abstractNum>'
    numbering.insert(0, parse_xml(xml))
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="{key}"><w:abstractNumId w:val="{key}"/></w:num>'))
    return key


def numbered(document: Any, text: str, key: int, level: int) -> Any:
    """Add a paragraph that Word numbers."""
    paragraph = document.add_paragraph(text)
    xml = f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="{key}"/></w:numPr>'
    paragraph._p.get_or_add_pPr().append(parse_xml(xml))
    return paragraph


def numbered_docx(text: str) -> bytes:
    """A document whose 一、 and 1. are not written but numbered by Word."""
    document = docx.Document()
    key = with_numbering(document, (("chineseCounting", "%1、"), ("decimal", "%2.")))
    for line in paragraphs(text):
        section = re.match(r"[一二三四五六七八九十]+、", line)
        item = re.match(r"\d{1,2}\.", line)
        if section:
            numbered(document, line[section.end() :], key, 0)
        elif item:
            numbered(document, line[item.end() :], key, 1)
        else:
            document.add_paragraph(line)
    return saved(document)


def task_docx(title: str = "任务分工表") -> bytes:
    """A document with a task table in which one task reaches over two rows."""
    document = docx.Document()
    document.add_paragraph(title)
    table = document.add_table(rows=0, cols=4)
    for row in TABLE:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    table.cell(1, 1).merge(table.cell(2, 1))
    document.add_paragraph("表后的说明。")
    return saved(document)


def task_xlsx() -> bytes:
    """A workbook with a title over the whole width, a merged task, a second sheet and a hidden one."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "重点任务"
    sheet.append(["鞍山市减轻企业负担任务分工表"])
    sheet.merge_cells("A1:D1")
    for row in TABLE:
        sheet.append([int(row[0]) if row[0].isdigit() else row[0], *(cell or None for cell in row[1:])])
    sheet.merge_cells("B3:B4")
    other = book.create_sheet("其他任务")
    other.append(["任务", "牵头单位", "配合单位", "时限"])
    other.append(["清理拖欠账款", "市工业和信息化局", "市财政局\n市住建局", "2022年底前"])
    hidden = book.create_sheet("内部")
    hidden.append(["不得外传"])
    hidden.sheet_state = "hidden"
    return saved(book)


def pdf(text: str, *, header: str = "", size: int = 16, columns: int = 1, page_numbers: bool = True) -> bytes:
    """A PDF set as offices set it: indented paragraphs, lines broken where they are full, furniture on every page."""
    found = io.BytesIO()
    canvas = Canvas(found, pagesize=A4)
    pitch, top, bottom, left = size * 1.75, A4[1] - 100, 90, 75
    width = (A4[0] - 2 * left - (columns - 1) * 24) / columns
    places = [
        (left + column * (width + 24), top - row * pitch)
        for column in range(columns)
        for row in range(int((top - bottom) // pitch) + 1)
    ]
    lines = [line for paragraph in paragraphs(text) for line in wrapped("　　" + paragraph, width, size)]
    for number, at in enumerate(range(0, len(lines), len(places)), start=1):
        canvas.setFont(FONT, size)
        for (x, y), line in zip(places, lines[at:], strict=False):
            canvas.drawString(x, y, line)
        canvas.setFont(FONT, 10)
        canvas.drawCentredString(A4[0] / 2, A4[1] - 50, header)
        if page_numbers:
            canvas.drawCentredString(A4[0] / 2, 45, f"— {number} —")
        canvas.showPage()
    canvas.save()
    return found.getvalue()


def wrapped(paragraph: str, width: float, size: float) -> list[str]:
    """The lines of a paragraph, broken at any character as Chinese typesetting does."""
    lines, line = [], ""
    for char in paragraph:
        if pdfmetrics.stringWidth(line + char, FONT, size) > width:
            lines.append(line)
            line = ""
        line += char
    return [*lines, line]


def ruled_pdf() -> bytes:
    """A PDF with a ruled task table in which one cell reaches over two rows and words wrap inside cells."""
    found = io.BytesIO()
    canvas = Canvas(found, pagesize=A4)
    canvas.setFont(FONT, 12)
    canvas.drawString(75, 760, "任务分工表")
    xs, ys = (75, 115, 275, 415, 520), (740, 715, 670, 625, 580)
    for y in ys:
        canvas.line(xs[0], y, xs[-1], y) if y != 670 else (canvas.line(75, y, 115, y), canvas.line(275, y, 520, y))
    for x in xs:
        canvas.line(x, ys[0], x, ys[-1])
    for row, top in zip(TABLE, ys, strict=False):
        for text, x, right in zip(row, xs, xs[1:], strict=False):
            for n, line in enumerate(wrapped(text, right - x - 8, 12) if text else ()):
                canvas.drawString(x + 4, top - 16 - n * 15, line)
    canvas.save()
    return found.getvalue()


def merged_pdf(rows: Sequence[Sequence[str]], heights: Sequence[int]) -> bytes:
    """A PDF with a ruled table of uneven rows; a cell that is empty belongs to the one above it."""
    found = io.BytesIO()
    canvas = Canvas(found, pagesize=A4)
    canvas.setFont(FONT, 10)
    ys = [760 - sum(heights[:n]) for n in range(len(heights) + 1)]
    width = 450 // len(rows[0])
    for column in range(len(rows[0])):
        starts = [n for n, row in enumerate(rows) if row[column]]
        for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
            left, top, bottom = 60 + column * width, ys[start], ys[end]
            canvas.rect(left, bottom, width, top - bottom)
            canvas.drawString(left + 4, (top + bottom) / 2 - 4, rows[start][column])
    canvas.save()
    return found.getvalue()


def scanned_pdf(pages: int = 2) -> bytes:
    """A PDF of pictures without a text layer."""
    from PIL import Image
    from reportlab.lib.utils import ImageReader

    found = io.BytesIO()
    canvas = Canvas(found, pagesize=A4)
    picture = ImageReader(Image.new("L", (60, 80), 200))
    for _ in range(pages):
        canvas.drawImage(picture, 0, 0, *A4)
        canvas.showPage()
    canvas.save()
    return found.getvalue()


def encrypted_pdf() -> bytes:
    """A PDF that opens with a password only."""
    from reportlab.lib.pdfencrypt import StandardEncryption

    found = io.BytesIO()
    canvas = Canvas(found, encrypt=StandardEncryption("secret", "owner", strength=128))
    canvas.setFont(FONT, 12)
    canvas.drawString(75, 700, "加密的文件")
    canvas.save()
    return found.getvalue()


def page(text: str, *, table: str = "") -> str:
    """A saved government page: header, menus, metadata, the text, links, footer."""

    def menu(word: str, count: int) -> str:
        return "<ul>" + "".join(f'<li><a href="/{n}.html">{word}{n}</a></li>' for n in range(count)) + "</ul>"

    body = "".join(f'<p style="text-indent:2em">&nbsp;&nbsp;&nbsp;&nbsp;{line}</p>\n' for line in paragraphs(text))
    return (
        '<!DOCTYPE html><html><head><meta charset="utf-8"><meta name="ArticleTitle" content="关于印发若干措施的通知">'
        "<title>关于印发若干措施的通知_某市人民政府</title><script>var a='脚本内容';</script></head><body>"
        f'<div class="header">{menu("顶栏", 8)}<form><input></form>{menu("导航栏目", 12)}</div>'
        '<div class="position">当前位置：<a href="/">首页</a> &gt; <a href="/a">公开</a> &gt; <a>文件</a></div>'
        f'<div class="main"><div class="left">{menu("侧栏目录", 15)}</div><div class="article">'
        "<h1>关于印发若干措施的通知</h1>"
        "<div><span>发布时间：2022-05-11</span> <span>来源：市政府办</span> <span>浏览次数：<b>233</b></span></div>"
        f'<div class="TRS_Editor">{body}{table}</div><div style="display:none">看不见的字</div>'
        f'<div class="rel"><h3>相关解读</h3>{menu("某项政策的解读文章", 6)}</div></div></div>'
        "<div class='footer'><p>主办：某市人民政府办公室</p>"
        "<p>网站标识码：2103000001 辽ICP备05000001号</p></div></body></html>"
    )


def html_table() -> str:
    """The task table as a page prints it, the merged task with rowspan."""
    rows = ""
    for row in TABLE:
        cells = (
            f"<td{' rowspan=2' if n == 1 and row[0] == '1' else ''}><p>{text}</p></td>"
            for n, text in enumerate(row)
            if text
        )
        rows += f"<tr>{''.join(cells)}</tr>"
    return f"<table border=1><tbody>{rows}</tbody></table>"


def repacked(data: bytes, **parts: bytes) -> bytes:
    """An office file with some of its parts replaced (word__document.xml for word/document.xml)."""
    found = io.BytesIO()
    wanted = {name.replace("__", "/"): content for name, content in parts.items()}
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, wanted.get(name, old.read(name)))
    return found.getvalue()
