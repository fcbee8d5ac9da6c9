"""办件: registering an event, its clock, closing its step, and who sees what."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Select, select

from tests.kit import registered
from tests.kit.pages import engage, post, read, version_in, words
from tests.kit.world import NOW, World, duty
from tracker.clock.rules import CountUnit
from tracker.services.cases import steps
from tracker.services.cases.acts import StepFacts
from tracker.services.cases.checks import StepAct
from tracker.services.core.act import begin
from tracker.services.duties import roster
from tracker.store.cases.page import find_case
from tracker.store.core.engine import Database
from tracker.store.models import (
    AuditEntry,
    Case,
    CaseStep,
    CaseType,
    DeadlineRule,
    Duty,
    MemberRole,
    Milestone,
    StepKind,
)

ClientFor = Callable[[str], FlaskClient]


@pytest.fixture
def duty_id(database: Database, world: World) -> Callable[[str, str], int]:
    def find(key: str, unit: str) -> int:
        with database.read() as session:
            return duty(session, world, key, unit).id

    return find


@pytest.fixture
def rows(database: Database) -> Callable[[Select[Any]], list[Any]]:
    """Ask what the pages have committed, each time in a transaction of its own."""

    def ask(query: Select[Any]) -> list[Any]:
        with database.read() as session:
            return list(session.scalars(query))

    return ask


@pytest.fixture
def opened(database: Database, world: World) -> Callable[..., int]:
    """Open a case by the verb itself, its step one to handle, as those registered before limits had types; its id."""

    def open_one(key: str = "一.2", unit: str = "dxj", by: str = "supervisor", at: datetime = NOW) -> int:
        with database.write() as session:
            it = duty(session, world, key, unit)
            number = len(session.scalars(select(Case.id)).all()) + 1
            case = registered.register(
                begin(session, world.actor(by), NOW),
                it,
                happened_at=at,
                reference=f"XS-{number:03d}",
                form_key=f"form-{number}",
            )
            if case.steps[0].kind is StepKind.REFER:
                case.steps[0].kind = StepKind.HANDLE
            session.commit()
            return case.id

    return open_one


def register(client: FlaskClient, duty_id: int, **typed: str) -> Any:
    """Follow the address of a duty to the intake of its limit's type, and send what is typed there."""
    url = client.get(f"/duties/{duty_id}/cases/new").location
    page = read(client, url)
    chosen = re.search(r'name="unit".*?<option selected value="(\d+)">', page, re.S)
    given = {"happened_on": "2026-03-20", "reference": "XS-014", "unit": chosen[1] if chosen else ""}
    return post(client, url, page, **{**given, **typed})


# --- registering -----------------------------------------------------------------------------------------------------


def test_an_event_opens_a_case_with_its_clock(
    client_for: ClientFor, duty_id: Callable[..., int], rows: Callable[..., list[Any]]
) -> None:
    it = duty_id("一.2", "dxj")
    client = client_for("county")
    answer = register(client, it)
    case = rows(select(Case))[0]
    assert (answer.status_code, answer.location) == (302, f"/cases/{case.id}")
    assert (case.number, case.reference, case.duty_id, case.event) == ("2026-001", "XS-014", it, "正式受理")
    assert case.happened_on == date(2026, 3, 20)
    clock = rows(select(Milestone).where(Milestone.case_step_id.is_not(None)))[0]
    assert (clock.due_on, clock.answering_duty_id) == (date(2026, 3, 25), it)
    assert rows(select(AuditEntry.verb).where(AuditEntry.duty_id == it)) == ["case.open"]
    page = read(client, answer.location)
    assert "办件 2026-001 已登记" in page
    assert "3月25日 周三" in page
    assert "为什么是这一天" in page
    assert '<mark class="deadline">自正式受理之日起3个工作日内</mark>' in page


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("county", 302), ("supervisor", 302), ("supervisor2", 302),
        ("leader", 403), ("stranger", 404), ("support", 404), ("auditor", 404),
    ],
)  # fmt: skip
def test_who_may_register(
    client_for: ClientFor, duty_id: Callable[..., int], rows: Callable[..., list[Any]], person: str, status: int
) -> None:
    it = duty_id("一.2", "dxj")
    client = client_for(person)
    if status != 302:
        read(client, f"/duties/{it}/cases/new", status)
        posted = post(client, f"/duties/{it}/cases/new", read(client, "/password"), reference="x")
        assert posted.status_code == status
        assert rows(select(Case)) == []
        return
    assert register(client, it).status_code == 302
    assert len(rows(select(Case))) == 1


