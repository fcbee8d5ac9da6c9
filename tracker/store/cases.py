"""Lists of cases (办件), one case with what its page shows, and where events can be registered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload, selectinload
from sqlalchemy.sql import ColumnElement

from tracker.clock.rules import Kind
from tracker.now import SHANGHAI
from tracker.policy.plan import Role
from tracker.store.actors import Actor
from tracker.store.duties import DatedMilestone
from tracker.store.editions import counts_from_document
from tracker.store.lights import Moment
from tracker.store.models import (
    Attachment,
    Case,
    CaseRecord,
    CaseStep,
    CaseType,
    CaseTypeVersion,
    DeadlineRule,
    Document,
    Duty,
    Extension,
    Item,
    Measure,
    MemberRole,
    Milestone,
    MilestoneDate,
    Pause,
    Referral,
    Task,
    Unit,
)
from tracker.store.pages import PER_PAGE, Page, count, page_bounds
from tracker.store.visible import unconcerned, visible_cases, visible_duties
from tracker.workflow import ENDED

# The lights a list of cases can be narrowed to, in the order they stand.
CASE_LIGHTS = ("late", "watch", "soon", "fine", "wait", "hold", "none")
MOST_TASKS = 200
MOST_CHOICES = 500


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What a list of cases is narrowed to; empty fields narrow nothing."""

    state: str | None = None  # open | paused | closed
    light: str | None = None
    words: str | None = None
    duty_id: int | None = None
    type_id: int | None = None
    unit_id: int | None = None
    accused_unit_id: int | None = None
    since: date | None = None  # happened on or after
    until: date | None = None  # happened on or before
    sort: str = "due"  # due | number | happened | owed


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One line of a list: the case (type, task, unit loaded) and the date of its first open step, else its last."""

    case: Case
    milestone: Milestone | None


@dataclass(frozen=True, slots=True)
class Totals:
    """What a list of cases adds up to, sums in 分."""

    count: int
    owed_fen: int
    refunded_fen: int  # of the cases whose sum is known, so that owed less refunded is left
    beside_fen: int  # refunded in cases whose sum is not known

    @property
    def left_fen(self) -> int:
        return self.owed_fen - self.refunded_fen


def list_cases(
    session: Session, actor: Actor, moment: Moment, wanted: CaseFilter, number: int = 1, per_page: int = PER_PAGE
) -> Page[CaseRow]:
    """Return one page of the cases an actor may see: open ones first, by date; then the closed, newest first."""
    dates = _dates()
    query = _narrow(_listed(actor, dates), actor, dates, moment, wanted)
    total = count(session, query)
    number, offset = page_bounds(total, number, per_page)
    ordered = query.order_by(*_order(dates, wanted.sort))
    loaded = ordered.options(
        contains_eager(Case.task),
        contains_eager(Case.duty),
        joinedload(Case.unit),
        joinedload(Case.accused_unit),
        joinedload(Case.type_version).joinedload(CaseTypeVersion.type),
    )
    cases = session.scalars(loaded.offset(offset).limit(per_page)).all()
    clocks = clocks_of_cases(session, [c.id for c in cases])
    return Page([CaseRow(c, clocks.get(c.id)) for c in cases], number, total, per_page)


def _listed(actor: Actor, dates: Any) -> Select[Case]:
    return visible_cases(actor).outerjoin(dates, dates.c.case_id == Case.id).outerjoin(Task, Case.task_id == Task.id)


def _order(dates: Any, sort: str) -> list[Any]:
    orders: dict[str, list[Any]] = {
        "number": [Case.id.desc()],
        "happened": [Case.happened_at.desc(), Case.id.desc()],
        "owed": [Case.owed_fen.is_(None), (Case.owed_fen - Case.refunded_fen).desc(), Case.id.desc()],
    }
    nearest = [
        Case.closed_at.is_not(None), Case.closed_at.desc(), dates.c.due_at.is_(None), dates.c.due_at, Case.id.desc(),
    ]  # fmt: skip
    return orders.get(sort, nearest)


def totals(session: Session, actor: Actor, moment: Moment, wanted: CaseFilter) -> Totals:
    """Add up the cases of a filtered list: how many, what is owed, what was refunded (分)."""
    dates = _dates()
    query = _narrow(_listed(actor, dates), actor, dates, moment, wanted)
    sums = query.with_only_columns(
        func.count(),
        func.coalesce(func.sum(Case.owed_fen), 0),
        func.coalesce(func.sum(case((Case.owed_fen.is_not(None), Case.refunded_fen))), 0),
        func.coalesce(func.sum(case((Case.owed_fen.is_(None), Case.refunded_fen))), 0),
    )
    row = session.execute(sums.order_by(None)).one()
    return Totals(*(int(number or 0) for number in row))


def light_counts(session: Session, actor: Actor, moment: Moment) -> dict[str, int]:
    """Count the open cases an actor may see by light, in one query."""
    dates = _dates()
    lamps = (
        _listed(actor, dates)
        .where(Case.closed_at.is_(None))
        .with_only_columns(_light(dates, moment).label("lamp"))
        .subquery()
    )
    return {row[0]: row[1] for row in session.execute(select(lamps.c.lamp, func.count()).group_by(lamps.c.lamp))}


def _dates() -> Any:
    """Return, for each case with an open step, its own nearest date, the other party's, and what it waits for."""
    return (
        select(
            CaseStep.case_id,
            func.min(case((Milestone.watch.is_(False), Milestone.due_at))).label("own_at"),
            func.min(case((Milestone.watch.is_(True), Milestone.due_at))).label("watch_at"),
            func.min(Milestone.due_at).label("due_at"),
            func.min(Milestone.earliest_on).label("earliest_on"),
        )
        .join(Milestone, Milestone.case_step_id == CaseStep.id)
        .where(Milestone.met_at.is_(None), Milestone.cancelled_at.is_(None))
        .group_by(CaseStep.case_id)
        .subquery("case_dates")
    )


