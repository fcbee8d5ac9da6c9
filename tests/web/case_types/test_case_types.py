"""Case types: read by those who handle and oversee, kept by supervisors, made from a limit by one press."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Select, select
from sqlalchemy.orm import Session, selectinload

from tests.kit.browser import Sheet, sheet, sheets
from tests.kit.pages import post, read, words
from tests.kit.world import NOW, World, duty
from tests.services.case_types.test_case_types import COMPLAINT, open_case
from tests.web.conftest import settle_foreigner
from tracker.services.case_types.versions import create_type
from tracker.services.core.act import begin
from tracker.store.case_types.versions import find_type_version
from tracker.store.core.engine import Database
from tracker.store.models import CaseType, CaseTypeVersion, DeadlineRule, Item, Measure, Starts, StepKind

ClientFor = Callable[[str], FlaskClient]


class Rows:
    """What has been committed so far."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def scalars(self, query: Select[Any]) -> Any:
        self.session.rollback()
        return self.session.scalars(query.execution_options(populate_existing=True))

    def types(self, *, of_document: bool = False) -> list[CaseType]:
        """Return the types of no document, or those of one."""
        wanted = CaseType.document_id.is_not(None) if of_document else CaseType.document_id.is_(None)
        found: list[CaseType] = self.scalars(select(CaseType).where(wanted).order_by(CaseType.id)).all()
        return found

    def version(self, world: World, type_id: int, number: int | None = None) -> CaseTypeVersion:
        self.session.rollback()
        self.session.expire_all()
        found = find_type_version(self.session, world.actor("supervisor"), type_id, number)
        assert found is not None
        return found


@pytest.fixture
def rows(database: Database) -> Iterator[Rows]:
    with database.read() as session:
        yield Rows(session)


@pytest.fixture
def made(world: World, database: Database) -> int:
    """A complaint's type, committed; its id."""
    with database.write() as session:
        type_id = create_type(begin(session, world.actor("supervisor"), NOW), world.jurisdiction.id, COMPLAINT).id
        session.commit()
    return type_id


def form_in(page: str) -> Sheet:
    """Return the page's form of a case type."""
    (found,) = [s for s in sheets(page) if "event" in s.data]
    return found


def write(form: Sheet, prefix: str = "", **values: str) -> None:
    """Fill in fields, each once."""
    for name, value in values.items():
        form.data.setlist(prefix + name, [value])


def press(client: FlaskClient, url: str, page: Sheet, do: str) -> str:
    """Press a button that changes the form and saves nothing; returns the page it answers with."""
    answer = client.post(url, data={**page.data, "do": do})
    assert answer.status_code == 200, answer.get_data(as_text=True)[:2000]
    return answer.get_data(as_text=True)


# --- Who reads and who keeps ------------------------------------------------------------------------------------------


def test_who_works_there_reads_the_types_and_only_supervisors_see_buttons(
    world: World, made: int, client_for: ClientFor
) -> None:
    for login in ("lead", "support", "head", "county", "stranger", "leader", "supervisor"):
        client = client_for(login)
        listed, shown = read(client, "/case-types/"), read(client, f"/case-types/{made}")
        assert "账款投诉" in listed
        assert "转办 3个工作日内（法定 10个工作日内）" in words(listed)
        assert "30日内，经批准可延长至90日" in words(shown)
        assert "“转办”办结后" in shown
        assert ("修改</a>" in shown, "停用</button>" in listed) == (login == "supervisor", login == "supervisor")


def test_those_without_work_in_it_are_refused_the_list(world: World, made: int, client_for: ClientFor) -> None:
    for login in ("administrator", "auditor"):
        read(client_for(login), "/case-types/", 403)
        read(client_for(login), f"/case-types/{made}", 403)


def test_only_supervisors_reach_the_forms(world: World, made: int, client_for: ClientFor) -> None:
    for login in ("lead", "head", "leader", "stranger"):
        client = client_for(login)
        page = read(client, f"/case-types/{made}")
        for url in ("/case-types/new", f"/case-types/{made}/edit"):
            read(client, url, 403)
            assert post(client, url, page, name="改").status_code == 403
        for act in ("retire", "restore"):
            assert post(client, f"/case-types/{made}/{act}", page, version="1").status_code == 403


