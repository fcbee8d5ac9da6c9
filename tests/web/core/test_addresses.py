"""Every address, tried as everybody, answers as the tables of permissions say; one without a row stops the start."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import select
from sqlalchemy.orm import Session

import config
from tests.kit import amended
from tests.kit.ledger_types import add_types
from tests.kit.pages import engage
from tests.kit.world import NOW, World, duty, log_in
from tests.services.cases.test_ledger import act, load, referred, step
from tests.services.duties.test_duties import at
from tests.web.conftest import settle_foreigner
from tests.web.reminders.test_mailbox import keep, keys
from tracker.adapters.disk.store import FileStore
from tracker.app import create_app
from tracker.rules.permissions import PERMISSIONS, PlaceAction, Reach
from tracker.rules.workflow import (
    CASE_PERMITTED,
    TRANSITIONS,
    Action,
    CaseAction,
    CaseStanding,
    Standing,
)
from tracker.services.cases import conclusion
from tracker.services.cases.acts import StepFacts
from tracker.services.core.act import begin
from tracker.services.documents import intake, uploads
from tracker.services.duties import progress
from tracker.services.duties.progress import NewFile
from tracker.store.core.engine import Database
from tracker.store.models import (
    Attachment,
    CaseRecord,
    CaseTypeVersion,
    DeadlineRule,
    Measure,
    MemberRole,
    Message,
    MessageState,
    Milestone,
    PlanAnswer,
    RecordKind,
)
from tracker.web.core.addresses import RIGHTS, Open, Right, Row
from tracker.web.kit import access

D, C, R = Standing, CaseStanding, MemberRole


@dataclass(frozen=True)
class Somebody:
    """A person as the rows below stand to him, said by hand: what he is in the place, to the duty and in the case."""

    roles: frozenset[MemberRole] = frozenset()  # in the place the rows lie in
    elsewhere: frozenset[MemberRole] = frozenset()
    duty: frozenset[Standing] = frozenset()
    case: frozenset[CaseStanding] = frozenset()
    document: bool = False  # his unit has a duty in it


def somebody(*roles: MemberRole, **given: Any) -> Somebody:
    return Somebody(frozenset(roles), **{k: v if k == "document" else frozenset(v) for k, v in given.items()})


# The duty is 市工业和信息化局's; the case is handled by 市减负办, handed to 东县, and complains of 市住房城乡建设局.
PEOPLE: dict[str, Somebody] = {
    "lead": somebody(R.OFFICER, duty=[D.HANDLER], document=True),
    "head": somebody(R.HEAD, duty=[D.READER], document=True),
    "support": somebody(R.OFFICER, document=True),
    "county": somebody(R.OFFICER, case=[C.REFERRED, C.NEAR], document=True),
    "chief": somebody(R.HEAD, case=[C.HEAD, C.NEAR], document=True),
    "respondent": somebody(R.OFFICER, document=True),
    "stranger": somebody(R.OFFICER),
    "supervisor": somebody(R.SUPERVISOR, duty=[D.SUPERVISOR], case=[C.SUPERVISOR, C.NEAR], document=True),
    "supervisor2": somebody(
        R.SUPERVISOR, R.OFFICER, duty=[D.SUPERVISOR], case=[C.SUPERVISOR, C.HANDLER, C.NEAR], document=True
    ),
    "leader": somebody(R.LEADER, duty=[D.READER], case=[C.READER]),
    "administrator": somebody(R.ADMINISTRATOR),
    "security": somebody(R.SECURITY),
    "auditor": somebody(R.AUDITOR),
    "foreigner": somebody(elsewhere=[R.SUPERVISOR]),
    "idle": somebody(),
}
# What an officer or a head may do for his own unit alone: whose unit it is, by address.
OWN: dict[str, Callable[[Somebody], bool]] = {
    "duties.show": lambda who: bool(who.duty),
    "duties.attachment": lambda who: bool(who.duty),
    "milestones.show": lambda who: bool(who.duty),
    "cases.show": lambda who: bool(who.case),
    "cases.attachment": lambda who: bool(who.case),
    "cases.letter": lambda who: bool(who.case),
    "cases.from_duty": lambda who: bool(who.duty),
    "documents.show": lambda who: who.document,
    "documents.edition": lambda who: who.document,
    # For his own unit, whichever that is.
    "cases.intake": lambda who: True,
    "ledger_import.blank": lambda who: True,
    "ledger_import.upload": lambda who: True,
    "ledger_import.result": lambda who: True,
    "ledger_import.faults": lambda who: True,
}
# Read by who uploaded alone: for others, whatever they are, there is no such thing.
OF_ONES_OWN = {"ledger_import.result", "ledger_import.faults"}
# Whose row is named in the form, not in the address.
NAMED_IN_THE_FORM = {"ledger_import.upload": "type"}
# Files, and what would end the session that tries.
LEFT_OUT = {"static", "bootstrap.static", "auth.logout"}


@dataclass
class Rows:
    """The numbers that stand in the addresses; a draft and a new edition are documents of their own."""

    values: dict[str, Any]
    draft_id: int
    amended_id: int
    change_id: int
    measure_id: int
    case_attachment_id: int


@pytest.fixture
def rows(database: Database, world: World, settings: config.Settings) -> Rows:
    """A place in which every address has something to be about, and everybody of the table above in it."""
    settle_foreigner(database, world)
    engage(database, world, "chief", ("dxj", R.HEAD))
    engage(database, world, "respondent", ("zjj", R.OFFICER))
    engage(database, world, "idle")
    keep(settings, 1)
    file = NewFile("说明.txt", "text/plain", 3, FileStore(settings.files_dir).put("是的".encode()))
    with database.write() as session:
        held = _duty(session, world, file)
        case_id, letter_id = _case(session, world, file)
        second = amended.publish_first(session, world)
        edition = amended.open_second(session, world, second.id)
        draft = _draft(session, world)
        values = {
            "duty_id": held,
            "case_id": case_id,
            "record_id": letter_id,
            "step_id": step(load(session, world, _found(session, case_id)), "处理").id,
            "document_id": world.document.id,
            "number": 1,
            "milestone_id": session.scalars(select(Milestone.id).where(Milestone.duty_id == held)).first(),
            "attachment_id": session.scalars(select(Attachment.id).where(Attachment.report_id.is_not(None))).first(),
            "type_id": session.scalars(select(CaseTypeVersion.type_id)).first(),
            "rule_id": session.scalars(
                select(DeadlineRule.id).where(DeadlineRule.item_id.is_not(None), DeadlineRule.trigger.is_not(None))
            ).first(),
            "source_id": world.source.id,
            "ordinal": 1,
            "unit_id": world.units["gxj"].id,
            "place_id": world.jurisdiction.id,
            "message_id": _failed(session, world),
            "upload_id": _unread(session, world, file),
            "extension_id": 1,
            "request_id": 1,
            "key": keys(settings)[0],
            "secret": "x",
        }
        measure_id = session.scalars(
            select(Measure.id).where(Measure.edition_id == amended.afresh(session, draft).id)
        ).first()
        change_id = amended.changes(session, second.id)[0].change.id
        of_case = session.scalars(select(Attachment.id).where(Attachment.case_record_id.is_not(None))).first()
        session.commit()
    assert edition is not None
    assert measure_id is not None
    assert of_case is not None
    return Rows(values, draft, second.id, change_id, measure_id, of_case)


def _found(session: Session, case_id: int) -> Any:
    from tracker.store.models import Case

    return session.get_one(Case, case_id)


def _duty(session: Session, world: World, file: NewFile) -> int:
    it = duty(session, world, "一.1", "gxj")
    progress.acknowledge(begin(session, world.actor("lead"), NOW), it)
    progress.report_progress(begin(session, world.actor("lead"), NOW), it, percent=10, text="已开始", files=[file])
    return it.id


def _case(session: Session, world: World, file: NewFile) -> tuple[int, int]:
    accused = world.units["zjj"].id
    case = referred(session, world, add_types(session, world), accused_unit_id=accused, name="张三", content="欠款")
    conclusion.add_note(begin(session, world.actor("supervisor2"), NOW), case, StepFacts("补充", files=[file]))
    act(session, world, load(session, world, case), "发督办书", "请五日内办结", now=at(4, 23))
    letter = select(CaseRecord.id).where(CaseRecord.kind == RecordKind.LETTER)
    return case.id, session.scalars(letter).one()


def _draft(session: Session, world: World) -> int:
    source = amended.take_in(session, world, amended.FIRST.replace("通报", "公布"))
    act_now = begin(session, world.actor("supervisor"), NOW)
    document = intake.choose_plan(act_now, source.plans[0], source, PlanAnswer.ANOTHER)
    assert document is not None
    session.flush()
    return document.id


def _unread(session: Session, world: World, file: NewFile) -> int:
    act_now = begin(session, world.actor("supervisor"), NOW)
    upload = uploads.begin(act_now, world.jurisdiction.id, uploads.Bytes("a.txt", False, file.sha256, file.size))
    uploads.fail(act_now, upload, "没有读成。")
    return upload.id


def _failed(session: Session, world: World) -> int:
    mail = Message(
        message_id="<1@t.example>", user_id=world.people["county"].id, to_address="c@t.example", subject="催办",
        text="请签收。", html="<p>请签收。</p>", state=MessageState.FAILED, next_try_at=NOW, created_at=NOW,
        failed_at=NOW, last_error="550",
    )  # fmt: skip
    session.add(mail)
    session.flush()
    return mail.id


# --- What the tables say ----------------------------------------------------------------------------------------------


def permitted(who: Somebody, endpoint: str, right: Right, about_a_row: bool) -> bool:
    """Whether the tables let somebody through, from what he is as it was said by hand above."""
    if isinstance(right, Open):
        return True
    if isinstance(right, Action):
        return any((state, right, s) in TRANSITIONS for state, _, _ in TRANSITIONS for s in who.duty)
    if isinstance(right, CaseAction):
        return any((state, right, s) in CASE_PERMITTED for state, _, _ in CASE_PERMITTED for s in who.case)
    action = right.action if isinstance(right, Row) else right
    held = PERMISSIONS[action].standings
    reaches = {held[role] for role in (who.roles if about_a_row else who.roles | who.elsewhere) if role in held}
    if Reach.PLACE in reaches or not about_a_row:
        return bool(reaches)
    return Reach.OWN in reaches and OWN[endpoint](who)


def address(rule: Any, rows: Rows) -> str:
    """Return a rule's address with the numbers of our rows in it."""
    own: dict[str, Any] = {
        "confirm": {"document_id": rows.draft_id, "measure_id": rows.measure_id},
        "amend": {"document_id": rows.amended_id, "change_id": rows.change_id},
        "cases": {"attachment_id": rows.case_attachment_id},
    }.get(rule.endpoint.partition(".")[0], {})

    def value(found: re.Match[str]) -> str:
        if (found[1] or "").startswith("any"):
            return found[1][4:-1].split(",")[0].strip("' ")
        return str({**rows.values, **own}[found[2]])

    return re.sub(r"<(?:(\w+(?:\([^)]*\))?):)?(\w+)>", value, rule.rule)


