"""Form fields that refuse in Chinese what their WTForms parents refuse in English."""

from collections.abc import Iterable
from typing import Any

from wtforms import DateField, HiddenField, IntegerField, SelectField, SelectMultipleField, TimeField
from wtforms.validators import StopValidation, ValidationError
from wtforms.widgets import HiddenInput

from tracker.web.words import label


class Whole(IntegerField):
    """A whole number."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([v.strip() for v in valuelist if v.strip()])
        except ValueError:
            raise ValueError("请填整数。") from None


class Day(DateField):
    """A date."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([v for v in valuelist if v.strip()])
        except ValueError:
            raise ValueError("请按 2026-03-23 的样子填写日期。") from None


class Clock(TimeField):
    """A time of day."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([v[:5] for v in valuelist if v.strip()])
        except ValueError:
            raise ValueError("请按 09:30 的样子填写时间。") from None


class Choice(SelectField):
    """One of a list; what is not in the list is refused."""

    def pre_validate(self, form: Any) -> None:
        try:
            super().pre_validate(form)
        except ValidationError:
            raise ValidationError("请从列表中选择一项。") from None


class RowVersion(IntegerField):
    """The version of the row a form was drawn from; a form without it is refused."""

    widget = HiddenInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            self.data = None

    def pre_validate(self, form: Any) -> None:
        if self.data is None:
            raise StopValidation("这一页的内容不完整，请重新打开后再提交。")


class FormKey(HiddenField):
    """A form's own name, so that posting it twice is noticed."""

    def pre_validate(self, form: Any) -> None:
        if not self.data or len(self.data) > 40:
            raise StopValidation("这一页的内容不完整，请重新打开后再提交。")


class Ids(SelectMultipleField):
    """Boxes ticked: numbers whose meaning the service checks."""

    def __init__(self, label: str = "", **more: Any) -> None:
        super().__init__(label, coerce=int, choices={}, validate_choice=False, **more)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = [int(v) for v in valuelist if v.isdigit()]


def options(members: Iterable[Any]) -> dict[str, str]:
    """Return enum members as the choices of a select."""
    return {m.value: label(m) for m in members}


def wrong(field: Any, words: str) -> bool:
    """Add words to a field's errors; returns False, as a form's validation does."""
    field.errors = [*field.errors, words]
    return False


def trimmed(value: str | None) -> str | None:
    """Take the blanks off both ends of what was typed."""
    return value.strip() if value else value
