"""When mails leave (办公时间), and what a head, a supervisor and a leader read in theirs."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

import config
from tests.kit import world as w
from tests.kit.orders import limit, order
from tests.kit.world import World
from tests.services.reminders.test_dispatch import Desk, a_pass, to
from tracker.adapters.mail.sending import Mail, Temporary
from tracker.clock.rules import CountUnit
from tracker.now import SHANGHAI
from tracker.store.core.engine import Database
from tracker.store.models import (
    CalendarDay,
    CalendarState,
    CalendarVersion,
    DayKind,
    Message,
    MessageState,
)


def at(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


@pytest.fixture
def settings(tmp_path: Path) -> config.Settings:
    return config.load(
        {
            "TRACKER_ENV": "test",
            "SECRET_KEY": "x",
            "TRACKER_DATA": str(tmp_path / "var"),
            "BASE_URL": "https://tz.example",
            "MAIL_FROM": "市减负办 <jfb@mou.example>",
        }
    )


@pytest.mark.parametrize("closed", [at(3, 24, 5), at(3, 24, 8, 29), at(3, 24, 17, 31), at(3, 28, 12), at(3, 29, 12)])
def test_nothing_leaves_outside_office_hours_and_nothing_is_lost(
    database: Database, settings: config.Settings, world: World, closed: datetime
) -> None:
    desk = Desk()
    assert a_pass(database, settings, closed, desk).messages == 0
    assert desk.tried == []
    a_pass(database, settings, at(3, 30, 8, 30), desk)
    assert to(desk, "lead")
    assert to(desk, "county")


def test_an_hour_clock_leaves_at_any_time_and_takes_nothing_else_along(
    database: Database, settings: config.Settings, world: World
) -> None:
    with database.write() as session:
        order(session, world, at(3, 29, 22), limit(amount=2, unit=CountUnit.HOUR))
        session.commit()
    desk = Desk()
    a_pass(database, settings, at(3, 29, 22, 1), desk)  # Sunday, ten in the evening
    (mail,) = desk.taken
    assert mail.to_address.startswith("lead@")
    assert "今日 24:00" in mail.text or "今日到期" in mail.text
    assert "签收" not in mail.subject
    a_pass(database, settings, at(3, 30, 8, 30), desk)
    assert [m.to_address for m in desk.taken].count(mail.to_address) == 2


def test_a_mail_put_off_waits_for_the_office_unless_it_tells_of_an_hour_clock(
    database: Database, settings: config.Settings, world: World
) -> None:
    refusing = Desk(lambda mail: Temporary("稍后再试"))
    a_pass(database, settings, at(3, 24, 17, 25), refusing)
    tried = len(refusing.tried)
    assert tried > 1
    desk = Desk()
    a_pass(database, settings, at(3, 24, 17, 40), desk)  # its time has come, the office is closed
    a_pass(database, settings, at(3, 25, 5), desk)
    assert desk.taken == []
    with database.read() as session:
        assert set(session.scalars(select(Message.state))) == {MessageState.PENDING}
    a_pass(database, settings, at(3, 25, 8, 30), desk)
    assert len({m.to_address for m in desk.taken}) == tried
    with database.write() as session:
        order(session, world, at(3, 25, 21), limit(amount=2, unit=CountUnit.HOUR))
        session.commit()
    a_pass(database, settings, at(3, 25, 21, 1), refusing)
    late = Desk()
    a_pass(database, settings, at(3, 25, 21, 10), late)
    assert to(late, "lead")


def test_a_place_at_work_by_its_own_calendar_is_told(
    database: Database, settings: config.Settings, world: World
) -> None:
    desk = Desk()
    with database.write() as session:
        session.add(
            CalendarVersion(
                jurisdiction_id=world.jurisdiction.id,
                number=1,
                state=CalendarState.CURRENT,
                why="试",
                digest="x",
                created_at=w.NOW,
                days=[
                    CalendarDay(on=at(3, 29).date(), kind=DayKind.WORK, name="补班"),
                    CalendarDay(on=at(3, 30).date(), kind=DayKind.ADDED, name="本地节日"),
                ],
            )
        )
        session.commit()
    a_pass(database, settings, at(3, 30, 10), desk)
    assert desk.taken == []
    a_pass(database, settings, at(3, 29, 10), desk)
    assert to(desk, "lead")


def text_of(mail: Mail) -> str:
    return mail.text.replace("\n", "")


def test_each_reader_above_is_told_why(database: Database, settings: config.Settings, world: World) -> None:
    a_pass(database, settings, w.NOW, Desk())
    desk = Desk()
    a_pass(database, settings, at(7, 15), desk)
    supervisor, leader, head = (to(desk, name) for name in ("supervisor", "leader", "head"))
    assert "【逾期（需督促）" in supervisor.text
    assert "【未签收（需督促）" in supervisor.text
    assert supervisor.text.startswith("supervisor同志：")
    assert "个单位立即办理" in text_of(supervisor)
    assert "您是市减负办的督查员：事项逾期 3 个工作日" in text_of(supervisor)
    assert "【逾期（需督促）" in leader.text
    assert "未签收（" not in leader.text
    assert "您是市减负办的领导：事项逾期 10 个工作日时告知领导" in text_of(leader)
    assert "督促承办人立即" in text_of(head)
    assert "单位负责人" in text_of(head)
    assert "市工业和信息化局" in supervisor.text  # whose it is
    assert "个工作日仍未签收" in supervisor.text
    for mail in (supervisor, leader, head):
        assert "None" not in mail.text + mail.html


def test_a_person_with_several_posts_gets_one_mail(database: Database, settings: config.Settings, world: World) -> None:
    desk = Desk()
    a_pass(database, settings, at(7, 15), desk)
    mail = to(desk, "supervisor2")  # officer of the office that supervises as well
    assert "督查员" in text_of(mail)
    assert "承办人" in text_of(mail)
