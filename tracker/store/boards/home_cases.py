"""The cases (办件) on the page a clerk starts from: what is to be signed for, and which clocks are late or due soon."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, bindparam, exists, false, func, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from tracker.store.core.actors import Actor
from tracker.store.core.pages import Page
from tracker.store.core.visible import OVERSEEING, OWN
from tracker.store.duties.lights import AskedMoment, Moment
from tracker.store.duties.sight import live
from tracker.store.models import (
    Case,
    CaseRecord,
    CaseStep,
    CaseType,
    CaseTypeVersion,
    Duty,
    Milestone,
    RecordKind,
    Referral,
    Unit,
)

# Cases have a list of their own: a few stand here.
FEW_CASES = 8

_cases: Any = Case.__table__
_duties: Any = Duty.__table__
_steps: Any = CaseStep.__table__
_dates: Any = Milestone.__table__
_referrals: Any = Referral.__table__
_handed = _referrals.alias("handed")
_records: Any = CaseRecord.__table__
_versions: Any = CaseTypeVersion.__table__
_types: Any = CaseType.__table__
_units: Any = Unit.__table__
_NAMED = (_cases.c.id, _cases.c.number, _cases.c.reference, _types.c.name, _units.c.name)


class HomeReferral(NamedTuple):
    """A case handed over (转办) that nobody has signed for."""

    case_id: int
    number: str
    reference: str
    kind: str
    unit: str
    object_until: date | None


class HomeClock(NamedTuple):
    """An open date of a case outside any duty."""

    case_id: int
    number: str
    reference: str
    kind: str
    unit: str
    step: str
    label: str | None
    place: int
    due_on: date | None
    due_at: datetime
    earliest_on: date | None
    watch: bool


@dataclass(frozen=True, slots=True)
class HomeCases:
    """Of the ledger (办件): what is to be signed for, and which clocks outside any duty are late or due soon."""

    referrals: Page[HomeReferral]
    clocks: Page[HomeClock]

    def __bool__(self) -> bool:
        return bool(self.referrals.total or self.clocks.total)


def home_cases(session: Session, actor: Actor, moment: Moment) -> HomeCases:
    """Return what the page shows of the cases of the actor's units; those under a duty stand with the duties."""
    overseen = actor.jurisdictions(*OVERSEEING)
    values = moment.values() | {
        "units": list(actor.units(*OWN)),
        "overseen": list(overseen),
        "of_units": list({post.unit_id for post in actor.posts}),
        "user_id": actor.user_id,
    }
    handed = session.execute(_handed_over(bool(overseen)), values).all()
    late = session.execute(_late_clocks(bool(overseen), tuple(sorted(moment.own))), values).all()
    return HomeCases(
        Page([HomeReferral._make(row[:-1]) for row in handed], 1, _number(handed), FEW_CASES),
        Page([HomeClock._make(row[:-1]) for row in late], 1, _number(late), FEW_CASES),
    )


def _number(rows: Sequence[Any]) -> int:
    """Return how many there are in all, which every row says at its end."""
    return int(rows[0][-1]) if rows else 0


def _ids(name: str) -> Any:
    return bindparam(name, expanding=True)


def _visible(oversees: bool) -> ColumnElement[bool]:
    """Choose the open cases the actor may see, as `visible_cases` does, for a query that has them and their duties."""
    handed = exists().where(
        _handed.c.case_id == _cases.c.id, _handed.c.to_unit_id.in_(_ids("units")), _handed.c.returned_at.is_(None)
    )
    taken_in = exists().where(
        _records.c.case_id == _cases.c.id,
        _records.c.kind == RecordKind.INTAKE,
        _records.c.unit_id.in_(_ids("units")),
    )
    near = or_(
        _cases.c.unit_id.in_(_ids("units")),
        and_(_cases.c.opened_by_id == bindparam("user_id"), taken_in),
        handed,
    )
    going_on = or_(_duties.c.id.is_(None), live(_duties.c))
    unconcerned = or_(_cases.c.accused_unit_id.is_(None), _cases.c.accused_unit_id.not_in(_ids("of_units")))
    seen = or_(
        and_(near, going_on, unconcerned),
        _cases.c.jurisdiction_id.in_(_ids("overseen")) if oversees else false(),
    )
    return and_(_cases.c.closed_at.is_(None), seen)


def _with_names(table: Any, unit_id: Any) -> Any:
    return (
        table.join(_versions, _versions.c.id == _cases.c.type_version_id)
        .join(_types, _types.c.id == _versions.c.type_id)
        .join(_units, _units.c.id == unit_id)
        .outerjoin(_duties, _duties.c.id == _cases.c.duty_id)
    )


@cache
def _handed_over(oversees: bool) -> Select[Any]:
    cases = _referrals.join(_cases, _cases.c.id == _referrals.c.case_id)
    return (
        select(*_NAMED, _referrals.c.object_until, func.count().over())
        .select_from(_with_names(cases, _referrals.c.to_unit_id))
        .where(_referrals.c.to_unit_id.in_(_ids("units")), _visible(oversees))
        .where(_referrals.c.signed_at.is_(None), _referrals.c.returned_at.is_(None))
        .order_by(_referrals.c.object_until, _referrals.c.id)
        .limit(FEW_CASES)
    )


@cache
def _late_clocks(oversees: bool, own_calendars: tuple[int, ...]) -> Select[Any]:
    moment = AskedMoment(own_calendars)
    cases = _dates.join(_steps, _steps.c.id == _dates.c.case_step_id).join(_cases, _cases.c.id == _steps.c.case_id)
    shown = (
        _steps.c.name, _dates.c.label, _dates.c.jurisdiction_id, _dates.c.due_on, _dates.c.due_at,
        _dates.c.earliest_on, _dates.c.watch,
    )  # fmt: skip
    return (
        select(*_NAMED, *shown, func.count().over())
        .select_from(_with_names(cases, _dates.c.unit_id))
        .where(_dates.c.unit_id.in_(_ids("units")), _dates.c.answering_duty_id.is_(None), _visible(oversees))
        .where(_dates.c.met_at.is_(None), _dates.c.cancelled_at.is_(None), _dates.c.submitted_at.is_(None))
        .where(_dates.c.paused_at.is_(None), moment.before_soon_ends(_dates.c.due_at, _dates.c.jurisdiction_id))
        # A period that has not begun cannot be reported on yet.
        .where(or_(_dates.c.opens_on.is_(None), _dates.c.opens_on <= moment.today))
        .order_by(_dates.c.due_at, _dates.c.id)
        .limit(FEW_CASES)
    )
