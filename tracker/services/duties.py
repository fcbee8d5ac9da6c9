"""The verbs of a duty (责任): sign, report, submit, review, close, revoke, add a unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tracker.clock.calendar import WorkCalendar
from tracker.policy.plan import NameKind, Role
from tracker.services.audit import record
from tracker.services.errors import NotPermitted, Refused, Stale, check_version
from tracker.services.milestones import (
    cancel_for_duty,
    catch_up,
    extend_recurring,
    finish_for_duty,
    open_milestones,
    reportable,
    revive_for_duty,
    today,
)
from tracker.services.publication import start_clocks
from tracker.store.actors import Actor, standings
from tracker.store.models import (
    Assignment,
    Attachment,
    Case,
    Document,
    Duty,
    Item,
    Milestone,
    Outcome,
    Report,
    ReportKind,
    RuleBinding,
    Task,
    Unit,
)
from tracker.workflow import ENDED, LABELS, Action, Standing, State, Transition, transition


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
    held = standings(actor, duty, duty.task.document.jurisdiction_id)
    if not any(transition(state, action, standing) for state in State for standing in held):
        raise NotPermitted(f"您不能对这项责任执行“{LABELS[action]}”。")
    check_version(duty.version, version)  # before the state: a form posted twice is an old form
    for standing in held:
        found = transition(duty.state, action, standing)
        if found is not None:
            return found
    label = LABELS[duty.state]
    raise Refused(f"这项责任现在是“{label}”，不能{LABELS[action]}。请刷新页面查看最新状态。")


def _take(
    session: Session,
    actor: Actor,
    now: datetime,
    duty: Duty,
    action: Action,
    version: int | None,
    reason: str | None = None,
    **facts: object,
) -> None:
    """Check the table and the form's version, move the state, and write the trail with further facts."""
    found = step_for(actor, duty, action, version)
    if found.needs_reason and not (reason or "").strip():
        raise Refused(f"请写明{LABELS[action]}的说明。")
    before = duty.state
    if found.to is not None:
        duty.state = found.to
    record(
        session,
        actor,
        now,
        f"duty.{action}",
        "duty",
        duty.id,
        duty=duty,
        document=duty.task.document,
        before={"state": before},
        after={"state": duty.state, **facts},
        note=(reason or "").strip() or None,
    )


def acknowledge(session: Session, actor: Actor, now: datetime, duty: Duty, version: int | None = None) -> None:
    """签收: the officer who signs becomes the duty's officer."""
    _take(session, actor, now, duty, Action.ACKNOWLEDGE, version)
    duty.acknowledged_at, duty.officer_id = now, actor.user_id


def acknowledge_all(session: Session, actor: Actor, now: datetime, duties: Sequence[Duty]) -> int:
    """签收 several at once: those the actor may sign; returns how many, task and document of each must be loaded."""
    signable = [duty for duty in duties if may(actor, duty, Action.ACKNOWLEDGE)]
    for duty in signable:
        acknowledge(session, actor, now, duty)
    return len(signable)


def report_progress(
    session: Session,
    actor: Actor,
    now: datetime,
    duty: Duty,
    *,
    percent: int,
    text: str,
    milestone_id: int | None = None,
    files: Sequence[NewFile] = (),
    calendar: WorkCalendar | None = None,
    version: int | None = None,
) -> Report:
    """进展反馈: a recurring milestone named here is met by it, if its period has begun."""
    if not 0 <= percent <= 100:
        raise Refused("完成程度请填 0 到 100 之间的整数。")
    if not text.strip():
        raise Refused("请写明本期做了什么；没有变化时请写“无新进展”。")
    _take(session, actor, now, duty, Action.REPORT, version, text, percent=percent, files=len(files))
    duty.percent, duty.reported_at = percent, now
    duty.officer_id = duty.officer_id or actor.user_id
    milestone = _period(session, duty, milestone_id, now)
    report = Report(
        duty_id=duty.id,
        kind=ReportKind.PROGRESS,
        percent=percent,
        text=text.strip(),
        milestone_id=milestone.id if milestone else None,
        by_id=actor.user_id or 0,
        at=now,
        attachments=_attachments(files),
    )
    session.add(report)
    if milestone is not None:
        milestone.met_at = now
        session.flush()  # the next occurrence is made from what is now open
        if calendar is not None:
            extend_recurring(session, duty, calendar, now)
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
    session: Session,
    actor: Actor,
    now: datetime,
    duty: Duty,
    *,
    text: str,
    files: Sequence[NewFile] = (),
    version: int | None = None,
) -> Report:
    """申请办结: its open milestones stop counting as overdue while it is under review."""
    step_for(actor, duty, Action.SUBMIT, version)
    _refuse_open_cases(session, duty, "请先办结，再申请办结")
    _take(session, actor, now, duty, Action.SUBMIT, version, text, files=len(files))
    duty.submitted_at, duty.percent = now, 100
    for milestone in open_milestones(session, duty):
        milestone.submitted_at = now
    report = Report(
        duty_id=duty.id,
        kind=ReportKind.SUBMISSION,
        percent=100,
        text=text.strip(),
        by_id=actor.user_id or 0,
        at=now,
        attachments=_attachments(files),
    )
    session.add(report)
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


