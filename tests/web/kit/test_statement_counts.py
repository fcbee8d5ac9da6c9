"""A page asks the same number of questions whether there are fifty duties or five thousand."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

import config
from tests.kit.ledger_types import add_type, complaint_steps
from tests.kit.pages import read
from tests.kit.statements import counted
from tests.kit.world import NOW, World, log_in, published_world
from tracker.app import create_app
from tracker.reading.plan import Role
from tracker.rules.phases import BEYOND, Phase
from tracker.rules.workflow import State
from tracker.services.core.standing import touch
from tracker.store.core.engine import Database, open_database
from tracker.store.models import (
    Case,
    CaseStep,
    CaseType,
    CaseTypeVersion,
    DeadlineRule,
    Duty,
    Milestone,
    MilestoneDate,
    StepKind,
    Task,
)

FEW, MANY = 50, 5_000
STATES = (State.ASSIGNED, State.ACKNOWLEDGED, State.IN_PROGRESS, State.SUBMITTED, State.COMPLETED)


def fill(session: Session, world: World, number: int, first: int = 10_000) -> None:
    """Give the leading unit so many more duties, each of its own task, with a date and every state in turn."""
    rule = session.scalars(select(DeadlineRule).order_by(DeadlineRule.id)).first()
    waiting = session.scalars(
        select(DeadlineRule).where(DeadlineRule.trigger == "正式受理", DeadlineRule.item_id.is_not(None))
    ).one()
    assert rule is not None
    unit, other = world.units["gxj"].id, world.units["dxj"].id
    ids = range(first, first + number)
    day = {n: date(2026, 3, 1) + timedelta(days=n % 60) for n in ids}
    session.execute(
        insert(Task),
        [
            {
                "id": n,
                "document_id": world.document.id,
                "item_id": rule.item_id,
                "key": f"九.{n}",
                "ordinal": n,
                "title": f"第 {n} 项",
                "created_at": NOW,
            }
            for n in ids
        ],
    )
    for offset, unit_id, role in ((0, unit, Role.LEAD), (number, other, Role.SUPPORT)):
        session.execute(
            insert(Duty),
            [
                {
                    "id": n + offset,
                    "task_id": n,
                    "unit_id": unit_id,
                    "role": role,
                    "state": STATES[n % 5],
                    "percent": n % 101,
                    "assigned_at": NOW,
                    "awaits_event": False,
                    "jurisdiction_id": world.jurisdiction.id,
                    "document_id": world.document.id,
                    "ordinal": n,
                    "phase": Phase.UNDATED,
                    "next_at": BEYOND[Phase.UNDATED],
                    "version": 1,
                }
                for n in ids
            ],
        )
    own = session.scalars(
        select(CaseTypeVersion.id).join(CaseTypeVersion.type).where(CaseType.measure_key == "一.2")
    ).one()
    of_type = select(CaseTypeVersion.id).join(CaseTypeVersion.type).where(CaseType.code == "complaint")
    typed = session.scalars(of_type).first() or add_type(
        session, world, "complaint", "拖欠账款投诉", "收到投诉", complaint_steps()
    )
    session.execute(
        insert(Case),
        [
            {
                "id": n,
                "jurisdiction_id": world.jurisdiction.id,
                "number": f"2025-{n}",
                "task_id": n,
                "duty_id": n,
                "unit_id": unit,
                "event": "正式受理",
                "happened_at": NOW,
                "happened_on": day[n],
                "reference": f"R{n}",
                "form_key": str(n),
                "opened_by_id": world.people["lead"].id,
                "opened_at": NOW,
                "version": 1,
                "owed_fen": n,
                "type_version_id": typed if n % 6 == 3 else own,
                "refunded_fen": 0,
            }
            for n in ids
            if n % 3 == 0
        ],
    )
    session.execute(
        insert(CaseStep),
        [
            {
                "id": n,
                "case_id": n,
                "ordinal": 1,
                "name": "转办",
                "rule_id": waiting.id,
                "unit_id": unit,
                "started_at": NOW,
                "statute_rule_id": waiting.id,
                "kind": StepKind.REFER if n % 6 == 3 else StepKind.HANDLE,
            }
            for n in ids
            if n % 3 == 0
        ],
    )
    session.execute(
        insert(Milestone),
        [
            {
                "id": n,
                "duty_id": None if n % 3 == 0 else n,
                "case_step_id": n if n % 3 == 0 else None,
                "answering_duty_id": n,
                "unit_id": unit,
                "jurisdiction_id": world.jurisdiction.id,
                "rule_id": waiting.id if n % 3 == 0 else rule.id,
                "occurrence": 0,
                "due_on": day[n],
                "due_at": NOW + (day[n] - date(2026, 3, 22)),
                "first_due_at": NOW + (day[n] - date(2026, 3, 22)),
                "provisional": False,
                "calendar_version": "x",
                "watch": n % 7 == 0,
                "version": 1,
                "met_at": NOW if STATES[n % 5] is State.COMPLETED else None,
            }
            for n in ids
        ],
    )
    session.execute(
        insert(MilestoneDate),
        [
            {
                "milestone_id": n,
                "version": 1,
                "due_on": day[n],
                "provisional": False,
                "calendar_version": "x",
                "explanation": [],
                "why": "首次时限",
                "at": NOW,
            }
            for n in ids
        ],
    )
    touch(session, duties=range(first, first + 2 * number), cases=(n for n in ids if n % 3 == 0))


Place = tuple[Flask, Database]


@pytest.fixture(scope="module")
def places(sqlite_template: bytes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, Place]]:
    """The same world twice: with few duties, and with many."""
    made: dict[int, Place] = {}
    for number in (FEW, MANY):
        folder = tmp_path_factory.mktemp(f"with{number}")
        made[number] = place(folder, sqlite_template, number)
    yield made
    for _, database in made.values():
        database.engine.dispose()


def place(folder: Path, template: bytes, number: int) -> Place:
    path = folder / "tracker.db"
    path.write_bytes(template)
    database = open_database(f"sqlite:///{path}")
    world = published_world(database)
    with database.write() as session:
        fill(session, world, number)
        session.commit()
    settings = config.load({"TRACKER_DATA": str(folder), "TRACKER_ENV": "test", "BASE_URL": "http://t.example"})
    app = create_app(settings, database, lambda: NOW)
    app.config["TESTING"] = True
    return app, database


@pytest.fixture(scope="module")
def client_at(places: dict[int, Place]) -> Callable[[int, str], FlaskClient]:
    """A person's client at one of the places, signed in once."""
    held: dict[tuple[int, str], FlaskClient] = {}

    def client(number: int, person: str) -> FlaskClient:
        if (number, person) not in held:
            held[number, person] = log_in(places[number][0], person)
        return held[number, person]

    return client


