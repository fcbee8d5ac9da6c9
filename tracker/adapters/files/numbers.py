"""Numbering (自动编号) that Word computes: 一、 （一） 1. exist nowhere in the file's text and are counted here."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tracker.reading.text.numerals import in_han

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_VAL = f"{_W}val"
_DEEPEST = 8
# fmt: off
_HAN = {
    "chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCounting",
    "taiwaneseCountingThousand", "koreanCounting", "koreanDigital2", "ideographDigital",
    "japaneseDigitalTenThousand", "taiwaneseDigital",
}
# fmt: on
_LEGAL = {"chineseLegalSimplified", "japaneseLegal", "ideographLegalTraditional"}
_SERIES = {
    "ideographTraditional": "甲乙丙丁戊己庚辛壬癸",
    "ideographZodiac": "子丑寅卯辰巳午未申酉戌亥",
    "decimalEnclosedCircle": "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳",
    "decimalEnclosedCircleChinese": "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳",
    "decimalEnclosedParen": "⑴⑵⑶⑷⑸⑹⑺⑻⑼⑽⑾⑿⒀⒁⒂⒃⒄⒅⒆⒇",
    "decimalEnclosedFullstop": "⒈⒉⒊⒋⒌⒍⒎⒏⒐⒑⒒⒓⒔⒕⒖⒗⒘⒙⒚⒛",
    "ideographEnclosedCircle": "㊀㊁㊂㊃㊄㊅㊆㊇㊈㊉",
}
_ROMAN = ((100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
_LEGAL_DIGITS = str.maketrans("一二三四五六七八九十百零", "壹贰叁肆伍陆柒捌玖拾佰零")


def numeral(value: int, form: str) -> str:
    """One number as Word prints it in a format (chineseCounting, decimal, upperRoman ...)."""
    if form in _SERIES and 1 <= value <= len(_SERIES[form]):
        return _SERIES[form][value - 1]
    if form in _HAN and 1 <= value <= 999:
        return in_han(value)
    if form in _LEGAL and 1 <= value <= 999:
        return in_han(value).translate(_LEGAL_DIGITS)
    if form in ("upperLetter", "lowerLetter") and value >= 1:
        letter = chr(ord("a") + (value - 1) % 26) * ((value - 1) // 26 + 1)
        return letter.upper() if form == "upperLetter" else letter
    if form in ("upperRoman", "lowerRoman") and 1 <= value < 400:
        text, rest = "", value
        for worth, sign in _ROMAN:
            text += sign * (rest // worth)
            rest %= worth
        return text.upper() if form == "upperRoman" else text
    if form == "decimalZero":
        return f"{value:02d}"
    if form == "none":
        return ""
    return str(value)


@dataclass(slots=True)
class ListLevel:
    """One level of a list: its first value, its format, and the text around the number (%1、)."""

    start: int = 1
    form: str = "decimal"
    text: str = ""
    legal: bool = False  # every number of its text is printed in Arabic digits
    restart: int | None = None  # the level after which it begins again; 0: never
    style: str | None = None


@dataclass(slots=True)
class _List:
    """What a w:num stands for: an abstract list, and its own changes to some levels."""

    abstract: str
    levels: dict[int, ListLevel] = field(default_factory=dict)
    starts: dict[int, int] = field(default_factory=dict)
    begun: bool = False


class Numbering:
    """Counts the numbered paragraphs of a document in order."""

    def __init__(self, numbering: Any | None, styles: Any | None) -> None:
        self._abstract: dict[str, dict[int, ListLevel]] = {}
        self._lists: dict[str, _List] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._styles = _styles(styles)
        self._default = next((name for name, one in self._styles.items() if one.default), None)
        if numbering is not None:
            self._read(numbering)

    def _read(self, numbering: Any) -> None:
        links: dict[str, str] = {}
        for one in numbering.iterchildren(f"{_W}abstractNum"):
            key = one.get(f"{_W}abstractNumId", "")
            self._abstract[key] = dict(_levels(one))
            linked = one.find(f"{_W}numStyleLink")
            if linked is not None:
                links[key] = linked.get(_VAL, "")
        for one in numbering.iterchildren(f"{_W}num"):
            base = one.find(f"{_W}abstractNumId")
            made = _List(base.get(_VAL, "") if base is not None else "")
            for change in one.iterchildren(f"{_W}lvlOverride"):
                depth = _number(change.get(f"{_W}ilvl")) or 0
                start = change.find(f"{_W}startOverride")
                if start is not None:
                    made.starts[depth] = _number(start.get(_VAL)) or 0
                made.levels.update(_levels(change))
            self._lists[one.get(f"{_W}numId", "")] = made
        for key, style in links.items():
            # A list may be kept in a style of its own: its levels are those of the list that the style names.
            num = self._styles[style].num if style in self._styles else None
            if num in self._lists:
                self._abstract[key] = self._abstract.get(self._lists[num].abstract, {})

    def label(self, paragraph: Any) -> str:
        """The number Word prints before a paragraph, counted on; "" where it prints none."""
        num, depth = self._place(paragraph)
        one = self._lists.get(num or "")
        if one is None or num == "0":
            return ""
        levels = self._abstract.get(one.abstract, {}) | one.levels
        if depth not in levels:
            return ""
        counts = self._counts.setdefault(one.abstract, {})
        if not one.begun:
            one.begun = True
            for at, start in one.starts.items():
                counts[at] = start - 1
        counts[depth] = counts.get(depth, levels[depth].start - 1) + 1
        for deeper in [at for at in counts if at > depth]:
            restart = levels[deeper].restart if deeper in levels else None
            if restart is None or (restart and depth < restart):
                del counts[deeper]
        return _printed(levels, counts, depth)

    def _place(self, paragraph: Any) -> tuple[str | None, int]:
        """The list and level of a paragraph: its own, else those of its style or of the styles that one is based on."""
        props = paragraph.find(f"{_W}pPr")
        name: str | None = self._default
        num: str | None = None
        depth: int | None = None
        if props is not None:
            style = props.find(f"{_W}pStyle")
            name = style.get(_VAL) if style is not None else self._default
            num, depth = _num_of(props)
        for _ in range(20):
            if num is not None or name is None or name not in self._styles:
                break
            one = self._styles[name]
            if one.num is not None:
                num = one.num
                depth = depth if depth is not None else one.depth
                if depth is None:
                    depth = self._level_of_style(num, name)
            name = one.based_on
        return num, min(depth or 0, _DEEPEST)

    def _level_of_style(self, num: str, style: str) -> int | None:
        levels = self._abstract.get(self._lists[num].abstract, {}) if num in self._lists else {}
        return next((depth for depth, level in levels.items() if level.style == style), None)


@dataclass(frozen=True, slots=True)
class _Style:
    based_on: str | None
    num: str | None
    depth: int | None
    default: bool


def _styles(styles: Any | None) -> dict[str, _Style]:
    found: dict[str, _Style] = {}
    for one in styles.iterchildren(f"{_W}style") if styles is not None else ():
        based = one.find(f"{_W}basedOn")
        props = one.find(f"{_W}pPr")
        num, depth = _num_of(props) if props is not None else (None, None)
        default = one.get(f"{_W}default") in ("1", "true") and one.get(f"{_W}type") == "paragraph"
        found[one.get(f"{_W}styleId", "")] = _Style(based.get(_VAL) if based is not None else None, num, depth, default)
    return found


def _num_of(props: Any) -> tuple[str | None, int | None]:
    own = props.find(f"{_W}numPr")
    if own is None:
        return None, None
    num, depth = own.find(f"{_W}numId"), own.find(f"{_W}ilvl")
    return (num.get(_VAL) if num is not None else None), (_number(depth.get(_VAL)) if depth is not None else None)


def _levels(parent: Any) -> Iterator[tuple[int, ListLevel]]:
    for one in parent.iterchildren(f"{_W}lvl"):
        level = ListLevel()
        for child in one:
            value = child.get(_VAL) if isinstance(child.tag, str) else None
            if child.tag == f"{_W}start":
                level.start = _number(value) or 0
            elif child.tag == f"{_W}numFmt":
                level.form = value or "decimal"
            elif child.tag == f"{_W}lvlText":
                level.text = value or ""
            elif child.tag == f"{_W}isLgl":
                level.legal = value not in ("0", "false")
            elif child.tag == f"{_W}lvlRestart":
                level.restart = _number(value)
            elif child.tag == f"{_W}pStyle":
                level.style = value
        yield _number(one.get(f"{_W}ilvl")) or 0, level


def _number(text: str | None) -> int | None:
    try:
        return int(text) if text is not None else None
    except ValueError:
        return None


def _printed(levels: dict[int, ListLevel], counts: dict[int, int], depth: int) -> str:
    level = levels[depth]
    if level.form == "bullet":
        return ""
    text = level.text
    for at in range(_DEEPEST + 1):
        mark = f"%{at + 1}"
        if mark in text:
            own = levels.get(at, ListLevel())
            form = "decimal" if (level.legal and at != depth) or (level.legal and level.form in _HAN) else own.form
            text = text.replace(mark, numeral(counts.get(at, own.start), form))
    return text.strip()
