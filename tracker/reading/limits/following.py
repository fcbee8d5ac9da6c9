"""Rhythms told by what follows each period (期后): 次月5日前, 次周一前, 季后10日内, 年度终了后3个月内."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from tracker.reading.limits.context import Found, Wording
from tracker.reading.limits.words.day_hours import CLOCK, time_of
from tracker.reading.limits.words.tails import DAYS, Tail, counted_from_end
from tracker.reading.text.lazy import lazy
from tracker.reading.text.numerals import number

_N = r"[两二三四五六七八九十\d]{1,3}"
RULES = {
    "年": "FREQ=YEARLY", "年度": "FREQ=YEARLY", "月": "FREQ=MONTHLY",
    "季度": "FREQ=MONTHLY;INTERVAL=3", "季": "FREQ=MONTHLY;INTERVAL=3",
    "周": "FREQ=WEEKLY", "星期": "FREQ=WEEKLY", "日": "FREQ=DAILY", "天": "FREQ=DAILY",
    "旬": "FREQ=MONTHLY;BYMONTHDAY=10,20,-1",
    "半年": "FREQ=MONTHLY;INTERVAL=6", "双周": "FREQ=WEEKLY;INTERVAL=2",
    "半月": "FREQ=MONTHLY;BYMONTHDAY=15,-1", "半个月": "FREQ=MONTHLY;BYMONTHDAY=15,-1",
}  # fmt: skip
# 次月5日前 is of the rhythm before it; 季后10日内, 月度终了后5个工作日内 need no 每.
_NEXT_MONTH = lazy(
    rf"(?:次|(?P<next>下个?))月(?:的)?(?:(?P<d>{_N})[日号](?:{CLOCK}?(?P<before>之?前|以前))|(?:前(?P<k>{_N})|第(?P<nth>{_N})|(?P<n>{_N}))个?工作日(?:之?[内前]|以[内前])"
    rf"|(?P<t>[上中下])旬(?:之?前|内)?|(?P<e>月?[底末])(?:之?前)|(?:前|头)(?P<f>{_N})[日天](?:之?内|以内))"
)
_TIMES = r"工作日|自然日|日历日|[日天周](?!常|均|然|报)|个?月"
_AFTER_EACH = lazy(
    rf"(?<![每各个本当该此上两三四半去今下满一二\d])(?:(?P<p>季|半年|月|年)(?:度|(?=后|终))?末?(?:终了|结束|后))(?:之?后|以后|之日起|日起|起)?的?"
    rf"(?P<n>{_N})个?(?P<u>{_TIMES})(?:(?:之|以)?内|前)"
)
_OF_QUARTERS = lazy(r"季度?")
_OF_MONTHS = lazy(r"每个?月|按月|逐月|月度|当月|月报|每月")
_NEXT_YEAR = lazy(r"次年(?:的)?(?P<m>\d{1,2})月(?:(?P<d>\d{1,2})[日号]|[底末])(?:之?前|以前)")
_NEXT_WEEK = lazy(rf"(?:次|下)(?:周|星期)(?:周|星期)?(?P<day>[一二三四五六日天])(?:{CLOCK}|下班)?(?:之?前)")
_OF_YEARS = lazy(r"每年|按年|逐年|每季|按季|每月|按月|年度预算|年度计划")
_OF_WEEKS = lazy(r"[每按]周|周报")


def following_in(wording: Wording) -> Iterator[Found]:
    """Every rhythm that is told by the period after each one, or counted from each one's end."""
    flat = wording.flat
    for match in _NEXT_MONTH.finditer(flat):
        yield from _next_month(wording, match)
    for match in _AFTER_EACH.finditer(flat):
        counted = counted_from_end(match, flat)
        # 年后3个月内 is after a year, not after each one.
        if counted and (match["p"] not in ("年", "月") or "度" in match[0] or "终了" in match[0]):
            each = Tail(counted[0], RULES[match["p"]], offset=counted[1], understood=counted[2])
            yield tailed(match.start(), each, "each period's end")
    for match in _NEXT_WEEK.finditer(flat):
        if _OF_WEEKS.search(flat, max(wording.sentence(match.start())[0], match.start() - 60), match.start()):
            rrule, hour = f"FREQ=WEEKLY;BYDAY={DAYS[match['day']]}", time_of(match)
            found = recurring(match.start(), match.end(), rrule, "day of the next week")
            yield replace(found, time=hour, understood=hour is not None)
    for match in _NEXT_YEAR.finditer(flat):
        said = flat[max(wording.sentence(match.start())[0], match.start() - 80) : match.start()]
        if _OF_YEARS.search(said):
            month = int(match["m"])
            last = -1 if month == 2 else 30 if month in (4, 6, 9, 11) else 31
            on_day = f"FREQ=YEARLY;BYMONTH={month};BYMONTHDAY={int(match['d'] or last)}"
            yield recurring(match.start(), match.end(), on_day, "day of the next year")


