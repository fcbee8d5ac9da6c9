"""办件: the list, registering an event under a duty, and one case with its step."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from tracker.clock.resolution import resolve
from tracker.clock.rules import ClockError, CountUnit, Resolved
from tracker.clock.wording import date_words, instant_words
from tracker.ladder import Light, Signal
from tracker.now import SHANGHAI
from tracker.services import case_steps
from tracker.services import cases as verbs
from tracker.services.case_acts import Facts
from tracker.services.corrections import may_correct_event
from tracker.services.errors import NotPermitted, Refused, Stale
from tracker.store.case_standing import may
from tracker.store.cases import (
    CASE_LIGHTS,
    CaseFilter,
    CaseRow,
    case_by_form,
    dated_steps,
    find_case,
    list_cases,
    registrable,
    sees_duty,
)
from tracker.store.history import history_of_case
from tracker.store.models import Case, DeadlineRule, Duty, MemberRole
from tracker.store.visible import OWN
from tracker.web import histories
from tracker.web.access import actor, calendar, db, moment, now, or_404, page_number, today
from tracker.web.clocks import view
from tracker.web.duty_forms import VersionForm
from tracker.web.duty_page import load, own_words
from tracker.web.fields import Choice, Clock, Day, FormKey, trimmed
from tracker.web.pagination import links
from tracker.web.words import milestone_signal
from tracker.workflow import ENDED, CaseAction, State

cases = Blueprint("cases", __name__)

Answer = Response | str | tuple[str, int]
EARLIEST = date(2000, 1, 1)
LIGHTS = {light: Light(light).label for light in CASE_LIGHTS} | {"wait": "等待期"}
STATES = {"open": "在办", "closed": "已办结"}


class RegisterForm(FlaskForm):  # type: ignore[misc]
    """登记办件"""

    form_key = FormKey()
    rule = Choice("适用的时限", [InputRequired("请选择适用的时限。")], choices={})
    happened_on = Day("发生日期", [InputRequired("请填写发生日期。")])
    happened_time = Clock("发生时间", [Optional()])
    reference = StringField(
        "编号或代称",
        [
            DataRequired("请填写简短的编号或代称。"),
            Length(max=verbs.LONGEST_REFERENCE, message=f"请不超过 {verbs.LONGEST_REFERENCE} 个字。"),
        ],
        description="只写简短编号或代称，不写投诉人姓名、电话、金额。",
        filters=[trimmed],
    )
    handler = Choice("办理单位", [InputRequired("请选择办理单位。")], choices={})

    def validate_happened_on(self, field: Day) -> None:
        """Refuse a day that cannot be: the verb itself refuses the future."""
        if field.data is not None and field.data < EARLIEST:
            raise ValidationError("请核对年份。")
        if field.data is not None and field.data > today():
            raise ValidationError("发生日期不能晚于今天。")


class StepForm(VersionForm):
    """办结步骤"""

    note = TextAreaField(
        "办理情况",
        [DataRequired("请写明办理情况，例如转往哪个单位。"), Length(max=1000, message="请不超过 1000 个字。")],
        description="例如转办至哪个单位。不写投诉人姓名、电话、金额。",
        filters=[trimmed],
    )  # fmt: skip


@cases.get("/cases/")
def index() -> str:
    """The cases the actor may see, open ones first."""
    args = request.args
    asked = CaseFilter(
        state=args.get("state") if args.get("state") in STATES else None,
        light=args.get("light") if args.get("light") in LIGHTS else None,
        words=args.get("q", "").strip()[:100] or None,
        duty_id=args.get("duty", type=int),
    )
    page = list_cases(db(), actor(), moment(), asked, page_number())
    return render_template(
        "cases/index.html",
        rows=[(row, signal_of(row)) for row in page.rows],
        page=links(page),
        asked=asked,
        states=[("", "全部"), *STATES.items()],
        lights=[("", "全部"), *LIGHTS.items()],
        narrowed=any((asked.state, asked.light, asked.words, asked.duty_id)),
        may_register=actor().holds(MemberRole.OFFICER) or actor().holds(MemberRole.SUPERVISOR),
        own=bool(actor().units(*OWN)),
    )


def signal_of(row: CaseRow) -> Signal:
    """Return a case's light; one whose duty was revoked has none."""
    if row.milestone is None or row.milestone.cancelled_at is not None:
        return Signal(Light.NONE, "已停止")
    return milestone_signal(row.milestone, row.case.duty.state if row.case.duty else State.IN_PROGRESS)


