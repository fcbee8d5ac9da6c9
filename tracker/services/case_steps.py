"""The steps of a case (办件步骤): each starts when its type says so, and is closed by its own act."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from tracker.clock.calendar import WorkCalendar
from tracker.clock.rules import ClockError, Kind
from tracker.now import SHANGHAI
from tracker.services.case_acts import Facts, check_may, keep, words, write
from tracker.services.errors import NotPermitted, Refused
from tracker.services.milestones import Holder, open_for_step, today
from tracker.services.periods import open_step_periods
from tracker.store.actors import Actor
from tracker.store.case_standing import answers_for
from tracker.store.models import (
    Bound,
    Case,
    CaseRecord,
    CaseStep,
    CaseTypeStep,
    Milestone,
    RecordKind,
    Starts,
    StepKind,
)
from tracker.store.pauses import suspensions_of_case
from tracker.workflow import CaseAction

# What closing a step of a kind leaves in the case's records.
RECORDS = {
    StepKind.PUBLICISE: RecordKind.PUBLICITY,
    StepKind.REFUND: RecordKind.REFUND,
    StepKind.LETTER: RecordKind.LETTER,
    StepKind.VISIT: RecordKind.VISIT,
    StepKind.PROGRESS: RecordKind.PROGRESS,
}
ASKED = {
    StepKind.ACCEPT: "请写明受理情况。",
    StepKind.ANSWER: "请写明答复的内容和方式。",
    StepKind.VERIFY: "请写明核实的结果。",
    StepKind.PUBLICISE: "请写明公示的内容。",
    StepKind.REFUND: "请写明返还情况。",
    StepKind.CLAIM: "请写明申请情况。",
    StepKind.LETTER: "请写明督办的事项和要求。",
    StepKind.VISIT: "请写明回访情况。",
    StepKind.PROGRESS: "请写明本期进展；没有变化时请写“无新进展”。",
}


@dataclass(frozen=True, slots=True)
class StepAct:
    """What was done in a step: words and facts; `done_on` is the day another party acted, or acceptance took place."""

    facts: Facts
    done_at: datetime | None = None  # when the case was accepted, or the other party acted; now where left out
    more_to_come: bool = False  # a refund in part: the step stays open


def start_steps(
    session: Session,
    actor: Actor,
    now: datetime,
    case: Case,
    starts: Starts,
    event_at: datetime,
    calendar: WorkCalendar,
    *,
    after_key: str | None = None,
    referred_to: int | None = None,
) -> None:
    """Start the steps that wait for this, each with its clock from `event_at`; case.steps with rules must be loaded."""
    for step in case.steps:
        waits = step.starts is starts and step.started_at is None and step.cancelled_at is None
        if waits and (starts is not Starts.AFTER or step.after_key == after_key):
            start(session, actor, now, step, event_at, calendar, referred_to=referred_to)


def start(
    session: Session,
    actor: Actor,
    now: datetime,
    step: CaseStep,
    event_at: datetime,
    calendar: WorkCalendar,
    *,
    referred_to: int | None = None,
) -> None:
    """Start one step: whom it binds is settled now, and its clock runs from `event_at`."""
    step.started_at = event_at
    if step.bound is Bound.REFERRED:
        step.unit_id = referred_to or _handed_to(step.case) or step.case.unit_id
    else:
        step.unit_id = step.case.unit_id
    if step.rule is None:
        return
    session.flush()  # the milestone needs the step's id
    try:
        if step.rule.kind is Kind.RECURRING:
            open_step_periods(session, step, step.rule, calendar, now, actor.user_id)
        else:
            stood = suspensions_of_case(session, step.case_id)  # of one that began before it was recorded
            open_for_step(
                session, step, step.rule, calendar, now, event_at=event_at, by_id=actor.user_id, suspensions=stood
            )  # fmt: skip
    except ClockError as error:
        raise Refused(f"{error}，请核对发生时间。") from error


def _handed_to(case: Case) -> int | None:
    """Return the unit the case was last handed to, as its steps know it."""
    units = [s.unit_id for s in case.steps if s.bound is Bound.REFERRED and s.unit_id and s.cancelled_at is None]
    return units[-1] if units else None


def close_step(
    session: Session,
    actor: Actor,
    now: datetime,
    case: Case,
    step: CaseStep,
    act: StepAct,
    calendar: WorkCalendar,
    version: int | None = None,
) -> CaseRecord:
    """Close a step by its own act: its clock is met, and what waits for it starts.  REFER has a verb of its own.

    Another party's clock (watch) is met by the day that party acted, a unit's own by the instant it says so.
    """
    referrals = check_may(session, actor, case, CaseAction.STEP, version)
    if not answers_for(actor, case, step, referrals):
        raise NotPermitted("这一步由其他单位办理。")
    if step.kind is StepKind.REFER:
        raise Refused("请用“转办”办理这一步。")
    check_open(case, step, now)
    done_at = _done_at(case, step, act, now)
    _refuse_early(session, step, now)
    _refuse_on_time(session, case, step, now)
    facts = _checked(case, step, act.facts, now)
    kept = keep(session, actor, now, case, RECORDS.get(step.kind, RecordKind.STEP), facts, step=step)
    if step.kind is StepKind.REFUND and facts.amount_fen:
        case.refunded_fen += facts.amount_fen
    if step.kind is StepKind.ACCEPT:
        case.accepted_at = done_at
    if not (step.kind is StepKind.REFUND and act.more_to_come):
        finish(session, actor, now, step, done_at, facts.text)
        session.flush()
        _start_what_follows(session, actor, now, case, step, facts, done_at, calendar)
        _refuse_short_publicity(session, case, step, facts)
    if case.type_version_id is None and all(s.done_at or s.cancelled_at for s in case.steps):
        case.closed_at = now  # a case without a type is its one step
    write(
        session, actor, now, case, "case.step",
        after={"step": step.name, "kind": step.kind, "files": len(facts.files), "part": act.more_to_come or None,
               "amount_fen": facts.amount_fen},
        note=f"{case.number} {step.name}：{facts.text}",
    )  # fmt: skip
    return kept


def check_open(case: Case, step: CaseStep, now: datetime) -> None:
    """Refuse a step that is done, not asked for any more, or whose turn has not come."""
    if step.done_at is not None:
        raise Refused(f"“{step.name}”已经办结。")
    if step.cancelled_at is not None:
        raise Refused(f"“{step.name}”已不需要办理。")
    if step.started_at is None and step.starts is not Starts.LATE:
        before = next((s.name for s in case.steps if s.key is not None and s.key == step.after_key), None)
        what = f"“{before}”办结" if before and step.starts is Starts.AFTER else "正式受理"
        raise Refused(f"“{step.name}”要在{what}之后办理。")


def _done_at(case: Case, step: CaseStep, act: StepAct, now: datetime) -> datetime:
    """Return when the step's act took place: as its facts say (acceptance, money returned, publicity begun, another
    party's act); any other act of a unit is dated by the moment it is recorded.
    """
    if step.kind in (StepKind.REFUND, StepKind.PUBLICISE) and act.facts.from_on is not None:
        return noon(act.facts.from_on, now)
    dated = step.kind is StepKind.ACCEPT or step.bound is Bound.OTHER
    if not dated or act.done_at is None:
        return now
    if act.done_at > now:
        raise Refused("时间不能晚于现在。")
    if today(act.done_at) < today(step.started_at or case.happened_at):
        raise Refused(f"时间不能早于{case.event}。")
    return act.done_at


def _refuse_early(session: Session, step: CaseStep, now: datetime) -> None:
    earliest = session.scalars(
        select(Milestone.earliest_on).where(
            Milestone.case_step_id == step.id, Milestone.met_at.is_(None), Milestone.earliest_on.is_not(None)
        )
    ).first()
    if earliest is not None and today(now) < earliest:
        raise Refused(f"等待期未满：{earliest.year}年{earliest.month}月{earliest.day}日起方可办理。")


def _refuse_on_time(session: Session, case: Case, step: CaseStep, now: datetime) -> None:
    """Refuse what is offered only when another step is late (督办书), as long as it is not."""
    if step.starts is Starts.LATE and not late_steps(session, case, now) & {step.after_key}:
        name = next((s.name for s in case.steps if s.key == step.after_key), "前一步")
        raise Refused(f"“{name}”逾期之后才可以{step.name}。")


def _refuse_short_publicity(session: Session, case: Case, step: CaseStep, facts: Facts) -> None:
    """Refuse a publicity that ends before what it is to open may begin: 公示30日 lasts its thirty days."""
    if step.kind is not StepKind.PUBLICISE or facts.until_on is None:
        return
    opened = select(Milestone.earliest_on).join(CaseStep, Milestone.case_step_id == CaseStep.id)
    of_this = opened.where(CaseStep.case_id == case.id, CaseStep.after_key == step.key, CaseStep.cancelled_at.is_(None))
    for earliest in session.scalars(of_this.where(Milestone.earliest_on.is_not(None))):
        last = earliest - timedelta(days=1) if earliest else None
        if last is not None and facts.until_on < last:
            raise Refused(f"公示时间不足：至少公示到{last.year}年{last.month}月{last.day}日。")


def late_steps(session: Session, case: Case, now: datetime) -> set[str | None]:
    """Return the keys of a case's steps whose clock has run out."""
    query = (
        select(CaseStep.key)
        .join(Milestone, Milestone.case_step_id == CaseStep.id)
        .where(CaseStep.case_id == case.id, Milestone.due_at <= now, Milestone.paused_at.is_(None))
        .where(Milestone.met_at.is_(None), Milestone.cancelled_at.is_(None))
    )
    return set(session.scalars(query))


