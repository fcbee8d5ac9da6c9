"""新版本: two editions of one document side by side, measure by measure.  Pure."""

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from tracker.reading.comparison import shingles
from tracker.reading.text.cleaning import fold
from tracker.rules.labels import Labelled

# Two measures that share less than this of their words are not one measure reworded ...
_ALIKE = 0.5
# ... unless they stand at the same place.
_ALIKE_IN_PLACE = 0.25
_TOKEN = re.compile(r"[A-Za-z]+|[0-9０-９]+(?:[.．][0-9０-９]+)?|\s+|.", re.DOTALL)
_CLAUSE = re.compile(r"[^，。；、：\n]+[，。；、：\n]?|.", re.DOTALL)
_MOST_STEPS = 4_000_000  # of comparing two texts character by character


class ChangeKind(Labelled):
    """What became of a measure."""

    SAME = "same", "不变"
    MOVED = "moved", "移动"
    REWORDED = "reworded", "改写"
    NEW = "new", "新增"
    GONE = "gone", "取消"


@dataclass(frozen=True, slots=True)
class Passage:
    """A measure as it is compared: where it stands, and its words."""

    key: str
    section: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Match:
    """A measure of the old edition and the one of the new that takes its place, by their positions."""

    old: int | None
    new: int | None
    kind: ChangeKind


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text: kept, added or removed."""

    text: str
    sort: str


@dataclass(frozen=True, slots=True)
class RoleChange:
    """What became of one unit: its role before and after, None where it is not named."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit as it is compared: its kind, what decides its dates, and what it is about."""

    kind: str
    value: Hashable
    about: str = ""


def match(old: Sequence[Passage], new: Sequence[Passage]) -> list[Match]:
    """Pair the measures of two editions, most alike first; in the new order, what is gone after its old neighbour."""
    partner = _pairs(old, new)
    found = [
        Match(a, n, _kind(old[a], new[n]) if a is not None else ChangeKind.NEW)
        for n in range(len(new))
        for a in (partner.get(n),)
    ]
    place = {m.old: n for n, m in enumerate(found) if m.old is not None}
    ranked = [((n, 0, 0), m) for n, m in enumerate(found)]
    last = -1
    for a in range(len(old)):
        if a in place:
            last = place[a]
        else:
            ranked.append(((last, 1, a), Match(a, None, ChangeKind.GONE)))
    return [m for _, m in sorted(ranked, key=lambda pair: pair[0])]


def _pairs(old: Sequence[Passage], new: Sequence[Passage]) -> dict[int, int]:
    """Return, by place in the new edition, the place in the old one; each is used once."""
    partner: dict[int, int] = {}
    free: dict[str, list[int]] = {}
    for a, passage in enumerate(old):
        free.setdefault(plain(passage.text), []).append(a)
    same_place_first = sorted(range(len(new)), key=lambda n: not _has_place(new[n], old, free))
    for n in same_place_first:
        alike = free.get(plain(new[n].text))
        if alike:
            best = min(alike, key=lambda a: (not _same_place(old[a], new[n]), abs(a - n)))
            alike.remove(best)
            partner[n] = best
    left = [a for rest in free.values() for a in rest]
    open_ones = [n for n in range(len(new)) if n not in partner]
    for _, _, _, a, n in sorted(_candidates(old, new, left, open_ones)):
        if n not in partner and a in left:
            partner[n] = a
            left.remove(a)
    return partner


def _has_place(passage: Passage, old: Sequence[Passage], free: Mapping[str, list[int]]) -> bool:
    return any(_same_place(old[a], passage) for a in free.get(plain(passage.text), ()))


def _candidates(
    old: Sequence[Passage], new: Sequence[Passage], left: Iterable[int], open_ones: Iterable[int]
) -> Iterable[tuple[float, bool, int, int, int]]:
    """Yield the pairs that may be one measure reworded: the more alike the earlier, then by place."""
    grams = {n: shingles(new[n].text) for n in open_ones}
    for a in left:
        own = shingles(old[a].text)
        for n, theirs in grams.items():
            in_place = _same_place(old[a], new[n])
            least = _ALIKE_IN_PLACE if in_place else _ALIKE
            if 2 * min(len(own), len(theirs)) < least * (len(own) + len(theirs)):
                continue
            share = 2 * len(own & theirs) / (len(own) + len(theirs))
            if share >= least:
                yield -round(share, 3), not in_place, abs(a - n), a, n


