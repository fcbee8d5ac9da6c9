"""Compares a reading with an annotation made by hand: how much of each was found, and what was made up."""

import json
import re
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import Any

from tracker.adapters.files.readers import read_source
from tracker.reading.extraction import read
from tracker.reading.plan import Deadline, Measure, Plan, Reading, Span
from tracker.reading.text.cleaning import fold

HERE = Path(__file__).parent
SEEDS = HERE.parents[1] / "seeds" / "documents"
GOLD = HERE / "gold"
Json = dict[str, Any]
# Annotation -> the policy document it was made of.
POLICIES = dict(line.split("\t") for line in (GOLD / "INDEX.tsv").read_text("utf-8").splitlines()[1:])
DOCUMENTS = sorted({*POLICIES.values(), *(path.name for path in SEEDS.glob("*.txt"))})


@cache
def text_of(name: str) -> str:
    """The text of a policy document, from the seeds or the tests; a saved page is read as an upload is."""
    folder = SEEDS if (SEEDS / name).exists() else HERE / "documents"
    return read_source((folder / name).read_bytes(), name).text


@cache
def reading_of(name: str) -> Reading:
    """The reading of a policy document."""
    return read(text_of(name))


def gold_of(name: str) -> Json:
    """The annotation of one plan."""
    loaded: Json = json.loads((GOLD / name).read_text("utf-8"))
    return loaded


def plain(text: str | None) -> str:
    """A text as it is compared: no blanks, widths and brackets unified."""
    return re.sub(r"\s+", "", fold(text or "")).strip(".")


def plain_key(key: str) -> str:
    """A numbering path as it is compared: 三.二 whatever its brackets."""
    return re.sub(r"[（）]", "", plain(key))


