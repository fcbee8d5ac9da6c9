"""What nobody would type, put into every address, query and form there is: refused or kept, it breaks no page."""

import random
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from werkzeug.test import TestResponse

from tests.kit.ledger_types import add_types
from tests.kit.world import World, duty
from tests.services.cases.test_ledger import referred
from tracker.store.core.engine import Database
from tracker.store.models import Milestone, Source

ClientFor = Callable[[str], FlaskClient]

HOSTILE = [
    "", "\x00", "a\x00b", "1" * 31, "-1", "9" * 40, "９" * 40, "٣", "1e400", "0001-01-01", "9999-12-31", "2026-02-30",
    "24:61", "x" * 5000, "<script>", "%s%n", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "NaN", "null",
    "../../etc/passwd", "' OR 1=1 --", "2147483648", "🙂" * 300,
]  # fmt: skip
QUERIES = ("page", "unit", "document", "jurisdiction", "q", "state", "sort", "type", "from", "to")


@pytest.fixture
def rows(database: Database, world: World) -> dict[str, int]:
    """A world with a case in it; the numbers its addresses take."""
    with database.write() as session:
        case = referred(session, world, add_types(session, world))
        it = duty(session, world, "一.1", "gxj")
        clock = session.query(Milestone.id).filter_by(duty_id=it.id).first()
        source = session.query(Source.id).first()
        assert clock is not None
        session.commit()
        return {
            "duty_id": it.id, "case_id": case.id, "document_id": world.document.id, "milestone_id": clock[0],
            "source_id": source[0] if source else 1,
        }  # fmt: skip


def addresses(app: Flask, rows: dict[str, int], method: str) -> Iterator[str]:
    """Yield every address that answers a method, its numbers filled in."""
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()) and rule.endpoint not in {"static", "bootstrap.static", "auth.logout"}:
            yield re.sub(
                r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>",
                lambda found: str(rows.get(found[2], 1)) if found[1] == "int" else "x",
                rule.rule,
            )


def broken(answers: dict[str, TestResponse]) -> list[str]:
    return [f"{what}: {answer.status_code}" for what, answer in answers.items() if answer.status_code >= 500]


def filled(form: Any) -> list[tuple[str, str]]:
    """Return a form's fields as a browser would send them."""
    return [(name, value if isinstance(value, str) else "") for name, value in form.form_values()]


Form = tuple[str, list[tuple[str, str]]]


def walk(client: FlaskClient, app: Flask, rows: dict[str, int], chance: random.Random) -> list[Form]:
    """Open every address, as it is and asked for nonsense; return the forms met, each sort of them once."""
    got: dict[str, TestResponse] = {}
    forms: dict[tuple[str, ...], Form] = {}
    for address in addresses(app, rows, "GET"):
        got[address] = page = client.get(address)
        queries = [f"{name}={quote(chance.choice(HOSTILE), errors='replace')}" for name in QUERIES]
        got[f"{address}?{'&'.join(queries)}"] = client.get(f"{address}?{'&'.join(queries)}")
        if page.status_code == 200 and page.mimetype == "text/html":
            for form in html.document_fromstring(page.get_data(as_text=True)).forms:
                action, fields = form.action or address, filled(form)
                if (form.method or "").upper() == "POST" and not action.endswith("/logout"):
                    sort = (re.sub(r"\d+", "n", action), *(name for name, _ in fields))
                    forms.setdefault(sort, (action, fields))
    assert broken(got) == []
    return list(forms.values())


def post(client: FlaskClient, forms: list[Form], chance: random.Random) -> None:
    """Send each form once, some of its fields as they were, some hostile, some left out, some twice."""
    posted: dict[str, TestResponse] = {}
    for n, (action, fields) in enumerate(forms):
        sent: list[tuple[str, str]] = []
        for name, value in fields:
            drawn = chance.random()
            if name == "csrf_token" or drawn < 0.4:
                sent.append((name, value))
            elif drawn < 0.9:
                sent.append((name, chance.choice(HOSTILE)))
            elif drawn < 0.95:
                sent += [(name, value), (name, chance.choice(HOSTILE))]
        body = "&".join(f"{quote(k)}={quote(v, errors='replace')}" for k, v in sent)
        posted[f"{n} {action} {sent}"] = client.post(
            action, data=body, content_type="application/x-www-form-urlencoded"
        )
    assert broken(posted) == []


LOGINS = ["supervisor", "lead", "administrator"]


@pytest.mark.parametrize("login", LOGINS)
def test_no_address_no_query_and_no_form_ends_in_500(
    app: Flask, client_for: ClientFor, rows: dict[str, int], login: str
) -> None:
    chance = random.Random(20261129)  # noqa: S311 - the same every time
    client = client_for(login)
    forms = walk(client, app, rows, chance)
    assert len(forms) >= 3, "no forms were found: is the walk right?"
    post(client, forms, chance)


@pytest.mark.long
@pytest.mark.parametrize("login", LOGINS)
def test_nor_does_it_in_many_rounds(app: Flask, client_for: ClientFor, rows: dict[str, int], login: str) -> None:
    client = client_for(login)
    for turn in range(6):
        chance = random.Random(turn)  # noqa: S311 - the same every time
        post(client, walk(client, app, rows, chance), chance)


def test_an_address_with_nul_is_not_found(client_for: ClientFor, world: World) -> None:
    assert client_for("supervisor").get("/duties/%00").status_code == 404


def test_what_no_column_holds_is_refused_and_kept_to_be_copied(
    app: Flask, client_for: ClientFor, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number that slips through every form reaches the database, which refuses it in its own way."""
    from tracker.web.registry import routes

    def large(*_: Any, **__: Any) -> None:
        from sqlalchemy import select

        from tracker.store.models import Unit
        from tracker.web.kit.access import db

        db().scalars(select(Unit).where(Unit.id == 10**30)).all()

    monkeypatch.setattr(routes.registry, "create_unit", large)
    client = client_for("supervisor")
    page = html.document_fromstring(client.get("/units/new").get_data(as_text=True))
    form = next(f for f in page.forms if (f.method or "").upper() == "POST" and "logout" not in (f.action or ""))
    answer = client.post("/units/new", data={**dict(form.form_values()), "name": "市<甲>局"})
    assert answer.status_code == 400
    said = answer.get_data(as_text=True)
    assert "超出范围" in said
    assert "市&lt;甲&gt;局" in said
