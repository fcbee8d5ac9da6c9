"""The grammar of printed dates (日期写法): years, months, edges such as 年底 and 三季度, and the days they come to."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from tracker.reading.limits.context import Wording
from tracker.reading.text.lazy import lazy
from tracker.reading.text.numerals import number

YEAR = r"(?P<{0}y>20\d\d|二[〇零○]{{1,2}}[〇零○一二三四五六七八九]{{1,2}}|今|本|当|明|次)年度?"

_M = r"(?P<{0}m>\d{{1,2}}|[一二三四五六七八九十]{{1,2}})月份?"

_D = r"(?P<{0}d>\d{{1,2}}|[一二三四五六七八九十]{{1,3}})[日号]"

# After a year an edge may be one character; by itself it must name its period.
_EDGE = r"(?P<{0}ye>年?底|年?末|初|上半年|下半年|第?[一二三四1-4]季度[末底]?|内)"

_BARE_EDGE = r"(?P<{0}be>年底|年末|年内|上半年|下半年|第?[一二三四1-4]季度[末底]?)"


def _date(prefix: str) -> str:
    y, m, d, ye, be = (part.format(prefix) for part in (YEAR, _M, _D, _EDGE, _BARE_EDGE))
    month = rf"{m}(?:{d}|(?P<{prefix}me>月?底|月?末|上旬|中旬|下旬|初))?"
    year_of_month = y.replace(f"<{prefix}y>", f"<{prefix}z>")
    return rf"(?:{y}{ye}|(?:{year_of_month})?{month}|{be}|(?P<{prefix}only>20\d\d)年度?)"


def part_of(match: re.Match[str], prefix: str, *names: str) -> str:
    """The first of several groups that took part."""
    return next((match[prefix + name] for name in names if match[prefix + name]), "")


DATE = lazy(_date(""))

RANGE = lazy(
    rf"(?P<lead>自|从)?(?:{_date('a')})(?:（[^（）]{{1,8}}）)?(?:起)?，?(?:持续|延续|截?止)?(?:至|到|-"
    rf"|~)(?:{_date('b')}|(?P<bday>\d{{1,2}})[日号])(?P<stop>止)?"
)

_OF_THE_PLAN = ("今", "本", "当", "明", "次")  # years told from the document's own


@dataclass(frozen=True, slots=True)
class DateSpan:
    """What a printed date comes to: its first and last day, and whether its year was printed."""

    first: date
    last: date
    printed_year: bool


_EDGE_MONTHS = {"上半年": (1, 6), "下半年": (7, 12)}


def resolve_date(
    wording: Wording, match: re.Match[str], prefix: str, *, before_it: bool = False, default: int | None = None
) -> DateSpan | None:
    """First and last day of a printed date; 「5月前」 ends with April."""
    printed = part_of(match, prefix, "y", "z", "only")
    year = _year(wording, match.start(), printed) or default
    if year is None:
        return None
    given = bool(printed) and printed not in _OF_THE_PLAN
    edge = part_of(match, prefix, "ye", "be")
    try:
        if match[f"{prefix}m"]:
            return _in_month(match, prefix, year, given, before_it=before_it)
        first, last = 1, 12
        if "半年" in edge:
            first, last = _EDGE_MONTHS[edge]
        elif "季度" in edge:
            quarter = number(edge.removeprefix("第")[0]) or 1
            if before_it and not edge.endswith(("末", "底")):
                # 三季度前 ends with the second, as 5月前 ends with April.
                quarter, year = (quarter - 1, year) if quarter > 1 else (4, year - 1)
            first, last = quarter * 3 - 2, quarter * 3
        elif edge == "初":
            last = 1
        return DateSpan(date(year, first, 1), date(year, last, monthrange(year, last)[1]), given)
    except ValueError:
        return None


def _in_month(match: re.Match[str], prefix: str, year: int, given: bool, *, before_it: bool) -> DateSpan | None:
    month = number(match[f"{prefix}m"])
    if not month or not 1 <= month <= 12:
        return None
    last = monthrange(year, month)[1]
    if match[f"{prefix}d"]:
        day = date(year, month, number(match[f"{prefix}d"]) or 0)
        return DateSpan(day, day, given)
    edge = match[f"{prefix}me"]
    if edge in ("初", "上旬", "中旬"):
        last = 20 if edge == "中旬" else 10
    elif before_it and not edge:
        month, year = (month - 1, year) if month > 1 else (12, year - 1)
        last = monthrange(year, month)[1]
    first = {"中旬": 11, "下旬": 21}.get(edge or "", 1)
    return DateSpan(date(year, month, first), date(year, month, last), given)


def _year(wording: Wording, place: int, printed: str) -> int | None:
    if printed and printed not in _OF_THE_PLAN:
        year = number(printed)
        return year if year and 1900 < year < 2200 else None
    base = wording.year_before(place) if not printed else wording.year
    if printed in ("明", "次") and base:
        return base + 1
    return base


def same_month(match: re.Match[str], first: DateSpan) -> DateSpan | None:
    """The last day of 4月26日至28日."""
    day = int(match["bday"])
    if not match["ad"] or not first.first.day <= day <= monthrange(first.first.year, first.first.month)[1]:
        return None
    last = first.first.replace(day=day)
    return DateSpan(last, last, first.printed_year)


def is_part_of_word(flat: str, match: re.Match[str]) -> bool:
    """Whether what looks like a date is none: 内 alone, 3个月, 第二季度 of a list of past ones."""
    if match["be"]:
        before = flat[match.start() - 1 : match.start()]
        return before != "" and before in "0123456789一二三四五六七八九十两几每半近去上前往"
    if match["m"] and not match["z"]:
        before = flat[match.start() - 1 : match.start()]
        if flat[max(0, match.start() - 2) : match.start()] in ("截至", "延至"):
            return False
        return before in ("每", "个", "第", "次", "/", "-", ".", "至") or before.isdigit()
    return False
