"""What every form is built upon: refusals in Chinese, and the version of the row where one is edited."""

from flask_wtf import FlaskForm
from wtforms import Form
from wtforms.meta import DefaultMeta

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