@cases.get("/cases/new")
def choose() -> str:
    """The duties under which the actor may register an event."""
    return render_template("cases/choose.html", choices=[(d, verbs.event_rules(d.task.item)) for d in _registrable()])


def _registrable() -> Sequence[Duty]:
    if not (actor().holds(MemberRole.OFFICER) or actor().holds(MemberRole.SUPERVISOR)):
        abort(403)
    return registrable(db(), actor())


@cases.route("/duties/<int:duty_id>/cases/new", methods=["GET", "POST"])
def register(duty_id: int) -> Answer:
    """Register an event under a duty's task: a case opens, and its clock with it."""
    duty = load(duty_id)
    if not verbs.may_register(actor(), duty.task, duty.task.duties):
        abort(403)
    rules, handlers = verbs.event_rules(duty.task.item), verbs.able_handlers(duty.task)
    if not rules or not handlers:
        raise Refused("这项责任没有可以登记事件的时限，或者已经结束。请回到责任页查看。")
    form = _register_form(duty, rules, handlers)
    if request.method == "GET":
        return _register_page(duty, form, rules)
    if not form.validate():
        return _register_page(duty, form, rules), 422
    rule = next(r for r in rules if str(r.id) == form.rule.data)
    if rule.unit is CountUnit.HOUR and form.happened_time.data is None:
        form.happened_time.errors = ["这条时限按小时计算，请填写发生时间。"]
        return _register_page(duty, form, rules), 422
    happened_at = instant_of(form.happened_on.data, form.happened_time.data)
    if "try" in request.form:
        return _register_page(duty, form, rules, trial=_trial(duty, rule, happened_at))
    handler = next(d for d in handlers if str(d.id) == form.handler.data)
    try:
        case = verbs.register_event(
            db(), actor(), now(), duty.task, rule, handler,
            happened_at=happened_at, reference=form.reference.data, form_key=form.form_key.data,
            calendar=calendar(duty.task.document.jurisdiction_id),
        )  # fmt: skip
    except NotPermitted:
        raise
    except (Refused, ClockError) as refusal:
        db().rollback()
        form.form_errors.append(str(refusal))
        return _register_page(load(duty_id), form, rules), 422
    except IntegrityError:
        # The same form, posted twice at once: the other one has opened the case.
        db().rollback()
        return redirect(url_for("cases.show", case_id=or_404(case_by_form(db(), form.form_key.data)).id))
    flash(f"办件 {case.number} 已登记。", "success")
    return redirect(url_for("cases.show", case_id=case.id))


def _register_form(duty: Duty, rules: list[DeadlineRule], handlers: list[Duty]) -> RegisterForm:
    own = actor().units(MemberRole.OFFICER)
    first = next((d for d in handlers if d.id == duty.id), None)
    if first is None or (first.unit_id not in own and not actor().supervises(duty.task.document.jurisdiction_id)):
        first = next((d for d in handlers if d.unit_id in own), first or handlers[0])
    form = RegisterForm(form_key=uuid.uuid4().hex, happened_on=today(), handler=str(first.id), rule=str(rules[0].id))
    form.rule.choices = {str(r.id): r.quote or r.act or "时限" for r in rules}
    form.handler.choices = {str(d.id): d.unit.name for d in handlers}
    return form


def instant_of(day: date, at: time | None) -> datetime:
    """Return when an event happened: at the time given, else noon, and never later than now on its own day."""
    noon = datetime.combine(day, at or time(12), SHANGHAI)
    return min(noon, now()) if at is None and day == today() else noon


def _trial(duty: Duty, rule: DeadlineRule, happened_at: datetime) -> Resolved | str:
    days = calendar(duty.task.document.jurisdiction_id)
    try:
        return resolve(rule.as_rule(), event_at=happened_at, calendar=days, event_name=rule.trigger)
    except ClockError as error:
        return str(error)


