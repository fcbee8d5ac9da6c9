"""Loading the registry of responsible units from `seeds/*.toml`; running it again changes nothing."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.services.registry import add_alias, create_group, create_unit, find_jurisdiction
from tracker.store.actors import SYSTEM
from tracker.store.models import Jurisdiction, Unit, UnitGroup, UnitKind


@dataclass(frozen=True, slots=True)
class Seeded:
    """How much a seeding added."""

    jurisdictions: int
    units: int
    groups: int


def read_seeds(folder: Path) -> list[dict[str, Any]]:
    """Return the parsed seed files, in the order of their names."""
    return [tomllib.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.toml"))]


def seed_registry(session: Session, now: datetime, places: list[dict[str, Any]]) -> Seeded:
    """Add the jurisdictions, units, names and groups that are not in yet; what people changed stays as it is."""
    added = [_seed_place(session, now, place) for place in places]
    return Seeded(*(sum(column) for column in zip(*added, strict=True))) if added else Seeded(0, 0, 0)


def _seed_place(session: Session, now: datetime, place: Mapping[str, Any]) -> tuple[int, int, int]:
    about = place["jurisdiction"]
    jurisdiction = find_jurisdiction(session, about["code"])
    new_place = jurisdiction is None
    if jurisdiction is None:
        jurisdiction = Jurisdiction(
            code=about["code"], name=about["name"], level=about["level"], parent=about.get("parent")
        )
        session.add(jurisdiction)
        session.flush()  # units need its id
    held = {
        u.code: u for u in session.scalars(select(Unit).where(Unit.jurisdiction_id == jurisdiction.id)) if u.code
    }
    new_units = 0
    for entry in place.get("unit", []):
        if entry["code"] not in held:
            held[entry["code"]] = _seed_unit(session, now, jurisdiction.id, entry)
            new_units += 1
        else:
            for alias in entry.get("aliases", []):
                add_alias(session, jurisdiction.id, alias, unit_id=held[entry["code"]].id)
    groups = set(session.scalars(select(UnitGroup.name).where(UnitGroup.jurisdiction_id == jurisdiction.id)))
    new_groups = 0
    for entry in place.get("group", []):
        if entry["name"] in groups:
            continue
        create_group(
            session,
            SYSTEM,
            now,
            jurisdiction_id=jurisdiction.id,
            name=entry["name"],
            member_ids=tuple(held[code].id for code in entry["members"]),
            aliases=tuple(entry.get("aliases", [])),
        )
        new_groups += 1
    return int(new_place), new_units, new_groups


def _seed_unit(session: Session, now: datetime, jurisdiction_id: int, entry: Mapping[str, Any]) -> Unit:
    return create_unit(
        session,
        SYSTEM,
        now,
        jurisdiction_id=jurisdiction_id,
        name=entry["name"],
        kind=UnitKind(entry.get("kind", "other")),
        aliases=tuple(entry.get("aliases", [])),
        email=entry.get("email"),
        phone=entry.get("phone"),
        code=entry["code"],
        supervises=bool(entry.get("supervises")),
    )
