"""The mails of the ledger as their readers get them: referrals, changed dates, and the notice that is missing."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

import config
from tests.kit import world as w
from tests.kit.orders import SECRETS, clocks, limit, order, refer
from tests.kit.world import World, duty
from tests.services.duties.test_duties import bring_to
from tests.services.reminders.test_case_alerts import days, recount, version
from tests.services.reminders.test_dispatch import BASE, Desk, a_pass, quiet, to
from tests.services.reminders.test_sweep import at, clock
from tracker.adapters.mail.sending import Permanent
from tracker.rules.workflow import State
from tracker.services.cases import pauses
from tracker.services.core.act import begin
from tracker.services.duties import extensions
from tracker.store.cases.page import find_case
from tracker.store.core.engine import Database
from tracker.store.models import AuditEntry, Message
from tracker.store.reminders.messages import failed_messages


@pytest.fixture
def settings(tmp_path: Path) -> config.Settings:
    return config.load(
        {
            "TRACKER_ENV": "test",
            "SECRET_KEY": "x",
            "TRACKER_DATA": str(tmp_path / "var"),
            "BASE_URL": BASE,
            "MAIL_FROM": "市减负办 <jfb@mou.example>",
        }
    )


def joined(text: str) -> str:
    """Return a mail's text with its lines joined again."""
    return text.replace("\n   ", "").replace("\n", "")


def test_a_referral_asks_to_sign_and_says_until_when_it_may_be_returned(
    database: Database, settings: config.Settings, world: World
) -> None:
    quiet(database, settings)
    with database.write() as session:
        step = order(session, world, w.NOW, days(20), unit="jfb")
        refer(session, world, step, "gxj", w.NOW, date(2026, 3, 30))
        session.commit()
    desk = Desk()
    a_pass(database, settings, at(3, 23, 11), desk)
    mail = to(desk, "lead")
    assert mail.subject == "〔新转办〕2026-001 转办 GD-0117"
    for said in (
        "请市工业和信息化局签收转来的“2026-001 转办 GD-0117”；不属于本单位职责的，最迟3月30日（周一）退回并写明理由。",
        "最迟退回：3月30日 周一，请签收",
        "出自：12345热线工单",
        f"办理：{BASE}/cases/{step.case_id}",
    ):
        assert said in joined(mail.text)
    assert not any(secret in mail.text + mail.html for secret in SECRETS)


def test_a_case_no_longer_to_be_returned_is_not_said_to_be(
    database: Database, settings: config.Settings, world: World
) -> None:
    quiet(database, settings)
    with database.write() as session:
        step = order(session, world, w.NOW, days(60), unit="jfb")
        refer(session, world, step, "czj", w.NOW, date(2026, 3, 30))
        session.commit()
    for day, may in ((at(3, 30), True), (at(4, 13), False)):
        desk = Desk()
        a_pass(database, settings, day, desk)
        said = joined(to(desk, "support").text)
        assert ("可在期限内退回" in said) is may
        assert ("退回的期限已过，不属于本单位职责的，请与转办单位协商。" in said) is not may


def test_the_reason_of_an_extension_is_not_stopped_twice_in_a_mail(
    database: Database, settings: config.Settings, world: World
) -> None:
    quiet(database, settings)
    with database.write() as session:
        it = bring_to(session, world, duty(session, world, "一.1", "gxj"), State.ACKNOWLEDGED)
        session.flush()
        lead, boss = world.actor("lead"), world.actor("supervisor")
        own = clock(session, world, "一.1", "gxj")
        asked = extensions.ask(begin(session, lead, w.NOW), it, own.id, date(2026, 8, 31), "账目多，需逐户核对。")
        session.flush()
        extensions.decide(begin(session, boss, w.NOW), it, asked, True, "")
        session.commit()
    desk = Desk()
    a_pass(database, settings, at(8, 31, 9), desk)
    told = joined(to(desk, "lead").text)
    assert "经批准延期：账目多，需逐户核对：2026年8月31日" in told
    assert not re.search("。[。：；，]", told)


