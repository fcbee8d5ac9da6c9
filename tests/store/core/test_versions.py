"""Versions of rows: what moves them, and that a writer who read an older one writes nothing."""

import ast

import pytest
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from config import ROOT
from tests.kit.world import duty, published_world
from tracker.store.core.base import Base
from tracker.store.core.engine import Database
from tracker.store.models import Duty, Milestone, Unit, Versioned


def test_every_row_that_is_guarded_by_a_version_is_versioned_by_the_one_mixin() -> None:
    guarded = {m.class_ for m in Base.registry.mappers if m.version_id_col is not None}
    assert guarded == {m.class_ for m in Base.registry.mappers if issubclass(m.class_, Versioned)}
    assert {"Document", "Measure", "Duty", "Case", "Unit"} <= {kind.__name__ for kind in guarded}


def test_touching_a_row_moves_its_version_and_nothing_else(database: Database) -> None:
    world = published_world(database)
    with database.write() as session:
        it = duty(session, world, "一.1", "gxj")
        key, before = it.id, {c.key: getattr(it, c.key) for c in Duty.__table__.columns}
        it.touch()
        session.commit()
    with database.read() as session:
        after = {c.key: getattr(session.get_one(Duty, key), c.key) for c in Duty.__table__.columns}
    assert after == {**before, "version": before["version"] + 1}


def test_touched_and_changed_at_once_is_one_move(database: Database) -> None:
    world = published_world(database)
    with database.write() as session:
        it = duty(session, world, "一.1", "gxj")
        before, it.percent = it.version, 40
        it.touch()
        session.flush()
        assert it.version == before + 1


def test_a_row_touched_before_it_is_stored_begins_with_version_one(session: Session, database: Database) -> None:
    world = published_world(database)
    unit = Unit(jurisdiction_id=world.jurisdiction.id, name="新单位")
    unit.touch()
    session.add(unit)
    session.flush()
    assert unit.version == 1


def test_who_touches_a_row_that_another_changed_meanwhile_writes_nothing(database: Database) -> None:
    world = published_world(database)
    with database.write() as session:
        key = duty(session, world, "一.1", "gxj").id
    with database.write() as slow, database.write() as quick:
        old = slow.get_one(Duty, key)
        assert old.version
        slow.commit()  # it has begun nothing, and holds what it read
        quick.get_one(Duty, key).touch()
        quick.commit()
        old.touch()
        with pytest.raises(StaleDataError):
            slow.flush()


# Its rows have no version that forms carry: it flags the columns of a date, so that rows are updated together.
FLAGS_A_DATE = "tracker/services/deadlines/milestones.py"


def test_no_version_is_moved_by_flagging_a_column_that_means_something_else() -> None:
    users = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "tracker").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and any(name.name == "flag_modified" for name in node.names)
    ]
    assert not issubclass(Milestone, Versioned)
    assert users == [FLAGS_A_DATE]
