"""What a verb may refuse, in words a person can act on."""

from collections.abc import Iterable
from typing import NamedTuple


class Fault(NamedTuple):
    """One thing that is wrong, in plain Chinese, and the field of the form it is about; None where it is about all."""

    words: str
    field: str | None = None


class NotPermitted(Exception):
    """The actor may see the thing but not do this to it (403); no form of his can mend that."""


class Refused(Exception):
    """The request cannot be carried out as it stands: every fault is said at once, and what to do about it."""

    def __init__(self, words: str, field: str | None = None, *more: Fault) -> None:
        self.faults = (Fault(words, field), *more)
        super().__init__("".join(fault.words for fault in self.faults))


def refuse(faults: Iterable[Fault]) -> None:
    """Refuse where there is anything wrong, with all of it."""
    found = list(faults)
    if found:
        raise Refused(*found[0], *found[1:])


class Stale(Refused):
    """The row has changed since the form was shown (409)."""

    def __init__(self, message: str = "这一页打开之后，内容已被更新。请核对最新内容后再提交。") -> None:
        super().__init__(message)


def check_version(row_version: int, form_version: int | None) -> None:
    """Refuse a form that was shown before the row last changed; None skips the check (no form)."""
    if form_version is not None and row_version != form_version:
        raise Stale
