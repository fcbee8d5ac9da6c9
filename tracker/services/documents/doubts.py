"""疑问: what a reading could not settle by itself, answered one by one, or like ones together; and asked again."""

from collections.abc import Collection

from tracker.reading.extraction import measure_of
from tracker.reading.plan import DoubtKind, Span
from tracker.reading.rendering import measure_json
from tracker.rules.verbs import Subject, Verb
from tracker.services.core.act import Act
from tracker.services.core.errors import Refused, Stale
from tracker.services.documents.answers import guard
from tracker.services.documents.rows import limit_row
from tracker.store.documents.doubts import answers_for, chosen_doubts, doubts_of
from tracker.store.documents.drafts import source_text
from tracker.store.models import DeadlineRule, DoubtAnswer, Edition, EditionDoubt, Measure

Range = tuple[int, int]
# What a person said, and may say otherwise; the rest follows from what was done to a measure.
SAID = (DoubtAnswer.NOTHING, DoubtAnswer.FIRST, DoubtAnswer.SECOND, DoubtAnswer.BOTH)


def answer_doubts(act: Act, edition: Edition, ids: Collection[int], answer: DoubtAnswer) -> int:
    """Answer doubts together; the edition must be fully loaded.  Refuses where one was answered meanwhile."""
    guard(act, edition)
    found = chosen_doubts(act.session, edition.id, ids)
    if not found or len(found) != len(set(ids)):
        raise Refused("这些疑问已不在这份文件中，请刷新页面。")
    if any(not d.open for d in found):
        raise Stale
    for doubt in found:
        if answer not in answers_for(doubt.kind):
            raise Refused(f"“{doubt.kind.label}”不能这样答复，请从给出的答复中选择。")
        if doubt.measure is not None and doubt.kind is not DoubtKind.CONFLICT:
            raise Refused(f"这处疑问在措施 {doubt.measure.key} 上，请打开那一项，看过后按“确认”。")
    for doubt in found:
        for rule in _given_up(edition, doubt, answer):
            rule.item.measure.touch()
            rule.item.rules.remove(rule)
        _settle(act, doubt, answer)
    _record(act, edition, found, {"answer": answer})
    return len(found)


def ask_again(act: Act, edition: Edition, ids: Collection[int]) -> int:
    """Take back what was said of doubts; a time limit that was given up for another stands again."""
    guard(act, edition)
    found = [d for d in chosen_doubts(act.session, edition.id, ids) if d.answer in SAID]
    if not found:
        raise Refused("这处疑问没有可以撤回的答复，请刷新页面。")
    before = found[0].answer
    for doubt in found:
        for start, end in _left(doubt, doubt.answer):
            _put_back(act, edition, start, end)
        doubt.answer = doubt.answered_by_id = doubt.answered_at = None
    _record(act, edition, found, {"answer": None}, {"answer": before})
    return len(found)


def settle_by_hand(act: Act, measure: Measure) -> None:
    """Settle what was doubted of a measure that a person has just looked at and confirmed (已更正).

    Two limits for one thing want their choice, unless one of them is gone.
    """
    ranges = [(r.start, r.end) for i in measure.items for r in i.rules if r.start is not None]
    for doubt in doubts_of(act.session, measure.id):
        standing = [one for one in _ranges(doubt) if any(_touch(one, (s or 0, e or 0)) for s, e in ranges)]
        if doubt.kind is not DoubtKind.CONFLICT or len(standing) < 2:
            _settle(act, doubt, DoubtAnswer.CORRECTED)


def _settle(act: Act, doubt: EditionDoubt, answer: DoubtAnswer) -> None:
    doubt.answer, doubt.answered_by_id, doubt.answered_at = answer, act.by_id, act.now


def _record(
    act: Act,
    edition: Edition,
    found: list[EditionDoubt],
    after: dict[str, object],
    before: dict[str, object] | None = None,
) -> None:
    act.record(
        Verb.DOUBT_ANSWER,
        Subject.EDITION,
        edition.id,
        document=edition.document,
        before=before,
        after={**after, "kind": found[0].kind, "seen": [d.seen for d in found], "places": [d.start for d in found]},
    )


# --- two limits for one thing ----------------------------------------------------------------------------------------


def _ranges(doubt: EditionDoubt) -> list[Range]:
    return [(doubt.start, doubt.end), *((one[0], one[1]) for one in doubt.others)]


def _left(doubt: EditionDoubt, answer: DoubtAnswer | None) -> list[Range]:
    """Return where the limits stand that an answer gives up."""
    ranges = _ranges(doubt)
    chosen = {DoubtAnswer.FIRST: 0, DoubtAnswer.SECOND: 1}.get(answer) if answer is not None else None
    if doubt.kind is not DoubtKind.CONFLICT or chosen is None or chosen >= len(ranges):
        return []
    kept = ranges.pop(chosen)
    return [one for one in ranges if not _touch(one, kept)]


def _given_up(edition: Edition, doubt: EditionDoubt, answer: DoubtAnswer) -> list[DeadlineRule]:
    """Return the limits an answer gives up."""
    left = _left(doubt, answer)
    rules = [r for m in edition.measures for i in m.items for r in i.rules if r.start is not None]
    return [r for r in rules if any(_touch((r.start or 0, r.end or 0), one) for one in left)]


def _touch(a: Range, b: Range) -> bool:
    return a[0] < b[1] and b[0] < a[1]


def _put_back(act: Act, edition: Edition, start: int, end: int) -> None:
    """Read the limit at a place of the text once more, and give it back to the item it stood in."""
    found = [(m, i) for m in edition.measures for i in m.items if i.start <= start < i.end]
    if not found:
        return
    measure, item = found[-1]
    if any(r.start is not None and _touch((r.start, r.end or r.start), (start, end)) for r in item.rules):
        return
    issued = edition.facts.issued_on
    text = source_text(act.session, edition.plan_reading.source_id)
    read = measure_of(text, Span(measure.start, measure.end), key=measure.key, year=issued.year if issued else None)
    for one in (d for i in measure_json(read)["items"] for d in i["deadlines"]):
        if _touch((one["span"][0], one["span"][1]), (start, end)):
            item.rules.append(limit_row(one, len(item.rules) + 1, item))
            measure.touch()
