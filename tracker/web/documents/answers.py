"""Answers for the whole document: its facts, undated and past dates, and publication."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from tracker.services.case_types.limits import UNNAMED_EVENT, gets_its_own, offers_for, type_name, waiting_rules
from tracker.services.documents import answers, confirmation, publication
from tracker.services.documents.publication import Published
from tracker.store.documents.drafts import Ask, is_lapsed
from tracker.store.editions.changes import draft_of
from tracker.store.models import DeadlineRule, Document, Edition, Measure, PastAnswer
from tracker.web.documents.answer_forms import FactsForm, PastForm, PublishForm, UndatedForm
from tracker.web.documents.confirmation_page import ConfirmationBoard, board, tabs
from tracker.web.documents.drafts import confirm, left_for, supervised, then_or
from tracker.web.kit.access import db, this_act, this_day
from tracker.web.kit.links import measure_url
from tracker.web.kit.pagination import Tab
from tracker.web.kit.posting import Answer, Conflict, Done, Posting, refused_words
from tracker.web.kit.views import View
from tracker.web.kit.words import full_day

# --- facts -----------------------------------------------------------------------------------------------------------


@confirm.route("/<int:document_id>/facts", methods=["GET", "POST"])
def facts(document_id: int) -> Answer:
    """文件信息: title, number, dates, and what becomes of a document out of force."""
    form = FactsForm()
    if request.method == "GET":
        document = _facts_of(document_id)
        form = _facts_form(document)

    left = left_for(
        document_id,
        form,
        lambda: _facts_form(_facts_of(document_id)),
        lambda url: _facts_page(document_id, form, url),
    )
    if left is not None:
        return left

    def verb(document: Document | Edition) -> Done:
        confirmation.set_facts(
            this_act(),
            document,
            title=form.title.data or "",
            doc_no=form.doc_no.data,
            issued_on=form.issued_on.data,
            effective_on=form.effective_on.data,
            expires_on=form.expires_on.data,
            expired_answer=form.answer(),
            version=form.version.data,
        )
        return Done("文件信息已保存。", then_or(url_for("confirm.show", document_id=document_id)))

    def conflict(document: Document | Edition) -> Conflict:
        fresh = _facts_data(document)
        names = [(name, form[name].label.text) for name in fresh]
        return Conflict(
            [(words, _fact_words(fresh[name])) for name, words in names],
            url_for("confirm.facts", document_id=document_id),
            version=document.version,
            typed=[(words, _fact_words(form[name].data)) for name, words in names],
        )

    return Posting(
        form, lambda: _facts_of(document_id), verb, lambda _: _facts_page(document_id, form), conflict
    ).answer()


def _facts_of(document_id: int) -> Document | Edition:
    """Return what holds the facts at hand: the document, or the new edition of a published one."""
    document = supervised(document_id)
    return draft_of(db(), document.id) or document


def _facts_form(document: Document | Edition) -> FactsForm:
    return FactsForm(formdata=None, data={**_facts_data(document), "version": document.version})


def _fact_words(value: Any) -> str:
    return PastAnswer(value).label if value in set(PastAnswer) else str(value or "")


def _facts_data(document: Document | Edition) -> dict[str, Any]:
    names = ("title", "doc_no", "issued_on", "effective_on", "expires_on")
    data = {name: getattr(document, name) for name in names}
    return {**data, "expired_answer": document.expired_answer.value if document.expired_answer else None}


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsPage(View):
    """The document's facts, to be confirmed."""

    template: ClassVar[str] = "documents/confirm/facts.html"
    shown: ConfirmationBoard
    tabs: list[Tab]
    form: FactsForm
    out_of_force: bool
    leave_url: str


def _facts_page(document_id: int, form: FactsForm, leave_url: str = "") -> str:
    shown = board(document_id)
    out_of_force = is_lapsed(shown.edition, this_day())
    return FactsPage(
        shown=shown, tabs=tabs(shown, "facts"), form=form, out_of_force=out_of_force, leave_url=leave_url
    ).render()


# --- undated and past -----------------------------------------------------------------------------------------------


@confirm.route("/<int:document_id>/undated", methods=["GET", "POST"])
def undated(document_id: int) -> Answer:
    """无时限措施: one date or one rhythm for all of them (督查员设定)."""
    form = UndatedForm()
    left = left_for(
        document_id,
        form,
        lambda: UndatedForm(formdata=None),
        lambda url: _undated_page(board(document_id), form, url),
    )
    if left is not None:
        return left

    def verb(shown: ConfirmationBoard) -> Done:
        done = answers.date_undated(this_act(), shown.edition, due_on=form.chosen_date(), rrule=form.chosen_rrule())
        words = f"已为 {done} 项措施设定时限，标为“督查员设定”。"
        return Done(words, then_or(url_for("confirm.show", document_id=document_id)))

    return Posting(form, lambda: _board(document_id), verb, lambda shown: _undated_page(shown, form)).answer()


