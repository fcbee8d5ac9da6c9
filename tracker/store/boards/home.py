"""The page a clerk starts from (我的责任): what is due, what was sent back, what else is under way, which cases."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload, load_only
from sqlalchemy.sql import ColumnElement

from tracker.now import SHANGHAI
from tracker.rules.workflow import State
from tracker.store.core.actors import Actor
from tracker.store.core.pages import Page, count
from tracker.store.core.visible import OWN, visible_cases, visible_duties
from tracker.store.duties.lights import LIVE, Moment, light
from tracker.store.duties.lists import DutyRow, nearest_milestones
from tracker.store.models import (
    Case,
    CaseStep,
    CaseTypeVersion,
    Duty,
    MemberRole,
    Milestone,
    Outcome,
    Referral,
    Report,
    ReportKind,
    Task,
)

SIGNED = (State.ACKNOWLEDGED, State.IN_PROGRESS, State.SUBMITTED)
HANDS_ON = (State.ACKNOWLEDGED, State.IN_PROGRESS)
SHORT = 20
# Cases have a list of their own: a few stand here.
FEW_CASES = 8


@dataclass(frozen=True, slots=True)
class HomeLists:
    """The lists of the page; each is short, and says how many there are in all."""

    urgent: Page[DutyRow]  # one row a date: a duty with three late cases stands there three times
    returned: list[DutyRow]
    others: Page[DutyRow]
    returned_words: dict[int, str]  # by duty, why its submission was sent back
    lights: dict[str, int]  # all own duties, by light

    @property
    def total(self) -> int:
        return sum(self.lights.values())


@dataclass(frozen=True, slots=True)
class HomeCases:
    """Of the ledger (办件): what is to be signed for, and which clocks outside any duty are late or due soon."""

    referrals: Page[Referral]
    clocks: Page[Milestone]

    def __bool__(self) -> bool:
        return bool(self.referrals.total or self.clocks.total)


def own_duties(actor: Actor) -> Select[Duty]:
    """Return the duties of the units the actor works in or heads."""
    return visible_duties(actor).where(Duty.unit_id.in_(actor.units(*OWN)), LIVE)


def home_lists(session: Session, actor: Actor, moment: Moment) -> HomeLists:
    """Return what the page shows of the signed duties."""
    urgent = _urgent(session, actor, moment)
    sent_back = {row[0]: row[1] for row in session.execute(_sent_back(actor))}
    shown = {row.duty.id for row in urgent.rows}
    returned = _rows(session, own_duties(actor).where(Duty.id.in_(set(sent_back) - shown)))
    others = own_duties(actor).where(Duty.state.in_(SIGNED), ~_pressing(moment), Duty.id.not_in(set(sent_back)))
    rows = _rows(session, others)
    return HomeLists(
        urgent=urgent,
        returned=returned,
        others=Page(rows, 1, count(session, others), SHORT),
        returned_words=sent_back,
        lights=_lights(session, actor, moment),
    )


def _open_date(moment: Moment) -> list[ColumnElement[bool]]:
    return [
        Milestone.met_at.is_(None),
        Milestone.cancelled_at.is_(None),
        Milestone.submitted_at.is_(None),
        Milestone.due_at < moment.soon(Milestone.jurisdiction_id),
        Milestone.paused_at.is_(None),
    ]


def _pressing(moment: Moment) -> ColumnElement[bool]:
    """Return whether a duty answers for a date that is late or due soon, another party's included."""
    return exists().where(Milestone.answering_duty_id == Duty.id, *_open_date(moment))


def _urgent(session: Session, actor: Actor, moment: Moment) -> Page[DutyRow]:
    mine = own_duties(actor).where(Duty.state.in_(SIGNED)).with_only_columns(Duty.id)
    query = (
        select(Milestone)
        .join(Milestone.answering_duty)
        .join(Duty.task)
        .join(Task.document)
        .join(Duty.unit)
        .where(Duty.id.in_(mine), *_open_date(moment))
    )
    loaded = query.options(
        contains_eager(Milestone.answering_duty).options(
            contains_eager(Duty.task).contains_eager(Task.document), contains_eager(Duty.unit)
        ),
        joinedload(Milestone.rule),
        joinedload(Milestone.case_step).joinedload(CaseStep.case),
    )
    rows = session.scalars(loaded.order_by(Milestone.due_at, Milestone.id).limit(SHORT))
    found = [DutyRow(m.answering_duty, m) for m in rows if m.answering_duty is not None]
    return Page(found, 1, count(session, query), SHORT)


