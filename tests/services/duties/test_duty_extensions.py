"""A later day for a duty: asked for by who carries it, decided by a supervisor, the first date never lost."""

from datetime import date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.kit.world import NOW, World, duty
from tests.services.duties.test_duties import at, bring_to, clocks_of, lamp
from tracker.clock.calendar import national
from tracker.rules.lights import soon_limit
from tracker.rules.workflow import State
from tracker.services.core.act import begin
from tracker.services.core.errors import NotPermitted, Refused
from tracker.services.duties import extensions
from tracker.store.boards.badges import read_badges
from tracker.store.boards.dashboard import OnTime, Scope, read_board
from tracker.store.boards.reviews import waiting_wishes
from tracker.store.duties.lights import Moment
from tracker.store.models import AuditEntry, Cancellation, Duty, Extension, Milestone, MilestoneDate

LATER = date(2026, 8, 31)


@pytest.fixture
def signed(world: World, session: Session) -> Duty:
    """一.1: 2026年6月底前完成清欠."""
    return bring_to(session, world, duty(session, world, "一.1", "gxj"), State.ACKNOWLEDGED)


def clock(session: Session, it: Duty) -> Milestone:
    return clocks_of(session, it)[0]


def ask(session: Session, world: World, it: Duty, who: str = "lead", on: date = LATER) -> Extension:
    made = extensions.ask(begin(session, world.actor(who), NOW), it, clock(session, it).id, on, "账目多，需逐户核对")
    session.flush()
    return made


@pytest.mark.parametrize("who", ["support", "head", "stranger", "supervisor", "leader", "administrator", "auditor"])
def test_only_who_carries_the_duty_asks(world: World, session: Session, signed: Duty, who: str) -> None:
    with pytest.raises(NotPermitted):
        ask(session, world, signed, who)


def test_asking_is_no_report_and_moves_the_version_each_time(world: World, session: Session, signed: Duty) -> None:
    session.flush()
    for on in (LATER, LATER.replace(month=9, day=30)):
        before, reported = signed.version, signed.reported_at
        made = ask(session, world, signed, on=on)
        assert (signed.version, signed.reported_at) == (before + 1, reported)
        extensions.decide(begin(session, world.actor("supervisor"), NOW), signed, made, False, "请按期完成")
        session.flush()


@pytest.mark.parametrize("who", ["lead", "support", "head", "stranger", "leader", "administrator", "auditor"])
def test_only_a_supervisor_decides(world: World, session: Session, signed: Duty, who: str) -> None:
    made = ask(session, world, signed)
    with pytest.raises(NotPermitted):
        extensions.decide(begin(session, world.actor(who), NOW), signed, made, True, "")


def test_nothing_moves_until_it_is_granted_and_then_the_first_date_stays(
    world: World, session: Session, signed: Duty
) -> None:
    made = ask(session, world, signed)
    assert clock(session, signed).due_on == date(2026, 6, 30)
    assert [e.id for e in waiting_wishes(session, world.actor("supervisor"))] == [made.id]
    badges = [read_badges(session, world.actor(who)).waiting for who in ("supervisor", "lead")]
    assert badges == [1, 0]
    extensions.decide(begin(session, world.actor("supervisor"), at(4, 1)), signed, made, True, "同意")
    session.flush()
    moved = clock(session, signed)
    assert (moved.due_on, moved.fixed_on, moved.version) == (LATER, LATER, 2)
    of_it = select(MilestoneDate).where(MilestoneDate.milestone_id == moved.id)
    dates = session.scalars(of_it.order_by(MilestoneDate.version))
    assert [d.due_on for d in dates] == [date(2026, 6, 30), LATER]
    assert read_badges(session, world.actor("supervisor")).waiting == 0
    verbs = session.scalars(
        select(AuditEntry.verb).where(AuditEntry.duty_id == signed.id).order_by(AuditEntry.id)
    ).all()
    assert verbs[-2:] == ["duty.extend", "duty.decide"]


