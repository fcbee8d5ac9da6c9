"""A reading as plain JSON values, and as a table a person can check."""

import unicodedata
from collections.abc import Iterable
from typing import Any

from tracker.clock.rules import CountUnit, Kind
from tracker.reading.plan import Deadline, Doubt, Item, Measure, Node, Plan, Reading, Span, Unassigned


def as_json(reading: Reading) -> dict[str, Any]:
    """The reading as JSON values: {"plans": [...], "unassigned": [...], "questions": [...]}."""
    return {
        "plans": [_plan(plan) for plan in reading.plans],
        "unassigned": _unassigned(reading.unassigned),
        "questions": [doubt_json(one) for one in reading.doubts],
    }


def _span(span: Span) -> list[int]:
    return [span.start, span.end]


def _unassigned(left: Iterable[Unassigned]) -> list[dict[str, Any]]:
    return [{"span": _span(one.span), "reason": one.reason, "suspect": one.suspect} for one in left]


def _plan(plan: Plan) -> dict[str, Any]:
    return {
        "plan": plan.title,
        "span": _span(plan.span),
        "jurisdiction": plan.jurisdiction,
        "doc_no": plan.doc_no,
        "issued_on": plan.issued_on.isoformat() if plan.issued_on else None,
        "effective_on": plan.effective_on.isoformat() if plan.effective_on else None,
        "expires_on": plan.expires_on.isoformat() if plan.expires_on else None,
        "measures": [measure_json(measure) for measure in plan.measures],
        "headings": [_span(span) for span in plan.headings],
        "unassigned": _unassigned(plan.unassigned),
        "outline": [_node(node) for node in plan.outline],
        "questions": [doubt_json(one) for one in plan.doubts],
    }


def _node(node: Node) -> dict[str, Any]:
    return {
        "style": node.style,
        "key": node.key,
        "depth": node.depth,
        "head": _span(node.head),
        "span": _span(node.span),
        "is_measure": node.is_measure,
    }


def doubt_json(one: Doubt) -> dict[str, Any]:
    """A doubt as JSON values."""
    return {
        "kind": str(one.kind),
        "span": _span(one.span),
        "seen": one.seen,
        "measure": one.measure,
        "others": [_span(span) for span in one.others],
    }


def measure_json(measure: Measure) -> dict[str, Any]:
    """A measure as JSON values."""
    return {
        "key": measure.key,
        "section": measure.section,
        "title": measure.title,
        "text": measure.text,
        "span": _span(measure.span),
        "items": [_item(item) for item in measure.items],
    }


def _item(item: Item) -> dict[str, Any]:
    return {
        "text": item.text,
        "span": _span(item.span),
        "assignments": [
            {
                "unit": one.unit,
                "role": str(one.role),
                "kind": str(one.kind),
                "span": _span(one.span),
                "confidence": one.confidence,
                "found_by": one.found_by,
            }
            for one in item.assignments
        ],
        "beneficiaries": item.beneficiaries,
        "contacts": [
            {"unit": one.unit, "post": one.post, "name": one.name, "phones": list(one.phones)} for one in item.contacts
        ],
        "deadlines": [deadline_json(one) for one in item.deadlines],
        "vague": [{"quote": one.quote, "span": _span(one.span)} for one in item.vague],
    }


def deadline_json(one: Deadline) -> dict[str, Any]:
    """A deadline as JSON values."""
    return {
        "quote": one.quote,
        "span": _span(one.span),
        "kind": one.kind,
        "sense": one.sense,
        "trigger": one.trigger,
        "amount": one.amount,
        "unit": one.unit,
        "date": one.date.isoformat() if one.date else None,
        "date_from": one.date_from.isoformat() if one.date_from else None,
        "rrule": one.rrule,
        "offset": {"amount": one.offset[0], "unit": one.offset[1]} if one.offset else None,
        "nth_workday": one.nth_workday,
        "time": one.time,
        "day_off": one.day_off,
        "party": one.party,
        "act": one.act,
        "bound": list(one.bound) if one.bound else None,
        "direction": one.direction,
        "counts_as": one.counts_as,
        "by": one.by,
        "extendable_to": (
            {"amount": one.extendable_to[0], "unit": one.extendable_to[1]} if one.extendable_to else None
        ),
        "extension": one.extension,
        "confidence": one.confidence,
        "found_by": one.found_by,
    }


def as_table(reading: Reading) -> str:
    """The reading as a plain text table: key, first words, units with roles, deadlines."""
    lines: list[str] = []
    for plan in reading.plans:
        items = sum(len(measure.items) for measure in plan.measures)
        dated = sum(len(item.deadlines) for measure in plan.measures for item in measure.items)
        lines.append(plan.title or "（无标题）")
        lines.append(f"措施 {len(plan.measures)} 条，责任项 {items} 个，时限 {dated} 个")
        lines.extend(_row(measure) for measure in plan.measures)
        suspect = [one for one in plan.unassigned if one.suspect]
        lines.append(f"未归入措施的段落 {len(plan.unassigned)} 个，其中疑似含责任 {len(suspect)} 个")
        lines.append("")
    return "\n".join(lines)


def _row(measure: Measure) -> str:
    rows = []
    for n, item in enumerate(measure.items):
        units = "、".join(f"{one.unit}[{one.role.label}]" for one in item.assignments) or "（未列责任单位）"
        times = "；".join(f"{Kind(one.kind).label}：{one.quote}{value_words(one)}" for one in item.deadlines) or "—"
        words = (measure.title or measure.text if not n else item.text)[:16]
        rows.append(f"{_fit(measure.key if not n else '', 8)} {_fit(words, 34)} {_fit(units, 60)} {times}")
    return "\n".join(rows)


def value_words(one: Deadline) -> str:
    if one.date:
        return f" → {one.date.isoformat()}"
    if one.amount is not None and one.unit:
        return f" → {one.amount}{CountUnit(one.unit).label}"
    return f" → {one.rrule}" if one.rrule else ""


def width(text: str) -> int:
    """The columns a text takes in a terminal, where a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _fit(text: str, columns: int) -> str:
    """The text padded to a number of columns; a longer one is left whole, so that nothing is hidden."""
    return text + " " * max(0, columns - width(text))
