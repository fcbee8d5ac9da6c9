"""What every page shows, held against what it showed when somebody last looked.

A page that is meant to say something else is recorded again: TRACKER_RECORD=1 pytest tests/web/kit/test_visible_text.py
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.kit.filled import addresses, filled_place
from tests.kit.visible import visible
from tests.kit.world import log_in
from tracker.store.core.engine import Database

RECORDED = Path(__file__).parent / "visible"
RECORDING = os.environ.get("TRACKER_RECORD") == "1"
# Who reads, and how many rows of a kind each opens.
READERS = {"supervisor": 9, "supervisor2": 1, "lead": 4, "county": 3, "administrator": 1, "auditor": 1}
# Told beside its rows on every page: the frame is recorded once, with the page one starts from.
FRAMED = {"home.index"}
ASKED = {
    "duties.index": ("?light=late", "?state=working&sort=unit"),
    "cases.index": ("?light=late", "?sort=owed&state=open"),
    "recalculation.issue_date": ("?issued_on=2026-03-04",),
    "recalculation.event": ("?happened_on=2026-03-16",),
    "case_types.show": ("?happened_on=2026-03-16",),
    "documents.index": ("?q=没有",),
}
ANY_ID = re.compile(r"&lt;[0-9a-f]{32}@")  # a mail's, of its own each time

Place = tuple[Flask, Database]


@pytest.fixture(scope="module")
def place(sqlite_template: bytes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    app, database = filled_place(tmp_path_factory.mktemp("filled"), sqlite_template)
    yield app, database
    database.engine.dispose()


@pytest.fixture(scope="module")
def shown(place: Place) -> dict[str, str]:
    """What each endpoint shows: every different page of it, under who asked for what."""
    app, database = place
    seen: dict[str, dict[str, str]] = {}
    for reader, most in READERS.items():
        client = log_in(app, reader)
        for endpoint, name, address in addresses(app, database, most):
            for query in ("", *ASKED.get(endpoint, ())):
                answer = client.get(address + query)
                assert answer.status_code < 500, address
                if answer.status_code == 200 and answer.mimetype == "text/html":
                    page = ANY_ID.sub("&lt;…@", answer.get_data(as_text=True))
                    text = visible(page, "body" if endpoint in FRAMED else "main")
                    seen.setdefault(endpoint, {}).setdefault(text, f"{reader} {name}{query}")
    return {
        endpoint: "\n".join(f"=== {who}\n{text}" for text, who in pages.items()) + "\n"
        for endpoint, pages in sorted(seen.items())
    }


def test_every_page_shows_what_is_recorded_of_it(shown: dict[str, str]) -> None:
    if RECORDING:
        for path in RECORDED.glob("*.txt"):
            path.unlink()
        for endpoint, text in shown.items():
            (RECORDED / f"{endpoint}.txt").write_text(text, "utf-8")
    recorded = {path.stem: path.read_text("utf-8") for path in RECORDED.glob("*.txt")}
    assert sorted(shown) == sorted(recorded)
    differing = {name: (recorded[name], text) for name, text in shown.items() if recorded[name] != text}
    assert [line for name, (old, new) in differing.items() for line in told(name, old, new)] == []


def told(name: str, old: str, new: str) -> list[str]:
    """Return the first lines in which a page differs."""
    pairs = zip(old.splitlines(), new.splitlines(), strict=False)
    different = [f"{name}: {before!r} is now {after!r}" for before, after in pairs if before != after]
    return different[:3] or [f"{name}: {len(old.splitlines())} lines are now {len(new.splitlines())}"]


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("<p>牵头<b>单位</b></p>", "牵头单位"),
        ("<p>牵头\n  <b>单位</b></p>", "牵头 单位"),
        ("<p>牵头<b>单位</b>\n<i>甲</i></p>", "牵头单位 甲"),
        ("<p>牵头</p>\n<p>单位</p>", "牵头\n单位"),
        ("<p>　牵头　单位</p>", "　牵头　单位"),
        ("<div class='d-flex'><b>牵头</b>\n<b>单位</b></div>", "牵头\n单位"),
        ("<pre>牵头\n  单位</pre>", "牵头\n\\ 单位"),
        ("<p>期限<input value='3'><input type='hidden' value='9'>日</p>", "期限⟦3⟧日"),
        ("<select><option>甲<option selected>乙</select>", "⟦甲、*乙⟧"),
    ],
)
def test_a_blank_is_told_where_a_browser_shows_one(page: str, said: str) -> None:
    assert visible(page, "body") == said
