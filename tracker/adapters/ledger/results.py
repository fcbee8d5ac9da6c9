"""Results kept to be fetched (待取结果): for a day, by the person they were made for, then they are gone."""

import os
import re
import secrets
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

KEPT = timedelta(days=1)
MOST = 5  # of one person; the oldest make room
_NAME = re.compile(r"(\d{1,12})-(\d{1,12})-([0-9a-f]{32})")


class Parcels:
    """A folder of files named by when they end, whose they are and a secret; readable by this account alone."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, owner: int, data: bytes, now: datetime) -> str:
        """Keep `data` for its owner; returns the secret it is fetched with."""
        self.sweep(now)
        own = sorted((path for path, _, whose, _ in self._all() if whose == owner), key=lambda path: path.name)
        for path in own[: len(own) - MOST + 1] if len(own) >= MOST else ():
            path.unlink(missing_ok=True)
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        secret = secrets.token_hex(16)
        path = self.root / f"{int((now + KEPT).timestamp()):012d}-{owner}-{secret}"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
        return secret

    def get(self, owner: int, secret: str, now: datetime) -> bytes | None:
        """Return what was kept for the owner under a secret; None when it is not his, or no more."""
        for path, until, whose, its in self._all():
            if whose == owner and secrets.compare_digest(its.encode(), secret.encode()) and until > now.timestamp():
                with suppress(FileNotFoundError):
                    return path.read_bytes()
        return None

    def sweep(self, now: datetime) -> int:
        """Remove what nobody may fetch any more; returns how many."""
        over = [path for path, until, _, _ in self._all() if until <= now.timestamp()]
        for path in over:
            path.unlink(missing_ok=True)
        return len(over)

    def _all(self) -> list[tuple[Path, int, int, str]]:
        try:
            paths = list(self.root.iterdir())
        except FileNotFoundError:
            return []
        found = ((path, _NAME.fullmatch(path.name)) for path in paths)
        return [(path, int(m[1]), int(m[2]), m[3]) for path, m in found if m is not None]
