"""Captions (表题) of task tables: the line above the header, and whether it is a name of the table's own."""

import re
from dataclasses import dataclass

from tracker.reading.plan import Span
from tracker.reading.tables.rows import Table
from tracker.reading.text.lazy import lazy

_LIMIT = 64
_LOOKED_BACK = 3  # lines
_ENDS = lazy(r"(?:表|清单|台账|分工|分工方案|任务书|责任书|安排|要点)(?:（[^（）]{1,14}）)?$")
_ATTACHED = lazy(r"附(?:件|表)?\s*[\d零一二三四五六七八九十]{0,3}\s*[：:.、]?\s*")
# Words that say only that a table is one of tasks.
_SORT = lazy(
    r"重点|主要|工作|任务|职责|责任|分工|分解|落实|细化|清单|台账|安排|明细|一览|方案|推进|要点|事项|措施|单位|[及和与的表书（）]"
)
_NAMED = 4  # characters of a name that are left without those words


@dataclass(frozen=True, slots=True)
class Caption:
    """A table's own name and where it stands."""

    title: str
    span: Span


def caption_of(printed: str, flat: str, table: Table, *, after: int) -> Caption | None:
    """The name that a table behind the text bears; None where it bears none of its own (附件, 任务分工表)."""
    lines: list[Span] = []
    at = table.start
    while at > after and len(lines) < _LOOKED_BACK:
        start = flat.rfind("\n", 0, at - 1) + 1 if at else 0
        line = Span(max(start, after), at)
        words = flat[line.start : line.end].strip()
        at = start
        if not words:
            if start == 0:
                break
            continue
        if len(words) > _LIMIT or words[-1] in "。；：，":
            break
        lines.append(line)
        if _ATTACHED.match(words):
            break
    for n, line in enumerate(lines):
        words = flat[line.start : line.end].strip()
        attached = _ATTACHED.match(words)
        name = words[attached.end() :] if attached else words
        if not _ENDS.search(name):
            continue
        start = line.start
        # A name may be set on two lines, below the 附件 that it is.
        above = lines[n + 1 :]
        for other in above:
            text = flat[other.start : other.end].strip()
            if _ATTACHED.fullmatch(text):
                start = other.start
                break
            if attached or _ATTACHED.match(text):
                break
        if len(_SORT.sub("", name)) < _NAMED:
            return None
        first = start + len(flat[start : table.start]) - len(flat[start : table.start].lstrip())
        title = re.sub(r"\s+", "", printed[line.start : line.end].strip())
        return Caption(title[len(re.sub(r"\s+", "", attached[0])) :] if attached else title, Span(first, line.end))
    return None


__all__ = ["Caption", "caption_of"]
