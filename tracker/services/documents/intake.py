"""Sources come in (上传), and one of their plans becomes a document to confirm."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker.now import SHANGHAI
from tracker.reading.comparison import agreement
from tracker.reading.plan import DoubtKind
from tracker.rules.permissions import PlaceAction
from tracker.rules.verbs import Subject, Verb
from tracker.services.core.act import Act
from tracker.services.core.errors import Refused
from tracker.services.documents import asking
from tracker.services.documents.rows import facts_read, measure_row
from tracker.store.documents.drafts import in_use, source_text
from tracker.store.documents.places import other_place_words, other_places
from tracker.store.models import (
    Document,
    DocumentState,
    Edition,
    EditionState,
    Jurisdiction,
    Measure,
    PlanAnswer,
    PlanReading,
    Source,
)
from tracker.store.registry.names import known_names

# Two plans of which nearly all measures agree are asked about.
NEARLY_ALL = 0.8


class AlreadyIn(Refused):
    """The same bytes, or the same text, are already in."""

    def __init__(self, source: Source) -> None:
        day = source.uploaded_at.astimezone(SHANGHAI)
        super().__init__(f"这份来源已于{day.year}年{day.month}月{day.day}日上传过（{source.filename}），不必重复上传。")
        self.source_id = source.id


class NeedsAnswer(Refused):
    """A document that nearly agrees is already in: the supervisor must say what this plan is."""

    def __init__(self, similar: "Similar") -> None:
        super().__init__("本辖区已有一份内容几乎相同的文件，请先说明两者的关系。")
        self.similar = similar


@dataclass(frozen=True, slots=True)
class NewSource:
    """An upload or paste, decoded and read before the transaction begins."""

    jurisdiction_id: int
    filename: str
    pasted: bool
    sha256: str
    size: int
    encoding: str
    text: str
    plans: Sequence[Mapping[str, Any]]  # as tracker.reading.rendering prints them
    questions: Sequence[Mapping[str, Any]] = ()  # what is doubted of the whole source, likewise


@dataclass(frozen=True, slots=True)
class Similar:
    """A document already in, and the share of measures (0..1) that agree."""

    document: Document
    share: float


def take_in(act: Act, new: NewSource) -> Source:
    """Keep a source with what was read from it; refuses one that is already in, or holds no measure."""
    act.require(PlaceAction.UPLOAD, new.jurisdiction_id)
    if (found := already_in(act.session, new)) is not None:
        raise AlreadyIn(found)
    if not any(plan["measures"] for plan in new.plans):
        raise Refused("没有读到任何措施：请确认是否为完整的政策文件正文（措施通常以“一、”“1.”“（一）”编号）。")
    source = Source(
        jurisdiction_id=new.jurisdiction_id,
        filename=new.filename[:200],
        pasted=new.pasted,
        sha256=new.sha256,
        size=new.size,
        encoding=new.encoding,
        text=new.text,
        uploaded_by_id=act.actor.user_id or 0,
        uploaded_at=act.now,
        plans=[
            PlanReading(
                ordinal=n, title=plan["plan"] or new.filename, measure_count=len(plan["measures"]), reading=plan
            )
            for n, plan in enumerate(asking.shared_out(new.plans, new.questions), 1)
            if plan["measures"]
        ],
    )
    try:
        with act.session.begin_nested():
            act.session.add(source)
            act.session.flush()  # the audit entry needs its id
    except IntegrityError:
        # The same form, sent twice at once: the other one was first.
        if (found := already_in(act.session, new)) is None:
            raise
        raise AlreadyIn(found) from None
    after = {"filename": new.filename, "sha256": new.sha256, "plans": [p.title for p in source.plans]}
    act.record(Verb.SOURCE_TAKE_IN, Subject.SOURCE, source.id, jurisdiction_id=new.jurisdiction_id, after=after)
    return source


def already_in(session: Session, new: NewSource) -> Source | None:
    """Return the source of the jurisdiction that holds the same bytes or the same text, if one does."""
    same = or_(Source.sha256 == new.sha256, Source.text == new.text)
    query = select(Source).where(Source.jurisdiction_id == new.jurisdiction_id, same).order_by(Source.id)
    return session.scalars(query).first()


def most_similar(session: Session, plan: PlanReading, jurisdiction_id: int) -> Similar | None:
    """Return the document of the jurisdiction that nearly agrees with a plan, if there is one."""
    mine = [m["text"] for m in plan.reading["measures"]]
    rows = session.execute(
        select(Document, Measure.text)
        .join(Edition, Edition.document_id == Document.id)
        .join(Measure, Measure.edition_id == Edition.id)
        .where(Document.jurisdiction_id == jurisdiction_id, Document.state != DocumentState.WITHDRAWN)
        .where(in_use())
        .order_by(Document.id, Measure.ordinal)
    )
    texts: dict[int, list[str]] = {}
    documents: dict[int, Document] = {}
    for document, words in rows:
        documents[document.id] = document
        texts.setdefault(document.id, []).append(words)
    shares = [(agreement(mine, theirs), i) for i, theirs in texts.items()]
    share, best = max(shares, default=(0.0, 0))
    return Similar(documents[best], share) if share >= NEARLY_ALL else None


def choose_plan(
    act: Act,
    plan: PlanReading,
    source: Source,
    answer: PlanAnswer | None = None,
) -> Document | None:
    """Turn a plan into a document to confirm, or say what it is beside one already in.

    Returns the document to go on with; None where the plan is kept as a new edition for later.
    """
    act.require(PlaceAction.CONFIRM, source.jurisdiction_id)
    if plan.source_id != source.id:
        raise Refused("这份方案不在这份来源中。")
    act.session.refresh(plan, ["document_id"], with_for_update=True)  # the button pressed twice opens one document
    if plan.document_id is not None:
        return act.session.get_one(Document, plan.document_id)
    similar = most_similar(act.session, plan, source.jurisdiction_id)
    if similar is not None and answer is None:
        raise NeedsAnswer(similar)
    if similar is not None and answer in (PlanAnswer.SAME, PlanAnswer.NEW_EDITION):
        plan.answer, plan.similar_to_id = answer, similar.document.id
        act.record(
            Verb.PLAN_ANSWER,
            Subject.PLAN,
            plan.id,
            document=similar.document,
            after={"answer": answer, "share": round(similar.share, 3)},
        )
        if answer is PlanAnswer.NEW_EDITION:
            return None
        plan.document_id = similar.document.id
        return similar.document
    if similar is not None:
        plan.answer, plan.similar_to_id = PlanAnswer.ANOTHER, similar.document.id
    return open_document(act, plan, source)


def open_document(act: Act, plan: PlanReading, source: Source) -> Document:
    """Make a document with its first edition from a plan's reading."""
    document = Document(jurisdiction_id=source.jurisdiction_id, created_at=act.now, **facts_read(plan))
    edition = edition_from(act, plan, document)
    act.session.add_all([document, edition])
    act.session.flush()  # the plan and the audit entry need the document's id
    plan.document_id = document.id
    after = {"title": document.title, "measures": len(edition.measures)}
    act.record(Verb.DOCUMENT_OPEN, Subject.DOCUMENT, document.id, document=document, after=after)
    return document


