"""Uploads and their plans, as the pages of the upload show them."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload, undefer

from tracker.store.core.actors import Actor
from tracker.store.core.pages import PER_PAGE, Page, count, page_bounds
from tracker.store.core.visible import visible_sources, visible_uploads
from tracker.store.documents.drafts import in_use
from tracker.store.models import (
    Document,
    Edition,
    Jurisdiction,
    Measure,
    PlanReading,
    Source,
    Upload,
    UploadState,
    User,
)


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One line of the list of uploads: the source with its plans, and who uploaded it."""

    source: Source
    uploaded_by: str


def list_sources(session: Session, actor: Actor, number: int = 1, per_page: int = PER_PAGE) -> Page[SourceRow]:
    """Return one page of the uploads an actor may see, newest first."""
    query = visible_sources(actor)
    total = count(session, query)
    number, offset = page_bounds(total, number, per_page)
    rows = session.execute(
        query.join(User, Source.uploaded_by_id == User.id)
        .add_columns(User.name)
        .options(joinedload(Source.jurisdiction), selectinload(Source.plans))
        .order_by(Source.id.desc())
        .offset(offset)
        .limit(per_page)
    )
    return Page([SourceRow(*row) for row in rows], number, total, per_page)


def find_source(session: Session, actor: Actor, source_id: int) -> Source | None:
    """Return an upload the actor may see, with its plans; None for a stranger."""
    return session.scalars(
        visible_sources(actor)
        .where(Source.id == source_id)
        .options(joinedload(Source.jurisdiction), selectinload(Source.plans))
    ).one_or_none()


def find_plan(session: Session, actor: Actor, source_id: int, ordinal: int) -> PlanReading | None:
    """Return one plan of an upload the actor may see, with its reading; None for a stranger."""
    mine = visible_sources(actor).with_only_columns(Source.id)
    return session.scalars(
        select(PlanReading)
        .where(PlanReading.source_id == source_id, PlanReading.ordinal == ordinal, PlanReading.source_id.in_(mine))
        .options(joinedload(PlanReading.source), undefer(PlanReading.reading))
    ).one_or_none()


def documents_of(session: Session, plans: Iterable[PlanReading]) -> dict[int, Document]:
    """Return the documents that plans became or resemble, by id."""
    ids = {i for p in plans for i in (p.document_id, p.similar_to_id) if i is not None}
    return {d.id: d for d in session.scalars(select(Document).where(Document.id.in_(ids)))} if ids else {}


def measures_of(session: Session, document_id: int) -> list[Measure]:
    """Return the measures of the edition of a document in force, in order; their rows alone."""
    return list(
        session.scalars(
            select(Measure)
            .join(Edition, Measure.edition_id == Edition.id)
            .where(Edition.document_id == document_id, in_use())
            .order_by(Measure.ordinal)
        )
    )


def places(session: Session, ids: Iterable[int]) -> list[Jurisdiction]:
    """Return jurisdictions by name."""
    return list(session.scalars(select(Jurisdiction).where(Jurisdiction.id.in_(set(ids))).order_by(Jurisdiction.id)))


def find_upload(session: Session, actor: Actor, upload_id: int) -> Upload | None:
    """Return a reading under way, or that failed, which the actor may see; None for a stranger."""
    return session.scalars(visible_uploads(actor).where(Upload.id == upload_id)).one_or_none()


def unread_uploads(session: Session, actor: Actor) -> list[Upload]:
    """Return the newest uploads the actor may see that are being read or could not be."""
    return list(
        session.scalars(
            visible_uploads(actor)
            .where(Upload.state.in_((UploadState.READING, UploadState.FAILED)))
            .order_by(Upload.id.desc())
            .limit(PER_PAGE)
        )
    )
