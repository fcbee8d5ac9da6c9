"""What can be done to a duty: one POST a verb, with the same answers to a refused, a stale and a repeated form."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from flask import request, url_for

from tracker.reading.plan import Role
from tracker.rules.permissions import PlaceAction
from tracker.rules.workflow import Action
from tracker.services.deadlines.pauses import AUTHORITIES
from tracker.services.duties import pauses, roster
from tracker.services.duties import progress as verbs
from tracker.store.duties.duty import duty_to_act, reports_of
from tracker.store.duties.page import addable_units
from tracker.store.models import Duty, Task, Unit
from tracker.web.duties.forms import (
    NOTHING_NEW,
    AddUnitForm,
    DutyPauseForm,
    ReasonForm,
    ReportForm,
    ReviewForm,
    SendBackForm,
    SubmitForm,
)
from tracker.web.duties.page import current_facts, last_said, load, render
from tracker.web.kit import evidence
from tracker.web.kit.access import actor, db, or_404, outfit, this_act
from tracker.web.kit.forms import FilesForm, VersionForm
from tracker.web.kit.posting import Answer, Conflict, Done, Posting
from tracker.web.kit.views import View

# They need of a duty no more than `duty_to_act` loads.
EVERYDAY = (
    Action.ACKNOWLEDGE, Action.REPORT, Action.SUBMIT, Action.COMPLETE, Action.SEND_BACK, Action.CLOSE,
)  # fmt: skip


def act(
    duty_id: int,
    action: Action,
    form: VersionForm,
    verb: Callable[[Duty], object],
    done: str,
    again: Callable[[Duty], str],
) -> Answer:
    """Carry out one verb; `again` draws the page a refused form stood on, from the duty loaded as pages need it."""

    def carry_out(duty: Duty) -> Done:
        verb(duty)
        home = request.form.get("back") == "home"
        return Done(done, url_for("home.index") if home else url_for("duties.show", duty_id=duty_id))

    def conflict(duty: Duty) -> Conflict:
        return Conflict(
            current_facts(duty, reports_of(db(), duty.id)),
            url_for("duties.show", duty_id=duty.id),
            last_said(duty),
            duty.version if verbs.may(actor(), duty, action) else None,
            _typed(form),
        )

    def find() -> Duty:
        duty = or_404(duty_to_act(db(), actor(), duty_id)) if action in EVERYDAY else load(duty_id)
        verbs.check_ever(actor(), duty, action)
        return duty

    return Posting(form, find, carry_out, lambda _: again(load(duty_id)), conflict).answer()


def _typed(form: VersionForm) -> list[tuple[str, str]]:
    """Return what was typed under the names the page of a duty has for it."""
    typed = []
    if getattr(form, "percent", None) is not None:
        typed.append(("完成程度", f"{form.percent.data}%"))
    field = getattr(form, "text", None) or getattr(form, "note", None) or getattr(form, "reason", None)
    words = (field.data or "").strip() if field is not None else ""
    return [*typed, ("说明", words)] if words else typed


def _files(duty_id: int, action: Action, form: FilesForm) -> evidence.Evidence:
    """Store what came with a form, where the actor may act at all: nobody else fills the disk."""
    if not evidence.any_sent(form):
        return evidence.receive(form, True)
    with outfit().database.read() as reading:
        open_to_actor = verbs.may(actor(), or_404(duty_to_act(reading, actor(), duty_id)), action)
    return evidence.receive(form, open_to_actor)


def acknowledge(duty_id: int) -> Answer:
    """签收"""
    form = VersionForm()

    def verb(duty: Duty) -> None:
        verbs.acknowledge(this_act(), duty, form.version.data)

    return act(duty_id, Action.ACKNOWLEDGE, form, verb, "已签收。", lambda duty: render(duty, failed=form))


def report(duty_id: int) -> Answer:
    """反馈进展; 无新进展 repeats the percent with those words alone."""
    form = ReportForm()
    if "nothing" in request.form:
        form.text.data = NOTHING_NEW
    found = _files(duty_id, Action.REPORT, form)
    # The periods are checked by the verb: a choice that is gone is refused with its own words.
    form.milestone.validate_choice = False

    def again(duty: Duty) -> str:
        if "nothing" in request.form:
            form.text.data = request.form.get("text", "")
        return render(duty, report=form)

    def verb(duty: Duty) -> None:
        verbs.report_progress(
            this_act(),
            duty,
            percent=form.percent.data,
            text=form.text.data,
            files=found.files,
            milestone_id=int(form.milestone.data) if (form.milestone.data or "").isdigit() else None,
            version=form.version.data,
        )

    return act(duty_id, Action.REPORT, form, verb, "进展已反馈。", again)


def submit(duty_id: int) -> Answer:
    """申请办结: first its own page, filled with what was typed on the report's form; then the verb."""
    form = SubmitForm()
    if request.method == "GET":
        duty = _open_to(duty_id, Action.SUBMIT)
        form.version.data = duty.version
        return _submit_page(duty, form)
    found = _files(duty_id, Action.SUBMIT, form)
    if "sure" not in request.form and not found.refusals:
        return _submit_page(_open_to(duty_id, Action.SUBMIT), form)

    def verb(duty: Duty) -> None:
        verbs.submit(this_act(), duty, text=form.text.data, files=found.files, version=form.version.data)

    def again(duty: Duty) -> str:
        return _submit_page(duty, form)

    return act(duty_id, Action.SUBMIT, form, verb, "已申请办结，等待审核。", again)