def _kind(old: Passage, new: Passage) -> ChangeKind:
    if plain(old.text) != plain(new.text):
        return ChangeKind.REWORDED
    return ChangeKind.SAME if _same_place(old, new) else ChangeKind.MOVED


def _same_place(old: Passage, new: Passage) -> bool:
    return old.key == new.key and plain(old.section or "") == plain(new.section or "")


def plain(text: str) -> str:
    """A text without what layout decides: blanks and the width of its punctuation."""
    return "".join(fold(text).split())


def wording(old: str, new: str) -> list[Piece]:
    """Return both texts in one: what is kept, and word by word what is removed and added."""
    a, b = _tokens(old, new)
    found: list[tuple[str, list[str], list[str]]] = []
    for tag, a1, a2, b1, b2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        found.append(("kept" if tag == "equal" else "changed", a[a1:a2], b[b1:b2]))
    return _pieces(_without_scraps(found))


def _tokens(old: str, new: str) -> tuple[list[str], list[str]]:
    a, b = _TOKEN.findall(old), _TOKEN.findall(new)
    if len(a) * len(b) > _MOST_STEPS:
        return _CLAUSE.findall(old), _CLAUSE.findall(new)
    return a, b


def _without_scraps(found: list[tuple[str, list[str], list[str]]]) -> list[tuple[str, list[str], list[str]]]:
    """Let a single character kept between two changes go with them: half a word is no word."""
    made: list[tuple[str, list[str], list[str]]] = []
    for n, (sort, a, b) in enumerate(found):
        scrap = sort == "kept" and 0 < n < len(found) - 1 and len("".join(a)) == 1 and a[0] not in "，。；、：（）\n"
        if (scrap or sort == "changed") and made and made[-1][0] == "changed":
            made[-1] = ("changed", made[-1][1] + a, made[-1][2] + b)
        else:
            made.append((sort, list(a), list(b)))
    return made


def _pieces(found: Iterable[tuple[str, list[str], list[str]]]) -> list[Piece]:
    made: list[Piece] = []
    for sort, a, b in found:
        if sort == "kept":
            made.append(Piece("".join(b), "kept"))
            continue
        made += [Piece("".join(a), "removed")] if a else []
        made += [Piece("".join(b), "added")] if b else []
    return made


def role_changes(old: Iterable[tuple[str, str]], new: Iterable[tuple[str, str]]) -> list[RoleChange]:
    """Return the units added, removed, or given another role, in the order they are named."""
    before, after = dict(old), dict(new)
    names = list(dict.fromkeys([*before, *after]))
    return [RoleChange(n, before.get(n), after.get(n)) for n in names if before.get(n) != after.get(n)]


def limit_pairs(old: Sequence[Limit], new: Sequence[Limit]) -> list[tuple[int | None, int | None]]:
    """Pair the time limits of a measure: the equal ones, then of one kind those about the same act, then the rest."""
    left_old, left_new = list(range(len(old))), list(range(len(new)))
    found: list[tuple[int | None, int | None]] = []
    tests = (
        lambda a, b: a == b,
        lambda a, b: (a.kind, a.value) == (b.kind, b.value),
        lambda a, b: (a.kind, a.about) == (b.kind, b.about),
        lambda a, b: a.kind == b.kind,
    )
    for alike in tests:
        for i in list(left_old):
            j = next((j for j in left_new if alike(old[i], new[j])), None)
            if j is not None:
                found.append((i, j))
                left_old.remove(i)
                left_new.remove(j)
    found += [(i, None) for i in left_old]
    found += [(None, j) for j in left_new]
    return sorted(found, key=lambda p: (p[1] if p[1] is not None else len(new), p[0] if p[0] is not None else -1))
