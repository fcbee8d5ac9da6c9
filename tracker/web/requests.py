"""What a request brings, without what no person types and no database keeps."""

import re

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.utils import cached_property

_NEVER = re.compile("[\x00\ud800-\udfff]")


def plain(text: str) -> str:
    """Return a text without NUL and without halves of surrogate pairs: PostgreSQL refuses both."""
    return _NEVER.sub("", text)


def _plain(values: MultiDict[str, str]) -> ImmutableMultiDict[str, str]:
    return ImmutableMultiDict([(plain(name), plain(value)) for name, value in values.items(multi=True)])


class PlainRequest(Request):
    """A request whose fields and query hold plain text alone, wherever they are read."""

    def _load_form_data(self) -> None:
        if "form" in self.__dict__:
            return
        super()._load_form_data()
        self.__dict__["form"] = _plain(self.form)

    @cached_property
    def args(self) -> ImmutableMultiDict[str, str]:
        return _plain(super().args)
