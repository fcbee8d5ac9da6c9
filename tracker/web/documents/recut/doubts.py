"""疑问: what the reading doubts, like ones together, each with why it is asked, its place and its answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import request, url_for
from wtforms.validators import InputRequired

from tracker.reading.plan import DoubtKind, Span
from tracker.reading.text.numerals import in_han
from tracker.services.core.errors import Stale
from tracker.services.documents import doubts as verbs
from tracker.services.documents.recut import cutting
from tracker.store.documents.doubts import (
    LikeDoubts,
    alike,
    answer_label,
    answerers,
    answers_for,
    asked_in,
    open_doubts,
)
from tracker.store.models import DoubtAnswer, EditionDoubt, Measure
from tracker.web.documents.confirmation_page import ConfirmationBoard, ConfirmationView, tabs
from tracker.web.documents.drafts import confirm
from tracker.web.documents.measure import rule_words, trial
from tracker.web.documents.recut.parts import DraftText, answer_words, draft, text_of, text_url
from tracker.web.kit.access import db, this_act
from tracker.web.kit.fields import Choice, Ids, options
from tracker.web.kit.forms import PageForm
from tracker.web.kit.links import measure_url
from tracker.web.kit.posting import Answer, Conflict, Done, press


class DoubtForm(PageForm):
    """What is said of like doubts."""

    doubts = Ids("疑问")
    answer = Choice("答复", choices=options(DoubtAnswer), validators=[InputRequired("请选择一种答复。")])
    kept = Ids("要保留的时限")  # by their places from 1 on, where there are more than two


@dataclass(frozen=True, slots=True)
class OneLimit:
    """One of several limits for one thing: its place from 1 on, its words, what it counts to.

    Of two, each has the answer that takes it alone; of more, those that are ticked are taken.
    """

    place: int
    quote: str
    says: str
    answer: DoubtAnswer | None

    @property
    def words(self) -> str:
        """Name the limit by its place."""
        return f"第{in_han(self.place)}个"


@dataclass(frozen=True, slots=True)
class AskedGroup:
    """Like doubts as the page asks them: where they stand, and what may be said."""

    doubts: LikeDoubts
    places: list[tuple[str, str]]  # words, url
    answers: list[tuple[DoubtAnswer, str]]  # with its words
    limits: list[OneLimit]
    add_url: str | None  # where its words become a measure; several become measures at once

    @property
    def count(self) -> int:
        return len(self.doubts.doubts)


@dataclass(frozen=True, slots=True)
class OnMeasure:
    """A doubt about a measure: settled on that measure's own form."""

    doubt: EditionDoubt
    measure: Measure
    url: str


@dataclass(frozen=True, slots=True)
class SaidDoubt:
    """A doubt that is settled: by whom, how, and whether that can be taken back here."""

    doubt: EditionDoubt
    words: str
    revocable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtsPage(ConfirmationView):
    """Everything the reading doubts."""

    template: ClassVar[str] = "documents/confirm/doubts.html"
    kinds: list[tuple[DoubtKind, list[AskedGroup]]]
    on_measures: list[OnMeasure]
    said: list[SaidDoubt]


@confirm.get("/<int:document_id>/doubts")
def doubts(document_id: int) -> str:
    """Show what is doubted, and what was said of it."""
    return _page(draft(document_id))


def _page(shown: ConfirmationBoard) -> str:
    edition, text = shown.edition, text_of(shown)
    by_id = {m.id: m for m in edition.measures}
    waiting = open_doubts(edition)
    here = [d for d in waiting if d.measure_id is None or d.kind is DoubtKind.CONFLICT]
    groups = [_asked(shown, text, group) for group in _groups(here)]
    kinds = [(kind, [g for g in groups if g.doubts.kind is kind]) for kind in DoubtKind]
    names = answerers(db(), edition.doubts)
    return DoubtsPage(
        shown=shown,
        tabs=tabs(shown, "doubts"),
        kinds=[(kind, found) for kind, found in kinds if found],
        on_measures=[
            OnMeasure(d, by_id[d.measure_id], measure_url(shown.document.id, d.measure_id))
            for d in waiting
            if d.measure_id is not None and d not in here
        ],
        said=[_said(d, names) for d in asked_in(edition) if not d.open],
    ).render()


def _groups(doubts: Sequence[EditionDoubt]) -> list[LikeDoubts]:
    """Put like doubts together; limits for one thing want their own choice."""
    alone = [LikeDoubts(d.kind, d.seen, [d]) for d in doubts if d.kind is DoubtKind.CONFLICT]
    return alone + alike(d for d in doubts if d.kind is not DoubtKind.CONFLICT)