def complete(
    session: Session, actor: Actor, now: datetime, duty: Duty, note: str = "", version: int | None = None
) -> None:
    """同意办结: its dates are met by the submission's instant; the task follows when its duties are done."""
    step_for(actor, duty, Action.COMPLETE, version)
    _refuse_open_cases(session, duty, "请退回承办单位先办结")
    submission = _reviewed(session, actor, now, duty, Action.COMPLETE, note, version)
    submission.outcome = Outcome.ACCEPTED
    duty.completed_at = now
    finish_for_duty(session, duty, submission.at, now)
    complete_task_if_done(session, actor, now, duty.task)


def send_back(
    session: Session, actor: Actor, now: datetime, duty: Duty, reason: str, version: int | None = None
) -> None:
    """退回: the same dates run again."""
    submission = _reviewed(session, actor, now, duty, Action.SEND_BACK, reason, version)
    submission.outcome = Outcome.RETURNED
    duty.submitted_at, duty.percent = None, _reported_percent(session, duty)
    for milestone in open_milestones(session, duty):
        milestone.submitted_at = None


def _reported_percent(session: Session, duty: Duty) -> int:
    """Return what the unit last reported, which its submission had raised to 100."""
    last = select(Report.percent).where(Report.duty_id == duty.id, Report.kind == ReportKind.PROGRESS)
    return session.scalar(last.order_by(Report.id.desc()).limit(1)) or 0


def _reviewed(
    session: Session, actor: Actor, now: datetime, duty: Duty, action: Action, note: str, version: int | None
) -> Report:
    """Take the review's step; nobody reviews what he submitted himself."""
    step_for(actor, duty, action, version)
    submission = pending_submission(session, duty)
    if submission.by_id == actor.user_id:
        raise NotPermitted("不能审核本人提交的办结申请，请由另一位督查员审核。")
    _take(session, actor, now, duty, action, version, note)
    _note_review(submission, actor, now, note)
    return submission


def _note_review(submission: Report, actor: Actor, now: datetime, note: str) -> None:
    submission.reviewed_by_id, submission.reviewed_at, submission.review_note = actor.user_id, now, note.strip() or None


