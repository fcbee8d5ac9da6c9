"""Periods (周期): the occurrences a recurring rule gives a duty as time goes; only the current and the next exist."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from tracker.clock.calendar import WorkCalendar
from tracker.clock.recurrence import current_and_next, occurrences
from tracker.clock.resolution import resolve
from tracker.clock.rules import Kind, Occurrence, Resolved
from tracker.now import today
from tracker.services.core.act import Act
from tracker.services.deadlines.milestones import Holder, Made, add, make
from tracker.store.core.actors import SYSTEM
from tracker.store.deadlines.coming import coming_periods, recurrence_ends
from tracker.store.models import CaseStep, DeadlineRule, Document, Duty, Item, Milestone, Pause

# No holiday makes more periods in a row fall away than this (a daily report owes none for a day off).
LOOK_BACK = 16


Period = tuple[Occurrence, date]
"""A period with its first day: reports count for it from there."""


def open_periods(
    act: Act, duty: Duty, rule: DeadlineRule, calendar: WorkCalendar, periods: Sequence[Period]
) -> list[Milestone]:
    """Give a duty these periods of a recurring rule; only the current and the next one exist at a time."""
    holder, by_itself = Holder.of_duty(duty), act.by(SYSTEM)
    return [_add(by_itself, holder, rule, calendar, period) for period in periods]


def running_periods(
    rule: DeadlineRule,
    item: Item,
    document: Document,
    calendar: WorkCalendar,
    *,
    published_on: date,
    indices: Sequence[int],
) -> list[Period]:
    """Return these periods of a document's rule, which follow one another, numbered from its publication."""
    return _periods(
        rule,
        calendar,
        published_on=published_on,
        expires_on=recurrence_ends(document, item),
        first_index=indices[0],
        count=len(indices),
    )


def _periods(  # noqa: PLR0913 - the bounds of a rhythm, each named
    rule: DeadlineRule,
    calendar: WorkCalendar,
    *,
    published_on: date,
    expires_on: date | None,
    first_index: int,
    count: int,
    origin: str | None = None,
) -> list[Period]:
    """Return up to `count` periods from an index on, each with its first day; `origin` is what they count from."""
    # An earlier occurrence tells where the first period wanted begins; numbers may be skipped on the way to it.
    from_index = max(0, first_index - LOOK_BACK)
    found = occurrences(
        rule.as_rule(),
        published_on=published_on,
        expires_on=expires_on,
        calendar=calendar,
        first_index=from_index,
        count=count + (first_index - from_index),
        origin=origin,
    )
    earlier = [o for o in found if o.index < first_index]
    previous = earlier[-1] if earlier else None
    periods: list[Period] = []
    for occurrence in [o for o in found if o.index >= first_index][:count]:
        opens_on = published_on
        if previous is not None and previous.resolved.due_on is not None:
            opens_on = previous.resolved.due_on + timedelta(days=1)
        periods.append((occurrence, opens_on))
        previous = occurrence
    return periods


def count_period_again(
    milestone: Milestone, *, published_on: date, expires_on: date | None, calendar: WorkCalendar
) -> Resolved | None:
    """Return the date a recurring milestone's own period has by `calendar`; None where that has no such period.

    Periods due on one day are one, so a new day off can take a daily report's period away: its date then stays.
    """
    found = occurrences(
        milestone.rule.as_rule(),
        published_on=published_on,
        expires_on=expires_on,
        calendar=calendar,
        first_index=milestone.occurrence,
        count=1,
        origin=_origin(milestone.rule) if milestone.case_step_id is not None else None,
    )
    return found[0].resolved if found and found[0].index == milestone.occurrence else None


