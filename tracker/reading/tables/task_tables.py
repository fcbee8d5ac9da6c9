"""Task tables (任务分工表): lines of parted cells, recognised by their header and given row by row.

The readers of files write tables as lines of TAB-parted cells, and so do spreadsheets when cells are copied; Markdown
parts them by bars, a csv by commas. A cell merged over several rows is repeated in each by our readers, left empty by
a spreadsheet and left out by a browser; all are understood.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tracker.reading.plan import Span
from tracker.reading.tables.columns import (
    BRACKETS,
    Column,
    is_number,
    kind_of_column,
    likely_column,
    names_bodies,
    says_nothing,
)
from tracker.reading.tables.rows import (
    Cell,
    Split,
    Table,
    TaskRow,
    bar_cells,
    comma_cells,
    line_end,
    places,
    tab_cells,
    trimmed,
)
from tracker.reading.text.lazy import lazy

_HEADER_LIMIT = 24  # characters of a header cell without its brackets
_HEADER_LINE = 600
_HEADING_LIMIT = 60
_HEADINGS = 3  # section lines that may follow one another
_CELLS_LIMIT = 60
_LOOKED_AT = 12  # rows under an unknown header whose cells are asked what they hold
_PHRASE = 15  # characters; a shorter task without a stop is whole
# Every header of a column of units or of limits has one of these.
_TELLTALE = lazy("[责牵配主协承参落实限间节进时单部处科内任措事]")
_RULE = lazy(r":?-+:?|：?-+：?")
_STOP = "。；！？.;!?"
_SECTION = lazy(
    r"第[〇零一二三四五六七八九十百\d]{1,4}[编章节部类项]|[〇零一二三四五六七八九十]{1,4}、|（[〇零一二三四五六七八九十\d]{1,4}）|\d{1,2}[、.](?!\d)"
)
_GOES_ON = lazy(r"（?续表?）?|.{0,30}（续.{0,3}）")
# A cell that stops in the middle: behind a comma, or with a bracket still open.
_BROKEN_OFF = lazy(r"[，、：（《“及和与的]$")


class SpanIndex:
    """Asks whether an offset lies in one of many spans."""

    def __init__(self, tables: Sequence[Table]) -> None:
        spans = sorted((span for table in tables for span in table.spans()), key=lambda span: span.start)
        self._starts = [span.start for span in spans]
        self._ends = [span.end for span in spans]

    def __contains__(self, offset: int) -> bool:
        at = bisect_right(self._starts, offset) - 1
        return at >= 0 and offset < self._ends[at]


def tables_in(flat: str) -> list[Table]:
    """The task tables of a folded text, in order; a text without parted cells costs nothing."""
    found: list[Table] = []
    for mark, split in (("\t", tab_cells), ("|", bar_cells), ("，", comma_cells)):
        if mark in flat:
            found.extend(_Finder(flat, mark, split).tables())
    return sorted(found, key=lambda table: table.start)


@dataclass(frozen=True, slots=True)
class _Header:
    columns: tuple[tuple[Column, str], ...]
    lines: tuple[Span, ...]
    end: int
    doubt: str = ""

    @property
    def kinds(self) -> list[Column]:
        return [kind for kind, _ in self.columns]


class _Finder:
    """Finds the tables of a text whose cells one mark parts."""

    def __init__(self, flat: str, mark: str, split: Split) -> None:
        self.flat = flat
        self.mark = mark
        self.split = split

    def tables(self) -> Iterator[Table]:
        """The tables with a header that is understood."""
        at = 0
        while (at := self._next_line(at)) >= 0:
            header = self._header(at)
            if header is None:
                at = line_end(self.flat, at) + 1
                continue
            table, at = self._table(header)
            if table.rows:
                yield table

    def _next_line(self, at: int) -> int:
        """The next line that has the mark in it."""
        mark = self.flat.find(self.mark, at)
        return -1 if mark < 0 else max(self.flat.rfind("\n", 0, mark) + 1, at)

    def _words(self, cells: Sequence[Span]) -> list[str]:
        return [self.flat[cell.start : cell.end] for cell in cells]

    def _kinds(self, at: int) -> tuple[list[tuple[Column, str]], int] | None:
        """The columns that a line names, if it may be a header at all."""
        flat, line = self.flat, line_end(self.flat, at)
        if (
            line - at > _HEADER_LINE
            or not 0 < flat.count(self.mark, at, line) <= _CELLS_LIMIT
            or not _TELLTALE.search(flat, at, line)
        ):
            return None
        cells, end = self.split(flat, at)
        words = self._words(cells)
        if any(len(BRACKETS.sub("", word)) > _HEADER_LIMIT for word in words):
            return None
        return [(kind_of_column(word) if word else Column.OTHER, word) for word in words], end

    def _header(self, at: int) -> _Header | None:
        """The header that begins at this line: one line, or two where the second parts the cells of the first."""
        first = self._kinds(at)
        if first is None:
            return None
        columns, end = first
        lines = [Span(at, end)]
        if end < len(self.flat) and any(kind is not Column.OTHER for kind, _ in columns):
            second = self._kinds(end + 1)
            if second and _is_second(second[0]):
                columns = _under(columns, second[0])
                lines.append(Span(end + 1, second[1]))
                end = second[1]
        known = _promoted(columns)
        if _is_useful(known):
            named = [kind for kind, word in known if word]
            if sum(kind is not Column.OTHER for kind in named) * 2 >= len(named) and (
                self.mark != "，" or all(kind is not Column.OTHER for kind in named)
            ):
                return _Header(tuple(known), tuple(lines), end)
        if self.mark == "，":
            return None
        return self._by_content(columns, lines, end)

    def _by_content(self, columns: list[tuple[Column, str]], lines: list[Span], end: int) -> _Header | None:
        """A header whose words are not all known, where the cells under it bear out what they may mean."""
        rows = self._sample(end, len(columns))
        if not rows:
            return None
        likely: list[tuple[Column, str]] = []
        for n, (kind, word) in enumerate(columns):
            cells = [row[n] for row in rows if n < len(row) and not says_nothing(row[n])]
            guess = kind if kind is not Column.OTHER else likely_column(word)
            named = sum(names_bodies(cell) for cell in cells)
            if guess is Column.WHO and named * 2 <= len(cells):
                guess = Column.OTHER
            likely.append((guess, word))
        likely = _promoted(likely)
        kinds = [kind for kind, _ in likely]
        if Column.TASK not in kinds or Column.WHO not in kinds:
            return None
        seen = "、".join(
            f"“{word}”当作{'责任单位' if kind is Column.WHO else '任务'}"
            for kind, word in likely
            if word and kind in (Column.WHO, Column.TASK)
        )
        return _Header(tuple(likely), tuple(lines), end, f"表头没有见过：{seen}")

    def _sample(self, end: int, width: int) -> list[list[str]]:
        """The words of the first rows under a header that have as many cells."""
        rows: list[list[str]] = []
        at = end + 1
        while at < len(self.flat) and len(rows) < _LOOKED_AT:
            stop = line_end(self.flat, at)
            if self.mark not in self.flat[at:stop]:
                break
            cells, stop = self.split(self.flat, at)
            words = self._words(cells)
            if not all(_RULE.fullmatch(word) for word in words) and len(cells) <= width:
                rows.append(words)
            at = stop + 1
        return rows

    def _table(self, header: _Header) -> tuple[Table, int]:
        """The table under a header, and where it ends."""
        flat, table = self.flat, Table(list(header.lines), doubt=header.doubt)
        heading: Span | None = None
        at = header.end + 1
        while at < len(flat):
            stop = line_end(flat, at)
            if not flat[at:stop].strip():
                if self.mark == "，":
                    break
                at = stop + 1
                continue
            if self.mark not in flat[at:stop] and '"' not in flat[at : at + 2]:
                plain = self._plain_lines(at, header)
                if not plain:
                    break
                for line in plain:
                    if self._is_row(line, table):
                        table.rows.append(_alone(header, line, heading, table.rows[-1]))
                    else:
                        heading = line
                        table.headings.append(line)
                at = plain[-1].end + 1
                continue
            again = self._header(at)
            if again is not None:
                if again.kinds != header.kinds:
                    break
                table.headers.extend(again.lines)
                at = again.end + 1
                continue
            cells, stop = self._cells(header, at)
            if self.mark == "，" and len(cells) != len(header.columns):
                break
            filled = [cell for cell in cells if cell.end > cell.start]
            if all(_RULE.fullmatch(flat, cell.start, cell.end) for cell in filled):
                table.headers.extend([Span(at, stop)] if filled else [])
            elif len(filled) == 1 and filled[0] == cells[0] and self._is_section(filled[0], header):
                heading = filled[0]
                table.headings.append(Span(at, stop))
            else:
                self._add(table, header, cells, Span(at, stop), heading)
            at = stop + 1
        return table, at

    def _cells(self, header: _Header, at: int) -> tuple[list[Span], int]:
        """The cells of the row that begins here, put together where a line break within a cell has parted them."""
        cells, end = self.split(self.flat, at)
        if self.mark != "\t":
            return cells, end
        kinds = header.kinds
        while len(cells) < len(kinds) and end < len(self.flat) and not self._has_bodies(cells):
            more, stop = self.split(self.flat, end + 1)
            first = more[0]
            room = len(cells) + len(more) - 1 <= len(kinds)
            begins = first.end == first.start or is_number(self.flat[first.start : first.end])
            if not room or begins or (len(more) == 1 and not self._row_goes_on(stop)):
                break
            cells = [*cells[:-1], Span(cells[-1].start, first.end), *more[1:]]
            end = stop
        return cells, end

    def _has_bodies(self, cells: Sequence[Span]) -> bool:
        return any(names_bodies(word) for word in self._words(cells))

    def _row_goes_on(self, at: int) -> bool:
        """Whether the line behind this one has parted cells and no number of its own."""
        if at >= len(self.flat):
            return False
        more, _ = self.split(self.flat, at + 1)
        return len(more) > 1 and not is_number(self._words(more)[0])

    def _plain_lines(self, at: int, header: _Header) -> list[Span]:
        """The lines without parted cells from here to the next row of the table; none where no row follows."""
        flat, lines = self.flat, list[Span]()
        while at < len(flat):
            stop = line_end(flat, at)
            if flat[at:stop].strip():
                if self.mark in flat[at:stop]:
                    again = self._header(at)
                    goes_on = all(_GOES_ON.fullmatch(flat, line.start, line.end) for line in lines)
                    return lines if again is None or (goes_on and again.kinds == header.kinds) else []
                if len(lines) == _HEADINGS or self.mark == "，":
                    return []
                lines.append(trimmed(flat, at, stop))
            at = stop + 1
        return []

    def _is_row(self, line: Span, table: Table) -> bool:
        """Whether a line without parted cells is a task whose other cells all reach down from the row above."""
        if not table.rows or _SECTION.match(self.flat, line.start, line.end):
            return line.end - line.start > _HEADING_LIMIT and bool(table.rows)
        return line.end - line.start > _HEADING_LIMIT or self.flat[line.end - 1] in _STOP

    def _is_section(self, cell: Span, header: _Header) -> bool:
        """Whether the only cell of a row, at its left end, is a heading rather than a number or a task."""
        words = self.flat[cell.start : cell.end]
        if is_number(words) or len(words) > _HEADING_LIMIT:
            return False
        return header.columns[0][0] is not Column.TASK or _SECTION.match(words) is not None

    def _add(self, table: Table, header: _Header, cells: Sequence[Span], span: Span, heading: Span | None) -> None:
        """Add a row to a table, or to the row above where a page's end has broken it."""
        above = table.rows[-1] if table.rows else None
        at, doubt = places(self.flat, header.kinds, cells)
        named = {}
        for n, cell in zip(at, cells, strict=True):
            if cell.end > cell.start:
                column, word = header.columns[n] if n < len(header.columns) else (Column.OTHER, "")
                named[n] = Cell(column, cell, word, n)
        if not named:
            return
        if above and _is_rest(self.flat, header.kinds, above, named):
            joined = tuple(
                replace(cell, rest=(*cell.rest, named[cell.at].span)) if cell.at in named else cell
                for cell in above.cells
            )
            fresh = [cell for n, cell in named.items() if all(n != one.at for one in above.cells)]
            all_cells = tuple(sorted([*joined, *fresh], key=lambda one: one.at))
            table.rows[-1] = replace(above, span=Span(above.span.start, span.end), cells=all_cells)
            return
        if above and above.heading == heading:
            short = len(cells) < len(header.columns)
            for over in above.cells:
                if over.at in named:
                    continue
                if (short and over.at < max(named)) or self._is_merged(over, named):
                    named[over.at] = over
                    telling = over.column in (Column.WHO, Column.TIME)
                    doubt = doubt or ("这一行缺了格子，看作与上一行相同" if telling else "")
        table.rows.append(TaskRow(span, tuple(named[n] for n in sorted(named)), heading, doubt))

    def _is_merged(self, above: Cell, named: dict[int, Cell]) -> bool:
        """Whether an empty place is what a spreadsheet copies of a merged number, section or outer task."""
        if above.column in (Column.NUMBER, Column.SECTION):
            return not any(cell.column is Column.NUMBER for cell in named.values()) or above.column is Column.SECTION
        inner = [n for n, cell in named.items() if cell.column is Column.TASK]
        return above.column is Column.TASK and bool(inner) and above.at < max(inner)


