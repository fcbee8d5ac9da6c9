"""The worker between two wakings, and the reading of time it is handed."""

import logging
from datetime import datetime

import pytest

import config
from tracker.now import shanghai, utc_now
from tracker.store.core.engine import Database
from tracker.worker import Worker


def test_a_pass_that_fails_is_logged_and_the_next_waking_tries_again(
    database: Database, settings: config.Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    worker, tried = Worker(settings, database), []

    def fails(now: datetime) -> None:
        tried.append(now)
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(worker, "run_pass", fails)
    worker._tick()
    worker._tick()
    assert len(tried) == 2
    assert [(r.levelno, r.getMessage()) for r in caplog.records] == [(logging.ERROR, "the pass failed")] * 2


def test_an_instant_without_its_zone_is_refused() -> None:
    assert shanghai(utc_now()).utcoffset().total_seconds() == 8 * 3600  # type: ignore[union-attr]
    with pytest.raises(ValueError, match="time zone"):
        shanghai(datetime(2026, 3, 23, 10))  # noqa: DTZ001 - as it must not be
