"""Milestones (节点): made from rules, met by acts, cancelled with their holder; every date is an appended row."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, or_, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.sql import ColumnElement

from tracker.clock.calendar import WorkCalendar
from tracker.clock.resolution import resolve
from tracker.clock.rules import Kind, Occurrence, Resolved, Rule, Step, Suspension
from tracker.clock.wording import month_day
from tracker.now import today
from tracker.services.core.act import Act
from tracker.store.core.base import Base
from tracker.store.models import Cancellation, Case, CaseStep, DeadlineRule, Duty, Milestone, MilestoneDate, Party

FIRST = "首次时限"
# What a milestone shows of its date.
DATED = ("due_on", "due_at", "earliest_on", "provisional", "calendar_version")
# Into the table, not by way of objects: nothing changes a date's row any more, and thousands are appended at once.
_INSERT_DATES = insert(Base.metadata.tables[MilestoneDate.__tablename__])
REGAINED = tuple(cause for cause in Cancellation if cause.regained)


@dataclass(frozen=True, slots=True)
class Holder:
    """What holds a milestone, which unit answers for it, and whose calendar counts."""

    unit_id: int
    jurisdiction_id: int
    duty_id: int | None = None
    case_step_id: int | None = None
    answering_duty_id: int | None = None
    new_step: CaseStep | None = None  # the step itself, where it has no id yet

    @classmethod
    def of_duty(cls, duty: Duty) -> "Holder":
        """Return a duty as the holder of its own dates; its task and document must be loaded."""
        return cls(duty.unit_id, duty.task.document.jurisdiction_id, duty_id=duty.id, answering_duty_id=duty.id)

    @classmethod
    def of_step(cls, step: CaseStep) -> "Holder":
        """Return a case's step as holder: the unit it binds answers, in the duty's figures where that handles it."""
        case = step.case
        unit_id = step.unit_id or case.unit_id
        duty_id = case.duty_id if unit_id == case.unit_id else None
        new = step if step.id is None else None
        return cls(unit_id, case.jurisdiction_id, case_step_id=step.id, answering_duty_id=duty_id, new_step=new)


def open_dated(
    act: Act,
    duty: Duty,
    rule: DeadlineRule,
    calendar: WorkCalendar,
    *,
    event_at: datetime | None = None,
    resolved: Resolved | None = None,
) -> Milestone:
    """Give a duty its one milestone of an absolute rule, or of one whose event is the document's own.

    `resolved` is the date where it has been counted for another duty already.
    """
    if resolved is None:
        resolved = resolve(rule.as_rule(), event_at=event_at, calendar=calendar, event_name=rule.trigger)
    milestone = add(act, rule, resolved, calendar, Holder.of_duty(duty), event_at=event_at)
    if rule.renewed_on is not None:
        renew(act, milestone, rule.renewed_on, calendar, "发布时已过原定日期，督查员设定新的日期")
    return milestone


def open_for_step(
    act: Act,
    step: CaseStep,
    rule: DeadlineRule,
    calendar: WorkCalendar,
    *,
    event_at: datetime,
    suspensions: Sequence[Suspension] = (),
) -> Milestone:
    """Give a case step its milestone, counted from the event; step.case must be loaded."""
    resolved = resolve(
        rule.as_rule(), event_at=event_at, calendar=calendar, event_name=rule.trigger, suspensions=suspensions
    )
    return add(act, rule, resolved, calendar, Holder.of_step(step), event_at=event_at)


def counted_by(milestone: Milestone, granted: int | None = None) -> Rule:
    """Return the rule a milestone's date follows now: as worded, with the total granted, or a day a person set.

    With another total than it has been granted, the rule it would follow then.
    """
    rule = milestone.rule.as_rule()
    if milestone.fixed_on is not None and granted is None:
        # A day somebody names is meant as named, whatever the rule does with a day off.
        return Rule(kind=Kind.ABSOLUTE, sense=rule.sense, due_on=milestone.fixed_on)
    total = granted if granted is not None else milestone.granted_amount
    if total is not None:
        return replace(rule, amount=total)
    return rule


def count_again(
    milestone: Milestone,
    calendar: WorkCalendar,
    suspensions: Sequence[Suspension] = (),
    *,
    event_at: datetime | None = None,
    granted: int | None = None,
) -> Resolved:
    """Return the date a milestone's inputs give by `calendar`, from another event or total where given; no writing.

    Recurring milestones are counted by `periods.count_period_again`.  Raises ClockError as `resolve` does.
    """
    return resolve(
        counted_by(milestone, granted),
        event_at=event_at or milestone.event_at,
        calendar=calendar,
        event_name=milestone.rule.trigger,
        suspensions=suspensions,
    )


def append_date(act: Act, milestone: Milestone, resolved: Resolved, calendar: WorkCalendar, why: str) -> None:
    """Append a date to a milestone, its reason first; the first one stays."""
    milestone.version += 1
    _set_date(act, milestone, resolved, calendar, why, (Step(why), *resolved.explanation))


@dataclass(frozen=True, slots=True)
class NewDate:
    """A date a stored milestone gets: why, and by which job."""

    milestone: Milestone
    resolved: Resolved
    why: str
    recalculation_id: int | None


def append_dates(act: Act, dates: Sequence[NewDate], calendar: WorkCalendar) -> None:
    """Append a date to each of many milestones, as `append_date` does: one INSERT and one UPDATE for all of them."""
    rows = []
    for new in dates:
        milestone, steps = new.milestone, (Step(new.why), *new.resolved.explanation)
        milestone.version += 1
        _stand(milestone, new.resolved, calendar)
        for column in DATED:  # sent whether it changes or not: rows that change alike are updated together
            flag_modified(milestone, column)
        row = _row(act, milestone, new.resolved, calendar, new.why, steps)
        rows.append({**row, "milestone_id": milestone.id, "recalculation_id": new.recalculation_id})
    if rows:
        act.session.execute(_INSERT_DATES, rows)


def renew(
    act: Act,
    milestone: Milestone,
    due_on: date,
    calendar: WorkCalendar,
    why: str,
) -> None:
    """Append a date a person sets in the rule's place."""
    milestone.fixed_on = due_on
    words = f"{why}：{month_day(due_on)}"
    resolved = count_again(milestone, calendar)
    milestone.version += 1
    _set_date(act, milestone, resolved, calendar, why, (Step(words), *resolved.explanation))


