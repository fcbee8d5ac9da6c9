"""A small place with its people and one published document, for tests of verbs and pages.

The document is of our own writing and its reading is given by hand, so that these tests say nothing about the reader.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.security import generate_password_hash

from tracker.services.core.act import begin
from tracker.services.documents import answers, confirmation, intake, publication
from tracker.services.people import accounts
from tracker.services.registry import units as registry
from tracker.store.core.actors import SYSTEM, Actor, actor_of
from tracker.store.core.engine import Database
from tracker.store.documents import drafts
from tracker.store.duties.duty import find_duty
from tracker.store.models import (
    Document,
    Duty,
    Jurisdiction,
    MemberRole,
    Source,
    Task,
    Unit,
    UnitKind,
    User,
)

PASSWORD = "Correct-horse-7"
# The cheapest hash werkzeug offers: tests log in hundreds of times.
PASSWORD_HASH = generate_password_hash(PASSWORD, method="pbkdf2:sha256:1")
# Monday, 23 March 2026, 10:00 in Shanghai.
NOW = datetime(2026, 3, 23, 2, 0, tzinfo=UTC)

TEXT = """某市减轻企业负担若干措施

某政发〔2026〕5号

一、清理账款

1.建立清欠台账，2026年6月底前完成清欠。（牵头单位：市工信局，配合单位：市财政局）

2.对投诉线索，自正式受理之日起3个工作日内转办。（责任单位：市减负办、市工信局，各县区政府）

3.每月25日，市财政局公布清欠进度。（责任单位：市财政局）

4.发包人应在接到返还申请14天内核实。（责任单位：市住建局）

5.加强宣传解读。（责任单位：各有关部门）

6.公示30日后，可以申请返还保证金。（责任单位：市住建局）
"""


@dataclass
class World:
    """The place's people by name, its units by code, and the published document."""

    jurisdiction: Jurisdiction
    units: dict[str, Unit]
    people: dict[str, User]
    document: Document
    source: Source
    actors: dict[str, Actor] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        return self.actors[name]


KINDS = {"各有关部门": "collective", "各县区政府": "group"}


def _measure(key: str, start: str, end: str, names: list[tuple[str, str]], deadlines: list[dict[str, Any]]) -> Any:
    begin = TEXT.index(start)
    stop = TEXT.index(end, begin) + len(end)
    text = TEXT[begin:stop]

    def span(words: str) -> list[int]:
        at = TEXT.index(words, begin)
        return [at, at + len(words)]

    assignments = [
        {"unit": n, "role": r, "kind": KINDS.get(n, "unit"), "span": span(n), "confidence": 0.9, "found_by": "list"}
        for n, r in names
    ]
    rules = [
        {
            "trigger": None,
            "amount": None,
            "unit": None,
            "date": None,
            "date_from": None,
            "rrule": None,
            "party": "unit",
            "act": None,
            "bound": None,
            "direction": "after",
            "counts_as": None,
            "by": None,
            "extendable_to": None,
            "confidence": 0.9,
            "found_by": "phrase",
            **d,
            "span": span(d["quote"]),
        }
        for d in deadlines
    ]
    item = {
        "text": text,
        "span": [begin, stop],
        "assignments": assignments,
        "beneficiaries": None,
        "contacts": [],
        "deadlines": rules,
        "vague": [],
    }
    return {
        "key": key,
        "section": "一、清理账款",
        "title": None,
        "text": text,
        "span": [begin, stop],
        "items": [item],
    }


def plan() -> dict[str, Any]:
    """Return the document's reading, as the reader would print it."""
    measures = [
        _measure(
            "一.1", "建立清欠台账", "市财政局）", [("市工信局", "lead"), ("市财政局", "support")],
            [{"quote": "2026年6月底前", "kind": "absolute", "sense": "within", "date": "2026-06-30",
              "act": "完成清欠"}],
        ),
        _measure(
            "一.2", "对投诉线索", "各县区政府）",
            [("市减负办", "responsible"), ("市工信局", "responsible"), ("各县区政府", "responsible")],
            [{"quote": "自正式受理之日起3个工作日内", "kind": "relative", "sense": "within", "trigger": "正式受理",
              "amount": 3, "unit": "workday", "act": "转办"}],
        ),
        _measure(
            "一.3", "每月25日", "责任单位：市财政局）", [("市财政局", "responsible")],
            [{"quote": "每月25日", "kind": "recurring", "sense": "on", "rrule": "FREQ=MONTHLY;BYMONTHDAY=25",
              "act": "公布清欠进度"}],
        ),
        _measure(
            "一.4", "发包人应", "市住建局）", [("市住建局", "responsible")],
            [{"quote": "14天内", "kind": "relative", "sense": "within", "trigger": "接到返还申请", "amount": 14,
              "unit": "day", "party": "other", "act": "核实"}],
        ),
        _measure("一.5", "加强宣传解读", "各有关部门）", [("各有关部门", "responsible")], []),
        _measure(
            "一.6", "公示30日后", "市住建局）", [("市住建局", "responsible")],
            [{"quote": "公示30日后", "kind": "relative", "sense": "not_before", "trigger": "公示", "amount": 30,
              "unit": "day", "act": "申请返还保证金"}],
        ),
    ]  # fmt: skip
    return {
        "plan": "某市减轻企业负担若干措施",
        "span": [0, len(TEXT)],
        "jurisdiction": "某市",
        "doc_no": "某政发〔2026〕5号",
        "issued_on": "2026-03-02",
        "effective_on": None,
        "expires_on": None,
        "measures": measures,
        "unassigned": [],
    }


