"""A place where something of everything stands: for tests that walk all pages."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

import config
from tests.kit.amended import FIRST, afresh, confirm_rest, open_second, publish_first, take_in
from tests.kit.ledger_types import add_types
from tests.kit.recounted import register
from tests.kit.world import NOW, World, duty, published_world
from tests.services.cases.test_ledger import accepted, act, open_one, referred
from tests.services.duties.test_duties import bring_to
from tracker.adapters.mail.sending import Maildir
from tracker.app import create_app
from tracker.clock.notices import Mark, NoticedDay
from tracker.reading.plan import Role
from tracker.rules.workflow import State
from tracker.services.calendars.versions import set_day
from tracker.services.cases import pauses as case_pauses
from tracker.services.core.act import begin
from tracker.services.documents import answers, intake
from tracker.services.duties import extensions, progress, roster
from tracker.services.reminders.dispatch import run_pass
from tracker.store.core.actors import SYSTEM
from tracker.store.core.base import Base
from tracker.store.core.engine import Database, open_database
from tracker.store.models import Message, MessageState, Milestone, PlanAnswer

LATER = NOW + timedelta(days=4, hours=1)
DRAFT = FIRST.replace("优化政务服务", "减免涉企收费").replace("7号", "9号")
UNCHOSEN = DRAFT.replace("减免涉企收费", "规范中介服务").replace("9号", "11号")
READY = DRAFT.replace("减免涉企收费", "清理拖欠账款").replace("9号", "13号")


def fill(session: Session, world: World) -> None:
    """Let duties, cases, editions and a calendar be in many states at once."""
    boss = begin(session, world.actor("supervisor"), NOW)
    _duties(session, world)
    _cases(session, world)
    document = publish_first(session, world)
    open_second(session, world, document.id)
    draft = take_in(session, world, DRAFT)
    assert intake.choose_plan(boss, draft.plans[0], draft, PlanAnswer.ANOTHER)
    take_in(session, world, UNCHOSEN)
    ready = take_in(session, world, READY)
    confirmed = intake.choose_plan(boss, ready.plans[0], ready, PlanAnswer.ANOTHER)
    assert confirmed
    edition = afresh(session, confirmed.id)
    answers.settle_collective(boss, edition, "各有关部门", unit_ids=[world.units["jyj"].id])
    confirm_rest(session, world, confirmed.id)
    set_day(begin(session, SYSTEM, NOW), world.jurisdiction.id, date(2026, 4, 10), NoticedDay(Mark.ADDED, "市庆"))


def _duties(session: Session, world: World) -> None:
    boss, lead = (begin(session, world.actor(name), NOW) for name in ("supervisor", "lead"))
    cleared = bring_to(session, world, duty(session, world, "一.1", "gxj"), State.IN_PROGRESS)
    clock = session.scalars(select(Milestone).where(Milestone.duty_id == cleared.id)).first()
    assert clock is not None
    extensions.ask(lead, cleared, clock.id, date(2026, 9, 30), "清单核对量大")
    monthly = duty(session, world, "一.3", "czj")
    bring_to(session, world, monthly, State.SUBMITTED, "support")
    told = bring_to(session, world, duty(session, world, "一.5", "czj"), State.SUBMITTED, "support")
    progress.send_back(boss, told, "请补充清单")
    bring_to(session, world, duty(session, world, "一.2", "dxj"), State.REVOKED)
    roster.add_unit(boss, cleared.task, world.units["jyj"], Role.SUPPORT, "工作需要")
    bring_to(session, world, duty(session, world, "一.2", "gxj"), State.ACKNOWLEDGED)
    register(session, world)
    register(session, world, at=NOW - timedelta(days=30))
    register(session, world, key="一.4", unit="zjj", at=NOW - timedelta(days=20))
    register(session, world, key="一.6", unit="zjj")


def _cases(session: Session, world: World) -> None:
    types = add_types(session, world)
    referred(session, world, types, owed_fen=1_234_50, firm="某某公司", name="张三丰", phone="13812345678")
    late = accepted(session, world, types, NOW - timedelta(days=20), form_key="late", channel="来信")
    case_pauses.ask_pause(
        begin(session, world.actor("supervisor2"), NOW - timedelta(days=19)), late, reason="听证", authority="复议法 39"
    )
    refund = open_one(session, world, types["refund"], form_key="refund", accused="某建筑公司")
    act(session, world, refund, "核实")
    open_one(session, world, types["wage"], form_key="wage")
    open_one(session, world, types["order"], form_key="order", variant="转派工单")


def filled_place(folder: Path, template: bytes) -> tuple[Flask, Database]:
    """Return the application on a filled SQLite database, four days on, its mails written and one of them refused."""
    path = folder / "tracker.db"
    path.write_bytes(template)
    database = open_database(f"sqlite:///{path}")
    world = published_world(database)
    with database.write() as session:
        fill(session, world)
        session.commit()
    settings = config.load({"TRACKER_DATA": str(folder), "TRACKER_ENV": "test", "BASE_URL": "http://t.example"})
    run_pass(database, LATER, settings, Maildir(settings.maildir, settings.mail_from), "test")
    with database.write() as session:
        refused = session.scalars(select(Message).order_by(Message.id)).first()
        assert refused is not None
        refused.state, refused.failed_at, refused.last_error = MessageState.FAILED, LATER, "550 5.1.1 unknown"
        session.commit()
    app = create_app(settings, database, lambda: LATER)
    app.config["TESTING"] = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app, database


def addresses(app: Flask, database: Database, most: int) -> Iterator[tuple[str, str, str]]:
    """Yield (endpoint, name, address) of every page, once for each of the first rows an address can name."""
    rows = {
        "duty_id": "duties", "case_id": "cases", "document_id": "documents", "milestone_id": "milestones",
        "source_id": "sources", "type_id": "case_types", "unit_id": "units",
    }  # fmt: skip
    with database.read() as session:
        ids: dict[str, Sequence[int]] = {
            name: session.scalars(select(Base.metadata.tables[table].c.id).order_by("id").limit(most)).all()
            for name, table in rows.items()
        }
    kept = sorted((app.extensions["tracker"].settings.maildir / "new").iterdir())
    mail = next(path.name for path in kept if b"<lead@mou.example>" in path.read_bytes())
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.endpoint):
        if "GET" not in (rule.methods or ()) or rule.endpoint in {"static", "bootstrap.static", "auth.logout"}:
            continue
        named = re.findall(r"<(?:\w+:)?(\w+)>", rule.rule)
        for row in ids.get(named[0], [1]) if named else [0]:
            address = re.sub(r"<[^>]+>", "1", re.sub(r"<[^>]+>", str(row), rule.rule, count=1))
            yield rule.endpoint, address, mail.join(address.rsplit("1", 1)) if "key" in named else address
