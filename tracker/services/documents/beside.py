"""条款与法定时限: a document's limit and a case type's of another length for one act, and which of them counts."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from tracker.rules.verbs import Subject, Verb
from tracker.services.case_types.checks import check
from tracker.services.case_types.limits import Beside, agreeing, differing, step_of, waiting_rules
from tracker.services.case_types.steps import TypeInput
from tracker.services.core.act import Act
from tracker.services.core.errors import Refused
from tracker.services.documents.answers import guard
from tracker.store.case_types.versions import types_in_use
from tracker.store.documents.drafts import Ask, Question
from tracker.store.models import BesideAnswer, DeadlineRule, Edition


@dataclass(frozen=True, slots=True)
class LaidBeside:
    """A document's limit with the others that say another length, and whether one of them was chosen already."""

    rule: DeadlineRule
    others: list[Beside]

    @property
    def answered(self) -> bool:
        """Whether the answer is about a limit that still says so."""
        said = self.rule.beside_id
        return self.rule.beside_answer is not None and any(said == other.limit.id for other in self.others)


def laid_beside(session: Session, edition: Edition) -> list[LaidBeside]:
    """Return the limits of an edition's tasks for whose act a type in use says another length; fully loaded."""
    rules = [r for m in edition.measures if m.is_task for i in m.items for r in waiting_rules(i) if not r.carried]
    versions = types_in_use(session, edition.document.jurisdiction_id) if rules else []
    found = [LaidBeside(rule, differing(rule, versions)) for rule in rules]
    return [one for one in found if one.others]


def beside_questions(session: Session, edition: Edition) -> list[Question]:
    """Return what publication waits for of them."""
    return [
        Question(
            Ask.BESIDE,
            f"{one.rule.item.measure.key} “{one.rule.quote or one.rule.act}”与“{one.others[0].version.type.name}”的"
            f"{one.others[0].words}不同，请说明取哪一个",
            one.rule.item.measure,
            rule=one.rule,
        )
        for one in laid_beside(session, edition)
        if not one.answered
    ]


def choose_limit(act: Act, edition: Edition, rule_id: int, other_id: int, answer: BesideAnswer) -> LaidBeside:
    """Say which of two limits counts: the document's, the other in its place, or both, the other as the outer one."""
    guard(act, edition)
    one = next((one for one in laid_beside(act.session, edition) if one.rule.id == rule_id), None)
    other = next((b for b in one.others if b.limit.id == other_id), None) if one is not None else None
    if one is None or other is None:
        raise Refused("这两个时限已经没有不同，或者不在这份文件中了，请刷新页面。")
    rule, before = one.rule, _words(one.rule)
    rule.beside_id, rule.beside_answer = other.limit.id, answer
    if answer is BesideAnswer.BOTH:
        _check_both(act, rule)
    elif answer is BesideAnswer.TYPE:
        _follow(rule, other)
    rule.item.measure.touch()
    act.record(
        Verb.LIMIT_CHOOSE,
        Subject.EDITION,
        edition.id,
        document=edition.document,
        before={"limit": before},
        after={"limit": _words(rule), "beside": other.words, "type": other.version.type.name, "answer": answer},
    )
    return one


def _check_both(act: Act, rule: DeadlineRule) -> None:
    """Refuse an outer limit that is no longer than the document's own: one of the two could never count."""
    what = (rule.act or "办理").strip()
    try:
        check(TypeInput(what, rule.trigger or "事件发生", (step_of(act.session, rule, what),)))
    except Refused as refusal:
        raise Refused(f"两个都要，另一个须是更长的外限：{refusal}") from None


def _follow(rule: DeadlineRule, other: Beside) -> None:
    """Let a limit say what the other says, and take the type where that has it as its own."""
    limit = other.limit
    rule.amount, rule.unit = limit.amount, limit.unit
    rule.counts_as_workday, rule.article = limit.counts_as_workday, limit.article
    rule.extend_amount, rule.extend_unit = limit.extend_amount, limit.extend_unit
    if agreeing(rule, [other.version]):
        rule.case_type = other.version.type


def _words(rule: DeadlineRule) -> list[object]:
    return [rule.quote, rule.amount, rule.unit, rule.article]
