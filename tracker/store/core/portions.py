"""Long lists of ids in portions: one statement takes only so many values, and one shape of it keeps one plan."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

AT_ONCE = 500
MOST_VALUES = 5_000  # of one statement, where its shape does not matter
Thing = TypeVar("Thing")


def portions(things: Sequence[Thing], size: int = AT_ONCE) -> Iterator[Sequence[Thing]]:
    """Yield the things some hundreds at a time."""
    for start in range(0, len(things), size):
        yield things[start : start + size]