UNITS: dict[str, tuple[str, UnitKind, tuple[str, ...], str | None]] = {
    "jfb": ("市减负办", UnitKind.OFFICE, (), "jfb@mou.example"),
    "gxj": ("市工业和信息化局", UnitKind.DEPARTMENT, ("市工信局",), "gxj@mou.example"),
    "czj": ("市财政局", UnitKind.DEPARTMENT, (), "czj@mou.example"),
    "zjj": ("市住房城乡建设局", UnitKind.DEPARTMENT, ("市住建局",), None),
    "dxj": ("东县政府", UnitKind.COUNTY, (), "dong@mou.example"),
    "xxj": ("西县政府", UnitKind.COUNTY, (), "xi@mou.example"),
    "jyj": ("市教育局", UnitKind.DEPARTMENT, (), "jyj@mou.example"),
}

PEOPLE: dict[str, list[tuple[str, MemberRole]]] = {
    "lead": [("gxj", MemberRole.OFFICER)],
    "support": [("czj", MemberRole.OFFICER)],
    "head": [("gxj", MemberRole.HEAD)],
    "county": [("dxj", MemberRole.OFFICER)],
    "stranger": [("jyj", MemberRole.OFFICER)],
    "supervisor": [("jfb", MemberRole.SUPERVISOR)],
    "supervisor2": [("jfb", MemberRole.SUPERVISOR), ("jfb", MemberRole.OFFICER)],
    "leader": [("jfb", MemberRole.LEADER)],
    "administrator": [("jfb", MemberRole.ADMINISTRATOR)],
    "security": [("jfb", MemberRole.SECURITY)],
    "auditor": [("jfb", MemberRole.AUDITOR)],
}


def found(session: Session, now: datetime = NOW) -> World:
    """Found the place with its units and people, take the document in, and leave it ready to confirm."""
    place = Jurisdiction(code="990100", name="某市", level="city", parent="某省")
    session.add(place)
    session.flush()
    units = {
        code: registry.create_unit(
            begin(session, SYSTEM, now),
            jurisdiction_id=place.id,
            name=name,
            kind=kind,
            aliases=aliases,
            email=email,
            code=code,
            supervises=code == "jfb",
        )
        for code, (name, kind, aliases, email) in UNITS.items()
    }
    registry.create_group(
        begin(session, SYSTEM, now),
        jurisdiction_id=place.id,
        name="各县区政府",
        member_ids=(units["dxj"].id, units["xxj"].id),
    )
    people = {
        name: accounts.add_user(
            begin(session, SYSTEM, now),
            login=name,
            name=f"{name}同志",
            password_hash=PASSWORD_HASH,
            email=f"{name}@mou.example",
            posts=[(units[code].id, role) for code, role in posts],
        )
        for name, posts in PEOPLE.items()
    }
    session.flush()
    actors = {name: actor_of(session, user) for name, user in people.items()}
    new = intake.NewSource(
        jurisdiction_id=place.id,
        filename="措施.txt",
        pasted=False,
        sha256=hashlib.sha256(TEXT.encode()).hexdigest(),
        size=len(TEXT.encode()),
        encoding="utf-8",
        text=TEXT,
        plans=[plan()],
    )
    source = intake.take_in(begin(session, actors["supervisor"], now), new)
    document = intake.choose_plan(begin(session, actors["supervisor"], now), source.plans[0], source)
    assert document is not None
    return World(place, units, people, document, source, actors)


def confirm_all(session: Session, world: World, now: datetime = NOW) -> None:
    """Answer every question: the collective name is left to the education bureau; nothing else is open."""
    edition = drafts.working_edition(session, world.document.id)
    boss = world.actor("supervisor")
    answers.settle_collective(begin(session, boss, now), edition, "各有关部门", unit_ids=[world.units["czj"].id])
    confirmation.confirm_clear(begin(session, boss, now), edition)


def publish(session: Session, world: World, now: datetime = NOW) -> None:
    """Publish the confirmed document."""
    edition = drafts.working_edition(session, world.document.id)
    publication.publish(begin(session, world.actor("supervisor"), now), edition)


def published_world(database: Database, now: datetime = NOW) -> World:
    """Return the place with its document published, committed."""
    with database.write() as session:
        world = found(session, now)
        session.commit()
        confirm_all(session, world, now)
        publish(session, world, now)
        session.commit()
    return world


def duty(session: Session, world: World, key: str, unit: str) -> Duty:
    """Return one duty by its task's key and its unit's code, loaded as the verbs need it."""
    query = (
        select(Duty.id)
        .join(Task, Duty.task_id == Task.id)
        .where(Task.document_id == world.document.id, Task.key == key, Duty.unit_id == world.units[unit].id)
    )
    found_duty = find_duty(session, world.actor("supervisor"), session.scalars(query).one())
    assert found_duty is not None
    return found_duty


def log_in(app: Flask, login: str, password: str = PASSWORD) -> FlaskClient:
    """Return a client signed in through the real page."""
    client = app.test_client()
    page = client.get("/login").get_data(as_text=True)
    answer = client.post("/login", data={"login": login, "password": password, "csrf_token": token_in(page)})
    assert answer.status_code == 302, answer.get_data(as_text=True)[:500]
    return client


def token_in(page: str) -> str:
    """Return a page's CSRF token."""
    mark = 'name="csrf_token" type="hidden" value="'
    other = 'type="hidden" name="csrf_token" value="'
    at = page.index(mark) + len(mark) if mark in page else page.index(other) + len(other)
    return page[at : page.index('"', at)]


ISSUED = date(2026, 3, 2)
