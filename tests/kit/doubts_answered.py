"""Answer what a reading doubts as a supervisor does: each choice made, each measure looked at, the rest at once."""

from datetime import datetime

from sqlalchemy.orm import Session

from tracker.reading.plan import DoubtKind
from tracker.services.core.act import begin
from tracker.services.documents import beside, confirmation, doubts
from tracker.store.core.actors import Actor
from tracker.store.documents.doubts import open_doubts
from tracker.store.models import BesideAnswer, DoubtAnswer, Edition


def choose(session: Session, boss: Actor, edition: Edition, now: datetime, choice: DoubtAnswer) -> None:
    """Choose between limits that say two things; of a case type's and the document's the document's stands."""
    conflicts = [d.id for d in open_doubts(edition) if d.kind is DoubtKind.CONFLICT]
    if conflicts:
        doubts.answer_doubts(begin(session, boss, now), edition, conflicts, choice)
    for one in beside.laid_beside(session, edition):
        if not one.answered:
            other = one.others[0].limit.id
            beside.choose_limit(begin(session, boss, now), edition, one.rule.id, other, BesideAnswer.CLAUSE)
    session.flush()


def look_at_all(session: Session, boss: Actor, edition: Edition, now: datetime) -> None:
    """Confirm measure by measure, which settles what is doubted of each; what lies in none needs nothing."""
    for measure in edition.measures:
        if measure.confirmed_at is None:
            confirmation.confirm_as_read(begin(session, boss, now), measure)
    session.flush()
    left = [d.id for d in open_doubts(edition)]
    if left:
        doubts.answer_doubts(begin(session, boss, now), edition, left, DoubtAnswer.NOTHING)
    session.flush()
