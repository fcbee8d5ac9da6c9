"""Rows of task tables (任务表) read as measures: task, units with the role their column gives, limits, contacts."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date as Day

from tracker.reading.limits.phrases import deadlines_in, vague_in
from tracker.reading.names.bodies import is_name, kind_of
from tracker.reading.names.contacts import contacts_of
from tracker.reading.names.likeness import same_body
from tracker.reading.names.responsibility import FIRST_LEADS, Named, label_role, read_list
from tracker.reading.plan import Assignment, Contact, Deadline, DoubtKind, Item, Measure, Role, Span
from tracker.reading.tables.columns import BRACKETS, Column
from tracker.reading.tables.rows import Cell, Table, TaskRow
from tracker.reading.tables.times import is_unread, limits_of, undated_in
from tracker.reading.text.cleaning import Clean
from tracker.reading.text.lazy import lazy

_SURE, _UNSURE = 0.97, 0.5
_SEEN = 24
_BLANKS = lazy(r"\s+")
_STRENGTH = {Role.LEAD: 2, Role.RESPONSIBLE: 1, Role.EACH: 1, Role.SUPPORT: 0}
_NUMBER = re.compile(r"（?([\d.]{1,7}|[〇零一二三四五六七八九十百]{1,4})[）.、]?")
_LEADING = lazy(
    r"\s*(?:（([〇零一二三四五六七八九十百\d]{1,4})）|(\d{1,3})[、.](?!\d)|([〇零一二三四五六七八九十百]{1,4})、)\s*(?=\S)"
)
# In a column of bodies a place stands for its government.
_PLACE = lazy(r"[\u4e00-\u9fff]{1,8}(?:[镇乡村县市区州旗盟]|街道|社区|苏木|林场|农场)")


@dataclass(frozen=True, slots=True)
class TableTask:
    """One task of a table, read as a measure; whether its number is printed, and what is doubtful about its rows."""

    measure: Measure
    numbered: bool
    rows: tuple[TaskRow, ...] = ()
    doubts: tuple[tuple[DoubtKind, Span, str, str], ...] = ()  # what is doubtful, where, why, in which words


class RowReader:
    """Reads the rows of one text's tables; `year` is the one meant where none is printed."""

    def __init__(self, printed: str, flat: str, year: int | None) -> None:
        self.printed = printed
        self.flat = flat
        self.year = year
        # Cells of a table repeat one another: the same words are read once.
        self._lists: dict[tuple[str, Role, bool], list[Named]] = {}
        self._times: dict[str, list[Deadline]] = {}

    def tasks(self, table: Table) -> list[TableTask]:
        """The tasks of a table: one for each number, or each task, with an item for each row it reaches over."""
        groups: list[list[TaskRow]] = []
        for row in table.rows:
            if groups and self._goes_on(groups[-1][-1], row):
                groups[-1].append(row)
            elif row.of(Column.TASK) or row.of(Column.SECTION) or not groups:
                groups.append([row])
            else:
                groups[-1].append(row)
        return _with_leads_asked([self._task(group, str(n)) for n, group in enumerate(groups, start=1)])

    def _words(self, cells: Sequence[Cell]) -> Clean:
        stretches = [(span.start, span.end) for cell in cells for span in cell.spans]
        return Clean(self.printed, self.flat, stretches)

    def _text(self, cells: Sequence[Cell]) -> str:
        return self._words(cells).text if cells else ""

    def _goes_on(self, before: TaskRow, row: TaskRow) -> bool:
        """Whether a row belongs to the task of the row above: the same number, or the same task, or none of its own."""
        if row.heading != before.heading or self._differ(before, row, Column.SECTION):
            return False
        number, above = self._text(row.of(Column.NUMBER)), self._text(before.of(Column.NUMBER))
        if number and above:
            return number == above
        task = self._text(row.of(Column.TASK)[-1:])
        return not number and (not task or task == self._text(before.of(Column.TASK)[-1:]))

    def _differ(self, before: TaskRow, row: TaskRow, column: Column) -> bool:
        one, other = self._text(before.of(column)), self._text(row.of(column))
        return bool(one and other and one != other)

    def _task(self, group: list[TaskRow], place: str) -> TableTask:
        first = group[0]
        tasks = first.of(Column.TASK) or first.of(Column.SECTION)
        printed = _NUMBER.fullmatch(self._words(first.of(Column.NUMBER)).flat)
        # Of two columns of tasks (重点任务, 具体措施) the outer one is the section.
        outer = [*first.of(Column.SECTION), *tasks[:-1]] if first.of(Column.TASK) else []
        section = self._text(outer[:1]) or None
        if first.heading and not first.of(Column.SECTION):
            section = re.sub(r"\s+", "", self.printed[first.heading.start : first.heading.end])
        items: list[Item] = []
        inner: list[Cell] = []
        said: set[str] = set()
        lent: list[tuple[DoubtKind, Span, str, str]] = []
        within = None if printed else self._numbered(tasks[-1:])
        for row in group:
            own = row.of(Column.TASK)[-1:] or tasks[-1:]
            own = [self._without_number(cell) for cell in own] if within else own
            words = self._text(own)
            if words not in said:
                said.add(words)
                inner.extend(own)
            # Who answers for a number is printed once where the cell reaches over all its rows.
            item = self._item(row, own)
            if items and not row.of(Column.WHO) and items[-1].assignments:
                item = replace(item, assignments=items[-1].assignments)
                lent.append((DoubtKind.TABLE, row.span, "这一行没有写责任单位，看作与上一行相同", item.text))
            items.append(item)
        span = Span(first.span.start, group[-1].span.end)
        title = self._text(tasks[:-1]).rstrip("。：") or None
        key = printed[1] if printed else within or place
        measure = Measure(key, section, title, self._text(inner), span, tuple(items))
        doubts = tuple(one for row, item in zip(group, items, strict=True) for one in self._doubts(row, item))
        return TableTask(measure, bool(printed or within), tuple(group), (*lent, *doubts))

    def _numbered(self, cells: Sequence[Cell]) -> str | None:
        """The number that a task is printed behind, in its own cell: （三）落实补贴."""
        match = next((_LEADING.match(self.flat, cell.span.start, cell.span.end) for cell in cells), None)
        return next(one for one in match.groups() if one) if match else None

    def _without_number(self, cell: Cell) -> Cell:
        match = _LEADING.match(self.flat, cell.span.start, cell.span.end)
        return replace(cell, span=Span(match.end(), cell.span.end)) if match else cell

    def _doubts(self, row: TaskRow, item: Item) -> Iterator[tuple[DoubtKind, Span, str, str]]:
        if row.doubt:
            yield DoubtKind.TABLE, row.span, row.doubt, item.text
        for cell in row.of(Column.TIME):
            words = self._words([cell]).flat
            if is_unread(words) and not self._limits(cell):
                yield DoubtKind.HALF_LIMIT, cell.span, f"时限一栏的“{words[:_SEEN]}”没有读成日期", item.text

    def _item(self, row: TaskRow, task: Sequence[Cell]) -> Item:
        clean = self._words(task)
        assignments = tuple(_strongest([one for cell in row.of(Column.WHO) for one in self._assigned(cell)]))
        units = [one.unit for one in assignments]
        times = list(deadlines_in(clean, 0, len(clean.text), self.year))
        vague = list(vague_in(clean, 0, len(clean.text)))
        for cell in row.of(Column.TIME):
            limits = self._limits(cell)
            # The column repeats what the task's own words say, and often says it more exactly (每月: 每月25日前).
            times = [one for one in times if not any(finer(limit, one) for limit in limits)]
            times.extend(one for one in limits if not any(same_limit(one, other) for other in times))
            words = self._words([cell])
            undated = undated_in(words, limits)
            vague.extend(undated or vague_in(words, 0, len(words.text)))
        return Item(
            text=clean.text,
            span=row.span,
            assignments=assignments,
            contacts=self._contacts(row, units),
            deadlines=tuple(bound_to(times, units)),
            vague=tuple(vague),
        )

    def _contacts(self, row: TaskRow, units: list[str]) -> tuple[Contact, ...]:
        people, phones = (
            [self.printed[span.start : span.end] for cell in row.of(kind) for span in cell.spans]
            for kind in (Column.PERSON, Column.PHONE)
        )
        return contacts_of(people, phones, units) if people or phones else ()

    def _assigned(self, cell: Cell) -> Iterator[Assignment]:
        """The units of a cell: parted by marks, or by the blanks and line breaks between whole names."""
        header = BRACKETS.sub("", cell.header) or cell.header
        both = re.search("牵头|主办", header) and re.search("配合|协办|参与", header)
        role = Role.SUPPORT if both else label_role(header)
        first_leads = bool(both or FIRST_LEADS.search(cell.header))
        for stretches in self._chunks(cell):
            clean = Clean(self.printed, self.flat, stretches)
            words = (clean.flat, role, first_leads)
            if words not in self._lists:
                self._lists[words] = read_list(clean.flat, 0, len(clean.flat), role, "table", first_leads=first_leads)
            for one in self._lists[words]:
                flat = clean.flat[one.start : one.end]
                sure = _SURE if is_name(flat) or _PLACE.fullmatch(flat) else _UNSURE
                span = clean.span(one.start, one.end)
                yield Assignment(clean.text[one.start : one.end], one.role, kind_of(flat), span, sure, one.rule)
            first_leads = False

    def _chunks(self, cell: Cell) -> Iterator[list[tuple[int, int]]]:
        """The stretches of a cell that hold whole names: line breaks and blanks part them, a page's end does not."""
        if cell.rest:
            yield [(span.start, span.end) for span in cell.spans]
            return
        start = cell.span.start
        for blank in _BLANKS.finditer(self.flat, start, cell.span.end):
            head = self.flat[start : blank.start()]
            name = re.split("[、，；：]", head)[-1]
            if is_name(name) and head.count("（") == head.count("）"):
                yield [(start, blank.start())]
                start = blank.end()
        yield [(start, cell.span.end)]

    def _limits(self, cell: Cell) -> list[Deadline]:
        """The limits of a cell in the column of limits; a cell in one piece is read once for all of its words."""
        if cell.rest:
            return self._read_limits(cell)
        words = self.printed[cell.span.start : cell.span.end]
        if words not in self._times:
            found = self._read_limits(cell)
            self._times[words] = [_shifted(one, -cell.span.start) for one in found]
        return [_shifted(one, cell.span.start) for one in self._times[words]]

    def _read_limits(self, cell: Cell) -> list[Deadline]:
        return limits_of(self._words([cell]), self.year)


