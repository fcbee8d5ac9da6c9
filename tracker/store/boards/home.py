"""The page a clerk starts from (我的责任): what is due, what was sent back, what is new and what else is under way.

One statement reads the lines of all four lists, one their numbers; both built once.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Integer,
    Select,
    and_,
    bindparam,
    cast,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, contains_eager
from sqlalchemy.sql import ColumnElement

from tracker.rules.phases import BEYOND, Phase
from tracker.rules.workflow import State
from tracker.store.core.actors import Actor
from tracker.store.core.pages import Page, Total
from tracker.store.core.visible import OWN, visible_duties
from tracker.store.duties.lights import LIVE, AskedMoment, Moment
from tracker.store.duties.rows import DutyRow, nearest_date, whole_rows
from tracker.store.duties.sight import live, of_words
from tracker.store.models import Duty, MemberRole, Milestone, Report, ReportKind, Task

SIGNED = (State.ACKNOWLEDGED, State.IN_PROGRESS, State.SUBMITTED)
HANDS_ON = (State.ACKNOWLEDGED, State.IN_PROGRESS)
SHORT = 20
# New duties come by the dozen: a few stand here, the button signs them all.
FEW_UNSIGNED = 8
# So far a list is counted that is shown short.
COUNTED = 100

_duties: Any = Duty.__table__
_dates: Any = Milestone.__table__
_reports: Any = Report.__table__
_later = _reports.alias("later")
_units: Any = bindparam("units", expanding=True)
_ORDER = (_duties.c.next_at, _duties.c.document_id, _duties.c.ordinal, _duties.c.id)
URGENT, RETURNED, UNSIGNED, OTHER = range(4)


@dataclass(frozen=True, slots=True)
class HomeLists:
    """The lists of the page; each is short, and says how many there are in all."""

    urgent: Page[DutyRow]  # one row a date: a duty with three late cases stands there three times
    returned: list[DutyRow]
    unsigned: Page[DutyRow]
    others: Page[DutyRow]
    returned_words: dict[int, str]  # by duty, why its submission was sent back
    total: int  # of the own duties
    late: int
    soon: int


def home_lists(session: Session, actor: Actor, moment: Moment) -> HomeLists:
    """Return what the page shows of the duties of the actor's units."""
    units, own = sorted(actor.units(*OWN)), tuple(sorted(moment.own))
    values = moment.values() | {"units": units, "most": COUNTED + 1}
    values |= {f"unit_{n}": unit for n, unit in enumerate(units)}
    found: list[list[DutyRow]] = [[], [], [], []]
    words: dict[int, str] = {}
    for *row, kind, note in session.execute(_lines(len(units), own), values):
        line = DutyRow._make(row)
        found[kind].append(line)
        if kind == RETURNED:
            words[line.id] = note or ""
    shown = {line.id for line in found[URGENT]}
    numbers = session.execute(_numbers(len(units), own), values).one()
    return HomeLists(
        urgent=_short(found[URGENT], numbers.urgent),
        returned=[line for line in found[RETURNED][:SHORT] if line.id not in shown],
        unsigned=Page(found[UNSIGNED][:FEW_UNSIGNED], 1, numbers.unsigned, FEW_UNSIGNED),
        others=_short(found[OTHER][:SHORT], numbers.others),
        returned_words=words,
        total=numbers.total,
        late=numbers.late,
        soon=numbers.soon,
    )


def _short(rows: list[DutyRow], counted: int) -> Page[DutyRow]:
    total = Total.counted(counted, COUNTED)
    return Page(rows, 1, total.number, SHORT, total.more)


# --- Which duties: of each unit its own part, so that an index is read in the order of the list -----------------------


def _of_unit(n: int, states: tuple[State, ...]) -> ColumnElement[bool]:
    """Choose a unit's duties by state alone: those words fit the index of both, and no other."""
    return and_(_duties.c.unit_id == bindparam(f"unit_{n}", type_=_duties.c.unit_id.type), _in(states))


def _unit(n: int) -> ColumnElement[bool]:
    return and_(_duties.c.unit_id == bindparam(f"unit_{n}", type_=_duties.c.unit_id.type), live(_duties.c))


def _in(states: tuple[State, ...]) -> ColumnElement[bool]:
    found: ColumnElement[bool] = _duties.c.state.in_([of_words(state.value) for state in states])
    return found


def _soon(at: Any, moment: AskedMoment) -> ColumnElement[bool]:
    found: ColumnElement[bool] = moment.before_soon_ends(at, _duties.c.jurisdiction_id)
    return found


_STANDS_STILL = _duties.c.next_at == BEYOND[Phase.PAUSED]


def _open_date(moment: AskedMoment) -> ColumnElement[bool]:
    """Return whether a date is late or due soon and still asked of its holder, another party's included."""
    return and_(
        _dates.c.met_at.is_(None),
        _dates.c.cancelled_at.is_(None),
        _dates.c.submitted_at.is_(None),
        _dates.c.paused_at.is_(None),
        moment.before_soon_ends(_dates.c.due_at, _dates.c.jurisdiction_id),
    )


def _has_open_date(moment: AskedMoment) -> ColumnElement[bool]:
    return exists().where(_dates.c.answering_duty_id == _duties.c.id, _open_date(moment))


def _pressing(units: int, moment: AskedMoment, limit: int) -> Any:
    """Return the signed duties that may have such a date, the first of each of the indexes it can be seen by.

    A paused duty's instant says nothing of its cases' dates, which run on.
    """
    parts = []
    for n in range(units):
        signed = select(_duties.c.id).where(_unit(n), _in(SIGNED))
        own = signed.where(_soon(_duties.c.next_at, moment)).order_by(*_ORDER)
        watched = signed.where(_soon(_duties.c.watch_at, moment), _has_open_date(moment)).order_by(_duties.c.watch_at)
        parts += [select(part.limit(limit).subquery()) for part in (own, watched)]
        parts.append(signed.where(_STANDS_STILL))
    return select(union_all(*parts).subquery().c.id).distinct().subquery("pressing")


