"""Milestones (节点): made from rules, met by acts, cancelled with their holder; every date is an appended row."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tracker.clock.calendar import WorkCalendar
from tracker.clock.recurrence import current_and_next, occurrences
from tracker.clock.resolution import resolve
from tracker.clock.rules import Kind, Occurrence, Resolved, Step
from tracker.now import SHANGHAI
from tracker.store.models import (
    CaseStep,
    DeadlineRule,
    Document,
    Duty,
    Item,
    Milestone,
    MilestoneDate,
    Party,
)

# No holiday makes more periods in a row fall away than this (a daily report owes none for a day off).
LOOK_BACK = 16


def today(now: datetime) -> date:
    """Return the day it is in Shanghai."""
    return now.astimezone(SHANGHAI).date()


def open_dated(
    session: Session,
    duty: Duty,
    rule: DeadlineRule,
    calendar: WorkCalendar,
    now: datetime,
    *,
    event_at: datetime | None = None,
    by_id: int | None = None,
) -> Milestone:
    """Give a duty its one milestone of an absolute rule, or of one whose event is the document's own."""
    resolved = resolve(rule.as_rule(), event_at=event_at, calendar=calendar, event_name=rule.trigger)
    milestone = _add(session, rule, resolved, calendar, now, by_id, duty=duty)
    if rule.renewed_on is not None:
        renew(session, milestone, rule.renewed_on, calendar, now, by_id, "发布时已过原定日期，督查员设定新的日期")
    return milestone


def renew(
    session: Session,
    milestone: Milestone,
    due_on: date,
    calendar: WorkCalendar,
    now: datetime,
    by_id: int | None,
    why: str,
) -> None:
    """Append a new date to a milestone; the first one stays."""
    words = f"{why}：{due_on.year}年{due_on.month}月{due_on.day}日"
    rule = milestone.rule.as_rule()
    fixed = type(rule)(kind=Kind.ABSOLUTE, sense=rule.sense, due_on=due_on)
    resolved = resolve(fixed, event_at=None, calendar=calendar)
    milestone.version += 1
    _set_date(session, milestone, resolved, calendar, now, by_id, why, (Step(words), *resolved.explanation))


def redate(
    session: Session,
    milestone: Milestone,
    calendar: WorkCalendar,
    now: datetime,
    by_id: int | None,
    why: str,
    *,
    event_at: datetime | None = None,
) -> None:
    """Append the date a milestone's rule gives now; the first one stays."""
    rule = milestone.rule
    resolved = resolve(rule.as_rule(), event_at=event_at, calendar=calendar, event_name=rule.trigger)
    milestone.version += 1
    _set_date(session, milestone, resolved, calendar, now, by_id, why, (Step(why), *resolved.explanation))


def open_for_step(
    session: Session,
    step: CaseStep,
    rule: DeadlineRule,
    duty: Duty,
    calendar: WorkCalendar,
    now: datetime,
    *,
    event_at: datetime,
    by_id: int | None,
) -> Milestone:
    """Give a case step its milestone, counted from the event."""
    resolved = resolve(rule.as_rule(), event_at=event_at, calendar=calendar, event_name=rule.trigger)
    return _add(session, rule, resolved, calendar, now, by_id, duty=duty, step=step)


def open_recurring(
    session: Session,
    duty: Duty,
    rule: DeadlineRule,
    calendar: WorkCalendar,
    now: datetime,
    *,
    published_on: date,
    expires_on: date | None,
    first_index: int = 0,
    count: int = 2,
) -> list[Milestone]:
    """Give a duty the next occurrences of a recurring rule; only the current and the next one exist at a time."""
    # An earlier occurrence tells where the first period wanted begins; numbers may be skipped on the way to it.
    from_index = max(0, first_index - LOOK_BACK)
    found = occurrences(
        rule.as_rule(),
        published_on=published_on,
        expires_on=expires_on,
        calendar=calendar,
        first_index=from_index,
        count=count + (first_index - from_index),
    )
    earlier = [o for o in found if o.index < first_index]
    previous = earlier[-1] if earlier else None
    made: list[Milestone] = []
    for occurrence in [o for o in found if o.index >= first_index][:count]:
        opens_on = published_on
        if previous is not None and previous.resolved.due_on is not None:
            opens_on = date.fromordinal(previous.resolved.due_on.toordinal() + 1)
        milestone = _add(
            session,
            rule,
            occurrence.resolved,
            calendar,
            now,
            None,
            duty=duty,
            occurrence=occurrence,
            opens_on=opens_on,
        )
        made.append(milestone)
        previous = occurrence
    return made


