"""Stored bytes: found under their digest, kept once, and never half."""

import os
from pathlib import Path

import pytest

from tracker.adapters.disk.store import FileStore


def test_the_same_bytes_are_kept_once_under_their_digest(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    digest = store.put("佐证".encode())
    kept = store.path(digest)
    before = kept.stat().st_mtime_ns
    assert store.put("佐证".encode()) == digest
    assert (kept.read_text("utf-8"), kept.stat().st_mtime_ns) == ("佐证", before)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [kept]


@pytest.mark.parametrize("name", ["", "../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n", "/" + "a" * 63])
def test_what_is_no_digest_is_never_a_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="digest"):
        FileStore(tmp_path).path(name)


def test_a_disk_that_fails_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        FileStore(tmp_path).put(b"evidence")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