def redate(
    act: Act,
    milestone: Milestone,
    calendar: WorkCalendar,
    why: str,
    *,
    event_at: datetime | None = None,
) -> None:
    """Append the date a milestone's rule, which has changed, gives now; what was set in its place counts no more."""
    milestone.event_at, milestone.fixed_on, milestone.granted_amount = event_at, None, None
    append_date(act, milestone, count_again(milestone, calendar), calendar, why)


def open_milestones(session: Session, duty: Duty) -> Sequence[Milestone]:
    """Return the open milestones a duty itself holds, earliest first."""
    return session.scalars(
        select(Milestone)
        .where(Milestone.duty_id == duty.id, Milestone.met_at.is_(None), Milestone.cancelled_at.is_(None))
        .options(joinedload(Milestone.rule))
        .order_by(Milestone.due_at, Milestone.id)
    ).all()


def finish_for_duty(act: Act, duty: Duty, submitted_at: datetime) -> None:
    """Settle a completed duty's milestones: the dated ones and the current period are met, later periods fall away."""
    day = today(submitted_at)
    for milestone in open_milestones(act.session, duty):
        later_period = milestone.rule.kind is Kind.RECURRING and (milestone.opens_on or day) > day
        if later_period:
            milestone.cancel(act.now, Cancellation.COMPLETED)
        else:
            milestone.met_at = submitted_at


def cancel_for_duty(act: Act, duty: Duty, because: Cancellation) -> None:
    """Take a duty's open milestones, its cases' included, out of every count: it is revoked, or only supports."""
    rows = act.session.scalars(
        select(Milestone).where(_under(duty), Milestone.met_at.is_(None), Milestone.cancelled_at.is_(None))
    )
    for milestone in rows:
        milestone.cancel(act.now, because)


def _under(duty: Duty) -> ColumnElement[bool]:
    """Whether a milestone is a duty's own or of its cases, those of units they were handed to included."""
    steps = select(CaseStep.id).join(Case, CaseStep.case_id == Case.id).where(Case.duty_id == duty.id)
    return or_(Milestone.answering_duty_id == duty.id, Milestone.case_step_id.in_(steps))


