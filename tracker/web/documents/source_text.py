"""原文: a stored text cut into blocks, with what was read in it marked and what was left out shown."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tracker.reading.loss.coverage import HEADING, Coverage, coverage
from tracker.reading.loss.stretches import Held
from tracker.reading.plan import Span
from tracker.store.documents.drafts import UNSURE
from tracker.store.documents.shown import ShownMeasure
from tracker.store.models import Edition, Measure, Party

Segment = tuple[str, str]
# Why a paragraph is left out that the reading says nothing of.
NOT_READ = "没有读出归属"


@dataclass(frozen=True, slots=True)
class TextMark:
    """A stretch of the text that was read as something: css is unit, deadline, other or unsure."""

    start: int
    end: int
    css: str


@dataclass(slots=True)
class TextBlock:
    """Consecutive lines that belong together: a measure's, a left-out paragraph's, a heading's."""

    start: int
    end: int
    measure: Measure | ShownMeasure | None = None
    reason: str = ""
    suspect: bool = False
    answered: str = ""  # what a person said of it, by whom and when: it needs nothing
    segments: list[Segment] = field(default_factory=list)

    @property
    def left_out(self) -> bool:
        return self.measure is None and bool(self.reason or self.answered)

    def goes_on_in(self, other: "TextBlock") -> bool:
        """Whether the next lines belong to the same measure, or are left out for the same reason."""
        mine, theirs = (self.reason, self.suspect, self.answered), (other.reason, other.suspect, other.answered)
        return self.measure is other.measure and mine == theirs

    @property
    def words(self) -> str:
        return "".join(words for words, _ in self.segments)


@dataclass(frozen=True, slots=True)
class SectionPart:
    """A section of the plan: its heading, its range in the text, and its measures."""

    heading: str
    start: int
    end: int
    measures: list[Measure]


@dataclass(frozen=True, slots=True)
class PageCoverage:
    """How much of a plan's text is accounted for, and which paragraphs are neither measure nor heading.

    Those a person has answered for (不需处理) are told apart.
    """

    read: Coverage
    left_out: list[TextBlock]
    answered: list[TextBlock]

    @property
    def percent(self) -> int:
        return self.read.percent

    @property
    def suspects(self) -> list[TextBlock]:
        return [b for b in self.left_out if b.suspect]

    @property
    def unexplained(self) -> list[TextBlock]:
        """The paragraphs left out that no rule explains."""
        rest = Held(one.span for one in self.read.rest)
        return [b for b in self.left_out if rest.touches(b.start, b.end)]


def plan_range(edition: Edition, text: str) -> tuple[int, int]:
    """Return where the plan stands in its source."""
    return range_of(edition.plan_reading.reading, text)


def range_of(reading: dict[str, Any], text: str) -> tuple[int, int]:
    """Return where a reading says its plan stands in its source."""
    span = reading.get("span") or [0, len(text)]
    return max(0, int(span[0])), min(len(text), int(span[1]))


def marks_of(measures: Iterable[Measure]) -> list[TextMark]:
    """Return what was read in measures, by place; of two that overlap the one that begins first, then the longer."""
    found: list[TextMark] = []
    for measure in measures:
        for item in measure.items:
            for name in item.assignments:
                if name.start is not None and name.end is not None:
                    found.append(TextMark(name.start, name.end, "unsure" if name.confidence < UNSURE else "unit"))
            for rule in item.rules:
                if rule.start is not None and rule.end is not None:
                    css = "other" if rule.party is Party.OTHER else "deadline"
                    found.append(TextMark(rule.start, rule.end, "unsure" if rule.confidence < UNSURE else css))
    return apart(found)


def apart(found: list[TextMark]) -> list[TextMark]:
    """Return marks by place, none over another: the one that begins first stays, then the longer."""
    found.sort(key=lambda m: (m.start, -m.end))
    kept: list[TextMark] = []
    for mark in found:
        if not kept or mark.start >= kept[-1].end:
            kept.append(mark)
    return kept


def blocks(
    text: str,
    start: int,
    end: int,
    measures: Sequence[Measure | ShownMeasure],
    reading: dict[str, Any],
    marks: Sequence[TextMark],
) -> list[TextBlock]:
    """Cut a range of the text into blocks, in one pass over its lines; every character stands in exactly one.

    `reading` may say what a person has answered for, and what is still asked ("answered", "asked").
    """
    made: list[TextBlock] = []
    owners = sorted(measures, key=lambda m: m.start)
    left = _ranges(reading.get("unassigned", []))
    headings = _ranges(reading.get("headings", []))
    said = _Said(reading)
    at_owner = at_left = 0
    for line_start, line_end in _lines(text, start, end, [m.start for m in owners]):
        while at_owner < len(owners) and owners[at_owner].end <= line_start:
            at_owner += 1
        while at_left < len(left) and left[at_left][1] <= line_start:
            at_left += 1
        owner = owners[at_owner] if at_owner < len(owners) and owners[at_owner].start < line_end else None
        reason, suspect, answered = "", False, ""
        if owner is None:
            if at_left < len(left) and left[at_left][0] < line_end:
                reason, suspect = left[at_left][2], left[at_left][3]
            elif not _covered(headings, line_start, line_end):
                reason = NOT_READ
            answered = said.of(line_start, line_end)
        block = TextBlock(line_start, line_end, owner, reason, suspect and not answered, answered)
        if made and (owner or reason) and made[-1].goes_on_in(block):
            made[-1].end = line_end
        else:
            made.append(block)
    _fill(made, text, marks)
    return made


