"""A real browser, a real server, and a clock the story moves."""

import shutil
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

import config
from tests.conftest import Clock, skip_or_fail
from tests.kit.kept import whole_file
from tests.kit.served import served
from tests.kit.shared import Shared
from tests.kit.world import NOW, PASSWORD, PASSWORD_HASH
from tracker.adapters.mail.sending import sender_for
from tracker.app import create_app
from tracker.services.case_types.seeds import seed_case_types
from tracker.services.core.act import begin
from tracker.services.demo.seeding import read_seeds, seed_registry
from tracker.services.people import accounts
from tracker.services.reminders.dispatch import PassReport, run_pass
from tracker.store.core.actors import SYSTEM
from tracker.store.core.engine import Database, open_database
from tracker.store.models import Jurisdiction, MemberRole
from tracker.store.registry.names import known_names

# Milliseconds: nothing here is about speed, and a busy machine may take its time.
PATIENCE = 40_000
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        skip_or_fail("chromium (a Debian package) is not installed")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"],
        )
        yield launched
        launched.close()


@dataclass
class Town:
    """A served installation: its address, its database, its clock."""

    url: str
    database: Database
    settings: config.Settings
    clock: Clock

    def pass_time(self, to: datetime) -> PassReport:
        """Let time pass, and the worker do one pass at its end."""
        self.clock.at = to
        sender = sender_for(self.settings.mail_url, self.settings.mail_from, self.settings.maildir)
        return run_pass(self.database, to, self.settings, sender, "story")


@pytest.fixture(scope="session")
def shipped(sqlite_template: bytes, shared: Shared) -> bytes:
    """The database of an installation with the shipped registry, and nobody in it yet."""

    def seed(path: Path) -> None:
        path.write_bytes(sqlite_template)
        database = open_database(f"sqlite:///{path}")
        with database.write() as session:
            places = read_seeds(config.ROOT / "seeds")
            seed_registry(session, NOW, places)
            seed_case_types(session, NOW, places, read_seeds(config.ROOT / "seeds" / "case-types"))
            session.commit()
        whole_file(database)

    return shared.place("shipped.db", seed).read_bytes()


@pytest.fixture
def town(shipped: bytes, tmp_path: Path, clock: Clock) -> Iterator[Town]:
    """That installation, served on a free port."""
    path = tmp_path / "tracker.db"
    path.write_bytes(shipped)
    database = open_database(f"sqlite:///{path}")
    settings = config.load({
        "TRACKER_DATA": str(tmp_path), "TRACKER_ENV": "test", "BASE_URL": "http://story.example",
        "SESSION_IDLE_MINUTES": "525600", "SESSION_HOURS": "8760",  # a story's clock goes on by weeks
    })  # fmt: skip
    with served(create_app(settings, database, clock)) as url:
        yield Town(url, database, settings, clock)
    database.engine.dispose()


@pytest.fixture
def hire(town: Town) -> Callable[[str, str, str, MemberRole], None]:
    """Give a person an account: hire(login, place, unit, role)."""

    def act(login: str, place: str, unit: str, role: MemberRole) -> None:
        with town.database.write() as session:
            jurisdiction = session.query(Jurisdiction).filter_by(name=place).one()
            unit_id, _ = known_names(session, jurisdiction.id).resolve(unit)
            assert unit_id is not None
            accounts.add_user(
                begin(session, SYSTEM, town.clock.at),
                login=login,
                name=f"{login}同志",
                email=f"{login}@story.example",
                password_hash=PASSWORD_HASH,
                posts=[(unit_id, role)],
            )
            session.commit()

    return act


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember of each test whether it failed, for what is taken down after it."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture
def enter(
    request: pytest.FixtureRequest, browser: Browser, town: Town, tmp_path: Path
) -> Iterator[Callable[[str], Page]]:
    """Sign a person in with a window of his own: enter(login)."""
    pages: list[Page] = []
    faults: list[str] = []

    def act(login: str) -> Page:
        page = browser.new_context(locale="zh-CN", viewport={"width": 1366, "height": 768}).new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: faults.append(f"{login}: {error}"))
        page.on("console", lambda m: faults.append(f"{login}: {m.text}") if "Content Security" in m.text else None)
        page.goto(f"{town.url}/login")
        page.get_by_label("登录名").fill(login)
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        pages.append(page)
        return page

    yield act
    for n, page in enumerate(pages):
        if request.node.stash.get(FAILED, False):
            page.screenshot(path=tmp_path / f"last-seen-{n}.png", full_page=True)  # what it was looking at
        page.context.close()
    assert faults == []
