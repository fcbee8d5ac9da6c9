"""Where things of a place stand, as the table of permissions asks: from their rows, never stored."""

from tracker.rules.permissions import Stage
from tracker.store.models import CaseType, Document, DocumentState

_OF_DOCUMENT = {
    DocumentState.DRAFT: Stage.DRAFT,
    DocumentState.PUBLISHED: Stage.PUBLISHED,
    DocumentState.WITHDRAWN: Stage.FILED,
}


def stage_of_document(document: Document, amending: bool = False) -> Stage:
    """Return where a document stands; `amending` where a new edition of it is being confirmed."""
    return stage_of_state(document.state, amending)


def stage_of_state(state: DocumentState, amending: bool) -> Stage:
    """Return where a document of this state stands."""
    stage = _OF_DOCUMENT[state]
    return Stage.AMENDING if stage is Stage.PUBLISHED and amending else stage


def stage_of_type(of: CaseType) -> Stage:
    return Stage.IN_USE if of.active else Stage.RETIRED
