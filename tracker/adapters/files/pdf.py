"""PDF files with a text layer: reading order, tables, paragraphs; headers, footers and page numbers left out.

pdfplumber gives every character its place and finds ruled tables. Scans have no text to give: they are refused.
"""

import io
import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Any

from tracker.adapters.files.grid import lines_of_rows
from tracker.adapters.files.pdf_lines import PdfLine, lines_of_chars, read_page, without_furniture
from tracker.adapters.files.pdf_paragraphs import paragraphs_of
from tracker.adapters.files.readers import ReadError

MAX_PAGES = 800
_Box = tuple[float, float, float, float]
_SCANNED = "这份 PDF 是扫描件，没有文字层，读不出文字。请上传 Word 版，或先做文字识别（OCR）后粘贴正文。"
_UNKNOWN_FONT = "这份 PDF 的字体没有文字编码，读出来是乱码。请上传 Word 版，或打开后复制正文粘贴。"
_BROKEN = "PDF 文件已损坏，无法打开。请重新下载或另存一份后上传，或直接粘贴正文。"
_CID = re.compile(r"\(cid:\d+\)")
# Browsers and some printers write the radical in place of the character that looks the same (⼯ for 工).
_RADICALS = str.maketrans(
    "⺀⺁⺄⺅⺆⺇⺈⺉⺋⺌⺎⺏⺐⺒⺓⺔⺕⺖⺗⺘⺙⺛⺜⺝⺟⺠⺡⺢⺣⺤⺥⺨⺩⺪⺫⺬⺭⺮⺯⺰⺱⺲⺳⺶⺷⺹⺺⺼⺽⺾⺿⻀⻁⻃⻄⻅⻆⻇⻈⻉⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻕⻖⻗⻘⻙⻚⻛⻜⻝⻟⻠⻢⻣⻤⻥⻦⻧⻨⻩⻪⻬⻮⻯⻰⻲⻳⼾⼽⼫",
    "冫厂乙亻冂几刀刂卜小兀尢尣已幺彑彐忄心扌攵旡日月母民氵水灬爪爫犭王疋罒示礻竹糸纟网罒罓羊羊耂肀月臼艹艹艹虎覀西见角角讠贝车辶辶辶阝钅长长长门阜阝雨青韦页风飞食饣饣马骨鬼鱼鸟卤麦黄黾齐齿竜龙龟龟户戈尸",
)


def text_of(data: bytes) -> str:
    """The text of a PDF, a paragraph or a table row to the line."""
    import logging

    import pdfplumber
    from pdfminer.pdfdocument import PDFPasswordIncorrect
    from pdfminer.pdfexceptions import PDFException
    from pdfminer.psexceptions import PSException
    from pdfplumber.utils.exceptions import PdfminerException

    logging.getLogger("pdfminer").setLevel(logging.ERROR)
    try:
        with pdfplumber.open(io.BytesIO(data)) as document:
            if len(document.pages) > MAX_PAGES:
                raise ReadError(f"PDF 超过 {MAX_PAGES} 页。请只保留需要的部分后上传，或直接粘贴正文。")
            pages, heights = _pages(document)
    except (PdfminerException, PDFException, PSException) as error:
        causes = (error, error.__cause__, error.__context__, *error.args)
        if any(isinstance(cause, PDFPasswordIncorrect) for cause in causes):
            raise ReadError("PDF 已加密，需要密码才能打开。请取消密码后重新上传，或直接粘贴正文。") from error
        raise ReadError(_BROKEN) from error
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, AssertionError, OverflowError) as error:
        if isinstance(error, ReadError):
            raise
        raise ReadError(_BROKEN) from error
    return _text(pages, heights)


def _text(pages: list[list[PdfLine]], heights: list[float]) -> str:
    text = "\n".join(paragraphs_of(_written(without_furniture(pages, heights))))
    broken = len(_CID.findall(text)) + sum("\ue000" <= char <= "\uf8ff" or char == "\ufffd" for char in text)
    bare = re.sub(r"\s|\(cid:\d+\)|［第\d+页没有文字[^］]*］", "", text)
    if broken * 4 > len(bare):
        raise ReadError(_UNKNOWN_FONT)
    if len(bare) < 10 * len(pages) and "［第" in text and len(bare) < 200:
        raise ReadError(_SCANNED)
    return text


