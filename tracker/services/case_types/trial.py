"""试算: what a case type would give for a day, if each step were done on its last day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from tracker.clock.calendar import WorkCalendar
from tracker.clock.recurrence import occurrences
from tracker.clock.resolution import resolve
from tracker.clock.rules import ClockError, Kind, Resolved
from tracker.now import SHANGHAI, shanghai
from tracker.services.case_types.steps import extended
from tracker.store.models import CaseTypeStep, DeadlineRule, Starts, StepKind

_MOMENT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Tried:
    """One step's dates: when its clock starts, its limit, the statute's, the longest extension; and why none."""

    step: CaseTypeStep
    started_at: datetime
    resolved: Resolved | None = None
    statute: Resolved | None = None
    longest: Resolved | None = None
    label: str = ""  # the first period of 反馈进展
    trouble: str = ""

    @property
    def done_at(self) -> datetime:
        """Return the last instant at which it would be done in time; at once where it has no limit."""
        found = self.resolved or self.statute
        if found is None or self.label:
            return self.started_at
        if found.due_at is not None:
            # A day ends with the next one's first instant: a minute before, it is still that day.
            return found.due_at - _MOMENT if found.due_on is not None else found.due_at
        if found.earliest_on is not None:
            return datetime.combine(found.earliest_on, time(12), SHANGHAI)
        return self.started_at

    @property
    def late_at(self) -> datetime:
        """Return the instant from which it is overdue."""
        found = self.resolved or self.statute
        return found.due_at if found is not None and found.due_at is not None else self.started_at


def try_out(
    steps: Sequence[CaseTypeStep], event_at: datetime, calendar: WorkCalendar, accepted_at: datetime | None = None
) -> list[Tried]:
    """Return the dates of a case's steps, in their order; their limits must be loaded.

    Formal acceptance is `accepted_at`; where that is not given the day on which the step 受理 is done, the event's own
    where there is none or it has no limit.
    """
    trial = _Trial({step.key: step for step in steps}, event_at, calendar, accepted_at)
    return [trial.of(step) for step in steps]


@dataclass(slots=True)
class _Trial:
    """A case that never was: each step tried once, since others start where it ends."""

    steps: Mapping[str, CaseTypeStep]
    event_at: datetime
    calendar: WorkCalendar
    accepted_at: datetime | None
    tried: dict[str, Tried] = field(default_factory=dict)

    def of(self, step: CaseTypeStep) -> Tried:
        if step.key not in self.tried:
            self.tried[step.key] = _try(step, self.start(step), self.calendar)
        return self.tried[step.key]

    def start(self, step: CaseTypeStep) -> datetime:
        before = self.steps.get(step.after_key or "")
        accepting = next((s for s in self.steps.values() if s.kind is StepKind.ACCEPT), None)
        match step.starts:
            case Starts.ACCEPTED if self.accepted_at is not None:
                return self.accepted_at
            case Starts.ACCEPTED if accepting is not None and accepting is not step:
                return self.of(accepting).done_at
            case Starts.AFTER if before is not None and before is accepting and self.accepted_at is not None:
                return self.accepted_at
            case Starts.AFTER if before is not None:
                return self.of(before).done_at
            case Starts.LATE if before is not None:
                return self.of(before).late_at
        return self.event_at


def _try(step: CaseTypeStep, at: datetime, calendar: WorkCalendar) -> Tried:
    rule, outer = step.rule, step.statute_rule
    try:
        if rule is not None and rule.kind is Kind.RECURRING:
            day = shanghai(at).date()
            found = occurrences(rule.as_rule(), published_on=day, expires_on=None, calendar=calendar, count=1)
            return Tried(step, at, found[0].resolved, label=found[0].label) if found else Tried(step, at)
        return Tried(step, at, _count(rule, at, calendar), _count(outer, at, calendar), _longest(rule, at, calendar))
    except ClockError as error:
        return Tried(step, at, trouble=str(error))


def _count(rule: DeadlineRule | None, at: datetime, calendar: WorkCalendar) -> Resolved | None:
    if rule is None:
        return None
    return resolve(rule.as_rule(), event_at=at, calendar=calendar, event_name=rule.trigger)


def _longest(rule: DeadlineRule | None, at: datetime, calendar: WorkCalendar) -> Resolved | None:
    if rule is None or rule.extend_amount is None or rule.extend_unit is None:
        return None
    longest = extended(rule.as_rule(), rule.extend_amount, rule.extend_unit)
    return resolve(longest, event_at=at, calendar=calendar, event_name=rule.trigger)
