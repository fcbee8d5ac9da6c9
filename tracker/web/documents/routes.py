"""文件: the list of documents, and a published one's whole text with who has what."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import quote

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from tracker.reading.plan import Role
from tracker.rules.lights import Light
from tracker.rules.permissions import PlaceAction
from tracker.store.core.stages import stage_of_state
from tracker.store.core.visible import OVERSEEING
from tracker.store.documents.drafts import find_document, source_text
from tracker.store.documents.lists import DocumentRow, earlier_edition, list_documents
from tracker.store.documents.shown import (
    ShownDocument,
    ShownMeasure,
    TaskShares,
    UnitShare,
    find_shown,
    kept_measures,
    marked_places,
    measures_of,
    places_of,
    shares_by_measure,
)
from tracker.store.documents.sources import places
from tracker.store.duties.lights import NARROWING
from tracker.store.editions.changes import draft_of, editions_of
from tracker.store.models import Document, DocumentState, Edition, EditionState
from tracker.web.documents.source_text import TextBlock, TextMark, apart, blocks, marks_of, plan_range, range_of
from tracker.web.kit.access import actor, db, moment, or_404, page_number, whole
from tracker.web.kit.pagination import Links, links
from tracker.web.kit.views import Part, View

documents = Blueprint("documents", __name__, url_prefix="/documents")

# More chips than this on one task are folded into a link.
CHIPS = 8
# Done stands first: the bar fills from the left as work is finished.
BAR = (Light.DONE, *(lamp for lamp in NARROWING if lamp is not Light.DONE))
ROLE_ORDER = {Role.LEAD: 0, Role.RESPONSIBLE: 1, Role.EACH: 1, Role.SUPPORT: 2}


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """One document of the list, with the bar of its duties."""

    row: DocumentRow
    parts: list[Part]
    percent: int
    duties_url: str


@dataclass(frozen=True, slots=True)
class Chip:
    """A unit, or a group with how many members have a duty through it."""

    name: str
    role: Role
    url: str | None = None
    expands: int = 0


@dataclass(frozen=True, slots=True)
class TaskView:
    """One task under its measure: who has it, and its duties by light."""

    key: str
    chips: list[Chip]
    more: int
    url: str
    lights: list[tuple[str, str, str]]  # css, words, url
    total: int


@dataclass(frozen=True, slots=True)
class ShownBlock:
    """A block of the text; the last one of a measure carries its tasks."""

    block: TextBlock
    tasks: list[TaskView]
    not_task: bool = False
    kept: bool = False  # its words were not adopted


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentsPage(View):
    """The documents a reader may see."""

    template: ClassVar[str] = "documents/index.html"
    lines: list[DocumentLine]
    page: Links
    place_options: list[tuple[str | int, str]]
    state_options: list[tuple[str, str]]
    supervises: bool
    oversees: bool
    q: str
    place: int | None
    state: DocumentState | None
    narrowed: bool


@documents.get("/")
def index() -> str:
    """Show the documents an actor may see, drafts first."""
    wanted = request.args.get("state", "")
    state = DocumentState(wanted) if wanted in set(DocumentState) else None
    words, place = request.args.get("q", ""), request.args.get("jurisdiction", type=whole)
    page = list_documents(db(), actor(), moment(), words, place, state, page_number())
    ids = actor().jurisdictions(*OVERSEEING)
    duties = url_for("duties.index")
    return DocumentsPage(
        lines=[_line(row, duties) for row in page.rows],
        page=links(page),
        place_options=[("", "全部"), *((p.id, p.name) for p in places(db(), ids))] if len(ids) > 1 else [],
        state_options=[("", "全部"), *((s.value, s.label) for s in DocumentState)],
        supervises=actor().may(PlaceAction.UPLOAD),
        oversees=bool(ids),
        q=words,
        place=place,
        state=state,
        narrowed=bool(words.strip() or place or state),
    ).render()


def _line(row: DocumentRow, duties: str) -> DocumentLine:
    total = row.duties
    parts = [
        (lamp.value, 100 * row.lights[lamp] / total, f"{lamp.label} {row.lights[lamp]} 项")
        for lamp in BAR
        if lamp in row.lights
    ]
    percent = 100 * row.confirmed // row.measures if row.measures else 0
    return DocumentLine(row, parts, percent, f"{duties}?document={row.id}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPage(View):
    """A document's text with its tasks."""

    template: ClassVar[str] = "documents/show.html"
    document: ShownDocument
    passages: list[ShownBlock]
    rest: list[TaskView]
    contents: list[ShownMeasure]
    tasks: int
    duties: int
    editions: list[tuple[Edition, bool]]
    draft: Edition | None
    may_amend: bool
    may_correct: bool


