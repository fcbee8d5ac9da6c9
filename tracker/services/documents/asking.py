"""What a reading doubts becomes rows of an edition (疑问), asked before it is published."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tracker.reading.plan import DoubtKind
from tracker.store.models import DoubtAnswer, Edition, EditionDoubt, Measure


def shared_out(
    plans: Sequence[Mapping[str, Any]], questions: Sequence[Mapping[str, Any]]
) -> Iterator[Mapping[str, Any]]:
    """Give each plan what is doubted of the whole source where it stands: a doubt in no plan goes to the one before."""
    read = [n for n, plan in enumerate(plans) if plan["measures"]]  # the others become no document
    mine: dict[int, list[Mapping[str, Any]]] = {}
    for question in questions:
        start, end = question["span"]
        inside = [n for n in read if start < plans[n]["span"][1] and end > plans[n]["span"][0]]
        before = [n for n in read if plans[n]["span"][0] <= start]
        for n in inside or before[-1:] or read[:1]:
            mine.setdefault(n, []).append({**question, "measure": None})
    for n, plan in enumerate(plans):
        yield {**plan, "questions": [*plan.get("questions", ()), *mine[n]]} if n in mine else plan


def asked_of(questions: Iterable[Mapping[str, Any]], measures: Sequence[Measure]) -> list[EditionDoubt]:
    """Make the rows of what was doubted, by place in the text; not yet added to a session."""
    by_key = {m.key: m for m in measures}
    found = sorted(questions, key=lambda one: (one["span"][0], one["span"][1]))
    return [
        EditionDoubt(
            ordinal=n,
            kind=DoubtKind(one["kind"]),
            start=one["span"][0],
            end=one["span"][1],
            seen=one["seen"],
            others=[list(span) for span in one.get("others", ())],
            measure=by_key.get((one.get("measure") or "")[:60]),
        )
        for n, one in enumerate(found, 1)
    ]


def carry_answers(old: Iterable[EditionDoubt], edition: Edition) -> None:
    """Let what was answered of the edition in force stay answered in a new one, where the same is doubted."""
    said = {(d.kind, d.seen): d for d in old if d.answer is not None}
    for doubt in edition.doubts:
        before = said.get((doubt.kind, doubt.seen))
        measure = doubt.measure
        if measure is not None and measure.confirmed_at is not None:
            # The same words, confirmed before: whoever confirmed them has settled what is doubted of them.
            doubt.answer, doubt.answered_by_id = DoubtAnswer.CORRECTED, measure.confirmed_by_id
            doubt.answered_at = measure.confirmed_at
        elif measure is None and before is not None and before.answer is DoubtAnswer.NOTHING:
            doubt.answer, doubt.answered_by_id, doubt.answered_at = (
                before.answer,
                before.answered_by_id,
                before.answered_at,
            )
