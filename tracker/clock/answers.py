"""A wording read and counted, as the command line answers it."""

from datetime import datetime, time
from typing import Any

from tracker.clock.calendar import WorkCalendar
from tracker.clock.recurrence import occurrences
from tracker.clock.resolution import resolve
from tracker.clock.rules import CountUnit, DayOff, Kind, Resolved, Rule, Sense
from tracker.clock.wording import date_words
from tracker.now import SHANGHAI
from tracker.reading.plan import Deadline


def rule_of(deadline: Deadline) -> Rule:
    """Return the countable rule of a time limit as read."""
    return Rule(
        kind=Kind(deadline.kind),
        sense=Sense(deadline.sense),
        amount=deadline.amount,
        unit=CountUnit(deadline.unit) if deadline.unit else None,
        due_on=deadline.date,
        date_from=deadline.date_from,
        rrule=deadline.rrule,
        direction=deadline.direction,
        counts_as_workday=deadline.counts_as == "workday",
        article=deadline.by,
        day_off=DayOff(deadline.day_off) if deadline.day_off else None,
        offset=(deadline.offset[0], CountUnit(deadline.offset[1])) if deadline.offset else None,
        nth_workday=deadline.nth_workday,
        due_time=time.fromisoformat(deadline.time) if deadline.time else None,
    )


def count(deadline: Deadline, event_at: datetime, calendar: WorkCalendar) -> list[Resolved]:
    """Return the date a time limit gives when its event happens at `event_at`; a rhythm gives its first period.

    Raises ClockError for one that cannot be counted.
    """
    rule = rule_of(deadline)
    if rule.kind is Kind.RECURRING:
        day = event_at.astimezone(SHANGHAI).date()
        first = occurrences(rule, published_on=day, expires_on=None, calendar=calendar, count=1)
        return [occurrence.resolved for occurrence in first]
    return [resolve(rule, event_at=event_at, calendar=calendar, event_name=deadline.trigger)]


def as_json(quote: str, resolved: Resolved) -> dict[str, Any]:
    """Return an answer as plain JSON values; `due_at` is on the Shanghai clock."""
    return {
        "quote": quote,
        "due_on": resolved.due_on.isoformat() if resolved.due_on else None,
        "due_at": resolved.due_at.astimezone(SHANGHAI).isoformat() if resolved.due_at else None,
        "earliest_on": resolved.earliest_on.isoformat() if resolved.earliest_on else None,
        "provisional": resolved.provisional,
        "explanation": [
            {"text": s.text, "on": s.on.isoformat() if s.on else None, "article": s.article}
            for s in resolved.explanation
        ],
    }


def as_text(quote: str, resolved: Resolved) -> str:
    """Return an answer as lines of Chinese: the date, and why it is this one."""
    lines = [f"“{quote}”"]
    if resolved.due_on:
        hour = f"{resolved.due_at.astimezone(SHANGHAI):%H:%M}" if resolved.due_at else "00:00"
        lines.append(f"到期日：{date_words(resolved.due_on)}" + ("" if hour == "00:00" else f" {hour}"))
    elif resolved.due_at:
        lines.append(f"到期时刻：{resolved.due_at.astimezone(SHANGHAI):%Y年%m月%d日 %H:%M}")
    elif resolved.earliest_on:
        lines.append(f"最早可办：{date_words(resolved.earliest_on)}")
    else:
        lines.append("没有具体日期")
    if resolved.provisional:
        lines.append("暂定：涉及年份的放假安排尚未公布")
    lines.append("为什么是这一天：")
    lines += [f"  {s.text}" + (f"（{s.article}）" if s.article else "") for s in resolved.explanation]
    return "\n".join(lines)
