"""The list of documents with their duties by light, and editions that were in force before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Date,
    Select,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, joinedload, selectinload, undefer

from tracker.reading.plan import Role
from tracker.rules.lights import Light
from tracker.rules.phases import BEYOND, Phase
from tracker.store.core.actors import Actor
from tracker.store.core.base import UtcDateTime
from tracker.store.core.pages import PER_PAGE, Page, page_bounds
from tracker.store.core.visible import OVERSEEING, OWN, documents_seen, seen_by
from tracker.store.duties.clock import DOCUMENTS, PHASES, TallyClock, columns
from tracker.store.duties.lights import LIGHTS, OF_PHASE, Moment
from tracker.store.models import (
    Document,
    DocumentState,
    DocumentTally,
    Duty,
    Edition,
    EditionState,
    Item,
    Jurisdiction,
    Measure,
    PlanReading,
)


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One line of the list: the document, its measures (of a draft also the confirmed), its visible duties by light."""

    id: int
    title: str
    doc_no: str | None
    issued_on: date | None
    state: DocumentState
    place: str
    measures: int
    confirmed: int
    lights: dict[Light, int]

    @property
    def duties(self) -> int:
        return sum(self.lights.values())


_document, _edition, _measure, _sums = (columns(m) for m in (Document, Edition, Measure, DocumentTally))
_jurisdiction = columns(Jurisdiction)
_READ = or_(
    _edition.state == EditionState.CURRENT, and_(_edition.state == EditionState.DRAFT, _edition.number == 1)
)  # in_use()


def _measures(counted: Any) -> Any:
    """Return a number of measures of the edition readers see."""
    return (
        select(counted)
        .join_from(Edition.__table__, Measure.__table__, _measure.edition_id == _edition.id)
        .where(_edition.document_id == _document.id, _READ)
        .correlate(Document.__table__)
        .scalar_subquery()
    )


@cache
def _listed(with_own: bool, narrowed: frozenset[str]) -> tuple[Select[Any], Select[Any]]:
    """Return how a page of the list is read, and its number of rows: built once for what it is narrowed by."""
    where = [documents_seen(with_own)]
    if "words" in narrowed:
        asked: Any = bindparam("words")
        where.append(_document.title.like(asked, escape="/") | _document.doc_no.like(asked, escape="/"))
    where += [_document[name] == bindparam(name) for name in ("jurisdiction_id", "state") if name in narrowed]
    rows = (
        select(
            _document.id,
            _document.title,
            _document.doc_no,
            _document.issued_on,
            _document.state,
            _jurisdiction.name.label("place"),
            _measures(func.count()).label("measures"),
            # Only a draft shows how many are confirmed.
            case((_document.state == DocumentState.DRAFT, _measures(func.count(_measure.confirmed_at))), else_=0).label(
                "confirmed"
            ),
            _document.jurisdiction_id,
            *(func.coalesce(_sums[name], 0) for name in PHASES),
        )
        .join_from(Document.__table__, Jurisdiction.__table__, _document.jurisdiction_id == _jurisdiction.id)
        .outerjoin(
            DocumentTally.__table__,
            and_(_sums.jurisdiction_id == _document.jurisdiction_id, _sums.document_id == _document.id),
        )
        .where(*where)
        .order_by(_document.state != DocumentState.DRAFT, _document.id.desc())
        .limit(bindparam("most"))
        .offset(bindparam("skipped"))
    )
    return rows, select(func.count()).select_from(Document.__table__).where(*where)


def list_documents(
    session: Session,
    actor: Actor,
    moment: Moment,
    words: str | None = None,
    jurisdiction_id: int | None = None,
    state: DocumentState | None = None,
    number: int = 1,
    per_page: int = PER_PAGE,
) -> Page[DocumentRow]:
    """Return one page of the documents an actor may see, drafts first, newest first."""
    given = {"words": _pattern(words), "jurisdiction_id": jurisdiction_id, "state": state}
    narrowed = {name: value for name, value in given.items() if value is not None}
    seen = seen_by(actor)
    page, counted = _listed("own" in seen, frozenset(narrowed))
    asked = {**seen, **narrowed}
    # One row more than a page tells whether there are more: most places have no second page.
    rows = session.execute(page, {**asked, "most": per_page + 1, "skipped": 0}).all() if number <= 1 else []
    total = len(rows)
    if number > 1 or total > per_page:
        total = session.scalar(counted, asked) or 0
        number, offset = page_bounds(total, number, per_page)
        rows = session.execute(page, {**asked, "most": per_page, "skipped": offset}).all()
    return Page(_with_lights(session, actor, moment, rows), max(1, number), total, per_page)


def _pattern(words: str | None) -> str | None:
    """Return what LIKE finds words by, anywhere in a text; None where there are none."""
    asked = (words or "").strip()
    for special in "/%_":
        asked = asked.replace(special, f"/{special}")
    return f"%{asked}%" if asked else None


