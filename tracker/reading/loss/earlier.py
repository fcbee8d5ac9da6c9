"""Doubts about earlier periods (上一期): one that had ended when the document was issued and could still be met."""

from collections.abc import Iterator

from tracker.clock.answers import rule_of
from tracker.clock.calendar import national
from tracker.clock.recurrence import earlier_period
from tracker.clock.rules import ClockError
from tracker.clock.wording import month_day
from tracker.reading.plan import Doubt, DoubtKind, Plan


def earlier_periods(plan: Plan) -> Iterator[Doubt]:
    """The limits counted from the end of a period, where the one before the issue is still open."""
    issued = plan.issued_on
    if issued is None:
        return
    for measure in plan.measures:
        for item in measure.items:
            for limit in item.deadlines:
                if limit.offset is None:
                    continue
                try:
                    found = earlier_period(rule_of(limit), issued_on=issued, calendar=national())
                except ClockError:
                    continue  # a rhythm no clock can read is asked about as such
                if found and found.resolved.due_on:
                    due = month_day(found.resolved.due_on)
                    seen = f"{limit.quote}：{found.label}的到{due}为止"
                    yield Doubt(DoubtKind.EARLIER_PERIOD, limit.span, seen, measure.key)
