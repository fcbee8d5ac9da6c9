"""Amounts of time (期限长短): 3个工作日, 三十日, 一个半小时, 5日（工作日）内, and the unit they are counted in."""

import re
from dataclasses import replace

from tracker.reading.limits.context import Found
from tracker.reading.limits.words.days_off import bracket_unit, moved_by
from tracker.reading.text.lazy import lazy
from tracker.reading.text.numerals import NUMERAL, number

UNITS = {
    "工作日": "workday", "自然日": "day", "日历日": "day", "日": "day", "天": "day", "小时": "hour", "分钟": "minute",
    "周": "week", "星期": "week", "月": "month", "年": "year", "季度": "quarter",
}  # fmt: skip

AMOUNT = lazy(
    rf"(?P<n>{NUMERAL}|半)(?:（(?P<again>{NUMERAL})）)?(?P<u>个?(?:工作日|自然日|日历日|小时|星期)|个月|分钟|个?(?P<plus>半)小时|个季度|日(?!常|均|报|益|期|程|志|前期|间"
    rf"|照)|天(?!然|津|池|桥|河|府|水|地|上)|周(?!年|岁|边|期|转|末|报|调|转)|年(?!度|级|限|龄|报|产|均|检|审|化|轻"
    rf"|代|款|期))"
)

INSIDE = lazy(r"(?:（[^（）]{1,16}）)?(?:之内|以内|内(?!部|地|容|外|涵|控|设|需|陆))")


def value_of(match: re.Match[str]) -> tuple[int | None, str]:
    if match["plus"]:
        hours = number(match["n"])
        return (hours * 60 + 30 if hours else None), "minute"
    unit = UNITS[match["u"].removeprefix("个")]
    amount = number(match["n"])
    if match["n"] == "半":
        halves = {"month": (15, "day"), "year": (6, "month"), "hour": (30, "minute")}
        return halves.get(unit, (None, unit))
    if unit == "quarter":
        return (amount * 3 if amount else None), "month"
    return amount, unit


def counted_as(flat: str, end: int, found: Found) -> Found:
    """A period of days as the bracket before or behind its 内 has them counted: 3日内（工作日）."""
    if found.unit not in ("day", "workday"):
        return found
    for place in (end, found.end):
        said = bracket_unit(flat, place)
        if said:
            stop = max(found.end, said[0])
            return replace(found, end=stop, unit=said[1] if found.unit == "day" else "workday", understood=True)
    moved = moved_by(flat, end) if flat.startswith("（", end) else None
    return replace(found, day_off=moved[1], understood=True) if moved else found
