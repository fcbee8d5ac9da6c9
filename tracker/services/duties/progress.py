"""The verbs of a duty (责任): sign, report, submit, review, close."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.now import today
from tracker.reading.plan import Role
from tracker.rules.verbs import Subject, Verb
from tracker.rules.workflow import ENDED, Action, Standing, State, Transition, transition
from tracker.services.core.act import Act, permit
from tracker.services.core.errors import Refused, Stale, check_version
from tracker.services.deadlines.milestones import finish_for_duty, open_milestones
from tracker.services.deadlines.periods import extend_recurring, reportable
from tracker.store.core.actors import Actor, standings
from tracker.store.models import (
    Attachment,
    Case,
    Duty,
    MemberRole,
    Milestone,
    Outcome,
    Report,
    ReportKind,
    Task,
)


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file already stored under its sha256, to be attached."""

    filename: str
    media_type: str
    size: int
    sha256: str


def step_for(actor: Actor, duty: Duty, action: Action, version: int | None = None) -> Transition:
    """Return the transition an actor may take.

    NotPermitted where he never may, Stale where his form is older than the duty, Refused where the state is wrong.
    """
    held = check_ever(actor, duty, action)
    check_version(duty.version, version)  # before the state: a form posted twice is an old form
    for standing in held:
        found = transition(duty.state, action, standing)
        if found is not None:
            return found
    raise Refused(f"这项责任现在是“{duty.state.label}”，不能{action.label}。请刷新页面查看最新状态。")


def check_ever(actor: Actor, duty: Duty, action: Action) -> frozenset[Standing]:
    """Let through who may do this to such a duty in some state; returns what he is to it."""
    held = standings(actor, duty, duty.task.document.jurisdiction_id)
    ever = any(transition(state, action, standing) for state in State for standing in held)
    permit(ever, f"您不能对这项责任执行“{action.label}”。")
    return held


def take(
    act: Act,
    duty: Duty,
    action: Action,
    version: int | None,
    reason: str | None = None,
    **facts: object,
) -> None:
    """Check the table and the form's version, move the state, and write the trail with further facts."""
    found = step_for(act.actor, duty, action, version)
    if found.needs_reason and not (reason or "").strip():
        raise Refused(f"请写明{action.label}的说明。")
    before = duty.state
    if found.to is not None:
        duty.state = found.to
    act.record(
        Verb(f"duty.{action}"),
        Subject.DUTY,
        duty.id,
        duty=duty,
        document=duty.task.document,
        before={"state": before},
        after={"state": duty.state, **facts},
        note=(reason or "").strip() or None,
    )


def acknowledge(act: Act, duty: Duty, version: int | None = None) -> None:
    """签收: the officer who signs becomes the duty's officer."""
    take(act, duty, Action.ACKNOWLEDGE, version)
    duty.acknowledged_at, duty.officer_id = act.now, act.actor.user_id


def acknowledge_all(act: Act, duties: Sequence[Duty]) -> int:
    """签收 several at once: those the actor may sign; returns how many, task and document of each must be loaded."""
    signable = [duty for duty in duties if may(act.actor, duty, Action.ACKNOWLEDGE)]
    for duty in signable:
        acknowledge(act, duty)
    return len(signable)


def report_progress(  # noqa: PLR0913 - a form's fields, each named
    act: Act,
    duty: Duty,
    *,
    percent: int,
    text: str,
    milestone_id: int | None = None,
    files: Sequence[NewFile] = (),
    version: int | None = None,
) -> Report:
    """进展反馈: a recurring milestone named here is met by it, if its period has begun."""
    calendar = act.calendar(duty.task.document.jurisdiction_id)
    if not 0 <= percent <= 100:
        raise Refused("完成程度请填 0 到 100 之间的整数。")
    if not text.strip():
        raise Refused("请写明本期做了什么；没有变化时请写“无新进展”。")
    take(act, duty, Action.REPORT, version, text, percent=percent, files=len(files))
    duty.percent, duty.reported_at = percent, act.now
    duty.touch()  # the same percent at the same instant is a report more
    duty.officer_id = duty.officer_id or act.actor.user_id
    milestone = _period(act.session, duty, milestone_id, act.now)
    report = Report(
        duty_id=duty.id,
        kind=ReportKind.PROGRESS,
        percent=percent,
        text=text.strip(),
        milestone_id=milestone.id if milestone else None,
        by_id=act.actor.user_id or 0,
        at=act.now,
        attachments=_attachments(files),
    )
    act.session.add(report)
    if milestone is not None:
        milestone.met_at = act.now
        act.session.flush()  # the next occurrence is made from what is now open
        if calendar is not None:
            extend_recurring(act, duty, calendar)
    return report


def _period(session: Session, duty: Duty, milestone_id: int | None, now: datetime) -> Milestone | None:
    if milestone_id is None:
        return None
    for milestone in reportable(open_milestones(session, duty), today(now)):
        if milestone.id == milestone_id:
            return milestone
    raise Refused("这一期已经反馈过，或者尚未开始。请刷新页面后重新选择。")


def _attachments(files: Sequence[NewFile]) -> list[Attachment]:
    return [
        Attachment(filename=f.filename[:200], media_type=f.media_type[:100], size=f.size, sha256=f.sha256)
        for f in files
    ]


