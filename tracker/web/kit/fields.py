"""Form fields of our own; they say what to do where WTForms would only say what is wrong."""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, IntegerField, SelectField, SelectMultipleField, StringField, TimeField
from wtforms.validators import StopValidation, ValidationError
from wtforms.widgets import HiddenInput

from tracker.rules.labels import Labelled
from tracker.store.core.posting import posted_so_far
from tracker.store.models import UnitKind
from tracker.store.registry.units import Choices
from tracker.web.kit.access import actor, db


class Whole(IntegerField):
    """A whole number; blanks alone are no number."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata([v.strip() for v in valuelist if v.strip()])


class DayField(DateField):
    """A date."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([v for v in valuelist if v.strip()])
        except ValueError:
            raise ValueError("请按 2026-03-23 的样子填写日期。") from None


class TimeOfDayField(TimeField):
    """A time of day."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([v[:5] for v in valuelist if v.strip()])
        except ValueError:
            raise ValueError("请按 09:30 的样子填写时间。") from None


_SUM = re.compile(r"\d{1,13}(\.\d{1,2})?")
_ROW_ID = re.compile(r"[0-9]{1,9}")


class Money(StringField):
    """A sum in 元, as people type it (365,000.50); its data are whole 分, what cannot be read stays as typed."""

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = valuelist[0].strip() if valuelist else ""
        if not typed:
            self.data = None
            return
        plain = typed.replace(",", "").replace("，", "").removesuffix("元").strip()
        if not _SUM.fullmatch(plain):
            self.data = None
            raise ValueError("请填数字，最多两位小数，单位为元，例如 365000.50。")
        self.data = int(Decimal(plain) * 100)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{Decimal(self.data) / 100:.2f}" if self.data is not None else ""


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
    data: int | None

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            self.data = None

    def pre_validate(self, form: Any) -> None:
        if self.data is None:
            raise StopValidation("这一页的内容不完整，请重新打开后再提交。")


def _so_far() -> str | None:
    if request.method == "POST":
        return None  # it comes with the form; asking for it would take the lock before the form is read
    number, at = posted_so_far(db(), actor().user_id or 0)
    return f"{number}_{at:%Y%m%d%H%M%S%f}" if at else "0"


class FormToken(HiddenField):
    """How far its reader had come when the form was drawn: another once he has carried something out.

    What makes something new has no row whose version would tell a form sent twice from a second one meant.
    """

    def __init__(self, label: str = "", **more: Any) -> None:
        super().__init__(label, default=_so_far, **more)

    def pre_validate(self, form: Any) -> None:
        if not self.data or len(self.data) > 40:
            raise StopValidation("这一页的内容不完整，请重新打开后再提交。")


class Ids(SelectMultipleField):
    """Boxes ticked: numbers whose meaning the service checks."""

    def __init__(self, label: str = "", **more: Any) -> None:
        super().__init__(label, coerce=int, choices={}, validate_choice=False, **more)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = [int(v) for v in valuelist if _ROW_ID.fullmatch(v)]


def options(members: Iterable[Labelled]) -> dict[str, str]:
    """Return enum members as the choices of a select."""
    return {m.value: m.label for m in members}


def wrong(field: Any, words: str) -> bool:
    """Add words to a field's errors; returns False, as a form's validation does."""
    field.errors = [*field.errors, words]
    return False


def trimmed(value: str | None) -> str | None:
    """Take the blanks off both ends of what was typed."""
    return value.strip() if value else value


def rename(form: FlaskForm, key: str) -> None:
    """Give a form's controls ids of their own: several forms of one page hold fields of one name."""
    for field in form:
        field.id = f"{key}-{field.short_name}"
        field.label.field_id = field.id


def by_kind(choices: Choices) -> list[tuple[str, list[tuple[int, str]]]]:
    """Return a registry's units under their kinds, for lists of boxes and selects."""
    found: dict[UnitKind, list[tuple[int, str]]] = {}
    for unit_id, name, kind in choices.units:
        found.setdefault(kind, []).append((unit_id, name))
    return [(kind.label, found[kind]) for kind in UnitKind if kind in found]
