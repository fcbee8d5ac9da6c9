"""The choices of a list of duties: whose rows it can have, from the tally and not from the duties themselves."""

from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, exists, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from tracker.store.core.actors import Actor
from tracker.store.core.visible import OVERSEEING, OWN
from tracker.store.duties.sight import live, of_words
from tracker.store.models import Document, DocumentState, Duty, DutyTally, Unit

MOST_CHOICES = 500
# Of the tasks a unit leads, so many duties of others say who they are.
MOST_BESIDE = 300

_documents: Any = Document.__table__
_units: Any = Unit.__table__
_duties: Any = Duty.__table__
_leading = _duties.alias("leading")
_tallies: Any = DutyTally.__table__
_own: Any = bindparam("own", expanding=True)
_overseen: Any = bindparam("overseen", expanding=True)


def document_choices(session: Session, actor: Actor) -> list[tuple[int, str]]:
    """Return the published documents an actor may see, newest first."""
    overseen, own = actor.jurisdictions(*OVERSEEING), actor.units(*OWN)
    if not overseen and not own:
        return []
    rows = session.execute(_documents_of(bool(overseen), bool(own)), {"own": list(own), "overseen": list(overseen)})
    return [(row[0], row[1]) for row in rows]


@cache
def _documents_of(oversees: bool, works: bool) -> Select[Any]:
    seen: list[ColumnElement[bool]] = []
    if oversees:
        seen.append(_documents.c.jurisdiction_id.in_(_overseen))
    if works:
        seen.append(
            exists()
            .where(_tallies.c.jurisdiction_id == _documents.c.jurisdiction_id)
            .where(_tallies.c.document_id == _documents.c.id, _tallies.c.unit_id.in_(_own))
            .where(live(_tallies.c), _tallies.c.number > 0)
        )
    return (
        select(_documents.c.id, _documents.c.title)
        .where(_documents.c.state == of_words(DocumentState.PUBLISHED.value), or_(*seen))
        .order_by(_documents.c.id.desc())
        .limit(MOST_CHOICES)
    )


def unit_choices(session: Session, actor: Actor) -> list[tuple[int, str]]:
    """Return the units whose duties an actor may see, by name; of an officer's co-units, those first due."""
    overseen, own = actor.jurisdictions(*OVERSEEING), actor.units(*OWN)
    if not overseen and not own:
        return []
    rows = session.execute(_units_of(bool(overseen), bool(own)), {"own": list(own), "overseen": list(overseen)})
    return [(row[0], row[1]) for row in rows]


@cache
def _units_of(oversees: bool, works: bool) -> Select[Any]:
    seen: list[ColumnElement[bool]] = []
    has = exists().where(_tallies.c.unit_id == _units.c.id, _tallies.c.number > 0)
    if oversees:
        seen.append(has.where(_tallies.c.jurisdiction_id.in_(_overseen)))
    if works:
        beside = (
            select(_duties.c.unit_id)
            .select_from(_leading.join(_duties, _duties.c.task_id == _leading.c.task_id))
            .where(_leading.c.unit_id.in_(_own), _leading.c.role == of_words("lead"))
            .where(live(_leading.c), live(_duties.c))
            .limit(MOST_BESIDE)
            .subquery()
        )
        seen += [and_(_units.c.id.in_(_own), has.where(live(_tallies.c))), _units.c.id.in_(select(beside))]
    return select(_units.c.id, _units.c.name).where(or_(*seen)).order_by(_units.c.name, _units.c.id).limit(MOST_CHOICES)
