"""Confirming a reading (核对): every correction and answer of a supervisor, measure by measure."""

from tracker.now import today
from tracker.rules.verbs import Subject, Verb
from tracker.services.core.act import Act
from tracker.services.core.errors import Refused, check_version
from tracker.services.documents import doubts
from tracker.services.documents.answers import check_registered, guard
from tracker.services.documents.beside import beside_questions
from tracker.services.documents.corrections import MeasureInput, correct_names, correct_rules, settle_everywhere
from tracker.store.documents.doubts import doubted
from tracker.store.documents.drafts import measure_questions, unsure
from tracker.store.models import (
    DeadlineRule,
    Edition,
    Item,
    Measure,
)


def correct_measure(act: Act, measure: Measure, wanted: MeasureInput, version: int | None = None) -> None:
    """Take a measure's corrections and mark it confirmed; refuses where a question is still open."""
    document = measure.edition.document
    guard(act, measure.edition)
    check_version(measure.version, version)
    before = snapshot(measure)
    if not wanted.title.strip():
        raise Refused("请填写措施标题。", "title")
    measure.title, measure.is_task = wanted.title.strip(), wanted.is_task
    inputs = {i.id: i for i in wanted.items}
    names = [n for i in wanted.items for n in i.names]
    units = {u for n in names for u in (n.unit_id, *n.chosen) if u is not None}
    check_registered(
        act.session, document.jurisdiction_id, units, {n.group_id for n in names if n.group_id is not None}
    )
    items = [i for i in measure.items if i.id in inputs]
    said = [pair for item in items for pair in correct_names(act.session, item, inputs[item.id].names)]
    for row, remember in said:  # once every name stands as the form has it: what one settles, the next must not undo
        settle_everywhere(act, measure, row, remember=remember)
    for item in items:
        correct_rules(act.actor, item, inputs[item.id], measure.edition.facts, today(act.now))
    act.session.flush()  # bindings are checked against the new rows
    open_questions = measure_questions(measure, today(act.now)) if measure.is_task else []
    if open_questions:
        raise Refused("；".join(q.words for q in open_questions) + "。")
    _confirm(act, measure, before)
    doubts.settle_by_hand(act, measure)


def _confirm(act: Act, measure: Measure, before: dict[str, object] | None = None) -> None:
    measure.confirmed_by_id, measure.confirmed_at = act.actor.user_id, act.now
    act.record(
        Verb.MEASURE_CONFIRM,
        Subject.MEASURE,
        measure.id,
        document=measure.edition.document,
        before=before,
        after=snapshot(measure),
    )


def confirm_as_read(act: Act, measure: Measure) -> None:
    """Mark a measure confirmed as it stands, by a person who has looked at it; refuses while something is open."""
    guard(act, measure.edition)
    if measure.is_task and (asked := measure_questions(measure, today(act.now))):
        raise Refused("；".join(q.words for q in asked) + "。")
    _confirm(act, measure)
    doubts.settle_by_hand(act, measure)


def confirm_clear(act: Act, edition: Edition) -> int:
    """Confirm every measure read with confidence that raises no question (全部确认无疑问的); returns how many."""
    guard(act, edition)
    asked = doubted(edition) | {q.measure.id for q in beside_questions(act.session, edition) if q.measure is not None}
    clear = [
        m
        for m in edition.measures
        if m.confirmed_at is None
        and m.id not in asked
        and (not m.is_task or not (measure_questions(m, today(act.now)) or unsure(m)))
    ]
    for measure in clear:
        _confirm(act, measure)
    return len(clear)


def snapshot(measure: Measure) -> dict[str, object]:
    """Return a measure as plain values, for the audit trail."""
    return {
        "title": measure.title,
        "is_task": measure.is_task,
        "items": [
            {
                "names": [
                    [a.printed, a.role, a.unit_id, a.group_id, a.left_out, [c.unit_id for c in a.chosen]]
                    for a in item.assignments
                ],
                "rules": [
                    [
                        r.quote,
                        r.kind,
                        r.amount,
                        r.unit,
                        r.article if r.counts_as_workday else None,
                        r.due_on,
                        r.rrule,
                        *_beside(r),
                        r.past_answer,
                        r.renewed_on,
                        _bound(item, r),
                    ]
                    for r in item.rules
                ],
            }
            for item in measure.items
        ],
    }


def _beside(rule: DeadlineRule) -> list[object]:
    """Return what stands beside a rhythm or a date, where there is any: most limits have none of it."""
    hour = f"{rule.due_time:%H:%M}" if rule.due_time else None
    return [[rule.offset, rule.nth_workday, hour]] if rule.offset or rule.nth_workday or hour else []


def _bound(item: Item, rule: DeadlineRule) -> list[str]:
    """Return the printed names a time limit binds."""
    ids = {b.assignment_id for b in rule.bindings}
    return [a.printed for a in item.assignments if a.id in ids]
