"""What time limits start (起算): the clocks a duty gets at publication, restoration or a new edition."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tracker.clock.calendar import WorkCalendar
from tracker.clock.rules import Kind, Occurrence
from tracker.now import today
from tracker.services.core.act import Act
from tracker.services.deadlines.milestones import open_dated
from tracker.services.deadlines.periods import open_current
from tracker.store.deadlines.coming import coming_periods
from tracker.store.deadlines.rules import counts_from_document, is_past, own_event_at
from tracker.store.models import DeadlineRule, Document, Duty, Edition, Item, PastAnswer


@dataclass(frozen=True, slots=True)
class Clocks:
    """What the rules that bind one new duty give it."""

    dated: int = 0
    periods: int = 0
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Start:
    """What one rule gives each duty it binds: a date of its own, the periods that run, or a wait for its event."""

    rule: DeadlineRule
    dated: bool = False
    periods: tuple[Occurrence, ...] = ()

    @property
    def waits(self) -> bool:
        return not self.dated and not self.periods

    def words(self) -> tuple[object, ...]:
        """Return what tells this start from another, as plain values."""
        days = [p.resolved.due_on for p in self.periods]
        return self.rule.id, self.rule.as_rule(), self.rule.trigger, self.rule.renewed_on, self.rule.case_type_id, days


def starts_of(
    rules: Sequence[DeadlineRule],
    item: Item,
    document: Document | Edition,
    calendar: WorkCalendar,
    *,
    on: date,
    published_on: date,
) -> list[Start]:
    """Return what an item's rules give those they bind on a day; a rule that gives nothing is not among them.

    A relative rule waits for its event unless that is the document's own.
    """
    found = []
    for rule in rules:
        if rule.past_answer in (PastAnswer.DONE, PastAnswer.UNTRACKED) or _lapsed(rule, document, on):
            continue
        if rule.kind is Kind.ABSOLUTE or counts_from_document(rule):
            found.append(Start(rule, dated=True))
        elif rule.kind is Kind.RELATIVE:
            found.append(Start(rule))
        elif rule.kind is Kind.RECURRING:
            periods = coming_periods(rule, item, document, on=on, published_on=published_on, calendar=calendar)
            if periods:
                found.append(Start(rule, periods=tuple(periods)))
    return found


def clocks_of(starts: Sequence[Start]) -> Clocks:
    """Add up what the rules that bind one duty give it."""
    return Clocks(
        dated=sum(s.dated for s in starts),
        periods=sum(len(s.periods) for s in starts),
        waits=any(s.waits for s in starts),
    )


def start_clocks(
    act: Act,
    duty: Duty,
    item: Item,
    rules: Sequence[DeadlineRule],
    calendar: WorkCalendar,
) -> Clocks:
    """Make a new duty's milestones from the rules that bind it; nothing becomes overdue by coming in."""
    document = duty.task.document
    published_on = today(document.published_at or act.now)
    starts = starts_of(rules, item, document, calendar, on=today(act.now), published_on=published_on)
    for start in starts:
        rule = start.rule
        if start.dated:
            event_at = own_event_at(document, rule) if counts_from_document(rule) else None
            open_dated(act, duty, rule, calendar, event_at=event_at)
        elif start.periods:
            open_current(act, duty, item, rule, calendar)
        else:
            duty.awaits_event = True
    return clocks_of(starts)


def _lapsed(rule: DeadlineRule, document: Document | Edition, on: date) -> bool:
    """Whether a rule's last date is past, as for a unit added after it; a renewed one counts by its new date."""
    if rule.renewed_on is not None:
        return rule.renewed_on < on
    return is_past(rule, document, on)
