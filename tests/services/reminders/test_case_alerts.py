"""The sweep over the ledger: cases outside any document, referrals, changed dates, and calendars without a notice."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.kit import world as w
from tests.kit.orders import add_step, clocks, every_3_days, limit, order, refer
from tests.kit.periods import roll_forward
from tests.kit.statements import counted
from tests.kit.world import World
from tests.services.reminders.test_sweep import at, clock, count_statements, keys, states
from tracker.clock.calendar import national
from tracker.clock.rules import CountUnit, Resolved, Sense, Step
from tracker.rules.ladder import Level
from tracker.services.core.act import begin
from tracker.services.core.standing import settle
from tracker.services.deadlines.milestones import NewDate, append_dates
from tracker.services.reminders.sweep import CHANGED_FOR, sweep
from tracker.store.core.actors import SYSTEM
from tracker.store.core.engine import Database
from tracker.store.models import (
    Alert,
    AlertState,
    CalendarDay,
    CalendarNotice,
    CalendarState,
    CalendarVersion,
    Cancellation,
    Case,
    DayKind,
    Jurisdiction,
    MemberRole,
    Membership,
    Milestone,
    Party,
    Recalculation,
    RecalculationKind,
    StepKind,
    Unit,
    UnitKind,
    User,
)
from tracker.store.reminders.conditions import still_true


def days(amount: int, **more: object) -> object:
    return limit(amount=amount, unit=CountUnit.WORKDAY, **more)


def about(session: Session, milestone: Milestone) -> set[str]:
    """Return what was said of one clock: before3/lead."""
    prefix = f"ms{milestone.id}/v{milestone.version}/"
    return {k.removeprefix(prefix) for k in keys(session) if k.startswith(prefix)}


# --- cases outside any document -------------------------------------------------------------------------------------


def test_a_case_outside_any_document_is_told_to_the_unit_that_answers_for_it(session: Session, world: World) -> None:
    step = order(session, world, at(3, 23), days(5))
    (mine,) = clocks(session, step)
    assert mine.answering_duty_id is None
    sweep(session, at(3, 24))
    assert about(session, mine) == set()
    sweep(session, at(3, 25))
    assert about(session, mine) == {"before3/lead"}
    sweep(session, at(3, 31))
    assert about(session, mine) == {"before3/lead", "late1/lead", "late1/head"}
    assert session.scalars(select(Alert.duty_id).where(Alert.milestone_id == mine.id).distinct()).all() == [None]


@pytest.mark.parametrize(("unit", "state"), [("xxj", AlertState.PENDING), ("zjj", AlertState.UNREACHABLE)])
def test_a_unit_without_an_officer_is_told_at_its_address(
    session: Session, world: World, unit: str, state: AlertState
) -> None:
    (mine,) = clocks(session, order(session, world, at(3, 23), days(1), unit=unit))
    sweep(session, at(3, 23, 11))
    assert about(session, mine) == {f"before1/{unit}"}
    assert session.scalars(select(Alert.state).where(Alert.milestone_id == mine.id)).all() == [state]


def test_a_step_bound_to_another_unit_is_told_to_that_unit(session: Session, world: World) -> None:
    step = order(session, world, at(3, 23), days(20), unit="jfb")
    case = session.get_one(Case, step.case_id)
    handed = add_step(session, case, at(3, 23), days(1), ordinal=2, unit_id=world.units["czj"].id)
    sweep(session, at(3, 23, 11))
    assert about(session, clocks(session, handed)[0]) == {"before1/support"}
    assert about(session, clocks(session, step)[0]) == set()


@pytest.mark.parametrize("end", ["paused", "closed", "met", "cancelled"])
def test_what_is_paused_or_over_says_nothing_and_is_taken_back(session: Session, world: World, end: str) -> None:
    step = order(session, world, at(3, 23), days(1))
    (mine,) = clocks(session, step)
    sweep(session, at(3, 23, 11))
    (alert,) = session.scalars(select(Alert).where(Alert.milestone_id == mine.id)).all()
    assert list(still_true(session, [alert.id])) == [alert.id]
    if end == "closed":
        session.get_one(Case, step.case_id).closed_at = at(3, 23, 12)
    elif end == "cancelled":
        mine.cancel(at(3, 23, 12), Cancellation.RETURNED)
    else:
        setattr(mine, f"{end}_at", at(3, 23, 12))
    session.flush()
    assert list(still_true(session, [alert.id])) == []
    sweep(session, at(4, 10))
    assert about(session, mine) == {"before1/lead"}


def test_another_partys_lateness_outside_a_document_is_not_the_heads(session: Session, world: World) -> None:
    (mine,) = clocks(session, order(session, world, at(3, 23), days(1, party=Party.OTHER)))
    assert mine.watch
    for now in (at(3, 25), at(3, 30)):
        sweep(session, now)
    assert about(session, mine) == {"late1/lead", "weekly/2026-W14/lead"}


def test_a_waiting_period_outside_a_document_is_told_when_it_is_over(session: Session, world: World) -> None:
    waiting = limit(amount=30, unit=CountUnit.DAY, sense=Sense.NOT_BEFORE, trigger="公示")
    (mine,) = clocks(session, order(session, world, at(3, 23), waiting))
    sweep(session, at(4, 22))
    assert about(session, mine) == set()
    sweep(session, at(4, 23))
    assert about(session, mine) == {"available/lead"}


def test_the_unit_complained_of_hears_nothing(session: Session, world: World) -> None:
    """信访工作条例 44: a complaint does not get to whom it complains of; not by a post held elsewhere either."""
    step = order(session, world, at(3, 23), days(1))
    session.get_one(Case, step.case_id).accused_unit_id = world.units["czj"].id
    refer(session, world, step, "gxj", at(3, 23))
    session.add(Membership(user_id=world.people["support"].id, unit_id=world.units["gxj"].id, role=MemberRole.OFFICER))
    session.flush()
    sweep(session, at(3, 23, 11))
    assert about(session, clocks(session, step)[0]) == {"before1/lead"}
    assert {k.rsplit("/", 1)[1] for k in keys(session, Level.REFERRED)} == {"lead"}


def test_progress_is_asked_for_period_by_period_and_never_before_it_begins(session: Session, world: World) -> None:
    step = order(session, world, at(3, 23), every_3_days(), kind=StepKind.PROGRESS, name="反馈进展")
    sweep(session, at(3, 24))
    first, second = clocks(session, step)
    assert about(session, first) == {"before3/lead"}
    assert about(session, second) == set()
    assert roll_forward(session, at(3, 27)) == 2  # and that of the measure's 每月25日
    assert roll_forward(session, at(3, 27)) == 0
    sweep(session, at(3, 27))
    assert about(session, first) >= {"late1/lead", "late1/head"}
    assert about(session, second) == {"day/lead"}


@pytest.mark.parametrize("end", ["done", "cancelled", "closed", "paused"])
def test_periods_roll_until_the_step_or_its_case_is_over(session: Session, world: World, end: str) -> None:
    step = order(session, world, at(3, 23), every_3_days(), kind=StepKind.PROGRESS, name="反馈进展")
    case = session.get_one(Case, step.case_id)
    setattr(step if end in ("done", "cancelled") else case, f"{end}_at", at(3, 24))
    session.flush()
    roll_forward(session, at(3, 27))
    assert len(clocks(session, step)) == 2


# --- referrals ------------------------------------------------------------------------------------------------------


def test_a_referral_is_told_once_to_the_officers_of_its_unit(session: Session, world: World) -> None:
    step = order(session, world, at(3, 23), days(20), unit="jfb")
    handed = refer(session, world, step, "gxj", at(3, 23))
    elsewhere = refer(session, world, step, "xxj", at(3, 23))
    sweep(session, at(3, 23, 11))
    sweep(session, at(3, 25))
    assert keys(session, Level.REFERRED) == {
        f"referral{handed.id}/referred/lead",
        f"referral{elsewhere.id}/referred/xxj",
    }


@pytest.mark.parametrize("end", ["signed", "returned", "closed"])
def test_what_was_signed_or_returned_is_told_no_more(session: Session, world: World, end: str) -> None:
    step = order(session, world, at(3, 23), days(20), unit="jfb")
    handed = refer(session, world, step, "gxj", at(3, 23))
    sweep(session, at(3, 23, 11))
    (told,) = session.scalars(select(Alert).where(Alert.referral_id == handed.id)).all()
    assert list(still_true(session, [told.id])) == [told.id]
    setattr(session.get_one(Case, step.case_id) if end == "closed" else handed, f"{end}_at", at(3, 24))
    session.flush()
    assert list(still_true(session, [told.id])) == []
    session.delete(told)
    session.flush()
    sweep(session, at(3, 24))
    assert keys(session, Level.REFERRED) == set()


def test_a_referral_nobody_signs_for_goes_up(session: Session, world: World) -> None:
    step = order(session, world, at(3, 23), days(60), unit="jfb")
    handed = refer(session, world, step, "gxj", at(3, 23))
    for now in (at(3, 23, 11), at(3, 25), at(3, 26), at(3, 30), at(4, 7)):
        sweep(session, now)
    prefix = f"referral{handed.id}/"
    supervisors = ("supervisor", "supervisor2")
    assert {k.removeprefix(prefix) for k in keys(session) if k.startswith(prefix)} == {
        "referred/lead",
        "unsigned2/lead",
        "unsigned3/head",
        "weekly/2026-W14/head",
        "weekly/2026-W15/head",
        *(f"unsigned5/{who}" for who in supervisors),
        *(f"weekly/2026-W15/{who}" for who in supervisors),
    }
    written = session.scalars(select(Alert.id).where(Alert.referral_id == handed.id)).all()
    assert set(still_true(session, written)) == set(written)
    handed.signed_at = at(4, 7)
    session.flush()
    assert list(still_true(session, written)) == []


def test_a_case_that_is_late_goes_up_and_another_partys_does_not(session: Session, world: World) -> None:
    (mine,) = clocks(session, order(session, world, at(3, 23), days(1)))
    (theirs,) = clocks(session, order(session, world, at(3, 23), days(1, party=Party.OTHER), number="2026-2"))
    sweep(session, at(4, 13))
    supervisors = {f"weekly/2026-W16/{who}" for who in ("supervisor", "supervisor2")}
    assert about(session, mine) == {"weekly/2026-W16/lead", "late1/head", "late10/leader", *supervisors}
    assert about(session, theirs) == {"weekly/2026-W16/lead"}


def test_who_has_a_post_in_the_unit_complained_of_does_not_hear_of_it_as_supervisor(
    session: Session, world: World
) -> None:
    step = order(session, world, at(3, 23), days(1))
    session.get_one(Case, step.case_id).accused_unit_id = world.units["czj"].id
    handed = refer(session, world, step, "gxj", at(3, 23))
    session.add(Membership(user_id=world.people["supervisor"].id, unit_id=world.units["czj"].id, role=MemberRole.HEAD))
    session.flush()
    sweep(session, at(4, 13))
    of_referral = {k for k in keys(session) if k.startswith(f"referral{handed.id}/")}
    told = about(session, clocks(session, step)[0]) | of_referral
    assert {k.rsplit("/", 1)[1] for k in told} == {"lead", "head", "supervisor2", "leader"}


# --- changed dates --------------------------------------------------------------------------------------------------


def recount(session: Session, world: World, milestone: Milestone, now: datetime, by_days: int = 1) -> None:
    """Give a clock the date a recalculation finds."""
    job = Recalculation(
        jurisdiction_id=world.jurisdiction.id,
        kind=RecalculationKind.CALENDAR,
        subject_id=1,
        why="载入放假通知",
        changed=1,
        at=now,
    )
    session.add(job)
    session.flush()
    assert milestone.due_on is not None
    assert milestone.due_at is not None
    move = timedelta(days=by_days)
    moved = Resolved(milestone.due_on + move, milestone.due_at + move, None, False, (Step("重新计算"),))
    append_dates(begin(session, SYSTEM, now), [NewDate(milestone, moved, "载入放假通知", job.id)], national())
    session.flush()


def test_a_date_counted_again_is_told_once_to_each_reader(session: Session, world: World) -> None:
    mine, (other,) = clock(session, world, "一.1", "gxj"), clocks(session, order(session, world, at(3, 23), days(20)))
    for milestone in (mine, other):
        recount(session, world, milestone, at(3, 23))
    sweep(session, at(3, 23, 11))
    assert about(session, mine) == about(session, other) == {"changed/lead"}
    sweep(session, at(3, 24))
    recount(session, world, mine, at(3, 24))
    sweep(session, at(3, 24))
    assert about(session, mine) == {"changed/lead"}
    assert keys(session, Level.CHANGED) == {
        f"ms{mine.id}/v2/changed/lead",
        f"ms{mine.id}/v3/changed/lead",
        f"ms{other.id}/v2/changed/lead",
    }


def test_a_changed_date_starts_its_ladder_anew(session: Session, world: World) -> None:
    (mine,) = clocks(session, order(session, world, at(3, 23), days(1)))
    sweep(session, at(3, 24))
    assert about(session, mine) == {"day/lead"}
    recount(session, world, mine, at(3, 24), by_days=1)
    sweep(session, at(3, 24))
    assert about(session, mine) == {"before1/lead", "changed/lead"}


def test_what_did_not_move_or_was_counted_long_ago_is_not_told(session: Session, world: World) -> None:
    same, old, over = (
        clocks(session, order(session, world, at(3, 23), days(60), number=f"2026-{n}"))[0] for n in range(3)
    )
    recount(session, world, same, at(3, 23), by_days=0)
    recount(session, world, old, at(3, 23) - CHANGED_FOR - timedelta(hours=1))
    recount(session, world, over, at(3, 23))
    over.paused_at = at(3, 23)
    session.flush()
    sweep(session, at(3, 23, 11))
    assert keys(session, Level.CHANGED) == set()


# --- calendars ------------------------------------------------------------------------------------------------------


def version(session: Session, place: int, *, notices: tuple[int, ...] = (), **off: DayKind) -> None:
    """Put a version of a place's calendar into force."""
    made = CalendarVersion(
        jurisdiction_id=place,
        number=1,
        state=CalendarState.CURRENT,
        why="试",
        digest=f"{place}{notices}{off}",
        created_at=w.NOW,
        notices=[CalendarNotice(year=year) for year in notices],
        days=[CalendarDay(on=date.fromisoformat(day[1:].replace("_", "-")), kind=kind) for day, kind in off.items()],
    )
    session.add(made)
    session.flush()


