"""Referrals (转办): a case handed to a unit, which signs for it, or returns it as not its own (退回转办)."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.clock.wording import month_day
from tracker.now import today
from tracker.rules.verbs import Verb
from tracker.rules.workflow import CaseAction
from tracker.services.cases.acts import StepFacts, check_may, keep, write
from tracker.services.cases.checks import check_open
from tracker.services.cases.objections import OBJECT_WORKDAYS, object_until
from tracker.services.cases.steps import again, cancel, finish, rebind, runs, start, start_steps
from tracker.services.core.act import Act, forbid
from tracker.services.core.errors import Refused
from tracker.services.core.texts import words
from tracker.store.cases.standing import answers_for
from tracker.store.core.actors import Actor
from tracker.store.models import (
    Bound,
    Cancellation,
    Case,
    CaseStep,
    MemberRole,
    RecordKind,
    Referral,
    Starts,
    StepKind,
    Unit,
)


def refer(
    act: Act,
    case: Case,
    step: CaseStep,
    to_unit: Unit,
    note: str,
    version: int | None = None,
) -> Referral:
    """转办: hand the case to a unit; the referring step is met now, and what waits for it starts there.

    Never to the unit complained of: a complaint is not handled by whom it is about (信访工作条例 30).
    """
    calendar = act.calendar(case.jurisdiction_id)
    referrals = check_may(act.session, act.actor, case, CaseAction.REFER, version)
    if step.kind is not StepKind.REFER or not answers_for(act.actor, case, step, referrals):
        raise Refused("请选择要办理的转办步骤。")
    check_open(case, step)
    if to_unit.jurisdiction_id != case.jurisdiction_id or not to_unit.active:
        raise Refused("请选择本辖区在用的单位。")
    if to_unit.id == case.accused_unit_id:
        raise Refused(f"{to_unit.name}是被投诉单位，不能把投诉转给它办理。请转给有管辖权的其他单位。")
    if to_unit.id == case.unit_id:
        raise Refused("这件办件就由该单位办理，不需要转办。")
    said = words(note, "请写明转办的事项和要求。")
    made = Referral(
        case_id=case.id,
        step_id=step.id,
        to_unit_id=to_unit.id,
        by_id=act.actor.user_id or 0,
        at=act.now,
        note=said,
        object_until=object_until(act.now, calendar),
    )
    act.session.add(made)
    finish(act, step, act.now, f"转{to_unit.name}：{said}")
    keep(act, case, RecordKind.STEP, StepFacts(f"转{to_unit.name}：{said}"), step=step)
    act.session.flush()  # what follows needs the referral to be there
    for waiting in case.steps:
        # What was the referred unit's to do and had begun without one goes with the case.
        if waiting.bound is Bound.REFERRED and waiting.unit_id == case.unit_id and runs(waiting):
            rebind(act.session, waiting, to_unit.id)
    start_steps(act, case, Starts.AFTER, act.now, calendar, after_key=step.key, referred_to=to_unit.id)
    write(
        act,
        case,
        Verb.CASE_REFER,
        after={"step": step.name, "to": to_unit.name},
        note=f"{case.number} 转{to_unit.name}：{said}",
    )
    return made


def live_referral(session: Session, case: Case, unit_ids: set[int]) -> Referral | None:
    """Return the newest referral of a case to one of the units that was not returned."""
    query = select(Referral).where(
        Referral.case_id == case.id, Referral.to_unit_id.in_(unit_ids), Referral.returned_at.is_(None)
    )
    return session.scalars(query.order_by(Referral.id.desc()).limit(1)).one_or_none()


def sign(act: Act, case: Case, version: int | None = None) -> Referral:
    """签收 a referral: the unit has the case; its clock has run since it was handed over."""
    check_may(act.session, act.actor, case, CaseAction.SIGN, version)
    found = _mine(act.session, act.actor, case)
    if found.signed_at is not None:
        raise Refused("已经签收过了。")
    found.signed_at, found.signed_by_id = act.now, act.actor.user_id
    unit = act.session.get_one(Unit, found.to_unit_id)
    write(act, case, Verb.CASE_SIGN, after={"unit": unit.name}, note=f"{case.number} {unit.name}签收")
    return found


def _carried(case: Case, referral: Referral) -> list[CaseStep]:
    return [s for s in case.steps if s.bound is Bound.REFERRED and s.unit_id == referral.to_unit_id]


def done_already(case: Case, referral: Referral) -> CaseStep | None:
    """Return a step that the unit it was handed to has done: whoever has done part of it has taken the case."""
    return next((s for s in _carried(case, referral) if s.done_at is not None), None)


def send_back(
    act: Act,
    case: Case,
    reason: str,
    version: int | None = None,
) -> CaseStep:
    """退回转办 as not ours, within the days to object: the case is to be referred anew, its limit runs again.

    What the referral had begun at the unit falls away with its clocks and begins anew wherever the case goes next; what
    else it was to do goes on at the handling unit.  Whoever has done part of it has taken the case for its own.  A
    step of the handling unit's that began with the referral keeps its clock.
    """
    calendar = act.calendar(case.jurisdiction_id)
    check_may(act.session, act.actor, case, CaseAction.RETURN, version)
    found = _mine(act.session, act.actor, case)
    if today(act.now) > found.object_until:
        raise Refused(
            f"收到转办后 {OBJECT_WORKDAYS} 个工作日内可以退回，期限到{month_day(found.object_until)}为止。"
            "现在请与转办单位协商，由其重新转办。"
        )
    said = words(reason, "请写明为什么不属于本单位，以及应由哪个单位办理。")
    mine = _carried(case, found)
    if done := done_already(case, found):
        raise Refused(f"本单位已经办理了“{done.name}”，不能再退回。需要其他单位办理的，请与转办单位协商。")
    theirs = [s for s in mine if s.started_at is not None and s.cancelled_at is None]
    found.returned_at, found.returned_by_id, found.return_reason = act.now, act.actor.user_id, said
    old = next(s for s in case.steps if s.id == found.step_id)
    begun = [s for s in theirs if s.starts is Starts.AFTER and s.after_key == old.key]
    cancel(act, begun, Cancellation.RETURNED)
    for step in begun:
        again(act.session, step)
    for step in theirs:
        if step not in begun:
            rebind(act.session, step, case.unit_id)
    new = again(act.session, old)
    new.name = old.name if old.name.startswith("再次") else f"再次{old.name}"
    start(act, new, act.now, calendar)
    unit = act.session.get_one(Unit, found.to_unit_id)
    write(
        act,
        case,
        Verb.CASE_RETURN,
        after={"unit": unit.name},
        note=f"{case.number} {unit.name}退回：{said}",
    )
    return new


def _mine(session: Session, actor: Actor, case: Case) -> Referral:
    found = live_referral(session, case, actor.units(MemberRole.OFFICER))
    return found or forbid("这件办件没有转给您的单位。")
