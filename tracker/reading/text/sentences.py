"""Sentences (句) of a stretch of text, as a person points at them: where a measure may be cut."""

from tracker.reading.plan import Span

STOPS = "。！？；!?;"
QUOTES = "”’」』"
OPENING = "（(〔[【《“「"
CLOSING = "）)〕]】》”」"
BLANKS = " \t　\xa0"
# What a bracket of a number holds at most: （十二）.
NUMBER = 3


def sentences(text: str, span: Span) -> list[Span]:
    """The sentences of a stretch in order; a bracket behind a stop belongs to the sentence before it, unless a number.

    A line's end ends a sentence as well.  Blanks stand in none; everything else stands in exactly one.
    """
    found: list[Span] = []
    place = span.start
    while place < span.end:
        stop = text.find("\n", place, span.end)
        stop = span.end if stop < 0 else stop
        found.extend(_in_line(text, place, stop))
        place = stop + 1
    return found


def _in_line(text: str, start: int, end: int) -> list[Span]:
    closed = _closed(text, start, end)
    found: list[Span] = []
    place = start
    while place < end:
        if place in closed:  # a stop within brackets ends nothing
            place = closed[place]
        elif text[place] in STOPS:
            place = _behind(text, place + 1, end, closed)
            _add(found, text, start, place)
            start = place
        else:
            place += 1
    _add(found, text, start, end)
    return found


def _closed(text: str, start: int, end: int) -> dict[int, int]:
    """Where each bracket that is closed within the line ends, by where it opens."""
    found: dict[int, int] = {}
    waiting: list[tuple[str, int]] = []
    for place in range(start, end):
        char = text[place]
        if char in OPENING:
            waiting.append((CLOSING[OPENING.index(char)], place))
        elif waiting and char == waiting[-1][0]:
            found[waiting.pop()[1]] = place + 1
    return found


def _behind(text: str, place: int, end: int, closed: dict[int, int]) -> int:
    """Where a sentence ends whose stop is just passed: behind further stops, quotes, and the bracket that follows."""
    while place < end and (text[place] in STOPS or text[place] in QUOTES):
        place += 1
    at = place
    while at < end and text[at] in BLANKS:
        at += 1
    if at in closed and text[at] in "（(〔[【" and closed[at] - at - 2 > NUMBER:
        place = closed[at]
        while place < end and text[place] in STOPS:
            place += 1
    return place


def _add(found: list[Span], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        found.append(Span(start, end))
