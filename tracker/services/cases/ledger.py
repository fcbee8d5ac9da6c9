"""The ledger (办件台账): taking a case in, concluding it, asking afterwards how it was handled."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker.clock.calendar import WorkCalendar
from tracker.now import today
from tracker.rules.permissions import PlaceAction, Reach
from tracker.rules.verbs import Verb
from tracker.rules.workflow import ENDED, CaseAction
from tracker.services.cases.acts import StepFacts, check_may, keep, write
from tracker.services.cases.events import LONGEST_REFERENCE, next_number
from tracker.services.cases.respondent import accused_by_name
from tracker.services.cases.steps import cancel, finish, like, open_clocks, start_steps
from tracker.services.core.act import Act
from tracker.services.core.errors import Fault, Refused, refuse
from tracker.services.core.masking import looks_private
from tracker.services.core.texts import words
from tracker.services.duties.progress import NewFile
from tracker.store.case_types.versions import steps_for, variants_of
from tracker.store.core.actors import Actor
from tracker.store.models import (
    Cancellation,
    Case,
    CaseStep,
    CaseTypeStep,
    CaseTypeVersion,
    Complainant,
    Document,
    DocumentState,
    Duty,
    MemberRole,
    RecordKind,
    Satisfaction,
    Starts,
    StepKind,
    Task,
    Unit,
)
from tracker.store.registry.names import known_names

MOST_FEN = 100_000_000_000_00  # 一千亿元: more is a slip of the hand


@dataclass(frozen=True, slots=True)
class NewCase:
    """What an intake form holds; sums in 分, instants aware.  `accepted_at` None: not accepted yet."""

    unit_id: int
    happened_at: datetime
    reference: str
    form_key: str
    variant: str | None = None
    accepted_at: datetime | None = None
    channel: str | None = None
    firm: str | None = None
    content: str | None = None
    owed_fen: int | None = None
    accused_unit_id: int | None = None
    accused: str | None = None
    looked_up: bool = False  # `accused` was compared with the registry already: it is the name of none of its units
    name: str | None = None
    phone: str | None = None
    address: str | None = None
    files: Sequence[NewFile] = field(default=())


def handling_units(actor: Actor, jurisdiction_id: int) -> set[int] | None:
    """Return the units an actor may take a case in for: his own; None: any of the place (supervisors)."""
    if actor.reach(PlaceAction.OPEN_CASE, jurisdiction_id) is Reach.PLACE:
        return None
    return {p.unit_id for p in actor.posts if p.jurisdiction_id == jurisdiction_id and p.role is MemberRole.OFFICER}


def open_case(act: Act, version: CaseTypeVersion, new: NewCase) -> Case:
    """Take a case in (登记): numbered, with the steps of its type; the clocks of its event, and of acceptance, start.

    `version` with type, steps and their rules must be loaded.  The same form posted twice, or the same row imported
    again, returns the case it opened.
    """
    calendar = act.calendar(version.type.jurisdiction_id)
    place = version.type.jurisdiction_id
    act.require(PlaceAction.OPEN_CASE, place)
    posted = select(Case).where(Case.form_key == new.form_key)
    if (earlier := act.session.scalars(posted).one_or_none()) is not None:
        return earlier
    steps = steps_for(version, new.variant)
    new = _with_accused(act.session, place, new)
    refuse(_faults(act, version, new, steps))
    case = _case(act, version, new, [like(step, n) for n, step in enumerate(steps, 1)])
    try:
        with act.session.begin_nested():  # its number goes back where the form turns out to have come in already
            case.number = next_number(act.session, place, today(act.now).year)
            act.session.add(case)
            act.session.flush()
    except IntegrityError:
        return act.session.scalars(posted).one()  # the same form, sent twice at once: the other one was first
    if any((new.name, new.phone, new.address)):
        act.session.add(
            Complainant(case_id=case.id, name=_short(new.name), phone=_short(new.phone), address=_short(new.address))
        )
    keep(act, case, RecordKind.INTAKE, StepFacts(files=new.files))
    _begin(act, case, new, calendar)
    write(
        act,
        case,
        Verb.CASE_OPEN,
        after={
            "type": version.type.name,
            "event": case.event,
            "happened_on": case.happened_on,
            "accepted_at": new.accepted_at,
            "unit": new.unit_id,
            "files": len(new.files),
        },
        note=f"{case.number} {case.reference}",
    )
    act.session.flush()
    return case


def _with_accused(session: Session, place: int, new: NewCase) -> NewCase:
    """Return the form with the unit that its typed name of the body complained of means, where it means one."""
    if new.looked_up or new.accused_unit_id is not None or not _short(new.accused):
        return new
    found = accused_by_name(known_names(session, place), new.accused or "")
    if found.wrong:
        raise Refused(f"{found.wrong}。", "accused")
    return replace(new, accused_unit_id=found.unit_id, accused=found.name)


def _case(act: Act, version: CaseTypeVersion, new: NewCase, steps: list[CaseStep]) -> Case:
    """Return the row of a new case, under its task where a document asks for it; still without a number."""
    task, duty = _under(act.session, version, new.unit_id)
    return Case(
        jurisdiction_id=version.type.jurisdiction_id,
        type_version_id=version.id,
        variant=new.variant,
        unit_id=new.unit_id,
        task=task,
        duty=duty,
        event=version.event,
        happened_at=new.happened_at,
        happened_on=today(new.happened_at),
        reference=new.reference.strip(),
        channel=_short(new.channel),
        firm=_short(new.firm),
        content=_short(new.content),
        owed_fen=new.owed_fen,
        refunded_fen=0,
        accused_unit_id=new.accused_unit_id,
        accused=None if new.accused_unit_id else _short(new.accused),
        form_key=new.form_key,
        opened_by_id=act.actor.user_id or 0,
        opened_at=act.now,
        steps=steps,
    )


def _begin(act: Act, case: Case, new: NewCase, calendar: WorkCalendar) -> None:
    """Start the clocks of the case's event; where it was accepted already, close that step and start what follows."""
    start_steps(act, case, Starts.EVENT, new.happened_at, calendar)
    if new.accepted_at is None:
        return
    case.accepted_at = new.accepted_at
    accepting = next((s for s in case.steps if s.kind is StepKind.ACCEPT), None)
    if accepting is not None:
        act.session.flush()
        finish(act, accepting, new.accepted_at, "登记时已受理")
    start_steps(act, case, Starts.ACCEPTED, new.accepted_at, calendar)
    if accepting is not None and accepting.key is not None:
        start_steps(act, case, Starts.AFTER, new.accepted_at, calendar, after_key=accepting.key)


