"""What an actor may see: every list starts here."""

from functools import cache

from sqlalchemy import Select, and_, bindparam, exists, false, literal_column, or_, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql import ColumnElement

from tracker.reading.plan import Role
from tracker.rules.permissions import PlaceAction
from tracker.rules.workflow import State
from tracker.store.core.actors import Actor
from tracker.store.models import (
    AuditEntry,
    Case,
    CaseRecord,
    Document,
    DocumentState,
    Duty,
    MemberRole,
    RecordKind,
    Referral,
    Source,
    Task,
    Unit,
    Upload,
)

OWN = (MemberRole.OFFICER, MemberRole.HEAD)
OVERSEEING = (MemberRole.SUPERVISOR, MemberRole.LEADER)


def visible_duties(actor: Actor) -> Select[Duty]:
    """Duties of one's units, of tasks they lead, and all of a jurisdiction one oversees; joined to Task, Document."""
    own, overseen = actor.units(*OWN), actor.jurisdictions(*OVERSEEING)
    led = aliased(Duty)
    leads = exists().where(
        led.task_id == Duty.task_id, led.unit_id.in_(own), led.role == Role.LEAD, led.state != State.REVOKED
    )
    return (
        select(Duty)
        .join(Task, Duty.task_id == Task.id)
        .join(Document, Task.document_id == Document.id)
        .where(
            or_(
                and_(Duty.unit_id.in_(own), Duty.state != State.REVOKED) if own else false(),
                and_(leads, Duty.state != State.REVOKED) if own else false(),
                Document.jurisdiction_id.in_(overseen) if overseen else false(),
            )
        )
    )


def visible_documents(actor: Actor) -> Select[Document]:
    """All documents of a jurisdiction one supervises; published ones in which one's unit has a duty, or one leads."""
    supervised, led = actor.jurisdictions(MemberRole.SUPERVISOR), actor.jurisdictions(MemberRole.LEADER)
    own = actor.units(*OWN)
    return select(Document).where(
        or_(
            Document.jurisdiction_id.in_(supervised) if supervised else false(),
            and_(
                Document.state == DocumentState.PUBLISHED,
                or_(
                    Document.jurisdiction_id.in_(led) if led else false(),
                    _has_duty(own) if own else false(),
                ),
            ),
        )
    )


@cache
def documents_seen(with_own: bool) -> ColumnElement[bool]:
    """The condition of `visible_documents`, built once, for the values that `seen_by` gives."""
    its = Document.__table__.c
    parts = [its.jurisdiction_id.in_(bindparam("led", expanding=True))]
    if with_own:
        duty = Duty.__table__.c
        own = duty.unit_id.in_(bindparam("own", expanding=True))
        # In the words of the partial indexes.
        live = duty.state != literal_column("'revoked'")
        parts.append(its.id.in_(select(duty.document_id).where(own, live)))
    supervised = its.jurisdiction_id.in_(bindparam("supervised", expanding=True))
    return or_(supervised, and_(its.state == DocumentState.PUBLISHED, or_(*parts)))


def seen_by(actor: Actor) -> dict[str, list[int]]:
    """Return what `documents_seen` asks of an actor; his own units only where he has any."""
    places = {"supervised": actor.jurisdictions(MemberRole.SUPERVISOR), "led": actor.jurisdictions(MemberRole.LEADER)}
    own = actor.units(*OWN)
    return {name: sorted(ids) for name, ids in (places | ({"own": own} if own else {})).items()}


def _has_duty(units: set[int]) -> ColumnElement[bool]:
    return (
        exists()
        .where(Task.document_id == Document.id, Duty.task_id == Task.id)
        .where(Duty.unit_id.in_(units), Duty.state != State.REVOKED)
    )


def visible_sources(actor: Actor) -> Select[Source]:
    """Uploads of the jurisdictions in which one may upload."""
    return select(Source).where(Source.jurisdiction_id.in_(actor.places(PlaceAction.UPLOAD)))


def visible_uploads(actor: Actor) -> Select[Upload]:
    """Readings under way, or that failed, in the jurisdictions in which one may upload."""
    return select(Upload).where(Upload.jurisdiction_id.in_(actor.places(PlaceAction.UPLOAD)))


def visible_cases(actor: Actor) -> Select[Case]:
    """Cases one's unit handles, was handed or one registered, and all of a place one oversees; joined to Duty."""
    own, overseen = actor.units(*OWN), actor.jurisdictions(*OVERSEEING)
    handed = exists().where(Referral.case_id == Case.id, Referral.to_unit_id.in_(own), Referral.returned_at.is_(None))
    live = or_(Duty.id.is_(None), Duty.state != State.REVOKED)
    # Registered for another unit: who typed it may follow it.
    near = or_(Case.unit_id.in_(own), taken_in_by(actor, *OWN), handed)
    return (
        select(Case)
        .outerjoin(Duty, Case.duty_id == Duty.id)
        .where(
            or_(
                # The unit complained of does not learn of the complaint by what else it does.
                and_(near, live, unconcerned(actor)) if own else false(),
                Case.jurisdiction_id.in_(overseen) if overseen else false(),
            )
        )
    )


def unconcerned(actor: Actor) -> ColumnElement[bool]:
    """Choose the cases in which the actor is not of the unit complained of, in whatever role."""
    return or_(Case.accused_unit_id.is_(None), Case.accused_unit_id.not_in({post.unit_id for post in actor.posts}))


def taken_in_by(actor: Actor, *roles: MemberRole) -> ColumnElement[bool]:
    """Choose the cases the actor took in for a unit in which he still holds one of `roles`: its intake says which."""
    taken_in = exists().where(
        CaseRecord.case_id == Case.id,
        CaseRecord.kind == RecordKind.INTAKE,
        CaseRecord.unit_id.in_(actor.units(*roles)),
    )
    return and_(Case.opened_by_id == actor.user_id, taken_in)


def visible_audit(actor: Actor) -> Select[AuditEntry]:
    """The trail of the jurisdictions one audits, with what belongs to none of them (accounts, settings).

    The complaints about a unit are not for its own auditors.
    """
    audited = actor.places(PlaceAction.READ_TRAIL)
    if not audited:
        return select(AuditEntry).where(false())
    about_own = exists().where(AuditEntry.subject == "case", AuditEntry.subject_id == Case.id, ~unconcerned(actor))
    placed = or_(AuditEntry.jurisdiction_id.in_(audited), AuditEntry.jurisdiction_id.is_(None))
    return select(AuditEntry).where(placed, ~about_own)


def visible_units(actor: Actor) -> Select[Unit]:
    """The registry of the jurisdictions one supervises, leads or administers."""
    roles = (*OVERSEEING, MemberRole.ADMINISTRATOR)
    return select(Unit).where(Unit.jurisdiction_id.in_(actor.jurisdictions(*roles)))
