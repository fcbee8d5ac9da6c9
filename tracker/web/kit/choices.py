"""Choices (选项) that more than one room's forms offer."""

from tracker.store.models import UnitKind
from tracker.store.registry.units import Choices


def by_kind(choices: Choices) -> list[tuple[str, list[tuple[int, str]]]]:
    """Return a registry's units under their kinds, for lists of boxes and selects."""
    found: dict[UnitKind, list[tuple[int, str]]] = {}
    for unit_id, name, kind in choices.units:
        found.setdefault(kind, []).append((unit_id, name))
    return [(kind.label, found[kind]) for kind in UnitKind if kind in found]
