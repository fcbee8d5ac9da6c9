"""周期: the rhythms a supervisor may choose, to and from the rule's own notation."""

from dataclasses import dataclass

# value, label, rule without its day, sort of day it takes
RHYTHMS: tuple[tuple[str, str, str, str], ...] = (
    ("month", "每月", "FREQ=MONTHLY", "month"),
    ("quarter", "每季度", "FREQ=MONTHLY;INTERVAL=3", "month"),
    ("half", "每半年", "FREQ=MONTHLY;INTERVAL=6", "month"),
    ("year", "每年", "FREQ=YEARLY", ""),
    ("week", "每周", "FREQ=WEEKLY", "week"),
    ("two_weeks", "每两周", "FREQ=WEEKLY;INTERVAL=2", "week"),
    ("daily", "每个工作日", "FREQ=DAILY", ""),
)
WEEKDAYS = {"MO": "周一", "TU": "周二", "WE": "周三", "TH": "周四", "FR": "周五", "SA": "周六", "SU": "周日"}
MONTH_DAYS = {**{str(n): f"{n}日" for n in range(1, 32)}, "-1": "最后一日"}
AS_READ = "as_read"
BAD_DAY = "这个周期不能指定这一天：周、两周选周几，月、季、半年选几日，其余不必选。"

RHYTHM_CHOICES = {value: label for value, label, _, _ in RHYTHMS}
DAY_CHOICES = {"": "期内最后一个工作日", "每周、每两周的": WEEKDAYS, "每月、每季度、每半年的": MONTH_DAYS}


@dataclass(frozen=True, slots=True)
class Chosen:
    """A rhythm as the form has it; `as_read` where no choice of ours says it."""

    rhythm: str
    day: str = ""


def chosen(rrule: str | None) -> Chosen:
    """Return the choice that says a rule; `as_read` for one that is finer than our list."""
    if not rrule:
        return Chosen("")
    body = rrule.strip().upper().removeprefix("RRULE:").strip(";").replace(";INTERVAL=1", "")
    parts = body.split(";")
    day = next((p.split("=", 1)[1] for p in parts if p.startswith(("BYDAY=", "BYMONTHDAY="))), "")
    bare = ";".join(p for p in parts if not p.startswith(("BYDAY=", "BYMONTHDAY=")))
    for value, _, rule, sort in RHYTHMS:
        if rule == bare and (not day or day in _days(sort)):
            return Chosen(value, day)
    return Chosen(AS_READ)


def rrule(rhythm: str, day: str) -> str | None:
    """Return the rule of a choice; None for a day that its rhythm does not take."""
    for value, _, rule, sort in RHYTHMS:
        if value == rhythm:
            if not day:
                return rule
            if day in _days(sort):
                return f"{rule};{'BYDAY' if sort == 'week' else 'BYMONTHDAY'}={day}"
    return None


def _days(sort: str) -> set[str]:
    return set({"week": WEEKDAYS, "month": MONTH_DAYS}.get(sort, {}))
