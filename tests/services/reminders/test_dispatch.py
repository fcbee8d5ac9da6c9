"""From alerts to mails: one a reader, looked at again as it is written, sent once, its fate recorded."""

import mailbox
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import config
from tests.kit import registered
from tests.kit import world as w
from tests.kit.smtp_server import mail_server
from tests.kit.statements import counted
from tests.kit.world import World
from tracker.adapters.mail.sending import Mail, Maildir, Permanent, Smtp, Temporary, Unavailable
from tracker.clock.calendar import national
from tracker.now import SHANGHAI
from tracker.rules.ladder import office_open
from tracker.services.core.act import begin
from tracker.services.duties import progress, roster
from tracker.services.reminders.composing import compose_some
from tracker.services.reminders.dispatch import BATCH, LEASE, MOST_ATTEMPTS, WAITS, PassReport, claim, run_pass
from tracker.services.reminders.sweep import sweep
from tracker.store.core.engine import Database
from tracker.store.models import (
    Alert,
    AlertState,
    AuditEntry,
    MemberRole,
    Membership,
    Message,
    MessageState,
    User,
)
from tracker.store.reminders.messages import failed_messages

CALENDAR = national()
BASE = "https://tz.example"


def compose(session: Session, now: datetime, mail_from: str, base_url: str) -> int:
    """Make the waiting alerts into mails, one a reader; those no longer true are dropped.  Returns how many mails."""
    made = 0
    while (done := compose_some(session, now, mail_from, base_url)).readers:
        made += done.messages
    return made


def at(month: int, day: int, hour: int = 9) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=SHANGHAI).astimezone(UTC)


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


def in_the_office(now: datetime) -> datetime:
    """Return the first instant from `now` on at which mails leave."""
    while not office_open(now, CALENDAR):
        now += timedelta(minutes=30)
    return now


class Desk:
    """A sender that keeps what it is given, or answers as it is told."""

    def __init__(self, answer: Callable[[Mail], Exception | None] = lambda mail: None) -> None:
        self.answer, self.taken, self.closed = answer, [], 0
        self.tried: list[Mail] = []

    def send(self, mail: Mail) -> None:
        self.tried.append(mail)
        error = self.answer(mail)
        if error is not None:
            raise error
        self.taken.append(mail)

    def close(self) -> None:
        self.closed += 1


def a_pass(database: Database, settings: config.Settings, now: datetime, sender: object) -> PassReport:
    return run_pass(database, now, settings, sender, "test")  # type: ignore[arg-type]


def to(desk: Desk, name: str) -> Mail:
    """Return the one mail to a person of the world."""
    (mail,) = [m for m in desk.taken if m.to_address.startswith(f"{name}@")]
    return mail


def quiet(database: Database, settings: config.Settings, now: datetime = w.NOW) -> None:
    """Let everything that is due by `now` be told."""
    a_pass(database, settings, now, Desk())


# --- what a reader gets -----------------------------------------------------------------------------------------------


def test_all_that_waits_for_a_reader_is_one_mail(database: Database, settings: config.Settings, world: World) -> None:
    desk = Desk()
    report = a_pass(database, settings, w.NOW, desk)
    assert report.messages == report.sent == len(desk.taken) == len({m.to_address for m in desk.taken})
    mail = to(desk, "lead")
    assert mail.subject == "〔新交办2项〕市工业和信息化局请签收"
    assert mail.text.startswith("市工业和信息化局 lead同志：\n\n请市工业和信息化局签收 2 项新交办的责任。\n")
    assert "6月30日 周二" in mail.text  # the first date of what is new
    assert "〔2026〕5号" in mail.text
    assert "市减负办 发送" in mail.text
    assert desk.closed == 1


def test_the_overdue_mail_says_it_all(database: Database, settings: config.Settings, world: World) -> None:
    quiet(database, settings)
    quiet(database, settings, at(6, 29))
    desk = Desk()
    a_pass(database, settings, at(7, 2), desk)
    mail, head = to(desk, "lead"), to(desk, "head")
    with database.read() as session:
        duty = w.duty(session, world, "一.1", "gxj")
    assert mail.subject.startswith("〔逾期2个工作日〕一.1 建立清欠台账")
    assert len(mail.subject) == 30
    for words in (
        "已逾期 2 个工作日，请市工业和信息化局立即完成清欠",
        "原文：建立清欠台账，2026年6月底前完成清欠。",
        "时限：6月30日 周二，逾期 2 个工作日",
        "为什么是这一天：写明的日期为2026年6月30日",
        f"办理：{BASE}/duties/{duty.id}",
        "您是市工业和信息化局的承办人",
    ):
        assert words in mail.text.replace("\n", "") or words in mail.text
    assert "请督促承办人立即完成清欠" in head.text.replace("\n", "")
    assert "您是市工业和信息化局的单位负责人" in head.text


