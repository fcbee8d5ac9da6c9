"""The outline (大纲) of a text: the best consistent series of markers over all that may stand anywhere in it.

A beam search takes or leaves each marker in turn. The next of an open style closes the inner ones; a first opens a
level; a series may run on through the sections; a gap, a restart and an unusual nesting have their price.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tracker.reading.outline.markers import RANKS, Marker

_NEXT = 0.4  # a series that goes on speaks for itself
_OPEN = -0.6  # a first may be one by chance
_UNUSUAL = -0.5  # an outer style inside an inner one
_CLOSING = -0.3  # for each level that a first of an outer style closes
_RUN_ON = -0.1
_GAP, _WIDE_GAP = -2.2, -3.4
_TWICE = -2.4
_RESTART = -1.9
_NESTED = -2.0  # the same style again inside itself
_LATE = -3.0  # a series that begins with another number than one
_HEADED = 0.8  # right behind a heading without a stop
_HEAD_LIMIT = 45
_RUNS_ON = frozenset(["section", "article", "han", "han_paren", "arabic", "chapter"])
_NESTS = frozenset(["arabic", "han", "han_paren"])
_PARTS = frozenset(["han", "han_paren"])
_DEEPEST = 10
_WORK = 260_000  # states in all; a text of many markers gets a narrower beam
_WIDEST, _NARROWEST = 8, 3

_Level = tuple[str, tuple[int, ...]]


class _Taken(NamedTuple):
    """One marker of a state's outline, with all before it."""

    marker: int
    depth: int
    jump: int
    before: "_Taken | None"


class _State(NamedTuple):
    score: float
    stack: tuple[_Level, ...]
    lasts: tuple[tuple[str, int], ...]
    taken: _Taken | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One marker of the chosen outline: how deep it stands, and what is odd about it."""

    marker: Marker
    depth: int
    jump: int  # how many numbers are missing before it; -1 where one is printed twice


def best_outline(markers: Sequence[Marker]) -> list[Entry]:
    """The entries of the best consistent outline, in order."""
    beam = max(_NARROWEST, min(_WIDEST, _WORK // max(len(markers), 1)))
    states = [_State(0.0, (), (), None)]
    for n, marker in enumerate(markers):
        best: dict[tuple[tuple[_Level, ...], tuple[tuple[str, int], ...]], _State] = {}
        for state in states:
            key = state[1], state[2]
            if key not in best or best[key][0] < state[0]:
                best[key] = state
            for taken in _ways(state, n, marker, markers):
                key = taken[1], taken[2]
                if key not in best or best[key][0] < taken[0]:
                    best[key] = taken
        states = sorted(best.values(), key=_by_score, reverse=True)[:beam]
    entries: list[Entry] = []
    one = states[0].taken
    while one is not None:
        entries.append(Entry(markers[one.marker], one.depth, one.jump))
        one = one.before
    return entries[::-1]


def _by_score(state: _State) -> float:
    return state[0]


def _ways(state: _State, n: int, marker: Marker, markers: Sequence[Marker]) -> list[_State]:
    """The states that taking the marker may lead to."""
    score, stack, lasts, before = state
    if before is not None and marker.start < markers[before.marker].body:
        return []  # another reading of the same digits
    style, ordinal, path = marker.style, marker.ordinal, marker.path
    worth = score + marker.weight
    ways: list[_State] = []
    if before is not None and not marker.stopped:
        last = markers[before.marker]
        if marker.start - last.body <= _HEAD_LIMIT and (ordinal == 1 or RANKS[last.style] < RANKS[style]):
            worth += _HEADED

    def take(level: tuple[_Level, ...], price: float, *, fresh: bool = False, jump: int = 0) -> None:
        seen = ((style, ordinal),) if fresh else (*(x for x in lasts if x[0] != style), (style, ordinal))
        seen = tuple(sorted(seen)) if len(seen) > 1 else seen
        made = (*level, (style, path))
        ways.append(_State(worth + price, made, seen, _Taken(n, len(level), jump, before)))

    open_at = -1
    for at in range(len(stack) - 1, -1, -1):
        if stack[at][0] != style:
            continue
        outer = stack[:at]
        step = _step(stack[at][1], path)
        if step == 1:
            take(outer, _NEXT)
        elif 1 < step <= 3 and (marker.stopped or marker.set_off):
            take(outer, _GAP if step == 2 else _WIDE_GAP, jump=step - 1)
        elif step == 0 and marker.set_off:
            take(outer, _TWICE, jump=-1)
        if ordinal == 1 and step != 1:
            take(outer, _RESTART if at else _RESTART - 0.3)
        open_at = at
    if ordinal == 1 or style == "dotted":
        opens = style == "dotted" and len(path) == 2 and path[1] == 1
        if open_at < 0 and (ordinal == 1 or opens):
            rank = RANKS[style]
            usual = tuple(level for level in stack if RANKS[level[0]] < rank)
            # Articles stand under sections rather than end them.
            closing = _CLOSING * (3 if style == "article" and stack and stack[-1][0] in _PARTS else 1)
            take(usual, _OPEN + closing * (len(stack) - len(usual)))
            if len(usual) < len(stack):
                take(stack, _OPEN + _UNUSUAL)
        elif open_at == len(stack) - 1 and style in _NESTS and stack[0][0] != style and len(stack) < _DEEPEST:
            take(stack, _OPEN + _NESTED)
        if stack and marker.fresh:
            take((), _OPEN + _RESTART + marker.fresh, fresh=True)
        elif stack and ordinal == 1 and RANKS[style] <= RANKS[stack[0][0]] and (marker.set_off or marker.stopped):
            take((), _OPEN + _RESTART - 0.6, fresh=True)
    if open_at < 0 and ordinal > 1:
        last_of = dict(lasts).get(style, 0)
        rank = RANKS[style]
        if style in _RUNS_ON and last_of and 1 <= ordinal - last_of <= 2:
            price = _RUN_ON if ordinal == last_of + 1 else _GAP
            usual = tuple(level for level in stack if RANKS[level[0]] < rank)
            take(usual, price + _CLOSING * (len(stack) - len(usual)), jump=ordinal - last_of - 1)
            if len(usual) < len(stack):
                take(stack, price + _UNUSUAL * 0.4, jump=ordinal - last_of - 1)
        elif not last_of and marker.set_off and style != "dotted":
            usual = tuple(level for level in stack if RANKS[level[0]] < rank)
            take(usual, _LATE, jump=0 if not stack else ordinal - 1)
    return ways


def _step(last: tuple[int, ...], path: tuple[int, ...]) -> int:
    """How far a number is from the last of its series: 1 for the next, 2 where one is missing; 99 for another."""
    if len(path) == 1 and len(last) == 1:
        return path[0] - last[0] if path[0] >= last[0] else 99
    if len(path) == len(last):
        if path[:-1] == last[:-1]:
            return path[-1] - last[-1] if path[-1] >= last[-1] else 99
        return 1 if path[-1] == 1 and path[-2] == last[-2] + 1 else 99
    if len(path) > len(last):
        return 1 if path[: len(last)] == last and path[-1] == 1 else 99
    return 1 if path[:-1] == last[: len(path) - 1] and path[-1] == last[len(path) - 1] + 1 else 99
