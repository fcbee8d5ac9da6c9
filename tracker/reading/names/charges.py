"""Charges (交办) in prose: sentences that say who is to act, where no list of units is printed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from tracker.reading.names.bodies import kind_of
from tracker.reading.names.charge_patterns import HINT
from tracker.reading.names.charge_sentences import ChargingSentence
from tracker.reading.names.likeness import same_body
from tracker.reading.names.responsibility import Named
from tracker.reading.plan import NameKind, Role
from tracker.reading.text.lazy import lazy

# What is of a sort is meant only by its own words: 教育部门办幼儿园 are not all 幼儿园.
_SORT_OF = lazy(r"(?:园|校|医院|机构|单位|部门|企业|长|员)$")
# （2）各镇要…: a point begins a sentence, though the one before it ends without a stop; 第（2）项 is only spoken of.
_ENDS = lazy(
    r"[。；！]|(?<![第按照据《、及和。；！：])(?=（\d{1,2}）(?![项款目条、]))"
    # 要开展排查：1.市水务局…: a list of points behind a lead-in
    r"|(?<=：)(?=(?:\d{1,2}[.、]|[①-⑳])[\u4e00-\u9fff])"
    # 加强监管——县市监局牵头: who answers, behind a dash
    r"|(?<=[\u4e00-\u9fff）”])(?=--[省市县区镇乡州各])"
)
_READ = 1200  # characters of one sentence that are looked at
_REMEMBERED = 400  # characters


@dataclass(frozen=True, slots=True)
class Charge:
    """One sentence that charges somebody."""

    start: int
    names: tuple[Named, ...]


def charges_in(flat: str, start: int, end: int, head: int = 0) -> list[Charge]:
    """The sentences of a text that charge a body, one for each that charges somebody else than the one before.

    `head` is where a first line without a stop ends, if that is no part of the sentence behind it.
    """
    found: list[Charge] = []
    known: dict[str, Role] = {}
    helping: set[str] = set()
    for a, b in _sentences(flat, start, end, head):
        names = _of_sentence(flat, a, min(b, a + _READ), beside=bool(found)) if b - a > 3 else []
        # A body that is charged again keeps the part it had.
        names = [replace(n, role=known.get(flat[n.start : n.end], n.role)) for n in names]
        last = found[-1].names if found else ()
        other = [n for n in names if not any(_again(flat, n, one) for one in last)]
        if all(n.role is Role.SUPPORT for n in names) and found:
            # A partner whose leader an earlier sentence named belongs to that sentence.
            fresh = [n for n in other if not any(_same(flat[n.start : n.end], one) for one in (*known, *helping))]
            found[-1] = Charge(found[-1].start, (*found[-1].names, *fresh))
        elif other:
            found.append(Charge(a, tuple(names)))
        helping |= {flat[n.start : n.end] for n in names if n.rule == "会同"}
        for n in names:
            # 会同县财政局申报。县财政局应当…拨付: who helped with one thing has another that is its own.
            if n.rule != "会同":
                known.setdefault(flat[n.start : n.end], n.role)
    return found


def _again(flat: str, named: Named, before: Named) -> bool:
    """Whether a body is charged again as it was: who only helped before may now have a duty of its own."""
    if before.rule == "会同" and named.role is not Role.SUPPORT:
        return False
    return _same(flat[named.start : named.end], flat[before.start : before.end])


def _same(name: str, other: str) -> bool:
    if name == other:
        return True
    # 地方各级行政执法机关 are not the 行政执法机关 that was named before.
    kind = kind_of(name)
    if kind is NameKind.COLLECTIVE or _SORT_OF.search(name) or _SORT_OF.search(other):
        return False
    return kind is kind_of(other) and (same_body(name, other) or same_body(other, name))


def _sentences(flat: str, start: int, end: int, head: int) -> Iterator[tuple[int, int]]:
    at = start
    if start < head < end:
        yield start, head
        at = start = head
    for match in _ENDS.finditer(flat[start:end]):
        yield at, start + match.start()
        at = start + match.end()
    if at < end:
        yield at, end


def _of_sentence(flat: str, start: int, end: int, *, beside: bool) -> list[Named]:
    """The bodies one sentence charges, in the order of its words; `beside` where the one before charged somebody."""
    sentence = flat[start:end]
    charged = _charged if len(sentence) <= _REMEMBERED else _charged.__wrapped__
    return [Named(n.start + start, n.end + start, n.role, n.rule) for n in charged(sentence, beside)]


# A measure is read once for its units and once more for what its block leaves out.
@lru_cache(maxsize=2048)
def _charged(sentence: str, beside: bool) -> tuple[Named, ...]:
    """The bodies a sentence charges, at their places in it."""
    ends = [match.start() for match in HINT.finditer(sentence)]
    if not ends:
        return ()
    reader = ChargingSentence(sentence, ends, beside=beside)
    reader.read()
    return tuple(sorted(reader.found, key=lambda n: n.start))
