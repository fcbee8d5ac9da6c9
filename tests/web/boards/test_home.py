"""我的责任: what an officer or a head sees first, and signing everything at once."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.kit import registered
from tests.kit.orders import SECRETS, clocks, limit, order, refer
from tests.kit.pages import engage, hidden, post, read, words
from tests.kit.statements import counted
from tests.kit.world import NOW, World, duty
from tracker.clock.rules import CountUnit
from tracker.rules.workflow import State
from tracker.services.core.act import begin
from tracker.services.duties import progress as verbs
from tracker.store.core.engine import Database
from tracker.store.models import AuditEntry, Case, Duty, MemberRole, Milestone

ClientFor = Callable[[str], FlaskClient]


def section(page: str, title: str) -> str:
    """Return one section of the page, up to the next."""
    at = page.index(f"<h2>{title}</h2>")
    return page[at : page.index("</section>", at)]


def signed(database: Database, world: World, key: str, unit: str, by: str) -> None:
    with database.write() as session:
        verbs.acknowledge(begin(session, world.actor(by), NOW), duty(session, world, key, unit))
        session.commit()


@pytest.mark.parametrize(
    ("person", "target"),
    [
        ("supervisor", "/dashboard/"), ("leader", "/dashboard/"), ("auditor", "/audit/"), ("administrator", "/units/"),
    ],
)  # fmt: skip
def test_who_has_no_unit_of_his_own_begins_elsewhere(
    client_for: ClientFor, world: World, person: str, target: str
) -> None:
    answer = client_for(person).get("/")
    assert (answer.status_code, answer.location) == (302, target)


def test_a_supervisor_with_a_unit_begins_at_home_and_finds_the_overview_in_the_bar(
    client_for: ClientFor, world: World
) -> None:
    page = read(client_for("supervisor2"), "/")
    assert "新交办，请签收" in page
    assert 'href="/dashboard/"' in page


def test_new_duties_wait_to_be_signed_with_a_button_each(client_for: ClientFor, world: World) -> None:
    page = read(client_for("lead"), "/")
    new = section(page, "新交办，请签收")
    assert re.findall(r'<span class="key">([^<]+)</span>', new) == ["一.1", "一.2"]
    assert new.count(">签收</button>") == 2
    assert "全部签收（2 项）" in new
    assert "牵头单位 · 交办 今日" in words(new)
    assert "没有逾期、临期或被退回的" in page


def test_a_head_reads_the_unit_and_signs_nothing(client_for: ClientFor, world: World) -> None:
    client = client_for("head")
    page = read(client, "/")
    assert "一.1" in page
    assert "签收</button>" not in page
    post(client, "/sign-all", read(client, "/password"), seen_at=NOW.isoformat())
    assert "新交办，请签收" in read(client, "/")


def test_everything_shown_is_signed_at_once(client_for: ClientFor, world: World, database: Database) -> None:
    client = client_for("lead")
    page = read(client, "/")
    answer = post(client, "/sign-all", page, seen_at=hidden(page, "seen_at"))
    assert (answer.status_code, answer.location) == (302, "/")
    with database.read() as session:
        mine = session.scalars(select(Duty).where(Duty.unit_id == world.units["gxj"].id)).all()
        assert {d.state for d in mine} == {State.ACKNOWLEDGED}
        others = session.scalars(select(Duty).where(Duty.unit_id != world.units["gxj"].id)).all()
        assert {d.state for d in others} == {State.ASSIGNED}
        assert len(session.scalars(select(AuditEntry).where(AuditEntry.verb == "duty.acknowledge")).all()) == 2
    assert "已签收 2 项责任" in read(client, "/")
    again = post(client, "/sign-all", page, seen_at=hidden(page, "seen_at"))
    assert again.status_code == 302
    assert "没有需要签收的责任" in read(client, "/")


def test_what_was_assigned_after_the_page_was_shown_is_not_signed_unseen(
    client_for: ClientFor, world: World, database: Database
) -> None:
    client = client_for("lead")
    page = read(client, "/")
    seen = (NOW - timedelta(minutes=1)).isoformat()
    post(client, "/sign-all", page, seen_at=seen)
    with database.read() as session:
        assert {d.state for d in session.scalars(select(Duty))} == {State.ASSIGNED}


def test_what_is_due_soon_or_late_stands_first(
    client_for: ClientFor, world: World, database: Database, clock: object
) -> None:
    signed(database, world, "一.3", "czj", "support")
    signed(database, world, "一.5", "czj", "support")
    client = client_for("support")
    now = section(read(client, "/"), "现在要办")
    assert re.findall(r'<span class="key">([^<]+)</span>', now) == ["一.3"]
    assert "还有 2 个工作日" in now
    assert "/duties/?own=1&amp;light=soon" in now
    assert "一.5" in section(read(client, "/"), "其他在办")
    clock.at = NOW + timedelta(days=7)  # type: ignore[attr-defined]
    now = section(read(client, "/"), "现在要办")
    assert "逾期" in now
    assert "3月25日 周三" in now


def test_a_duty_sent_back_is_to_be_done_now_with_its_reason(
    client_for: ClientFor, world: World, database: Database
) -> None:
    with database.write() as session:
        it, who = duty(session, world, "一.1", "gxj"), world.actor("lead")
        verbs.acknowledge(begin(session, who, NOW), it)
        verbs.submit(begin(session, who, NOW), it, text="完成")
        verbs.send_back(begin(session, world.actor("supervisor"), NOW), it, "请补充名单<b>")
        session.commit()
    client = client_for("lead")
    assert "被退回：请补充名单&lt;b&gt;" in section(read(client, "/"), "现在要办")
    with database.write() as session:
        verbs.submit(begin(session, world.actor("lead"), NOW), duty(session, world, "一.1", "gxj"), text="补充了")
        session.commit()
    page = read(client, "/")
    assert "被退回：" not in page
    assert "待审核" in section(page, "其他在办")


def test_every_late_case_has_a_line_of_its_own_and_leads_to_it(
    client_for: ClientFor, world: World, database: Database, clock: object
) -> None:
    signed(database, world, "一.2", "dxj", "county")
    with database.write() as session:
        it = duty(session, world, "一.2", "dxj")
        for n in (1, 2):
            registered.register(
                begin(session, world.actor("county"), NOW),
                it,
                happened_at=NOW,
                reference=f"XS-{n}",
                form_key=f"form-{n}",
            )
        session.commit()
    clock.at = NOW + timedelta(days=7)  # type: ignore[attr-defined]
    now = section(read(client_for("county"), "/"), "现在要办")
    assert now.count("逾期 2 个工作日") == 2
    assert '<a href="/cases/1">' in now
    assert '<a href="/cases/2">' in now
    assert "2026-001 转办" in words(now)


def test_another_partys_delay_is_shown_as_theirs(
    client_for: ClientFor, world: World, database: Database, clock: object
) -> None:
    engage(database, world, "builder", ("zjj", MemberRole.OFFICER))
    with database.write() as session:
        it = duty(session, world, "一.4", "zjj")
        verbs.acknowledge(begin(session, world.actor("builder"), NOW), it)
        registered.register(
            begin(session, world.actor("supervisor"), NOW),
            it,
            happened_at=NOW,
            reference="ZB-1",
            form_key="form-1",
        )
        session.commit()
    clock.at = NOW + timedelta(days=20)  # type: ignore[attr-defined]
    now = section(read(client_for("builder"), "/"), "现在要办")
    assert "对方逾期" in now
    assert "light=late" not in now


def test_an_account_without_a_unit_is_told_whom_to_ask(client_for: ClientFor, world: World, database: Database) -> None:
    engage(database, world, "nobody")
    assert "请与管理员联系" in read(client_for("nobody"), "/")


def test_an_empty_home_says_what_will_come(client_for: ClientFor, world: World) -> None:
    page = read(client_for("stranger"), "/")
    assert "还没有交给本单位的责任" in page
    assert "全部责任 0 项" in page


# --- cases ----------------------------------------------------------------------------------------------------------


def test_referrals_to_sign_and_pressing_cases_of_ones_units_stand_at_home(
    client_for: ClientFor, world: World, database: Database
) -> None:
    with database.write() as session:
        handed = order(session, world, NOW, limit(amount=20), unit="jfb", number="2026-001", reference="GD-0101")
        refer(session, world, handed, "gxj", NOW)
        order(session, world, NOW - timedelta(hours=3), number="2026-002", reference="GD-0102")
        order(session, world, NOW - timedelta(hours=1), number="2026-003", reference="GD-0103")
        far = limit(amount=30, unit=CountUnit.DAY)
        order(session, world, NOW, far, number="2026-004", reference="GD-0104")
        order(session, world, NOW, unit="czj", number="2026-005", reference="GD-0105")
        resting = order(session, world, NOW, number="2026-006", reference="GD-0106")
        session.get_one(Milestone, clocks(session, resting)[0].id).paused_at = NOW
        closed = order(session, world, NOW, number="2026-007", reference="GD-0107")
        session.get_one(Case, closed.case_id).closed_at = NOW
        session.commit()
    part = section(read(client_for("lead"), "/"), "办件")
    assert re.findall(r'<span class="key">([^<]+)</span>', part) == ["2026-001", "2026-002", "2026-003"]
    for said in (
        "待签收 1 件，逾期、临期 2 项",
        "转办 GD-0101",
        "12345热线工单",
        "3月30日 周一 最迟退回",
        "请签收",
        "逾期 1 小时",
        "还有 1 小时",
    ):
        assert said in words(part)
    assert f'href="/cases/{handed.case_id}"' in part
    assert 'href="/cases/?state=open"' in part
    for secret in SECRETS:
        assert secret not in part
    # The head reads the same; who has no part in them sees none.
    assert "GD-0102" in section(read(client_for("head"), "/"), "办件")
    assert "<h2>办件</h2>" not in read(client_for("stranger"), "/")


@pytest.mark.parametrize("end", ["signed", "returned"])
def test_a_referral_leaves_the_page_once_it_is_answered(
    client_for: ClientFor, world: World, database: Database, end: str
) -> None:
    with database.write() as session:
        handed = order(session, world, NOW, limit(amount=20), unit="jfb")
        referral = refer(session, world, handed, "gxj", NOW)
        setattr(referral, f"{end}_at", NOW)
        session.commit()
    assert "<h2>办件</h2>" not in read(client_for("lead"), "/")


def test_the_unit_complained_of_does_not_find_the_case_at_home(
    client_for: ClientFor, world: World, database: Database
) -> None:
    with database.write() as session:
        step = order(session, world, NOW)
        session.get_one(Case, step.case_id).accused_unit_id = world.units["gxj"].id
        refer(session, world, step, "gxj", NOW)
        session.commit()
    assert "<h2>办件</h2>" not in read(client_for("lead"), "/")


def test_a_long_list_of_cases_is_cut_and_counted(client_for: ClientFor, world: World, database: Database) -> None:
    with database.write() as session:
        for n in range(12):
            order(session, world, NOW - timedelta(minutes=n), number=f"2026-{n:03d}", reference=f"GD-{n}")
        session.commit()
    part = section(read(client_for("lead"), "/"), "办件")
    assert re.findall(r'<span class="key">([^<]+)</span>', part) == [f"2026-{n:03d}" for n in range(11, 3, -1)]
    assert "逾期、临期 12 项" in words(part)
    assert "其余在办件列表中" in part


def test_the_page_asks_no_more_for_many_cases_than_for_one(
    client_for: ClientFor, world: World, database: Database
) -> None:
    asked: list[int] = []
    client = client_for("lead")
    for numbers in (range(1), range(1, 12)):
        with database.write() as session:
            for n in numbers:
                step = order(session, world, NOW - timedelta(minutes=n), number=f"2026-{n:03d}")
                refer(session, world, step, "gxj", NOW)
            session.commit()
        with counted(database) as sent:
            assert "<h2>办件</h2>" in read(client, "/")
        asked.append(len(sent))
    assert asked[0] == asked[1] <= 25