def another_place(session: Session) -> tuple[Jurisdiction, Unit]:
    """Return a second place with a unit and its officer."""
    place = Jurisdiction(code="990200", name="他市", level="city", parent="他省")
    session.add(place)
    session.flush()
    unit = Unit(jurisdiction_id=place.id, name="他市工信局", kind=UnitKind.DEPARTMENT, code="other")
    user = User(login="elsewhere", name="他", email="e@ta.example", password_hash="x", created_at=w.NOW)
    session.add_all([unit, user])
    session.flush()
    session.add(Membership(user_id=user.id, unit_id=unit.id, role=MemberRole.OFFICER))
    session.flush()
    return place, unit


def test_each_clock_climbs_by_the_calendar_of_its_place(session: Session, world: World) -> None:
    """肉孜节 on Friday 20 March in one place alone: from Thursday, three workdays reach a day further there."""
    place, unit = another_place(session)
    version(session, place.id, d2026_03_20=DayKind.ADDED)
    here = order(session, world, at(3, 19), limit(amount=5, unit=CountUnit.DAY))
    there = order(session, world, at(3, 19), limit(amount=5, unit=CountUnit.DAY), place=place, handler=unit)
    (mine,), (theirs,) = clocks(session, here), clocks(session, there)
    assert mine.due_on == theirs.due_on == date(2026, 3, 24)
    sweep(session, at(3, 18))  # a worker's clock that lags: nothing but the calendars differs
    assert (about(session, mine), about(session, theirs)) == (set(), {"before3/elsewhere"})
    sweep(session, at(3, 19))
    assert about(session, mine) == {"before3/lead"}


