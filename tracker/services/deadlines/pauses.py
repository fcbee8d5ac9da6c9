"""Pause and resume (暂停、恢复计时): intervals kept as rows, from which dates are counted again."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tracker.clock.calendar import WorkCalendar
from tracker.clock.rules import Kind
from tracker.clock.wording import unstopped
from tracker.rules.workflow import Action, CaseAction, CaseStanding
from tracker.services.cases.acts import check_may, on_behalf_of, words, write
from tracker.services.cases.objections import live_referrals, object_until
from tracker.services.cases.steps import runs
from tracker.services.core.errors import NotPermitted, Refused
from tracker.services.deadlines.milestones import append_date, count_again, open_milestones
from tracker.services.deadlines.periods import catch_up, open_step_periods
from tracker.services.duties.progress import step_for, take
from tracker.store.cases.standing import standings_in
from tracker.store.core.actors import Actor
from tracker.store.deadlines.pauses import pending_pause_request, suspensions_of, suspensions_of_case
from tracker.store.models import Case, CaseStep, Duty, ExtensionState, Milestone, Pause, PauseRequest, StepKind

LONGEST = 500
WAITS = "已有一份暂停申请等待审批。"
# What the law leaves out of a period; others may be written in.
AUTHORITIES = (
    "行政许可法 45（听证、招标、拍卖、检验、检测、检疫、鉴定和专家评审）",
    "政府信息公开条例 33（征求第三方和其他机关意见）",
)


def pause_case(
    session: Session,
    actor: Actor,
    now: datetime,
    case: Case,
    *,
    reason: str,
    authority: str,
    version: int | None = None,
) -> Pause:
    """暂停 a case (supervisors): none of its counted clocks runs from now on; one that is late cannot be stopped.

    Whose clock it is does not stop it, be he a supervisor as well: he asks, and another decides.
    """
    referrals = check_may(session, actor, case, CaseAction.PAUSE, version)
    if standings_in(actor, case, referrals) & {CaseStanding.HANDLER, CaseStanding.REFERRED}:
        raise NotPermitted("本单位办理的办件不能自行暂停，请申请暂停，由另一位督查员审批。")
    if pending_pause_request(session, case.id) is not None:
        raise Refused(f"{WAITS}请先审批那一份。")
    made = _pause(session, actor, now, case, reason, authority)
    write(
        session, actor, now, case, "case.pause",
        after={"authority": made.authority}, note=f"{case.number} {_why(made)}",
    )  # fmt: skip
    return made


def ask_pause(
    session: Session,
    actor: Actor,
    now: datetime,
    case: Case,
    *,
    reason: str,
    authority: str,
    version: int | None = None,
) -> PauseRequest:
    """申请暂停 of a case, by who handles it: the clocks run on until a supervisor has decided."""
    check_may(session, actor, case, CaseAction.ASK_PAUSE, version)
    _check_running(_clocks_of(session, case), now)
    if pending_pause_request(session, case.id) is not None:
        raise Refused(WAITS)
    made = PauseRequest(
        case_id=case.id, unit_id=on_behalf_of(session, actor, case) or case.unit_id, state=ExtensionState.PENDING,
        reason=_reason(reason), authority=_authority(authority), by_id=actor.user_id or 0, at=now,
    )  # fmt: skip
    session.add(made)
    write(
        session, actor, now, case, "case.ask_pause",
        after={"authority": made.authority}, note=f"{case.number} {_why(made)}",
    )  # fmt: skip
    return made


def decide_pause(
    session: Session,
    actor: Actor,
    now: datetime,
    case: Case,
    request: PauseRequest,
    grant: bool,
    note: str,
    version: int | None = None,
) -> None:
    """审批暂停 (supervisors, never who asked): granted, the clocks stand from now on; refused, they run on."""
    check_may(session, actor, case, CaseAction.PAUSE, version)
    if request.by_id == actor.user_id:
        raise NotPermitted("不能审批本人提出的暂停申请，请由另一位督查员审批。")
    if request.state is not ExtensionState.PENDING:
        raise Refused("这份暂停申请已经审批。")
    said = note.strip()
    if not grant and not said:
        raise Refused("请写明不批准的原因。")
    if grant:  # before the request is touched: what is late by now refuses it
        made = _pause(session, actor, now, case, request.reason, request.authority)
        told = f"批准暂停：{_why(made)}{'，' + said if said else ''}"
        write(
            session, actor, now, case, "case.pause", after={"authority": made.authority, "granted": True},
            note=f"{case.number} {told}",
        )  # fmt: skip
    else:
        write(session, actor, now, case, "case.not_paused", note=f"{case.number} {said}")
    request.state = ExtensionState.GRANTED if grant else ExtensionState.REFUSED
    request.decided_by_id, request.decided_at, request.note = actor.user_id, now, said[:LONGEST] or None


def resume_case(
    session: Session, actor: Actor, now: datetime, case: Case, calendar: WorkCalendar, version: int | None = None
) -> Pause:
    """恢复 a case: the pause ends now and every clock gets the date it has without that time."""
    check_may(session, actor, case, CaseAction.RESUME, version)
    ended = _end(session, actor, now, Pause.case_id == case.id)
    case.paused_at = None
    _count_again(session, actor, now, _clocks_of(session, case), calendar, ended)
    session.flush()  # the periods that fell away decide which are missing
    for step in case.steps:
        if step.kind is StepKind.PROGRESS and runs(step) and step.rule is not None:
            open_step_periods(session, step, step.rule, calendar, now, actor.user_id)
    stood_still = suspensions_of_case(session, case.id)
    for referral in live_referrals(session, case.id):
        referral.object_until = object_until(referral.at, calendar, stood_still)
    write(session, actor, now, case, "case.resume", note=f"{case.number} 恢复计时（{ended.reason}）")
    return ended


def pause_duty(
    session: Session,
    actor: Actor,
    now: datetime,
    duty: Duty,
    *,
    reason: str,
    authority: str,
    version: int | None = None,
) -> Pause:
    """暂停 a duty (supervisors): neither due nor overdue meanwhile; a date written as such does not move."""
    step_for(actor, duty, Action.PAUSE, version)
    if duty.paused_at is not None:
        raise Refused("这项责任已经暂停。")
    clocks = [m for m in open_milestones(session, duty) if m.submitted_at is None]
    if not clocks:
        raise Refused("这项责任没有正在计时的时限，不需要暂停。")
    made = _begin(session, actor, now, clocks, reason, authority, duty_id=duty.id)
    take(session, actor, now, duty, Action.PAUSE, version, _why(made))
    duty.paused_at = now
    return made


def resume_duty(
    session: Session, actor: Actor, now: datetime, duty: Duty, calendar: WorkCalendar, version: int | None = None
) -> Pause:
    """恢复 a duty: counted dates are counted again; periods that ended meanwhile are not asked for afterwards."""
    step_for(actor, duty, Action.RESUME, version)
    if duty.paused_at is None:
        raise Refused("这项责任没有暂停。")
    ended = _end(session, actor, now, Pause.duty_id == duty.id)
    take(session, actor, now, duty, Action.RESUME, version, f"恢复计时（{ended.reason}）")
    duty.paused_at = None
    _count_again(session, actor, now, open_milestones(session, duty), calendar, ended)
    session.flush()  # the periods that fell away decide which are missing
    catch_up(session, duty, calendar, now)
    return ended


def _pause(session: Session, actor: Actor, now: datetime, case: Case, reason: str, authority: str) -> Pause:
    made = _begin(session, actor, now, _clocks_of(session, case), reason, authority, case_id=case.id)
    case.paused_at = now
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


def _why(made: Pause | PauseRequest) -> str:
    """Return the words of a pause in the trail: its reason and what it rests on."""
    return f"{made.reason}（{made.authority}）"


def _reason(text: str) -> str:
    return words(text, "请写明暂停的原因，例如正在听证、征求第三方意见。", LONGEST)


def _authority(text: str) -> str:
    return words(text, "请写明暂停的依据，例如行政许可法第四十五条。", 200)


def _check_running(clocks: Sequence[Milestone], now: datetime) -> None:
    """Let through clocks that can be stopped: there are some, and none of one's own has run out."""
    if not clocks:
        raise Refused("没有正在计时的步骤，不需要暂停。")
    if any(not m.watch and m.due_at is not None and m.due_at <= now for m in clocks):
        raise Refused("已有时限逾期，不能再暂停；需要更多时间的，请申请延期。")


