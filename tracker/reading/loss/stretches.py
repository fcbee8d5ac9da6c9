"""What lies in no measure (措施之外): paragraphs, headings, rows left out, less whatever a measure holds of them."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from tracker.reading.plan import Measure, Plan, Span


class Held:
    """The places that measures hold, merged; asks what of a stretch is left."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for span in sorted(spans, key=lambda one: one.start):
            if self._ends and span.start <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], span.end)
            elif span.end > span.start:
                self._starts.append(span.start)
                self._ends.append(span.end)

    def touches(self, start: int, end: int) -> bool:
        """Whether anything between these places is held."""
        at = bisect_right(self._ends, start)
        return at < len(self._starts) and self._starts[at] < end

    def visible_in(self, text: str) -> int:
        """How many characters that are no blanks are held."""
        pairs = zip(self._starts, self._ends, strict=True)
        return sum(len("".join(text[start:end].split())) for start, end in pairs)

    def rest(self, start: int, end: int) -> Iterator[Span]:
        """What is left of a stretch, in order."""
        at = bisect_right(self._ends, start)
        while at < len(self._starts) and self._starts[at] < end:
            if self._starts[at] > start:
                yield Span(start, self._starts[at])
            start = max(start, self._ends[at])
            at += 1
        if start < end:
            yield Span(start, end)


def held_by(measures: Iterable[Measure]) -> Iterator[Span]:
    """Everything a measure holds: its text, its items, and what of it is printed elsewhere."""
    for measure in measures:
        yield measure.span
        for item in measure.items:
            yield item.span
            yield from (one.span for one in item.assignments)
            yield from (one.span for one in item.deadlines)


def outside(flat: str, plans: Sequence[Plan], known: Iterable[Span], settled: Sequence[Span] = ()) -> list[Span]:
    """The stretches that no measure holds and that are not settled: known paragraphs and whatever lines are left."""
    answered = [*settled, *(span for plan in plans for span in held_by(plan.measures))]
    held = Held(answered)
    listed = [span for span in known if span.end > span.start]
    left = Held([*listed, *answered])
    found = [rest for span in listed for rest in held.rest(span.start, span.end)]
    found += [line for gap in left.rest(0, len(flat)) for line in lines_of_gap(flat, gap)]
    return sorted((one for one in found if flat[one.start : one.end].strip()), key=lambda one: (one.start, one.end))


def lines_of_gap(flat: str, gap: Span) -> Iterator[Span]:
    """The lines of a stretch."""
    at = gap.start
    while at < gap.end:
        end = flat.find("\n", at, gap.end)
        end = gap.end if end < 0 else end
        if end > at:
            yield Span(at, end)
        at = end + 1
