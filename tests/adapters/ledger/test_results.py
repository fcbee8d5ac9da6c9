"""Results of an import: fetched by their owner alone, for a day, the last five of them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tracker.adapters.ledger.results import KEPT, MOST, Parcels

NOW = datetime(2026, 3, 23, 2, tzinfo=UTC)


def test_what_was_kept_is_fetched_by_its_owner_alone_and_until_it_ends(tmp_path: Path) -> None:
    parcels = Parcels(tmp_path / "imports")
    assert parcels.get(1, "none", NOW) is None
    secret = parcels.put(1, b"result", NOW)
    assert parcels.get(1, secret, NOW + KEPT - timedelta(seconds=1)) == b"result"
    assert parcels.get(2, secret, NOW) is None
    assert parcels.get(1, "0" * 32, NOW) is None
    assert parcels.get(1, secret, NOW + KEPT) is None


def test_the_oldest_of_one_person_make_room_and_nobody_elses(tmp_path: Path) -> None:
    parcels = Parcels(tmp_path / "imports")
    others = parcels.put(2, b"another's", NOW)
    secrets = [parcels.put(1, str(n).encode(), NOW + timedelta(minutes=n)) for n in range(MOST + 2)]
    now = NOW + timedelta(hours=1)
    assert [parcels.get(1, secret, now) for secret in secrets] == [None, None, b"2", b"3", b"4", b"5", b"6"]
    assert parcels.get(2, others, now) == b"another's"


def test_what_nobody_may_fetch_any_more_is_swept_and_what_is_not_ours_stays(tmp_path: Path) -> None:
    parcels = Parcels(tmp_path)
    (tmp_path / "notes.txt").write_text("somebody's")
    parcels.put(1, b"old", NOW)
    kept = parcels.put(1, b"new", NOW + timedelta(hours=2))
    assert parcels.sweep(NOW + KEPT + timedelta(hours=1)) == 1
    assert parcels.get(1, kept, NOW + KEPT) == b"new"
    assert (tmp_path / "notes.txt").exists()