def _light(dates: Any, moment: Moment) -> ColumnElement[str]:
    own, watch = dates.c.own_at, dates.c.watch_at
    return case(
        (Case.closed_at.is_not(None), literal("done")),
        (Case.paused_at.is_not(None), literal("hold")),
        (own <= moment.now, literal("late")),
        (watch <= moment.now, literal("watch")),
        (dates.c.due_at < moment.soon(Case.jurisdiction_id), literal("soon")),
        (dates.c.due_at.is_not(None), literal("fine")),
        (dates.c.earliest_on <= moment.now.astimezone(SHANGHAI).date(), literal("fine")),
        (dates.c.earliest_on.is_not(None), literal("wait")),
        else_=literal("none"),
    )


def _narrow(query: Select[Case], actor: Actor, dates: Any, moment: Moment, wanted: CaseFilter) -> Select[Case]:
    if wanted.state == "open":
        query = query.where(Case.closed_at.is_(None))
    elif wanted.state == "paused":
        query = query.where(Case.closed_at.is_(None), Case.paused_at.is_not(None))
    elif wanted.state == "closed":
        query = query.where(Case.closed_at.is_not(None))
    if wanted.light:
        query = query.where(_light(dates, moment) == wanted.light)
    if wanted.duty_id is not None:
        query = query.where(Case.duty_id == wanted.duty_id)
    if wanted.type_id is not None:
        versions = select(CaseTypeVersion.id).where(CaseTypeVersion.type_id == wanted.type_id)
        query = query.where(Case.type_version_id.in_(versions))
    if wanted.unit_id is not None:
        query = query.where(Case.unit_id == wanted.unit_id)
    if wanted.accused_unit_id is not None:
        query = query.where(Case.accused_unit_id == wanted.accused_unit_id, unconcerned(actor))
    if wanted.since is not None:
        query = query.where(Case.happened_on >= wanted.since)
    if wanted.until is not None:
        query = query.where(Case.happened_on <= wanted.until)
    if wanted.words and wanted.words.strip():
        words = wanted.words.strip()
        query = query.where(
            or_(
                Case.number.contains(words, autoescape=True),
                Task.title.contains(words, autoescape=True),
                Task.key == words,
                # A search must not tell the unit complained of whose complaint it is.
                and_(
                    or_(Case.reference.contains(words, autoescape=True), Case.firm.contains(words, autoescape=True)),
                    unconcerned(actor),
                ),
            )
        )
    return query


def clocks_of_cases(session: Session, case_ids: Sequence[int]) -> dict[int, Milestone]:
    """Return, by case, the date of its first open step, else of its last one; rule and step loaded."""
    if not case_ids:
        return {}
    rows = session.scalars(
        select(Milestone)
        .join(CaseStep, Milestone.case_step_id == CaseStep.id)
        .where(CaseStep.case_id.in_(case_ids))
        .options(contains_eager(Milestone.case_step).joinedload(CaseStep.case), joinedload(Milestone.rule))
        .order_by(CaseStep.case_id, *_open_and_nearest_last())
    )
    # The last row of each case stands: an open clock before a met one, and of the open ones the nearest.
    return {m.case_step.case_id: m for m in rows if m.case_step is not None}


