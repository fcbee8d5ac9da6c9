"""What waits to be decided (待审核): submissions, requests for more time and for a pause; by statements built once."""

from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Integer, Select, and_, bindparam, func, or_, select, union_all
from sqlalchemy.orm import Session

from tracker.store.core.actors import Actor
from tracker.store.core.pages import MOST_COUNTED, PER_PAGE, Page, Total, cut
from tracker.store.duties.sight import of_words
from tracker.store.models import (
    Case,
    CaseStep,
    Complainant,
    DeadlineRule,
    Document,
    Duty,
    Extension,
    MemberRole,
    Milestone,
    PauseRequest,
    Task,
    Unit,
    User,
)

MOST = 100

_duties: Any = Duty.__table__
_tasks: Any = Task.__table__
_documents: Any = Document.__table__
_units: Any = Unit.__table__
_wishes: Any = Extension.__table__
_dates: Any = Milestone.__table__
_rules: Any = DeadlineRule.__table__
_steps: Any = CaseStep.__table__
_cases: Any = Case.__table__
_people: Any = Complainant.__table__
_users: Any = User.__table__
_requests: Any = PauseRequest.__table__


class SubmittedRow(NamedTuple):
    """A duty that waits for review."""

    duty_id: int
    key: str
    title: str
    document: str
    unit: str
    submitted_at: datetime


class WishRow(NamedTuple):
    """A request for more time, for a duty's own date or a case's."""

    id: int
    at: datetime
    by: str
    reason: str
    wanted_on: date | None
    amount: int | None
    amount_unit: Any  # clock.rules.CountUnit
    unit: str
    unit_id: int
    duty_id: int | None
    key: str | None
    title: str | None
    case_id: int | None
    number: str | None
    step: str | None
    case_unit_id: int | None
    person: str | None  # whom the case is from
    due_on: date | None
    due_at: datetime | None
    earliest_on: date | None


class PauseRow(NamedTuple):
    """A request that a case's clocks shall stand."""

    id: int
    at: datetime
    by: str
    reason: str
    authority: str
    unit: str
    unit_id: int
    case_id: int
    number: str
    reference: str
    case_unit_id: int
    person: str | None


def submitted(session: Session, actor: Actor, number: int = 1, per_page: int = PER_PAGE) -> Page[SubmittedRow]:
    """Return the duties that wait for review by a supervisor, the longest waiting first."""
    places = sorted(actor.jurisdictions(MemberRole.SUPERVISOR))
    if not places:
        return Page([], 1, 0, per_page)
    values = {f"place_{n}": place for n, place in enumerate(places)}
    counted = session.scalar(_submitted_number(len(places)), values | {"most": MOST_COUNTED + 1}) or 0
    total = Total.counted(counted)
    piece = cut(total, number, per_page)
    part = {"limit": piece.limit, "offset": piece.offset, "reach": piece.limit + piece.offset}
    found = session.execute(_submitted_rows(len(places), piece.backwards), values | part).all()
    rows = [SubmittedRow._make(row) for row in (found[::-1] if piece.backwards else found)]
    if not rows and total.more:
        return submitted(session, actor, -1, per_page)
    return Page(rows, piece.number, total.number, per_page, total.more)


def _given(name: str) -> Any:
    return bindparam(name, type_=Integer())


def _waiting_in(n: int) -> Select[Any]:
    here = _duties.c.jurisdiction_id == bindparam(f"place_{n}", type_=Integer())
    return select(_duties.c.id, _duties.c.submitted_at).where(here, _duties.c.state == of_words("submitted"))


@cache
def _submitted_number(places: int) -> Select[Any]:
    # In the list's order: of the indexes that fit, its own is read.
    ordered = [_waiting_in(n).order_by(_duties.c.submitted_at, _duties.c.id) for n in range(places)]
    parts = [select(part.limit(_given("most")).subquery()) for part in ordered]
    return select(func.count()).select_from(union_all(*parts).subquery())


@cache
def _submitted_rows(places: int, backwards: bool) -> Select[Any]:
    def ordered(rows: Any) -> list[Any]:
        by = [rows.submitted_at, rows.id]
        return [column.desc() for column in by] if backwards else by

    parts = [
        select(_waiting_in(n).order_by(*ordered(_duties.c)).limit(_given("reach")).subquery()) for n in range(places)
    ]
    every = union_all(*parts).subquery()
    page = select(every).order_by(*ordered(every.c)).limit(_given("limit")).offset(_given("offset")).subquery()
    return (
        select(_duties.c.id, _tasks.c.key, _tasks.c.title, _documents.c.title, _units.c.name, _duties.c.submitted_at)
        .select_from(
            page.join(_duties, _duties.c.id == page.c.id)
            .join(_tasks, _tasks.c.id == _duties.c.task_id)
            .join(_documents, _documents.c.id == _duties.c.document_id)
            .join(_units, _units.c.id == _duties.c.unit_id)
        )
        .order_by(*ordered(_duties.c))
    )


