"""What follows 每 and a period (周期之后): the day, the n-th workday, the month of a quarter, a limit from its end."""

import re
from dataclasses import dataclass

from tracker.reading.limits.words.day_hours import CLOCK, time_of
from tracker.reading.limits.words.days_off import bracket_unit
from tracker.reading.text.lazy import lazy
from tracker.reading.text.numerals import number

_N = r"(?:\d{1,3}|[一二两三四五六七八九十]{1,3})"
_TIMES = r"工作日|自然日|日历日|小时|[日天周](?!常|均|然|报)|个?月"
_UNIT_OF = {
    "工作日": "workday",
    "自然日": "day",
    "日历日": "day",
    "日": "day",
    "天": "day",
    "周": "week",
    "月": "month",
}
_IN = r"(?:之内|以内|内(?![部地容外涵控设需陆]))"
# 17:00前, 下午5时之前: the hour that parts a day from its 前; 前 alone.
_BEFORE = rf"(?:（[^（）]{{1,12}}）)?(?:{CLOCK}|下班)?(?P<before>之前|以前|前(?!后|期|景|提(?:条件|下|是)|沿|述|款))"
_FROM_END = lazy(
    rf"度?末?(?:(?:终了|结束|届满|期满)(?P<since>之?后|以后|之日起|日起|起)?|(?<![月周日])(?:之?后|以后))的?"
    rf"(?P<n>{_N})个?(?P<u>{_TIMES})(?:{_IN}|(?(since)前|(?!)))"
)
_TO_END = lazy(
    rf"度?末?(?:终了|结束|届满|期满)(?:(?:之?前|以前)的?(?P<window>{_N}个?(?:{_TIMES}){_IN})|(?P<n>{_N})个?(?P<u>{_TIMES})前|(?:之?前|以前)(?P<n2>{_N})个?(?P<u2>{_TIMES})(?!{_IN}))"
)
_FIRST_N = lazy(rf"的?(?:前|头)(?P<n>{_N})个?(?P<u>工作日|日|天|个?月)(?P<in>{_IN})?(?:之?前(?!{_N}))?")
_NTH_WORKDAY = lazy(
    rf"的?(?:(?P<first>首|第一|第1|头一)个?|第(?P<n>{_N})个?|(?P<last>最后一?|最末一?|末)个?|倒数第(?P<back>{_N})个?)工作日"
    rf"(?:{_IN}|{_BEFORE})?"
)
_NTH_WEEKDAY = lazy(
    rf"的?(?:第(?P<n>[一二三四五1-5])|(?P<last>最后一?|末))个?(?:星期|周|礼拜)(?P<d>[一二三四五六日天])(?!次)(?:{_BEFORE})?"
)
_THIRD = r"(?P<third>[上中下])旬"
# 每月上旬、下旬: a rhythm of two days.
_MONTH_THIRD = lazy(rf"的?(?P<thirds>[上中下]旬(?:(?:[、和及与]|以及)[上中下]旬)*)(?:{_IN}|之?前|末|底)?")
_MONTHS = {"first": "1,4,7,10", "second": "2,5,8,11", "last": "3,6,9,12"}
_IN_QUARTER = lazy(
    r"(?:末|度)?的?(?:(?P<first>首月|首个月|第[一1]个?月|次季度?首月|下一?个?季度?(?:首月|第一个月)|次月)|(?P<second>第[二2]个?月|中间?月)"
    r"|(?P<last>末月|最后一?个?月|第[三3]个?月))份?的?"
    rf"(?:(?P<d>{_N})[日号](?:{_BEFORE})?|(?P<end>月?[底末])(?:之?前)?|{_THIRD}(?:{_IN}|之?前)?"
    rf"|(?:前|头)(?P<k>{_N})个?(?P<ku>工作日|日|天){_IN}?)?"
)
DAYS = {"一": "MO", "二": "TU", "三": "WE", "四": "TH", "五": "FR", "六": "SA", "日": "SU", "天": "SU"}
_LAST_OF_THIRD = {"上": "10", "中": "20", "下": "-1"}
_HOUR_ONLY = lazy(_BEFORE)


@dataclass(frozen=True, slots=True)
class Tail:
    """What the words behind a period come to: where they end and what they add to its rule."""

    end: int
    rrule: str
    sense: str = "within"
    offset: tuple[int, str] | None = None
    nth_workday: int | None = None
    time: str | None = None
    day_off: str | None = None
    direction: str = "after"
    understood: bool = False


def tail_of(flat: str, end: int, unit: str, rrule: str) -> Tail | None:
    """The tail of a period (its unit as printed: 月, 季度), where it is one that no single day of the calendar says."""
    for read in (_from_end, _to_end, _nth_workday):
        found = read(flat, end, rrule)
        if found:
            return found
    if unit in ("季度", "季"):
        return _in_quarter(flat, end) or _first_days(flat, end, unit, rrule) or _nth_weekday(flat, end, unit)
    if unit == "月":
        third = _MONTH_THIRD.match(flat, end)
        if third:
            days = dict.fromkeys(_LAST_OF_THIRD[which] for which in re.findall("[上中下]", third["thirds"]))
            return Tail(third.end(), f"{rrule};BYMONTHDAY={','.join(days)}")
        return _first_days(flat, end, unit, rrule) or _nth_weekday(flat, end, unit)
    if unit in ("年", "年度", "周", "星期"):
        return _first_days(flat, end, unit, rrule)
    if unit in ("日", "天"):
        hour = _HOUR_ONLY.match(flat, end)
        if hour and time_of(hour):
            return Tail(hour.end(), rrule, time=time_of(hour), understood=True)
    return None


