"""Markdown marks (标记语言): blanked out at the same offsets, so that the words between them are read as words."""

import re

from tracker.reading.text.lazy import lazy

_TELLS = lazy(r"^#{1,6}[ \t]+\S|\*\*[^*\n]{1,200}\*\*|^[ \t]*(?:\d{1,3}\\\.|[*+] __)", re.MULTILINE)
_LINE_MARK = lazy(r"^[ \t>]*(?:#{1,6}(?=[ \t])|[*+-](?=[ \t]+\S)|>|(?:[*-][ \t]?){3,}$)", re.MULTILINE)
_STRUCK = lazy(r"~~[^~\n]{1,300}~~")
_LINK = lazy(r"!?\[([^\]\n]{0,200})\]\((?:https?:|mailto:|[./#])[^)\s]{0,300}\)")
_EMPHASIS = lazy(r"\*\*|__|``?|(?<![*\d])\*(?=[^\s*][^*\n]{0,120}\*)|(?<=[^\s*])\*(?![*\d])")
_ESCAPE = lazy(r"\\(?=[.\-()*_#+!\[\]~`>])")


# White space that is no gap: words set apart by emphasis alone still stand together.
_GONE = "\x1f"


def without_marks(text: str) -> str:
    """The text without Markdown's marks and what it strikes through, if it is Markdown at all."""
    if not _TELLS.search(text):
        return text
    text = _STRUCK.sub(lambda m: " " * len(m[0]), text)
    text = _LINK.sub(lambda m: _kept(m[0], m[1]), text)
    text = _LINE_MARK.sub(lambda m: " " * len(m[0]), text)
    text = _EMPHASIS.sub(lambda m: _GONE * len(m[0]), text)
    return _ESCAPE.sub(" ", text)


def _kept(whole: str, words: str) -> str:
    at = whole.index("[") + 1
    return " " * at + words + " " * (len(whole) - at - len(words))
