"""Plans of a text as JSON, made in a process apart (`sandbox`): no text can stand the site still."""

import json
from typing import Any

from tracker.adapters.files.readers import ReadError

TOO_LONG = "正文过长，在规定的时间里没有读完。请拆分后分别上传，或只粘贴需要的部分。"


class NotReadInTime(ReadError):
    """The text was not read within the time that a reading is given."""


def plans_of(text: str, level: str | None = None) -> dict[str, Any]:
    """Return the whole reading of a text as `tracker.reading.rendering` prints it; raises ReadError.

    `level` is the style of number that makes a measure; the reading chooses where none is given.
    """
    from tracker.adapters.files.sandbox import TOO_SLOW, read_apart

    found, reason = read_apart(__name__, asked(text, level))
    if found is None:
        raise NotReadInTime(TOO_LONG) if reason == TOO_SLOW else ReadError(reason)
    reading: dict[str, Any] = json.loads(found)
    return reading


def asked(text: str, level: str | None = None) -> bytes:
    """Return what the other process is handed: a line that names the level, and the text."""
    return f"{level or ''}\n{text}".encode("utf-8", "surrogatepass")


def text_of(data: bytes) -> str:
    """Read the plans of a text; called in the other process."""
    from tracker.reading.extraction import read
    from tracker.reading.rendering import as_json

    level, _, text = data.decode("utf-8", "surrogatepass").partition("\n")
    return json.dumps(as_json(read(text, level or None)), ensure_ascii=False)