def _checked(case: Case, step: CaseStep, facts: Facts, now: datetime) -> Facts:
    """Return the facts of an act, complete for its kind."""
    said = words(facts.text, ASKED.get(step.kind, f"请写明“{step.name}”的办理情况，例如转往哪个单位。"))
    if step.kind is StepKind.PUBLICISE:
        if facts.from_on is None or facts.until_on is None or not (facts.place or "").strip():
            raise Refused("请填写公示的开始日期、结束日期和地点。")
        if facts.until_on < facts.from_on:
            raise Refused("公示结束日期不能早于开始日期。")
        if facts.from_on > today(now):
            raise Refused("公示开始日期不能晚于今天。")
    if step.kind is StepKind.REFUND:
        if facts.amount_fen is None or facts.amount_fen <= 0 or facts.from_on is None:
            raise Refused("请填写返还的金额和日期。")
        if facts.from_on > today(now):
            raise Refused("返还日期不能晚于今天。")
        if facts.from_on < case.happened_on:
            raise Refused(f"返还日期不能早于{case.event}的日期。")
        if case.owed_fen is not None and case.refunded_fen + facts.amount_fen > case.owed_fen:
            left = (case.owed_fen - case.refunded_fen) / 100
            raise Refused(f"返还金额超过未返还的 {left:,.2f} 元，请核对。")
    return replace(facts, text=said)