def submit(
    act: Act,
    duty: Duty,
    *,
    text: str,
    files: Sequence[NewFile] = (),
    version: int | None = None,
) -> Report:
    """申请办结: its open milestones stop counting as overdue while it is under review."""
    step_for(act.actor, duty, Action.SUBMIT, version)
    _refuse_open_cases(act.session, duty, "请先办结，再申请办结")
    take(act, duty, Action.SUBMIT, version, text, files=len(files))
    duty.submitted_at, duty.percent = act.now, 100
    for milestone in open_milestones(act.session, duty):
        milestone.submitted_at = act.now
    report = Report(
        duty_id=duty.id,
        kind=ReportKind.SUBMISSION,
        percent=100,
        text=text.strip(),
        by_id=act.actor.user_id or 0,
        at=act.now,
        attachments=_attachments(files),
    )
    act.session.add(report)
    return report


def _refuse_open_cases(session: Session, duty: Duty, what_to_do: str) -> None:
    """Refuse to end a duty that still handles a case: its clock would run on with nobody to close it."""
    query = select(Case.number).where(Case.duty_id == duty.id, Case.closed_at.is_(None)).order_by(Case.id)
    numbers = session.scalars(query.limit(4)).all()
    if numbers:
        more = "等" if len(numbers) > 3 else ""
        raise Refused(f"还有办件没有办结：{'、'.join(numbers[:3])}{more}。{what_to_do}。")


def pending_submission(session: Session, duty: Duty) -> Report:
    """Return the submission that waits for review; Stale where another review has just answered it."""
    found = session.scalars(
        select(Report)
        .where(Report.duty_id == duty.id, Report.kind == ReportKind.SUBMISSION, Report.outcome.is_(None))
        .order_by(Report.id.desc())
        .limit(1)
    ).one_or_none()
    if found is None:
        raise Stale
    return found


def complete(act: Act, duty: Duty, note: str = "", version: int | None = None) -> None:
    """同意办结: its dates are met by the submission's instant; the task follows when its duties are done."""
    step_for(act.actor, duty, Action.COMPLETE, version)
    _refuse_open_cases(act.session, duty, "请退回承办单位先办结")
    submission = _reviewed(act, duty, Action.COMPLETE, note, version)
    submission.outcome = Outcome.ACCEPTED
    duty.completed_at = act.now
    finish_for_duty(act, duty, submission.at)
    complete_task_if_done(act, duty.task)


def send_back(act: Act, duty: Duty, reason: str, version: int | None = None) -> None:
    """退回: the same dates run again."""
    submission = _reviewed(act, duty, Action.SEND_BACK, reason, version)
    submission.outcome = Outcome.RETURNED
    duty.submitted_at, duty.percent = None, _reported_percent(act.session, duty)
    for milestone in open_milestones(act.session, duty):
        milestone.submitted_at = None


def _reported_percent(session: Session, duty: Duty) -> int:
    """Return what the unit last reported, which its submission had raised to 100."""
    last = select(Report.percent).where(Report.duty_id == duty.id, Report.kind == ReportKind.PROGRESS)
    return session.scalar(last.order_by(Report.id.desc()).limit(1)) or 0


def _reviewed(act: Act, duty: Duty, action: Action, note: str, version: int | None) -> Report:
    """Take the review's step; nobody reviews what he submitted himself."""
    step_for(act.actor, duty, action, version)
    submission = pending_submission(act.session, duty)
    act.require_another(action, submission.by_id)
    take(act, duty, action, version, note)
    note_review(submission, act.actor, act.now, note)
    return submission


def note_review(submission: Report, actor: Actor, now: datetime, note: str) -> None:
    submission.reviewed_by_id, submission.reviewed_at, submission.review_note = actor.user_id, now, note.strip() or None


def complete_task_if_done(act: Act, task: Task) -> None:
    """Complete a task when every lead duty is, or without a lead every responsible one; supporting duties follow."""
    if not decided(act.session, task) or task.completed_at is not None:
        return
    task.completed_at = act.now
    helpers = select(Duty).where(Duty.task_id == task.id, Duty.role == Role.SUPPORT, Duty.state.not_in(ENDED))
    for duty in act.session.scalars(helpers):
        before = duty.state
        duty.state, duty.completed_at = State.COMPLETED, act.now
        act.record(
            Verb.DUTY_COMPLETED_WITH_TASK,
            Subject.DUTY,
            duty.id,
            duty=duty,
            document=task.document,
            before={"state": before},
            after={"state": duty.state},
        )


def decided(session: Session, task: Task) -> bool:
    """Whether all duties that decide a task's end are done; the task stays locked until the transaction ends."""
    session.flush()  # the duties' new states must be seen
    # Two leads completed at the same moment must each see the other: the second waits here for the first.
    session.refresh(task, ["completed_at"], with_for_update=True)
    query = select(Duty.role, Duty.state).where(Duty.task_id == task.id, Duty.state != State.REVOKED)
    rows = session.execute(query).all()
    deciding = [state for role, state in rows if role is Role.LEAD] or [
        state for role, state in rows if role is not Role.SUPPORT
    ]
    return bool(deciding) and all(state in (State.COMPLETED, State.CLOSED) for state in deciding)


def close(act: Act, duty: Duty, version: int | None = None) -> None:
    """销号: the duty leaves the list of work."""
    take(act, duty, Action.CLOSE, version)
    duty.closed_at = act.now


def carries(actor: Actor, duty: Duty) -> bool:
    """Whether a duty is the actor's own unit's: what clocks it has he does not stop himself."""
    return duty.unit_id in actor.units(MemberRole.OFFICER)


def may(actor: Actor, duty: Duty, action: Action) -> bool:
    """Whether the button of an action is drawn: the same table that decides."""
    if action is (Action.RESUME if duty.paused_at is None else Action.PAUSE):
        return False
    if action is Action.PAUSE and carries(actor, duty):
        return False
    held = standings(actor, duty, duty.task.document.jurisdiction_id)
    return any(transition(duty.state, action, standing) for standing in held if standing is not Standing.STRANGER)
