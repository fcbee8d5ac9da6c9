"""Registering an event opens a case with its own clock; its handler closes the step."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.kit import registered
from tests.kit.world import NOW, World, duty
from tests.services.duties.test_duties import at, lamp
from tracker.clock.calendar import national
from tracker.reading.plan import Role
from tracker.services.case_types.limits import waiting_rules
from tracker.services.cases.taken import next_numbers
from tracker.services.core.act import begin
from tracker.services.core.errors import NotPermitted, Refused, Stale
from tracker.services.duties import roster
from tracker.services.people import accounts
from tracker.store.cases.page import find_case
from tracker.store.core.actors import SYSTEM, Actor, actor_of
from tracker.store.core.engine import Database
from tracker.store.models import (
    AuditEntry,
    Case,
    CaseCounter,
    Jurisdiction,
    MemberRole,
    Milestone,
    MilestoneDate,
)

CALENDAR = national()


def register(
    session: Session,
    world: World,
    who: str,
    key: str = "一.2",
    unit: str = "gxj",
    happened_at: datetime = NOW,
    now: datetime = NOW,
    **changes: Any,
) -> Case:
    """Register an event under a measure, handled by a unit."""
    it = duty(session, world, key, unit)
    given = {"reference": "XS-0117", "form_key": f"{who}-{key}-{unit}", **changes}
    made = registered.register(
        begin(session, world.actor(who), now),
        it,
        happened_at=happened_at,
        **given,
    )
    session.flush()
    return made


def load(session: Session, world: World, case: Case, who: str = "supervisor") -> Case:
    """Return a case as its page loads it."""
    session.flush()
    session.expire_all()
    found = find_case(session, world.actor(who), case.id)
    assert found is not None
    return found


def act(session: Session, who: Actor, now: datetime, case: Case, note: str, version: int | None = None) -> None:
    """End a case of one step by its own act."""
    registered.close(begin(session, who, now), case, note, version=version)


def close(session: Session, world: World, case: Case, who: str, now: datetime = NOW, note: str = "转东县") -> Case:
    loaded = load(session, world, case)
    act(session, world.actor(who), now, loaded, note)
    session.flush()
    return loaded


def clock_of(session: Session, case: Case) -> Milestone:
    return session.scalars(select(Milestone).where(Milestone.case_step_id == case.steps[0].id)).one()


# --- Who may register ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["supervisor", "supervisor2", "lead", "county"])
def test_a_supervisor_or_an_officer_with_a_duty_there_registers(world: World, session: Session, who: str) -> None:
    made = register(session, world, who)
    assert (made.number, made.event, made.happened_on) == ("2026-001", "正式受理", date(2026, 3, 23))
    assert made.opened_by_id == world.people[who].id
    assert [s.name for s in made.steps] == ["转办"]


@pytest.mark.parametrize(
    ("who", "key", "unit"),
    [
        ("head", "一.2", "gxj"),
        ("leader", "一.2", "gxj"),
        ("administrator", "一.2", "gxj"),
        ("auditor", "一.2", "gxj"),
    ],
)
def test_nobody_else_registers(world: World, session: Session, who: str, key: str, unit: str) -> None:
    with pytest.raises(NotPermitted):
        register(session, world, who, key, unit)
    assert session.scalar(select(func.count()).select_from(Case)) == 0
    assert session.scalar(select(func.count()).select_from(CaseCounter)) == 0


@pytest.mark.parametrize(("who", "key", "unit"), [("support", "一.2", "gxj"), ("lead", "一.4", "zjj")])
def test_an_officer_registers_for_his_own_unit_and_those_that_share_its_task(
    world: World, session: Session, who: str, key: str, unit: str
) -> None:
    with pytest.raises(Refused, match="同一项任务的承办单位"):
        register(session, world, who, key, unit)
    assert session.scalar(select(func.count()).select_from(CaseCounter)) == 0


def test_a_unit_that_supports_or_is_revoked_shares_the_task_no_more(world: World, session: Session) -> None:
    it, boss = duty(session, world, "一.2", "gxj"), world.actor("supervisor")
    roster.add_unit(begin(session, boss, NOW), it.task, world.units["czj"], Role.SUPPORT, "配合转办")
    roster.revoke(begin(session, boss, NOW), it, "划转")
    session.flush()
    session.expire_all()
    for who, unit in (("support", "dxj"), ("lead", "dxj"), ("county", "gxj")):
        with pytest.raises(Refused, match="同一项任务的承办单位"):
            register(session, world, who, unit=unit)
    # What a unit takes in for itself stands under the task, in nobody's duty.
    made = register(session, world, "lead")
    assert (made.task_id, made.duty_id) == (it.task_id, None)


def test_an_officer_may_choose_another_unit_to_handle_it(world: World, session: Session) -> None:
    made = register(session, world, "lead", unit="dxj")
    handler = duty(session, world, "一.2", "dxj")
    assert made.duty_id == handler.id
    assert clock_of(session, made).answering_duty_id == handler.id


def test_no_stranger_learns_of_a_case_by_sending_its_form_again(world: World, session: Session) -> None:
    register(session, world, "lead", form_key="f1")
    with pytest.raises(NotPermitted):
        register(session, world, "head", form_key="f1")


# --- What may be registered ------------------------------------------------------------------------------------------


def test_the_future_is_refused_and_the_past_allowed(world: World, session: Session) -> None:
    with pytest.raises(Refused, match="不能晚于现在"):
        register(session, world, "lead", happened_at=NOW + timedelta(seconds=1))
    assert register(session, world, "lead", happened_at=NOW).number == "2026-001"
    long_ago = register(session, world, "lead", happened_at=at(1, 5), form_key="old")
    # It is late from the start, and says so: nothing is invented to hide it.
    assert clock_of(session, long_ago).due_on == date(2026, 1, 8)
    assert lamp(session, world, duty(session, world, "一.2", "gxj"), NOW) == "late"


def test_an_event_out_of_all_reckoning_is_refused_in_words(world: World, session: Session) -> None:
    with pytest.raises(Refused):
        register(session, world, "lead", happened_at=datetime(1, 1, 2, tzinfo=NOW.tzinfo))


@pytest.mark.parametrize(
    "reference",
    ["", "  ", "长" * 61, "张三 13812345678", "0412-5531234", "欠款 30万元", "21030219800101123X"],
)
def test_a_reference_is_short_and_names_no_person_or_sum(world: World, session: Session, reference: str) -> None:
    with pytest.raises(Refused, match="摘要"):
        register(session, world, "lead", reference=reference)


def test_a_reference_may_be_as_long_as_the_form_allows(world: World, session: Session) -> None:
    assert register(session, world, "lead", reference="长" * 60).reference == "长" * 60


@pytest.mark.parametrize(
    ("key", "waits"), [("一.1", 0), ("一.2", 1), ("一.3", 0), ("一.4", 1), ("一.5", 0), ("一.6", 1)]
)
def test_only_time_limits_that_wait_for_an_event_can_be_registered_under(
    world: World, session: Session, key: str, waits: int
) -> None:
    unit = {"一.1": "gxj", "一.2": "gxj", "一.3": "czj", "一.5": "czj"}.get(key, "zjj")
    assert len(waiting_rules(duty(session, world, key, unit).task.item)) == waits


# --- Its number ------------------------------------------------------------------------------------------------------


def test_the_same_form_twice_is_one_case(world: World, session: Session) -> None:
    first = register(session, world, "lead", form_key="f1")
    session.commit()
    again = register(session, world, "lead", form_key="f1")
    assert again.id == first.id
    assert session.scalar(select(func.count()).select_from(Milestone).where(Milestone.case_step_id.is_not(None))) == 1
    assert register(session, world, "lead", form_key="f2").number == "2026-002"


def test_numbers_run_by_year_and_place(world: World, session: Session) -> None:
    other = Jurisdiction(code="990200", name="另一市", level="city")
    session.add(other)
    session.flush()
    assert register(session, world, "lead", form_key="a").number == "2026-001"
    assert register(session, world, "lead", form_key="b").number == "2026-002"
    new_year = NOW.replace(year=2027, month=1, day=1)
    assert register(session, world, "lead", form_key="c", now=new_year).number == "2027-001"
    assert next_numbers(session, other.id, 2026, 2) == ["2026-001", "2026-002"]
    # The year is Shanghai's: 23:30 on 31 December in Greenwich is next year already.
    late = datetime(2027, 12, 31, 16, 30, tzinfo=NOW.tzinfo)
    assert register(session, world, "lead", form_key="d", now=late).number == "2028-001"


def test_events_registered_at_the_same_moment_get_numbers_of_their_own(world: World, database: Database) -> None:
    def one(n: int) -> str:
        with database.write() as session:
            number = register(session, world, "lead", form_key=f"form{n}").number
            session.commit()
            return number

    with ThreadPoolExecutor(6) as pool:
        numbers = sorted(pool.map(one, range(12)))
    assert numbers == [f"2026-{n:03d}" for n in range(1, 13)]


def test_one_form_posted_by_many_at_once_is_one_case_and_wastes_no_number(world: World, database: Database) -> None:
    def one(_: int) -> int:
        with database.write() as session:
            made = register(session, world, "lead", form_key="same").id
            session.commit()
            return made

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(one, range(8)))) == 1
    with database.write() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 1
        assert register(session, world, "lead", form_key="next").number == "2026-002"


# --- Its clock -------------------------------------------------------------------------------------------------------


def test_three_workdays_across_the_spring_festival_with_the_reasons(world: World, session: Session) -> None:
    made = register(session, world, "lead", happened_at=at(2, 13))
    clock = clock_of(session, made)
    assert (clock.due_on, clock.due_at) == (date(2026, 2, 25), at(2, 26, 0))
    assert (clock.duty_id, clock.version, clock.met_at) == (None, 1, None)
    (first,) = session.scalars(select(MilestoneDate).where(MilestoneDate.milestone_id == clock.id))
    words = "".join(line["text"] for line in first.explanation)
    assert "春节" in words
    assert "调休" in words
    assert "2月25日" in first.explanation[-1]["text"]
    assert (first.by_id, first.at) == (world.people["lead"].id, NOW)


def test_a_duty_waits_for_its_event_counts_it_and_waits_again(world: World, session: Session) -> None:
    it = duty(session, world, "一.2", "gxj")
    assert lamp(session, world, it, NOW) == "wait"
    made = register(session, world, "lead")
    assert [lamp(session, world, it, now) for now in (NOW, at(3, 27, 0))] == ["soon", "late"]
    close(session, world, made, "lead", at(3, 26, 23))
    assert lamp(session, world, duty(session, world, "一.2", "gxj"), at(3, 27)) == "wait"


def test_another_partys_clock_never_makes_the_unit_late(world: World, session: Session) -> None:
    made = register(session, world, "supervisor", "一.4", "zjj", happened_at=at(3, 2))
    clock = clock_of(session, made)
    assert (clock.watch, clock.due_on) == (True, date(2026, 3, 16))
    it = duty(session, world, "一.4", "zjj")
    lights = [lamp(session, world, it, now) for now in (at(3, 3), at(3, 16), NOW, at(6, 1))]
    assert not {"late", "soon"} & set(lights)


def test_a_waiting_period_is_never_late_and_cannot_be_closed_early(world: World, session: Session) -> None:
    made = register(session, world, "supervisor", "一.6", "zjj", happened_at=at(3, 2))
    clock = clock_of(session, made)
    assert (clock.earliest_on, clock.due_on, clock.due_at) == (date(2026, 4, 2), None, None)
    it = duty(session, world, "一.6", "zjj")
    lights = [lamp(session, world, it, now) for now in (NOW, at(4, 1, 23, 59), at(4, 2, 0), at(12, 1))]
    assert lights == ["wait", "wait", "fine", "fine"]
    with pytest.raises(Refused, match="2026年4月2日"):
        close(session, world, made, "supervisor", at(4, 1, 23, 59))
    close(session, world, made, "supervisor", at(4, 2, 0))
    assert clock_of(session, made).met_at == at(4, 2, 0)


# --- Closing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["lead", "supervisor", "supervisor2"])
def test_the_handler_or_a_supervisor_closes_the_case(world: World, session: Session, who: str) -> None:
    made = close(session, world, register(session, world, "lead"), who, at(3, 24), "转东县政府办理")
    (step,) = made.steps
    assert (step.done_at, step.done_by_id, step.note) == (at(3, 24), world.people[who].id, "转市减负办：转东县政府办理")
    assert made.closed_at == at(3, 24)
    assert clock_of(session, made).met_at == at(3, 24)
    told = session.scalars(select(AuditEntry).where(AuditEntry.subject == "case").order_by(AuditEntry.id)).all()[-2:]
    assert [(e.verb, e.subject_id, e.actor_id) for e in told] == [
        ("case.refer", made.id, world.people[who].id),
        ("case.conclude", made.id, world.people[who].id),
    ]


def test_a_case_of_one_step_is_concluded_with_it(world: World, session: Session) -> None:
    """Another party's verification is written down, and nothing else is asked for."""
    made = close(session, world, register(session, world, "supervisor", "一.4", "zjj"), "supervisor", note="已核实")
    assert (made.closed_at, made.conclusion) == (NOW, "已核实")
    entry = session.scalars(
        select(AuditEntry).where(AuditEntry.subject == "case").order_by(AuditEntry.id.desc())
    ).first()
    assert entry is not None
    assert (entry.verb, entry.note) == ("case.step", "2026-001 核实：已核实")


