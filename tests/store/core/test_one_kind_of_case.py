"""Older rows become one kind of case: every limit that waits gets the type publication makes of it now."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, inspect, select, text, update
from sqlalchemy.orm import Session

from tests.kit.world import published_world
from tracker.store.core.engine import Database
from tracker.store.core.schema import differences, downgrade, upgrade
from tracker.store.models import CaseType, CaseTypeStep, CaseTypeVersion, DeadlineRule


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
