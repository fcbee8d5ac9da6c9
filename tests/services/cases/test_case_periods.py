"""A case's progress, told period by period until it is done: only the running period and the next one exist."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from tests.kit.orders import clocks, every_3_days, order
from tests.kit.world import World
from tracker.clock.calendar import national
from tracker.now import SHANGHAI
from tracker.services.core.act import begin
from tracker.services.deadlines.periods import extend_step, open_step_periods
from tracker.store.core.actors import SYSTEM
from tracker.store.models import CaseStep, DeadlineRule, Pause, StepKind

CALENDAR = national()


def at(month: int, day: int, hour: int = 10) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=SHANGHAI).astimezone(UTC)


def progress(session: Session, world: World, started_at: datetime) -> tuple[CaseStep, DeadlineRule]:
    step = order(session, world, started_at, every_3_days(), kind=StepKind.PROGRESS, name="反馈进展")
    assert step.rule_id is not None
    return step, session.get_one(DeadlineRule, step.rule_id)


def days(session: Session, step: CaseStep) -> list[str]:
    return [f"{m.opens_on:%m-%d}..{m.due_on:%m-%d}" for m in clocks(session, step) if m.opens_on and m.due_on]


def test_a_step_has_its_running_period_and_the_next_one(session: Session, world: World) -> None:
    step, rule = progress(session, world, at(3, 23))  # a Monday; its own day does not count
    # The period through Sunday the 29th is due on its last workday.
    assert days(session, step) == ["03-23..03-26", "03-27..03-27"]
    first = clocks(session, step)[0]
    assert (first.unit_id, first.answering_duty_id, first.event_at) == (world.units["gxj"].id, None, at(3, 23))
    assert open_step_periods(begin(session, SYSTEM, at(3, 23, 11)), step, rule, CALENDAR) == []
    assert extend_step(begin(session, SYSTEM, at(3, 24)), step, rule, CALENDAR) == 0


def test_periods_go_on_as_time_goes_and_each_is_made_once(session: Session, world: World) -> None:
    step, rule = progress(session, world, at(3, 23))
    assert extend_step(begin(session, SYSTEM, at(3, 27)), step, rule, CALENDAR) == 1
    assert extend_step(begin(session, SYSTEM, at(3, 27)), step, rule, CALENDAR) == 0
    assert days(session, step)[2:] == ["03-28..04-01"]
    # A worker that stood still makes up for every period.
    assert extend_step(begin(session, SYSTEM, at(4, 9)), step, rule, CALENDAR) == 4
    assert [m.occurrence for m in clocks(session, step)] == list(range(7))


def test_a_case_registered_late_owes_no_period_that_was_over_by_then(session: Session, world: World) -> None:
    step = order(session, world, at(3, 2), every_3_days(), kind=StepKind.PROGRESS, opened_at=at(3, 24))
    assert days(session, step) == ["03-24..03-26", "03-27..03-27"]


def test_no_period_that_ended_in_a_pause_is_asked_for(session: Session, world: World) -> None:
    step, rule = progress(session, world, at(3, 23))
    session.add(
        Pause(
            case_id=step.case_id,
            from_at=at(3, 27),
            until_at=at(4, 3),
            reason="听证",
            authority="行政许可法第45条",
            by_id=world.people["supervisor"].id,
            at=at(3, 27),
        )
    )
    session.flush()
    extend_step(begin(session, SYSTEM, at(4, 4)), step, rule, CALENDAR)
    due = [m.due_on for m in clocks(session, step)][2:]
    assert due
    assert all(day and day > at(4, 3).date() for day in due)
    assert len([day for day in due if day and day >= at(4, 4).date()]) == 2
    assert extend_step(begin(session, SYSTEM, at(4, 4) + timedelta(hours=1)), step, rule, CALENDAR) == 0
