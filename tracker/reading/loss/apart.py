"""Stretches read by themselves (另读): what is doubted of measures cut by hand, and of what is left between them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from tracker.reading.loss.conflicts import conflicts_in, without_echoes
from tracker.reading.loss.inside import half_limits, unsure_units
from tracker.reading.loss.outside import suspects
from tracker.reading.plan import Doubt, Measure, Span
from tracker.reading.text.cleaning import fold, unveil


class Apart:
    """A source text, prepared once for everything that is asked of its stretches."""

    def __init__(self, text: str, year: int | None = None) -> None:
        self._printed = unveil(text)
        self._flat = fold(self._printed)
        self._year = year

    def without_echoes(self, measure: Measure) -> Measure:
        """The measure with rhythms that say one thing twice taken once, as a reading of the whole takes them."""
        return replace(measure, items=tuple(without_echoes(self._flat, item) for item in measure.items))

    def about(self, measures: Sequence[Measure]) -> Iterator[Doubt]:
        """What is doubted of measures, each by itself."""
        for measure in measures:
            yield from half_limits(self._printed, measure)
            yield from unsure_units(self._printed, measure)
            yield from conflicts_in(self._printed, self._flat, measure)

    def left(self, stretches: Sequence[Span]) -> list[Doubt]:
        """What charges somebody or sets a limit in stretches that belong to no measure."""
        return list(suspects(self._printed, self._flat, stretches, self._year))
