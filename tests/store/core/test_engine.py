"""How connections are set up, asked of the connections themselves."""

from tracker.store.core.engine import Database


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