def open_current(
    session: Session,
    duty: Duty,
    item: Item,
    rule: DeadlineRule,
    calendar: WorkCalendar,
    now: datetime,
    after: date | None = None,
) -> list[Milestone]:
    """Give a duty the running period of a recurring rule and the next one, where it has not got them.

    Periods are numbered from the document's publication, whenever the duty came in; those due up to `after` are
    owed under another rule.
    """
    on = today(now) if after is None else max(today(now), after + timedelta(days=1))
    document = duty.task.document
    published_on = today(document.published_at or now)
    expires_on = recurrence_ends(document, item)
    coming = current_and_next(
        rule.as_rule(), on=on, published_on=published_on, expires_on=expires_on, calendar=calendar
    )
    held = select(Milestone.occurrence).where(Milestone.duty_id == duty.id, Milestone.rule_id == rule.id)
    had = set(session.scalars(held))
    missing = [o.index for o in coming if o.index not in had]
    if not missing:
        return []
    return open_recurring(
        session, duty, rule, calendar, now,
        published_on=published_on, expires_on=expires_on, first_index=missing[0], count=len(missing),
    )  # fmt: skip


def catch_up(session: Session, duty: Duty, calendar: WorkCalendar, now: datetime) -> None:
    """Give a restored duty the periods of its rhythms that run now; those that passed meanwhile are not made."""
    item = duty.task.item
    held = set(session.scalars(select(Milestone.rule_id).where(Milestone.duty_id == duty.id)))
    for rule in item.rules:
        if rule.kind is Kind.RECURRING and rule.id in held:
            open_current(session, duty, item, rule, calendar, now)


def recurrence_ends(document: Document, item: Item) -> date | None:
    """Return the day after which nothing recurs: the document's validity, or the item's own."""
    ends = [rule.due_on for rule in item.rules if rule.kind is Kind.VALIDITY and rule.due_on]
    if document.expires_on:
        ends.append(document.expires_on)
    return min(ends, default=None)


def extend_recurring(session: Session, duty: Duty, calendar: WorkCalendar, now: datetime) -> int:
    """Keep a duty's recurring rules supplied with the current and the next occurrence; returns how many were made.

    The duty's task, document, item and rules must be loaded.  Running it again makes nothing more.
    """
    made = 0
    document, item = duty.task.document, duty.task.item
    if document.published_at is None:
        return 0
    held = session.scalars(select(Milestone).where(Milestone.duty_id == duty.id).order_by(Milestone.occurrence)).all()
    for rule in item.rules:
        mine = [m for m in held if m.rule_id == rule.id]
        if rule.kind is not Kind.RECURRING or not mine:
            continue
        day = today(now)
        while len([m for m in mine if m.due_on is None or m.due_on >= day]) < 2:
            more = open_recurring(
                session, duty, rule, calendar, now,
                published_on=today(document.published_at),
                expires_on=recurrence_ends(document, item),
                first_index=mine[-1].occurrence + 1,
                count=1,
            )  # fmt: skip
            if not more:
                break
            mine += more
            made += len(more)
    return made


def open_milestones(session: Session, duty: Duty) -> Sequence[Milestone]:
    """Return the open milestones a duty itself holds, earliest first."""
    return session.scalars(
        select(Milestone)
        .where(Milestone.duty_id == duty.id, Milestone.met_at.is_(None), Milestone.cancelled_at.is_(None))
        .options(joinedload(Milestone.rule))
        .order_by(Milestone.due_at, Milestone.id)
    ).all()


