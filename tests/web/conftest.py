"""What the tests of the pages share: a document still to be confirmed, and somebody from elsewhere."""

import json
from typing import Any

import pytest

from tests.kit.world import NOW, PASSWORD_HASH, World
from tests.services.conftest import draft, drafted
from tracker.adapters.files import plans
from tracker.services.core.act import begin
from tracker.services.people import accounts
from tracker.services.registry import units
from tracker.store.core.actors import SYSTEM, actor_of
from tracker.store.core.engine import Database
from tracker.store.models import Jurisdiction, MemberRole
from tracker.web.documents import readings

__all__ = ["draft", "drafted", "foreigner"]


def settle_foreigner(database: Database, world: World) -> World:
    """Found another place with a supervisor of its own, "foreigner"; its unit is under "foreign"."""
    with database.write() as session:
        place = Jurisdiction(code="990200", name="另市", level="city", parent="某省")
        session.add(place)
        session.flush()
        unit = units.create_unit(
            begin(session, SYSTEM, NOW), jurisdiction_id=place.id, name="另市减负办", supervises=True
        )
        person = accounts.add_user(
            begin(session, SYSTEM, NOW),
            login="foreigner",
            name="外地同志",
            password_hash=PASSWORD_HASH,
            posts=[(unit.id, MemberRole.SUPERVISOR)],
        )
        session.flush()
        world.units["foreign"], world.people["foreigner"] = unit, person
        world.actors["foreigner"] = actor_of(session, person)
        session.commit()
    return world


@pytest.fixture
def foreigner(database: Database, draft: World) -> World:
    """The draft's world with a supervisor of another place in it."""
    return settle_foreigner(database, draft)


def _read_here(text: str, level: str | None = None) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(plans.text_of(plans.asked(text, level)))
    return read


@pytest.fixture
def read_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have what is uploaded read in a process apart after all, as it is when served."""
    monkeypatch.setattr(readings, "plans_of", plans.plans_of)


@pytest.fixture(autouse=True)
def read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read the plans of what is uploaded in this process: another takes longer to start than to read.

    Who uploads is patient here, so that a busy machine changes no answer.
    """
    monkeypatch.setattr(readings, "plans_of", _read_here)
    monkeypatch.setattr(readings, "PATIENCE_S", 60.0)