def _pages(document: Any) -> tuple[list[list[PdfLine]], list[float]]:
    pages: list[list[PdfLine]] = []
    heights: list[float] = []
    gutter: float | None = None
    edges: tuple[int, ...] = ()
    for number, page in enumerate(document.pages, start=1):
        lines, gutter = _page(page, number, gutter, edges)
        edges = next((line.lefts for line in reversed(lines) if line.lefts), ())
        if not lines and any(_covers(image, page) for image in page.images):
            # A scanned page among others must not vanish in silence.
            note = unread_page(number)
            lines = [PdfLine(note, 0, 0, page.height / 2, page.height / 2, 0, number, cell_row=True)]
        pages.append(lines)
        heights.append(float(page.height))
        page.close()
    return pages, heights


def unread_page(number: int) -> str:
    """The line that stands for a page of pictures."""
    return f"［第{number}页没有文字，可能是扫描图片，请对照原件补录］"


def _covers(image: dict[str, Any], page: Any) -> bool:
    area = (image["x1"] - image["x0"]) * (image["bottom"] - image["top"])
    return bool(area > 0.3 * float(page.width) * float(page.height))


def _page(page: Any, number: int, gutter: float | None, edges: tuple[int, ...]) -> tuple[list[PdfLine], float | None]:
    """The lines of a page; `edges` are where the columns of the page before's last table begin."""
    chars = [char | {"text": char["text"].translate(_RADICALS)} for char in page.chars]
    chars = [char | {"text": _modern(char["text"])} for char in chars]
    tables = _tables(page, edges)
    free = [char for char in chars if not any(_inside(char, table.bbox) for table in tables)]
    lines, gutter = read_page(free, number, gutter)
    for table in tables:
        inside = [char for char in chars if _inside(char, table.bbox)]
        rows = _table_rows(table, inside, number)
        at = next((n for n, line in enumerate(lines) if line.top > table.bbox[1]), len(lines))
        lines[at:at] = rows
    return lines, gutter


def _modern(text: str) -> str:
    """A Kangxi radical as the ordinary character; ligatures as their letters; anything else as it is."""
    if "\u2f00" <= text <= "\u2fdf" or "\ufb00" <= text <= "\ufb06" or "\uf900" <= text <= "\ufaff":
        import unicodedata

        return unicodedata.normalize("NFKC", text)
    return text


def _tables(page: Any, edges: tuple[int, ...]) -> list[Any]:
    """The ruled tables of a page: two columns and two rows at least, or the last row of the page before's table."""
    if len(page.rects) + len(page.lines) + len(page.curves) < 4 or len(page.edges) > 20_000:
        return []
    found = page.find_tables({"explicit_horizontal_lines": _closing_lines(page)})
    return [
        table
        for table in found
        if max(len(row.cells) for row in table.rows) > 1
        and (len(table.rows) > 1 or _same_columns(_lefts(table), edges))
    ]


def _closing_lines(page: Any) -> list[dict[str, Any]]:
    """Lines that close a table at a page's end or beginning, where a row goes on and none is drawn.

    There the lines between the columns all end at one height, and no other line stands beyond it.
    """
    upright = [edge for edge in page.edges if edge["orientation"] == "v"]
    level = [edge["top"] for edge in page.edges if edge["orientation"] == "h"]
    found = []
    for side, outermost in (("bottom", max), ("top", min)):
        at = outermost((edge[side] for edge in upright), default=None)
        ending = [edge["x0"] for edge in upright if at is not None and abs(edge[side] - at) < 2]
        if at is None or len({round(x) for x in ending}) < 3 or any(abs(top - at) < 3 for top in level):
            continue
        line = {"object_type": "line", "x0": min(ending), "x1": max(ending), "top": at, "bottom": at}
        found.append(line | {"width": line["x1"] - line["x0"], "height": 0, "doctop": at, "orientation": "h"})
    return found


def _lefts(table: Any) -> tuple[int, ...]:
    """Where the columns of a table begin."""
    return tuple(round(left) for left in sorted({round(cell[0], 1) for cell in table.cells}))


def _inside(char: dict[str, Any], box: Sequence[float]) -> bool:
    x, y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
    return bool(box[0] <= x <= box[2] and box[1] <= y <= box[3])