def asked_of_clocks(database: Database, session: Session, now: datetime) -> int:
    with counted(database) as sent:
        sweep(session, now)
    return sum("FROM milestones" in statement and "earliest_on <=" in statement for statement in sent)


def test_places_whose_calendars_stand_alike_today_share_their_questions(
    database: Database, session: Session, world: World
) -> None:
    assert asked_of_clocks(database, session, at(3, 18)) == 2  # people and addresses
    place, _ = another_place(session)
    version(session, place.id, d2026_03_20=DayKind.ADDED)
    version(session, world.jurisdiction.id, d2026_07_20=DayKind.ADDED)
    assert asked_of_clocks(database, session, at(3, 18)) == 4  # 20 March is within reach of one of them
    assert asked_of_clocks(database, session, at(4, 18)) == 2


def test_administrators_are_told_once_a_month_that_next_years_notice_is_missing(session: Session, world: World) -> None:
    place = world.jurisdiction.id
    sweep(session, at(10, 31))
    assert keys(session, Level.CALENDAR) == set()
    for now in (at(11, 1), at(11, 2), at(11, 30), at(12, 1)):
        sweep(session, now)
    assert keys(session, Level.CALENDAR) == {
        f"calendar2027-2026-{month}p{place}/calendar/administrator" for month in (11, 12)
    }
    version(session, place, notices=(2027,))
    told = session.scalars(select(Alert.id).where(Alert.level == Level.CALENDAR)).all()
    session.query(Alert).where(Alert.level == Level.CALENDAR).delete()
    sweep(session, at(12, 2))
    assert told
    assert keys(session, Level.CALENDAR) == set()


