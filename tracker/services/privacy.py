"""Complainants' data (来件人信息): masked for everybody, shown to those who handle the case, each showing in the trail.

个人信息保护法 6 and 51: no more than the purpose needs, and every access recorded.  The unit complained of never sees
them (信访工作条例 30), whatever else it is in the case.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.services.audit import record
from tracker.services.case_acts import referrals_of
from tracker.services.cases import PRIVATE
from tracker.services.errors import NotPermitted, Refused
from tracker.store.actors import Actor
from tracker.store.models import Attachment, Case, CaseRecord, Complainant, MemberRole, RecordKind

# Working on a case, not reading about it.
HANDLING = (MemberRole.OFFICER, MemberRole.HEAD, MemberRole.SUPERVISOR)
HIDDEN = "（对被投诉单位不公开）"
_LONG_NUMBER = re.compile(r"(?<!\d)\d{7,}[\dXx]?(?!\d)")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows of whom a case is from."""

    name: str
    phone: str
    address: str
    firm: str
    content: str
    masked: bool
    hidden: bool = False  # the reader is of the unit complained of


def is_accused(actor: Actor, case: Case) -> bool:
    """Whether the actor is of the unit complained of, in whatever role."""
    return case.accused_unit_id is not None and any(p.unit_id == case.accused_unit_id for p in actor.posts)


def may_unmask(session: Session, actor: Actor, case: Case) -> bool:
    """Whether the actor handles the case: at work in the handling unit or one it was handed to, or took it in."""
    if is_accused(actor, case):
        return False
    handed = {r.to_unit_id for r in referrals_of(session, case.id) if r.returned_at is None}
    own = actor.units(*HANDLING)
    return case.unit_id in own or bool(handed & own) or case.opened_by_id == actor.user_id


def masked(session: Session, actor: Actor, case: Case) -> Shown:
    """Return what anybody who sees the case may see without asking."""
    if is_accused(actor, case):
        return Shown(HIDDEN, HIDDEN, HIDDEN, HIDDEN, HIDDEN, masked=True, hidden=True)
    person = session.get(Complainant, case.id)
    name = person.name if person else None
    return Shown(
        name=mask_name(name),
        phone=mask_phone(person.phone if person else None),
        address=mask_address(person.address if person else None),
        firm=case.firm or "",
        content=mask_text(case.content, name),
        masked=True,
    )


def unmask(session: Session, actor: Actor, now: datetime, case: Case) -> Shown:
    """Show a complainant's data to one who handles the case; who looked, and when, goes into the trail first."""
    if not may_unmask(session, actor, case):
        raise NotPermitted("来件人信息只对办理这件办件的人员公开。")
    person = session.get(Complainant, case.id)
    if person is None and not case.content and not _came_with_files(session, case):
        raise Refused("这件办件没有登记来件人信息。")
    record(
        session, actor, now, "case.unmask", "case", case.id, jurisdiction_id=case.jurisdiction_id, duty=case.duty,
        unit_id=next((p.unit_id for p in actor.posts if p.unit_id == case.unit_id), None),
        after={"number": case.number}, note=f"{case.number} 查看来件人信息",
    )  # fmt: skip
    return _whole(person, case)


def _came_with_files(session: Session, case: Case) -> bool:
    query = (
        select(Attachment.id)
        .join(CaseRecord, Attachment.case_record_id == CaseRecord.id)
        .where(CaseRecord.case_id == case.id, CaseRecord.kind == RecordKind.INTAKE)
    )
    return session.scalars(query.limit(1)).first() is not None


def shown_again(session: Session, actor: Actor, case: Case) -> Shown:
    """Return what `unmask` has just shown and written down, for the page that follows; it writes nothing itself."""
    if not may_unmask(session, actor, case):
        raise NotPermitted("来件人信息只对办理这件办件的人员公开。")
    return _whole(session.get(Complainant, case.id), case)


def _whole(person: Complainant | None, case: Case) -> Shown:
    return Shown(
        name=(person.name if person else None) or "",
        phone=(person.phone if person else None) or "",
        address=(person.address if person else None) or "",
        firm=case.firm or "",
        content=case.content or "",
        masked=False,
    )


def without_private(session: Session, case: Case, text: str | None) -> str:
    """Return what a handler wrote as those who do not handle the case read it."""
    person = session.get(Complainant, case.id)
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
