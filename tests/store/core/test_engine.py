"""How connections are set up, asked of the connections themselves."""

from sqlalchemy import delete, select

from tests.kit.statements import counted
from tests.kit.world import NOW
from tracker.store.core.engine import Database
from tracker.store.models import AuditEntry


def test_connections_last_through_a_loss_of_power_and_compile_no_queries(database: Database) -> None:
    for factory in (database.read, database.write):
        with factory() as session:
            connection = session.connection()
            if connection.dialect.name == "sqlite":
                assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
            else:
                assert connection.exec_driver_sql("SHOW jit").scalar() == "off"
            session.rollback()
            if connection.dialect.name != "sqlite":  # a rollback must not take the setting back
                assert session.connection().exec_driver_sql("SHOW jit").scalar() == "off"


def test_new_rows_go_in_together_and_each_object_gets_its_own_number(database: Database) -> None:
    with database.write() as session:
        gone = [AuditEntry(at=NOW, verb="gone", subject="x") for _ in range(5)]
        session.add_all(gone)
        session.flush()
        session.execute(delete(AuditEntry).where(AuditEntry.id.in_([gone[1].id, gone[4].id])))
        made = [AuditEntry(at=NOW, verb=f"v{n}", subject="x", subject_id=n) for n in range(2_500)]
        with counted(database) as sent:
            session.add_all(made)
            session.flush()
        assert len(sent) <= 4
        ids = [entry.id for entry in made]
        assert ids == sorted(ids)
        stored = session.execute(select(AuditEntry.id, AuditEntry.subject_id).where(AuditEntry.verb != "gone"))
        assert {number: subject_id for number, subject_id in stored} == {entry.id: entry.subject_id for entry in made}
