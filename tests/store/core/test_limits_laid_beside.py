"""Which of two limits counts goes up and down with its migration; the limits themselves stay as they were."""

from sqlalchemy import inspect, text

from tests.kit.world import NOW, found
from tests.services.case_types.test_limits import complaint
from tests.services.documents.test_beside import promising
from tests.services.documents.test_confirmation import another, edition_of
from tracker.services.core.act import begin
from tracker.services.documents.beside import choose_limit, laid_beside
from tracker.store.core.engine import Database
from tracker.store.core.schema import differences, downgrade, upgrade
from tracker.store.models import BesideAnswer

HELD = text("SELECT id, amount, unit, quote FROM deadline_rules ORDER BY id")


def test_going_down_the_answer_goes_and_the_limits_stay(database: Database) -> None:
    with database.write() as session:
        world = found(session)
        complaint(session, world)
        edition = edition_of(session, world, another(session, world, promising(5)))
        (one,) = laid_beside(session, edition)
        boss = begin(session, world.actor("supervisor"), NOW)
        choose_limit(boss, edition, one.rule.id, one.others[0].limit.id, BesideAnswer.BOTH)
        session.commit()
    with database.engine.connect() as connection:
        before = connection.execute(HELD).all()
    downgrade(database.engine, "0016")
    try:
        columns = {column["name"] for column in inspect(database.engine).get_columns("deadline_rules")}
        assert not {"beside_id", "beside_answer"} & columns
        with database.engine.connect() as connection:
            assert connection.execute(HELD).all() == before
    finally:
        upgrade(database.engine)
    assert differences(database.engine) == []
    with database.engine.connect() as connection:
        assert connection.execute(HELD).all() == before
        answers = text("SELECT count(*) FROM deadline_rules WHERE beside_answer IS NOT NULL")
        assert connection.execute(answers).scalar_one() == 0
