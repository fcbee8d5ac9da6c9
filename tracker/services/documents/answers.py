"""Answers for a whole document (统一答复): its names, its undated measures, its dates already past."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.clock.rules import Kind, Sense
from tracker.now import today
from tracker.reading.names.likeness import normalise
from tracker.reading.plan import NameKind
from tracker.rules.permissions import PlaceAction
from tracker.rules.verbs import Subject, Verb
from tracker.services.core.act import Act
from tracker.services.core.errors import Refused
from tracker.services.documents.rows import proposed_bound
from tracker.services.registry.units import create_unit, learn_alias, resolve_everywhere
from tracker.store.core.actors import Actor
from tracker.store.core.stages import stage_of_document
from tracker.store.documents.drafts import Ask, measure_questions, uncountable, without_period
from tracker.store.models import (
    Assignment,
    AssignmentChoice,
    DeadlineRule,
    Document,
    Edition,
    Item,
    PastAnswer,
    RuleBinding,
    Unit,
    UnitGroup,
    UnitKind,
)
from tracker.store.registry.names import known_names


def guard(act: Act, of: Document | Edition) -> None:
    """Let supervisors of the place through, and only while the document, or its new edition, is a draft."""
    document = of if isinstance(of, Document) else of.document
    stage = stage_of_document(document, isinstance(of, Edition) and of.amends)
    act.require(PlaceAction.CONFIRM, document.jurisdiction_id, stage)


def check_registered(
    session: Session, jurisdiction_id: int, units: Collection[int], groups: Collection[int] = ()
) -> None:
    """Refuse units and groups that are not in the jurisdiction's registry."""
    known = select(Unit.id).where(Unit.id.in_(units), Unit.jurisdiction_id == jurisdiction_id)
    known_groups = select(UnitGroup.id).where(UnitGroup.id.in_(groups), UnitGroup.jurisdiction_id == jurisdiction_id)
    if set(units) - set(session.scalars(known)) or set(groups) - set(session.scalars(known_groups)):
        raise Refused("请从本辖区的单位库中选择单位。")


def open_as(printed: str, names: Iterable[Assignment]) -> list[Assignment]:
    """Return the names still open that are printed alike, widths and brackets aside."""
    key = normalise(printed)
    return [a for a in names if not a.answered and normalise(a.printed) == key]


def settle(rows: Sequence[Assignment], unit: Unit | None, group: UnitGroup | None) -> None:
    """Say of names what body they mean."""
    for row in rows:
        row.unit_id, row.group_id = unit.id if unit else None, group.id if group else None
        row.kind = NameKind.UNIT if unit else NameKind.GROUP
        row.item.measure.touch()


def settle_name(  # noqa: PLR0913 - a form's answers, each named
    act: Act,
    edition: Edition,
    printed: str,
    *,
    unit: Unit | None = None,
    group: UnitGroup | None = None,
    create: bool = False,
    remember: bool = False,
    email: str | None = None,
    phone: str | None = None,
    sort: UnitKind = UnitKind.DEPARTMENT,
) -> int:
    """Say whom an unknown printed name means, wherever it stands in the edition: a unit, a group, or a new unit.

    A new unit has that name, the mailbox, telephone and sort given.  The registry learns the name for good only where
    `remember` says so: whoever says so has been shown what will be learned.  What is refused has changed nothing.
    """
    document = edition.document
    guard(act, edition)
    rows = open_as(printed, _names(edition))
    if not rows:
        raise Refused(f"“{printed}”已经确认过了。")
    if create:
        place = document.jurisdiction_id
        unit = create_unit(act, jurisdiction_id=place, name=printed, kind=sort, email=email, phone=phone)
    body = unit or group
    if body is None or body.jurisdiction_id != document.jurisdiction_id:
        raise Refused("请选择本辖区单位库中的单位，或新建单位。")
    if remember and not create:
        learn_alias(act, body, printed)
    settle(rows, unit, group if unit is None else None)
    act.record(
        Verb.NAME_SETTLE,
        Subject.EDITION,
        edition.id,
        document=document,
        after={"printed": printed, "unit": body.name, "times": len(rows), "learned": remember or create},
    )
    return len(rows)


def settle_collective(
    act: Act,
    edition: Edition,
    printed: str,
    *,
    unit_ids: Sequence[int] = (),
    left_out: bool = False,
) -> int:
    """Answer a collective name (各有关部门) wherever it is still open: by chosen units, or 暂不落实."""
    guard(act, edition)
    if not unit_ids and not left_out:
        raise Refused(f"请为“{printed}”选择单位，或选择“暂不落实”。")
    check_registered(act.session, edition.document.jurisdiction_id, unit_ids)
    # A group the registry does not know can be answered in the same way, place by place.
    rows = [a for a in open_as(printed, _names(edition)) if a.kind is not NameKind.UNIT]
    if not rows:
        raise Refused(f"“{printed}”已经确认过了，或者不是统称。")
    for row in rows:
        row.left_out = left_out and not unit_ids
        row.chosen = [AssignmentChoice(unit_id=u) for u in dict.fromkeys(unit_ids)]
        row.item.measure.touch()
    act.record(
        Verb.NAME_COLLECTIVE,
        Subject.EDITION,
        edition.id,
        document=edition.document,
        after={"printed": printed, "units": list(unit_ids), "left_out": left_out},
    )
    return len(rows)


