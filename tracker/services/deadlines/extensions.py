"""Extensions (延期): more time is asked for with a reason and granted by another; the first date stays visible."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.store.models import Extension, ExtensionState

LONGEST = 500


def pending_extension(session: Session, milestone_id: int) -> Extension | None:
    """Return the request that waits to be decided."""
    query = select(Extension).where(Extension.milestone_id == milestone_id, Extension.state == ExtensionState.PENDING)
    return session.scalars(query).one_or_none()