def _with_lights(session: Session, actor: Actor, moment: Moment, rows: Sequence[Any]) -> list[DocumentRow]:
    """Return the lines: of places one oversees with the kept sums, of others with the duties one may see."""
    overseen, clock = actor.jurisdictions(*OVERSEEING), TallyClock()
    published = [row for row in rows if row.state is not DocumentState.DRAFT]
    if any(row.jurisdiction_id in overseen for row in published):
        clock.read(session, moment, sorted(overseen), (DOCUMENTS,))
    others = {row.id: row.jurisdiction_id for row in published if row.jurisdiction_id not in overseen}
    lit = lights_by_document(session, actor, moment, others) if others else {}
    made = []
    for row in rows:
        shown = lit.get(row.id, {})
        if row.jurisdiction_id in overseen:
            counts = zip(LIGHTS, clock.lights((DOCUMENTS, row.id), row[9:]), strict=True)
            shown = {lamp: number for lamp, number in counts if number}
        its = (row.id, row.title, row.doc_no, row.issued_on, row.state, row.place, row.measures, row.confirmed)
        made.append(DocumentRow(*its, shown))
    return made


_duty = columns(Duty)
_own: Any = bindparam("own", expanding=True)
_soon_until: Any = bindparam("soon_until", type_=UtcDateTime())
_LIVE = _duty.state != literal_column("'revoked'")
# The phases of what has no date lie in years of their own, so that one index says the light of all but the waiting.
_BY_INSTANT = case(
    (_duty.next_at <= bindparam("now", type_=UtcDateTime()), literal_column("'late'")),
    (_duty.next_at < _soon_until, literal_column("'soon'")),
    (_duty.next_at <= BEYOND[Phase.REVIEW], literal_column("'fine'")),
    *((_duty.next_at == BEYOND[phase], literal_column(f"'{lit.value}'")) for phase, lit in OF_PHASE.items()),
)
_WAITING = case(
    (_duty.earliest_on <= bindparam("today", type_=Date()), literal_column("'fine'")), else_=literal_column("'wait'")
)


def _lit(lamp: Any, waits: bool, *where: Any) -> Select[Any]:
    """Count duties by document and light: those that wait for an event or a day, or the others."""
    waiting = _duty.next_at == BEYOND[Phase.WAITING]
    counted = select(_duty.document_id.label("document_id"), lamp.label("lamp"), func.count().label("number"))
    # No column of an index: a clerk's own duties are few beside those of the documents they are of.
    of_documents = (_duty.document_id + 0).in_(bindparam("documents", expanding=True))
    within = (of_documents, _LIVE, waiting if waits else ~waiting)
    return counted.where(*within, *where).group_by(_duty.document_id, lamp)


def _seen() -> CompoundSelect[Any]:
    """Count one's units' duties, and those of others in the tasks they lead."""
    led = Duty.__table__.alias("led")
    theirs = select(led.c.task_id).where(
        led.c.unit_id.in_(_own), led.c.role == Role.LEAD, led.c.state != literal_column("'revoked'")
    )
    kinds = ((_duty.unit_id.in_(_own),), (_duty.unit_id.not_in(_own), _duty.task_id.in_(theirs)))
    return union_all(
        *(_lit(lamp, waits, *of) for of in kinds for lamp, waits in ((_BY_INSTANT, False), (_WAITING, True)))
    )


_SEEN = _seen()


def lights_by_document(
    session: Session, actor: Actor, moment: Moment, places: Mapping[int, int]
) -> dict[int, dict[Light, int]]:
    """Count the duties one's units have or lead by document and light; `places` says whose each document is."""
    found: dict[int, dict[Light, int]] = {}
    by_limit: dict[datetime, list[int]] = {}
    for document_id, place in places.items():
        by_limit.setdefault(moment.soon_by_place.get(place, moment.soon_until), []).append(document_id)
    asked = {"own": sorted(actor.units(*OWN)), "now": moment.now, "today": moment.today}
    for limit, ids in by_limit.items():
        for document_id, name, number in session.execute(_SEEN, {**asked, "documents": ids, "soon_until": limit}):
            lit = found.setdefault(document_id, {})
            lit[Light(name)] = lit.get(Light(name), 0) + number
    return found


def earlier_edition(session: Session, document_id: int, number: int) -> Edition | None:
    """Return an edition of a document that is or was in force, with what its text page marks; None for a draft."""
    return session.scalars(
        _marked()
        .where(Edition.document_id == document_id, Edition.number == number)
        .where(Edition.state.in_((EditionState.CURRENT, EditionState.SUPERSEDED)))
    ).one_or_none()


def _marked() -> Select[Edition]:
    return select(Edition).options(
        joinedload(Edition.document).joinedload(Document.jurisdiction),
        joinedload(Edition.plan_reading).options(undefer(PlanReading.reading), joinedload(PlanReading.source)),
        selectinload(Edition.measures)
        .selectinload(Measure.items)
        .options(selectinload(Item.assignments), selectinload(Item.rules)),
    )
