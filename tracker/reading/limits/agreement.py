"""Limits of one text settled together (相互印证): a rhythm said twice is one, a date behind 每年 is yearly."""

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import replace

from tracker.reading.limits.context import Found, Wording
from tracker.reading.text.lazy import lazy
from tracker.reading.text.numerals import number

_REPORTS = lazy(
    r"报送|上报|填报|直报|报告|汇报|反馈|报表|通报|调度|公布|公示|公开|研判|会商|考核|评估|督查|检查|分析|统计|小结|总结|召开|走访|联系|更新"
)
# 报送 and 上报 are one act.
_SAME_ACT = dict.fromkeys(("上报", "填报", "直报", "报表", "报告", "汇报", "反馈"), "报送")
_NEAR = 40
_QUOTED = 16
_COMPACT = "compact rhythm"
_TIMES = lazy(r"(?:至少|不少于)?[^，。；\d]{0,6}?(\d|[一二两三四五])次")
_REDUCED = lazy(r"(?:压缩|压减|缩短|缩减|减少|精简|提速|减|缩|降|压)[至到为]")


def settled(wording: Wording, found: Sequence[Found]) -> list[Found]:
    """The limits without those another says again, and with the dates that come round each year as rhythms."""
    kept: list[Found] = []
    start: int | None = None
    for n, one in enumerate(found):
        again = _said_again(wording, found, n)
        if again is not None:
            # 每周按时落实“周报告”, 实行日报告，每个行动组每日报告: both words state the one that is left.
            start = one.start if start is None and _is_near(wording, one, again) else start
            continue
        if _is_goal(wording, found, n) or _is_number_of_days(wording, found, n):
            continue
        kept.append(one if start is None else replace(one, start=start))
        start = None
    return [_each_year(wording, kept, n) for n in range(len(kept))]


def _is_near(wording: Wording, one: Found, again: Found) -> bool:
    return 0 <= again.start - one.end <= _QUOTED and wording.sentence(one.start) == wording.sentence(again.start)


def _said_again(wording: Wording, found: Sequence[Found], n: int) -> Found | None:
    """The limit that says again, or dates, a rhythm without a day: 按月报送进展。每月25日前报送."""
    one = found[n]
    if one.kind != "recurring" or not one.rrule or "BY" in one.rrule or one.offset or one.nth_workday or one.time:
        return None
    for other in found[n + 1 : n + 4]:
        named = _COMPACT in (one.found_by, other.found_by) and other.rrule == one.rrule
        if not (named or _is_dated(other, one.rrule)):
            continue
        own = _own_acts(wording, one, other.start)
        theirs = _own_acts(wording, other, len(wording.flat))
        if own & theirs:
            return other
        # 按月于每月25日前报送: nothing is done between the two.
        if not own and wording.clause(one.start) == wording.clause(other.start) and theirs:
            return other
    return None


def _own_acts(wording: Wording, one: Found, stop: int) -> set[str]:
    """What is done at a rhythm: the word it holds itself (日报告), else those behind it in its clause."""
    if one.found_by == _COMPACT:
        return _acts(wording.flat, one.start, one.end)
    end = wording.clause(one.end)[1] if stop < len(wording.flat) else wording.sentence(one.end)[1]
    return _acts(wording.flat, one.end, min(end, one.end + (24 if stop < len(wording.flat) else _NEAR), stop))


def _is_number_of_days(wording: Wording, found: Sequence[Found], n: int) -> bool:
    """Whether a bare rhythm only counts the days another names: 每周二和每周四…每周开展两次."""
    one = found[n]
    if one.kind != "recurring" or not one.rrule or "BY" in one.rrule or one.offset or one.nth_workday:
        return False
    times = _TIMES.match(wording.flat, one.end)
    if not times:
        return False
    near = found[max(0, n - 6) : n + 7]
    rules = [other.rrule for other in near if other.rrule and other.rrule.startswith(f"{one.rrule};BY")]
    days = [rule.rpartition("=")[2] for rule in rules]
    return any(len(listed.split(",")) == number(times[1]) for listed in days)


def _is_goal(wording: Wording, found: Sequence[Found], n: int) -> bool:
    """Whether a cap is what is to be reached by a date of its sentence: 2020年底前将时限…减至1个月."""
    one = found[n]
    if one.found_by != "cap" or one.trigger or not _REDUCED.match(wording.flat, one.start):
        return False
    start = wording.sentence(one.start)[0]
    return any(other.kind == "absolute" and other.start >= start for other in found[max(0, n - 3) : n])


def _is_dated(other: Found, rrule: str) -> bool:
    """Whether another rhythm is the same with its day."""
    if not other.rrule:
        return False
    if other.rrule == rrule:
        return bool(other.offset or other.nth_workday or other.time)
    quarterly = rrule == "FREQ=MONTHLY;INTERVAL=3" and re.match(r"FREQ=YEARLY;BYMONTH=\d+,\d+,\d+,\d+", other.rrule)
    return bool(quarterly) or other.rrule.startswith(f"{rrule};BY")


def _acts(flat: str, start: int, end: int) -> set[str]:
    return {_SAME_ACT.get(match[0], match[0]) for match in _REPORTS.finditer(flat, start, max(start, end))}


def _each_year(wording: Wording, found: Sequence[Found], n: int) -> Found:
    """A date without a year behind one that comes round: 每年4月底前报送，于5月底前清算 are both yearly."""
    one = found[n]
    if one.kind != "absolute" or one.date is None or one.date_from or re.search(r"\d{4}|年", _quote(wording, one)):
        return one
    start = wording.sentence(one.start)[0]
    before = [other for other in found[max(n - 4, 0) : n] if other.start >= start]
    if not any((other.rrule or "").startswith("FREQ=YEARLY;BYMONTH=") for other in before):
        return one
    last = monthrange(one.date.year, one.date.month)[1]
    day = -1 if one.date.month == 2 and one.date.day == last else one.date.day
    rrule = f"FREQ=YEARLY;BYMONTH={one.date.month};BYMONTHDAY={day}"
    return replace(one, kind="recurring", date=None, rrule=rrule, found_by="每年 before it")


def _quote(wording: Wording, one: Found) -> str:
    return wording.flat[one.start : one.end]