def finish(session: Session, actor: Actor, now: datetime, step: CaseStep, done_at: datetime, note: str) -> None:
    """Mark a step done: its clock is met, periods not begun fall away."""
    step.done_at, step.done_by_id, step.note = now, actor.user_id, note[:1000]
    if step.started_at is None:
        step.started_at = now
    for milestone in open_clocks(session, step):
        if milestone.rule.kind is Kind.RECURRING and (milestone.opens_on or today(now)) > today(now):
            milestone.cancelled_at = now
        else:
            milestone.met_at = done_at


def open_clocks(session: Session, step: CaseStep) -> Sequence[Milestone]:
    """Return the open milestones of a step, earliest first."""
    return session.scalars(
        select(Milestone)
        .where(Milestone.case_step_id == step.id, Milestone.met_at.is_(None), Milestone.cancelled_at.is_(None))
        .options(joinedload(Milestone.rule))
        .order_by(Milestone.due_at, Milestone.id)
    ).all()


def _start_what_follows(
    session: Session,
    actor: Actor,
    now: datetime,
    case: Case,
    step: CaseStep,
    facts: Facts,
    done_at: datetime,
    calendar: WorkCalendar,
) -> None:
    if step.kind is StepKind.ACCEPT:
        start_steps(session, actor, now, case, Starts.ACCEPTED, done_at, calendar)
    if step.key is not None:
        # 公示30日后: the period runs from the day the publicity began, not from the day it was written down.
        start_steps(session, actor, now, case, Starts.AFTER, done_at, calendar, after_key=step.key)


