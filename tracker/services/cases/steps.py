"""The steps of a case (办件步骤): each starts when its type says so, and is closed by its own act."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from tracker.clock.calendar import WorkCalendar
from tracker.clock.rules import ClockError, Kind
from tracker.now import today
from tracker.rules.verbs import Verb
from tracker.rules.workflow import CaseAction
from tracker.services.cases.acts import OTHERS_STEP, StepFacts, check_may, keep, write
from tracker.services.cases.checks import (
    StepAct,
    acted_at,
    check_open,
    checked,
    missing,
    refuse_early,
    refuse_on_time,
    refuse_short_publicity,
)
from tracker.services.cases.objections import live_referrals
from tracker.services.core.act import Act, permit
from tracker.services.core.errors import Refused
from tracker.services.core.texts import words
from tracker.services.deadlines.milestones import Holder, open_for_step
from tracker.services.deadlines.periods import open_step_periods
from tracker.store.cases.standing import answers_for
from tracker.store.deadlines.pauses import suspensions_of_case
from tracker.store.models import (
    Bound,
    Cancellation,
    Case,
    CaseRecord,
    CaseStep,
    CaseTypeStep,
    Milestone,
    RecordKind,
    Starts,
    StepKind,
)

# What closing a step of a kind leaves in the case's records.
RECORDS = {
    StepKind.PUBLICISE: RecordKind.PUBLICITY,
    StepKind.REFUND: RecordKind.REFUND,
    StepKind.LETTER: RecordKind.LETTER,
    StepKind.VISIT: RecordKind.VISIT,
    StepKind.PROGRESS: RecordKind.PROGRESS,
}


def start_steps(  # noqa: PLR0913 - what waits, from when, by which calendar; the rest is named
    act: Act,
    case: Case,
    starts: Starts,
    event_at: datetime,
    calendar: WorkCalendar,
    *,
    after_key: str | None = None,
    referred_to: int | None = None,
) -> None:
    """Start the steps that wait for this, each with its clock from `event_at`; case.steps with rules must be loaded."""
    for step in waiting(case, starts, after_key):
        start(act, step, event_at, calendar, referred_to=referred_to)


def waiting(case: Case, starts: Starts, after_key: str | None = None) -> list[CaseStep]:
    """Return the steps of a case that wait for its event, its acceptance, or another step."""
    return [
        step
        for step in case.steps
        if step.starts is starts
        and step.started_at is None
        and step.cancelled_at is None
        and (starts is not Starts.AFTER or step.after_key == after_key)
    ]


def start(
    act: Act,
    step: CaseStep,
    event_at: datetime,
    calendar: WorkCalendar,
    *,
    referred_to: int | None = None,
) -> None:
    """Start one step: whom it binds is settled now, and its clock runs from `event_at`."""
    step.started_at = event_at
    if step.bound is Bound.REFERRED:
        step.unit_id = referred_to or _handed_to(act.session, step.case) or step.case.unit_id
    else:
        step.unit_id = step.case.unit_id
    if step.rule is None:
        return
    act.session.flush()  # the milestone needs the step's id
    with counting():
        if step.rule.kind is Kind.RECURRING:
            open_step_periods(act, step, step.rule, calendar)
        else:
            stood = suspensions_of_case(act.session, step.case_id)  # of one that began before it was recorded
            open_for_step(act, step, step.rule, calendar, event_at=event_at, suspensions=stood)


@contextmanager
def counting() -> Iterator[None]:
    """Refuse where no date can be counted from an instant somebody gave."""
    try:
        yield
    except ClockError as error:
        raise Refused(f"{error}，请核对发生时间。") from error


def _handed_to(session: Session, case: Case) -> int | None:
    """Return the unit that has a case by its newest referral."""
    handed = live_referrals(session, case.id)
    return handed[-1].to_unit_id if handed else None


def close_step(
    act: Act,
    case: Case,
    step: CaseStep,
    done: StepAct,
    version: int | None = None,
) -> CaseRecord:
    """Close a step by its own act: its clock is met, and what waits for it starts.  REFER has a verb of its own.

    Another party's clock (watch) is met by the day that party acted, a unit's own by the instant it says so.
    """
    calendar = act.calendar(case.jurisdiction_id)
    referrals = check_may(act.session, act.actor, case, CaseAction.STEP, version)
    permit(answers_for(act.actor, case, step, referrals), OTHERS_STEP)
    if step.kind is StepKind.REFER:
        raise Refused("请用“转办”办理这一步。")
    check_open(case, step)
    done_at = acted_at(case, step, done, act.now)
    refuse_early(act.session, step, act.now)
    refuse_on_time(act.session, case, step, act.now)
    facts = checked(case, step, done.facts, act.now)
    kept = keep(act, case, RECORDS.get(step.kind, RecordKind.STEP), facts, step=step)
    if step.kind is StepKind.REFUND and facts.amount_fen:
        case.refunded_fen += facts.amount_fen
    if step.kind is StepKind.ACCEPT:
        case.accepted_at = done_at
    if not (step.kind is StepKind.REFUND and done.more_to_come):
        finish(act, step, done_at, facts.text)
        act.session.flush()
        _start_what_follows(act, case, step, done_at, calendar)
        refuse_short_publicity(act.session, case, step, facts)
    if len(case.steps) == 1 and step.done_at is not None:
        case.closed_at, case.conclusion = act.now, facts.text  # nothing else is asked for: 一步办结
    write(
        act,
        case,
        Verb.CASE_STEP,
        after={
            "step": step.name,
            "kind": step.kind,
            "files": len(facts.files),
            "part": done.more_to_come or None,
            "amount_fen": facts.amount_fen,
        },
        note=f"{case.number} {step.name}：{facts.text}",
    )
    return kept


def finish(act: Act, step: CaseStep, done_at: datetime, note: str) -> None:
    """Mark a step done: its clock is met, periods not begun fall away."""
    settle(act, step, open_clocks(act.session, step), done_at, note)


def settle(act: Act, step: CaseStep, clocks: Iterable[Milestone], done_at: datetime, note: str) -> None:
    """Mark a step done, and its open clocks met or fallen away."""
    step.done_at, step.done_by_id, step.note = act.now, act.actor.user_id, note[:1000]
    if step.started_at is None:
        step.started_at = act.now
    for milestone in clocks:
        if milestone.rule.kind is Kind.RECURRING and (milestone.opens_on or today(act.now)) > today(act.now):
            milestone.cancel(act.now, Cancellation.COMPLETED)
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
    act: Act,
    case: Case,
    step: CaseStep,
    done_at: datetime,
    calendar: WorkCalendar,
) -> None:
    if step.kind is StepKind.ACCEPT:
        start_steps(act, case, Starts.ACCEPTED, done_at, calendar)
    if step.key is not None:
        # 公示30日后: the period runs from the day the publicity began, not from the day it was written down.
        start_steps(act, case, Starts.AFTER, done_at, calendar, after_key=step.key)


def report_step(
    act: Act,
    case: Case,
    step: CaseStep,
    facts: StepFacts,
    version: int | None = None,
) -> CaseRecord:
    """反馈进展 of a step that asks for it again and again: the oldest period begun is met, the next one is made."""
    calendar = act.calendar(case.jurisdiction_id)
    referrals = check_may(act.session, act.actor, case, CaseAction.PROGRESS, version)
    permit(answers_for(act.actor, case, step, referrals), OTHERS_STEP)
    if step.kind is not StepKind.PROGRESS:
        raise Refused("这一步不需要定期反馈。")
    check_open(case, step)
    said = replace(facts, text=words(facts.text, missing(step)))
    begun = [m for m in open_clocks(act.session, step) if m.opens_on is None or m.opens_on <= today(act.now)]
    period = begun[0] if begun else None
    kept = keep(act, case, RecordKind.PROGRESS, said, step=step, milestone=period)
    if period is not None and step.rule is not None:
        period.met_at = act.now
        act.session.flush()  # the next period is made from what is now open
        with suppress(IntegrityError), act.session.begin_nested():  # the worker may have made it a moment ago
            open_step_periods(act, step, step.rule, calendar)
    write(
        act,
        case,
        Verb.CASE_PROGRESS,
        after={"step": step.name, "period": period.label if period else None, "files": len(facts.files)},
        note=f"{case.number} {step.name}：{said.text}",
    )
    return kept


def cancel(act: Act, steps: Iterable[CaseStep], because: Cancellation) -> None:
    """Take steps out of a case that are not asked for any more, with their clocks."""
    gone = list(steps)
    for step in gone:
        step.cancelled_at = act.now
    for milestone in act.session.scalars(
        select(Milestone).where(
            Milestone.case_step_id.in_([step.id for step in gone]),
            Milestone.met_at.is_(None),
            Milestone.cancelled_at.is_(None),
        )
    ):
        milestone.cancel(act.now, because)


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
