"""Rows of a task table joined (并入) to the measures that they repeat: what the table prints wins over guesses."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from tracker.reading.names.likeness import same_body
from tracker.reading.plan import Assignment, Deadline, Doubt, DoubtKind, Item, Measure, NameKind
from tracker.reading.tables.matching import SURE, Matcher
from tracker.reading.tables.row_reader import TableTask, bound_to, finer, same_limit
from tracker.reading.text.cleaning import Clean, fold
from tracker.reading.text.lazy import lazy

# Rules that read what is printed to say who answers; the others guess it from sentences.
_PRINTED = frozenset(("label", "bracket", "unit first", "table"))
_OFFICE = lazy(r".{1,20}(?:局|委|办|厅|署|政府)")
_GUESSED = 0.7  # a limit of less confidence gives way to a printed one
_SEEN = 30
_VERBATIM = 0.9
_TELLING = 16

_Row = tuple[TableTask, Item, float]


class Joiner:
    """Joins the tasks of tables to one plan's measures, and keeps what is doubtful about it."""

    def __init__(self, printed: str, flat: str, measures: Sequence[Measure]) -> None:
        self.printed = printed
        self.flat = flat
        self.measures = list(measures)
        self.doubts: list[Doubt] = []
        self._keys: dict[int, str] = {}
        self._reworded: set[int] = set()

    def key_of(self, task: TableTask) -> str | None:
        """The key of the measure that a task was joined to."""
        return self._keys.get(id(task))

    def is_verbatim(self, task: TableTask) -> bool:
        """Whether the text holds a joined task's words almost as they stand."""
        return id(task) not in self._reworded

    def join(self, tasks: Sequence[TableTask]) -> list[TableTask]:
        """Join every task that the text says already; the others are handed back."""
        if not self.measures:
            return list(tasks)
        matcher = Matcher(self.measures)
        parts: dict[int, list[_Row]] = defaultdict(list)
        fresh: list[TableTask] = []
        for task, places in zip(tasks, matcher.matched(tasks), strict=True):
            at = next((place for place, _ in places if place is not None), None)
            if at is None:
                section = matcher.section_of(task)
                for n in section:
                    parts[n].extend((task, replace(item, text=""), 1.0) for item in task.measure.items)
                    self._keys.setdefault(id(task), self.measures[n].key)
                if not section:
                    fresh.append(task)
                continue
            self._keys[id(task)] = self.measures[at].key
            for item, (place, likeness) in zip(task.measure.items, places, strict=True):
                at = at if place is None else place
                if likeness < _VERBATIM:
                    self._reworded.add(id(task))
                parts[at].append((task, item, likeness))
        for n, rows in parts.items():
            self.measures[n] = self._joined(self.measures[n], rows)
        return fresh

    def _joined(self, measure: Measure, rows: list[_Row]) -> Measure:
        low = next((item for _, item, likeness in rows if item.text and likeness < SURE), None)
        if low is not None:
            self._ask(DoubtKind.TABLE, measure, low, f"分工表的“{_short(low.text)}”看作正文的这一条")
        printed = [one for item in measure.items for one in item.assignments if one.found_by in _PRINTED]
        if printed and len(measure.items) > 1:
            return self._beside(measure, rows)
        if len(rows) == 1:
            items: tuple[Item, ...] = (self._one(measure, rows[0][1], printed),)
        else:
            items = self._several(measure, [item for _, item, _ in rows])
        self._left_out(measure, items)
        self._conflicts(measure, rows)
        return replace(measure, items=items)

    def _one(self, measure: Measure, row: Item, printed: Sequence[Assignment]) -> Item:
        """The measure as one item, with what its row prints."""
        first = measure.items[0]
        assignments = row.assignments or tuple(one for item in measure.items for one in item.assignments)
        if printed and row.assignments:
            more = [one for one in printed if not _among(one.unit, row.assignments)]
            fewer = [one for one in row.assignments if not _among(one.unit, printed)]
            # A body that both print stands where the text has it, in the part that the table gives it.
            assignments = (*(_in_text(one, printed) for one in assignments), *more)
            if more or fewer:
                names = "、".join(one.unit for one in [*more, *fewer])
                self._ask(DoubtKind.UNSURE_UNIT, measure, row, f"正文与分工表写的责任单位不同：{names}")
        text = measure.text if len(measure.items) > 1 else first.text
        span = measure.span if len(measure.items) > 1 else first.span
        own = [one for item in measure.items for one in item.deadlines]
        vague = tuple(one for item in measure.items for one in item.vague)
        vague += tuple(one for one in row.vague if all(one.quote != other.quote for other in vague))
        limits = bound_to(_limits(own, row.deadlines), [one.unit for one in assignments])
        contacts = row.contacts or tuple(one for item in measure.items for one in item.contacts)
        return replace(
            first,
            text=text,
            span=span,
            assignments=tuple(assignments),
            contacts=contacts,
            deadlines=tuple(limits),
            vague=vague,
        )

    def _several(self, measure: Measure, rows: Sequence[Item]) -> tuple[Item, ...]:
        """The measure as an item for each row, each with the sentences of the text that it repeats."""
        clean = Clean(self.printed, self.flat, [(measure.span.start, measure.span.end)])
        items: list[Item] = []
        for row in rows:
            words = fold(row.text)
            at = clean.flat.find(words[:_TELLING]) if words else -1
            if at >= 0:
                whole = clean.flat.startswith(words, at)
                stop = clean.flat.find("。", at)
                end = at + len(words) if whole else (stop + 1 or len(clean.flat))
                row = replace(row, text=clean.text[at:end], span=clean.span(at, end))
            elif not words:
                row = replace(row, text=measure.text, span=measure.span)
            if not row.assignments and items:
                row = replace(row, assignments=items[-1].assignments)
            items.append(row)
        for item in measure.items:
            for limit in item.deadlines:
                if any(same_limit(limit, one) for made in items for one in made.deadlines):
                    continue
                inside = [n for n, made in enumerate(items) if made.span.start <= limit.span.start < made.span.end]
                n = inside[0] if inside else 0
                units = [one.unit for one in items[n].assignments]
                limits = bound_to([limit, *items[n].deadlines], units)
                items[n] = replace(items[n], deadlines=tuple(limits))
        return tuple(items)

    def _beside(self, measure: Measure, rows: Sequence[_Row]) -> Measure:
        """A measure whose own blocks part it: they stand, the table adds its limits and is compared."""
        all_ = [one for item in measure.items for one in item.assignments]
        items = list(measure.items)
        for _, row, _ in rows:
            strange = [one.unit for one in row.assignments if not _among(one.unit, all_)]
            if strange:
                seen = f"分工表另列的责任单位没有写进正文：{'、'.join(strange)}"
                self._ask(DoubtKind.UNSURE_UNIT, measure, row, seen)
            fit = [n for n, item in enumerate(items) if any(_among(a.unit, row.assignments) for a in item.assignments)]
            n = fit[0] if fit else 0
            said = [one for item in items for one in item.deadlines]
            more = [one for one in row.deadlines if not any(same_limit(one, other) for other in said)]
            items[n] = replace(items[n], deadlines=(*items[n].deadlines, *more))
        return replace(measure, items=tuple(items))

    def _left_out(self, measure: Measure, items: Sequence[Item]) -> None:
        """Ask about bodies that a sentence plainly charges and the table does not list."""
        now = [one for item in items for one in item.assignments]
        if not any(one.found_by in _PRINTED for one in now):
            return
        lost = [
            one
            for item in measure.items
            for one in item.assignments
            if one.kind is NameKind.UNIT and _OFFICE.fullmatch(one.unit) and not _among(one.unit, now)
        ]
        if lost:
            names = "、".join(one.unit for one in lost)
            seen = f"正文写有{names}，分工表没有列，按分工表办"
            self.doubts.append(Doubt(DoubtKind.UNSURE_UNIT, lost[0].span, seen, measure.key))

    def _conflicts(self, measure: Measure, rows: Sequence[_Row]) -> None:
        """Ask where the text and the table give one act two days, two rhythms or two lengths."""
        own = [one for item in measure.items for one in item.deadlines if one.confidence >= _GUESSED]
        table = [one for _, row, _ in rows for one in row.deadlines if one.found_by.startswith("table")]
        for kind in ("absolute", "recurring", "relative"):
            said = [one for one in own if one.kind == kind]
            strange = [one for one in table if one.kind == kind and not any(_agree(one, other) for other in said)]
            if said and strange:
                seen = (
                    f"正文“{'”“'.join(one.quote for one in said)}”，分工表“{'”“'.join(one.quote for one in strange)}”"
                )
                others = tuple(one.span for one in (*said[1:], *strange))
                self.doubts.append(Doubt(DoubtKind.CONFLICT, said[0].span, seen, measure.key, others))

    def _ask(self, kind: DoubtKind, measure: Measure, row: Item, seen: str) -> None:
        self.doubts.append(Doubt(kind, row.span, seen, measure.key))


def _limits(own: Sequence[Deadline], table: Sequence[Deadline]) -> list[Deadline]:
    """The limits of a text and of its row: each once, the finer rhythm, and no guess beside a printed limit."""
    printed = [one for one in table if one.found_by.startswith("table")]
    kept = [
        one
        for one in own
        if not any(finer(other, one) for other in printed) and not (printed and one.confidence < _GUESSED)
    ]
    return [*kept, *(one for one in table if not any(same_limit(one, other) for other in kept))]


def _agree(one: Deadline, other: Deadline) -> bool:
    return same_limit(one, other) or finer(one, other) or finer(other, one)


def _in_text(one: Assignment, printed: Sequence[Assignment]) -> Assignment:
    same = next((other for other in printed if other.unit == one.unit), None)
    return replace(one, span=same.span) if same else one


def _among(unit: str, assignments: Sequence[Assignment]) -> bool:
    return any(unit == one.unit or same_body(unit, one.unit) for one in assignments)


def _short(text: str) -> str:
    words = re.sub(r"\s+", "", text)
    return words if len(words) <= _SEEN else f"{words[:_SEEN]}…"


__all__ = ["Joiner"]
