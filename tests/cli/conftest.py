"""What the tests of the `tracker` command share: data folders of their own, each made once and copied."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.kit.shared import Shared
from tracker.cli import main


def run(*words: str, typed: str | None = None) -> Result:
    """Run one command in this process, as a person would who may type something in."""
    return CliRunner().invoke(main, list(words), input=typed, catch_exceptions=False)


# What is run in a data folder, and in which other it goes on.
MADE: dict[str, tuple[str | None, tuple[str, ...]]] = {
    "migrated": (None, ("migrate",)),
    "seeded": ("migrated", ("seed",)),
    "demo": ("seeded", ("seed", "--demo")),
}


class Homes:
    """Data folders by what has been run in them; each is made when it is first asked for."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared

    def made(self, name: str, environ: pytest.MonkeyPatch) -> Path:
        before, words = MADE[name]

        def make(folder: Path) -> None:
            if before is not None:
                shutil.copytree(self.made(before, environ), folder)
            environ.setenv("TRACKER_DATA", str(folder))
            answer = run(*words)
            assert answer.exit_code == 0, answer.output

        return self.shared.place(f"home-{name}", make)

    def copied(self, name: str, to: Path, environ: pytest.MonkeyPatch) -> Path:
        shutil.copytree(self.made(name, environ), to, dirs_exist_ok=True)
        environ.setenv("TRACKER_DATA", str(to))
        return to


@pytest.fixture(scope="session")
def homes(shared: Shared) -> Homes:
    return Homes(shared)


@pytest.fixture
def plain_environ(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No setting but the data folder that a test gives."""
    for name in ("DATABASE_URL", "SECRET_KEY", "MAIL_URL", "TRACKER_ENV"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.fixture
def home(homes: Homes, tmp_path: Path, plain_environ: pytest.MonkeyPatch) -> Path:
    """A data folder of the test's own, with its database migrated."""
    return homes.copied("migrated", tmp_path, plain_environ)


@pytest.fixture
def seeded(homes: Homes, tmp_path: Path, plain_environ: pytest.MonkeyPatch) -> Path:
    """The same with the registries of seeds/."""
    return homes.copied("seeded", tmp_path, plain_environ)


@pytest.fixture
def demo(homes: Homes, tmp_path: Path, plain_environ: pytest.MonkeyPatch) -> Path:
    """The same with the demonstration."""
    return homes.copied("demo", tmp_path, plain_environ)