def noon(day: date, now: datetime) -> datetime:
    """Return an instant that stands for a day: its noon in Shanghai, never later than now."""
    return min(datetime.combine(day, time(12), SHANGHAI), now)


def report_step(
    session: Session,
    actor: Actor,
    now: datetime,
    case: Case,
    step: CaseStep,
    facts: Facts,
    calendar: WorkCalendar,
    version: int | None = None,
) -> CaseRecord:
    """反馈进展 of a step that asks for it again and again: the oldest period begun is met, the next one is made."""
    referrals = check_may(session, actor, case, CaseAction.PROGRESS, version)
    if not answers_for(actor, case, step, referrals):
        raise NotPermitted("这一步由其他单位办理。")
    if step.kind is not StepKind.PROGRESS:
        raise Refused("这一步不需要定期反馈。")
    check_open(case, step, now)
    said = replace(facts, text=words(facts.text, ASKED[StepKind.PROGRESS]))
    begun = [m for m in open_clocks(session, step) if m.opens_on is None or m.opens_on <= today(now)]
    period = begun[0] if begun else None
    kept = keep(session, actor, now, case, RecordKind.PROGRESS, said, step=step, milestone=period)
    if period is not None and step.rule is not None:
        period.met_at = now
        session.flush()  # the next period is made from what is now open
        with suppress(IntegrityError), session.begin_nested():  # the worker may have made it a moment ago
            open_step_periods(session, step, step.rule, calendar, now, actor.user_id)
    write(
        session, actor, now, case, "case.progress",
        after={"step": step.name, "period": period.label if period else None, "files": len(facts.files)},
        note=f"{case.number} {step.name}：{said.text}",
    )  # fmt: skip
    return kept


def cancel(session: Session, now: datetime, steps: Iterable[CaseStep]) -> None:
    """Take steps out of a case that are not asked for any more, with their clocks."""
    for step in steps:
        step.cancelled_at = now
        for milestone in open_clocks(session, step):
            milestone.cancelled_at = now


def runs(step: CaseStep) -> bool:
    """Whether a step has begun and is neither done nor fallen away."""
    return step.started_at is not None and step.done_at is None and step.cancelled_at is None


def rebind(session: Session, step: CaseStep, unit_id: int) -> None:
    """Let another unit do a running step: its clock goes on, and that unit answers for it from now on."""
    step.unit_id = unit_id
    holder = Holder.of_step(step)
    for milestone in open_clocks(session, step):
        milestone.unit_id, milestone.answering_duty_id = holder.unit_id, holder.answering_duty_id


def like(step: CaseStep | CaseTypeStep, ordinal: int) -> CaseStep:
    """Return a step that asks for the same as another, or as a type's, and has not begun; step.rule must be loaded."""
    return CaseStep(
        ordinal=ordinal,
        key=step.key,
        name=step.name,
        kind=step.kind,
        starts=step.starts,
        after_key=step.after_key,
        bound=step.bound,
        optional=step.optional,
        rule=step.rule,
        statute_rule_id=step.statute_rule_id,
    )


def again(session: Session, step: CaseStep) -> CaseStep:
    """Add a step like this one to its case: what was handed back has to be done anew."""
    case = step.case
    made = like(step, max(s.ordinal for s in case.steps) + 1)
    case.steps.append(made)
    session.flush()
    return made
