"""What was read becomes rows: a measure with its items, names and time limits, looked up in the registry."""

from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any

from tracker.clock.rules import CountUnit, DayOff, Kind, Sense
from tracker.reading.names.likeness import kind_of, same_body
from tracker.reading.plan import NameKind, Role
from tracker.store.models import (
    Assignment,
    Contact,
    DeadlineRule,
    Item,
    Measure,
    Party,
    PlanReading,
    RuleBinding,
)
from tracker.store.registry.names import Known

# Two plans of which nearly all measures agree are asked about.
NEARLY_ALL = 0.8


def facts_read(plan: PlanReading) -> dict[str, Any]:
    """Return what a plan says of itself: title, number and dates."""
    read = plan.reading
    return {
        "title": plan.title,
        "doc_no": _short(read.get("doc_no"), 200),
        "issued_on": _date(read.get("issued_on")),
        "effective_on": _date(read.get("effective_on")),
        "expires_on": _date(read.get("expires_on")),
    }


def proposed_bound(item: Item, named: Sequence[str] | None) -> list[Assignment]:
    """Whom a rule binds, as proposed: the unit its sentence names; else the leads; else all; never a supporting one."""
    able = [a for a in item.assignments if a.role is not Role.SUPPORT]
    if named:
        by_name = [a for a in able if any(same_body(name, a.printed) for name in named)]
        if by_name:
            return by_name
    return [a for a in able if a.role is Role.LEAD] or able


def measure_row(read: Mapping[str, Any], ordinal: int, known: Known) -> Measure:
    """Make a measure's row from what was read, its names looked up in the registry."""
    start, end = read["span"]
    title = (read.get("title") or first_words(read["text"])).strip()
    return Measure(
        ordinal=ordinal,
        key=read["key"][:60],
        section=_short(read.get("section"), 500),
        title=title,
        start=start,
        end=end,
        text=read["text"],
        items=[_item(i, n, known) for n, i in enumerate(read["items"], 1)],
    )


def first_words(text: str, longest: int = 40) -> str:
    """Return a short name for a measure without a title: its first clause, cut where it is long."""
    for mark in "。；;":
        text = text.split(mark, 1)[0]
    flat = "".join(text.split())
    if len(flat) <= longest:
        return flat
    clause = flat[:longest]
    cut = max(clause.rfind("，"), clause.rfind(","), clause.rfind("、"))
    return (clause[:cut] if cut >= 10 else clause) + "…"


def _item(read: Mapping[str, Any], ordinal: int, known: Known) -> Item:
    start, end = read["span"]
    item = Item(
        ordinal=ordinal,
        start=start,
        end=end,
        text=read["text"],
        beneficiaries=_short(read.get("beneficiaries"), 1000),
        # Leave to extend is no limit of its own: it is listed, and no clock runs by it.
        vague=[v["quote"] for v in [*read.get("vague", []), *filter(_is_leave, read["deadlines"])]],
        assignments=[_assignment(a, n, known) for n, a in enumerate(read["assignments"], 1)],
        contacts=[
            Contact(
                unit=_short(c.get("unit"), 200),
                post=_short(c.get("post"), 200),
                name=_short(c.get("name"), 100),
                phones=list(c.get("phones") or []),
            )
            for c in read.get("contacts", [])
        ],
    )
    limits = [deadline for deadline in read["deadlines"] if not _is_leave(deadline)]
    for ordinal_of_rule, deadline in enumerate(limits, 1):
        item.rules.append(limit_row(deadline, ordinal_of_rule, item))
    return item


def _is_leave(deadline: Mapping[str, Any]) -> bool:
    """Whether what was read only allows more time (可延长10个工作日)."""
    return bool(deadline.get("extension"))


def limit_row(read: Mapping[str, Any], ordinal: int, item: Item) -> DeadlineRule:
    """Make a time limit's row from what was read, binding whom it is proposed to bind among the item's names."""
    rule = _rule(read, ordinal)
    rule.bindings = [RuleBinding(assignment=a) for a in proposed_bound(item, read.get("bound"))]
    return rule


def _assignment(read: Mapping[str, Any], ordinal: int, known: Known) -> Assignment:
    kind = NameKind(read.get("kind") or kind_of(read["unit"]))
    unit_id, group_id = known.resolve(read["unit"])
    if group_id is not None:
        kind = NameKind.GROUP
    elif unit_id is not None:
        kind = NameKind.UNIT
    start, end = read["span"]
    return Assignment(
        ordinal=ordinal,
        printed=read["unit"][:200],
        role=Role(read["role"]),
        kind=kind,
        start=start,
        end=end,
        unit_id=unit_id,
        group_id=group_id,
        confidence=read.get("confidence", 1.0),
        found_by=read.get("found_by"),
    )


def _rule(read: Mapping[str, Any], ordinal: int) -> DeadlineRule:
    start, end = read["span"]
    extendable, offset = read.get("extendable_to") or {}, read.get("offset") or {}
    return DeadlineRule(
        ordinal=ordinal,
        quote=read["quote"][:500],
        start=start,
        end=end,
        kind=_kind(read),
        sense=Sense(read["sense"]),
        trigger=_short(read.get("trigger"), 200),
        amount=read.get("amount"),
        unit=CountUnit(read["unit"]) if read.get("unit") else None,
        due_on=_date(read.get("date")),
        date_from=_date(read.get("date_from")),
        rrule=read.get("rrule"),
        offset_amount=offset.get("amount"),
        offset_unit=CountUnit(offset["unit"]) if offset.get("unit") else None,
        nth_workday=read.get("nth_workday"),
        due_time=time.fromisoformat(read["time"]) if read.get("time") else None,
        direction=read.get("direction") or "after",
        day_off=DayOff(read["day_off"]) if read.get("day_off") else None,
        counts_as_workday=read.get("counts_as") == "workday",
        article=_short(read.get("by"), 200),
        extend_amount=extendable.get("amount"),
        extend_unit=CountUnit(extendable["unit"]) if extendable.get("unit") else None,
        party=Party(read.get("party") or "unit"),
        act=_short(read.get("act"), 200),
        confidence=read.get("confidence", 1.0),
        found_by=read.get("found_by"),
    )


def _kind(read: Mapping[str, Any]) -> Kind:
    """Return a limit's kind; one that lacks what its kind counts with is kept as a date nobody could read."""
    kind = Kind(read["kind"])
    lacking = (kind is Kind.RELATIVE and (read.get("amount") is None or not read.get("unit"))) or (
        kind is Kind.RECURRING and not read.get("rrule")
    )
    return Kind.ABSOLUTE if lacking else kind


def _short(text: str | None, longest: int) -> str | None:
    return text[:longest] if text else None


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
