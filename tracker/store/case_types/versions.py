"""Case types (办件类型) as their pages and the ledger read them: newest versions, lists, types of a document."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload, selectinload

from tracker.rules.workflow import State
from tracker.store.core.actors import Actor
from tracker.store.core.visible import OVERSEEING, OWN, visible_cases, visible_documents
from tracker.store.models import (
    Case,
    CaseType,
    CaseTypeStep,
    CaseTypeVersion,
    DeadlineRule,
    Document,
    Duty,
    Edition,
    EditionState,
    Item,
    Measure,
    MemberRole,
    Task,
    User,
)

# Who opens cases, and therefore chooses from the types in use.
OPENING = (MemberRole.OFFICER, MemberRole.SUPERVISOR)


@dataclass(frozen=True, slots=True)
class TypeRow:
    """One line of the list: a type in its newest version, and how many of its cases run (of those the actor sees)."""

    version: CaseTypeVersion
    running: int

    @property
    def type(self) -> CaseType:
        return self.version.type


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version of a type: who made it (none: shipped), and how many cases were opened from it."""

    version: CaseTypeVersion
    by: str | None
    cases: int


def visible_case_types(actor: Actor) -> Select[CaseType]:
    """Types of the places in which one works or oversees."""
    return select(CaseType).where(CaseType.jurisdiction_id.in_(actor.jurisdictions(*OWN, *OVERSEEING)))


def find_type_version(
    session: Session, actor: Actor, type_id: int, number: int | None = None
) -> CaseTypeVersion | None:
    """Return a version of a type the actor may see, the newest unless said, with steps and limits; else None."""
    types = visible_case_types(actor).where(CaseType.id == type_id)
    query = _newest(types) if number is None else _of(types).where(CaseTypeVersion.number == number)
    return session.scalars(query).one_or_none()


def list_types(session: Session, actor: Actor, jurisdiction_id: int | None = None) -> list[TypeRow]:
    """Return the types an actor may see by place, those in use first, each in its newest version."""
    query = visible_case_types(actor)
    if jurisdiction_id is not None:
        query = query.where(CaseType.jurisdiction_id == jurisdiction_id)
    versions = session.scalars(_newest(query)).all()
    running = _running(session, actor, [v.type_id for v in versions])
    return [TypeRow(v, running.get(v.type_id, 0)) for v in versions]


def usable_types(session: Session, actor: Actor) -> list[CaseTypeVersion]:
    """Return the newest versions of the types in use where the actor is officer or supervisor, ready to be chosen."""
    query = select(CaseType).where(
        CaseType.jurisdiction_id.in_(actor.jurisdictions(*OPENING)), CaseType.active.is_(True)
    )
    return list(session.scalars(_newest(query)))


def _newest(types: Select[CaseType]) -> Select[CaseTypeVersion]:
    """Return the newest version of each of some types."""
    other = aliased(CaseTypeVersion)
    last = select(func.max(other.number)).where(other.type_id == CaseTypeVersion.type_id).scalar_subquery()
    return _of(types).where(CaseTypeVersion.number == last)


def _of(types: Select[CaseType]) -> Select[CaseTypeVersion]:
    """Return the versions of some types, each with its type, place, document, steps and limits."""
    return (
        select(CaseTypeVersion)
        .join(CaseTypeVersion.type)
        .where(CaseType.id.in_(types.with_only_columns(CaseType.id)))
        .options(*_whole())
        .order_by(CaseType.jurisdiction_id, CaseType.active.desc(), CaseType.id)
    )


def _whole() -> list[Any]:
    return [
        contains_eager(CaseTypeVersion.type).options(joinedload(CaseType.jurisdiction), joinedload(CaseType.document)),
        selectinload(CaseTypeVersion.steps).options(
            joinedload(CaseTypeStep.rule), joinedload(CaseTypeStep.statute_rule)
        ),
    ]


def _running(session: Session, actor: Actor, type_ids: list[int]) -> dict[int, int]:
    """Return how many open cases of types the actor may see, by type."""
    seen = visible_cases(actor).where(Case.closed_at.is_(None)).with_only_columns(Case.type_version_id).subquery()
    rows = session.execute(
        select(CaseTypeVersion.type_id, func.count())
        .join(seen, seen.c.type_version_id == CaseTypeVersion.id)
        .where(CaseTypeVersion.type_id.in_(type_ids))
        .group_by(CaseTypeVersion.type_id)
    )
    return {row[0]: row[1] for row in rows}


