"""What every form is built upon: refusals in Chinese, and the version of the row where one is edited."""

from collections.abc import Iterator
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import Form, SelectMultipleField
from wtforms.meta import DefaultMeta
from wtforms.validators import Optional

from tracker.web.kit import evidence
from tracker.web.kit.fields import RowVersion


class ChineseMeta:
    """WTForms' own Chinese messages; Flask-WTF would ask Flask-Babel for them, which is not installed."""

    locales = ("zh",)
    get_translations = DefaultMeta.get_translations


class PageForm(FlaskForm):
    """A form of a page, with its CSRF token."""

    Meta = ChineseMeta


class FormPart(Form):
    """A group of fields that stands several times in a page's form."""

    Meta = ChineseMeta


class VersionForm(PageForm):
    """A lone button."""

    version = RowVersion()


class Kept(SelectMultipleField):
    """The files a refused form had already brought; each value is a token that names one."""

    def pre_validate(self, form: object) -> None:
        """Let every token through: one that names nothing is left out when the files are recalled."""


class EvidenceForm(PageForm):
    """A form that files may be added to."""

    files = MultipleFileField("佐证材料", [Optional()], description=evidence.HINT)
    kept = Kept("已收到的文件", choices={})
    refusals: tuple[str, ...] = ()  # of files that came with it and were not taken

    def validate(self, extra_validators: Any = None) -> bool:
        """Refuse a form some of whose files were not taken."""
        fine: bool = super().validate(extra_validators)
        self.files.errors = [*self.files.errors, *self.refusals]
        return fine and not self.refusals


class FilesForm(EvidenceForm, VersionForm):
    """A form about a row that evidence may be added to."""


def changed(form: Any, fresh: Any) -> bool:
    """Whether what was sent differs from a form as it is drawn; what cannot be read was typed by somebody."""
    return any(getattr(one, "process_errors", ()) for one in _leaves(form)) or _typed(form) != _typed(fresh)


def _typed(form: Any) -> dict[str, Any]:
    """Return what a form holds as it would be sent, empty rows and empty fields left out."""
    return {one.name: one.data for one in _leaves(form) if one.data not in (None, "", False, [])}


def _leaves(form: Any) -> Iterator[Any]:
    for one in form:
        if one.short_name in ("csrf_token", "version"):
            continue
        entries = getattr(one, "entries", None)
        if entries is not None:
            for entry in entries:
                yield from _leaves(entry.form)
        else:
            yield one
