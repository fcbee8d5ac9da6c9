"""Documents as their list and their page show them: counts by light, and each measure with its duties."""

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload, selectinload, undefer

from tracker.reading.plan import Role
from tracker.rules.workflow import State
from tracker.store.core.actors import Actor
from tracker.store.core.pages import PER_PAGE, Page, count, page_bounds
from tracker.store.core.visible import visible_documents, visible_duties
from tracker.store.documents.drafts import in_use
from tracker.store.duties.lights import LIVE, Moment, light
from tracker.store.models import (
    ChangeAnswer,
    Document,
    DocumentState,
    Duty,
    Edition,
    EditionChange,
    EditionState,
    Item,
    Measure,
    PlanReading,
    Task,
    Unit,
    UnitGroup,
)


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One line of the list: the document, its measures (all, confirmed), and its visible duties by light."""

    document: Document
    measures: int
    confirmed: int
    lights: dict[str, int]

    @property
    def duties(self) -> int:
        return sum(self.lights.values())


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
    query = visible_documents(actor)
    if words and words.strip():
        asked = words.strip()
        query = query.where(
            Document.title.contains(asked, autoescape=True) | Document.doc_no.contains(asked, autoescape=True)
        )
    if jurisdiction_id is not None:
        query = query.where(Document.jurisdiction_id == jurisdiction_id)
    if state is not None:
        query = query.where(Document.state == state)
    total = count(session, query)
    number, offset = page_bounds(total, number, per_page)
    rows = list(
        session.scalars(
            query.options(joinedload(Document.jurisdiction))
            .order_by(Document.state != DocumentState.DRAFT, Document.id.desc())
            .offset(offset)
            .limit(per_page)
        )
    )
    ids = [d.id for d in rows]
    measured, lit = _measures(session, ids), lights_by_document(session, actor, moment, ids)
    made = [DocumentRow(d, *measured.get(d.id, (0, 0)), lit.get(d.id, {})) for d in rows]
    return Page(made, number, total, per_page)


def _measures(session: Session, document_ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """Return, by document, how many measures its edition has and how many are confirmed."""
    rows = session.execute(
        select(Edition.document_id, func.count(Measure.id), func.count(Measure.confirmed_at))
        .join(Measure, Measure.edition_id == Edition.id)
        .where(Edition.document_id.in_(document_ids), in_use())
        .group_by(Edition.document_id)
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def lights_by_document(
    session: Session, actor: Actor, moment: Moment, document_ids: Collection[int]
) -> dict[int, dict[str, int]]:
    """Count the duties an actor may see by document and light, in one query; revoked ones left out."""
    lamp = light(moment)
    query = visible_duties(actor).where(Duty.document_id.in_(document_ids), LIVE)
    found: dict[int, dict[str, int]] = {}
    counted = query.with_only_columns(Duty.document_id, lamp, func.count()).group_by(Duty.document_id, lamp)
    for document_id, name, number in session.execute(counted):
        found.setdefault(document_id, {})[name] = number
    return found


@dataclass(frozen=True, slots=True)
class UnitShare:
    """One unit's part of a task, as a document's page names it; `light` is empty where the duty is not the reader's."""

    duty_id: int
    unit_id: int
    unit: str
    role: Role
    state: State
    group_id: int | None
    group: str | None
    light: str = ""


@dataclass(frozen=True, slots=True)
class TaskShares:
    """A task with the shares of its units."""

    id: int
    key: str
    item_id: int
    shares: list[UnitShare] = field(default_factory=list)


def shares_by_measure(session: Session, actor: Actor, moment: Moment, document_id: int) -> dict[int, list[TaskShares]]:
    """Return a published document's tasks by measure, with who has what; lights only of duties the actor may see."""
    seen = visible_duties(actor).where(Duty.document_id == document_id, LIVE)
    lights = {row[0]: row[1] for row in session.execute(seen.with_only_columns(Duty.id, light(moment)))}
    rows = session.execute(
        select(
            Item.measure_id,
            Task.id,
            Task.key,
            Task.item_id,
            Duty.id,
            Duty.unit_id,
            Unit.name,
            Duty.role,
            Duty.state,
            Duty.via_group_id,
            UnitGroup.name,
        )
        .join(Item, Task.item_id == Item.id)
        .outerjoin(Duty, (Duty.task_id == Task.id) & LIVE)
        .outerjoin(Unit, Duty.unit_id == Unit.id)
        .outerjoin(UnitGroup, Duty.via_group_id == UnitGroup.id)
        .where(Task.document_id == document_id)
        .order_by(Task.ordinal, Duty.id)
    )
    tasks: dict[int, TaskShares] = {}
    by_measure: dict[int, list[TaskShares]] = {}
    shown_as = _kept_measures(session, document_id)
    for measure_id, task_id, key, item_id, duty_id, *share in rows:
        if task_id not in tasks:
            tasks[task_id] = TaskShares(task_id, key, item_id)
            by_measure.setdefault(shown_as.get(measure_id, measure_id), []).append(tasks[task_id])
        if duty_id is not None:
            tasks[task_id].shares.append(UnitShare(*[duty_id, *share, lights.get(duty_id, "")]))
    return by_measure


def _kept_measures(session: Session, document_id: int) -> dict[int, int]:
    """Return, for measures that stay as they were, the one that stands at their place in the text in force."""
    rows = session.execute(
        select(EditionChange.old_measure_id, EditionChange.new_measure_id)
        .join(Edition, EditionChange.edition_id == Edition.id)
        .where(Edition.document_id == document_id, Edition.state == EditionState.CURRENT)
        .where(EditionChange.answer == ChangeAnswer.KEEP)
    )
    return {old: new for old, new in rows if old is not None and new is not None}


def unadopted(session: Session, edition_id: int) -> set[int]:
    """Return the measures of an edition whose words were not adopted."""
    query = select(EditionChange.new_measure_id).where(
        EditionChange.edition_id == edition_id,
        EditionChange.answer == ChangeAnswer.KEEP,
        EditionChange.new_measure_id.is_not(None),
    )
    return {i for i in session.scalars(query) if i is not None}


def earlier_edition(session: Session, document_id: int, number: int) -> Edition | None:
    """Return an edition of a document that is or was in force, with what its text page marks; None for a draft."""
    return session.scalars(
        _marked()
        .where(Edition.document_id == document_id, Edition.number == number)
        .where(Edition.state.in_((EditionState.CURRENT, EditionState.SUPERSEDED)))
    ).one_or_none()


def text_edition(session: Session, document_id: int) -> Edition:
    """Return a document's edition in force with what its text page marks: measures, names, rules and the reading."""
    return session.scalars(_marked().where(Edition.document_id == document_id, in_use())).one()


def _marked() -> Select[Edition]:
    return select(Edition).options(
        joinedload(Edition.document).joinedload(Document.jurisdiction),
        joinedload(Edition.plan_reading).options(undefer(PlanReading.reading), joinedload(PlanReading.source)),
        selectinload(Edition.measures)
        .selectinload(Measure.items)
        .options(selectinload(Item.assignments), selectinload(Item.rules)),
    )
