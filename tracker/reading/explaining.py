"""How a reading came about: every unit, role and time limit with its confidence and the rule that found it."""

from collections.abc import Iterator

from tracker.reading.limits.measured import limit_words
from tracker.reading.names.confidence import measured_words
from tracker.reading.plan import Item, Plan, Reading, Unassigned
from tracker.reading.rendering import value_words

DOUBTFUL = 0.75
"""Below this a reading is marked for a person to look at first."""


def as_explanation(reading: Reading, text: str) -> str:
    """Return the whole reading line by line; doubtful readings begin with 「？」, and what was left out says why."""
    lines = [line for plan in reading.plans for line in _plan(plan, text)]
    lines += [_left(one, text) for one in reading.unassigned]
    return "\n".join(lines)


def _plan(plan: Plan, text: str) -> Iterator[str]:
    yield f"【{plan.title}】"
    for measure in plan.measures:
        yield f"{measure.key}  {(measure.title or measure.text)[:40]}  [{measure.span.start}:{measure.span.end}]"
        for item in measure.items:
            yield from _item(item)
    for one in plan.unassigned:
        yield _left(one, text)


def _item(item: Item) -> Iterator[str]:
    for name in item.assignments:
        what = f"{name.role}/{name.kind}"
        rule = f"{name.found_by}（{measured_words(name.found_by)}）"
        yield f"  {_mark(name.confidence)}单位 {name.unit}  {what}  把握 {name.confidence:.2f}  规则 {rule}"
    for one in item.deadlines:
        sense = f"{one.kind}/{one.sense}/{one.party}"
        counted = f"  起算 {one.trigger}" if one.trigger else ""
        yield (
            f"  {_mark(one.confidence)}时限 “{one.quote}” {value_words(one).strip()}{counted}  {sense}"
            f"  把握 {one.confidence:.2f}  规则 {one.found_by}（{limit_words(one.found_by)}）"
        )
    for word in item.vague:
        yield f"    含糊 “{word.quote}”：不定日期"


def _mark(confidence: float) -> str:
    return "？" if confidence < DOUBTFUL else "  "


def _left(one: Unassigned, text: str) -> str:
    words = " ".join(text[one.span.start : one.span.end].split())[:40]
    return f"{'？' if one.suspect else '  '}未归入 [{one.span.start}:{one.span.end}] {one.reason}：{words}"