def test_a_supervisor_of_another_place_finds_nothing(
    world: World, made: int, database: Database, client_for: ClientFor, rows: Rows
) -> None:
    settle_foreigner(database, world)
    rule_id = rows.scalars(select(DeadlineRule.id).where(DeadlineRule.trigger == "正式受理")).first()
    client = client_for("foreigner")
    page = read(client, "/case-types/")
    assert "账款投诉" not in page
    read(client, f"/case-types/{made}", 404)
    read(client, f"/case-types/{made}/edit", 404)
    for url in (f"/case-types/{made}/edit", f"/case-types/{made}/retire", f"/case-types/from-rule/{rule_id}"):
        assert post(client, url, read(client, "/case-types/new"), version="1").status_code == 404


def test_a_post_without_its_token_is_refused(world: World, made: int, client_for: ClientFor, rows: Rows) -> None:
    client = client_for("supervisor")
    for url in ("/case-types/new", f"/case-types/{made}/edit", f"/case-types/{made}/retire"):
        assert client.post(url, data={"version": "1", "name": "改"}).status_code == 400
    assert [t.active for t in rows.types()] == [True]


# --- Tried out on a day -----------------------------------------------------------------------------------------------


def test_a_type_is_tried_out_on_a_day_with_the_reasons(world: World, made: int, client_for: ClientFor) -> None:
    said = words(read(client_for("lead"), f"/case-types/{made}?on=2026-02-09"))
    assert "2月12日 周四" in said  # 3 workdays
    assert "2月28日 周六" in said  # the statute's 10, a make-up Saturday
    assert "3月16日 周一" in said  # 30 days from the 12th, moved off a Saturday
    assert "5月13日 周三" in said  # 90 days
    assert "为什么是这一天" in said
    for wrong in ("?on=never", "?on=2026-02-30&at=99:99", "?variant=x", "?on=9999-12-31"):
        read(client_for("lead"), f"/case-types/{made}{wrong}")


def test_nothing_comes_of_a_version_that_is_not_there(world: World, made: int, client_for: ClientFor) -> None:
    read(client_for("lead"), f"/case-types/{made}?v=2", 404)
    read(client_for("lead"), "/case-types/999999", 404)


# --- Writing ----------------------------------------------------------------------------------------------------------


def test_a_type_is_written_step_by_step_without_script(world: World, client_for: ClientFor, rows: Rows) -> None:
    client, url = client_for("supervisor"), "/case-types/new"
    form = form_in(read(client, url))
    write(form, name="质保金", event="接到返还申请")
    write(form, "steps-0-", name="返还", kind="refund")
    again = form_in(press(client, url, form, "add"))
    assert again.data["steps-0-name"] == "返还"
    write(again, "steps-1-", name="核实", kind="verify", bound="other", amount="14", unit="day")
    write(again, "steps-0-", starts="after", after="1")
    again = form_in(press(client, url, again, "add"))  # so that the step added last can be chosen
    write(again, "steps-0-", after="1")
    moved = form_in(press(client, url, again, "up-1"))
    assert (moved.data["steps-0-name"], moved.data["steps-1-name"]) == ("核实", "返还")
    assert moved.data["steps-1-after"] == "0"
    answer = client.post(url, data=moved.data)
    assert answer.status_code == 302, words(answer.get_data(as_text=True))
    assert client.post(url, data=moved.data).location == answer.location  # pressed twice: one type
    (kept,) = rows.types()
    first, second = rows.version(world, kept.id).steps  # the empty one is left out
    assert (first.kind, second.starts, second.after_key) == (StepKind.VERIFY, Starts.AFTER, first.key)
    assert "质保金" in read(client, answer.location)


def test_progress_is_written_as_every_so_many_days(world: World, client_for: ClientFor, rows: Rows) -> None:
    client, url = client_for("supervisor"), "/case-types/new"
    form = form_in(read(client, url))
    write(form, name="转派工单", event="接到派单")
    write(form, "steps-0-", name="反馈进展", kind="progress", amount="3", unit="hour")
    refused = client.post(url, data=form.data)
    assert refused.status_code == 422
    assert "反馈进展的周期请用日、周、月或年" in refused.get_data(as_text=True)
    write(form, "steps-0-", unit="day")
    assert client.post(url, data=form.data).status_code == 302
    (kept,) = rows.types()
    (only,) = rows.version(world, kept.id).steps
    assert only.rule is not None
    assert only.rule.rrule == "FREQ=DAILY;INTERVAL=3"
    edit = form_in(read(client, f"/case-types/{kept.id}/edit"))
    assert (edit.data["steps-0-amount"], edit.data["steps-0-unit"]) == ("3", "day")