@documents.get("/<int:document_id>")
def show(document_id: int) -> Response | str:
    """Show a document's whole text, each measure with its duties; a draft leads its supervisor on to confirm it."""
    session, who = db(), actor()
    document = or_404(find_shown(session, who, document_id))
    if document.state is DocumentState.DRAFT:
        return redirect(url_for("confirm.show", document_id=document_id))
    place, amended = document.jurisdiction_id, document.editions > 1
    kept = kept_measures(session, document.edition_id) if amended else []
    measures = measures_of(session, document.edition_id)
    tasks = shares_by_measure(session, who, moment(), document_id, places_of(kept))
    inside = {measure.id for measure in measures}
    links = TaskUrls(document_id)
    # Tasks the new text has no more stand beneath it while somebody still has them.
    rest = [t for i, of in tasks.items() if i not in inside for t in of if t.shares]
    draft = draft_of(session, document_id) if amended and who.may(PlaceAction.AMEND, place) else None
    stage = stage_of_state(document.state, draft is not None)
    marks = apart([TextMark(*one) for one in marked_places(session, document.edition_id)])
    start, end = range_of(document.reading, document.text)
    cut = blocks(document.text, start, end, measures, document.reading, marks)
    return DocumentPage(
        document=document,
        passages=list(_passages(links, cut, tasks, {new for _, new in kept})),
        rest=[_task(links, t) for t in rest],
        contents=measures,
        tasks=len(rest) + sum(len(of) for i, of in tasks.items() if i in inside),
        duties=sum(len(t.shares) for of in tasks.values() for t in of),
        editions=_editions(document_id, document.edition_id) if amended else [],
        draft=draft,
        may_amend=who.may(PlaceAction.OPEN_EDITION, place, stage),
        may_correct=who.may(PlaceAction.CORRECT_ISSUE_DATE, place, stage),
    ).render()


class TaskUrls:
    """Where a document's tasks lead: their duties, and one of them."""

    def __init__(self, document_id: int) -> None:
        self.duties = url_for("duties.index", document=document_id)
        self.duty = url_for("duties.show", duty_id=0).removesuffix("0")

    def of(self, key: str) -> str:
        return f"{self.duties}&q={quote(key)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionPage(View):
    """The text of an edition that was in force before."""

    template: ClassVar[str] = "documents/edition.html"
    document: Document
    edition: Edition
    blocks: list[TextBlock]
    editions: list[tuple[Edition, bool]]


@documents.get("/<int:document_id>/editions/<int:number>")
def edition(document_id: int, number: int) -> Response | str:
    """Show the text of an edition that was in force before."""
    document = or_404(find_document(db(), actor(), document_id))
    found = or_404(earlier_edition(db(), document_id, number))
    if found.state is EditionState.CURRENT:
        return redirect(url_for("documents.show", document_id=document_id))
    return EditionPage(
        document=document,
        edition=found,
        blocks=_cut(found),
        editions=_editions(document_id, found.id),
    ).render()


def _editions(document_id: int, shown_id: int) -> list[tuple[Edition, bool]]:
    """Return the editions that are or were in force, each with whether it is the one shown; none where one is all."""
    found = [e for e in editions_of(db(), document_id) if not e.amends]
    return [(e, e.id == shown_id) for e in found] if len(found) > 1 else []


def _cut(edition: Edition) -> list[TextBlock]:
    """Return an edition's whole text in blocks."""
    stored = source_text(db(), edition.plan_reading.source_id)
    start, end = plan_range(edition, stored)
    marks = marks_of(edition.measures)
    return blocks(stored, start, end, edition.measures, edition.plan_reading.reading, marks)


def _passages(
    links: TaskUrls, cut: list[TextBlock], tasks: dict[int, list[TaskShares]], kept: set[int]
) -> Iterable[ShownBlock]:
    last: dict[int, TextBlock] = {b.measure.id: b for b in cut if b.measure is not None}
    for block in cut:
        measure = block.measure
        if measure is not None and last[measure.id] is block:
            views = [_task(links, task) for task in tasks.get(measure.id, [])]
            yield ShownBlock(block, views, not measure.is_task, measure.id in kept)
        else:
            yield ShownBlock(block, [])


def _task(links: TaskUrls, task: TaskShares) -> TaskView:
    shown, url = _chips(links, task.shares), links.of(task.key)
    lights = Counter(share.light for share in task.shares if share.light is not None)
    said = [
        (lamp.value, f"{lamp.label} {lights[lamp]}", f"{url}&light={lamp.value}") for lamp in NARROWING if lights[lamp]
    ]
    return TaskView(task.key, shown[:CHIPS], max(0, len(shown) - CHIPS), url, said, len(task.shares))


def _chips(links: TaskUrls, shares: list[UnitShare]) -> list[Chip]:
    """Return a task's units, strongest role first; members that came through one group stand as the group."""
    groups: dict[tuple[int, Role], list[UnitShare]] = {}
    made: list[tuple[int, Chip]] = []
    for share in shares:
        if share.group_id is not None:
            groups.setdefault((share.group_id, share.role), []).append(share)
        else:
            url = f"{links.duty}{share.duty_id}" if share.light else None
            made.append((ROLE_ORDER[share.role], Chip(share.unit, share.role, url)))
    for (_, role), held in groups.items():
        own = [share for share in held if share.light]
        url = f"{links.duty}{own[0].duty_id}" if len(own) == 1 else None
        made.append((ROLE_ORDER[role], Chip(held[0].group or "", role, url, len(held))))
    return [chip for _, chip in sorted(made, key=lambda pair: pair[0])]
