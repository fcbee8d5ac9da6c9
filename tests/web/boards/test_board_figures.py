"""The boards' figures come from kept sums; here they are counted anew, from the duties and the dates themselves."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from tests.kit.world import NOW, World
from tests.services.duties.test_lights import CALENDAR
from tests.web.kit.test_statement_counts import fill
from tracker.now import today
from tracker.rules.lights import Light, soon_limit
from tracker.rules.workflow import ENDED, PARTITION
from tracker.services.core.standing import touch
from tracker.store.boards.calls import list_calls
from tracker.store.boards.dashboard import Board, Scope, read_board, read_units, within
from tracker.store.duties.lights import LIVE, Moment, lamp, light
from tracker.store.duties.lists import DutyFilter, list_duties
from tracker.store.models import Duty, Milestone

# Mornings and midnights before and after the dates of `fill`, which end at ten; within the hour of an end, too.
INSTANTS = (
    NOW - timedelta(days=40),
    NOW,
    NOW - timedelta(seconds=1),
    NOW.replace(hour=16) - timedelta(days=1),  # 00:00 in Shanghai
    NOW.replace(hour=15, minute=59),
    NOW + timedelta(days=20, hours=3),
    NOW + timedelta(days=90),
)
DAYS = 42


def live_a_while(session: Session) -> None:
    """Let some dates be under review, paused, put off late or fallen away, some wait, and some duties be taken back."""
    for n, change in enumerate(
        (
            {"submitted_at": NOW},
            {"paused_at": NOW},
            {"missed_at": NOW - timedelta(days=3)},
            {"due_at": None, "due_on": None, "first_due_at": None, "earliest_on": NOW.date()},
            {"met_at": NOW + timedelta(days=9)},
            {"due_on": None},
        )
    ):
        session.execute(
            update(Milestone)
            .where(Milestone.id >= 10_000, Milestone.id % 11 == n, Milestone.met_at.is_(None))
            .values(change)
        )
    session.execute(update(Duty).where(Duty.id % 13 == 5).values(state="revoked"))
    touch(session, duties=session.scalars(select(Duty.id)))


def counted(session: Session, key: Any, *narrowed: Any) -> dict[Any, int]:
    return Counter(session.scalars(select(key).where(LIVE, *narrowed)))


def compare(session: Session, board: Board, moment: Moment, *narrowed: Any) -> None:
    """Count everything on the board anew."""
    assert {k: n for k, n in board.lights.items() if n} == counted(session, light(moment), *narrowed)
    states = counted(session, Duty.state, *narrowed)
    assert board.states == {name: sum(states.get(state, 0) for state in of) for name, of in PARTITION.items()}
    for key, groups in ((Duty.document_id, board.documents), (Duty.unit_id, board.units)):
        rows = session.execute(select(key, light(moment)).where(LIVE, *narrowed))
        lit = Counter((row[0], Light(row[1])) for row in rows)
        assert Counter({(g.id, lamp): n for g in groups for lamp, n in g.lights.items() if n}) == lit
    order = [(-g.lights[Light.LATE], -g.lights[Light.SOON], -g.total, g.id) for g in board.units]
    assert order == sorted(order)
    duties = select(Duty.id).where(LIVE, *narrowed)
    mine = (Milestone.answering_duty_id.in_(duties), Milestone.cancelled_at.is_(None), Milestone.watch.is_(False))
    missed = (Milestone.due_at <= moment.now) & Milestone.submitted_at.is_(None) & Milestone.paused_at.is_(None)
    of, first, present = session.execute(
        select(
            func.count(),
            func.count().filter(Milestone.met_at < Milestone.first_due_at),
            func.count().filter(Milestone.met_at < Milestone.due_at, Milestone.missed_at.is_(None)),
        )
        .where(*mine, Milestone.first_due_at.is_not(None), Milestone.due_at.is_not(None))
        .where(or_(Milestone.met_at.is_not(None), missed, Milestone.missed_at.is_not(None)))
    ).one()
    assert (board.on_time.of, board.on_time.by_first, board.on_time.by_current) == (of, first, present)
    first_day = moment.today
    due = session.execute(
        select(Milestone.due_on, func.count())
        .where(*mine, Milestone.met_at.is_(None), Milestone.submitted_at.is_(None))
        .where(Milestone.due_on >= first_day, Milestone.due_on < first_day + timedelta(days=DAYS))
        .group_by(Milestone.due_on)
    )
    assert {day: n for day, n in board.due.items() if n} == {row[0]: row[1] for row in due}
    watched = (
        select(func.count())
        .select_from(Duty)
        .where(LIVE, Duty.watch_at <= moment.now, Duty.state.not_in(ENDED), *narrowed)
    )
    assert board.watched == session.scalar(watched)


@pytest.fixture
def city(world: World, session: Session) -> World:
    fill(session, world, 130)
    session.flush()
    live_a_while(session)
    return world


@pytest.mark.parametrize("now", INSTANTS)
def test_every_figure_is_what_the_duties_and_dates_say(city: World, session: Session, now: datetime) -> None:
    boss, moment = city.actor("supervisor"), Moment(now, soon_limit(now, CALENDAR))
    for scope in (Scope(), Scope(jurisdiction_id=city.jurisdiction.id), Scope(document_id=city.document.id)):
        board = read_board(session, boss, moment, scope, today(now), DAYS)
        compare(session, board, moment)
        assert read_units(session, boss, moment, scope, per_page=1000).rows == board.units
        assert board.published == [(city.document.id, city.document.title)]
    assert board.total > 100


def test_nothing_is_shown_of_other_places_and_documents(city: World, session: Session) -> None:
    moment = Moment(NOW, soon_limit(NOW, CALENDAR))
    for scope in (Scope(jurisdiction_id=999), Scope(document_id=999)):
        board = read_board(session, city.actor("supervisor"), moment, scope, today(NOW), DAYS)
        assert (board.total, board.units, board.documents, board.watched, board.on_time.of) == (0, [], [], 0, 0)
    for who in ("lead", "head", "stranger"):
        assert read_board(session, city.actor(who), moment, Scope(), today(NOW), DAYS).total == 0


def test_a_place_with_days_of_its_own_has_its_own_end_of_due_soon(city: World, session: Session) -> None:
    for days in (1, 9, 30):
        own = {city.jurisdiction.id: soon_limit(NOW + timedelta(days=days), CALENDAR)}
        moment = Moment(NOW, soon_limit(NOW, CALENDAR), own)
        compare(session, read_board(session, city.actor("supervisor"), moment, Scope(), today(NOW), DAYS), moment)


@pytest.mark.parametrize("now", INSTANTS)
def test_a_rows_light_is_that_of_the_statements(city: World, session: Session, now: datetime) -> None:
    late_here = {city.jurisdiction.id: soon_limit(now + timedelta(days=9), CALENDAR)}
    for moment in (Moment(now, soon_limit(now, CALENDAR)), Moment(now, soon_limit(now, CALENDAR), late_here)):
        rows = session.execute(select(Duty, light(moment))).all()
        for it, expected in rows:
            found = lamp(moment, it.jurisdiction_id, it.state, it.phase, it.next_at, it.earliest_on)
            assert found == expected


@pytest.mark.parametrize("now", INSTANTS)
@pytest.mark.parametrize("most", [8, 200])
def test_the_calls_are_the_first_of_the_late_then_of_the_watched_then_of_the_soon(
    city: World, session: Session, now: datetime, most: int
) -> None:
    boss, moment = city.actor("supervisor"), Moment(now, soon_limit(now, CALENDAR))
    for document_id in (None, city.document.id):
        expected: list[int] = []
        for which in ("late", "watch", "soon"):
            if len(expected) < most:
                wanted = DutyFilter(light=which, document_id=document_id)
                page = list_duties(session, boss, moment, wanted, per_page=most - len(expected))
                expected += [row.duty.id if hasattr(row, "duty") else row.id for row in page.rows]
        calls = list_calls(session, moment, within(boss, Scope()), document_id, most, watched=True)
        assert [call.duty_id for call in calls] == list(dict.fromkeys(expected))
