"""A changed calendar moves exactly the open dates it touches, once, and every first date stays."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from tests.kit.recounted import CHANGED, OFF, clock_of, opened, pause, register
from tests.kit.statements import counted
from tests.kit.world import NOW, World, duty
from tracker.clock.calendar import NOTICED_YEARS, Override, WorkCalendar, national
from tracker.clock.rules import DayOff
from tracker.services.core.act import begin
from tracker.services.core.errors import Stale
from tracker.services.deadlines import recalculation
from tracker.services.deadlines.recalculation import Shift, apply, fingerprint, preview_calendar
from tracker.store.core.engine import Database
from tracker.store.deadlines.recalculation import OPEN, held_in
from tracker.store.models import (
    AuditEntry,
    Cancellation,
    Case,
    CaseStep,
    DeadlineRule,
    Milestone,
    MilestoneDate,
    Recalculation,
    RecalculationKind,
)

DAY = timedelta(days=1)


def run(session: Session, world: World, shifts: list[Shift], why: str = "载入市庆放假通知") -> Recalculation:
    job = apply(
        begin(session, world.actor("administrator"), NOW),
        kind=RecalculationKind.CALENDAR,
        jurisdiction_id=world.jurisdiction.id,
        subject_id=7,
        why=why,
        calendar=CHANGED,
        shifts=shifts,
    )
    session.flush()
    return job


def days(shifts: list[Shift]) -> dict[int, date | None]:
    return {s.milestone_id: s.resolved.due_on for s in shifts}


def dates_of(session: Session, milestone: Milestone) -> list[MilestoneDate]:
    query = select(MilestoneDate).where(MilestoneDate.milestone_id == milestone.id).order_by(MilestoneDate.version)
    return list(session.scalars(query))


def everything(session: Session) -> dict[int, tuple[object, ...]]:
    """Return every date row there is."""
    rows = session.execute(
        select(
            MilestoneDate.id,
            MilestoneDate.milestone_id,
            MilestoneDate.version,
            MilestoneDate.due_on,
            MilestoneDate.earliest_on,
            MilestoneDate.calendar_version,
            MilestoneDate.why,
            MilestoneDate.explanation,
        )
    )
    return {row[0]: tuple(row) for row in rows}


def test_a_new_day_off_moves_exactly_the_dates_it_touches(world: World, session: Session) -> None:
    three_days = opened(session, world)
    opened(session, world, at=NOW - 3 * DAY)  # ends on the 25th, the day before
    # 14 days from 12 March end on the 26th: the day after the day off is the last (民法典 203).
    watch = opened(session, world, "一.4", "zjj", at=datetime(2026, 3, 12, 4, tzinfo=UTC))
    # 30 days' publicity from 24 February: not before 27 March, and a waiting period is not moved.
    opened(session, world, "一.6", "zjj", at=datetime(2026, 2, 24, 4, tzinfo=UTC))
    met = opened(session, world)
    met.met_at = NOW
    cancelled = opened(session, world)
    cancelled.cancel(NOW, Cancellation.EDITION)
    before = everything(session)
    shifts = preview_calendar(session, world.jurisdiction.id, CHANGED)
    assert days(shifts) == {three_days.id: date(2026, 3, 27), watch.id: date(2026, 3, 27)}
    assert everything(session) == before, "a preview writes nothing"
    assert [(s.old, s.new, s.why, s.unit) for s in shifts if s.milestone_id == three_days.id] == [
        ("2026年3月26日 周四", "2026年3月27日 周五", "2026年3月26日改为放假", "市工业和信息化局")
    ]
    run(session, world, shifts)
    after = everything(session)
    assert {key: after[key] for key in before} == before, "no row there was has changed"
    assert sorted(row[1:5] for key, row in after.items() if key not in before) == sorted(
        (m, 2, date(2026, 3, 27), None) for m in (three_days.id, watch.id)
    )
    assert (met.due_on, cancelled.due_on) == (OFF, OFF)


def test_another_place_keeps_its_dates(world: World, session: Session) -> None:
    opened(session, world)
    assert preview_calendar(session, world.jurisdiction.id + 1, CHANGED) == []


def test_the_first_date_stays_and_the_new_one_names_its_job(world: World, session: Session) -> None:
    milestone = opened(session, world)
    job = run(session, world, preview_calendar(session, world.jurisdiction.id, CHANGED))
    first, second = dates_of(session, milestone)
    assert (first.version, first.due_on, first.why, first.recalculation_id) == (1, OFF, "首次时限", None)
    assert (second.version, second.due_on, second.recalculation_id) == (2, date(2026, 3, 27), job.id)
    assert (second.why, second.calendar_version) == ("2026年3月26日改为放假（载入市庆放假通知）", "cn-2026+v1")
    assert second.explanation[0]["text"] == second.why
    assert (milestone.version, milestone.due_on, milestone.calendar_version) == (2, date(2026, 3, 27), "cn-2026+v1")
    assert (job.kind, job.subject_id, job.changed, job.by_id) == (
        RecalculationKind.CALENDAR,
        7,
        1,
        world.people["administrator"].id,
    )


def test_applied_twice_it_changes_nothing_more(world: World, session: Session) -> None:
    milestone = opened(session, world)
    shifts = preview_calendar(session, world.jurisdiction.id, CHANGED)
    run(session, world, shifts)
    assert preview_calendar(session, world.jurisdiction.id, CHANGED) == []
    with pytest.raises(Stale), session.begin_nested():
        run(session, world, shifts)
    assert len(dates_of(session, milestone)) == 2
    assert session.scalars(select(func.count(Recalculation.id))).one() == 1


def test_a_date_met_after_the_preview_stops_the_whole_job(world: World, session: Session) -> None:
    met, other = opened(session, world), opened(session, world)
    shifts = preview_calendar(session, world.jurisdiction.id, CHANGED)
    met.met_at = NOW
    session.flush()
    with pytest.raises(Stale), session.begin_nested():
        run(session, world, shifts)
    assert len(dates_of(session, other)) == 1


def test_one_note_in_each_history_however_many_dates_moved(world: World, session: Session) -> None:
    rule = session.scalars(select(DeadlineRule).where(DeadlineRule.rrule.is_not(None))).one()
    rule.day_off = DayOff.NEXT
    calendar = WorkCalendar(
        overrides={date(2026, 3, 25): Override(False), date(2026, 4, 27): Override(False)}, version="cn-2026+v1"
    )
    held = duty(session, world, "一.3", "czj")
    april = session.scalars(select(Milestone).where(Milestone.duty_id == held.id, Milestone.occurrence == 1)).one()
    april.due_on = date(2026, 4, 27)  # 25 April is a Saturday
    session.flush()
    case = opened(session, world)  # 23 March: 24, 26, 27
    shifts = preview_calendar(session, world.jurisdiction.id, calendar)
    assert [s.new for s in shifts] == ["2026年3月26日 周四", "2026年3月27日 周五", "2026年4月28日 周二"]
    run(session, world, shifts)
    notes = session.scalars(select(AuditEntry).where(AuditEntry.verb == "dates.recount").order_by(AuditEntry.id)).all()
    assert sorted((n.subject, n.duty_id) for n in notes) == [
        ("case", duty(session, world, "一.2", "gxj").id),
        ("duty", held.id),
    ]
    of_duty = next(n for n in notes if n.subject == "duty")
    assert of_duty.before is not None
    assert of_duty.after is not None
    assert list(of_duty.before.values()) == ["2026年3月25日 周三", "2026年4月27日 周一"]
    assert list(of_duty.after.values()) == ["2026年3月26日 周四", "2026年4月28日 周二"]
    assert "一.3 2026年3月 公布清欠进度：2026年3月25日 周三 → 2026年3月26日 周四" in (of_duty.note or "")
    assert case.version == 2


def test_an_extension_survives(world: World, session: Session) -> None:
    more, fixed = opened(session, world), opened(session, world)
    more.granted_amount = 5  # five workdays in all: 30 March
    more.due_on = date(2026, 3, 30)
    fixed.fixed_on = fixed.due_on = OFF  # a day somebody set does not follow the calendar
    session.flush()
    shifts = preview_calendar(session, world.jurisdiction.id, CHANGED)
    assert days(shifts) == {more.id: date(2026, 3, 31)}
    run(session, world, shifts)
    assert (more.granted_amount, more.due_on) == (5, date(2026, 3, 31))
    assert (fixed.fixed_on, fixed.due_on, fixed.version) == (OFF, OFF, 1)


def standing_still(session: Session, place: int) -> int:
    """Count the open dates of a place that its calendar has nothing to say about, and that no person set."""
    left_out = select(Milestone.id).where(*OPEN, Milestone.jurisdiction_id == place, Milestone.fixed_on.is_(None))
    return len(session.scalars(left_out.where(~held_in(place))).all())


def test_a_pause_that_is_over_survives_and_one_that_lasts_waits(world: World, session: Session) -> None:
    over, lasting = opened(session, world), opened(session, world)
    # (24, 25] March is left out: 24, 26, 27; with the 26th off, 24, 27, 30.
    step = session.get_one(CaseStep, over.case_step_id)
    pause(session, world, NOW + DAY, NOW + 2 * DAY, case_id=step.case_id)
    over.due_on = date(2026, 3, 27)
    lasting.paused_at = NOW
    session.flush()
    shifts = preview_calendar(session, world.jurisdiction.id, CHANGED)
    assert days(shifts) == {over.id: date(2026, 3, 30)}
    assert standing_still(session, world.jurisdiction.id) == 1


def test_a_written_date_follows_the_calendar_though_its_duty_is_paused(world: World, session: Session) -> None:
    rule = session.scalars(select(DeadlineRule).where(DeadlineRule.rrule.is_not(None))).one()
    rule.day_off = DayOff.NEXT
    march = session.scalars(select(Milestone).where(Milestone.rule_id == rule.id, Milestone.occurrence == 0)).one()
    march.paused_at = NOW
    session.flush()
    calendar = WorkCalendar(overrides={date(2026, 3, 25): Override(False)}, version="cn-2026+v1")
    assert days(preview_calendar(session, world.jurisdiction.id, calendar))[march.id] == date(2026, 3, 26)
    assert standing_still(session, world.jurisdiction.id) == 0


def test_the_mark_goes_when_the_notice_is_loaded_though_the_day_stays(world: World, session: Session) -> None:
    late = datetime(2026, 12, 30, 4, tzinfo=UTC)
    milestone = clock_of(session, register(session, world, at=late, now=late))
    assert milestone.provisional
    # 31 December, then 元旦 and the weekend, 4 and 5 January: as the law alone had it.
    noticed = WorkCalendar(
        noticed_years=NOTICED_YEARS | {2027},
        overrides={date(2027, 1, 1): Override(False, "元旦")},
        version="cn-2027+v1",
    )
    (shift,) = preview_calendar(session, world.jurisdiction.id, noticed)
    assert (shift.old, shift.new) == ("2027年1月5日 周二（暂定）", "2027年1月5日 周二")
    assert (shift.before.provisional, shift.resolved.provisional, shift.why) == (True, False, "放假通知已载入")
    apply(
        begin(session, world.actor("administrator"), late),
        kind=RecalculationKind.CALENDAR,
        jurisdiction_id=world.jurisdiction.id,
        subject_id=1,
        why="2027年放假通知",
        calendar=noticed,
        shifts=[shift],
    )
    session.flush()
    assert (milestone.provisional, milestone.version) == (False, 2)


def test_a_preview_is_named_by_what_it_says(world: World, session: Session) -> None:
    opened(session, world)
    name = fingerprint(preview_calendar(session, world.jurisdiction.id, CHANGED))
    assert name == fingerprint(preview_calendar(session, world.jurisdiction.id, CHANGED))
    opened(session, world)
    assert name != fingerprint(preview_calendar(session, world.jurisdiction.id, CHANGED))
    assert fingerprint([]) == fingerprint(iter(()))


def fill(session: Session, like: Milestone, number: int) -> None:
    """Give a date so many cases of its own kind beside it."""
    step = session.get_one(CaseStep, like.case_step_id)
    case = session.get_one(Case, step.case_id)
    ids = range(10_000, 10_000 + number)

    def copies(row: object, **changes: Callable[[int], object]) -> list[dict[str, object]]:
        columns = row.__table__.columns.keys()  # type: ignore[attr-defined]
        return [{c: getattr(row, c) for c in columns} | {k: v(n) for k, v in changes.items()} for n in ids]

    session.execute(insert(Case), copies(case, id=int, number=str, form_key=str))
    session.execute(insert(CaseStep), copies(step, id=int, case_id=int))
    session.execute(insert(Milestone), copies(like, id=int, case_step_id=int))
    session.execute(
        insert(MilestoneDate),
        [
            {
                "milestone_id": n,
                "version": 1,
                "due_on": like.due_on,
                "provisional": False,
                "calendar_version": "cn-2026",
                "explanation": [],
                "why": "首次时限",
                "at": NOW,
            }
            for n in ids
        ],
    )
    session.flush()


def test_as_many_statements_for_four_hundred_dates_as_for_four(
    world: World, session: Session, database: Database
) -> None:
    like = opened(session, world)
    sent: dict[int, int] = {}
    for number in (3, 400):
        with session.begin_nested() as savepoint:
            fill(session, like, number)
            with counted(database) as statements:
                shifts = preview_calendar(session, world.jurisdiction.id, CHANGED)
            assert len(shifts) == number + 1
            sent[number] = len(statements)
            savepoint.rollback()
    assert sent[3] == sent[400] <= 4


def test_applying_twice_the_dates_takes_hardly_more_statements(
    world: World, session: Session, database: Database
) -> None:
    like = opened(session, world)
    sent: dict[int, int] = {}
    for number in (200, 400):
        with session.begin_nested() as savepoint:
            fill(session, like, number)
            shifts = preview_calendar(session, world.jurisdiction.id, CHANGED)
            # Only some lose their 暂定 mark: they are updated with the others all the same.
            session.execute(update(Milestone).where(Milestone.id % 2 == 0).values(provisional=True))
            session.expire_all()
            with counted(database) as statements:
                job = run(session, world, shifts)
                session.flush()
            assert job.changed == number + 1
            assert session.scalars(select(func.count()).where(MilestoneDate.version == 2)).one() == number + 1
            sent[number] = len(statements)
            savepoint.rollback()
    assert sent[400] <= sent[200] + 2
    assert sent[400] < 30


@pytest.mark.long
def test_a_thousand_dates_are_one_job(world: World, session: Session) -> None:
    fill(session, opened(session, world), 1_200)
    shifts = preview_calendar(session, world.jurisdiction.id, CHANGED)
    job = run(session, world, shifts)
    assert job.changed == len(shifts) == 1_201
    assert session.scalars(select(func.count()).where(MilestoneDate.recalculation_id == job.id)).one() == 1_201
    assert preview_calendar(session, world.jurisdiction.id, CHANGED) == []


def test_the_present_calendar_moves_nothing(world: World, session: Session) -> None:
    opened(session, world)
    assert preview_calendar(session, world.jurisdiction.id, national()) == []
    assert recalculation.preview_calendar(session, world.jurisdiction.id, WorkCalendar(version="cn-2026+v9")) == []


def test_two_who_apply_the_same_preview_at_once_are_one_job(world: World, database: Database) -> None:
    with database.write() as session:
        for _ in range(5):
            opened(session, world)
        session.commit()
    with database.read() as session:
        shifts = preview_calendar(session, world.jurisdiction.id, CHANGED)
    start = Barrier(2)

    def press(_: int) -> bool:
        start.wait()
        with database.write() as session:
            try:
                run(session, world, shifts)
                session.commit()
            except Stale:
                return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(press, range(2))) == [False, True]
    with database.read() as session:
        versions = session.scalars(select(Milestone.version).where(Milestone.case_step_id.is_not(None))).all()
        assert versions == [2] * 5
        assert session.scalars(select(func.count(Recalculation.id))).one() == 1