def _open_to(duty_id: int, action: Action) -> Duty:
    """Find a duty whose action is open to the actor; 404 for a stranger, 403 where it never is, 400 where not now."""
    duty = load(duty_id)
    verbs.step_for(actor(), duty, action)
    return duty


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitPage(View):
    """The form that submits a duty for completion."""

    template: ClassVar[str] = "duties/submit.html"
    duty: Duty
    task: Task
    form: SubmitForm
    accept: str


def _submit_page(duty: Duty, form: SubmitForm) -> str:
    return SubmitPage(duty=duty, task=duty.task, form=form, accept=evidence.ACCEPT).render()


def complete(duty_id: int) -> Answer:
    """同意办结"""
    form = ReviewForm()

    def verb(duty: Duty) -> None:
        verbs.complete(this_act(), duty, form.note.data or "", form.version.data)

    return act(duty_id, Action.COMPLETE, form, verb, "已同意办结。", lambda duty: render(duty, review=form))


def send_back(duty_id: int) -> Answer:
    """退回"""
    form = SendBackForm()

    def verb(duty: Duty) -> None:
        verbs.send_back(this_act(), duty, form.note.data or "", form.version.data)

    return act(duty_id, Action.SEND_BACK, form, verb, "已退回承办单位。", lambda duty: render(duty, review=form))


def close(duty_id: int) -> Answer:
    """销号"""
    form = VersionForm()

    def verb(duty: Duty) -> None:
        verbs.close(this_act(), duty, form.version.data)

    return act(duty_id, Action.CLOSE, form, verb, "已销号。", lambda duty: render(duty, failed=form))


def revoke(duty_id: int) -> Answer:
    """撤销责任, after asking."""
    return _ask(duty_id, Action.REVOKE, roster.revoke, "责任已撤销。")


def restore(duty_id: int) -> Answer:
    """恢复责任, after asking."""
    return _ask(duty_id, Action.RESTORE, roster.restore, "责任已恢复，等待签收。")


@dataclass(frozen=True, slots=True, kw_only=True)
class PausePage(View):
    """The form that pauses a duty."""

    template: ClassVar[str] = "duties/pause.html"
    duty: Duty
    task: Task
    form: DutyPauseForm
    authorities: tuple[str, str]


def pause(duty_id: int) -> Answer:
    """暂停计时, with reason and authority."""
    form = DutyPauseForm()

    def page(duty: Duty) -> str:
        return PausePage(duty=duty, task=duty.task, form=form, authorities=AUTHORITIES).render()

    if request.method == "GET":
        duty = _open_to(duty_id, Action.PAUSE)
        form.version.data = duty.version
        return page(duty)

    def verb(duty: Duty) -> None:
        pauses.pause_duty(
            this_act(),
            duty,
            reason=form.reason.data or "",
            authority=form.authority.data or "",
            version=form.version.data,
        )

    return act(duty_id, Action.PAUSE, form, verb, "已暂停计时。", page)


def resume(duty_id: int) -> Answer:
    """恢复计时"""
    form = VersionForm()

    def verb(duty: Duty) -> None:
        pauses.resume_duty(this_act(), duty, form.version.data)

    done = "已恢复计时，时限已重新计算。"
    return act(duty_id, Action.RESUME, form, verb, done, lambda duty: render(duty, failed=form))


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterPage(View):
    """The form that revokes or restores a duty."""

    template: ClassVar[str] = "duties/ask.html"
    duty: Duty
    task: Task
    form: ReasonForm
    action: Action


def _ask(duty_id: int, action: Action, verb: Callable[..., None], done: str) -> Answer:
    form = ReasonForm()

    def page(duty: Duty) -> str:
        return RosterPage(duty=duty, task=duty.task, form=form, action=action).render()

    if request.method == "GET":
        duty = _open_to(duty_id, action)
        form.version.data = duty.version
        return page(duty)

    def carry_out(duty: Duty) -> None:
        verb(this_act(), duty, form.note.data, form.version.data)

    return act(duty_id, action, form, carry_out, done, page)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddUnitPage(View):
    """The form that gives one more unit a share."""

    template: ClassVar[str] = "duties/add_unit.html"
    duty: Duty
    task: Task
    form: AddUnitForm


def add_unit(duty_id: int) -> Answer:
    """增加责任单位: one more unit of the jurisdiction takes a share of this duty's task."""
    form = AddUnitForm()

    def find() -> Duty:
        duty = load(duty_id)
        this_act().require(PlaceAction.ADD_UNIT, duty.task.document.jurisdiction_id)
        return duty

    def offer(duty: Duty) -> None:
        units = addable_units(db(), duty.task.document.jurisdiction_id, duty.task_id)
        form.unit.choices = {"": "请选择", **{str(key): name for key, name in units}}

    def verb(duty: Duty) -> Done:
        unit = db().get_one(Unit, int(form.unit.data))
        added = roster.add_unit(this_act(), duty.task, unit, Role(form.role.data), form.note.data)
        return Done(f"已增加{unit.name}，等待签收。", url_for("duties.show", duty_id=added.id))

    def page(duty: Duty) -> str:
        offer(duty)
        return AddUnitPage(duty=duty, task=duty.task, form=form).render()

    return Posting(form, find, verb, page, offer=offer).answer()