def _sent_back(actor: Actor) -> Select[int, str]:
    """Return the own duties whose last submission was sent back, with the reason."""
    last = (
        select(func.max(Report.id))
        .where(Report.duty_id == Duty.id, Report.kind == ReportKind.SUBMISSION)
        .correlate(Duty)
        .scalar_subquery()
    )
    return (
        own_duties(actor)
        .where(Duty.state.in_(HANDS_ON))
        .join(Report, Report.id == last)
        .where(Report.outcome == Outcome.RETURNED)
        .with_only_columns(Duty.id, func.coalesce(Report.review_note, ""))
        .limit(SHORT)
    )


def _rows(session: Session, query: Select[Duty]) -> list[DutyRow]:
    loaded = (
        query.options(contains_eager(Duty.task).contains_eager(Task.document), joinedload(Duty.unit))
        .order_by(Duty.next_at, Duty.document_id, Duty.ordinal, Duty.id)
        .limit(SHORT)
    )
    duties = session.scalars(loaded).all()
    nearest = nearest_milestones(session, [d.id for d in duties])
    return [DutyRow(d, nearest.get(d.id)) for d in duties]


def _lights(session: Session, actor: Actor, moment: Moment) -> dict[str, int]:
    lamps = own_duties(actor).with_only_columns(light(moment).label("lamp")).subquery()
    rows = session.execute(select(lamps.c.lamp, func.count()).group_by(lamps.c.lamp))
    return {row[0]: row[1] for row in rows}


def home_cases(session: Session, actor: Actor, moment: Moment) -> HomeCases:
    """Return what the page shows of the cases of the actor's units; those under a duty stand with the duties."""
    units = actor.units(*OWN)
    mine = visible_cases(actor).where(Case.closed_at.is_(None)).with_only_columns(Case.id)
    referrals = (
        select(Referral)
        .where(Referral.to_unit_id.in_(units), Referral.signed_at.is_(None), Referral.returned_at.is_(None))
        .where(Referral.case_id.in_(mine))
        .options(joinedload(Referral.to_unit), _short(joinedload(Referral.case)))
        .order_by(Referral.object_until, Referral.id)
    )
    today = moment.now.astimezone(SHANGHAI).date()
    clocks = (
        select(Milestone)
        .join(CaseStep, Milestone.case_step_id == CaseStep.id)
        .where(Milestone.unit_id.in_(units), Milestone.answering_duty_id.is_(None), *_open_date(moment))
        # A period that has not begun cannot be reported on yet.
        .where(or_(Milestone.opens_on.is_(None), Milestone.opens_on <= today))
        .where(CaseStep.case_id.in_(mine))
        .options(joinedload(Milestone.rule), joinedload(Milestone.unit))
        .options(_short(joinedload(Milestone.case_step).joinedload(CaseStep.case)))
        .order_by(Milestone.due_at, Milestone.id)
    )
    return HomeCases(_first_few(session, referrals), _first_few(session, clocks))


def _short(case: Any) -> Any:
    """Load of a case what a list names it by."""
    return case.options(
        load_only(Case.number, Case.reference), joinedload(Case.type_version).joinedload(CaseTypeVersion.type)
    )


def _first_few(session: Session, query: Select[Any]) -> Page[Any]:
    """Return the first rows of a list and how many it has, in one statement."""
    rows = session.execute(query.add_columns(func.count().over()).limit(FEW_CASES)).all()
    return Page([row[0] for row in rows], 1, rows[0][1] if rows else 0, FEW_CASES)


def duties_to_sign(session: Session, actor: Actor, seen_at: datetime) -> list[Duty]:
    """Return the unsigned duties of an officer's units that were assigned by `seen_at`, loaded for signing."""
    return list(
        session.scalars(
            own_duties(actor)
            .where(Duty.unit_id.in_(actor.units(MemberRole.OFFICER)))
            .where(Duty.state == State.ASSIGNED, Duty.assigned_at <= seen_at)
            .options(contains_eager(Duty.task).contains_eager(Task.document))
            .order_by(Duty.id)
        )
    )
