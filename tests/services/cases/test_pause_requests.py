"""暂停申请: a unit asks for the clocks of a case to stand still, with reason and basis; who supervises decides."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.kit.world import NOW, World
from tests.services.cases.test_ledger import HANDED, HANDLER, act, clock_of, load, referred, types
from tests.services.duties.test_duties import at
from tracker.services.cases import pauses as case_pauses
from tracker.services.core.act import begin
from tracker.services.core.errors import NotPermitted, Refused, Stale
from tracker.services.deadlines import pauses
from tracker.store.boards.badges import read_badges
from tracker.store.boards.reviews import waiting_pauses
from tracker.store.models import AuditEntry, Case, ExtensionState, Pause

__all__ = ["types"]
WHY = {"reason": "正在听证", "authority": "行政许可法 45"}
ALL = ("lead", "support", "head", "county", "stranger", "supervisor", "leader", "administrator", "auditor")


@pytest.fixture
def case(world: World, session: Session, types: dict[str, int]) -> Case:
    """A complaint 减负办 handles, its handling handed to 东县."""
    return referred(session, world, types)


def ask(session: Session, world: World, case: Case, who: str = HANDED) -> pauses.PauseRequest:
    made = case_pauses.ask_pause(begin(session, world.actor(who), at(3, 24)), case, **WHY)
    session.flush()
    return made


@pytest.mark.parametrize("who", [HANDED, HANDLER])
def test_whose_clock_it_is_does_not_stop_it(world: World, session: Session, case: Case, who: str) -> None:
    with pytest.raises(NotPermitted):
        case_pauses.pause_case(begin(session, world.actor(who), NOW), case, **WHY)
    assert session.scalars(select(Pause)).all() == []


@pytest.mark.parametrize("who", [w for w in ALL if w != HANDED])
def test_only_who_handles_asks(world: World, session: Session, case: Case, who: str) -> None:
    with pytest.raises(NotPermitted):
        ask(session, world, case, who)


@pytest.mark.parametrize("who", [w for w in ALL if w != "supervisor"])
def test_only_a_supervisor_decides(world: World, session: Session, case: Case, who: str) -> None:
    asked = ask(session, world, case)
    with pytest.raises(NotPermitted):
        case_pauses.decide_pause(begin(session, world.actor(who), NOW), case, asked, True, "")


def test_nobody_decides_his_own(world: World, session: Session, case: Case) -> None:
    asked = ask(session, world, case, HANDLER)  # also a supervisor of the place
    with pytest.raises(NotPermitted, match="本人"):
        case_pauses.decide_pause(begin(session, world.actor(HANDLER), at(3, 25)), case, asked, True, "")
    assert read_badges(session, world.actor(HANDLER)).waiting == 0
    case_pauses.decide_pause(begin(session, world.actor("supervisor"), at(3, 25)), case, asked, True, "")
    assert case.paused_at == at(3, 25)


def test_nothing_stands_until_it_is_granted(world: World, session: Session, case: Case) -> None:
    asked, boss = ask(session, world, case), world.actor("supervisor")
    assert (case.paused_at, clock_of(session, case, "处理").paused_at) == (None, None)
    assert [r.id for r in waiting_pauses(session, boss)] == [asked.id]
    assert {who: read_badges(session, world.actor(who)).waiting for who in ALL} == {
        who: int(who == "supervisor") for who in ALL
    }
    case_pauses.decide_pause(begin(session, boss, at(4, 1)), case, asked, True, "同意")
    session.flush()
    made = session.scalars(select(Pause)).one()
    assert (made.from_at, made.until_at, made.reason, made.authority) == (at(4, 1), None, *WHY.values())
    assert (asked.state, asked.decided_by_id, asked.note) == (ExtensionState.GRANTED, boss.user_id, "同意")
    assert clock_of(session, load(session, world, case), "处理").paused_at == at(4, 1)
    assert read_badges(session, boss).waiting == 0
    told = session.execute(select(AuditEntry.verb, AuditEntry.note).order_by(AuditEntry.id)).all()[-2:]
    assert [verb for verb, _ in told] == ["case.ask_pause", "case.pause"]
    assert all("正在听证（行政许可法 45）" in note for _, note in told)


def test_a_refusal_needs_words_and_the_clock_runs_on(world: World, session: Session, case: Case) -> None:
    asked, boss = ask(session, world, case), world.actor("supervisor")
    before = clock_of(session, case, "处理").due_on
    with pytest.raises(Refused, match="不批准的原因"):
        case_pauses.decide_pause(begin(session, boss, at(4, 1)), case, asked, False, " ")
    case_pauses.decide_pause(begin(session, boss, at(4, 1)), case, asked, False, "没有听证通知书")
    session.flush()
    assert (case.paused_at, clock_of(session, case, "处理").due_on) == (None, before)
    with pytest.raises(Refused, match="已经审批"):
        case_pauses.decide_pause(begin(session, boss, at(4, 2)), case, asked, True, "")
    last = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
    assert (last.verb, last.note) == ("case.not_paused", f"{case.number} 没有听证通知书")
    ask(session, world, load(session, world, case))  # better founded, it may be asked again


@pytest.mark.parametrize("wanted", [{"reason": " ", "authority": "x"}, {"reason": "x", "authority": ""}])
def test_a_request_says_why_and_on_what_ground(
    world: World, session: Session, case: Case, wanted: dict[str, str]
) -> None:
    with pytest.raises(Refused, match="请写明"):
        case_pauses.ask_pause(begin(session, world.actor(HANDED), NOW), case, **wanted)


def test_one_request_at_a_time_whoever_asks(world: World, session: Session, case: Case) -> None:
    ask(session, world, case)
    for who in (HANDED, HANDLER):
        with pytest.raises(Refused, match="等待审批"):
            ask(session, world, load(session, world, case), who)
    with pytest.raises(Refused, match="等待审批"):  # he decides what was asked rather than pass it by
        case_pauses.pause_case(begin(session, world.actor("supervisor"), at(3, 25)), case, **WHY)


def test_what_is_late_is_neither_asked_for_nor_granted(world: World, session: Session, case: Case) -> None:
    asked = ask(session, world, case)
    with pytest.raises(Refused, match="已有时限逾期"):
        case_pauses.decide_pause(begin(session, world.actor("supervisor"), at(4, 23)), case, asked, True, "")
    case_pauses.decide_pause(begin(session, world.actor("supervisor"), at(4, 23)), case, asked, False, "已经逾期")
    with pytest.raises(Refused, match="已有时限逾期"):
        case_pauses.ask_pause(begin(session, world.actor(HANDED), at(4, 23)), load(session, world, case), **WHY)


def test_an_old_form_is_stale(world: World, session: Session, case: Case) -> None:
    asked, shown = ask(session, world, case), case.version
    act(session, world, case, "处理", "责令付款", HANDED, at(3, 25))
    with pytest.raises(Stale):
        case_pauses.decide_pause(
            begin(session, world.actor("supervisor"), at(3, 25)), load(session, world, case), asked, True, "", shown
        )