def open_current(
    act: Act,
    duty: Duty,
    item: Item,
    rule: DeadlineRule,
    calendar: WorkCalendar,
    after: date | None = None,
) -> list[Milestone]:
    """Give a duty the running period of a recurring rule and the next one, where it has not got them.

    Periods are numbered from the document's publication, whenever the duty came in; those due up to `after` are
    owed under another rule.
    """
    on = today(act.now) if after is None else max(today(act.now), after + timedelta(days=1))
    document = duty.task.document
    published_on = today(document.published_at or act.now)
    coming = coming_periods(rule, item, document, on=on, published_on=published_on, calendar=calendar)
    held = select(Milestone.occurrence).where(Milestone.duty_id == duty.id, Milestone.rule_id == rule.id)
    had = set(act.session.scalars(held))
    missing = [o.index for o in coming if o.index not in had]
    if not missing:
        return []
    wanted = running_periods(rule, item, document, calendar, published_on=published_on, indices=missing)
    return open_periods(act, duty, rule, calendar, wanted)


def catch_up(act: Act, duty: Duty, calendar: WorkCalendar) -> None:
    """Give a restored duty the periods of its rhythms that run now; those that passed meanwhile are not made."""
    item = duty.task.item
    held = set(act.session.scalars(select(Milestone.rule_id).where(Milestone.duty_id == duty.id)))
    for rule in item.rules:
        if rule.kind is Kind.RECURRING and rule.id in held:
            open_current(act, duty, item, rule, calendar)


def extend_recurring(act: Act, duty: Duty, calendar: WorkCalendar) -> int:
    """Keep a duty's recurring rules supplied with the current and the next occurrence; returns how many were made.

    The duty's task, document, item and rules must be loaded.  Running it again makes nothing more.
    """
    made = 0
    document, item = duty.task.document, duty.task.item
    if document.published_at is None:
        return 0
    held = act.session.scalars(
        select(Milestone).where(Milestone.duty_id == duty.id).order_by(Milestone.occurrence)
    ).all()
    resting = _pauses(act.session, Pause.duty_id == duty.id)
    for rule in item.rules:
        mine = [m for m in held if m.rule_id == rule.id]
        if rule.kind is not Kind.RECURRING or not mine:
            continue
        made += _make_missing(
            act,
            Holder.of_duty(duty),
            rule,
            calendar,
            mine,
            resting,
            counted_from=today(document.published_at),
            expires_on=recurrence_ends(document, item),
        )
    return made


# --- A case's progress, period by period until it is done -----------------------------------------------------------


def clocks_of_new(
    act: Act, step: CaseStep, rule: DeadlineRule, calendar: WorkCalendar, event_at: datetime
) -> list[Made]:
    """Return the clocks that start with a step not stored yet: its date, or the period that runs now and the next.

    step.case must be set.  Raises ClockError as `resolve` does.
    """
    holder = Holder.of_step(step)
    if rule.kind is not Kind.RECURRING:
        resolved = resolve(rule.as_rule(), event_at=event_at, calendar=calendar, event_name=rule.trigger)
        return [make(act, rule, resolved, calendar, holder, event_at=event_at)]
    made = []
    for occurrence, opens_on in _step_periods(act, rule, calendar, today(event_at), had=set()):
        first = occurrence.resolved
        made.append(
            make(act, rule, first, calendar, holder, event_at=event_at, occurrence=occurrence, opens_on=opens_on)
        )
    return made


def open_step_periods(
    act: Act,
    step: CaseStep,
    rule: DeadlineRule,
    calendar: WorkCalendar,
) -> list[Milestone]:
    """Give a case's step the period that runs now and the next one (每3天反馈); step.case must be loaded.

    Counted from the day the step started, which is not in it; of a case registered late, the periods that were over
    before anybody could report on them are not asked for.  Running it again makes nothing more.
    """
    if step.started_at is None:
        return []
    held = select(Milestone.occurrence).where(Milestone.case_step_id == step.id, Milestone.rule_id == rule.id)
    had = set(act.session.scalars(held))
    holder = Holder.of_step(step)
    wanted = _step_periods(act, rule, calendar, today(step.started_at), had=had)
    return [_add(act, holder, rule, calendar, period, step.started_at) for period in wanted]


