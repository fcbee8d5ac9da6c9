"""A long text is read at another level beside the pages: its progress is shown, and a failure changes nothing."""

from collections.abc import Callable, Iterator
from threading import Event
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.kit.pages import read, words
from tests.kit.world import World
from tests.web.documents.test_recut import Pages, level_form, send
from tracker.adapters.files.plans import NotReadInTime
from tracker.adapters.files.readers import ReadError
from tracker.reading import extraction
from tracker.store.core.engine import Database
from tracker.web.documents import readings

ClientFor = Callable[[str], FlaskClient]
BEFORE = ["一.1", "一.2", "一.3", "一.4", "一.5", "一.6"]
HAN = "/level?level=han"


@pytest.fixture
def pages(database: Database, draft: World) -> Pages:
    return Pages(database, draft)


@pytest.fixture
def long(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every text for a long one."""
    monkeypatch.setattr(readings, "READ_HERE", 0)
    app.extensions["readings"] = readings.Readings()


class Held:
    """Readings held back until they may go on; how many were begun."""

    def __init__(self, really: Callable[..., Any]) -> None:
        self.go, self.really, self.begun = Event(), really, 0
        self.error: Exception | None = None

    def __call__(self, text: str, level: str | None = None) -> Any:
        self.begun += 1
        assert self.go.wait(30)
        if self.error is not None:
            raise self.error
        return self.really(text, level)


@pytest.fixture
def held(app: Flask, long: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    made = Held(readings.plans_of)
    monkeypatch.setattr(readings, "plans_of", made)
    monkeypatch.setattr(readings, "PATIENCE_S", 0)
    yield made
    made.go.set()
    settled(app)


def settled(app: Flask) -> None:
    """Wait until every reading at a level has ended."""
    for reading in list(app.extensions["readings"].at_levels._found.values()):
        assert readings.wait([reading], timeout=30).done


@pytest.mark.usefixtures("read_apart", "long")
def test_a_long_text_is_read_at_another_level_in_a_process_apart(
    pages: Pages, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("read in the process that serves pages")

    monkeypatch.setattr(extraction, "read", never)
    client = client_for("supervisor")
    page = read(client, pages.url(HAN))
    assert "6 项 → 1 项" in words(page)
    assert send(client, level_form(page)).status_code == 302
    assert pages.keys() == ["一"]


def test_a_text_that_another_process_takes_longer_to_start_for_is_read_at_once(
    pages: Pages, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readings, "plans_of", lambda *_: 1 // 0)
    assert "6 项 → 1 项" in words(read(client_for("supervisor"), pages.url(HAN)))


def test_its_progress_is_shown_until_there_is_a_result(
    app: Flask, pages: Pages, client_for: ClientFor, held: Held
) -> None:
    client = client_for("supervisor")
    answer = client.get(pages.url(HAN))
    assert answer.headers["Refresh"] == "2"
    said = words(answer.get_data(as_text=True))
    assert "正在按这一级重新读取" in said
    assert "拆分的结果" not in said
    held.go.set()
    settled(app)
    answer = client.get(pages.url(HAN))
    assert "Refresh" not in answer.headers
    assert "6 项 → 1 项" in words(answer.get_data(as_text=True))
    assert pages.keys() == BEFORE
    assert send(client, level_form(answer.get_data(as_text=True))).status_code == 302
    assert pages.keys() == ["一"]


def test_one_text_is_read_once_however_often_and_by_whom_it_is_asked_for(
    app: Flask, pages: Pages, client_for: ClientFor, held: Held
) -> None:
    client, other = client_for("supervisor"), client_for("supervisor2")
    for asks in (client, client, other):
        assert "Refresh" in asks.get(pages.url(HAN)).headers
    held.go.set()
    settled(app)
    for asks in (client, other):
        assert "6 项 → 1 项" in words(read(asks, pages.url(HAN)))
    assert held.begun == 1


def test_a_press_whose_reading_was_lost_by_a_restart_does_nothing_before_its_result_is_seen(
    app: Flask, pages: Pages, client_for: ClientFor, held: Held
) -> None:
    client = client_for("supervisor")
    held.go.set()
    client.get(pages.url(HAN))
    settled(app)
    form = level_form(read(client, pages.url(HAN)))
    app.extensions["readings"] = readings.Readings()
    held.go.clear()
    answer = send(client, form)
    assert (answer.status_code, pages.keys()) == (302, BEFORE)
    shown = client.get(answer.location)
    assert shown.headers["Refresh"] == "2"
    assert "还没有拆分" in shown.get_data(as_text=True)
    held.go.set()
    settled(app)
    assert send(client, level_form(read(client, answer.location))).status_code == 302
    assert pages.keys() == ["一"]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (NotReadInTime(), "没有在规定的时间里读完"),
        (ReadError("文件无法读取"), "没有读成"),
        (ZeroDivisionError(), "没有读成"),
    ],
)
def test_what_could_not_be_read_says_what_to_do_and_can_be_tried_again(
    app: Flask, pages: Pages, client_for: ClientFor, held: Held, error: Exception, told: str
) -> None:
    client = client_for("supervisor")
    held.error = error
    client.get(pages.url(HAN))
    held.go.set()
    settled(app)
    answer = client.get(pages.url(HAN))
    said = words(answer.get_data(as_text=True))
    assert told in said
    assert "草稿没有改动" in said
    assert "再读一次" in said
    assert "Refresh" not in answer.headers
    assert pages.keys() == BEFORE
    held.error = None
    client.get(pages.url(HAN))
    settled(app)
    assert "6 项 → 1 项" in words(read(client, pages.url(HAN)))


def test_a_press_whose_reading_fails_says_so_and_changes_nothing(
    app: Flask, pages: Pages, client_for: ClientFor, held: Held
) -> None:
    client = client_for("supervisor")
    held.go.set()
    client.get(pages.url(HAN))
    settled(app)
    form = level_form(read(client, pages.url(HAN)))
    app.extensions["readings"] = readings.Readings()
    held.error = NotReadInTime()
    client.get(pages.url(HAN))
    settled(app)
    answer = send(client, form)
    assert answer.status_code == 422
    assert "没有在规定的时间里读完" in answer.get_data(as_text=True)
    assert pages.keys() == BEFORE


def test_more_than_anybody_would_wait_for_is_said_and_nothing_begun(
    pages: Pages, client_for: ClientFor, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise readings.TooManyWaiting

    monkeypatch.setattr(readings.ReadingQueue, "submit", full)
    said = words(read(client_for("supervisor"), pages.url(HAN)))
    assert "正在读取的文件太多" in said
    assert held.begun == 0


def test_only_the_latest_readings_are_kept(app: Flask, held: Held, pages: Pages) -> None:
    held.go.set()
    at_levels = app.extensions["readings"].at_levels
    for source in range(readings.KEPT + 3):
        at_levels.ask(source, "han", lambda _: "一、推进。（市甲局）")
        settled(app)
    kept = [source for source, _ in at_levels._found]
    assert kept == list(range(3, readings.KEPT + 3))


@pytest.mark.parametrize("who", ["lead", "stranger", "administrator"])
def test_nobody_who_may_not_confirm_a_draft_has_it_read(
    pages: Pages, client_for: ClientFor, held: Held, who: str
) -> None:
    assert client_for(who).get(pages.url(HAN)).status_code in (403, 404)
    assert held.begun == 0
