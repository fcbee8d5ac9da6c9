"""Tables nobody understood (没有认出来的表格): rows without a header of tasks, which may hold tasks all the same."""

import re
from collections.abc import Iterator, Sequence

from tracker.reading.plan import Span
from tracker.reading.tables.columns import Column, likely_column
from tracker.reading.tables.rows import Table, bar_cells, line_end, tab_cells
from tracker.reading.tables.task_tables import SpanIndex
from tracker.reading.text.lazy import lazy
from tracker.reading.text.marks import DUTY

_ROWS = 2
_SEEN = 6  # cells of the first row that are shown
_CELL_SEEN = 12
# What makes a table worth asking about: somebody who answers, a duty, a day.
_TELLING = lazy(
    r"责任|牵头|配合|任务|措施|落实|完成|时限|期限|[月年]底?前|工作日|[\u4e00-\u9fff](?:局|委|厅|政府|中心|单位|部门|办公室)"
)
_PAGE = lazy(r"[（(]?\d{1,4}[）)]?")
_LONG_CELL = 600
# Who is a member of what, and how people are reached: such a list hands out no task.
_OF_ROSTER = lazy(
    r"姓名|职务|职称|性别|年龄|手机(?:号码?)?|(?:联系|办公|值班)?电话(?:号码)?|传真|邮箱|地址|邮编|联系人|联络员"
)


def unread_in(flat: str, tables: Sequence[Table]) -> Iterator[tuple[Span, str]]:
    """The runs of rows that belong to no task table and speak of duties, each with what is seen of it."""
    if "\t" not in flat and "|" not in flat:
        return
    known = SpanIndex(tables)
    run: list[tuple[Span, list[Span]]] = []
    at = 0
    while at < len(flat):
        stop = line_end(flat, at)
        mark = "\t" if "\t" in flat[at:stop] else "|" if flat[at:stop].count("|") > 1 else ""
        cells: list[Span] = []
        if mark and at not in known:
            cells, stop = (tab_cells if mark == "\t" else bar_cells)(flat, at)
            cells = [cell for cell in cells if cell.end > cell.start]
        if len(cells) > 1 and not _is_entry(flat, cells) and all(cell.end - cell.start < _LONG_CELL for cell in cells):
            run.append((Span(at, stop), cells))
        elif flat[at:stop].strip():
            yield from _asked(flat, run)
            run = []
        at = stop + 1
    yield from _asked(flat, run)


def _is_entry(flat: str, cells: Sequence[Span]) -> bool:
    """Whether a line is one of a table of contents: words and a page."""
    return len(cells) == 2 and _PAGE.fullmatch(flat, cells[1].start, cells[1].end) is not None


def _asked(flat: str, run: Sequence[tuple[Span, list[Span]]]) -> Iterator[tuple[Span, str]]:
    if len(run) < _ROWS:
        return
    span = Span(run[0][0].start, run[-1][0].end)
    heads = [re.sub(r"\s+", "", flat[cell.start : cell.end]) for cell in run[0][1]]
    roster = sum(_OF_ROSTER.fullmatch(head) is not None for head in heads) > 1
    roster = roster and all(likely_column(head) is not Column.TASK for head in heads)
    if roster and not DUTY.search(flat, span.start, span.end):
        return
    if not (_TELLING.search(flat, span.start, span.end) or DUTY.search(flat, span.start, span.end)):
        return
    words = [re.sub(r"\s+", "", flat[cell.start : cell.end])[:_CELL_SEEN] for cell in run[0][1][:_SEEN]]
    yield span, f"{len(run)} 行的表，表头是：{'、'.join(words)}"


__all__ = ["unread_in"]
