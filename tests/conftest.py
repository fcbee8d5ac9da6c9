"""Fixtures every test may ask for: a database of either kind, settings, a stated time, people and places."""

import os
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, event, text
from sqlalchemy.orm import ORMExecuteState, Session

import config
from tests.kit import kept
from tests.kit.entered import entered
from tests.kit.kept import Kept
from tests.kit.shared import Shared
from tests.kit.world import NOW, World, published_world
from tracker.app import create_app
from tracker.services.core.standing import settle
from tracker.store.core.engine import Database, open_database
from tracker.store.core.schema import upgrade
from tracker.web.kit.access import make_outfit

REQUIRED = os.environ.get("CI") == "true"
POSTGRES = os.environ.get("TEST_POSTGRES_URL")


def skip_or_fail(reason: str) -> None:
    """Skip on a bare machine; fail where everything must run (CI=true)."""
    if REQUIRED:
        pytest.fail(f"required when CI=true: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL database of this run's own, dropped at its end."""
    if not POSTGRES:
        skip_or_fail("TEST_POSTGRES_URL is not set")
    url = config.load({"DATABASE_URL": POSTGRES or "", "SECRET_KEY": "x", "TRACKER_ENV": "test"}).database_url
    name = f"tracker_{uuid.uuid4().hex[:12]}"
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
        connection.execute(text(f'ALTER DATABASE "{name}" SET synchronous_commit = off'))  # nothing here has to last
    try:
        yield url.rsplit("/", 1)[0] + f"/{name}"
    finally:
        with admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        admin.dispose()


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Shared:
    """What all workers of this run make once."""
    return Shared(tmp_path_factory)


@pytest.fixture(scope="session")
def sqlite_template(shared: Shared) -> bytes:
    """The bytes of a migrated, empty SQLite database: migrating once saves time."""

    def migrate(path: Path) -> None:
        database = open_database(f"sqlite:///{path}")
        upgrade(database.engine)
        kept.whole_file(database)

    return shared.place("template.db", migrate).read_bytes()


@pytest.fixture(scope="session")
def sqlite_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One engine for the whole run: it keeps its compiled statements, each test gets a file of its own below it."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own in it; no commit waits for a disk there
    place = memory if os.access(memory, os.W_OK) else tmp_path_factory.mktemp("sqlite")
    with TemporaryDirectory(prefix="tracker-test-", dir=place) as folder:
        yield open_database(f"sqlite:///{folder}/tracker.db")


@pytest.fixture(scope="session")
def postgres_database(postgres_url: str) -> Iterator[Database]:
    """The same for PostgreSQL, migrated once; its connections are kept as well, each knows the tables by then."""
    database = open_database(postgres_url)
    upgrade(database.engine)
    yield database
    database.engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty, migrated database, once of each kind."""
    opened: Database
    if request.param == "sqlite":
        opened = request.getfixturevalue("sqlite_database")
        kept.lay_down(opened, request.getfixturevalue("sqlite_template"))
    else:
        opened = request.getfixturevalue("postgres_database")
        kept.empty(opened)
    yield opened
    if request.param == "sqlite" or opened.engine.pool.checkedout():  # type: ignore[attr-defined]
        opened.engine.dispose()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A writing session; what a test leaves uncommitted is rolled back.

    Lists read the standing of duties, which a commit settles: here every question does, so that tests need not commit.
    """
    with database.write() as opened:
        settling = False

        @event.listens_for(opened, "do_orm_execute")
        def settled(_asked: ORMExecuteState) -> None:
            nonlocal settling
            # Not within a flush, nor where a verb holds its rows back for a while.
            if not settling and opened.autoflush and not opened._flushing:
                settling = True
                try:
                    settle(opened)
                finally:
                    settling = False

        yield opened


@pytest.fixture
def now() -> datetime:
    """Monday, 23 March 2026, 10:00 in Shanghai."""
    return NOW


@pytest.fixture(scope="session")
def founded(sqlite_template: bytes, shared: Shared) -> Kept:
    """The world, published once for all tests: that takes most of their time."""
    return shared.value("founded", lambda: kept.keep("founded", sqlite_template, shared.folder, published_world))


@pytest.fixture
def world(database: Database, founded: Kept) -> World:
    """A small place with one published document (tests/kit/world.py), committed."""
    return kept.put_back(database, founded)


@pytest.fixture
def settings(tmp_path: Path) -> config.Settings:
    # Tests set the clock on by weeks and stay signed in; test_auth.py tries when sessions end.
    return config.load(
        {
            "TRACKER_DATA": str(tmp_path / "data"),
            "TRACKER_ENV": "test",
            "BASE_URL": "http://t.example",
            "SESSION_IDLE_MINUTES": "525600",
            "SESSION_HOURS": "8760",
        }
    )


class Clock:
    """A clock that tests set by hand."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture(scope="session")
def built_app(sqlite_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """One web application for the whole run: its routes, and its templates once compiled, serve every test."""
    folder = tmp_path_factory.mktemp("app")
    made = create_app(
        config.load({"TRACKER_DATA": str(folder), "TRACKER_ENV": "test", "BASE_URL": "http://t.example"}),
        sqlite_database,
    )
    made.config["TESTING"] = True
    made.config["PROPAGATE_EXCEPTIONS"] = False
    return made


@pytest.fixture
def app(built_app: Flask, database: Database, settings: config.Settings, clock: Clock) -> Flask:
    """The web application on the test's own database, files and time."""
    built_app.extensions["tracker"] = make_outfit(settings, database, clock)
    return built_app


@pytest.fixture
def client_for(app: Flask) -> Callable[[str], FlaskClient]:
    """Sign a person of the world in: client_for("lead")."""
    return lambda login: entered(app, login)