def test_a_refusal_needs_words_and_moves_nothing(world: World, session: Session, signed: Duty) -> None:
    made, boss = ask(session, world, signed), world.actor("supervisor")
    with pytest.raises(Refused, match="不批准的原因"):
        extensions.decide(begin(session, boss, NOW), signed, made, False, " ")
    extensions.decide(begin(session, boss, NOW), signed, made, False, "请按期完成")
    assert clock(session, signed).due_on == date(2026, 6, 30)
    with pytest.raises(Refused, match="已经审批"):
        extensions.decide(begin(session, boss, NOW), signed, made, True, "")


@pytest.mark.parametrize("on", [date(2026, 6, 30), date(2026, 6, 1)])
def test_only_a_later_day_can_be_asked_for(world: World, session: Session, signed: Duty, on: date) -> None:
    with pytest.raises(Refused, match="晚于现在的期限"):
        ask(session, world, signed, on=on)


def test_a_slip_of_the_pen_in_the_year_is_refused(world: World, session: Session, signed: Duty) -> None:
    with pytest.raises(Refused, match="请核对年份"):
        ask(session, world, signed, on=date(2206, 9, 30))


def test_one_request_at_a_time(world: World, session: Session, signed: Duty) -> None:
    ask(session, world, signed)
    with pytest.raises(Refused, match="等待审批"):
        ask(session, world, signed, on=date(2026, 9, 1))


def test_what_is_late_may_be_put_off_and_stays_counted_as_missed(world: World, session: Session, signed: Duty) -> None:
    """Due on Tuesday 30 June, asked for on 2 July, granted on 6 July: late by four workdays until then."""
    unit, boss = begin(session, world.actor("lead"), at(7, 2)), begin(session, world.actor("supervisor"), at(7, 6))
    with pytest.raises(Refused, match="不能早于今天"):
        extensions.ask(unit, signed, clock(session, signed).id, date(2026, 7, 1), "晚了")
    made = extensions.ask(unit, signed, clock(session, signed).id, LATER, "晚了")
    session.flush()
    assert lamp(session, world, signed, at(7, 5)) == "late"  # what was only asked for moves nothing
    extensions.decide(boss, signed, made, True, "")
    session.flush()
    moved = clock(session, signed)
    assert (moved.due_on, moved.missed_at) == (LATER, at(7, 1, hour=0))
    last = session.scalars(
        select(MilestoneDate.why).where(MilestoneDate.milestone_id == moved.id).order_by(MilestoneDate.version.desc())
    ).first()
    assert last == "逾期4个工作日后经批准延期：晚了"
    assert lamp(session, world, signed, at(7, 7)) == "fine"
    assert on_time(session, world, at(7, 7)) == OnTime(by_first=0, by_current=0, of=1)
    moved.met_at = at(8, 1)
    session.flush()
    assert on_time(session, world, at(8, 2)) == OnTime(by_first=0, by_current=0, of=1)


def test_what_was_put_off_in_time_is_not_counted_as_missed(world: World, session: Session, signed: Duty) -> None:
    made = ask(session, world, signed)
    extensions.decide(begin(session, world.actor("supervisor"), at(6, 30)), signed, made, True, "")
    session.flush()
    assert clock(session, signed).missed_at is None
    assert on_time(session, world, at(7, 7)) == OnTime(by_first=0, by_current=0, of=0)


def on_time(session: Session, world: World, now: datetime) -> OnTime:
    """Return the figures of 一.1 alone: every other date falls away."""
    for milestone in session.scalars(select(Milestone).where(Milestone.due_on != LATER)):
        milestone.cancel(NOW, Cancellation.EDITION)
    session.flush()
    return read_board(session, world.actor("supervisor"), Moment(now, soon_limit(now, national())), Scope()).on_time


def test_a_period_is_reported_and_not_put_off(world: World, session: Session) -> None:
    it = bring_to(session, world, duty(session, world, "一.3", "czj"), State.ACKNOWLEDGED, "support")
    assert extensions.extendable(session, it) == []
