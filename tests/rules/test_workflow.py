"""The transition table, written out a second time by hand: what is not in it is refused."""

from datetime import UTC, datetime
from itertools import product

import pytest

from tracker.reading.plan import Role
from tracker.rules.workflow import (
    ENDED,
    PARTITION,
    TRANSITIONS,
    Action,
    Standing,
    State,
    StateClass,
    transition,
)
from tracker.services.core.errors import NotPermitted, Refused
from tracker.services.duties.progress import may, step_for
from tracker.store.core.actors import Actor, Post
from tracker.store.models import Document, Duty, MemberRole, Task

S, A, P = State, Action, Standing
HANDS = (P.HANDLER, P.SUPPORTER)

# (from, action, who) -> (to, whether words are required)
TABLE: dict[tuple[State, Action, Standing], tuple[State, bool]] = {
    **{(S.ASSIGNED, A.ACKNOWLEDGE, who): (S.ACKNOWLEDGED, False) for who in HANDS},
    **{(S.ACKNOWLEDGED, A.REPORT, who): (S.IN_PROGRESS, False) for who in HANDS},
    **{(S.IN_PROGRESS, A.REPORT, who): (S.IN_PROGRESS, False) for who in HANDS},
    (S.ACKNOWLEDGED, A.SUBMIT, P.HANDLER): (S.SUBMITTED, True),
    (S.IN_PROGRESS, A.SUBMIT, P.HANDLER): (S.SUBMITTED, True),
    (S.SUBMITTED, A.COMPLETE, P.SUPERVISOR): (S.COMPLETED, False),
    (S.SUBMITTED, A.SEND_BACK, P.SUPERVISOR): (S.IN_PROGRESS, True),
    (S.COMPLETED, A.CLOSE, P.SUPERVISOR): (S.CLOSED, False),
    (S.ASSIGNED, A.REVOKE, P.SUPERVISOR): (S.REVOKED, True),
    (S.ACKNOWLEDGED, A.REVOKE, P.SUPERVISOR): (S.REVOKED, True),
    (S.IN_PROGRESS, A.REVOKE, P.SUPERVISOR): (S.REVOKED, True),
    (S.SUBMITTED, A.REVOKE, P.SUPERVISOR): (S.REVOKED, True),
    (S.REVOKED, A.RESTORE, P.SUPERVISOR): (S.ASSIGNED, True),
    **{(s, A.PAUSE, P.SUPERVISOR): (s, True) for s in (S.ASSIGNED, S.ACKNOWLEDGED, S.IN_PROGRESS)},
    **{(s, A.DECIDE, P.SUPERVISOR): (s, False) for s in (S.ASSIGNED, S.ACKNOWLEDGED, S.IN_PROGRESS)},
    **{(s, A.EXTEND, P.HANDLER): (s, True) for s in (S.ACKNOWLEDGED, S.IN_PROGRESS)},
    **{(s, A.RESUME, P.SUPERVISOR): (s, False) for s in (S.ASSIGNED, S.ACKNOWLEDGED, S.IN_PROGRESS)},
}
EVERYTHING = list(product(State, Action, Standing))
ABSENT = [step for step in EVERYTHING if step not in TABLE]

PLACE, OWN_UNIT, OTHER_UNIT = 1, 7, 8
POSTS = {
    P.HANDLER: Post(OWN_UNIT, "本单位", PLACE, MemberRole.OFFICER),
    P.SUPPORTER: Post(OWN_UNIT, "本单位", PLACE, MemberRole.OFFICER),
    P.SUPERVISOR: Post(OTHER_UNIT, "市减负办", PLACE, MemberRole.SUPERVISOR),
    P.READER: Post(OWN_UNIT, "本单位", PLACE, MemberRole.HEAD),
    P.STRANGER: Post(OTHER_UNIT, "别的单位", PLACE, MemberRole.OFFICER),
}


def person(standing: Standing) -> Actor:
    """Return somebody who is exactly this to the duty below."""
    return Actor(1, "某人", (POSTS[standing],))


