"""Short documents of our own wording, one in each style that governments write in, annotated by hand."""

import json

import pytest

from tests.reading.scoring import HERE, Json, Score, score
from tracker.reading.extraction import read

STYLES = sorted((HERE / "styles").glob("*.json"))


@pytest.fixture(scope="module", params=STYLES, ids=lambda path: path.stem)
def scored(request: pytest.FixtureRequest) -> Score:
    gold: Json = json.loads(request.param.read_text("utf-8"))
    return score(gold, read((HERE / "styles" / gold["source"]).read_text("utf-8")))


def test_eight_styles_are_at_hand() -> None:
    assert len(STYLES) == 8


def test_measures_and_their_keys_are_those_annotated(scored: Score) -> None:
    assert scored.measures.f1 == 1, scored.measures.misses
    assert scored.keys.f1 == 1, scored.keys.misses


def test_units_and_their_roles_are_those_annotated(scored: Score) -> None:
    assert scored.items.f1 == 1
    assert scored.assignments.f1 == 1, scored.assignments.misses


def test_limits_are_those_annotated(scored: Score) -> None:
    assert scored.deadlines.f1 == 1, scored.deadlines.misses
    assert scored.triggers.f1 == 1, scored.triggers.misses
    assert scored.parties.f1 == 1, scored.parties.misses
    assert scored.senses.f1 == 1, scored.senses.misses
    assert scored.fooled == []
