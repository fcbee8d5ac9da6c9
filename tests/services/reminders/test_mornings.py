"""Mornings on which nobody does anything: who hears of it, how often, and at what hour."""

from datetime import date
from pathlib import Path

import pytest

import config
from benchmarks.mornings import mornings
from tests.kit.world import World
from tracker.store.core.engine import Database


@pytest.mark.long
def test_a_late_unit_is_told_every_week_and_those_above_it_hear(
    database: Database, world: World, tmp_path: Path
) -> None:
    """Over the seven days of the National Day; sixty of the demonstration's are benchmarks/mornings.py."""
    settings = config.load(
        {"TRACKER_ENV": "test", "SECRET_KEY": "x", "TRACKER_DATA": str(tmp_path), "MAIL_FROM": "jfb@mou.example"}
    )
    count = mornings(database, settings, date(2026, 9, 21), days=25)
    assert count.late_units
    assert count.overdue.longest <= 11
    assert count.unsigned.longest <= 11
    assert count.outside == 0
    assert min(count.mails[who] for who in ("officer", "head", "supervisor", "leader", "unit's address")) > 0
