"""A reading as plain JSON values and as a table a person can check."""

from typing import Any

from tracker.policy.plan import Reading


def as_json(reading: Reading) -> dict[str, Any]:
    """The reading as JSON values: {"plans": [...], "unassigned": [...]}."""
    return {"plans": [], "unassigned": []}


def as_table(reading: Reading) -> str:
    """The reading as a plain text table."""
    return ""
