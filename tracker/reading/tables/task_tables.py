"""Task tables (任务分工表): lines of TAB-parted cells, recognised by their header and given row by row.

The readers of files write tables so, and so do spreadsheets when cells are copied. A cell merged over several
rows is repeated in each by our readers and left empty by a copy; both are understood.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from tracker.reading.plan import Span
from tracker.reading.text.marks import LABEL_WORD

_HEADER_LIMIT = 24  # characters of a header cell without its brackets
_HEADING_LIMIT = 60
_CELLS_LIMIT = 60


class Column(StrEnum):
    """What a column of a task table holds."""

    NUMBER = "number"  # 序号
    SECTION = "section"  # 类别
    TASK = "task"  # 任务, 措施, 工作内容
    WHO = "who"  # 责任单位, 牵头单位, 配合单位
    TIME = "time"  # 完成时限
    PERSON = "person"  # 责任人
    PHONE = "phone"  # 联系电话
    OTHER = "other"  # 备注, 目标


_OF_TASK = (
    "重点|主要|具体|工作|年度|改革|目标|落实|政策|整改|建设|推进|实施|服务|支持|创新|细化"
    "|任务|措施|举措|内容|事项|要点|清单|[及和与、/]"
)
_ACTS = "完成|办理|办结|落实|推进|实施|整改|工作|启动"
_SORTS = "任务|工作|事项|措施|政策|重点|项目"
_PATTERNS = (
    (Column.NUMBER, r"序号?|编号|号|No\.?"),
    (
        Column.WHO,
        rf"(?:[省市县区]级?|主要|具体)?{LABEL_WORD}(?:[及和与、/]{LABEL_WORD})?|(?:责任|任务|职责)分工|责任落实|责任方|主办|协办|牵头|配合",
    ),
    (
        Column.TIME,
        rf"(?:计划|预计|拟|要求)?(?:{_ACTS})*的?(?:时限|期限|时间|节点|进度|时序)+(?:节点|进度|要求|安排)*",
    ),
    (Column.PERSON, r"(?:责任|联系|经办|负责|具体责任)人(?:员|姓名)?|(?:牵头|责任|分管|包保|[市县区]级)领导"),
    (Column.PHONE, r"联系方式|(?:联系|办公|咨询)?电话"),
    (Column.SECTION, rf"(?:{_SORTS})?(?:类别|类型|分类|领域|方面|板块|大类|种类)|一级(?:任务|指标)|指标类别"),
    (
        Column.TASK,
        rf"(?:{_OF_TASK})*(?:任务|措施|举措|内容|事项|要点|工作|项目|条款)(?:分解|名称|内容|清单|要求|细化|描述)*"
        r"|(?:具体|工作|落实)要求",
    ),
)
_KINDS = tuple((kind, re.compile(pattern)) for kind, pattern in _PATTERNS)
BRACKETS = re.compile(r"（[^（）]*）")
# Every header of a column of units or of limits has one of these.
_TELLTALE = re.compile("[责牵配主协承参落实限间节进时]")
# A cell copied from a spreadsheet stands in quotation marks where it holds line breaks.
_CELL = re.compile(r'"(?:[^"\t]|""){0,5000}"(?=[\t\n]|\Z)|[^\t\n]*')


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell with content: its column's kind, its place, and the header it stands under."""

    column: Column
    span: Span
    header: str


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One row of a task table; cells without content are left out."""

    span: Span
    cells: tuple[Cell, ...]
    heading: Span | None = None  # the line above that parts the table into sections

    def of(self, column: Column) -> list[Cell]:
        """The cells of one kind, from left to right."""
        return [cell for cell in self.cells if cell.column is column]


@dataclass(slots=True)
class Table:
    """A task table: its header lines, the headings inside it, and its rows."""

    headers: list[Span]
    rows: list[TaskRow] = field(default_factory=list)
    headings: list[Span] = field(default_factory=list)

    @property
    def start(self) -> int:
        """Where the table begins."""
        return self.headers[0].start

    def spans(self) -> list[Span]:
        """Everything that belongs to the table, in order."""
        found = [*self.headers, *self.headings, *(row.span for row in self.rows)]
        return sorted(found, key=lambda span: span.start)


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


def kind_of_column(header: str) -> Column:
    """What the column under this header (folded) holds; remarks in brackets do not count."""
    bare = re.sub(r"\s", "", BRACKETS.sub("", header)) or re.sub(r"[\s（）]", "", header)
    for kind, pattern in _KINDS:
        if pattern.fullmatch(bare):
            return kind
    return Column.OTHER


def tables_in(flat: str) -> list[Table]:
    """The task tables of a folded text, in order; a text without TAB characters costs nothing."""
    if "\t" not in flat:
        return []
    found: list[Table] = []
    at = 0
    while (at := _next_line_with_tab(flat, at)) >= 0:
        header = _header(flat, at)
        if header is None:
            at = _line_end(flat, at) + 1
            continue
        table, at = _table(flat, header)
        if table.rows:
            found.append(table)
    return found


@dataclass(frozen=True, slots=True)
class _Header:
    columns: tuple[tuple[Column, str], ...]
    lines: tuple[Span, ...]
    end: int


def _next_line_with_tab(flat: str, at: int) -> int:
    tab = flat.find("\t", at)
    return -1 if tab < 0 else max(flat.rfind("\n", 0, tab) + 1, at)


def _line_end(flat: str, at: int) -> int:
    end = flat.find("\n", at)
    return len(flat) if end < 0 else end


def _split(flat: str, at: int) -> tuple[list[Span], int]:
    """The cells of the row that begins here, blanks around them left out, and where the row ends."""
    cells: list[Span] = []
    while True:
        match = _CELL.match(flat, at)
        start, end = match.span() if match else (at, at)
        after = end
        if end - start > 1 and flat[start] == '"' == flat[end - 1]:
            start, end = start + 1, end - 1
        while start < end and flat[start].isspace():
            start += 1
        while end > start and flat[end - 1].isspace():
            end -= 1
        cells.append(Span(start, end))
        at = after
        if at >= len(flat) or flat[at] == "\n":
            return cells, at
        at += 1


def _kinds(flat: str, at: int) -> tuple[list[tuple[Column, str]], int] | None:
    """The columns that a line names, if it may be a header at all."""
    line = _line_end(flat, at)
    if line - at > 600 or flat.count("\t", at, line) > _CELLS_LIMIT or not _TELLTALE.search(flat, at, line):
        return None
    cells, end = _split(flat, at)
    words = [flat[cell.start : cell.end] for cell in cells]
    if any(len(BRACKETS.sub("", word)) > _HEADER_LIMIT for word in words):
        return None
    return [(kind_of_column(word) if word else Column.OTHER, word) for word in words], end


def _header(flat: str, at: int) -> _Header | None:
    """The header that begins at this line: one line, or two where the second parts the cells of the first."""
    first = _kinds(flat, at)
    if first is None:
        return None
    columns, end = first
    lines = [Span(at, end)]
    known = sum(kind is not Column.OTHER for kind, _ in columns)
    if end < len(flat) and known:
        second = _kinds(flat, end + 1)
        if second and _is_second(second[0]):
            columns = _under(columns, second[0])
            lines.append(Span(end + 1, second[1]))
            end = second[1]
    kinds = [kind for kind, _ in columns]
    if Column.TASK not in kinds and Column.SECTION in kinds:
        columns[kinds.index(Column.SECTION)] = (Column.TASK, columns[kinds.index(Column.SECTION)][1])
        kinds = [kind for kind, _ in columns]
    named = [word for _, word in columns if word]
    known = sum(kind is not Column.OTHER for kind in kinds)
    useful = Column.TASK in kinds and (Column.WHO in kinds or Column.TIME in kinds)
    if not useful or known * 2 < len(named):
        return None
    return _Header(tuple(columns), tuple(lines), end)


def _is_second(columns: Sequence[tuple[Column, str]]) -> bool:
    named = [kind for kind, word in columns if word]
    return len(named) > 1 and Column.WHO in named and all(kind is not Column.OTHER for kind in named)


def _under(first: list[tuple[Column, str]], second: list[tuple[Column, str]]) -> list[tuple[Column, str]]:
    width = max(len(first), len(second))
    blank = (Column.OTHER, "")
    pairs = zip(first + [blank] * (width - len(first)), second + [blank] * (width - len(second)), strict=True)
    return [lower if lower[1] else upper for upper, lower in pairs]


def _table(flat: str, header: _Header) -> tuple[Table, int]:
    """The table under a header, and where it ends."""
    table = Table(list(header.lines))
    heading: Span | None = None
    at = header.end + 1
    while at < len(flat):
        line_end = _line_end(flat, at)
        if not flat[at:line_end].strip():
            at = line_end + 1
            continue
        if "\t" not in flat[at:line_end] and '"' not in flat[at : at + 2]:
            if line_end - at > _HEADING_LIMIT or not _row_follows(flat, line_end):
                break
            heading = Span(at, line_end)
            table.headings.append(heading)
            at = line_end + 1
            continue
        again = _header(flat, at)
        if again is not None:
            if [kind for kind, _ in again.columns] != [kind for kind, _ in header.columns]:
                break
            table.headers.extend(again.lines)
            at = again.end + 1
            continue
        cells, end = _split(flat, at)
        row = TaskRow(Span(at, end), tuple(_named(header, cells)), heading)
        if row.cells:
            table.rows.append(row)
        at = end + 1
    return table, at


def _row_follows(flat: str, line_end: int) -> bool:
    """Whether the next line that bears words is a row again."""
    at = line_end
    while at < len(flat):
        following = _line_end(flat, at + 1)
        if flat[at + 1 : following].strip():
            return flat.find("\t", at + 1, following) >= 0
        at = following
    return False


def _named(header: _Header, cells: Sequence[Span]) -> Iterator[Cell]:
    last = len(header.columns) - 1
    for n, cell in enumerate(cells):
        column, word = header.columns[n] if n <= last else (Column.OTHER, "")
        if cell.end > cell.start:
            yield Cell(column, cell, word)


__all__ = ["BRACKETS", "Cell", "Column", "SpanIndex", "Table", "TaskRow", "kind_of_column", "tables_in"]
