"""Migrations and models agree on both databases, up and down."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import CheckConstraint, inspect, select, text, update
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session

from tests.kit import registered
from tests.kit.ledger_types import add_types, load_version
from tests.kit.world import NOW, duty, published_world
from tracker.rules.ladder import Level
from tracker.services.cases import ledger, pauses
from tracker.services.cases.ledger import NewCase
from tracker.services.core.act import begin
from tracker.services.duties import progress
from tracker.services.people import sessions
from tracker.services.reminders.composing import compose_some
from tracker.services.reminders.sweep import sweep
from tracker.store.core.base import Base
from tracker.store.core.engine import Database
from tracker.store.core.schema import differences, downgrade, upgrade
from tracker.store.models import (
    Alert,
    Case,
    CaseStep,
    Duty,
    Edition,
    Jurisdiction,
    Message,
    MessageState,
    Milestone,
    Unit,
    User,
    UserSession,
)


def test_migrated_tables_are_the_models_tables(database: Database) -> None:
    assert differences(database.engine) == []


def test_downgrade_removes_every_table_and_upgrade_brings_them_back(database: Database) -> None:
    downgrade(database.engine)
    try:
        assert set(inspect(database.engine).get_table_names()) <= {"alembic_version"}
    finally:
        upgrade(database.engine)
    assert differences(database.engine) == []


def test_an_instant_comes_back_aware_and_in_utc(session: Session) -> None:
    shanghai = datetime(2026, 3, 23, 10, 0, tzinfo=timezone(timedelta(hours=8)))
    session.add(User(login="a", name="甲", password_hash="x", created_at=shanghai))
    session.commit()
    session.expire_all()
    stored = session.scalars(select(User.created_at)).one()
    assert stored == shanghai
    assert stored.tzinfo == UTC


def test_a_naive_instant_is_refused(session: Session) -> None:
    session.add(User(login="a", name="甲", password_hash="x", created_at=datetime(2026, 3, 23)))  # noqa: DTZ001
    with pytest.raises(StatementError, match="without a time zone"):
        session.flush()


def test_foreign_keys_are_enforced(session: Session) -> None:
    session.add(Unit(jurisdiction_id=999, name="没有辖区的单位"))
    with pytest.raises(IntegrityError):
        session.flush()


def test_a_value_outside_an_enum_is_refused_by_the_database(session: Session) -> None:
    session.add(Jurisdiction(code="1", name="某市", level="city"))
    session.flush()
    with pytest.raises(IntegrityError):
        session.execute(
            text(
                "INSERT INTO units (jurisdiction_id, name, kind, supervises, active, version)"
                " VALUES (1, 'x', 'nonsense', false, true, 1)"
            )
        )


def test_the_second_migration_goes_down_and_up_again_with_rows_in_the_tables(database: Database) -> None:
    world = published_world(database)
    downgrade(database.engine, "0001")
    try:
        with database.engine.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM deadline_rules")).scalar_one() == 5
            assert "edition_changes" not in inspect(database.engine).get_table_names()
    finally:
        upgrade(database.engine)
    assert differences(database.engine) == []
    with database.read() as session:
        edition = session.scalars(select(Edition).where(Edition.document_id == world.document.id)).one()
        assert (edition.number, edition.version, edition.doc_no) == (1, 1, None)


def test_migrated_tables_hold_the_checks_of_the_models(database: Database) -> None:
    """Alembic's own comparison looks at no CHECK: a batch ALTER on SQLite could lose one unseen."""
    migrated = inspect(database.engine)
    for table in Base.metadata.sorted_tables:
        wanted = {str(c.name) for c in table.constraints if isinstance(c, CheckConstraint)}
        held = {c["name"] for c in migrated.get_check_constraints(table.name)}
        assert held == wanted, table.name


def test_the_third_migration_fills_what_it_adds_and_leaves_without_what_older_tables_cannot_hold(
    database: Database,
) -> None:
    world = published_world(database)
    with database.write() as session:
        it = duty(session, world, "一.2", "gxj")
        kept = registered.register(
            begin(session, world.actor("lead"), NOW),
            it,
            happened_at=NOW,
            reference="XS-1",
            form_key="one",
        )
        version = load_version(session, add_types(session, world)["complaint"])
        new = NewCase(unit_id=world.units["jfb"].id, happened_at=NOW, accepted_at=NOW, reference="XS-2", form_key="two")
        gone = ledger.open_case(begin(session, world.actor("supervisor2"), NOW), version, new)
        session.commit()
        numbers = (kept.number, gone.number)
    downgrade(database.engine, "0002")
    try:
        with database.engine.connect() as connection:
            assert connection.execute(text("SELECT number FROM cases")).scalars().all() == [numbers[0]]
            assert connection.execute(text("SELECT count(*) FROM deadline_rules WHERE item_id IS NULL")).scalar() == 0
    finally:
        upgrade(database.engine)
    assert differences(database.engine) == []
    with database.read() as session:
        case = session.scalars(select(Case)).one()
        step = session.scalars(select(CaseStep)).one()
        clocks = session.scalars(select(Milestone)).all()
        assert (case.unit_id, step.unit_id, step.started_at) == (world.units["gxj"].id, world.units["gxj"].id, NOW)
        assert {m.jurisdiction_id for m in clocks} == {world.jurisdiction.id}
        assert [m.event_at for m in clocks if m.case_step_id] == [NOW]
        units = {d.id: d.unit_id for d in session.scalars(select(Duty))}
        assert all(m.unit_id == units[m.answering_duty_id or 0] for m in clocks)


