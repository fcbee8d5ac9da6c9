"""Numerals (数字) as policy documents print them: 3, 十五, 二〇二五, 两, ①, ㈠."""

from tracker.reading.text.lazy import lazy

# The digits that ordinals are printed with.
HAN = "〇零一二三四五六七八九十百"

# One numeral as it may stand before a unit of time or in a numbering.
NUMERAL = r"(?:\d{1,4}|[〇零一二两三四五六七八九十百]{1,5})"

_VALUES = {"\u3007": 0, "零": 0, "○": 0, "两": 2} | {digit: n for n, digit in enumerate("一二三四五六七八九", start=1)}
_SCALES = {"十": 10, "百": 100}
_DIGITS_ONLY = lazy(r"[〇零○一二三四五六七八九]{2,4}")
_ONES = "一二三四五六七八九"


def number(text: str) -> int | None:
    """The value of a numeral (15, 十五, 二〇二五); None where it is not one."""
    if text.isdecimal():
        return int(text)
    if _DIGITS_ONLY.fullmatch(text):
        return int("".join(str(_VALUES[c]) for c in text))
    total = current = 0
    for char in text:
        if char in _SCALES:
            total += (current or 1) * _SCALES[char]
            current = 0
        elif char in _VALUES:
            current = _VALUES[char]
        else:
            return None
    return total + current if text else None


def in_han(value: int) -> str:
    """The ordinary Chinese numeral of 1 to 999: 12 is 十二."""
    hundreds, rest = divmod(value, 100)
    tens, ones = divmod(rest, 10)
    text = f"{_ONES[hundreds - 1]}百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else _ONES[tens - 1]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (_ONES[ones - 1] if ones else "")


def enclosed(char: str) -> int | None:
    """The value of an enclosed number: ① ⑴ ⒈ ㈠."""
    for first, last in (("①", "⑳"), ("⑴", "⒇"), ("⒈", "⒛"), ("㈠", "㈩")):
        if first <= char <= last:
            return ord(char) - ord(first) + 1
    return None
