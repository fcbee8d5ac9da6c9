"""Spans (期间): how long something is offered, held or worked at; 自A起至B, 报名时间为4月26日至28日, 活动时间：全年."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from tracker.reading.limits.context import Found, Wording
from tracker.reading.limits.words.day_hours import CLOCK, time_of
from tracker.reading.limits.words.printed_dates import YEAR, DateSpan, part_of, resolve_date, same_month
from tracker.reading.text.lazy import lazy
from tracker.reading.text.numerals import number

NOT_DUE_AFTER = lazy(
    r"(?:（含[^（）]{0,6}）)?(?:以来|起(?:施行|实施|执行|生效)?|已|发布|印发|公布|修[订正]|出生"
    r"|（[^（）]{0,8}）?以后|属期|期间|版|《|公告|度?(?:市场主体)?年报"
    r"|(?:之?前)?(?:到期|已|成立|注册|设立|取得|获得|出生|签订|参保|建成|竣工)[^，。；]{0,24}的)"
)

HOUR = lazy(rf"（?{CLOCK}）?")


def to_the_hour(found: Found, hour: re.Match[str]) -> Found:
    """A date with the hour that is printed behind it."""
    at = time_of(hour)
    return replace(found, end=max(found.end, hour.end()), time=at, understood=at is not None)


_PHASE = lazy(r"阶段(?!性)")

# 活动时间：全年, 活动时间：二季度: when something is held, as a label says.
HELD = lazy(r"(?:活动|服务|开展|举办|实施|执行|开放|受理)(?:时间|期间|时限)：$")

_ALL_YEAR = lazy(
    r"(?:活动|服务|开展|举办|实施|执行|开放|受理)(?:时间|期间|时限)：(?P<y>20\d\d年)?全年(?=[^\d，。；]|$|[，。；])"
)

# 报名时间为4月26日至28日: the days of an act, whatever else the sentence speaks of.
_HELD_IN = lazy(
    r"(?:报名|登记|申报|申请|受理|审核|报送|办理|公示|检查|整改|报到|考试|培训|举办|开放|征集|投票|评审|公开|填报|摸底|排查|录取|缴费)"
    r"[^，。；]{0,6}?(?:时间|期限|时限|期)(?:原则上|暂定|统一|均|一般)?(?:为|：|是|定于|定为)?$"
)

# 5月24日至5月27日报名: work to be done in those days, and no offer of so long.
_OFFERED = lazy(
    r"免征|免收|免除|减免|减征|减半|补贴|补助|奖励|优惠|执行|实施期|有效|政策|租金|贷款|贴息|享受|费率|税率|缓缴|返还|标准|出生|参保"
)

_MOST_DAYS = 92
_SEASON = lazy(
    r"(?:汛期|采暖期|供暖期|防火期|休渔期|禁渔期|枯水期|封山期|[旺淡雨旱冬夏春秋暑寒]季|暑期|寒假|暑假|学期)（?$"
)
_TITLE = lazy(r"[^，。；：（）]{2,20}（$")

# 截至3月底各地工作进展情况: the time a report speaks of.
_PAST_YEAR = lazy(r"(?:上一?年度?|去年|前一年度?|往年)的?$")

_WAIVED = lazy(rf"(?:免除|减免|免收|减收|免征|减征)(?:{YEAR.format('w')})(?P<n>[一二三四五六七八九十\d]{{1,2}})个月")


def range_in(wording: Wording, match: re.Match[str]) -> Found | None:
    """自A起至B: the span of an offer, unless it only says who qualifies."""
    flat, end = wording.flat, match.end()
    if match["bonly"] or (match["aonly"] and match["bonly"]) or NOT_DUE_AFTER.match(flat, end):
        return None
    first = resolve_date(wording, match, "a")
    if first is None or _PAST_YEAR.search(flat, max(0, match.start() - 6), match.start()):
        return None
    # The second date of a range takes the year of the first where it prints none.
    if match["bday"]:
        last = same_month(match, first)
        return _dated_range(wording, match, first, last) if last else None
    printed = part_of(match, "b", "y", "z")
    last = resolve_date(Wording("", None) if not printed else wording, match, "b", default=first.first.year)
    if last is None or last.last < first.first:
        return None
    return _dated_range(wording, match, first, last)


def _dated_range(wording: Wording, match: re.Match[str], first: DateSpan, last: DateSpan) -> Found | None:
    flat, end = wording.flat, match.end()
    near = flat[max(0, match.start() - 12) : match.start()]
    if _SEASON.search(near):
        return None  # 汛期（4月15日至9月30日）实行值班: when the season is, not what is due
    # A phase of the work (集中整治阶段（4月1日至10月31日）) is due at its end; anything else is offered in that span.
    staged = is_of_a_title(wording, match.start(), end) or _PHASE.search(near) or _PHASE.search(flat, end, end + 8)
    if staged or flat.startswith(("，完成", "完成"), end):
        return Found(match.start(), end, "absolute", "within", date=last.last, date_from=first.first, found_by="phase")
    if _is_window(wording, match, first, last):
        window = Found(match.start(), end, "absolute", "within", date=last.last, date_from=first.first)
        window = replace(window, confidence=0.8, found_by="window of days")
        hour = HOUR.match(flat, end)
        return to_the_hour(window, hour) if hour and (flat[end] == "（") == (hour[0][-1] == "）") else window
    return Found(match.start(), end, "validity", "span", date=last.last, date_from=first.first, found_by="range")


def is_of_a_title(wording: Wording, start: int, end: int) -> bool:
    """Whether a date alone in brackets dates the stage its title names: 集中整治（2026年4月至10月）。"""
    flat = wording.flat
    if flat[start - 1 : start] != "（" or not flat.startswith("）", end):
        return False
    said = _TITLE.fullmatch(flat, wording.sentence(start)[0], start)
    closed = end + 1 >= len(flat) or flat[end + 1] in "。：\n"
    return bool(said and closed and _OFFERED.search(said[0]) is None)


def _is_window(wording: Wording, match: re.Match[str], first: DateSpan, last: DateSpan) -> bool:
    """Whether a range names the days of an act rather than how long something is offered."""
    if not (match["ad"] and (match["bd"] or match["bday"])) or match["lead"]:
        return False
    if _HELD_IN.search(wording.left_of(match.start(), limit=30)):
        return True
    if (last.last - first.first).days > _MOST_DAYS:
        return False
    start, stop = wording.sentence(match.start())
    said = wording.flat[max(start, match.start() - 60) : min(stop, match.end() + 40)]
    return _OFFERED.search(said) is None and not wording.flat.startswith(("期间", "起"), match.end())


def validity(start: int, end: int, day: DateSpan | None) -> Found:
    return Found(
        start,
        end,
        "validity",
        "span",
        date=day.last if day else None,
        found_by="end of an offer",
        confidence=0.85 if day else 0.4,
    )


def offers_in(wording: Wording) -> Iterator[Found]:
    """The spans of offers that are no range of dates: 免除2022年3个月租金, 活动时间：全年."""
    flat = wording.flat
    for waived in _WAIVED.finditer(flat):
        year = number(waived["wy"])
        amount = number(waived["n"])
        if year and amount:
            end = waived.end() + (2 if flat.startswith("租金", waived.end()) else 0)
            yield Found(
                waived.start(),
                end,
                "validity",
                "span",
                amount=amount,
                unit="month",
                date=date(year, 12, 31),
                date_from=date(year, 1, 1),
                found_by="waived months of a year",
            )
    for held in _ALL_YEAR.finditer(flat):
        year = number(held["y"][:4]) if held["y"] else wording.year
        span = DateSpan(date(year, 1, 1), date(year, 12, 31), True) if year else None
        first, last = (span.first, span.last) if span else (None, None)
        sure = 0.85 if span else 0.4
        yield Found(
            *held.span(), "validity", "span", date=last, date_from=first, confidence=sure, found_by="held all year"
        )
