"""Cleaned text (净文): widths and brackets unified, layout blanks dropped, every character still traceable.

Two steps. `fold` replaces characters one for one, so that offsets stay those of the source. `Clean` then
joins chosen stretches of the source without their blanks and keeps where each came from.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable

from tracker.reading.plan import Span
from tracker.reading.text.lazy import lazy
from tracker.reading.text.markdown import without_marks

# One character for one character: the folded text has the offsets of the source.
_SAME_MEANING = (
    ("(（", "（"),
    (")）", "）"),
    ("〔［[【", "（"),
    ("〕］]】", "）"),
    (",", "，"),
    (":", "："),
    (";", "；"),
    ("﹒．", "."),
    ("﹕\u2236", "："),
    ("﹔", "；"),
    ("﹐", "，"),
    ("?", "？"),
    ("!", "！"),
    ("％", "%"),
    ("～", "~"),
    ("—–\u2212", "-"),
    ("０", "0"),
    ("１", "1"),
    ("２", "2"),
    ("３", "3"),
    ("４", "4"),
    ("５", "5"),
    ("６", "6"),
    ("７", "7"),
    ("８", "8"),
    ("９", "9"),
)
_TABLE = {ord(char): to for chars, to in _SAME_MEANING for char in chars if char != to}
_NAME = 60  # characters; of a short text each is looked up, a long one is searched for each that may stand in it
_REPLACEMENTS = tuple((char, to) for chars, to in _SAME_MEANING for char in chars if char != to)
# What web pages and PDF extractors leave between words.
_INVISIBLE = ("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\xad", "\xa0", "\ue5e5")
_ENTITY = lazy(r"&(?:nbsp|ensp|emsp|thinsp|#160|#xa0|#8194|#8195|#12288);?", re.IGNORECASE)
_TAG = lazy(r"</?(?:p|br|div|span|td|tr|th|table|tbody|strong|b|li|ul|ol|h[1-6]|a|font|img)\b[^<>]{0,300}>", re.I)
_WORDS = lazy(r"\S+")
_BLANK = lazy(r"\s")


def unveil(text: str) -> str:
    """The text with entities, tags and invisible characters blanked out, at the same offsets."""
    for char in _INVISIBLE:
        text = text.replace(char, " ")
    if "&" in text:
        text = _ENTITY.sub(lambda m: " " * len(m[0]), text)
    if "<" in text:
        text = _TAG.sub(lambda m: "\n" + " " * (len(m[0]) - 1), text)
    if "*" in text or "#" in text or "__" in text:
        text = without_marks(text)
    return text


def fold(text: str) -> str:
    """The text with half-width punctuation, odd brackets and full-width digits unified, at the same offsets."""
    if len(text) < _NAME:
        return text.translate(_TABLE)
    for char, to in _REPLACEMENTS:
        text = text.replace(char, to)
    return text


def _is_word(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _means_something(before: str, after: str) -> bool:
    """Whether a blank parts two Latin words, or two bodies of a list; elsewhere in Chinese it is layout."""
    if _is_word(before):
        return _is_word(after) and not (before.isdigit() and after.isdigit())
    return before in _ENDS_BODY and after in _BEGINS_BODY


_PARTS = frozenset("\n\r\t\u3000\u2003\f\v")
_ENDS_BODY = frozenset("局委办厅院署")
_BEGINS_BODY = frozenset("市县区省州国各")


class Clean:
    """Stretches of a source joined without blanks; `text` as printed, `flat` folded, both of one length."""

    __slots__ = ("_at", "_from", "breaks", "flat", "text")

    _at: list[int]
    _from: list[int]

    def __init__(self, printed: str, folded: str, stretches: Iterable[tuple[int, int]]) -> None:
        self.breaks: list[int] = []  # where a line ended, or blanks stood that part more than words
        stretches = list(stretches)
        if len(stretches) == 1:
            start, end = stretches[0]
            if 0 <= start < end <= len(folded) and _BLANK.search(folded, start, end) is None:
                # Most are one word of one line.
                self._at, self._from = [0], [start]
                self.text, self.flat = printed[start:end], folded[start:end]
                return
        parts: list[str] = []
        flats: list[str] = []
        self._at = []
        self._from = []
        length = ended = 0
        last = ""
        for start, end in stretches:
            if length:
                self.breaks.append(length)
            for word in _WORDS.finditer(folded, start, end):
                a, b = word.span()
                if length and (a - ended > 1 or folded[ended] in _PARTS):
                    self.breaks.append(length)
                ended = b
                if last and _means_something(last, folded[a]):
                    parts.append(" ")
                    flats.append(" ")
                    self._at.append(length)
                    self._from.append(a - 1 if a else 0)
                    length += 1
                parts.append(printed[a:b])
                flats.append(word[0])
                self._at.append(length)
                self._from.append(a)
                length += b - a
                last = folded[b - 1]
        self.text = "".join(parts)
        self.flat = "".join(flats)

    def source(self, index: int) -> int:
        """The source offset of the cleaned character at this index."""
        if not self._at:
            return 0
        place = bisect_right(self._at, index) - 1
        return self._from[place] + index - self._at[place]

    def span(self, start: int, end: int) -> Span:
        """The source range that a non-empty range of the cleaned text came from."""
        if end <= start:
            here = self.source(min(start, max(len(self.text) - 1, 0)))
            return Span(here, here)
        return Span(self.source(start), self.source(end - 1) + 1)

    def index(self, offset: int) -> int:
        """The first cleaned index that came from this source offset or later (stretches stand in order)."""
        place = bisect_right(self._from, offset) - 1
        if place < 0:
            return 0
        index = self._at[place] + offset - self._from[place]
        limit = self._at[place + 1] if place + 1 < len(self._at) else len(self.text)
        return min(index, limit)
