"""Hour clocks to the minute, by real mail: told at once, in the last hour, and the minute the hour has passed."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, update

import config
from tests.kit.orders import SECRETS, clocks, limit, order
from tests.kit.smtp_server import Post, mail_server
from tests.kit.world import World
from tests.services.reminders.test_dispatch import BASE
from tracker.adapters.mail.sending import Smtp
from tracker.clock.rules import CountUnit
from tracker.now import SHANGHAI
from tracker.rules.ladder import Level
from tracker.rules.workflow import State
from tracker.services.reminders.dispatch import PassReport, run_pass
from tracker.store.core.engine import Database
from tracker.store.models import Alert, AlertState, Cancellation, Duty, Milestone
from tracker.worker import SWEEP_EVERY_S

PLAIN = ("plain",)


def at(hour: int, minute: int = 0, second: int = 0, day: int = 24) -> datetime:
    return datetime(2026, 3, day, hour, minute, second, tzinfo=SHANGHAI).astimezone(UTC)


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


@pytest.fixture
def post() -> Iterator[Post]:
    with mail_server() as server:
        yield server


@pytest.fixture
def quiet(database: Database, world: World) -> World:
    """Leave nothing to tell but the order."""
    with database.write() as session:
        session.execute(update(Duty).values(state=State.ACKNOWLEDGED))
        session.execute(update(Milestone).values(cancelled_at=at(9), cancelled_because=Cancellation.EDITION))
        session.commit()
    return world


class Worker:
    """Passes of a worker that really mails, and what each brought whom."""

    def __init__(self, database: Database, settings: config.Settings, post: Post) -> None:
        self.database, self.settings, self.post = database, settings, post

    def wake(self, now: datetime) -> tuple[PassReport, dict[str, tuple[str, str]]]:
        before = len(self.post.taken)
        sender = Smtp(self.post.url, self.settings.mail_from)
        report = run_pass(self.database, now, self.settings, sender, "worker")
        mails = self.post.taken[before:]
        return report, {
            str(m["To"]).split("<")[-1].split("@")[0]: (str(m["Subject"]), m.get_body(PLAIN).get_content())  # type: ignore[union-attr]
            for m in mails
        }


@pytest.fixture
def worker(database: Database, settings: config.Settings, post: Post) -> Worker:
    return Worker(database, settings, post)


def test_an_order_of_two_hours_is_told_at_once_in_its_last_hour_and_when_it_has_passed(
    database: Database, quiet: World, worker: Worker
) -> None:
    with database.write() as session:
        (clock,) = clocks(session, order(session, quiet, at(10)))
        assert clock.due_at == at(12)
        session.commit()
    said: dict[datetime, dict[str, tuple[str, str]]] = {}
    for now in (at(10, 1), at(10, 2), at(10, 59), at(11), at(11, 1), at(11, 59), at(12, 0, 30), at(12, 1, 30), at(15)):
        report, mails = worker.wake(now)
        assert report.messages == report.sent == len(mails)
        assert (report.alerts > 0) is (report.messages > 0)  # that the case is new is said in the same mail
        if mails:
            said[now] = mails
    assert list(said) == [at(10, 1), at(11), at(12, 0, 30)]
    first, last_hour, late = said.values()
    assert {name: subject for name, (subject, _) in first.items()} == {"lead": "〔今日12:00到期〕2026-001 办理 GD-0117"}
    assert "在今日（3月24日 周二）12:00 前办理" in first["lead"][1].replace("\r\n", "").replace("\n", "")
    assert {n: subject for n, (subject, _) in last_hour.items()} == {"lead": "〔1小时内到期〕2026-001 办理 GD-0117"}
    assert {n: subject for n, (subject, _) in late.items()} == {
        "lead": "〔逾期〕2026-001 办理 GD-0117",
        "head": "〔逾期〕2026-001 办理 GD-0117",
    }
    assert "请督促承办人立即办理" in late["head"][1].replace("\r\n", "").replace("\n", "")
    with database.read() as session:
        told = session.execute(select(Alert.level, Alert.state).where(Alert.milestone_id == clock.id)).all()
    assert sorted(told) == sorted(
        [
            (Level.DAY, AlertState.IN_MESSAGE),
            (Level.HOUR, AlertState.IN_MESSAGE),
            (Level.LATE_0, AlertState.IN_MESSAGE),
            (Level.LATE_0, AlertState.IN_MESSAGE),
        ]
    )


def test_a_worker_wakes_often_enough_to_be_right_to_the_minute() -> None:
    assert SWEEP_EVERY_S == 60


def test_an_order_that_ends_at_night_is_late_at_once_and_days_are_counted_from_then(
    database: Database, quiet: World, worker: Worker
) -> None:
    """民法典 201: hours run from the instant, so 24 hours from a Friday evening end on the Saturday."""
    with database.write() as session:
        (clock,) = clocks(session, order(session, quiet, at(18, day=27), limit(amount=24, unit=CountUnit.HOUR)))
        assert clock.due_at == at(18, day=28)
        session.commit()
    said = {
        now: {n: s for n, (s, _) in worker.wake(now)[1].items()}
        for now in (
            at(18, 1, day=27),
            at(9, day=28),
            at(17, 30, day=28),
            at(18, 0, 30, day=28),
            at(9, day=29),
            at(9, day=30),
        )
    }
    told = [mails.get("lead", "").split("〕")[0] for mails in said.values()]
    assert told == ["〔明日18:00到期", "〔今日18:00到期", "〔1小时内到期", "〔逾期", "", "〔逾期1个工作日"]
    assert ["head" in mails for mails in said.values()] == [False, False, False, True, False, True]


def test_what_was_done_in_time_is_not_called_late(database: Database, quiet: World, worker: Worker) -> None:
    with database.write() as session:
        (clock,) = clocks(session, order(session, quiet, at(10)))
        session.commit()
    assert worker.wake(at(11, 59))[1]
    with database.write() as session:
        session.get_one(Milestone, clock.id).met_at = at(11, 59, 30)
        session.commit()
    assert worker.wake(at(12, 0, 30))[1] == {}


def test_a_mail_never_holds_whom_a_case_is_from_or_what_he_wrote(
    database: Database, quiet: World, worker: Worker
) -> None:
    """个人信息保护法 6: no more than the purpose needs; the case page shows it to those who handle the case."""
    with database.write() as session:
        order(session, quiet, at(10))
        session.commit()
    mails = worker.wake(at(10, 1))[1] | worker.wake(at(12, 0, 30))[1]
    assert mails
    whole = "".join(f"{subject}{text}" for subject, text in mails.values()) + "".join(
        part.get_content() for m in worker.post.taken for part in m.walk() if part.get_content_type() == "text/html"
    )
    assert "GD-0117" in whole
    assert "12345热线工单" in whole
    for secret in SECRETS:
        assert secret not in whole
