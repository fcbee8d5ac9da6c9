"""Prints how every annotated document is read, and keeps the figures below which none may fall again.

python -m tests.reading.figures [--raise] [--show N] [WORD ...]

A word keeps the annotations whose names hold it; --raise writes what is better than the floors into them.
"""

import math
import sys
from pathlib import Path

from tests.reading.scoring import GOLD, POLICIES, Count, Score, gold_of, reading_of, score

FLOORS = Path(GOLD / "floors.tsv")
SORTS = ("measures", "items", "assignments", "contacts", "deadlines", "whole")
_COUNTED = SORTS[:-1]


def figures(found: Score) -> dict[str, float]:
    """F1 of every sort of thing, and the share of measures right in everything."""
    return {**{sort: count_of(found, sort).f1 for sort in _COUNTED}, "whole": found.whole}


def count_of(found: Score, sort: str) -> Count:
    """What was counted of one sort."""
    count: Count = getattr(found, sort)
    return count


def floors() -> dict[str, dict[str, float]]:
    """The floors of every annotation."""
    rows = [line.split("\t") for line in FLOORS.read_text("utf-8").splitlines()[1:]] if FLOORS.exists() else []
    return {name: dict(zip(SORTS, map(float, row), strict=True)) for name, *row in rows}


def raised(measured: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """The floors with every better figure, rounded down."""
    old, new = floors(), {}
    for name in POLICIES:
        now, before = measured.get(name, {}), old.get(name, {})
        new[name] = {s: max(math.floor(1000 * now.get(s, 0)) / 1000, before.get(s, 0)) for s in SORTS}
    return new


def overall(scores: list[Score]) -> dict[str, float]:
    """The figures of all plans together, each thing counted once."""
    found = {}
    for sort in _COUNTED:
        counts = [count_of(one, sort) for one in scores]
        found[sort] = Count(*(sum(getattr(c, f) for c in counts) for f in ("hit", "expected", "read"))).f1
    verdicts = [verdict for one in scores for verdict in one.verdicts]
    return {**found, "whole": sum(one.whole for one in verdicts) / max(len(verdicts), 1)}


def main() -> None:
    words, show = [word for word in sys.argv[1:] if word != "--raise"], 0
    if "--show" in words:
        at = words.index("--show")
        show = int(words[at + 1])
        del words[at : at + 2]
    names = [name for name in POLICIES if not words or any(word in name for word in words)]
    print(f"{'':44s}" + "".join(f"{sort:>13s}" for sort in SORTS))
    scores = {name: score(gold_of(name), reading_of(POLICIES[name])) for name in names}
    for name, one in scores.items():
        print(f"{name[:43]:44s}" + "".join(f"{figure:13.3f}" for figure in figures(one).values()))
        for sort in _COUNTED if show else ():
            print("".join(f"    {sort}: {miss}\n" for miss in count_of(one, sort).misses[:show]), end="")
    print(f"{'all':44s}" + "".join(f"{figure:13.3f}" for figure in overall(list(scores.values())).values()))
    if "--raise" in sys.argv:
        new = raised({name: figures(one) for name, one in scores.items()})
        rows = ["\t".join(["annotation", *SORTS]), *("\t".join([n, *map(str, row.values())]) for n, row in new.items())]
        FLOORS.write_text("\n".join(rows) + "\n", "utf-8")


if __name__ == "__main__":
    main()
