"""The known names a printed one may mean (最接近的名称), best first, each with why it is offered, in words."""

from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz

from tracker.reading.names.likeness import likeness, normalise, of_other_levels
from tracker.rules.labels import Labelled

# Below this two names have too little in common to be offered.
OFFERED = 0.5
# From here on a body's name is told apart from another's by hardly more than a slip.
SLIP = 0.82


class Closeness(Labelled):
    """How a known name is near to a printed one, as whoever has to choose is told."""

    SAME = "same", "同一名称的别写"
    SHORT = "short", "像是简称"
    LONGER = "longer", "多写或少写了前面的字"
    SLIP = "slip", "只差一两个字"
    PART = "part", "部分字相同"
    LEVEL = "level", "级别不同"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One known name, how near it is in words, and by how much, for ranking alone."""

    name: str
    closeness: Closeness
    score: float


def candidates(printed: str, known: Iterable[str], limit: int = 5) -> list[Candidate]:
    """Return the known names most like a printed one, best first; none that has too little in common with it.

    The rules of `likeness` come first (an abbreviation, a parent in front, a name in brackets, another level); the
    share of letters in common ranks what they do not tell apart.
    """
    key = normalise(printed)
    found = []
    for name in dict.fromkeys(known) if key else ():
        other = normalise(name)
        letters = fuzz.ratio(key, other) / 100
        score = likeness(printed, name)
        if max(score, letters * 0.9) >= OFFERED and score > 0:
            found.append(Candidate(name, _closeness(key, other, score, letters), round(score, 6)))
    found.sort(key=lambda one: (-one.score, one.name))
    return found[:limit]


def _closeness(key: str, other: str, score: float, letters: float) -> Closeness:
    """Say how two normal forms are near."""
    if score >= 0.98:
        return Closeness.SAME
    short, long = sorted((key, other), key=len)
    if len(short) > 3 and long.endswith(short):
        return Closeness.LONGER
    if of_other_levels(key, other):  # the county's bureau is not the city's under a shorter name
        return Closeness.LEVEL
    if score > letters + 0.01 and len(short) < len(long):
        return Closeness.SHORT
    return Closeness.SLIP if letters >= SLIP else Closeness.PART
