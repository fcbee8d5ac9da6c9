"""Reading editions: the confirmation page's rows, and what still has to be answered."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload, undefer
from sqlalchemy.sql import ColumnElement

from tracker.clock.calendar import WorkCalendar, national
from tracker.clock.describing import describe_rule
from tracker.clock.resolution import resolve
from tracker.clock.rules import ClockError, IncompleteRule, Kind
from tracker.now import SHANGHAI
from tracker.reading.plan import NameKind, Role
from tracker.reading.slips import Printed, Slip, possible_slips
from tracker.rules.permissions import PlaceAction
from tracker.store.core.actors import Actor
from tracker.store.core.visible import visible_documents
from tracker.store.deadlines.coming import coming_periods, recurrence_ends
from tracker.store.deadlines.rules import is_past
from tracker.store.documents.doubts import doubt_words, open_doubts
from tracker.store.models import (
    Assignment,
    DeadlineRule,
    Document,
    DocumentState,
    Edition,
    EditionDoubt,
    EditionState,
    Item,
    Measure,
    MemberRole,
    PastAnswer,
    PlanReading,
    Source,
    User,
)

# Below this the reading of a name or a time limit is 把握低.
UNSURE = 0.6
# Whether a period can be counted at all does not depend on the event's day.
ANY_EVENT = datetime(2026, 1, 5, 12, tzinfo=SHANGHAI)


class Ask(StrEnum):
    """What has to be answered before publication."""

    ISSUE_DATE = "issue_date"
    EXPIRED = "expired"
    UNKNOWN_UNIT = "unknown_unit"
    COLLECTIVE = "collective"
    NO_UNIT = "no_unit"
    UNBOUND = "unbound"
    PAST_DATE = "past_date"
    NO_PERIOD = "no_period"
    NO_DATE = "no_date"
    DOUBT = "doubt"
    BESIDE = "beside"
    UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True, slots=True)
class Question:
    """One thing a supervisor has to decide; `words` is plain Chinese."""

    ask: Ask
    words: str
    measure: Measure | None = None
    assignment: Assignment | None = None
    rule: DeadlineRule | None = None
    doubt: EditionDoubt | None = None


def loaded_items() -> list[Any]:
    """Return the options that load items with everything a confirmation shows."""
    return [
        selectinload(Item.assignments).options(
            joinedload(Assignment.unit), joinedload(Assignment.group), selectinload(Assignment.chosen)
        ),
        selectinload(Item.rules).options(selectinload(DeadlineRule.bindings), joinedload(DeadlineRule.case_type)),
        selectinload(Item.contacts),
    ]


def find_document(session: Session, actor: Actor, document_id: int) -> Document | None:
    """Return a document the actor may see, with its jurisdiction; None for a stranger."""
    return session.scalars(
        visible_documents(actor).where(Document.id == document_id).options(joinedload(Document.jurisdiction))
    ).one_or_none()


def find_supervised(session: Session, actor: Actor, document_id: int) -> Document | None:
    """Return a document whose jurisdiction the actor supervises; None otherwise."""
    document = find_document(session, actor, document_id)
    return document if document and actor.may(PlaceAction.CONFIRM, document.jurisdiction_id) else None


def in_use() -> ColumnElement[bool]:
    """Whether an edition is the one readers see: in force, or a document's first draft; not a draft of a new one."""
    return or_(Edition.state == EditionState.CURRENT, and_(Edition.state == EditionState.DRAFT, Edition.number == 1))


def working_edition(session: Session, document_id: int, *, with_reading: bool = False) -> Edition:
    """Return the edition supervisors work on, a new one before the one in force, loaded with all it holds.

    Measures, items, names and rules; its reading where asked for.
    """
    plan = joinedload(Edition.plan_reading)
    return session.scalars(
        select(Edition)
        .where(Edition.document_id == document_id, Edition.state != EditionState.SUPERSEDED)
        .order_by(Edition.number.desc())
        .limit(1)
        .options(
            joinedload(Edition.document).joinedload(Document.jurisdiction),
            plan.options(joinedload(PlanReading.source), *([undefer(PlanReading.reading)] if with_reading else [])),
            selectinload(Edition.measures).selectinload(Measure.items).options(*loaded_items()),
            selectinload(Edition.doubts),
        )
    ).one()


