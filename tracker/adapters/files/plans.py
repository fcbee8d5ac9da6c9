"""Plans of a text as JSON, made in a process apart (`sandbox`): no text can stand the site still."""

import json
from typing import Any

from tracker.adapters.files.readers import ReadError

TOO_LONG = "正文过长，在规定的时间里没有读完。请拆分后分别上传，或只粘贴需要的部分。"


def plans_of(text: str) -> dict[str, Any]:
    """Return the whole reading of a text as `tracker.reading.rendering` prints it; raises ReadError."""
    from tracker.adapters.files.sandbox import TOO_SLOW, read_apart

    found, reason = read_apart(__name__, text.encode("utf-8", "surrogatepass"))
    if found is None:
        raise ReadError(TOO_LONG if reason == TOO_SLOW else reason)
    reading: dict[str, Any] = json.loads(found)
    return reading


def text_of(data: bytes) -> str:
    """Read the plans of a text; called in the other process."""
    from tracker.reading.extraction import read
    from tracker.reading.rendering import as_json

    return json.dumps(as_json(read(data.decode("utf-8", "surrogatepass"))), ensure_ascii=False)