def _open_and_nearest_last() -> list[Any]:
    runs = and_(Milestone.met_at.is_(None), Milestone.cancelled_at.is_(None))
    return [case((runs, 1), else_=0), case((Milestone.due_at.is_(None), 0), else_=1), Milestone.due_at.desc()]


def cases_of_duty(session: Session, actor: Actor, duty_id: int, limit: int) -> tuple[list[Case], int]:
    """Return the newest cases a duty handles, open ones first, and how many there are in all."""
    mine = visible_cases(actor).where(Case.duty_id == duty_id, unconcerned(actor))
    newest = mine.order_by(Case.closed_at.is_not(None), Case.id.desc()).limit(limit)
    return list(session.scalars(newest.options(contains_eager(Case.duty)))), count(session, mine)


def find_case(session: Session, actor: Actor, case_id: int) -> Case | None:
    """Return a case the actor may see, with its type, steps, units, task, clause and duty; None for a stranger."""
    return session.scalars(
        visible_cases(actor)
        .outerjoin(Task, Case.task_id == Task.id)
        .where(Case.id == case_id)
        .options(
            selectinload(Case.steps).options(
                joinedload(CaseStep.rule), joinedload(CaseStep.statute_rule), joinedload(CaseStep.unit)
            ),
            joinedload(Case.type_version).joinedload(CaseTypeVersion.type),
            joinedload(Case.unit),
            joinedload(Case.accused_unit),
            joinedload(Case.opened_by),
            joinedload(Case.jurisdiction),
            contains_eager(Case.duty).options(joinedload(Duty.unit), joinedload(Duty.task).joinedload(Task.document)),
            contains_eager(Case.task).options(
                joinedload(Task.document).joinedload(Document.jurisdiction),
                joinedload(Task.item).options(
                    selectinload(Item.rules),
                    selectinload(Item.assignments),
                    joinedload(Item.measure).joinedload(Measure.edition),
                ),
            ),
        )
    ).one_or_none()


def records_of(session: Session, case_id: int) -> list[CaseRecord]:
    """Return what was done in a case, oldest first, with who did it for which unit, and the files."""
    return list(
        session.scalars(
            select(CaseRecord)
            .where(CaseRecord.case_id == case_id)
            .options(
                joinedload(CaseRecord.by), joinedload(CaseRecord.unit), joinedload(CaseRecord.milestone),
                selectinload(CaseRecord.attachments),
            )
            .order_by(CaseRecord.id)
        )
    )  # fmt: skip


def pauses_of(session: Session, case_id: int) -> list[Pause]:
    """Return a case's pauses, oldest first."""
    return list(session.scalars(select(Pause).where(Pause.case_id == case_id).order_by(Pause.from_at, Pause.id)))


def extensions_of(session: Session, case_id: int) -> list[Extension]:
    """Return the requests for more time in a case, oldest first, with who asked and who decided."""
    return list(
        session.scalars(
            select(Extension)
            .join(Milestone, Extension.milestone_id == Milestone.id)
            .join(CaseStep, Milestone.case_step_id == CaseStep.id)
            .where(CaseStep.case_id == case_id)
            .options(
                contains_eager(Extension.milestone).options(
                    contains_eager(Milestone.case_step), joinedload(Milestone.rule)
                ),
                joinedload(Extension.by),
                joinedload(Extension.decided_by),
            )
            .order_by(Extension.id)
        )
    )


def find_case_attachment(
    session: Session, actor: Actor, attachment_id: int
) -> tuple[Attachment, CaseRecord] | None:
    """Return a file of a case the actor may see, with its record; None for a stranger and the unit complained of."""
    seen = visible_cases(actor).where(unconcerned(actor)).with_only_columns(Case.id)
    row = session.execute(
        select(Attachment, CaseRecord)
        .join(CaseRecord, Attachment.case_record_id == CaseRecord.id)
        .where(Attachment.id == attachment_id, CaseRecord.case_id.in_(seen))
    ).one_or_none()
    return (row[0], row[1]) if row else None


def returned_since(session: Session, actor: Actor, case_id: int, since: datetime) -> bool:
    """Whether the actor himself handed a case back after an instant and no longer sees it."""
    query = select(Referral.id).where(
        Referral.case_id == case_id, Referral.returned_by_id == actor.user_id, Referral.returned_at > since
    )
    gone = ~exists(visible_cases(actor).where(Case.id == case_id).with_only_columns(Case.id))
    return session.scalars(query.where(gone)).first() is not None