def source_of_first_draft(session: Session, actor: Actor, document_id: int) -> int | None:
    """Return the source of a document's first draft, where the actor supervises it; None otherwise."""
    document = find_supervised(session, actor, document_id)
    if document is None or document.state is not DocumentState.DRAFT:
        return None
    query = select(PlanReading.source_id).join(Edition, Edition.plan_reading_id == PlanReading.id)
    return session.scalars(query.where(Edition.document_id == document_id, Edition.number == 1)).one_or_none()


def source_text(session: Session, source_id: int) -> str:
    """Return a source's stored text."""
    return session.scalars(select(Source.text).where(Source.id == source_id)).one()


def find_measure(session: Session, actor: Actor, measure_id: int) -> Measure | None:
    """Return a measure of a draft the actor supervises, loaded for its form; None otherwise."""
    return session.scalars(
        select(Measure)
        .join(Edition, Measure.edition_id == Edition.id)
        .join(Document, Edition.document_id == Document.id)
        .where(Measure.id == measure_id)
        .where(Document.jurisdiction_id.in_(actor.jurisdictions(MemberRole.SUPERVISOR)))
        .options(
            joinedload(Measure.edition).joinedload(Edition.document),
            selectinload(Measure.items).options(*loaded_items()),
        )
    ).one_or_none()


def slips_in_source(session: Session, source_id: int) -> list[Slip]:
    """Return the telephones a source prints with nearly the same name twice, over all its plans."""
    readings = session.scalars(
        select(PlanReading.reading).where(PlanReading.source_id == source_id).order_by(PlanReading.ordinal)
    )
    return possible_slips(
        Printed(c["name"], tuple(c["phones"]), measure["key"])
        for reading in readings
        for measure in reading["measures"]
        for item in measure["items"]
        for c in item["contacts"]
        if c["name"]
    )


def slips_in_edition(edition: Edition) -> list[Slip]:
    """Return the same within one edition; items and contacts must be loaded."""
    return possible_slips(
        Printed(c.name, tuple(c.phones), m.key) for m in edition.measures for i in m.items for c in i.contacts if c.name
    )


def questions(edition: Edition, today: date, calendar: WorkCalendar | None = None) -> list[Question]:
    """Return everything that still needs an answer before publication; the edition must be fully loaded.

    `calendar` is the place's own; the national one where none is given.
    """
    document = edition.facts
    found: list[Question] = []
    if document.issued_on is None:
        found.append(Question(Ask.ISSUE_DATE, "没有读到印发日期，请填写"))
    if is_lapsed(edition, today) and document.expired_answer is None:
        found.append(Question(Ask.EXPIRED, f"有效期至{document.expires_on:%Y年%m月%d日}，已经届满，请说明如何处理"))
    for measure in edition.measures:
        if measure.is_task:
            found += measure_questions(measure, today, calendar)
        if measure.confirmed_at is None:
            found.append(Question(Ask.UNCONFIRMED, f"{measure.key} 尚未核对", measure))
    by_id = {m.id: m for m in edition.measures}
    for doubt in open_doubts(edition):
        about = by_id.get(doubt.measure_id or 0)
        found.append(Question(Ask.DOUBT, doubt_words(doubt, about), about, doubt=doubt))
    return found


def measure_questions(measure: Measure, today: date, calendar: WorkCalendar | None = None) -> list[Question]:
    """Return what is open in one measure: names, whom a rule binds, dates already past, rhythms already over."""
    found: list[Question] = []
    for item in measure.items:
        if not item.assignments:
            found.append(Question(Ask.NO_UNIT, f"{measure.key} 没有责任单位", measure))
        elif all(a.role is Role.SUPPORT for a in item.assignments):
            # A supporting duty is completed with the task: with no other, nobody could ever complete it.
            found.append(Question(Ask.NO_UNIT, f"{measure.key} 只有配合单位，没有牵头或责任单位", measure))
        for assignment in item.assignments:
            if assignment.answered:
                continue
            if assignment.kind is NameKind.COLLECTIVE:
                words = f"{measure.key} “{assignment.printed}”未指明单位"
                found.append(Question(Ask.COLLECTIVE, words, measure, assignment))
            else:
                words = f"{measure.key} “{assignment.printed}”不在单位库中"
                found.append(Question(Ask.UNKNOWN_UNIT, words, measure, assignment))
        found += [q for rule in item.rules for q in rule_questions(measure, item, rule, today, calendar)]
    return found