def reportable(milestones: Sequence[Milestone], day: date) -> list[Milestone]:
    """Return the recurring ones a report made on `day` can count for: periods that have begun, oldest first."""
    return [m for m in milestones if m.rule.kind is Kind.RECURRING and (m.opens_on is None or m.opens_on <= day)]


def finish_for_duty(session: Session, duty: Duty, submitted_at: datetime, now: datetime) -> None:
    """Settle a completed duty's milestones: the dated ones and the current period are met, later periods fall away."""
    day = today(submitted_at)
    for milestone in open_milestones(session, duty):
        later_period = milestone.rule.kind is Kind.RECURRING and (milestone.opens_on or day) > day
        if later_period:
            milestone.cancelled_at = now
        else:
            milestone.met_at = submitted_at


def cancel_for_duty(session: Session, duty: Duty, now: datetime) -> None:
    """Take a revoked duty's open milestones, its cases' included, out of every count."""
    rows = session.scalars(
        select(Milestone).where(
            Milestone.answering_duty_id == duty.id, Milestone.met_at.is_(None), Milestone.cancelled_at.is_(None)
        )
    )
    for milestone in rows:
        milestone.cancelled_at = now


def revive_for_duty(session: Session, duty: Duty, now: datetime) -> None:
    """Give a restored duty back its milestones, save the periods that ended while nobody could report on them."""
    rows = session.scalars(
        select(Milestone)
        .where(Milestone.answering_duty_id == duty.id, Milestone.cancelled_at.is_not(None))
        .options(joinedload(Milestone.rule))
    )
    for milestone in rows:
        if milestone.duty_id is not None and milestone.rule.item_id != duty.task.item_id:
            continue  # of an edition that is superseded
        due, cancelled = milestone.due_at, milestone.cancelled_at
        passed = due is not None and cancelled is not None and cancelled < due <= now
        if not (passed and milestone.rule.kind is Kind.RECURRING):
            milestone.cancelled_at = milestone.submitted_at = None


def _add(
    session: Session,
    rule: DeadlineRule,
    resolved: Resolved,
    calendar: WorkCalendar,
    now: datetime,
    by_id: int | None,
    *,
    duty: Duty,
    step: CaseStep | None = None,
    occurrence: Occurrence | None = None,
    opens_on: date | None = None,
) -> Milestone:
    milestone = Milestone(
        duty_id=None if step else duty.id,
        case_step_id=step.id if step else None,
        answering_duty_id=duty.id,
        rule=rule,
        occurrence=occurrence.index if occurrence else 0,
        label=occurrence.label if occurrence else None,
        opens_on=opens_on,
        watch=rule.party is Party.OTHER,
        version=1,
        provisional=resolved.provisional,
        calendar_version=calendar.version,
    )
    session.add(milestone)
    session.flush()  # its date rows need its id
    _set_date(session, milestone, resolved, calendar, now, by_id, "首次时限", resolved.explanation)
    return milestone


def _set_date(
    session: Session,
    milestone: Milestone,
    resolved: Resolved,
    calendar: WorkCalendar,
    now: datetime,
    by_id: int | None,
    why: str,
    explanation: tuple[Step, ...],
) -> None:
    milestone.due_on, milestone.due_at = resolved.due_on, resolved.due_at
    milestone.earliest_on, milestone.provisional = resolved.earliest_on, resolved.provisional
    milestone.calendar_version = calendar.version
    session.add(
        MilestoneDate(
            milestone_id=milestone.id,
            version=milestone.version,
            due_on=resolved.due_on,
            due_at=resolved.due_at,
            earliest_on=resolved.earliest_on,
            provisional=resolved.provisional,
            calendar_version=calendar.version,
            explanation=[
                {"text": s.text, "on": s.on.isoformat() if s.on else None, "article": s.article} for s in explanation
            ],
            why=why,
            by_id=by_id,
            at=now,
        )
    )
