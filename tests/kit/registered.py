"""An event of a duty's own time limit, registered as its type's case: the one way in, for the tests."""

from datetime import datetime

from sqlalchemy import select

from tracker.services.case_types.limits import waiting_rules
from tracker.services.cases import conclusion, ledger, referrals, steps
from tracker.services.cases.acts import StepFacts
from tracker.services.cases.checks import StepAct
from tracker.services.core.act import Act
from tracker.store.case_types.versions import newest_versions
from tracker.store.models import Case, DeadlineRule, Duty, StepKind, Unit


def register(act: Act, duty: Duty, *, happened_at: datetime, reference: str = "XS-0117", form_key: str = "one") -> Case:
    """Open a case of the one limit of the duty's item that waits for an event, handled by the duty's unit."""
    rule = waiting_rules(duty.task.item)[0]
    (version,) = newest_versions(act.session, [rule.case_type_id or 0])
    new = ledger.NewCase(duty.unit_id, happened_at, reference, form_key, task_id=duty.task_id)
    return ledger.open_case(act, version, new)


def counted_by(act: Act, duty: Duty) -> DeadlineRule:
    """Return the limit by which cases of the duty's item are counted: its type's own copy."""
    rule = waiting_rules(duty.task.item)[0]
    (version,) = newest_versions(act.session, [rule.case_type_id or 0])
    found = version.steps[0].rule
    assert found is not None
    return found


def close(act: Act, case: Case, note: str, to: Unit | None = None, version: int | None = None) -> None:
    """End a case of one step by its own act: what is to be referred is referred to a unit, and concluded."""
    step = case.steps[0]
    if step.kind is not StepKind.REFER:
        steps.close_step(act, case, step, StepAct(StepFacts(note)), version)
        return
    if step.done_at is None:
        other = select(Unit).where(Unit.jurisdiction_id == case.jurisdiction_id, Unit.id != case.unit_id)
        found = to or act.session.scalars(other.order_by(Unit.id)).first()
        assert found is not None
        referrals.refer(act, case, step, found, note, version)
        version = None
    conclusion.conclude(act, case, note, version)