def _with_leads_asked(tasks: list[TableTask]) -> list[TableTask]:
    """The tasks, where in a table whose rows have a lead those that have none are asked about: nobody has the clock."""
    items = [item for task in tasks for item in task.measure.items if item.assignments]
    led = sum(_is_led(item) for item in items)
    if led == len(items) or led * 2 < len(items):
        return tasks
    asked = []
    for task in tasks:
        doubts = tuple(
            (DoubtKind.UNSURE_UNIT, row.span, "牵头单位一格是空的", item.text)
            for row, item in zip(task.rows, task.measure.items, strict=True)
            if item.assignments and all(one.role is Role.SUPPORT for one in item.assignments)
        )
        asked.append(replace(task, doubts=(*task.doubts, *doubts)))
    return asked


def _is_led(item: Item) -> bool:
    return any(one.role is Role.LEAD for one in item.assignments)


def _shifted(one: Deadline, by: int) -> Deadline:
    return replace(one, span=Span(one.span.start + by, one.span.end + by))


def same_limit(one: Deadline, other: Deadline) -> bool:
    """Whether two limits are one, however they are worded."""
    return _values(one) == _values(other)


def _values(deadline: Deadline) -> tuple[str, Day | None, int | None, str | None, str | None]:
    return deadline.kind, deadline.date, deadline.amount, deadline.unit, deadline.rrule


def finer(one: Deadline, other: Deadline) -> bool:
    """Whether a rhythm is another one with its day added."""
    return bool(one.rrule and other.rrule and one.rrule.startswith(f"{other.rrule};BY"))


def _strongest(assignments: Sequence[Assignment]) -> list[Assignment]:
    """A unit that stands in two columns keeps its strongest role."""
    best: dict[str, Assignment] = {}
    for one in assignments:
        if one.unit not in best or _STRENGTH[one.role] > _STRENGTH[best[one.unit].role]:
            best[one.unit] = one
    return list(best.values())


def bound_to(times: Sequence[Deadline], units: Sequence[str]) -> Iterator[Deadline]:
    """The limits with only such bound names as mean one of the units."""
    for one in times:
        names = tuple(name for name in one.bound or () if any(same_body(name, unit) for unit in units))
        yield replace(one, bound=names or None)
