"""How far two plans agree: used to notice that a plan is nearly one already in."""

from collections.abc import Sequence


def agreement(plan_a_texts: Sequence[str], plan_b_texts: Sequence[str]) -> float:
    """Share of measures that nearly agree between two plans, 0 to 1."""
    return 0.0
