"""A page reads as much at six thousand duties as at fifteen hundred, and no large table from end to end.

Where one unit holds everything its own lists grow up to the number they count to; here the pages are of who oversees.
"""

import pytest
from flask import Flask

from tests.kit.entered import entered
from tests.kit.pages import read
from tests.kit.rows_read import analyse, reading
from tests.kit.world import World
from tests.web.kit.test_statement_counts import fill
from tracker.store.core.engine import Database

FEW, MANY = 1_500, 6_000
# A count up to a thousand, an index one level deeper.
LEEWAY = 30_000
PAGES = (
    ("supervisor", "/duties/"),
    ("supervisor", "/duties/?light=late"),
    ("supervisor", "/duties/?document=1"),
    ("supervisor", "/duties/?page=1000000"),
    ("lead", "/duties/10002"),
    ("supervisor", "/dashboard/"),
    ("supervisor", "/dashboard/units"),
    ("supervisor", "/documents/"),
    ("supervisor", "/reviews/"),
    ("supervisor", "/cases/"),
    ("supervisor", "/cases/?light=late"),
    ("lead", "/cases/10002"),
    ("auditor", "/audit/"),
)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_page_reads_no_more_where_there_is_more(world: World, database: Database, app: Flask) -> None:
    found: dict[str, dict[int, int]] = {}
    scanned: list[str] = []
    for number, more in ((FEW, FEW), (MANY, MANY - FEW)):
        with database.write() as session:
            fill(session, world, more, first=10_000 if number == FEW else 10_000 + 2 * FEW)
            session.commit()
        analyse(database)
        people = {person: entered(app, person) for person in {person for person, _ in PAGES}}
        for person, url in PAGES:
            read(people[person], url)  # once before: what is remembered of a place is read by then
            with reading(database) as much:
                read(people[person], url)
            found.setdefault(f"{person} {url}", {})[number] = much.much
            if number == MANY:
                scanned += [f"{person} {url} {what}" for what in much.scanned]
    grown = {page: much for page, much in found.items() if much[MANY] > 1.25 * much[FEW] + LEEWAY}
    assert grown == {}, "these read more with more"
    assert scanned == []
