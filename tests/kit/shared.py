"""What is dear to make and the same for every test is made once in a run, by whichever worker asks first."""

import fcntl
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

T = TypeVar("T")


class Shared:
    """A folder of this run that all its workers see."""

    def __init__(self, factory: pytest.TempPathFactory) -> None:
        own = factory.getbasetemp()
        # Under xdist each worker has a folder of its own within the run's.
        self.folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "shared"
        self.folder.mkdir(exist_ok=True)

    def place(self, name: str, make: Callable[[Path], None]) -> Path:
        """Return a path at which `make` has left a file or a folder; others wait until it has."""
        done, path = self.folder / f"{name}.done", self.folder / name
        with (self.folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                make(path)
                done.touch()
        return path

    def value(self, name: str, make: Callable[[], T]) -> T:
        """Return a value of the reader's own of what `make` gives."""
        path = self.place(name, lambda path: path.write_bytes(pickle.dumps(make())) and None)
        made: T = pickle.loads(path.read_bytes())  # noqa: S301 - our own, made a moment ago
        return made