def dated_next(wording: Wording, one: Found) -> bool:
    """Whether the day of a bare rhythm follows in its clause: 每月落实情况于次月5日前报送 is one report."""
    patterns = {
        "FREQ=MONTHLY": (_NEXT_MONTH, _AFTER_EACH),
        "FREQ=MONTHLY;INTERVAL=3": (_NEXT_MONTH, _AFTER_EACH),
        "FREQ=WEEKLY": (_NEXT_WEEK,),
        "FREQ=YEARLY": (_AFTER_EACH,),
    }.get(one.rrule or "", ())
    if one.offset or one.nth_workday:
        return False
    stop = min(wording.clause(one.end)[1], one.end + 30)
    return any(pattern.search(wording.flat, one.end, stop) for pattern in patterns)


def _next_month(wording: Wording, match: re.Match[str]) -> Iterator[Found]:
    """次月5日前: of each month, or of the first month behind each quarter where the clause speaks of quarters."""
    flat, start = wording.flat, match.start()
    said = flat[max(wording.sentence(start)[0], start - 60) : start]
    if match["next"] and not _OF_MONTHS.search(said):
        return
    quarterly = _OF_QUARTERS.search(flat, max(wording.clause(start)[0], start - 40), start)
    base = "FREQ=YEARLY;BYMONTH=1,4,7,10" if quarterly else "FREQ=MONTHLY"
    nth = number(match["k"] or match["nth"] or match["n"] or "")
    thirds = {"上": 10, "中": 20, "下": -1}
    day = number(match["d"] or match["f"] or "") or thirds.get(match["t"] or "") or (-1 if match["e"] else None)
    rrule = base if nth else f"{base};BYMONTHDAY={day}"
    hour = time_of(match)
    yield replace(
        recurring(start, match.end(), rrule, "day of the next month"),
        nth_workday=nth or None,
        time=hour,
        day_off="next" if match["f"] else None,
        understood=hour is not None,
    )


def tailed(start: int, tail: Tail, rule: str, since: date | None = None) -> Found:
    found = Found(
        start,
        tail.end,
        "recurring",
        tail.sense,
        rrule=tail.rrule,
        date_from=since,
        direction=tail.direction,
        offset=tail.offset,
        nth_workday=tail.nth_workday,
        time=tail.time,
        day_off=tail.day_off,
        understood=tail.understood,
        found_by=rule,
    )
    return with_sound_rule(found)


_BY_DAY = lazy(r"BY(?:MONTH|MONTHDAY)=(-?\d+(?:,-?\d+)*)")


def _sound(rrule: str) -> str:
    """The rule without a month or day that no calendar has (每月40日)."""
    for part in rrule.split(";"):
        match = _BY_DAY.fullmatch(part)
        highest = 12 if part.startswith("BYMONTH=") else 31
        numbers = [int(n) for n in match[1].split(",")] if match else []
        if any(n == 0 or not -1 <= n <= highest for n in numbers):
            return ";".join(p for p in rrule.split(";") if not p.startswith("BYMONTH"))
    return rrule


def recurring(start: int, end: int, rrule: str, rule: str, sense: str = "within") -> Found:
    return with_sound_rule(Found(start, end, "recurring", sense, rrule=rrule, found_by=rule))


def with_sound_rule(found: Found) -> Found:
    """The rhythm as a calendar can keep it; one that lost its day was read by half."""
    sound = _sound(found.rrule or "")
    return found if sound == found.rrule else replace(found, rrule=sound, confidence=0.5)
