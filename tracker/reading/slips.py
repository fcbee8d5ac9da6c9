"""Possible slips of a source (笔误): one telephone printed with two names, shown to a person and never merged."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Printed:
    """A contact as printed, and where: the key of its measure."""

    name: str
    phones: tuple[str, ...]
    key: str


@dataclass(frozen=True, slots=True)
class Slip:
    """Names that may be one person's: (name, keys of the measures that print it), under the telephone they share."""

    phone: str
    names: tuple[tuple[str, tuple[str, ...]], ...]


def possible_slips(contacts: Iterable[Printed]) -> list[Slip]:
    """Return the telephones printed with names that differ by one character of as many (殷义勇 / 岐义勇)."""
    by_phone: dict[str, dict[str, list[str]]] = {}
    for contact in contacts:
        for phone in contact.phones:
            by_phone.setdefault(phone, {}).setdefault(contact.name, []).append(contact.key)
    found: list[Slip] = []
    for phone, names in by_phone.items():
        alike = [n for n in names if any(_nearly(n, other) for other in names)]
        if alike:
            found.append(Slip(phone, tuple((n, tuple(dict.fromkeys(names[n]))) for n in alike)))
    return found


def _nearly(one: str, other: str) -> bool:
    return len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) == 1