def edition_from(act: Act, plan: PlanReading, document: Document, number: int = 1) -> Edition:
    """Make an edition from a plan's reading, its names looked up in the registry; not yet added to the session."""
    known = known_names(act.session, document.jurisdiction_id)
    edition = Edition(
        document=document,
        number=number,
        state=EditionState.DRAFT,
        plan_reading_id=plan.id,
        created_at=act.now,
        created_by_id=act.actor.user_id,
        measures=[measure_row(m, n, known) for n, m in enumerate(plan.reading["measures"], 1)],
    )
    questions = [*_misplaced(act.session, plan, document.jurisdiction_id), *plan.reading.get("questions", ())]
    edition.doubts = asking.asked_of(questions, edition.measures)
    return edition


def _misplaced(session: Session, plan: PlanReading, jurisdiction_id: int) -> Iterator[Mapping[str, Any]]:
    """Ask whether a plan belongs here that says to be another place's."""
    place = other_places(session, plan.source_id, jurisdiction_id).get(plan.id)
    if place is None:
        return
    own = session.get_one(Jurisdiction, jurisdiction_id).name
    text = source_text(session, plan.source_id)
    start, end = plan.reading.get("span") or (0, len(text))
    at = text.find(place, start, end)
    span = [start, start] if at < 0 else [at, at + len(place)]
    yield {"kind": DoubtKind.PLACE, "span": span, "seen": other_place_words(place, own)}
