"""Why a milestone runs no more stands in its row: each cause, what is regained, and how older rows came by theirs."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection, delete, inspect, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.kit import amended, registered
from tests.kit.ledger_types import add_types
from tests.kit.world import NOW, World, duty, published_world
from tests.services.cases.test_ledger import HANDLER, act, load, open_one, referred
from tests.services.duties.test_duties import at, bring_to, clocks_of, restore, revoke
from tests.services.editions.test_amendment import amend
from tracker.reading.plan import Role
from tracker.rules.workflow import State
from tracker.services.cases import conclusion, referrals
from tracker.services.core import posting
from tracker.services.core.act import begin
from tracker.services.duties import pauses, progress, roster
from tracker.store.core.engine import Database
from tracker.store.core.schema import differences, downgrade, upgrade
from tracker.store.models import AuditEntry, Cancellation, Milestone

OTHERS_LEAD = (
    amended.SECOND.replace("（牵头单位：市工信局，配合单位：市教育局）", "（牵头单位：市财政局，配合单位：市工信局）")
    .replace("2026年8月底前", "2026年6月底前")
    .replace("（责任单位：市减负办、市工信局，各县区政府）", "（责任单位：市减负办、各县区政府；配合单位：市工信局）")
)


def _complete(session: Session, world: World) -> None:
    it = bring_to(session, world, duty(session, world, "一.3", "czj"), State.SUBMITTED, "support")
    progress.complete(begin(session, world.actor("supervisor"), at(3, 24)), it, "同意")


def _pause_and_amend(session: Session, world: World) -> None:
    """A rhythm paused past four periods and revoked; a new edition makes it quarterly, and lets two units only help."""
    boss, document = world.actor("supervisor"), amended.publish_first(session, world)
    it = amended.duty(session, world, document.id, "每月", "czj")
    bring_to(session, world, it, State.ACKNOWLEDGED, "support")
    pauses.pause_duty(begin(session, boss, at(3, 24)), it, reason="听证", authority="行政许可法 45")
    pauses.resume_duty(begin(session, boss, at(7, 1)), it)
    roster.revoke(begin(session, boss, at(7, 2)), it, "职责已划转")
    handled = amended.duty(session, world, document.id, "对企", "gxj")
    registered.register(
        begin(session, boss, at(7, 2)),
        handled,
        happened_at=at(7, 2),
        reference="一号",
        form_key="one",
    )
    amend(session, amended.Place(world, document.id), OTHERS_LEAD, now=at(7, 3))


def _return_and_conclude(session: Session, world: World) -> None:
    types = add_types(session, world)
    case = referred(session, world, types)
    referrals.send_back(begin(session, world.actor("county"), at(3, 24)), case, "不属本县管辖")
    order = open_one(session, world, types["order"], variant="转派工单", form_key="order")
    for name in [s.name for s in conclusion.asked_for(order)]:
        order = act(session, world, order, name, now=at(3, 24))
    conclusion.conclude(begin(session, world.actor(HANDLER), at(3, 25)), load(session, world, order), "已办结")


def cancel_for_every_cause(database: Database) -> World:
    """Leave milestones cancelled by every act that cancels one, each at an instant of its own."""
    world = published_world(database)
    with database.write() as session:
        _complete(session, world)
        revoke(session, world.actor("supervisor"), at(4, 1), duty(session, world, "一.1", "gxj"))
        _return_and_conclude(session, world)
        _pause_and_amend(session, world)
        posting.remember(begin(session, world.actor("lead"), NOW), "key", "/")
        session.commit()
    return world


def causes(database: Database) -> dict[int, Cancellation]:
    with database.read() as session:
        rows = select(Milestone.id, Milestone.cancelled_because).where(Milestone.cancelled_at.is_not(None))
        return {key: cause for key, cause in session.execute(rows) if cause is not None}


@pytest.fixture
def older(database: Database) -> Iterator[Connection]:
    """Return a connection to the tables as they were before, with rows in them; they are newest again afterwards."""
    cancel_for_every_cause(database)
    downgrade(database.engine, "0008")
    try:
        with database.engine.connect() as connection:
            yield connection
    finally:
        upgrade(database.engine)


def test_every_cause_is_said_in_the_row_and_older_rows_get_the_same_from_their_trail(database: Database) -> None:
    cancel_for_every_cause(database)
    said = causes(database)
    assert set(said.values()) == set(Cancellation)
    downgrade(database.engine, "0008")
    try:
        assert "cancelled_because" not in {c["name"] for c in inspect(database.engine).get_columns("milestones")}
        assert "posted_forms" not in inspect(database.engine).get_table_names()
        assert "touched_at" in {c["name"] for c in inspect(database.engine).get_columns("cases")}
        with database.engine.connect() as connection:
            kept = select(Milestone.id).where(Milestone.cancelled_at.is_not(None))
            assert set(connection.execute(kept).scalars()) == set(said)
    finally:
        upgrade(database.engine)
    assert differences(database.engine) == []
    assert causes(database) == said


def test_the_partial_indexes_outlive_the_migration_both_ways(database: Database) -> None:
    def of() -> dict[str, Any]:
        found = inspect(database.engine)
        return {
            i["name"]: (i["column_names"], {k: " ".join(str(v).split()) for k, v in i["dialect_options"].items()})
            for table in ("milestones", "cases")
            for i in found.get_indexes(table)
            if i["name"] and i["dialect_options"]
        }

    before = of()
    assert any("where" in key for _, options in before.values() for key in options)
    downgrade(database.engine, "0008")
    try:
        then = of()
        assert "ix_milestones_open_due_at" in then
        assert then == {name: before[name] for name in then}
    finally:
        upgrade(database.engine)
    assert of() == before


def test_what_neither_rows_nor_trail_explain_is_not_regained(older: Connection, database: Database) -> None:
    older.execute(text("DELETE FROM audit_entries"))
    older.execute(update(Milestone).where(Milestone.cancelled_at.is_(None)).values(cancelled_at=at(2, 1)))
    held = older.execute(select(Milestone.id, Milestone.duty_id).where(Milestone.cancelled_at == at(2, 1))).all()
    older.commit()
    upgrade(database.engine)
    found = causes(database)
    assert {found[key] for key, duty_id in held if duty_id is not None} == {Cancellation.EDITION}
    assert {found[key] for key, duty_id in held if duty_id is None} == {Cancellation.CASE_ENDED}
    assert not {cause for cause in found.values() if cause.regained}


@pytest.mark.parametrize("half", [{"cancelled_at": NOW}, {"cancelled_because": Cancellation.REVOKED}])
def test_no_milestone_is_cancelled_without_a_cause_nor_has_a_cause_while_it_runs(
    database: Database, half: dict[str, Any]
) -> None:
    published_world(database)
    with database.write() as session, pytest.raises(IntegrityError, match="cancelled_for_a_cause"):
        session.execute(update(Milestone).values(**half))


def test_a_restored_duty_regains_its_dates_whatever_became_of_the_trail(database: Database) -> None:
    world = published_world(database)
    with database.write() as session:
        boss, it = world.actor("supervisor"), duty(session, world, "一.1", "gxj")
        revoke(session, boss, at(4, 1), it)
        session.flush()
        session.execute(delete(AuditEntry))
        restore(session, boss, at(4, 8), it)
        assert [(m.due_on, m.cancelled_at, m.cancelled_because) for m in clocks_of(session, it)] == [
            (date(2026, 6, 30), None, None)
        ]


def test_what_fell_away_otherwise_at_the_very_instant_of_a_revocation_stays_away(database: Database) -> None:
    world = published_world(database)
    with database.write() as session:
        boss, it = world.actor("supervisor"), duty(session, world, "一.3", "czj")
        march, april = clocks_of(session, it)
        april.cancel(at(3, 24), Cancellation.EDITION)
        revoke(session, boss, at(3, 24), it)
        restore(session, boss, at(3, 24), it)
        session.flush()
        assert (march.cancelled_because, april.cancelled_because) == (None, Cancellation.EDITION)


def test_a_unit_taken_back_to_support_gets_no_clock_and_none_is_made_for_it(database: Database) -> None:
    world = published_world(database)
    with database.write() as session:
        boss, it = world.actor("supervisor"), duty(session, world, "一.3", "czj")
        revoke(session, boss, at(3, 24), it)
        roster.add_unit(begin(session, boss, at(7, 6)), it.task, world.units["czj"], Role.SUPPORT, "改为配合")
        assert {(m.due_on, m.cancelled_because) for m in clocks_of(session, it)} == {
            (date(2026, 3, 25), Cancellation.REVOKED),
            (date(2026, 4, 25), Cancellation.REVOKED),
        }


def test_a_new_edition_leaves_a_revoked_duty_nothing_to_regain_of_a_limit_it_has_no_more(database: Database) -> None:
    world = published_world(database)
    with database.write() as session:
        document = amended.publish_first(session, world)
        it = amended.duty(session, world, document.id, "每月", "czj")
        roster.revoke(begin(session, world.actor("supervisor"), at(3, 24)), it, "职责已划转")
        amend(session, amended.Place(world, document.id), now=at(3, 24))
        again = amended.duty(session, world, document.id, "每季", "czj")
        assert {m.cancelled_because for m in amended.clocks(session, again.id)} == {Cancellation.EDITION}
        roster.restore(begin(session, world.actor("supervisor"), at(3, 25)), again, "恢复")
        assert not [m for m in amended.clocks(session, again.id) if m.cancelled_at is None]
