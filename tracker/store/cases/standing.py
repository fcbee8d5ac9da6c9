"""What an actor is to a case (办件), from his posts and the case's referrals; what he may do follows by the table."""

from collections.abc import Iterable

from tracker.rules.workflow import CaseAction, CaseStanding, CaseState, case_permits
from tracker.store.core.actors import Actor
from tracker.store.models import Case, CaseStep, MemberRole, Referral


def state_of(case: Case) -> CaseState:
    """Return where a case stands."""
    if case.closed_at is not None:
        return CaseState.CLOSED
    return CaseState.PAUSED if case.paused_at is not None else CaseState.OPEN


def is_accused(actor: Actor, case: Case) -> bool:
    """Whether the actor is of the unit complained of, in whatever role."""
    return case.accused_unit_id is not None and any(p.unit_id == case.accused_unit_id for p in actor.posts)


def standings_in(actor: Actor, case: Case, referrals: Iterable[Referral]) -> frozenset[CaseStanding]:
    """Return what the actor is to a case; STRANGER alone where nothing.  Returned referrals give no standing.

    Who is of the unit complained of has no part in the complaint by what else he is (信访工作条例 30): he may read at
    most that it is there.
    """
    if is_accused(actor, case):
        oversees = actor.jurisdictions(MemberRole.SUPERVISOR, MemberRole.LEADER)
        return frozenset({CaseStanding.READER if case.jurisdiction_id in oversees else CaseStanding.STRANGER})
    handed = {r.to_unit_id for r in referrals if r.returned_at is None}
    found: set[CaseStanding] = set()
    officer, head = actor.units(MemberRole.OFFICER), actor.units(MemberRole.HEAD)
    if case.unit_id in officer:
        found.add(CaseStanding.HANDLER)
    if handed & officer:
        found.add(CaseStanding.REFERRED)
    if (handed | {case.unit_id}) & head:
        found.add(CaseStanding.HEAD)
    if actor.supervises(case.jurisdiction_id):
        found.add(CaseStanding.SUPERVISOR)
    if actor.holds(MemberRole.LEADER, case.jurisdiction_id):
        found.add(CaseStanding.READER)
    return frozenset(found or {CaseStanding.STRANGER})


def may(actor: Actor, case: Case, referrals: Iterable[Referral], action: CaseAction) -> bool:
    """Whether the table lets the actor do this to a case now."""
    return any(case_permits(state_of(case), action, s) for s in standings_in(actor, case, referrals))


def may_ever(actor: Actor, case: Case, referrals: Iterable[Referral], action: CaseAction) -> bool:
    """Whether the actor may do this to such a case in any state: tells 'not you' from 'not now'."""
    held = standings_in(actor, case, referrals)
    return any(case_permits(state, action, s) for state in CaseState for s in held)


def decides_for(actor: Actor, case: Case, unit_id: int) -> bool:
    """Whether what a unit asks for in a case is the actor's to decide: its head's, or the place's supervisors'."""
    return actor.supervises(case.jurisdiction_id) or unit_id in actor.units(MemberRole.HEAD)


def answers_for(actor: Actor, case: Case, step: CaseStep, referrals: Iterable[Referral]) -> bool:
    """Whether a step is the actor's to do: his unit's, or any for the place's supervisors."""
    held = standings_in(actor, case, referrals)
    if CaseStanding.SUPERVISOR in held:
        return True
    # Another party's act (发包人 verifies) is recorded by whoever handles the case.
    unit_id = step.unit_id or case.unit_id
    return unit_id in actor.units(MemberRole.OFFICER) and bool(held & {CaseStanding.HANDLER, CaseStanding.REFERRED})
