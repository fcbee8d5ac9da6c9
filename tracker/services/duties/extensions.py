"""Extensions of a duty's dates (责任延期): asked for by who carries it, to a day he names; decided by a supervisor."""

from datetime import date, datetime

from sqlalchemy.orm import Session, joinedload

from tracker.clock.rules import Kind
from tracker.clock.wording import month_day, unstopped
from tracker.now import today
from tracker.rules.workflow import Action
from tracker.services.core.act import Act
from tracker.services.core.errors import Refused
from tracker.services.core.texts import words
from tracker.services.deadlines.extensions import LONGEST, pending_extension
from tracker.services.deadlines.milestones import open_milestones, renew
from tracker.services.duties.progress import step_for, take
from tracker.store.models import Duty, Extension, ExtensionState, Milestone


def extendable(session: Session, duty: Duty, now: datetime) -> list[Milestone]:
    """Return the dates of a duty that may be put off: its own, dated, neither late nor under review, no period."""
    return [
        m
        for m in open_milestones(session, duty)
        if m.due_on is not None
        and m.due_at is not None
        and m.due_at > now
        and m.submitted_at is None
        and m.rule.kind is not Kind.RECURRING
        and not m.watch
    ]


def ask(
    act: Act,
    duty: Duty,
    milestone_id: int,
    wanted_on: date,
    reason: str,
    version: int | None = None,
) -> Extension:
    """申请延期: a later day and why; nothing moves until it is granted, and the first date stays visible then."""
    step_for(act.actor, duty, Action.EXTEND, version)
    milestone = next((m for m in extendable(act.session, duty, act.now) if m.id == milestone_id), None)
    if milestone is None or milestone.due_on is None:
        raise Refused("这个时限不能申请延期：已经到期、办结，或者是定期反馈。请刷新页面查看最新状态。")
    if wanted_on <= milestone.due_on:
        raise Refused("延期后的日期要晚于现在的期限。")
    if pending_extension(act.session, milestone.id) is not None:
        raise Refused("已有一份延期申请等待审批。")
    said = words(reason, "请写明延期的原因，以及为什么不能按期完成。", LONGEST)
    made = Extension(
        milestone_id=milestone.id,
        wanted_on=wanted_on,
        reason=said,
        state=ExtensionState.PENDING,
        by_id=act.actor.user_id or 0,
        at=act.now,
    )
    act.session.add(made)
    note = f"申请延至{month_day(wanted_on)}：{said}"
    take(act, duty, Action.EXTEND, version, note, wanted_on=wanted_on)
    duty.touch()  # nothing else of the duty changes: the form posted twice shows
    return made


def decide(
    act: Act,
    duty: Duty,
    extension: Extension,
    grant: bool,
    note: str,
    version: int | None = None,
) -> None:
    """审批延期: granted, the day asked for is appended as the date; refused, the date stays.  Never by who asked."""
    calendar = act.calendar(duty.task.document.jurisdiction_id)
    step_for(act.actor, duty, Action.DECIDE, version)
    act.require_another(Action.DECIDE, extension.by_id)
    if extension.state is not ExtensionState.PENDING:
        raise Refused("这份延期申请已经审批。")
    milestone = act.session.get_one(Milestone, extension.milestone_id, options=[joinedload(Milestone.rule)])
    if milestone.met_at is not None or milestone.cancelled_at is not None:
        raise Refused("这个时限已经办结，不需要再审批延期。")
    said = note.strip()
    if not grant and not said:
        raise Refused("请写明不批准的原因。")
    if grant and extension.wanted_on is not None and extension.wanted_on < today(act.now):
        raise Refused("申请的日期已经过去，不能再批准；请退回，由单位重新申请。")
    extension.state = ExtensionState.GRANTED if grant else ExtensionState.REFUSED
    extension.decided_by_id, extension.decided_at, extension.note = act.actor.user_id, act.now, said[:LONGEST] or None
    if grant and extension.wanted_on is not None:
        why = f"经批准延期：{unstopped(extension.reason)}"[:180]
        renew(act, milestone, extension.wanted_on, calendar, why)
    outcome = "批准延期" if grant else "不批准延期"
    take(act, duty, Action.DECIDE, version, f"{outcome}{'：' + said if said else ''}", granted=grant)
