"""Task tables pasted one cell a line (逐格成行): the header as lines of its own, then every cell in turn.

Web pages lose their tables so, sometimes with a bar between the cells. Rows are told by their running number where
there is one, else by counting cells.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from tracker.reading.names.bodies import is_name
from tracker.reading.plan import Span
from tracker.reading.tables.columns import Column, kind_of_column
from tracker.reading.tables.rows import Cell, Table, TaskRow, places

_HINT = re.compile(r"^[^\n\t。；]{0,10}(?:责任|牵头|时限|时间|单位)[^\n\t。；]{0,8}$", re.MULTILINE)
_LINE = re.compile(r"[^\s|\uff5c¦][^\n\t]*")
_BAR = re.compile(r"\s*[|\uff5c¦]\s*")
_NUMBER = re.compile(r"\d{1,3}[.、]?")
_REMARKS = re.compile(r"备注|说明|目标(?:要求)?|进展情况")
_WIDEST = 8
_HEADER_LIMIT = 12
_NAME_LIMIT = 200
_PARTS = re.compile(r"[、，；\s]")


def stacked_in(flat: str) -> list[Table]:
    """The stacked tables of a folded text, in order."""
    if not _HINT.search(flat):
        return []
    cells = _cells(flat)
    found: list[Table] = []
    at = 0
    while at < len(cells):
        columns = _header(flat, cells, at)
        if columns is None:
            at += 1
            continue
        table, end = _table(flat, cells, at, columns)
        if table is None:
            at += 1
            continue
        found.append(table)
        at = end
    return found


def _cells(flat: str) -> list[Span]:
    """The lines that bear words; lines between two bars are one cell."""
    barred = len(_BAR.findall(flat, 0, min(len(flat), 4000))) > 0 and "|" in flat
    cells: list[Span] = []
    glue = False
    at = 0
    for line in flat.split("\n"):
        end = at + len(line)
        if _BAR.fullmatch(line):
            glue = False
        else:
            match = _LINE.search(flat, at, end)
            if match:
                last = match.start() + len(match[0].rstrip())
                if glue and barred and cells:
                    cells[-1] = Span(cells[-1].start, last)
                else:
                    cells.append(Span(match.start(), last))
                glue = barred and _near_bar(flat, end)
        at = end + 1
    return cells


def _near_bar(flat: str, end: int) -> bool:
    """Whether a bar stands within the next few lines, so that the lines until then are one cell."""
    following = flat[end : end + 400].split("\n", 4)[1:4]
    return any(_BAR.fullmatch(line) for line in following)


@lru_cache(maxsize=256)
def _kind(word: str) -> Column:
    return kind_of_column(word)


def _words(flat: str, cell: Span) -> str:
    return flat[cell.start : cell.end]


def _header(flat: str, cells: Sequence[Span], at: int) -> list[tuple[Column, str]] | None:
    """The columns that the lines from here on name, where they make a header."""
    columns: list[tuple[Column, str]] = []
    for cell in cells[at : at + _WIDEST]:
        word = _words(flat, cell)
        kind = _kind(word) if len(word) <= _HEADER_LIMIT else Column.OTHER
        if (kind, word) in columns or (kind is Column.OTHER and not _REMARKS.fullmatch(word)):
            break
        columns.append((kind, word))
    kinds = [kind for kind, _ in columns]
    useful = Column.TASK in kinds and Column.WHO in kinds and len(kinds) > 2
    return columns if useful else None


def _table(flat: str, cells: Sequence[Span], at: int, columns: list[tuple[Column, str]]) -> tuple[Table | None, int]:
    """The rows under a header, and where they end; None where they do not look like rows."""
    first = at + len(columns)
    kinds = [kind for kind, _ in columns]
    place = kinds.index(Column.NUMBER) if Column.NUMBER in kinds else _place_of_number(flat, cells, first)
    if place is not None and Column.NUMBER not in kinds:
        columns = [*columns[:place], (Column.NUMBER, ""), *columns[place:]]
    rows, end = (
        _counted(flat, cells, first, columns) if place is None else _numbered(flat, cells, first, columns, place)
    )
    who = [cell for row in rows for cell in row.of(Column.WHO)]
    named = [cell for cell in who if _names_somebody(_words(flat, cell.span))]
    if len(rows) < 2 or len(named) * 2 <= len(rows):
        return None, end
    return Table([Span(cells[at].start, cells[first - 1].end)], list(rows)), end


def _place_of_number(flat: str, cells: Sequence[Span], first: int) -> int | None:
    """Where the running number stands in a row whose header does not name it."""
    for place in (0, 1):
        if first + place < len(cells) and _words(flat, cells[first + place]).rstrip(".、") == "1":
            return place
    return None


def _numbered(
    flat: str, cells: Sequence[Span], first: int, columns: list[tuple[Column, str]], place: int
) -> tuple[list[TaskRow], int]:
    """Rows that each bear the next number; the cells before it may be missing where they reach over several rows."""
    rows: list[TaskRow] = []
    at = first
    while at < len(cells):
        number = next(
            (n for n in range(at, min(at + place + 1, len(cells))) if _is(flat, cells[n], len(rows) + 1)), None
        )
        if number is None:
            break
        before = columns[place - (number - at) : place]
        after = columns[place:]
        stop = number + 1
        while stop < min(number + len(after), len(cells)) and not _is(flat, cells[stop], len(rows) + 2):
            stop += 1
        spans = cells[at:stop]
        rows.append(_fitted(flat, spans, [*before, *after]))
        at = stop
    return rows, at


def _counted(
    flat: str, cells: Sequence[Span], first: int, columns: list[tuple[Column, str]]
) -> tuple[list[TaskRow], int]:
    """Rows of as many cells as the header has, as long as somebody is named where the header says so."""
    width = len(columns)
    rows: list[TaskRow] = []
    for at in range(first, len(cells) - width + 1, width):
        row = _row(cells[at : at + width], columns)
        if not any(_names_somebody(_words(flat, cell.span)) for cell in row.of(Column.WHO)):
            break
        rows.append(row)
    return rows, first + len(rows) * width


def _is(flat: str, cell: Span, number: int) -> bool:
    word = _words(flat, cell)
    return bool(_NUMBER.fullmatch(word)) and int(word.rstrip(".、")) == number


def _row(spans: Sequence[Span], columns: Sequence[tuple[Column, str]]) -> TaskRow:
    cells = tuple(Cell(kind, span, word) for (kind, word), span in zip(columns, spans, strict=False))
    return TaskRow(Span(spans[0].start, spans[-1].end), cells)


def _fitted(flat: str, spans: Sequence[Span], columns: Sequence[tuple[Column, str]]) -> TaskRow:
    """A row whose cells are laid under the columns they suit, as empty ones are left out of such a list."""
    at, doubt = places(flat, [kind for kind, _ in columns], spans)
    row = _row(spans, [columns[n] for n in at])
    return replace(row, doubt=doubt)


def _names_somebody(words: str) -> bool:
    return len(words) <= _NAME_LIMIT and is_name(_PARTS.split(words)[0])
