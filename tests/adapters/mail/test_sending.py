"""Mail on its way out: into the Maildir, and in a real SMTP conversation."""

import mailbox
import socket
import stat
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from config import ConfigError
from tests.kit.smtp_server import mail_server
from tracker.adapters.mail.rendering import Digest, MailGroup, MailLine, MailList, render
from tracker.adapters.mail.sending import (
    Barred,
    Mail,
    Maildir,
    NoAddress,
    Permanent,
    Smtp,
    Temporary,
    Unavailable,
    Unknown,
    Unwritable,
    build,
    sender_for,
)

FROM = "市减负办 <jfb@mou.example>"
AT = datetime(2026, 3, 23, 2, 0, tzinfo=UTC)
HERE = MailList("责任 · 逾期", "https://tz.example/duties/?light=late&own=1")
LINE = MailLine(
    "四.2",
    "办件 2026-014 转办",
    "对投诉线索，自正式受理之日起3个工作日内转办。",
    "《若干措施》（某政发〔2026〕5号）",
    "2月26日 周四",
    "2月14日正式受理，当日不计",
    "逾期 18 个工作日",
    "https://tz.example/cases/14",
)


def mail(number: int = 1, **changes: object) -> Mail:
    given: dict[str, object] = {
        "message_id": f"<{number}@mou.example>",
        "to_name": "王立",
        "to_address": f"wl{number}@mou.example",
        "subject": "〔逾期18个工作日〕四.2 办件 2026-014 转办",
        "text": "海城市政府 王立：\n\n请立即转办。\n",
        "html": "<p>请立即<b>转办</b>。</p>",
        "at": AT,
    }
    return Mail(**(given | changes))  # type: ignore[arg-type]


# --- what a mail is ---------------------------------------------------------------------------------------------------


def test_a_mail_has_both_forms_and_the_headers_that_programs_need() -> None:
    read = message_from_bytes(build(mail(), FROM).as_bytes(), policy=default)
    assert read["From"] == FROM
    assert read["To"] == "王立 <wl1@mou.example>"
    assert read["Subject"] == "〔逾期18个工作日〕四.2 办件 2026-014 转办"
    assert read["Date"] == "Mon, 23 Mar 2026 10:00:00 +0800"
    assert read["Message-ID"] == "<1@mou.example>"
    assert read["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in read.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert read.get_body(("plain",)).get_content() == mail().text  # type: ignore[union-attr]
    assert build(mail(), FROM).as_bytes().isascii()


@pytest.mark.parametrize(
    "changes",
    [
        {"to_address": "a@mou.example\r\nBcc: all@mou.example"},
        {"to_address": "王立@mou.example"},
        {"to_address": "nobody"},
        {"to_address": "a@mou.example, b@mou.example"},
        {"to_address": ""},
    ],
)
def test_an_address_that_is_none_is_refused_for_good(changes: dict[str, object]) -> None:
    with pytest.raises(NoAddress):
        build(mail(**changes), FROM)


@pytest.mark.parametrize(
    "changes", [{"subject": "提醒\r\nBcc: all@mou.example"}, {"message_id": "<1@x>\nBcc: all@mou.example"}]
)
def test_a_header_nobody_should_write_says_nothing_of_the_address(changes: dict[str, object]) -> None:
    with pytest.raises(Unwritable):
        build(mail(**changes), FROM)


def test_a_line_break_in_a_name_makes_no_header() -> None:
    built = build(mail(to_name="王立\r\nBcc: all@mou.example"), FROM)
    assert built["Bcc"] is None
    assert built["To"] == '"王立 Bcc: all@mou.example" <wl1@mou.example>'


def test_what_users_wrote_is_escaped_in_html_alone() -> None:
    evil = MailLine("一", "<script>甲</script>", "<img src=x>", "", "", "", "", "https://tz.example/duties/1")
    digest = Digest(
        "主题",
        "王<b>立",
        "请看",
        (MailGroup("逾期", (evil,), (HERE,) * 9, "late", "■"),),
        "市减负办",
        "因为",
        "https://tz.example",
    )
    written = render(digest)
    assert "<script>" not in written.html
    assert "<img" not in written.html
    assert "王&lt;b&gt;立" in written.html
    assert "<script>甲</script>" in written.text
    assert "另有 8 项" in written.text
    assert "另有 8 项" in written.html


def test_every_word_of_a_line_is_in_both_forms() -> None:
    groups = (MailGroup("逾期", (LINE,), (HERE,), "late", "■"),)
    written = render(Digest("主题", "王立", "请转办。", groups, "市减负办", "因为", "https://tz.example"))
    for words in (LINE.key, LINE.title, LINE.quote, LINE.doc, LINE.date_words, LINE.why, LINE.light_words, LINE.url):
        assert words in written.html
        assert words in written.text.replace("\n   ", "")
    assert "另有" not in written.text + written.html


# --- the Maildir ------------------------------------------------------------------------------------------------------


def test_the_maildir_keeps_mails_for_its_owner_alone(tmp_path: Path) -> None:
    sender = sender_for(None, FROM, tmp_path / "var" / "mail")
    for number in (1, 2):
        sender.send(mail(number))
    sender.close()
    box = mailbox.Maildir(tmp_path / "var" / "mail", create=False)
    kept = [message_from_bytes(box.get_bytes(key), policy=default) for key in box.keys()]  # noqa: SIM118
    assert {m["Message-ID"] for m in kept} == {"<1@mou.example>", "<2@mou.example>"}
    assert kept[0].get_body(("html",)).get_content().strip() == mail().html  # type: ignore[union-attr]
    assert stat.S_IMODE((tmp_path / "var" / "mail").stat().st_mode) == 0o700


def test_a_maildir_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("in the way")
    with pytest.raises(Unavailable):
        Maildir(tmp_path / "mail", FROM).send(mail())


# --- SMTP -----------------------------------------------------------------------------------------------------------


def test_one_connection_serves_a_batch() -> None:
    with mail_server() as post:
        sender = Smtp(post.url, FROM)
        for number in range(3):
            sender.send(mail(number))
        sender.close()
    assert post.connections == 1
    assert [m["Message-ID"] for m in post.taken] == ["<0@mou.example>", "<1@mou.example>", "<2@mou.example>"]
    assert post.envelopes[0].mail_from == "jfb@mou.example"
    assert post.envelopes[0].rcpt_tos == ["wl0@mou.example"]
    assert post.taken[0]["Subject"] == mail().subject
    assert post.taken[0].get_body(("plain",)).get_content().splitlines() == mail().text.splitlines()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("550 5.1.1 没有这个用户", Unknown),
        ("553 no such name", Permanent),
        ("554 5.7.1 Relay access denied", Barred),
        ("552 5.2.2 mailbox full", Temporary),
        ("450 4.2.1 mailbox busy", Temporary),
        ("421 4.3.2 bye", Unavailable),
    ],
)
def test_a_refused_recipient_stops_nobody_else(answer: str, kind: type[Exception]) -> None:
    with mail_server() as post:
        post.refuse["wl1@mou.example"] = answer.encode("ascii", "replace").decode()
        sender = Smtp(post.url, FROM)
        with pytest.raises(kind, match=answer[:3]) as caught:
            sender.send(mail(1))
        assert type(caught.value) is kind
        sender.send(mail(2))
        sender.close()
    assert [m["Message-ID"] for m in post.taken] == ["<2@mou.example>"]