PAGES = [
    ("lead", "/"),
    ("head", "/"),
    ("lead", "/duties/"),
    ("lead", "/duties/?own=1&light=late&page=2"),
    ("supervisor", "/duties/?sort=unit"),
    ("supervisor", "/duties/?state=working&q=第"),
    ("lead", "/duties/10002"),
    ("lead", "/duties/10011"),
    ("supervisor", "/duties/10003"),
    ("lead", "/cases/"),
    ("supervisor", "/cases/?light=late"),
    ("supervisor", "/cases/?sort=owed&state=open&type=4"),
    ("lead", "/cases/10002"),
    ("lead", "/cases/10005"),
    ("lead", "/cases/intake"),
    ("lead", "/cases/new"),
    ("supervisor", "/dashboard/"),
    ("supervisor", "/dashboard/units"),
    ("supervisor", "/reviews/"),
    ("supervisor", "/documents/"),
    ("supervisor", "/documents/1"),
    ("supervisor", "/units/"),
    ("auditor", "/audit/"),
]
# Pages that count duties, or tell of other things, without a line for each.
WITHOUT_DUTIES = ("/cases/new", "/cases/intake", "/dashboard/units", "/documents/", "/units/", "/audit/")


@pytest.mark.parametrize(("person", "url"), PAGES)
def test_as_many_statements_for_five_thousand_as_for_fifty(
    places: dict[int, Place], client_at: Callable[[int, str], FlaskClient], person: str, url: str
) -> None:
    numbers: dict[int, int] = {}
    for number in (FEW, MANY):
        client = client_at(number, person)
        with counted(places[number][1]) as sent:
            page = read(client, url)
        assert "九." in page or url in WITHOUT_DUTIES, "the page shows none of them"
        numbers[number] = len(sent)
    # Fewer where a list is longer than one counts.
    assert numbers[MANY] <= numbers[FEW]
    # A page that asks more than this asks about one row after another.
    assert numbers[MANY] <= 25


def test_the_big_place_is_big(places: dict[int, Place]) -> None:
    with places[MANY][1].read() as session:
        assert len(session.scalars(select(Duty.id)).all()) > 2 * MANY
