"""拆分、合并、新增、移出: the measures of a draft cut by hand, and each act taken back."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import request, url_for
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import HiddenInput

from tracker.reading.plan import Span
from tracker.reading.text.sentences import sentences
from tracker.services.core.errors import Refused
from tracker.services.documents.recut import cutting, steps
from tracker.store.documents.recuts import Undoable
from tracker.store.models import Measure, Recut
from tracker.web.documents.confirmation_page import ConfirmationBoard, ConfirmationView, tabs
from tracker.web.documents.drafts import confirm
from tracker.web.documents.recut.parts import DraftText, draft, draft_to_cut, measure_of, overtaken, text_of
from tracker.web.kit.access import this_act, whole
from tracker.web.kit.fields import Ids, RowVersion, Whole, trimmed
from tracker.web.kit.forms import PageForm
from tracker.web.kit.links import measure_url
from tracker.web.kit.posting import Answer, Done, Posting

_NUMBER = re.compile(r"[（(]?[\d一二三四五六七八九十百]{1,4}[）).、．]")
# How many sentences are offered on either side of those that were chosen.
AROUND = 12


class SplitForm(PageForm):
    """从哪几句起另立一项"""

    version = RowVersion()
    measure_version = RowVersion()
    cut = Ids("从这一句起另立一项")


class JoinForm(PageForm):
    """与相邻的一项合并"""

    version = RowVersion()
    measure_version = RowVersion()
    other = Whole("相邻的一项", [InputRequired("请选择与哪一项合并。")], widget=HiddenInput())
    other_version = RowVersion()


class TakeOutForm(PageForm):
    """移出"""

    version = RowVersion()
    measure_version = RowVersion()
    why = TextAreaField(
        "为什么不是措施",
        [InputRequired("请写明原因，例如：只是背景说明。"), Length(max=cutting.LONGEST_REASON)],
        filters=[trimmed],
        description="写进全文页，标在这段文字后面。",
    )


class AddForm(PageForm):
    """把选中的文字作为措施"""

    version = RowVersion()
    first = Whole("从这一句", [InputRequired("请选择从哪一句开始。")])
    last = Whole("到这一句", [InputRequired("请选择到哪一句为止。")])


class TakeBackForm(PageForm):
    """撤销上一步"""

    version = RowVersion()
    step = Whole("哪一步", [InputRequired("请刷新页面。")], widget=HiddenInput())


@dataclass(frozen=True, slots=True)
class SentenceLine:
    """One sentence as it is offered: where it begins and ends, whether it is chosen."""

    start: int
    end: int
    words: str
    chosen: bool = False


# --- one measure -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CutPage(ConfirmationView):
    """One measure with what can be done to its borders."""

    template: ClassVar[str] = "documents/confirm/cut.html"
    measure: Measure
    lines: list[SentenceLine]
    before: Measure | None
    after: Measure | None
    split: SplitForm
    join: JoinForm
    out: TakeOutForm
    back_url: str


@confirm.get("/<int:document_id>/measures/<int:measure_id>/cut")
def cut(document_id: int, measure_id: int) -> str:
    """Show a measure's sentences with the ways to split it, join it and take it out."""
    return _cut_page(draft_to_cut(document_id), measure_id)


def _cut_page(shown: ConfirmationBoard, measure_id: int, **posted: Any) -> str:
    measure = measure_of(shown, measure_id)
    held = {"version": shown.edition.version, "measure_version": measure.version}
    forms = {
        "split": SplitForm(formdata=None, data=held),
        "join": JoinForm(formdata=None, data=held),
        "out": TakeOutForm(formdata=None, data=held),
        **posted,
    }
    text = text_of(shown).text
    chosen = set(forms["split"].cut.data or ())
    found = sentences(text, Span(measure.start, measure.end))
    at = shown.edition.measures.index(measure)
    return CutPage(
        shown=shown,
        tabs=tabs(shown, "show"),
        measure=measure,
        lines=[SentenceLine(s.start, s.end, text[s.start : s.end], s.start in chosen) for s in found],
        before=shown.edition.measures[at - 1] if at else None,
        after=shown.edition.measures[at + 1] if at + 1 < len(shown.edition.measures) else None,
        back_url=measure_url(shown.document.id, measure.id),
        **forms,
    ).render()