def test_the_notice_is_asked_for_only_while_it_is_missing_and_he_administers(session: Session, world: World) -> None:
    sweep(session, at(11, 1))
    told = session.scalars(select(Alert.id).where(Alert.level == Level.CALENDAR)).all()
    assert len(told) == 1
    assert list(still_true(session, told, [world.jurisdiction.id])) == list(told)
    assert list(still_true(session, told)) == []
    post = select(Membership).where(Membership.user_id == world.people["administrator"].id)
    session.delete(session.scalars(post).one())
    session.flush()
    assert list(still_true(session, told, [world.jurisdiction.id])) == []


# --- cost -----------------------------------------------------------------------------------------------------------


def test_the_number_of_statements_does_not_grow_with_the_ledger(
    database: Database, session: Session, world: World
) -> None:
    step = order(session, world, at(3, 23), days(1))
    refer(session, world, step, "gxj", at(3, 23))
    recount(session, world, clocks(session, step)[0], at(3, 23))
    session.commit()
    session.connection()
    few = count_statements(database, session, at(3, 23, 11))
    session.rollback()
    for n in range(30):
        step = order(session, world, at(3, 23), days(1), number=f"2026-1{n:02d}")
        refer(session, world, step, "gxj", at(3, 23))
        recount(session, world, clocks(session, step)[0], at(3, 23))
    settle(session)
    assert count_statements(database, session, at(3, 23, 11)) == few
    assert len(states(session)) > 90
