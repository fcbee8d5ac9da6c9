"""督办总览: where things stand, and whom to call today; every number links to exactly its rows."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from flask import Blueprint, request, url_for

from tracker.clock.calendar import WorkCalendar, national
from tracker.rules.lights import Light
from tracker.store.boards.calls import Call, list_calls
from tracker.store.boards.dashboard import (
    OnTime,
    Scope,
    TallyGroup,
    overseen_jurisdictions,
    read_board,
    read_units,
    unreachable,
    within,
)
from tracker.store.cases.figures import CASE_LIGHTS, light_counts
from tracker.store.core.visible import OVERSEEING
from tracker.store.duties.lights import LIGHTS
from tracker.store.reminders.messages import GivenUp, failed_messages
from tracker.web.kit.access import actor, calendar, db, moment, now, page_number, this_day, whole
from tracker.web.kit.pagination import Links, links
from tracker.web.kit.views import Part, View
from tracker.web.kit.words import full_day

dashboard = Blueprint("dashboard", __name__, url_prefix="/dashboard")

CALLS = 8
UNITS_ON_FIRST_PAGE = 10
WEEKS = 6
LATE, DONE = LIGHTS.index(Light.LATE), LIGHTS.index(Light.DONE)
# Done stands first: the bar fills from the left as work is finished.
BAR = sorted(((at, lamp.value, lamp.label) for at, lamp in enumerate(LIGHTS)), key=lambda part: part[0] != DONE)
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
    said: str


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One document's or unit's line: its tally, the parts of its bar, and where its numbers lead."""

    name: str
    url: str
    total: int
    late: int
    late_url: str
    done: int
    parts: list[Part]


def scope() -> Scope:
    return Scope(
        jurisdiction_id=request.args.get("jurisdiction", type=whole),
        document_id=request.args.get("document", type=whole),
    )


class DutiesUrls:
    """The lists of exactly these duties, narrowed as the dashboard is."""

    def __init__(self, wanted: Scope) -> None:
        self.root, self.narrowed = url_for("duties.index"), ""
        for name, number in (("jurisdiction", wanted.jurisdiction_id), ("document", wanted.document_id)):
            if number is not None:
                self.narrowed += f"&{name}={number}"

    def to(self, wanted: str = "") -> str:
        """Return the list narrowed further: light=late; of all where nothing is wanted."""
        query = (wanted + self.narrowed).removeprefix("&")
        return f"{self.root}?{query}" if query else self.root

    def of_document(self, document_id: int, wanted: str = "") -> str:
        """Return the list of one document, which is the one in scope where there is one."""
        return f"{self.root}?document={document_id}{wanted}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DashboardPage(View):
    """What the dashboard shows."""

    template: ClassVar[str] = "boards/dashboard.html"
    lights: list[Figure]
    states: list[Figure]
    total: Figure
    on_time: OnTime
    calls: list[Call]
    late_url: str
    late_count: int
    watched: Figure
    ledger: list[Figure]
    units: list[BoardLine]
    unit_total: int
    documents: list[BoardLine]
    weeks: list[list[DaySquare]]
    unreachable: list[tuple[int, str]]
    undelivered: list[GivenUp]
    places: list[tuple[int, str]]
    published: list[tuple[int, str]]
    scope: Scope


@dashboard.get("/")
def index() -> str:
    session, who, at, wanted = db(), actor(), moment(), scope()
    urls, first = DutiesUrls(wanted), _monday(this_day())
    board = read_board(session, who, at, wanted, first, WEEKS * 7)
    calls = list_calls(session, at, within(who, wanted), wanted.document_id, CALLS, watched=bool(board.watched))
    watch = Light.WATCH
    return DashboardPage(
        lights=[Figure(n, lamp.label, urls.to(f"light={lamp}"), lamp) for lamp, n in board.lights.items()],
        states=[Figure(n, kind.label, urls.to(f"state={kind}")) for kind, n in board.states.items()],
        total=Figure(board.total, "项责任", urls.to()),
        on_time=board.on_time,
        calls=calls,
        late_url=urls.to("light=late"),
        late_count=board.lights[Light.LATE],
        watched=Figure(board.watched, watch.label, urls.to(f"light={watch}"), watch),
        ledger=_ledger(wanted),
        units=[_unit_line(group, urls) for group in board.units[:UNITS_ON_FIRST_PAGE]],
        unit_total=len(board.units),
        documents=[_document_line(group, urls) for group in board.documents],
        weeks=_weeks(board.due, first),
        unreachable=unreachable(session, who),
        undelivered=failed_messages(session, who, now() - UNDELIVERED_SHOWN),
        places=overseen_jurisdictions(session, who),
        published=board.published,
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
    wanted = scope()
    page, urls = read_units(db(), actor(), moment(), wanted, page_number()), DutiesUrls(wanted)
    return UnitFiguresPage(lines=[_unit_line(g, urls) for g in page.rows], page=links(page), scope=wanted).render()


def _ledger(wanted: Scope) -> list[Figure]:
    """Return the open cases by light, those that press first; they belong to no document, nor are they duties."""
    if wanted.document_id is not None or wanted.jurisdiction_id is not None:
        return []
    counts = light_counts(db(), actor(), moment())
    return [
        Figure(counts[lamp], lamp.label, url_for("cases.index", state="open", light=lamp.value), lamp.value)
        for lamp in CASE_LIGHTS
        if counts.get(lamp)
    ]


def _unit_line(group: TallyGroup, urls: DutiesUrls) -> BoardLine:
    of = f"unit={group.id}"
    return _line(group, urls.to(of), urls.to(f"{of}&light=late"))


def _document_line(group: TallyGroup, urls: DutiesUrls) -> BoardLine:
    return _line(group, urls.of_document(group.id), urls.of_document(group.id, "&light=late"))


def _line(group: TallyGroup, url: str, late_url: str) -> BoardLine:
    counts, total = group.counts, group.total
    parts = [(css, 100 * counts[at] / total, f"{label} {counts[at]} 项") for at, css, label in BAR if counts[at]]
    return BoardLine(group.name, url, total, counts[LATE], late_url, counts[DONE], parts)


def _calendar() -> WorkCalendar:
    """Return the calendar of the one place shown, else the national one."""
    places = actor().jurisdictions(*OVERSEEING)
    place = scope().jurisdiction_id or (next(iter(places)) if len(places) == 1 else None)
    return calendar(place) if place is not None else national()


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _weeks(counts: dict[date, int], first: date) -> list[list[DaySquare]]:
    """Return the six weeks from this one's Monday, with days off hatched and the count of dates due."""
    today, days_off = this_day(), _calendar()
    return [
        [_square(first + timedelta(days=7 * week + n), counts, today, days_off, first) for n in range(7)]
        for week in range(WEEKS)
    ]


def _square(on: date, counts: dict[date, int], today: date, days_off: WorkCalendar, first: date) -> DaySquare:
    count = counts.get(on, 0)
    css = next((heat for least, heat in HEAT if count >= least), "" if days_off.is_workday(on) else "off")
    said = f"{full_day(on)}，{count} 个节点到期" if count else full_day(on)
    return DaySquare(on, count, f"{css} now".strip() if on == today else css, on.day == 1 or on == first, said)
