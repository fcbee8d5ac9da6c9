"""How far two plans agree: used to notice that a plan is nearly one already in."""

import re
from collections.abc import Sequence

from tracker.policy.cleaning import fold

_NO_WORD = re.compile(r"[\W_]+")
_SHINGLE = 3
_LONGEST = 2000  # characters of a measure that are compared
_ALIKE = 0.7  # of their shingles two measures share


def agreement(plan_a_texts: Sequence[str], plan_b_texts: Sequence[str]) -> float:
    """Share of measures that nearly agree between two plans, 0 to 1; each measure answers to one other at most."""
    longest = max(len(plan_a_texts), len(plan_b_texts))
    if not longest:
        return 0.0
    left = [_shingles(text) for text in plan_b_texts]
    agreed = 0
    for text in plan_a_texts:
        own = _shingles(text)
        best = max(range(len(left)), key=lambda n: _likeness(own, left[n]), default=None)
        if best is not None and _likeness(own, left[best]) >= _ALIKE:
            left.pop(best)
            agreed += 1
    return agreed / longest


def _shingles(text: str) -> frozenset[str]:
    """Every run of three characters, punctuation and blanks left out."""
    plain = _NO_WORD.sub("", fold(text[:_LONGEST]))
    return frozenset(plain[n : n + _SHINGLE] for n in range(max(1, len(plain) - _SHINGLE + 1)))


def _likeness(a: frozenset[str], b: frozenset[str]) -> float:
    """Twice the shared shingles over all of them; lengths too far apart are told at once."""
    if 2 * min(len(a), len(b)) < _ALIKE * (len(a) + len(b)):
        return 0.0
    return 2 * len(a & b) / (len(a) + len(b))
