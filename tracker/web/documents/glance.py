"""核对一览: the whole reading in one table, a measure a row, sorted and narrowed as the address says."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import request, url_for

from tracker.reading.plan import Role
from tracker.rules.labels import Labelled
from tracker.store.models import Assignment, Measure
from tracker.web.documents.confirmation_page import ConfirmationBoard
from tracker.web.documents.measure import LimitInShort, counted
from tracker.web.kit.pagination import Tab
from tracker.web.kit.words import instant

# What the list is narrowed to, by the word of its address; nothing is all of it.
NARROWED = {"": "全部", "doubt": "有疑问", "open": "未确认"}
COLUMNS = {"key": "编号", "title": "措施", "unit": "责任单位", "due": "时限", "state": "疑问"}
NATURAL = "key"
# The roles of a row's units, the strongest first.
ROLES = (Role.LEAD, Role.RESPONSIBLE, Role.EACH, Role.SUPPORT)


class DraftLight(Labelled):
    """Where one measure of a draft stands, as a light."""

    DOUBT = "soon", "有疑问"
    OPEN = "wait", "待核对"
    DONE = "done", "已核对"
    NO_TASK = "none", "不作为任务"


@dataclass(frozen=True, slots=True)
class ShownName:
    """One printed name of a row; open where nobody has said yet whom it means."""

    printed: str
    open: bool


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """One measure as a row: its units by role, its limits as counted, and what is open in it."""

    measure: Measure
    standing: DraftLight
    notes: list[str]
    units: list[tuple[str, list[ShownName]]]  # the role in words (none for a plain list), and its names
    limits: list[LimitInShort]

    @property
    def due(self) -> date:
        """The first date counted; what has none comes last."""
        return min((limit.on for limit in self.limits if limit.on is not None), default=date.max)

    @property
    def first_unit(self) -> str:
        return self.units[0][1][0].printed if self.units else ""


@dataclass(frozen=True, slots=True)
class TableView:
    """How the table is asked for: what it is narrowed to, by which column it is sorted, and which way."""

    only: str = ""
    sort: str = NATURAL
    falling: bool = False

    @property
    def args(self) -> dict[str, Any]:
        """Return it as the arguments of an address; what goes without saying is left out."""
        sort = f"-{self.sort}" if self.falling else self.sort
        return {k: v for k, v in (("only", self.only), ("sort", sort if sort != NATURAL else "")) if v}

    @property
    def natural(self) -> bool:
        return self.sort == NATURAL


def listing() -> TableView:
    """Return how this request asks for the table; what it does not know it takes for nothing."""
    only, sort = request.values.get("only", ""), request.values.get("sort", "")
    column = sort.removeprefix("-")
    if column not in COLUMNS:
        return TableView(only if only in NARROWED else "")
    return TableView(only if only in NARROWED else "", column, sort.startswith("-"))


def lines(shown: ConfirmationBoard, names: dict[int, str]) -> list[MeasureRow]:
    """Return every measure as a row, in the document's order; `names` are of the people who confirmed."""
    facts = shown.edition.facts
    made = []
    for measure in shown.edition.measures:
        notes = shown.doubts.get(measure.id, [])
        standing = _standing(measure, bool(notes))
        if not notes and measure.confirmed_at is not None:
            notes = [f"{names.get(measure.confirmed_by_id or 0, '')} {instant(measure.confirmed_at)} 核对"]
        limits = [counted(rule, facts) for item in measure.items for rule in item.rules]
        made.append(MeasureRow(measure, standing, notes, _units(measure), limits))
    return made


def _standing(measure: Measure, doubtful: bool) -> DraftLight:
    if doubtful:
        return DraftLight.DOUBT
    if measure.confirmed_at is None:
        return DraftLight.OPEN
    return DraftLight.DONE if measure.is_task else DraftLight.NO_TASK


def _units(measure: Measure) -> list[tuple[str, list[ShownName]]]:
    """Return a measure's names by role, each once; of the plain list the role goes without saying."""
    held: dict[Role, dict[str, Assignment]] = {}
    for item in measure.items:
        for name in item.assignments:
            held.setdefault(name.role, {}).setdefault(name.printed, name)
    return [
        (role.brief or ("" if role is Role.RESPONSIBLE else role.label), [
            ShownName(printed, not name.answered) for printed, name in held[role].items()
        ])
        for role in ROLES
        if role in held
    ]  # fmt: skip


SORTED: dict[str, Callable[[MeasureRow], Any]] = {
    "key": lambda line: line.measure.ordinal,
    "title": lambda line: line.measure.title,
    "unit": lambda line: line.first_unit or "\uffff",
    "due": lambda line: line.due,
    "state": lambda line: list(DraftLight).index(line.standing),
}


def listed(rows: Iterable[MeasureRow], wanted: TableView, at: Measure | None) -> list[MeasureRow]:
    """Return the rows as asked for; the measure at hand is always among them."""
    kept = [row for row in rows if row.measure is at or _within(row, wanted.only)]
    kept.sort(key=SORTED[wanted.sort], reverse=wanted.falling)
    return kept


def _within(row: MeasureRow, only: str) -> bool:
    if only == "doubt":
        return row.standing is DraftLight.DOUBT
    return only != "open" or row.measure.confirmed_at is None


@dataclass(frozen=True, slots=True)
class TableHead:
    """The head of one column: where it leads, and the direction where the table is sorted by it."""

    label: str
    url: str
    direction: str | None


def columns(document_id: int, wanted: TableView) -> list[TableHead]:
    """Return the heads of the columns; the one sorted by turns the other way round."""
    made = []
    for name, label in COLUMNS.items():
        here = name == wanted.sort
        asked = TableView(wanted.only, name, here and not wanted.falling)
        direction = ("descending" if wanted.falling else "ascending") if here else None
        made.append(TableHead(label, url_for("confirm.show", document_id=document_id, **asked.args), direction))
    return made


def narrowings(document_id: int, rows: Iterable[MeasureRow], wanted: TableView) -> list[Tab]:
    """Return the ways to narrow the table, each with how many rows it has."""
    rows = list(rows)
    return [
        Tab(
            words,
            url_for("confirm.show", document_id=document_id, **TableView(only, wanted.sort, wanted.falling).args),
            only == wanted.only,
            sum(1 for row in rows if _within(row, only)),
        )
        for only, words in NARROWED.items()
    ]
