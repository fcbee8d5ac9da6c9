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
from tracker.reading.plan import Deadline, Measure, Plan, Reading
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


def score(gold: Json, reading: Reading) -> Score:
    """Compare an annotation with the plan of a reading that shares most of its measures."""
    plan = max(reading.plans, key=lambda one: len(_pairs(gold, one)))
    pairs = _pairs(gold, plan)
    result = Score()
    result.measures = Count(len(pairs), len(gold["measures"]), len(plan.measures))
    for expected in gold["measures"]:
        measure = pairs.get(id(expected))
        if measure is None:
            result.measures.misses.append(expected["key"])
        _compare(expected, measure, result)
    return result


def _pairs(gold: Json, plan: Plan) -> dict[int, Measure]:
    """Each annotated measure with the read one that begins as it does."""
    left = list(plan.measures)
    pairs: dict[int, Measure] = {}
    for same_key in (True, False):
        for expected in gold["measures"]:
            if id(expected) in pairs:
                continue
            start = plain(expected["start"])[:12]
            for measure in left:
                if same_key and plain(measure.key) != plain(expected["key"]):
                    continue
                body = plain(measure.text).removeprefix(plain(measure.title)).lstrip("。")
                if any(text[: len(start)] == start[: len(text)] for text in (plain(measure.text), body) if text):
                    pairs[id(expected)] = measure
                    left.remove(measure)
                    break
    return pairs


def _compare(expected: Json, measure: Measure | None, result: Score) -> None:
    items = measure.items if measure else ()
    key = expected["key"]
    if measure:
        _tell(result.keys, plain(measure.key) == plain(key), f"{key}: read as {measure.key}")
    result.items.hit += min(len(expected["items"]), len(items))
    result.items.expected += len(expected["items"])
    result.items.read += len(items)
    _sets(
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
    _deadlines(wanted, [one for item in items for one in item.deadlines], expected, result)


def _digits(phone: str) -> str:
    return re.sub(r"\D", "", phone)


def _tell(count: Count, ok: bool, miss: str) -> None:
    count.expected += 1
    count.read += 1
    count.hit += ok
    if not ok:
        count.misses.append(miss)


def _sets(count: Count, expected: list[Any], found: list[Any], key: str) -> None:
    left = list(found)
    for one in expected:
        if one in left:
            left.remove(one)
            count.hit += 1
        else:
            count.misses.append(f"{key} missing {one}")
    count.misses.extend(f"{key} made up {one}" for one in left)
    count.expected += len(expected)
    count.read += len(found)


def _deadlines(wanted: list[Json], found: list[Deadline], expected: Json, result: Score) -> None:
    left = list(found)
    for one in wanted:
        match = next((x for x in left if alike(one["quote"], x.quote) and _same_value(one, x)), None)
        if match:
            left.remove(match)
        if one.get("doubt"):
            continue
        result.deadlines.expected += 1
        if match is None:
            result.deadlines.misses.append(f"{expected['key']} missing {one['quote']}")
            continue
        result.deadlines.hit += 1
        result.deadlines.read += 1
        if one.get("trigger"):
            _tell(result.triggers, alike(one["trigger"], match.trigger), f"{one['trigger']} read as {match.trigger}")
        _tell(result.parties, one.get("party", "unit") == match.party, f"{one['quote']}: party {match.party}")
        _tell(result.senses, one["sense"] == match.sense, f"{one['quote']}: sense {match.sense}")
    doubtful = [one["quote"] for one in wanted if one.get("doubt")]
    left = [x for x in left if not any(alike(quote, x.quote) for quote in doubtful)]
    result.deadlines.read += len(left)
    result.deadlines.misses.extend(f"{expected['key']} made up {x.kind} {x.quote}" for x in left)
    for item in expected["items"]:
        for trap in item.get("distractors", []):
            result.distractors += 1
            result.fooled.extend(trap["quote"] for x in left if alike(trap["quote"], x.quote))


def alike(a: str, b: str | None) -> bool:
    """Whether two quotes share at least half of the longer one."""
    a, b = plain(a), plain(b)
    if not a or not b:
        return False
    return SequenceMatcher(None, a, b, autojunk=False).find_longest_match().size * 2 >= max(len(a), len(b))


def _same_value(gold: Json, found: Deadline) -> bool:
    kind = gold.get("kind") or ("recurring" if gold.get("rrule") else "relative")
    if kind != found.kind:
        return False
    if kind == "recurring":
        return gold["rrule"] == found.rrule
    if kind == "absolute" or (kind == "validity" and gold.get("date")):
        return bool(gold["date"] == (found.date.isoformat() if found.date else None))
    return (gold.get("amount"), gold.get("unit")) == (found.amount, found.unit)


def score_sentence(gold: Json, found: list[Deadline]) -> Score:
    """Compare one annotated sentence of a law with what was read of it."""
    result = Score()
    item = {"deadlines": gold["deadlines"], "distractors": gold["distractors"]}
    _deadlines(gold["deadlines"], found, {"key": gold["text"][:16], "items": [item]}, result)
    return result
