"""疑问: what the reading of an edition doubts and nobody has answered yet, by measure and in groups of like ones."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tracker.reading.plan import DoubtKind
from tracker.store.models import DoubtAnswer, Edition, EditionDoubt, Measure, User


@dataclass(frozen=True, slots=True)
class LikeDoubts:
    """Doubts of one kind about the same words: one press answers them all."""

    kind: DoubtKind
    seen: str
    doubts: list[EditionDoubt]


def asked_in(edition: Edition) -> list[EditionDoubt]:
    """Return an edition's doubts, answered or not: not those about measures that were taken out of it."""
    here = {m.id for m in edition.measures}
    return [d for d in edition.doubts if d.measure_id is None or d.measure_id in here]


def open_doubts(edition: Edition) -> list[EditionDoubt]:
    """Return what is still to be answered; measures and doubts must be loaded."""
    return [d for d in asked_in(edition) if d.open]


def doubted(edition: Edition) -> set[int]:
    """Return the measures about which something is still doubted."""
    return {d.measure_id for d in open_doubts(edition) if d.measure_id is not None}


def doubt_words(doubt: EditionDoubt, measure: Measure | None) -> str:
    """Say a doubt in one line, with the measure it is about."""
    where = f"{measure.key} " if measure is not None else ""
    return f"{where}{doubt.kind.label}：“{doubt.seen}”"


def doubts_of(session: Session, measure_id: int) -> list[EditionDoubt]:
    """Return what is still doubted of one measure."""
    query = select(EditionDoubt).where(EditionDoubt.measure_id == measure_id, EditionDoubt.answer.is_(None))
    return list(session.scalars(query.order_by(EditionDoubt.ordinal)))


def chosen_doubts(session: Session, edition_id: int, ids: Collection[int]) -> list[EditionDoubt]:
    """Return the doubts of an edition with these numbers; others are left aside."""
    query = select(EditionDoubt).where(EditionDoubt.edition_id == edition_id, EditionDoubt.id.in_(ids))
    return list(session.scalars(query.options(joinedload(EditionDoubt.measure)).order_by(EditionDoubt.ordinal)))


def alike(doubts: Iterable[EditionDoubt]) -> list[LikeDoubts]:
    """Put doubts of one kind about the same words together, in the order of the first of each."""
    found: dict[tuple[DoubtKind, str], LikeDoubts] = {}
    for doubt in doubts:
        words = "".join(doubt.seen.split())
        found.setdefault((doubt.kind, words), LikeDoubts(doubt.kind, doubt.seen, [])).doubts.append(doubt)
    return list(found.values())


def answerers(session: Session, doubts: Iterable[EditionDoubt]) -> dict[int, str]:
    """Return the names of those who answered."""
    ids = {d.answered_by_id for d in doubts if d.answered_by_id is not None}
    return {row[0]: row[1] for row in session.execute(select(User.id, User.name).where(User.id.in_(ids)))}


def answers_for(kind: DoubtKind) -> tuple[DoubtAnswer, ...]:
    """Return the answers a person may give to a doubt of a kind, besides confirming the measure it is about."""
    if kind is DoubtKind.CONFLICT:
        return (DoubtAnswer.FIRST, DoubtAnswer.SECOND, DoubtAnswer.BOTH)
    return (DoubtAnswer.NOTHING,)


def answer_label(kind: DoubtKind, answer: DoubtAnswer) -> str:
    """Say an answer as it is meant for a kind of doubt: that nothing needs doing says of a place that it is right."""
    if kind is DoubtKind.PLACE and answer is DoubtAnswer.NOTHING:
        return "确属本辖区"
    return answer.label
