"""A rule said in short Chinese (时限规则): 每月25日, 3个工作日内, 2024年12月31日17:00前, 公示30日后方可."""

from datetime import date

from tracker.clock.recurrence import rhythm_of
from tracker.clock.rules import CountUnit, Kind, Rule, Sense
from tracker.clock.wording import month_day


def describe_rule(rule: Rule, *, event_name: str | None = None) -> str:
    """Say a rule in short Chinese: 每月25日, 3个工作日内, 2024年12月31日前, 公示30日后方可.

    `event_name` (公示) goes in front of a period counted from an event.
    """
    match rule.kind:
        case Kind.RECURRING:
            return _recurring_words(rule)
        case Kind.VALIDITY:
            return _validity_words(rule, event_name)
        case Kind.ABSOLUTE:
            return _absolute_words(rule)
        case Kind.RELATIVE:
            return (event_name or "") + _relative_words(rule)


def _recurring_words(rule: Rule) -> str:
    """Say a rhythm with its day: the printed one, the n-th workday, or the limit from the end of each period."""
    rhythm = rhythm_of(rule, date(2000, 1, 1))
    hour = _hour(rule)
    if rule.offset is not None:
        amount, unit = rule.offset
        if rule.direction == "before":
            return f"{rhythm.stem()}结束{amount}{unit.label}前{hour}"
        return f"{rhythm.stem()}结束后{amount}{unit.label}内{hour}"
    if rule.nth_workday is not None:
        n = rule.nth_workday
        if n > 0 and rule.sense is not Sense.ON:
            return f"{rhythm.stem()}前{n}个工作日内{hour}"
        which = f"第{n}个" if n > 0 else "最后一个" if n == -1 else f"倒数第{-n}个"
        return f"{rhythm.stem()}{which}工作日{hour}"
    return f"{rhythm.words()}{hour}"


def _hour(rule: Rule) -> str:
    """Return the printed hour, as it is said behind a day: 17:00前."""
    if rule.due_time is None:
        return ""
    return f"{rule.due_time:%H:%M}" + ("" if rule.sense is Sense.ON else "前")


def _absolute_words(rule: Rule) -> str:
    """Say a written date."""
    if rule.sense is Sense.NOT_BEFORE:
        first = rule.date_from or rule.due_on
        return f"{month_day(first)}起方可" if first else "日期未定"
    if rule.due_on is None:
        return "日期未定"
    if rule.due_time is not None:
        return month_day(rule.due_on) + _hour(rule)
    return month_day(rule.due_on) + ("" if rule.sense is Sense.ON else "前")


def _relative_words(rule: Rule) -> str:
    """Say a period counted from an event."""
    if rule.amount is None or rule.unit is None:
        return "期限未定"
    length = f"{rule.amount}{rule.unit.label}"
    by_law = "（按工作日计）" if rule.counts_as_workday and rule.unit is CountUnit.DAY else ""
    before = rule.direction == "before"
    if rule.direction == "until":
        return f"前{length}内{by_law}"
    if rule.sense is Sense.NOT_BEFORE:
        return f"前{length}内方可{by_law}" if before else f"{length}后方可{by_law}"
    hour = _hour(rule)
    if before:
        return f"{length}前{by_law}{hour}"
    if rule.amount == 0:
        return f"当日{hour}"
    return f"{length}内{by_law}{hour}" if rule.sense is not Sense.ON else f"后第{length}{by_law}{hour}"


def _validity_words(rule: Rule, event_name: str | None) -> str:
    """Say a span of validity."""
    if rule.date_from and rule.due_on:
        return f"有效期{month_day(rule.date_from)}至{month_day(rule.due_on)}"
    if rule.due_on:
        return f"有效期至{month_day(rule.due_on)}"
    if rule.date_from:
        return f"自{month_day(rule.date_from)}起有效"
    if rule.amount is not None and rule.unit is not None:
        return f"有效期{event_name or ''}{'后' if event_name else ''}{rule.amount}{rule.unit.label}"
    return "有效期未定"
