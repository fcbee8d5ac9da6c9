"""What --explain says of a rule of limits is what is measured of it."""

from tests.reading.precision_of_limits import LEAST, found_and_right
from tracker.reading.limits.measured import MEASURED_LIMITS, limit_words


def test_the_table_of_limits_is_what_is_measured() -> None:
    """Written anew by `python -m tests.reading.precision_of_limits --write`."""
    off = {}
    for rule, (right, every) in found_and_right().items():
        stated = MEASURED_LIMITS.get(rule)
        if every >= LEAST and (stated is None or abs(stated[0] / stated[1] - right / every) > 0.05):
            off[rule] = (stated, (right, every))
    assert off == {}


def test_a_rule_says_how_often_it_was_right() -> None:
    right, every = MEASURED_LIMITS["date with 前"]
    assert limit_words("date with 前") == limit_words("table date with 前") == f"标注文件中 {right}/{every} 对"
    assert limit_words("a rule nobody measured") == "未测"
