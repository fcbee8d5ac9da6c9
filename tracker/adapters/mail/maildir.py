"""Reading the embedded mailbox back: its mails, newest first, and one of them."""

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import default
from pathlib import Path

SHOWN_HEADERS = ("From", "To", "Date", "Subject", "Message-ID", "Auto-Submitted")


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail of the list."""

    key: str
    at: datetime | None
    to: str
    subject: str


@dataclass(frozen=True, slots=True)
class OpenLetter:
    """One mail with its headers and both its forms; a form it lacks is empty."""

    key: str
    subject: str
    headers: list[tuple[str, str]]
    text: str
    html: str


class Folder:
    """The mails of a Maildir; a folder nothing was sent into yet is empty."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def page(self, offset: int, limit: int) -> tuple[list[Letter], int]:
        """Return some mails, the last kept first, and how many there are in all; only those are read."""
        paths = self._paths()
        found = []
        for key in list(paths)[offset : offset + limit]:
            headers = _headers(paths[key])
            if headers is not None:
                date = headers["Date"]
                at = date.datetime if date is not None else None
                found.append(Letter(key, at, _decoded(headers, "To"), _decoded(headers, "Subject")))
        return found, len(paths)

    def find(self, key: str) -> OpenLetter | None:
        """Return one mail; a key that is none of this folder's finds nothing and is never made into a path."""
        path = self._paths().get(key)
        try:
            data = path.read_bytes() if path is not None else None
        except FileNotFoundError:
            return None
        if data is None:
            return None
        mail = message_from_bytes(data, policy=default)
        headers = [(name, _decoded(mail, name)) for name in SHOWN_HEADERS if mail[name] is not None]
        return OpenLetter(key, _decoded(mail, "Subject"), headers, _part(mail, "plain"), _part(mail, "html"))

    def _paths(self) -> dict[str, Path]:
        """Return the files by key, the last kept first."""
        found: list[tuple[int, str, Path]] = []
        for place in ("new", "cur"):
            folder = self.folder / place
            if folder.is_dir():
                found += [(path.stat().st_mtime_ns, path.name, path) for path in folder.iterdir() if path.is_file()]
        # After a colon stand the flags a mail program sets when it has shown a mail.
        return {name.partition(":")[0]: path for _, name, path in sorted(found, reverse=True)}


def _headers(path: Path) -> EmailMessage | None:
    try:
        with path.open("rb") as file:
            return BytesHeaderParser(policy=default).parse(file)
    except FileNotFoundError:  # moved or deleted by a mail program meanwhile
        return None


def _decoded(mail: EmailMessage, name: str) -> str:
    """Return a header's words; the parser of addresses would leave a space where a long name was folded."""
    for header, raw in mail.raw_items():
        if header.lower() == name.lower():
            return str(make_header(decode_header(raw)))
    return ""


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    return str(part.get_content()) if part is not None else ""
