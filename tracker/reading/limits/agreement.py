"""Limits of one text settled together (相互印证): a rhythm said twice is one, a date behind 每年 is yearly."""

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import replace

from tracker.reading.limits.context import Found, Wording
from tracker.reading.text.lazy import lazy

_REPORTS = lazy(
    r"报送|上报|填报|直报|报告|汇报|反馈|报表|通报|调度|公布|公示|公开|研判|会商|考核|评估|督查|检查|分析|统计|小结|总结|召开|走访|联系|更新"
)
# 报送 and 上报 are one act.
_SAME_ACT = dict.fromkeys(("上报", "填报", "直报", "报表", "报告", "汇报", "反馈"), "报送")
_NEAR = 40


def settled(wording: Wording, found: Sequence[Found]) -> list[Found]:
    """The limits without those another says again, and with the dates that come round each year as rhythms."""
    kept = [one for n, one in enumerate(found) if not _said_again(wording, found, n)]
    return [_each_year(wording, kept, n) for n in range(len(kept))]


def _said_again(wording: Wording, found: Sequence[Found], n: int) -> bool:
    """Whether a rhythm without a day is the one that a following one dates: 按月报送进展。每月25日前报送."""
    one = found[n]
    if one.kind != "recurring" or not one.rrule or "BY" in one.rrule or one.offset or one.nth_workday:
        return False
    for other in found[n + 1 : n + 3]:
        if not _is_dated(other, one.rrule):
            continue
        own = _acts(wording.flat, one.end, min(wording.clause(one.end)[1], one.end + 24, other.start))
        theirs = _acts(wording.flat, other.end, min(wording.sentence(other.end)[1], other.end + _NEAR))
        if own & theirs:
            return True
        # 按月于每月25日前报送: nothing is done between the two.
        if not own and wording.clause(one.start) == wording.clause(other.start) and theirs:
            return True
    return False


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
