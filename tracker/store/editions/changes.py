"""New editions (新版本) of published documents: what each changes, and what of it still has to be answered."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from tracker.reading.pairing import ChangeKind, Limit, Match, Passage, RoleChange, limit_pairs, match, role_changes
from tracker.rules.workflow import ENDED
from tracker.store.deadlines.rules import counts_from_document, own_event_at
from tracker.store.documents.drafts import Question, loaded_items, questions
from tracker.store.models import (
    Assignment,
    ChangeAnswer,
    DeadlineRule,
    Duty,
    Edition,
    EditionChange,
    EditionDoubt,
    EditionState,
    Item,
    Measure,
    Task,
)

ItemPair = tuple[Item | None, Item | None]
RulePair = tuple[DeadlineRule | None, DeadlineRule | None]


@dataclass(frozen=True, slots=True)
class LimitChange:
    """A time limit that is new (no `before`), gone (no `after`), or has another date or period."""

    before: DeadlineRule | None
    after: DeadlineRule | None


@dataclass(frozen=True, slots=True)
class Compared:
    """One change with what differs beside the words: units and time limits."""

    change: EditionChange
    units: list[RoleChange] = field(default_factory=list)
    limits: list[LimitChange] = field(default_factory=list)
    task: tuple[bool, bool] = (True, True)  # whether it was, and whether it will be, a task

    @property
    def asked(self) -> bool:
        """Whether a supervisor has to say what becomes of it."""
        same = self.change.kind is ChangeKind.SAME and self.task[0] == self.task[1]
        return not same or bool(self.units or self.limits)

    @property
    def open(self) -> bool:
        return self.asked and self.change.answer is None

    @property
    def kept(self) -> bool:
        return self.change.answer is ChangeAnswer.KEEP


def draft_of(session: Session, document_id: int) -> Edition | None:
    """Return the new edition of a published document that is being confirmed, its row alone; None where none is."""
    return session.scalars(
        select(Edition)
        .where(Edition.document_id == document_id, Edition.state == EditionState.DRAFT, Edition.number > 1)
        .options(joinedload(Edition.document))
    ).one_or_none()


def current_of(session: Session, document_id: int) -> Edition:
    """Return the edition of a published document that is in force, its row alone."""
    return session.scalars(
        select(Edition)
        .where(Edition.document_id == document_id, Edition.state == EditionState.CURRENT)
        .options(joinedload(Edition.document))
    ).one()


def editions_of(session: Session, document_id: int) -> list[Edition]:
    """Return a document's editions, newest first, their rows alone."""
    return list(
        session.scalars(
            select(Edition)
            .where(Edition.document_id == document_id)
            .options(joinedload(Edition.document), joinedload(Edition.plan_reading))
            .order_by(Edition.number.desc())
        )
    )


def measures_in_force(session: Session, edition: Edition) -> list[Measure]:
    """Return the measures that hold under an edition, loaded: its own, and older ones that were kept as they were."""
    whole = selectinload(Measure.items).options(*loaded_items())
    edition_row = joinedload(Measure.edition).joinedload(Edition.document)
    changes = session.execute(
        select(EditionChange.answer, EditionChange.old_measure_id, EditionChange.new_measure_id)
        .where(EditionChange.edition_id == edition.id)
        .order_by(EditionChange.ordinal)
    ).all()
    query = select(Measure).options(whole, edition_row)
    if not changes:
        return list(session.scalars(query.where(Measure.edition_id == edition.id).order_by(Measure.ordinal)))
    ids = [old if answer is ChangeAnswer.KEEP else new for answer, old, new in changes]
    rows = {m.id: m for m in session.scalars(query.where(Measure.id.in_([i for i in ids if i is not None])))}
    return [rows[i] for i in ids if i is not None]


def doubts_in_force(session: Session, document_id: int) -> list[EditionDoubt]:
    """Return what was doubted of the edition of a document that is in force."""
    query = select(EditionDoubt).join(Edition, EditionDoubt.edition_id == Edition.id)
    current = query.where(Edition.document_id == document_id, Edition.state == EditionState.CURRENT)
    return list(session.scalars(current.order_by(EditionDoubt.ordinal)))


def changes_of(session: Session, edition: Edition) -> list[EditionChange]:
    """Return what a new edition changes, in its order, both measures loaded with all they hold."""
    both = [
        joinedload(side).options(
            joinedload(Measure.edition).joinedload(Edition.document),
            selectinload(Measure.items).options(*loaded_items()),
        )
        for side in (EditionChange.old, EditionChange.new)
    ]
    return list(
        session.scalars(
            select(EditionChange)
            .where(EditionChange.edition_id == edition.id)
            .order_by(EditionChange.ordinal)
            .options(*both, joinedload(EditionChange.edition).joinedload(Edition.document))
        )
    )