def test_a_supporter_cannot_register(client_for: ClientFor, duty_id: Callable[..., int]) -> None:
    read(client_for("support"), f"/duties/{duty_id('一.1', 'czj')}/cases/new", 403)


def test_the_handler_is_ones_own_unit_unless_another_is_chosen(
    client_for: ClientFor, duty_id: Callable[..., int], rows: Callable[..., list[Any]]
) -> None:
    own, other = duty_id("一.2", "dxj"), duty_id("一.2", "xxj")
    client = client_for("county")
    (unit,) = rows(select(Duty.unit_id).where(Duty.id == other))
    answer = register(client, own, unit=str(unit))
    assert rows(select(Case.duty_id)) == [other]
    # Who registered it for another unit may follow it, but not close it.
    page = read(client, answer.location)
    assert "由西县政府办理" in page
    assert f"/duties/{other}" not in page
    step = rows(select(CaseStep.id))[0]
    refused = post(client, f"{answer.location}/steps/{step}/close", read(client, "/password"), version="1", note="x")
    assert refused.status_code == 403
    assert "2026-001" in read(client, "/cases/")


def test_a_form_posted_twice_opens_one_case(
    client_for: ClientFor, duty_id: Callable[..., int], rows: Callable[..., list[Any]]
) -> None:
    it = duty_id("一.2", "dxj")
    client = client_for("county")
    first = register(client, it, form_token="a" * 32)
    second = register(client, it, form_token="a" * 32)
    assert first.location == second.location
    assert len(rows(select(Case))) == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"happened_on": "2026-03-24"}, "正式受理的日期不能晚于今天。"),
        ({"happened_on": ""}, "请填写日期。"),
        ({"happened_on": "三月"}, "请按 2026-03-23 的样子填写日期。"),
        ({"happened_on": "0202-03-01"}, "请核对年份。"),
        ({"reference": "   "}, "请填写简短的摘要或代称。"),
        ({"reference": "长" * 61}, "字段长度不能超过 60 个字符。"),
        ({"reference": "张某 13812345678"}, "请不要写姓名、电话、证件号和金额"),
        ({"reference": "欠款 36.5 万元"}, "请不要写姓名、电话、证件号和金额"),
        ({"unit": "999999"}, "请从列表中选择一项。"),
    ],
)
def test_a_wrong_event_says_what_and_keeps_what_was_typed(
    client_for: ClientFor,
    duty_id: Callable[..., int],
    rows: Callable[..., list[Any]],
    typed: dict[str, str],
    said: str,
) -> None:
    answer = register(client_for("county"), duty_id("一.2", "dxj"), **typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in page
    if "reference" not in typed:
        assert 'value="XS-014"' in page
    assert rows(select(Case)) == []


def test_the_date_can_be_tried_before_it_is_registered(
    client_for: ClientFor, duty_id: Callable[..., int], rows: Callable[..., list[Any]]
) -> None:
    answer = register(client_for("county"), duty_id("一.2", "dxj"), **{"try": "1", "happened_on": "2026-02-14"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "2月26日 周四" in page
    assert "春节放假" in page
    assert 'value="XS-014"' in page
    assert rows(select(Case)) == []


def test_an_hour_limit_asks_for_the_time_and_counts_from_it(
    client_for: ClientFor,
    duty_id: Callable[..., int],
    rows: Callable[..., list[Any]],
    database: Database,
    world: World,
) -> None:
    it = duty_id("一.2", "dxj")
    with database.write() as session:
        act = begin(session, world.actor("supervisor"), NOW)
        rule = registered.counted_by(act, duty(session, world, "一.2", "dxj"))
        rule.unit, rule.amount = CountUnit.HOUR, 48
        session.commit()
    client = client_for("county")
    silent = register(client, it)
    assert silent.status_code == 422
    assert "请填写时刻" in silent.get_data(as_text=True)
    future = register(client, it, happened_on="2026-03-23", happened_time="10:01")
    assert future.status_code == 422
    assert "时间不能晚于现在" in future.get_data(as_text=True)
    assert register(client, it, happened_time="09:30").status_code == 302
    assert rows(select(Case.happened_at)) == [datetime(2026, 3, 20, 1, 30, tzinfo=UTC)]
    assert rows(select(Milestone.due_at).where(Milestone.case_step_id.is_not(None))) == [
        datetime(2026, 3, 22, 1, 30, tzinfo=UTC)
    ]


def test_an_event_of_this_morning_is_not_in_the_future(
    client_for: ClientFor, duty_id: Callable[..., int], rows: Callable[..., list[Any]]
) -> None:
    assert register(client_for("county"), duty_id("一.2", "dxj"), happened_on="2026-03-23").status_code == 302
    assert rows(select(Case.happened_at)) == [NOW]


def test_a_duty_without_such_a_limit_says_so(client_for: ClientFor, duty_id: Callable[..., int]) -> None:
    page = read(client_for("lead"), f"/duties/{duty_id('一.1', 'gxj')}/cases/new", 400)
    assert "没有可以登记事件的时限" in page


def test_the_address_of_a_duty_leads_to_the_one_way_in(
    client_for: ClientFor, duty_id: Callable[..., int], rows: Callable[..., list[Any]], database: Database
) -> None:
    it, client = duty_id("一.2", "dxj"), client_for("county")
    (own,) = rows(select(CaseType).where(CaseType.measure_key == "一.2"))
    address = f"/duties/{it}/cases/new"
    assert client.get(address).location == f"/cases/intake/{own.id}?duty={it}"
    assert (
        post(client, address, read(client, "/password"), reference="x").location == f"/cases/intake/{own.id}?duty={it}"
    )
    page = read(client, f"/cases/intake/{own.id}?duty={it}")
    assert '<mark class="deadline">自正式受理之日起3个工作日内</mark>' in page
    with database.write() as session:  # a second limit of the measure, of another event
        rule = session.scalars(select(DeadlineRule).where(DeadlineRule.case_type_id == own.id)).one()
        other = select(CaseType.id).where(CaseType.measure_key == "一.4")
        more = DeadlineRule(
            item_id=rule.item_id, ordinal=2, kind=rule.kind, sense=rule.sense, trigger="接到申请", amount=5,
            unit=rule.unit, direction="after", counts_as_workday=False, case_type_id=session.scalars(other).one(),
        )  # fmt: skip
        session.add(more)
        session.commit()
    assert client.get(address).location == f"/cases/intake?duty={it}"
    choice = read(client, f"/cases/intake?duty={it}")
    assert len(set(re.findall(rf"/cases/intake/(\d+)\?duty={it}", choice))) == 2


def test_one_chooses_among_the_types_of_ones_place(client_for: ClientFor, world: World) -> None:
    for who in ("county", "supervisor", "stranger"):
        offered = re.findall(r'href="/cases/intake/(\d+)"', read(client_for(who), "/cases/new"))
        assert len(set(offered)) == 3
    read(client_for("leader"), "/cases/new", 403)


# --- one case --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("county", 200), ("supervisor", 200), ("leader", 200),
        ("lead", 404), ("stranger", 404), ("support", 404), ("auditor", 404),
    ],
)  # fmt: skip
def test_a_case_is_seen_by_its_handler_and_those_who_oversee(
    client_for: ClientFor, opened: Callable[..., int], person: str, status: int
) -> None:
    read(client_for(person), f"/cases/{opened()}", status)


@pytest.mark.parametrize(
    ("person", "status"), [("county", 302), ("supervisor", 302), ("leader", 403), ("lead", 404), ("stranger", 404)]
)
def test_who_may_close_a_step(
    client_for: ClientFor, opened: Callable[..., int], rows: Callable[..., list[Any]], person: str, status: int
) -> None:
    case_id = opened()
    step = rows(select(CaseStep.id))[0]
    client = client_for(person)
    url = f"/cases/{case_id}/steps/{step}/close"
    answer = post(client, url, read(client, "/password"), version="1", note="转市住建局")
    assert answer.status_code == status
    done = status == 302
    assert rows(select(CaseStep.note)) == ["转市住建局" if done else None]
    assert rows(select(Case.closed_at)) == [NOW if done else None]
    assert rows(select(Milestone.met_at).where(Milestone.case_step_id == step)) == [NOW if done else None]
    if done:
        page = read(client, answer.location)
        assert "转市住建局" in page
        assert "办结“转办”" in page
        assert "这一步</button>" not in page


def test_closing_needs_words_and_keeps_the_page(
    client_for: ClientFor, opened: Callable[..., int], rows: Callable[..., list[Any]]
) -> None:
    case_id = opened()
    client = client_for("county")
    page = read(client, f"/cases/{case_id}")
    answer = post(client, f"/cases/{case_id}/steps/{rows(select(CaseStep.id))[0]}/close", page, note=" ")
    assert answer.status_code == 422
    assert "请写明办理情况" in answer.get_data(as_text=True)
    assert rows(select(CaseStep.done_at)) == [None]


def test_closing_twice_is_closing_once_and_anothers_words_are_shown_beside_mine(
    client_for: ClientFor, opened: Callable[..., int], rows: Callable[..., list[Any]]
) -> None:
    case_id = opened()
    client, boss = client_for("county"), client_for("supervisor")
    url = f"/cases/{case_id}/steps/{rows(select(CaseStep.id))[0]}/close"
    page, other = read(client, f"/cases/{case_id}"), read(boss, f"/cases/{case_id}")
    assert post(client, url, page, note="转甲局").status_code == 302
    again = post(client, url, page, note="转甲局")
    assert again.status_code == 302
    assert "没有重复记录" in read(client, again.location)
    conflict = post(boss, url, other, note="转乙局")
    text = conflict.get_data(as_text=True)
    assert conflict.status_code == 409
    assert "转甲局" in text
    assert "转乙局" in text
    assert "仍按我填写的保存" not in text
    assert rows(select(CaseStep.note)) == ["转甲局"]


def test_a_step_of_another_case_is_not_found(client_for: ClientFor, opened: Callable[..., int]) -> None:
    first, _ = opened(), opened()
    client = client_for("county")
    page = read(client, f"/cases/{first}")
    assert post(client, f"/cases/{first}/steps/2/close", page, note="x").status_code == 404


def test_a_waiting_period_cannot_be_closed_early_and_says_from_when(
    client_for: ClientFor,
    opened: Callable[..., int],
    world: World,
    database: Database,
    clock: Any,
    rows: Callable[..., list[Any]],
) -> None:
    engage(database, world, "builder", ("zjj", MemberRole.OFFICER))
    case_id = opened("一.6", "zjj")
    client = client_for("builder")
    page = read(client, f"/cases/{case_id}")
    assert "等待期未满" in page
    assert "4月23日 周四起" in page
    assert "办结这一步" not in page
    early = post(client, f"/cases/{case_id}/steps/1/close", read(client, "/password"), version="1", note="已申请")
    assert early.status_code == 422
    assert "等待期未满" in early.get_data(as_text=True)
    clock.at = NOW + timedelta(days=31)
    page = read(client, f"/cases/{case_id}")
    assert "可以申请" in page
    assert post(client, f"/cases/{case_id}/steps/1/close", page, note="已申请").status_code == 302
    assert rows(select(Milestone.met_at).where(Milestone.case_step_id == 1)) == [clock.at]


def test_another_partys_clock_is_named_as_theirs(
    client_for: ClientFor, opened: Callable[..., int], world: World, database: Database, clock: Any
) -> None:
    engage(database, world, "builder", ("zjj", MemberRole.OFFICER))
    case_id = opened("一.4", "zjj")
    clock.at = NOW + timedelta(days=30)
    page = read(client_for("builder"), f"/cases/{case_id}")
    assert "对方逾期" in page
    assert "不计入市住房城乡建设局的逾期" in page
    assert '<mark class="other">14天内</mark>' in page


def test_a_case_stops_with_its_revoked_duty(
    client_for: ClientFor, opened: Callable[..., int], world: World, database: Database
) -> None:
    case_id = opened()
    with database.write() as session:
        roster.revoke(begin(session, world.actor("supervisor"), NOW), duty(session, world, "一.2", "dxj"), "划转")
        session.commit()
    read(client_for("county"), f"/cases/{case_id}", 404)
    boss = client_for("supervisor")
    page = read(boss, f"/cases/{case_id}")
    assert "办件随之停止" in page
    assert "已停止" in read(boss, "/cases/")


# --- the list --------------------------------------------------------------------------------------------------------


def numbers(page: str) -> list[str]:
    return re.findall(r'<span class="key">(\d{4}-\d+)</span>', page)


def test_the_list_shows_open_cases_by_date_and_narrows(
    client_for: ClientFor, opened: Callable[..., int], clock: Any, database: Database, world: World
) -> None:
    opened(at=NOW)
    opened(at=NOW - timedelta(days=3))
    opened("一.6", "zjj")
    with database.write() as session:
        closed = find_case(session, world.actor("supervisor"), 1)
        assert closed is not None
        said = StepAct(StepFacts("已转"))
        steps.close_step(begin(session, world.actor("supervisor"), NOW), closed, closed.steps[0], said)
        session.commit()
    opened(unit="xxj")
    boss = client_for("supervisor")
    assert numbers(read(boss, "/cases/")) == ["2026-002", "2026-004", "2026-003", "2026-001"]
    assert numbers(read(boss, "/cases/?state=closed")) == ["2026-001"]
    assert numbers(read(boss, "/cases/?state=open")) == ["2026-002", "2026-004", "2026-003"]
    assert numbers(read(boss, "/cases/?light=waiting")) == ["2026-003"]
    assert numbers(read(boss, "/cases/?light=soon")) == ["2026-002", "2026-004"]
    assert numbers(read(boss, "/cases/?q=XS-003")) == ["2026-003"]
    assert numbers(read(boss, "/cases/?q=2026-00")) == ["2026-002", "2026-004", "2026-003", "2026-001"]
    assert numbers(read(client_for("county"), "/cases/")) == ["2026-002", "2026-001"]
    clock.at = NOW + timedelta(days=3)
    assert numbers(read(boss, "/cases/?light=late")) == ["2026-002"]
    nothing = read(boss, "/cases/?q=无此件")
    assert "没有符合条件的办件" in nothing


def test_an_empty_list_says_what_a_case_is(client_for: ClientFor, world: World) -> None:
    assert "还没有登记过办件" in read(client_for("county"), "/cases/")


def test_the_duty_lists_its_own_cases(
    client_for: ClientFor, opened: Callable[..., int], duty_id: Callable[..., int]
) -> None:
    opened()
    opened(unit="xxj")
    page = read(client_for("county"), f"/duties/{duty_id('一.2', 'dxj')}")
    assert 'href="/cases/1"' in page
    assert 'href="/cases/2"' not in page
    assert "办件 2026-001 · 转办" in words(page)


def test_the_version_of_a_case_page_is_that_of_its_row(
    client_for: ClientFor, opened: Callable[..., int], rows: Callable[..., list[Any]]
) -> None:
    shown = version_in(read(client_for("county"), f"/cases/{opened()}"))
    assert [shown] == [str(version) for version in rows(select(Case.version))]
