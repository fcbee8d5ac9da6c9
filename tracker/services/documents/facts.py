"""文件信息: the title, number and dates of a draft corrected; what they undo of answers given before."""

from datetime import date

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, contains_eager

from tracker.clock.rules import Kind
from tracker.now import EARLIEST, today
from tracker.rules.verbs import Subject, Verb
from tracker.services.core.act import Act
from tracker.services.core.errors import Fault, check_version, refuse
from tracker.services.documents.answers import guard
from tracker.store.models import (
    DeadlineRule,
    Document,
    Edition,
    EditionState,
    Item,
    Measure,
    PastAnswer,
)


def set_facts(  # noqa: PLR0913 - a form's fields, each named
    act: Act,
    document: Document | Edition,
    *,
    title: str,
    doc_no: str | None,
    issued_on: date | None,
    effective_on: date | None,
    expires_on: date | None,
    expired_answer: PastAnswer | None = None,
    version: int | None = None,
) -> None:
    """Correct the title, number and dates of a document or of its new edition; answer for one that is out of force."""
    guard(act, document)
    check_version(document.version, version)
    late = issued_on is not None and issued_on > today(act.now)
    over = expires_on is not None and issued_on is not None and expires_on < issued_on
    refuse(
        Fault(words, field)
        for wrong, words, field in (
            (not title.strip(), "请填写文件标题。", "title"),
            (late, "印发日期不能晚于今天。", "issued_on"),
            (issued_on is not None and issued_on < EARLIEST, "请核对年份。", "issued_on"),
            (over, "有效期截止日不能早于印发日期。", "expires_on"),
        )
        if wrong
    )
    before = _facts(document)
    document.title, document.doc_no = title.strip(), (doc_no or "").strip() or None
    document.issued_on, document.effective_on, document.expires_on = issued_on, effective_on, expires_on
    until = before["expires_on"]
    if isinstance(until, date) and (expires_on is None or expires_on > until):
        _run_again(act.session, document)
    whole = document if isinstance(document, Document) else document.document
    if isinstance(document, Document):
        document.expired_answer = expired_answer if expires_on and expires_on < today(act.now) else None
    act.record(
        Verb.DOCUMENT_FACTS,
        Subject.DOCUMENT,
        whole.id,
        document=whole,
        before=before,
        after=_facts(document),
    )


def _run_again(session: Session, document: Document | Edition) -> None:
    """Take back what was answered of rhythms without a period: a longer validity has some, and a person looks again."""
    mine = (
        Measure.edition_id == document.id
        if isinstance(document, Edition)
        else Measure.edition.has(and_(Edition.document_id == document.id, Edition.state == EditionState.DRAFT))
    )
    left_out = (
        select(DeadlineRule)
        .join(DeadlineRule.item)
        .join(Item.measure)
        .where(mine, DeadlineRule.kind == Kind.RECURRING, DeadlineRule.carried.is_(False))
        .where(DeadlineRule.past_answer.is_not(None))
        .options(contains_eager(DeadlineRule.item).contains_eager(Item.measure))
    )
    for rule in session.scalars(left_out):
        rule.past_answer = None
        rule.item.measure.confirmed_at = rule.item.measure.confirmed_by_id = None
        rule.item.measure.touch()


def _facts(document: Document | Edition) -> dict[str, object]:
    names = ("title", "doc_no", "issued_on", "effective_on", "expires_on", "expired_answer")
    return {name: getattr(document, name) for name in names}
