"""Complainants' data (来件人信息): masked for everybody, shown to those who handle the case, each showing in the trail.

个人信息保护法 6 and 51: no more than the purpose needs, and every access recorded.  The unit complained of never sees
them (信访工作条例 30), whatever else it is in the case.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.rules.verbs import Subject, Verb
from tracker.rules.workflow import CaseAction, CaseStanding, case_permits
from tracker.services.cases.acts import referrals_of
from tracker.services.core.act import Act, permit
from tracker.services.core.errors import Refused
from tracker.services.core.masking import mask_address, mask_name, mask_phone, mask_text
from tracker.store.cases.standing import is_accused, state_of
from tracker.store.core.actors import Actor
from tracker.store.core.visible import taken_in_by
from tracker.store.models import Attachment, Case, CaseRecord, Complainant, MemberRole, RecordKind, Referral

# Working on a case, not reading about it.
HANDLING = (MemberRole.OFFICER, MemberRole.HEAD, MemberRole.SUPERVISOR)
HIDDEN = "（对被投诉单位不公开）"
HANDLERS_ALONE = "来件人信息只对办理这件办件的人员公开。"


@dataclass(frozen=True, slots=True)
class ShownComplainant:
    """What a page shows of whom a case is from."""

    name: str
    phone: str
    address: str
    firm: str
    content: str
    masked: bool
    hidden: bool = False  # the reader is of the unit complained of


def may_unmask(session: Session, actor: Actor, case: Case, referrals: Iterable[Referral] | None = None) -> bool:
    """Whether the table lets the actor see whom a case is from; its referrals are asked for where none are given."""
    return case_permits(state_of(case), CaseAction.UNMASK, _standing(session, actor, case, referrals))


def _standing(session: Session, actor: Actor, case: Case, referrals: Iterable[Referral] | None) -> CaseStanding:
    """Return NEAR of who handles the case: at work in the handling unit or one it was handed to, or he took it in."""
    if is_accused(actor, case):
        return CaseStanding.STRANGER
    known = referrals_of(session, case.id) if referrals is None else referrals
    handed = {r.to_unit_id for r in known if r.returned_at is None}
    own = actor.units(*HANDLING)
    near = case.unit_id in own or bool(handed & own) or _took_in(session, actor, case)
    return CaseStanding.NEAR if near else CaseStanding.STRANGER


def _took_in(session: Session, actor: Actor, case: Case) -> bool:
    """Whether the actor took the case in for a unit at which he still works."""
    if case.opened_by_id != actor.user_id:
        return False
    mine = select(Case.id).where(Case.id == case.id, taken_in_by(actor, *HANDLING))
    return session.scalars(mine).first() is not None


def masked(session: Session, actor: Actor, case: Case) -> ShownComplainant:
    """Return what anybody who sees the case may see without asking."""
    if is_accused(actor, case):
        return ShownComplainant(HIDDEN, HIDDEN, HIDDEN, HIDDEN, HIDDEN, masked=True, hidden=True)
    person = session.get(Complainant, case.id)
    name = person.name if person else None
    return ShownComplainant(
        name=mask_name(name),
        phone=mask_phone(person.phone if person else None),
        address=mask_address(person.address if person else None),
        firm=case.firm or "",
        content=mask_text(case.content, name),
        masked=True,
    )


def reader_of(
    session: Session, actor: Actor, case: Case, referrals: Iterable[Referral] | None = None
) -> Callable[[str | None], str]:
    """Return how the actor reads what handlers wrote of a case: as it was written where he handles it, without names
    and numbers where he does not, and not at all where he is of the unit complained of.
    """
    if is_accused(actor, case):
        return lambda text: ""
    if may_unmask(session, actor, case, referrals):
        return lambda text: text or ""
    person = session.get(Complainant, case.id)
    return lambda text: mask_text(text, person.name if person else None)


def unmask(act: Act, case: Case) -> ShownComplainant:
    """Show a complainant's data to one who handles the case; who looked, and when, goes into the trail first."""
    permit(may_unmask(act.session, act.actor, case), HANDLERS_ALONE)
    person = act.session.get(Complainant, case.id)
    if person is None and not case.content and not _came_with_files(act.session, case):
        raise Refused("这件办件没有登记来件人信息。")
    act.record(
        Verb.CASE_UNMASK,
        Subject.CASE,
        case.id,
        jurisdiction_id=case.jurisdiction_id,
        duty=case.duty,
        unit_id=next((p.unit_id for p in act.actor.posts if p.unit_id == case.unit_id), None),
        after={"number": case.number},
        note=f"{case.number} 查看来件人信息",
    )
    return _whole(person, case)


def _came_with_files(session: Session, case: Case) -> bool:
    query = (
        select(Attachment.id)
        .join(CaseRecord, Attachment.case_record_id == CaseRecord.id)
        .where(CaseRecord.case_id == case.id, CaseRecord.kind == RecordKind.INTAKE)
    )
    return session.scalars(query.limit(1)).first() is not None


def shown_again(session: Session, actor: Actor, case: Case) -> ShownComplainant:
    """Return what `unmask` has just shown and written down, for the page that follows; it writes nothing itself."""
    permit(may_unmask(session, actor, case), HANDLERS_ALONE)
    return _whole(session.get(Complainant, case.id), case)


def _whole(person: Complainant | None, case: Case) -> ShownComplainant:
    return ShownComplainant(
        name=(person.name if person else None) or "",
        phone=(person.phone if person else None) or "",
        address=(person.address if person else None) or "",
        firm=case.firm or "",
        content=case.content or "",
        masked=False,
    )
