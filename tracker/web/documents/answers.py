"""Answers for the whole document: its facts, its undated measures, its dates already past."""

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from flask import request, url_for
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from tracker.services.documents import answers
from tracker.services.documents.facts import set_facts
from tracker.store.documents.drafts import Ask, is_lapsed
from tracker.store.editions.changes import draft_of
from tracker.store.models import DeadlineRule, Document, Edition, Item, Measure, PastAnswer
from tracker.web.deadlines.rhythms import BAD_DAY, DAY_CHOICES, RHYTHM_CHOICES, rrule
from tracker.web.documents.confirmation_page import ConfirmationBoard, ConfirmationView, board, supervised_board, tabs
from tracker.web.documents.drafts import confirm, left_for, supervised, then_or
from tracker.web.kit.access import db, this_act, this_day
from tracker.web.kit.fields import Choice, DayField, RowVersion, options, trimmed, wrong
from tracker.web.kit.forms import PageForm
from tracker.web.kit.links import measure_url
from tracker.web.kit.posting import Answer, Conflict, Done, Posting

# --- their forms -----------------------------------------------------------------------------------------------------


class FactsForm(PageForm):
    """文件信息"""

    version = RowVersion()
    title = TextAreaField("标题", [InputRequired("请填写文件标题。"), Length(max=500)])
    doc_no = StringField("文号", [Length(max=200)], filters=[trimmed])
    issued_on = DayField(
        "印发日期", [InputRequired("请填写印发日期。")], description="“自印发之日起”的期限从这一天起算。"
    )
    effective_on = DayField("施行日期", [Optional()], description="与印发日期不同时填写。")
    expires_on = DayField("有效期至", [Optional()], description="文件写明有效期时填写，周期时限到这一天为止。")
    expired_answer = RadioField(
        "文件已过有效期，怎么处理", choices=options(PastAnswer), validators=[Optional()], validate_choice=False
    )

    def answer(self) -> PastAnswer | None:
        return PastAnswer(self.expired_answer.data) if self.expired_answer.data in set(PastAnswer) else None


class UndatedForm(PageForm):
    """为无时限措施设定时限"""

    way = RadioField(
        "怎样设定",
        choices={"rhythm": "定期反馈进展", "date": "一个完成日期"},
        default="rhythm",
        validators=[InputRequired("请选择一种。")],
    )
    rhythm = Choice("周期", choices=RHYTHM_CHOICES, default="month")
    day = Choice("每期哪一天", choices=DAY_CHOICES, default="")
    due_on = DayField("完成日期", [Optional()])

    def validate(self, extra_validators: Any = None) -> bool:
        fine: bool = super().validate(extra_validators)
        if self.way.data == "date" and self.due_on.data is None and not self.due_on.errors:
            return wrong(self.due_on, "请填写完成日期。")
        if self.way.data == "rhythm" and self.chosen_rrule() is None:
            return wrong(self.day, BAD_DAY)
        return fine

    def chosen_rrule(self) -> str | None:
        return rrule(self.rhythm.data or "", self.day.data or "") if self.way.data == "rhythm" else None

    def chosen_date(self) -> date | None:
        return self.due_on.data if self.way.data == "date" else None


class PastForm(PageForm):
    """答复已过的日期"""

    answer = RadioField(
        "这些日期已过的措施",
        choices=options(PastAnswer),
        validators=[InputRequired("请选择一种。")],
    )
    renewed_on = DayField("新的日期", [Optional()], description="选“仍需办理”时填写。")

    def validate(self, extra_validators: Any = None) -> bool:
        fine: bool = super().validate(extra_validators)
        if self.answer.data == "open" and self.renewed_on.data is None and not self.renewed_on.errors:
            return wrong(self.renewed_on, "仍需办理的，请填写今天或以后的新日期。")
        return fine


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
        set_facts(
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
class FactsPage(ConfirmationView):
    """The document's facts, to be confirmed."""

    template: ClassVar[str] = "documents/confirm/facts.html"
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
        words = f"已为 {done} 个责任项设定时限，标为“督查员设定”。"
        return Done(words, then_or(url_for("confirm.show", document_id=document_id)))

    return Posting(form, lambda: supervised_board(document_id), verb, lambda shown: _undated_page(shown, form)).answer()


@dataclass(frozen=True, slots=True, kw_only=True)
class UndatedPage(ConfirmationView):
    """The measures without a date."""

    template: ClassVar[str] = "documents/confirm/undated.html"
    form: UndatedForm
    listed: list[tuple[Item, str]]
    leave_url: str


def _undated_page(shown: ConfirmationBoard, form: UndatedForm, leave_url: str = "") -> str:
    items = answers.undated_items(shown.edition)
    listed = [(i, measure_url(shown.document.id, i.measure.id)) for i in items]
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

    return Posting(form, lambda: supervised_board(document_id), verb, lambda shown: _past_page(shown, form)).answer()


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDatesPage(ConfirmationView):
    """The dates already past."""

    template: ClassVar[str] = "documents/confirm/past.html"
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
