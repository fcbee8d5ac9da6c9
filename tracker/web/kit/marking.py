"""Cutting the policy's own words into marked pieces (原文标注)."""

from collections.abc import Iterable

from tracker.store.models import Item, Party

Mark = tuple[int, int, str]


def segments(text: str, start: int, marks: Iterable[Mark]) -> list[tuple[str, str]]:
    """Return `text`, which begins at offset `start` of its source, as (piece, css): earlier and longer marks win."""
    pieces: list[tuple[str, str]] = []
    at, end = start, start + len(text)
    for first, last, css in sorted(marks, key=lambda m: (m[0], -m[1])):
        first, last = max(first, at), min(last, end)
        if first >= last:
            continue
        if first > at:
            pieces.append((text[at - start : first - start], ""))
        pieces.append((text[first - start : last - start], css))
        at = last
    if at < end:
        pieces.append((text[at - start :], ""))
    return pieces


def marks_of(item: Item) -> list[Mark]:
    """Return where an item names its units and its time limits; what a person added stands nowhere in the text."""
    found: list[Mark] = []
    for name in item.assignments:
        if name.start is not None and name.end is not None:
            found.append((name.start, name.end, "unit"))
    for rule in item.rules:
        if rule.start is not None and rule.end is not None:
            found.append((rule.start, rule.end, "other" if rule.party is Party.OTHER else "deadline"))
    return found
