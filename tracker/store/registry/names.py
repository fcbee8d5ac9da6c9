"""The name table of a jurisdiction: what each printed name means, and which known names are nearest."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.reading.names.candidates import Closeness, candidates
from tracker.reading.names.likeness import nearest, normalise
from tracker.store.models import Alias


@dataclass(frozen=True, slots=True)
class Known:
    """What the registry of a jurisdiction knows: normalised names to units and groups."""

    units: dict[str, int]
    groups: dict[str, int]
    printed: dict[str, str]  # normalised to printed

    def resolve(self, name: str) -> tuple[int | None, int | None]:
        """Return (unit id, group id) of a printed name; both None where it is unknown."""
        key = normalise(name)
        return self.units.get(key), self.groups.get(key)

    def nearest(self, name: str, limit: int = 3) -> list[tuple[str, int]]:
        """Return the nearest known names with their units, best first, each unit once."""
        by_printed = {self.printed[key]: unit for key, unit in self.units.items()}
        found: dict[int, str] = {}
        for printed in nearest(name, by_printed, limit=limit * 3):
            found.setdefault(by_printed[printed], printed)
        return [(printed, unit) for unit, printed in found.items()][:limit]

    def offered(self, name: str, limit: int = 3) -> list["Offered"]:
        """Return the bodies a printed name may mean, best first, each once, with how near it is in words."""
        made: dict[tuple[int | None, int | None], Offered] = {}
        printed = {self.printed[key]: key for key in (*self.units, *self.groups)}
        for near in candidates(name, printed, limit * 3):
            key = printed[near.name]
            unit_id, group_id = self.units.get(key), self.groups.get(key)
            made.setdefault((unit_id, group_id), Offered(unit_id, group_id, near.name, near.closeness))
        return list(made.values())[:limit]


@dataclass(frozen=True, slots=True)
class Offered:
    """One body a printed name may mean: a unit or a group, the known name that is near, and how near it is."""

    unit_id: int | None
    group_id: int | None
    name: str
    closeness: Closeness


def known_names(session: Session, jurisdiction_id: int) -> Known:
    """Read a jurisdiction's whole name table, by one query."""
    units: dict[str, int] = {}
    groups: dict[str, int] = {}
    printed: dict[str, str] = {}
    for alias in session.scalars(select(Alias).where(Alias.jurisdiction_id == jurisdiction_id)):
        printed[alias.key] = alias.printed
        if alias.unit_id is not None:
            units[alias.key] = alias.unit_id
        elif alias.group_id is not None:
            groups[alias.key] = alias.group_id
    return Known(units, groups, printed)
