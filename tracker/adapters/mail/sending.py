"""Sending mail: over SMTP, or into a Maildir of our own where no server is set."""

import mailbox
import os
import re
import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from config import ConfigError
from tracker.now import SHANGHAI

TIMEOUT_S = 15.0
PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class MailError(Exception):
    """A mail could not be handed over; the message says why, in the server's words where it gave some."""


class Permanent(MailError):
    """This address will never take a mail: the server refused it, or it is none."""


class NoAddress(Permanent):
    """There is no address, or what stands for one is none."""


class Unknown(Permanent):
    """The server said in so many words that there is no such mailbox."""


class Barred(Permanent):
    """The server refused the address but spoke of itself, of us or of its policy: likely its own trouble."""


class Unwritable(MailError):
    """This mail can never be written, whoever it is to."""


class Temporary(MailError):
    """This mail was not taken now."""


class Unavailable(Temporary):
    """No mail can be sent now: no connection, a refused log-in or sender."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail, its recipient and when it is sent."""

    message_id: str
    to_name: str
    to_address: str
    subject: str
    text: str
    html: str
    at: datetime


class Sender(Protocol):
    """What mails are handed to."""

    def send(self, mail: Mail) -> None:
        """Hand one mail over; raises MailError."""

    def close(self) -> None:
        """End what the sends of one batch shared."""


def sender_for(mail_url: str | None, mail_from: str, maildir: Path) -> Sender:
    """Return the sender the settings ask for; raises ConfigError for a MAIL_URL or MAIL_FROM that cannot be used."""
    try:
        _address(*parseaddr(mail_from))
    except ValueError as error:
        raise ConfigError(
            f"MAIL_FROM must be an address such as 减负办 <jfb@example.gov.cn>, not {mail_from!r}"
        ) from error
    return Smtp(mail_url, mail_from) if mail_url else Maildir(maildir, mail_from)


def build(mail: Mail, mail_from: str) -> EmailMessage:
    """Return the mail as text and HTML alternatives; NoAddress where the address is none, Unwritable for the rest."""
    message = EmailMessage()
    try:
        to = _address(mail.to_name, mail.to_address)
    except (ValueError, MessageError) as error:
        raise NoAddress(str(error)) from error
    try:
        message["From"] = _address(*parseaddr(mail_from))
        message["To"] = to
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(mail.at.astimezone(SHANGHAI))
        message["Message-ID"] = mail.message_id
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: absence notices do not answer it
        # Base64 passes every server, also one that takes seven bits only.
        message.set_content(mail.text, cte="base64")
        message.add_alternative(mail.html, subtype="html", cte="base64")
        message["Content-Language"] = "zh-CN"
    except (ValueError, MessageError) as error:  # a line break in a header
        raise Unwritable(f"邮件无法写成：{error}") from error
    return message


def _address(name: str, address: str) -> Address:
    if not address.isascii() or "@" not in address:
        raise ValueError(f"邮箱地址 {address} 无法使用")
    return Address(display_name=" ".join(name.split()), addr_spec=address)


class Maildir:
    """The embedded mailbox: one file a mail, readable by its owner alone."""

    def __init__(self, folder: Path, mail_from: str) -> None:
        self.folder, self.mail_from = folder, mail_from

    def send(self, mail: Mail) -> None:
        message = build(mail, self.mail_from)
        try:
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            box = mailbox.Maildir(self.folder, create=True)
            os.chmod(self.folder, 0o700)
            box.add(message.as_bytes())
        except OSError as error:
            raise Unavailable(f"写入信箱失败：{error}") from error

    def close(self) -> None:
        """Nothing is kept open."""


class Smtp:
    """A mail server; one connection serves the mails sent until `close`."""

    def __init__(self, url: str, mail_from: str) -> None:
        self.mail_from = mail_from
        self._envelope_from = parseaddr(mail_from)[1]
        parts = urlsplit(url)
        try:
            port = parts.port
        except ValueError as error:
            raise ConfigError("MAIL_URL: the port must be a number") from error
        if parts.scheme not in PORTS or not parts.hostname:
            raise ConfigError("MAIL_URL must look like smtp://user:password@host:port, smtps://… or smtp+starttls://…")
        self._scheme, self._host = parts.scheme, parts.hostname
        self._port = port or PORTS[parts.scheme]
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._connection: smtplib.SMTP | None = None
        self._taken = 0  # by the present connection

    def send(self, mail: Mail) -> None:
        data = build(mail, self.mail_from).as_bytes(policy=SMTP)
        if self._connection is None or self._connection.sock is None:
            self._connection, self._taken = self._connect(), 0
        try:
            self._connection.sendmail(self._envelope_from, [mail.to_address], data)
        except smtplib.SMTPRecipientsRefused as error:
            raise self._refused_recipient(*error.recipients[mail.to_address]) from error
        except smtplib.SMTPSenderRefused as error:
            raise self._lost(f"发信地址被拒绝：{_said(error.smtp_code, error.smtp_error)}") from error
        except smtplib.SMTPResponseException as error:
            raise self._refusal(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise self._lost(f"与邮件服务器的连接中断：{error}") from error
        self._taken += 1

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None or connection.sock is None:
            return
        try:
            connection.quit()
        except (smtplib.SMTPException, OSError):
            connection.close()

    def _refused_recipient(self, code: int, words: bytes | str) -> MailError:
        """Return what an answer to RCPT means: 5xx is about the address, but for a full mailbox (RFC 5321, 3463)."""
        said = _said(code, words)
        status = re.match(r"5\d\d (5\.\d{1,3}\.\d{1,3})\b", said)
        detail = status[1] if status else ""
        if code < 500 or code == 552 or detail == "5.2.2":
            return self._refusal(code, words)
        kind: type[Permanent] = Permanent
        if detail.startswith("5.1.") or detail == "5.2.1":
            kind = Unknown
        elif code == 554 or detail.startswith(("5.3.", "5.7.")):
            kind = Barred
        return kind(f"邮件服务器拒收：{said}")

    def _refusal(self, code: int, words: bytes | str) -> MailError:
        """Return what any other answer means: nothing of it is about the address, so the mail waits."""
        said = _said(code, words)
        return self._lost(said) if code == 421 else Temporary(f"邮件服务器拒收：{said}")

    def _lost(self, words: str) -> MailError:
        """A server that ends a connection after so many mails takes the next one on a new connection."""
        return Temporary(words) if self._taken else Unavailable(words)

    def _connect(self) -> smtplib.SMTP:
        secure = ssl.create_default_context()
        try:
            if self._scheme == "smtps":
                connection: smtplib.SMTP = smtplib.SMTP_SSL(self._host, self._port, timeout=TIMEOUT_S, context=secure)
            else:
                connection = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_S)
        except (smtplib.SMTPException, OSError) as error:
            raise Unavailable(f"无法连接邮件服务器 {self._host}:{self._port}：{error}") from error
        try:
            connection.ehlo_or_helo_if_needed()
            if self._scheme == "smtp+starttls" or (self._scheme == "smtp" and connection.has_extn("starttls")):
                connection.starttls(context=secure)
                connection.ehlo()
            if self._user:
                connection.login(self._user, self._password)
        except (smtplib.SMTPException, OSError) as error:
            connection.close()
            raise Unavailable(f"邮件服务器 {self._host}:{self._port} 拒绝登录或加密：{error}") from error
        return connection


def _said(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return " ".join(f"{code} {text}".split())
