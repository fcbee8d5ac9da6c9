"""Prints what a reading asks about each annotated document, and how much of it a reader would wave through.

python -m tests.reading.alarms [--show] [--in FOLDER] [WORD ...]

For each document: its measures, those that raise no question and their share, how many of these are right in
everything (whole) by the annotation; its questions, and those a reader answers 不需处理 because what is asked about is
right.  --show prints each question with that verdict, and the measures that raise none and are wrong; --in takes the
annotations of another folder, each beside the document it was made of (name.json, name.txt; name-2.json for a second
plan of it).
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path

from tests.reading.scoring import (
    POLICIES,
    Json,
    Verdict,
    alike,
    gold_of,
    pairs_of,
    plain,
    plan_of,
    reading_of,
    same_value,
    score,
)
from tracker.adapters.files.readers import read_source
from tracker.reading.extraction import read
from tracker.reading.plan import Deadline, Doubt, DoubtKind, Measure, Plan, Reading, Span


@dataclass
class Alarms:
    """What a plan's reading asks, against its annotation."""

    measures: int = 0
    silent: int = 0  # measures that raise no question
    silent_whole: int = 0
    doubts: int = 0
    unneeded: int = 0
    lines: list[str] = field(default_factory=list)

    def __add__(self, other: "Alarms") -> "Alarms":
        names = ("measures", "silent", "silent_whole", "doubts", "unneeded")
        return Alarms(*(getattr(self, name) + getattr(other, name) for name in names))


def alarms(gold: Json, reading: Reading) -> Alarms:
    """Judge the questions of one annotated plan."""
    plan = plan_of(gold, reading)
    verdicts = score(gold, reading).verdicts
    doubts = [*plan.doubts, *(one for one in reading.doubts if _lies_in(plan, one))]
    asked = {doubt.measure for doubt in doubts if doubt.measure}
    result = Alarms(measures=len(verdicts), doubts=len(doubts))
    for one in verdicts:
        if one.measure is None or one.measure.key in asked:
            continue
        result.silent += 1
        result.silent_whole += one.whole
        if not one.whole:
            result.lines.append(f"silent and wrong: {one.gold['key']} {one.gold['start']}")
    for doubt in doubts:
        needed = _is_needed(doubt, gold, plan, verdicts)
        result.unneeded += not needed
        result.lines.append(f"{'asked ' if needed else 'waved '} {doubt.kind.value} {doubt.measure or ''} {doubt.seen}")
    return result


def _lies_in(plan: Plan, doubt: Doubt) -> bool:
    return plan.span.start <= doubt.span.start < max(plan.span.end, 1)


def _is_needed(doubt: Doubt, gold: Json, plan: Plan, verdicts: list[Verdict]) -> bool:
    """Whether an answer to this question changes something: what it is about is not as the annotation has it."""
    measure = next((one for one in plan.measures if one.key == doubt.measure), None)
    if measure is not None:
        expected = next((g for g in gold["measures"] if pairs_of(gold, plan).get(id(g)) is measure), None)
        return expected is None or expected.get("doubt", False) or _is_needed_in(doubt, measure, expected)
    if doubt.kind is DoubtKind.SUSPECT:
        # What lies behind a measure that is right in everything, or before the first, belongs to none.
        before = [one for one in verdicts if one.measure and one.measure.span.start <= doubt.span.start]
        owner = max(before, key=lambda one: one.measure.span.start if one.measure else 0, default=None)
        lost = [one for one in verdicts if one.measure is None]
        return bool(lost) or (owner is not None and not owner.whole)
    return not all(one.whole for one in verdicts)


def _is_needed_in(doubt: Doubt, measure: Measure, expected: Json) -> bool:
    items = expected["items"]
    if doubt.kind is DoubtKind.UNSURE_UNIT:
        printed = {(plain(a["unit"]), a["role"]) for item in items for a in item["assignments"]}
        every = [a for item in measure.items for a in item.assignments]
        met = [a for a in every if _meet(a.span, doubt.span)]
        if not met:
            return bool(printed - {(plain(a.unit), str(a.role)) for a in every})
        return any((plain(a.unit), str(a.role)) not in printed for a in met)
    if doubt.kind is DoubtKind.NO_UNIT:
        return any(item["assignments"] for item in items)
    if doubt.kind in (DoubtKind.HALF_LIMIT, DoubtKind.CONFLICT):
        limits = [d for item in items for d in item["deadlines"]]
        spans = [doubt.span, *doubt.others]
        every = [d for item in measure.items for d in item.deadlines]
        read = [d for d in every if any(_meet(d.span, span) for span in spans)]
        if not read:
            missing = [g for g in limits if not any(_right(g, d) for d in every)]
            return any(_shares(g["quote"], doubt.seen) for g in missing)
        return not all(any(_right(g, d) and not g.get("doubt") for g in limits) for d in read)
    return doubt.kind is DoubtKind.EARLIER_PERIOD or doubt.kind is DoubtKind.LEVEL


def _right(gold: Json, found: Deadline) -> bool:
    """Whether a read limit is the annotated one, its event included."""
    told = not gold.get("trigger") or found.kind != "relative" or alike(gold["trigger"], found.trigger)
    return alike(gold["quote"], found.quote) and same_value(gold, found) and told


def _shares(quote: str, seen: str) -> bool:
    """Whether what was seen holds most of an annotated quote."""
    a, b = plain(quote), plain(seen)
    return SequenceMatcher(None, a, b, autojunk=False).find_longest_match().size >= min(3, len(a))


def _meet(a: Span, b: Span) -> bool:
    return a.start < b.end and b.start < a.end


def annotated() -> Iterator[tuple[str, Json, Reading]]:
    """The annotated plans of the tests, with their readings."""
    for name, policy in POLICIES.items():
        yield name, gold_of(name), reading_of(policy)


def annotated_in(folder: Path) -> Iterator[tuple[str, Json, Reading]]:
    """The annotated plans of another folder."""
    for path in sorted(folder.glob("*.json")):
        stems = (path.stem, path.stem.rpartition("-")[0])
        source = next(p for stem in stems for p in sorted(folder.glob(f"{stem}.*")) if p.suffix != ".json")
        yield path.name, json.loads(path.read_text("utf-8")), read(read_source(source.read_bytes(), source.name).text)


def line(name: str, one: Alarms) -> str:
    share, whole = one.silent / max(one.measures, 1), one.silent_whole / max(one.silent, 1)
    return (
        f"{name[:43]:44s}{one.measures:9d}{one.silent:9d}{share:7.2f}{one.silent_whole:9d}{whole:8.3f}"
        f"{one.doubts:9d}{one.unneeded:10d}"
    )


def main() -> None:
    words, folder = [word for word in sys.argv[1:] if word != "--show"], None
    if "--in" in words:
        at = words.index("--in")
        folder = Path(words[at + 1])
        del words[at : at + 2]
    heads = f"{'measures':>9s}{'silent':>9s}{'share':>7s}{'whole':>9s}{'':8s}{'doubts':>9s}{'unneeded':>10s}"
    print(f"{'':44s}{heads}")
    total = Alarms()
    for name, gold, reading in annotated_in(folder) if folder else annotated():
        if words and not any(word in name for word in words):
            continue
        one = alarms(gold, reading)
        total += one
        print(line(name, one))
        if "--show" in sys.argv:
            print("".join(f"    {said}\n" for said in one.lines), end="")
    print(line("all", total))


if __name__ == "__main__":
    main()
