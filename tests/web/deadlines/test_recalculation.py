"""更正: the form, the preview of every date that follows, and applying exactly what was shown."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.kit.pages import hidden, post, read, words
from tests.kit.recounted import register
from tests.kit.world import NOW, World, token_in
from tests.services.editions.test_corrections import counted_from
from tracker.store.core.engine import Database
from tracker.store.models import Case, Document, Milestone

ClientFor = Callable[[str], FlaskClient]
DAY = timedelta(days=1)


@pytest.fixture
def dated(database: Database, world: World) -> int:
    """A date counted from the document's issue: 1 April."""
    with database.write() as session:
        made = counted_from(session, world, "印发")
        session.commit()
        return made.id


@pytest.fixture
def case_id(database: Database, world: World) -> int:
    """A case of the leading unit that happened on 23 March: to be done by the 26th."""
    with database.write() as session:
        case = register(session, world)
        session.commit()
        return case.id


def stands(database: Database, milestone_id: int) -> tuple[date | None, int]:
    with database.read() as session:
        milestone = session.get_one(Milestone, milestone_id)
        return milestone.due_on, milestone.version


def issued(database: Database, world: World) -> date | None:
    with database.read() as session:
        return session.get_one(Document, world.document.id).issued_on


def url_of(world: World) -> str:
    return f"/documents/{world.document.id}/issue-date"


def preview(client: FlaskClient, url: str, **typed: str) -> TestResponse:
    return post(client, url, read(client, url), **{"why": "落款看错", **typed})


def confirm(client: FlaskClient, url: str, page: str, **typed: str) -> TestResponse:
    return post(client, url, page, previewed=hidden(page, "previewed"), **{"why": "落款看错", **typed})


# --- The issue date --------------------------------------------------------------------------------------------------


def test_a_supervisor_corrects_the_issue_date_and_sees_first_what_follows(
    world: World, client_for: ClientFor, database: Database, dated: int
) -> None:
    client, url = client_for("supervisor"), url_of(world)
    assert url in read(client, f"/documents/{world.document.id}")
    shown = preview(client, url, issued_on="2026-03-01")
    assert shown.status_code == 200
    page = shown.get_data(as_text=True)
    said = words(page)
    assert "1 个时限会改动" in said
    assert "一.1 报送方案" in said
    assert "4月1日 周三 3月31日 周二" in said
    assert "印发日期由2026年3月2日更正为2026年3月1日" in said
    assert (issued(database, world), stands(database, dated)) == (date(2026, 3, 2), (date(2026, 4, 1), 1))
    answer = confirm(client, url, page, issued_on="2026-03-01")
    assert (answer.status_code, answer.location) == (302, f"/documents/{world.document.id}")
    assert (issued(database, world), stands(database, dated)) == (date(2026, 3, 1), (date(2026, 3, 31), 2))
    assert "印发日期已更正，1 个时限重新计算" in read(client, answer.location)
    again = confirm(client, url, page, issued_on="2026-03-01")
    assert (again.status_code, again.location) == (302, answer.location)  # the same form is one act
    assert stands(database, dated) == (date(2026, 3, 31), 2)


def test_where_no_date_follows_the_correction_can_still_be_saved(
    world: World, client_for: ClientFor, database: Database
) -> None:
    client, url = client_for("supervisor"), url_of(world)
    page = preview(client, url, issued_on="2026-03-01").get_data(as_text=True)
    assert "所有时限都不变，仍可以保存更正" in page
    assert confirm(client, url, page, issued_on="2026-03-01").status_code == 302
    assert issued(database, world) == date(2026, 3, 1)


def test_a_list_that_changed_meanwhile_is_shown_afresh_and_nothing_applied(
    world: World, client_for: ClientFor, database: Database, dated: int
) -> None:
    client, url = client_for("supervisor"), url_of(world)
    page = preview(client, url, issued_on="2026-03-01").get_data(as_text=True)
    with database.write() as session:
        counted_from(session, world, "印发", 60)
        session.commit()
    answer = confirm(client, url, page, issued_on="2026-03-01")
    fresh = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "受影响的时限又有变化" in fresh
    assert "2 个时限会改动" in fresh
    assert (issued(database, world), stands(database, dated)) == (date(2026, 3, 2), (date(2026, 4, 1), 1))
    assert hidden(fresh, "previewed") != hidden(page, "previewed")
    assert confirm(client, url, fresh, issued_on="2026-03-01").status_code == 302
    assert stands(database, dated) == (date(2026, 3, 31), 2)


def test_a_document_changed_meanwhile_is_noticed_by_its_version(
    world: World, client_for: ClientFor, database: Database, dated: int
) -> None:
    client, url = client_for("supervisor"), url_of(world)
    page = preview(client, url, issued_on="2026-03-01").get_data(as_text=True)
    with database.write() as session:
        session.get_one(Document, world.document.id).doc_no = "某政发〔2026〕6号"
        session.commit()
    answer = confirm(client, url, page, issued_on="2026-03-01")
    assert answer.status_code == 409
    assert stands(database, dated) == (date(2026, 4, 1), 1)
    fresh = answer.get_data(as_text=True)
    assert confirm(client, url, fresh, issued_on="2026-03-01").status_code == 302


