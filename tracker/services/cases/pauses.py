"""Pauses of a case (办件暂停): asked for by who handles it, decided and ended by a supervisor."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tracker.rules.verbs import Verb
from tracker.rules.workflow import CaseAction, CaseStanding
from tracker.services.cases.acts import check_may, on_behalf_of, write
from tracker.services.cases.objections import live_referrals, object_until
from tracker.services.cases.steps import runs
from tracker.services.core.act import Act, permit
from tracker.services.core.errors import Refused
from tracker.services.deadlines.pauses import (
    LONGEST,
    authority_of,
    begin_pause,
    check_running,
    count_clocks_again,
    end_pause,
    reason_of,
    why_paused,
)
from tracker.services.deadlines.periods import open_step_periods
from tracker.store.cases.standing import standings_in
from tracker.store.deadlines.pauses import pending_pause_request, suspensions_of_case
from tracker.store.models import Case, CaseStep, ExtensionState, Milestone, Pause, PauseRequest, StepKind

ALREADY_ASKED = "已有一份暂停申请等待审批。"


def pause_case(
    act: Act,
    case: Case,
    *,
    reason: str,
    authority: str,
    version: int | None = None,
) -> Pause:
    """暂停 a case (supervisors): none of its counted clocks runs from now on; one that is late cannot be stopped.

    Whose clock it is does not stop it, be he a supervisor as well: he asks, and another decides.
    """
    referrals = check_may(act.session, act.actor, case, CaseAction.PAUSE, version)
    handles = standings_in(act.actor, case, referrals) & {CaseStanding.HANDLER, CaseStanding.REFERRED}
    permit(not handles, "本单位办理的办件不能自行暂停，请申请暂停，由另一位督查员审批。")
    if pending_pause_request(act.session, case.id) is not None:
        raise Refused(f"{ALREADY_ASKED}请先审批那一份。")
    made = _pause(act, case, reason, authority)
    write(
        act,
        case,
        Verb.CASE_PAUSE,
        after={"authority": made.authority},
        note=f"{case.number} {why_paused(made)}",
    )
    return made


def ask_pause(
    act: Act,
    case: Case,
    *,
    reason: str,
    authority: str,
    version: int | None = None,
) -> PauseRequest:
    """申请暂停 of a case, by who handles it: the clocks run on until a supervisor has decided."""
    check_may(act.session, act.actor, case, CaseAction.ASK_PAUSE, version)
    check_running(_clocks_of(act.session, case), act.now)
    if pending_pause_request(act.session, case.id) is not None:
        raise Refused(ALREADY_ASKED)
    made = PauseRequest(
        case_id=case.id,
        unit_id=on_behalf_of(act.session, act.actor, case) or case.unit_id,
        state=ExtensionState.PENDING,
        reason=reason_of(reason),
        authority=authority_of(authority),
        by_id=act.actor.user_id or 0,
        at=act.now,
    )
    act.session.add(made)
    write(
        act,
        case,
        Verb.CASE_ASK_PAUSE,
        after={"authority": made.authority},
        note=f"{case.number} {why_paused(made)}",
    )
    return made


def decide_pause(
    act: Act,
    case: Case,
    request: PauseRequest,
    grant: bool,
    note: str,
    version: int | None = None,
) -> None:
    """审批暂停 (supervisors, never who asked): granted, the clocks stand from now on; refused, they run on."""
    check_may(act.session, act.actor, case, CaseAction.PAUSE, version)
    act.require_another(CaseAction.PAUSE, request.by_id)
    if request.state is not ExtensionState.PENDING:
        raise Refused("这份暂停申请已经审批。")
    said = note.strip()
    if not grant and not said:
        raise Refused("请写明不批准的原因。", "note")
    if grant:  # before the request is touched: what is late by now refuses it
        made = _pause(act, case, request.reason, request.authority)
        told = f"批准暂停：{why_paused(made)}{'，' + said if said else ''}"
        write(
            act,
            case,
            Verb.CASE_PAUSE,
            after={"authority": made.authority, "granted": True},
            note=f"{case.number} {told}",
        )
    else:
        write(act, case, Verb.CASE_NOT_PAUSED, note=f"{case.number} {said}")
    request.state = ExtensionState.GRANTED if grant else ExtensionState.REFUSED
    request.decided_by_id, request.decided_at, request.note = act.actor.user_id, act.now, said[:LONGEST] or None


def resume_case(act: Act, case: Case, version: int | None = None) -> Pause:
    """恢复 a case: the pause ends now and every clock gets the date it has without that time."""
    calendar = act.calendar(case.jurisdiction_id)
    check_may(act.session, act.actor, case, CaseAction.RESUME, version)
    ended = end_pause(act, Pause.case_id == case.id)
    case.paused_at = None
    count_clocks_again(act, _clocks_of(act.session, case), calendar, ended)
    act.session.flush()  # the periods that fell away decide which are missing
    for step in case.steps:
        if step.kind is StepKind.PROGRESS and runs(step) and step.rule is not None:
            open_step_periods(act, step, step.rule, calendar)
    stood_still = suspensions_of_case(act.session, case.id)
    for referral in live_referrals(act.session, case.id):
        referral.object_until = object_until(referral.at, calendar, stood_still)
    write(act, case, Verb.CASE_RESUME, note=f"{case.number} 恢复计时（{ended.reason}）")
    return ended


def _pause(act: Act, case: Case, reason: str, authority: str) -> Pause:
    made = begin_pause(act, _clocks_of(act.session, case), reason, authority, case_id=case.id)
    case.paused_at = act.now
    return made


def _clocks_of(session: Session, case: Case) -> Sequence[Milestone]:
    """Return the open clocks of a case's steps."""
    return session.scalars(
        select(Milestone)
        .join(CaseStep, Milestone.case_step_id == CaseStep.id)
        .where(CaseStep.case_id == case.id, Milestone.met_at.is_(None), Milestone.cancelled_at.is_(None))
        .options(joinedload(Milestone.rule))
        .order_by(Milestone.id)
    ).all()