def counted_from_end(match: re.Match[str], flat: str) -> tuple[int, tuple[int, str], bool] | None:
    """Where a limit from the end of a period ends, and how long it is; whether a bracket said how it is counted."""
    amount, unit = number(match["n"]), _UNIT_OF.get(match["u"].removeprefix("个"))
    if not amount or unit is None:
        return None
    as_bracket = bracket_unit(flat, match.end()) if unit == "day" else None
    if as_bracket:
        return as_bracket[0], (amount, as_bracket[1]), True
    return match.end(), (amount, unit), False


def _from_end(flat: str, end: int, rrule: str) -> Tail | None:
    """每季度终了后15日内."""
    match = _FROM_END.match(flat, end)
    found = counted_from_end(match, flat) if match else None
    return Tail(found[0], rrule, offset=found[1], understood=found[2]) if found else None


def _to_end(flat: str, end: int, rrule: str) -> Tail | None:
    """每季度结束10日前; 每季度结束前10日内 is a window that ends with the period."""
    match = _TO_END.match(flat, end)
    if not match:
        return None
    if match["window"]:
        return Tail(match.end(), rrule)
    amount, unit = number(match["n"] or match["n2"]), _UNIT_OF.get((match["u"] or match["u2"]).removeprefix("个"))
    if not amount or unit is None:
        return None
    return Tail(match.end(), rrule, offset=(amount, unit), direction="before")


def _nth_workday(flat: str, end: int, rrule: str) -> Tail | None:
    """每月第一个工作日, 每月最后一个工作日前."""
    match = _NTH_WORKDAY.match(flat, end)
    if not match:
        return None
    if match["last"] or match["back"]:
        nth = -(number(match["back"]) or 0) if match["back"] else -1
    else:
        nth = number(match["n"]) or 0 if match["n"] else 1
    inside = match["before"] or match[0].endswith("内")
    sense = "within" if inside else "on"
    return Tail(match.end(), rrule, sense, nth_workday=nth, time=time_of(match), understood=True) if nth else None


def _first_days(flat: str, end: int, unit: str, rrule: str) -> Tail | None:
    """每月前5个工作日内 is by the fifth; 每季度前10日内 a period of time, which moves off days off (民法典 203)."""
    match = _FIRST_N.match(flat, end)
    if not match:
        return None
    amount = number(match["n"]) or 0
    if match["u"] == "工作日":
        return Tail(match.end(), rrule, nth_workday=amount) if amount else None
    if match["u"].endswith("月"):
        by = {"年": 12, "年度": 12}.get(unit, 0)
        return Tail(match.end(), f"{rrule};BYMONTH={amount};BYMONTHDAY=-1") if 0 < amount < by else None
    if not 0 < amount <= 28 or unit in ("周", "星期"):
        return None
    months = {"季": "FREQ=YEARLY;BYMONTH=1,4,7,10", "季度": "FREQ=YEARLY;BYMONTH=1,4,7,10"}.get(unit, rrule)
    if unit in ("年", "年度"):
        months = f"{rrule};BYMONTH=1"
    return Tail(match.end(), f"{months};BYMONTHDAY={amount}", day_off="next")


def _in_quarter(flat: str, end: int) -> Tail | None:
    """每季度首月10日前, 每季度最后一个月25日前, 每季度末月下旬."""
    match = _IN_QUARTER.match(flat, end)
    if not match:
        return None
    which = next(name for name in _MONTHS if match[name])
    rrule = f"FREQ=YEARLY;BYMONTH={_MONTHS[which]}"
    if match["ku"] == "工作日":
        return Tail(match.end(), rrule, nth_workday=number(match["k"]))
    if match["k"]:
        return Tail(match.end(), f"{rrule};BYMONTHDAY={number(match['k'])}", day_off="next")
    if match["third"]:
        return Tail(match.end(), f"{rrule};BYMONTHDAY={_LAST_OF_THIRD[match['third']]}")
    if match["end"]:
        return Tail(match.end(), f"{rrule};BYMONTHDAY=-1")
    if match["d"]:
        day = number(match["d"]) or 0
        # The clock puts the day of a quarterly rule into the quarter's last month.
        rrule = "FREQ=MONTHLY;INTERVAL=3" if which == "last" else rrule
        sense = "within" if match["before"] else "on"
        hour = time_of(match)
        return Tail(match.end(), f"{rrule};BYMONTHDAY={day}", sense, time=hour, understood=hour is not None)
    return Tail(match.end(), rrule)


def _nth_weekday(flat: str, end: int, unit: str) -> Tail | None:
    """每月第二个星期五: the day itself."""
    match = _NTH_WEEKDAY.match(flat, end)
    if not match:
        return None
    nth = -1 if match["last"] else number(match["n"]) or 1
    base = "FREQ=MONTHLY"
    if unit != "月":
        base = f"FREQ=YEARLY;BYMONTH={_MONTHS['last' if match['last'] else 'first']}"
    hour = time_of(match)
    sense = "within" if match["before"] else "on"
    rrule = f"{base};BYDAY={nth}{DAYS[match['d']]}"
    return Tail(match.end(), rrule, sense, time=hour, understood=hour is not None)
