"""One case (办件) with what its page shows, and the tasks that cases of a type stand under."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from tracker.store.cases.figures import MOST_CHOICES
from tracker.store.cases.lists import open_and_nearest_last
from tracker.store.cases.narrowing import conditions_of, ways_of
from tracker.store.core.actors import Actor
from tracker.store.core.visible import unconcerned, visible_cases, visible_duties
from tracker.store.duties.duty import DatedMilestone
from tracker.store.models import (
    Attachment,
    Case,
    CaseRecord,
    CaseStep,
    CaseTypeVersion,
    DeadlineRule,
    Document,
    DocumentState,
    Duty,
    Extension,
    Item,
    Measure,
    Milestone,
    MilestoneDate,
    Pause,
    PauseRequest,
    Referral,
    Task,
    Unit,
)

# Statements made once: every page of a case asks them, and each costs more to make than to ask.
CASE = "case_id"
_ID: Any = bindparam(CASE)


def find_case(session: Session, actor: Actor, case_id: int) -> Case | None:
    """Return a case the actor may see, with its type, steps, units, task, clause and duty; None for a stranger."""
    ways, bound = ways_of(actor)
    if not ways:
        return None
    case = session.scalars(_found(ways), {**bound, CASE: case_id}).one_or_none()
    if case is None:
        return None
    if case.task_id is not None or case.duty_id is not None:
        session.scalars(_UNDER, {CASE: case_id}).one()
    else:
        set_committed_value(case, "task", None)
        set_committed_value(case, "duty", None)
    return case


@lru_cache(maxsize=64)
def _found(ways: tuple[str, ...]) -> Select[Case]:
    """Return a case by its key, where one of an actor's ways leads to it."""
    return (
        select(Case)
        .where(Case.id == _ID, or_(*(and_(*conditions_of(way)) for way in ways)))
        .options(
            selectinload(Case.steps).options(
                joinedload(CaseStep.rule), joinedload(CaseStep.statute_rule), joinedload(CaseStep.unit)
            ),
            joinedload(Case.type_version).joinedload(CaseTypeVersion.type),
            joinedload(Case.unit),
            joinedload(Case.accused_unit),
            joinedload(Case.opened_by),
            joinedload(Case.jurisdiction),
        )
    )


# What a case stands under, where a document asks for it: most stand under none.
_UNDER = (
    select(Case)
    .where(Case.id == _ID)
    .options(
        joinedload(Case.duty).options(joinedload(Duty.unit), joinedload(Duty.task).joinedload(Task.document)),
        joinedload(Case.task).options(
            joinedload(Task.document).joinedload(Document.jurisdiction),
            joinedload(Task.item).options(
                selectinload(Item.rules),
                selectinload(Item.assignments),
                joinedload(Item.measure).joinedload(Measure.edition),
            ),
        ),
    )
)


@dataclass(frozen=True, slots=True)
class HeldRows:
    """Which rows hang on a case: of most it has none, and those need not be asked for."""

    referrals: bool
    records: bool
    pauses: bool
    requests: bool
    extensions: bool


_STEPS_OF = select(CaseStep.id).where(CaseStep.case_id == _ID)
_BESIDE = select(
    exists().where(Referral.case_id == _ID),
    exists().where(CaseRecord.case_id == _ID),
    exists().where(Pause.case_id == _ID),
    exists().where(PauseRequest.case_id == _ID),
    exists().where(Extension.milestone_id == Milestone.id, Milestone.case_step_id.in_(_STEPS_OF)),
)


def beside(session: Session, case_id: int) -> HeldRows:
    """Return what hangs on a case."""
    return HeldRows(*(bool(there) for there in session.execute(_BESIDE, {CASE: case_id}).one()))


_RECORDS = (
    select(CaseRecord)
    .where(CaseRecord.case_id == _ID)
    .options(
        joinedload(CaseRecord.by),
        joinedload(CaseRecord.unit),
        joinedload(CaseRecord.milestone),
        selectinload(CaseRecord.attachments),
    )
    .order_by(CaseRecord.id)
)
_PAUSES = select(Pause).where(Pause.case_id == _ID).order_by(Pause.from_at, Pause.id)
_EXTENSIONS = (
    select(Extension)
    .join(Milestone, Extension.milestone_id == Milestone.id)
    .join(CaseStep, Milestone.case_step_id == CaseStep.id)
    .where(CaseStep.case_id == _ID)
    .options(
        contains_eager(Extension.milestone).options(contains_eager(Milestone.case_step), joinedload(Milestone.rule)),
        joinedload(Extension.by),
        joinedload(Extension.decided_by),
    )
    .order_by(Extension.id)
)


