"""What time limits start (起算): the clocks a duty gets at publication, restoration or a new edition."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tracker.clock.calendar import WorkCalendar
from tracker.clock.resolution import resolve
from tracker.clock.rules import Kind, Occurrence, Resolved
from tracker.now import today
from tracker.services.core.act import Act
from tracker.services.deadlines.milestones import open_dated
from tracker.services.deadlines.periods import Period, open_current, open_periods, running_periods
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
    """Give one duty milestones from the rules that bind it; nothing becomes overdue by coming in."""
    return Starting(act, item, rules, duty.task.document, calendar).give(duty, rules)


class Starting:
    """What some of an item's rules start (起算): counted once, however many duties they bind."""

    def __init__(
        self, act: Act, item: Item, rules: Sequence[DeadlineRule], document: Document, calendar: WorkCalendar
    ) -> None:
        self.act, self.item, self.document, self.calendar = act, item, document, calendar
        self.published_on = today(document.published_at or act.now)
        self.starts = starts_of(rules, item, document, calendar, on=today(act.now), published_on=self.published_on)
        self._dates: dict[int, Resolved] = {}
        self._periods: dict[int, list[Period]] = {}

    def give(self, duty: Duty, rules: Sequence[DeadlineRule], *, new: bool = False) -> Clocks:
        """Make a duty's milestones from the rules that bind it; one that is `new` has none to be asked for."""
        mine = [start for start in self.starts if start.rule in rules]
        for start in mine:
            if start.dated:
                self._open_dated(duty, start.rule)
            elif not start.periods:
                duty.awaits_event = True
            elif new:
                open_periods(self.act, duty, start.rule, self.calendar, self._running(start))
            else:
                open_current(self.act, duty, self.item, start.rule, self.calendar)
        return clocks_of(mine)

    def _open_dated(self, duty: Duty, rule: DeadlineRule) -> None:
        event_at = own_event_at(self.document, rule) if counts_from_document(rule) else None
        if rule.id not in self._dates:
            name = rule.trigger
            self._dates[rule.id] = resolve(rule.as_rule(), event_at=event_at, calendar=self.calendar, event_name=name)
        open_dated(self.act, duty, rule, self.calendar, event_at=event_at, resolved=self._dates[rule.id])

    def _running(self, start: Start) -> list[Period]:
        rule = start.rule
        if rule.id not in self._periods:
            indices = [period.index for period in start.periods]
            self._periods[rule.id] = running_periods(
                rule, self.item, self.document, self.calendar, published_on=self.published_on, indices=indices
            )
        return self._periods[rule.id]


def _lapsed(rule: DeadlineRule, document: Document | Edition, on: date) -> bool:
    """Whether a rule's last date is past, as for a unit added after it; a renewed one counts by its new date."""
    if rule.renewed_on is not None:
        return rule.renewed_on < on
    return is_past(rule, document, on)