def test_a_case_leads_to_its_own_page(database: Database, settings: config.Settings, world: World) -> None:
    quiet(database, settings)
    with database.write() as session:
        duty = w.duty(session, world, "一.2", "gxj")
        case = registered.register(
            begin(session, world.actor("lead"), w.NOW),
            next(d for d in duty.task.duties if d.id == duty.id),
            happened_at=w.NOW,
            reference="线索",
            form_key="k",
        )
        session.commit()
    quiet(database, settings, at(3, 26))
    desk = Desk()
    a_pass(database, settings, at(3, 27), desk)
    mail = to(desk, "lead")
    assert mail.subject == "〔逾期1个工作日〕一.2 办件 2026-001 转办"
    assert f"{BASE}/cases/{case.id}" in mail.text
    assert "3月23日（周一）正式受理，当日不计" in mail.text
    assert "第 3 个工作日" in mail.text


def test_a_new_duty_whose_clock_is_told_of_is_told_once(
    database: Database, settings: config.Settings, world: World
) -> None:
    desk = Desk()
    a_pass(database, settings, at(6, 29), desk)
    mail = to(desk, "lead")
    assert mail.text.count("建立清欠台账") == 2  # its title and its clause
    assert "明日到期，尚未签收" in mail.text
    assert mail.subject == "〔临期1项、未签收1项〕市工业和信息化局共2项待办"


def test_an_address_of_a_unit_is_told_why(database: Database, settings: config.Settings, world: World) -> None:
    desk = Desk()
    a_pass(database, settings, w.NOW, desk)
    mail = to(desk, "xi")
    assert mail.to_name == "西县政府"
    assert "没有可通知的承办人" in mail.text


def test_an_officer_of_two_units_gets_one_mail_that_names_them(
    database: Database, settings: config.Settings, world: World
) -> None:
    with database.write() as session:
        for unit in ("gxj", "czj"):
            user = world.people["stranger"].id
            session.add(Membership(user_id=user, unit_id=world.units[unit].id, role=MemberRole.OFFICER))
        session.commit()
    desk = Desk()
    a_pass(database, settings, w.NOW, desk)
    mail = to(desk, "jyj" if any(m.to_address.startswith("jyj") for m in desk.taken) else "stranger")
    assert mail.text.startswith("stranger同志：\n\n请您")
    assert "出自：市财政局 · 《" in mail.text
    assert "出自：市工业和信息化局 · 《" in mail.text


def test_an_imported_backlog_is_one_mail_of_readable_length(
    database: Database, settings: config.Settings, world: World
) -> None:
    """A worker that stood still for years says every missed period, in one mail."""
    desk = Desk()
    report = a_pass(database, settings, datetime(2029, 7, 2, 1, tzinfo=UTC), desk)
    assert report.periods > 30
    mail = to(desk, "support")
    assert "逾期 · 40 项" in mail.text
    late = mail.text[mail.text.index("逾期 · 40 项") : mail.text.index("【未签收")]
    printed = late.count("   办理：")
    assert 10 < printed < 40
    assert f"另有 {40 - printed} 项" in late
    assert mail.html.count("打开这一项") == mail.text.count("   办理：")


# --- looked at again --------------------------------------------------------------------------------------------------


def written(session: Session) -> dict[str, AlertState]:
    return {key: state for key, state in session.execute(select(Alert.key, Alert.state))}


def after_sweep(database: Database, world: World, change: Callable[[Session], None]) -> None:
    with database.write() as session:
        sweep(session, w.NOW)
        change(session)
        session.flush()
        compose(session, w.NOW, "jfb@mou.example", BASE)
        session.commit()


