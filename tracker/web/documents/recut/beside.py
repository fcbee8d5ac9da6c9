"""条款与法定时限: two limits of one act side by side, the document's and a case type's, and which of them counts."""

from dataclasses import dataclass
from typing import ClassVar

from flask import url_for
from wtforms import IntegerField
from wtforms.validators import InputRequired

from tracker.services.documents.beside import LaidBeside, choose_limit, laid_beside
from tracker.store.models import BesideAnswer, DeadlineRule, Measure
from tracker.web.documents.confirmation_page import ConfirmationBoard, ConfirmationView, supervised_board, tabs
from tracker.web.documents.drafts import confirm
from tracker.web.documents.measure import rule_words, trial
from tracker.web.kit.access import db, this_act
from tracker.web.kit.fields import Choice, options
from tracker.web.kit.forms import PageForm
from tracker.web.kit.links import measure_url
from tracker.web.kit.posting import Answer, Conflict, Done, Posting, refused_words


class BesideForm(PageForm):
    """Which of two limits counts."""

    rule = IntegerField("时限", [InputRequired("请从页面上选择。")])
    other = IntegerField("另一个时限", [InputRequired("请从页面上选择。")])
    answer = Choice("取哪一个", choices=options(BesideAnswer), validators=[InputRequired("请选择一种。")])


@dataclass(frozen=True, slots=True)
class OtherLimit:
    """A limit of a case type beside the document's: whose it is, and what it would count to."""

    id: int
    name: str
    url: str
    words: str
    article: str
    counted: str
    chosen: str  # what was answered of it, in words


@dataclass(frozen=True, slots=True)
class BesidePair:
    """One limit of the document with the others."""

    rule: DeadlineRule
    measure: Measure
    url: str
    words: str
    counted: str
    others: list[OtherLimit]
    answered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BesidePage(ConfirmationView):
    """Every limit for whose act a case type says another length."""

    template: ClassVar[str] = "documents/confirm/beside.html"
    pairs: list[BesidePair]
    wrong: str


@confirm.route("/<int:document_id>/beside", methods=["GET", "POST"])
def beside(document_id: int) -> Answer:
    """Lay the limits side by side; take the document's, the other, or both."""
    form = BesideForm()

    def verb(shown: ConfirmationBoard) -> Done:
        answer = BesideAnswer(form.answer.data)
        one = choose_limit(this_act(), shown.edition, form.rule.data or 0, form.other.data or 0, answer)
        words = f"{one.rule.item.measure.key} 的时限已选定：{answer.label}。"
        return Done(words, url_for("confirm.beside", document_id=document_id))

    def page(shown: ConfirmationBoard) -> str:
        return _page(shown, "".join(refused_words(form)))

    def conflict(shown: ConfirmationBoard) -> Conflict:
        return Conflict((), url_for("confirm.beside", document_id=shown.document.id), typed=[])

    return Posting(form, lambda: supervised_board(document_id), verb, page, conflict).answer()


def _page(shown: ConfirmationBoard, wrong: str) -> str:
    pairs = [_pair(shown, one) for one in laid_beside(db(), shown.edition)]
    return BesidePage(shown=shown, tabs=tabs(shown, "beside"), pairs=pairs, wrong=wrong).render()


def _pair(shown: ConfirmationBoard, one: LaidBeside) -> BesidePair:
    rule, measure = one.rule, one.rule.item.measure
    return BesidePair(
        rule,
        measure,
        measure_url(shown.document.id, measure.id),
        rule_words(rule),
        _counted(shown, rule),
        [
            OtherLimit(
                other.limit.id,
                other.version.type.name,
                url_for("case_types.show", type_id=other.version.type_id),
                other.words,
                other.limit.article or "",
                _counted(shown, other.limit),
                rule.beside_answer.label if rule.beside_answer and rule.beside_id == other.limit.id else "",
            )
            for other in one.others
        ],
        one.answered,
    )


def _counted(shown: ConfirmationBoard, rule: DeadlineRule) -> str:
    tried = trial(rule, shown.edition.facts)
    return tried.words if tried is not None else ""