def test_all_changed_dates_of_a_person_are_one_mail_that_says_old_new_and_why(
    database: Database, settings: config.Settings, world: World
) -> None:
    quiet(database, settings)
    with database.write() as session:
        (mine,) = clocks(session, order(session, world, w.NOW, days(20)))
        for milestone in (mine, clock(session, world, "一.1", "gxj")):
            recount(session, world, milestone, at(3, 23))
        session.commit()
    desk = Desk()
    a_pass(database, settings, at(3, 23, 11), desk)
    mail = to(desk, "lead")
    assert len(desk.taken) == 1
    assert mail.subject == "〔时限调整2项〕市工业和信息化局请查看"
    assert mail.html.count("（原为") == 2
    for said in (
        "【时限调整 · 2 项】",
        "7月1日 周三（原为6月30日）",
        "4月22日 周三（原为4月21日）",
        "为什么是这一天：载入放假通知；",
        "规定：自派单起20个工作日内",
    ):
        assert said in joined(mail.text)


def test_a_changed_date_that_is_near_is_told_once_where_it_presses(
    database: Database, settings: config.Settings, world: World
) -> None:
    quiet(database, settings)
    with database.write() as session:
        (mine,) = clocks(session, order(session, world, w.NOW, days(1)))
        recount(session, world, mine, w.NOW)
        session.commit()
    desk = Desk()
    a_pass(database, settings, at(3, 23, 11), desk)
    mail = to(desk, "lead")
    assert mail.text.count("2026-001 办理 GD-0117") == 2  # in the sentence that asks, and as its title
    assert "时限：3月25日 周三（原为3月24日），还有 2 个工作日" in mail.text
    assert "时限调整" not in mail.text


def test_the_administrator_is_asked_for_the_notice(database: Database, settings: config.Settings, world: World) -> None:
    desk = Desk()
    a_pass(database, settings, at(11, 26), desk)
    mail = to(desk, "administrator")
    assert mail.subject == "〔放假安排〕某市2027年放假通知尚未载入"
    assert mail.text.startswith("administrator同志：\n\n请您载入2027年放假通知")
    assert f"办理：{BASE}/calendars/" in mail.text
    assert "您是某市的系统管理员" in mail.text


def test_a_notice_loaded_before_the_mail_goes_out_is_not_asked_for(
    database: Database, settings: config.Settings, world: World
) -> None:
    a_pass(database, settings, at(11, 26), Desk(lambda mail: Permanent("550")))
    with database.write() as session:
        version(session, world.jurisdiction.id, notices=(2027,))
        session.commit()
    desk = Desk()
    a_pass(database, settings, at(12, 1), desk)
    assert not any(m.to_address.startswith("administrator") for m in desk.taken)


def test_the_trail_and_the_supervisor_know_of_mails_about_cases_alone(
    database: Database, settings: config.Settings, world: World
) -> None:
    quiet(database, settings)
    with database.write() as session:
        step = order(session, world, w.NOW, limit())
        refer(session, world, step, "czj", w.NOW)
        session.commit()
    later = w.NOW + timedelta(minutes=1)
    a_pass(database, settings, later, Desk(lambda m: Permanent("550") if m.to_address.startswith("lead") else None))
    with database.read() as session:
        (failed,) = failed_messages(session, world.actor("supervisor"), later - timedelta(minutes=1))
        subject = session.scalars(select(Message.subject).where(Message.failed_at == failed.failed_at)).one()
        assert subject.startswith("〔今日12:00到期〕")
        entries = session.scalars(select(AuditEntry).where(AuditEntry.at >= later - timedelta(seconds=30))).all()
    assert {(e.verb, e.jurisdiction_id) for e in entries if e.subject == "message"} == {
        ("message.failed", world.jurisdiction.id),
        ("message.sent", world.jurisdiction.id),
    }


def test_the_reasons_of_pauses_name_no_complainant_in_a_mail(
    database: Database, settings: config.Settings, world: World
) -> None:
    quiet(database, settings)
    who, phone, *_ = SECRETS
    with database.write() as session:
        step = order(session, world, w.NOW, days(20))
        session.flush()
        session.expire_all()
        lead, handled = world.actor("lead"), find_case(session, world.actor("lead"), step.case_id)
        assert handled is not None
        said = f"等{who}补正（{phone}）"
        boss = world.actor("supervisor")
        pauses.pause_case(begin(session, boss, at(3, 24)), handled, reason=said, authority="行政许可法 45")
        session.flush()
        pauses.resume_case(begin(session, lead, at(3, 27)), handled)
        session.commit()
    desk = Desk()
    a_pass(database, settings, at(5, 20, 11), desk)
    mail = to(desk, "lead")
    assert "等张**补正（****）" in joined(mail.text)
    assert not any(secret in mail.text + mail.html for secret in SECRETS)