def _step_periods(
    act: Act, rule: DeadlineRule, calendar: WorkCalendar, started_on: date, *, had: set[int]
) -> list[Period]:
    """Return the period that runs now of a step's rhythm and the next one, save those it has had."""
    coming = current_and_next(
        rule.as_rule(), on=today(act.now), published_on=started_on, expires_on=None, calendar=calendar
    )
    missing = [o.index for o in coming if o.index not in had]
    if not missing:
        return []
    return _periods(
        rule,
        calendar,
        published_on=started_on,
        expires_on=None,
        first_index=missing[0],
        count=len(missing),
        origin=_origin(rule),
    )


def extend_step(act: Act, step: CaseStep, rule: DeadlineRule, calendar: WorkCalendar) -> int:
    """Keep a running step supplied with its current and its next period; returns how many were made.

    step.case must be loaded; running it again makes nothing more.
    """
    held = select(Milestone).where(Milestone.case_step_id == step.id, Milestone.rule_id == rule.id)
    mine = list(act.session.scalars(held.order_by(Milestone.occurrence)))
    if step.started_at is None or not mine:
        return 0
    return _make_missing(
        act,
        Holder.of_step(step),
        rule,
        calendar,
        mine,
        _pauses(act.session, Pause.case_id == step.case_id),
        counted_from=today(step.started_at),
        event_at=step.started_at,
        origin=_origin(rule),
    )


# --- Both -----------------------------------------------------------------------------------------------------------


def _make_missing(  # noqa: PLR0913 - the bounds of a rhythm, each named
    act: Act,
    holder: Holder,
    rule: DeadlineRule,
    calendar: WorkCalendar,
    mine: list[Milestone],
    resting: Sequence[tuple[date, date]],
    *,
    counted_from: date,
    expires_on: date | None = None,
    event_at: datetime | None = None,
    origin: str | None = None,
) -> int:
    """Make the periods after the newest of `mine` up to the one after today's; returns how many.

    Of a time without the worker every period is made; those that ended while the holder was paused are not, as
    nothing was asked for then.
    """
    day, index, made = today(act.now), mine[-1].occurrence + 1, 0
    while len([m for m in mine if m.due_on is None or m.due_on >= day]) < 2:
        coming = _periods(
            rule, calendar, published_on=counted_from, expires_on=expires_on, first_index=index, count=1, origin=origin
        )
        if not coming:
            break
        index = coming[0][0].index + 1
        if not _rested(coming[0][0], resting):
            mine.append(_add(act.by(SYSTEM), holder, rule, calendar, coming[0], event_at))
            made += 1
    return made


def _add(
    act: Act,
    holder: Holder,
    rule: DeadlineRule,
    calendar: WorkCalendar,
    period: Period,
    event_at: datetime | None = None,
) -> Milestone:
    occurrence, opens_on = period
    return add(
        act,
        rule,
        occurrence.resolved,
        calendar,
        holder,
        event_at=event_at,
        occurrence=occurrence,
        opens_on=opens_on,
    )


def _origin(rule: DeadlineRule) -> str:
    """Return what the day is called that a case's periods are counted from: 派单之日."""
    return f"{rule.trigger}之日" if rule.trigger else "起始日"


def _pauses(session: Session, whose: ColumnElement[bool]) -> list[tuple[date, date]]:
    """Return the days a holder was paused, as half-open intervals (from, until]."""
    rows = session.execute(select(Pause.from_at, Pause.until_at).where(whose, Pause.until_at.is_not(None)))
    return [(today(start), today(end)) for start, end in rows if end is not None]


def _rested(period: Occurrence, resting: Sequence[tuple[date, date]]) -> bool:
    """Whether a period ended while its holder was paused."""
    due_on = period.resolved.due_on
    return due_on is not None and any(start < due_on <= end for start, end in resting)


def reportable(milestones: Sequence[Milestone], day: date) -> list[Milestone]:
    """Return the recurring ones a report made on `day` can count for: periods that have begun, oldest first."""
    return [m for m in milestones if m.rule.kind is Kind.RECURRING and (m.opens_on is None or m.opens_on <= day)]
