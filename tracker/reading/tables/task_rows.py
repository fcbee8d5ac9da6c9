"""Task tables put to the plans (归并) they stand in: beside a plan's measures, instead of them, or behind them.

A table behind a plan that says its text again is joined to it: its rows are matched to the measures, and the 牵头, 配合
and 时限 it prints win over what was guessed from prose. One of a name of its own (附件 …任务分工表) whose tasks are
worded on their own is a plan of its own, as it is issued and amended as one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tracker.reading.limits.phrases import deadlines_in
from tracker.reading.plan import Doubt, DoubtKind, Measure, Plan, Span, Unassigned
from tracker.reading.tables.captions import Caption, caption_of
from tracker.reading.tables.columns import Column, is_time, likely_column, names_bodies, says_nothing
from tracker.reading.tables.joining import Joiner
from tracker.reading.tables.matching import Matcher
from tracker.reading.tables.row_reader import RowReader, TableTask
from tracker.reading.tables.rows import Table
from tracker.reading.tables.unread import unread_in
from tracker.reading.text.cleaning import Clean
from tracker.reading.text.lazy import lazy
from tracker.reading.text.marks import DUTY

# Why a row or a line of a table is in no measure; the rule of loss asks nothing about the first two.
REPEATED = "任务表（与正文重复）"
HEADER = "任务表的表头"
REWORDED = "任务表（与正文大意相同）"
NOTE = "任务表的附注"
_SEEN = 40
# A column of stages: what is to be done by the end of each.
_STAGE = lazy(r"季度|[上下]半年|\d月|[一二三四五六七八九十]月|进度|节点|阶段")
_ALIKE_DOUBTS = 3  # like doubts about rows, from which on they are asked as one


def with_tables(
    printed: str, flat: str, plans: Sequence[Plan], years: Sequence[int | None], tables: Sequence[Table]
) -> list[Plan]:
    """The plans, each with the measures of the task tables that stand in it, and with doubts about its tables."""
    found = list(plans)
    meant = list(years)
    for table in tables:
        at = max((n for n, plan in enumerate(found) if plan.span.start <= table.start), default=0)
        if not found:
            break
        reader = RowReader(printed, flat, meant[at])
        tasks = reader.tasks(table)
        caption = caption_of(printed, flat, table, after=_last_measure(found[at]))
        if caption is not None and _is_own(found[at], table, tasks):
            text, own = _apart(found[at], table, tasks, caption, flat)
            found[at : at + 1] = [text, own]
            meant.insert(at + 1, meant[at])
        else:
            found[at] = _within(found[at], table, tasks, printed, flat)
    for span, seen in unread_in(flat, tables):
        at = max((n for n, plan in enumerate(found) if plan.span.start <= span.start), default=0)
        doubt = Doubt(DoubtKind.TABLE, span, seen)
        found[at] = replace(found[at], doubts=(*found[at].doubts, doubt))
    return found


def _last_measure(plan: Plan) -> int:
    return max((measure.span.end for measure in plan.measures), default=0)


def _is_own(plan: Plan, table: Table, tasks: Sequence[TableTask]) -> bool:
    """Whether a named table is no part of the plan before it: nothing of the text follows, and it says it not again."""
    inside = any(measure.span.start > table.start for measure in plan.measures)
    return bool(plan.measures) and not inside and not Matcher(plan.measures).repeats(tasks)


def _end(table: Table) -> int:
    return max(span.end for span in table.spans())


def _apart(plan: Plan, table: Table, tasks: Sequence[TableTask], caption: Caption, flat: str) -> tuple[Plan, Plan]:
    """A plan and the table behind it as a plan of its own; what stands behind the table goes with it."""
    start = caption.span.start
    mine = [one for one in plan.unassigned if one.span.start < start]
    behind = [one for one in plan.unassigned if one.span.start >= start and not _covers(caption.span, one.span)]
    measures = _keyed([task.measure for task in tasks], set())
    own = Plan(
        title=caption.title,
        span=Span(start, max([_end(table), *(one.span.end for one in behind)])),
        measures=tuple(measures),
        jurisdiction=plan.jurisdiction,
        doc_no=plan.doc_no,
        issued_on=plan.issued_on,
        effective_on=plan.effective_on,
        expires_on=plan.expires_on,
        unassigned=_by_place([*behind, *_beside(table, flat)]),
        headings=_sorted([caption.span, *table.headings]),
        doubts=(*_column_doubts(table, flat), *_row_doubts(table, tasks, [one.key for one in measures])),
    )
    headings = tuple(span for span in plan.headings if span.start < start)
    ends = [*(one.span.end for one in plan.measures), *(one.span.end for one in mine), *(span.end for span in headings)]
    return replace(plan, span=Span(plan.span.start, max(ends)), unassigned=tuple(mine), headings=headings), own


def _covers(span: Span, inner: Span) -> bool:
    return span.start <= inner.start and inner.end <= span.end


def _within(plan: Plan, table: Table, tasks: Sequence[TableTask], printed: str, flat: str) -> Plan:
    """A plan with a table's tasks: those its text says already joined to its measures, the others added."""
    joiner = Joiner(printed, flat, plan.measures)
    rest = joiner.join(tasks)
    taken = {measure.key for measure in plan.measures}
    fresh = _keyed([task.measure for task in rest], taken)
    keys = {id(task): measure.key for task, measure in zip(rest, fresh, strict=True)}
    again = [
        Unassigned(row.span, REPEATED if joiner.is_verbatim(task) else REWORDED)
        for task in tasks
        if id(task) not in keys
        for row in task.rows
    ]
    doubts = _row_doubts(table, tasks, [keys.get(id(task)) or joiner.key_of(task) for task in tasks])
    return replace(
        plan,
        span=Span(min(plan.span.start, table.start), max(plan.span.end, _end(table))),
        measures=tuple(sorted([*joiner.measures, *fresh], key=lambda measure: measure.span.start)),
        headings=_sorted([*plan.headings, *table.headings]),
        unassigned=_by_place([*plan.unassigned, *again, *_beside(table, flat)]),
        doubts=(*plan.doubts, *_column_doubts(table, flat), *doubts, *joiner.doubts),
    )


