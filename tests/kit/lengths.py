"""How many cases a property is tried with: as many as it says, and many times as many in the long proofs."""

import os

# A number, set by `python -m tests.proofs`.
TIMES = "TEST_TIMES"


def examples(usual: int) -> int:
    """Return how many cases to try where `usual` are tried with every change."""
    return usual * int(os.environ.get(TIMES) or 1)
