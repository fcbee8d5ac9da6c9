"""今日 and 明日 are for the screen alone: paper and exports say the day, and what is printed says when."""

import io
import re
from collections.abc import Callable

import openpyxl
from flask.testing import FlaskClient

from tests.kit.ledger_types import add_types
from tests.kit.pages import read, words
from tests.kit.world import NOW, World
from tests.services.cases.test_ledger import referred
from tests.services.duties.test_duties import at
from tracker.store.core.engine import Database

ClientFor = Callable[[str], FlaskClient]


def printed(page: str) -> str:
    """Return what a page says on paper: the day in the place of the words for the screen."""
    return words(re.sub(r'<span data-paper="([^"]*)"><span>[^<]*</span></span>', r"\1", page))


def test_a_case_on_paper_says_dates_and_when_it_was_printed(
    world: World, database: Database, client_for: ClientFor, clock
) -> None:
    with database.write() as session:
        case = referred(session, world, add_types(session, world))
        session.commit()
        url = f"/cases/{case.id}"
    for moment in (NOW, at(4, 21), at(4, 22)):  # registered, and due tomorrow and today
        clock.at = moment
        page = read(client_for("supervisor"), url)
        assert "今日" not in printed(page)
        assert "明日" not in printed(page)
    assert "打印于 2026年4月22日 周三 10:00" in page
    assert "今日到期" in words(page)
    assert "4月22日到期" in printed(page)


def test_an_export_says_dates(world: World, database: Database, client_for: ClientFor, clock) -> None:
    with database.write() as session:
        referred(session, world, add_types(session, world))
        session.commit()
    clock.at = at(4, 22)
    answer = client_for("supervisor").get("/cases/export")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.data)).active
    said = [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row if cell]
    assert not [one for one in said if "今日" in one or "明日" in one]
    assert any("2026年4月22日 周三 10:00 导出" in one for one in said)
    assert "4月22日到期" in said
