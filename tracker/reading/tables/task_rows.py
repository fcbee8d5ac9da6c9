"""Rows of task tables (任务表) read as measures: task, units with the role their column gives, limits, contacts."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date as Day

from tracker.reading.limits.phrases import deadlines_in, read_phrases, vague_in
from tracker.reading.names.bodies import is_name, kind_of
from tracker.reading.names.contacts import contacts_of
from tracker.reading.names.likeness import same_body
from tracker.reading.names.responsibility import FIRST_LEADS, label_role, read_list
from tracker.reading.plan import Assignment, Contact, Deadline, Item, Measure, Plan, Role, Span, Unassigned
from tracker.reading.tables.task_tables import BRACKETS, Cell, Column, Table, TaskRow
from tracker.reading.text.cleaning import Clean, fold

# A row that begins with these many characters of a measure's text says it again.
_TELLING = 20
_REPEATED = "任务表（与正文重复）"
_SURE, _UNSURE = 0.97, 0.5
_STRENGTH = {Role.LEAD: 2, Role.RESPONSIBLE: 1, Role.EACH: 1, Role.SUPPORT: 0}
_NUMBER = re.compile(r"（?([\d.]{1,7}|[〇零一二三四五六七八九十百]{1,4})[）.、]?")
_NUMERIC_DATE = re.compile(r"(20\d\d)[-./年](\d{1,2})(?:[-./月](\d{1,2})日?)?月?")
# What a bare date in the column of limits lacks to be worded as one: 2022年6月 means 2022年6月底前.
_BARE = (
    (re.compile(r".*[日号]"), "前"),
    (re.compile(r".*(?:[底末终]|半年|季度)"), "前"),
    (re.compile(r".*\d月份?"), "底前"),
    (re.compile(r"20\d\d年"), "底前"),
)
_BARE_DATE = re.compile(
    r"(?:20\d\d年|今年|本年|年)?"
    r"(?:[〇一二三四五六七八九十\d]{1,2}月(?:份|底|末)?|[上下]半年|第?[一二三四]季度|年?[底末终])?(?:\d{1,2}[日号])?"
)


def with_tables(
    printed: str, flat: str, plans: Sequence[Plan], years: Sequence[int | None], tables: Sequence[Table]
) -> list[Plan]:
    """The plans, each with the measures of the task tables that stand in it."""
    found = list(plans)
    for table in tables:
        at = max((n for n, plan in enumerate(found) if plan.span.start <= table.start), default=0)
        measures = RowReader(printed, flat, years[at]).measures(table)
        found[at] = _with_table(found[at], table, measures)
    return found


def _with_table(plan: Plan, table: Table, measures: Sequence[Measure]) -> Plan:
    """A plan with a table's measures; those its own text hands out already are only listed."""
    answered = [_squeezed(measure.text) for measure in plan.measures if any(item.assignments for item in measure.items)]
    fresh: list[Measure] = []
    again: list[Measure] = []
    for measure in measures:
        words = _squeezed(measure.text)[:_TELLING]
        repeated = len(words) > 5 and any(words in text for text in answered)
        (again if repeated else fresh).append(measure)
    spans = [*table.headers, *table.headings]
    return replace(
        plan,
        span=Span(min(plan.span.start, table.start), max([plan.span.end, *(row.span.end for row in table.rows)])),
        measures=(*plan.measures, *fresh),
        headings=tuple(sorted((*plan.headings, *spans), key=lambda span: span.start)),
        unassigned=(*plan.unassigned, *(Unassigned(measure.span, _REPEATED) for measure in again)),
    )


def _squeezed(text: str) -> str:
    return re.sub(r"\s", "", fold(text))


