"""The rule of loss (不漏): what a reading could not settle is said aloud, never left out in silence."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tracker.reading.loss.conflicts import conflicts_between, conflicts_in, without_echoes
from tracker.reading.loss.coverage import coverage_of
from tracker.reading.loss.earlier import earlier_periods
from tracker.reading.loss.inside import half_limits, unlisted_units, unsure_units, without_units
from tracker.reading.loss.missed import left_out_actors, open_limits, unread_times
from tracker.reading.loss.outside import suspects
from tracker.reading.loss.stretches import Held, held_by, outside
from tracker.reading.outline.layout import TOO_LONG
from tracker.reading.plan import Doubt, DoubtKind, Plan, Reading, Span, Unassigned
from tracker.reading.tables.task_rows import HEADER, REPEATED
from tracker.reading.text.cleaning import Clean
from tracker.reading.text.marks import UNREADABLE

_A_PAGE = 200  # visible characters; of less, every word is seen at a glance
_LEAST = 0.2  # of the visible characters are read
# Rows whose words a measure has and whose units it took, the line that says what their columns hold, and what is
# asked about as a whole.
_SETTLED = frozenset((REPEATED, HEADER, TOO_LONG))
_YEAR = re.compile(r"20\d\d(?=年)")


def with_doubts(printed: str, flat: str, reading: Reading) -> Reading:
    """The reading with everything in it that a person has to settle, in the order of the text."""
    reading = replace(reading, plans=tuple(_without_echoes(flat, plan) for plan in reading.plans))
    known = [one.span for one in reading.unassigned if one.reason not in _SETTLED]
    answered = [one.span for one in reading.unassigned if one.reason in _SETTLED]
    for plan in reading.plans:
        known += [*plan.headings, *(one.span for one in plan.unassigned if one.reason not in _SETTLED)]
        answered += [one.span for one in plan.unassigned if one.reason in _SETTLED]
        # Of a table that nobody understood there is one question, and not one for every row.
        answered += [doubt.span for doubt in plan.doubts if doubt.kind is DoubtKind.TABLE and doubt.measure is None]
    answered += [doubt.span for doubt in reading.doubts if doubt.kind is DoubtKind.TABLE]
    asked_outside = suspects(printed, flat, outside(flat, reading.plans, known, answered), _year(flat, reading))
    loose = sorted([*asked_outside, *_unreadable(printed)], key=lambda one: one.span.start)
    starts = [plan.span.start for plan in reading.plans]
    found = [[*plan.doubts, *_about(printed, flat, plan)] for plan in reading.plans]
    rest = list(reading.doubts)
    for doubt in loose:
        at = bisect_right(starts, doubt.span.start) - 1
        inside = at >= 0 and doubt.span.start < reading.plans[at].span.end
        (found[at] if inside else rest).append(doubt)
    asked = Held(one.span for one in loose if one.kind is DoubtKind.SUSPECT)
    settled = Reading(
        tuple(
            replace(plan, doubts=_in_order(doubts), unassigned=_suspected(plan.unassigned, asked))
            for plan, doubts in zip(reading.plans, found, strict=True)
        ),
        _suspected(reading.unassigned, asked),
        _in_order(rest),
    )
    unread = _hardly_read(printed, settled)
    return replace(settled, doubts=(*settled.doubts, unread)) if unread else settled


def _unreadable(printed: str) -> Iterator[Doubt]:
    """What the reader of a file could not read, at the place where it stands: a page of pictures, a formula."""
    for match in UNREADABLE.finditer(printed):
        yield Doubt(DoubtKind.NO_TEXT, Span(*match.span()), match[0])


def _hardly_read(printed: str, reading: Reading) -> Doubt | None:
    """The doubt about a text of which hardly anything was read."""
    if _is_held(printed, reading):
        return None
    found = coverage_of(printed, reading)
    if found.visible < _A_PAGE or found.accounted >= _LEAST * found.visible:
        return None
    seen = f"可见文字 {found.visible} 字，读到或有说明的 {found.accounted} 字"
    return Doubt(DoubtKind.UNREAD, Span(0, len(printed)), seen)


def _is_held(printed: str, reading: Reading) -> bool:
    """Whether the measures alone hold enough, so that nothing else has to be weighed."""
    held = Held(span for plan in reading.plans for span in held_by(plan.measures))
    return held.visible_in(printed) >= _LEAST * len("".join(printed.split()))


def _about(printed: str, flat: str, plan: Plan) -> Iterator[Doubt]:
    # The words of each measure, joined once for everything that looks for what was left out of it.
    cleans = [Clean(printed, flat, [(one.span.start, one.span.end)]) for one in plan.measures]
    for measure, clean in zip(plan.measures, cleans, strict=True):
        yield from half_limits(printed, measure)
        yield from unsure_units(printed, measure)
        yield from unlisted_units(printed, clean, measure)
        yield from conflicts_in(printed, flat, measure)
    yield from conflicts_between(printed, flat, plan.measures)
    yield from without_units(plan.measures)
    yield from unread_times(printed, cleans, plan)
    yield from open_limits(printed, flat, plan)
    yield from earlier_periods(plan)
    yield from left_out_actors(printed, cleans, plan)


def _without_echoes(flat: str, plan: Plan) -> Plan:
    """The plan, with rhythms that say one thing twice taken once."""
    measures = tuple(
        replace(measure, items=tuple(without_echoes(flat, item) for item in measure.items))
        if any(len(item.deadlines) > 1 for item in measure.items)
        else measure
        for measure in plan.measures
    )
    return replace(plan, measures=measures)


def _year(flat: str, reading: Reading) -> int | None:
    """A year for dates that print none: which one matters little where only their being there is asked."""
    dated = next((plan.issued_on for plan in reading.plans if plan.issued_on), None)
    printed = _YEAR.search(flat)
    return dated.year if dated else int(printed[0]) if printed else None


def _suspected(left: tuple[Unassigned, ...], asked: Held) -> tuple[Unassigned, ...]:
    """The paragraphs outside the measures, those in which something is asked marked."""
    return tuple(Unassigned(one.span, one.reason, asked.touches(one.span.start, one.span.end)) for one in left)


def _in_order(doubts: Sequence[Doubt]) -> tuple[Doubt, ...]:
    return tuple(sorted(dict.fromkeys(doubts), key=lambda one: (one.span.start, one.span.end)))
