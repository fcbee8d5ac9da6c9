"""The forms of a case's page: one for each act, every one carrying the row's version; and the intake's."""

from typing import Any

from flask_wtf.file import MultipleFileField
from wtforms import BooleanField, RadioField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from tracker.services.cases.checks import missing
from tracker.services.cases.ledger import LONGEST_REFERENCE
from tracker.services.core.texts import LONGEST_NOTE
from tracker.services.deadlines.extensions import LONGEST as LONGEST_REASON
from tracker.services.deadlines.extensions import by_total
from tracker.store.models import Bound, CaseStep, DeadlineRule, Satisfaction, StepKind
from tracker.web.cases.instants import check_day
from tracker.web.kit import evidence
from tracker.web.kit.fields import Choice, DayField, Money, TimeOfDayField, Whole, options, trimmed
from tracker.web.kit.forms import EvidenceForm, FilesForm, VersionForm

LONGEST_CONTENT = 5_000
CHANNELS = ("来信", "来访", "12345热线", "网上", "上级转办", "其他")
# Words go into mails and histories, which others than the handlers read.
NOT_PRIVATE = "不写来件人姓名、电话、证件号。"


def said(label: str, asked: str, *, rows: int = 3, hint: str = "", most: int = LONGEST_NOTE) -> TextAreaField:
    """Return a field for a few sentences that have to be there."""
    return TextAreaField(
        label, [DataRequired(asked), Length(max=most)], description=hint, filters=[trimmed], render_kw={"rows": rows}
    )


HINTS = {
    StepKind.LETTER: "写清请谁、在哪一天以前、办到什么程度。保存后可以打印督办书。",
    StepKind.PROGRESS: "没有变化时写“无新进展”。",
}
# The fields of some steps alone; the others have none of them.
ONLY = {
    StepKind.ACCEPT: ("done_on", "done_time"),
    StepKind.PUBLICISE: ("from_on", "until_on", "place"),
    StepKind.REFUND: ("amount", "from_on", "more"),
}
ASKED_FOR = {
    "done_on": "请填写日期。",
    "amount": "请填写返还的金额。",
    "from_on": "请填写日期。",
    "until_on": "请填写结束日期。",
    "place": "请填写公示地点。",
}
FACTS = ("done_on", "done_time", "amount", "from_on", "until_on", "place", "more")


class StepForm(FilesForm):
    """办理一步: what was done, with the facts its kind asks for."""

    done_on = DayField("办理日期", [Optional()])
    done_time = TimeOfDayField("时刻", [Optional()])
    amount = Money("返还金额", [Optional()], render_kw={"inputmode": "decimal"})
    from_on = DayField("开始日期", [Optional()])
    until_on = DayField("结束日期", [Optional()])
    place = StringField("公示地点", [Optional(), Length(max=200)], filters=[trimmed])
    more = BooleanField("还有后续返还", description="勾选后这一步不办结，下次返还时再填。")
    note = said("办理情况", "请写明办理情况，例如转往哪个单位。", hint=NOT_PRIVATE)

    def validate_done_on(self, field: DayField) -> None:
        """Refuse a day that cannot be."""
        check_day(field)


def step_form(step: CaseStep, **given: Any) -> StepForm:
    """Return the form of a step: the fields of its kind, under its own words."""
    form = StepForm(**given)
    held = ONLY.get(step.kind, ())
    if step.bound is Bound.OTHER and step.kind is not StepKind.REFUND:
        held = (*held, "done_on")
    for name in FACTS:
        if name not in held:
            delattr(form, name)
        elif name in ASKED_FOR:
            _require(form[name], ASKED_FOR[name])
    form.note.label.text = step.kind.account
    form.note.validators = [DataRequired(missing(step)), Length(max=LONGEST_NOTE)]
    form.note.description = f"{HINTS.get(step.kind, '')}{NOT_PRIVATE}"
    _name_days(form, step)
    return form


def _require(field: Any, asked: str) -> None:
    """Make a field of this form one that has to be filled in; its other validators stay."""
    field.validators = [InputRequired(asked), *(v for v in field.validators if not isinstance(v, Optional))]
    field.flags.optional, field.flags.required = False, True


def _name_days(form: StepForm, step: CaseStep) -> None:
    if step.kind is StepKind.ACCEPT:
        form.done_on.label.text, form.done_time.label.text = "受理日期", "受理时刻"
    elif "done_on" in form:
        form.done_on.label.text = "对方办理的日期"
        form.note.description = f"写明对方办理的结果。{NOT_PRIVATE}"
    if step.kind is StepKind.REFUND:
        form.from_on.label.text = "返还日期"
    if step.kind is StepKind.PUBLICISE:
        form.from_on.label.text, form.until_on.label.text = "公示开始日期", "公示结束日期"


class ReferForm(VersionForm):
    """转办"""

    to = Choice("转给", [DataRequired("请选择转给哪个单位。")], choices={})
    note = said("转办的事项和要求", "请写明转办的事项和要求。", hint=NOT_PRIVATE)


class ReturnForm(VersionForm):
    """退回转办"""

    note = said("退回的原因", "请写明为什么不属于本单位，以及应由哪个单位办理。")