def _faults(act: Act, version: CaseTypeVersion, new: NewCase, steps: Sequence[CaseTypeStep]) -> Iterator[Fault]:
    """Tell everything that is wrong with an intake, each beside its field."""
    if not version.type.active:
        yield Fault(f"“{version.type.name}”已停用，请选择其他办件类型。")
    sorts = variants_of(version)
    if sorts and new.variant not in sorts:
        yield Fault(f"请选择类别：{'、'.join(sorts)}。", "variant")
    elif not steps:
        yield Fault("这个类别没有办理步骤，请督查员先补充办件类型。", "variant")
    yield from _unit_faults(act, version.type.jurisdiction_id, new)
    if new.happened_at > act.now:
        yield Fault("时间不能晚于现在。", "happened_on")
    if new.accepted_at is not None and new.accepted_at > act.now:
        yield Fault("时间不能晚于现在。", "accepted_on")
    elif new.accepted_at is not None and new.accepted_at < new.happened_at:
        yield Fault(f"受理时间不能早于{version.event}的时间。", "accepted_on")
    if not new.reference.strip():
        yield Fault("请填写简短的摘要或代称。", "reference")
    if len(new.reference.strip()) > LONGEST_REFERENCE:
        yield Fault(f"摘要请不超过 {LONGEST_REFERENCE} 个字。", "reference")
    if looks_private(new.reference) or (new.name and new.name.strip() and new.name.strip() in new.reference):
        yield Fault("摘要会出现在提醒邮件和列表里：请不要写姓名、电话、证件号和金额。", "reference")
    if new.owed_fen is not None and not 0 < new.owed_fen <= MOST_FEN:
        yield Fault("金额请填大于 0 的数，单位为元。", "amount")


