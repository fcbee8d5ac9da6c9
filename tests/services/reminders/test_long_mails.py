"""Whoever is handed 500 duties at once gets one mail of at most 60 KB, which counts them all and leads to the rest."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

import config
from tests.kit import world as w
from tests.kit.entered import entered
from tests.kit.pages import read
from tests.kit.registered import register
from tests.kit.world import World
from tests.services.reminders.test_dispatch import Desk, a_pass, to
from tracker.adapters.mail.rendering import MOST_BYTES
from tracker.adapters.mail.sending import Mail, build
from tracker.reading.plan import Role
from tracker.services.core.act import begin
from tracker.store.core.engine import Database
from tracker.store.models import Alert, AlertState, Duty, Task

MANY = 500
TITLE = "建立健全拖欠中小企业账款投诉线索受理转办督办反馈工作机制并向社会公开办理结果"


def hand_over(database: Database, world: World) -> None:
    """Give one unit many more duties, all of long titles."""
    with database.write() as session:
        first = w.duty(session, world, "一.1", "gxj")
        tasks = [
            Task(
                document=first.task.document,
                item_id=first.task.item_id,
                key=f"二.{number}",
                ordinal=1000 + number,
                title=f"{TITLE}{number}",
                created_at=w.NOW,
            )
            for number in range(MANY)
        ]
        session.add_all(tasks)
        session.flush()
        unit = world.units["gxj"].id
        session.add_all(Duty.of_task(task, unit, Role.LEAD, w.NOW) for task in tasks)
        session.commit()


def size(mail: Mail) -> int:
    return len(build(mail, "市减负办 <jfb@mou.example>").as_bytes())


def links(mail: Mail) -> dict[int, str]:
    """Return, by how many it leaves out, the list each such sentence leads to, from both forms alike."""
    html = {unescape(url): int(n) for n, url in re.findall(r'(\d+) 项，全部列在<a href="([^"]+)"', mail.html)}
    text = {url: int(n) for n, url in re.findall(r"(\d+) 项，全部列在\w+：(\S+)", mail.text)}
    assert html == text
    return {number: url for url, number in text.items()}


@pytest.fixture
def desk(database: Database, settings: config.Settings, world: World) -> Desk:
    hand_over(database, world)
    taken = Desk()
    a_pass(database, settings, w.NOW, taken)
    return taken


def test_the_mail_is_small_and_its_numbers_are_of_everything(desk: Desk, database: Database, world: World) -> None:
    mail = to(desk, "lead")
    assert size(mail) <= MOST_BYTES
    assert max(size(other) for other in desk.taken) <= MOST_BYTES
    with database.read() as session:
        theirs = select(func.count()).select_from(Alert).where(Alert.user_id == world.people["lead"].id)
        told = session.scalar(theirs)
        assert told == session.scalar(theirs.where(Alert.state == AlertState.IN_MESSAGE))
    assert told is not None
    assert told > MANY
    assert mail.subject == f"〔新交办{told}项〕市工业和信息化局请签收"
    assert f"签收 {told} 项新交办的责任" in mail.text
    printed = mail.text.count("   办理：")
    assert printed == mail.html.count("打开这一项") >= 10
    assert sum(links(mail)) == told - printed


def test_nothing_is_told_again_because_it_had_no_room(
    desk: Desk, database: Database, settings: config.Settings, world: World
) -> None:
    again = Desk()
    report = a_pass(database, settings, w.NOW + timedelta(minutes=30), again)
    assert (report.alerts, again.taken) == (0, [])


def test_what_is_left_out_is_found_behind_the_link(
    desk: Desk, app: Any, client_for: Callable[[str], FlaskClient], world: World
) -> None:
    mail = to(desk, "lead")
    ((_, url),) = links(mail).items()
    address = urlsplit(url)
    total = int(re.findall(r"新交办 · (\d+) 项", mail.text)[0])
    page = read(client_for("lead"), f"{address.path}?{address.query}")
    assert f"共 {total} 项" in page
    assert "只列所选邮件提到的" in page
    # It is a mail to somebody: nobody else's list is narrowed to it, and none shows what its reader may not see.
    others = read(entered(app, "support"), f"{address.path}?{address.query}")
    assert "没有符合条件的责任" in others
    assert f"共 {total} 项" not in read(client_for("lead"), "/duties/")


@pytest.mark.parametrize("address", ["/duties/?mail=x&told=new", "/cases/?mail=%00&told=%3Cb%3E", "/duties/?told=late"])
def test_a_mail_nobody_wrote_lists_nothing(
    client_for: Callable[[str], FlaskClient], world: World, address: str
) -> None:
    page = read(client_for("lead"), address)
    assert "<b>" not in page
    assert ("没有符合条件的" in page) is ("mail=x" in address)


def test_the_ledger_lists_the_cases_a_mail_told_of(
    database: Database, settings: config.Settings, client_for: Callable[[str], FlaskClient], world: World
) -> None:
    def opened(reference: str) -> None:
        with database.write() as session:
            act = begin(session, world.actor("supervisor"), w.NOW)
            duty = w.duty(session, world, "一.2", "gxj")
            register(act, duty, happened_at=w.NOW, reference=reference, form_key=reference)
            session.commit()

    opened("XS-0001")
    told = Desk()
    a_pass(database, settings, w.NOW, told)
    opened("XS-0002")  # nobody has been told of this one yet
    client = client_for("lead")
    whole = read(client, "/cases/")
    assert all(reference in whole for reference in ("XS-0001", "XS-0002"))
    for group in ("soon", "", "no such group"):
        page = read(client, f"/cases/?{urlencode({'mail': to(told, 'lead').message_id.strip('<>'), 'told': group})}")
        assert "XS-0001" in page
        assert "XS-0002" not in page