def _register_page(
    duty: Duty, form: RegisterForm, rules: list[DeadlineRule], trial: Resolved | str | None = None
) -> str:
    result = trial if isinstance(trial, Resolved) else None
    return render_template(
        "cases/register.html",
        duty=duty,
        task=duty.task,
        form=form,
        rules=rules,
        by_hour=any(r.unit is CountUnit.HOUR for r in rules),
        watch=[r for r in rules if r.party.value == "other"],
        words=own_words(duty),
        trial=result,
        trial_words=_resolved_words(result) if result else "",
        trial_refusal=trial if isinstance(trial, str) else None,
    )


def _resolved_words(result: Resolved) -> str:
    if result.due_on is not None:
        return date_words(result.due_on, today().year)
    if result.due_at is not None:
        return instant_words(result.due_at, now())
    return f"{date_words(result.earliest_on, today().year)}起" if result.earliest_on else ""


@cases.get("/cases/<int:case_id>")
def show(case_id: int) -> str:
    """One case: its date and why, the clause, what was done."""
    return _page(_load(case_id), StepForm(formdata=None))


def _load(case_id: int) -> Case:
    return or_404(find_case(db(), actor(), case_id))


def _page(case: Case, form: StepForm) -> str:
    duty, clocks = case.duty, dated_steps(db(), case.id)
    form.version.data = form.version.data or case.version
    steps = [(step, view(clocks[step.id], duty.state)) for step in case.steps if step.id in clocks]
    return render_template(
        "cases/show.html",
        case=case,
        duty=duty,
        task=duty.task,
        document=duty.task.document,
        measure=duty.task.item.measure,
        words=own_words(duty),
        steps=steps,
        waiting=[step.id for step, clock in steps if _still_waits(clock.milestone.earliest_on)],
        form=form,
        may_close=may(actor(), case, [], CaseAction.STEP) and duty.state not in ENDED,
        may_correct=may_correct_event(actor(), case),
        sees_duty=sees_duty(db(), actor(), duty.id),
        history=histories.lines(history_of_case(db(), case.id)),
    )


def _still_waits(earliest_on: date | None) -> bool:
    return earliest_on is not None and today() < earliest_on


@cases.get("/cases/<int:case_id>/steps/<int:step_id>/close")
def back_to_page(case_id: int, step_id: int) -> Response:
    """The address of a refused form, opened again: the case's page."""
    return redirect(url_for("cases.show", case_id=case_id))


@cases.post("/cases/<int:case_id>/steps/<int:step_id>/close")
def close_step(case_id: int, step_id: int) -> Answer:
    """Close a case's step by its own act (转办)."""
    form = StepForm()
    case = _load(case_id)
    step = or_404(next((s for s in case.steps if s.id == step_id), None))
    if not form.validate():
        return _page(case, form), 422
    try:
        act = case_steps.StepAct(Facts(form.note.data or ""))
        days = calendar(case.jurisdiction_id)
        case_steps.close_step(db(), actor(), now(), case, step, act, days, form.version.data)
        db().flush()  # another writer shows here, while the form can still be kept
    except NotPermitted:
        raise
    except (Refused, StaleDataError) as refusal:
        db().rollback()
        return _refused(_load(case_id), step_id, form, refusal)
    flash(f"“{step.name}”已办结。", "success")
    return redirect(url_for("cases.show", case_id=case_id))


def _refused(case: Case, step_id: int, form: StepForm, refusal: Exception) -> Answer:
    step = next(s for s in case.steps if s.id == step_id)
    note = (form.note.data or "").strip()
    if step.done_at is not None and step.done_by_id == actor().user_id and step.note == note:
        flash("这次操作已经收到，没有重复记录。", "info")
        return redirect(url_for("cases.show", case_id=case.id))
    if step.done_at is not None or isinstance(refusal, (Stale, StaleDataError)):
        return _conflict(case, step, note), 409
    form.form_errors.append(str(refusal))
    return _page(case, form), 422


def _conflict(case: Case, step: Any, note: str) -> str:
    done = "已办结" if step.done_at else "办理中"
    return render_template(
        "errors/409.html",
        current=[("状态", done), ("办理情况", step.note)],
        typed=[("办理情况", note)],
        changed_words=histories.last_said(history_of_case(db(), case.id)),
        back_url=url_for("cases.show", case_id=case.id),
        again_url=None if step.done_at else request.path,
        again_fields=[("note", note), ("version", case.version)],
    )
