"""One stretch of clean text (语境) in which time wording is read: its sentences, clauses and default year."""

from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import date as Day

from tracker.reading.text.lazy import lazy
from tracker.reading.text.numerals import number

_STOP = lazy("[。！？；]")
# The colon of 17：00 parts no clause.
_COMMA = lazy(r"[。！？；，]|：(?!\d\d(?!\d))")
_YEAR = lazy(r"(?<!\d)(20\d\d)年|([二][〇零○]{1,2}[〇零○一二三四五六七八九]{1,2})年")
# A year that is part of a date: 2021年12月底前, 2021年上半年.
_DATES = lazy(r"[^年]{4}年度?(?:\d{1,2}月|[一二三四五六七八九十]{1,2}月|年?[底末]|第?[一二三四1-4]季度|[上下]半年|前)")
_YEARS_BACK = 8  # so many printed years are looked back over


@dataclass(frozen=True, slots=True)
class Found:
    """A time limit with offsets into the clean text; the fields are those of `Deadline`."""

    start: int
    end: int
    kind: str
    sense: str
    trigger: tuple[int, int] | None = None
    amount: int | None = None
    unit: str | None = None
    date: Day | None = None
    date_from: Day | None = None
    rrule: str | None = None
    direction: str = "after"
    extension: bool = False
    offset: tuple[int, str] | None = None
    nth_workday: int | None = None
    time: str | None = None
    day_off: str | None = None
    understood: bool = False  # the bracket or the hour inside the quote was read too
    confidence: float = 0.9
    found_by: str = ""

    def moved(self, start: int, end: int) -> "Found":
        """The same limit with another quote."""
        return replace(self, start=start, end=end)


def last_year(flat: str, end: int) -> int | None:
    """The year that is printed last before a place: what a document without a date of its own means."""
    found = list(_YEAR.finditer(flat, 0, end))
    return number(found[-1][1] or found[-1][2]) if found else None


class Wording:
    """A folded, blank-free text and where its sentences and clauses begin and end."""

    __slots__ = ("_commas", "_stops", "_years", "flat", "issued", "year")

    def __init__(self, flat: str, year: int | None, issued: Day | None = None) -> None:
        self.flat = flat
        self.year = year if year is not None else issued.year if issued else None
        self.issued = issued
        self._stops = [m.start() for m in _STOP.finditer(flat)]
        self._commas = [m.start() for m in _COMMA.finditer(flat)]
        self._years: list[tuple[int, int]] | None = None

    def sentence(self, place: int) -> tuple[int, int]:
        """The sentence (between 。；！？) around a place."""
        return self._between(self._stops, place)

    def clause(self, place: int) -> tuple[int, int]:
        """The clause (between commas too) around a place."""
        return self._between(self._commas, place)

    def _between(self, marks: list[int], place: int) -> tuple[int, int]:
        at = bisect_right(marks, place - 1) if place else 0
        start = marks[at - 1] + 1 if at else 0
        at_end = bisect_right(marks, place - 1) if place else 0
        end = marks[at_end] if at_end < len(marks) else len(self.flat)
        return start, end

    def left_of(self, place: int, *, limit: int = 160) -> str:
        """What stands before a place in its clause, as far as anybody would read back."""
        return self.flat[max(self.clause(place)[0], place - limit) : place]

    def year_before(self, place: int) -> int | None:
        """The last year printed before a place in its sentence, else the document's."""
        if self._years is None:
            self._years = [(m.start(), number(m[1] or m[2]) or 0) for m in _YEAR.finditer(self.flat)]
        start = self.sentence(place)[0]
        last = bisect_right(self._years, (place, -1))
        for place_of, year in reversed(self._years[max(0, last - _YEARS_BACK) : last]):
            if place_of < start:
                break
            # 根据2025年汛期暴露的环节: a past year that dates nothing is no year of the plan.
            past = self.year is not None and year < self.year
            if not past or _DATES.match(self.flat, place_of) or place_of >= self.clause(place)[0]:
                return year
        return self.year
