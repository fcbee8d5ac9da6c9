"""What was confirmed of a measure goes with it into a new edition, as far as the new text still says it."""

from collections.abc import Sequence
from typing import Any

from tracker.clock.rules import Kind
from tracker.reading.names.likeness import normalise
from tracker.reading.plan import Role
from tracker.services.documents.rows import first_words, proposed_bound
from tracker.store.deadlines.rules import counts_from_document
from tracker.store.editions.changes import item_pairs, limit, rule_pairs, same_limit
from tracker.store.models import (
    Assignment,
    AssignmentChoice,
    Contact,
    DeadlineRule,
    Item,
    Measure,
    RuleBinding,
)


def carry_over(old: Measure, new: Measure) -> None:
    """Give a measure just read what was confirmed of the one it takes the place of; neither is flushed here."""
    new.is_task = old.is_task
    if old.text == new.text:
        shift = new.start - old.start
        new.title, new.items = old.title, [_item(i, shift) for i in old.items]
        _unsettle_own_dates(old, new)
        if all(r.carried for i in new.items for r in i.rules):
            new.confirmed_by_id, new.confirmed_at = old.confirmed_by_id, old.confirmed_at
        return
    if first_words(old.text) == first_words(new.text):
        new.title = old.title
    for before, after in item_pairs(old.items, new.items):
        if before is not None and after is not None:
            _merge(before, after)


def _unsettle_own_dates(old: Measure, new: Measure) -> None:
    """Ask again about limits that count from the document's issue, where the new edition's day is another."""
    for before, after in zip(old.items, new.items, strict=True):
        for was, now in zip(before.rules, after.rules, strict=True):
            now.carried = not counts_from_document(was) or same_limit(was, now)


# --- the same words --------------------------------------------------------------------------------------------------


def _copy(row: Any, *without: str, shift: int = 0) -> dict[str, Any]:
    """Return a row's values but its id, moved to their place in the new text."""
    kept = {a.key: getattr(row, a.key) for a in row.__mapper__.column_attrs if a.key not in ("id", *without)}
    for place in ("start", "end"):
        if kept.get(place) is not None:
            kept[place] += shift
    return {name: list(value) if isinstance(value, list) else value for name, value in kept.items()}


def _item(old: Item, shift: int) -> Item:
    names = {a.id: _name(a, shift) for a in old.assignments}
    item = Item(
        **_copy(old, "measure_id", shift=shift),
        assignments=list(names.values()),
        contacts=[Contact(**_copy(c, "item_id")) for c in old.contacts],
    )
    item.rules = [_rule(r, [names[b.assignment_id] for b in r.bindings], shift) for r in old.rules]
    return item


def _name(old: Assignment, shift: int = 0) -> Assignment:
    return Assignment(**_copy(old, "item_id", shift=shift), chosen=_chosen(old))


def _chosen(old: Assignment) -> list[AssignmentChoice]:
    return [AssignmentChoice(unit_id=c.unit_id) for c in old.chosen]


def _rule(old: DeadlineRule, bound: Sequence[Assignment], shift: int = 0) -> DeadlineRule:
    values = {**_copy(old, "item_id", shift=shift), "carried": True}
    return DeadlineRule(**values, bindings=[RuleBinding(assignment=a) for a in bound])


# --- other words -----------------------------------------------------------------------------------------------------


def _merge(old: Item, new: Item) -> None:
    meant = _same_names(old, new)
    for rule in old.rules:
        if rule.set_by_id is not None and all(r.kind is Kind.VALIDITY or r.set_by_id for r in new.rules):
            bound = [meant[b.assignment_id] for b in rule.bindings if b.assignment_id in meant]
            carried = _rule(rule, [a for a in bound if a.role is not Role.SUPPORT] or proposed_bound(new, None))
            carried.ordinal = len(new.rules) + 1
            new.rules.append(carried)
    for before, after in rule_pairs(old, new):
        if before is None or after is None:
            continue
        if not same_limit(before, after):
            _bind_added(before, after, meant)
            continue
        after.past_answer, after.renewed_on = before.past_answer, before.renewed_on
        after.day_off = before.day_off or after.day_off  # the new words may say what the old ones did not
        after.case_type = before.case_type
        after.carried = limit(before).kind == limit(after).kind
        _bind_as_before(old, before, after, meant)


def _bind_as_before(old: Item, before: DeadlineRule, after: DeadlineRule, meant: dict[int, Assignment]) -> None:
    """Let a limit bind whom it was said to bind; where that was what is proposed, a newly named unit is bound too."""
    if {b.assignment_id for b in before.bindings} == {a.id for a in proposed_bound(old, None)}:
        _bind_added(before, after, meant)
        return
    bound = [meant[b.assignment_id] for b in before.bindings if b.assignment_id in meant]
    whole = len(bound) == len(before.bindings)
    if bound and whole and all(a.role is not Role.SUPPORT for a in bound):
        after.bindings = [RuleBinding(assignment=a) for a in bound]


def _bind_added(before: DeadlineRule, after: DeadlineRule, meant: dict[int, Assignment]) -> None:
    """Let another date bind the units a person had added, where the one before bound them."""
    names = [meant[b.assignment_id] for b in before.bindings if b.assignment_id in meant]
    held = [b.assignment for b in after.bindings]
    after.bindings += [RuleBinding(assignment=a) for a in names if a.start is None and a not in held]


def _same_names(old: Item, new: Item) -> dict[int, Assignment]:
    """Settle names printed as before as they were settled, and add those a person had added; by the old name's id."""
    free, meant = list(new.assignments), dict[int, Assignment]()
    for before in old.assignments:
        if before.start is None:
            if not any(_means_same(before, a) for a in new.assignments):
                added = _name(before)
                added.ordinal = len(new.assignments) + 1
                new.assignments.append(added)
                meant[before.id] = added
            continue
        after = next((a for a in free if normalise(a.printed) == normalise(before.printed)), None)
        if after is None:
            continue
        free.remove(after)
        meant[before.id] = after
        if before.answered:
            after.unit_id, after.group_id, after.left_out = before.unit_id, before.group_id, before.left_out
            after.kind, after.chosen = before.kind, _chosen(before)
    return meant


def _means_same(a: Assignment, b: Assignment) -> bool:
    return (a.unit_id, a.group_id) == (b.unit_id, b.group_id) and (a.unit_id or a.group_id) is not None
