"""What the three great batches cost: publishing a document, importing a ledger, counting dates again.

CPU of this process and the statements it sends (an executemany is one), on SQLite, and on PostgreSQL where
TEST_POSTGRES_URL names a server.  The place is made anew for each batch; only the ratio of two runs means anything.
Run: python benchmarks/batches.py [publish|import|recount ...] from the checkout (needs the development packages).
"""

import gc
import os
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import process_time

from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import config
from tests.kit import batches
from tests.kit.ledger_types import add_types, load_version
from tests.kit.recounted import CHANGED
from tests.kit.statements import counted
from tests.kit.world import NOW, World, found
from tracker.services.core.act import begin
from tracker.services.deadlines.recalculation import preview_calendar
from tracker.services.documents.publication import publish
from tracker.services.ledger_import.rows import FromFile, import_rows
from tracker.store.core.engine import Database, open_database
from tracker.store.core.schema import upgrade

MEASURES, UNITS = 100, 9  # with their three dates: 900 duties and 2,700 dates
ROWS = 500
DUTIES = 4_000  # of a date each, and an entry in the history of each
Made = str
Ready = Callable[[], Made]


def publishing(session: Session, world: World) -> Ready:
    """Take a document in and confirm it; the batch publishes it."""
    edition = batches.to_publish(session, world, batches.departments(session, world, UNITS), MEASURES)
    session.commit()

    def batch() -> Made:
        made = publish(begin(session, world.actor("supervisor"), NOW), edition)
        return f"{made.duties:,} duties, {made.milestones:,} dates"

    return batch


def importing(session: Session, world: World) -> Ready:
    """Keep a type of case; the batch imports its ledger."""
    version_id = add_types(session, world)["complaint"]
    session.commit()
    rows, version = batches.ledger_rows(ROWS), load_version(session, version_id)

    def batch() -> Made:
        act = begin(session, world.actor("supervisor"), NOW)
        done = import_rows(act, version, rows, FromFile("台账.xlsx", "a" * 64))
        return f"{len(done.new):,} rows, {len(done.faults)} faults"

    return batch


def recounting(session: Session, world: World) -> Ready:
    """Publish counted dates and preview what a day off does to them; the batch applies that."""
    batches.counted_dates(session, world, DUTIES)
    session.commit()
    shifts = preview_calendar(session, world.jurisdiction.id, CHANGED)
    session.commit()
    session.expunge_all()

    def batch() -> Made:
        job = batches.recount(begin(session, world.actor("supervisor"), NOW), world, shifts)
        return f"{job.changed:,} dates"

    return batch


BATCHES = {"publish": publishing, "import": importing, "recount": recounting}


def measure(database: Database, prepare: Callable[[Session, World], Ready]) -> tuple[Made, float, int]:
    """Return what a batch made, its seconds of CPU up to its commit, and the statements it sent."""
    with database.write() as session:
        world = found(session)
        batch = prepare(session, world)
        gc.collect()
        gc.freeze()  # what the preparations left is none of the batch's: no collection walks over it
        with counted(database) as sent:
            began = process_time()
            made = batch()
            session.commit()
            return made, process_time() - began, len(sent)


@contextmanager
def sqlite() -> Iterator[Database]:
    """Make an empty database in a file of its own."""
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{folder}/tracker.db")
        upgrade(database.engine)
        yield database
        database.engine.dispose()


@contextmanager
def postgresql() -> Iterator[Database]:
    """Make an empty database on the server the tests use, and drop it."""
    given = {"DATABASE_URL": os.environ["TEST_POSTGRES_URL"], "SECRET_KEY": "x", "TRACKER_ENV": "test"}
    url, name = config.load(given).database_url, f"batches_{uuid.uuid4().hex[:12]}"
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    try:
        database = open_database(url.rsplit("/", 1)[0] + f"/{name}")
        upgrade(database.engine)
        yield database
        database.engine.dispose()
    finally:
        with admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        admin.dispose()


def main() -> None:
    """Print what each batch costs on each database, the cheapest of three runs."""
    kinds = [sqlite, *([postgresql] if os.environ.get("TEST_POSTGRES_URL") else [])]
    for kind in kinds:
        for name in sys.argv[1:] or BATCHES:
            runs = []
            for _ in range(3):
                with kind() as database:
                    runs.append(measure(database, BATCHES[name]))
            made, seconds, statements = min(runs, key=lambda run: run[1])
            print(f"{kind.__name__:<10} {name:<8} {made:<28} {seconds:6.2f} s CPU  {statements:6,} statements")


if __name__ == "__main__":
    main()
