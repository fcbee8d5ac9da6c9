"""新版本: a new edition of a published document is opened, answered change by change, or given up."""

from collections.abc import Iterable

from sqlalchemy import delete, func, select, update

from tracker.reading.pairing import match
from tracker.rules.permissions import PlaceAction
from tracker.rules.verbs import Subject, Verb
from tracker.services.core.act import Act
from tracker.services.core.errors import Refused, check_version
from tracker.services.documents import intake
from tracker.services.documents.asking import carry_answers
from tracker.services.documents.rows import facts_read
from tracker.services.editions.carrying import carry_over
from tracker.store.core.stages import stage_of_document
from tracker.store.editions.changes import Compared, current_of, doubts_in_force, draft_of, measures_in_force, passage
from tracker.store.models import (
    Assignment,
    AssignmentChoice,
    ChangeAnswer,
    Contact,
    DeadlineRule,
    Document,
    Edition,
    EditionChange,
    EditionDoubt,
    EditionState,
    Item,
    Measure,
    PlanAnswer,
    PlanReading,
    RuleBinding,
    Source,
)


def choose_plan(
    act: Act,
    plan: PlanReading,
    source: Source,
    answer: PlanAnswer | None = None,
    document: Document | None = None,
) -> Document:
    """Turn a plan into a document to confirm, or into a new edition of one already in; returns what to go on with.

    `document` says of which one it is a new edition where nobody noticed the likeness, or where it was answered before.
    """
    if document is None:
        if plan.document_id is None and plan.answer is PlanAnswer.NEW_EDITION and plan.similar_to_id is not None:
            document = act.session.get_one(Document, plan.similar_to_id)
        else:
            found = intake.choose_plan(act, plan, source, answer)
            if found is not None:
                return found
            document = act.session.get_one(Document, plan.similar_to_id)
    open_edition(act, plan, source, document)
    return document


def open_edition(act: Act, plan: PlanReading, source: Source, document: Document) -> Edition:
    """Open a document's next edition from a plan's reading, with what was confirmed of the one in force carried over.

    The button pressed twice opens one edition.
    """
    act.require(PlaceAction.OPEN_EDITION, document.jurisdiction_id)
    if source.jurisdiction_id != document.jurisdiction_id:
        raise Refused("新版本和原文件不在同一辖区，请重新选择。")
    act.session.refresh(document, ["state", "version"], with_for_update=True)
    act.session.refresh(plan, ["document_id"])
    draft = draft_of(act.session, document.id)
    if draft is not None and draft.plan_reading_id == plan.id:
        return draft
    if plan.document_id is not None:
        raise Refused("这一份已经核对过，不能再作为新版本。")
    stage = stage_of_document(document, amending=draft is not None)
    act.require(PlaceAction.OPEN_EDITION, document.jurisdiction_id, stage)
    edition = _with_changes(act, plan, document)
    plan.document_id, plan.answer, plan.similar_to_id = document.id, PlanAnswer.NEW_EDITION, document.id
    after = {"number": edition.number, "measures": len(edition.measures), "doc_no": edition.doc_no}
    act.record(Verb.EDITION_OPEN, Subject.EDITION, edition.id, document=document, after=after)
    return edition


def _with_changes(act: Act, plan: PlanReading, document: Document) -> Edition:
    """Make the edition with its measures beside those in force, added to the session."""
    last = act.session.scalar(select(func.max(Edition.number)).where(Edition.document_id == document.id)) or 1
    old = measures_in_force(act.session, current_of(act.session, document.id))
    with act.session.no_autoflush:
        edition = intake.edition_from(act, plan, document, last + 1)
        for name, value in facts_read(plan).items():
            setattr(edition, name, value)
        found = match([passage(m) for m in old], [passage(m) for m in edition.measures])
        changes = [
            EditionChange(
                edition=edition,
                ordinal=n,
                kind=m.kind,
                old=old[m.old] if m.old is not None else None,
                new=edition.measures[m.new] if m.new is not None else None,
            )
            for n, m in enumerate(found, 1)
        ]
        for change in changes:
            if change.old is not None and change.new is not None:
                carry_over(change.old, change.new)
        carry_answers(doubts_in_force(act.session, document.id), edition)
        act.session.add(edition)
        act.session.add_all(changes)
    act.session.flush()  # the plan and the audit entry need its id
    return edition


