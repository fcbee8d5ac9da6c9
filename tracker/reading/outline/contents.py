"""A table of contents (目录) whose lines were lost: entries without a body, whose words all come again further on."""

from collections.abc import Sequence

from tracker.reading.outline.series import Entry
from tracker.reading.text.lazy import lazy

_LONGEST = 70
_LEAST = 3
_WITHIN = 12_000  # a table of contents stands at the head
_PAGE = lazy(r"[.…·﹒．-]*（?\d{1,3}）?$")
_END = lazy(r"[.…·﹒．-]*（?\d{1,3}）?")
_TOLD = 8


def contents_of(bare: str, entries: Sequence[Entry]) -> tuple[int, int] | None:
    """Where the table of contents stands, if the text has one."""
    if not entries or entries[0].marker.start > _WITHIN:
        return None
    last, least = 0, _LEAST
    for n in range(1, len(entries)):
        if n >= _LEAST and _repeats(bare, entries, n):
            least = _LEAST - 1
            break
        if entries[n].marker.start - entries[n - 1].marker.body > _LONGEST:
            break
        last = n
    # The entry behind which the first body stands is the last of the table, or the first of the text.
    told = [_words(bare, entries[n].marker.body, entries[n + 1].marker.start) for n in range(last)]
    if len(told) < least or any("。" in words for words in told):
        return None
    start, end = entries[0].marker.start, entries[last].marker.start
    again = sum(bare.find(words[:_TOLD], end) >= 0 for words in told if words)
    if again * 5 < len(told) * 4:
        return None
    if bare.startswith("目录", max(start - 2, 0)):
        start -= 2
    return start, _behind(bare, entries, last)


def _repeats(bare: str, entries: Sequence[Entry], n: int) -> bool:
    """Whether an entry says the first one again: the text begins here."""
    first, again = entries[0].marker, entries[n].marker
    words = _words(bare, first.body, entries[1].marker.start)[:_TOLD]
    return first.style == again.style and first.path == again.path and bare.startswith(words, again.body)


def _words(bare: str, start: int, end: int) -> str:
    words = bare[start:end]
    return words[: len(words) - len(_page(words))]


def _page(words: str) -> str:
    match = _PAGE.search(words, max(0, len(words) - 40))
    return match[0] if match else ""


def _behind(bare: str, entries: Sequence[Entry], last: int) -> int:
    """Where the table ends: before the first entry that has a body, or in it behind its page."""
    marker = entries[last].marker
    first = _words(bare, entries[0].marker.body, entries[1].marker.start)
    if bare.startswith(first[:_TOLD], marker.body):
        return marker.start  # the first heading again: the text begins here
    for place in range(marker.body + 2, min(marker.body + _LONGEST, len(bare))):
        match = _END.match(bare, place)
        if match and match.end() > place and bare[match.end() - 1] in "0123456789）":
            return match.end()
    return marker.start
