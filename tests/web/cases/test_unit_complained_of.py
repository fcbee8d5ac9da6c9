"""What pages beside the case's own tell of a complaint to those who do not handle it, and to whom it is about."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Select, select

from tests.kit.ledger_types import load_version
from tests.kit.pages import engage, hidden, post, read
from tests.kit.world import NOW, World, duty, token_in
from tests.web.cases.test_ledger_privacy import CONTENT, FIRM, NAME, PHONE, SECRETS, case_id, rows
from tracker.services.cases import ledger
from tracker.services.cases.ledger import NewCase
from tracker.services.core.act import begin
from tracker.store.core.engine import Database
from tracker.store.models import (
    AuditEntry,
    Case,
    CaseRecord,
    CaseStep,
    MemberRole,
    Membership,
    Milestone,
    RecordKind,
)

__all__ = ["case_id", "rows"]  # fixtures

ClientFor = Callable[[str], FlaskClient]
Rows = Callable[[Select[Any]], list[Any]]
SAID = f"{NAME} {PHONE} {CONTENT}仍在核实"
LEFT = f"张** **** {CONTENT}仍在核实"


def step_id(rows: Rows, name: str) -> int:
    return rows(select(CaseStep.id).where(CaseStep.name == name))[0]


def refer(client_for: ClientFor, case_id: int, rows: Rows, world: World) -> None:
    office, to = client_for("supervisor2"), str(world.units["dxj"].id)
    page = read(office, f"/cases/{case_id}")
    answer = post(office, f"/cases/{case_id}/steps/{step_id(rows, '转办')}/refer", page, to=to, note="请办")
    assert answer.status_code == 302


@pytest.fixture
def asked(client_for: ClientFor, case_id: int, rows: Rows, world: World) -> int:
    """The case, handed to 东县政府, which has asked for more time in words that name the complainant."""
    refer(client_for, case_id, rows, world)
    county = client_for("county")
    url = f"/cases/{case_id}/steps/{step_id(rows, '处理')}/extend"
    answer = post(county, url, read(county, f"/cases/{case_id}"), amount="60", reason=SAID)
    assert answer.status_code == 302
    return case_id


# --- Acting ----------------------------------------------------------------------------------------------------------


def test_a_supervisor_of_it_is_offered_nothing_and_may_do_nothing(
    client_for: ClientFor, asked: int, rows: Rows
) -> None:
    both = client_for("both")
    page = read(both, f"/cases/{asked}")
    assert f'action="/cases/{asked}/' not in page
    given = {"version": hidden(read(client_for("watcher"), f"/cases/{asked}"), "version"), "note": "不属实"}
    given |= {"reason": "听证", "authority": "行政许可法 45", "csrf_token": token_in(read(both, "/password"))}
    for act in (f"steps/{step_id(rows, '处理')}/close", "conclude", "note", "pause", "extensions/1/decide"):
        assert both.post(f"/cases/{asked}/{act}", data=given).status_code == 403, act
    assert both.get(f"/cases/{asked}/event").status_code == 403
    assert rows(select(CaseStep.done_at).where(CaseStep.name == "处理")) == [None]


@pytest.mark.parametrize(("person", "status"), [("both", 403), ("watcher", 409)])
def test_a_form_that_came_too_late_shows_what_was_done_as_the_reader_may_read_it(
    client_for: ClientFor, case_id: int, rows: Rows, world: World, person: str, status: int
) -> None:
    office, late = client_for("supervisor2"), client_for(person)
    page, old = read(office, f"/cases/{case_id}"), read(client_for("watcher"), f"/cases/{case_id}")
    url = f"/cases/{case_id}/steps/{step_id(rows, '转办')}/refer"
    assert post(office, url, page, to=str(world.units["dxj"].id), note=SAID).status_code == 302
    given = {"version": hidden(old, "version"), "to": str(world.units["xxj"].id), "note": "再转"}
    answer = late.post(url, data={"csrf_token": token_in(read(late, "/password")), **given})
    text = answer.get_data(as_text=True)
    assert answer.status_code == status
    assert NAME not in text
    assert PHONE not in text
    assert (LEFT in text) is (status == 409)


# --- Lists, sheets and letters ---------------------------------------------------------------------------------------


def test_requests_for_more_time_are_not_listed_for_it_and_masked_for_who_does_not_handle_them(
    client_for: ClientFor, asked: int, database: Database, world: World
) -> None:
    engage(database, world, "chief", ("dxj", MemberRole.HEAD))
    both, watcher, chief = (read(client_for(person), "/reviews/") for person in ("both", "watcher", "chief"))
    assert "2026-001" not in both
    assert not any(secret in both for secret in SECRETS)
    assert LEFT in watcher
    assert NAME not in watcher
    assert SAID in chief  # whose officers handle it
    badge = 'title="1 项待审核"'
    assert ("没有等待审批的延期申请" in both, "没有等待审批的延期申请" in watcher) == (True, False)
    assert badge not in both


@pytest.mark.parametrize(("person", "words"), [("county", SAID), ("leader", LEFT), ("watcher", LEFT)])
def test_a_sheet_of_a_date_masks_what_the_case_masks(
    client_for: ClientFor, asked: int, rows: Rows, person: str, words: str
) -> None:
    sheet = rows(select(Milestone.id).where(Milestone.case_step_id == step_id(rows, "处理")))[0]
    page = read(client_for(person), f"/milestones/{sheet}")
    assert words in page
    assert (NAME in page) is (person == "county")


@pytest.mark.parametrize(("person", "words"), [("supervisor2", SAID), ("leader", LEFT), ("watcher", LEFT)])
def test_a_letter_masks_what_the_case_masks(
    client_for: ClientFor, case_id: int, rows: Rows, world: World, clock: Any, person: str, words: str
) -> None:
    refer(client_for, case_id, rows, world)
    clock.at = NOW + timedelta(days=60)
    office = client_for("supervisor2")
    url = f"/cases/{case_id}/steps/{step_id(rows, '发督办书')}/close"
    assert post(office, url, read(office, f"/cases/{case_id}"), note=SAID).status_code == 302
    letter = rows(select(CaseRecord.id).where(CaseRecord.kind == RecordKind.LETTER))[0]
    page = read(client_for(person), f"/cases/{case_id}/letter/{letter}")
    assert words in page
    assert (NAME in page) is (person == "supervisor2")


@pytest.mark.parametrize(
    ("person", "named"), [("czjadmin", False), ("jfbadmin", False), ("both", False), ("watcher", True)]
)
def test_a_calendar_names_only_the_cases_its_keeper_may_see(
    client_for: ClientFor, case_id: int, database: Database, world: World, person: str, named: bool
) -> None:
    engage(database, world, "czjadmin", ("czj", MemberRole.ADMINISTRATOR))
    engage(database, world, "jfbadmin", ("jfb", MemberRole.ADMINISTRATOR))
    keeper = client_for("czjadmin")
    url = f"/calendars/{world.jurisdiction.id}/day"
    drafted = post(keeper, url, read(keeper, "/calendars/"), on="2026-03-24", mark="off", name="", why="停电")
    assert drafted.status_code == 302
    page = read(client_for(person), drafted.location)
    assert ("2026-001" in page, "XS-001" in page, "一件办件" in page) == (named, named, not named)


def test_a_search_for_the_hidden_reference_tells_it_nothing(client_for: ClientFor, case_id: int) -> None:
    assert "2026-001" in read(client_for("watcher"), "/cases/?q=XS-001")
    assert "2026-001" not in read(client_for("both"), "/cases/?q=XS-001")
    assert "2026-001" in read(client_for("both"), "/cases/?q=2026-001")


def test_the_list_is_narrowed_by_whom_it_is_about_save_for_those(
    client_for: ClientFor, case_id: int, database: Database, world: World
) -> None:
    with database.write() as session:
        version, czj, zjj = load_version(session, 1), world.units["czj"].id, world.units["zjj"].id
        new = NewCase(world.units["jfb"].id, NOW, "XS-002", "g", accused_unit_id=zjj)
        ledger.open_case(begin(session, world.actor("supervisor2"), NOW), version, new)
        session.commit()
    for person, mine in (("watcher", True), ("both", False)):
        client = client_for(person)
        page = read(client, "/cases/")
        assert (f'<option value="{czj}">市财政局' in page) is mine
        assert f'<option value="{zjj}">市住房城乡建设局' in page
        about = read(client, f"/cases/?accused={zjj}")
        assert ("2026-002" in about, "2026-001" in about) == (True, False)
        assert ("2026-001" in read(client, f"/cases/?accused={czj}")) is mine


# --- The trail -------------------------------------------------------------------------------------------------------


def test_the_trail_keeps_no_complainant_and_is_not_for_the_auditor_of_the_unit_complained_of(
    client_for: ClientFor, asked: int, database: Database, world: World, rows: Rows
) -> None:
    for entry in rows(select(AuditEntry).where(AuditEntry.subject == "case")):
        assert not any(secret in f"{entry.note}{entry.before}{entry.after}" for secret in (NAME, PHONE)), entry.verb
    assert any("张**" in (note or "") for note in rows(select(AuditEntry.note)))
    engage(database, world, "czjauditor", ("czj", MemberRole.AUDITOR))
    audited, own = read(client_for("auditor"), "/audit/"), read(client_for("czjauditor"), "/audit/")
    assert "XS-001" in audited
    assert not any(word in own for word in ("XS-001", "2026-001", CONTENT))
    assert "登录" in own


def test_a_form_sent_twice_is_known_again_by_words_the_trail_has_masked(
    client_for: ClientFor, case_id: int, rows: Rows
) -> None:
    office = client_for("supervisor2")
    page = read(office, f"/cases/{case_id}")
    first, again = (post(office, f"/cases/{case_id}/note", page, note=SAID) for _ in range(2))
    assert (first.status_code, again.status_code) == (302, 302)
    assert rows(select(CaseRecord.text).where(CaseRecord.text == SAID)) == [SAID]


# --- Typed names, and who has left -----------------------------------------------------------------------------------


def intake(client: FlaskClient, world: World, unit: str, accused: str) -> Any:
    page = read(client, "/cases/intake/1")
    given = {"form_token": hidden(page, "form_token"), "happened_on": "2026-03-20", "reference": "XS-003"}
    return post(client, "/cases/intake/1", page, **given, unit=str(world.units[unit].id), accused=accused)


@pytest.mark.parametrize(
    ("typed", "status", "unit", "name", "words"),
    [
        ("市财政局", 302, "czj", None, ""),
        ("市工信局", 302, "gxj", None, ""),  # an alias
        ("市财局", 422, None, None, "相近的有：市财政局"),
        ("市财政局局长", 422, None, None, "确实不是这些单位的，请在名称后加（库外）"),
        ("市财政局国库集中支付中心", 422, None, None, "被投诉单位请填“市财政局”"),
        ("各县区政府", 422, None, None, "是单位组，请写具体单位"),
        ("市减负办", 422, None, None, "市减负办是被投诉单位，不能由它办理"),
        ("邻市财政局（库外）", 302, None, "邻市财政局", ""),
        ("某某建设集团有限公司", 302, None, "某某建设集团有限公司", ""),
    ],
)
def test_a_typed_name_that_is_a_units_is_that_unit(
    client_for: ClientFor,
    case_id: int,
    rows: Rows,
    world: World,
    typed: str,
    status: int,
    unit: str | None,
    name: str | None,
    words: str,
) -> None:
    answer = intake(client_for("supervisor2"), world, "jfb", typed)
    text = answer.get_data(as_text=True)
    assert answer.status_code == status, text
    assert words in text
    made = rows(select(Case).where(Case.reference == "XS-003"))
    about = [(c.accused_unit_id, c.accused) for c in made]
    assert about == ([(world.units[unit].id if unit else None, name)] if status == 302 else [])


def move(database: Database, world: World, person: str, unit: str, role: MemberRole) -> None:
    with database.write() as session:
        found = session.scalars(select(Membership).where(Membership.user_id == world.people[person].id)).all()
        for old in found:
            session.delete(old)
        session.flush()
        session.add(Membership(user_id=world.people[person].id, unit_id=world.units[unit].id, role=role))
        session.commit()


@pytest.mark.parametrize(("unit", "status"), [("jyj", 404), ("jfb", 200)])
def test_who_took_a_case_in_loses_it_with_his_post(
    client_for: ClientFor, case_id: int, database: Database, world: World, unit: str, status: int, rows: Rows
) -> None:
    with database.write() as session:
        version = load_version(session, 1)
        new = NewCase(world.units["gxj"].id, NOW, "XS-009", "h", name="李四维", phone=PHONE)
        other = ledger.open_case(begin(session, world.actor("supervisor2"), NOW), version, new).id
        session.commit()
    move(database, world, "supervisor2", unit, MemberRole.OFFICER)
    client = client_for("supervisor2")
    assert client.get(f"/cases/{other}").status_code == status
    assert ("XS-009" in read(client, "/cases/")) is (status == 200)
    answer = post(client, f"/cases/{other}/unmask", read(client, "/password"))
    assert answer.status_code == (302 if status == 200 else 404)


# --- Sums ------------------------------------------------------------------------------------------------------------


def test_the_three_sums_of_the_list_add_up(
    client_for: ClientFor, case_id: int, database: Database, world: World
) -> None:
    with database.write() as session:
        first = session.get_one(Case, case_id)
        first.owed_fen, first.refunded_fen = 100_000_00, 40_000_00
        new = NewCase(world.units["jfb"].id, NOW, "XS-002", "g")
        version = load_version(session, 1)
        made = ledger.open_case(begin(session, world.actor("supervisor2"), NOW), version, new)
        made.refunded_fen = 7_000_00  # refunded, but nobody wrote down what was owed
        session.commit()
    page = read(client_for("supervisor2"), "/cases/")
    for words, sum_ in (("涉及金额", "100,000"), ("已返还", "40,000"), ("未返还", "60,000")):
        assert f"{words} <b>{sum_}" in page
    assert "未填涉及金额的办件另返还 7,000" in page


# --- The duty it hangs on --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "told"), [("lead", True), ("watcher", True), ("both", False), ("chief", False), ("leading", False)]
)
def test_the_duty_a_complaint_hangs_on_tells_whom_it_is_about_nothing_of_it(
    client_for: ClientFor, case_id: int, database: Database, world: World, person: str, told: bool
) -> None:
    engage(database, world, "chief", ("czj", MemberRole.HEAD), ("jfb", MemberRole.LEADER))
    engage(database, world, "leading", ("czj", MemberRole.OFFICER), ("gxj", MemberRole.OFFICER))
    with database.write() as session:
        held = duty(session, world, "一.1", "gxj")
        case = session.get_one(Case, case_id)
        case.unit_id, case.duty_id, case.task_id = held.unit_id, held.id, held.task_id
        for entry in session.scalars(select(AuditEntry).where(AuditEntry.subject == "case")):
            entry.duty_id = held.id
        session.commit()
        held_id = held.id
    page = read(client_for(person), f"/duties/{held_id}")
    assert ("2026-001" in page, "XS-001" in page, CONTENT[:2] in page or FIRM in page) == (told, told, told)