def _alone(header: _Header, line: Span, heading: Span | None, above: TaskRow) -> TaskRow:
    """A row of its task alone; everything else is the row's above."""
    tasks = [n for n, (kind, _) in enumerate(header.columns) if kind is Column.TASK]
    at = tasks[-1]
    kept = [cell for cell in above.cells if cell.at != at]
    cell = Cell(Column.TASK, line, header.columns[at][1], at)
    cells = tuple(sorted([*kept, cell], key=lambda one: one.at))
    return TaskRow(line, cells, heading, "这一行只有任务，单位和时限看作与上一行相同")


def _is_rest(flat: str, kinds: Sequence[Column], above: TaskRow, named: dict[int, Cell]) -> bool:
    """Whether a row is the rest of the one above, broken by a page's end: what goes on was not finished."""
    if any(kinds[n] in (Column.NUMBER, Column.SECTION) for n in named if n < len(kinds)):
        return False
    numbered = bool(above.of(Column.NUMBER))
    open_ = 0
    for cell in above.cells:
        if cell.at not in named:
            continue
        last = cell.spans[-1]
        words = flat[last.start : last.end]
        broken_off = _BROKEN_OFF.search(words) is not None or words.count("（") > words.count("）")
        more = flat[named[cell.at].span.start : named[cell.at].span.end]
        if cell.column is Column.TASK:
            unfinished = broken_off or (numbered and len(words) > _PHRASE and words[-1] not in _STOP)
        elif cell.column is Column.WHO:
            unfinished = broken_off or (not names_bodies(words) and names_bodies(words + more)) or more[0] in "、，）"
        elif cell.column is Column.OTHER:
            unfinished = broken_off or len(words) > _PHRASE
        else:
            unfinished = broken_off
        if not unfinished:
            return False
        open_ += cell.column in (Column.TASK, Column.WHO)
    # A cell of bodies or of a limit that the row above has none of is the row's own.
    own = [n for n, cell in named.items() if all(n != one.at for one in above.cells)]
    return open_ > 0 and not any(named[n].column in (Column.TASK, Column.WHO, Column.TIME) for n in own)


