"""A calendar put into force (日历生效): every open date it changes follows in the same transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from tracker.clock.calendar import WorkCalendar
from tracker.clock.notices import Notice
from tracker.rules.permissions import PlaceAction
from tracker.rules.verbs import Subject, Verb
from tracker.services.calendars.notices import load_notice
from tracker.services.calendars.versions import hold, refuse_unless_draft
from tracker.services.core.act import Act
from tracker.services.core.errors import Refused, Stale, check_version
from tracker.services.deadlines import recalculation
from tracker.services.deadlines.shifts import Shift, fingerprint
from tracker.store.calendars.content import Content, DayRun, differences
from tracker.store.calendars.versions import build, calendar_of, version_in
from tracker.store.models import CalendarState, CalendarVersion, Recalculation, RecalculationKind

GROWN = "国家放假安排已随程序更新"


class PreviewChanged(Stale):
    """The dates that would change are others than those previewed; nothing was applied."""

    def __init__(self) -> None:
        super().__init__("预览之后，受影响的时限有了变化，还没有生效。请核对新的预览后再生效。")


def apply_version(
    act: Act,
    draft: CalendarVersion,
    *,
    version: int | None = None,
    seen: str | None = None,
) -> Recalculation:
    """Put a draft into force: the version before it is superseded, and every open date it changes follows at once.

    `seen` is the fingerprint of the preview the person saw; raises PreviewChanged where it is another by now.
    """
    place = draft.jurisdiction_id
    act.require(PlaceAction.APPLY_CALENDAR, place)
    hold(act.session, place)
    check_version(draft.version, version)
    refuse_unless_draft(draft)
    current = version_in(act.session, place, CalendarState.CURRENT)
    if Content.of(current) == Content.of(draft):
        raise Refused("这份草稿与现行日历相同，不需要生效，请放弃它。")
    calendar = build(draft)
    shifts = _seen_again(act.session, place, calendar, seen)
    if current is not None:
        current.state = CalendarState.SUPERSEDED
    draft.state, draft.applied_at, draft.applied_by_id = CalendarState.CURRENT, act.now, act.actor.user_id
    act.session.flush()
    job = recalculation.apply(
        act,
        kind=RecalculationKind.CALENDAR,
        jurisdiction_id=place,
        subject_id=draft.id,
        why=draft.why,
        calendar=calendar,
        shifts=shifts,
    )
    act.record(
        Verb.CALENDAR_APPLY,
        Subject.CALENDAR,
        draft.id,
        jurisdiction_id=place,
        before={"version": current.number if current else None},
        after={"version": draft.number, "dates": job.changed},
        note=draft.why,
    )
    return job


def recount_current(act: Act, jurisdiction_id: int, *, seen: str | None = None) -> Recalculation:
    """Count a place's open dates again by the calendar in force, without a new version of it.

    The job's subject is the version in force, 0 where the place has none of its own.
    """
    act.require(PlaceAction.KEEP_CALENDAR, jurisdiction_id)
    hold(act.session, jurisdiction_id)
    calendar = calendar_of(act.session, jurisdiction_id)
    shifts = _seen_again(act.session, jurisdiction_id, calendar, seen)
    if not shifts:
        raise Refused("没有需要重新计算的时限。")
    current = version_in(act.session, jurisdiction_id, CalendarState.CURRENT)
    subject_id = current.id if current is not None else 0
    job = recalculation.apply(
        act,
        kind=RecalculationKind.CALENDAR,
        jurisdiction_id=jurisdiction_id,
        subject_id=subject_id,
        why=GROWN,
        calendar=calendar,
        shifts=shifts,
    )
    act.record(
        Verb.CALENDAR_RECOUNT,
        Subject.CALENDAR,
        subject_id or None,
        jurisdiction_id=jurisdiction_id,
        after={"calendar": calendar.version, "dates": job.changed},
    )
    return job


def _seen_again(session: Session, place: int, calendar: WorkCalendar, seen: str | None) -> Sequence[Shift]:
    shifts = recalculation.preview_calendar(session, place, calendar)
    if seen is not None and fingerprint(shifts) != seen:
        raise PreviewChanged
    return shifts


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a notice loaded and put into force at once changed: days, and how many dates."""

    runs: list[DayRun]
    dates: int


def load_and_apply(act: Act, jurisdiction_id: int, notice: Notice, *, why: str = "") -> Loaded:
    """Put a notice into force without a draft in between; refuses while somebody's draft waits.

    Raises NothingChanged where the calendar says all of it already.
    """
    act.require(PlaceAction.KEEP_CALENDAR, jurisdiction_id)
    waiting = version_in(act.session, jurisdiction_id, CalendarState.DRAFT)
    if waiting is not None:
        raise Refused(f"日历有一份待生效的草稿（{waiting.why}），请先在日历页面生效或放弃。")
    was = (
        calendar_of(act.session, jurisdiction_id),
        Content.of(version_in(act.session, jurisdiction_id, CalendarState.CURRENT)),
    )
    draft = load_notice(act, jurisdiction_id, notice, why=why)
    runs = differences(was[0], build(draft), was[1], Content.of(draft))
    return Loaded(runs, apply_version(act, draft).changed)
