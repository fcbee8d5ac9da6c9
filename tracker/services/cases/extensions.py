"""Extensions of a case's step (办件延期): asked for within what the clause or statute allows, granted by another."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tracker.clock.calendar import WorkCalendar
from tracker.clock.recurrence import describe_rule
from tracker.clock.wording import unstopped
from tracker.rules.verbs import Verb
from tracker.rules.workflow import CaseAction
from tracker.services.cases.acts import OTHERS_STEP, check_may, write
from tracker.services.cases.steps import open_clocks
from tracker.services.core.act import Act, permit
from tracker.services.core.errors import Refused
from tracker.services.core.texts import words
from tracker.services.deadlines.extensions import LONGEST, pending_extension
from tracker.services.deadlines.milestones import append_date, count_again
from tracker.store.cases.standing import answers_for, decides_for
from tracker.store.deadlines.pauses import suspensions_of
from tracker.store.models import Case, CaseStep, Extension, ExtensionState, Milestone


def ask_extension(
    act: Act,
    case: Case,
    step: CaseStep,
    amount: int,
    reason: str,
    version: int | None = None,
) -> Extension:
    """申请延期 of a step: a new total, in the limit's own unit, no longer than the clause or statute allows.

    Asked for before the time is up; one request at a time; what has not been decided moves nothing.
    """
    referrals = check_may(act.session, act.actor, case, CaseAction.EXTEND, version)
    permit(answers_for(act.actor, case, step, referrals), OTHERS_STEP)
    milestone = running_clock(act.session, step)
    if milestone is None or milestone.due_at is None:
        raise Refused("这一步没有正在计时的期限。")
    rule = milestone.rule
    if rule.extend_amount is None or rule.unit is None:
        raise Refused(f"“{step.name}”的期限没有可以延长的依据。")
    present = milestone.granted_amount or rule.amount or 0
    if not present < amount <= rule.extend_amount:
        unit = describe_rule(rule.as_rule()).removeprefix(str(rule.amount)).removesuffix("内")
        raise Refused(f"延长后的总期限应多于现在的 {present}{unit}，最长 {rule.extend_amount}{unit}。")
    if milestone.due_at <= act.now:
        raise Refused("期限已过，不能再申请延期。请尽快办理，并写明逾期的原因。")
    if any(pending_extension(act.session, m.id) is not None for m in _of_one_period(act.session, milestone)):
        raise Refused("已有一份延期申请等待审批。")
    made = Extension(
        milestone_id=milestone.id,
        amount=amount,
        reason=words(reason, "请写明延期的原因，例如案情复杂。", LONGEST),
        state=ExtensionState.PENDING,
        by_id=act.actor.user_id or 0,
        at=act.now,
    )
    act.session.add(made)
    write(
        act,
        case,
        Verb.CASE_EXTEND,
        after={"step": step.name, "amount": amount},
        note=f"{case.number} {step.name}：{made.reason}",
    )
    return made


def decide_extension(
    act: Act,
    case: Case,
    extension: Extension,
    grant: bool,
    note: str,
    version: int | None = None,
) -> None:
    """审批延期, by the head of the unit that asks (保障中小企业款项支付条例 25: 经部门负责人批准) or a supervisor.

    Never by whom it was asked for.  Granted, the step's date is counted again with the new total.
    """
    calendar = act.calendar(case.jurisdiction_id)
    check_may(act.session, act.actor, case, CaseAction.DECIDE, version)
    milestone = act.session.get_one(Milestone, extension.milestone_id, options=[joinedload(Milestone.rule)])
    permit(decides_for(act.actor, case, milestone.unit_id), "只有提出申请的单位的负责人或督查员可以审批延期。")
    act.require_another(CaseAction.DECIDE, extension.by_id)
    if extension.state is not ExtensionState.PENDING:
        raise Refused("这份延期申请已经审批。")
    if milestone.met_at is not None or milestone.cancelled_at is not None:
        raise Refused("这一步已经办结，不需要再审批延期。")
    if grant and extension.amount is not None and extension.amount <= (milestone.granted_amount or 0):
        raise Refused("已经批准了同样长或更长的期限，不需要再批准这一份。")
    said = note.strip()
    if not grant and not said:
        raise Refused("请写明不批准的原因。")
    extension.state = ExtensionState.GRANTED if grant else ExtensionState.REFUSED
    extension.decided_by_id, extension.decided_at, extension.note = act.actor.user_id, act.now, said[:LONGEST] or None
    if grant:
        _grant(act, milestone, extension, calendar)
    write(
        act,
        case,
        Verb.CASE_EXTENDED if grant else Verb.CASE_NOT_EXTENDED,
        after={"amount": extension.amount},
        note=f"{case.number} {said}".strip(),
    )


def _grant(act: Act, milestone: Milestone, extension: Extension, calendar: WorkCalendar) -> None:
    cited = f"（{milestone.rule.article}）" if milestone.rule.article else ""
    why = f"经批准延长期限{cited}：{unstopped(extension.reason)}"
    together = _of_one_period(act.session, milestone)
    held = suspensions_of(act.session, [m.id for m in together])
    for each in together:
        each.granted_amount = extension.amount
        resolved = count_again(each, calendar, held.get(each.id, ()))
        append_date(act, each, resolved, calendar, why[:200])


def _of_one_period(session: Session, milestone: Milestone) -> list[Milestone]:
    """Return a clock with those of its case that run by the same article from the same event for the same time.

    条例 25 gives one period for handling and for the answer in writing: what extends one of them extends both.
    """
    rows = session.scalars(
        select(Milestone)
        .join(CaseStep, Milestone.case_step_id == CaseStep.id)
        .where(CaseStep.case_id.in_(select(CaseStep.case_id).where(CaseStep.id == milestone.case_step_id)))
        .where(Milestone.met_at.is_(None), Milestone.cancelled_at.is_(None), Milestone.event_at == milestone.event_at)
        .options(joinedload(Milestone.rule))
        .order_by(Milestone.id)
    )
    return [m for m in rows if m.id == milestone.id or (_period(m) == _period(milestone) and m.rule.article)]


def _period(milestone: Milestone) -> tuple[object, ...]:
    rule = milestone.rule
    return rule.article, rule.as_rule().amount, rule.unit, rule.extend_amount, milestone.granted_amount


def running_clock(session: Session, step: CaseStep) -> Milestone | None:
    """Return the open milestone of a step that counts to an end."""
    return next((m for m in open_clocks(session, step) if m.due_at is not None), None)
