"""重新计算: what a changed calendar, issue date or event does to open dates; previewed first, applied as one job."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from tracker.clock.calendar import WorkCalendar
from tracker.clock.rules import ClockError, Kind, Resolved
from tracker.clock.wording import month_day
from tracker.now import shanghai, today
from tracker.rules.verbs import Subject, Verb
from tracker.services.core.act import Act
from tracker.services.core.errors import Stale
from tracker.services.deadlines.milestones import NewDate, append_dates, count_again
from tracker.services.deadlines.periods import count_period_again
from tracker.services.deadlines.shifts import DateStood, Differences, Effect, Shift, fingerprint, in_order
from tracker.store.deadlines.recalculation import (
    OpenDate,
    held_in,
    lock_open,
    of_case,
    of_document,
    open_dates,
    with_holders,
)
from tracker.store.deadlines.rules import counts_from_document, own_event_from
from tracker.store.models import Case, Document, Milestone, Recalculation, RecalculationKind, Starts

__all__ = ["Shift", "apply", "fingerprint", "preview_calendar", "preview_event", "preview_issue_date"]

LONGEST_WHY = 200  # of a date's reason
CHANGED = "预览之后，受影响的时限又有变化。请核对新的预览后再确认。"


# --- Previews: nothing is written ------------------------------------------------------------------------------------


def preview_calendar(session: Session, jurisdiction_id: int, calendar: WorkCalendar) -> list[Shift]:
    """Return the open dates of a place that `calendar` changes; paused ones follow when they resume."""
    differences = Differences(session, jurisdiction_id, calendar)
    shifts: list[Shift] = []
    for found in open_dates(session, held_in(jurisdiction_id)):
        resolved = _count(found, calendar)
        if resolved is not None and DateStood.of(resolved) != DateStood.of(found.milestone):
            shifts.append(_shift(found.milestone, resolved, differences.why(found.milestone, resolved)))
    return in_order(shifts)


def preview_issue_date(session: Session, document: Document, issued_on: date, calendar: WorkCalendar) -> list[Shift]:
    """Return the open dates counted from a document's own issue or entry into force, as they were with this day."""
    was = month_day(document.issued_on) if document.issued_on else "未填写"
    why = f"印发日期由{was}更正为{month_day(issued_on)}"
    shifts: list[Shift] = []
    for found in open_dates(session, of_document(document.id)):
        rule = found.milestone.rule
        event_at = own_event_from(rule, issued_on, document.effective_on) if counts_from_document(rule) else None
        shifts += _from_event(found, found.milestone.event_at, event_at, calendar, why)
    return in_order(shifts)


def preview_event(
    session: Session, case: Case, happened_at: datetime, accepted_at: datetime | None, calendar: WorkCalendar
) -> list[Shift]:
    """Return the open dates of a case that count from its event or its acceptance, as they were with these instants."""
    shifts: list[Shift] = []
    for found in open_dates(session, of_case(case.id)):
        step = found.milestone.case_step
        # What follows the step of acceptance is counted from it as well.
        accepted = step is not None and step.starts in (Starts.ACCEPTED, Starts.AFTER)
        was, event_at = (case.accepted_at, accepted_at) if accepted else (case.happened_at, happened_at)
        name = "受理" if accepted else case.event
        if was is not None and event_at is not None:
            why = f"{name}时间由{_instant(was)}更正为{_instant(event_at)}"
            shifts += _from_event(found, was, event_at, calendar, why)
    return in_order(shifts)


def _from_event(
    found: OpenDate, was: datetime | None, event_at: datetime | None, calendar: WorkCalendar, why: str
) -> list[Shift]:
    """Return what another event makes of one date: nothing where it is no other, or nothing can be counted from it."""
    milestone = found.milestone
    if event_at is None or event_at == was:
        return []
    standing_still = milestone.paused_at is not None and milestone.rule.kind is Kind.RELATIVE
    if standing_still or milestone.fixed_on is not None:
        return [_shift(milestone, _as_it_is(milestone), why, Effect.HELD, event_at)]
    resolved = _count(found, calendar, event_at)
    if resolved is None:
        return []
    effect = Effect.SAME if DateStood.of(resolved) == DateStood.of(milestone) else Effect.MOVED
    return [_shift(milestone, resolved, why, effect, event_at)]


def _count(found: OpenDate, calendar: WorkCalendar, event_at: datetime | None = None) -> Resolved | None:
    """Return the date a milestone would have; None where it cannot be counted, so that it stays."""
    milestone = found.milestone
    try:
        if milestone.rule.kind is not Kind.RECURRING:
            return count_again(milestone, calendar, found.suspensions, event_at=event_at)
        begins_on = _begins_on(milestone, event_at)
        if begins_on is None:
            return None
        return count_period_again(milestone, published_on=begins_on, expires_on=found.ends_on, calendar=calendar)
    except ClockError:
        return None