def _board(document_id: int) -> ConfirmationBoard:
    """Return what is being confirmed, where the actor may."""
    supervised(document_id)
    return board(document_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class UndatedPage(View):
    """The measures without a date."""

    template: ClassVar[str] = "documents/confirm/undated.html"
    shown: ConfirmationBoard
    tabs: list[Tab]
    form: UndatedForm
    listed: list[tuple[Measure, str]]
    leave_url: str


def _undated_page(shown: ConfirmationBoard, form: UndatedForm, leave_url: str = "") -> str:
    items = answers.undated_items(shown.edition)
    listed = [(i.measure, measure_url(shown.document.id, i.measure.id)) for i in items]
    return UndatedPage(shown=shown, tabs=tabs(shown, "undated"), form=form, listed=listed, leave_url=leave_url).render()


@confirm.route("/<int:document_id>/past", methods=["GET", "POST"])
def past(document_id: int) -> Answer:
    """已过日期: what became of dates that had gone by when the document came in, all at once."""
    form = PastForm()
    left = left_for(
        document_id, form, lambda: PastForm(formdata=None), lambda url: _past_page(board(document_id), form, url)
    )
    if left is not None:
        return left

    def verb(shown: ConfirmationBoard) -> Done:
        answer = PastAnswer(form.answer.data)
        done = answers.answer_past(this_act(), shown.edition, answer, renewed_on=form.renewed_on.data)
        return Done(f"已答复 {done} 个时限。", then_or(url_for("confirm.show", document_id=document_id)))

    return Posting(form, lambda: _board(document_id), verb, lambda shown: _past_page(shown, form)).answer()


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDatesPage(View):
    """The dates already past."""

    template: ClassVar[str] = "documents/confirm/past.html"
    shown: ConfirmationBoard
    tabs: list[Tab]
    form: PastForm
    listed: list[tuple[Measure, DeadlineRule | None, str]]
    leave_url: str


def _past_page(shown: ConfirmationBoard, form: PastForm, leave_url: str = "") -> str:
    listed = [
        (q.measure, q.rule, measure_url(shown.document.id, q.measure.id))
        for q in shown.questions
        if q.ask in (Ask.PAST_DATE, Ask.NO_PERIOD) and q.measure is not None
    ]
    return PastDatesPage(shown=shown, tabs=tabs(shown, "past"), form=form, listed=listed, leave_url=leave_url).render()


# --- publication ----------------------------------------------------------------------------------------------------


@confirm.route("/<int:document_id>/publish", methods=["GET", "POST"])
def publish(document_id: int) -> Answer:
    """发布: say first what will be made, then make it."""
    form = PublishForm()

    def verb(shown: ConfirmationBoard) -> Done:
        made = publication.publish(this_act(), shown.edition, form.version.data, form.promised.data or None)
        words = f"已发布：{made.tasks} 项任务、{made.duties} 个责任、{made.milestones} 个节点。"
        if shown.document.expired_answer is PastAnswer.UNTRACKED:
            words = "已归档：文件已过有效期，不生成任务。"
        return Done(words, url_for("documents.show", document_id=document_id))

    def page(shown: ConfirmationBoard) -> Response | str:
        if shown.edition.amends:
            return redirect(url_for("amend.show", document_id=document_id))
        return _publish_page(shown, "".join(refused_words(form)))

    def conflict(shown: ConfirmationBoard) -> Conflict:
        now = [("措施", f"{len(shown.edition.measures)} 项"), ("待核对", f"{len(shown.questions)} 处")]
        return Conflict(now, url_for("confirm.publish", document_id=document_id))

    return Posting(form, lambda: _board(document_id), verb, page, conflict).answer()


@dataclass(frozen=True, slots=True)
class Kinds:
    """The case types of the limits that wait for an event: those made, those taken, those that could be."""

    made: list[tuple[str, str, str]]  # the url of its measure, its name, its event
    taken: list[str]
    offered: list[tuple[str, str, str]]  # the url of the measure, the limit's words, the type's name


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishPage(View):
    """What publication will make, or what is still in its way."""

    template: ClassVar[str] = "documents/confirm/publish.html"
    shown: ConfirmationBoard
    wrong: str
    made: Published
    outcome: PastAnswer | None
    expired_words: str
    not_tasks: int
    kinds: Kinds


def _publish_page(shown: ConfirmationBoard, wrong: str = "") -> str:
    return PublishPage(
        shown=shown,
        wrong=wrong,
        made=shown.foreseen.figures,
        outcome=shown.document.expired_answer,
        expired_words=full_day(shown.document.expires_on),
        not_tasks=_not_tasks(shown.edition.measures),
        kinds=_kinds(shown),
    ).render()


def _kinds(shown: ConfirmationBoard) -> Kinds:
    rules = [r for m in shown.edition.measures if m.is_task for i in m.items for r in waiting_rules(i)]
    bare = [r for r in rules if gets_its_own(r, shown.document.id)]
    names = [r.case_type.name for r in rules if r.case_type is not None and r not in bare]
    offers = offers_for(db(), bare, shown.document.jurisdiction_id)
    urls = {r.id: measure_url(shown.document.id, r.item.measure.id) for r in bare}
    made = [(urls[r.id], type_name(r), r.trigger or UNNAMED_EVENT) for r in bare]
    offered = [
        (urls[r.id], f"{r.item.measure.key} {r.quote or r.act or ''}".strip(), offers[r.id][0].version.type.name)
        for r in bare
        if offers[r.id]
    ]
    return Kinds(made, list(dict.fromkeys(names)), offered)


def _not_tasks(measures: Iterable[Any]) -> int:
    return sum(1 for m in measures if not m.is_task)
