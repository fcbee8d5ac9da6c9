"""Who carries a published task (责任调整): units revoked, restored and added, each with a reason."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tracker.clock.calendar import WorkCalendar
from tracker.reading.plan import NameKind, Role
from tracker.rules.permissions import PlaceAction
from tracker.rules.verbs import Subject, Verb
from tracker.rules.workflow import Action, State
from tracker.services.core.act import Act
from tracker.services.core.errors import Refused
from tracker.services.deadlines.milestones import cancel_for_duty, revive_for_duty
from tracker.services.deadlines.periods import catch_up
from tracker.services.deadlines.starting import start_clocks
from tracker.services.duties.progress import (
    complete_task_if_done,
    decided,
    note_review,
    pending_submission,
    step_for,
    take,
)
from tracker.store.models import (
    Assignment,
    Cancellation,
    Document,
    Duty,
    Item,
    Milestone,
    Outcome,
    RuleBinding,
    Task,
    Unit,
)


def revoke(act: Act, duty: Duty, reason: str, version: int | None = None) -> None:
    """撤销: its clocks stop, its history stays; a submission that waits for review is answered by it."""
    step_for(act.actor, duty, Action.REVOKE, version)
    waiting = pending_submission(act.session, duty) if duty.state is State.SUBMITTED else None
    take(act, duty, Action.REVOKE, version, reason)
    if waiting is not None:
        waiting.outcome = Outcome.RETURNED
        note_review(waiting, act.actor, act.now, reason)
    cancel_for_duty(act, duty, Cancellation.REVOKED)
    complete_task_if_done(act, duty.task)


def restore(
    act: Act,
    duty: Duty,
    reason: str,
    version: int | None = None,
) -> None:
    """恢复: a revoked duty starts again, with the dates it had; periods that passed meanwhile are not owed.

    The task's document, item and rules must be loaded.
    """
    calendar = act.calendar(duty.task.document.jurisdiction_id)
    step_for(act.actor, duty, Action.RESTORE, version)
    _refuse_late_support(duty.task, duty.role)
    take(act, duty, Action.RESTORE, version, reason, role=duty.role)
    duty.assigned_at, duty.acknowledged_at, duty.submitted_at, duty.officer_id = act.now, None, None, None
    reopen(act.session, duty.task)
    if duty.supporting:
        return  # it has no clock to get back
    revive_for_duty(act, duty)
    act.session.flush()  # what runs again decides which periods are missing
    catch_up(act, duty, calendar)


def _refuse_late_support(task: Task, role: Role) -> None:
    """Refuse a supporting share of a completed task: it is completed with the task, so nothing could end it."""
    if role is Role.SUPPORT and task.completed_at is not None:
        raise Refused("任务已办结，不再需要配合单位。")


def reopen(session: Session, task: Task) -> None:
    """Open a completed task again where a duty that decides its end has come in."""
    if task.completed_at is not None and not decided(session, task):
        task.completed_at = None


def add_unit(
    act: Act,
    task: Task,
    unit: Unit,
    role: Role,
    reason: str,
) -> Duty:
    """Give one more unit a share of a published task, with a reason; task.document and task.item must be loaded.

    A time limit binds it where it binds all the units of its kind (leads, or the others); one already past does not.
    """
    calendar = act.calendar(task.document.jurisdiction_id)
    document: Document = task.document
    act.require(PlaceAction.ADD_UNIT, document.jurisdiction_id)
    if not reason.strip():
        raise Refused("请写明增加单位的原因。", "note")
    if unit.jurisdiction_id != document.jurisdiction_id or not unit.active:
        raise Refused("请选择本辖区在用的单位。", "unit")
    held = act.session.scalars(
        select(Duty)
        .where(Duty.task_id == task.id, Duty.unit_id == unit.id)
        .options(joinedload(Duty.task).joinedload(Task.document))
    ).one_or_none()
    if held is not None and held.state is not State.REVOKED:
        raise Refused(f"{unit.name}已经承担这项任务，不必重复增加。", "unit")
    if held is not None:
        return _take_back(act, task, held, role, reason, calendar)
    _refuse_late_support(task, role)
    duty = Duty.of_task(task, unit.id, role, act.now)
    act.session.add(duty)
    act.session.flush()  # milestones need its id
    if not duty.supporting:
        reopen(act.session, task)
        _bind_added(act, duty, task, calendar)
    act.record(
        Verb.DUTY_ADD,
        Subject.DUTY,
        duty.id,
        duty=duty,
        document=document,
        after={"unit": unit.name, "role": role},
        note=reason.strip(),
    )
    return duty


def _take_back(
    act: Act,
    task: Task,
    held: Duty,
    role: Role,
    reason: str,
    calendar: WorkCalendar,
) -> Duty:
    """Restore a unit that was revoked, in the role it is given now: its clocks follow the role."""
    was_supporting = held.supporting
    held.role = role
    restore(act, held, reason)
    if held.supporting:
        held.awaits_event = False
    elif was_supporting:
        _bind_added(act, held, task, calendar)
    return held


def _bind_added(act: Act, duty: Duty, task: Task, calendar: WorkCalendar) -> None:
    """Add the unit to the item's names, bound as its peers are, and start the clocks it has not had yet."""
    item = task.item
    name = next((a for a in item.assignments if a.unit_id == duty.unit_id and a.start is None), None)
    if name is None:
        peers = _peers(item, duty.role)
        name = _added_name(act.session, item, duty)
        for rule in item.rules:
            if peers and peers <= {b.assignment_id for b in rule.bindings}:
                rule.bindings.append(RuleBinding(assignment_id=name.id))
    had = set(act.session.scalars(select(Milestone.rule_id).where(Milestone.duty_id == duty.id)))
    bound = [r for r in item.rules if r.id not in had and name.id in {b.assignment_id for b in r.bindings}]
    start_clocks(act, duty, item, bound, calendar)


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
