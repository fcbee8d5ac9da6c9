"""Names of responsible units (责任单位) compared: normal form, sort, likeness, and whether two mean one body."""

import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher

from tracker.reading.names.bodies import kind_of
from tracker.reading.text.lazy import lazy

__all__ = ["kind_of", "nearest", "normalise", "same_body"]

_BRACKETS = str.maketrans("〔〕[]【】〈〉<>{}", "()()()()()()")
_BLANKS = lazy(r"\s+")
_ALIAS = lazy(r"\(([^()]*)\)")
# Whose body it is: 市财政局 and 财政局 may be one, 市财政局 and 省财政厅 are not.
_LEVEL = lazy(r"^(?:国家|省|自治区|市|州|盟|县|区|旗|镇|乡)(?=[^属级辖])")
_PLACE = lazy(r"^[\u4e00-\u9fff]{2,6}?(?:省|自治区|市|州|县|区|旗)(?=[\u4e00-\u9fff]{2})")
_FORM = lazy(r"(?:有限责任公司|股份有限公司|有限公司)$")


def normalise(name: str) -> str:
    """The key under which a registry looks a name up: widths and brackets unified, blanks removed."""
    return _BLANKS.sub("", unicodedata.normalize("NFKC", name)).translate(_BRACKETS)


def nearest(name: str, known: Iterable[str], limit: int = 3) -> list[str]:
    """The known names most like this one, best first; abbreviations count (市工信局 ~ 市工业和信息化局)."""
    key = normalise(name)
    scored = [(_likeness(key, normalise(other)), other) for other in known]
    scored = [(score, other) for score, other in scored if score >= 0.5]
    return [other for _, other in sorted(scored, key=lambda pair: (-pair[0], pair[1]))[:limit]]


def likeness(a: str, b: str) -> float:
    """How alike two printed names are, 0 to 1, as `nearest` ranks them."""
    return _likeness(normalise(a), normalise(b))


def _likeness(a: str, b: str) -> float:
    """How alike two normal forms are, 0 to 1."""
    if a == b:
        return 1.0
    if a in (*_ALIAS.findall(b), _ALIAS.sub("", b)) or b in (*_ALIAS.findall(a), _ALIAS.sub("", a)):
        return 0.98
    if _ends_in(a, b):
        return 0.9
    short, long = sorted((_core(a), _core(b)), key=len)
    ratio = SequenceMatcher(None, a, b, autojunk=False).ratio()
    if _differ_in_level(a, b):
        return ratio * 0.7
    if long.endswith(short) or _is_abbreviation(short, long):
        return max(ratio, 0.75 + 0.2 * len(short) / len(long))
    return ratio


def _ends_in(a: str, b: str) -> bool:
    """Whether one name is the other with its parent in front (国家税务总局某市税务局)."""
    shorter, longer = sorted((a, b), key=len)
    return len(shorter) > 3 and longer.endswith(shorter)


def _core(name: str) -> str:
    """A name without its place, level and legal form, and without the words that an abbreviation drops."""
    bare = _FORM.sub("", _ALIAS.sub("", name)) or name
    bare = _PLACE.sub("", bare) if len(bare) > 6 else bare
    bare = _LEVEL.sub("", bare) or bare
    for word, short in (("人民政府", "政府"), ("委员会", "委"), ("办公室", "办"), ("政府", "")):
        bare = bare.replace(word, short) or bare
    return bare


def _is_abbreviation(short: str, long: str) -> bool:
    """Whether the short name's characters stand in the long one in order, from near its start to its very end."""
    place = 0
    for char in short:
        place = long.find(char, place) + 1
        if not place:
            return False
    return len(short) > 1 and long.endswith(short[-1]) and long.find(short[0]) <= 2


def _differ_in_level(a: str, b: str) -> bool:
    first, second = _LEVEL.match(a), _LEVEL.match(b)
    return bool(first and second and first[0] != second[0])


def of_other_levels(a: str, b: str) -> bool:
    """Whether two normal forms name bodies of different levels, said by a word (县财政局) or a place (某市财政局)."""
    first, second = _level(a), _level(b)
    return bool(first and second and first != second)


def _level(name: str) -> str:
    found = _LEVEL.match(name) or _PLACE.match(name)
    return found[0][-1] if found else ""


def same_body(named: str, printed: str) -> bool:
    """Whether a name used inside a sentence means the unit printed in a list (燃气集团 is 市燃气集团有限公司)."""
    a, b = normalise(named), normalise(printed)
    if not a or not b:
        return False
    if a == b or a in _ALIAS.findall(b) or b in _ALIAS.findall(a) or _ends_in(a, b):
        return True
    if _differ_in_level(a, b):
        return False
    shorter, longer = sorted((_core(a), _core(b)), key=len)
    if shorter == longer:
        return True
    return len(shorter) > 2 and (longer.endswith(shorter) or _is_abbreviation(shorter, longer))