# Who may decide, of the places he supervises and of the cases of the units he heads: nobody what he asked for himself.
# Who is of the unit complained of decides nothing in the complaint, nor learns what is asked in it.
_UNCONCERNED = or_(
    _cases.c.accused_unit_id.is_(None), _cases.c.accused_unit_id.not_in(bindparam("of_units", expanding=True))
)
_SUPERVISED: Any = bindparam("supervised", expanding=True)
_WISHES = (
    select(
        _wishes.c.id,
        _wishes.c.at,
        _users.c.name,
        _wishes.c.reason,
        _wishes.c.wanted_on,
        _wishes.c.amount,
        _rules.c.unit,
        _units.c.name,
        _dates.c.unit_id,
        _duties.c.id,
        _tasks.c.key,
        _tasks.c.title,
        _cases.c.id,
        _cases.c.number,
        _steps.c.name,
        _cases.c.unit_id,
        _people.c.name,
        _dates.c.due_on,
        _dates.c.due_at,
        _dates.c.earliest_on,
    )
    .select_from(
        _wishes.join(_dates, _dates.c.id == _wishes.c.milestone_id)
        .join(_users, _users.c.id == _wishes.c.by_id)
        .join(_rules, _rules.c.id == _dates.c.rule_id)
        .join(_units, _units.c.id == _dates.c.unit_id)
        .outerjoin(_duties, _duties.c.id == _dates.c.duty_id)
        .outerjoin(_tasks, _tasks.c.id == _duties.c.task_id)
        .outerjoin(_steps, _steps.c.id == _dates.c.case_step_id)
        .outerjoin(_cases, _cases.c.id == _steps.c.case_id)
        .outerjoin(_people, _people.c.case_id == _cases.c.id)
    )
    .where(_wishes.c.state == of_words("pending"), _wishes.c.by_id != bindparam("by_id"), _UNCONCERNED)
    .where(_dates.c.met_at.is_(None), _dates.c.cancelled_at.is_(None))
    .where(
        or_(
            # No index of the place: what waits is little, and is to be read first.
            (_dates.c.jurisdiction_id + 0).in_(_SUPERVISED),
            and_(_dates.c.case_step_id.is_not(None), (_dates.c.unit_id + 0).in_(bindparam("headed", expanding=True))),
        )
    )
    .order_by(_wishes.c.id)
    .limit(MOST)
)
_PAUSES = (
    select(
        _requests.c.id,
        _requests.c.at,
        _users.c.name,
        _requests.c.reason,
        _requests.c.authority,
        _units.c.name,
        _requests.c.unit_id,
        _cases.c.id,
        _cases.c.number,
        _cases.c.reference,
        _cases.c.unit_id,
        _people.c.name,
    )
    .select_from(
        _requests.join(_cases, _cases.c.id == _requests.c.case_id)
        .join(_users, _users.c.id == _requests.c.by_id)
        .join(_units, _units.c.id == _requests.c.unit_id)
        .outerjoin(_people, _people.c.case_id == _cases.c.id)
    )
    .where(_requests.c.state == of_words("pending"), _requests.c.by_id != bindparam("by_id"), _UNCONCERNED)
    .where((_cases.c.jurisdiction_id + 0).in_(_SUPERVISED), _cases.c.closed_at.is_(None))
    .order_by(_requests.c.id)
    .limit(MOST)
)


def _who(actor: Actor) -> dict[str, Any]:
    return {
        "by_id": actor.user_id,
        "of_units": list({post.unit_id for post in actor.posts}),
        "supervised": list(actor.jurisdictions(MemberRole.SUPERVISOR)),
        "headed": list(actor.units(MemberRole.HEAD)),
    }


def waiting_wishes(session: Session, actor: Actor) -> list[WishRow]:
    """Return the requests for more time an actor may decide, oldest first."""
    return [WishRow._make(row) for row in session.execute(_WISHES, _who(actor))]


def waiting_pauses(session: Session, actor: Actor) -> list[PauseRow]:
    """Return the requests for a pause an actor may decide, oldest first."""
    return [PauseRow._make(row) for row in session.execute(_PAUSES, _who(actor))]
