"""What lies in the data folder is for the account the product runs under, and for nobody else."""

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import ROOT
from tracker.adapters.disk.private import keep_private


def modes(folder: Path) -> dict[str, int]:
    """Return what group and others may do with everything in a folder and with itself: names with their bits."""
    found = [folder, *folder.rglob("*")]
    return {str(path.relative_to(folder)): mode for path in found if (mode := stat.S_IMODE(path.stat().st_mode) & 0o77)}


@pytest.fixture
def open_umask() -> Iterator[None]:
    """As a careless system would have it: everybody may read what is made."""
    before = os.umask(0o022)
    yield
    os.umask(before)


MAKE = """
from datetime import datetime, UTC
from pathlib import Path
from tracker.adapters.disk.store import FileStore
from tracker.adapters.mail.sending import Mail, sender_for
from tracker.adapters.ledger.results import Parcels
from tracker.cli.base import open_installation

settings, database = open_installation()
at = datetime(2026, 3, 23, tzinfo=UTC)
FileStore(settings.files_dir).put(b"evidence")
Parcels(settings.imports_dir).put(1, b"result", at)
mail = Mail("<1@mou.example>", "甲", "a@mou.example", "办件", "文", "<p>文</p>", at)
sender_for(None, settings.mail_from, settings.maildir).send(mail)
"""


def run(data: Path, *command: str) -> None:
    environ = {**os.environ, "TRACKER_DATA": str(data), "DATABASE_URL": "", "SECRET_KEY": "", "TRACKER_ENV": "test"}
    done = subprocess.run([sys.executable, *command], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, done.stderr


def migrate(data: Path) -> None:
    run(data, "-m", "tracker.cli", "migrate")


def test_what_the_product_makes_is_its_own(tmp_path: Path, open_umask: None) -> None:
    data = tmp_path / "deep" / "data"
    migrate(data)
    held = sqlite3.connect(data / "tracker.db")  # so that the log and the shared memory are there to be looked at
    held.execute("SELECT count(*) FROM users").fetchone()
    run(data, "-c", MAKE)
    names = {path.name for path in data.iterdir()}
    assert names == {"tracker.db", "tracker.db-wal", "tracker.db-shm", "files", "mail", "imports", "secret-key"}
    assert any((data / "mail" / "new").iterdir())
    assert modes(data) == {}
    held.close()


def test_what_lay_there_open_is_tightened_at_the_next_start(
    tmp_path: Path, open_umask: None, sqlite_template: bytes
) -> None:
    data, outside = tmp_path / "data", tmp_path / "outside"
    data.mkdir()
    (data / "tracker.db").write_bytes(sqlite_template)
    outside.write_text("somebody else's")
    for folder in ("files/ab", "mail/new", "imports"):
        (data / folder).mkdir(parents=True, exist_ok=True)
    for name in ("files/ab/abc", "mail/new/1.mail", "imports/one", "tracker.db-wal"):
        (data / name).write_bytes(b"")
    (data / "files" / "link").symlink_to(outside)
    for path in [data, *data.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() else 0o644)
    assert len(modes(data)) > 8
    migrate(data)
    left = modes(data)
    assert set(left) == {"files/link"}  # where a link leads is not ours
    assert stat.S_IMODE(outside.stat().st_mode) == 0o644


def test_a_database_beside_the_data_folder_is_tightened_without_its_folder(tmp_path: Path) -> None:
    elsewhere, data = tmp_path / "elsewhere", tmp_path / "data"
    elsewhere.mkdir()
    elsewhere.chmod(0o755)
    database = elsewhere / "other.db"
    for name in ("other.db", "other.db-wal", "neighbour.txt"):
        (elsewhere / name).write_bytes(b"")
        (elsewhere / name).chmod(0o644)
    before = os.umask(0o022)
    try:
        keep_private(data, database)
    finally:
        os.umask(before)
    assert modes(elsewhere) == {".": 0o55, "neighbour.txt": 0o44}
    assert modes(data) == {}


@pytest.mark.parametrize(
    ("trouble", "said"),
    [(FileNotFoundError, ""), (PermissionError, "cannot close {} to other accounts: it is not ours")],
)
def test_a_file_gone_meanwhile_or_anothers_stops_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    trouble: type[OSError],
    said: str,
) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(b"")
        (tmp_path / name).chmod(0o644)
    chmod, odd = Path.chmod, tmp_path / "a"

    def change(path: Path, mode: int) -> None:
        if path == odd:
            raise trouble(path)
        chmod(path, mode)

    monkeypatch.setattr(Path, "chmod", change)
    before = os.umask(0o022)
    try:
        keep_private(tmp_path)
    finally:
        os.umask(before)
    assert modes(tmp_path) == {"a": 0o44}
    assert [record.getMessage() for record in caplog.records] == ([said.format(odd)] if said else [])