def _unit_faults(act: Act, place: int, new: NewCase) -> Iterator[Fault]:
    unit, allowed = act.session.get(Unit, new.unit_id), handling_units(act.actor, place)
    known = unit is not None and unit.jurisdiction_id == place and unit.active
    if not known or (allowed is not None and new.unit_id not in allowed):
        yield Fault("请选择办理单位：承办人只能登记由本单位办理的办件。", "unit")
    if new.accused_unit_id is None:
        return
    accused = act.session.get(Unit, new.accused_unit_id)
    if accused is None or accused.jurisdiction_id != place:
        yield Fault("请从本辖区的单位库中选择被投诉单位，或直接填写名称。", "accused_unit")
    elif accused.id == new.unit_id:
        yield Fault(f"{accused.name}是被投诉单位，不能由它办理。", "unit")


def _under(session: Session, version: CaseTypeVersion, unit_id: int) -> tuple[Task | None, Duty | None]:
    """Return the task a type's cases stand under, where it was made from a document, and the unit's duty there."""
    kind = version.type
    if kind.document_id is None:
        return None, None
    task = session.scalars(
        select(Task)
        .join(Document, Task.document_id == Document.id)
        .where(Task.document_id == kind.document_id, Document.state == DocumentState.PUBLISHED)
        .where((Task.key == kind.measure_key) | Task.key.startswith(f"{kind.measure_key}-", autoescape=True))
        .order_by(Task.ordinal)
        .options(joinedload(Task.document), selectinload(Task.duties).joinedload(Duty.task).joinedload(Task.document))
        .limit(1)
    ).one_or_none()
    if task is None:
        return None, None
    mine = [d for d in task.duties if d.unit_id == unit_id and not d.supporting and d.state not in ENDED]
    return task, mine[0] if mine else None


def _short(text: str | None) -> str | None:
    return (text or "").strip() or None


def asked_for(case: Case) -> list[CaseStep]:
    """Return the steps without which a case cannot be concluded and which are not done yet."""
    left = [s for s in case.steps if s.done_at is None and s.cancelled_at is None]
    return [s for s in left if not s.optional and s.kind is not StepKind.PROGRESS]


def conclude(act: Act, case: Case, conclusion: str, version: int | None = None) -> None:
    """办结: every step that is asked for is done; periods that go on until then end with it."""
    check_may(act.session, act.actor, case, CaseAction.CONCLUDE, version)
    said = words(conclusion, "请写明办理结果。")
    left = [s for s in case.steps if s.done_at is None and s.cancelled_at is None]
    if needed := asked_for(case):
        raise Refused(f"还有步骤没有办结：{'、'.join(s.name for s in needed[:3])}。请先办结，再办结本件。")
    for step in left:
        if step.kind is StepKind.PROGRESS and step.started_at is not None:
            for milestone in open_clocks(act.session, step):
                milestone.cancel(act.now, Cancellation.CASE_ENDED)  # 直至办理完毕
            step.done_at, step.done_by_id = act.now, act.actor.user_id
    # What is offered only on occasion may still be done after the end: a return visit.
    over = [s for s in left if s.done_at is None and s.kind is not StepKind.VISIT]
    cancel(act, over, Cancellation.CASE_ENDED)
    case.closed_at, case.conclusion = act.now, said
    keep(act, case, RecordKind.CONCLUSION, StepFacts(said))
    write(act, case, Verb.CASE_CONCLUDE, note=f"{case.number} {said}")


def visit(
    act: Act,
    case: Case,
    satisfaction: Satisfaction,
    text: str,
    version: int | None = None,
) -> None:
    """回访: what whom the case is from says of its handling; asked again, the last answer stands."""
    check_may(act.session, act.actor, case, CaseAction.VISIT, version)
    said = words(text, "请写明回访情况。")
    before = case.satisfaction
    case.satisfaction = satisfaction
    step = next((s for s in case.steps if s.kind is StepKind.VISIT and s.done_at is None), None)
    if step is not None:
        finish(act, step, act.now, said)
    keep(act, case, RecordKind.VISIT, StepFacts(said), step=step)
    write(
        act,
        case,
        Verb.CASE_VISIT,
        before={"satisfaction": before},
        after={"satisfaction": satisfaction},
        note=f"{case.number} 回访：{said}",
    )


def add_note(act: Act, case: Case, facts: StepFacts, version: int | None = None) -> None:
    """补充说明, with files."""
    check_may(act.session, act.actor, case, CaseAction.NOTE, version)
    said = words(facts.text, "请写明补充的情况。")
    keep(act, case, RecordKind.NOTE, facts)
    write(act, case, Verb.CASE_NOTE, after={"files": len(facts.files)}, note=f"{case.number} {said}")