@pytest.mark.parametrize(
    ("on", "why", "words"),
    [("2026-03-02", "看错", "相同"), ("2026-03-24", "看错", "不能晚于今天"), ("", "看错", "请填写印发日期"),
     ("2026-03-01", " ", "请写明更正的原因"), ("昨天", "看错", "的样子填写日期")],
)  # fmt: skip
def test_a_refused_correction_keeps_what_was_typed(
    world: World, client_for: ClientFor, database: Database, on: str, why: str, words: str
) -> None:
    answer = preview(client_for("supervisor"), url_of(world), issued_on=on, why=why)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert words in page
    assert f'value="{on}"' in page
    assert "会改动" not in page.replace("看哪些时限会改动", "")
    assert issued(database, world) == date(2026, 3, 2)


@pytest.mark.parametrize(
    ("who", "status"),
    [("lead", 403), ("support", 403), ("head", 403), ("leader", 403), ("stranger", 404), ("administrator", 404)],
)
def test_nobody_else_corrects_an_issue_date(world: World, client_for: ClientFor, who: str, status: int) -> None:
    client, url = client_for(who), url_of(world)
    read(client, url, status)
    token = token_in(read(client, "/password"))
    posted = client.post(url, data={"csrf_token": token, "issued_on": "2026-03-01", "why": "看错", "version": "1"})
    assert posted.status_code == status
    if status == 403:
        assert url not in read(client, f"/documents/{world.document.id}")


# --- A case's event --------------------------------------------------------------------------------------------------


def event_of(database: Database, case_id: int) -> tuple[datetime, date | None]:
    with database.read() as session:
        case = session.get_one(Case, case_id)
        due = session.scalars(select(Milestone.due_on).where(Milestone.case_step_id.is_not(None))).one()
        return case.happened_at, due


def test_the_handling_officer_corrects_the_event(
    world: World, client_for: ClientFor, database: Database, case_id: int
) -> None:
    client, url = client_for("lead"), f"/cases/{case_id}/event"
    assert url in read(client, f"/cases/{case_id}")
    assert url not in read(client_for("leader"), f"/cases/{case_id}")
    page = read(client, url)
    assert 'value="2026-03-23"' in page
    assert 'value="10:00"' in page
    assert "受理日期" not in page  # it has not been accepted by a step of its own
    shown = preview(client, url, happened_on="2026-03-20", happened_time="10:00")
    page = shown.get_data(as_text=True)
    assert "办件 2026-001 转办" in page
    assert event_of(database, case_id) == (NOW, date(2026, 3, 26))
    answer = confirm(client, url, page, happened_on="2026-03-20", happened_time="10:00")
    assert (answer.status_code, answer.location) == (302, f"/cases/{case_id}")
    assert event_of(database, case_id) == (NOW - 3 * DAY, date(2026, 3, 25))


def test_acceptance_is_corrected_beside_the_event(
    world: World, client_for: ClientFor, database: Database, case_id: int
) -> None:
    with database.write() as session:
        session.get_one(Case, case_id).accepted_at = NOW + timedelta(seconds=-30)
        session.get_one(Case, case_id).happened_at = NOW - DAY
        session.commit()
    client, url = client_for("supervisor"), f"/cases/{case_id}/event"
    typed = {"happened_on": "2026-03-22", "happened_time": "10:00", "accepted_on": "2026-03-22", "accepted_time": ""}
    page = preview(client, url, **typed).get_data(as_text=True)
    assert confirm(client, url, page, **typed).status_code == 302
    with database.read() as session:
        case = session.get_one(Case, case_id)
        assert (case.happened_at, case.accepted_at) == (NOW - DAY, NOW - DAY + timedelta(hours=2))


def test_an_instant_left_as_it_was_is_no_correction(client_for: ClientFor, database: Database, case_id: int) -> None:
    with database.write() as session:
        session.get_one(Case, case_id).happened_at = NOW - timedelta(seconds=29)
        session.commit()
    client, url = client_for("lead"), f"/cases/{case_id}/event"
    answer = preview(client, url, happened_on="2026-03-23", happened_time="09:59")
    assert answer.status_code == 422
    assert "与现在的相同" in answer.get_data(as_text=True)


def test_the_future_is_refused(client_for: ClientFor, database: Database, case_id: int) -> None:
    answer = preview(client_for("lead"), f"/cases/{case_id}/event", happened_on="2026-03-23", happened_time="10:01")
    assert answer.status_code == 422
    assert "不能晚于现在" in answer.get_data(as_text=True)
    assert event_of(database, case_id)[0] == NOW


@pytest.mark.parametrize(
    ("who", "status"),
    [("supervisor2", 200), ("leader", 403), ("head", 403), ("support", 404), ("county", 404), ("stranger", 404)],
)
def test_who_opens_the_form(client_for: ClientFor, case_id: int, who: str, status: int) -> None:
    read(client_for(who), f"/cases/{case_id}/event", status)


def test_a_closed_case_says_so(client_for: ClientFor, database: Database, case_id: int) -> None:
    with database.write() as session:
        case = session.get_one(Case, case_id)
        case.closed_at = NOW
        session.commit()
    assert "已经办结" in client_for("lead").get(f"/cases/{case_id}/event").get_data(as_text=True)
