"""The table of permissions, written out a second time by hand: what is not in it is refused."""

from datetime import UTC, datetime
from itertools import product

import pytest
from sqlalchemy.orm import Session

from tracker.rules.permissions import (
    CASE_OTHER_EYES,
    OTHER_EYES,
    PERMISSIONS,
    PlaceAction,
    Reach,
    Stage,
    not_now,
    permits,
    reach,
    whose,
)
from tracker.rules.roles import MemberRole
from tracker.rules.workflow import Action, CaseAction
from tracker.services.core.act import Act, begin
from tracker.services.core.errors import NotPermitted, Refused
from tracker.store.core.actors import SYSTEM, Actor, Post

# act: who may, how far where it is not all of the place; at which stages, where it depends on them
TABLE = """
overview            supervisor leader
read_duties         officer:own head:own supervisor leader
read_cases          officer:own head:own supervisor leader
open_case           officer:own supervisor
import_cases        officer:own supervisor
review              head:own supervisor
read_documents      officer:own head:own supervisor leader
upload              supervisor
confirm             supervisor                              | draft amending
publish             supervisor                              | draft
add_unit            supervisor                              | published amending
correct_issue_date  supervisor                              | published amending
open_edition        supervisor                              | published
amend               supervisor                              | amending
read_types          officer head supervisor leader
keep_types          supervisor system
retire_type         supervisor                              | in_use
restore_type        supervisor                              | retired
keep_registry       supervisor administrator system
read_calendar       supervisor leader administrator
keep_calendar       administrator system
apply_calendar      administrator system                    | drafted
keep_accounts       administrator system
read_rights         administrator security auditor
read_failed_mails   supervisor administrator
resend_mails        administrator
read_mailbox        administrator
read_trail          auditor
"""
PLACE, ELSEWHERE = 1, 2


def by_hand() -> dict[PlaceAction, tuple[dict[str, str], set[str]]]:
    """Return the table above: standings with their reach, and stages (all where it names none)."""
    found = {}
    for line in TABLE.strip().splitlines():
        who, _, stages = line.partition("|")
        name, *standings = who.split()
        reaches = {role: how or "place" for role, _, how in (s.partition(":") for s in standings)}
        found[PlaceAction(name)] = (reaches, set(stages.split()) or {s.value for s in Stage})
    return found


BY_HAND = by_hand()


def person(role: MemberRole, place: int = PLACE) -> Actor:
    return Actor(1, "某人", (Post(7, "某单位", place, role),))


def act_of(actor: Actor) -> Act:
    return begin(Session(), actor, datetime(2026, 3, 23, tzinfo=UTC))


def answer(actor: Actor, action: PlaceAction, stage: Stage) -> str:
    """Return what the one raiser says: through, refused for good, or not now."""
    try:
        act_of(actor).require(action, PLACE, stage)
    except NotPermitted:
        return "never"
    except Refused:
        return "not now"
    return "through"


def test_every_act_standing_and_stage_is_decided_by_the_table_written_here_and_no_other() -> None:
    assert set(BY_HAND) == set(PlaceAction)
    differing = []
    for action, role, stage in product(PlaceAction, MemberRole, Stage):
        reaches, stages = BY_HAND[action]
        may = role in reaches and stage.value in stages
        wanted = "through" if may else "not now" if role in reaches else "never"
        found = (permits(action, [role], stage), person(role).may(action, PLACE, stage))
        if found != (may, may) or answer(person(role), action, stage) != wanted:
            differing.append(f"{action} {role} {stage}")
    assert differing == []


def test_how_far_a_role_carries_is_as_written_here_and_the_farthest_of_several_counts() -> None:
    for action, role in product(PlaceAction, MemberRole):
        assert reach(action, [role]) == BY_HAND[action][0].get(role), (action, role)
    assert reach(PlaceAction.OPEN_CASE, [MemberRole.OFFICER, MemberRole.SUPERVISOR]) is Reach.PLACE


def test_a_role_in_another_place_carries_nothing_here() -> None:
    for action, role, stage in product(PlaceAction, MemberRole, Stage):
        assert answer(person(role, ELSEWHERE), action, stage) == "never"
        assert person(role, ELSEWHERE).places(action) == ({ELSEWHERE} if role in BY_HAND[action][0] else set())


def test_the_product_itself_keeps_what_it_seeds_and_does_nothing_else() -> None:
    for action in PlaceAction:
        assert SYSTEM.may(action) is ("system" in BY_HAND[action][0]), action


def test_each_of_the_three_administrators_has_what_the_other_two_have_not_or_reads_the_rights_alone() -> None:
    def of(role: MemberRole) -> set[PlaceAction]:
        return {action for action in PlaceAction if permits(action, [role])}

    system, security, auditor = map(of, (MemberRole.ADMINISTRATOR, MemberRole.SECURITY, MemberRole.AUDITOR))
    assert auditor == {PlaceAction.READ_TRAIL, PlaceAction.READ_RIGHTS}
    assert security == {PlaceAction.READ_RIGHTS}
    assert system & auditor == {PlaceAction.READ_RIGHTS}
    assert {PlaceAction.KEEP_ACCOUNTS, PlaceAction.READ_MAILBOX, PlaceAction.RESEND_MAILS} <= system


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (PlaceAction.UPLOAD, "只有本辖区的督查员可以上传文件。"),
        (PlaceAction.KEEP_REGISTRY, "只有本辖区的督查员或系统管理员可以维护单位库。"),
        (PlaceAction.READ_RIGHTS, "只有本辖区的系统管理员、安全管理员或审计员可以查看权限表和角色名单。"),
    ],
)
def test_who_is_refused_is_told_who_may(action: PlaceAction, words: str) -> None:
    assert whose(action) == words


def test_what_is_refused_for_its_stage_says_which_it_is_or_what_to_do() -> None:
    assert not_now(PlaceAction.AMEND, Stage.PUBLISHED).startswith("现在是“已发布”，不能核对新版本。")
    assert "请在责任页增加单位" in not_now(PlaceAction.CONFIRM, Stage.PUBLISHED)
    for action, row in PERMISSIONS.items():
        assert not set(row.refusals) & set(row.stages), action


def test_every_act_and_stage_has_a_word_of_its_own_and_every_act_somebody_who_may_do_it() -> None:
    for kind in (PlaceAction, Stage, MemberRole):
        assert len({member.label for member in kind}) == len(kind)
        assert all(member.label for member in kind)
    assert all(row.standings for row in PERMISSIONS.values())


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (Action.COMPLETE, "不能审核本人提交的办结申请，请由另一位督查员审核。"),
        (Action.SEND_BACK, "不能审核本人提交的办结申请，请由另一位督查员审核。"),
        (Action.DECIDE, "不能审批本人提出的延期申请，请由另一位督查员审批。"),
        # A head decides as well: another one need not be a supervisor.
        (CaseAction.DECIDE, "不能审批本人提出的延期申请，请由另一位审批。"),
        (CaseAction.PAUSE, "不能审批本人提出的暂停申请，请由另一位督查员审批。"),
    ],
)
def test_nobody_decides_on_what_he_asked_for_himself(action: Action | CaseAction, words: str) -> None:
    act_of(person(MemberRole.SUPERVISOR)).require_another(action, 2)
    with pytest.raises(NotPermitted) as told:
        act_of(person(MemberRole.SUPERVISOR)).require_another(action, 1)
    assert str(told.value) == words
    assert len(OTHER_EYES) + len(CASE_OTHER_EYES) == 5