def _dated_lines(units: int, moment: AskedMoment, limit: int) -> Select[Any]:
    pressing = _pressing(units, moment, limit)
    return (
        select(pressing.c.id, _dates.c.id.label("date_id"), _dates.c.due_at)
        .join(_dates, _dates.c.answering_duty_id == pressing.c.id)
        .where(_open_date(moment))
    )


# The duties in hand whose last submission was sent back.
_SENT_BACK = and_(
    _in(HANDS_ON),
    _reports.c.outcome == of_words("returned"),
    _reports.c.kind == ReportKind.SUBMISSION,
    ~exists().where(
        _later.c.duty_id == _reports.c.duty_id, _later.c.id > _reports.c.id, _later.c.kind == ReportKind.SUBMISSION
    ),
)


def _others(n: int, moment: AskedMoment) -> ColumnElement[bool]:
    """Choose the signed duties that are in neither list: nothing presses, and nothing was sent back."""
    later = moment.after_soon_ends(_duties.c.next_at, _duties.c.jurisdiction_id)
    no_other = or_(_duties.c.watch_at.is_(None), moment.after_soon_ends(_duties.c.watch_at, _duties.c.jurisdiction_id))
    sent_back = exists().where(_reports.c.duty_id == _duties.c.id, _SENT_BACK)
    return and_(_unit(n), _in(SIGNED), later, no_other, or_(~_STANDS_STILL, ~_has_open_date(moment)), ~sent_back)


# --- The statements --------------------------------------------------------------------------------------------------


def _number(value: int) -> Any:
    return literal_column(str(value), Integer())


_NONE: Any = cast(null(), Integer())


@cache
def _lines(units: int, own_calendars: tuple[int, ...]) -> Select[Any]:
    """Return the statement of all lines: behind each, of which list it is and the words it was sent back with."""
    moment = AskedMoment(own_calendars)
    parts = [_urgent(units, moment)]
    for n in range(units):
        back = select(*_line(RETURNED, _reports.c.id)).join(_reports, _reports.c.duty_id == _duties.c.id)
        new = select(*_line(UNSIGNED)).where(_of_unit(n, (State.ASSIGNED,)))
        parts += [
            select(back.where(_of_unit(n, HANDS_ON), _SENT_BACK).limit(SHORT).subquery()),
            _first(new, FEW_UNSIGNED),
            _first(select(*_line(OTHER)).where(_others(n, moment)), SHORT),
        ]
    page = union_all(*parts).subquery("page")
    note = select(_reports.c.review_note).where(_reports.c.id == page.c.report_id).scalar_subquery()
    lines = whole_rows(page, func.coalesce(page.c.date_id, nearest_date), page.c.kind, note.label("note"))
    return lines.order_by(page.c.kind, page.c.at, page.c.document_id, page.c.ordinal, page.c.tie)


def _urgent(units: int, moment: AskedMoment) -> Select[Any]:
    # The dates that come first are of the duties whose next comes first.
    dated = _dated_lines(units, moment, SHORT).subquery()
    return select(
        select(
            _number(URGENT).label("kind"),
            dated.c.id,
            dated.c.date_id,
            _NONE.label("report_id"),
            dated.c.due_at.label("at"),
            _number(0).label("document_id"),
            _number(0).label("ordinal"),
            dated.c.date_id.label("tie"),
        )
        .order_by(dated.c.due_at, dated.c.date_id)
        .limit(SHORT)
        .subquery()
    )


def _line(kind: int, report: Any = _NONE) -> tuple[Any, ...]:
    at, document, ordinal, tie = _ORDER
    return (
        _number(kind).label("kind"),
        _duties.c.id,
        _NONE.label("date_id"),
        report.label("report_id"),
        at.label("at"),
        document.label("document_id"),
        ordinal.label("ordinal"),
        tie.label("tie"),
    )


def _first(lines: Select[Any], most: int) -> Select[Any]:
    return select(lines.order_by(*_ORDER).limit(most).subquery())


@cache
def _numbers(units: int, own_calendars: tuple[int, ...]) -> Select[Any]:
    """Return the statement of the page's numbers, up to `most` of each list that is shown short."""
    moment, most = AskedMoment(own_calendars), bindparam("most", type_=Integer())
    mine = and_(_duties.c.unit_id.in_(_units), live(_duties.c))

    def number(query: Select[Any]) -> Any:
        return select(func.count()).select_from(query.subquery()).scalar_subquery()

    def of_mine(*conditions: Any) -> Any:
        return select(func.count()).select_from(_duties).where(mine, *conditions).scalar_subquery()

    others = [select(select(_duties.c.id).where(_others(n, moment)).limit(most).subquery()) for n in range(units)]
    return select(
        of_mine().label("total"),
        of_mine(_duties.c.next_at <= moment.now).label("late"),
        of_mine(_duties.c.next_at > moment.now, _soon(_duties.c.next_at, moment)).label("soon"),
        of_mine(_in((State.ASSIGNED,))).label("unsigned"),
        number(_dated_lines(units, moment, COUNTED + 1).limit(most)).label("urgent"),
        number(union_all(*others)).label("others"),  # type: ignore[arg-type]
    )


def own_duties(actor: Actor) -> Select[Duty]:
    """Return the duties of the units the actor works in or heads."""
    return visible_duties(actor).where(Duty.unit_id.in_(actor.units(*OWN)), LIVE)


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