def test_what_was_typed_stays_in_a_refused_form(world: World, client_for: ClientFor, rows: Rows) -> None:
    client, url = client_for("supervisor"), "/case-types/new"
    form = form_in(read(client, url))
    write(form, name="投诉", event="收到投诉")
    write(form, "steps-0-", name="处理", bound="referred", amount="30", unit="day")
    answer = client.post(url, data=form.data)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "前面要先有一步转办" in page
    assert form_in(page).data["steps-0-amount"] == "30"
    write(form, "steps-0-", amount="三十")
    answer = client.post(url, data=form.data)
    assert answer.status_code == 422
    assert "不是有效的整数" in answer.get_data(as_text=True)
    assert rows.types() == []


def test_what_cannot_be_run_is_said_beside_each_step_and_what_was_typed_stays(
    world: World, made: int, client_for: ClientFor, rows: Rows
) -> None:
    client, url = client_for("supervisor"), f"/case-types/{made}/edit"
    form = form_in(read(client, url))
    write(form, note="改")
    write(form, "steps-2-", extend_amount="3", extend_unit="month")  # 30 days, extendable to 3 months
    write(form, "steps-3-", amount="5", unit="day")  # a letter has no limit
    form.data["steps-0-remove"] = "y"  # and so nobody accepts what the second step waits for
    answer = client.post(url, data=form.data)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for place, said in ((1, "请先加一步“受理”"), (2, "两者的单位要一样"), (3, "督办书这样的步骤没有期限")):
        beside = re.search(rf'id="steps-{place}-name-error">([^<]*)<', page)
        assert beside is not None
        assert said in beside[1]
        assert f'href="#steps-{place}-name"' in page
    assert 'id="steps-0-name-error"' not in page
    again = form_in(page).data
    assert (again["steps-2-extend_unit"], again["steps-3-amount"], again["steps-0-remove"]) == ("month", "5", "y")
    assert [t.version for t in rows.types()] == [1]


def test_a_revision_is_a_new_version_and_running_cases_keep_theirs(
    world: World, made: int, database: Database, client_for: ClientFor, rows: Rows
) -> None:
    with database.write() as session:
        first = find_type_version(session, world.actor("supervisor"), made)
        assert first is not None
        open_case(session, world, first)
        session.commit()
    client, url = client_for("supervisor"), f"/case-types/{made}/edit"
    form = form_in(read(client, url))
    assert (form.data["steps-1-statute_amount"], form.data["steps-2-extend_amount"]) == ("10", "90")
    unwritten = client.post(url, data=form.data)
    assert unwritten.status_code == 422
    assert "请写明为什么修改" in unwritten.get_data(as_text=True)
    write(form, note="试试")
    same = client.post(url, data=form.data)
    assert same.status_code == 422
    assert "没有改动" in same.get_data(as_text=True)
    write(form, "steps-1-", amount="1")
    form.data["steps-3-remove"] = "y"
    answer = client.post(url, data=form.data)
    assert answer.status_code == 302, words(answer.get_data(as_text=True))
    assert [s.key for s in rows.version(world, made).steps] == ["accept", "refer", "handle"]
    assert [s.key for s in rows.version(world, made, 1).steps] == ["accept", "refer", "handle", "letter"]
    page = words(read(client, answer.location))
    assert "转办 转办 自正式受理起 办理单位 1个工作日内" in page
    assert "第 2 版" in page
    old = words(read(client, f"/case-types/{made}?v=1"))
    assert "这是第 1 版，不是现在使用的" in old
    assert "3个工作日内" in old


def test_two_revisions_at_once_show_both(world: World, made: int, client_for: ClientFor, rows: Rows) -> None:
    url = f"/case-types/{made}/edit"
    mine, yours = client_for("supervisor"), client_for("supervisor2")
    first, second = form_in(read(mine, url)), form_in(read(yours, url))
    for form, name in ((first, "账款投诉甲"), (second, "账款投诉乙")):
        write(form, note="改名", name=name)
    assert mine.post(url, data=first.data).status_code == 302
    answer = yours.post(url, data=second.data)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "账款投诉甲" in page
    assert "账款投诉乙" in page
    assert rows.version(world, made).number == 2


