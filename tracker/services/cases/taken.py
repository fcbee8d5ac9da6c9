"""A case just taken in (登记): its rows, linked to one another and not stored yet, so that many go in together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from tracker.clock.calendar import WorkCalendar
from tracker.now import today
from tracker.rules.verbs import Verb
from tracker.services.cases.acts import StepFacts, record_of, tell
from tracker.services.cases.steps import counting, settle, waiting
from tracker.services.core.act import Act
from tracker.services.core.masking import mask_text
from tracker.services.deadlines.milestones import Made
from tracker.services.deadlines.periods import clocks_of_new
from tracker.store.models import Cancellation, Case, CaseCounter, Complainant, Milestone, RecordKind, Starts, StepKind


@dataclass(slots=True)
class TakenCase:
    """A case still without a number, with whom it is from, its clocks, its records and what is told of it."""

    case: Case
    person: Complainant | None = None
    clocks: list[Made] = field(default_factory=list)
    records: list[tuple[RecordKind, StepFacts]] = field(default_factory=list)
    told: list[tuple[Verb, Mapping[str, Any], str]] = field(default_factory=list)  # the words after its number

    @property
    def milestones(self) -> list[Milestone]:
        return [milestone for milestone, _ in self.clocks]


def start_clocks_of(act: Act, taken: TakenCase, accepted_at: datetime | None, calendar: WorkCalendar) -> None:
    """Start the clocks of the case's event; where it was accepted already, close that step and start what follows."""
    case = taken.case
    _start(act, taken, Starts.EVENT, case.happened_at, calendar)
    if accepted_at is None:
        return
    case.accepted_at = accepted_at
    accepting = next((s for s in case.steps if s.kind is StepKind.ACCEPT), None)
    if accepting is not None:
        settle(act, accepting, [m for m in taken.milestones if m.case_step is accepting], accepted_at, "登记时已受理")
    _start(act, taken, Starts.ACCEPTED, accepted_at, calendar)
    if accepting is not None and accepting.key is not None:
        _start(act, taken, Starts.AFTER, accepted_at, calendar, accepting.key)


def _start(
    act: Act, taken: TakenCase, starts: Starts, event_at: datetime, calendar: WorkCalendar, after_key: str | None = None
) -> None:
    """Start the steps that wait for this; as the case has been handed to nobody yet, they bind who handles it."""
    for step in waiting(taken.case, starts, after_key):
        step.started_at, step.unit_id = event_at, taken.case.unit_id
        if step.rule is not None:
            with counting():
                taken.clocks += clocks_of_new(act, step, step.rule, calendar, event_at)


def end_steps(act: Act, taken: TakenCase) -> None:
    """Take out of a case that has ended what is open of it, with its clocks."""
    for step in taken.case.steps:
        if step.done_at is None and step.cancelled_at is None:
            step.cancelled_at = act.now
            for milestone in taken.milestones:
                if milestone.case_step is step and milestone.met_at is None and milestone.cancelled_at is None:
                    milestone.cancel(act.now, Cancellation.CASE_ENDED)


def store(act: Act, taken: Sequence[TakenCase]) -> None:
    """Number cases of one place and store them, with their steps, by one flush."""
    if not taken:
        return
    numbers = next_numbers(act.session, taken[0].case.jurisdiction_id, today(act.now).year, len(taken))
    for one, number in zip(taken, numbers, strict=True):
        one.case.number = number
    act.session.add_all([one.case for one in taken])
    act.session.flush()


def store_rest(act: Act, taken: Sequence[TakenCase]) -> None:
    """Store what belongs to cases that have their ids by now: whom they are from, clocks, records and the trail."""
    for one in taken:
        case, person = one.case, one.person
        by = case.unit_id if any(p.unit_id == case.unit_id for p in act.actor.posts) else None
        by = by or act.actor.post_for(None, case.jurisdiction_id)
        if person is not None:
            person.case_id = case.id
            act.session.add(person)
        for clock in one.clocks:
            act.session.add_all(clock)
        act.session.add_all([record_of(act, case, kind, facts, by) for kind, facts in one.records])
        for verb, after, words in one.told:
            note = mask_text(f"{case.number} {words}", person.name if person is not None else None)
            tell(act, case, verb, by, after=after, note=note)
    act.session.flush()


def next_numbers(session: Session, jurisdiction_id: int, year: int, count: int) -> list[str]:
    """Return the jurisdiction's next case numbers of the year (2026-014); the row's lock keeps them unique."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    first = insert(CaseCounter).values(jurisdiction_id=jurisdiction_id, year=year, last=count)
    last = session.execute(
        first.on_conflict_do_update(
            index_elements=["jurisdiction_id", "year"], set_={"last": CaseCounter.last + count}
        ).returning(CaseCounter.last)
    ).scalar_one()
    return [f"{year}-{serial:03d}" for serial in range(last - count + 1, last + 1)]
