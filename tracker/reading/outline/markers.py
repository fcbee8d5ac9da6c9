"""Markers (序号): every place of a text where a number of some style may stand, with what speaks for and against it.

A marker is looked for in the text without white space, so that the lines a source happens to have decide nothing;
line ends, indents and blanks before one only add to its score.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

from tracker.reading.text.cleaning import Clean
from tracker.reading.text.lazy import lazy
from tracker.reading.text.numerals import HAN, enclosed, number

# From the outermost style that is usual to the innermost.
STYLES = (
    "part", "chapter", "section", "article", "han", "han_paren", "arabic", "dotted", "arabic_paren", "circled",
)  # fmt: skip
RANKS = {style: rank for rank, style in enumerate(STYLES)}
_KINDS = {"编": "part", "章": "chapter", "节": "section", "条": "article"}

_MARKER = lazy(
    rf"(?=[第（\d{HAN}①-⑳⑴-⒛㈠-㈩])(?:"  # asked first: most places of a text are none
    rf"第(?P<article>[{HAN}]{{1,6}}|\d{{1,3}})(?P<kind>[编章节条])[、：]?"
    rf"|(?<![{HAN}])(?P<han>[{HAN}]{{1,4}})(?:、|\.(?!\d))"
    rf"|（(?P<han_paren>[{HAN}]{{1,4}})）[、.：]?"
    r"|(?<![\d.])(?P<dotted>\d{1,2}(?:\.\d{1,2}){1,3})(?!\d)[、.]?"
    r"|(?<![\d.])(?P<arabic>\d{1,3})[.、]"
    r"|（(?P<arabic_paren>\d{1,2})）[、.]?"
    r"|(?<![（\d.\-])(?P<half>\d{1,2})）"
    r"|(?P<enclosed>[①-⑳⑴-⒛㈠-㈩])[、.]?)"
)
# A telephone number and the number of the next paragraph run together where there is no white space.
_GLUED = lazy(r"\d(?<!\d\d)\d{5,12}[.、](?!\d)")
_PAIR = lazy(r"[（）《》“”]")
_OPENS = {"（": "）", "《": "》", "“": "”"}
_PAIR_LIMIT = 400
STOPS = "。；：！？）”…》"
_BARRED = "、，《〔（“第及和或至-"
_OF_LAW, _TOLD = "照据按本法例依由见", "照据按依见"
# Behind a marker these words make it a reference (第八条规定, （一）项, 第三条第二款), not the head of a paragraph.
_REFERRED = lazy(
    r"之?规定|所列|第[一二三四五六七八九十\d]+[款项]|[款目]|项(?!目)|[、和或至及]?（[一二三四五六七八九十\d]+）|至第|、第"
)
_COUNTED = lazy(rf"[{HAN}\d]{{1,3}}(?:[、级类季个线产大次月日楼]|是)")
_DECIMAL = lazy(r"[%万亿元倍个米吨公千年月日号人家次项]")
# What a restart has behind it when a new plan begins: a title, a number of a document, 附件.
_FRESH = lazy(
    r"附件[\d一二三四五六七八九十]{0,2}(?![的和及中、，。；])|（(?:19|20)\d\d）\d{1,5}号|如下[：。]?$"
    r"|(?:措施|方案|意见|办法|规划|计划|通知|细则|清单|规定|要点|制度|政策|分工)(?:（[^（）]{1,14}）)?"
    r"(?=为(?!了?什么)|根据|按照|依据|为了|近年来|第?[一1](?:、|章|条)|[^。；：，]{0,4}$)"
)
_FRESH_WITHIN = 600
# No document numbers so many paragraphs; what lies behind belongs to the last of them, and that is asked.
MOST = 6_000


@dataclass(frozen=True, slots=True)
class Marker:
    """A number that may begin a paragraph; places are those of the text without white space."""

    style: str
    ordinal: int
    path: tuple[int, ...]
    start: int
    body: int  # where the words after it begin
    weight: float  # how much speaks for it
    stopped: bool  # whether a sentence ended before it
    set_off: bool  # whether it begins a line
    fresh: float  # how much speaks for a new plan that begins with it


def markers_in(clean: Clean, source: str) -> list[Marker]:
    """Every marker that is not ruled out by its surroundings, in order; `source` is the folded source."""
    flat = clean.flat
    inside = _Enclosures(flat)
    found: list[Marker] = []
    last = 0
    for style, path, place, body in _candidates(flat):
        if not path[-1] or place in inside:
            continue
        set_off, layout = _layout(clean, source, place)
        before = flat[place - 1] if place else "。"
        stopped = before in STOPS
        weight = (2.0 if stopped else 1.0 if set_off else 0.5) + layout
        weight += _against(flat, style, before, place, body, set_off=set_off or not place)
        if weight <= 0:
            continue
        first = path[-1] == 1 and style not in ("arabic_paren", "circled", "dotted")
        fresh = _freshness(flat, last, place) if first else 0.0
        if len(found) >= MOST:
            break
        if path[-1] == 1 or weight > 1.5:
            last = body
        found.append(Marker(style, path[-1], path, place, body, weight, stopped, set_off, fresh))
    return found


def _candidates(flat: str) -> Iterator[tuple[str, tuple[int, ...], int, int]]:
    """Style, ordinals, start and end of whatever is printed like a number of a paragraph."""
    glued = [(m.end() - 1 - width, m.end()) for m in _GLUED.finditer(flat) for width in (2, 1)]
    for match in _MARKER.finditer(flat):
        while glued and glued[0][0] < match.start():
            start, end = glued.pop(0)
            yield "arabic", (int(flat[start : end - 1]),), start, end
        style, path = _named(match)
        if style == "dotted" and len(path) == 2:
            # 「6.160千伏安」 is number 6 where 6 is due; which of the two it is, the series decides.
            yield "arabic", path[:1], match.start(), match.start("dotted") + len(match["dotted"].split(".")[0]) + 1
        yield style, path, match.start(), match.end()
    for start, end in glued:
        yield "arabic", (int(flat[start : end - 1]),), start, end


def _named(match: re.Match[str]) -> tuple[str, tuple[int, ...]]:
    """The style of a found marker, and its ordinals from the outermost."""
    style = match.lastgroup or ""
    text = match[style]
    if style == "kind":
        return _KINDS[text], (number(match["article"]) or 0,)
    if style == "dotted":
        return style, tuple(int(part) for part in text.split("."))
    if style == "enclosed":
        ordinal = enclosed(text) or 0
        if "㈠" <= text <= "㈩":
            return "han_paren", (ordinal,)
        if "⒈" <= text <= "⒛":
            return "arabic", (ordinal,)
        return ("arabic_paren" if "⑴" <= text <= "⒇" else "circled"), (ordinal,)
    return ("arabic_paren" if style == "half" else style), (number(text) or 0,)


class _Enclosures:
    """Asks whether a place lies between brackets or quotation marks that close again."""

    def __init__(self, flat: str) -> None:
        opened: list[tuple[str, int]] = []
        pairs: list[tuple[int, int]] = []
        for match in _PAIR.finditer(flat):
            mark, place = match[0], match.start()
            if mark in _OPENS:
                opened.append((_OPENS[mark], place))
                continue
            # A pair closes what was opened inside it and never closed.
            for back in range(len(opened) - 1, max(len(opened) - 4, -1), -1):
                if opened[back][0] == mark:
                    if place - opened[back][1] <= _PAIR_LIMIT:
                        pairs.append((opened[back][1], place))
                    del opened[back:]
                    break
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in sorted(pairs):
            if not self._ends or start > self._ends[-1]:
                self._starts.append(start)
                self._ends.append(end)

    def __contains__(self, place: int) -> bool:
        at = bisect_left(self._starts, place) - 1
        return at >= 0 and self._starts[at] < place < self._ends[at]


def _layout(clean: Clean, source: str, place: int) -> tuple[bool, float]:
    """Whether a line begins here, and what the blanks before it are worth."""
    at = clean.source(place)
    begin = at
    while begin > 0 and at - begin < 40 and source[begin - 1].isspace():
        begin -= 1
    if not begin:
        return True, 0.5
    blanks = source[begin:at]
    if "\n" in blanks:
        return True, 0.5
    return False, 0.5 if len(blanks) > 1 else 0.3 if blanks else 0.0


def _against(flat: str, style: str, before: str, place: int, body: int, *, set_off: bool) -> float:
    """What speaks against a marker: the words before and behind it that make it part of a sentence."""
    worth = 0.0
    if before in _BARRED and not (set_off and before not in "第-"):
        worth -= 3
    if style in ("article", "part", "chapter", "section") or style.endswith("paren"):
        if _REFERRED.match(flat, body) and not (style == "arabic_paren" and set_off):
            worth -= 3
        if before in (_TOLD if style.endswith("paren") else _OF_LAW):
            worth -= 1 if set_off else 2.5
        if style.endswith("paren") and before in "条款项号表图":
            worth -= 1 if set_off else 3
    elif style == "han":
        if _COUNTED.match(flat, body) or before in "第十百":
            worth -= 0.5 if set_off else 3
    elif style == "dotted":
        if _DECIMAL.match(flat, body):
            worth -= 1 if set_off else 3
    elif style == "arabic":
        after = flat[body : body + 1]
        if after.isdigit():
            worth -= 1
        elif after in "，。；）、":
            worth -= 1.5
    elif style == "circled" and after_of(flat, body) in "、，和至-）":
        worth -= 3
    return worth


def after_of(flat: str, body: int) -> str:
    """The character behind a marker; a stop at the end of the text."""
    return flat[body] if body < len(flat) else "。"


def _freshness(flat: str, last: int, place: int) -> float:
    """How much the words since the last marker look like the head of another plan."""
    start = max(last, place - _FRESH_WITHIN)
    return 1.5 if _FRESH.search(flat, start, place) else 0.0