def revive_for_duty(act: Act, duty: Duty) -> None:
    """Give a restored duty back what was taken from it, save the periods that ended while nobody could report.

    What had fallen away otherwise (a pause, a new edition, a returned referral, a case that ended) stays away.
    """
    rows = act.session.scalars(
        select(Milestone)
        .where(_under(duty), Milestone.cancelled_because.in_(REGAINED))
        .options(joinedload(Milestone.rule))
    )
    for milestone in rows:
        due, cancelled = milestone.due_at, milestone.cancelled_at
        passed = due is not None and cancelled is not None and cancelled < due <= act.now
        if not (passed and milestone.rule.kind is Kind.RECURRING):
            milestone.revive()


Made = tuple[Milestone, MilestoneDate]
"""A milestone and its first date, both still to be stored."""


def add(  # noqa: PLR0913 - a milestone's own parts, each named
    act: Act,
    rule: DeadlineRule,
    resolved: Resolved,
    calendar: WorkCalendar,
    holder: Holder,
    *,
    event_at: datetime | None = None,
    occurrence: Occurrence | None = None,
    opens_on: date | None = None,
) -> Milestone:
    """Make a milestone with its first date; both are stored by the next flush."""
    milestone, first = make(
        act, rule, resolved, calendar, holder, event_at=event_at, occurrence=occurrence, opens_on=opens_on
    )
    act.session.add_all([milestone, first])
    return milestone


def make(  # noqa: PLR0913 - a milestone's own parts, each named
    act: Act,
    rule: DeadlineRule,
    resolved: Resolved,
    calendar: WorkCalendar,
    holder: Holder,
    *,
    event_at: datetime | None = None,
    occurrence: Occurrence | None = None,
    opens_on: date | None = None,
) -> Made:
    """Return a milestone with its first date, of which the session knows nothing yet."""
    step = {"case_step_id": holder.case_step_id} if holder.new_step is None else {"case_step": holder.new_step}
    milestone = Milestone(
        duty_id=holder.duty_id,
        **step,
        answering_duty_id=holder.answering_duty_id,
        unit_id=holder.unit_id,
        jurisdiction_id=holder.jurisdiction_id,
        rule=rule,
        occurrence=occurrence.index if occurrence else 0,
        label=occurrence.label if occurrence else None,
        opens_on=opens_on,
        event_at=event_at,
        watch=rule.party is Party.OTHER,
        version=1,
    )
    _stand(milestone, resolved, calendar)
    row = _row(act, milestone, resolved, calendar, FIRST, resolved.explanation)
    return milestone, MilestoneDate(milestone=milestone, **row)


def _set_date(
    act: Act,
    milestone: Milestone,
    resolved: Resolved,
    calendar: WorkCalendar,
    why: str,
    explanation: tuple[Step, ...],
) -> None:
    _stand(milestone, resolved, calendar)
    act.session.add(MilestoneDate(milestone=milestone, **_row(act, milestone, resolved, calendar, why, explanation)))


def _stand(milestone: Milestone, resolved: Resolved, calendar: WorkCalendar) -> None:
    """Let a milestone show a date."""
    milestone.due_on, milestone.due_at = resolved.due_on, resolved.due_at
    milestone.earliest_on, milestone.provisional = resolved.earliest_on, resolved.provisional
    milestone.calendar_version = calendar.version
    if milestone.version == 1:
        milestone.first_due_at = resolved.due_at


def _row(
    act: Act,
    milestone: Milestone,
    resolved: Resolved,
    calendar: WorkCalendar,
    why: str,
    explanation: tuple[Step, ...],
) -> dict[str, Any]:
    """Return what a date's row keeps of it, save whose it is."""
    return {
        "version": milestone.version,
        "due_on": resolved.due_on,
        "due_at": resolved.due_at,
        "earliest_on": resolved.earliest_on,
        "provisional": resolved.provisional,
        "calendar_version": calendar.version,
        "explanation": [
            {"text": s.text, "on": s.on.isoformat() if s.on else None, "article": s.article} for s in explanation
        ],
        "why": why,
        "by_id": act.by_id,
        "at": act.now,
    }