def test_a_type_is_taken_out_of_use_and_put_back(world: World, made: int, client_for: ClientFor, rows: Rows) -> None:
    client, page = client_for("supervisor"), f"/case-types/{made}"
    old = sheet(read(client, page), "/retire")
    assert client.post(old.action, data=old.data).location == page
    assert [t.active for t in rows.types()] == [False]
    assert client.post(old.action, data=old.data).location == page  # the same form is one act
    assert client.post(old.action, data={**old.data, "form_token": "another page's"}).status_code == 409
    assert "停用" in words(read(client_for("lead"), "/case-types/"))
    back = sheet(read(client, "/case-types/"), "/restore")
    assert client.post(back.action, data=back.data).location == page
    assert [t.active for t in rows.types()] == [True]


# --- One press at confirmation ----------------------------------------------------------------------------------------


def measure_of(rows: Rows, key: str) -> Measure:
    query = select(Measure).where(Measure.key == key).options(selectinload(Measure.items).selectinload(Item.rules))
    found: Measure = rows.scalars(query).one()
    return found


def test_a_limit_under_confirmation_has_its_type_made_by_one_press(
    foreigner: World, client_for: ClientFor, rows: Rows
) -> None:
    client, measure = client_for("supervisor"), measure_of(rows, "一.2")
    (rule,) = measure.items[0].rules
    here = f"/confirm/{foreigner.document.id}?m={measure.id}"
    url = f"/case-types/from-rule/{rule.id}"
    page = read(client, here)
    assert "发布时按这个时限新建" in page
    assert f'formaction="{url}"' in page
    assert post(client_for("foreigner"), url, page).status_code in (400, 404)
    for _ in range(2):
        answer = post(client, url, page, back="confirm")
        assert answer.location == f"{here}#here"
    (kept,) = rows.types(of_document=True)
    assert (kept.document_id, kept.measure_key) == (foreigner.document.id, "一.2")
    page = read(client, here)
    assert f'formaction="{url}"' not in page
    assert f'办件类型：<a href="/case-types/{kept.id}">转办（一.2）</a>' in page


def agreeing_type(world: World, database: Database) -> int:
    """A complaint's type whose referral agrees with 一.2, the law's limit beside it; its id."""
    with database.write() as session:
        made = create_type(begin(session, world.actor("supervisor"), NOW), world.jurisdiction.id, COMPLAINT)
        session.commit()
        return made.id


def test_a_type_that_agrees_is_offered_under_confirmation_and_taken_by_one_press(
    foreigner: World, database: Database, client_for: ClientFor, rows: Rows
) -> None:
    type_id = agreeing_type(foreigner, database)
    client, measure = client_for("supervisor"), measure_of(rows, "一.2")
    (rule,) = measure.items[0].rules
    here = f"/confirm/{foreigner.document.id}?m={measure.id}"
    url = f"/case-types/from-rule/{rule.id}/take/{type_id}"
    page = read(client, here)
    assert f'formaction="{url}"' in page
    assert "转办 3个工作日内，法定 10个工作日内" in page
    assert post(client_for("foreigner"), url, page).status_code in (400, 404)
    assert post(client, url, page, back="confirm").location == f"{here}#here"
    page = read(client, here)
    assert f'办件类型：<a href="/case-types/{type_id}">账款投诉</a>' in page
    assert f'formaction="{url}"' not in page
    assert f'formaction="/case-types/from-rule/{rule.id}"' in page  # it may still have one of its own
    assert rows.types(of_document=True) == []


def test_a_dated_measure_has_no_type(draft: World, client_for: ClientFor, rows: Rows) -> None:
    measure = measure_of(rows, "一.1")
    assert "办件类型：" not in read(client_for("supervisor"), f"/confirm/{draft.document.id}?m={measure.id}")


def test_a_published_limit_may_still_take_a_type_from_the_duty(
    world: World, database: Database, client_for: ClientFor, rows: Rows
) -> None:
    type_id = agreeing_type(world, database)
    rows.session.rollback()
    here = f"/duties/{duty(rows.session, world, '一.2', 'gxj').id}"
    lead, client = client_for("lead"), client_for("supervisor")
    own = next(t for t in rows.types(of_document=True) if t.measure_key == "一.2")
    assert f'href="/case-types/{own.id}"' in read(lead, here)
    assert "/take/" not in read(lead, here)
    press_here = sheet(read(client, here), "/take/")
    assert post(lead, press_here.action, read(lead, here)).status_code == 403
    assert client.post(press_here.action, data=press_here.data).location == f"/case-types/{type_id}"
    for who in (lead, client):
        page = read(who, here)
        assert f'href="/case-types/{type_id}"' in page
        assert "/take/" not in page
    assert [t.active for t in rows.types(of_document=True) if t.id == own.id] == [False]