def _promoted(columns: list[tuple[Column, str]]) -> list[tuple[Column, str]]:
    """The columns, where without a column of tasks that of their sorts holds them."""
    kinds = [kind for kind, _ in columns]
    if Column.TASK in kinds or Column.SECTION not in kinds:
        return columns
    at = kinds.index(Column.SECTION)
    return [*columns[:at], (Column.TASK, columns[at][1]), *columns[at + 1 :]]


def _is_useful(columns: Sequence[tuple[Column, str]]) -> bool:
    kinds = [kind for kind, _ in columns]
    return Column.TASK in kinds and (Column.WHO in kinds or Column.TIME in kinds)


def _is_second(columns: Sequence[tuple[Column, str]]) -> bool:
    named = [kind for kind, word in columns if word]
    return len(named) > 1 and Column.WHO in named and all(kind is not Column.OTHER for kind in named)


def _under(first: list[tuple[Column, str]], second: list[tuple[Column, str]]) -> list[tuple[Column, str]]:
    width = max(len(first), len(second))
    blank = (Column.OTHER, "")
    pairs = zip(first + [blank] * (width - len(first)), second + [blank] * (width - len(second)), strict=True)
    return [lower if lower[1] else upper for upper, lower in pairs]


__all__ = ["BRACKETS", "Cell", "Column", "SpanIndex", "Table", "TaskRow", "kind_of_column", "tables_in"]
