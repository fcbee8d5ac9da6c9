"""The ledger (办件台账): taking a case in, under the measure that asks for it and with the steps of its type."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker.now import today
from tracker.rules.permissions import PlaceAction
from tracker.rules.verbs import Verb
from tracker.services.cases.acts import StepFacts
from tracker.services.cases.handlers import able_handlers, handlers
from tracker.services.cases.respondent import accused_by_name
from tracker.services.cases.steps import like
from tracker.services.cases.taken import TakenCase, start_clocks_of, store, store_rest
from tracker.services.core.act import Act
from tracker.services.core.errors import Fault, Refused, refuse
from tracker.services.core.masking import looks_private
from tracker.services.duties.progress import NewFile
from tracker.store.case_types.versions import steps_for, variants_of
from tracker.store.cases.page import tasks_of_type
from tracker.store.models import (
    Case,
    CaseStep,
    CaseTypeStep,
    CaseTypeVersion,
    Complainant,
    Duty,
    RecordKind,
    Task,
    Unit,
)
from tracker.store.registry.names import known_names

LONGEST_REFERENCE = 60
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
    task_id: int | None = None  # the task it was registered from, where its type is that of several


def open_case(act: Act, version: CaseTypeVersion, new: NewCase) -> Case:
    """Take a case in (登记): numbered, with the steps of its type; the clocks of its event, and of acceptance, start.

    `version` with type, steps and their rules must be loaded.  The same form posted twice, or the same row imported
    again, returns the case it opened.
    """
    act.require(PlaceAction.OPEN_CASE, version.type.jurisdiction_id)
    posted = select(Case).where(Case.form_key == new.form_key)
    if (earlier := act.session.scalars(posted).one_or_none()) is not None:
        return earlier
    taken = Desk(act, version).take(new)
    try:
        with act.session.begin_nested():  # its number goes back where the form turns out to have come in already
            store(act, [taken])
    except IntegrityError:
        return act.session.scalars(posted).one()  # the same form, sent twice at once: the other one was first
    store_rest(act, [taken])
    return taken.case


class Desk:
    """Where cases of a type are taken in: what that asks of the database is asked once, however many they are."""

    def __init__(self, act: Act, version: CaseTypeVersion) -> None:
        self.act, self.version, self.place = act, version, version.type.jurisdiction_id
        act.require(PlaceAction.OPEN_CASE, self.place)
        self.calendar = act.calendar(self.place)
        self.tasks = tasks_of_type(act.session, version.type_id)
        self.allowed = handlers(act.actor, self.place, self.tasks)

    def take(self, new: NewCase) -> TakenCase:
        """Return the case a form fills in, still to be stored; Refused where anything is wrong with it."""
        act, steps = self.act, steps_for(self.version, new.variant)
        new = _with_accused(act.session, self.place, new)
        refuse(_faults(act, self.version, new, steps, self.allowed))
        case = _case(act, self.version, new, [like(step, n) for n, step in enumerate(steps, 1)], self.tasks)
        taken = TakenCase(case)
        if any((new.name, new.phone, new.address)):
            taken.person = Complainant(name=_short(new.name), phone=_short(new.phone), address=_short(new.address))
        taken.records.append((RecordKind.INTAKE, StepFacts(files=new.files)))
        start_clocks_of(act, taken, new.accepted_at, self.calendar)
        after = {
            "type": self.version.type.name,
            "event": case.event,
            "happened_on": case.happened_on,
            "accepted_at": new.accepted_at,
            "unit": new.unit_id,
            "files": len(new.files),
        }
        taken.told.append((Verb.CASE_OPEN, after, case.reference))
        return taken


def _with_accused(session: Session, place: int, new: NewCase) -> NewCase:
    """Return the form with the unit that its typed name of the body complained of means, where it means one."""
    if new.looked_up or new.accused_unit_id is not None or not _short(new.accused):
        return new
    found = accused_by_name(known_names(session, place), new.accused or "")
    if found.wrong:
        raise Refused(f"{found.wrong}。", "accused")
    return replace(new, accused_unit_id=found.unit_id, accused=found.name)


def _case(act: Act, version: CaseTypeVersion, new: NewCase, steps: list[CaseStep], tasks: Sequence[Task]) -> Case:
    """Return the row of a new case, under its task where a document asks for it; still without a number."""
    task, duty = _under(tasks, new)
    return Case(
        jurisdiction_id=version.type.jurisdiction_id,
        type_version_id=version.id,
        variant=new.variant,
        unit_id=new.unit_id,
        task=task,
        task_id=task.id if task else None,
        duty=duty,
        duty_id=duty.id if duty else None,
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


def _faults(
    act: Act, version: CaseTypeVersion, new: NewCase, steps: Sequence[CaseTypeStep], allowed: set[int] | None
) -> Iterator[Fault]:
    """Tell everything that is wrong with an intake, each beside its field."""
    if not version.type.active:
        yield Fault(f"“{version.type.name}”已停用，请选择其他办件类型。")
    sorts = variants_of(version)
    if sorts and new.variant not in sorts:
        yield Fault(f"请选择类别：{'、'.join(sorts)}。", "variant")
    elif not steps:
        yield Fault("这个类别没有办理步骤，请督查员先补充办件类型。", "variant")
    yield from _unit_faults(act, version.type.jurisdiction_id, new, allowed)
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


def _unit_faults(act: Act, place: int, new: NewCase, allowed: set[int] | None) -> Iterator[Fault]:
    unit = act.session.get(Unit, new.unit_id)
    known = unit is not None and unit.jurisdiction_id == place and unit.active
    if not known or (allowed is not None and new.unit_id not in allowed):
        yield Fault("请选择办理单位：承办人只能登记由本单位办理，或由同一项任务的承办单位办理的办件。", "unit")
    if new.accused_unit_id is None:
        return
    accused = act.session.get(Unit, new.accused_unit_id)
    if accused is None or accused.jurisdiction_id != place:
        yield Fault("请从本辖区的单位库中选择被投诉单位，或直接填写名称。", "accused_unit")
    elif accused.id == new.unit_id:
        yield Fault(f"{accused.name}是被投诉单位，不能由它办理。", "unit")


def _under(tasks: Sequence[Task], new: NewCase) -> tuple[Task | None, Duty | None]:
    """Return the task a case stands under, where a document's limit has its type, and the unit's duty there."""
    tasks = [task for task in tasks if task.id == new.task_id] or tasks
    for task in tasks:
        mine = next((d for d in able_handlers(task) if d.unit_id == new.unit_id), None)
        if mine is not None:
            return task, mine
    return (tasks[0], None) if tasks else (None, None)


def _short(text: str | None) -> str | None:
    return (text or "").strip() or None
