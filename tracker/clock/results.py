"""A counted date with its reasons (结果): moved off a day off, ended at midnight, marked provisional where it is."""

from datetime import UTC, date, datetime, time, timedelta

from tracker.clock.calendar import WorkCalendar
from tracker.clock.explanation import LAST_DAY, day_label, off_words, provisional_step
from tracker.clock.rules import DayOff, OutOfReach, Resolved, Step
from tracker.clock.suspension import NOTHING, LeftOut
from tracker.clock.wording import month_day
from tracker.now import SHANGHAI

FAR = "期限超出可计算的日期范围"

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

    It moves onto a workday that is not left out; where the workday before is, it moves to the one after.
    """
    if calendar.is_workday(day):
        return day, []
    label = day_label(day, calendar, year)
    if how is DayOff.AS_PRINTED:
        why = "写明的日期不顺延" if printed else "按设定不顺延"
        return day, [Step(f"{label}是休息日，{why}", on=day)]
    before = calendar.workday_on_or_before(day)
    if how is DayOff.PREVIOUS and before not in left:
        words = off_words(calendar, before + _ONE, day, year)
        return before, [Step(f"{words}，提前至其前最后一个工作日{month_day(before, year)}", on=day)]
    moved = left.workday_on_or_after(calendar, day)
    worked = calendar.workday_on_or_after(day)
    words = off_words(calendar, day, worked - _ONE, year)
    reached = "其后第一个工作日" if moved == worked else "恢复后第一个工作日"
    cited = None if printed else LAST_DAY
    return moved, [Step(f"{words}，顺延至{reached}{month_day(moved, year)}", on=day, article=cited)]


def due(
    day: date, steps: list[Step], calendar: WorkCalendar, *, relied_on: tuple[date, date] | None, year: int | None
) -> Resolved:
    """Return a day deadline; `relied_on` is the range of days whose kind decided the date, if any did."""
    note = provisional_step(calendar, *relied_on) if relied_on else None
    result = Step(f"{day_label(day, calendar, year)}24:00 截止", on=day, article=LAST_DAY)
    explanation = (*steps, *([note] if note else []), result)
    return Resolved(day, day_end(day), None, provisional=note is not None, explanation=explanation)


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
