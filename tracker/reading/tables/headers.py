"""Headers (表头) of task tables: the lines that say what the columns hold, known words or not."""

from collections.abc import Sequence
from dataclasses import dataclass

from tracker.reading.plan import Span
from tracker.reading.tables.columns import (
    BRACKETS,
    Column,
    kind_of_column,
    likely_column,
    names_bodies,
    says_nothing,
)
from tracker.reading.tables.rows import Split, line_end
from tracker.reading.text.lazy import lazy

_HEADER_LIMIT = 24  # characters of a header cell without its brackets
_HEADER_LINE = 600
_CELLS_LIMIT = 60
_LOOKED_AT = 12  # rows under an unknown header whose cells are asked what they hold
# Every header of a column of units or of limits has one of these.
_TELLTALE = lazy("[责牵配主协承参落实限间节进时单部处科内任措事]")
RULE = lazy(r":?-+:?|：?-+：?")
_KEPT = 64  # rows that are split once, though each of the headers above them may ask for them


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of a table, each with its printed words, and the lines they stand in."""

    columns: tuple[tuple[Column, str], ...]
    lines: tuple[Span, ...]
    end: int
    doubt: str = ""

    @property
    def kinds(self) -> list[Column]:
        """What the columns hold, from left to right."""
        return [kind for kind, _ in self.columns]


class HeaderReader:
    """Reads headers of a text whose cells one mark parts."""

    def __init__(self, flat: str, mark: str, split: Split, *, exact: bool = False) -> None:
        self.flat = flat
        self.mark = mark
        self.split = split
        # Where the mark is no more than a comma or a blank, only lines that fit the header exactly are rows.
        self.exact = exact
        self._rows: dict[int, tuple[list[Span], list[str], int]] = {}
        # A line is looked at as the second of a header, and then as its first.
        self._second: tuple[int, tuple[list[tuple[Column, str]], int] | None] = (-1, None)

    def row(self, at: int) -> tuple[list[Span], list[str], int]:
        """The cells of the line that begins here, their words, and where it ends."""
        found = self._rows.get(at)
        if found is None:
            if len(self._rows) >= _KEPT:
                self._rows.clear()
            cells, end = self.split(self.flat, at)
            found = self._rows[at] = cells, self.words(cells), end
        return found

    def _kinds(self, at: int) -> tuple[list[tuple[Column, str]], int] | None:
        """The columns that a line names, if it may be a header at all."""
        flat, line = self.flat, line_end(self.flat, at)
        if (
            line - at > _HEADER_LINE
            or not 0 < flat.count(self.mark, at, line) <= _CELLS_LIMIT
            or not _TELLTALE.search(flat, at, line)
        ):
            return None
        _, words, end = self.row(at)
        if any(len(BRACKETS.sub("", word)) > _HEADER_LIMIT for word in words):
            return None
        return [(kind_of_column(word) if word else Column.OTHER, word) for word in words], end

    def header(self, at: int) -> Header | None:
        """The header that begins at this line: one line, or two where the second parts the cells of the first."""
        first = self._second[1] if self._second[0] == at else self._kinds(at)
        if first is None:
            return None
        columns, end = first
        lines = [Span(at, end)]
        if end < len(self.flat) and any(kind is not Column.OTHER for kind, _ in columns):
            second = self._kinds(end + 1)
            self._second = end + 1, second
            if second and _is_second(columns, second[0]):
                columns = _under(columns, second[0])
                lines.append(Span(end + 1, second[1]))
                end = second[1]
        known = _promoted(columns)
        if _is_useful(known):
            known = self._with_bodies(known, end)
            named = [kind for kind, word in known if word]
            if sum(kind is not Column.OTHER for kind in named) * 2 >= len(named) and (
                not self.exact or all(kind is not Column.OTHER for kind in named)
            ):
                return Header(tuple(known), tuple(lines), end)
        if self.exact:
            return None
        return self._by_content(columns, lines, end)

    def _with_bodies(self, columns: list[tuple[Column, str]], end: int) -> list[tuple[Column, str]]:
        """The columns of a header without one of bodies, where a word like 单位 stands over nothing but bodies."""
        if any(kind is Column.WHO for kind, _ in columns):
            return columns
        likely = [n for n, (kind, word) in enumerate(columns) if kind is Column.OTHER and word]
        likely = [n for n in likely if likely_column(columns[n][1]) is Column.WHO]
        rows = self._sample(end, len(columns)) if likely else []
        for n in likely:
            cells = [row[n] for row in rows if n < len(row) and not says_nothing(row[n])]
            if cells and all(names_bodies(cell) for cell in cells):
                return [*columns[:n], (Column.WHO, columns[n][1]), *columns[n + 1 :]]
        return columns

    def _by_content(self, columns: list[tuple[Column, str]], lines: list[Span], end: int) -> Header | None:
        """A header whose words are not all known, where the cells under it bear out what they may mean."""
        may_be = {likely_column(word) for _, word in columns if word}
        # A header whose words cannot mean both is none, whatever stands below: nothing else is looked at.
        if not {Column.TASK, Column.WHO} <= may_be:
            return None
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
        return Header(tuple(likely), tuple(lines), end, f"表头没有见过：{seen}")

    def _is_rule(self, words: Sequence[str]) -> bool:
        """Whether a row only rules a line between others; most do not begin with a stroke."""
        if words and words[0] and words[0][0] not in ":：-":
            return False
        return all(RULE.fullmatch(word) for word in words)

    def _sample(self, end: int, width: int) -> list[list[str]]:
        """The words of the first rows under a header that have as many cells."""
        rows: list[list[str]] = []
        at = end + 1
        while at < len(self.flat) and len(rows) < _LOOKED_AT:
            stop = line_end(self.flat, at)
            if self.mark not in self.flat[at:stop]:
                break
            cells, words, stop = self.row(at)
            if len(cells) <= width and not self._is_rule(words):
                rows.append(words)
            at = stop + 1
        return rows

    def words(self, cells: Sequence[Span]) -> list[str]:
        """The words of some cells."""
        return [self.flat[cell.start : cell.end] for cell in cells]


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


def _is_second(first: Sequence[tuple[Column, str]], second: Sequence[tuple[Column, str]]) -> bool:
    """Whether a line parts cells of the header line above it; what reaches over both lines may be printed in each."""
    again = {word for _, word in first if word}
    named = [(kind, word) for kind, word in second if word]
    fresh = [kind for kind, word in named if word not in again]
    return (
        len(named) > 1
        and Column.WHO in fresh
        and all(kind is not Column.OTHER or word in again for kind, word in named)
    )


def _under(first: list[tuple[Column, str]], second: list[tuple[Column, str]]) -> list[tuple[Column, str]]:
    width = max(len(first), len(second))
    blank = (Column.OTHER, "")
    pairs = zip(first + [blank] * (width - len(first)), second + [blank] * (width - len(second)), strict=True)
    return [lower if lower[1] else upper for upper, lower in pairs]


__all__ = ["RULE", "Header", "HeaderReader"]