def find_change(session: Session, edition: Edition, change_id: int) -> EditionChange | None:
    """Return one change of an edition, its edition and document loaded."""
    return session.scalars(
        select(EditionChange)
        .where(EditionChange.id == change_id, EditionChange.edition_id == edition.id)
        .options(joinedload(EditionChange.edition).joinedload(Edition.document))
    ).one_or_none()


def tasks_of(session: Session, document_id: int) -> list[Task]:
    """Return a document's tasks in order, with their items, duties and units, as the verbs of a duty need them."""
    return list(
        session.scalars(
            select(Task)
            .where(Task.document_id == document_id)
            .options(
                joinedload(Task.document),
                joinedload(Task.item).joinedload(Item.measure).joinedload(Measure.edition),
                joinedload(Task.item).options(*loaded_items()),
                selectinload(Task.duties).options(
                    joinedload(Duty.task).options(joinedload(Task.document), joinedload(Task.item)),
                    joinedload(Duty.unit),
                ),
            )
            .order_by(Task.ordinal)
        )
    )


def live_duties(session: Session, document_id: int) -> dict[int, int]:
    """Return, by measure, how many duties of a document's tasks are not ended."""
    rows = session.execute(
        select(Item.measure_id, func.count(Duty.id))
        .join(Task, Task.item_id == Item.id)
        .join(Duty, Duty.task_id == Task.id)
        .where(Task.document_id == document_id, Duty.state.not_in(ENDED))
        .group_by(Item.measure_id)
    )
    return {row[0]: row[1] for row in rows}


# --- comparing rows --------------------------------------------------------------------------------------------------


def passage(measure: Measure) -> Passage:
    return Passage(measure.key, measure.section, measure.text)


def limit(rule: DeadlineRule) -> Limit:
    """Return a time limit as it is compared; one that counts from the document's own issue has its day in it."""
    given = rule.as_rule()
    own = own_event_at(rule.item.measure.edition.facts, rule) if counts_from_document(rule) else None
    value = (
        given.sense, given.amount, given.unit, given.due_on, given.date_from, given.rrule, given.direction,
        given.counts_as_workday, given.offset, given.nth_workday, given.due_time, rule.trigger, rule.party, own,
    )  # fmt: skip
    return Limit(rule.kind.value, value, rule.act or "")


def same_limit(before: DeadlineRule, after: DeadlineRule) -> bool:
    a, b = limit(before), limit(after)
    return (a.kind, a.value) == (b.kind, b.value)


def item_pairs(old: Sequence[Item], new: Sequence[Item]) -> list[ItemPair]:
    """Pair the responsibility items of a measure with those of the one that takes its place."""
    if len(old) == 1 and len(new) == 1:
        return [(old[0], new[0])]
    found: list[Match] = match(
        [Passage(str(i.ordinal), None, i.text) for i in old], [Passage(str(i.ordinal), None, i.text) for i in new]
    )
    return [(old[m.old] if m.old is not None else None, new[m.new] if m.new is not None else None) for m in found]


def rule_pairs(old: Item | None, new: Item | None) -> list[RulePair]:
    """Pair the time limits of two items."""
    before, after = list(old.rules) if old else [], list(new.rules) if new else []
    pairs = limit_pairs([limit(r) for r in before], [limit(r) for r in after])
    return [(before[a] if a is not None else None, after[b] if b is not None else None) for a, b in pairs]


def compared(change: EditionChange) -> Compared:
    """Return what differs between the two measures of a change, both fully loaded."""
    old, new = change.old, change.new
    was, will = old is not None and old.is_task, new is not None and new.is_task
    items = item_pairs(old.items if old and was else [], new.items if new and will else [])
    units = role_changes(
        [n for a, _ in items if a is not None for n in named(a)],
        [n for _, b in items if b is not None for n in named(b)],
    )
    limits = [
        LimitChange(before, after)
        for a, b in items
        for before, after in rule_pairs(a, b)
        if before is None or after is None or not same_limit(before, after)
    ]
    return Compared(change, units, limits, (was, will))


def named(item: Item) -> list[tuple[str, str]]:
    """Return whom an item names, as the registry calls them, with their roles."""
    return [(_called(a), a.role.value) for a in item.assignments if not a.left_out]


def _called(name: Assignment) -> str:
    if name.group is not None:
        return name.group.name
    if name.unit is not None:
        return name.unit.name
    return f"{name.printed}（{len(name.chosen)} 个单位）" if name.chosen else name.printed


def open_questions(edition: Edition, found: Sequence[Compared], today: date) -> list[Question]:
    """Return what has to be answered of a new edition: measures that stay as they were are asked nothing."""
    kept = {c.change.new_measure_id for c in found if c.kept}
    return [q for q in questions(edition, today) if q.measure is None or q.measure.id not in kept]
