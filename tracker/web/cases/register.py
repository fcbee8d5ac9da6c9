"""登记办件 under a measure: an event of a duty's own time limit, its date shown before anything is saved."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import ClassVar

from flask import request, url_for
from wtforms import StringField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from tracker.clock.resolution import resolve
from tracker.clock.rules import ClockError, CountUnit, Resolved
from tracker.clock.wording import date_words
from tracker.now import SHANGHAI
from tracker.services.cases import events as verbs
from tracker.services.core.errors import Refused
from tracker.store.models import DeadlineRule, Duty, MemberRole, Task
from tracker.web.duties.page import load, own_words
from tracker.web.kit.access import actor, calendar, now, this_act, this_day
from tracker.web.kit.fields import Choice, DayField, FormToken, TimeOfDayField, trimmed
from tracker.web.kit.forms import PageForm
from tracker.web.kit.posting import Answer, Done, Posting, form_key
from tracker.web.kit.views import View
from tracker.web.kit.words import instant

EARLIEST = date(2000, 1, 1)


def check_day(field: DayField) -> None:
    """Refuse a day that cannot be: the verb itself refuses the future."""
    if field.data is not None and field.data < EARLIEST:
        raise ValidationError("请核对年份。")
    if field.data is not None and field.data > this_day():
        raise ValidationError(f"{field.label.text}不能晚于今天。")


class RegisterForm(PageForm):
    """登记办件"""

    form_token = FormToken()
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
    duty = _registrable(duty_id)
    form = _register_form(duty)

    def verb(found: Duty) -> Done | str:
        rule = next(r for r in verbs.event_rules(found.task.item) if str(r.id) == form.rule.data)
        if rule.unit is CountUnit.HOUR and form.happened_time.data is None:
            raise Refused("这条时限按小时计算，请填写发生时间。", "happened_time")
        happened_at = instant_of(form.happened_on.data, form.happened_time.data)
        if "try" in request.form:
            return _register_page(found, form, trial=_trial(found, rule, happened_at))
        handler = next(d for d in verbs.able_handlers(found.task) if str(d.id) == form.handler.data)
        try:
            case = verbs.register_event(
                this_act(),
                found.task,
                rule,
                handler,
                happened_at=happened_at,
                reference=form.reference.data,
                form_key=form_key()[:40],
            )
        except ClockError as error:
            raise Refused(str(error), "happened_on") from error
        return Done(f"办件 {case.number} 已登记。", url_for("cases.show", case_id=case.id))

    return Posting(
        form, lambda: _registrable(duty_id), verb, lambda found: _register_page(found, form), offer=lambda _: None
    ).answer()


def _registrable(duty_id: int) -> Duty:
    """Return a duty under whose task the actor may register an event now."""
    duty = load(duty_id)
    verbs.check_may_register(actor(), duty.task, duty.task.duties)
    if not verbs.event_rules(duty.task.item) or not verbs.able_handlers(duty.task):
        raise Refused("这项责任没有可以登记事件的时限，或者已经结束。请回到责任页查看。")
    return duty


def _register_form(duty: Duty) -> RegisterForm:
    rules, handlers = verbs.event_rules(duty.task.item), verbs.able_handlers(duty.task)
    own = actor().units(MemberRole.OFFICER)
    first = next((d for d in handlers if d.id == duty.id), None)
    if first is None or (first.unit_id not in own and not actor().supervises(duty.task.document.jurisdiction_id)):
        first = next((d for d in handlers if d.unit_id in own), first or handlers[0])
    form = RegisterForm(happened_on=this_day(), handler=str(first.id), rule=str(rules[0].id))
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


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterPage(View):
    """The event of a time limit, and the date it would get."""

    template: ClassVar[str] = "cases/register.html"
    duty: Duty
    task: Task
    form: RegisterForm
    rules: list[DeadlineRule]
    by_hour: bool
    watch: list[DeadlineRule]
    words: list[tuple[str, str]]
    trial: Resolved | None
    trial_words: str
    trial_refusal: str | None


def _register_page(duty: Duty, form: RegisterForm, trial: Resolved | str | None = None) -> str:
    rules = verbs.event_rules(duty.task.item)
    result = trial if isinstance(trial, Resolved) else None
    return RegisterPage(
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
    ).render()


def resolved_words(result: Resolved | None) -> str:
    """Return a resolved date as pages show it: 2月26日 周四; 4月11日 周六起; 今日 16:00."""
    if result is None:
        return ""
    if result.due_on is not None:
        return date_words(result.due_on, this_day().year)
    if result.due_at is not None:
        return instant(result.due_at)
    return f"{date_words(result.earliest_on, this_day().year)}起" if result.earliest_on else ""
