"""One case (办件) with what its page shows, and the tasks that cases of a type stand under."""

from sqlalchemy import and_, exists, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload, selectinload

from tracker.store.cases.figures import MOST_CHOICES
from tracker.store.cases.lists import open_and_nearest_last
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
    Task,
    Unit,
)


def find_case(session: Session, actor: Actor, case_id: int) -> Case | None:
    """Return a case the actor may see, with its type, steps, units, task, clause and duty; None for a stranger."""
    return session.scalars(
        visible_cases(actor)
        .outerjoin(Task, Case.task_id == Task.id)
        .where(Case.id == case_id)
        .options(
            selectinload(Case.steps).options(
                joinedload(CaseStep.rule), joinedload(CaseStep.statute_rule), joinedload(CaseStep.unit)
            ),
            joinedload(Case.type_version).joinedload(CaseTypeVersion.type),
            joinedload(Case.unit),
            joinedload(Case.accused_unit),
            joinedload(Case.opened_by),
            joinedload(Case.jurisdiction),
            contains_eager(Case.duty).options(joinedload(Duty.unit), joinedload(Duty.task).joinedload(Task.document)),
            contains_eager(Case.task).options(
                joinedload(Task.document).joinedload(Document.jurisdiction),
                joinedload(Task.item).options(
                    selectinload(Item.rules),
                    selectinload(Item.assignments),
                    joinedload(Item.measure).joinedload(Measure.edition),
                ),
            ),
        )
    ).one_or_none()


def records_of(session: Session, case_id: int) -> list[CaseRecord]:
    """Return what was done in a case, oldest first, with who did it for which unit, and the files."""
    return list(
        session.scalars(
            select(CaseRecord)
            .where(CaseRecord.case_id == case_id)
            .options(
                joinedload(CaseRecord.by),
                joinedload(CaseRecord.unit),
                joinedload(CaseRecord.milestone),
                selectinload(CaseRecord.attachments),
            )
            .order_by(CaseRecord.id)
        )
    )


def pauses_of(session: Session, case_id: int) -> list[Pause]:
    """Return a case's pauses, oldest first."""
    return list(session.scalars(select(Pause).where(Pause.case_id == case_id).order_by(Pause.from_at, Pause.id)))


def extensions_of(session: Session, case_id: int) -> list[Extension]:
    """Return the requests for more time in a case, oldest first, with who asked and who decided."""
    return list(
        session.scalars(
            select(Extension)
            .join(Milestone, Extension.milestone_id == Milestone.id)
            .join(CaseStep, Milestone.case_step_id == CaseStep.id)
            .where(CaseStep.case_id == case_id)
            .options(
                contains_eager(Extension.milestone).options(
                    contains_eager(Milestone.case_step), joinedload(Milestone.rule)
                ),
                joinedload(Extension.by),
                joinedload(Extension.decided_by),
            )
            .order_by(Extension.id)
        )
    )


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


def dated_steps(session: Session, case_id: int) -> dict[int, DatedMilestone]:
    """Return, by step, its running milestone, else its last, with the reasons of its date and its first date."""
    first, current = aliased(MilestoneDate), aliased(MilestoneDate)
    rows = session.execute(
        select(Milestone, current, first)
        .join(CaseStep, Milestone.case_step_id == CaseStep.id)
        .join(current, and_(current.milestone_id == Milestone.id, current.version == Milestone.version))
        .join(first, and_(first.milestone_id == Milestone.id, first.version == 1))
        .where(CaseStep.case_id == case_id)
        .options(joinedload(Milestone.rule), joinedload(Milestone.case_step).joinedload(CaseStep.case))
        .order_by(CaseStep.id, *open_and_nearest_last())
    )
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
