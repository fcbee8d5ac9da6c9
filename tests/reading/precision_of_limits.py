"""Measures the rules that read time limits: how many each found where the annotations stand, and how many are right.

python -m tests.reading.precision_of_limits [--write]
"""

import json
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tests.reading.scoring import GOLD, POLICIES, Json, alike, gold_of, reading_of, same_value, score
from tracker.reading.limits import measured
from tracker.reading.limits.phrases import read_phrases
from tracker.reading.plan import Deadline

LEAST = 10  # findings of a rule before its share says anything


def found_and_right() -> dict[str, tuple[int, int]]:
    """By rule, how many of its limits are annotated so, and how many it found."""
    right: Counter[str] = Counter()
    every: Counter[str] = Counter()
    for name, policy in POLICIES.items():
        for verdict in score(gold_of(name), reading_of(policy)).verdicts:
            if verdict.measure:
                wanted = [one for item in verdict.gold["items"] for one in item["deadlines"]]
                _count([one for item in verdict.measure.items for one in item.deadlines], wanted, right, every)
    for line in (GOLD / "statute-sentences.jsonl").read_text("utf-8").splitlines():
        sentence = json.loads(line)
        _count(read_phrases(sentence["text"]), sentence["deadlines"], right, every)
    return {rule: (right[rule], every[rule]) for rule in sorted(every)}


def _count(found: Iterable[Deadline], wanted: list[Json], right: Counter[str], every: Counter[str]) -> None:
    for one in found:
        answers = [gold for gold in wanted if alike(gold["quote"], one.quote)]
        if any(gold.get("doubt") for gold in answers) or one.extension:
            continue
        every[one.found_by] += 1
        right[one.found_by] += any(same_value(gold, one) for gold in answers)


def main() -> None:
    rows = found_and_right()
    if "--write" not in sys.argv[1:]:
        for rule, (right, every) in rows.items():
            print(f"{rule:32s} {right:5d} of {every:5d}  {right / every:.3f}")
        return
    path = Path(str(measured.__file__))
    table = "".join(f'    "{rule}": ({right}, {every}),\n' for rule, (right, every) in rows.items())
    head, rest = path.read_text("utf-8").split("tuple[int, int]] = {\n", 1)
    path.write_text(f"{head}tuple[int, int]] = {{\n{table}}}{rest.split('}', 1)[1]}", "utf-8")


if __name__ == "__main__":
    main()