def _act_on(
    document_id: int, measure_id: int, name: str, form: Any, act: Callable[[ConfirmationBoard, Measure], Recut]
) -> Answer:
    """Carry out one act on a measure's borders, and lead to the measure that stands in its place."""
    here = url_for("confirm.cut", document_id=document_id, measure_id=measure_id)

    def load() -> ConfirmationBoard:
        shown = draft(document_id)
        if request.method == "POST" and not any(m.id == measure_id for m in shown.edition.measures):
            measure_of(shown, measure_id)
        return shown

    def verb(shown: ConfirmationBoard) -> Done:
        step = act(shown, measure_of(shown, measure_id))
        place = next((m for m in shown.edition.measures if m.made_by_id == step.id), None)
        if place is None:
            return Done(f"已{step.words}。", url_for("confirm.show", document_id=document_id))
        return Done(f"已{step.words}，请核对。", measure_url(document_id, place.id))

    return Posting(
        form,
        load,
        verb,
        lambda shown: _cut_page(shown, measure_id, **{name: form}),
        lambda shown: overtaken(shown, here),
    ).answer()


@confirm.post("/<int:document_id>/measures/<int:measure_id>/split")
def split(document_id: int, measure_id: int) -> Answer:
    """Split a measure at the sentences chosen."""
    form = SplitForm()

    def act(shown: ConfirmationBoard, measure: Measure) -> Recut:
        return cutting.split_measure(
            this_act(),
            shown.edition,
            measure,
            form.cut.data or (),
            version=form.version.data,
            measure_version=form.measure_version.data,
        )

    return _act_on(document_id, measure_id, "split", form, act)


@confirm.post("/<int:document_id>/measures/<int:measure_id>/join")
def join(document_id: int, measure_id: int) -> Answer:
    """Join a measure with the one before or after it."""
    form = JoinForm()

    def act(shown: ConfirmationBoard, measure: Measure) -> Recut:
        other = next((m for m in shown.edition.measures if m.id == form.other.data), None)
        if other is None:
            raise Refused("要合并的那一项已不在这份草稿中，请刷新页面。")
        versions = (form.measure_version.data, form.other_version.data)
        return cutting.join_measures(
            this_act(), shown.edition, measure, other, version=form.version.data, versions=versions
        )

    return _act_on(document_id, measure_id, "join", form, act)


@confirm.post("/<int:document_id>/measures/<int:measure_id>/out")
def take_out(document_id: int, measure_id: int) -> Answer:
    """Take a measure out of the draft."""
    form = TakeOutForm()

    def act(shown: ConfirmationBoard, measure: Measure) -> Recut:
        return cutting.take_out(
            this_act(),
            shown.edition,
            measure,
            form.why.data or "",
            version=form.version.data,
            measure_version=form.measure_version.data,
        )

    return _act_on(document_id, measure_id, "out", form, act)


# --- words that are no measure yet -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WouldBe:
    """What a stretch would be read as."""

    words: str
    units: list[str]
    limits: list[str]
    inside: Measure | None  # it would be cut out of this one


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPage(ConfirmationView):
    """Sentences to choose from, and what the chosen ones would be read as."""

    template: ClassVar[str] = "documents/confirm/add.html"
    form: AddForm
    lines: list[SentenceLine]
    would_be: WouldBe | None
    wrong: str
    back_url: str


@confirm.route("/<int:document_id>/add", methods=["GET", "POST"])
def add(document_id: int) -> Answer:
    """Make a measure of a stretch of the text: chosen by its first and last sentence, or with the mouse."""
    form = AddForm()

    def verb(shown: ConfirmationBoard) -> Done:
        span = Span(form.first.data or 0, form.last.data or 0)
        if span.end <= span.start:
            raise Refused("最后一句不能在第一句之前，请重新选择。", "last")
        step = cutting.add_measures(this_act(), shown.edition, [span], version=form.version.data)
        place = next(m for m in shown.edition.measures if m.made_by_id == step.id and m.start + 9 >= span.start)
        return Done(f"已{step.words}，请核对。", measure_url(document_id, place.id))

    def page(shown: ConfirmationBoard) -> str:
        return _add_page(shown, form)

    def conflict(shown: ConfirmationBoard) -> Any:
        return overtaken(shown, url_for("confirm.text", document_id=document_id))

    return Posting(form, lambda: draft_to_cut(document_id), verb, page, conflict).answer()


