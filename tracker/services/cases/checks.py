"""What the act of a step must hold (办件步骤的核对): its turn, its day, its facts, complete for its kind."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.clock.wording import month_day
from tracker.now import SHANGHAI, today
from tracker.services.cases.acts import StepFacts
from tracker.services.core.errors import Refused
from tracker.services.core.texts import words
from tracker.store.models import Bound, Case, CaseStep, Milestone, Starts, StepKind


@dataclass(frozen=True, slots=True)
class StepAct:
    """What was done in a step: words and facts; `done_on` is the day another party acted, or acceptance took place."""

    facts: StepFacts
    done_at: datetime | None = None  # when the case was accepted, or the other party acted; now where left out
    more_to_come: bool = False  # a refund in part: the step stays open


def missing(step: CaseStep) -> str:
    """Return what is said to whoever writes nothing of a step."""
    if step.kind is StepKind.PROGRESS:
        return f"请写明{step.kind.account}；没有变化时请写“无新进展”。"
    if step.kind in (StepKind.HANDLE, StepKind.REFER):
        return f"请写明{step.kind.account}，例如转往哪个单位。"
    return f"请写明{step.kind.account}。"


def check_open(case: Case, step: CaseStep) -> None:
    """Refuse a step that is done, not asked for any more, or whose turn has not come."""
    if step.done_at is not None:
        raise Refused(f"“{step.name}”已经办结。")
    if step.cancelled_at is not None:
        raise Refused(f"“{step.name}”已不需要办理。")
    if step.started_at is None and step.starts is not Starts.LATE:
        before = next((s.name for s in case.steps if s.key is not None and s.key == step.after_key), None)
        what = f"“{before}”办结" if before and step.starts is Starts.AFTER else "正式受理"
        raise Refused(f"“{step.name}”要在{what}之后办理。")


def acted_at(case: Case, step: CaseStep, done: StepAct, now: datetime) -> datetime:
    """Return when the step's act took place: as its facts say (acceptance, money returned, publicity begun, another
    party's act); any other act of a unit is dated by the moment it is recorded.
    """
    if step.kind in (StepKind.REFUND, StepKind.PUBLICISE) and done.facts.from_on is not None:
        return noon(done.facts.from_on, now)
    dated = step.kind is StepKind.ACCEPT or step.bound is Bound.OTHER
    if not dated or done.done_at is None:
        return now
    if done.done_at > now:
        raise Refused("时间不能晚于现在。", "done_on")
    if today(done.done_at) < today(step.started_at or case.happened_at):
        raise Refused(f"时间不能早于{case.event}。", "done_on")
    return done.done_at


def noon(day: date, now: datetime) -> datetime:
    """Return an instant that stands for a day: its noon in Shanghai, never later than now."""
    return min(datetime.combine(day, time(12), SHANGHAI), now)


def refuse_early(session: Session, step: CaseStep, now: datetime) -> None:
    earliest = session.scalars(
        select(Milestone.earliest_on).where(
            Milestone.case_step_id == step.id, Milestone.met_at.is_(None), Milestone.earliest_on.is_not(None)
        )
    ).first()
    if earliest is not None and today(now) < earliest:
        raise Refused(f"等待期未满：{month_day(earliest)}起方可办理。")


def refuse_on_time(session: Session, case: Case, step: CaseStep, now: datetime) -> None:
    """Refuse what is offered only when another step is late (督办书), as long as it is not."""
    if step.starts is Starts.LATE and not late_steps(session, case, now) & {step.after_key}:
        name = next((s.name for s in case.steps if s.key == step.after_key), "前一步")
        raise Refused(f"“{name}”逾期之后才可以{step.name}。")


def late_steps(session: Session, case: Case, now: datetime) -> set[str | None]:
    """Return the keys of a case's steps whose clock has run out."""
    query = (
        select(CaseStep.key)
        .join(Milestone, Milestone.case_step_id == CaseStep.id)
        .where(CaseStep.case_id == case.id, Milestone.due_at <= now, Milestone.paused_at.is_(None))
        .where(Milestone.met_at.is_(None), Milestone.cancelled_at.is_(None))
    )
    return set(session.scalars(query))


def refuse_short_publicity(session: Session, case: Case, step: CaseStep, facts: StepFacts) -> None:
    """Refuse a publicity that ends before what it is to open may begin: 公示30日 lasts its thirty days."""
    if step.kind is not StepKind.PUBLICISE or facts.until_on is None:
        return
    opened = select(Milestone.earliest_on).join(CaseStep, Milestone.case_step_id == CaseStep.id)
    of_this = opened.where(CaseStep.case_id == case.id, CaseStep.after_key == step.key, CaseStep.cancelled_at.is_(None))
    for earliest in session.scalars(of_this.where(Milestone.earliest_on.is_not(None))):
        last = earliest - timedelta(days=1) if earliest else None
        if last is not None and facts.until_on < last:
            raise Refused(f"公示时间不足：至少公示到{month_day(last)}。", "until_on")


def checked(case: Case, step: CaseStep, facts: StepFacts, now: datetime) -> StepFacts:
    """Return the facts of an act, complete for its kind."""
    said = words(facts.text, missing(step))
    if step.kind is StepKind.PUBLICISE:
        if facts.from_on is None or facts.until_on is None or not (facts.place or "").strip():
            raise Refused("请填写公示的开始日期、结束日期和地点。")
        if facts.until_on < facts.from_on:
            raise Refused("公示结束日期不能早于开始日期。", "until_on")
        if facts.from_on > today(now):
            raise Refused("公示开始日期不能晚于今天。", "from_on")
    if step.kind is StepKind.REFUND:
        if facts.amount_fen is None or facts.amount_fen <= 0 or facts.from_on is None:
            raise Refused("请填写返还的金额和日期。")
        if facts.from_on > today(now):
            raise Refused("返还日期不能晚于今天。", "from_on")
        if facts.from_on < case.happened_on:
            raise Refused(f"返还日期不能早于{case.event}的日期。", "from_on")
        if case.owed_fen is not None and case.refunded_fen + facts.amount_fen > case.owed_fen:
            left = (case.owed_fen - case.refunded_fen) / 100
            raise Refused(f"返还金额超过未返还的 {left:,.2f} 元，请核对。", "amount")
    return replace(facts, text=said)