@dataclass
class Count:
    """Found, expected and read things of one sort, with the misses by name."""

    hit: int = 0
    expected: int = 0
    read: int = 0
    misses: list[str] = field(default_factory=list)

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall; 1 where there was nothing to find and nothing was read."""
        return 2 * self.hit / (self.expected + self.read) if self.expected + self.read else 1.0


@dataclass
class Verdict:
    """One annotated measure, the read one that answers to it, and whether that is right in everything (whole)."""

    gold: Json
    measure: Measure | None
    whole: bool


@dataclass
class Score:
    """How a plan was read."""

    measures: Count = field(default_factory=Count)
    items: Count = field(default_factory=Count)
    assignments: Count = field(default_factory=Count)
    contacts: Count = field(default_factory=Count)
    deadlines: Count = field(default_factory=Count)
    keys: Count = field(default_factory=Count)
    triggers: Count = field(default_factory=Count)
    parties: Count = field(default_factory=Count)
    senses: Count = field(default_factory=Count)
    fooled: list[str] = field(default_factory=list)
    distractors: int = 0
    verdicts: list[Verdict] = field(default_factory=list)
    extra: list[Measure] = field(default_factory=list)  # read with units or limits where the annotation has none

    @property
    def whole(self) -> float:
        """The share of the annotated measures that are right in everything."""
        return sum(one.whole for one in self.verdicts) / len(self.verdicts) if self.verdicts else 1.0


def plan_of(gold: Json, reading: Reading) -> Plan:
    """The plan of a reading that shares most measures with an annotation; an empty one where there is none."""
    nothing = Plan("", Span(0, 0), ())
    return max(reading.plans, key=lambda one: len(pairs_of(gold, one)), default=nothing)


def score(gold: Json, reading: Reading) -> Score:
    """Compare an annotation with the plan of a reading that shares most of its measures.

    A measure that the annotator doubts neither helps nor hurts, nor does a read one that answers to none and bears
    neither unit nor limit: a goal, a rule, where two good readers differ.
    """
    plan = plan_of(gold, reading)
    pairs = pairs_of(gold, plan)
    result = Score()
    answered = {id(measure) for measure in pairs.values()}
    result.extra = [one for one in plan.measures if id(one) not in answered and _bears(one)]
    certain = [one for one in gold["measures"] if not one.get("doubt")]
    found = sum(id(one) in pairs for one in certain)
    result.measures = Count(found, len(certain), found + len(result.extra))
    result.measures.misses = [f"made up {one.key} {plain(one.text)[:12]}" for one in result.extra]
    for expected in certain:
        measure = pairs.get(id(expected))
        if measure is None:
            result.measures.misses.append(f"missing {expected['key']} {expected['start']}")
        whole = _compare(expected, measure, result)
        result.verdicts.append(Verdict(expected, measure, whole))
    return result


def _bears(measure: Measure) -> bool:
    return any(item.assignments or item.deadlines for item in measure.items)


def pairs_of(gold: Json, plan: Plan) -> dict[int, Measure]:
    """Each annotated measure, by its id, with the read one that begins as it does; keys break ties."""
    left = list(plan.measures)
    pairs: dict[int, Measure] = {}
    for same_key, least in ((True, 4), (False, 8)):
        for expected in gold["measures"]:
            if id(expected) in pairs:
                continue
            beginnings = _beginnings(expected["start"], expected.get("title"), expected["items"][0].get("start"))
            for measure in left:
                if same_key and plain_key(measure.key) != plain_key(expected["key"]):
                    continue
                if _begin_alike(beginnings, _of_measure(measure), least):
                    pairs[id(expected)] = measure
                    left.remove(measure)
                    break
    return pairs


def _of_measure(measure: Measure) -> set[str]:
    return _beginnings(measure.text, measure.title, measure.items[0].text if measure.items else None)


def _beginnings(text: str, title: str | None, first_item: str | None) -> set[str]:
    """How a measure may be said to begin: with its short title or behind it, or as its first item does."""
    text, title = plain(text), plain(title)
    found = [text, plain(first_item)]
    if title:
        found.append(text[len(title) :].lstrip("。：") if text.startswith(title) else title + text)
    return {one[:12] for one in found if one}


def _begin_alike(a: set[str], b: set[str], least: int) -> bool:
    shortest = ((one, other, min(len(one), len(other))) for one in a for other in b)
    return any(length >= least and one[:length] == other[:length] for one, other, length in shortest)


def _compare(expected: Json, measure: Measure | None, result: Score) -> bool:
    """Count what agrees of one measure; whether everything does."""
    items = measure.items if measure else ()
    key = expected["key"]
    if measure:
        _tell(result.keys, plain_key(measure.key) == plain_key(key), f"{key}: read as {measure.key}")
    result.items.hit += min(len(expected["items"]), len(items))
    result.items.expected += len(expected["items"])
    result.items.read += len(items)
    if len(items) != len(expected["items"]):
        result.items.misses.append(f"{key}: {len(expected['items'])} items, read {len(items)}")
    units = _sets(
        result.assignments,
        [(plain(one["unit"]), one["role"]) for item in expected["items"] for one in item["assignments"]],
        [(plain(one.unit), str(one.role)) for item in items for one in item.assignments],
        key,
    )
    _sets(
        result.contacts,
        [(plain(c["name"]), _digits(p)) for item in expected["items"] for c in item["contacts"] for p in c["phones"]],
        [(plain(c.name), _digits(p)) for item in items for c in item.contacts for p in c.phones],
        key,
    )
    wanted = [one for item in expected["items"] for one in item["deadlines"]]
    limits = _deadlines(wanted, [one for item in items for one in item.deadlines], expected, result)
    return measure is not None and units and limits


def _digits(phone: str) -> str:
    return re.sub(r"\D", "", phone)


def _tell(count: Count, ok: bool, miss: str) -> None:
    count.expected += 1
    count.read += 1
    count.hit += ok
    if not ok:
        count.misses.append(miss)


def _sets(count: Count, expected: list[Any], found: list[Any], key: str) -> bool:
    expected, found, missed = sorted(set(expected)), sorted(set(found)), len(count.misses)
    left = found[:]
    for one in expected:
        if one in left:
            left.remove(one)
            count.hit += 1
        else:
            count.misses.append(f"{key} missing {one}")
    count.misses.extend(f"{key} made up {one}" for one in left)
    count.expected += len(expected)
    count.read += len(found)
    return len(count.misses) == missed


def _deadlines(wanted: list[Json], found: list[Deadline], expected: Json, result: Score) -> bool:
    left, right = list(found), True
    for one in wanted:
        match = next((x for x in left if alike(one["quote"], x.quote) and same_value(one, x)), None)
        if match:
            left.remove(match)
        if one.get("doubt"):
            continue
        result.deadlines.expected += 1
        if match is None:
            result.deadlines.misses.append(f"{expected['key']} missing {_kind(one)} {one['quote']}")
            right = False
            continue
        result.deadlines.hit += 1
        result.deadlines.read += 1
        if _kind(one) == "relative" and one.get("trigger"):
            told = alike(one["trigger"], match.trigger)
            _tell(result.triggers, told, f"{one['trigger']} read as {match.trigger}")
            right = right and told
        _tell(result.parties, one.get("party", "unit") == match.party, f"{one['quote']}: party {match.party}")
        _tell(result.senses, one["sense"] == match.sense, f"{one['quote']}: sense {match.sense}")
    doubtful = [one["quote"] for one in wanted if one.get("doubt")]
    left = [x for x in left if not any(alike(quote, x.quote) for quote in doubtful)]
    result.deadlines.read += len(left)
    result.deadlines.misses.extend(f"{expected['key']} made up {x.kind} {x.quote}" for x in left)
    for item in expected["items"]:
        for trap in item.get("distractors", []):
            result.distractors += 1
            result.fooled.extend(trap["quote"] for x in left[:] if alike(trap["quote"], x.quote))
    return right and not left


def alike(a: str, b: str | None) -> bool:
    """Whether two quotes share at least half of the longer one."""
    a, b = plain(a), plain(b)
    if not a or not b:
        return False
    return SequenceMatcher(None, a, b, autojunk=False).find_longest_match().size * 2 >= max(len(a), len(b))


def same_value(gold: Json, found: Deadline) -> bool:
    """Whether a read limit says what the annotated one does."""
    kind = _kind(gold)
    if kind != found.kind:
        return False
    if kind == "recurring":
        return _rule(gold["rrule"]) == _rule(found.rrule)
    if kind == "absolute" or (kind == "validity" and gold.get("date")):
        return bool(gold["date"] == (found.date.isoformat() if found.date else None))
    return (gold.get("amount"), gold.get("unit")) == (found.amount, found.unit)


def _kind(gold: Json) -> str:
    """An annotated limit's kind; sentences of laws leave it out."""
    return str(gold.get("kind") or ("recurring" if gold.get("rrule") else "relative"))


def _rule(rrule: str | None) -> set[str]:
    return set((rrule or "").split(";")) - {"INTERVAL=1"}


def score_sentence(gold: Json, found: list[Deadline]) -> Score:
    """Compare one annotated sentence of a law with what was read of it."""
    result = Score()
    item = {"deadlines": gold["deadlines"], "distractors": gold["distractors"]}
    _deadlines(gold["deadlines"], found, {"key": gold["text"][:16], "items": [item]}, result)
    return result
