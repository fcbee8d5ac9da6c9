"""A counted date with its reasons (结果): moved off a day off, ended at midnight, marked provisional where it is."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from tracker.clock.calendar import WorkCalendar
from tracker.clock.explanation import LAST_DAY, day_label, off_words, provisional_step
from tracker.clock.rules import DayOff, OutOfReach, Resolved, Step
from tracker.clock.suspension import NOTHING, LeftOut
from tracker.clock.wording import month_day
from tracker.now import SHANGHAI

FAR = "期限超出可计算的日期范围"
DAY_ENDS = "24:00 截止"

_ONE = timedelta(days=1)


def day_end(day: date) -> datetime:
    """Return the end of a Shanghai day (24:00, exclusive) as an aware UTC instant (民法典 203)."""
    if day == date.max:
        raise OutOfReach(FAR)
    return datetime.combine(day + _ONE, time(), SHANGHAI).astimezone(UTC)


def settle(
    day: date, how: DayOff, calendar: WorkCalendar, *, year: int | None, printed: bool, left: LeftOut = NOTHING
) -> tuple[date, list[Step]]:
    """Move a last day that is a day off as `how` says, with the reason; `printed` marks a date written as such.

    No period ends while it stands still: a last day on which a suspension begins that outlasts it gives way to the
    first day, or workday, after the suspension.
    """
    stopped, off = left.stops_on(day), not calendar.is_workday(day)
    if not stopped and not off:
        return day, []
    label = day_label(day, calendar, year)
    if how is DayOff.AS_PRINTED and not stopped:
        why = "写明的日期不顺延" if printed else "按设定不顺延"
        return day, [Step(f"{label}是休息日，{why}", on=day)]
    before = calendar.workday_on_or_before(day)
    if off and how is DayOff.PREVIOUS and before not in left and not left.stops_on(before):
        words = off_words(calendar, before + _ONE, day, year)
        return before, [Step(f"{words}，提前至其前最后一个工作日{month_day(before, year)}", on=day)]
    as_printed = how is DayOff.AS_PRINTED
    moved = left.last_day(day, None if as_printed else calendar)
    worked = calendar.workday_on_or_after(day)
    words = f"{label}当日起暂停" if stopped else off_words(calendar, day, worked - _ONE, year)
    reached = "恢复后首日" if as_printed else "其后第一个工作日" if moved == worked else "恢复后第一个工作日"
    cited = LAST_DAY if off and not printed and not as_printed else None
    return moved, [Step(f"{words}，顺延至{reached}{month_day(moved, year)}", on=day, article=cited)]


def due(
    day: date, steps: list[Step], calendar: WorkCalendar, *, relied_on: tuple[date, date] | None, year: int | None
) -> Resolved:
    """Return a day deadline; `relied_on` is the range of days whose kind decided the date, if any did."""
    note = provisional_step(calendar, *relied_on) if relied_on else None
    result = Step(f"{day_label(day, calendar, year)}{DAY_ENDS}", on=day, article=LAST_DAY)
    explanation = (*steps, *([note] if note else []), result)
    return Resolved(day, day_end(day), None, provisional=note is not None, explanation=explanation)


def at_hour(resolved: Resolved, hour: time | None) -> Resolved:
    """Return a day deadline that ends at a printed hour of its day (17:00前); anything else stays as it is."""
    if hour is None or resolved.due_on is None or not resolved.explanation:
        return resolved
    *steps, last = resolved.explanation
    said = replace(last, text=last.text.replace(DAY_ENDS, f"{ends(hour)}（文件写明的时刻）"), article=None)
    due_at = datetime.combine(resolved.due_on, hour, SHANGHAI).astimezone(UTC)
    return replace(resolved, due_at=due_at, explanation=(*steps, said))


def ends(hour: time | None) -> str:
    """Say when a due day ends: 24:00 截止, or at the printed hour."""
    return DAY_ENDS if hour is None else f"{hour:%H:%M} 截止"


def undated(text: str) -> Resolved:
    """Return a result without a date and the one reason for it."""
    return Resolved(None, None, None, provisional=False, explanation=(Step(text),))


def earliest(
    day: date, steps: list[Step], calendar: WorkCalendar, relied_on: tuple[date, date] | None, year: int | None
) -> Resolved:
    """Return an earliest day: no due date, so nothing that could become overdue."""
    note = provisional_step(calendar, *relied_on) if relied_on else None
    result = Step(f"{day_label(day, calendar, year)}起方可办理", on=day)
    explanation = (*steps, *([note] if note else []), result)
    return Resolved(None, None, day, provisional=note is not None, explanation=explanation)
