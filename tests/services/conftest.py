"""What the tests of the verbs share: a document still to be confirmed, beside the published one of `world`."""

import pytest

from tests.kit.kept import Kept, keep, put_back
from tests.kit.shared import Shared
from tests.kit.world import World, found
from tracker.store.core.engine import Database


def _founded(database: Database) -> World:
    with database.write() as session:
        made = found(session)
        session.commit()
    return made


@pytest.fixture(scope="session")
def drafted(sqlite_template: bytes, shared: Shared) -> Kept:
    """A place with one document to confirm."""
    return shared.value("drafted", lambda: keep("drafted", sqlite_template, shared.folder, _founded))


@pytest.fixture
def draft(database: Database, drafted: Kept) -> World:
    """The same small place, its document read and nothing of it confirmed yet."""
    return put_back(database, drafted)
