"""How far two plans agree: used to notice that a plan is nearly one already in."""

import re
from collections.abc import Sequence

from tracker.reading.text.cleaning import fold

_NO_WORD = re.compile(r"[\W_]+")
_SHINGLE = 3
_LONGEST = 2000  # characters of a measure that are compared
_ALIKE = 0.7  # of their shingles two measures share


def agreement(plan_a_texts: Sequence[str], plan_b_texts: Sequence[str]) -> float:
    """Share of measures that nearly agree between two plans, 0 to 1; each measure answers to one other at most."""
    longest = max(len(plan_a_texts), len(plan_b_texts))
    if not longest:
        return 0.0
    matched = pairs(plan_a_texts, plan_b_texts)
    return sum(1 for a, b, _ in matched if a is not None and b is not None) / longest


def pairs(plan_a_texts: Sequence[str], plan_b_texts: Sequence[str]) -> list[tuple[int | None, int | None, float]]:
    """Return the measures side by side, by place: the first plan's in order, then those only the second has.

    Each comes with how far the two agree, 0 to 1; where no other nearly agrees the place beside is None.
    """
    left = {n: shingles(text) for n, text in enumerate(plan_b_texts)}
    found: list[tuple[int | None, int | None, float]] = []
    for place, text in enumerate(plan_a_texts):
        own = shingles(text)
        best = max(left, key=lambda n: likeness(own, left[n]), default=None)
        share = likeness(own, left[best]) if best is not None else 0.0
        if best is None or share < _ALIKE:
            found.append((place, None, 0.0))
        else:
            left.pop(best)
            found.append((place, best, share))
    return found + [(None, n, 0.0) for n in left]


def shingles(text: str) -> frozenset[str]:
    """Every run of three characters, punctuation and blanks left out."""
    plain = _NO_WORD.sub("", fold(text[:_LONGEST]))
    return frozenset(plain[n : n + _SHINGLE] for n in range(max(1, len(plain) - _SHINGLE + 1)))


def likeness(a: frozenset[str], b: frozenset[str]) -> float:
    """Twice the shared shingles over all of them; lengths too far apart are told at once."""
    if 2 * min(len(a), len(b)) < _ALIKE * (len(a) + len(b)):
        return 0.0
    return 2 * len(a & b) / (len(a) + len(b))
