"""Loading holiday notices (放假通知) into a place's calendar: into its draft, or into force at once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from tracker.clock.notices import Notice
from tracker.services.calendars.versions import apply_version, begun_from, draft_version, guard
from tracker.services.core.errors import Refused
from tracker.store.calendars.content import Content, DayRun, differences
from tracker.store.calendars.versions import build, calendar_of, version_in
from tracker.store.core.actors import Actor
from tracker.store.models import CalendarState, CalendarVersion


def load_notice(
    session: Session,
    actor: Actor,
    now: datetime,
    jurisdiction_id: int,
    notice: Notice,
    *,
    why: str = "",
    version: int | None = None,
) -> CalendarVersion:
    """Put a notice or a table, as read, into the draft; a local festival that is off there as well keeps its name."""
    guard(actor, jurisdiction_id)
    draft = version_in(session, jurisdiction_id, CalendarState.DRAFT)
    years = "、".join(f"{year}年" for year in sorted(notice.years))
    return draft_version(
        session, actor, now, jurisdiction_id, days=begun_from(session, jurisdiction_id, draft).beside(notice.days),
        years=notice.years, why=why.strip() or (f"载入{years}放假通知" if years else f"载入{len(notice.days)}天的安排"),
        version=version,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a notice loaded and put into force at once changed: days, and how many dates."""

    runs: list[DayRun]
    dates: int


def load_and_apply(
    session: Session, actor: Actor, now: datetime, jurisdiction_id: int, notice: Notice, *, why: str = ""
) -> Loaded:
    """Put a notice into force without a draft in between; refuses while somebody's draft waits.

    Raises NothingChanged where the calendar says all of it already.
    """
    guard(actor, jurisdiction_id)
    waiting = version_in(session, jurisdiction_id, CalendarState.DRAFT)
    if waiting is not None:
        raise Refused(f"日历有一份待生效的草稿（{waiting.why}），请先在日历页面生效或放弃。")
    was = calendar_of(session, jurisdiction_id), Content.of(version_in(session, jurisdiction_id, CalendarState.CURRENT))
    draft = load_notice(session, actor, now, jurisdiction_id, notice, why=why)
    runs = differences(was[0], build(draft), was[1], Content.of(draft))
    return Loaded(runs, apply_version(session, actor, now, draft).changed)