def handling_choices(session: Session, actor: Actor) -> list[tuple[int, str]]:
    """Return the units whose cases an actor may see, by name."""
    held = visible_cases(actor).with_only_columns(Case.unit_id)
    query = select(Unit.id, Unit.name).where(Unit.id.in_(held)).order_by(Unit.name).limit(MOST_CHOICES)
    return [(row[0], row[1]) for row in session.execute(query)]


def accused_choices(session: Session, actor: Actor) -> list[tuple[int, str]]:
    """Return the units complained of in the cases an actor may see, by name; his own is none of them."""
    against = visible_cases(actor).where(unconcerned(actor)).with_only_columns(Case.accused_unit_id)
    query = select(Unit.id, Unit.name).where(Unit.id.in_(against)).order_by(Unit.name).limit(MOST_CHOICES)
    return [(row[0], row[1]) for row in session.execute(query)]


def type_choices(session: Session, actor: Actor) -> list[tuple[int, str]]:
    """Return the types whose cases an actor may see, by name."""
    held = visible_cases(actor).with_only_columns(Case.type_version_id)
    query = (
        select(CaseType.id, CaseType.name)
        .where(CaseType.id.in_(select(CaseTypeVersion.type_id).where(CaseTypeVersion.id.in_(held))))
        .order_by(CaseType.name)
        .limit(MOST_CHOICES)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def units_in(session: Session, jurisdiction_id: int) -> list[tuple[int, str]]:
    """Return the units in use of a place, by name: to handle a case, to be handed one, or complained of."""
    query = select(Unit.id, Unit.name).where(Unit.jurisdiction_id == jurisdiction_id, Unit.active.is_(True))
    return [(row[0], row[1]) for row in session.execute(query.order_by(Unit.name).limit(MOST_CHOICES))]


def case_by_form(session: Session, form_key: str) -> Case | None:
    """Return the case a form has opened before."""
    return session.scalars(select(Case).where(Case.form_key == form_key)).one_or_none()


def dated_steps(session: Session, case_id: int) -> dict[int, DatedMilestone]:
    """Return, by step, its running milestone, else its last, with the reasons of its date and its first date."""
    first, current = aliased(MilestoneDate), aliased(MilestoneDate)
    rows = session.execute(
        select(Milestone, current, first)
        .join(CaseStep, Milestone.case_step_id == CaseStep.id)
        .join(current, and_(current.milestone_id == Milestone.id, current.version == Milestone.version))
        .join(first, and_(first.milestone_id == Milestone.id, first.version == 1))
        .where(CaseStep.case_id == case_id)
        .options(joinedload(Milestone.rule), joinedload(Milestone.case_step).joinedload(CaseStep.case))
        .order_by(CaseStep.id, *_open_and_nearest_last())
    )
    return {m.case_step_id: DatedMilestone(m, now, then) for m, now, then in rows if m.case_step_id is not None}


def sees_duty(session: Session, actor: Actor, duty_id: int) -> bool:
    """Whether the actor may open a duty: who registered a case for another unit sees the case alone."""
    return session.scalars(visible_duties(actor).where(Duty.id == duty_id)).first() is not None


def registrable(session: Session, actor: Actor) -> list[Duty]:
    """Return the duties under which the actor may register an event: his units' own, and one of each task he
    supervises; unit, document and rules loaded."""
    own, supervised = actor.units(MemberRole.OFFICER), actor.jurisdictions(MemberRole.SUPERVISOR)
    other = aliased(Duty)
    earlier = exists().where(
        other.task_id == Duty.task_id, other.id < Duty.id, other.role != Role.SUPPORT, other.state.not_in(ENDED)
    )
    waits = exists().where(DeadlineRule.item_id == Task.item_id, DeadlineRule.kind == Kind.RELATIVE)
    query = (
        visible_duties(actor)
        .where(Duty.role != Role.SUPPORT, Duty.state.not_in(ENDED), waits)
        .where(or_(Duty.unit_id.in_(own), and_(Document.jurisdiction_id.in_(supervised), ~earlier)))
        .options(
            contains_eager(Duty.task).options(
                contains_eager(Task.document), joinedload(Task.item).selectinload(Item.rules)
            ),
            joinedload(Duty.unit),
        )
        .order_by(Task.document_id.desc(), Task.ordinal, Duty.id)
        .limit(MOST_TASKS)
    )
    return [d for d in session.scalars(query).unique() if any(_waits(rule) for rule in d.task.item.rules)]


def _waits(rule: DeadlineRule) -> bool:
    return rule.kind is Kind.RELATIVE and not counts_from_document(rule)
