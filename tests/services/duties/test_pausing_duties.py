"""Pausing a duty: its clocks stand, counted ones are counted again, written dates stay, nobody is late meanwhile."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.kit.world import NOW, World, duty
from tests.services.duties.test_duties import at, bring_to, clocks_of, lamp
from tracker.rules.workflow import Action, State
from tracker.services.core.act import begin
from tracker.services.core.errors import NotPermitted, Refused, Stale
from tracker.services.duties import pauses
from tracker.services.duties.progress import may
from tracker.store.models import AuditEntry, Duty, Pause, Task

WHY = {"reason": "正在听证", "authority": "行政许可法 45"}


def signed(session: Session, world: World, key: str = "一.1", unit: str = "gxj") -> Duty:
    officer = {"gxj": "lead", "czj": "support"}[unit]
    return bring_to(session, world, duty(session, world, key, unit), State.ACKNOWLEDGED, officer)


@pytest.mark.parametrize("who", ["lead", "support", "head", "stranger", "leader", "administrator", "auditor"])
def test_only_a_supervisor_pauses_and_resumes(world: World, session: Session, who: str) -> None:
    it = signed(session, world)
    with pytest.raises(NotPermitted):
        pauses.pause_duty(begin(session, world.actor(who), NOW), it, **WHY)
    pauses.pause_duty(begin(session, world.actor("supervisor"), NOW), it, **WHY)
    with pytest.raises(NotPermitted):
        pauses.resume_duty(begin(session, world.actor(who), NOW), it)


def test_a_paused_duty_is_on_hold_and_never_late(world: World, session: Session) -> None:
    """一.1: 2026年6月底前, a date written as such: it does not move, and is late again once the duty resumes."""
    it, boss = signed(session, world), world.actor("supervisor")
    pauses.pause_duty(begin(session, boss, at(6, 1)), it, **WHY)
    session.flush()
    assert [lamp(session, world, it, now) for now in (at(6, 2), at(6, 30), at(8, 1))] == ["hold"] * 3
    pauses.resume_duty(begin(session, boss, at(7, 10)), it)
    session.flush()
    assert it.paused_at is None
    (clock,) = clocks_of(session, it)
    assert (clock.due_on, clock.version, clock.paused_at) == (date(2026, 6, 30), 1, None)
    assert lamp(session, world, it, at(7, 10)) == "late"
    (kept,) = session.scalars(select(Pause))
    assert (kept.from_at, kept.until_at, kept.reason) == (at(6, 1), at(7, 10), "正在听证")


def test_periods_that_ended_meanwhile_are_not_asked_for_afterwards(world: World, session: Session) -> None:
    it, boss = signed(session, world, "一.3", "czj"), world.actor("supervisor")
    pauses.pause_duty(begin(session, boss, at(3, 24)), it, **WHY)
    pauses.resume_duty(begin(session, boss, at(4, 1)), it)
    session.flush()
    march, april, _may = clocks_of(session, it)
    assert (march.due_on, march.cancelled_at) == (date(2026, 3, 25), at(4, 1))
    assert (april.due_on, april.cancelled_at, april.paused_at) == (date(2026, 4, 25), None, None)


def test_a_pause_needs_reason_and_authority_and_a_clock_that_is_not_late(world: World, session: Session) -> None:
    it, boss = signed(session, world), world.actor("supervisor")
    for missing in ("reason", "authority"):
        with pytest.raises(Refused, match="请写明暂停的"):
            pauses.pause_duty(begin(session, boss, NOW), it, **{**WHY, missing: " "})
    with pytest.raises(Refused, match="已有时限逾期"):
        pauses.pause_duty(begin(session, boss, at(7, 1)), it, **WHY)
    pauses.pause_duty(begin(session, boss, at(6, 1)), it, **WHY)
    with pytest.raises(Refused, match="已经暂停"):
        pauses.pause_duty(begin(session, boss, at(6, 2)), it, **WHY)
    pauses.resume_duty(begin(session, boss, at(6, 3)), it)
    with pytest.raises(Refused, match="没有暂停"):
        pauses.resume_duty(begin(session, boss, at(6, 4)), it)


def test_an_old_form_pauses_nothing_and_both_acts_are_in_the_trail(world: World, session: Session) -> None:
    it, boss = signed(session, world), world.actor("supervisor")
    with pytest.raises(Stale):
        pauses.pause_duty(begin(session, boss, NOW), it, **WHY, version=it.version - 1)
    pauses.pause_duty(begin(session, boss, NOW), it, **WHY, version=it.version)
    session.flush()
    pauses.resume_duty(begin(session, boss, NOW), it, it.version)
    session.flush()
    entries = session.scalars(select(AuditEntry).where(AuditEntry.duty_id == it.id).order_by(AuditEntry.id)).all()
    assert [e.verb for e in entries][-2:] == ["duty.pause", "duty.resume"]
    assert entries[-2].note == "正在听证（行政许可法 45）"


def test_a_rhythm_paused_past_its_periods_runs_on_when_it_resumes(world: World, session: Session) -> None:
    it, boss = signed(session, world, "一.3", "czj"), world.actor("supervisor")
    pauses.pause_duty(begin(session, boss, at(3, 24)), it, **WHY)
    pauses.resume_duty(begin(session, boss, at(7, 1)), it)
    session.flush()
    running = [c.due_on for c in clocks_of(session, it) if c.cancelled_at is None]
    assert running == [date(2026, 7, 25), date(2026, 8, 25)]


def test_a_supervisor_does_not_pause_what_his_own_unit_carries(world: World, session: Session) -> None:
    """The officer of 市减负办 is a supervisor of the place as well."""
    own = session.scalars(select(Duty).where(Duty.unit_id == world.units["jfb"].id)).first()
    assert own is not None
    it = duty(session, world, session.get_one(Task, own.task_id).key, "jfb")
    assert (may(world.actor("supervisor2"), it, Action.PAUSE), may(world.actor("supervisor"), it, Action.PAUSE)) == (
        False,
        True,
    )
    with pytest.raises(NotPermitted, match="另一位督查员"):
        pauses.pause_duty(begin(session, world.actor("supervisor2"), NOW), it, **WHY)
