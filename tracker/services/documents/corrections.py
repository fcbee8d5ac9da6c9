"""What a form corrects in one measure (核对): its names, whom they mean everywhere, and its time limits."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, time

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker.clock.rules import CountUnit, DayOff, Kind, Sense
from tracker.clock.statutes import counts_as_workdays, statute_of
from tracker.reading.plan import NameKind, Role
from tracker.services.core.act import Act
from tracker.services.core.errors import Refused
from tracker.services.documents.answers import open_as, settle
from tracker.services.registry.units import create_unit, learn_alias
from tracker.store.core.actors import Actor
from tracker.store.deadlines.rules import is_past
from tracker.store.documents.drafts import uncountable
from tracker.store.models import (
    Assignment,
    AssignmentChoice,
    DeadlineRule,
    Document,
    Edition,
    Item,
    Measure,
    Party,
    PastAnswer,
    RuleBinding,
    Unit,
    UnitGroup,
)
from tracker.store.registry.names import known_names


@dataclass(frozen=True, slots=True)
class NameInput:
    """One responsible unit as the form has it: an existing row (id) or an added one.

    Whom it means: `unit_id`, or `group_id`, or `chosen` units of a collective name, or `left_out` (暂不落实), or
    `create`, a new unit of the printed name; none of them leaves it open.
    """

    role: Role
    id: int | None = None
    unit_id: int | None = None
    group_id: int | None = None
    chosen: tuple[int, ...] = ()
    left_out: bool = False
    create: bool = False
    remember: bool = False  # the registry learns an unknown name for good: whoever says so was shown what is learned


@dataclass(frozen=True, slots=True)
class RuleInput:
    """One time limit as the form has it; `bound` are positions in the item's list of names.

    `counts_as` is the article that makes a printed 日 a working day; None counts calendar days.  `offset` and
    `nth_workday` are kept of a rhythm as it was read (每季度终了后15日内); `due_time` is the hour of its day.
    """

    kind: Kind
    sense: Sense
    id: int | None = None
    amount: int | None = None
    unit: CountUnit | None = None
    due_on: date | None = None
    rrule: str | None = None
    direction: str = "after"
    trigger: str | None = None
    act: str | None = None
    party: Party = Party.UNIT
    day_off: DayOff | None = None
    past_answer: PastAnswer | None = None
    renewed_on: date | None = None
    bound: tuple[int, ...] = ()
    counts_as: str | None = None
    offset: tuple[int, CountUnit] | None = None
    nth_workday: int | None = None
    due_time: time | None = None


@dataclass(frozen=True, slots=True)
class ItemInput:
    """One responsibility item as the form has it: rows left out are removed."""

    id: int
    names: tuple[NameInput, ...] = ()
    rules: tuple[RuleInput, ...] = ()


@dataclass(frozen=True, slots=True)
class MeasureInput:
    """One measure as the form has it."""

    title: str
    is_task: bool
    items: tuple[ItemInput, ...] = field(default=())


def correct_names(session: Session, item: Item, names: Sequence[NameInput]) -> list[tuple[Assignment, bool]]:
    """Make an item's names those of the form; returns the unknown ones it says the meaning of, and if to be learned."""
    existing = {a.id: a for a in item.assignments}
    kept: list[Assignment] = []
    said: list[tuple[Assignment, bool]] = []
    for ordinal, name in enumerate(names, 1):
        row = existing.get(name.id) if name.id is not None else None
        if row is None:
            row = _added_name(session, name)
        was_open = row.id is not None and not row.answered
        row.ordinal, row.role = ordinal, name.role
        row.unit_id, row.group_id, row.left_out = name.unit_id, name.group_id, name.left_out
        wanted = set(name.chosen)
        row.chosen = [c for c in row.chosen if c.unit_id in wanted] + [
            AssignmentChoice(unit_id=u) for u in dict.fromkeys(name.chosen) if u not in {c.unit_id for c in row.chosen}
        ]
        if was_open and row.kind is not NameKind.COLLECTIVE and (row.unit_id or row.group_id or name.create):
            said.append((row, name.remember))
        kept.append(row)
    gone = {a.id for a in item.assignments} - {a.id for a in kept}
    for rule in item.rules:
        rule.bindings = [b for b in rule.bindings if b.assignment_id not in gone]
    item.assignments = kept
    session.flush()  # added rows need ids before rules bind them
    return said


def settle_everywhere(act: Act, measure: Measure, row: Assignment, *, remember: bool) -> None:
    """Settle an unknown name wherever else it stands in the edition; the registry learns it only where asked to."""
    unit, group = _said(act, measure.edition.document.jurisdiction_id, row)
    if remember:
        learn_alias(act, unit or group, row.printed)
    elsewhere = act.session.scalars(
        select(Assignment)
        .join(Item, Assignment.item_id == Item.id)
        .join(Measure, Item.measure_id == Measure.id)
        .where(Measure.edition_id == measure.edition_id, Assignment.unit_id.is_(None), Assignment.group_id.is_(None))
        .options(joinedload(Assignment.item).joinedload(Item.measure), selectinload(Assignment.chosen))
    )
    settle([row, *open_as(row.printed, elsewhere)], unit, group)


