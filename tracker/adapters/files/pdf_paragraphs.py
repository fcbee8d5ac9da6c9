"""Paragraphs of a PDF (段落): printed lines put together again, across pages, so that no word stays broken."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from tracker.adapters.files.pdf_lines import PdfLine

_STOPS = "。；：！？）)”…;:"
_NUMBER = re.compile(
    r"第[〇零一二三四五六七八九十百\d]{1,6}[编章节条]|[〇零一二三四五六七八九十]{1,4}[、.．]|[（(]\s*[〇零一二三四五六七八九十\d]{1,4}\s*[）)]"
    r"|\d{1,3}\s*[.、．](?!\d)|[①-⑳⑴-⒛]"
)
_RAGGED = 5.0  # characters that an unjustified line may fall short by
_LATIN = re.compile(r"[A-Za-z]$")


def paragraphs_of(pages: Sequence[Sequence[PdfLine]]) -> list[str]:
    """The paragraphs of all pages; a table row stays a line of its own."""
    lines = [line for page in pages for line in page]
    margins = _Margins(lines)
    found: list[str] = []
    before: PdfLine | None = None
    for line in lines:
        if before is None or line.cell_row or before.cell_row or margins.begins(line, before):
            found.append(_indented(line, margins))
        else:
            found[-1] = _glued(found[-1], line.text)
        before = line
    return found


def _indented(line: PdfLine, margins: "_Margins") -> str:
    return "　　" + line.text if not line.cell_row and margins.is_indented(line) else line.text


def _glued(text: str, more: str) -> str:
    """Two halves of a paragraph; only words of Latin letters need a blank between them."""
    if _LATIN.search(text) and more[:1].isascii() and more[:1].isalpha():
        return f"{text} {more}"
    return text + more


class _Margins:
    """Where running text begins and ends: per column, as seen from the lines themselves."""

    def __init__(self, lines: Iterable[PdfLine]) -> None:
        plain = [line for line in lines if not line.cell_row]
        self.size = _commonest((line.size for line in plain), 0.5) or 10.0
        body = [line for line in plain if abs(line.size - self.size) < 0.12 * self.size]
        self.edges = _edges(body, self.size)
        # Where paragraphs are indented, a line that ends a little early need not end one.
        self.indents = sum(self.is_indented(line) for line in body) > 0.05 * len(body)
        gaps = [b.top - a.top for a, b in pairwise(body) if a.page == b.page and b.top > a.top]
        self.pitch = _commonest(gaps, 1.0) or 1.6 * self.size

    def _edge(self, line: PdfLine) -> tuple[float, float]:
        """Left and right edge of the column a line stands in: the nearest left edge not right of it."""
        fitting = [
            edge for edge in self.edges if edge[0] <= line.x0 + 0.5 * self.size and line.x1 <= edge[1] + 2 * self.size
        ]
        return max(fitting, key=lambda edge: edge[0], default=(line.x0, line.x1))

    def is_indented(self, line: PdfLine) -> bool:
        """Whether a line stands two characters in, as a paragraph's first does."""
        return 1.2 * line.size < line.x0 - self._edge(line)[0] < 2.9 * line.size

    def begins(self, line: PdfLine, before: PdfLine) -> bool:
        """Whether a line begins a paragraph rather than going on with the one before."""
        if abs(line.size - before.size) > 0.12 * max(line.size, before.size):
            return True
        left, _ = self._edge(line)
        _, right = self._edge(before)
        if line.x0 - left > 1.2 * line.size:
            return True
        missing = (right - before.x1) / before.size
        if missing > (_RAGGED if self.indents and before.text.rstrip()[-1:] not in _STOPS else 1.6):
            return True
        gap = line.top - before.top
        if line.page == before.page and gap > 1.5 * self.pitch:
            return True
        return before.text.rstrip()[-1:] in _STOPS and _NUMBER.match(line.text) is not None


def _commonest(values: Iterable[float], step: float) -> float:
    counted = Counter(round(value / step) for value in values)
    return counted.most_common(1)[0][0] * step if counted else 0.0


def _edges(body: Sequence[PdfLine], size: float) -> list[tuple[float, float]]:
    """The columns of running text as (left, right): starts that many lines share, with the ends of those lines."""
    lefts = Counter(round(line.x0 / 4) for line in body)
    found: list[tuple[float, float]] = []
    for step, count in sorted(lefts.items()):
        near = count + lefts[step - 1] + lefts[step + 1]
        if near < max(3, 0.08 * len(body)):
            continue
        x0 = step * 4.0
        if found and (x0 - found[-1][0] < 3.2 * size):
            continue  # the same column's indented lines
        ends = sorted(line.x1 for line in body if x0 - size < line.x0 < x0 + 3 * size)
        found.append((x0, ends[min(int(0.9 * len(ends)), len(ends) - 1)]))
    return found