@pytest.mark.parametrize("answer", ["554 spam", "550 5.7.1 policy", "451 later"])
def test_refused_content_says_nothing_of_the_address(answer: str) -> None:
    with mail_server() as post:
        post.refuse_data = answer
        sender = Smtp(post.url, FROM)
        with pytest.raises(Temporary, match=answer[:3]):
            sender.send(mail())
        sender.close()


@pytest.mark.parametrize("stage", ["refuse_greeting", "refuse_mail"])
def test_a_server_that_takes_nothing_from_us_is_unavailable(stage: str) -> None:
    with mail_server() as post:
        setattr(post, stage, "554 5.7.1 no service")
        sender = Smtp(post.url, FROM)
        with pytest.raises(Unavailable, match="554"):
            sender.send(mail())
        sender.close()


def test_a_server_that_drops_at_once_is_unavailable() -> None:
    with mail_server() as post:
        post.drop = lambda post: True
        sender = Smtp(post.url, FROM)
        with pytest.raises(Unavailable):
            sender.send(mail())
        sender.close()
    assert post.taken == []


def test_a_server_that_drops_after_some_mails_takes_the_rest_on_a_new_connection() -> None:
    with mail_server() as post:
        post.drop = lambda post: len(post.taken) == 2 and post.connections == 1
        sender = Smtp(post.url, FROM)
        sender.send(mail(1))
        sender.send(mail(2))
        with pytest.raises(Temporary) as caught:
            sender.send(mail(3))
        assert not isinstance(caught.value, Unavailable)
        sender.send(mail(4))
        sender.close()
    assert post.connections == 2
    assert len(post.taken) == 3


def test_no_server_is_unavailable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        sender = Smtp(f"smtp://127.0.0.1:{taken.getsockname()[1]}", FROM)
        with pytest.raises(Unavailable, match="无法连接"):
            sender.send(mail())
        sender.close()


def test_it_logs_in_where_the_address_says_so() -> None:
    with mail_server(login="jfb", password="p@ss:word") as post:
        port = post.url.rsplit(":", 1)[1]
        right = Smtp(f"smtp://jfb:p%40ss%3Aword@127.0.0.1:{port}", FROM)
        right.send(mail())
        right.close()
        wrong = Smtp(f"smtp://jfb:guess@127.0.0.1:{port}", FROM)
        with pytest.raises(Unavailable, match="535"):
            wrong.send(mail())
        wrong.close()
    assert len(post.taken) == 1


def test_required_encryption_is_never_left_out() -> None:
    with mail_server() as post:
        sender = Smtp(post.url.replace("smtp://", "smtp+starttls://"), FROM)
        with pytest.raises(Unavailable):
            sender.send(mail())
        sender.close()
    assert post.taken == []


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://", "smtp://mail.example:port"])
def test_an_address_of_no_mail_server_is_refused_at_the_start(url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="MAIL_URL"):
        sender_for(url, FROM, tmp_path)


def test_a_sender_address_that_is_none_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="MAIL_FROM"):
        sender_for(None, "市减负办", tmp_path)


def test_the_scheme_names_the_port() -> None:
    assert [Smtp(f"{s}://mail.example", FROM)._port for s in ("smtp", "smtp+starttls", "smtps")] == [25, 587, 465]
