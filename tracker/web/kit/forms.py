"""Forms that more than one room builds upon: every one carries the version of its row."""

from flask_wtf import FlaskForm

from tracker.web.kit.fields import RowVersion


class VersionForm(FlaskForm):
    """A lone button."""

    version = RowVersion()
