"""The verbs of a place's working-day calendar (工作日历): drafted, previewed, put into force; open dates follow."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tracker.clock.notices import Mark, NoticedDay
from tracker.clock.wording import month_day
from tracker.now import today
from tracker.rules.permissions import PlaceAction
from tracker.rules.verbs import Subject, Verb
from tracker.services.core.act import Act
from tracker.services.core.errors import Refused, check_version
from tracker.store.calendars.content import Content
from tracker.store.calendars.versions import version_in
from tracker.store.models import (
    CalendarDay,
    CalendarNotice,
    CalendarState,
    CalendarVersion,
    DayKind,
    Jurisdiction,
)

LONGEST_WHY = 200
LONGEST_NAME = 60
FIRST_YEAR, YEARS_AHEAD = 2004, 5  # the first notice in the national table; nobody plans further ahead


class NothingChanged(Refused):
    """What was to be drafted says what the calendar says already."""

    def __init__(self) -> None:
        super().__init__("没有变化：这些日期与现在的日历相同。")


def draft_version(
    act: Act,
    jurisdiction_id: int,
    *,
    days: Mapping[date, NoticedDay | None],
    years: Mapping[int, str | None] | None = None,
    why: str,
    version: int | None = None,
) -> CalendarVersion:
    """Put changes into a place's draft, which is begun from the version in force where there is none; nothing else.

    `version` is the row version of the draft the form was shown with, 0 where it showed none; None skips the check.
    Raises NothingChanged where the calendar says all of it already.
    """
    act.require(PlaceAction.KEEP_CALENDAR, jurisdiction_id)
    _check_days(days, act.now)
    hold(act.session, jurisdiction_id)
    draft = version_in(act.session, jurisdiction_id, CalendarState.DRAFT)
    check_version(draft.version if draft is not None else 0, version)
    before = begun_from(act.session, jurisdiction_id, draft)
    after = before.changed(days, years or {})
    if after == before:
        raise NothingChanged
    why = why.strip() or "调整日历"
    if draft is None:
        draft = _new_version(act, jurisdiction_id, why)
    elif why not in draft.why:
        draft.why = f"{draft.why}；{why}"[:LONGEST_WHY]
    _write(act.session, draft, after)
    act.record(
        Verb.CALENDAR_DRAFT,
        Subject.CALENDAR,
        draft.id,
        jurisdiction_id=jurisdiction_id,
        after=_changes_in_words(before, after),
        note=why,
    )
    return draft


def set_day(
    act: Act,
    jurisdiction_id: int,
    on: date,
    said: NoticedDay,
    *,
    why: str = "",
    version: int | None = None,
) -> CalendarVersion:
    """Settle one day in the draft: off, worked, or a local festival, which needs its name."""
    name = said.name.strip()
    if said.mark is Mark.ADDED and not name:
        raise Refused("请填写本地假日的名称，例如“古尔邦节”。", "name")
    words = f"{name}{Mark.OFF.label}" if said.mark is Mark.ADDED else said.mark.label
    return draft_version(
        act,
        jurisdiction_id,
        days={on: NoticedDay(said.mark, name)},
        why=why.strip() or f"{month_day(on)}{words}",
        version=version,
    )


def clear_day(
    act: Act,
    jurisdiction_id: int,
    on: date,
    *,
    why: str = "",
    version: int | None = None,
) -> CalendarVersion:
    """Take what was said of one day back in the draft, so that the national table speaks again."""
    return draft_version(
        act,
        jurisdiction_id,
        days={on: None},
        why=why.strip() or f"{month_day(on)}恢复国家安排",
        version=version,
    )


def discard(act: Act, draft: CalendarVersion, *, version: int | None = None) -> None:
    """Give a draft up; it stays in the list of versions."""
    act.require(PlaceAction.APPLY_CALENDAR, draft.jurisdiction_id)
    hold(act.session, draft.jurisdiction_id)
    check_version(draft.version, version)
    refuse_unless_draft(draft)
    draft.state = CalendarState.DISCARDED
    act.record(
        Verb.CALENDAR_DISCARD,
        Subject.CALENDAR,
        draft.id,
        jurisdiction_id=draft.jurisdiction_id,
        note=draft.why,
    )


# --- What the verbs share --------------------------------------------------------------------------------------------


def begun_from(session: Session, jurisdiction_id: int, draft: CalendarVersion | None) -> Content:
    """Return what a change is made to: the draft, else the version in force."""
    return Content.of(draft or version_in(session, jurisdiction_id, CalendarState.CURRENT))


def hold(session: Session, jurisdiction_id: int) -> None:
    """Let one person at a time change a place's calendar; its other rows do not wait."""
    session.scalars(select(Jurisdiction.id).where(Jurisdiction.id == jurisdiction_id).with_for_update()).one()


def _check_days(days: Iterable[date], now: datetime) -> None:
    last = today(now).year + YEARS_AHEAD
    for on in days:
        if not FIRST_YEAR <= on.year <= last:
            raise Refused(f"{month_day(on)}超出范围，请填写 {FIRST_YEAR} 年至 {last} 年的日期。", "on")


def refuse_unless_draft(draft: CalendarVersion) -> None:
    if draft.state is not CalendarState.DRAFT:
        raise Refused("这份日历已不是草稿，请刷新页面查看现在的状态。")


def _new_version(act: Act, jurisdiction_id: int, why: str) -> CalendarVersion:
    last = act.session.scalar(
        select(func.max(CalendarVersion.number)).where(CalendarVersion.jurisdiction_id == jurisdiction_id)
    )
    made = CalendarVersion(
        jurisdiction_id=jurisdiction_id,
        number=(last or 0) + 1,
        why=why[:LONGEST_WHY],
        digest="",
        created_at=act.now,
        created_by_id=act.actor.user_id,
        days=[],
        notices=[],
    )
    act.session.add(made)
    return made


def _write(session: Session, draft: CalendarVersion, content: Content) -> None:
    """Make a draft say exactly `content`, touching only the rows that differ."""
    held = {day.on: day for day in draft.days}
    for on in held.keys() - content.days.keys():
        draft.days.remove(held[on])
    for on, said in content.days.items():
        kind, name = DayKind(said.mark.value), said.name[:LONGEST_NAME]
        if on in held:
            held[on].kind, held[on].name = kind, name
        else:
            draft.days.append(CalendarDay(on=on, kind=kind, name=name))
    noticed = {notice.year: notice for notice in draft.notices}
    for year, number in content.years.items():
        if year in noticed:
            noticed[year].doc_no = number
        else:
            draft.notices.append(CalendarNotice(year=year, doc_no=number))
    draft.digest = content.digest()
    session.flush()  # its id names it in the trail, and its row version is what the next form carries


def _changes_in_words(before: Content, after: Content) -> dict[str, str]:
    """Return what a draft says now that it did not before, as the trail keeps it."""
    said = {
        on.isoformat(): _words(after.days.get(on))
        for on in sorted(before.days.keys() | after.days.keys())
        if before.days.get(on) != after.days.get(on)
    }
    years = {str(y): after.years[y] or "放假通知" for y in sorted(after.years.keys() - before.years.keys())}
    return {**years, **said}


def _words(said: NoticedDay | None) -> str:
    return "恢复国家安排" if said is None else f"{said.mark.value} {said.name}".strip()