def _table_rows(table: Any, chars: list[dict[str, Any]], number: int) -> list[PdfLine]:
    """The rows of a table as lines; a cell that reaches over several rows is repeated in each."""
    boxes = [tuple(cell) for cell in table.cells]
    words = _words_of_cells(boxes, chars, number)
    lefts = sorted({round(box[0], 1) for box in boxes})
    columns = [[box for box in boxes if box[0] - 1 <= left < box[2] - 1] for left in lefts]
    tops = sorted(row.bbox[1] for row in table.rows)
    grid = []
    for row in table.rows:
        # The box around a row reaches down with a cell merged over several; the row itself ends where the first of
        # its own cells does, or where the next row begins.
        below = bisect_right(tops, row.bbox[1])
        ends = [cell[3] for cell in row.cells if cell] + tops[below : below + 1]
        middle = (row.bbox[1] + min(ends)) / 2
        line = []
        for left, column in zip(lefts, columns, strict=True):
            over = next((box for box in column if box[1] <= middle <= box[3]), None)
            line.append(words[over] if over is not None and abs(over[0] - left) < 1 else "")
        grid.append(line)
    top = float(table.bbox[1])
    edges = _lefts(table)
    return [
        PdfLine("", table.bbox[0], table.bbox[2], top, top, 0, number, cell_row=True, cells=tuple(line), lefts=edges)
        for line in grid
    ]


def _words_of_cells(boxes: Sequence[_Box], chars: list[dict[str, Any]], number: int) -> dict[_Box, str]:
    """The words in each cell; every character is put into the first cell that its middle stands in."""
    by_top = sorted(boxes, key=lambda box: box[1])
    tops = [box[1] for box in by_top]
    tallest = max((box[3] - box[1] for box in boxes), default=0.0)
    inside: dict[_Box, list[dict[str, Any]]] = {box: [] for box in boxes}
    for char in chars:
        middle = (char["top"] + char["bottom"]) / 2
        for box in by_top[bisect_left(tops, middle - tallest) : bisect_right(tops, middle)]:
            if _inside(char, box):
                inside[box].append(char)
    return {box: "".join(_cell_words(lines_of_chars(found, number))) for box, found in inside.items()}


def _written(pages: Sequence[Sequence[PdfLine]]) -> list[list[PdfLine]]:
    """The pages with the rows of their tables written out; a table that goes on over pages is one."""
    flat = [line for page in pages for line in page]
    found: dict[int, list[PdfLine]] = {}
    at = 0
    while at < len(flat):
        end = at + 1
        while flat[at].lefts and end < len(flat) and _same_columns(flat[at].lefts, flat[end].lefts):
            end += 1
        if flat[at].lefts:
            texts = lines_of_rows(_without_header([line.cells for line in flat[at:end]]))
            page, x0, x1, top = flat[at].page, flat[at].x0, flat[at].x1, flat[at].top
            rows = [PdfLine(text, x0, x1, top, top, 0, page, cell_row=True) for text in texts]
            found.setdefault(page, []).extend(rows)
        else:
            found.setdefault(flat[at].page, []).append(flat[at])
        at = end
    return [found[page] for page in sorted(found)]


def _without_header(rows: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The rows of a table without its header, where a later page prints it in one box with the first row there."""
    header = rows[0]
    found = [header]
    for row in rows[1:]:
        both = [(cell, head) for cell, head in zip(row, header, strict=True) if head and cell and cell.startswith(head)]
        inside = len(both) > 2 and all(cell.startswith(head) for cell, head in zip(row, header, strict=True))
        if inside and any(cell != head for cell, head in both):
            row = tuple(cell[len(head) :] for cell, head in zip(row, header, strict=True))
        found.append(row)
    return found


def _same_columns(one: Sequence[int], other: Sequence[int]) -> bool:
    return len(one) == len(other) and all(abs(a - b) <= 2 for a, b in zip(one, other, strict=True))


def _cell_words(lines: list[PdfLine]) -> list[str]:
    words: list[str] = []
    for line in lines:
        gap = " " if words and words[-1][-1:].isascii() and words[-1][-1:].isalpha() and line.text[:1].isascii() else ""
        words.append(gap + line.text)
    return words
