"""How many cases a property is tried with: as many as it says, many times as many in the long proofs.

A tenth while coverage is measured, when each costs many times as much and shows no new line.
"""

import os

# A number, set by `python -m tests.proofs`.
TIMES = "TEST_TIMES"


def examples(usual: int) -> int:
    """Return how many cases to try where `usual` are tried with every change."""
    return max(1, round(usual * float(os.environ.get(TIMES) or 1)))
