"""信箱: who may read what would have been sent, and how it is shown."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

import config
from tests.kit.pages import read, words
from tests.kit.world import NOW, World, log_in
from tracker.adapters.mail.sending import Mail, Maildir
from tracker.app import create_app
from tracker.services.reminders.dispatch import run_pass
from tracker.store.core.engine import Database

ClientFor = Callable[[str], FlaskClient]


def keep(settings: config.Settings, number: int, **changes: object) -> None:
    """Put a mail into the mailbox, later than those before it."""
    given: dict[str, object] = {
        "message_id": f"<{number}@mou.example>",
        "to_name": "王立",
        "to_address": "wl@mou.example",
        "subject": f"〔新交办〕第{number}封",
        "text": "请签收。\nhttps://tz.example/duties/1\n",
        "html": "<p>请<b>签收</b>。</p>",
        "at": NOW + timedelta(minutes=number),
    }
    Maildir(settings.maildir, settings.mail_from).send(Mail(**(given | changes)))  # type: ignore[arg-type]
    newest = max((settings.maildir / "new").iterdir(), key=lambda path: path.stat().st_mtime_ns)
    os.utime(newest, ns=(number, number))


def keys(settings: config.Settings) -> list[str]:
    return sorted(path.name for path in (settings.maildir / "new").iterdir())


@pytest.mark.usefixtures("world")
def test_an_empty_mailbox_says_what_will_come(client_for: ClientFor) -> None:
    assert "还没有邮件" in read(client_for("administrator"), "/mailbox/")


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("person", ["lead", "head", "stranger", "supervisor", "leader", "auditor"])
def test_only_administrators_read_it(client_for: ClientFor, settings: config.Settings, person: str) -> None:
    keep(settings, 1)
    client = client_for(person)
    for url in ("/mailbox/", f"/mailbox/{keys(settings)[0]}", f"/mailbox/{keys(settings)[0]}/html"):
        read(client, url, 403)
    assert 'href="/mailbox/"' not in client.get("/password").get_data(as_text=True)


@pytest.mark.usefixtures("world")
def test_a_guest_is_asked_to_sign_in(app: Flask) -> None:
    assert app.test_client().get("/mailbox/").status_code == 302


@pytest.mark.usefixtures("world")
def test_there_is_none_where_mail_is_really_sent(database: Database, settings: config.Settings) -> None:
    keep(settings, 1)
    app = create_app(replace(settings, mail_url="smtp://mail.example"), database, lambda: NOW)
    client = log_in(app, "administrator")
    for url in ("/mailbox/", f"/mailbox/{keys(settings)[0]}", f"/mailbox/{keys(settings)[0]}/html"):
        read(client, url, 404)
    assert "邮件未外发" not in read(client, "/password")


@pytest.mark.usefixtures("world")
def test_the_last_mail_stands_first_and_the_list_has_pages(client_for: ClientFor, settings: config.Settings) -> None:
    for number in range(1, 53):
        keep(settings, number)
    client = client_for("administrator")
    first, second = read(client, "/mailbox/"), read(client, "/mailbox/?page=2")
    assert first.index("第52封") < first.index("第51封") < first.index("第3封")
    assert "第2封" not in first
    assert "第2封" in second
    assert "第 51–52 项，共 52 项" in words(second)
    assert "王立 &lt;wl@mou.example&gt;" in first
    assert "今日 10:52" in first


@pytest.mark.usefixtures("world")
def test_one_mail_shows_its_headers_its_text_and_its_html_in_a_frame(
    client_for: ClientFor, settings: config.Settings
) -> None:
    keep(settings, 1)
    client, (key,) = client_for("administrator"), keys(settings)
    page = read(client, f"/mailbox/{key}")
    for said in ("王立 &lt;wl@mou.example&gt;", "&lt;1@mou.example&gt;", "〔新交办〕第1封", "请签收。"):
        assert said in page
    assert f'<iframe sandbox src="/mailbox/{key}/html"' in page
    assert '<a href="https://tz.example/duties/1"' in page
    assert "<b>签收</b>" not in page
    frame = client.get(f"/mailbox/{key}/html")
    assert frame.get_data(as_text=True).strip() == "<p>请<b>签收</b>。</p>"
    assert frame.mimetype == "text/html"
    policy = frame.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert policy.endswith("sandbox")
    assert "script-src" not in policy


@pytest.mark.usefixtures("world")
def test_what_a_mail_says_is_never_markup_of_the_page(client_for: ClientFor, settings: config.Settings) -> None:
    keep(settings, 1, subject="<script>1</script>", text="<img src=x onerror=1>", to_name="<b>")
    client, (key,) = client_for("administrator"), keys(settings)
    for url in ("/mailbox/", f"/mailbox/{key}"):
        page = read(client, url)
        assert "<script>1" not in page
        assert "<img" not in page
        assert "&lt;script&gt;" in page


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    "key", ["nothing", "..", "new", "..%2F..%2Fsecret-key", "%2Fetc%2Fpasswd", "../secret-key", "a%00b"]
)
def test_a_key_that_is_no_mails_finds_nothing(client_for: ClientFor, settings: config.Settings, key: str) -> None:
    keep(settings, 1)
    (settings.data_dir / "secret-key").write_text("secret")
    client = client_for("administrator")
    for url in (f"/mailbox/{key}", f"/mailbox/{key}/html"):
        answer = client.get(url)
        assert answer.status_code in (301, 302, 308, 404)
        assert "secret" not in answer.get_data(as_text=True)


@pytest.mark.usefixtures("world")
def test_a_mail_that_a_program_has_shown_is_still_there(client_for: ClientFor, settings: config.Settings) -> None:
    keep(settings, 1)
    (key,) = keys(settings)
    (settings.maildir / "new" / key).rename(settings.maildir / "cur" / f"{key}:2,S")
    client = client_for("administrator")
    assert f"/mailbox/{key}" in read(client, "/mailbox/")
    assert "第1封" in read(client, f"/mailbox/{key}")


def test_the_overdue_mail_can_be_read(
    client_for: ClientFor, database: Database, settings: config.Settings, world: World
) -> None:
    sender = Maildir(settings.maildir, settings.mail_from)
    for now in (NOW, datetime(2026, 6, 30, 1, tzinfo=UTC), datetime(2026, 7, 2, 1, tzinfo=UTC)):
        run_pass(database, now, settings, sender, "test")
    client = client_for("administrator")
    page = read(client, "/mailbox/")
    assert "〔逾期2个工作日〕一.1 建立清欠台账" in page
    assert "lead同志 &lt;lead@mou.example&gt;" in page
    assert not list(Path(settings.maildir).glob("tmp/*"))
