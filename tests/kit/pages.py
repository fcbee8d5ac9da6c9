"""Reading a page and posting its forms, as a browser would."""

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.kit.world import NOW, PASSWORD_HASH, World, token_in
from tracker.services.core.act import begin
from tracker.services.people import accounts
from tracker.store.core.actors import SYSTEM, actor_of
from tracker.store.core.engine import Database
from tracker.store.models import MemberRole


def engage(database: Database, world: World, login: str, *posts: tuple[str, MemberRole]) -> None:
    """Give the world one more person, with posts by unit code."""
    with database.write() as session:
        held = [(world.units[code].id, role) for code, role in posts]
        person = accounts.add_user(
            begin(session, SYSTEM, NOW), login=login, name=f"{login}同志", password_hash=PASSWORD_HASH, posts=held
        )
        session.flush()
        world.people[login], world.actors[login] = person, actor_of(session, person)
        session.commit()


def read(client: FlaskClient, url: str, status: int = 200) -> str:
    """Return a page's text, checking its status."""
    answer = client.get(url)
    text = answer.get_data(as_text=True)
    assert answer.status_code == status, text[:2000]
    return text


def version_in(page: str) -> str:
    """Return the row version a page's form carries."""
    found = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert found, "no form with a version"
    return found[1]


def hidden(page: str, name: str) -> str:
    """Return a hidden field's value."""
    found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', page)
    assert found, f"no field {name}"
    return found[1]


def post(client: FlaskClient, url: str, page: str, **data: Any) -> TestResponse:
    """Post to `url` with the tokens and, where it has one, the version of `page`."""
    given: dict[str, Any] = {"csrf_token": token_in(page)}
    if re.search(r'name="form_token"', page):
        given["form_token"] = hidden(page, "form_token")
    if re.search(r'name="version"', page):
        given["version"] = version_in(page)
    return client.post(url, data={**given, **data})


def words(page: str) -> str:
    """Return a page's text without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))
