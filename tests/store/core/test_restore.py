"""恢复: what the README says of backups holds; a copy made in the midst of work is an installation to go on with."""

import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

import config
from tests.kit.world import NOW, World, duty, log_in, published_world
from tracker.app import create_app
from tracker.services.core.act import begin
from tracker.services.duties import progress
from tracker.store.core.engine import Database, open_database
from tracker.store.core.schema import differences
from tracker.store.models import AuditEntry, Report

pytestmark = pytest.mark.long


def work(database: Database, world: World, stop: threading.Event, under_way: threading.Event) -> None:
    """Report on one duty again and again, each report a transaction of its own with its entry in the trail."""
    while not stop.is_set():
        with database.write() as session:
            it = duty(session, world, "一.1", "gxj")
            progress.report_progress(begin(session, world.actor("lead"), NOW), it, percent=40, text="已建台账" * 50)
            session.commit()
        under_way.set()


def test_a_copy_made_while_somebody_writes_is_a_whole_installation(sqlite_template: bytes, tmp_path: Path) -> None:
    file, copy = tmp_path / "tracker.db", tmp_path / "copy.db"
    file.write_bytes(sqlite_template)
    running = open_database(f"sqlite:///{file}")
    world = published_world(running)
    with running.write() as session:
        progress.acknowledge(begin(session, world.actor("lead"), NOW), duty(session, world, "一.1", "gxj"))
        session.commit()
    stop, under_way = threading.Event(), threading.Event()
    worker = threading.Thread(target=work, args=(running, world, stop, under_way))
    worker.start()
    try:
        assert under_way.wait(60)
        source, target = sqlite3.connect(file), sqlite3.connect(copy)
        source.backup(target, pages=50, sleep=0.001)
        source.close()
        target.close()
    finally:
        stop.set()
        worker.join()
        running.engine.dispose()

    restored = open_database(f"sqlite:///{copy}")
    assert differences(restored.engine) == []
    with restored.read() as session:
        assert session.scalars(text("PRAGMA integrity_check")).all() == ["ok"]
        assert session.execute(text("PRAGMA foreign_key_check")).all() == []
        reports = session.scalar(select(func.count()).select_from(Report))
        told = session.scalar(select(func.count()).where(AuditEntry.verb == "duty.report"))
    assert reports
    assert reports == told  # no act was cut in two
    settings = config.load({"TRACKER_DATA": str(tmp_path), "TRACKER_ENV": "test", "BASE_URL": "http://t.example"})
    client = log_in(create_app(settings, restored, lambda: NOW), "lead")
    assert "已建台账" in client.get(f"/duties/{it_id(restored, world)}").get_data(as_text=True)
    restored.engine.dispose()


def it_id(database: Database, world: World) -> int:
    with database.read() as session:
        return duty(session, world, "一.1", "gxj").id
