"""责任延期: asking for a later day on a page of its own, deciding on the duty's page."""

from dataclasses import dataclass
from typing import ClassVar

from flask import request
from wtforms import TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from tracker.rules.workflow import Action
from tracker.services.core.errors import Refused
from tracker.services.duties import extensions as verbs
from tracker.services.duties.progress import step_for
from tracker.store.deadlines.extensions import extensions_of_duty
from tracker.store.models import Duty, Task
from tracker.web.duties.acts import act
from tracker.web.duties.page import load, render
from tracker.web.kit.access import actor, db, or_404, this_act
from tracker.web.kit.fields import Choice, DayField, trimmed
from tracker.web.kit.forms import VersionForm
from tracker.web.kit.posting import Answer
from tracker.web.kit.views import View
from tracker.web.kit.words import due_words


class DutyExtendForm(VersionForm):
    """申请延期"""

    milestone = Choice("哪个时限", [InputRequired("请选择时限。")], choices={})
    wanted_on = DayField("延至", [InputRequired("请填写延期后的日期。")])
    reason = TextAreaField(
        "原因",
        [DataRequired("请写明延期的原因。"), Length(max=500)],
        description="已经做了什么，为什么不能按期完成，接下来怎样办。",
        filters=[trimmed],
    )


class DutyDecideForm(VersionForm):
    """审批延期"""

    note = TextAreaField("意见", [Length(max=500)], filters=[trimmed])


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendPage(View):
    """The form that asks for more time."""

    template: ClassVar[str] = "duties/extend.html"
    duty: Duty
    task: Task
    form: DutyExtendForm


def extend(duty_id: int) -> Answer:
    """申请延期"""
    form = DutyExtendForm()

    def page(duty: Duty) -> str:
        return ExtendPage(duty=duty, task=duty.task, form=form).render()

    duty = load(duty_id)
    dates = verbs.extendable(db(), duty)
    form.milestone.choices = {str(m.id): f"{due_words(m)}（{m.rule.act or '办理完成'}）" for m in dates}
    if request.method == "GET":
        step_for(actor(), duty, Action.EXTEND)
        if not dates:
            raise Refused("没有可以申请延期的时限。")
        form.version.data = duty.version
        return page(duty)
    form.milestone.validate_choice = False  # one that is gone is refused by the verb, with its own words

    def verb(found: Duty) -> None:
        chosen = int(form.milestone.data) if (form.milestone.data or "").isdigit() else 0
        verbs.ask(this_act(), found, chosen, form.wanted_on.data, form.reason.data or "", form.version.data)

    return act(duty_id, Action.EXTEND, form, verb, "已提交延期申请，等待审批；批准之前仍按原期限计算。", page)


def decide(duty_id: int, extension_id: int) -> Answer:
    """审批延期"""
    form = DutyDecideForm()
    grant = "refuse" not in request.form

    def verb(duty: Duty) -> None:
        found = or_404(next((e for e in extensions_of_duty(db(), duty.id) if e.id == extension_id), None))
        verbs.decide(this_act(), duty, found, grant, form.note.data or "", form.version.data)

    def again(duty: Duty) -> str:
        return render(duty, failed=form)

    return act(duty_id, Action.DECIDE, form, verb, "已批准延期。" if grant else "已退回延期申请。", again)
