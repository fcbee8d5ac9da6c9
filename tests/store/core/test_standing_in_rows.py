"""The migration fills the standing of duties and cases, and their tally, with what the acts had kept."""

from datetime import timedelta
from typing import Any

from sqlalchemy import inspect, select, text
from sqlalchemy.orm import Session

from tests.kit import registered
from tests.kit.world import NOW, World, duty, published_world
from tests.services.duties.test_duties import at, bring_to
from tracker.rules.workflow import State
from tracker.services.core import standing
from tracker.services.core.act import begin
from tracker.services.duties import pauses, progress
from tracker.store.core.engine import Database
from tracker.store.core.schema import differences, downgrade, upgrade
from tracker.store.models import (
    Case,
    CaseTally,
    DocumentDay,
    DocumentTally,
    Duty,
    DutyTally,
    Milestone,
    UnitDay,
    UnitTally,
)

BOARDS = (DocumentTally, UnitTally, DocumentDay, UnitDay)
WHY = {"reason": "正在听证", "authority": "行政许可法 45"}


def live_a_little(session: Session, world: World) -> None:
    """Leave duties and cases of every phase."""
    boss, lead = world.actor("supervisor"), world.actor("lead")
    bring_to(session, world, duty(session, world, "一.1", "gxj"), State.COMPLETED)
    monthly = bring_to(session, world, duty(session, world, "一.3", "czj"), State.ACKNOWLEDGED, "support")
    period = session.scalars(select(Milestone.id).where(Milestone.duty_id == monthly.id).order_by(Milestone.id)).first()
    own = begin(session, world.actor("support"), at(3, 28))
    progress.report_progress(own, monthly, percent=10, text="逾期反馈", milestone_id=period)
    first = registered.register(begin(session, lead, NOW), duty(session, world, "一.2", "gxj"), happened_at=NOW)
    first.owed_fen, first.refunded_fen = 5_000_000_000, 120_000
    registered.close(begin(session, lead, NOW + timedelta(hours=2)), first, "转东县")
    second = registered.register(
        begin(session, world.actor("supervisor2"), NOW),
        duty(session, world, "一.2", "jfb"),
        happened_at=NOW,
        form_key="two",
    )
    second.refunded_fen = 700
    pauses.pause_duty(begin(session, boss, at(3, 29)), monthly, **WHY)
    bring_to(session, world, duty(session, world, "一.2", "dxj"), State.REVOKED)
    session.commit()


def kept(session: Session) -> list[list[Any]]:
    duties = select(
        Duty.id, Duty.jurisdiction_id, Duty.document_id, Duty.section, Duty.ordinal, Duty.phase, Duty.next_at,
        Duty.watch_at, Duty.earliest_on, Duty.decided, Duty.met_by_first, Duty.met_by_present, Duty.open_days,
        Duty.tallied_role, Duty.tallied_state,
    )  # fmt: skip
    cases = select(
        Case.id, Case.phase, Case.next_at, Case.own_at, Case.watch_at, Case.earliest_on, Case.left_fen,
        Case.tallied_owed_fen, Case.tallied_refunded_fen,
    )  # fmt: skip
    tallies = select(DutyTally.__table__).where(DutyTally.number > 0)
    of_cases = select(CaseTally.__table__).where(CaseTally.number > 0)
    boards = [(select(model.__table__), len(model.__table__.primary_key)) for model in BOARDS]
    found = [[tuple(row) for row in session.execute(query)] for query in (duties, cases, tallies, of_cases)]
    for query, keys in boards:
        # A row that came to nothing stays; what is filled anew has none.
        found.append([tuple(row) for row in session.execute(query) if any(row[keys:])])
    return [sorted(rows) for rows in found]


def test_going_down_and_up_again_every_row_stands_where_it_stood(database: Database) -> None:
    world = published_world(database)
    with database.write() as session:
        live_a_little(session, world)
        before = kept(session)
    assert {row[5].value for row in before[0]} >= {"dated", "waiting", "paused", "undated", "done"}
    assert {row[1].value for row in before[1]} == {"dated", "done"}
    assert sum(row[9] for row in before[0]) > 1
    assert sorted(row[5:] for row in before[3]) == [(0, 0, 700), (5_000_000_000, 120_000, 0)]
    assert all(before)
    downgrade(database.engine, "0017")
    try:
        assert not {"duty_tallies", "case_tallies"} & set(inspect(database.engine).get_table_names())
        with database.engine.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM duties")).scalar_one() == len(before[0])
    finally:
        upgrade(database.engine)
    assert differences(database.engine) == []
    with database.write() as session:
        assert kept(session) == before
        assert not standing.examine(session)
