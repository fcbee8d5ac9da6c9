"""`tracker doctor`: what duties carry of their standing is compared with their dates, and mended when asked."""

from pathlib import Path

from sqlalchemy import text

from tests.cli.conftest import run
from tracker.store.core.engine import open_database


def test_a_sound_installation_is_said_to_be_sound(demo: Path) -> None:
    answer = run("doctor", "--standing")
    assert answer.exit_code == 0
    assert "统计数相符" in answer.output


def test_what_differs_is_named_left_alone_and_mended_only_when_asked(demo: Path) -> None:
    database = open_database(f"sqlite:///{demo / 'tracker.db'}")
    with database.engine.begin() as connection:
        wrong = connection.execute(text("SELECT min(id) FROM duties")).scalar_one()
        connection.execute(text("UPDATE duties SET phase = 'done' WHERE id = :id"), {"id": wrong})
        connection.execute(text("UPDATE duty_tallies SET number = number + 1"))
    database.engine.dispose()
    for _ in range(2):
        answer = run("doctor", "--standing")
        assert answer.exit_code == 1
        assert f"责任不一致 1 项：{wrong}\n" in answer.output
        assert "另有" in answer.output  # of the tally more rows than are shown
        assert "没有改动" in answer.output
    mended = run("doctor", "--standing", "--mend")
    assert (mended.exit_code, "已按时限改正" in mended.output) == (0, True)
    assert run("doctor", "--standing").exit_code == 0
