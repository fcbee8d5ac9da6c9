"""What the tests of the verbs share: a document still to be confirmed, beside the published one of `world`."""

import pickle

import pytest

from tests.kit.world import Rows, World, found, put_back, rows_of
from tracker.store.core.engine import Database, open_database


@pytest.fixture(scope="session")
def drafted(sqlite_template: bytes, tmp_path_factory: pytest.TempPathFactory) -> tuple[Rows, bytes]:
    """The rows of a place with one document to confirm, and its people pickled."""
    path = tmp_path_factory.mktemp("drafted") / "draft.db"
    path.write_bytes(sqlite_template)
    opened = open_database(f"sqlite:///{path}")
    with opened.write() as session:
        made = found(session)
        session.commit()
        rows = rows_of(session)
    opened.engine.dispose()
    return rows, pickle.dumps(made)


@pytest.fixture
def draft(database: Database, drafted: tuple[Rows, bytes]) -> World:
    """The same small place, its document read and nothing of it confirmed yet."""
    rows, made = drafted
    with database.write() as session:
        put_back(session, rows)
        session.commit()
    world: World = pickle.loads(made)  # noqa: S301 - our own, made a moment ago
    return world