def _asked(shown: ConfirmationBoard, text: DraftText, group: LikeDoubts) -> AskedGroup:
    document_id, first = shown.document.id, group.doubts[0]
    places = [(_where(shown, d), text_url(shown, text, d.start)) for d in group.doubts]
    add_url = None
    if group.kind is DoubtKind.SUSPECT and not shown.edition.amends:
        add_url = url_for("confirm.add", document_id=document_id, first=first.start, last=first.end)
    answers = [(answer, answer_label(group.kind, answer)) for answer in answers_for(group.kind)]
    return AskedGroup(group, places, answers, _limits(shown, text, first), add_url)


def _where(shown: ConfirmationBoard, doubt: EditionDoubt) -> str:
    """Say where in the text a doubt stands: in which measure, or behind which."""
    found = next((m for m in shown.edition.measures if m.start <= doubt.start < m.end), None)
    if found is not None:
        return f"措施 {found.key}"
    before = [m for m in shown.edition.measures if m.start < doubt.start]
    return f"措施 {max(before, key=lambda m: m.start).key} 之后" if before else "正文开头"


def _limits(shown: ConfirmationBoard, text: DraftText, doubt: EditionDoubt) -> list[OneLimit]:
    if doubt.kind is not DoubtKind.CONFLICT:
        return []
    spans = [Span(doubt.start, doubt.end), *(Span(one[0], one[1]) for one in doubt.others)]
    rules = [r for m in shown.edition.measures for i in m.items for r in i.rules if r.start is not None]
    made = []
    for place, span in enumerate(spans, 1):
        rule = next((r for r in rules if (r.start or 0) < span.end and span.start < (r.end or 0)), None)
        counted = trial(rule, shown.edition.facts) if rule is not None else None
        says = " · ".join(part for part in (rule_words(rule) if rule else "", counted.words if counted else "") if part)
        answer = verbs.ONE_OF.get(place) if len(spans) == 2 else None
        made.append(OneLimit(place, text.text[span.start : span.end], says, answer))
    return made


def _said(doubt: EditionDoubt, names: dict[int, str]) -> SaidDoubt:
    revocable = doubt.answer in verbs.SAID and doubt.settled_by_id is None
    return SaidDoubt(doubt, answer_words(doubt, names), revocable)


# --- answering -------------------------------------------------------------------------------------------------------


@confirm.post("/<int:document_id>/doubts")
def answer_doubts(document_id: int) -> Answer:
    """Answer like doubts together; what is to become measures becomes them in one act."""
    form = DoubtForm()
    back = url_for("confirm.doubts", document_id=document_id)

    def verb(shown: ConfirmationBoard) -> Done:
        ids, answer = form.doubts.data or [], DoubtAnswer(form.answer.data)
        if answer is DoubtAnswer.ADDED:
            found = [d for d in open_doubts(shown.edition) if d.id in ids and d.kind is DoubtKind.SUSPECT]
            if not found or len(found) != len(set(ids)):
                raise Stale
            spans = [Span(d.start, d.end) for d in found]
            step = cutting.add_measures(this_act(), shown.edition, spans, version=shown.edition.version)
            return Done(f"已{step.words}，请逐项核对。", back)
        if answer is DoubtAnswer.BOTH and any(d.id in ids and len(d.others) > 1 for d in shown.edition.doubts):
            words = verbs.choose_limits(this_act(), shown.edition, ids[0], form.kept.data or [])
            return Done(f"已答复：{words}。", back)
        count = verbs.answer_doubts(this_act(), shown.edition, ids, answer)
        said = dict.fromkeys(answer_label(d.kind, answer) for d in shown.edition.doubts if d.id in ids)
        return Done(f"已答复 {count} 处疑问：{'、'.join(said)}。", back)

    def conflict(shown: ConfirmationBoard) -> Conflict:
        now = [("还没有答复的疑问", f"{len(open_doubts(shown.edition))} 处")]
        return Conflict(now, back, typed=[])

    return press(form, lambda: draft(document_id), verb, back, conflict)


@confirm.post("/<int:document_id>/doubts/again")
def ask_again(document_id: int) -> Answer:
    """Take back what was said of a doubt."""
    back = url_for("confirm.doubts", document_id=document_id)
    ids = [int(v) for v in request.form.getlist("doubts") if v.isdigit()]

    def verb(shown: ConfirmationBoard) -> Done:
        count = verbs.ask_again(this_act(), shown.edition, ids)
        return Done(f"已撤回 {count} 处答复，请重新答复。", back)

    return press(None, lambda: draft(document_id), verb, back)
