"""Lines of a PDF (版面): characters put together into lines, columns in reading order, furniture told from text."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

# A gap this wide (in character sizes) separates two columns or two words set apart.
_WIDE_GAP = 1.4
_WORD_GAP = 0.22
_MARGIN = 0.13  # of the page's height: where headers and footers stand
_ENTRY = re.compile(r"[（(]?\d{1,3}[）)]?")
_PAGE_NUMBER = re.compile(
    r"[-—–―·•.\s_]*(?:\d{1,4}|[ivxIVX]{1,6})[-—–―·•.\s_]*|第\s*[\d一二三四五六七八九十百]{1,4}\s*页.{0,12}|\d{1,4}\s*[/／]\s*\d{1,4}"
)


@dataclass(slots=True)
class PdfLine:
    """One printed line: its words and its place, the top of the page being 0."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float
    page: int = 0
    cell_row: bool = False  # a table row, already complete
    cells: tuple[str, ...] = ()  # of a table row: one for each column, written out with the rest of its table
    lefts: tuple[int, ...] = ()  # where those columns begin


def lines_of_chars(chars: Sequence[dict[str, Any]], page: int) -> list[PdfLine]:
    """The lines of a page or a cell, from top to bottom."""
    return read_page(chars, page, None)[0]


def read_page(chars: Sequence[dict[str, Any]], page: int, hint: float | None) -> tuple[list[PdfLine], float | None]:
    """The lines of one page, columns one after the other, and the gutter between two columns.

    `hint` is the gutter of the page before: a last page seldom has enough lines to show its own.
    """
    rows = _rows([char for char in chars if char.get("upright", True) and char["text"].strip()])
    pieces = [[_line(piece, page) for piece in _pieces(row)] for row in rows]
    gutter = _gutter(pieces)
    if gutter is None and hint is not None and _parts(pieces, hint):
        gutter = hint
    if gutter is None:
        contents = _is_contents(pieces)
        return [_joined(row, contents) for row in pieces], None
    return list(_by_column(pieces, gutter)), gutter


def _parts(rows: Sequence[Sequence[PdfLine]], gutter: float) -> bool:
    """Whether a gutter parts these lines too: nothing crosses it, and running text stands to its left."""
    everything = [piece for row in rows for piece in row]
    crossing = sum(piece.x0 < gutter < piece.x1 for piece in everything)
    lefts = [piece for piece in everything if piece.x1 <= gutter]
    return bool(lefts) and crossing <= 0.2 * len(rows) and max(p.x1 for p in lefts) > gutter - 4 * lefts[0].size


def _is_contents(rows: Sequence[Sequence[PdfLine]]) -> bool:
    """Whether a page is a table of contents: numbers set apart that end at one edge."""
    ends = Counter(round(row[-1].x1 / 6) for row in rows if len(row) > 1 and _ENTRY.fullmatch(row[-1].text))
    return bool(ends) and ends.most_common(1)[0][1] >= 3


