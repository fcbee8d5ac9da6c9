"""What every verb of a case (办件) begins and ends with: may he, is the form fresh, and the trail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tracker.rules.verbs import Subject, Verb
from tracker.rules.workflow import ENDED, CaseAction
from tracker.services.core.act import Act, permit
from tracker.services.core.errors import Refused, check_version
from tracker.services.core.masking import without_private
from tracker.services.duties.progress import NewFile
from tracker.store.cases.standing import is_accused, may, may_ever, state_of
from tracker.store.core.actors import Actor
from tracker.store.models import Attachment, Case, CaseRecord, CaseStep, Milestone, RecordKind, Referral

OTHERS_STEP = "这一步由其他单位办理。"


@dataclass(frozen=True, slots=True)
class StepFacts:
    """What a record of a case holds besides its words: a sum, days and a place, files."""

    text: str = ""
    amount_fen: int | None = None
    from_on: date | None = None
    until_on: date | None = None
    place: str | None = None
    files: Sequence[NewFile] = ()


def referrals_of(session: Session, case_id: int) -> list[Referral]:
    """Return a case's referrals, oldest first."""
    query = select(Referral).where(Referral.case_id == case_id).options(joinedload(Referral.to_unit))
    return list(session.scalars(query.order_by(Referral.id)))


def check_ever(session: Session, actor: Actor, case: Case, action: CaseAction) -> list[Referral]:
    """Let through who may do this in such a case in some state; returns the case's referrals."""
    referrals = referrals_of(session, case.id)
    permit(not is_accused(actor, case), "您所在的单位是被投诉单位，不能办理这件办件。")
    permit(may_ever(actor, case, referrals, action), f"您不能对这件办件执行“{action.label}”。")
    return referrals


def check_may(
    session: Session, actor: Actor, case: Case, action: CaseAction, version: int | None = None
) -> list[Referral]:
    """Let the actor through or say why not; returns the case's referrals.

    NotPermitted where he never may, Stale where his form is older than the case, Refused where it is not the time.
    """
    referrals = check_ever(session, actor, case, action)
    check_version(case.version, version)  # before the state: a form posted twice is an old form
    if not may(actor, case, referrals, action):
        state = state_of(case).label
        raise Refused(f"这件办件现在是“{state}”，不能{action.label}。请刷新页面查看最新状态。")
    if case.duty is not None and case.duty.state in ENDED and action is not CaseAction.VISIT:
        raise Refused("这项责任已经结束，不能再办理。")
    return referrals


def write(
    act: Act,
    case: Case,
    verb: Verb,
    *,
    note: str | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Append to the trail of a case; auditors read its notes, so that they never hold a complainant's data."""
    case.touch()  # often its steps and records alone changed: an older form must show
    by = on_behalf_of(act.session, act.actor, case)
    tell(act, case, verb, by, note=without_private(act.session, case, note) or None, before=before, after=after)


def tell(  # noqa: PLR0913 - the parts of an entry
    act: Act,
    case: Case,
    verb: Verb,
    unit_id: int | None,
    *,
    note: str | None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Append to the trail of a case what was done for a unit, in words that hold no complainant's data."""
    act.record(
        verb,
        Subject.CASE,
        case.id,
        unit_id=unit_id,
        jurisdiction_id=case.jurisdiction_id,
        duty=case.duty,
        document=case.task.document if case.task is not None else None,
        before=before,
        after={"number": case.number, **(after or {})},
        note=note,
    )


def on_behalf_of(session: Session, actor: Actor, case: Case) -> int | None:
    """Return the unit for which the actor acts: the handling one, one it was handed to, else any of the place."""
    own = {p.unit_id for p in actor.posts}
    if case.unit_id in own:
        return case.unit_id
    handed = {r.to_unit_id for r in referrals_of(session, case.id)} & own
    return next(iter(handed)) if handed else actor.post_for(None, case.jurisdiction_id)


def keep(
    act: Act,
    case: Case,
    kind: RecordKind,
    facts: StepFacts,
    *,
    step: CaseStep | None = None,
    milestone: Milestone | None = None,
) -> CaseRecord:
    """Keep what was done, with its facts and evidence."""
    by = on_behalf_of(act.session, act.actor, case)
    made = record_of(act, case, kind, facts, by, step=step, milestone=milestone)
    act.session.add(made)
    return made


def record_of(  # noqa: PLR0913 - the parts of a record
    act: Act,
    case: Case,
    kind: RecordKind,
    facts: StepFacts,
    unit_id: int | None,
    *,
    step: CaseStep | None = None,
    milestone: Milestone | None = None,
) -> CaseRecord:
    """Return the record of what was done for a unit, still to be stored."""
    return CaseRecord(
        case_id=case.id,
        step_id=step.id if step else None,
        milestone_id=milestone.id if milestone else None,
        kind=kind,
        text=facts.text.strip() or None,
        amount_fen=facts.amount_fen,
        from_on=facts.from_on,
        until_on=facts.until_on,
        place=(facts.place or "").strip() or None,
        by_id=act.actor.user_id or 0,
        unit_id=unit_id,
        at=act.now,
        attachments=[
            Attachment(filename=f.filename[:200], media_type=f.media_type[:100], size=f.size, sha256=f.sha256)
            for f in facts.files
        ],
    )
