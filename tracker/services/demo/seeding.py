"""Loading the registry of responsible units from `seeds/*.toml`; running it again changes nothing."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from tracker.clock.notices import Mark, Notice, NoticedDay
from tracker.services.core.act import begin
from tracker.services.deadlines.calendar_changes import load_and_apply
from tracker.services.registry.units import add_alias, create_group, create_unit, find_jurisdiction
from tracker.store.calendars.versions import days_ever_named, version_in
from tracker.store.core.actors import SYSTEM
from tracker.store.models import CalendarState, Jurisdiction, Unit, UnitKind
from tracker.store.registry.names import known_names


@dataclass(frozen=True, slots=True)
class Seeded:
    """How much a seeding added."""

    jurisdictions: int
    units: int
    groups: int
    days: int


def read_seeds(folder: Path) -> list[dict[str, Any]]:
    """Return the parsed seed files, in the order of their names."""
    return [tomllib.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.toml"))]


def seed_registry(session: Session, now: datetime, places: list[dict[str, Any]]) -> Seeded:
    """Add the places, units, names, groups and local days off not in yet; what people changed stays as it is."""
    added = [_seed_place(session, now, place) for place in places]
    return Seeded(*(sum(column) for column in zip(*added, strict=True))) if added else Seeded(0, 0, 0, 0)


def _seed_place(session: Session, now: datetime, place: Mapping[str, Any]) -> tuple[int, int, int, int]:
    about = place["jurisdiction"]
    jurisdiction = find_jurisdiction(session, about["code"])
    new_place = jurisdiction is None
    if jurisdiction is None:
        jurisdiction = Jurisdiction(
            code=about["code"], name=about["name"], level=about["level"], parent=about.get("parent")
        )
        session.add(jurisdiction)
        session.flush()  # units need its id
    new_units, held = _seed_units(session, now, jurisdiction.id, place.get("unit", []))
    new_groups = _seed_groups(session, now, jurisdiction.id, place.get("group", []), held)
    new_days = _seed_calendar(session, now, jurisdiction.id, place.get("calendar", []))
    return int(new_place), new_units, new_groups, new_days


def _seed_units(
    session: Session, now: datetime, jurisdiction_id: int, entries: Sequence[Mapping[str, Any]]
) -> tuple[int, dict[str, int]]:
    """Add the units and names that are not in yet; returns how many units, and all of them by code."""
    held = {u.code: u.id for u in session.scalars(_units_of(jurisdiction_id)) if u.code}
    known = known_names(session, jurisdiction_id)
    new = 0
    for entry in entries:
        # A name that people have given to some body since stays with it.
        names = [name for name in entry.get("aliases", []) if known.resolve(name) == (None, None)]
        unit_id, group_id = held.get(entry["code"]), None
        if unit_id is None:
            unit_id, group_id = known.resolve(entry["name"])
        if group_id is not None:
            continue
        if unit_id is None:
            unit_id = _seed_unit(session, now, jurisdiction_id, entry, names).id
            new += 1
        else:
            _adopt(session, jurisdiction_id, unit_id, entry["code"], names)
        held[entry["code"]] = unit_id
    return new, held


def _adopt(session: Session, jurisdiction_id: int, unit_id: int, code: str, names: Sequence[str]) -> None:
    """Give a unit that is in already the code and the names it has not got yet."""
    unit = session.get_one(Unit, unit_id)
    unit.code = unit.code or code
    for name in names:
        add_alias(session, jurisdiction_id, name, unit_id=unit_id)


def _seed_groups(
    session: Session,
    now: datetime,
    jurisdiction_id: int,
    entries: Sequence[Mapping[str, Any]],
    held: Mapping[str, int],
) -> int:
    known = known_names(session, jurisdiction_id)
    new = [entry for entry in entries if known.resolve(entry["name"]) == (None, None)]
    for entry in new:
        create_group(
            begin(session, SYSTEM, now),
            jurisdiction_id=jurisdiction_id,
            name=entry["name"],
            member_ids=tuple(held[code] for code in entry["members"] if code in held),
            aliases=tuple(name for name in entry.get("aliases", []) if known.resolve(name) == (None, None)),
        )
    return len(new)


def _seed_calendar(session: Session, now: datetime, jurisdiction_id: int, entries: Sequence[Mapping[str, Any]]) -> int:
    """Add the local days off that no version of the place's calendar has named yet; returns how many."""
    said = set(session.scalars(days_ever_named(jurisdiction_id)))
    days = {on: NoticedDay(Mark.ADDED, entry["name"]) for entry in entries for on in entry["on"] if on not in said}
    # A draft somebody is at work on is left alone: the next seeding finds these days again.
    if not days or version_in(session, jurisdiction_id, CalendarState.DRAFT) is not None:
        return 0
    names = "、".join(dict.fromkeys(said.name for said in days.values()))
    load_and_apply(begin(session, SYSTEM, now), jurisdiction_id, Notice(days, {}), why=f"本地假日：{names}（辖区资料）")
    return len(days)


def _units_of(jurisdiction_id: int) -> Select[Unit]:
    return select(Unit).where(Unit.jurisdiction_id == jurisdiction_id)


def _seed_unit(
    session: Session, now: datetime, jurisdiction_id: int, entry: Mapping[str, Any], names: Sequence[str]
) -> Unit:
    return create_unit(
        begin(session, SYSTEM, now),
        jurisdiction_id=jurisdiction_id,
        name=entry["name"],
        kind=UnitKind(entry.get("kind", "other")),
        aliases=tuple(names),
        email=entry.get("email"),
        phone=entry.get("phone"),
        code=entry["code"],
        supervises=bool(entry.get("supervises")),
    )