class _Said:
    """What people have answered of a text's paragraphs; lines are asked for in order."""

    def __init__(self, reading: dict[str, Any]) -> None:
        self.answered: list[list[Any]] = sorted(reading.get("answered", ()))
        self.asked = Held(Span(start, end) for start, end in reading.get("asked", ()))
        self.at = 0

    def of(self, start: int, end: int) -> str:
        """Return what was answered of a line, nothing while something in it is still asked."""
        while self.at < len(self.answered) and self.answered[self.at][1] <= start:
            self.at += 1
        here = self.at < len(self.answered) and self.answered[self.at][0] < end and not self.asked.touches(start, end)
        return str(self.answered[self.at][2]) if here else ""


def _ranges(read: Iterable[Any]) -> list[tuple[int, int, str, bool]]:
    """Return the reading's ranges by place: unassigned ones carry a reason, headings are bare pairs."""
    found = []
    for one in read:
        if isinstance(one, dict):
            found.append((one["span"][0], one["span"][1], one.get("reason") or "未归入措施", bool(one.get("suspect"))))
        else:
            found.append((one[0], one[1], "", False))
    return sorted(found)


def _covered(ranges: list[tuple[int, int, str, bool]], start: int, end: int) -> bool:
    return any(a < end and b > start for a, b, _, _ in ranges)


def _lines(text: str, start: int, end: int, cuts: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the lines that are not blank; one that holds the beginnings of several measures is cut at each."""
    place, at = start, 0
    while place < end:
        stop = text.find("\n", place, end)
        stop = end if stop < 0 else stop
        if text[place:stop].strip():
            while at < len(cuts) and cuts[at] <= place:
                at += 1
            inside = [c for c in cuts[at:] if c < stop]
            first = place
            # The number before a measure's own text belongs to it: only a second measure on the line cuts it.
            for cut in inside[1:]:
                yield first, cut
                first = cut
            yield first, stop
        place = stop + 1


def _fill(made: list[TextBlock], text: str, marks: Sequence[TextMark]) -> None:
    """Give every block its segments; marks are in order, so one pass does."""
    at = 0
    for block in made:
        place = block.start
        while at < len(marks) and marks[at].end <= place:
            at += 1
        n = at
        while n < len(marks) and marks[n].start < block.end:
            mark = marks[n]
            if mark.start > place:
                block.segments.append((text[place : mark.start], ""))
            block.segments.append((text[max(place, mark.start) : min(mark.end, block.end)], mark.css))
            place = min(mark.end, block.end)
            n += 1
        if place < block.end:
            block.segments.append((text[place : block.end], ""))


def parts(edition: Edition, start: int, end: int) -> list[SectionPart]:
    """Cut the plan at its sections: every place of the text stands in exactly one part."""
    found: list[SectionPart] = []
    for measure in sorted(edition.measures, key=lambda m: m.start):
        heading = measure.section or ""
        if found and found[-1].heading == heading:
            found[-1].measures.append(measure)
        else:
            found.append(SectionPart(heading, 0, 0, [measure]))
    made: list[SectionPart] = []
    for n, part in enumerate(found):
        first = start if n == 0 else max(start, found[n - 1].measures[-1].end)
        last = end if n == len(found) - 1 else min(end, part.measures[-1].end)
        made.append(SectionPart(part.heading, first, max(first, last), part.measures))
    return made


def page_coverage(
    text: str, within: tuple[int, int], measures: Iterable[Measure], reading: dict[str, Any], cut: Sequence[TextBlock]
) -> PageCoverage:
    """Return how much of a plan's range of its text is accounted for; `cut` is that range in blocks."""
    left = _ranges(reading.get("unassigned", []))
    known = [(Span(a, b), reason) for a, b, reason, _ in left]
    known += [(Span(a, b), HEADING) for a, b, _, _ in _ranges(reading.get("headings", []))]
    # A person has accounted for what was answered, as a measure does for what it holds.
    answered = [block for block in cut if block.left_out and block.answered]
    said = [Span(block.start, block.end) for block in answered]
    settled = Held(said)
    asked = [Span(a, b) for a, b, _, suspect in left if suspect and not settled.touches(a, b)]
    found = coverage(text, [*_held(measures), *said], known, asked, Span(*within))
    return PageCoverage(found, [b for b in cut if b.left_out and not b.answered], answered)


def _held(measures: Iterable[Measure]) -> Iterator[Span]:
    """Every place that measures hold, as they stand now."""
    for measure in measures:
        yield Span(measure.start, measure.end)
        for item in measure.items:
            places = [(a.start, a.end) for a in item.assignments] + [(r.start, r.end) for r in item.rules]
            yield from (Span(start, end) for start, end in places if start is not None and end is not None)