def answer_change(
    act: Act,
    change: EditionChange,
    answer: ChangeAnswer,
    version: int | None = None,
) -> None:
    """Adopt one change (采用), or let its measure stay as it is (保留原样); the change's edition must be loaded."""
    act.require(PlaceAction.AMEND, change.edition.document.jurisdiction_id)
    check_version(change.version, version)
    _refuse_settled(change.edition)
    before = change.answer
    change.answer, change.answered_by_id, change.answered_at = answer, act.actor.user_id, act.now
    act.record(
        Verb.EDITION_CHANGE,
        Subject.EDITION,
        change.edition_id,
        document=change.edition.document,
        before={"answer": before},
        after={"answer": answer, "change": change.ordinal, "kind": change.kind},
    )


def adopt_all(act: Act, edition: Edition, found: Iterable[Compared]) -> int:
    """Adopt every change that has no answer yet (全部采用); returns how many."""
    act.require(PlaceAction.AMEND, edition.document.jurisdiction_id)
    _refuse_settled(edition)
    waiting = [c.change for c in found if c.open]
    for change in waiting:
        change.answer, change.answered_by_id, change.answered_at = ChangeAnswer.ADOPT, act.actor.user_id, act.now
    if waiting:
        act.record(
            Verb.EDITION_ADOPT_ALL,
            Subject.EDITION,
            edition.id,
            document=edition.document,
            after={"changes": [c.ordinal for c in waiting]},
        )
    return len(waiting)


def _refuse_settled(edition: Edition) -> None:
    if not edition.amends:
        raise Refused("这个新版本已经生效，不能再改。")


def discard_edition(act: Act, edition: Edition, version: int | None = None) -> None:
    """Give up a new edition that is not in force (放弃新版本); its upload stays and can be read as one again."""
    document = edition.document
    act.require(PlaceAction.AMEND, document.jurisdiction_id)
    act.session.refresh(document, ["state", "version"], with_for_update=True)
    check_version(edition.version, version)
    _refuse_settled(edition)
    act.record(
        Verb.EDITION_DISCARD,
        Subject.EDITION,
        edition.id,
        document=document,
        before={"number": edition.number, "doc_no": edition.doc_no},
    )
    act.session.flush()
    edition_id, plan_id = edition.id, edition.plan_reading_id
    measures = select(Measure.id).where(Measure.edition_id == edition_id)
    items = select(Item.id).where(Item.measure_id.in_(measures))
    rules = select(DeadlineRule.id).where(DeadlineRule.item_id.in_(items))
    names = select(Assignment.id).where(Assignment.item_id.in_(items))
    act.session.expunge_all()
    for statement in (
        delete(RuleBinding).where(RuleBinding.rule_id.in_(rules)),
        delete(AssignmentChoice).where(AssignmentChoice.assignment_id.in_(names)),
        delete(Assignment).where(Assignment.item_id.in_(items)),
        delete(DeadlineRule).where(DeadlineRule.item_id.in_(items)),
        delete(Contact).where(Contact.item_id.in_(items)),
        delete(EditionChange).where(EditionChange.edition_id == edition_id),
        delete(EditionDoubt).where(EditionDoubt.edition_id == edition_id),
        delete(Item).where(Item.measure_id.in_(measures)),
        delete(Measure).where(Measure.edition_id == edition_id),
        delete(Edition).where(Edition.id == edition_id, Edition.state == EditionState.DRAFT),
        update(PlanReading).where(PlanReading.id == plan_id).values(document_id=None, answer=None, similar_to_id=None),
    ):
        act.session.execute(statement, execution_options={"synchronize_session": False})