class RowReader:
    """Reads the rows of one text's tables; `year` is the one meant where none is printed."""

    def __init__(self, printed: str, flat: str, year: int | None) -> None:
        self.printed = printed
        self.flat = flat
        self.year = year

    def measures(self, table: Table) -> list[Measure]:
        """The measures of a table: one for each task, with an item for each row it reaches over."""
        groups: list[list[TaskRow]] = []
        for row in table.rows:
            if groups and self._goes_on(groups[-1][-1], row):
                groups[-1].append(row)
            elif row.of(Column.TASK) or row.of(Column.SECTION):
                groups.append([row])
            elif groups:
                groups[-1].append(row)
        found: list[Measure] = []
        number = ""
        for n, group in enumerate(groups, start=1):
            # A number merged over several tasks is printed with the first; the others are told apart later.
            printed = _NUMBER.fullmatch(self._words(group[0].of(Column.NUMBER)).flat)
            number = printed[1] if printed else number
            found.append(self._measure(group, number or str(n)))
        return found

    def _words(self, cells: Sequence[Cell]) -> Clean:
        return Clean(self.printed, self.flat, [(cell.span.start, cell.span.end) for cell in cells])

    def _goes_on(self, before: TaskRow, row: TaskRow) -> bool:
        """Whether a row belongs to the task of the row above: no task of its own, or the same one repeated."""
        task, number = self._words(row.of(Column.TASK)).text, self._words(row.of(Column.NUMBER)).text
        if not task:
            return not number
        above = self._words(before.of(Column.NUMBER)).text
        return task == self._words(before.of(Column.TASK)).text and (not number or not above or number == above)

    def _measure(self, group: list[TaskRow], key: str) -> Measure:
        first = group[0]
        tasks = first.of(Column.TASK) or first.of(Column.SECTION)
        # Of two columns of tasks (重点任务, 具体措施) the outer one is the section.
        outer = [*first.of(Column.SECTION), *tasks[:-1]] if first.of(Column.TASK) else []
        section = self._words(outer[:1]).text or None
        if section is None and first.heading:
            section = re.sub(r"\s+", "", self.printed[first.heading.start : first.heading.end])
        clean = self._words(tasks[-1:])
        items = tuple(self._item(row, row.of(Column.TASK)[-1:] or tasks[-1:]) for row in group)
        span = Span(first.span.start, group[-1].span.end)
        title = self._words(tasks[:-1]).text or None
        return Measure(key, section, title, clean.text, span, items)

    def _item(self, row: TaskRow, task: Sequence[Cell]) -> Item:
        clean = self._words(task)
        assignments = tuple(_strongest([one for cell in row.of(Column.WHO) for one in self._assigned(cell)]))
        units = [one.unit for one in assignments]
        times = list(deadlines_in(clean, 0, len(clean.text), self.year))
        vague = list(vague_in(clean, 0, len(clean.text)))
        for cell in row.of(Column.TIME):
            limits = self._limits(cell)
            # The column repeats what the task's own words say, and often says it more exactly (每月: 每月25日前).
            times = [one for one in times if not any(_finer(limit, one) for limit in limits)]
            times.extend(one for one in limits if not any(_same(one, other) for other in times))
            words = self._words([cell])
            vague.extend(vague_in(words, 0, len(words.text)))
        return Item(
            text=clean.text,
            span=row.span,
            assignments=assignments,
            contacts=self._contacts(row, units),
            deadlines=tuple(_bound(times, units)),
            vague=tuple(vague),
        )

    def _contacts(self, row: TaskRow, units: list[str]) -> tuple[Contact, ...]:
        people, phones = (
            [self.printed[cell.span.start : cell.span.end] for cell in row.of(kind)]
            for kind in (Column.PERSON, Column.PHONE)
        )
        return contacts_of(people, phones, units) if people or phones else ()

    def _assigned(self, cell: Cell) -> Iterator[Assignment]:
        """The units of a cell: parted by marks, or by the blanks and line breaks between whole names."""
        header = BRACKETS.sub("", cell.header) or cell.header
        both = re.search("牵头|主办", header) and re.search("配合|协办|参与", header)
        role = Role.SUPPORT if both else label_role(header)
        first_leads = bool(both or FIRST_LEADS.search(cell.header))
        for start, end in self._chunks(cell.span):
            clean = Clean(self.printed, self.flat, [(start, end)])
            for one in read_list(clean.flat, 0, len(clean.flat), role, "table", first_leads=first_leads):
                flat = clean.flat[one.start : one.end]
                sure = _SURE if is_name(flat) else _UNSURE
                span = clean.span(one.start, one.end)
                yield Assignment(clean.text[one.start : one.end], one.role, kind_of(flat), span, sure, one.rule)
            first_leads = False

    def _chunks(self, span: Span) -> Iterator[tuple[int, int]]:
        start = span.start
        for blank in re.compile(r"\s+").finditer(self.flat, span.start, span.end):
            head = self.flat[start : blank.start()]
            name = re.split("[、，；：]", head)[-1]
            if is_name(name) and head.count("（") == head.count("）"):
                yield start, blank.start()
                start = blank.end()
        yield start, span.end

    def _limits(self, cell: Cell) -> list[Deadline]:
        """The limits of a cell in the column of limits, where a bare date is one."""
        clean = self._words([cell])
        found = deadlines_in(clean, 0, len(clean.text), self.year)
        if found:
            return [replace(one, found_by=f"table {one.found_by}".strip()) for one in found]
        numeric = _NUMERIC_DATE.fullmatch(clean.flat)
        wording = clean.text
        if numeric and "年" not in clean.flat:
            year, month, day = numeric.groups()
            wording = f"{year}年{int(month)}月" + (f"{int(day)}日" if day else "")
        if not _BARE_DATE.fullmatch(wording):
            return []
        suffix = next((more for pattern, more in _BARE if pattern.fullmatch(wording)), None)
        read = read_phrases(wording + suffix, year=self.year) if suffix else ()
        return [replace(one, quote=clean.text, span=cell.span, found_by="table bare date") for one in read[:1]]


def _same(one: Deadline, other: Deadline) -> bool:
    return _values(one) == _values(other)


def _values(deadline: Deadline) -> tuple[str, Day | None, int | None, str | None, str | None]:
    return deadline.kind, deadline.date, deadline.amount, deadline.unit, deadline.rrule


def _finer(one: Deadline, other: Deadline) -> bool:
    """Whether a rhythm is another one with its day added."""
    return bool(one.rrule and other.rrule and one.rrule.startswith(f"{other.rrule};"))


def _strongest(assignments: Sequence[Assignment]) -> list[Assignment]:
    """A unit that stands in two columns keeps its strongest role."""
    best: dict[str, Assignment] = {}
    for one in assignments:
        if one.unit not in best or _STRENGTH[one.role] > _STRENGTH[best[one.unit].role]:
            best[one.unit] = one
    return list(best.values())


def _bound(times: Sequence[Deadline], units: Sequence[str]) -> Iterator[Deadline]:
    for one in times:
        names = tuple(name for name in one.bound or () if any(same_body(name, unit) for unit in units))
        yield replace(one, bound=names or None)
