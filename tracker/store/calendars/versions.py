"""Which working-day calendar counts where (工作日历): each jurisdiction's version in force, else the national table."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from tracker.clock.calendar import NOTICED_YEARS, Override, WorkCalendar, national
from tracker.now import SHANGHAI
from tracker.store.models import CalendarDay, CalendarState, CalendarVersion, DayKind, Milestone, User

NOTICE_MONTH = 11
"""From this month on the next year's notice is looked for."""

_versions: Any = CalendarVersion.__table__
_IN_FORCE = select(_versions.c.jurisdiction_id, _versions.c.id, _versions.c.number, _versions.c.digest).where(
    _versions.c.state == CalendarState.CURRENT
)
_LABEL = re.compile(r"cn-(\d{4})(?:\+v(\d+))?")


@dataclass(frozen=True, slots=True)
class Calendars:
    """Every jurisdiction's calendar at one moment; a place without a version of its own uses the national one."""

    own: Mapping[int, WorkCalendar] = field(default_factory=dict)

    def of(self, jurisdiction_id: int) -> WorkCalendar:
        """Return the calendar that counts in a jurisdiction."""
        return self.own.get(jurisdiction_id) or national()


def read_calendars(session: Session) -> Calendars:
    """Read which calendars are in force: one short query, the tables themselves only where they are not known yet."""
    rows = session.execute(_IN_FORCE).all()
    built: dict[int, WorkCalendar] = {}
    missing: dict[int, tuple[int, _Key]] = {}
    for place, version_id, number, digest in rows:
        key = _Key(digest, number)
        known = _built.get(key)
        if known is None:
            missing[version_id] = (place, key)
        else:
            built[place] = known
    if missing:
        for version in _loaded(session, list(missing)):
            place, key = missing[version.id]
            built[place] = _built[key] = build(version)
    return Calendars(built)


def calendar_of(session: Session, jurisdiction_id: int) -> WorkCalendar:
    """Return the calendar that counts in one jurisdiction now."""
    return read_calendars(session).of(jurisdiction_id)


class CalendarsInForce:
    """The calendars in force on a session: read when one is first asked for, and then no more."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._read: Calendars | None = None

    def of(self, jurisdiction_id: int) -> WorkCalendar:
        """Return the calendar that counts in a jurisdiction."""
        if self._read is None:
            self._read = read_calendars(self._session)
        return self._read.of(jurisdiction_id)


def calendar_named(session: Session, jurisdiction_id: int, label: str) -> WorkCalendar | None:
    """Return the calendar a milestone was counted by, from its label (cn-2026, cn-2026+v3); None for no such label."""
    match = _LABEL.fullmatch(label)
    if match is None:
        return None
    last = int(match[1])
    if match[2] is None:
        return national() if label == national().version else _national_through(last)
    version = session.scalars(
        select(CalendarVersion)
        .where(CalendarVersion.jurisdiction_id == jurisdiction_id, CalendarVersion.number == int(match[2]))
        .options(selectinload(CalendarVersion.days), selectinload(CalendarVersion.notices))
    ).one_or_none()
    return build(version, through=last) if version is not None else None


def version_in(session: Session, jurisdiction_id: int, state: CalendarState) -> CalendarVersion | None:
    """Return the version of a place that is in force, or its draft, with days, notices and its author."""
    return session.scalars(
        select(CalendarVersion)
        .where(CalendarVersion.jurisdiction_id == jurisdiction_id, CalendarVersion.state == state)
        .order_by(CalendarVersion.number.desc())
        .limit(1)
        .options(
            selectinload(CalendarVersion.days),
            selectinload(CalendarVersion.notices),
            joinedload(CalendarVersion.created_by),
        )
    ).one_or_none()


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version in the list of a place's: who drafted it, and who put it into force."""

    version: CalendarVersion
    created_by: str | None
    applied_by: str | None


