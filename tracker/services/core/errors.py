"""What a verb may refuse, in words a person can act on."""


class Refused(Exception):
    """The request cannot be carried out; the message is plain Chinese and says what to do."""


class NotPermitted(Refused):
    """The actor may see the thing but not do this to it (403)."""


class Stale(Refused):
    """The row has changed since the form was shown (409)."""

    def __init__(self, message: str = "这一页打开之后，内容已被更新。请核对最新内容后再提交。") -> None:
        super().__init__(message)


def check_version(row_version: int, form_version: int | None) -> None:
    """Refuse a form that was shown before the row last changed; None skips the check (no form)."""
    if form_version is not None and row_version != form_version:
        raise Stale