def versions_of(session: Session, type_id: int) -> list[VersionRow]:
    """Return a type's versions, newest first, with who made each and how many cases were opened from it."""
    rows = session.execute(
        select(CaseTypeVersion, User.name, func.count(Case.id))
        .outerjoin(User, CaseTypeVersion.created_by_id == User.id)
        .outerjoin(Case, Case.type_version_id == CaseTypeVersion.id)
        .where(CaseTypeVersion.type_id == type_id)
        .group_by(CaseTypeVersion.id, User.name)
        .order_by(CaseTypeVersion.number.desc())
    )
    return [VersionRow(*row) for row in rows]


def types_in_use(session: Session, jurisdiction_id: int) -> list[CaseTypeVersion]:
    """Return the newest versions of a place's types in use, shipped and hand-made ones before those of documents."""
    query = select(CaseType).where(CaseType.jurisdiction_id == jurisdiction_id, CaseType.active.is_(True))
    return sorted(session.scalars(_newest(query)), key=lambda v: (v.type.document_id is not None, v.type_id))


def newest_versions(session: Session, type_ids: list[int]) -> list[CaseTypeVersion]:
    """Return the newest versions of some types, with steps and limits."""
    return list(session.scalars(_newest(select(CaseType).where(CaseType.id.in_(type_ids)))))


@dataclass(frozen=True, slots=True)
class OwnType:
    """A type made of a document's limit, and whether a limit in force has it."""

    type: CaseType
    linked: bool


def own_types(session: Session, document_id: int) -> list[OwnType]:
    """Return the types made of a document's limits; in force are those of its tasks that somebody still carries, and
    of an edition in draft.
    """
    of_tasks = exists().where(
        DeadlineRule.case_type_id == CaseType.id,
        DeadlineRule.item_id == Task.item_id,
        Task.document_id == document_id,
        Duty.task_id == Task.id,
        Duty.state != State.REVOKED,
    )
    of_draft = exists().where(
        DeadlineRule.case_type_id == CaseType.id,
        DeadlineRule.item_id == Item.id,
        Item.measure_id == Measure.id,
        Measure.edition_id == Edition.id,
        Edition.document_id == document_id,
        Edition.state == EditionState.DRAFT,
    )
    query = select(CaseType, or_(of_tasks, of_draft)).where(CaseType.document_id == document_id)
    return [OwnType(*row) for row in session.execute(query.order_by(CaseType.id))]


def codes_of(session: Session, jurisdiction_id: int) -> set[str]:
    """Return the codes taken in a place, of types in use or not."""
    return set(session.scalars(select(CaseType.code).where(CaseType.jurisdiction_id == jurisdiction_id)))


def find_rule(session: Session, actor: Actor, rule_id: int) -> DeadlineRule | None:
    """Return a time limit of a document the actor may see, with its measure and document; None for a stranger."""
    return session.scalars(
        select(DeadlineRule)
        .join(DeadlineRule.item)
        .join(Item.measure)
        .join(Measure.edition)
        .where(
            DeadlineRule.id == rule_id,
            Edition.document_id.in_(visible_documents(actor).with_only_columns(Document.id)),
        )
        .options(
            contains_eager(DeadlineRule.item).options(
                selectinload(Item.rules).joinedload(DeadlineRule.case_type),
                contains_eager(Item.measure).options(
                    selectinload(Measure.items), contains_eager(Measure.edition).joinedload(Edition.document)
                ),
            )
        )
    ).one_or_none()


def variants_of(version: CaseTypeVersion) -> list[str]:
    """Return the sorts of case (咨询类) a type tells apart, in the order of their first steps."""
    return list(dict.fromkeys(step.variant for step in version.steps if step.variant))


def steps_for(version: CaseTypeVersion, variant: str | None) -> list[CaseTypeStep]:
    """Return the steps of a case of that sort: those of every case and its own."""
    return [step for step in version.steps if step.variant in (None, variant)]