def learn_from_registry(act: Act, edition: Edition) -> int:
    """Settle the names that the registry has come to know since the reading; returns how many."""
    document = edition.document
    guard(act, edition)
    settled = resolve_everywhere(_names(edition), known_names(act.session, document.jurisdiction_id))
    for row in settled:
        row.item.measure.touch()
    if settled:
        act.record(
            Verb.NAME_REMATCH,
            Subject.EDITION,
            edition.id,
            document=document,
            after={"names": sorted({a.printed for a in settled}), "times": len(settled)},
        )
    return len(settled)


def _names(edition: Edition) -> list[Assignment]:
    return [a for m in edition.measures for i in m.items for a in i.assignments]


def undated_items(edition: Edition) -> list[Item]:
    """Return the items of tasks that have no time limit of any kind that makes a date."""
    return [
        i
        for m in edition.measures
        if m.is_task
        for i in m.items
        if not any(r.kind is not Kind.VALIDITY for r in i.rules)
    ]


def date_undated(
    act: Act,
    edition: Edition,
    *,
    due_on: date | None,
    rrule: str | None,
) -> int:
    """Give every undated item a completion date or a reporting rhythm (督查员设定); returns how many."""
    calendar = act.calendar(edition.document.jurisdiction_id)
    guard(act, edition)
    if (due_on is None) == (rrule is None):
        raise Refused("请选择一个完成日期，或者一个反馈周期。")
    if due_on is not None and due_on < today(act.now):
        raise Refused("完成日期不能早于今天。", "due_on")
    if trouble := uncountable(_set_rule(act.actor, due_on, rrule)):
        raise Refused(f"{trouble}。请另选日期或周期。")
    items = undated_items(edition)
    if items and all(
        without_period(_set_rule(act.actor, due_on, rrule), i, edition, today(act.now), calendar) for i in items
    ):
        raise Refused("文件的有效期内，这个周期没有一期可办。请改设一个完成日期，或者先在“文件信息”中更正有效期。")
    for item in items:
        rule = _set_rule(act.actor, due_on, rrule)
        rule.ordinal = len(item.rules) + 1
        rule.bindings = [RuleBinding(assignment=a) for a in proposed_bound(item, None)]
        item.rules.append(rule)
        item.measure.touch()
    act.session.flush()  # whom they bind is asked for by id
    act.record(
        Verb.EDITION_DATE_UNDATED,
        Subject.EDITION,
        edition.id,
        document=edition.document,
        after={"due_on": due_on, "rrule": rrule, "items": len(items)},
    )
    return len(items)


def _set_rule(actor: Actor, due_on: date | None, rrule: str | None) -> DeadlineRule:
    """Return a time limit of the supervisor's own (督查员设定)."""
    return DeadlineRule(
        kind=Kind.ABSOLUTE if due_on else Kind.RECURRING,
        sense=Sense.WITHIN,
        due_on=due_on,
        rrule=rrule,
        direction="after",
        counts_as_workday=False,
        set_by_id=actor.user_id,
        act="完成" if due_on else "反馈进展",
        confidence=1.0,
    )


def answer_past(
    act: Act,
    edition: Edition,
    answer: PastAnswer,
    *,
    renewed_on: date | None = None,
) -> int:
    """Answer every date already past, and every rhythm already over, that has no answer yet; returns how many.

    What still has to be done of a rhythm is done by the new day: it gets a limit of the supervisor's own beside it.
    """
    calendar = act.calendar(edition.document.jurisdiction_id)
    guard(act, edition)
    if answer is PastAnswer.OPEN and (renewed_on is None or renewed_on < today(act.now)):
        raise Refused("仍需办理的，请填写今天或以后的新日期。", "renewed_on")
    rules = [
        q.rule
        for m in edition.measures
        if m.is_task
        for q in measure_questions(m, today(act.now), calendar)
        if q.ask in (Ask.PAST_DATE, Ask.NO_PERIOD) and q.rule is not None
    ]
    for rule in rules:
        if rule.kind is Kind.RECURRING and answer is PastAnswer.OPEN:
            _put_in_place(act.actor, rule, renewed_on)
        else:
            rule.past_answer, rule.renewed_on = answer, renewed_on if answer is PastAnswer.OPEN else None
        rule.item.measure.touch()
    act.session.flush()  # whom a new limit binds is asked for by id
    act.record(
        Verb.EDITION_ANSWER_PAST,
        Subject.EDITION,
        edition.id,
        document=edition.document,
        after={"answer": answer, "renewed_on": renewed_on, "rules": len(rules)},
    )
    return len(rules)


def _put_in_place(actor: Actor, rhythm: DeadlineRule, due_on: date | None) -> None:
    """Leave a rhythm unfollowed, and bind the same names to one day."""
    rhythm.past_answer = PastAnswer.UNTRACKED
    rule = _set_rule(actor, due_on, None)
    rule.ordinal = len(rhythm.item.rules) + 1
    rule.bindings = [RuleBinding(assignment_id=b.assignment_id) for b in rhythm.bindings]
    rhythm.item.rules.append(rule)
