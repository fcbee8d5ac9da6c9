"""Hours, minutes and ends of periods: what the migration makes of them going down, on both databases."""

from datetime import time

from sqlalchemy import select, text

from tests.kit.world import World
from tracker.clock.rules import CountUnit, Kind
from tracker.store.core.engine import Database
from tracker.store.core.schema import differences, downgrade, upgrade
from tracker.store.models import DeadlineRule


def test_going_back_leaves_what_the_older_program_can_count(database: Database, world: World) -> None:
    with database.write() as session:
        relative, window = session.scalars(
            select(DeadlineRule).where(DeadlineRule.kind == Kind.RELATIVE).order_by(DeadlineRule.id).limit(2)
        )
        relative.amount, relative.unit = 90, CountUnit.MINUTE
        window.direction, window.due_time = "until", time(17)
        rhythm = session.scalars(select(DeadlineRule).where(DeadlineRule.kind == Kind.RECURRING)).first()
        assert rhythm is not None
        rhythm.offset_amount, rhythm.offset_unit, rhythm.direction = 10, CountUnit.DAY, "before"
        ids, rrule = (relative.id, window.id, rhythm.id), rhythm.rrule
        session.commit()
    downgrade(database.engine, "0014")
    try:
        query = text("SELECT amount, unit, direction, rrule FROM deadline_rules WHERE id = :id")
        with database.engine.connect() as connection:
            minutes, until, period = (connection.execute(query, {"id": n}).one() for n in ids)
        assert (minutes.amount, minutes.unit) == (2, "hour")
        assert until.direction == "before"
        assert (period.direction, period.rrule) == ("after", rrule)
    finally:
        upgrade(database.engine)
    assert differences(database.engine) == []
