"""What the page of a place's calendar shows: its year, its draft with whom that moves, its versions; and the strip."""

from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from tracker.clock.calendar import WorkCalendar
from tracker.rules.permissions import PlaceAction
from tracker.services.calendars import versions as verbs
from tracker.services.deadlines.recalculation import preview_calendar
from tracker.services.deadlines.shifts import Shift, fingerprint, named_for
from tracker.store.calendars.content import Content, DayRun, differences
from tracker.store.calendars.versions import (
    Calendars,
    VersionLine,
    build,
    counts_behind,
    list_versions,
    missing_years,
    version_in,
)
from tracker.store.core.actors import Actor
from tracker.store.documents.sources import places
from tracker.store.models import CalendarState, CalendarVersion, Jurisdiction, MemberRole
from tracker.web.calendars.year import YearView, year_view
from tracker.web.kit import access
from tracker.web.kit.access import actor, calendar, db, this_day, whole

KEEPERS = (MemberRole.ADMINISTRATOR, MemberRole.SUPERVISOR)
SHIFTS_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Preview:
    """What would change: the days and the dates, the first of these as the reader may see them; `seen` names them."""

    runs: list[DayRun]
    shifts: list[Shift]
    shown: list[Shift]
    seen: str

    @classmethod
    def of(cls, runs: list[DayRun], shifts: list[Shift]) -> "Preview":
        return cls(runs, shifts, named_for(db(), actor(), shifts[:SHIFTS_SHOWN]), fingerprint(shifts))


@dataclass(frozen=True, slots=True)
class CalendarView:
    """Everything the page says of one place."""

    place: Jurisdiction
    places: list[Jurisdiction]
    editable: bool
    year: YearView
    current: CalendarVersion | None
    draft: CalendarVersion | None
    of_draft: bool
    preview: Preview | None
    behind: Preview | None
    versions: list[VersionLine]


def readable() -> set[int]:
    """Return the places whose calendar the actor may read."""
    return actor().places(PlaceAction.READ_CALENDAR)


def shown_place(place_id: int) -> CalendarView:
    """Return everything the page says of a place that the actor may read."""
    in_force = calendar(place_id)
    current = version_in(db(), place_id, CalendarState.CURRENT)
    draft = version_in(db(), place_id, CalendarState.DRAFT)
    drafted = build(draft) if draft is not None else None
    of_draft = drafted is not None and request.args.get("draft") == "1"
    own = places(db(), readable())
    return CalendarView(
        place=next(p for p in own if p.id == place_id),
        places=own,
        editable=actor().may(PlaceAction.KEEP_CALENDAR, place_id),
        year=year_view(
            drafted if drafted is not None and of_draft else in_force,
            Content.of(draft if of_draft else current),
            _year_asked(),
            this_day(),
        ),
        current=current,
        draft=draft,
        of_draft=of_draft,
        preview=_preview(place_id, in_force, drafted, current, draft) if drafted is not None else None,
        # A draft put into force counts everything again anyway.
        behind=_behind(place_id, in_force) if draft is None else None,
        versions=list_versions(db(), place_id),
    )


def _preview(
    place_id: int,
    in_force: WorkCalendar,
    drafted: WorkCalendar,
    current: CalendarVersion | None,
    draft: CalendarVersion | None,
) -> Preview:
    runs = differences(in_force, drafted, Content.of(current), Content.of(draft))
    return Preview.of(runs, preview_calendar(db(), place_id, drafted))


def _behind(place_id: int, in_force: WorkCalendar) -> Preview | None:
    if not counts_behind(db(), place_id, in_force):
        return None
    shifts = preview_calendar(db(), place_id, in_force)
    return Preview.of([], shifts) if shifts else None


def _year_asked() -> int:
    asked = request.args.get("year", this_day().year, type=whole)
    return min(max(asked, verbs.FIRST_YEAR), this_day().year + verbs.YEARS_AHEAD)


def years_around(chosen: int) -> list[int]:
    """Return the years to switch between: the last, this and the next two, and the one that is open."""
    return sorted({*range(this_day().year - 1, this_day().year + 3), chosen})


def missing_strip(who: Actor) -> dict[str, Any] | None:
    """Return the years without a notice to name on top of a keeper's or supervisor's pages, and where to load it.

    No query while the national table knows these years; a page that answers an error does without.
    """
    ids = who.jurisdictions(*KEEPERS)
    if request.method != "GET" or not ids or not missing_years(Calendars(), ids, this_day()):
        return None
    missing = missing_years(access.calendars(), ids, this_day())
    years = sorted({year for found in missing.values() for year in found})
    if not years:
        return None
    kept = [place for place in missing if who.may(PlaceAction.KEEP_CALENDAR, place)]
    url = url_for("calendars.index", place=kept[0], year=years[0]) if kept else None
    which = "跨年的" if years[0] > this_day().year else "有关"
    return {"words": f"{'、'.join(f'{year}年' for year in years)}放假安排尚未载入，{which}时限为暂定。", "url": url}