def test_the_alerts_of_outcomes_go_with_their_migration_and_the_others_stay(database: Database) -> None:
    world = published_world(database)
    with database.write() as session:
        it = duty(session, world, "一.1", "gxj")
        progress.acknowledge(begin(session, world.actor("lead"), NOW), it)
        progress.submit(begin(session, world.actor("lead"), NOW), it, text="已完成")
        sweep(session, NOW)
        session.commit()
        kept = set(session.scalars(select(Alert.key).where(Alert.report_id.is_(None))))
        assert session.scalars(select(Alert.key).where(Alert.report_id.is_not(None))).all()
    downgrade(database.engine, "0003")
    try:
        with database.engine.connect() as connection:
            assert set(connection.execute(text("SELECT key FROM alerts")).scalars()) == kept
            with pytest.raises(IntegrityError):
                connection.execute(text("UPDATE alerts SET level = 'sent_back'"))
    finally:
        upgrade(database.engine)
    assert differences(database.engine) == []
    with database.write() as session:
        assert set(session.scalars(select(Alert.key))) == kept
        sweep(session, NOW)  # what is still true is told again
        assert set(session.scalars(select(Alert.key))) > kept


def test_the_fourth_migration_goes_down_and_up_again_with_sessions_and_people_in_the_tables(
    database: Database,
) -> None:
    world = published_world(database)
    with database.write() as session:
        sessions.start(session, NOW, session.get_one(User, world.people["lead"].id), "10.0.0.7")
        session.commit()
        people = len(session.scalars(select(User.id)).all())
    downgrade(database.engine, "0003")
    try:
        with database.engine.connect() as connection:
            assert "sessions" not in inspect(database.engine).get_table_names()
            assert connection.execute(text("SELECT session_epoch FROM users")).scalars().all() == [1] * people
            connection.execute(text("UPDATE users SET session_epoch = 7"))
            connection.commit()
    finally:
        upgrade(database.engine)
    assert differences(database.engine) == []
    with database.read() as session:
        assert len(session.scalars(select(User.id)).all()) == people
        assert session.scalars(select(UserSession)).all() == []


OLDER_LEVELS = (Level.ASSIGNED, Level.BEFORE_3, Level.BEFORE_1, Level.DAY, Level.LATE_1, Level.AVAILABLE)


def test_the_rungs_of_the_ladder_go_with_their_alerts_and_come_back(database: Database) -> None:
    published_world(database)
    with database.write() as session:
        sweep(session, NOW)
        sweep(session, datetime(2026, 9, 1, 1, tzinfo=UTC))
        session.commit()
    with database.read() as session:
        levels = set(session.scalars(select(Alert.level)))
        assert {Level.WEEKLY, Level.LATE_10} <= levels
    downgrade(database.engine, "0003")
    try:
        with database.engine.connect() as connection:
            left = set(connection.execute(text("SELECT level FROM alerts")).scalars())
            assert left == {str(level) for level in levels if level in OLDER_LEVELS}
    finally:
        upgrade(database.engine)
    assert differences(database.engine) == []
    with database.write() as session:
        assert sweep(session, datetime(2026, 9, 1, 1, tzinfo=UTC)) > 0  # what went is written again


def test_requests_for_a_pause_go_with_their_table_and_leave_the_pauses(database: Database) -> None:
    world = published_world(database)
    with database.write() as session:
        version = load_version(session, add_types(session, world)["complaint"])
        new = NewCase(unit_id=world.units["jfb"].id, happened_at=NOW, accepted_at=NOW, reference="XS-2", form_key="two")
        case = ledger.open_case(begin(session, world.actor("supervisor2"), NOW), version, new)
        asked = pauses.ask_pause(
            begin(session, world.actor("supervisor2"), NOW), case, reason="听证", authority="许可法 45"
        )
        session.flush()
        pauses.decide_pause(begin(session, world.actor("supervisor"), NOW), case, asked, True, "")
        session.commit()
    downgrade(database.engine, "0003")
    try:
        assert "pause_requests" not in inspect(database.engine).get_table_names()
        with database.engine.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM pauses WHERE until_at IS NULL")).scalar() == 1
    finally:
        upgrade(database.engine)
    assert differences(database.engine) == []


def test_the_migration_of_failed_mails_keeps_rows_and_opens_what_failed_before(database: Database) -> None:
    world = published_world(database)
    with database.write() as session:
        sweep(session, NOW)
        compose_some(session, NOW, "jfb@mou.example", "https://tz.example")
        session.execute(update(Message).values(state=MessageState.FAILED))
        session.get_one(User, world.people["county"].id).refused_address = "county@mou.example"
        session.commit()
    downgrade(database.engine, "0003")
    try:
        with database.engine.connect() as connection:
            assert "refused_address" not in {c["name"] for c in inspect(database.engine).get_columns("users")}
            mails = connection.execute(text("SELECT count(*) FROM messages")).scalar_one()
    finally:
        upgrade(database.engine)
    assert differences(database.engine) == []
    with database.read() as session:
        rows = session.scalars(select(Message)).all()
        assert len(rows) == mails > 1
        assert {(m.failed_at, m.settled_at) for m in rows} == {(NOW, None)}
