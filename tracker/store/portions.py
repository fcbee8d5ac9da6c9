"""Long lists of ids in portions: one statement takes only so many values, and one shape of it keeps one plan."""

from collections.abc import Iterator, Sequence

AT_ONCE = 500


def portions(ids: Sequence[int], size: int = AT_ONCE) -> Iterator[Sequence[int]]:
    """Yield `ids` some hundreds at a time."""
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