def _rows(chars: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Characters that share a line, each row from left to right, without those printed twice to look bold."""
    chars.sort(key=lambda char: ((char["top"] + char["bottom"]) / 2, char["x0"]))
    rows: list[list[dict[str, Any]]] = []
    middle = 0.0
    for char in chars:
        centre = (char["top"] + char["bottom"]) / 2
        height = max(char["bottom"] - char["top"], 1.0)
        if rows and abs(centre - middle) < 0.45 * height:
            rows[-1].append(char)
        else:
            rows.append([char])
            middle = centre
    return [_once(sorted(row, key=lambda char: char["x0"])) for row in rows]


def _once(row: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kept: list[dict[str, Any]] = []
    for char in row:
        width = max(char["x1"] - char["x0"], 1.0)
        if any(char["text"] == other["text"] and abs(char["x0"] - other["x0"]) < 0.25 * width for other in kept[-3:]):
            continue
        kept.append(char)
    return kept


def _pieces(row: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """A row cut where the gap is so wide that what follows may be another column."""
    piece = [row[0]]
    for char in row[1:]:
        if char["x0"] - piece[-1]["x1"] > _WIDE_GAP * max(char["size"], piece[-1]["size"], 1.0):
            yield piece
            piece = []
        piece.append(char)
    yield piece


def _line(piece: list[dict[str, Any]], page: int) -> PdfLine:
    words = [piece[0]["text"]]
    for before, char in pairwise(piece):
        gap = char["x0"] - before["x1"]
        if gap > _WORD_GAP * max(char["size"], 1.0) and before["text"][-1].isascii() and char["text"][0].isascii():
            words.append(" ")
        words.append(char["text"])
    sizes = Counter(round(char["size"], 1) for char in piece)
    return PdfLine(
        "".join(words),
        piece[0]["x0"],
        max(char["x1"] for char in piece),
        min(char["top"] for char in piece),
        max(char["bottom"] for char in piece),
        sizes.most_common(1)[0][0],
        page,
    )


def _joined(pieces: Sequence[PdfLine], contents: bool = False) -> PdfLine:
    """The pieces of one row as a line, two full-width blanks for each gap; a TAB before a contents' page number."""
    if len(pieces) == 1:
        return pieces[0]
    text = "　　".join(piece.text for piece in pieces)
    if contents and _ENTRY.fullmatch(pieces[-1].text):
        text = "　　".join(piece.text for piece in pieces[:-1]) + "\t" + pieces[-1].text
    return PdfLine(
        text,
        pieces[0].x0,
        pieces[-1].x1,
        min(piece.top for piece in pieces),
        max(piece.bottom for piece in pieces),
        max(piece.size for piece in pieces),
        pieces[0].page,
    )


def _gutter(rows: Sequence[Sequence[PdfLine]]) -> float | None:
    """The middle of the blank strip between two columns of running text; None on a page of one column."""
    everything = [piece for row in rows for piece in row]
    if len(rows) < 8:
        return None
    left, right = min(p.x0 for p in everything), max(p.x1 for p in everything)
    size = Counter(p.size for p in everything).most_common(1)[0][0]
    places = [left + (right - left) * share / 200 for share in range(70, 131)]
    # A page number set between the columns crosses nothing.
    long = [piece for piece in everything if piece.x1 - piece.x0 > 6 * size]
    crossings = [sum(p.x0 < at < p.x1 for p in long) for at in places]
    fewest = min(crossings)
    if fewest > 0.2 * len(rows):
        return None
    # The middle of the blank strip: a line that is set a little wide must not seem to cross it.
    free = [at for at, count in zip(places, crossings, strict=True) if count == fewest]
    at = free[len(free) // 2]
    wide = 0.6 * (at - left)
    lefts = [p for p in everything if p.x1 <= at and p.x1 - p.x0 > wide]
    rights = [p for p in everything if p.x0 >= at and p.x1 - p.x0 > 0.6 * (right - at)]
    if len(lefts) < max(4, 0.3 * len(rows)) or len(rights) < 3:
        return None
    # Both halves must be full of running text: a table without rules or a signature block has short pieces.
    # A second column may be short where the text ends, but then it begins at the top.
    full = len(rights) >= max(4, 0.3 * len(rows))
    begun = fewest == 0 and len(lefts) > 0.6 * len(rows) and rights[0].top < lefts[1].top
    apart = min(p.x0 for p in rights) - max(p.x1 for p in lefts) > 0.5 * size
    return at if apart and (full or begun) else None


def _by_column(rows: Sequence[Sequence[PdfLine]], gutter: float) -> Iterator[PdfLine]:
    left: list[PdfLine] = []
    right: list[PdfLine] = []
    for row in rows:
        if any(piece.x0 < gutter < piece.x1 for piece in row):
            yield from [*left, *right]
            left, right = [], []
            yield _joined(row)
            continue
        for side, pieces in ((left, [p for p in row if p.x1 <= gutter]), (right, [p for p in row if p.x0 >= gutter])):
            if pieces:
                side.append(_joined(pieces))
    yield from [*left, *right]


def without_furniture(pages: Sequence[Sequence[PdfLine]], heights: Sequence[float]) -> list[list[PdfLine]]:
    """The pages without page numbers, and without headers and footers that come again on other pages."""
    seen: dict[str, set[int]] = defaultdict(set)
    for number, lines in enumerate(pages):
        for line in _outer(lines, heights[number]):
            seen[_shape(line)].add(number)
    often = max(2, round(0.3 * len(pages)))
    repeated = {shape for shape, where in seen.items() if len(where) >= often}
    kept = []
    for number, lines in enumerate(pages):
        outer = {id(line) for line in _outer(lines, heights[number])}
        kept.append(
            [
                x
                for x in lines
                if id(x) not in outer or not (_shape(x) in repeated or _PAGE_NUMBER.fullmatch(x.text.strip()))
            ]
        )
    return kept


def _outer(lines: Sequence[PdfLine], height: float) -> Iterable[PdfLine]:
    """The lines that stand where headers and footers do: the outermost two at either end, in the margin, set apart."""
    ordered = sorted((line for line in lines if not line.cell_row), key=lambda line: line.top)
    if len(ordered) < 2:
        return [line for line in ordered if _PAGE_NUMBER.fullmatch(line.text.strip())]
    size = Counter(line.size for line in ordered).most_common(1)[0][0]
    gaps = [round(below.top - above.top) for above, below in pairwise(ordered) if below.top - above.top > 2]
    pitch = Counter(gaps).most_common(1)[0][0] if gaps else 1.5 * size
    found: list[PdfLine] = []
    for outermost in (ordered, ordered[::-1]):
        for at in (1, 0):
            line, inner = outermost[at], outermost[min(at + 1, len(outermost) - 1)]
            margin = line.bottom < _MARGIN * height or line.top > (1 - _MARGIN) * height
            # A body line that happens to be printed again at the same height of another page must not be lost.
            apart = abs(line.top - inner.top) > 1.25 * pitch or abs(line.size - size) > 0.1 * size
            apart = apart or _PAGE_NUMBER.fullmatch(line.text) is not None
            if margin and (apart or (at == 0 and inner in found)) and line not in found:
                found.append(line)
    return found


def _shape(line: PdfLine) -> str:
    """A line with its numbers left out and its height rounded, so that 「第3页」 and 「第4页」 are one."""
    words = re.sub(r"[0-9]+|\s+", "", line.text)
    return f"{words}@{round(line.top / 12)}"
