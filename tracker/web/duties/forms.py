"""The forms of a duty's page; every one carries the row's version."""

from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, ValidationError

from tracker.reading.plan import Role
from tracker.web.kit.fields import Choice, Whole, options, trimmed
from tracker.web.kit.forms import FilesForm, PageForm, VersionForm

LONGEST_TEXT = 5_000
TOO_LONG = f"请不超过 {LONGEST_TEXT} 个字，更长的内容请作为佐证材料上传。"
NOTHING_NEW = "无新进展"


class ReportForm(FilesForm):
    """反馈进展"""

    text = TextAreaField(
        "本期做了什么",
        [DataRequired("请写明本期做了什么。"), Length(max=LONGEST_TEXT, message=TOO_LONG)],
        filters=[trimmed],
    )
    percent = Whole(
        "完成程度",
        [
            InputRequired("请填写完成程度，0 到 100 的整数。"),
            NumberRange(0, 100),
        ],
    )
    milestone = Choice("反馈哪一期", choices={})


class DutyPauseForm(VersionForm):
    """暂停计时"""

    reason = TextAreaField(
        "暂停的原因",
        [DataRequired("请写明暂停的原因。"), Length(max=500)],
        description="例如正在听证、正在征求第三方意见。",
        filters=[trimmed],
    )
    authority = StringField(
        "依据",
        [DataRequired("请写明暂停的依据。"), Length(max=200)],
        description="写明不计算期间的法律条款。",
        filters=[trimmed],
    )


class SubmitForm(FilesForm):
    """申请办结"""

    text = TextAreaField(
        "办结情况",
        [DataRequired("请写明办结情况。"), Length(max=LONGEST_TEXT, message=TOO_LONG)],
        description="写清完成了什么、依据是什么，审核人据此判断是否办结。",
        filters=[trimmed],
    )


class ReviewForm(VersionForm):
    """审核"""

    note = TextAreaField(
        "审核意见",
        [Length(max=LONGEST_TEXT, message=TOO_LONG)],
        description="退回时必须写明原因，承办单位会看到。同意时可以不写。",
        filters=[trimmed],
    )


class SendBackForm(ReviewForm):
    """退回: the opinion must be written."""

    def validate_note(self, field: TextAreaField) -> None:
        """Refuse an opinion left empty."""
        if not field.data:
            raise ValidationError("请写明退回的原因，承办单位据此补充。")


class ReasonForm(VersionForm):
    """撤销, 恢复"""

    note = TextAreaField(
        "原因",
        [DataRequired("请写明原因。"), Length(max=LONGEST_TEXT, message=TOO_LONG)],
        description="记入经过，以后可以查到。",
        filters=[trimmed],
    )


class AddUnitForm(PageForm):
    """增加责任单位"""

    unit = Choice("单位", [DataRequired("请选择单位。")], coerce=str, choices={})
    role = Choice(
        "角色",
        choices=options([Role.RESPONSIBLE, Role.LEAD, Role.EACH, Role.SUPPORT]),
        description="配合单位没有时限，随任务办结；其他角色的时限与本措施同一角色的单位相同。",
    )
    note = TextAreaField(
        "原因",
        [DataRequired("请写明原因。"), Length(max=LONGEST_TEXT, message=TOO_LONG)],
        description="例如：经会议明确由该单位承担。记入经过。",
        filters=[trimmed],
    )
