"""Sources come in (上传), and one of their plans becomes a document to confirm."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tracker.clock.rules import CountUnit, DayOff, Kind, Sense
from tracker.now import SHANGHAI
from tracker.reading.comparison import agreement
from tracker.reading.names.likeness import kind_of, same_body
from tracker.reading.plan import NameKind, Role
from tracker.rules.permissions import PlaceAction
from tracker.rules.verbs import Subject, Verb
from tracker.services.core.act import Act
from tracker.services.core.errors import Refused
from tracker.services.documents import asking
from tracker.store.documents.drafts import in_use
from tracker.store.models import (
    Assignment,
    Contact,
    DeadlineRule,
    Document,
    DocumentState,
    Edition,
    EditionState,
    Item,
    Measure,
    Party,
    PlanAnswer,
    PlanReading,
    RuleBinding,
    Source,
)
from tracker.store.registry.names import Known, known_names

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
    edition.doubts = asking.asked_of(plan.reading.get("questions", ()), edition.measures)
    return edition


def facts_read(plan: PlanReading) -> dict[str, Any]:
    """Return what a plan says of itself: title, number and dates."""
    read = plan.reading
    return {
        "title": plan.title,
        "doc_no": _short(read.get("doc_no"), 200),
        "issued_on": _date(read.get("issued_on")),
        "effective_on": _date(read.get("effective_on")),
        "expires_on": _date(read.get("expires_on")),
    }


def proposed_bound(item: Item, named: Sequence[str] | None) -> list[Assignment]:
    """Whom a rule binds, as proposed: the unit its sentence names; else the leads; else all; never a supporting one."""
    able = [a for a in item.assignments if a.role is not Role.SUPPORT]
    if named:
        by_name = [a for a in able if any(same_body(name, a.printed) for name in named)]
        if by_name:
            return by_name
    return [a for a in able if a.role is Role.LEAD] or able


def measure_row(read: Mapping[str, Any], ordinal: int, known: Known) -> Measure:
    """Make a measure's row from what was read, its names looked up in the registry."""
    start, end = read["span"]
    title = (read.get("title") or first_words(read["text"])).strip()
    return Measure(
        ordinal=ordinal,
        key=read["key"][:60],
        section=_short(read.get("section"), 500),
        title=title,
        start=start,
        end=end,
        text=read["text"],
        items=[_item(i, n, known) for n, i in enumerate(read["items"], 1)],
    )


def first_words(text: str, longest: int = 40) -> str:
    """Return a short name for a measure without a title: its first clause, cut where it is long."""
    for mark in "。；;":
        text = text.split(mark, 1)[0]
    flat = "".join(text.split())
    if len(flat) <= longest:
        return flat
    clause = flat[:longest]
    cut = max(clause.rfind("，"), clause.rfind(","), clause.rfind("、"))
    return (clause[:cut] if cut >= 10 else clause) + "…"


def _item(read: Mapping[str, Any], ordinal: int, known: Known) -> Item:
    start, end = read["span"]
    item = Item(
        ordinal=ordinal,
        start=start,
        end=end,
        text=read["text"],
        beneficiaries=_short(read.get("beneficiaries"), 1000),
        # Leave to extend is no limit of its own: it is listed, and no clock runs by it.
        vague=[v["quote"] for v in [*read.get("vague", []), *filter(_is_leave, read["deadlines"])]],
        assignments=[_assignment(a, n, known) for n, a in enumerate(read["assignments"], 1)],
        contacts=[
            Contact(
                unit=_short(c.get("unit"), 200),
                post=_short(c.get("post"), 200),
                name=_short(c.get("name"), 100),
                phones=list(c.get("phones") or []),
            )
            for c in read.get("contacts", [])
        ],
    )
    limits = [deadline for deadline in read["deadlines"] if not _is_leave(deadline)]
    for ordinal_of_rule, deadline in enumerate(limits, 1):
        item.rules.append(limit_row(deadline, ordinal_of_rule, item))
    return item


def _is_leave(deadline: Mapping[str, Any]) -> bool:
    """Whether what was read only allows more time (可延长10个工作日)."""
    return bool(deadline.get("extension"))


def limit_row(read: Mapping[str, Any], ordinal: int, item: Item) -> DeadlineRule:
    """Make a time limit's row from what was read, binding whom it is proposed to bind among the item's names."""
    rule = _rule(read, ordinal)
    rule.bindings = [RuleBinding(assignment=a) for a in proposed_bound(item, read.get("bound"))]
    return rule


def _assignment(read: Mapping[str, Any], ordinal: int, known: Known) -> Assignment:
    kind = NameKind(read.get("kind") or kind_of(read["unit"]))
    unit_id, group_id = known.resolve(read["unit"])
    if group_id is not None:
        kind = NameKind.GROUP
    elif unit_id is not None:
        kind = NameKind.UNIT
    start, end = read["span"]
    return Assignment(
        ordinal=ordinal,
        printed=read["unit"][:200],
        role=Role(read["role"]),
        kind=kind,
        start=start,
        end=end,
        unit_id=unit_id,
        group_id=group_id,
        confidence=read.get("confidence", 1.0),
        found_by=read.get("found_by"),
    )


def _rule(read: Mapping[str, Any], ordinal: int) -> DeadlineRule:
    start, end = read["span"]
    extendable, offset = read.get("extendable_to") or {}, read.get("offset") or {}
    return DeadlineRule(
        ordinal=ordinal,
        quote=read["quote"][:500],
        start=start,
        end=end,
        kind=_kind(read),
        sense=Sense(read["sense"]),
        trigger=_short(read.get("trigger"), 200),
        amount=read.get("amount"),
        unit=CountUnit(read["unit"]) if read.get("unit") else None,
        due_on=_date(read.get("date")),
        date_from=_date(read.get("date_from")),
        rrule=read.get("rrule"),
        offset_amount=offset.get("amount"),
        offset_unit=CountUnit(offset["unit"]) if offset.get("unit") else None,
        nth_workday=read.get("nth_workday"),
        due_time=time.fromisoformat(read["time"]) if read.get("time") else None,
        direction=read.get("direction") or "after",
        day_off=DayOff(read["day_off"]) if read.get("day_off") else None,
        counts_as_workday=read.get("counts_as") == "workday",
        article=_short(read.get("by"), 200),
        extend_amount=extendable.get("amount"),
        extend_unit=CountUnit(extendable["unit"]) if extendable.get("unit") else None,
        party=Party(read.get("party") or "unit"),
        act=_short(read.get("act"), 200),
        confidence=read.get("confidence", 1.0),
        found_by=read.get("found_by"),
    )


def _kind(read: Mapping[str, Any]) -> Kind:
    """Return a limit's kind; one that lacks what its kind counts with is kept as a date nobody could read."""
    kind = Kind(read["kind"])
    lacking = (kind is Kind.RELATIVE and (read.get("amount") is None or not read.get("unit"))) or (
        kind is Kind.RECURRING and not read.get("rrule")
    )
    return Kind.ABSOLUTE if lacking else kind


def _short(text: str | None, longest: int) -> str | None:
    return text[:longest] if text else None


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
