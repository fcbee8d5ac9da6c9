"""The case types (办件类型) shipped in `seeds/case-types/`: given to every seeded place once, and left alone then."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tracker.clock.rules import CountUnit, Sense
from tracker.services.case_types.steps import LimitInput, StepInput, TypeInput
from tracker.services.case_types.versions import create_type
from tracker.services.core.act import begin
from tracker.services.registry.units import find_jurisdiction
from tracker.store.case_types.versions import codes_of
from tracker.store.core.actors import SYSTEM
from tracker.store.models import Bound, Starts, StepKind

# Before an article that binds another place: its limit is a model here, until somebody corrects it.
MODEL = "参照"


def seed_case_types(
    session: Session, now: datetime, places: Iterable[Mapping[str, Any]], types: Sequence[Mapping[str, Any]]
) -> int:
    """Add to each place the shipped types it has not got, in use or not; returns how many were added."""
    added = 0
    for place in places:
        code = place["jurisdiction"]["code"]
        jurisdiction = find_jurisdiction(session, code)
        if jurisdiction is None:
            continue
        held = codes_of(session, jurisdiction.id)
        for seed in types:
            if seed["code"] not in held:
                create_type(begin(session, SYSTEM, now), jurisdiction.id, shipped(seed, code), seed["code"])
                added += 1
    return added


def shipped(seed: Mapping[str, Any], place: str) -> TypeInput:
    """Return a seed file's type as it is in the place of that code."""
    model = seed.get("home") not in (None, place)
    steps = tuple(_step(entry, place, model) for entry in seed["step"])
    return TypeInput(seed["name"], seed["event"], steps, seed.get("note", ""))


def _step(entry: Mapping[str, Any], place: str, model: bool) -> StepInput:
    limit, statute = entry.get("limit"), entry.get("statute")
    promise = entry.get("promises", {}).get(place)
    if promise is not None:
        # The place promised less than the law allows: both stand.
        limit, statute = promise, statute or limit
    return StepInput(
        key=entry["key"],
        name=entry["name"],
        kind=StepKind(entry["kind"]),
        starts=Starts(entry["starts"]),
        after_key=entry.get("after"),
        bound=Bound(entry.get("bound", "handler")),
        optional=entry.get("optional", False),
        variant=entry.get("variant"),
        limit=_limit(limit, model),
        statute=_limit(statute, False),
    )


def _limit(entry: Mapping[str, Any] | None, model: bool) -> LimitInput | None:
    if entry is None:
        return None
    return LimitInput(
        amount=entry.get("amount"),
        unit=CountUnit(entry["unit"]) if "unit" in entry else None,
        sense=Sense(entry.get("sense", "within")),
        rrule=entry.get("rrule"),
        article=f"{MODEL}{entry['article']}" if model else entry["article"],
        extend_amount=entry.get("extend_amount"),
        extend_unit=CountUnit(entry["extend_unit"]) if "extend_unit" in entry else None,
        quote=entry.get("quote"),
    )
