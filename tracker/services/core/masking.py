"""Masking (遮盖): names, telephones, addresses and free text without what could tell whom a case is from."""

import re
from collections.abc import Iterable

from sqlalchemy.orm import Session

from tracker.services.core.shapes import find_long, find_private, plain
from tracker.store.models import Case, Complainant

_MOBILE = re.compile(r"(?:00)?(?:86)?(1[3-9]\d)\d{4}(\d{4})", re.ASCII)
_SUM = re.compile(r"\d\s*[百千万亿]*元")


def without_private(session: Session, case: Case, text: str | None) -> str:
    """Return what a handler wrote as those who do not handle the case read it."""
    person = session.get(Complainant, case.id) if text else None
    return mask_text(text, person.name if person else None)


def mask_name(name: str | None) -> str:
    """Return 张* of 张三: the first character stays."""
    said = (name or "").strip()
    return said[:1] + "*" * (len(said) - 1) if len(said) > 1 else "*" * len(said)


def mask_phone(phone: str | None) -> str:
    """Return 138****5678 of a mobile number however it is written, ****0101 of another, **** of what is none."""
    said = plain(phone or "").strip()
    figures = re.sub(r"\D", "", said)
    if mobile := _MOBILE.fullmatch(figures):
        return f"{mobile[1]}****{mobile[2]}"
    if not said:
        return ""
    return "****" + figures[-4:] if len(figures) > 6 and not re.search(r"[A-Za-z@]", said) else "****"


def mask_address(address: str | None) -> str:
    """Return the first six characters of an address, about its county."""
    said = (address or "").strip()
    return said if not said else said[: min(6, len(said) // 2)] + "****"


def mask_text(text: str | None, name: str | None) -> str:
    """Return free text without the complainant's name and without numbers and accounts that could be his."""
    said, called = text or "", "".join((name or "").split())
    if len(called) > 1:
        said = re.sub(r"\s*".join(map(re.escape, called)), mask_name(called), said)
    said = mask_accounts(said)
    return _hide(said, find_long(said))


def mask_accounts(text: str) -> str:
    """Return text without what can only be a person's telephone, mail address, paper or account."""
    return _hide(text, find_private(text))


def looks_private(text: str) -> bool:
    """Whether a short name that everybody reads holds a number of somebody's, or a sum of money."""
    return bool(find_private(text) or _SUM.search(text))


def _hide(text: str, spans: Iterable[tuple[int, int]]) -> str:
    parts, at = [], 0
    for start, end in spans:
        parts += [text[at:start], "****"]
        at = end
    return "".join([*parts, text[at:]])
