"""Printed names answered many at once (单位名称): each by itself, so that one that is refused leaves the others be."""

from collections.abc import Iterable
from dataclasses import dataclass

from tracker.services.core.act import Act
from tracker.services.core.errors import Fault, Refused
from tracker.services.documents.answers import guard, settle_collective, settle_name
from tracker.store.models import Edition, Unit, UnitGroup, UnitKind


@dataclass(frozen=True, slots=True)
class NameAnswer:
    """What was said of one printed name: a body of the registry, a new unit, chosen units, or 暂不落实.

    `remember` lets the registry learn the name for good; it is only for a body that exists, and for one who has been
    shown what will be learned.
    """

    printed: str
    unit_id: int | None = None
    group_id: int | None = None
    chosen: tuple[int, ...] = ()
    left_out: bool = False
    create: bool = False
    sort: UnitKind = UnitKind.DEPARTMENT
    email: str | None = None
    phone: str | None = None
    remember: bool = False


@dataclass(frozen=True, slots=True)
class NamesSettled:
    """What became of answers given together: names settled, places in the text, and the faults of the others."""

    names: int
    places: int
    refused: dict[str, tuple[Fault, ...]]


def settle_names(act: Act, edition: Edition, given: Iterable[NameAnswer]) -> NamesSettled:
    """Carry out every answer that can be; each is refused before it has changed anything."""
    guard(act, edition)
    names = places = 0
    refused: dict[str, tuple[Fault, ...]] = {}
    for answer in given:
        try:
            places += _settle(act, edition, answer)
        except Refused as refusal:
            refused[answer.printed] = refusal.faults
        else:
            names += 1
    return NamesSettled(names, places, refused)


def _settle(act: Act, edition: Edition, answer: NameAnswer) -> int:
    if answer.left_out or answer.chosen:
        return settle_collective(act, edition, answer.printed, unit_ids=answer.chosen, left_out=answer.left_out)
    session = act.session
    return settle_name(
        act,
        edition,
        answer.printed,
        unit=session.get(Unit, answer.unit_id) if answer.unit_id is not None else None,
        group=session.get(UnitGroup, answer.group_id) if answer.group_id is not None else None,
        create=answer.create,
        remember=answer.remember,
        email=answer.email,
        phone=answer.phone,
        sort=answer.sort,
    )
