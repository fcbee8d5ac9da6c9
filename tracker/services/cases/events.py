"""Cases (办件): registering an event opens one with its own clock; the handler closes its step."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker.clock.rules import ClockError, Kind
from tracker.now import today
from tracker.rules.verbs import Subject, Verb
from tracker.rules.workflow import ENDED
from tracker.services.core.act import Act, permit
from tracker.services.core.errors import Refused
from tracker.services.core.masking import looks_private
from tracker.services.deadlines.milestones import open_for_step
from tracker.store.core.actors import Actor
from tracker.store.deadlines.rules import counts_from_document
from tracker.store.models import (
    Bound,
    Case,
    CaseCounter,
    CaseStep,
    DeadlineRule,
    Document,
    DocumentState,
    Duty,
    Item,
    MemberRole,
    Party,
    StepKind,
    Task,
)

LONGEST_REFERENCE = 60


def may_register(actor: Actor, task: Task, duties: list[Duty]) -> bool:
    """Whether the actor may register an event: a supervisor, or an officer of a unit with a non-supporting duty."""
    if actor.supervises(task.document.jurisdiction_id):
        return True
    own = actor.units(MemberRole.OFFICER)
    return any(d.unit_id in own and not d.supporting and d.state not in ENDED for d in duties)


def check_may_register(actor: Actor, task: Task, duties: list[Duty]) -> None:
    """Let through who may register an event of a task."""
    permit(may_register(actor, task, duties), "只有督查员或承担这项任务（非配合）的承办人可以登记。")


def event_rules(item: Item) -> list[DeadlineRule]:
    """Return the relative rules of an item that wait for an event somebody registers."""
    return [r for r in item.rules if r.kind is Kind.RELATIVE and not counts_from_document(r)]


def able_handlers(task: Task) -> list[Duty]:
    """Return the duties that could handle a case: live and not supporting."""
    return [d for d in task.duties if not d.supporting and d.state not in ENDED]


def register_event(  # noqa: PLR0913 - the fields of an intake, each named
    act: Act,
    task: Task,
    rule: DeadlineRule,
    handler: Duty,
    *,
    happened_at: datetime,
    reference: str,
    form_key: str,
) -> Case:
    """Open a case from an event; task.document, task.item.rules and task.duties must be loaded.

    The same form posted twice returns the case it opened.  Past instants are allowed, future ones are not.
    """
    calendar = act.calendar(task.document.jurisdiction_id)
    document: Document = task.document
    check_may_register(act.actor, task, task.duties)
    posted = select(Case).where(Case.form_key == form_key)
    if (earlier := act.session.scalars(posted).one_or_none()) is not None:
        return earlier
    _refuse(task, document, rule, handler, happened_at, reference, act.now)
    case = Case(
        jurisdiction_id=document.jurisdiction_id,
        unit_id=handler.unit_id,
        task=task,
        duty=handler,
        event=rule.trigger or "事件发生",
        happened_at=happened_at,
        happened_on=today(happened_at),
        reference=reference.strip(),
        form_key=form_key,
        opened_by_id=act.actor.user_id or 0,
        opened_at=act.now,
        steps=[_one_step(rule, handler, happened_at)],
    )
    try:
        with act.session.begin_nested():  # its number goes back where the form turns out to have come in already
            case.number = next_number(act.session, document.jurisdiction_id, today(act.now).year)
            act.session.add(case)
            act.session.flush()  # the milestone needs the step's id
    except IntegrityError:
        return act.session.scalars(posted).one()  # the same form, sent twice at once: the other one was first
    try:
        open_for_step(act, case.steps[0], rule, calendar, event_at=happened_at)
    except ClockError as error:
        raise Refused(f"{error}，请核对发生时间。") from error
    after = {"number": case.number, "event": case.event, "happened_on": case.happened_on, "handler": handler.id}
    act.record(
        Verb.CASE_OPEN,
        Subject.CASE,
        case.id,
        duty=handler,
        document=document,
        after=after,
        note=f"{case.number} {case.reference}",
    )
    return case


def _one_step(rule: DeadlineRule, handler: Duty, happened_at: datetime) -> CaseStep:
    """Return the one step of a case without a type: what the clause asks for, begun by the event."""
    return CaseStep(
        ordinal=1,
        name=rule.act or "办理",
        rule_id=rule.id,
        kind=StepKind.HANDLE,
        unit_id=handler.unit_id,
        bound=Bound.OTHER if rule.party is Party.OTHER else Bound.HANDLER,
        started_at=happened_at,
    )


def _refuse(  # noqa: PLR0913 - its parts, each named
    task: Task,
    document: Document,
    rule: DeadlineRule,
    handler: Duty,
    happened_at: datetime,
    reference: str,
    now: datetime,
) -> None:
    if document.state is not DocumentState.PUBLISHED:
        raise Refused("文件尚未发布，不能登记。")
    if rule not in event_rules(task.item):
        raise Refused("请选择本措施的一条相对时限。")
    if handler not in able_handlers(task):
        raise Refused("请选择一个仍在办理、且不是配合单位的承办单位。")
    if happened_at > now:
        raise Refused("发生时间不能晚于现在。")
    if not reference.strip():
        raise Refused("请填写简短的编号或代称。")
    if len(reference.strip()) > LONGEST_REFERENCE:
        raise Refused(f"编号或代称请不超过 {LONGEST_REFERENCE} 个字，不要写投诉人姓名、电话和金额。")
    if looks_private(reference):
        raise Refused("编号或代称中似有电话、证件号或金额，请改用简短的编号或代称。")


def next_number(session: Session, jurisdiction_id: int, year: int) -> str:
    """Return the jurisdiction's next case number of the year (2026-014); the row's lock keeps it unique."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    first = insert(CaseCounter).values(jurisdiction_id=jurisdiction_id, year=year, last=1)
    serial = session.execute(
        first.on_conflict_do_update(
            index_elements=["jurisdiction_id", "year"], set_={"last": CaseCounter.last + 1}
        ).returning(CaseCounter.last)
    ).scalar_one()
    return f"{year}-{serial:03d}"
