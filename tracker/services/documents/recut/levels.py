"""Cutting a draft, or a branch of it, at another level (按“（一）”拆分、按“1.”拆分): said first, then done."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tracker.reading import plan as reading
from tracker.reading.plan import Span
from tracker.reading.rendering import measure_json
from tracker.services.core.act import Act
from tracker.services.core.errors import Refused
from tracker.services.documents.recut.cutting import free_key, text_of
from tracker.services.documents.recut.inheriting import inherit
from tracker.services.documents.recut.steps import Cut, carry_out, guard_draft
from tracker.services.documents.rows import measure_row
from tracker.store.documents.recuts import Stretch
from tracker.store.models import Edition, Measure, Recut, RecutKind
from tracker.store.registry.names import known_names


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a draft would hold after a cut: by place, measures as they are and measures read anew."""

    block: Sequence[Measure | reading.Measure]
    gone: Sequence[Measure]
    mark: str  # stands for all of it: what was shown is what is done

    @property
    def fresh(self) -> list[reading.Measure]:
        return [one for one in self.block if isinstance(one, reading.Measure)]

    @property
    def kept(self) -> list[Measure]:
        return [one for one in self.block if isinstance(one, Measure)]

    @property
    def changes(self) -> bool:
        return bool(self.fresh or self.gone)

    @property
    def total(self) -> int:
        return len(self.block)

    def confirmed(self, measures: Sequence[Measure]) -> list[Measure]:
        return [m for m in measures if m.confirmed_at is not None]


def propose(edition: Edition, read: Sequence[reading.Measure], span: Span, left: Sequence[Stretch]) -> Proposal:
    """Lay what was read of a branch at a level beside the draft; `left` are stretches a person took out of it.

    A measure with the same words stays as it is, and so does one whose words the new ones do not hold: nothing is lost
    by choosing a level.  What a person has said to be no measure is none at another level either.
    """
    here = [m for m in edition.measures if span.start <= m.start < span.end]
    outside = [m for m in edition.measures if m not in here]
    wanted = [
        one
        for one in read
        if not any(start <= one.span.start and one.span.end <= end for start, end, _ in left)
        and not any(m.start < one.span.end and one.span.start < m.end for m in outside)
    ]
    same = {_words(m.text): m for m in here}
    block: list[Measure | reading.Measure] = []
    for one in wanted:
        held = same.get(_words(one.text))
        block.append(one if held is None or held in block else held)
    fresh = [one for one in block if isinstance(one, reading.Measure)]
    stays = [
        m
        for m in here
        if m not in block and not any(one.span.start < m.end and m.start < one.span.end for one in fresh)
    ]
    block = _in_place(block, stays)
    return Proposal(block, [m for m in here if m not in block], _mark(block, here, span))


def _words(text: str) -> str:
    return "".join(text.split())


def _start(one: Measure | reading.Measure) -> int:
    return one.start if isinstance(one, Measure) else one.span.start


def _in_place(block: Sequence[Measure | reading.Measure], stays: Sequence[Measure]) -> list[Measure | reading.Measure]:
    """Put measures that stay before the first that begins behind them; the others keep the order they were read in."""
    made = list(block)
    for measure in stays:
        at = next((n for n, one in enumerate(made) if _start(one) > measure.start), len(made))
        made.insert(at, measure)
    return made


def _mark(block: Sequence[Measure | reading.Measure], here: Sequence[Measure], span: Span) -> str:
    told = [(one.id, one.version) if isinstance(one, Measure) else (one.key, one.span) for one in block]
    rows = [(m.id, m.version) for m in here]
    return hashlib.sha256(repr((span, told, rows)).encode()).hexdigest()[:32]


def cut_at_level(  # noqa: PLR0913 - a form's fields, each named
    act: Act,
    edition: Edition,
    proposal: Proposal,
    span: Span,
    where: str,
    *,
    promised: str | None = None,
    version: int | None = None,
) -> Recut:
    """Cut a draft, or a branch of it, as was proposed; `where` says at which level, and of which branch.

    The edition must be fully loaded.  Refuses where something else would be made by now than was shown.
    """
    guard_draft(act, edition, version)
    if promised is not None and promised != proposal.mark:
        raise Refused("打开这一页之后，措施有变化。请看过新的结果，再按“按此拆分”。")
    if not proposal.changes:
        raise Refused("现在就是这样拆分的，没有变化。")
    if not proposal.block and len(proposal.gone) == len(edition.measures):
        raise Refused("按这一级拆分，一项措施也读不到。请另选一级。")
    known = known_names(act.session, edition.document.jurisdiction_id)
    taken = {m.key for m in edition.measures if m not in proposal.gone}
    rows: list[Measure] = []
    read: list[reading.Measure] = []
    for one in proposal.block:
        if isinstance(one, Measure):
            rows.append(one)
            continue
        read.append(replace(one, key=free_key(one.key[:50], taken)))
        taken.add(read[-1].key)
        rows.append(measure_row(measure_json(read[-1]), 0, known))
    fresh = [row for row in rows if row.id is None]
    inherit(proposal.gone, fresh)
    now = _placed(edition, rows, span)
    words = f"{where}：{len(proposal.gone)} 项改为 {len(fresh)} 项"
    return carry_out(act, edition, Cut(RecutKind.LEVEL, words, now, span, read), text_of(act, edition))


def _placed(edition: Edition, rows: list[Measure], span: Span) -> list[Measure]:
    """Return a draft's measures with those of a branch in the place of what it held."""
    before = [n for n, m in enumerate(edition.measures) if span.start <= m.start < span.end]
    later = [n for n, m in enumerate(edition.measures) if m.start >= span.end]
    at = before[0] if before else later[0] if later else len(edition.measures)
    head = [m for m in edition.measures[:at] if m not in rows]
    tail = [m for m in edition.measures[at:] if not span.start <= m.start < span.end]
    return [*head, *rows, *tail]
