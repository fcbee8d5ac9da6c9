"""按期率: the same decided dates, read against the first date each had and against the one it has now."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.kit.pages import words
from tests.kit.recounted import CHANGED, opened
from tests.kit.world import NOW, World
from tracker.clock.calendar import national
from tracker.rules.lights import soon_limit
from tracker.services.core.act import begin
from tracker.services.deadlines.recalculation import apply, preview_calendar
from tracker.store.boards.dashboard import OnTime, Scope, read_board
from tracker.store.duties.lights import Moment
from tracker.store.models import Cancellation, Milestone, RecalculationKind

DAY = timedelta(days=1)
# Noon of Friday, 27 March: after the first date of a case of 23 March, within the one that a day off gives it.
FRIDAY = NOW + 4 * DAY + timedelta(hours=2)


def read(session: Session, world: World, at: datetime = FRIDAY, who: str = "supervisor") -> OnTime:
    session.flush()
    return read_board(session, world.actor(who), Moment(at, soon_limit(at, national())), Scope()).on_time


def move(session: Session, world: World) -> None:
    """Make 26 March a day off after the dates were counted."""
    shifts = preview_calendar(session, world.jurisdiction.id, CHANGED)
    apply(
        begin(session, world.actor("supervisor"), NOW),
        kind=RecalculationKind.CALENDAR,
        jurisdiction_id=world.jurisdiction.id,
        subject_id=1,
        why="市庆",
        calendar=CHANGED,
        shifts=shifts,
    )


@pytest.fixture(autouse=True)
def without_reports(session: Session, world: World) -> None:
    """Leave only the dates a test makes."""
    for milestone in session.scalars(select(Milestone)):
        milestone.cancel(NOW, Cancellation.EDITION)
    session.flush()


def test_a_date_put_off_counts_as_late_by_the_first_and_in_time_by_the_present_one(
    world: World, session: Session
) -> None:
    put_off, early = opened(session, world), opened(session, world, unit="dxj")
    move(session, world)
    put_off.met_at, early.met_at = FRIDAY, NOW
    assert put_off.due_on == date(2026, 3, 27)
    assert read(session, world) == OnTime(by_first=1, by_current=2, of=2)


def test_an_open_date_is_missed_once_its_present_day_is_over(world: World, session: Session) -> None:
    opened(session, world)
    move(session, world)
    assert read(session, world) == OnTime(0, 0, 0)  # its first day is over, the present one is not
    assert read(session, world, FRIDAY + DAY) == OnTime(by_first=0, by_current=0, of=1)


@pytest.mark.parametrize("state", ["review", "pause", "cancellation"])
def test_what_waits_stands_still_or_fell_away_is_not_missed(world: World, session: Session, state: str) -> None:
    milestone = opened(session, world)
    if state == "cancellation":
        milestone.cancel(NOW, Cancellation.EDITION)
    else:
        setattr(milestone, {"review": "submitted_at", "pause": "paused_at"}[state], NOW)
    assert read(session, world, FRIDAY + 30 * DAY).of == 0


def test_the_end_of_the_day_is_still_in_time(world: World, session: Session) -> None:
    last, late = opened(session, world), opened(session, world)
    assert last.due_at is not None
    last.met_at, late.met_at = last.due_at - timedelta(microseconds=1), last.due_at
    assert read(session, world) == OnTime(by_first=1, by_current=1, of=2)


def test_nobody_else_has_figures(world: World, session: Session) -> None:
    opened(session, world).met_at = NOW
    assert read(session, world).of == 1
    for who in ("lead", "support", "stranger"):
        assert read(session, world, who=who).of == 0


@pytest.mark.parametrize(
    ("met", "of", "percent"), [(46, 50, 92), (48, 50, 96), (50, 50, 100), (999, 1000, 99), (0, 7, 0), (2, 3, 67)]
)
def test_a_hundred_percent_means_all(met: int, of: int, percent: int) -> None:
    assert OnTime(met, met, of).percent(met) == percent


def test_the_dashboard_prints_both_with_their_counts(
    world: World, session: Session, client_for: Callable[[str], FlaskClient]
) -> None:
    put_off, early = opened(session, world), opened(session, world)
    move(session, world)
    put_off.met_at, early.met_at = FRIDAY, NOW
    session.commit()
    page = words(client_for("supervisor").get("/dashboard/").get_data(as_text=True))
    assert "按首次时限 50% （1/2） · 按现行时限 100% （2/2）" in page
