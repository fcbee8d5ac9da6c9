"""Fixtures every test may ask for: a database of either kind, settings, a stated time, people and places."""

import os
import pickle
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

import config
from tests.kit.world import NOW, Rows, World, log_in, published_world, put_back, rows_of
from tracker.app import create_app
from tracker.store.core.base import Base
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
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a migrated, empty SQLite database: migrating once saves time."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    database = open_database(f"sqlite:///{path}")
    upgrade(database.engine)
    with database.engine.connect() as connection:
        connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.engine.dispose()
    return path.read_bytes()


@pytest.fixture(scope="session")
def sqlite_database(sqlite_template: bytes, tmp_path_factory: pytest.TempPathFactory) -> Database:
    """One engine for the whole run: it keeps its compiled statements, each test gets a file of its own below it."""
    return open_database(f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'tracker.db'}")


@pytest.fixture(scope="session")
def postgres_database(postgres_url: str) -> Iterator[Database]:
    """The same for PostgreSQL, migrated once."""
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
        path = Path(opened.engine.url.database or "")
        for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
            path.with_name(name).unlink(missing_ok=True)
        path.write_bytes(request.getfixturevalue("sqlite_template"))
    else:
        opened = request.getfixturevalue("postgres_database")
        with opened.engine.begin() as connection:
            # Children first; on tables this small it takes a fifth of the time of TRUNCATE.
            emptied = [str(t.delete()) for t in reversed(Base.metadata.sorted_tables)]
            restarted = [
                f"SELECT setval(pg_get_serial_sequence('{t.name}', 'id'), 1, false)"
                for t in Base.metadata.sorted_tables
                if "id" in t.columns
            ]
            connection.exec_driver_sql("; ".join([*emptied, *restarted]))
    yield opened
    opened.engine.dispose()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A writing session; what a test leaves uncommitted is rolled back."""
    with database.write() as opened:
        yield opened


@pytest.fixture
def now() -> datetime:
    """Monday, 23 March 2026, 10:00 in Shanghai."""
    return NOW


@pytest.fixture(scope="session")
def founded(sqlite_template: bytes, tmp_path_factory: pytest.TempPathFactory) -> tuple[Rows, bytes]:
    """The world's rows, and itself pickled: publishing once for all tests saves most of their time."""
    path = tmp_path_factory.mktemp("founded") / "world.db"
    path.write_bytes(sqlite_template)
    opened = open_database(f"sqlite:///{path}")
    made = published_world(opened)
    with opened.read() as session:
        rows = rows_of(session)
    opened.engine.dispose()
    return rows, pickle.dumps(made)


@pytest.fixture
def world(database: Database, founded: tuple[Rows, bytes]) -> World:
    """A small place with one published document (tests/kit/world.py), committed."""
    rows, made = founded
    with database.write() as session:
        put_back(session, rows)
        session.commit()
    world: World = pickle.loads(made)  # noqa: S301 - our own, made a moment ago
    return world


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
    return lambda login: log_in(app, login)
