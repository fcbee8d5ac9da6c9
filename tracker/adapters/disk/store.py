"""Stored bytes (上传原件, 佐证材料): each under its sha256, so that no name from outside is ever a path."""

import hashlib
import os
import re
import tempfile
from pathlib import Path

_DIGEST = re.compile(r"[0-9a-f]{64}\Z")


class FileStore:
    """A folder of files named by their sha256; the same bytes are kept once."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, data: bytes) -> str:
        """Keep `data`; returns its sha256.  Written aside first: a crash leaves no half file under a digest."""
        digest = hashlib.sha256(data).hexdigest()
        path = self.path(digest)
        if path.exists():
            return digest
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return digest

    def path(self, digest: str) -> Path:
        """Return where a digest's bytes lie; ValueError for anything that is no digest."""
        if not _DIGEST.match(digest):
            raise ValueError("not a sha256 digest")
        return self.root / digest[:2] / digest
