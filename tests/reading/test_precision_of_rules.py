"""The confidence of a unit is what was measured of the rule that found it."""

import pytest

from tests.reading.precision import measured
from tracker.reading.names.confidence import ASKED, MEASURED, confidence_of, precision_of


def test_the_table_of_precision_is_what_is_measured() -> None:
    """Written anew by `python -m tests.reading.precision --write`."""
    now = measured()
    rules = {*now, *MEASURED}
    off = {
        rule: (MEASURED.get(rule), now.get(rule))
        for rule in rules
        if abs(precision_of(*MEASURED.get(rule, (0, 0))) - precision_of(*now.get(rule, (0, 0)))) > 0.05
    }
    assert not off


@pytest.mark.parametrize("rule", ["bracket", "label", "subject", "由"])
def test_a_rule_that_is_nearly_always_right_asks_nothing(rule: str) -> None:
    assert confidence_of(rule) >= 0.75


@pytest.mark.parametrize("rule", ["barred", "office", "a rule nobody measured"])
def test_a_rule_that_is_often_wrong_is_a_question(rule: str) -> None:
    assert confidence_of(rule) == ASKED < 0.6
