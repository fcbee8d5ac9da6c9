"""登记办件 under a measure: an event of a duty's own time limit, its date shown before anything is saved."""

import uuid
from datetime import date, datetime, time

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from tracker.clock.resolution import resolve
from tracker.clock.rules import ClockError, CountUnit, Resolved
from tracker.clock.wording import date_words
from tracker.now import SHANGHAI
from tracker.services.cases import events as verbs
from tracker.services.core.errors import NotPermitted, Refused
from tracker.store.cases.page import case_by_form
from tracker.store.models import DeadlineRule, Duty, MemberRole
from tracker.web.duties.page import load, own_words
from tracker.web.kit.access import actor, calendar, db, now, or_404, this_act, this_day
from tracker.web.kit.fields import Choice, DayField, FormKey, TimeOfDayField, trimmed
from tracker.web.kit.forms import PageForm
from tracker.web.kit.words import instant

Answer = Response | str | tuple[str, int]
EARLIEST = date(2000, 1, 1)


def check_day(field: DayField) -> None:
    """Refuse a day that cannot be: the verb itself refuses the future."""
    if field.data is not None and field.data < EARLIEST:
        raise ValidationError("请核对年份。")
    if field.data is not None and field.data > this_day():
        raise ValidationError(f"{field.label.text}不能晚于今天。")


class RegisterForm(PageForm):
    """登记办件"""

    form_key = FormKey()
    rule = Choice("适用的时限", [InputRequired("请选择适用的时限。")], choices={})
    happened_on = DayField("发生日期", [InputRequired("请填写发生日期。")])
    happened_time = TimeOfDayField("发生时间", [Optional()])
    reference = StringField(
        "编号或代称",
        [
            DataRequired("请填写简短的编号或代称。"),
            Length(max=verbs.LONGEST_REFERENCE),
        ],
        description="只写简短编号或代称，不写投诉人姓名、电话、金额。",
        filters=[trimmed],
    )
    handler = Choice("办理单位", [InputRequired("请选择办理单位。")], choices={})

    def validate_happened_on(self, field: DayField) -> None:
        """Refuse a day that cannot be."""
        check_day(field)


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
            this_act(),
            duty.task,
            rule,
            handler,
            happened_at=happened_at,
            reference=form.reference.data,
            form_key=form.form_key.data,
        )
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
    form = RegisterForm(form_key=uuid.uuid4().hex, happened_on=this_day(), handler=str(first.id), rule=str(rules[0].id))
    form.rule.choices = {str(r.id): r.quote or r.act or "时限" for r in rules}
    form.handler.choices = {str(d.id): d.unit.name for d in handlers}
    return form


def instant_of(day: date, at: time | None) -> datetime:
    """Return when an event happened: at the time given, else noon, and never later than now on its own day."""
    noon = datetime.combine(day, at or time(12), SHANGHAI)
    return min(noon, now()) if at is None and day == this_day() else noon


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
        words=own_words(duty.task.item),
        trial=result,
        trial_words=resolved_words(result),
        trial_refusal=trial if isinstance(trial, str) else None,
    )


def resolved_words(result: Resolved | None) -> str:
    """Return a resolved date as pages show it: 2月26日 周四; 4月11日 周六起; 今日 16:00."""
    if result is None:
        return ""
    if result.due_on is not None:
        return date_words(result.due_on, this_day().year)
    if result.due_at is not None:
        return instant(result.due_at)
    return f"{date_words(result.earliest_on, this_day().year)}起" if result.earliest_on else ""
