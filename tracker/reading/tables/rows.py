"""Rows (行) of task tables as values, and the cells of a printed line: parted by TAB, by bars, or by commas.

A row that is copied from a page comes short where a cell reaches down from the row above; its cells are then laid
under the columns that their content suits.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations
from math import comb

from tracker.reading.plan import Span
from tracker.reading.tables.columns import Column, fit
from tracker.reading.text.lazy import lazy

# A cell copied from a spreadsheet stands in quotation marks where it holds line breaks.
_CELL = lazy(r'"(?:[^"\t]|""){0,5000}"(?=[\t\n]|\Z)|[^\t\n]*')
_COMMA_CELL = lazy(r'"(?:[^"]|""){0,5000}"(?=\s*(?:，|\n|\Z))|[^，\n]*')
_WAYS = 300  # ways of laying a row's cells under the columns that are tried
_INSIDE = 1.5  # what a gap between two cells costs, against one before or behind all of them
_CLEAR = 1.0  # how much better the best way must be


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell with content: its column's kind, its place, and the header it stands under."""

    column: Column
    span: Span
    header: str
    at: int = 0  # its column's place, from the left
    rest: tuple[Span, ...] = ()  # where it goes on behind a page's end

    @property
    def spans(self) -> tuple[Span, ...]:
        """All its pieces, in order."""
        return (self.span, *self.rest)


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One row of a task table; cells without content are left out."""

    span: Span
    cells: tuple[Cell, ...]
    heading: Span | None = None  # the line above that parts the table into sections
    doubt: str = ""  # why it is not sure which cell stands under which header

    def of(self, column: Column) -> list[Cell]:
        """The cells of one kind, from left to right."""
        return [cell for cell in self.cells if cell.column is column]


@dataclass(slots=True)
class Table:
    """A task table: its header lines, the headings inside it, and its rows."""

    headers: list[Span]
    rows: list[TaskRow] = field(default_factory=list)
    headings: list[Span] = field(default_factory=list)
    notes: list[Span] = field(default_factory=list)  # 注, 合计: rows that are neither tasks nor headings
    doubt: str = ""  # why the whole of it is asked about

    @property
    def start(self) -> int:
        """Where the table begins."""
        return self.headers[0].start

    def spans(self) -> list[Span]:
        """Everything that belongs to the table, in order."""
        found = [*self.headers, *self.headings, *self.notes, *(row.span for row in self.rows)]
        return sorted(found, key=lambda span: span.start)


Split = Callable[[str, int], tuple[list[Span], int]]


def line_end(flat: str, at: int) -> int:
    """Where the line ends that this offset stands in."""
    end = flat.find("\n", at)
    return len(flat) if end < 0 else end


def trimmed(flat: str, start: int, end: int) -> Span:
    """A cell without the quotation marks or blanks around it."""
    if end - start > 1 and flat[start] == '"' == flat[end - 1]:
        start, end = start + 1, end - 1
    while start < end and flat[start].isspace():
        start += 1
    while end > start and flat[end - 1].isspace():
        end -= 1
    return Span(start, end)


def tab_cells(flat: str, at: int) -> tuple[list[Span], int]:
    """The cells of the TAB-parted row that begins here, and where it ends."""
    return _parted(flat, at, "\t", _CELL)


def comma_cells(flat: str, at: int) -> tuple[list[Span], int]:
    """The cells of the comma-parted row that begins here, and where it ends."""
    return _parted(flat, at, "，", _COMMA_CELL)


def _parted(flat: str, at: int, mark: str, pattern: re.Pattern[str]) -> tuple[list[Span], int]:
    cells: list[Span] = []
    while True:
        match = pattern.match(flat, at)
        start, end = match.span() if match else (at, at)
        cells.append(trimmed(flat, start, end))
        at = end
        while mark == "，" and at < len(flat) and flat[at] in " \r":
            at += 1
        if at >= len(flat) or flat[at] != mark:
            return cells, at
        at += 1


def bar_cells(flat: str, at: int) -> tuple[list[Span], int]:
    """The cells of the bar-parted row (| a | b |) that begins here; one that no bar closes goes on in the next line."""
    end = line_end(flat, at)
    opened = flat[at:end].lstrip().startswith("|")
    for _ in range(20):
        if not opened or flat[at:end].rstrip().endswith("|") or end >= len(flat):
            break
        following = line_end(flat, end + 1)
        if not flat[end + 1 : following].strip() or flat[end + 1 : following].lstrip().startswith("|"):
            break
        end = following
    first, last = at, end
    while first < last and flat[first].isspace():
        first += 1
    while last > first and flat[last - 1].isspace():
        last -= 1
    if first < last and flat[first] == "|":
        first += 1
    if last > first and flat[last - 1] == "|":
        last -= 1
    cells: list[Span] = []
    start = first
    while True:
        bar = flat.find("|", start, last)
        cells.append(trimmed(flat, start, last if bar < 0 else bar))
        if bar < 0:
            return cells, end
        start = bar + 1


def places(flat: str, kinds: Sequence[Column], cells: Sequence[Span]) -> tuple[list[int], str]:
    """The column of each cell of a row, and what is doubtful about it, if anything.

    A row of all its cells, or of more, is taken as it stands. Of a short one every way of laying its cells under the
    columns is weighed: bodies belong under bodies, limits under limits.
    """
    straight = list(range(len(cells)))
    if len(cells) >= len(kinds):
        extra = any(cell.end > cell.start for cell in cells[len(kinds) :])
        return straight, "这一行的格子比表头多" if extra and kinds else ""
    if comb(len(kinds), len(cells)) > _WAYS:
        return straight, "这一行缺了格子，对不上表头"
    words = [flat[cell.start : cell.end] for cell in cells]
    suits = tuple(tuple(fit(word, kind) for kind in kinds) for word in words)
    # Our own readers leave out what is empty at the end of a row: one that has its number and fits stands straight.
    if kinds[0] is Column.NUMBER and suits[0][0] > 0 and all(suit[n] >= -1 for n, suit in enumerate(suits)):
        return straight, ""
    way, doubt = _best(tuple(kinds), suits, tuple(bool(word) for word in words))
    return list(way), doubt


@lru_cache(maxsize=2048)
def _best(
    kinds: tuple[Column, ...], suits: tuple[tuple[int, ...], ...], filled: tuple[bool, ...]
) -> tuple[tuple[int, ...], str]:
    ways = sorted(
        ((_worth(way, suits), way) for way in combinations(range(len(kinds)), len(suits))),
        key=lambda pair: (-pair[0], pair[1]),
    )
    best, way = ways[0]
    other = next((worth for worth, one in ways[1:] if _differ(one, way, kinds, filled)), None)
    if other is not None and best - other < _CLEAR:
        return way, "这一行缺了格子，牵头、配合可能对错了栏"
    if any(suits[n][at] < -1 for n, at in enumerate(way)):
        return way, "这一行缺了格子，内容对不上表头"
    return way, ""


def _worth(way: Sequence[int], suits: Sequence[Sequence[int]]) -> float:
    inside = (way[-1] - way[0] + 1 - len(way)) if way else 0
    return sum(suits[n][at] for n, at in enumerate(way)) - _INSIDE * inside


def _differ(one: Sequence[int], way: Sequence[int], kinds: Sequence[Column], filled: Sequence[bool]) -> bool:
    """Whether two ways read a body or a limit otherwise."""
    telling = (Column.WHO, Column.TIME)
    return any(
        a != b and filled[n] and (kinds[a] in telling or kinds[b] in telling)
        for n, (a, b) in enumerate(zip(one, way, strict=True))
    )


__all__ = [
    "Cell", "Split", "Table", "TaskRow", "bar_cells", "comma_cells", "line_end", "places", "tab_cells", "trimmed",
]  # fmt: skip
