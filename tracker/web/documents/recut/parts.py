"""What the pages that cut a draft anew share: the draft with its reading, its text in blocks, and places in it."""

from dataclasses import dataclass
from typing import Any

from flask import abort, redirect, request, url_for

from tracker.reading.plan import DoubtKind, Span
from tracker.store.documents.doubts import answer_label, answerers, open_doubts
from tracker.store.documents.drafts import source_text
from tracker.store.documents.recuts import left_by_hand, reading_now
from tracker.store.models import DoubtAnswer, Edition, EditionDoubt, Measure
from tracker.web.documents.confirmation_page import ConfirmationBoard, board
from tracker.web.documents.drafts import supervised
from tracker.web.documents.source_text import TextBlock, TextMark, blocks, marks_of, plan_range
from tracker.web.kit.access import db, or_404
from tracker.web.kit.posting import Conflict
from tracker.web.kit.words import instant

# What is doubted of a passage outside the measures; the other kinds are about a number or a limit.
PASSAGES = (DoubtKind.SUSPECT, DoubtKind.TABLE, DoubtKind.UNREAD, DoubtKind.NO_TEXT)


@dataclass(frozen=True, slots=True)
class DraftText:
    """The stored text of a draft's source, and where the plan stands in it."""

    text: str
    span: Span
    blocks: list[TextBlock]
    # With what was taken out by hand among what belongs to no measure, and what was said of passages outside.
    reading: dict[str, Any]

    def block_at(self, place: int) -> TextBlock | None:
        """Return the block that holds a place, or the first behind it."""
        return next((b for b in self.blocks if b.end > place), self.blocks[-1] if self.blocks else None)


def draft(document_id: int) -> ConfirmationBoard:
    """Return what is being confirmed with its reading, where the actor may."""
    supervised(document_id)
    return board(document_id, with_reading=True)


def draft_to_cut(document_id: int) -> ConfirmationBoard:
    """Return a first draft; a new edition is not cut: no page of it leads here, who comes all the same is led back."""
    shown = draft(document_id)
    if shown.edition.amends and request.method == "GET":
        abort(redirect(url_for("confirm.show", document_id=document_id)))
    return shown


def measure_of(shown: ConfirmationBoard, measure_id: int) -> Measure:
    """Return a measure of the draft; one that was taken out of it is not found."""
    return or_404(next((m for m in shown.edition.measures if m.id == measure_id), None))


def text_of(shown: ConfirmationBoard) -> DraftText:
    """Return the plan's whole text in blocks: what was read in it marked, what is still doubted outside as well."""
    edition = shown.edition
    stored = source_text(db(), edition.plan_reading.source_id)
    start, end = plan_range(edition, stored)
    marks = marks_of(edition.measures)
    asked = [TextMark(d.start, d.end, "doubt") for d in open_doubts(edition) if d.measure_id is None]
    held = [m for m in asked if not any(m.start < o.end and o.start < m.end for o in marks)]
    reading = reading_now(edition.plan_reading.reading, left_by_hand(db(), edition.id))
    reading = reading | {"answered": _answered(edition), "asked": [[m.start, m.end] for m in asked]}
    cut = blocks(stored, start, end, edition.measures, reading, apart([*marks, *held]))
    return DraftText(stored, Span(start, end), cut, reading)


def _answered(edition: Edition) -> list[list[Any]]:
    """Return the passages a person has said to need nothing, each with who said so and when."""
    found = [
        d for d in edition.doubts if d.measure_id is None and d.kind in PASSAGES and d.answer is DoubtAnswer.NOTHING
    ]
    names = answerers(db(), found) if found else {}
    return [[d.start, d.end, answer_words(d, names)] for d in found]


def answer_words(doubt: EditionDoubt, names: dict[int, str]) -> str:
    """Say how a doubt was settled, by whom and when."""
    who = names.get(doubt.answered_by_id or 0, "")
    said = doubt.note or (answer_label(doubt.kind, doubt.answer) if doubt.answer else "")
    return f"{said} · {who} {instant(doubt.answered_at)}" if doubt.answered_at else said


def apart(marks: list[TextMark]) -> list[TextMark]:
    """Return marks by place; of two that overlap the one that begins first, then the longer."""
    kept: list[TextMark] = []
    for mark in sorted(marks, key=lambda m: (m.start, -m.end)):
        if not kept or mark.start >= kept[-1].end:
            kept.append(mark)
    return kept


def anchor(block: TextBlock) -> str:
    """Return the name of a block's place on the page of the whole text."""
    return f"t{block.measure.id}" if block.measure is not None else f"o{block.start}"


def text_url(shown: ConfirmationBoard, text: DraftText, place: int) -> str:
    """Return where a place of the text is shown."""
    block = text.block_at(place)
    return url_for("confirm.text", document_id=shown.document.id, _anchor=anchor(block) if block else None)


def overtaken(shown: ConfirmationBoard, back: str) -> Conflict:
    """Tell what the draft holds by now, where somebody has cut it meanwhile."""
    steps = shown.steps
    said = f"{steps[0].step.words}（{steps[0].who}）" if steps else "没有拆分、合并过"
    now = [("措施", f"{len(shown.edition.measures)} 项"), ("上一步", said)]
    return Conflict(now, back, typed=[])
