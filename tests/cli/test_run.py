"""`tracker migrate`, `seed`, `worker` and `serve`, as a person at a terminal uses them."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.cli.conftest import run
from tracker import serve as serving
from tracker.now import SHANGHAI
from tracker.services.reminders.dispatch import PassReport
from tracker.store.core import schema
from tracker.store.core.engine import open_database
from tracker.store.models import Document, DocumentState, Duty, Milestone
from tracker.worker import Worker


def test_seeding_twice_adds_nothing(home: Path) -> None:
    first, again = run("seed").output, run("seed").output
    assert "新增 4 个辖区" in first
    assert "办件类型：新增 24 个" in first
    assert "新增 0 个辖区、0 个单位、0 个单位组" in again
    assert "办件类型：新增 0 个" in again


def test_demo_leaves_five_documents_one_of_them_published_with_life_in_it(demo: Path) -> None:
    database = open_database(f"sqlite:///{demo / 'tracker.db'}")
    with database.read() as session:
        states = session.scalars(select(Document.state)).all()
        published = sorted(states).count(DocumentState.PUBLISHED)
        signed = session.scalar(select(func.count()).where(Duty.acknowledged_at.is_not(None)))
        reported = session.scalar(select(func.count()).where(Milestone.met_at.is_not(None)))
    database.engine.dispose()
    assert published == 1
    assert len(states) == 4  # the compilation's seven plans wait to be chosen from
    assert signed
    assert reported


def test_demo_accounts_are_kept_readable_by_their_owner_alone_and_never_changed(demo: Path) -> None:
    file = demo / "demo-accounts.txt"
    first = file.read_text("utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "保持不变" in run("seed", "--demo").output
    assert file.read_text("utf-8") == first


def test_demo_is_refused_in_production(seeded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET_KEY", "MAIL_FROM", "BASE_URL"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("MAIL_URL", "smtp://127.0.0.1:1")
    monkeypatch.setenv("TRACKER_ENV", "production")
    answer = run("seed", "--demo")
    assert answer.exit_code == 1
    assert "生产环境" in answer.output


def test_demo_is_refused_where_real_accounts_exist(seeded: Path) -> None:
    run("user", "add", "zhang", "--name", "张三", "--post", "鞍山市/市减负办/supervisor")
    answer = run("seed", "--demo")
    assert answer.exit_code == 1
    assert "正式账号" in answer.output


def test_production_refuses_to_start_without_its_settings(tmp_path: Path) -> None:
    env = {**os.environ, "TRACKER_DATA": str(tmp_path), "TRACKER_ENV": "production"}
    env.pop("SECRET_KEY", None)
    answer = subprocess.run(
        [sys.executable, "-m", "tracker.cli", "migrate"], env=env, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 1
    assert "SECRET_KEY" in answer.stderr


@pytest.mark.parametrize(
    ("at", "meant"),
    [
        ("2026-06-01", datetime(2026, 6, 1, 12, tzinfo=SHANGHAI)),
        ("2026-06-01T09:30", datetime(2026, 6, 1, 9, 30, tzinfo=SHANGHAI)),
        ("2026-06-01T09:30+00:00", datetime(2026, 6, 1, 9, 30, tzinfo=UTC)),
    ],
)
def test_one_pass_of_the_worker_says_what_it_did_at_the_time_it_is_told(
    seeded: Path, monkeypatch: pytest.MonkeyPatch, at: str, meant: datetime
) -> None:
    told: list[datetime] = []

    def run_pass(self: Worker, now: datetime) -> PassReport:
        told.append(now)
        return PassReport(periods=1, alerts=2, messages=3, sent=4, put_off=5, failed=6)

    monkeypatch.setattr(Worker, "run_pass", run_pass)
    said = run("worker", "--once", "--now", at).output
    assert said == "续期 1 期，新提醒 2 条，成信 3 封，发出 4 封，待重试 5 封，失败 6 封。\n"
    assert told == [meant]


def test_a_pass_where_nothing_is_due_does_nothing(seeded: Path) -> None:
    said = run("worker", "--once").output
    assert said == "续期 0 期，新提醒 0 条，成信 0 封，发出 0 封，待重试 0 封，失败 0 封。\n"


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ("development", ("--now", "2026-06-01")),  # a worker that goes on has no other time than the present
        ("production", ("--once", "--now", "2026-06-01")),
    ],
)
def test_no_worker_that_matters_is_told_another_time(
    seeded: Path, monkeypatch: pytest.MonkeyPatch, environment: str, words: tuple[str, ...]
) -> None:
    for name in ("SECRET_KEY", "MAIL_FROM", "BASE_URL"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("MAIL_URL", "smtp://127.0.0.1:1")
    monkeypatch.setenv("TRACKER_ENV", environment)
    answer = run("worker", *words)
    assert answer.exit_code == 1
    assert "--now" in answer.output


def test_a_port_in_use_is_told_in_words(seeded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def taken(*_: object, **__: object) -> None:
        raise OSError("address already in use")

    monkeypatch.setattr(serving, "serve", taken)
    monkeypatch.setenv("PORT", "8123")
    answer = run("serve")
    assert (answer.exit_code, answer.output) == (
        1,
        "不能监听 127.0.0.1:8123，端口可能已被占用：请用 PORT= 换一个。\n",
    )


def test_who_serves_is_told_the_address_and_the_demonstration_accounts(
    demo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def serve(app: object, settings: object, start: object, stop: object, on_listening: Callable[[], None]) -> None:
        on_listening()

    monkeypatch.setattr(serving, "serve", serve)
    said = run("serve").output
    assert said.startswith("措施落实台账已启动：http://127.0.0.1:8000")
    assert said.endswith((demo / "demo-accounts.txt").read_text("utf-8"))


def test_tables_in_use_are_told_in_words(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def held(*_: object, **__: object) -> None:
        raise schema.TablesInUse("数据表正被其他进程占用")

    monkeypatch.setattr(schema, "upgrade", held)
    answer = run("migrate", "--wait", "1")
    assert (answer.exit_code, answer.output) == (1, "数据表正被其他进程占用\n")
