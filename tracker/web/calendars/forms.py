"""The forms of a place's calendar: one day, a notice, and the draft as it was shown."""

from typing import Any

from flask_wtf.file import FileField
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from tracker.adapters.files.readers import ReadError, read_table_or_source
from tracker.clock.notices import Mark, Notice, NoticeError, read_days
from tracker.web.kit.fields import Choice, DayField, RowVersion, options, trimmed, wrong
from tracker.web.kit.forms import PageForm

BACK = "back"
MARKS = {**options(Mark), BACK: "恢复国家安排"}
WHY = [Optional(), Length(max=150)]


class DayForm(PageForm):
    """设定一天"""

    version = RowVersion()
    on = DayField("日期", [InputRequired("请填写日期。")])
    mark = Choice("这一天", choices=MARKS, default=Mark.OFF.value)
    name = StringField(
        "名称",
        [Optional(), Length(max=30)],
        filters=[trimmed],
        description="例如“古尔邦节”。",
    )
    why = StringField("依据", WHY, filters=[trimmed], description="文件名称、文号，或者谁的通知。")


class NoticeForm(PageForm):
    """载入通知"""

    version = RowVersion()
    paste = TextAreaField("粘贴通知全文或表格", description="连同标题。表格每行一天，例如“2027-02-11,放假,春节”。")
    file = FileField("或者选择文件", description="可以选 .docx、.html、.txt、.csv、.xlsx、.pdf。")
    why = StringField("依据", WHY, filters=[trimmed], description="不填则写“载入某年放假通知”。")
    read: Notice

    def validate(self, extra_validators: Any = None) -> bool:
        """Read what was pasted or uploaded; what cannot be read is said beside its field."""
        if not super().validate(extra_validators):
            return False
        upload = self.file.data
        try:
            if upload:
                self.read = read_days(read_table_or_source(upload.read(), upload.filename or "").text)
            else:
                self.read = read_days(self.paste.data or "")
        except (NoticeError, ReadError) as error:
            return wrong(self.file if upload else self.paste, str(error))
        return True


class ApplyForm(PageForm):
    """The draft as it was shown: its row version and its preview."""

    version = RowVersion()
    seen = StringField("预览", [Length(max=64)])
