"""Coverage (读到多少): visible characters in measures, in proved headings and in explained paragraphs, over all."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from tracker.reading.loss.explained import rule_of
from tracker.reading.loss.stretches import Held, held_by, lines_of_gap
from tracker.reading.outline.layout import TOO_LONG
from tracker.reading.plan import DoubtKind, Reading, Span
from tracker.reading.text.cleaning import Clean, fold, unveil
from tracker.reading.text.lazy import lazy

HEADING = "标题"  # why a heading is beside the measures
_LONGEST = 60  # characters of a heading
_REMEMBERED, _MOST_KEPT = 400, 2048  # characters of a paragraph, and paragraphs, that are remembered
_STOP_INSIDE = lazy("[。；！？](?=.)")
_NUMBERS = lazy(r"[\d.、（）()：:第条章节编一二三四五六七八九十百〇零①-⑳*#|\-]+")


class Part(StrEnum):
    """What a stretch of the text is to the reading."""

    MEASURE = "measure"
    HEADING = "heading"
    EXPLAINED = "explained"
    REST = "rest"  # nobody knows what it is


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch beside the measures: a heading, a paragraph that a named rule explains, or one that none does."""

    span: Span
    part: Part
    rule: str
    visible: int  # characters that are no blanks


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a text the reading accounts for, in visible characters."""

    visible: int
    in_measures: int
    beside: tuple[Stretch, ...]

    @property
    def accounted(self) -> int:
        """Characters in measures, in proved headings and in explained paragraphs."""
        return self.in_measures + sum(one.visible for one in self.beside if one.part is not Part.REST)

    @property
    def share(self) -> float:
        """What is accounted for, over everything visible; of a text without a word, all."""
        return self.accounted / self.visible if self.visible else 1.0

    @property
    def percent(self) -> int:
        """The share in whole percent, rounded down: 100 only where nothing is left."""
        return 100 * self.accounted // self.visible if self.visible else 100

    @property
    def rest(self) -> tuple[Stretch, ...]:
        """What nothing accounts for, in order."""
        return tuple(one for one in self.beside if one.part is Part.REST)


def coverage_of(text: str, reading: Reading) -> Coverage:
    """How much of a source's text a reading accounts for."""
    known = [(one.span, one.reason) for one in reading.unassigned]
    doubts = list(reading.doubts)
    for plan in reading.plans:
        known += [(one.span, one.reason) for one in plan.unassigned]
        known += [(heading, HEADING) for heading in plan.headings]
        doubts += plan.doubts
    held = (span for plan in reading.plans for span in held_by(plan.measures))
    suspect = (doubt.span for doubt in doubts if doubt.kind is DoubtKind.SUSPECT)
    return coverage(text, held, known, suspect)


def coverage(
    text: str,
    held: Iterable[Span],
    known: Iterable[tuple[Span, str]],
    suspect: Iterable[Span],
    within: Span | None = None,
) -> Coverage:
    """How much of a text, or of a part of it, is accounted for.

    `held` is what measures hold, `known` the headings and paragraphs beside them with why they are there, `suspect`
    what is asked about: that accounts for nothing.
    """
    printed = unveil(text)
    flat = fold(printed)
    whole = within or Span(0, len(flat))
    beside = tuple(_beside(_Page(printed, flat, whole), list(held), known, Held(suspect)))
    visible = _visible(flat, whole)
    return Coverage(visible, visible - sum(one.visible for one in beside), beside)


@dataclass(frozen=True, slots=True)
class _Page:
    printed: str
    flat: str
    whole: Span
    # What short paragraphs are, by their words and why they are there: one that is repeated is weighed once.
    known: dict[tuple[str, str], tuple[Part, str, int]] = field(default_factory=dict)


def _visible(flat: str, span: Span) -> int:
    return len("".join(flat[span.start : span.end].split()))


def _beside(page: _Page, held: list[Span], known: Iterable[tuple[Span, str]], suspect: Held) -> Iterator[Stretch]:
    """Everything no measure holds, each place once, in order of the text."""
    measures = Held(held)
    found: list[Stretch] = []
    until = 0
    for span, reason in sorted(known, key=lambda one: (one[0].start, one[0].end)):
        for rest in _within(measures.rest(max(span.start, until), span.end), page.whole):
            found.append(_stretch(page, rest, reason, suspect))
        until = max(until, span.end)
    left = Held([*held, *(one.span for one in found)])
    for gap in left.rest(page.whole.start, page.whole.end):
        for line in lines_of_gap(page.flat, gap):
            if page.flat[line.start : line.end].strip():
                found.append(_stretch(page, line, "", suspect))
    return iter(sorted(found, key=lambda one: one.span.start))


def _within(spans: Iterator[Span], whole: Span) -> Iterator[Span]:
    for one in spans:
        start, end = max(one.start, whole.start), min(one.end, whole.end)
        if start < end:
            yield Span(start, end)


def _stretch(page: _Page, span: Span, reason: str, suspect: Held) -> Stretch:
    if reason == TOO_LONG or suspect.touches(span.start, span.end):
        return Stretch(span, Part.REST, reason, _visible(page.flat, span))
    key = page.flat[span.start : span.end], reason
    said = page.known.get(key)
    if said is None:
        said = _weighed(page, span, reason)
        if span.end - span.start <= _REMEMBERED and len(page.known) < _MOST_KEPT:
            page.known[key] = said
    part, rule, visible = said
    return Stretch(span, part, rule, visible)


def _weighed(page: _Page, span: Span, reason: str) -> tuple[Part, str, int]:
    """What a stretch nobody asks about is, by which rule, and how many visible characters it has."""
    flat, visible = Clean(page.printed, page.flat, [(span.start, span.end)]).flat, _visible(page.flat, span)
    if _NUMBERS.fullmatch(flat):
        # The number before a measure, the colon behind the unit in front of it.
        return Part.HEADING, "编号", visible
    if reason == HEADING and len(flat) <= _LONGEST and not _STOP_INSIDE.search(flat):
        return Part.HEADING, reason, visible
    rule = rule_of(flat, reason)
    return (Part.EXPLAINED, rule, visible) if rule else (Part.REST, reason, visible)
