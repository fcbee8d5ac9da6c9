"""The end of a case (办结): concluded, its handling asked about (回访); and what is added meanwhile (补充说明)."""

from tracker.rules.verbs import Verb
from tracker.rules.workflow import CaseAction
from tracker.services.cases.acts import StepFacts, check_may, keep, write
from tracker.services.cases.steps import cancel, finish, open_clocks
from tracker.services.core.act import Act
from tracker.services.core.errors import Refused
from tracker.services.core.texts import words
from tracker.store.models import Cancellation, Case, CaseStep, RecordKind, Satisfaction, StepKind


def asked_for(case: Case) -> list[CaseStep]:
    """Return the steps without which a case cannot be concluded and which are not done yet."""
    left = [s for s in case.steps if s.done_at is None and s.cancelled_at is None]
    return [s for s in left if not s.optional and s.kind is not StepKind.PROGRESS]


def conclude(act: Act, case: Case, conclusion: str, version: int | None = None) -> None:
    """办结: every step that is asked for is done; periods that go on until then end with it."""
    check_may(act.session, act.actor, case, CaseAction.CONCLUDE, version)
    said = words(conclusion, "请写明办理结果。")
    left = [s for s in case.steps if s.done_at is None and s.cancelled_at is None]
    if needed := asked_for(case):
        raise Refused(f"还有步骤没有办结：{'、'.join(s.name for s in needed[:3])}。请先办结，再办结本件。")
    for step in left:
        if step.kind is StepKind.PROGRESS and step.started_at is not None:
            for milestone in open_clocks(act.session, step):
                milestone.cancel(act.now, Cancellation.CASE_ENDED)  # 直至办理完毕
            step.done_at, step.done_by_id = act.now, act.actor.user_id
    # What is offered only on occasion may still be done after the end: a return visit.
    over = [s for s in left if s.done_at is None and s.kind is not StepKind.VISIT]
    cancel(act, over, Cancellation.CASE_ENDED)
    case.closed_at, case.conclusion = act.now, said
    keep(act, case, RecordKind.CONCLUSION, StepFacts(said))
    write(act, case, Verb.CASE_CONCLUDE, note=f"{case.number} {said}")


def visit(
    act: Act,
    case: Case,
    satisfaction: Satisfaction,
    text: str,
    version: int | None = None,
) -> None:
    """回访: what whom the case is from says of its handling; asked again, the last answer stands."""
    check_may(act.session, act.actor, case, CaseAction.VISIT, version)
    said = words(text, "请写明回访情况。")
    before = case.satisfaction
    case.satisfaction = satisfaction
    step = next((s for s in case.steps if s.kind is StepKind.VISIT and s.done_at is None), None)
    if step is not None:
        finish(act, step, act.now, said)
    keep(act, case, RecordKind.VISIT, StepFacts(said), step=step)
    write(
        act,
        case,
        Verb.CASE_VISIT,
        before={"satisfaction": before},
        after={"satisfaction": satisfaction},
        note=f"{case.number} 回访：{said}",
    )


def add_note(act: Act, case: Case, facts: StepFacts, version: int | None = None) -> None:
    """补充说明, with files."""
    check_may(act.session, act.actor, case, CaseAction.NOTE, version)
    said = words(facts.text, "请写明补充的情况。")
    keep(act, case, RecordKind.NOTE, facts)
    write(act, case, Verb.CASE_NOTE, after={"files": len(facts.files)}, note=f"{case.number} {said}")
