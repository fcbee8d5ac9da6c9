"""The sweep: what is due to be said is written once, to the right reader, and only while it is true."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from tests.kit import registered
from tests.kit import world as w
from tests.kit.periods import roll_forward
from tests.kit.statements import counted
from tests.kit.world import World
from tracker.clock.calendar import national
from tracker.now import SHANGHAI
from tracker.rules.ladder import Level
from tracker.services.core.act import begin
from tracker.services.duties import progress, roster
from tracker.services.reminders.sweep import sweep
from tracker.store.core.engine import Database
from tracker.store.models import (
    Alert,
    AlertState,
    Duty,
    Jurisdiction,
    MemberRole,
    Membership,
    Milestone,
    Unit,
    User,
)
from tracker.store.reminders.conditions import still_true

CALENDAR = national()


def at(month: int, day: int, hour: int = 9) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=SHANGHAI).astimezone(UTC)


def keys(session: Session, *levels: Level) -> set[str]:
    """Return the keys written, with the ids of people and units replaced by their names."""
    query = select(Alert.key, User.login, Unit.code).outerjoin(User, Alert.user_id == User.id)
    query = query.outerjoin(Unit, Alert.unit_id == Unit.id)
    if levels:
        query = query.where(Alert.level.in_(levels))
    return {f"{key.rsplit('/', 1)[0]}/{login or code}" for key, login, code in session.execute(query)}


def clock(session: Session, world: World, key: str, unit: str) -> Milestone:
    duty = w.duty(session, world, key, unit)
    return session.scalars(
        select(Milestone).where(Milestone.duty_id == duty.id).order_by(Milestone.occurrence).limit(1)
    ).one()


def states(session: Session) -> dict[str, AlertState]:
    return {key: state for key, state in session.execute(select(Alert.key, Alert.state))}


def stuck(session: Session) -> list[Alert]:
    """Return what could be told to nobody."""
    return list(
        session.scalars(
            select(Alert)
            .where(Alert.state == AlertState.UNREACHABLE)
            .options(joinedload(Alert.duty).joinedload(Duty.unit))
        )
    )


# --- new duties -----------------------------------------------------------------------------------------------------


def test_every_unsigned_duty_is_told_to_its_units_officers(session: Session, world: World) -> None:
    assert sweep(session, w.NOW) == session.scalar(select(func.count()).select_from(Alert))
    for key, unit, reader in [
        ("一.1", "gxj", "lead"),
        ("一.1", "czj", "support"),  # a supporting unit signs as well
        ("一.2", "dxj", "county"),
        ("一.2", "xxj", "xxj"),  # no officer: the unit's own address
    ]:
        duty = w.duty(session, world, key, unit)
        assert f"duty{duty.id}/assigned/{reader}" in keys(session)
    assert not any(key.endswith(("/head", "/supervisor", "/stranger")) for key in keys(session))


def test_sweeping_again_writes_nothing(session: Session, world: World) -> None:
    assert sweep(session, w.NOW) > 0
    assert sweep(session, w.NOW) == 0
    assert sweep(session, w.NOW + timedelta(hours=3)) == 0


def test_an_officer_who_joins_later_is_told_what_nobody_has_signed(session: Session, world: World) -> None:
    sweep(session, w.NOW)
    progress.acknowledge(begin(session, world.actor("lead"), w.NOW), w.duty(session, world, "一.1", "gxj"))
    session.add(Membership(user_id=world.people["stranger"].id, unit_id=world.units["gxj"].id, role=MemberRole.OFFICER))
    session.flush()
    before = keys(session)
    sweep(session, w.NOW)
    unsigned = w.duty(session, world, "一.2", "gxj")
    assert keys(session) - before == {f"duty{unsigned.id}/assigned/stranger"}


def test_a_duty_nobody_can_be_told_of_is_kept_for_the_supervisor(session: Session, world: World) -> None:
    sweep(session, w.NOW)
    lost = stuck(session)
    assert {a.duty.unit.code for a in lost} == {"zjj"}  # neither an officer nor an address
    assert len(lost) == 2
    world.units["zjj"] = session.merge(world.units["zjj"])
    world.units["zjj"].email = "zjj@mou.example"
    session.flush()
    assert sweep(session, w.NOW) == 2
    assert stuck(session) == []
    assert {a.state for a in session.scalars(select(Alert).where(Alert.unit_id == world.units["zjj"].id))} == {
        AlertState.PENDING
    }


def test_an_officer_found_later_takes_the_place_of_nobody(session: Session, world: World) -> None:
    sweep(session, w.NOW)
    session.add(Membership(user_id=world.people["stranger"].id, unit_id=world.units["zjj"].id, role=MemberRole.OFFICER))
    session.flush()
    assert sweep(session, w.NOW) == 2
    assert stuck(session) == []
    assert {s for k, s in states(session).items() if k.endswith(f"/unit{world.units['zjj'].id}")} == {
        AlertState.DROPPED
    }


def test_an_inactive_officer_and_one_without_an_address_are_not_told(session: Session, world: World) -> None:
    for name, change in (("lead", {"active": False}), ("county", {"email": None})):
        user = session.get_one(User, world.people[name].id)
        for attribute, value in change.items():
            setattr(user, attribute, value)
    session.flush()
    sweep(session, w.NOW)
    assert not any(key.endswith(("/lead", "/county")) for key in keys(session))
    assert any(key.endswith("/gxj") for key in keys(session))
    assert any(key.endswith("/dxj") for key in keys(session))


def test_a_restored_duty_is_told_anew(session: Session, world: World) -> None:
    sweep(session, w.NOW)
    duty, boss = w.duty(session, world, "一.2", "dxj"), world.actor("supervisor")
    roster.revoke(begin(session, boss, w.NOW), duty, "重复交办")
    assert sweep(session, w.NOW) == 0
    later = w.NOW + timedelta(days=1)
    roster.restore(begin(session, boss, later), duty, "确需办理")
    # Even by a worker whose clock lags behind.
    assert sweep(session, w.NOW) == 1
    sweep(session, later)
    assert {k for k in keys(session) if k.startswith(f"duty{duty.id}/")} == {
        f"duty{duty.id}/assigned/county",
        f"duty{duty.id}/v2/assigned/county",
    }


# --- the ladder -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (at(6, 24), set()),
        (at(6, 25), {"before3/lead"}),
        (at(6, 26), {"before3/lead"}),
        (at(6, 29), {"before1/lead"}),
        (at(6, 30, 23), {"day/lead"}),
        (at(7, 1), {"late1/lead", "late1/head"}),
        (at(7, 3), {"late1/lead", "late1/head", "late3/supervisor", "late3/supervisor2"}),
        # after a long stop only the present level, each reader's own
        (
            at(9, 1),
            {
                *(f"weekly/2026-W36/{who}" for who in ("lead", "supervisor", "supervisor2")),
                "late1/head",
                "late10/leader",
            },
        ),
    ],
)
def test_a_clock_climbs_its_ladder(session: Session, world: World, now: datetime, said: set[str]) -> None:
    mine = clock(session, world, "一.1", "gxj")
    sweep(session, now)
    sweep(session, now + timedelta(minutes=5))
    prefix = f"ms{mine.id}/v1/"
    assert {k.removeprefix(prefix) for k in keys(session) if k.startswith(prefix)} == said
    assert not any(key.endswith("/support") and key.startswith(prefix) for key in keys(session))


def said_on(session: Session, start: datetime, days: int) -> dict[str, set[str]]:
    """Sweep every morning of so many days; returns what was new on each of those on which something was."""
    before, new = keys(session), {}
    for now in (start + timedelta(days=n) for n in range(days)):
        sweep(session, now)
        found = keys(session)
        if found - before:
            new[f"{now.astimezone(SHANGHAI):%m-%d}"] = found - before
        before = found
    return new


def test_a_unit_that_stays_late_is_told_every_week_and_those_above_it_hear(session: Session, world: World) -> None:
    mine = clock(session, world, "一.1", "gxj")
    prefix = f"ms{mine.id}/v1/"
    days = {
        day: {k.removeprefix(prefix) for k in said if k.startswith(prefix)}
        for day, said in said_on(session, at(7, 1), 28).items()
    }
    supervisors = ("supervisor", "supervisor2")
    assert {day: said for day, said in days.items() if said} == {
        "07-01": {"late1/lead", "late1/head"},
        "07-03": {f"late3/{who}" for who in supervisors},
        "07-06": {"weekly/2026-W28/lead"},  # the supervisors were told on Friday
        "07-13": {f"weekly/2026-W29/{who}" for who in ("lead", *supervisors)},
        "07-14": {"late10/leader"},
        "07-20": {f"weekly/2026-W30/{who}" for who in ("lead", *supervisors)},
        "07-27": {f"weekly/2026-W31/{who}" for who in ("lead", *supervisors)},
    }


def test_what_is_met_or_under_review_is_said_no_more(session: Session, world: World) -> None:
    mine = clock(session, world, "一.1", "gxj")
    sweep(session, at(7, 3))
    written = session.scalars(select(Alert.id).where(Alert.milestone_id == mine.id)).all()
    assert len(written) == 4
    assert set(still_true(session, written)) == set(written)
    mine.submitted_at = at(7, 3)
    session.flush()
    assert list(still_true(session, written)) == []
    before = keys(session)
    sweep(session, at(7, 20))
    assert not any(k.startswith(f"ms{mine.id}/") for k in keys(session) - before)


@pytest.mark.parametrize(("name", "role"), [("supervisor", MemberRole.SUPERVISOR), ("leader", MemberRole.LEADER)])
def test_who_lost_the_post_or_the_account_is_not_told(
    session: Session, world: World, name: str, role: MemberRole
) -> None:
    mine = clock(session, world, "一.1", "gxj")
    sweep(session, at(9, 1))
    written = session.scalars(
        select(Alert.id).where(Alert.milestone_id == mine.id, Alert.user_id == world.people[name].id)
    ).all()
    assert len(written) == 1
    assert list(still_true(session, written)) == list(written)
    post = select(Membership).where(Membership.user_id == world.people[name].id, Membership.role == role)
    session.delete(session.scalars(post).one())
    session.flush()
    assert list(still_true(session, written)) == []
    before = keys(session)
    sweep(session, at(9, 7))
    assert not any(k.endswith(f"/{name}") for k in keys(session) - before)


def test_the_supervisors_of_another_place_hear_nothing(session: Session, world: World) -> None:
    place = Jurisdiction(code="990900", name="邻市", level="city")
    session.add(place)
    session.flush()
    office = Unit(jurisdiction_id=place.id, name="邻市减负办", supervises=True)
    session.add(office)
    session.flush()
    user = session.get_one(User, world.people["stranger"].id)
    for role in (MemberRole.SUPERVISOR, MemberRole.LEADER, MemberRole.HEAD):
        session.add(Membership(user_id=user.id, unit_id=office.id, role=role))
    session.flush()
    sweep(session, at(9, 1))
    assert not any(k.endswith("/stranger") for k in keys(session))


def about_duty(session: Session, duty: Duty) -> set[str]:
    prefix = f"duty{duty.id}/"
    return {k.removeprefix(prefix) for k in keys(session) if k.startswith(prefix)}


def test_what_a_unit_does_not_sign_for_goes_up_to_its_head_and_the_supervisors(session: Session, world: World) -> None:
    duty = w.duty(session, world, "一.1", "gxj")  # published on Monday, 23 March
    prefix = f"duty{duty.id}/"
    days = {
        day: {k.removeprefix(prefix) for k in said if k.startswith(prefix)}
        for day, said in said_on(session, w.NOW, 18).items()
    }
    supervisors = ("supervisor", "supervisor2")
    assert {day: said for day, said in days.items() if said} == {
        "03-23": {"assigned/lead"},
        "03-25": {"unsigned2/lead"},
        "03-26": {"unsigned3/head"},
        "03-30": {"weekly/2026-W14/head", *(f"unsigned5/{who}" for who in supervisors)},
        "04-06": {f"weekly/2026-W15/{who}" for who in ("head", *supervisors)},
    }
    written = session.scalars(select(Alert.id).where(Alert.duty_id == duty.id, Alert.milestone_id.is_(None))).all()
    assert set(still_true(session, written)) == set(written)
    progress.acknowledge(begin(session, world.actor("lead"), at(4, 10)), duty)
    session.flush()
    assert list(still_true(session, written)) == []
    sweep(session, at(4, 13))
    assert "weekly/2026-W16/head" not in about_duty(session, duty)


def test_a_unit_without_a_head_is_told_weekly_itself(session: Session, world: World) -> None:
    officer, address = w.duty(session, world, "一.2", "dxj"), w.duty(session, world, "一.2", "xxj")
    for now in (w.NOW, at(3, 25), at(3, 26), at(3, 30)):
        sweep(session, now)
    assert about_duty(session, officer) >= {"unsigned2/county", "weekly/2026-W14/county"}
    assert about_duty(session, address) >= {"unsigned2/xxj", "weekly/2026-W14/xxj"}


def test_a_duty_given_anew_starts_its_ladder_anew(session: Session, world: World) -> None:
    duty, boss = w.duty(session, world, "一.2", "dxj"), world.actor("supervisor")
    for now in (w.NOW, at(3, 30)):
        sweep(session, now)
    roster.revoke(begin(session, boss, at(3, 31)), duty, "重复交办")
    roster.restore(begin(session, boss, at(3, 31)), duty, "确需办理")
    before = about_duty(session, duty)
    sweep(session, at(4, 1))
    assert {k.split("/", 1)[1] for k in about_duty(session, duty) - before} == {"assigned/county"}
    sweep(session, at(4, 2))
    assert {k.split("/", 1)[1] for k in about_duty(session, duty) - before} == {"assigned/county", "unsigned2/county"}


def test_what_reaches_nobody_is_kept_once_and_said_as_it_stands_when_there_is_an_address(
    session: Session, world: World
) -> None:
    for week in range(4):
        sweep(session, at(7, 6) + timedelta(weeks=week))
    lost = [a.level for a in stuck(session)]
    assert lost.count(Level.WEEKLY) == 2  # once for each of its two duties, not once a week
    session.get_one(Unit, world.units["zjj"].id).email = "zjj@mou.example"
    session.flush()
    sweep(session, at(8, 3))
    assert stuck(session) == []
    assert any(k.endswith("weekly/2026-W32/zjj") for k in keys(session, Level.WEEKLY))


def test_the_officer_who_signed_is_told_and_not_his_colleagues(session: Session, world: World) -> None:
    session.add(Membership(user_id=world.people["stranger"].id, unit_id=world.units["gxj"].id, role=MemberRole.OFFICER))
    mine = clock(session, world, "一.1", "gxj")
    progress.acknowledge(begin(session, world.actor("lead"), w.NOW), w.duty(session, world, "一.1", "gxj"))
    session.flush()
    sweep(session, at(6, 25))
    assert {k for k in keys(session) if k.startswith(f"ms{mine.id}/")} == {f"ms{mine.id}/v1/before3/lead"}
    # He leaves: his colleagues hear of the next level.
    session.get_one(User, world.people["lead"].id).active = False
    session.flush()
    sweep(session, at(6, 29))
    assert f"ms{mine.id}/v1/before1/stranger" in keys(session)


def test_what_is_under_review_is_silent_until_it_is_sent_back(session: Session, world: World) -> None:
    duty, lead = w.duty(session, world, "一.1", "gxj"), world.actor("lead")
    progress.acknowledge(begin(session, lead, w.NOW), duty)
    mine = clock(session, world, "一.1", "gxj")
    sweep(session, at(7, 1))
    alert = session.scalars(select(Alert).where(Alert.key == f"ms{mine.id}/v1/late1/u{lead.user_id}")).one()
    alert.state = AlertState.DROPPED  # as a dispatch does that finds it under review
    progress.submit(begin(session, lead, at(7, 1)), duty, text="已完成清欠")
    session.flush()
    sweep(session, at(7, 2))
    session.refresh(alert)
    assert alert.state is AlertState.DROPPED
    progress.send_back(begin(session, world.actor("supervisor"), at(7, 2)), duty, "请补充清欠凭证")
    session.flush()
    sweep(session, at(7, 2))
    session.refresh(alert)
    assert alert.state is AlertState.PENDING


@pytest.mark.parametrize("end", ["revoked", "completed"])
def test_a_finished_duty_is_silent(session: Session, world: World, end: str) -> None:
    duty, boss = w.duty(session, world, "一.1", "gxj"), world.actor("supervisor")
    mine = clock(session, world, "一.1", "gxj")
    if end == "revoked":
        roster.revoke(begin(session, boss, w.NOW), duty, "机构改革")
    else:
        progress.acknowledge(begin(session, world.actor("lead"), w.NOW), duty)
        progress.submit(begin(session, world.actor("lead"), w.NOW), duty, text="已完成")
        progress.complete(begin(session, boss, w.NOW), duty)
    session.flush()
    sweep(session, at(7, 1))
    assert not any(key.startswith(f"ms{mine.id}/") for key in keys(session))


def open_case(session: Session, world: World, key: str, handler: str, happened_at: datetime) -> Milestone:
    duty = w.duty(session, world, key, handler)
    case = registered.register(
        begin(session, world.actor("supervisor"), happened_at),
        next(d for d in duty.task.duties if d.id == duty.id),
        happened_at=happened_at,
        reference="线索",
        form_key=f"f{key}{handler}",
    )
    return session.scalars(select(Milestone).where(Milestone.case_step_id == case.steps[0].id)).one()


def test_a_case_is_told_to_the_unit_that_handles_it(session: Session, world: World) -> None:
    step = open_case(session, world, "一.2", "gxj", at(3, 23))
    sweep(session, at(3, 23, 11))
    assert {k for k in keys(session) if k.startswith(f"ms{step.id}/")} == {f"ms{step.id}/v1/before3/lead"}


def test_another_partys_lateness_is_told_to_the_handling_unit_and_not_to_its_head(
    session: Session, world: World
) -> None:
    for name, role in (("stranger", MemberRole.OFFICER), ("head", MemberRole.HEAD)):
        session.add(Membership(user_id=world.people[name].id, unit_id=world.units["zjj"].id, role=role))
    step = open_case(session, world, "一.4", "zjj", at(3, 23))
    assert step.watch
    sweep(session, at(4, 10))
    assert {k for k in keys(session) if k.startswith(f"ms{step.id}/")} == {f"ms{step.id}/v1/late1/stranger"}


def test_a_waiting_period_is_told_once_when_it_is_over(session: Session, world: World) -> None:
    session.add(Membership(user_id=world.people["stranger"].id, unit_id=world.units["zjj"].id, role=MemberRole.OFFICER))
    step = open_case(session, world, "一.6", "zjj", at(3, 23))
    assert step.earliest_on is not None
    sweep(session, at(4, 20))
    assert keys(session, Level.AVAILABLE) == set()
    after = datetime.combine(step.earliest_on, at(4, 1).timetz()).astimezone(UTC)
    sweep(session, after)
    sweep(session, after + timedelta(days=30))
    assert keys(session, Level.AVAILABLE) == {f"ms{step.id}/v1/available/stranger"}


# --- recurring time limits ------------------------------------------------------------------------------------------


def test_periods_roll_forward_once_they_begin(session: Session, world: World) -> None:
    duty = w.duty(session, world, "一.3", "czj")
    assert roll_forward(session, w.NOW) == 0
    assert roll_forward(session, at(3, 26)) == 1
    assert roll_forward(session, at(3, 26)) == 0
    # A stopped worker makes up for every period.
    assert roll_forward(session, at(7, 26)) == 4
    found = session.scalars(select(Milestone).where(Milestone.duty_id == duty.id).order_by(Milestone.occurrence)).all()
    assert [m.occurrence for m in found] == list(range(7))
    assert [m.due_on.isoformat() for m in found if m.due_on][-2:] == ["2026-08-25", "2026-09-25"]


def test_nothing_rolls_for_a_finished_duty_or_an_expired_document(session: Session, world: World) -> None:
    document = session.merge(world.document)
    document.expires_on = at(3, 24).date()
    session.flush()
    assert roll_forward(session, at(3, 26)) == 0
    document.expires_on = None
    session.flush()
    roster.revoke(begin(session, world.actor("supervisor"), w.NOW), w.duty(session, world, "一.3", "czj"), "不再需要")
    session.flush()
    assert roll_forward(session, at(3, 26)) == 0


# --- cost and concurrency -------------------------------------------------------------------------------------------


def count_statements(database: Database, session: Session, now: datetime) -> int:
    with counted(database) as sent:
        sweep(session, now)
    return len(sent)


def test_the_number_of_statements_does_not_grow_with_what_is_due(
    database: Database, session: Session, world: World
) -> None:
    session.connection()  # SQLite's BEGIN counts as a statement
    few = count_statements(database, session, w.NOW)
    session.rollback()
    for n in range(60):
        user = User(login=f"x{n}", name=f"同志{n}", email=f"x{n}@mou.example", password_hash="x", created_at=w.NOW)
        session.add(user)
        session.flush()
        session.add(Membership(user_id=user.id, unit_id=world.units["gxj"].id, role=MemberRole.OFFICER))
    session.flush()
    assert count_statements(database, session, w.NOW) == few
    assert session.scalar(select(func.count()).select_from(Alert)) > 60


def test_a_sweep_that_finds_nothing_new_only_reads(database: Database, world: World) -> None:
    with database.write() as session:
        assert sweep(session, w.NOW) > 0
        session.commit()
    with counted(database) as sent, database.write() as session:
        assert sweep(session, w.NOW) == 0
        session.commit()
    # A conflict writes nothing either, but takes a number of the sequence each minute, until there are none left.
    assert [statement for statement in sent if statement.startswith(("INSERT", "UPDATE"))] == []


def in_two_threads(work) -> list[int]:
    """Run `work` in two threads that start together; returns what each gave."""
    barrier, results, errors = threading.Barrier(2), [], []

    def run() -> None:
        try:
            barrier.wait(10)
            results.append(work())
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    return results


def test_two_workers_sweeping_at_once_write_every_alert_once(database: Database, world: World) -> None:
    def work() -> int:
        with database.write() as session:
            made = sweep(session, at(7, 26))
            session.commit()
            return made

    made = in_two_threads(work)
    with database.read() as session:
        total = session.scalar(select(func.count()).select_from(Alert))
    assert sum(made) == total
    assert total
    with database.write() as session:
        assert sweep(session, at(7, 26)) == 0


def test_two_workers_make_every_period_once(database: Database, world: World) -> None:
    def work() -> int:
        with database.write() as session:
            made = roll_forward(session, at(7, 26))
            session.commit()
            return made

    assert sum(in_two_threads(work)) == 5