def _add_page(shown: ConfirmationBoard, form: AddForm) -> str:
    text = text_of(shown)
    posted = request.method == "POST"
    first = form.first.data if posted else request.args.get("first", type=whole)
    last = form.last.data if posted else request.args.get("last", type=whole)
    chosen = _snapped(text, Span(first or text.span.start, last if last is not None else first or 0))
    if not posted:
        data = {"version": shown.edition.version, "first": chosen.start, "last": chosen.end}
        form = AddForm(formdata=None, data=data)
    would_be, wrong = _read(shown, text, chosen)
    return AddPage(
        shown=shown,
        tabs=tabs(shown, "text"),
        form=form,
        lines=_offered(shown, text, chosen),
        would_be=would_be,
        wrong=wrong,
        back_url=url_for("confirm.text", document_id=shown.document.id),
    ).render()


def _snapped(text: DraftText, span: Span) -> Span:
    """Return the whole sentences of which a stretch holds something."""
    found = sentences(text.text, text.span)
    touched = [s for s in found if s.start < max(span.end, span.start + 1) and span.start < s.end]
    if not touched:
        touched = [s for s in found if s.start >= span.start][:1] or found[-1:]
    return Span(touched[0].start, touched[-1].end) if touched else text.span


def _offered(shown: ConfirmationBoard, text: DraftText, chosen: Span) -> list[SentenceLine]:
    """Return the sentences around those chosen, within the measure they stand in or up to the next ones."""
    inside = cutting.holder(shown.edition, chosen)
    if inside is not None:
        room = Span(inside.start, inside.end)
    else:
        start = max((m.end for m in shown.edition.measures if m.end <= chosen.start), default=text.span.start)
        end = min((m.start for m in shown.edition.measures if m.start >= chosen.end), default=text.span.end)
        room = Span(min(start, chosen.start), max(end, chosen.end))
    found = sentences(text.text, room)
    at = [n for n, s in enumerate(found) if s.start < chosen.end and chosen.start < s.end] or [0]
    return [
        SentenceLine(s.start, s.end, text.text[s.start : s.end], chosen.start <= s.start < chosen.end)
        for s in found[max(0, at[0] - AROUND) : at[-1] + AROUND + 1]
        if not _NUMBER.fullmatch(text.text, s.start, s.end)  # it belongs to the measure behind it
    ]


def _read(shown: ConfirmationBoard, text: DraftText, chosen: Span) -> tuple[WouldBe | None, str]:
    """Say what a stretch would be read as, or why it cannot be a measure."""
    inside = cutting.holder(shown.edition, chosen)
    try:
        if inside is None:
            cutting.refuse_held(shown.edition, chosen)
        elif (inside.start, inside.end) == (chosen.start, chosen.end):
            raise Refused(f"这段文字就是措施 {inside.key}，不用另加。")
        read = cutting.read_stretch(shown.edition, text.text, chosen)
    except Refused as refusal:
        return None, str(refusal)
    units = [f"{one.unit}（{one.role.label}）" for item in read.items for one in item.assignments]
    limits = [one.quote for item in read.items for one in item.deadlines]
    return WouldBe(read.text, list(dict.fromkeys(units)), limits, inside), ""


# --- 撤销上一步 ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBackPage(ConfirmationView):
    """What was done, the last first; that one can be taken back."""

    template: ClassVar[str] = "documents/confirm/take_back.html"
    steps: list[Undoable]
    form: TakeBackForm
    back_url: str


@confirm.route("/<int:document_id>/undo", methods=["GET", "POST"])
def take_back(document_id: int) -> Answer:
    """Take back the last act on the draft's measures; pressed again, the one before it."""
    form = TakeBackForm()
    here, home = url_for("confirm.take_back", document_id=document_id), url_for("confirm.show", document_id=document_id)

    def verb(shown: ConfirmationBoard) -> Done:
        more = len(shown.steps) > 1
        words = steps.take_back(this_act(), shown.edition, form.step.data or 0, form.version.data)
        return Done(f"已撤销：{words}。", here if more else home)

    def page(shown: ConfirmationBoard) -> str:
        done = shown.steps
        fresh = {"version": shown.edition.version, "step": done[0].step.id if done else None}
        own = form if request.method == "POST" else TakeBackForm(formdata=None, data=fresh)
        return TakeBackPage(shown=shown, tabs=tabs(shown, "show"), steps=done, form=own, back_url=home).render()

    return Posting(form, lambda: draft(document_id), verb, page, lambda shown: overtaken(shown, here)).answer()