def _sorted(spans: Sequence[Span]) -> tuple[Span, ...]:
    return tuple(sorted(spans, key=lambda span: span.start))


def _by_place(left: Sequence[Unassigned]) -> tuple[Unassigned, ...]:
    return tuple(sorted(left, key=lambda one: one.span.start))


def _keyed(measures: Sequence[Measure], taken: set[str]) -> list[Measure]:
    """The measures of a table with keys that none of the plan has."""
    found: list[Measure] = []
    for measure in measures:
        key, n = measure.key, 1
        while key in taken:
            n += 1
            key = f"{measure.key}#{n}"
        taken.add(key)
        found.append(replace(measure, key=key))
    return found


def _beside(table: Table, flat: str) -> Iterator[Unassigned]:
    """The header of a table, and the notes among its rows, suspect where they ask for something by a day."""
    yield from (Unassigned(span, HEADER) for span in table.headers)
    for span in table.notes:
        limited = deadlines_in(Clean(flat, flat, [(span.start, span.end)]), 0, span.end - span.start, None)
        yield Unassigned(span, NOTE, bool(limited) or DUTY.search(flat, span.start, span.end) is not None)


def _column_doubts(table: Table, flat: str) -> list[Doubt]:
    """Columns that are not read, though bodies or limits stand in them: all of a table in one question."""
    columns: dict[tuple[int, str], list[str]] = {}
    for row in table.rows:
        for cell in row.of(Column.OTHER):
            if cell.header:
                columns.setdefault((cell.at, cell.header), []).append(flat[cell.span.start : cell.span.end])
    seen = []
    for (_, header), cells in columns.items():
        said = [words for words in cells if not says_nothing(words)]
        if likely_column(header) is Column.WHO or sum(map(names_bodies, said)) * 2 > len(said):
            seen.append(f"“{header}”没有当作责任单位")
        elif _STAGE.search(header) or sum(map(is_time, said)) * 2 > len(said):
            seen.append(f"“{header}”没有读成时限")
    return [Doubt(DoubtKind.TABLE, table.headers[0], "、".join(seen))] if seen else []


def _row_doubts(table: Table, tasks: Sequence[TableTask], keys: Sequence[str | None]) -> list[Doubt]:
    """What is doubtful about a table and its rows; many like doubts are one."""
    found: list[Doubt] = []
    if table.doubt:
        found.append(Doubt(DoubtKind.TABLE, table.headers[0], table.doubt))
    like: dict[tuple[DoubtKind, str], list[tuple[Span, str | None, str]]] = {}
    for task, key in zip(tasks, keys, strict=True):
        for kind, span, why, text in task.doubts:
            like.setdefault((kind, why), []).append((span, key, text))
    for (kind, why), places in like.items():
        if len(places) >= _ALIKE_DOUBTS:
            spans = tuple(span for span, _, _ in places)
            found.append(Doubt(kind, spans[0], f"{len(spans)} 行：{why}", None, spans[1:]))
        else:
            found.extend(Doubt(kind, span, f"{why}：{_short(text)}", key) for span, key, text in places)
    return found


def _short(text: str) -> str:
    words = re.sub(r"\s+", "", text)
    return words if len(words) <= _SEEN else f"{words[:_SEEN]}…"


__all__ = ["HEADER", "REPEATED", "with_tables"]
