"""What was settled of measures goes on in those cut from them, as far as the same words stand there."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tracker.reading.names.likeness import normalise
from tracker.reading.plan import Role
from tracker.services.documents.rows import first_words, proposed_bound
from tracker.store.models import Assignment, AssignmentChoice, DeadlineRule, Item, Measure, RuleBinding

# Where a row stands and what it is printed as come from the reading; everything else may have been corrected.
_PLACE = ("id", "item_id", "ordinal", "quote", "start", "end")


def inherit(old: Sequence[Measure], new: Sequence[Measure]) -> None:
    """Settle names and limits as they were settled, and lose none: what a part's own reading lacks goes along.

    A unit printed before the text, or in a column of a table, is every part's; what a person added is the first's.
    Of a measure that was confirmed, what had been taken away stays away.  Neither is flushed here.
    """
    for before in old:
        heirs = [m for m in new if m.start < before.end and before.start < m.end and m.items]
        for heir in heirs:
            if first_words(heir.text) == first_words(before.text):
                heir.title = before.title
        if not heirs:
            continue
        for was in before.items:
            mine = [i for m in heirs for i in m.items if i.start < was.end and was.start < i.end]
            if before.confirmed_at is not None:
                _leave_away(was, mine)
            meant = _names(was, mine, heirs, confirmed=before.confirmed_at is not None)
            _limits(was, mine, heirs, meant)


def _leave_away(was: Item, mine: Iterable[Item]) -> None:
    """Take from the items what stands within the old one and was taken away there by a person."""
    names = {(a.start, a.end) for a in was.assignments}
    limits = {(r.start, r.end) for r in was.rules}
    for item in mine:
        for name in [a for a in item.assignments if _within(a.start, was) and (a.start, a.end) not in names]:
            item.assignments.remove(name)
            for rule in item.rules:
                rule.bindings = [b for b in rule.bindings if b.assignment is not name]
        for rule in [r for r in item.rules if _within(r.start, was) and (r.start, r.end) not in limits]:
            item.rules.remove(rule)


def _within(start: int | None, of: Item) -> bool:
    return start is not None and of.start <= start < of.end


def _homes(start: int | None, mine: Sequence[Item], heirs: Sequence[Measure]) -> list[Item]:
    """Return the items that get what stood at a place: those that hold it, else the first of each part."""
    first = [m.items[0] for m in heirs]
    if start is None:
        return [(mine or first)[0]]
    return [i for i in mine if _within(start, i)] or first


# --- names -----------------------------------------------------------------------------------------------------------


def _names(
    was: Item, mine: Sequence[Item], heirs: Sequence[Measure], *, confirmed: bool
) -> dict[int, list[Assignment]]:
    """Settle the names of new items; returns by an old name's id what it became."""
    meant: dict[int, list[Assignment]] = {}
    for before in was.assignments:
        same = [a for i in mine for a in i.assignments if before.start is not None and a.start == before.start]
        if not same:
            same = [_given(before, home) for home in _homes(before.start, mine, heirs)]
        meant[before.id] = [_as_settled(name, before, confirmed) for name in same]
    return meant


def _given(before: Assignment, home: Item) -> Assignment:
    """Return an item's name that is printed alike, or give it this one."""
    key = normalise(before.printed)
    held = next((a for a in home.assignments if normalise(a.printed) == key), None)
    if held is not None:
        return held
    name = Assignment(
        ordinal=len(home.assignments) + 1,
        printed=before.printed,
        role=before.role,
        kind=before.kind,
        start=before.start,
        end=before.end,
        left_out=False,
        confidence=before.confidence,
        found_by=before.found_by,
        chosen=[],
    )
    home.assignments.append(name)
    return name


def _as_settled(name: Assignment, before: Assignment, confirmed: bool) -> Assignment:
    if before.answered:
        name.unit_id, name.group_id, name.left_out = before.unit_id, before.group_id, before.left_out
        name.kind, name.chosen = before.kind, [AssignmentChoice(unit_id=c.unit_id) for c in before.chosen]
    if confirmed:
        name.role, name.confidence = before.role, before.confidence
    return name


# --- limits ----------------------------------------------------------------------------------------------------------


def _limits(was: Item, mine: Sequence[Item], heirs: Sequence[Measure], meant: dict[int, list[Assignment]]) -> None:
    for held in was.rules:
        place = (held.start, held.end)
        same = [(i, r) for i in mine for r in i.rules if held.start is not None and (r.start, r.end) == place]
        if not same:
            same = [(home, _added(held, home)) for home in _homes(held.start, mine, heirs)]
        for item, rule in same:
            for name, value in _corrected(held):
                setattr(rule, name, value)
            _bind(item, rule, held, meant)


def _added(held: DeadlineRule, home: Item) -> DeadlineRule:
    rule = DeadlineRule(ordinal=len(home.rules) + 1, quote=held.quote, start=held.start, end=held.end)
    rule.bindings = [RuleBinding(assignment=a) for a in proposed_bound(home, None)]
    home.rules.append(rule)
    return rule


def _corrected(rule: DeadlineRule) -> Iterator[tuple[str, Any]]:
    for column in rule.__mapper__.column_attrs:
        if column.key not in _PLACE:
            yield column.key, getattr(rule, column.key)


def _bind(item: Item, rule: DeadlineRule, held: DeadlineRule, meant: dict[int, list[Assignment]]) -> None:
    """Let a limit bind whom it bound, where those names stand in the same item."""
    bound = [a for b in held.bindings for a in meant.get(b.assignment_id, ())]
    able = [a for a in bound if a in item.assignments and a.role is not Role.SUPPORT]
    if able:
        rule.bindings = [RuleBinding(assignment=a) for a in able]