def rule_questions(
    measure: Measure, item: Item, rule: DeadlineRule, today: date, calendar: WorkCalendar | None = None
) -> list[Question]:
    """Return what is open in one time limit."""
    if rule.kind is Kind.VALIDITY:
        return []
    able = {a.id for a in item.assignments if a.role is not Role.SUPPORT}
    words = f"{measure.key} “{rule.quote or '督查员设定的时限'}”"
    found: list[Question] = []
    trouble = uncountable(rule)
    if trouble and rule.past_answer is not PastAnswer.UNTRACKED:
        found.append(Question(Ask.NO_DATE, f"{words}{trouble}，请填写或删去", measure, rule=rule))
    bound = able & {b.assignment_id for b in rule.bindings}
    # Where nobody could be bound, who answers for the task is asked already.
    if able and not bound and rule.past_answer is not PastAnswer.UNTRACKED:
        found.append(Question(Ask.UNBOUND, f"{words}未指明约束哪个单位", measure, rule=rule))
    needs_date = rule.past_answer is PastAnswer.OPEN and (rule.renewed_on is None or rule.renewed_on < today)
    past = not rule.carried and is_past(rule, measure.edition.facts, today)
    if past and (rule.past_answer is None or needs_date):
        found.append(Question(Ask.PAST_DATE, f"{words}已过期，请说明是否已完成", measure, rule=rule))
    if not trouble and without_period(rule, item, measure.edition, today, calendar):
        ends = recurrence_ends(measure.edition.facts, item)
        until = f"在有效期（至{ends:%Y年%m月%d日}）内" if ends else ""
        said = f"{words}{until}没有一期可办，请改为固定日期、说明不再跟踪，或更正有效期"
        found.append(Question(Ask.NO_PERIOD, said, measure, rule=rule))
    return found


def without_period(
    rule: DeadlineRule, item: Item, edition: Edition, today: date, calendar: WorkCalendar | None = None
) -> bool:
    """Whether a rhythm would give nobody a single period, and nobody has said yet what becomes of it."""
    document = edition.document
    if rule.kind is not Kind.RECURRING or rule.carried or rule.past_answer in (PastAnswer.DONE, PastAnswer.UNTRACKED):
        return False
    if is_lapsed(edition, today) and document.expired_answer is not PastAnswer.OPEN:
        return False  # what becomes of the document is asked first; carried out or not followed, nothing runs
    published_on = document.published_at.astimezone(SHANGHAI).date() if document.published_at else today
    return not coming_periods(
        rule, item, edition.facts, on=today, published_on=published_on, calendar=calendar or national()
    )


def is_lapsed(edition: Edition, today: date) -> bool:
    """Whether a document that comes in is out of force already."""
    ends = edition.facts.expires_on
    return ends is not None and ends < today and not edition.amends


def uncountable(rule: DeadlineRule) -> str | None:
    """Say why a rule gives no date that can be counted: no year was printed, a rhythm that cannot be read."""
    try:
        if rule.kind is Kind.RECURRING:
            describe_rule(rule.as_rule())
        elif rule.kind is Kind.RELATIVE or rule.kind is Kind.ABSOLUTE:
            resolve(rule.as_rule(), event_at=ANY_EVENT, calendar=national())
    except IncompleteRule:
        return "没有读到可用的日期" if rule.kind is Kind.ABSOLUTE else "没有读到可用的周期或期限"
    except ClockError as error:
        return str(error)
    return None


def unsure(measure: Measure) -> list[str]:
    """Return what in a measure was read with little confidence, as printed: a person must look at it by itself."""
    return [
        words
        for item in measure.items
        for words, confidence in (
            *((a.printed, a.confidence) for a in item.assignments),
            *((r.quote or "时限", r.confidence) for r in item.rules),
        )
        if confidence < UNSURE
    ]


def confirmers(session: Session, edition: Edition) -> dict[int, str]:
    """Return the names of those who confirmed measures of an edition."""
    ids = {m.confirmed_by_id for m in edition.measures if m.confirmed_by_id is not None}
    rows = session.execute(select(User.id, User.name).where(User.id.in_(ids)))
    return {row[0]: row[1] for row in rows}


def drafts(session: Session, actor: Actor) -> list[Document]:
    """Return the documents an actor may see, drafts first, newest first."""
    return list(
        session.scalars(
            visible_documents(actor)
            .options(joinedload(Document.jurisdiction))
            .order_by(Document.state != DocumentState.DRAFT, Document.id.desc())
        )
    )
