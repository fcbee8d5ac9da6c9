"""Measures made again of the JSON values they were printed as (`rendering`): what another process read."""

from collections.abc import Mapping
from datetime import date as Day
from typing import Any

from tracker.reading.plan import Assignment, Contact, Deadline, Item, Measure, NameKind, Role, Span, Vague

Json = Mapping[str, Any]


def measures_of(reading: Json) -> tuple[Measure, ...]:
    """Return the measures of all plans of a printed reading, in their order."""
    return tuple(measure_of(one) for plan in reading["plans"] for one in plan["measures"])


def measure_of(printed: Json) -> Measure:
    """Return the measure that `rendering.measure_json` printed."""
    items = tuple(_item(one) for one in printed["items"])
    return Measure(**{**printed, "span": Span(*printed["span"]), "items": items})


def _item(printed: Json) -> Item:
    return Item(
        text=printed["text"],
        span=Span(*printed["span"]),
        assignments=tuple(_assignment(one) for one in printed["assignments"]),
        beneficiaries=printed["beneficiaries"],
        contacts=tuple(Contact(**{**one, "phones": tuple(one["phones"])}) for one in printed["contacts"]),
        deadlines=tuple(_deadline(one) for one in printed["deadlines"]),
        vague=tuple(Vague(one["quote"], Span(*one["span"])) for one in printed["vague"]),
    )


def _assignment(printed: Json) -> Assignment:
    named = {"role": Role(printed["role"]), "kind": NameKind(printed["kind"]), "span": Span(*printed["span"])}
    return Assignment(**{**printed, **named})


def _deadline(printed: Json) -> Deadline:
    values = {
        "span": Span(*printed["span"]),
        "date": _day(printed["date"]),
        "date_from": _day(printed["date_from"]),
        "offset": _amount(printed["offset"]),
        "extendable_to": _amount(printed["extendable_to"]),
        "bound": tuple(printed["bound"]) if printed["bound"] else None,
    }
    return Deadline(**{**printed, **values})


def _day(printed: str | None) -> Day | None:
    return Day.fromisoformat(printed) if printed else None


def _amount(printed: Json | None) -> tuple[int, str] | None:
    return (printed["amount"], printed["unit"]) if printed else None