def complete_task_if_done(session: Session, actor: Actor, now: datetime, task: Task) -> None:
    """Complete a task when every lead duty is, or without a lead every responsible one; supporting duties follow."""
    if not decided(session, task) or task.completed_at is not None:
        return
    task.completed_at = now
    helpers = select(Duty).where(Duty.task_id == task.id, Duty.role == Role.SUPPORT, Duty.state.not_in(ENDED))
    for duty in session.scalars(helpers):
        before = duty.state
        duty.state, duty.completed_at = State.COMPLETED, now
        record(
            session,
            actor,
            now,
            "duty.completed_with_task",
            "duty",
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


def close(session: Session, actor: Actor, now: datetime, duty: Duty, version: int | None = None) -> None:
    """销号: the duty leaves the list of work."""
    _take(session, actor, now, duty, Action.CLOSE, version)
    duty.closed_at = now


def revoke(session: Session, actor: Actor, now: datetime, duty: Duty, reason: str, version: int | None = None) -> None:
    """撤销: its clocks stop, its history stays; a submission that waits for review is answered by it."""
    step_for(actor, duty, Action.REVOKE, version)
    waiting = pending_submission(session, duty) if duty.state is State.SUBMITTED else None
    _take(session, actor, now, duty, Action.REVOKE, version, reason)
    if waiting is not None:
        waiting.outcome = Outcome.RETURNED
        _note_review(waiting, actor, now, reason)
    cancel_for_duty(session, duty, now)
    complete_task_if_done(session, actor, now, duty.task)


def restore(
    session: Session,
    actor: Actor,
    now: datetime,
    duty: Duty,
    reason: str,
    version: int | None = None,
    *,
    calendar: WorkCalendar,
) -> None:
    """恢复: a revoked duty starts again, with the dates it had; periods that passed meanwhile are not owed.

    The task's document, item and rules must be loaded.
    """
    step_for(actor, duty, Action.RESTORE, version)
    _refuse_late_support(duty.task, duty.role)
    _take(session, actor, now, duty, Action.RESTORE, version, reason, role=duty.role)
    duty.assigned_at, duty.acknowledged_at, duty.submitted_at, duty.officer_id = now, None, None, None
    reopen(session, duty.task)
    revive_for_duty(session, duty, now)
    session.flush()  # what runs again decides which periods are missing
    catch_up(session, duty, calendar, now)


def _refuse_late_support(task: Task, role: Role) -> None:
    """Refuse a supporting share of a completed task: it is completed with the task, so nothing could end it."""
    if role is Role.SUPPORT and task.completed_at is not None:
        raise Refused("任务已办结，不再需要配合单位。")


def reopen(session: Session, task: Task) -> None:
    """Open a completed task again where a duty that decides its end has come in."""
    if task.completed_at is not None and not decided(session, task):
        task.completed_at = None


def add_unit(
    session: Session,
    actor: Actor,
    now: datetime,
    task: Task,
    unit: Unit,
    role: Role,
    reason: str,
    calendar: WorkCalendar,
) -> Duty:
    """Give one more unit a share of a published task, with a reason; task.document and task.item must be loaded.

    A time limit binds it where it binds all the units of its kind (leads, or the others); one already past does not.
    """
    document: Document = task.document
    if not actor.supervises(document.jurisdiction_id):
        raise NotPermitted("只有本辖区的督查员可以增加责任单位。")
    if not reason.strip():
        raise Refused("请写明增加单位的原因。")
    if unit.jurisdiction_id != document.jurisdiction_id or not unit.active:
        raise Refused("请选择本辖区在用的单位。")
    held = session.scalars(
        select(Duty)
        .where(Duty.task_id == task.id, Duty.unit_id == unit.id)
        .options(joinedload(Duty.task).joinedload(Task.document))
    ).one_or_none()
    if held is not None and held.state is not State.REVOKED:
        raise Refused(f"{unit.name}已经承担这项任务，不必重复增加。")
    if held is not None:
        return _take_back(session, actor, now, task, held, role, reason, calendar)
    _refuse_late_support(task, role)
    duty = Duty(task=task, unit_id=unit.id, role=role, state=State.ASSIGNED, assigned_at=now)
    session.add(duty)
    session.flush()  # milestones need its id
    if not duty.supporting:
        reopen(session, task)
        _bind_added(session, duty, task, calendar, now, actor.user_id)
    record(
        session,
        actor,
        now,
        "duty.add",
        "duty",
        duty.id,
        duty=duty,
        document=document,
        after={"unit": unit.name, "role": role},
        note=reason.strip(),
    )
    return duty


def _take_back(
    session: Session,
    actor: Actor,
    now: datetime,
    task: Task,
    held: Duty,
    role: Role,
    reason: str,
    calendar: WorkCalendar,
) -> Duty:
    """Restore a unit that was revoked, in the role it is given now: its clocks follow the role."""
    was_supporting = held.supporting
    held.role = role
    restore(session, actor, now, held, reason, calendar=calendar)
    if held.supporting:
        held.awaits_event = False
        cancel_for_duty(session, held, now)
    elif was_supporting:
        _bind_added(session, held, task, calendar, now, actor.user_id)
    return held


def _bind_added(
    session: Session, duty: Duty, task: Task, calendar: WorkCalendar, now: datetime, by_id: int | None
) -> None:
    """Add the unit to the item's names, bound as its peers are, and start the clocks it has not had yet."""
    item = task.item
    name = next((a for a in item.assignments if a.unit_id == duty.unit_id and a.start is None), None)
    if name is None:
        peers = _peers(item, duty.role)
        name = _added_name(session, item, duty)
        for rule in item.rules:
            if peers and peers <= {b.assignment_id for b in rule.bindings}:
                rule.bindings.append(RuleBinding(assignment_id=name.id))
    had = set(session.scalars(select(Milestone.rule_id).where(Milestone.duty_id == duty.id)))
    bound = [r for r in item.rules if r.id not in had and name.id in {b.assignment_id for b in r.bindings}]
    start_clocks(session, duty, item, bound, calendar, now, by_id)


def _peers(item: Item, role: Role) -> set[int]:
    """Return the names a further unit stands beside: the leads, or the others; a first lead is bound as those are."""
    able = [a for a in item.assignments if a.role is not Role.SUPPORT]
    leads = {a.id for a in able if a.role is Role.LEAD}
    others = {a.id for a in able} - leads
    return leads or others if role is Role.LEAD else others


def _added_name(session: Session, item: Item, duty: Duty) -> Assignment:
    unit = session.get_one(Unit, duty.unit_id)
    name = Assignment(
        ordinal=len(item.assignments) + 1,
        printed=unit.name,
        role=duty.role,
        kind=NameKind.UNIT,
        start=None,
        end=None,
        unit_id=unit.id,
        confidence=1.0,
        chosen=[],
    )
    item.assignments.append(name)
    session.flush()  # the bindings need its id
    return name


def may(actor: Actor, duty: Duty, action: Action) -> bool:
    """Whether the button of an action is drawn: the same table that decides."""
    held = standings(actor, duty, duty.task.document.jurisdiction_id)
    return any(transition(duty.state, action, standing) for standing in held if standing is not Standing.STRANGER)