def records_of(session: Session, case_id: int) -> list[CaseRecord]:
    """Return what was done in a case, oldest first, with who did it for which unit, and the files."""
    return list(session.scalars(_RECORDS, {CASE: case_id}))


def pauses_of(session: Session, case_id: int) -> list[Pause]:
    """Return a case's pauses, oldest first."""
    return list(session.scalars(_PAUSES, {CASE: case_id}))


def extensions_of(session: Session, case_id: int) -> list[Extension]:
    """Return the requests for more time in a case, oldest first, with who asked and who decided."""
    return list(session.scalars(_EXTENSIONS, {CASE: case_id}))


def find_case_attachment(session: Session, actor: Actor, attachment_id: int) -> tuple[Attachment, CaseRecord] | None:
    """Return a file of a case the actor may see, with its record; None for a stranger and the unit complained of."""
    seen = visible_cases(actor).where(unconcerned(actor)).with_only_columns(Case.id)
    row = session.execute(
        select(Attachment, CaseRecord)
        .join(CaseRecord, Attachment.case_record_id == CaseRecord.id)
        .where(Attachment.id == attachment_id, CaseRecord.case_id.in_(seen))
    ).one_or_none()
    return (row[0], row[1]) if row else None


def units_in(session: Session, jurisdiction_id: int) -> list[tuple[int, str]]:
    """Return the units in use of a place, by name: to handle a case, to be handed one, or complained of."""
    query = select(Unit.id, Unit.name).where(Unit.jurisdiction_id == jurisdiction_id, Unit.active.is_(True))
    return [(row[0], row[1]) for row in session.execute(query.order_by(Unit.name).limit(MOST_CHOICES))]


_FIRST, _CURRENT = aliased(MilestoneDate), aliased(MilestoneDate)
_DATED = (
    select(Milestone, _CURRENT, _FIRST)
    .join(CaseStep, Milestone.case_step_id == CaseStep.id)
    .join(_CURRENT, and_(_CURRENT.milestone_id == Milestone.id, _CURRENT.version == Milestone.version))
    .join(_FIRST, and_(_FIRST.milestone_id == Milestone.id, _FIRST.version == 1))
    .where(CaseStep.case_id == _ID)
    .options(joinedload(Milestone.rule), contains_eager(Milestone.case_step).joinedload(CaseStep.case))
    .order_by(CaseStep.id, *open_and_nearest_last())
)


def dated_steps(session: Session, case_id: int) -> dict[int, DatedMilestone]:
    """Return, by step, its running milestone, else its last, with the reasons of its date and its first date."""
    rows = session.execute(_DATED, {CASE: case_id})
    return {m.case_step_id: DatedMilestone(m, now, then) for m, now, then in rows if m.case_step_id is not None}


def sees_duty(session: Session, actor: Actor, duty_id: int) -> bool:
    """Whether the actor may open a duty: who registered a case for another unit sees the case alone."""
    return session.scalars(visible_duties(actor).where(Duty.id == duty_id)).first() is not None


def tasks_of_type(session: Session, type_id: int) -> list[Task]:
    """Return the tasks a type's cases stand under: those whose limits have it; the newest document's first.

    Document and duties with their units are loaded.
    """
    has_it = exists().where(DeadlineRule.item_id == Task.item_id, DeadlineRule.case_type_id == type_id)
    query = (
        select(Task)
        .join(Task.document)
        .where(has_it, Document.state == DocumentState.PUBLISHED)
        .options(
            contains_eager(Task.document),
            selectinload(Task.duties).options(joinedload(Duty.unit), joinedload(Duty.task).joinedload(Task.document)),
        )
        .order_by(Task.document_id.desc(), Task.ordinal)
    )
    return list(session.scalars(query))
