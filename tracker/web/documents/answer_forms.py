"""The forms that answer for a whole document under confirmation."""

from datetime import date
from typing import Any

from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from tracker.store.models import PastAnswer
from tracker.web.deadlines.rhythms import BAD_DAY, DAY_CHOICES, RHYTHM_CHOICES, rrule
from tracker.web.kit.fields import Choice, DayField, RowVersion, options, trimmed, wrong
from tracker.web.kit.forms import PageForm


class FactsForm(PageForm):
    """文件信息"""

    version = RowVersion()
    title = TextAreaField("标题", [InputRequired("请填写文件标题。"), Length(max=500)])
    doc_no = StringField("文号", [Length(max=200)], filters=[trimmed])
    issued_on = DayField(
        "印发日期", [InputRequired("请填写印发日期。")], description="“自印发之日起”的期限从这一天起算。"
    )
    effective_on = DayField("施行日期", [Optional()], description="与印发日期不同时填写。")
    expires_on = DayField("有效期至", [Optional()], description="文件写明有效期时填写，周期时限到这一天为止。")
    expired_answer = RadioField(
        "文件已过有效期，怎么处理", choices=options(PastAnswer), validators=[Optional()], validate_choice=False
    )

    def answer(self) -> PastAnswer | None:
        return PastAnswer(self.expired_answer.data) if self.expired_answer.data in set(PastAnswer) else None


class UndatedForm(PageForm):
    """为无时限措施设定时限"""

    way = RadioField(
        "怎样设定",
        choices={"rhythm": "定期反馈进展", "date": "一个完成日期"},
        default="rhythm",
        validators=[InputRequired("请选择一种。")],
    )
    rhythm = Choice("周期", choices=RHYTHM_CHOICES, default="month")
    day = Choice("每期哪一天", choices=DAY_CHOICES, default="")
    due_on = DayField("完成日期", [Optional()])

    def validate(self, extra_validators: Any = None) -> bool:
        fine: bool = super().validate(extra_validators)
        if self.way.data == "date" and self.due_on.data is None and not self.due_on.errors:
            return wrong(self.due_on, "请填写完成日期。")
        if self.way.data == "rhythm" and self.chosen_rrule() is None:
            return wrong(self.day, BAD_DAY)
        return fine

    def chosen_rrule(self) -> str | None:
        return rrule(self.rhythm.data or "", self.day.data or "") if self.way.data == "rhythm" else None

    def chosen_date(self) -> date | None:
        return self.due_on.data if self.way.data == "date" else None


class PastForm(PageForm):
    """答复已过的日期"""

    answer = RadioField(
        "这些日期已过的措施",
        choices=options(PastAnswer),
        validators=[InputRequired("请选择一种。")],
    )
    renewed_on = DayField("新的日期", [Optional()], description="选“仍需办理”时填写。")

    def validate(self, extra_validators: Any = None) -> bool:
        fine: bool = super().validate(extra_validators)
        if self.answer.data == "open" and self.renewed_on.data is None and not self.renewed_on.errors:
            return wrong(self.renewed_on, "仍需办理的，请填写今天或以后的新日期。")
        return fine


class PublishForm(PageForm):
    """发布"""

    version = RowVersion()
    promised = StringField("要生成的内容")  # the mark of what the page showed