@pytest.mark.parametrize("who", ["county", "support", "head", "stranger", "leader", "administrator", "auditor"])
def test_nobody_else_closes_it(world: World, session: Session, who: str) -> None:
    made = register(session, world, "lead")
    with pytest.raises(NotPermitted):
        close(session, world, made, who)
    assert clock_of(session, made).met_at is None


def test_a_step_is_closed_once_with_words_and_by_a_fresh_form(world: World, session: Session) -> None:
    made = load(session, world, register(session, world, "lead"))
    shown, own = made.version, world.actor("lead")
    for note in ("", "  "):
        with pytest.raises(Refused, match="转办的事项"):
            act(session, own, NOW, made, note, shown)
    act(session, own, NOW, made, "转东县", shown)
    session.flush()
    with pytest.raises(Stale):
        act(session, own, NOW, made, "转东县", shown)
    with pytest.raises(Refused, match="已办结"):
        act(session, own, NOW, made, "转西县")


def test_a_note_too_long_to_keep_is_refused_and_not_cut(world: World, session: Session) -> None:
    made = register(session, world, "lead")
    with pytest.raises(Refused, match="1000"):
        close(session, world, made, "lead", note="字" * 1001)
    assert close(session, world, made, "lead", note="字" * 900).steps[0].note == f"转市减负办：{'字' * 900}"


def test_each_case_has_one_milestone_held_by_its_step(world: World, session: Session) -> None:
    made: Sequence[Case] = [register(session, world, "lead", form_key=key) for key in "abc"]
    held = session.scalars(select(Milestone).where(Milestone.case_step_id.is_not(None))).all()
    assert sorted(m.case_step_id or 0 for m in held) == sorted(c.steps[0].id for c in made)
    assert {m.duty_id for m in held} == {None}


def test_a_unit_of_its_own_officer_sees_to_its_own_case_alone(world: World, session: Session) -> None:
    """An officer of the handling unit closes it, even when somebody else registered it."""
    user = accounts.add_user(
        begin(session, SYSTEM, NOW),
        login="zhujian",
        name="住建",
        password_hash="x",
        posts=[(world.units["zjj"].id, MemberRole.OFFICER)],
    )
    session.flush()
    made = load(session, world, register(session, world, "supervisor", "一.4", "zjj", happened_at=at(3, 2)))
    act(session, actor_of(session, user), NOW, made, "发包人已核实")
    assert made.closed_at == NOW
