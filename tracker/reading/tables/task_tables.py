"""Task tables (任务分工表): lines of parted cells, recognised by their header and given row by row.

The readers of files write tables as lines of TAB-parted cells, and so do spreadsheets when cells are copied; Markdown
parts them by bars, a csv by commas. A cell merged over several rows is repeated in each by our readers, left empty by
a spreadsheet and left out by a browser; all are understood.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tracker.reading.names.bodies import is_name
from tracker.reading.names.responsibility import label_role
from tracker.reading.plan import Role, Span
from tracker.reading.tables.columns import BRACKETS, Column, is_number, kind_of_column, names_bodies
from tracker.reading.tables.headers import RULE, Header, HeaderReader
from tracker.reading.tables.rows import (
    Cell,
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
from tracker.reading.text.marks import UNREADABLE

_HALF = lazy(r"[\u4e00-\u9fff（）]{1,20}")
_PARTS = lazy(r"[、，；\s]")
_HEADING_LIMIT = 60
_HEADINGS = 3  # section lines that may follow one another
_PAGES = 12  # that one row may reach over
_PHRASE = 15  # characters; a shorter task without a stop is whole
_STOP = "。；！？.;!?"
_SECTION = lazy(
    r"第[〇零一二三四五六七八九十百\d]{1,4}[编章节部类项]|[〇零一二三四五六七八九十]{1,4}、|（[〇零一二三四五六七八九十\d]{1,4}）|\d{1,2}[、.](?!\d)"
)
_GAP = lazy(r"(?<=[^\s])(?:[ \u2002\u2003]*\u3000[ \u2002\u2003\u3000]*|[ \u2002\u2003]{2,})(?=[^\s])")
_NOTE = lazy(r"(?:备?注|说明)(?:\d|：|[、.])|(?:合|总|小)计")
_NOTE_BELOW = lazy(r"\s*(?:备?注|说明)(?:\d{0,2})：.{2,400}")
_GOES_ON = lazy(r"（?续表?）?|.{0,30}（续.{0,3}）")
# A cell that stops in the middle: behind a comma, or with a bracket still open.
_BROKEN_OFF = lazy(r"[，、：（《“及和与的]$")


class SpanIndex:
    """Asks whether an offset lies in one of many spans."""

    def __init__(self, tables: Sequence[Table]) -> None:
        spans = sorted((span for table in tables for span in table.spans()), key=lambda span: span.start)
        self._starts = [span.start for span in spans]
        self._ends = [span.end for span in spans]

    def __contains__(self, offset: object) -> bool:
        if not isinstance(offset, int):
            return False
        at = bisect_right(self._starts, offset) - 1
        return at >= 0 and offset < self._ends[at]


def tables_in(flat: str) -> list[Table]:
    """The task tables of a folded text, in order; a text without parted cells costs nothing."""
    found: list[Table] = []
    if "\t" in flat:
        found.extend(_Finder(flat, "\t", tab_cells).tables())
    barred = flat.replace("\uff5c", "|")
    if "|" in barred:
        found.extend(_Finder(barred, "|", bar_cells).tables())
    if "，" in flat:
        found.extend(_Finder(flat, "，", comma_cells, exact=True).tables())
    if _GAP.search(flat):
        # A table set with blanks: each gap between two words of a line is made a TAB, at the same offsets.
        gapped = _GAP.sub(lambda gap: "\t" + " " * (len(gap[0]) - 1), flat.replace("\t", " "))
        found.extend(_Finder(gapped, "\t", tab_cells, exact=True).tables())
    return _apart(found)


def _apart(tables: Sequence[Table]) -> list[Table]:
    """The tables in order, without those that another one holds already."""
    kept: list[Table] = []
    ends = -1
    for table in sorted(tables, key=lambda one: one.start):
        if table.start >= ends:
            kept.append(table)
            ends = max(span.end for span in table.spans())
    return kept


class _Finder(HeaderReader):
    """Finds the tables of a text whose cells one mark parts."""

    def tables(self) -> Iterator[Table]:
        """The tables with a header that is understood."""
        at = 0
        while (at := self._next_line(at)) >= 0:
            header = self.header(at)
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

    def _table(self, header: Header) -> tuple[Table, int]:
        """The table under a header, and where it ends."""
        flat, table = self.flat, Table(list(header.lines), doubt=header.doubt)
        heading: Span | None = None
        at = header.end + 1
        while at < len(flat):
            stop = line_end(flat, at)
            if not flat[at:stop].strip():
                if self.exact:
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
            again = self.header(at)
            if again is not None:
                if again.kinds != header.kinds:
                    break
                table.headers.extend(again.lines)
                at = again.end + 1
                continue
            cells, stop = self._cells(header, at)
            if self.exact and len(cells) != len(header.columns):
                break
            filled = [cell for cell in cells if cell.end > cell.start]
            if all(RULE.fullmatch(self.flat, cell.start, cell.end) for cell in filled):
                table.headers.extend([Span(at, stop)] if filled else [])
            elif filled and _NOTE.match(flat, filled[0].start, filled[0].end):
                table.notes.append(Span(at, stop))
            elif len(filled) == 1 and filled[0] == cells[0] and self._is_section(filled[0], header):
                heading = filled[0]
                table.headings.append(Span(at, stop))
            else:
                self._add(table, header, cells, Span(at, stop), heading)
            at = stop + 1
        while table.rows and at < len(flat) and _NOTE_BELOW.match(flat, at, line_end(flat, at)):
            table.notes.append(trimmed(flat, at, line_end(flat, at)))
            at = line_end(flat, at) + 1
        return table, at

    def _cells(self, header: Header, at: int) -> tuple[list[Span], int]:
        """The cells of the row that begins here, put together where a line break within a cell has parted them."""
        cells, end = self.split(self.flat, at)
        if self.mark != "\t" or self.exact:
            return cells, end
        width = len(header.columns)
        while len(cells) < width and end < len(self.flat):
            more, stop = self.split(self.flat, end + 1)
            last, first = self.words([cells[-1]])[0], self.words([more[0]])[0]
            bodies = self._has_bodies(cells)
            count = len(cells) + len(more) - 1
            # A list of bodies goes on in the next line only where that line has just the cells that are wanting.
            room = count == width and names_bodies(last) if bodies else count <= width
            begins = not first or is_number(first) or names_bodies(first) != bodies
            if not room or begins or (len(more) == 1 and not self._row_goes_on(stop)):
                break
            cells = [*cells[:-1], Span(cells[-1].start, more[0].end), *more[1:]]
            end = stop
        return cells, end

    def _has_bodies(self, cells: Sequence[Span]) -> bool:
        return any(names_bodies(word) for word in self.words(cells))

    def _row_goes_on(self, at: int) -> bool:
        """Whether the line behind this one has parted cells and no number of its own."""
        if at >= len(self.flat):
            return False
        more, _ = self.split(self.flat, at + 1)
        return len(more) > 1 and not is_number(self.words(more)[0])

    def _plain_lines(self, at: int, header: Header) -> list[Span]:
        """The lines without parted cells from here to the next row of the table; none where no row follows."""
        flat, lines = self.flat, list[Span]()
        while at < len(flat):
            stop = line_end(flat, at)
            if flat[at:stop].strip():
                if self.mark in flat[at:stop]:
                    again = self.header(at)
                    goes_on = all(_GOES_ON.fullmatch(flat, line.start, line.end) for line in lines)
                    return lines if again is None or (goes_on and again.kinds == header.kinds) else []
                if len(lines) == _HEADINGS or self.exact:
                    return []
                lines.append(trimmed(flat, at, stop))
            at = stop + 1
        return []

    def _is_row(self, line: Span, table: Table) -> bool:
        """Whether a line without parted cells is a task whose other cells all reach down from the row above."""
        if not table.rows or _SECTION.match(self.flat, line.start, line.end):
            return line.end - line.start > _HEADING_LIMIT and bool(table.rows)
        return line.end - line.start > _HEADING_LIMIT or self.flat[line.end - 1] in _STOP

    def _is_section(self, cell: Span, header: Header) -> bool:
        """Whether the only cell of a row, at its left end, is a heading rather than a number or a task."""
        words = self.flat[cell.start : cell.end]
        if is_number(words) or len(words) > _HEADING_LIMIT:
            return False
        return header.columns[0][0] is not Column.TASK or _SECTION.match(words) is not None

    def _add(self, table: Table, header: Header, cells: Sequence[Span], span: Span, heading: Span | None) -> None:
        """Add a row to a table, or to the row above where a page's end has broken it."""
        above = table.rows[-1] if table.rows else None
        at, doubt = places(self.flat, header.kinds, cells)
        named = {}
        for n, cell in zip(at, cells, strict=True):
            if cell.end > cell.start and not UNREADABLE.fullmatch(self.flat, cell.start, cell.end):
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
            own = tuple(named.values())
            for over in above.cells:
                if over.at in named:
                    continue
                if (short and over.at < max(cell.at for cell in own)) or _is_merged(over, own):
                    named[over.at] = over
                    telling = over.column in (Column.WHO, Column.TIME)
                    doubt = doubt or ("这一行缺了格子，看作与上一行相同" if telling else "")
        table.rows.append(TaskRow(span, tuple(named[n] for n in sorted(named)), heading, doubt))