def asked(app: Flask) -> list[tuple[Any, str]]:
    """Return every rule with each method it answers."""
    return [
        (rule, method)
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)
        if rule.endpoint not in LEFT_OUT
        for method in ("GET", "POST")
        if method in (rule.methods or ())
    ]


def answered(client: FlaskClient, url: str, method: str, **form: Any) -> int:
    """Return how an address answers; a way to the log-in counts as 401."""
    answer = client.get(url) if method == "GET" else client.post(url, data=form)
    answer.close()  # files among them
    return 401 if answer.status_code == 302 and answer.location.startswith("/login") else answer.status_code


def wrong(status: int, allowed: bool, own: bool, turned_away: bool) -> bool:
    """Whether an address answers somebody otherwise than the tables say."""
    if not allowed:
        return status not in ({403} if turned_away else {403, 404})
    return status != 404 if own else status in {401, 403, 404, 405, 500}


def test_every_address_answers_everybody_as_the_tables_say(
    app: Flask, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "finish", lambda status: None)  # nothing that is tried here is kept
    differing: list[str] = []
    for login, who in PEOPLE.items():
        monkeypatch.undo()
        client = log_in(app, login)
        monkeypatch.setattr(access, "finish", lambda status: None)
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/password").get_data(as_text=True))
        assert token is not None
        for rule, method in asked(app):
            right = RIGHTS[rule.endpoint]
            named = NAMED_IN_THE_FORM.get(rule.endpoint)
            allowed = permitted(who, rule.endpoint, right, bool(rule.arguments) or (method == "POST" and bool(named)))
            turned_away = isinstance(right, PlaceAction) and not permitted(who, rule.endpoint, right, False)
            form = {"csrf_token": token[1], **({named: rows.values["type_id"]} if named else {})}
            status = answered(client, address(rule, rows), method, **form)
            if wrong(status, allowed, rule.endpoint in OF_ONES_OWN, turned_away):
                differing.append(f"{login} {method} {rule.rule}: {status}, {'allowed' if allowed else 'refused'}")
    assert differing == []


