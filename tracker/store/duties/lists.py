"""Lists of duties, and one duty with what its page shows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, literal_column, select
from sqlalchemy.orm import Session, joinedload

from tracker.reading.plan import Role
from tracker.rules.workflow import State
from tracker.store.core.actors import Actor
from tracker.store.core.pages import MOST_COUNTED, PER_PAGE, Page, PageRange, Total, cut
from tracker.store.core.searching import holding
from tracker.store.duties.asking import SORTS, number_statement, rows_statement, tally_statement
from tracker.store.duties.lights import Moment
from tracker.store.duties.rows import DutyRow, made
from tracker.store.duties.sight import DutyShape, sight
from tracker.store.duties.told import Told
from tracker.store.models import CaseStep, Milestone


@dataclass(frozen=True, slots=True)
class DutyFilter:
    """What a list of duties is narrowed to; empty fields narrow nothing."""

    light: str | None = None
    state: str | None = None  # a class of the partition by state, or "revoked"
    document_id: int | None = None
    unit_id: int | None = None
    jurisdiction_id: int | None = None
    role: Role | None = None
    words: str | None = None
    own_only: bool = False
    told: Told | None = None  # by one mail
    sort: str = "due"  # due | key | unit | state


def list_duties(
    session: Session, actor: Actor, moment: Moment, wanted: DutyFilter, number: int = 1, per_page: int = PER_PAGE
) -> Page[DutyRow]:
    """Return one page of the duties an actor may see, nearest date first unless sorted otherwise."""
    shape, values = _question(actor, moment, wanted)
    total = _total(session, shape, values)
    piece = cut(total, number, per_page)
    rows = _rows(session, shape, values, piece)
    if not rows and total.more:  # asked for what lies behind its end
        piece = cut(total, -1, per_page)
        rows = _rows(session, shape, values, piece)
    return Page(rows, piece.number, total.number, per_page, total.more, from_end=total.more)


def _question(actor: Actor, moment: Moment, wanted: DutyFilter) -> tuple[DutyShape, dict[str, Any]]:
    """Return which statements a list asks and what is sent with them."""
    seen = sight(
        actor,
        own_only=wanted.own_only,
        revoked=wanted.state == State.REVOKED,
        jurisdiction_id=wanted.jurisdiction_id,
        unit_id=wanted.unit_id,
    )
    shape = DutyShape(
        places=len(seen.places),
        units=len(seen.units),
        led=seen.led,
        elsewhere=seen.elsewhere,
        own_only=wanted.own_only,
        jurisdiction=wanted.jurisdiction_id is not None,
        document=wanted.document_id is not None,
        unit=wanted.unit_id is not None,
        role=wanted.role is not None,
        words=bool(wanted.words),
        told=wanted.told is not None,
        state=wanted.state,
        light=wanted.light,
        sort=wanted.sort if wanted.sort in SORTS else "due",
        own_calendars=tuple(sorted(moment.own)) if wanted.light else (),
    )
    words = (wanted.words or "").strip()
    values = (
        seen.values
        | moment.values()
        | {
            "jurisdiction_id": wanted.jurisdiction_id,
            "document_id": wanted.document_id,
            "unit_id": wanted.unit_id,
            "role": wanted.role,
            "words": words,
            "like": holding(words),
            "places": seen.places,
            "units": seen.units,
        }
    )
    if wanted.told is not None:
        values |= wanted.told.bound(actor)
    values |= {f"place_{n}": place for n, place in enumerate(seen.places)}
    return shape, values | {f"unit_{n}": unit for n, unit in enumerate(seen.units)}


def _total(session: Session, shape: DutyShape, values: dict[str, Any]) -> Total:
    """Return how many there are: by the tally where it knows, else counted so far as one counts."""
    known, rest = 0, replace(shape, sort="due")
    tally = tally_statement(rest)
    if tally is not None:
        known, rest = session.scalar(tally, values) or 0, replace(rest, places=0, units=0)
    counting = number_statement(rest)
    if counting is None:
        return Total(known)
    if known > MOST_COUNTED:
        return Total(MOST_COUNTED, more=True)
    counted = session.scalar(counting, values | {"most": MOST_COUNTED + 1 - known}) or 0
    return Total.counted(known + counted)


def _rows(session: Session, shape: DutyShape, values: dict[str, Any], piece: PageRange) -> list[DutyRow]:
    statement = rows_statement(shape, piece.backwards)
    if statement is None or not piece.limit:
        return []
    part = {"limit": piece.limit, "offset": piece.offset, "reach": piece.limit + piece.offset}
    rows = made(session.execute(statement, values | part).all())
    return rows[::-1] if piece.backwards else rows


def nearest_milestones(session: Session, duty_ids: Sequence[int]) -> dict[int, Milestone]:
    """Return, by duty, the open milestone to show: own clocks first, the earliest of them."""
    if not duty_ids:
        return {}
    rank = (
        func.row_number()
        .over(
            partition_by=Milestone.answering_duty_id,
            order_by=[
                Milestone.watch,
                Milestone.submitted_at.is_not(None),
                Milestone.due_at.is_(None),
                Milestone.due_at,
                Milestone.id,
            ],
        )
        .label("rank")
    )
    ranked = (
        select(Milestone.id.label("milestone_id"), rank)
        .where(Milestone.answering_duty_id.in_(duty_ids))
        .where(Milestone.met_at.is_(None), Milestone.cancelled_at.is_(None))
        .subquery()
    )
    rows = session.scalars(
        select(Milestone)
        .join(ranked, ranked.c.milestone_id == Milestone.id)
        .where(ranked.c.rank == literal_column("1"))
        .options(
            joinedload(Milestone.rule),
            joinedload(Milestone.case_step).joinedload(CaseStep.case),
        )
    )
    return {m.answering_duty_id: m for m in rows if m.answering_duty_id is not None}
