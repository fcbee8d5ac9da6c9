"""What was settled of measures goes on in those cut from them, as far as the same words stand there."""

from collections.abc import Iterator, Sequence
from typing import Any

from tracker.reading.plan import Role
from tracker.services.documents.intake import first_words, proposed_bound
from tracker.store.models import Assignment, AssignmentChoice, DeadlineRule, Item, Measure, RuleBinding

Range = tuple[int | None, int | None]
# Where a row stands and what it is printed as come from the reading; everything else may have been corrected.
_PLACE = ("id", "item_id", "ordinal", "quote", "start", "end")


def inherit(old: Sequence[Measure], new: Sequence[Measure]) -> None:
    """Settle names and limits as they were settled at the same place of the text; what a person added goes along.

    Of a measure that was confirmed, what had been taken away stays away.  Neither is flushed here.
    """
    for before in old:
        heirs = [m for m in new if m.start < before.end and before.start < m.end]
        items = [i for m in heirs for i in m.items]
        for heir in heirs:
            if first_words(heir.text) == first_words(before.text):
                heir.title = before.title
        if not items:
            continue
        for was in before.items:
            _names_and_limits(was, items, confirmed=before.confirmed_at is not None)


def _names_and_limits(was: Item, items: Sequence[Item], *, confirmed: bool) -> None:
    mine = [i for i in items if i.start < was.end and was.start < i.end] or items[:1]
    meant: dict[int, Assignment] = {}
    names: dict[Range, Assignment] = {(a.start, a.end): a for a in was.assignments if a.start is not None}
    limits: dict[Range, DeadlineRule] = {(r.start, r.end): r for r in was.rules if r.start is not None}
    for item in mine:
        for name in list(item.assignments):
            before = names.get((name.start, name.end))
            if before is not None:
                meant[before.id] = _as_settled(name, before, confirmed)
            elif confirmed and _within(name.start, was):
                _drop(item, name)
        for rule in list(item.rules):
            held = limits.get((rule.start, rule.end))
            if held is not None:
                _as_corrected(rule, held)
                _bind(item, rule, held, meant)
            elif confirmed and _within(rule.start, was):
                item.rules.remove(rule)
    _added(was, mine[0], meant)


def _within(start: int | None, was: Item) -> bool:
    return start is not None and was.start <= start < was.end


def _as_settled(name: Assignment, before: Assignment, confirmed: bool) -> Assignment:
    if before.answered:
        name.unit_id, name.group_id, name.left_out = before.unit_id, before.group_id, before.left_out
        name.kind, name.chosen = before.kind, [AssignmentChoice(unit_id=c.unit_id) for c in before.chosen]
    if confirmed:
        name.role, name.confidence = before.role, before.confidence
    return name


def _drop(item: Item, name: Assignment) -> None:
    item.assignments.remove(name)
    for rule in item.rules:
        rule.bindings = [b for b in rule.bindings if b.assignment is not name]


def _corrected(rule: DeadlineRule) -> Iterator[tuple[str, Any]]:
    for column in rule.__mapper__.column_attrs:
        if column.key not in _PLACE:
            yield column.key, getattr(rule, column.key)


def _as_corrected(rule: DeadlineRule, held: DeadlineRule) -> None:
    for name, value in _corrected(held):
        setattr(rule, name, value)


def _bind(item: Item, rule: DeadlineRule, held: DeadlineRule, meant: dict[int, Assignment]) -> None:
    """Let a limit bind whom it bound, where those names stand in the same item."""
    bound = [meant[b.assignment_id] for b in held.bindings if b.assignment_id in meant]
    able = [a for a in bound if a in item.assignments and a.role is not Role.SUPPORT]
    if able:
        rule.bindings = [RuleBinding(assignment=a) for a in able]


def _added(was: Item, item: Item, meant: dict[int, Assignment]) -> None:
    """Give the first item what a person had added: it stands nowhere in the text."""
    for before in (a for a in was.assignments if a.start is None):
        name = Assignment(
            ordinal=len(item.assignments) + 1,
            printed=before.printed,
            role=before.role,
            kind=before.kind,
            unit_id=before.unit_id,
            group_id=before.group_id,
            left_out=before.left_out,
            confidence=before.confidence,
            found_by=before.found_by,
            chosen=[AssignmentChoice(unit_id=c.unit_id) for c in before.chosen],
        )
        item.assignments.append(name)
        meant[before.id] = name
    for held in (r for r in was.rules if r.start is None):
        rule = DeadlineRule(ordinal=len(item.rules) + 1, quote=held.quote, **dict(_corrected(held)))
        rule.bindings = [RuleBinding(assignment=a) for a in proposed_bound(item, None)]
        _bind(item, rule, held, meant)
        item.rules.append(rule)
