"""Extensions of a case's step (办件延期): asked for by who does it, granted by its head or a supervisor."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tracker.rules.verbs import Verb
from tracker.rules.workflow import CaseAction
from tracker.services.cases.acts import OTHERS_STEP, check_may, write
from tracker.services.cases.steps import open_clocks
from tracker.services.core.act import Act, permit
from tracker.services.core.errors import Refused
from tracker.services.deadlines import extensions
from tracker.services.deadlines.extensions import Wish
from tracker.store.cases.standing import answers_for, decides_for
from tracker.store.models import Case, CaseStep, Extension, Milestone


def ask_extension(
    act: Act,
    case: Case,
    step: CaseStep,
    wish: Wish,
    reason: str,
    version: int | None = None,
) -> Extension:
    """申请延期 of a step, late or not; its statute's limit must be loaded."""
    calendar = act.calendar(case.jurisdiction_id)
    referrals = check_may(act.session, act.actor, case, CaseAction.EXTEND, version)
    permit(answers_for(act.actor, case, step, referrals), OTHERS_STEP)
    milestone = running_clock(act.session, step)
    if milestone is None:
        raise Refused("这一步没有正在计时的期限。")
    together = _of_one_period(act.session, milestone)
    made = extensions.ask(act, together, wish, reason, calendar, step.statute_rule)
    write(
        act,
        case,
        Verb.CASE_EXTEND,
        after={"step": step.name, "amount": wish.amount, "wanted_on": wish.until},
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
    """审批延期, by the head of the unit that asks (保障中小企业款项支付条例 25: 经部门负责人批准) or a supervisor."""
    calendar = act.calendar(case.jurisdiction_id)
    check_may(act.session, act.actor, case, CaseAction.DECIDE, version)
    milestone = act.session.get_one(Milestone, extension.milestone_id, options=[joinedload(Milestone.rule)])
    permit(decides_for(act.actor, case, milestone.unit_id), "只有提出申请的单位的负责人或督查员可以审批延期。")
    act.require_another(CaseAction.DECIDE, extension.by_id)
    together = _of_one_period(act.session, milestone)
    said = extensions.decide(act, extension, together, grant, note, calendar)
    write(
        act,
        case,
        Verb.CASE_EXTENDED if grant else Verb.CASE_NOT_EXTENDED,
        after={"amount": extension.amount, "wanted_on": extension.wanted_on},
        note=f"{case.number} {said}".strip(),
    )


def _of_one_period(session: Session, milestone: Milestone) -> list[Milestone]:
    """Return a clock, first, with those of its case that run by the same article from the same event for the same time.

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
    alike = (m for m in rows if m.id != milestone.id and _period(m) == _period(milestone) and m.rule.article)
    return [milestone, *alike]


def _period(milestone: Milestone) -> tuple[object, ...]:
    rule = milestone.rule
    return rule.article, rule.as_rule().amount, rule.unit, rule.extend_amount, milestone.granted_amount


def running_clock(session: Session, step: CaseStep) -> Milestone | None:
    """Return the open milestone of a step that counts to an end."""
    return next((m for m in open_clocks(session, step) if m.due_at is not None), None)
