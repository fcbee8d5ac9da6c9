"""Days told from the document's own issue (印发之日): 本月底前, 下月10日前, 月底前; and festivals: 春节前, 国庆节前."""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

from tracker.clock.festivals import festival_day
from tracker.reading.limits.context import Found, Wording
from tracker.reading.limits.words.day_hours import CLOCK, time_of
from tracker.reading.text.lazy import lazy
from tracker.reading.text.numerals import number

# Below what confirmation calls 把握低: which month, or which year, was not to be told.
_UNTOLD = 0.4
_N = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
_BEFORE = rf"(?:{CLOCK}|下班)?(?:之|以)?前(?!后|期|夕|景|提(?:条件|下|是)|沿|述|款)"
_TOLD = lazy(
    rf"(?:(?P<which>[本下次])个?(?:(?P<month>月)(?:(?P<d>{_N})[日号]|(?P<third>[上中下])旬|(?P<e>[底末]))?"
    rf"|(?P<week>周|星期)(?:周|星期)?(?P<w>[一二三四五六日天])?[底末]?|(?P<quarter>季度?)[底末]?)"
    rf"|(?<![\d零一二三四五六七八九十每各当本下次某逐整个年季月])月[底末])"
    rf"(?:{_BEFORE}|内(?![部地容外涵控设需陆]))"
)
_FESTIVALS = {"春节": "春节", "国庆": "国庆节", "元旦": "元旦", "中秋": "中秋节", "清明": "清明节", "端午": "端午节",
              "劳动": "劳动节", "五一": "劳动节", "十一": "国庆节"}  # fmt: skip
_FEAST = lazy(
    r"(?P<f>春节|国庆|元旦|中秋|清明|端午|劳动(?=节)|五一|十一(?=[”国节]))[”]?(?:国庆|劳动)?节?"
    r"(?:假期|长假|放假|假日)?(?:到来|来临)?(?:之|以)?前(?!后|夕|期|一)"
)
_YEAR_OF = lazy(r"(?:(?P<y>20\d\d|今|本|当|明|次)年度?)?(?P<open>“)?(?:五一)?$")
_EACH_YEAR = lazy(r"每年[“]?$")


def told_in(wording: Wording) -> Iterator[Found]:
    """Every day that is told from the day of issue, and every festival something is due before."""
    for match in _FEAST.finditer(wording.flat):
        yield _before_festival(wording, match)
    for match in _TOLD.finditer(wording.flat):
        if match["which"] and wording.flat[max(0, match.start() - 1) : match.start()] in ("每", "各"):
            continue
        day = _told(match, wording.issued) if wording.issued else None
        # A month's end without 本 may be that of each month.
        sure = _UNTOLD if day is None else 0.5 if match["which"] is None else 0.8
        hour = time_of(match)
        yield Found(
            match.start(),
            match.end(),
            "absolute",
            "within",
            date=day,
            time=hour,
            understood=hour is not None,
            confidence=sure,
            found_by="told from the issue",
        )


def _before_festival(wording: Wording, match: re.Match[str]) -> Found:
    """春节前: by the day before it, which moves back to the last workday before the notice's holiday begins."""
    said = _YEAR_OF.search(wording.flat, max(0, match.start() - 9), match.start())
    start = said.start() if said else match.start()
    printed, name = said["y"] if said else None, _FESTIVALS[match["f"]]
    first: date | None = None
    sure = 0.75
    if printed and printed.isdigit():
        first, sure = festival_day(int(printed), name), 0.9
    elif printed:
        base = wording.year
        first = festival_day(base + (printed in ("明", "次")), name) if base else None
    elif wording.issued:
        first, sure = _next_festival(wording.issued, name), 0.9
    elif wording.year:
        # New Year's Day of a document's own year is over before it is written.
        first = festival_day(wording.year + (name == "元旦"), name)
    each_year = _EACH_YEAR.search(wording.flat, max(0, start - 4), start)
    return Found(
        start,
        match.end(),
        "absolute",
        "within",
        date=first - timedelta(days=1) if first and not each_year else None,
        day_off="previous",
        confidence=_UNTOLD if first is None or each_year else sure,
        found_by="before a festival",
    )


def _next_festival(issued: date, name: str) -> date | None:
    days = (festival_day(year, name) for year in (issued.year, issued.year + 1))
    return next((day for day in days if day and day > issued), None)


def _told(match: re.Match[str], issued: date) -> date | None:
    """The last day of 本月底前, 下周五前, 本季度末前, told from the day of issue."""
    later = match["which"] in ("下", "次")
    if match["week"]:
        monday = issued - timedelta(days=issued.weekday()) + timedelta(weeks=later)
        return monday + timedelta(days="一二三四五六日".index(match["w"].replace("天", "日")) if match["w"] else 6)
    if match["quarter"]:
        last = (issued.month - 1) // 3 * 3 + 3 + 3 * later
        return _month_end(issued.year + (last - 1) // 12, (last - 1) % 12 + 1)
    year, month = (issued.year + issued.month // 12, issued.month % 12 + 1) if later else (issued.year, issued.month)
    if match["d"]:
        day = number(match["d"]) or 0
        return date(year, month, day) if 1 <= day <= monthrange(year, month)[1] else None
    if match["third"] in ("上", "中"):
        return date(year, month, 10 if match["third"] == "上" else 20)
    if match["month"] and later and not match["e"] and not match["third"] and not match[0].endswith("内"):
        return _month_end(issued.year, issued.month)  # 下月前 ends with this one
    return _month_end(year, month)


def _month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])
