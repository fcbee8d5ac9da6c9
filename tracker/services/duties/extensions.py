"""Extensions of a duty's dates (责任延期): asked for by who carries it, decided by a supervisor."""

from datetime import date

from sqlalchemy.orm import Session, joinedload

from tracker.clock.wording import month_day
from tracker.rules.workflow import Action
from tracker.services.core.act import Act
from tracker.services.core.errors import Refused
from tracker.services.deadlines import extensions
from tracker.services.deadlines.extensions import Wish
from tracker.services.deadlines.milestones import open_milestones
from tracker.services.duties.progress import step_for, take
from tracker.store.models import Duty, Extension, Milestone


def extendable(session: Session, duty: Duty) -> list[Milestone]:
    """Return the dates of a duty that may be put off, late ones too."""
    return [m for m in open_milestones(session, duty) if can_wait(m)]


def can_wait(milestone: Milestone) -> bool:
    """Whether a date of a duty's own may be put off; its rule must be loaded."""
    return milestone.due_on is not None and extensions.extendable(milestone)


def ask(
    act: Act,
    duty: Duty,
    milestone_id: int,
    wanted_on: date,
    reason: str,
    version: int | None = None,
) -> Extension:
    """申请延期: a later day and why; nothing moves until it is granted, and the first date stays visible then."""
    calendar = act.calendar(duty.task.document.jurisdiction_id)
    step_for(act.actor, duty, Action.EXTEND, version)
    milestone = next((m for m in extendable(act.session, duty) if m.id == milestone_id), None)
    if milestone is None:
        raise Refused("这个时限不能申请延期：已经办结、正在审核，或者是定期反馈。请刷新页面查看最新状态。")
    made = extensions.ask(act, [milestone], Wish(until=wanted_on), reason, calendar)
    take(act, duty, Action.EXTEND, version, f"申请延至{month_day(wanted_on)}：{made.reason}", wanted_on=wanted_on)
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
    """审批延期: granted, the day asked for is appended as the date; refused, the date stays."""
    calendar = act.calendar(duty.task.document.jurisdiction_id)
    step_for(act.actor, duty, Action.DECIDE, version)
    act.require_another(Action.DECIDE, extension.by_id)
    milestone = act.session.get_one(Milestone, extension.milestone_id, options=[joinedload(Milestone.rule)])
    said = extensions.decide(act, extension, [milestone], grant, note, calendar)
    outcome = "批准延期" if grant else "不批准延期"
    take(act, duty, Action.DECIDE, version, f"{outcome}{'：' + said if said else ''}", granted=grant)
