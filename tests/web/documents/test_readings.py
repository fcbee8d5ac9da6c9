"""An upload that takes long is read beside the pages: it is shown how far it is, and nothing that came in is lost."""

from collections.abc import Callable, Iterator
from threading import Event

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.kit.pages import read
from tests.kit.world import World, token_in
from tests.web.documents.test_sources import OTHER, upload
from tracker.store.core.engine import Database
from tracker.store.models import Source, Upload, UploadState
from tracker.web.documents import readings

ClientFor = Callable[[str], FlaskClient]


@pytest.fixture
def slow(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Event]:
    """Hold every reading back until the event is set; nobody waits for one."""
    monkeypatch.setattr(readings, "MOST_WAITING", 2)
    app.extensions["readings"] = readings.Readings()
    go = Event()
    really = readings.read_came

    def held(came: readings.Came) -> readings.ReadUpload:
        assert go.wait(30)
        return really(came)

    monkeypatch.setattr(readings, "read_came", held)
    monkeypatch.setattr(readings, "PATIENCE_S", 0)
    first = app.extensions["readings"]
    yield go
    go.set()
    settled(app)
    settled(app, first)  # where a restart was played, what went on before it ends too
    app.extensions["readings"] = readings.Readings()


def settled(app: Flask, of: readings.Readings | None = None) -> None:
    """Wait until this process reads nothing more."""
    under_way = (of or app.extensions["readings"])._under_way
    pause = Event()
    for _ in range(600):
        if not under_way:
            return
        pause.wait(0.05)
    raise AssertionError("a reading never ended")


def the_upload(database: Database) -> Upload:
    with database.read() as session:
        return session.scalars(select(Upload)).one()


def press(client: FlaskClient, page: str, address: str) -> TestResponse:
    return client.post(address, data={"csrf_token": token_in(read(client, page))})


def test_a_long_reading_is_shown_until_it_leads_to_its_source(
    app: Flask, world: World, client_for: ClientFor, database: Database, slow: Event
) -> None:
    client = client_for("supervisor")
    here = upload(client, OTHER.encode(), "措施.txt").location
    answer = client.get(here)
    assert answer.headers["Refresh"] == "2"
    assert "正在读取" in answer.get_data(as_text=True)
    assert "措施.txt" in read(client, "/sources/")
    slow.set()
    settled(app)
    with database.read() as session:
        source = session.scalars(select(Source).order_by(Source.id.desc())).first()
    assert source is not None
    assert client.get(here).location == f"/sources/{source.id}"
    assert (source.filename, source.uploaded_by_id) == ("措施.txt", world.people["supervisor"].id)
    assert the_upload(database).state is UploadState.DONE
    assert "还没有读好的" not in read(client, "/sources/")


def test_what_cannot_be_kept_is_said_where_its_progress_was_shown(
    app: Flask, client_for: ClientFor, slow: Event, database: Database
) -> None:
    client = client_for("supervisor")
    here = upload(client, paste="只是一句话，没有编号。").location
    slow.set()
    settled(app)
    page = read(client, here)
    assert "没有读到任何措施" in page
    assert "只是一句话，没有编号。" in page
    assert "Refresh" not in client.get(here).headers
    assert press(client, here, f"{here}/discard").location == "/sources/"
    with database.read() as session:
        assert session.scalars(select(Upload)).all() == []


def test_what_is_in_already_is_named(app: Flask, client_for: ClientFor, slow: Event) -> None:
    client = client_for("supervisor")
    first = upload(client, OTHER.encode(), "一.txt").location
    second = upload(client, OTHER.encode() + b"", "二.txt").location
    slow.set()
    settled(app)
    pages = [client.get(address) for address in (first, second)]
    told = next(page for page in pages if page.status_code == 200)
    assert "打开已有的那一份" in told.get_data(as_text=True)


def test_an_error_nobody_foresaw_is_said_and_the_upload_can_be_read_again(
    app: Flask, client_for: ClientFor, slow: Event, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    client = client_for("supervisor")
    held = readings.read_came

    def broken(_: readings.Came) -> readings.ReadUpload:
        assert slow.wait(30)
        raise ZeroDivisionError

    monkeypatch.setattr(readings, "read_came", broken)
    here = upload(client, OTHER.encode(), "措施.txt").location
    slow.set()
    settled(app)
    assert "读取时出了错" in read(client, here)
    monkeypatch.setattr(readings, "read_came", held)
    assert press(client, here, f"{here}/again").location == here
    settled(app)
    assert the_upload(database).state is UploadState.DONE


def test_an_error_nobody_foresaw_keeps_what_was_typed(
    world: World, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readings, "read_came", lambda _: 1 // 0)
    answer = upload(client_for("supervisor"), paste=OTHER)
    assert answer.status_code == 422
    assert "读取时出了错" in answer.get_data(as_text=True)
    assert "推行首问负责" in answer.get_data(as_text=True)


def test_a_reading_cut_off_by_a_restart_goes_on_from_what_came_in(
    app: Flask, client_for: ClientFor, slow: Event, database: Database
) -> None:
    client = client_for("supervisor")
    here = upload(client, OTHER.encode(), "措施.txt").location
    app.extensions["readings"] = readings.Readings()
    assert "读取被中断" in read(client, here)
    press(client, here, f"{here}/again")
    slow.set()
    settled(app)
    assert the_upload(database).state is UploadState.DONE


def test_what_is_given_up_while_it_is_read_is_not_kept(
    app: Flask, client_for: ClientFor, slow: Event, database: Database
) -> None:
    client = client_for("supervisor")
    here = upload(client, OTHER.encode(), "不要了.txt").location
    assert press(client, "/sources/new", f"{here}/discard").location == "/sources/"
    slow.set()
    settled(app)
    with database.read() as session:
        assert session.scalars(select(Upload)).all() == []
        assert session.scalars(select(Source).where(Source.filename == "不要了.txt")).all() == []


def test_more_than_anybody_would_wait_for_is_refused_in_words(client_for: ClientFor, slow: Event) -> None:
    client = client_for("supervisor")
    for n in range(readings.MOST_WAITING + readings.AT_ONCE):
        assert upload(client, f"{OTHER}{n}".encode(), "a.txt").status_code == 302
    refused = upload(client, OTHER.encode(), "a.txt")
    assert refused.status_code == 422
    assert "正在读取的文件太多" in refused.get_data(as_text=True)


@pytest.mark.parametrize("who", ["lead", "support", "stranger", "leader", "administrator"])
def test_nobody_else_sees_or_begins_a_reading(client_for: ClientFor, slow: Event, who: str) -> None:
    here = upload(client_for("supervisor"), OTHER.encode(), "a.txt").location
    client = client_for(who)
    assert client.get(here).status_code in (403, 404)
    token = token_in(read(client, "/password"))
    for act in ("again", "discard"):
        assert client.post(f"{here}/{act}", data={"csrf_token": token}).status_code in (403, 404)