def a_duty(state: State, standing: Standing) -> Duty:
    """Return a duty, never stored, to which that person has that standing."""
    document = Document(jurisdiction_id=PLACE, title="文件", created_at=datetime(2026, 3, 1, tzinfo=UTC))
    role = Role.SUPPORT if standing is P.SUPPORTER else Role.RESPONSIBLE
    return Duty(task=Task(document=document), unit_id=OWN_UNIT, role=role, state=state)


def name(step: tuple[State, Action, Standing]) -> str:
    return "-".join(part.value for part in step)


def test_the_table_is_this_one_and_no_other() -> None:
    assert {k: (t.to or k[0], t.needs_reason) for k, t in TRANSITIONS.items()} == TABLE


def test_every_step_absent_from_the_table_is_refused() -> None:
    assert len(ABSENT) > 300
    assert [name(step) for step in ABSENT if not is_refused(*step)] == []


def is_refused(state: State, action: Action, standing: Standing) -> bool:
    """Whether the table, the verb and the button all refuse a step, and in the right words."""
    duty = a_duty(state, standing)
    ever = any((other, action, standing) in TABLE for other in State)
    if transition(state, action, standing) is not None or may(person(standing), duty, action):
        return False
    try:
        step_for(person(standing), duty, action)
    except (NotPermitted, Refused) as refusal:
        # Who may never do it is told so (403); who may not do it now is told the state.
        return isinstance(refusal, NotPermitted) is not ever and action.label in str(refusal)
    return False


@pytest.mark.parametrize("step", list(TABLE), ids=name)
def test_a_step_of_the_table_is_taken_and_its_button_drawn(step: tuple[State, Action, Standing]) -> None:
    state, action, standing = step
    duty = a_duty(state, standing)
    taken = step_for(person(standing), duty, action)
    assert (taken.to or state, taken.needs_reason) == TABLE[step]
    # What resumes must have been paused: its button takes the place of the other.
    duty.paused_at = datetime(2026, 3, 1, tzinfo=UTC) if action is A.RESUME else None
    assert may(person(standing), duty, action)


@pytest.mark.parametrize(
    "role", [MemberRole.LEADER, MemberRole.ADMINISTRATOR, MemberRole.AUDITOR, MemberRole.HEAD], ids=str
)
def test_who_only_reads_can_do_nothing_in_any_state(role: MemberRole) -> None:
    reader = Actor(1, "某人", (Post(OWN_UNIT, "本单位", PLACE, role),))
    for state, action in product(State, Action):
        with pytest.raises(NotPermitted):
            step_for(reader, a_duty(state, P.HANDLER), action)


def test_a_supervisor_of_another_place_is_a_stranger_here() -> None:
    elsewhere = Actor(1, "某人", (Post(OTHER_UNIT, "外市减负办", PLACE + 1, MemberRole.SUPERVISOR),))
    for state, action in product(State, Action):
        with pytest.raises(NotPermitted):
            step_for(elsewhere, a_duty(state, P.HANDLER), action)


def test_the_product_itself_takes_no_step_of_a_person() -> None:
    for state, action in product(State, Action):
        with pytest.raises(NotPermitted):
            step_for(Actor(None, "自动"), a_duty(state, P.HANDLER), action)


def test_who_holds_two_posts_may_do_what_either_may() -> None:
    both = Actor(1, "某人", (POSTS[P.HANDLER], POSTS[P.SUPERVISOR]))
    assert step_for(both, a_duty(S.ASSIGNED, P.HANDLER), A.ACKNOWLEDGE).to is S.ACKNOWLEDGED
    assert step_for(both, a_duty(S.ASSIGNED, P.HANDLER), A.REVOKE).to is S.REVOKED


def test_no_state_is_a_dead_end_but_the_closed_one() -> None:
    leaving = {state for (state, _, _), (to, _) in TABLE.items() if to is not state}
    assert set(State) - leaving == {S.CLOSED}


def test_every_live_state_belongs_to_one_class_of_the_partition_and_revoked_to_none() -> None:
    classes = [state for states in PARTITION.values() for state in states]
    assert len(classes) == len(set(classes))
    assert set(State) - set(classes) == {S.REVOKED}
    assert set(StateClass) == set(PARTITION)
    assert set(ENDED) == {S.COMPLETED, S.CLOSED, S.REVOKED}
