"""疑问: what a reading could not settle by itself, answered one by one, or like ones together; and asked again."""

from collections.abc import Collection

from tracker.reading.extraction import measure_of
from tracker.reading.plan import DoubtKind, Span
from tracker.reading.rendering import measure_json
from tracker.reading.text.numerals import in_han
from tracker.rules.verbs import Subject, Verb
from tracker.services.core.act import Act
from tracker.services.core.errors import Refused, Stale
from tracker.services.documents.answers import guard
from tracker.services.documents.rows import limit_row
from tracker.store.documents.doubts import answers_for, chosen_doubts, doubts_of
from tracker.store.documents.drafts import source_text
from tracker.store.models import DoubtAnswer, Edition, EditionDoubt, Measure

Range = tuple[int, int]
# Of several limits for one thing, by their places; which of more than two were kept stands in the doubt's note.
ONE_OF = {1: DoubtAnswer.FIRST, 2: DoubtAnswer.SECOND}
# What a person said, and may say otherwise; the rest follows from what was done to a measure.
SAID = (DoubtAnswer.NOTHING, DoubtAnswer.FIRST, DoubtAnswer.SECOND, DoubtAnswer.BOTH)


def answer_doubts(act: Act, edition: Edition, ids: Collection[int], answer: DoubtAnswer) -> int:
    """Answer doubts together; the edition must be fully loaded.  Refuses where one was answered meanwhile."""
    guard(act, edition)
    found = _waiting(act, edition, ids)
    for doubt in found:
        if answer not in answers_for(doubt.kind):
            raise Refused(f"“{doubt.kind.label}”不能这样答复，请从给出的答复中选择。")
        if doubt.measure is not None and doubt.kind is not DoubtKind.CONFLICT:
            raise Refused(f"这处疑问在措施 {doubt.measure.key} 上，请打开那一项，看过后按“确认”。")
    for doubt in found:
        _give_up(edition, _left(doubt, _kept(doubt, answer)))
        _settle(act, doubt, answer)
    _record(act, edition, found, {"answer": answer})
    return len(found)


def choose_limits(act: Act, edition: Edition, doubt_id: int, kept: Collection[int]) -> str:
    """Say which of several limits for one thing count, by their places from 1 on; returns the answer in words."""
    guard(act, edition)
    (doubt,) = _waiting(act, edition, [doubt_id])
    places, count = sorted(set(kept)), 1 + len(doubt.others)
    if doubt.kind is not DoubtKind.CONFLICT or not places or not set(places) <= set(range(1, count + 1)):
        raise Refused("请勾选要保留的时限，至少一个。")
    answer = ONE_OF.get(places[0], DoubtAnswer.BOTH) if len(places) == 1 else DoubtAnswer.BOTH
    _give_up(edition, _left(doubt, places))
    _settle(act, doubt, answer)
    words = "、".join(f"第{in_han(place)}" for place in places)
    doubt.note = "都要" if len(places) == count else f"取{words}个"
    _record(act, edition, [doubt], {"answer": answer, "words": doubt.note})
    return doubt.note


def _waiting(act: Act, edition: Edition, ids: Collection[int]) -> list[EditionDoubt]:
    """Return doubts that are to be answered; refuses where one is gone, or was answered meanwhile."""
    found = chosen_doubts(act.session, edition.id, ids)
    if not found or len(found) != len(set(ids)):
        raise Refused("这些疑问已不在这份文件中，请刷新页面。")
    if any(not d.open for d in found):
        raise Stale
    return found


def ask_again(act: Act, edition: Edition, ids: Collection[int]) -> int:
    """Take back what was said of doubts; a time limit that was given up for another stands again."""
    guard(act, edition)
    found = [d for d in chosen_doubts(act.session, edition.id, ids) if d.answer in SAID]
    if not found:
        raise Refused("这处疑问没有可以撤回的答复，请刷新页面。")
    before = found[0].answer
    for doubt in found:
        # What was chosen of several is kept in words alone: whatever of them does not stand is read again.
        for start, end in _ranges(doubt) if doubt.note else _left(doubt, _kept(doubt, doubt.answer)):
            _put_back(act, edition, start, end)
        doubt.answer = doubt.answered_by_id = doubt.answered_at = doubt.note = None
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


def _kept(doubt: EditionDoubt, answer: DoubtAnswer | None) -> list[int]:
    """Return the places, from 1 on, of the limits an answer keeps."""
    one = next((place for place, said in ONE_OF.items() if said is answer), None)
    return list(range(1, len(doubt.others) + 2)) if one is None else [one]


def _left(doubt: EditionDoubt, kept: Collection[int]) -> list[Range]:
    """Return where the limits stand that are given up for those at the places kept."""
    if doubt.kind is not DoubtKind.CONFLICT:
        return []
    ranges = list(enumerate(_ranges(doubt), 1))
    stay = [one for place, one in ranges if place in kept]
    return [one for place, one in ranges if place not in kept and not any(_touch(one, other) for other in stay)]


def _give_up(edition: Edition, left: Collection[Range]) -> None:
    """Take the limits that stand at some places out of their items."""
    rules = [r for m in edition.measures for i in m.items for r in i.rules if r.start is not None]
    for rule in rules:
        if any(_touch((rule.start or 0, rule.end or 0), one) for one in left):
            rule.item.measure.touch()
            rule.item.rules.remove(rule)


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