def test_what_was_signed_meanwhile_is_dropped(database: Database, world: World) -> None:
    def sign(session: Session) -> None:
        progress.acknowledge(begin(session, world.actor("lead"), w.NOW), w.duty(session, world, "一.1", "gxj"))

    after_sweep(database, world, sign)
    with database.read() as session:
        duty = w.duty(session, world, "一.1", "gxj")
        key = f"duty{duty.id}/assigned/u{world.people['lead'].id}"
        assert written(session)[key] is AlertState.DROPPED
        message = session.scalars(select(Message).where(Message.user_id == world.people["lead"].id)).one()
        assert f"/duties/{duty.id}\n" not in message.text


@pytest.mark.parametrize("change", ["revoked", "inactive", "left", "no address"])
def test_who_may_no_longer_be_told_is_not(database: Database, world: World, change: str) -> None:
    county = world.people["county"].id

    def happen(session: Session) -> None:
        if change == "revoked":
            roster.revoke(
                begin(session, world.actor("supervisor"), w.NOW), w.duty(session, world, "一.2", "dxj"), "撤并"
            )
        elif change == "inactive":
            session.get_one(User, county).active = False
        elif change == "no address":
            session.get_one(User, county).email = None
        else:
            session.delete(session.scalars(select(Membership).where(Membership.user_id == county)).one())

    after_sweep(database, world, happen)
    with database.read() as session:
        assert session.scalars(select(Message).where(Message.user_id == county)).all() == []
        assert set(session.scalars(select(Alert.state).where(Alert.user_id == county))) == {AlertState.DROPPED}


def test_a_report_that_met_the_period_drops_its_reminder(database: Database, world: World) -> None:
    duty_id = 0

    def report(session: Session) -> None:
        nonlocal duty_id
        duty = w.duty(session, world, "一.3", "czj")
        duty_id = duty.id
        support = world.actor("support")
        progress.acknowledge(begin(session, support, w.NOW), duty)
        period = session.scalars(select(Alert.milestone_id).where(Alert.milestone_id.is_not(None))).first()
        progress.report_progress(begin(session, support, w.NOW), duty, percent=10, text="已公布", milestone_id=period)

    after_sweep(database, world, report)
    with database.read() as session:
        told = session.scalars(select(Alert).where(Alert.duty_id == duty_id)).all()
        assert {a.state for a in told} == {AlertState.DROPPED}


# --- sending ----------------------------------------------------------------------------------------------------------


def test_what_is_sent_is_recorded_in_the_trail(database: Database, settings: config.Settings, world: World) -> None:
    desk = Desk()
    a_pass(database, settings, w.NOW, desk)
    with database.read() as session:
        messages = session.scalars(select(Message)).all()
        entries = session.scalars(select(AuditEntry).where(AuditEntry.verb == "message.sent")).all()
    assert {m.state for m in messages} == {MessageState.SENT}
    assert all(m.sent_at is not None and m.claimed_by is None and m.attempts == 1 for m in messages)
    assert {e.subject_id for e in entries} == {m.id for m in messages}
    assert {e.jurisdiction_id for e in entries} == {world.jurisdiction.id}
    assert {m.message_id for m in messages} == {m.message_id for m in desk.taken}
    assert all(m.message_id.endswith("@mou.example>") for m in messages)


def test_a_second_pass_sends_nothing(database: Database, settings: config.Settings, world: World) -> None:
    a_pass(database, settings, w.NOW, Desk())
    desk = Desk()
    assert a_pass(database, settings, w.NOW + timedelta(minutes=1), desk) == PassReport()
    assert desk.tried == []


def test_a_refusal_for_good_fails_visibly_and_stops_nobody(
    database: Database, settings: config.Settings, world: World
) -> None:
    desk = Desk(lambda mail: Permanent("550 没有这个用户") if mail.to_address.startswith("county") else None)
    report = a_pass(database, settings, w.NOW, desk)
    assert report.failed == 1
    assert report.sent == report.messages - 1
    with database.read() as session:
        (failed,) = failed_messages(session, world.actor("supervisor"), w.NOW)
        assert failed.last_error == "550 没有这个用户"
        assert failed_messages(session, world.actor("supervisor"), w.NOW + timedelta(days=1)) == []
        assert failed_messages(session, world.actor("lead"), w.NOW) == []
        assert session.scalars(select(AuditEntry.note).where(AuditEntry.verb == "message.failed")).one()