def list_versions(session: Session, jurisdiction_id: int, limit: int = 30) -> list[VersionLine]:
    """Return the newest versions of a place's calendar, newest first; their rows alone."""
    author, applier = aliased(User), aliased(User)
    rows = session.execute(
        select(CalendarVersion, author.name, applier.name)
        .outerjoin(author, CalendarVersion.created_by_id == author.id)
        .outerjoin(applier, CalendarVersion.applied_by_id == applier.id)
        .where(CalendarVersion.jurisdiction_id == jurisdiction_id)
        .order_by(CalendarVersion.number.desc())
        .limit(limit)
    )
    return [VersionLine(*row) for row in rows]


def days_ever_named(jurisdiction_id: int) -> Select[date]:
    """Choose the days that any version of a place's calendar that was ever in force says something of."""
    return (
        select(CalendarDay.on)
        .join(CalendarVersion, CalendarDay.version_id == CalendarVersion.id)
        .where(CalendarVersion.jurisdiction_id == jurisdiction_id, CalendarVersion.applied_at.is_not(None))
        .distinct()
    )


def counts_behind(session: Session, jurisdiction_id: int, calendar: WorkCalendar) -> bool:
    """Whether open dates are still marked provisional although `calendar` knows their year's notice by now.

    The installed tables have grown then: a version put into force counts every date again by itself.
    """
    last = date(calendar.last_noticed_year, 12, 31)
    ends = datetime.combine(last, time.max, SHANGHAI)
    query = select(Milestone.id).where(
        Milestone.jurisdiction_id == jurisdiction_id,
        Milestone.met_at.is_(None),
        Milestone.cancelled_at.is_(None),
        Milestone.provisional,
        Milestone.fixed_on.is_(None),
        Milestone.paused_at.is_(None),
        or_(Milestone.due_on <= last, Milestone.earliest_on <= last, Milestone.due_at <= ends),
    )
    return bool(session.scalar(select(exists(query))))


def missing_years(calendars: Calendars, jurisdiction_ids: Iterable[int], today: date) -> dict[int, list[int]]:
    """Return by place the years whose holiday notice (放假通知) should be in by now and is not; others are left out.

    This year's always, next year's from November on: the State Council office publishes it about then.
    """
    years = [today.year, today.year + 1] if today.month >= NOTICE_MONTH else [today.year]
    found = {
        place: [year for year in years if calendars.of(place).is_provisional(date(year, 1, 1))]
        for place in jurisdiction_ids
    }
    return {place: missing for place, missing in found.items() if missing}


def build(version: CalendarVersion, through: int | None = None) -> WorkCalendar:
    """Return the calendar a version describes; its days and notices must be loaded.

    `through` is the last year with a notice when it was in force: a table installed since may hold more of them.
    """
    installed = {year for year in NOTICED_YEARS if through is None or year <= through}
    noticed = installed | {notice.year for notice in version.notices}
    return WorkCalendar(
        additions={day.on: day.name for day in version.days if day.kind is DayKind.ADDED},
        overrides={
            day.on: Override(day.kind is DayKind.WORK, day.name)
            for day in version.days
            if day.kind is not DayKind.ADDED
        },
        noticed_years=noticed,
        version=f"cn-{max(noticed)}+v{version.number}",
    )


@dataclass(frozen=True, slots=True)
class _Key:
    digest: str
    number: int


# Versions in force never change, so what was built from one serves every process as long as it runs.
_built: dict[_Key, WorkCalendar] = {}


def _loaded(session: Session, ids: Sequence[int]) -> Sequence[CalendarVersion]:
    return session.scalars(
        select(CalendarVersion)
        .where(CalendarVersion.id.in_(ids))
        .options(selectinload(CalendarVersion.days), selectinload(CalendarVersion.notices))
    ).all()


@lru_cache(maxsize=8)
def _national_through(year: int) -> WorkCalendar:
    """Return the national calendar as it was when `year` was the last one with a notice."""
    return WorkCalendar(noticed_years=frozenset(y for y in NOTICED_YEARS if y <= year))