def _said(act: Act, jurisdiction_id: int, row: Assignment) -> tuple[Unit | None, UnitGroup | None]:
    """Return the unit or group a name was said to mean, made now where it is to be created."""
    if row.unit_id is not None:
        return act.session.get_one(Unit, row.unit_id), None
    if row.group_id is not None:
        return None, act.session.get_one(UnitGroup, row.group_id)
    known, _ = known_names(act.session, jurisdiction_id).resolve(row.printed)
    if known is not None:  # created a moment ago, from another place of the same measure
        return act.session.get_one(Unit, known), None
    return create_unit(act, jurisdiction_id=jurisdiction_id, name=row.printed), None


def _added_name(session: Session, name: NameInput) -> Assignment:
    if name.unit_id is not None:
        printed, kind = session.get_one(Unit, name.unit_id).name, NameKind.UNIT
    elif name.group_id is not None:
        printed, kind = session.get_one(UnitGroup, name.group_id).name, NameKind.GROUP
    else:
        raise Refused("新增责任单位时，请从单位库中选择。")
    return Assignment(printed=printed, kind=kind, start=None, end=None, confidence=1.0, found_by=None, chosen=[])


def correct_rules(actor: Actor, item: Item, wanted: ItemInput, document: Document | Edition, on: date) -> None:
    existing = {r.id: r for r in item.rules}
    kept: list[DeadlineRule] = []
    for ordinal, given in enumerate(wanted.rules, 1):
        row = existing.get(given.id) if given.id is not None else None
        if row is None:
            row = DeadlineRule(set_by_id=actor.user_id, confidence=1.0, counts_as_workday=False, bindings=[])
        _fill_rule(row, given, document, on)
        row.ordinal = ordinal
        bound = [item.assignments[i] for i in given.bound if 0 <= i < len(item.assignments)]
        _bind(row, [a for a in bound if a.role is not Role.SUPPORT])
        kept.append(row)
    item.rules = kept


def _fill_rule(row: DeadlineRule, given: RuleInput, document: Document | Edition, on: date) -> None:
    counted = given.amount is not None and given.amount >= 0 and given.unit is not None  # 0: 当日
    if given.kind is Kind.RELATIVE and not counted:
        raise Refused("相对时限请填写数量和单位，例如 3 个工作日。")
    if given.kind is Kind.RECURRING and not given.rrule:
        raise Refused("周期时限请选择周期，例如每月。")
    if given.kind is Kind.ABSOLUTE and given.due_on is None:
        raise Refused("固定日期的时限请填写日期。")
    before = (row.as_rule(), row.trigger) if row.carried else None
    rhythm = row.rrule
    as_it_was = (row.kind, row.sense, row.due_on, row.rrule) == (given.kind, given.sense, given.due_on, given.rrule)
    row.kind, row.sense, row.party = given.kind, given.sense, given.party
    row.amount, row.unit, row.direction = given.amount, given.unit, given.direction
    _count_as(row, given)
    row.due_on, row.rrule = given.due_on, given.rrule
    _fill_day(row, given)
    if given.kind is not Kind.VALIDITY and not as_it_was:
        row.date_from = None  # the first day of what was read: another date or rhythm has none
    row.trigger, row.act, row.day_off = given.trigger or None, given.act or None, given.day_off
    trouble = uncountable(row)
    if trouble:
        raise Refused(f"{trouble}。请改正时限后再确认。")
    row.carried = before == (row.as_rule(), row.trigger)
    if row.carried:
        return  # its clock runs already: what was answered of it stays
    past = is_past(row, document, on)
    if row.kind is Kind.RECURRING and row.rrule == rhythm:
        # A rhythm that is over is answered too; still to be done, it needs a day in its place.
        past = given.past_answer in (PastAnswer.DONE, PastAnswer.UNTRACKED)
    row.past_answer, row.renewed_on = (given.past_answer, given.renewed_on) if past else (None, None)
    if row.past_answer is not PastAnswer.OPEN:
        row.renewed_on = None
    elif row.renewed_on is not None and row.renewed_on < on:
        raise Refused("仍需办理的，新的日期不能早于今天。")


def _fill_day(row: DeadlineRule, given: RuleInput) -> None:
    """Keep what the clock needs beside the rhythm or the date: the offset, the n-th workday, the hour."""
    recurring = given.kind is Kind.RECURRING
    offset = given.offset if recurring else None
    row.offset_amount, row.offset_unit = offset or (None, None)
    row.nth_workday = given.nth_workday if recurring else None
    dated = given.kind is not Kind.VALIDITY and given.unit not in (CountUnit.HOUR, CountUnit.MINUTE)
    row.due_time = given.due_time if dated else None


def _count_as(row: DeadlineRule, given: RuleInput) -> None:
    """Let a printed 日 count as a workday or not; an article the document itself names may stay whatever it is."""
    held = row.article if row.counts_as_workday else None
    article = given.counts_as if given.kind is Kind.RELATIVE and given.unit is CountUnit.DAY else None
    statute = statute_of(article) if article else None
    if article and statute is None and article != held:
        raise Refused("请从列表中选择日的算法。")
    if article and statute and not counts_as_workdays(article, given.amount or 0):
        raise Refused(f"{article}只说{statute.words}按工作日计，{given.amount}日请按自然日计算。")
    if article != held:
        row.counts_as_workday, row.article = article is not None, article


def _bind(rule: DeadlineRule, assignments: Sequence[Assignment]) -> None:
    wanted = {a.id for a in assignments}
    held = {b.assignment_id for b in rule.bindings}
    rule.bindings = [b for b in rule.bindings if b.assignment_id in wanted] + [
        RuleBinding(assignment_id=i) for i in sorted(wanted - held)
    ]
