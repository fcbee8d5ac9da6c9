"""What may be done in a case, written out a second time by hand: what is not in it is refused."""

from datetime import UTC, datetime
from itertools import product

from tracker.rules.workflow import CASE_PERMITTED, CaseAction, CaseStanding, CaseState, case_permits
from tracker.store.cases.standing import may, may_ever, standings_in
from tracker.store.core.actors import Actor, Post
from tracker.store.models import Case, MemberRole, Referral

# act: the states in which it may be done, and by whom
TABLE = """
step       open         handler referred supervisor
refer      open         handler supervisor
sign       open paused  referred
return     open         referred
progress   open         handler referred
ask_pause  open         handler referred
pause      open         supervisor
resume     paused       handler referred supervisor
extend     open         handler referred
decide     open         head supervisor
conclude   open         handler supervisor
visit      closed       handler supervisor
note       open paused  handler referred supervisor
correct    open paused  handler supervisor
unmask     open paused closed  near
"""
BY_HAND = {
    (CaseState(state), CaseAction(act), CaseStanding(who))
    for act, *rest in (line.split() for line in TABLE.strip().splitlines())
    for state, who in product(set(rest) & set(CaseState), set(rest) & set(CaseStanding))
}
PLACE, HANDLING, HANDED, ELSEWHERE = 1, 7, 8, 9
POSTS = {
    CaseStanding.HANDLER: Post(HANDLING, "办理单位", PLACE, MemberRole.OFFICER),
    CaseStanding.REFERRED: Post(HANDED, "接收单位", PLACE, MemberRole.OFFICER),
    CaseStanding.HEAD: Post(HANDLING, "办理单位", PLACE, MemberRole.HEAD),
    CaseStanding.SUPERVISOR: Post(ELSEWHERE, "市减负办", PLACE, MemberRole.SUPERVISOR),
    CaseStanding.READER: Post(ELSEWHERE, "市减负办", PLACE, MemberRole.LEADER),
    CaseStanding.STRANGER: Post(ELSEWHERE, "别的单位", PLACE, MemberRole.OFFICER),
}
AT = datetime(2026, 3, 1, tzinfo=UTC)


def a_case(state: CaseState, accused: int | None = None) -> Case:
    """Return a case in this state, never stored."""
    return Case(
        jurisdiction_id=PLACE,
        unit_id=HANDLING,
        accused_unit_id=accused,
        paused_at=AT if state is CaseState.PAUSED else None,
        closed_at=AT if state is CaseState.CLOSED else None,
    )


def somebody(standing: CaseStanding) -> Actor:
    return Actor(1, "某人", (POSTS[standing],))


HANDED_ON = [Referral(to_unit_id=HANDED, returned_at=None)]


def test_the_table_is_this_one_and_no_other() -> None:
    assert CASE_PERMITTED == BY_HAND


def test_every_state_act_and_standing_is_decided_by_it() -> None:
    differing = []
    for state, act, standing in product(CaseState, CaseAction, POSTS):
        wanted = (state, act, standing) in BY_HAND
        found = (
            case_permits(state, act, standing),
            may(somebody(standing), a_case(state), HANDED_ON, act),
        )
        ever = may_ever(somebody(standing), a_case(state), HANDED_ON, act)
        if found != (wanted, wanted) or ever is not any((s, act, standing) in BY_HAND for s in CaseState):
            differing.append(f"{state} {act} {standing}")
    assert differing == []


def test_each_is_to_the_case_what_his_post_makes_him_and_nothing_else() -> None:
    for standing in POSTS:
        assert standings_in(somebody(standing), a_case(CaseState.OPEN), HANDED_ON) == {standing}


def test_what_was_returned_gives_no_standing() -> None:
    returned = [Referral(to_unit_id=HANDED, returned_at=AT)]
    found = standings_in(somebody(CaseStanding.REFERRED), a_case(CaseState.OPEN), returned)
    assert found == {CaseStanding.STRANGER}


def test_the_unit_complained_of_has_no_part_in_it_whatever_else_it_is() -> None:
    for standing, post in POSTS.items():
        case = a_case(CaseState.OPEN, accused=post.unit_id)
        assert not any(may_ever(somebody(standing), case, HANDED_ON, act) for act in CaseAction)
