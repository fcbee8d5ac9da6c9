"""督办总览: where things stand, and whom to call today; every number links to exactly its rows."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar

from flask import Blueprint, request, url_for

from tracker.clock.calendar import WorkCalendar, national
from tracker.rules.lights import Light
from tracker.store.boards import dashboard as figures
from tracker.store.boards.dashboard import OnTime, Scope
from tracker.store.cases.figures import CASE_LIGHTS, light_counts
from tracker.store.core.visible import OVERSEEING
from tracker.store.duties.lists import DutyFilter, DutyRow, list_duties
from tracker.store.models import Message, Unit
from tracker.store.reminders.messages import failed_messages
from tracker.web.kit.access import actor, calendar, db, moment, now, page_number, this_day, whole
from tracker.web.kit.pagination import Links, links
from tracker.web.kit.views import View

dashboard = Blueprint("dashboard", __name__, url_prefix="/dashboard")

CALLS = 8
UNITS_ON_FIRST_PAGE = 10
WEEKS = 6
UNDELIVERED_SHOWN = timedelta(days=14)
# The heat of a day by how many dates fall due on it.
HEAT = ((10, "q3"), (5, "q2"), (1, "q1"))


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the figures row."""

    count: int
    label: str
    url: str
    css: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class DaySquare:
    """One square of the six weeks ahead."""

    on: date
    count: int
    css: str
    first_of_month: bool
    url: str | None


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One document's or unit's line: its tally, the parts of its bar, and where its numbers lead."""

    name: str
    url: str
    total: int
    late: int
    late_url: str
    done: int
    parts: list[tuple[str, float, str]]


def scope() -> figures.Scope:
    return figures.Scope(
        jurisdiction_id=request.args.get("jurisdiction", type=whole),
        document_id=request.args.get("document", type=whole),
    )


def duties_url(**wanted: Any) -> str:
    """Return the list of exactly these duties, narrowed as the dashboard is."""
    narrowed = {"jurisdiction": scope().jurisdiction_id, "document": scope().document_id, **wanted}
    return url_for("duties.index", **{k: v for k, v in narrowed.items() if v is not None})


@dataclass(frozen=True, slots=True, kw_only=True)
class DashboardPage(View):
    """What the dashboard shows."""

    template: ClassVar[str] = "boards/dashboard.html"
    lights: list[Figure]
    states: list[Figure]
    total: Figure
    on_time: OnTime
    calls: list[DutyRow]
    late_url: str
    late_count: int
    watched: Figure
    ledger: list[Figure]
    units: list[BoardLine]
    unit_total: int
    documents: list[BoardLine]
    weeks: list[list[DaySquare]]
    unreachable: list[Unit]
    undelivered: list[Message]
    places: list[tuple[int, str]]
    published: list[tuple[int, str]]
    scope: Scope


@dashboard.get("/")
def index() -> str:
    session, who, at, wanted = db(), actor(), moment(), scope()
    tally = figures.tally(session, who, at, wanted)
    late = list_duties(session, who, at, _calls("late", wanted), per_page=CALLS)
    calls = late.rows
    for lamp in ("watch", "soon"):
        if len(calls) < CALLS:
            calls = [*calls, *list_duties(session, who, at, _calls(lamp, wanted), per_page=CALLS - len(calls)).rows]
    units = figures.by_unit(session, who, at, wanted, per_page=UNITS_ON_FIRST_PAGE)
    return DashboardPage(
        lights=[Figure(n, lamp.label, duties_url(light=lamp.value), lamp.value) for lamp, n in tally.lights.items()],
        states=[Figure(n, kind.label, duties_url(state=kind.value)) for kind, n in tally.states.items()],
        total=Figure(tally.total, "项责任", duties_url()),
        on_time=figures.on_time(session, who, at, wanted),
        calls=list({row.duty.id: row for row in calls}.values()),
        late_url=duties_url(light="late"),
        late_count=tally.lights[Light.LATE],
        watched=Figure(
            figures.watched_late(session, who, at, wanted),
            Light.WATCH.label,
            duties_url(light=Light.WATCH.value),
            Light.WATCH.value,
        ),
        ledger=_ledger(wanted),
        units=[_unit_line(g) for g in units.rows],
        unit_total=units.total,
        documents=[_document_line(g) for g in figures.by_document(session, who, at, wanted)],
        weeks=_weeks(figures.due_days(session, who, wanted, _monday(this_day()), WEEKS * 7)),
        unreachable=figures.unreachable(session, who),
        undelivered=failed_messages(session, who, now() - UNDELIVERED_SHOWN),
        places=[(j.id, j.name) for j in figures.overseen_jurisdictions(session, who)],
        published=figures.published_documents(session, who),
        scope=wanted,
    ).render()


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitFiguresPage(View):
    """What the figures of all units show."""

    template: ClassVar[str] = "boards/units.html"
    lines: list[BoardLine]
    page: Links
    scope: Scope


@dashboard.get("/units")
def units() -> str:
    page = figures.by_unit(db(), actor(), moment(), scope(), page_number())
    return UnitFiguresPage(lines=[_unit_line(g) for g in page.rows], page=links(page), scope=scope()).render()


def _ledger(wanted: figures.Scope) -> list[Figure]:
    """Return the open cases by light, those that press first; they belong to no document, nor are they duties."""
    if wanted.document_id is not None or wanted.jurisdiction_id is not None:
        return []
    counts = light_counts(db(), actor(), moment())
    return [
        Figure(counts[lamp], lamp.label, url_for("cases.index", state="open", light=lamp.value), lamp.value)
        for lamp in CASE_LIGHTS
        if counts.get(lamp)
    ]


def _calls(light: str, wanted: figures.Scope) -> DutyFilter:
    return DutyFilter(light=light, jurisdiction_id=wanted.jurisdiction_id, document_id=wanted.document_id)


def _unit_line(group: figures.TallyGroup) -> BoardLine:
    return _line(group, duties_url(unit=group.id), duties_url(unit=group.id, light="late"))


def _document_line(group: figures.TallyGroup) -> BoardLine:
    return _line(group, duties_url(document=group.id), duties_url(document=group.id, light="late"))


def _line(group: figures.TallyGroup, url: str, late_url: str) -> BoardLine:
    lights, total = group.tally.lights, group.tally.total
    parts = [(lamp.value, 100 * n / total, f"{lamp.label} {n} 项") for lamp, n in lights.items() if n]
    # Done stands first: the bar fills from the left as work is finished.
    parts.sort(key=lambda part: part[0] != "done")
    return BoardLine(group.name, url, total, lights[Light.LATE], late_url, lights[Light.DONE], parts)


def _calendar() -> WorkCalendar:
    """Return the calendar of the one place shown, else the national one."""
    places = actor().jurisdictions(*OVERSEEING)
    place = scope().jurisdiction_id or (next(iter(places)) if len(places) == 1 else None)
    return calendar(place) if place is not None else national()


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _weeks(counts: dict[date, int]) -> list[list[DaySquare]]:
    """Return the six weeks from this one's Monday, with days off hatched and the count of dates due."""
    first, days_off = _monday(this_day()), _calendar()
    made: list[list[DaySquare]] = []
    for week in range(WEEKS):
        row: list[DaySquare] = []
        for n in range(7):
            on = first + timedelta(days=7 * week + n)
            count = counts.get(on, 0)
            css = "" if days_off.is_workday(on) else "off"
            css = next((heat for least, heat in HEAT if count >= least), css)
            css += " now" if on == this_day() else ""
            row.append(DaySquare(on, count, css.strip(), on.day == 1 or (week == 0 and n == 0), None))
        made.append(row)
    return made