def test_the_dashboard_names_the_address_that_was_refused(
    database: Database, settings: config.Settings, world: World, client_for: Callable[[str], FlaskClient]
) -> None:
    desk = Desk(lambda mail: Permanent("550 <b>") if mail.to_address.startswith("county") else None)
    a_pass(database, settings, w.NOW, desk)
    page = client_for("supervisor").get("/dashboard/").get_data(as_text=True)
    assert "提醒邮件未送达" in page
    assert "county@mou.example" in page
    assert "550 &lt;b&gt;" in page
    assert "提醒邮件未送达" not in client_for("leader").get("/dashboard/").get_data(as_text=True)


def test_a_refusal_for_now_backs_off_and_ends(database: Database, settings: config.Settings, world: World) -> None:
    county = world.people["county"]
    refused: set[str] = set()
    desk = Desk(lambda mail: Temporary("450 busy") if mail.message_id in refused else None)

    def the_mail() -> Message:  # later ones, of what became due since, are taken
        with database.read() as session:
            return session.scalars(select(Message).where(Message.user_id == county.id).order_by(Message.id)).first()

    with database.write() as session:
        sweep(session, w.NOW)
        compose(session, w.NOW, "jfb@mou.example", BASE)
        session.commit()
    refused.add(the_mail().message_id)
    now, waits = w.NOW, []
    assert a_pass(database, settings, now, desk).put_off == 1
    for _ in range(MOST_ATTEMPTS - 1):
        message = the_mail()
        assert message.state is MessageState.PENDING
        waits.append(message.next_try_at - now)
        assert a_pass(database, settings, message.next_try_at - timedelta(seconds=2), desk).put_off == 0
        now = in_the_office(message.next_try_at + timedelta(seconds=1))
        a_pass(database, settings, now, desk)
    message = the_mail()
    assert message.state is MessageState.FAILED
    assert message.attempts == MOST_ATTEMPTS == len([m for m in desk.tried if m.message_id in refused])
    assert [round(wait / timedelta(minutes=1)) for wait in waits] == [wait // timedelta(minutes=1) for wait in WAITS]


def test_while_no_server_answers_one_mail_tries_for_all(
    database: Database, settings: config.Settings, world: World
) -> None:
    desk = Desk(lambda mail: Unavailable("无法连接"))
    report = a_pass(database, settings, w.NOW, desk)
    assert (len(desk.tried), report.put_off, report.sent) == (1, 1, 0)
    with database.read() as session:
        messages = session.scalars(select(Message)).all()
    assert {m.state for m in messages} == {MessageState.PENDING}
    assert sorted(m.attempts for m in messages) == [0] * (len(messages) - 1) + [1]
    desk = Desk()
    assert a_pass(database, settings, w.NOW + timedelta(minutes=2), desk).sent == len(messages)


def test_after_days_without_a_server_a_reader_gets_one_mail_that_is_true_now(
    database: Database, settings: config.Settings, world: World
) -> None:
    down = Desk(lambda mail: Unavailable("无法连接"))
    for day in (23, 24, 25, 27):
        a_pass(database, settings, at(3, day, 11), down)
    with database.write() as session:
        progress.acknowledge(begin(session, world.actor("lead"), at(3, 28)), w.duty(session, world, "一.1", "gxj"))
        session.commit()
    tried = {m.message_id for m in down.tried}
    desk = Desk()
    a_pass(database, settings, at(3, 30), desk)
    fresh = [m for m in desk.taken if m.message_id not in tried]
    assert len({m.to_address for m in fresh}) == len(fresh)
    late = [m.text for m in desk.taken if m.to_address.startswith("support")]
    assert late
    assert all("逾期 3 个工作日" in text for text in late)  # not what was true on the 27th
    for mail in desk.taken:
        if mail.to_address.startswith("lead"):
            assert "建立清欠台账" not in mail.text
    with database.read() as session:
        assert set(session.scalars(select(Message.state))) <= {MessageState.SENT, MessageState.FAILED}


def test_what_becomes_due_joins_a_mail_that_was_never_tried(database: Database, world: World) -> None:
    with database.write() as session:
        for now in (w.NOW, at(3, 25)):
            sweep(session, now)
            compose(session, now, "jfb@mou.example", BASE)
        session.commit()
    with database.read() as session:
        readers = session.execute(select(Message.user_id, Message.unit_id)).all()
        mine = session.scalars(select(Message).where(Message.user_id == world.people["support"].id)).one()
        assert len(readers) == len(set(readers))
        assert mine.subject.startswith("〔今日到期1项、未签收2项〕")
        told = session.scalars(select(Alert.state).where(Alert.user_id == mine.user_id)).all()
        assert set(told) == {AlertState.IN_MESSAGE}


def test_a_mail_never_tried_with_nothing_left_to_say_goes(database: Database, world: World) -> None:
    county = world.people["county"].id
    with database.write() as session:
        sweep(session, w.NOW)
        compose(session, w.NOW, "jfb@mou.example", BASE)
        roster.revoke(begin(session, world.actor("supervisor"), w.NOW), w.duty(session, world, "一.2", "dxj"), "撤并")
        session.flush()
        alert = session.scalars(select(Alert).where(Alert.user_id == county)).one()
        alert.state = AlertState.PENDING  # as a new one would be that is settled before it is written
        session.flush()
        compose(session, w.NOW, "jfb@mou.example", BASE)
        session.commit()
    with database.read() as session:
        assert session.scalars(select(Message).where(Message.user_id == county)).all() == []
        assert session.scalars(select(Alert.state).where(Alert.user_id == county)).one() is AlertState.DROPPED


def test_what_was_settled_before_the_next_try_is_not_sent(
    database: Database, settings: config.Settings, world: World
) -> None:
    busy = Desk(lambda mail: Temporary("450 busy"))
    a_pass(database, settings, w.NOW, busy)
    later = w.NOW + timedelta(minutes=5)
    with database.write() as session:
        progress.acknowledge(begin(session, world.actor("county"), w.NOW), w.duty(session, world, "一.2", "dxj"))
        progress.acknowledge(begin(session, world.actor("lead"), w.NOW), w.duty(session, world, "一.1", "gxj"))
        session.get_one(User, world.people["lead"].id).email = "new@mou.example"
        session.commit()
    desk = Desk()
    a_pass(database, settings, later, desk)
    assert not any(m.to_address.startswith("county") for m in desk.taken)
    # Written anew, to the address that holds now, under the identifier it had.
    mail = to(desk, "new")
    assert mail.subject.startswith("〔新交办〕一.2")
    assert mail.message_id in {m.message_id for m in busy.tried}
    with database.read() as session:
        message = session.scalars(select(Message).where(Message.user_id == world.people["county"].id)).one()
        assert message.state is MessageState.FAILED
        assert "不再需要" in (message.last_error or "")
        assert failed_messages(session, world.actor("supervisor"), w.NOW) == []


def test_a_claim_whose_lease_ran_out_is_claimed_again(
    database: Database, settings: config.Settings, world: World
) -> None:
    with database.write() as session:
        sweep(session, w.NOW)
        made = compose(session, w.NOW, "jfb@mou.example", BASE)
        session.commit()
    with database.write() as session:
        assert len(claim(session, w.NOW, "crashed")) == made
        session.commit()
    assert a_pass(database, settings, w.NOW + LEASE - timedelta(seconds=5), Desk()).sent == 0
    assert a_pass(database, settings, w.NOW + LEASE + timedelta(seconds=5), Desk()).sent == made


def test_a_mail_that_ends_every_worker_is_given_up(database: Database, settings: config.Settings, world: World) -> None:
    with database.write() as session:
        sweep(session, w.NOW)
        compose(session, w.NOW, "jfb@mou.example", BASE)
        session.commit()
    now = w.NOW
    for _ in range(MOST_ATTEMPTS):
        with database.write() as session:
            assert claim(session, now, "crashing")
            session.commit()
        now += LEASE + timedelta(seconds=1)
    with database.write() as session:
        assert claim(session, now, "crashing") == []
        session.commit()
    with database.read() as session:
        assert set(session.scalars(select(Message.state))) == {MessageState.FAILED}


def test_a_worker_that_is_to_stop_gives_back_what_it_claimed(
    database: Database, settings: config.Settings, world: World
) -> None:
    desk = Desk()
    report = run_pass(database, w.NOW, settings, desk, "test", stopping=lambda: len(desk.taken) >= 2)
    assert report.sent == 2
    with database.read() as session:
        waiting = session.scalars(select(Message).where(Message.state == MessageState.PENDING)).all()
    assert len(waiting) == report.messages - 2
    assert {m.attempts for m in waiting} == {0}
    assert a_pass(database, settings, w.NOW + timedelta(seconds=30), Desk()).sent == len(waiting)


def test_more_mails_than_a_batch_are_sent_in_one_pass(
    database: Database, settings: config.Settings, world: World
) -> None:
    with database.write() as session:
        for n in range(2 * BATCH):
            user = User(login=f"x{n}", name=f"同志{n}", email=f"x{n}@mou.example", password_hash="x", created_at=w.NOW)
            user.memberships = [Membership(unit_id=world.units["gxj"].id, role=MemberRole.OFFICER)]
            session.add(user)
        session.commit()
    report = a_pass(database, settings, w.NOW, Desk())
    assert report.sent == report.messages > 2 * BATCH


def count_statements(database: Database, session: Session) -> int:
    sweep(session, w.NOW)
    with counted(database) as sent:
        compose_some(session, w.NOW, "jfb@mou.example", BASE, limit=200)
    return sum(not statement.startswith("INSERT INTO messages") for statement in sent)  # SQLite writes rows one by one


def test_the_number_of_questions_does_not_grow_with_the_readers(
    database: Database, session: Session, world: World
) -> None:
    few = count_statements(database, session)
    readers = session.scalar(select(func.count()).select_from(Message)) or 0
    session.rollback()
    for n in range(30):
        user = User(login=f"x{n}", name=f"同志{n}", email=f"x{n}@mou.example", password_hash="x", created_at=w.NOW)
        user.memberships = [Membership(unit_id=world.units["gxj"].id, role=MemberRole.OFFICER)]
        session.add(user)
    session.flush()
    assert count_statements(database, session) == few
    assert session.scalar(select(func.count()).select_from(Message)) == readers + 30


# --- together with a real mail box and a real server ----------------------------------------------------------------


def test_the_maildir_can_be_read_back(database: Database, settings: config.Settings, world: World) -> None:
    report = a_pass(database, settings, w.NOW, Maildir(settings.maildir, settings.mail_from))
    box = mailbox.Maildir(settings.maildir, create=False)
    kept = [message_from_bytes(box.get_bytes(key), policy=default) for key in box.iterkeys()]
    assert len(kept) == report.sent
    with database.read() as session:
        assert {m["Message-ID"] for m in kept} == set(session.scalars(select(Message.message_id)))
    assert {m["From"] for m in kept} == {"市减负办 <jfb@mou.example>"}


def test_a_pass_talks_to_a_real_server(database: Database, settings: config.Settings, world: World) -> None:
    with mail_server() as post:
        post.refuse["county@mou.example"] = "550 5.1.1 no such user"
        post.drop = lambda post: post.connections == 1 and len(post.taken) == 2
        sender = Smtp(post.url, settings.mail_from)
        first = a_pass(database, replace(settings, mail_url=post.url), w.NOW, sender)
        second = a_pass(database, settings, w.NOW + timedelta(minutes=2), Smtp(post.url, settings.mail_from))
    assert first.failed == 1
    assert first.sent + second.sent == len(post.taken) == first.messages - 1 + second.messages
    assert second.messages == 1  # to the unit, whose clerk cannot be reached
    assert len({m["Message-ID"] for m in post.taken}) == len(post.taken)
    assert post.taken[0].get_body(("html",)) is not None


def test_two_dispatchers_send_every_mail_once(database: Database, settings: config.Settings, world: World) -> None:
    with database.write() as session:
        for n in range(60):
            user = User(login=f"x{n}", name=f"同志{n}", email=f"x{n}@mou.example", password_hash="x", created_at=w.NOW)
            user.memberships = [Membership(unit_id=world.units["gxj"].id, role=MemberRole.OFFICER)]
            session.add(user)
        session.commit()
    barrier, errors, reports = threading.Barrier(2), [], []
    desks = [Desk(), Desk()]

    def work(desk: Desk) -> None:
        try:
            barrier.wait(10)
            reports.append(a_pass(database, settings, w.NOW, desk))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(desk,)) for desk in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    sent = [m.message_id for desk in desks for m in desk.taken]
    with database.read() as session:
        messages = session.scalars(select(Message)).all()
        readers = [(m.user_id, m.unit_id) for m in messages]
    assert len(readers) == len(set(readers)) == sum(r.messages for r in reports)
    assert sorted(sent) == sorted(m.message_id for m in messages)
    assert {m.state for m in messages} == {MessageState.SENT}
