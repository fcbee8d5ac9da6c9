"""A document's limit beside a case type's of another length for the same act: asked, chosen, and what that makes."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.kit.world import NOW, World
from tests.services.case_types.test_limits import complaint
from tests.services.documents.test_confirmation import another, edition_of
from tracker.clock.rules import CountUnit
from tracker.services.case_types.steps import limit_words
from tracker.services.core.act import begin
from tracker.services.core.errors import NotPermitted, Refused
from tracker.services.documents import answers, confirmation, publication
from tracker.services.documents.beside import beside_questions, choose_limit, laid_beside
from tracker.store.case_types.versions import newest_versions
from tracker.store.models import BesideAnswer, CaseType, Document, Edition


def promising(amount: int, unit: str = "workday") -> Any:
    """Let the second measure promise a referral within another time than the type has (3, by law 10 workdays)."""

    def edit(read: dict[str, Any]) -> None:
        read["measures"][1]["items"][0]["deadlines"][0].update(amount=amount, unit=unit)

    return edit


def asked(session: Session, world: World, document: Document) -> list[str]:
    return [q.words for q in beside_questions(session, edition_of(session, world, document))]


def choose(
    session: Session, world: World, document: Document, answer: BesideAnswer, who: str = "supervisor"
) -> Edition:
    edition = edition_of(session, world, document)
    (one,) = laid_beside(session, edition)
    choose_limit(begin(session, world.actor(who), NOW), edition, one.rule.id, one.others[0].limit.id, answer)
    return edition_of(session, world, document)


def publish(session: Session, world: World, document: Document) -> CaseType:
    """Answer the rest, publish, and return the type of the referral's cases."""
    boss, edition = world.actor("supervisor"), edition_of(session, world, document)
    answers.settle_collective(begin(session, boss, NOW), edition, "各有关部门", left_out=True)
    confirmation.confirm_clear(begin(session, boss, NOW), edition)
    edition = edition_of(session, world, document)
    publication.publish(begin(session, boss, NOW), edition)
    session.flush()
    kind = edition.measures[1].items[0].rules[0].case_type_id
    assert kind is not None
    return session.get_one(CaseType, kind)


@pytest.mark.parametrize(
    ("amount", "unit", "is_asked"),
    [(5, "workday", True), (3, "workday", False), (15, "workday", True), (3, "day", True), (10, "workday", False)],
    ids=["between", "as promised", "longer than the law", "another unit", "as the law says"],
)
def test_another_length_for_the_same_act_is_asked_about(
    draft: World, session: Session, amount: int, unit: str, is_asked: bool
) -> None:
    complaint(session, draft)
    document = another(session, draft, promising(amount, unit))
    words = asked(session, draft, document)
    assert bool(words) is is_asked
    if is_asked:
        assert "一.2 “自正式受理之日起3个工作日内”与“拖欠账款投诉”的转办 10个工作日内不同" in words[0]


def test_without_a_type_for_the_act_nothing_is_asked(draft: World, session: Session) -> None:
    assert asked(session, draft, another(session, draft, promising(5))) == []


def test_publication_and_all_at_once_wait_for_the_choice(draft: World, session: Session) -> None:
    complaint(session, draft)
    document = another(session, draft, promising(5))
    boss = draft.actor("supervisor")
    confirmation.confirm_clear(begin(session, boss, NOW), edition_of(session, draft, document))
    edition = edition_of(session, draft, document)
    assert [m.key for m in edition.measures if m.confirmed_at is None] == ["一.2", "一.5"]
    with pytest.raises(Refused, match="请说明取哪一个"):
        publish(session, draft, document)


def test_the_documents_own_is_taken_as_it_stands(draft: World, session: Session) -> None:
    complaint(session, draft)
    document = another(session, draft, promising(5))
    choose(session, draft, document, BesideAnswer.CLAUSE)
    assert asked(session, draft, document) == []
    kind = publish(session, draft, document)
    (version,) = newest_versions(session, [kind.id])
    assert kind.document_id == document.id
    assert (limit_words(version.steps[0].rule), version.steps[0].statute_rule) == ("5个工作日内", None)


def test_both_count_the_laws_as_the_outer_one(draft: World, session: Session) -> None:
    complaint(session, draft)
    document = another(session, draft, promising(5))
    choose(session, draft, document, BesideAnswer.BOTH)
    assert asked(session, draft, document) == []
    (version,) = newest_versions(session, [publish(session, draft, document).id])
    step = version.steps[0]
    assert (limit_words(step.rule), limit_words(step.statute_rule)) == ("5个工作日内", "10个工作日内")


def test_the_other_is_taken_in_its_place(draft: World, session: Session) -> None:
    complaint(session, draft)
    document = another(session, draft, promising(5))
    edition = choose(session, draft, document, BesideAnswer.TYPE)
    rule = edition.measures[1].items[0].rules[0]
    assert (rule.amount, rule.unit, rule.quote) == (10, CountUnit.WORKDAY, "自正式受理之日起3个工作日内")
    assert asked(session, draft, document) == []
    publish(session, draft, document)


def test_a_law_that_is_shorter_than_the_document_cannot_be_its_outer_limit(draft: World, session: Session) -> None:
    complaint(session, draft)
    document = another(session, draft, promising(15))
    with pytest.raises(Refused, match="更长的外限"):
        choose(session, draft, document, BesideAnswer.BOTH)


def test_a_limit_corrected_since_is_asked_about_only_where_it_still_differs(draft: World, session: Session) -> None:
    complaint(session, draft)
    document = another(session, draft, promising(5))
    edition = choose(session, draft, document, BesideAnswer.CLAUSE)
    edition.measures[1].items[0].rules[0].beside_id = None
    session.flush()
    assert len(asked(session, draft, document)) == 1
    edition_of(session, draft, document).measures[1].items[0].rules[0].amount = 3
    session.flush()
    assert asked(session, draft, document) == []


@pytest.mark.parametrize("who", ["lead", "support", "stranger", "leader", "auditor"])
def test_only_a_supervisor_chooses(draft: World, session: Session, who: str) -> None:
    complaint(session, draft)
    document = another(session, draft, promising(5))
    with pytest.raises(NotPermitted):
        choose(session, draft, document, BesideAnswer.CLAUSE, who)


def test_a_limit_that_was_never_laid_beside_is_refused(draft: World, session: Session) -> None:
    complaint(session, draft)
    document = another(session, draft, promising(5))
    edition = edition_of(session, draft, document)
    with pytest.raises(Refused, match="刷新"):
        choose_limit(begin(session, draft.actor("supervisor"), NOW), edition, 1, 999_999, BesideAnswer.CLAUSE)
    assert session.scalars(select(CaseType.id).where(CaseType.document_id == document.id)).all() == []
