"""Doubts and the acts that cut a draft go up and down with their migration; what a draft holds now stays."""

from typing import Any

from sqlalchemy import func, inspect, select, text
from sqlalchemy.orm import Session

from tests.kit.world import NOW, World, found
from tests.services.documents.test_confirmation import another, edition_of
from tests.services.documents.test_cutting import at, keys, one
from tests.services.documents.test_doubts import ALL
from tracker.services.core.act import begin
from tracker.services.documents.doubts import answer_doubts
from tracker.services.documents.recut.cutting import split_measure, take_out
from tracker.store.core.engine import Database
from tracker.store.core.schema import differences, downgrade, upgrade
from tracker.store.documents.doubts import open_doubts
from tracker.store.models import (
    AssignmentChoice,
    Document,
    DoubtAnswer,
    EditionDoubt,
    Item,
    Measure,
    Recut,
)


def cut_draft(session: Session) -> tuple[World, Document]:
    """Leave a draft of which something is doubted, answered, split and taken out."""
    world = found(session)
    boss = begin(session, world.actor("supervisor"), NOW)
    document = another(session, world, lambda p: p.update(questions=ALL))
    edition = edition_of(session, world, document)
    one(edition, "一.5").items[0].assignments[0].chosen = [AssignmentChoice(unit_id=world.units["czj"].id)]
    take_out(boss, edition, one(edition, "一.5"), "说明")
    edition = edition_of(session, world, document)
    split_measure(boss, edition, one(edition, "一.1"), [at("2026年6月底前")])
    edition = edition_of(session, world, document)
    likes = [d.id for d in open_doubts(edition) if d.measure_id is None]
    answer_doubts(boss, edition, likes, DoubtAnswer.NOTHING)
    session.commit()
    return world, document


def test_what_a_draft_holds_stays_when_what_was_taken_out_of_it_goes(database: Database) -> None:
    with database.write() as session:
        world, document = cut_draft(session)
        held = keys(edition_of(session, world, document))
        counts: list[Any] = [session.scalar(select(func.count()).select_from(model)) for model in (Measure, Item)]
        number = document.id
    assert counts == [14, 14]
    downgrade(database.engine, "0013")
    try:
        tables = set(inspect(database.engine).get_table_names())
        assert not {"doubts", "recuts"} & tables
        with database.engine.connect() as connection:
            left = connection.execute(text("SELECT count(*) FROM measures")).scalar_one()
            orphans = connection.execute(
                text("SELECT count(*) FROM items WHERE measure_id NOT IN (SELECT id FROM measures)")
            ).scalar_one()
            assert (left, orphans) == (12, 0)
    finally:
        upgrade(database.engine)
    assert differences(database.engine) == []
    with database.read() as session:
        document = session.get_one(Document, number)
        assert keys(edition_of(session, world, document)) == held
        assert session.scalars(select(EditionDoubt)).all() == session.scalars(select(Recut)).all() == []
