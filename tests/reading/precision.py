"""Measures how often each rule that finds units is right, over the annotated plans cut where their annotators cut them.

python -m tests.reading.precision [--write]

The cut is the annotation's own, so that a fault of the outline is no fault of these rules; measures whose units are
printed elsewhere (in the columns of a task table, in a heading) are left out.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.reading.scoring import POLICIES, Json, gold_of, plain, text_of
from tracker.reading.measures import MeasureReader
from tracker.reading.names import confidence
from tracker.reading.names.responsibility import FIRST_LEADS
from tracker.reading.outline.clauses import Draft
from tracker.reading.outline.layout import laid_out
from tracker.reading.plan import Measure
from tracker.reading.tables.stacked import stacked_in
from tracker.reading.tables.task_tables import tables_in
from tracker.reading.text.cleaning import fold, unveil

_NUMBER = (
    r"(?:第[〇零一二三四五六七八九十百]+[编章节条]|[一二三四五六七八九十]{1,3}、|（[一二三四五六七八九十]{1,3}）"
    r"|\d{1,2}[.、](?!\d)|（\d{1,2}）)"
)
# What stands between a measure and the next: headings, and the next one's number.
_BETWEEN = re.compile(rf"(?:\s*{_NUMBER}[^。；！]{{0,45}}){{0,2}}\s*(?:{_NUMBER})?\s*$")
_END = re.compile(
    r"\n\s*附\s*件|\n\s*\d{4}年\d{1,2}月\d{1,2}日|\n[^\n。；，]{6,50}(?:措施|方案|意见|办法|通知|计划)\s*\n"
    r"|\n\s*[^\n。]{4,30}\n\s*\d{4}年\d{1,2}月\d{1,2}日"
)
_LAST = 1500  # characters of the last measure that are read


def measured() -> dict[str, tuple[int, int]]:
    """By rule, how many units it found in the annotated plans and how many of them are annotated so."""
    found: dict[str, list[int]] = {}
    for name, policy in POLICIES.items():
        for gold, measure in _read(gold_of(name), text_of(policy)):
            answers = {(plain(a["unit"]), a["role"]) for item in gold["items"] for a in item["assignments"]}
            words = plain(measure.text)
            if answers and not any(unit in words for unit, _ in answers):
                continue
            for item in measure.items:
                for one in item.assignments:
                    counts = found.setdefault(one.found_by, [0, 0])
                    counts[0] += (plain(one.unit), one.role.value) in answers
                    counts[1] += 1
    return {rule: (right, every) for rule, (right, every) in sorted(found.items())}


def _read(plan: Json, text: str) -> Iterator[tuple[Json, Measure]]:
    """The annotated measures of a plan with what is read where they stand."""
    flat = fold(unveil(text))
    tables = [(t.rows[0].span.start, t.rows[-1].span.end) for t in (*tables_in(flat), *stacked_in(flat)) if t.rows]
    for gold, start, end in _stretches(plan, flat):
        if gold.get("doubt") or any(a <= start < b for a, b in tables):
            continue
        printed = unveil(text[start:end])
        layout = laid_out(printed, fold(printed))
        lines = tuple(layout.sourced(line) for line in layout.lines)
        reader = MeasureReader(printed, fold(printed), None, first_leads=FIRST_LEADS.search(flat, 0, start) is not None)
        measure = reader.measure(Draft(gold["key"], gold.get("section"), None, lines[0].start, lines))
        if measure is not None:
            yield gold, measure


def _stretches(plan: Json, flat: str) -> Iterator[tuple[Json, int, int]]:
    """Where each annotated measure begins and ends, by its first characters."""
    at = [n for n, char in enumerate(flat) if not char.isspace()]
    squeezed = "".join(flat[n] for n in at)
    heads = [plain(one.get("text") or one["start"])[:15] for one in plan["measures"]]
    best: list[int | None] = []
    for first in re.finditer(re.escape(heads[0]), squeezed):
        places: list[int | None] = []
        place = first.start()
        for head in heads:
            here = squeezed.find(head, place)
            places.append(here if here >= 0 else None)
            place = here + 1 if here >= 0 else place
        if not best or _worth(places) > _worth(best):
            best = places
    known = [place for place in best if place is not None]
    for gold, begin in zip(plan["measures"], best, strict=False):
        if begin is None:
            continue
        start = at[begin]
        following = next((place for place in known if place > begin), None)
        end = at[following] if following is not None else min(len(flat), start + _LAST)
        stop = _BETWEEN.search(flat, start, end) if following is not None else _END.search(flat, start, end)
        yield gold, start, stop.start() if stop else end


def _worth(places: list[int | None]) -> tuple[int, int]:
    """How good a series of places is: how many there are, and how close together."""
    known = [place for place in places if place is not None]
    return len(known), -(known[-1] - known[0]) if known else 0


def main() -> None:
    """Print what is measured, or write it into the table that the reading uses."""
    rows = measured()
    if "--write" not in sys.argv[1:]:
        for rule, (right, every) in rows.items():
            print(f"{rule:20s} {right:5d} of {every:5d}  {right / every:.3f}")
        return
    path = Path(str(confidence.__file__))
    table = "".join(f'    "{rule}": ({right}, {every}),\n' for rule, (right, every) in rows.items())
    source = path.read_text("utf-8")
    head, rest = source.split("MEASURED: dict[str, tuple[int, int]] = {", 1)
    path.write_text(f"{head}MEASURED: dict[str, tuple[int, int]] = {{\n{table}}}{rest.split('}', 1)[1]}", "utf-8")


if __name__ == "__main__":
    main()