def _begins_on(milestone: Milestone, event_at: datetime | None) -> date | None:
    """Return the day a rhythm is numbered from: publication, or the start of the case's step."""
    if milestone.case_step is not None:
        start = event_at or milestone.case_step.started_at
    else:
        start = milestone.duty.task.document.published_at if milestone.duty is not None else None
    return today(start) if start is not None else None


def _as_it_is(milestone: Milestone) -> Resolved:
    return Resolved(milestone.due_on, milestone.due_at, milestone.earliest_on, milestone.provisional, ())


def _shift(
    milestone: Milestone,
    resolved: Resolved,
    why: str,
    effect: Effect = Effect.MOVED,
    event_at: datetime | None = None,
) -> Shift:
    holder, source = _names(milestone)
    return Shift(
        milestone.id,
        milestone.version,
        holder,
        source,
        milestone.unit.name,
        DateStood.of(milestone),
        resolved,
        why,
        effect,
        event_at,
    )


def _names(milestone: Milestone) -> tuple[str, str]:
    """Return what a date is of, and the task or the case it belongs to."""
    step = milestone.case_step
    if step is not None:
        label = f"（{milestone.label}）" if milestone.label else ""
        return f"办件 {step.case.number} {step.name}{label}", step.case.reference
    duty = milestone.duty
    if duty is None:
        return "", ""  # the table's own constraint forbids it
    act = milestone.rule.act or ("反馈进展" if milestone.label else "办理完成")
    return f"{duty.task.key} {f'{milestone.label} {act}' if milestone.label else act}", duty.task.title


def _instant(at: datetime) -> str:
    local = shanghai(at)
    return f"{month_day(local.date())} {local:%H:%M}"


# --- Applying --------------------------------------------------------------------------------------------------------


def apply(  # noqa: PLR0913 - what a job is made of, each part named
    act: Act,
    *,
    kind: RecalculationKind,
    jurisdiction_id: int,
    subject_id: int,
    why: str,
    calendar: WorkCalendar,
    shifts: Sequence[Shift],
) -> Recalculation:
    """Append what a preview found as one job, with one note in each history it touches; first dates stay.

    The verb that calls this has checked who may.  Raises Stale where a date has changed since it was previewed.
    """
    job = Recalculation(
        kind=kind,
        jurisdiction_id=jurisdiction_id,
        subject_id=subject_id,
        why=why[:LONGEST_WHY],
        changed=sum(1 for s in shifts if s.moved),
        by_id=act.actor.user_id,
        at=act.now,
    )
    act.session.add(job)
    act.session.flush()  # the dates name it
    ids = [s.milestone_id for s in shifts]
    versions = lock_open(act.session, ids)
    if any(versions.get(s.milestone_id) != s.version for s in shifts):
        raise Stale(CHANGED)
    milestones = with_holders(act.session, ids)
    for shift in shifts:
        if shift.event_at is not None:
            milestones[shift.milestone_id].event_at = shift.event_at
    # Only dates that move name the job: the others are told to nobody.
    dates = [
        NewDate(milestones[s.milestone_id], s.resolved, reason(s.why, why), job.id if s.moved else None)
        for s in shifts
        if s.effect is not Effect.HELD
    ]
    append_dates(act, dates, calendar)
    _note(act, job, milestones, [s for s in shifts if s.moved])
    return job


def reason(what: str, why: str) -> str:
    """Return the words a date's row keeps: what changed, then why, as long as the column is."""
    return f"{what}（{why}）"[:LONGEST_WHY] if why else what[:LONGEST_WHY]


def _note(
    act: Act,
    job: Recalculation,
    milestones: dict[int, Milestone],
    shifts: Sequence[Shift],
) -> None:
    """Write one entry into the history of each duty or case, however many of its dates moved."""
    by_history: dict[tuple[Subject, int], list[Shift]] = {}
    for shift in shifts:
        milestone = milestones[shift.milestone_id]
        if milestone.case_step is not None:
            key = (Subject.CASE, milestone.case_step.case_id)
        else:
            key = (Subject.DUTY, milestone.duty_id or 0)
        by_history.setdefault(key, []).append(shift)
    entries = []
    for (subject, subject_id), mine in by_history.items():
        first = milestones[mine[0].milestone_id]
        duty = first.duty if first.case_step is None else first.case_step.case.duty
        days = {s.milestone_id: (s.old, s.new) for s in mine}
        lines = [f"{s.holder}：{' → '.join(days[s.milestone_id])}（{s.why}）" for s in mine]
        entry = act.entry(
            Verb.DATES_RECOUNT,
            subject,
            subject_id,
            duty=duty,
            document=duty.task.document if duty else None,
            jurisdiction_id=job.jurisdiction_id,
            before={str(key): old for key, (old, _) in days.items()},
            after={str(key): new for key, (_, new) in days.items()},
            note="；".join([*lines, job.why]),
        )
        entries.append(entry)
    act.record_all(entries)
