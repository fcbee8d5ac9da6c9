"""拆分、合并: what was done by hand to the measures of a draft, and what can be taken back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from tracker.store.models import Measure, Recut, RecutKind, User

Stretch = tuple[int, int, str]
# Why words stand in no measure any more that stood in one before the draft was cut anew.
LEFT_OVER = "重新拆分后没有归入措施"


@dataclass(frozen=True, slots=True)
class Undoable:
    """One act that can be taken back, with who did it and what of its measures has been confirmed since."""

    step: Recut
    who: str
    confirmed: int

    @property
    def at(self) -> datetime:
        return self.step.at


def steps_of(session: Session, edition_id: int) -> list[Undoable]:
    """Return what was done to an edition's measures, the last first."""
    confirmed = (
        select(func.count(Measure.id))
        .where(Measure.made_by_id == Recut.id, Measure.confirmed_at.is_not(None))
        .where(Measure.edition_id.is_not(None))
        .scalar_subquery()
    )
    rows = session.execute(
        select(Recut, User.name, confirmed)
        .outerjoin(User, Recut.by_id == User.id)
        .where(Recut.edition_id == edition_id)
        .order_by(Recut.number.desc())
    )
    return [Undoable(step, name or "", count) for step, name, count in rows]


def last_step(session: Session, edition_id: int) -> Recut | None:
    """Return the act that can be taken back next."""
    query = select(Recut).where(Recut.edition_id == edition_id).order_by(Recut.number.desc()).limit(1)
    return session.scalars(query).one_or_none()


def left_by_hand(session: Session, edition_id: int, steps: Collection[int] | None = None) -> list[Stretch]:
    """Return the stretches that acts on an edition took out of its measures, each with its reason; of some acts alone.

    The latest first: a stretch may have been taken out more than once.
    """
    rows = session.execute(
        select(Measure.start, Measure.end, Recut.kind, Recut.note)
        .join(Recut, Measure.taken_by_id == Recut.id)
        .where(Recut.edition_id == edition_id)
        .where(true() if steps is None else Recut.id.in_(steps))
        .order_by(Recut.number.desc(), Measure.start)
    )
    return [
        (start, end, f"已移出：{note}" if kind is RecutKind.TAKE_OUT and note else LEFT_OVER)
        for start, end, kind, note in rows
    ]


def reading_now(reading: dict[str, Any], left: Sequence[Stretch]) -> dict[str, Any]:
    """Return a reading whose list of what belongs to no measure holds what was taken out by hand as well."""
    added = [{"span": [start, end], "reason": reason, "suspect": False} for start, end, reason in left]
    return {**reading, "unassigned": [*added, *reading.get("unassigned", ())]} if added else reading