@pytest.mark.long
def test_no_page_offers_its_reader_what_he_is_refused(app: Flask, rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    """Links and buttons are drawn from the tables that decide: every one of them leads somewhere."""
    differing: list[str] = []
    for login in PEOPLE:
        monkeypatch.undo()
        client = log_in(app, login)
        monkeypatch.setattr(access, "finish", lambda status: None)
        offered: dict[tuple[str, str], str] = {}
        token = ""
        for rule, method in asked(app):
            url = address(rule, rows)
            if method != "GET":
                continue
            with client.get(url) as answer:
                page = answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""
            if not page or answer.status_code != 200:
                continue
            tree = html.document_fromstring(page)
            found = [("GET", link.get("href")) for link in tree.xpath("//main//a[@href] | //nav//a[@href]")]
            forms = [form for form in tree.forms if (form.get("method") or "").lower() == "post"]
            found += [("POST", form.get("action") or url) for form in forms]
            token = token or next(iter(tree.xpath("//input[@name='csrf_token']/@value")), "")
            for verb, target in found:
                target = urljoin(url, target.partition("#")[0].partition("?")[0])
                if target.startswith("/") and not target.startswith(("/static", "/logout")):
                    offered.setdefault((verb, target), url)
        for (verb, target), url in offered.items():
            status = answered(client, target, verb, csrf_token=token)
            if status in {401, 403, 404, 405, 500}:
                differing.append(f"{login} on {url}: {verb} {target}: {status}")
    assert differing == []


def test_nobody_reaches_anything_but_the_way_in(app: Flask, rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    client = app.test_client()
    page = client.get("/login").get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token is not None
    differing = []
    for rule, method in asked(app):
        status = answered(client, address(rule, rows), method, csrf_token=token[1])
        public = RIGHTS[rule.endpoint] is Open.ANYBODY
        if (status == 401) is public:
            differing.append(f"{method} {rule.rule}: {status}")
    assert differing == []


def test_an_address_without_a_row_stops_the_start(
    database: Database, settings: config.Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(RIGHTS, "units.groups")
    with pytest.raises(RuntimeError, match=r"units\.groups"):
        create_app(settings, database)
    monkeypatch.undo()
    monkeypatch.setitem(RIGHTS, "units.forgotten", PlaceAction.KEEP_REGISTRY)
    with pytest.raises(RuntimeError, match=r"units\.forgotten"):
        create_app(settings, database)
