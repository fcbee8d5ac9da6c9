"""On PostgreSQL a page's statement that takes too long is cut off, told in plain words, and leaves nothing behind."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

import config
from tests.conftest import Clock
from tests.kit.entered import entered
from tests.kit.pages import post, read
from tests.kit.world import World
from tracker.store.core.engine import Database
from tracker.store.models import AuditEntry, Duty
from tracker.web.kit.access import make_outfit

pytestmark = [pytest.mark.postgres, pytest.mark.parametrize("database", ["postgresql"], indirect=True)]

LIMIT = timedelta(milliseconds=300)
# Far beyond any test's own time: only the limit can end it.
ASLEEP = "pg_sleep(3000)"


@pytest.fixture
def hasty(app: Flask, database: Database, settings: config.Settings, clock: Clock) -> Callable[[str], FlaskClient]:
    """Sign a person in where pages may take the limit above."""
    app.extensions["tracker"] = make_outfit(replace(settings, statement_limit=LIMIT), database, clock)
    return lambda login: entered(app, login)


def altered(database: Database, *statements: str) -> None:
    with database.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


@contextmanager
def slow_to_read(database: Database, table: str) -> Iterator[None]:
    """Make a table one that takes for ever to read."""
    altered(
        database,
        f"ALTER TABLE {table} RENAME TO elsewhere",
        f"CREATE VIEW {table} AS SELECT elsewhere.* FROM elsewhere, {ASLEEP}",  # noqa: S608 - a name of ours
    )
    try:
        yield
    finally:
        altered(database, f"DROP VIEW {table}", f"ALTER TABLE elsewhere RENAME TO {table}")


@contextmanager
def slow_to_write(database: Database, table: str) -> Iterator[None]:
    """Make a table one that takes for ever to write to."""
    altered(
        database,
        f"CREATE FUNCTION sleeping() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM {ASLEEP}; RETURN NEW; END $$",
        f"CREATE TRIGGER sleeping BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION sleeping()",
    )
    try:
        yield
    finally:
        altered(database, "DROP FUNCTION sleeping CASCADE")


def test_a_page_that_takes_too_long_says_what_to_do_and_is_logged(
    hasty: Callable[[str], FlaskClient], database: Database, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    client = hasty("supervisor")
    with slow_to_read(database, "case_types"):
        answer = client.get("/case-types/?q=机密")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 503
    assert "这一页用时过长，没有读完" in page
    assert "缩小范围" in page
    assert f"编号 <b>{answer.headers['X-Request-ID']}</b>" in page
    assert "took longer than 0:00:00.300000 on GET /case-types/" in caplog.text
    assert "机密" not in caplog.text
    read(client, "/case-types/")  # the same connection serves the next page


def test_an_act_that_takes_too_long_leaves_nothing_behind(
    hasty: Callable[[str], FlaskClient], database: Database, world: World
) -> None:
    client = hasty("lead")
    with database.read() as session:
        duty = session.scalars(select(Duty).where(Duty.unit_id == world.units["gxj"].id).order_by(Duty.id)).first()
        told = len(session.scalars(select(AuditEntry)).all())
    assert duty is not None
    assert duty.acknowledged_at is None
    page = read(client, f"/duties/{duty.id}")
    with slow_to_write(database, "audit_entries"):
        answer = post(client, f"/duties/{duty.id}/acknowledge", page)
    assert answer.status_code == 503
    assert "这一次的操作没有保存" in answer.get_data(as_text=True)
    with database.read() as session:
        now = session.get_one(Duty, duty.id)
        assert (now.state, now.version, now.acknowledged_at) == (duty.state, duty.version, None)
        assert len(session.scalars(select(AuditEntry)).all()) == told
    assert post(client, f"/duties/{duty.id}/acknowledge", page).status_code == 302  # sent again, it is done


def test_only_pages_are_limited_whoever_had_the_connection_before(
    hasty: Callable[[str], FlaskClient], app: Flask, database: Database, world: World
) -> None:
    def limit(some: Database) -> set[str]:
        found = set()
        for factory in (some.read, some.write, some.brief):
            with factory() as session:
                found.add(str(session.execute(text("SHOW statement_timeout")).scalar()))
                session.commit()
        return found

    outfit = app.extensions["tracker"]
    assert outfit.database.engine.pool is database.engine.pool
    for _ in range(2):
        assert limit(outfit.database) == {"300ms"}
        assert limit(database) == limit(outfit.beside) == {"0"}
