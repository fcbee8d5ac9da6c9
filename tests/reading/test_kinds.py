"""Documents written for one kind of difficulty each, by readers who knew its name and nothing of the program.

Those under `seen` were open while rules were written; those under `unseen` were scored once, when the rules stood.
"""

import json
from functools import cache
from pathlib import Path

import pytest

from tests.reading.figures import overall
from tests.reading.scoring import HERE, Score, score
from tracker.adapters.files.readers import read_source
from tracker.reading.extraction import read
from tracker.reading.plan import Reading

KINDS = HERE / "kinds"
# Below what was measured by what a rule may cost that helps elsewhere.
FLOORS = {
    "seen": {"measures": 0.98, "items": 0.97, "assignments": 0.97, "deadlines": 0.97, "whole": 0.91},
    "unseen": {"measures": 0.97, "items": 0.96, "assignments": 0.92, "deadlines": 0.87, "whole": 0.67},
}


def policy_of(annotation: Path) -> Path:
    """The document of an annotation; the second plan of one bears one more number."""
    names = (annotation.stem, annotation.stem.rpartition("-")[0])
    return next(p for n in names for p in annotation.parent.glob(f"{n}.*") if p.suffix != ".json")


@cache
def reading_of(policy: Path) -> Reading:
    return read(read_source(policy.read_bytes(), policy.name).text)


def scores(folder: str) -> list[Score]:
    return [
        score(json.loads(one.read_text("utf-8")), reading_of(policy_of(one)))
        for one in sorted((KINDS / folder).glob("*.json"))
    ]


def test_every_kind_has_two_documents() -> None:
    kinds = [one.stem.split("-")[0] for folder in FLOORS for one in (KINDS / folder).glob("*.json")]
    assert len(kinds) == 39


@pytest.mark.parametrize("folder", FLOORS)
def test_documents_of_every_kind_are_read_as_well_as_they_were(folder: str) -> None:
    found = overall(scores(folder))
    fallen = {sort: found[sort] for sort, floor in FLOORS[folder].items() if found[sort] < floor}
    assert not fallen, fallen
