"""What goes wrong in the database is told without what somebody had typed: no value reaches a log or a page."""

import logging
from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.kit.ledger_types import add_types
from tests.kit.pages import hidden, post, read
from tests.kit.world import World
from tracker.store.core.engine import Database

CANARY, CALLED = "金丝雀某", "13912340000"


@pytest.fixture
def without_complainants(database: Database, world: World) -> Iterator[None]:
    """The table of complainants under another name: every statement that names it fails."""
    with database.write() as session:
        add_types(session, world)
        session.commit()
    with database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE complainants RENAME TO elsewhere"))
    yield
    with database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO complainants"))


def test_a_complaint_that_cannot_be_kept_leaves_nothing_of_it_in_the_log(
    client_for: Callable[[str], FlaskClient], world: World, without_complainants: None, caplog: pytest.LogCaptureFixture
) -> None:
    client = client_for("supervisor2")
    page = read(client, "/cases/intake/1")
    with caplog.at_level(logging.DEBUG):
        answer = post(
            client,
            "/cases/intake/1",
            page,
            form_token=hidden(page, "form_token"),
            happened_on="2026-03-20",
            reference="XS-009",
            unit=str(world.units["jfb"].id),
            name=CANARY,
            phone=CALLED,
        )
    assert answer.status_code == 500
    assert "complainants" in caplog.text  # what the engineer needs is there
    for told in (caplog.text, answer.get_data(as_text=True)):
        assert CANARY not in told
        assert CALLED not in told


@pytest.mark.parametrize("statement", [
    "INSERT INTO complainants (case_id, name, phone) VALUES (NULL, :name, :phone)",  # PostgreSQL tells the whole row
    "INSERT INTO login_throttles (key, failures, last_failed_at) VALUES (:name, 0, '2026-01-01'),"
    " (:name, 0, CAST(:phone AS TIMESTAMP))",  # it quotes what it cannot read
])  # fmt: skip
def test_no_error_of_either_database_names_a_value(database: Database, statement: str) -> None:
    with database.write() as session, pytest.raises(DBAPIError) as raised:
        session.execute(text(statement), {"name": CANARY, "phone": CALLED})
    error = raised.value
    for told in (str(error), repr(error), str(error.orig), repr(error.orig)):
        assert CANARY not in told
        assert CALLED not in told
    assert "INSERT INTO" in str(error)


def test_a_key_in_use_is_told_by_its_constraint_alone(database: Database) -> None:
    keyed = "INSERT INTO login_throttles (key, failures, last_failed_at) VALUES (:key, 0, '2026-01-01 00:00:00')"
    with database.write() as session:
        session.execute(text(keyed), {"key": CANARY})
        with pytest.raises(DBAPIError) as raised:
            session.execute(text(keyed), {"key": CANARY})
    assert CANARY not in f"{raised.value} {raised.value.orig}"
    assert "login_throttles" in str(raised.value.orig)
