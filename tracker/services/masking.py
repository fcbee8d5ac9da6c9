"""Masking (遮盖): names, telephones, addresses and free text without what could tell whom a case is from."""

import re

from sqlalchemy.orm import Session

from tracker.services.cases import PRIVATE
from tracker.store.models import Case, Complainant

_LONG_NUMBER = re.compile(r"(?<!\d)\d{7,}[\dXx]?(?!\d)")


def without_private(session: Session, case: Case, text: str | None) -> str:
    """Return what a handler wrote as those who do not handle the case read it."""
    person = session.get(Complainant, case.id) if text else None
    return mask_text(text, person.name if person else None)


def mask_name(name: str | None) -> str:
    """Return 张* of 张三: the first character stays."""
    said = (name or "").strip()
    return said[:1] + "*" * (len(said) - 1) if len(said) > 1 else "*" * len(said)


def mask_phone(phone: str | None) -> str:
    """Return 138****5678 of a mobile number, ****0101 of a shorter one."""
    said = (phone or "").strip()
    if not said:
        return ""
    if len(said) >= 11 and said[:11].isdigit():
        return f"{said[:3]}****{said[-4:]}"
    return "****" + said[-4:] if len(said) > 6 else "****"


def mask_address(address: str | None) -> str:
    """Return the first six characters of an address, about its county."""
    said = (address or "").strip()
    return said if not said else said[: min(6, len(said) // 2)] + "****"


def mask_text(text: str | None, name: str | None) -> str:
    """Return free text without the complainant's name and without numbers that could be his."""
    said = text or ""
    if name and len(name.strip()) > 1:
        said = said.replace(name.strip(), mask_name(name))
    said = PRIVATE.sub(lambda m: m[0] if m[0].endswith("元") else "****", said)
    return _LONG_NUMBER.sub("****", said)
