"""Numbering (序号): 一、 （一） 1. 1.1 （1） ① 第一条, at the head of a line or inside one that was run together."""

from dataclasses import dataclass

from tracker.reading.text.lazy import lazy
from tracker.reading.text.numerals import enclosed, number

# Outer styles first: a number closes every open one of its own or an inner style.
RANKS = {"part": 0, "chapter": 1, "section": 2, "article": 3, "han": 4, "han_paren": 5, "arabic": 6, "dotted": 7,
         "arabic_paren": 8, "circled": 9}  # fmt: skip
_HAN = "〇零一二三四五六七八九十百"
_ARTICLE_STYLES = {"编": "part", "章": "chapter", "节": "section", "条": "article"}

_HEAD = lazy(
    rf"第\s?(?P<article>[{_HAN}\d]{{1,6}})\s?(?P<kind>[编章节条])(?=[\s　：、]|[^\s款项第之的、，。]|$)[\s：、]*"
    rf"|(?P<han>[{_HAN}]{{1,4}})\s*[、.](?!\d)\s*"
    rf"|（\s*(?P<han_paren>[{_HAN}]{{1,4}})\s*）\s*[、.：]?\s*"
    r"|(?P<dotted>\d{1,2}(?:\.\d{1,2}){1,3})(?:[、.\s]\s*|(?=[^\s\d.%万亿元倍个米吨公千%、年月日]))"
    r"|(?P<arabic>\d{1,3})\s*(?:[.、](?!\d)|．)\s*"
    r"|（\s*(?P<arabic_paren>\d{1,3})\s*）\s*[、.]?\s*|(?P<arabic_half>\d{1,2})\s*）\s*"
    r"|(?P<enclosed>[①-⑳⑴-⒛㈠-㈩])\s*[、.]?\s*"
)
_INSIDE = lazy(
    rf"(?P<han>[{_HAN}]{{1,4}})、|（(?P<han_paren>[{_HAN}]{{1,4}})）|第(?P<article>[{_HAN}]{{1,5}})条[\s　]+"
    r"|(?<![\d.])(?P<arabic>\d{1,3})[.、](?!\d)\s*"
)
# 1.1, or any decimal with a blank behind it, is a number of two parts.
_DOTTED_FIRST = lazy(r"1(?!\d)|\d{1,2}[\s　]")
_STOPS = "。；：！？）”…"
_BLANKS = " \t\u3000\xa0"
# Only a text without line structure hides its arabic numbering inside a paragraph.
_ARABIC_FROM = 1500
# …（市财政局负责）2.…: behind the block that closes one measure the next may follow in the same line.
_CLOSED = lazy(r"(?:负责|落实|配合|牵头|单位：[^（）]{1,80}|时限：[^（）]{1,30})[。）]{1,3}\s*(?=\d{1,3}[.、](?!\d))")


@dataclass(frozen=True, slots=True)
class Number:
    """One number: its style, its value, and where the words after it begin."""

    style: str
    ordinal: int
    path: tuple[int, ...]
    body: int

    @property
    def rank(self) -> int:
        """How far in this style stands."""
        return RANKS[self.style]


def number_at(flat: str, start: int, end: int, expected: int) -> Number | None:
    """The number that a line begins with, if any; `expected` is the arabic one that would come next.

    「6.160千伏安及以下的用电报装」 is number 6 where 6 is expected, and a decimal elsewhere.
    """
    first = flat[start]
    if first not in "第（" and first not in _HAN and not first.isdigit() and enclosed(first) is None:
        return None
    if first.isdigit() and flat.startswith(f"{expected}.", start) and flat[start : start + 8].count(".") == 1:
        body = start + len(str(expected)) + 1
        if body < end and flat[body].isdigit() and not _DOTTED_FIRST.match(flat, body, end):
            return Number("arabic", expected, (expected,), body)
    match = _HEAD.match(flat, start, end)
    if match is None:
        return None
    if match["article"]:
        return _made(_ARTICLE_STYLES[match["kind"]], number(match["article"]), match.end())
    if match["han"]:
        return _made("han", number(match["han"]), match.end())
    if match["han_paren"]:
        return _made("han_paren", number(match["han_paren"]), match.end())
    if match["dotted"]:
        path = tuple(int(part) for part in match["dotted"].split("."))
        return Number("dotted", path[-1], path, match.end())
    if match["enclosed"]:
        style = "han_paren" if "㈠" <= first <= "㈩" else "arabic" if "⒈" <= first <= "⒛" else "circled"
        return _made("arabic_paren" if "⑴" <= first <= "⒇" else style, enclosed(first), match.end())
    style = "arabic" if match["arabic"] else "arabic_paren"
    return _made(style, number(match["arabic"] or match["arabic_paren"] or match["arabic_half"]), match.end())


def _made(style: str, ordinal: int | None, body: int) -> Number | None:
    return Number(style, ordinal, (ordinal,), body) if ordinal else None


def numbers_within(
    flat: str, start: int, end: int, head: Number | None, open_numbers: dict[str, int]
) -> list[tuple[int, Number]]:
    """Numbers inside a long line that begin their own paragraph: each follows the last of its style, after a stop.

    「二、基本原则（一）聚集重点」: the first of a series, or its next, may also follow a heading without a stop.
    """
    cuts: list[tuple[int, Number]] = []
    heading = start if head else -1
    bare = end - start >= _ARABIC_FROM
    closed = {match.end() for match in _CLOSED.finditer(flat, start, end)} if "）" in flat[start:end] else set()
    for match in _INSIDE.finditer(flat, start + 1, end):
        style = match.lastgroup or ""
        ordinal = number(match[style])
        place = match.start()
        if not ordinal or place == start or (style == "arabic" and not bare and place not in closed):
            continue
        after_stop = _last_before(flat, place) in _STOPS
        follows = ordinal in (1, open_numbers.get(style, 0) + 1)
        near = heading >= 0 and follows and place - heading < 40
        after_heading = near and not any(c in flat[heading:place] for c in "。；！？")
        if not (after_stop or after_heading):
            continue
        if ordinal != open_numbers.get(style, 0) + 1 and not (ordinal == 1 and style != "han"):
            continue
        if ordinal == 1 and style == "han" and "han" in open_numbers:
            continue
        found = Number(style, ordinal, (ordinal,), match.end())
        open_numbers[style] = ordinal
        cuts.append((place, found))
        heading = place
    return cuts


def runs_on(flat: str, start: int, end: int) -> bool:
    """Whether the next numbered measure follows the closing block of one in the same line."""
    return _CLOSED.search(flat, start, end) is not None


def _last_before(flat: str, place: int) -> str:
    while place > 0 and flat[place - 1] in _BLANKS:
        place -= 1
    return flat[place - 1] if place else "。"