class CasePauseForm(VersionForm):
    """暂停计时"""

    reason = said("暂停的原因", "请写明暂停的原因，例如正在听证、征求第三方意见。", rows=2, most=LONGEST_REASON)
    authority = StringField(
        "依据",
        [DataRequired("请写明暂停的依据，例如行政许可法第四十五条。"), Length(max=200)],
        description="可以从列表中选择，也可以直接填写。",
        filters=[trimmed],
        render_kw={"list": "authorities", "autocomplete": "off"},
    )


class CaseExtendForm(VersionForm):
    """申请延期"""

    amount = Whole(
        "延长后的总期限", [InputRequired("请填写延长后的总期限，整数。")], render_kw={"inputmode": "numeric"}
    )
    wanted_on = DayField("延至", [InputRequired("请填写延期后的日期。")])
    reason = said("延期的原因", "请写明延期的原因，例如案情复杂。", rows=2, most=LONGEST_REASON)


def extend_form(rule: DeadlineRule | None, **given: Any) -> CaseExtendForm:
    """Return the form of more time: a new total where the limit names the longest, else a later day."""
    form = CaseExtendForm(**given)
    if rule is not None and by_total(rule):
        del form.wanted_on
    else:
        del form.amount
    return form


class CaseDecideForm(VersionForm):
    """审批延期"""

    note = TextAreaField(
        "审批意见",
        [Length(max=LONGEST_REASON)],
        description="不批准时必须写明原因。批准时可以不写。",
        filters=[trimmed],
        render_kw={"rows": 2},
    )


class ConcludeForm(VersionForm):
    """办结"""

    note = said("办理结果", "请写明办理结果。", hint=NOT_PRIVATE)


class VisitForm(VersionForm):
    """回访"""

    satisfaction = RadioField("来件人是否满意", [InputRequired("请选择回访的结果。")], choices=options(Satisfaction))
    note = said("回访情况", "请写明回访情况。", hint=NOT_PRIVATE)


class NoteForm(FilesForm):
    """补充说明"""

    note = said("补充的情况", "请写明补充的情况。", hint=NOT_PRIVATE)


class IntakeForm(EvidenceForm):
    """登记办件"""

    variant = RadioField("类别", [InputRequired("请选择类别。")], choices={})
    unit = Choice("办理单位", [InputRequired("请选择办理单位。")], choices={})
    channel = Choice("来源", [Optional()], choices={"": "未注明", **{c: c for c in CHANNELS}})
    happened_on = DayField("日期", [InputRequired("请填写日期。")])
    happened_time = TimeOfDayField("时刻", [Optional()])
    accepted_on = DayField("正式受理日期", [Optional()], description="还没有受理可留空，受理时再填。")
    accepted_time = TimeOfDayField("正式受理时刻", [Optional()])
    reference = StringField(
        "摘要",
        [DataRequired("请填写简短的摘要或代称。"), Length(max=LONGEST_REFERENCE)],
        description="会出现在列表和提醒邮件里：不写姓名、电话、证件号、金额。",
        filters=[trimmed],
        render_kw={"autocomplete": "off"},
    )
    content = TextAreaField(
        "内容",
        [Optional(), Length(max=LONGEST_CONTENT)],
        filters=[trimmed],
        render_kw={"rows": 6},
        description="来件反映的事项和诉求。其中的姓名和号码只对办理人员完整显示。",
    )
    amount = Money("涉及金额", [Optional()], render_kw={"inputmode": "decimal", "autocomplete": "off"})
    accused_unit = Choice("被投诉单位", [Optional()], choices={})
    accused = StringField(
        "不在单位库中的名称", [Optional(), Length(max=200)], filters=[trimmed], description="例如建设单位、企业。"
    )
    firm = StringField("企业名称", [Optional(), Length(max=200)], filters=[trimmed])
    name = StringField(
        "来件人姓名", [Optional(), Length(max=100)], filters=[trimmed], render_kw={"autocomplete": "off"}
    )
    phone = StringField(
        "联系电话",
        [Optional(), Length(max=60)],
        filters=[trimmed],
        render_kw={"autocomplete": "off", "inputmode": "tel"},
    )
    address = StringField(
        "联系地址", [Optional(), Length(max=200)], filters=[trimmed], render_kw={"autocomplete": "off"}
    )
    files = MultipleFileField("附件", [Optional()], description=evidence.HINT)

    def validate_happened_on(self, field: DayField) -> None:
        """Refuse a day that cannot be."""
        check_day(field)

    def validate_accepted_on(self, field: DayField) -> None:
        """Refuse a day that cannot be."""
        check_day(field)

    def validate_accepted_time(self, field: TimeOfDayField) -> None:
        """A time of day alone says nothing."""
        if field.data is not None and self.accepted_on.data is None:
            raise ValidationError("请同时填写正式受理日期。")

    def validate_accused(self, field: StringField) -> None:
        """One body complained of, by choice or by name."""
        if field.data and self.accused_unit.data:
            raise ValidationError("被投诉单位已从单位库中选择，请不要再填名称。")