def _begin(
    session: Session,
    actor: Actor,
    now: datetime,
    clocks: Sequence[Milestone],
    reason: str,
    authority: str,
    *,
    case_id: int | None = None,
    duty_id: int | None = None,
) -> Pause:
    why, by = _reason(reason), _authority(authority)
    _check_running(clocks, now)
    for milestone in clocks:
        milestone.paused_at = now
    made = Pause(
        case_id=case_id, duty_id=duty_id, from_at=now, reason=why, authority=by, by_id=actor.user_id or 0, at=now
    )
    session.add(made)
    session.flush()
    return made


def _end(session: Session, actor: Actor, now: datetime, holder: object) -> Pause:
    found = session.scalars(select(Pause).where(holder, Pause.until_at.is_(None))).one_or_none()  # type: ignore[arg-type]
    if found is None:
        raise Refused("现在没有暂停，不需要恢复。")
    found.until_at, found.ended_at, found.ended_by_id = now, now, actor.user_id
    session.flush()  # the dates are counted again from what is stored
    return found


def _count_again(
    session: Session,
    actor: Actor,
    now: datetime,
    clocks: Sequence[Milestone],
    calendar: WorkCalendar,
    ended: Pause,
) -> None:
    held = suspensions_of(session, [m.id for m in clocks])
    for milestone in clocks:
        began, milestone.paused_at = milestone.paused_at, None
        if milestone.rule.kind is Kind.RECURRING:
            if began is not None and milestone.due_at is not None and began < milestone.due_at <= now:
                milestone.cancelled_at = now  # nobody could report on it
            continue
        if milestone.rule.kind is not Kind.RELATIVE or milestone.fixed_on is not None:
            continue  # a date written as such does not move
        resolved = count_again(milestone, calendar, held.get(milestone.id, ()))
        now_stands = (milestone.due_at, milestone.earliest_on, milestone.provisional)
        if (resolved.due_at, resolved.earliest_on, resolved.provisional) != now_stands:
            append_date(
                session,
                milestone,
                resolved,
                calendar,
                now,
                actor.user_id,
                f"恢复计时：{unstopped(ended.reason)}（{unstopped(ended.authority)}）"[:200],
            )
