"""Older rows become one kind of case: every limit that waits gets the type publication makes of it now."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, inspect, select, text, update
from sqlalchemy.orm import Session

from tests.kit import registered
from tests.kit.world import NOW, World, duty, published_world
from tracker.services.cases import referrals
from tracker.services.core.act import begin
from tracker.store.cases.page import find_case
from tracker.store.core.engine import Database
from tracker.store.core.schema import differences, downgrade, upgrade
from tracker.store.core.visible import visible_cases
from tracker.store.models import (
    Case,
    CaseRecord,
    CaseStep,
    CaseType,
    CaseTypeStep,
    CaseTypeVersion,
    DeadlineRule,
    Milestone,
    RecordKind,
    Unit,
)


def types_as_made(session: Session) -> list[tuple[Any, ...]]:
    """Return what the types of limits say, by the limit they are of: everything but ids and instants."""
    rule = DeadlineRule.__table__.alias("copy")
    told = (rule.c[name] for name in ("quote", "trigger", "amount", "unit", "sense", "party", "act", "article"))
    query = (
        select(
            DeadlineRule.trigger, CaseType.code, CaseType.name, CaseType.active, CaseType.measure_key,
            CaseType.document_id, CaseTypeVersion.number, CaseTypeVersion.event, CaseTypeVersion.note,
            CaseTypeStep.key, CaseTypeStep.name, CaseTypeStep.kind, CaseTypeStep.starts, CaseTypeStep.bound,
            CaseTypeStep.optional, *told,
        )
        .join(CaseType, DeadlineRule.case_type_id == CaseType.id)
        .join(CaseTypeVersion, CaseTypeVersion.type_id == CaseType.id)
        .join(CaseTypeStep, CaseTypeStep.version_id == CaseTypeVersion.id)
        .join(rule, CaseTypeStep.rule_id == rule.c.id)
        .order_by(DeadlineRule.id)
    )  # fmt: skip
    return [tuple(row) for row in session.execute(query)]


@pytest.fixture
def older(database: Database) -> Iterator[Connection]:
    """Return a connection to the tables as they were before limits had types; they are newest again afterwards."""
    downgrade(database.engine, "0011")
    try:
        with database.engine.connect() as connection:
            yield connection
    finally:
        upgrade(database.engine)


@pytest.fixture
def made(database: Database) -> list[tuple[Any, ...]]:
    """Publish the document; return the types that makes."""
    published_world(database)
    with database.read() as session:
        return types_as_made(session)


def forget_types(connection: Connection) -> None:
    """Leave the tables as a publication left them before it made any type."""
    connection.execute(text("DELETE FROM case_type_steps"))
    connection.execute(text("DELETE FROM case_type_versions"))
    connection.execute(text("DELETE FROM case_types"))
    connection.execute(text("DELETE FROM deadline_rules WHERE item_id IS NULL"))
    connection.commit()


def test_every_limit_that_waits_gets_the_type_publication_makes_of_it(
    made: list[tuple[Any, ...]], older: Connection, database: Database
) -> None:
    assert "case_type_id" not in {c["name"] for c in inspect(database.engine).get_columns("deadline_rules")}
    forget_types(older)
    upgrade(database.engine)
    assert differences(database.engine) == []
    with database.read() as session:
        assert types_as_made(session) == made
    assert len(made) == 3


def test_a_type_made_of_a_limit_before_is_its_own(
    made: list[tuple[Any, ...]], older: Connection, database: Database
) -> None:
    older.execute(update(CaseType).values(active=False))
    older.commit()
    upgrade(database.engine)
    with database.read() as session:
        found = types_as_made(session)
        assert [row[:3] + row[4:] for row in found] == [row[:3] + row[4:] for row in made]
        assert {row[3] for row in found} == {False}  # what was taken out of use stays so
        assert len(session.scalars(select(CaseType)).all()) == 3


def test_what_was_answered_as_done_or_stands_in_no_task_gets_none(
    made: list[tuple[Any, ...]], older: Connection, database: Database
) -> None:
    forget_types(older)
    older.execute(text("UPDATE deadline_rules SET past_answer = 'done' WHERE trigger = '正式受理'"))
    older.execute(text("UPDATE deadline_rules SET trigger = '本通知印发之日起' WHERE trigger = '公示'"))
    older.commit()
    upgrade(database.engine)
    with database.read() as session:
        assert [row[0] for row in types_as_made(session)] == ["接到返还申请"]


# --- Cases that were opened from a limit alone -----------------------------------------------------------------------


def opened(database: Database) -> World:
    """Leave cases of one step in the tables: one handled by who registered it, one by another unit, one of a clue."""
    world = published_world(database)
    with database.write() as session:
        for who, key, unit in (("lead", "一.2", "gxj"), ("lead", "一.2", "dxj"), ("supervisor", "一.4", "zjj")):
            act = begin(session, world.actor(who), NOW)
            registered.register(act, duty(session, world, key, unit), happened_at=NOW, form_key=f"{key}{unit}")
        session.commit()
    return world


def cases_as_kept(session: Session) -> list[tuple[Any, ...]]:
    """Return what cases, their steps, clocks and records of intake say."""
    query = (
        select(
            Case.number, CaseType.measure_key, CaseTypeVersion.number, Case.unit_id, Case.task_id, Case.duty_id,
            CaseStep.key, CaseStep.name, CaseStep.unit_id, CaseStep.started_at, CaseStep.bound, Milestone.due_on,
            Milestone.earliest_on, Milestone.watch, CaseRecord.by_id, CaseRecord.unit_id, CaseRecord.at,
        )
        .join(CaseTypeVersion, Case.type_version_id == CaseTypeVersion.id)
        .join(CaseTypeVersion.type)
        .join(CaseStep, CaseStep.case_id == Case.id)
        .join(Milestone, Milestone.case_step_id == CaseStep.id)
        .join(CaseRecord, CaseRecord.case_id == Case.id)
        .where(CaseRecord.kind == RecordKind.INTAKE)
        .order_by(Case.id)
    )  # fmt: skip
    return [tuple(row) for row in session.execute(query)]


def test_cases_of_a_limit_become_cases_of_its_type_and_back(database: Database) -> None:
    opened(database)
    with database.read() as session:
        kept = cases_as_kept(session)
    assert len(kept) == 3
    downgrade(database.engine, "0012")
    try:
        with database.engine.connect() as connection:
            rows = connection.execute(
                text(
                    "SELECT c.type_version_id, s.key, s.kind, r.item_id IS NOT NULL, m.rule_id = s.rule_id FROM cases c"
                    " JOIN case_steps s ON s.case_id = c.id JOIN deadline_rules r ON r.id = s.rule_id"
                    " JOIN milestones m ON m.case_step_id = s.id"
                )
            ).all()
            assert {(a, b, c, bool(d), bool(e)) for a, b, c, d, e in rows} == {(None, None, "handle", True, True)}
            assert connection.execute(text("SELECT count(*) FROM case_records")).scalar() == 0
    finally:
        upgrade(database.engine)
    assert differences(database.engine) == []
    with database.read() as session:
        assert cases_as_kept(session) == kept


def test_cases_older_than_every_type_are_carried_over_and_their_limits_get_one(database: Database) -> None:
    """Down to before limits had types, the types gone, one limit answered as done meanwhile: its case has one still."""
    world = opened(database)
    with database.read() as session:
        kept = cases_as_kept(session)
    downgrade(database.engine, "0011")
    try:
        with database.engine.connect() as connection:
            forget_types(connection)
            connection.execute(text("UPDATE deadline_rules SET past_answer = 'done' WHERE trigger = '接到返还申请'"))
            connection.commit()
    finally:
        upgrade(database.engine)
    with database.read() as session:
        assert cases_as_kept(session) == kept
        seen = {w: len(session.scalars(visible_cases(world.actor(w))).all()) for w in ("lead", "county", "supervisor")}
    assert seen == {"lead": 2, "county": 1, "supervisor": 3}  # who registered for another unit may still follow it


def test_a_case_that_was_handed_on_or_has_more_steps_stays_of_its_type(database: Database) -> None:
    world = opened(database)
    with database.write() as session:
        referred = session.scalars(select(Case.id).where(Case.unit_id == world.units["gxj"].id)).one()
        case = find_case(session, world.actor("supervisor"), referred)
        assert case is not None
        to = session.get_one(Unit, world.units["xxj"].id)
        referrals.refer(begin(session, world.actor("lead"), NOW), case, case.steps[0], to, "请办理")
        session.commit()
    downgrade(database.engine, "0012")
    try:
        with database.engine.connect() as connection:
            typed = select(Case.id).where(Case.type_version_id.is_not(None))
            assert connection.execute(typed).scalars().all() == [referred]
    finally:
        upgrade(database.engine)