def _is_half(flat: str, above: Cell, below: Cell) -> bool:
    last = above.spans[-1]
    return _completes(flat[last.start : last.end], flat[below.span.start : below.span.end])


def _completes(words: str, more: str) -> bool:
    """Whether a list of bodies ends in half a name that what follows completes (县发展 / 改革局)."""
    last, first = _PARTS.split(words)[-1], _PARTS.split(more)[0]
    half = _HALF.fullmatch(last) is not None and not is_name(last)
    begins = is_name(first) and first[0] in "省市县区州旗各国" and last != "各"
    return half and is_name(last + first) and not begins


def _is_merged(above: Cell, own: Sequence[Cell]) -> bool:
    """Whether an empty place is what a spreadsheet copies of a merged number, section, outer task or lead."""
    numbered = any(cell.column is Column.NUMBER for cell in own)
    if above.column in (Column.NUMBER, Column.SECTION):
        return above.column is Column.SECTION or not numbered
    if above.column is Column.TASK:
        return any(cell.column is Column.TASK and cell.at > above.at for cell in own)
    # Somebody must lead: where only those who help are printed, the cell of the lead reaches down.
    who = [label_role(cell.header) for cell in own if cell.column is Column.WHO]
    leads = above.column is Column.WHO and label_role(above.header) is Role.LEAD
    return leads and not numbered and bool(who) and all(role is Role.SUPPORT for role in who)


def _alone(header: Header, line: Span, heading: Span | None, above: TaskRow) -> TaskRow:
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
    if any(len(cell.rest) >= _PAGES for cell in above.cells):
        return False
    numbered = bool(above.of(Column.NUMBER))
    # Half a body's name proves it, whatever else ends where the page does.
    halves = [cell for cell in above.of(Column.WHO) if cell.at in named and _is_half(flat, cell, named[cell.at])]
    if halves and numbered:
        return True
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
            unfinished = broken_off or more[0] in "、，）" or _completes(words, more)
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


__all__ = ["BRACKETS", "Cell", "Column", "SpanIndex", "Table", "TaskRow", "kind_of_column", "tables_in"]
