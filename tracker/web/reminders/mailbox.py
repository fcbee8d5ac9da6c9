"""信箱: what would have been sent, for administrators of an installation without a mail server."""

from dataclasses import dataclass
from typing import ClassVar

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from tracker.adapters.mail.maildir import Folder, Letter, OpenLetter
from tracker.store.core.pages import PER_PAGE, Page, page_bounds
from tracker.web.kit.access import or_404, outfit, page_number
from tracker.web.kit.pagination import Links, links
from tracker.web.kit.views import View

mailbox = Blueprint("mailbox", __name__, url_prefix="/mailbox")

# A mail is shown as a mail program would, but may load nothing, run nothing and lead nowhere.
MAIL_SECURITY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"


@mailbox.before_request
def only_without_a_server() -> None:
    """Where mail is really sent there is no mailbox."""
    if outfit().settings.mail_url is not None:
        raise NotFound


def folder() -> Folder:
    return Folder(outfit().settings.maildir)


def letter(key: str) -> OpenLetter:
    return or_404(folder().find(key))


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxPage(View):
    """The mails that would have gone out."""

    template: ClassVar[str] = "reminders/mailbox.html"
    letters: list[Letter]
    page: Links


@mailbox.get("/")
def index() -> str:
    _, total = folder().page(0, 0)
    number, offset = page_bounds(total, page_number())
    letters, total = folder().page(offset, PER_PAGE)
    return MailboxPage(letters=letters, page=links(Page(letters, number, total))).render()


@dataclass(frozen=True, slots=True, kw_only=True)
class MailPage(View):
    """One mail of the mailbox."""

    template: ClassVar[str] = "reminders/mailbox_mail.html"
    letter: OpenLetter


@mailbox.get("/<key>")
def show(key: str) -> str:
    return MailPage(letter=letter(key)).render()


@mailbox.get("/<key>/html")
def html(key: str) -> Response:
    answer = Response(letter(key).html, mimetype="text/html")
    answer.headers["Content-Security-Policy"] = MAIL_SECURITY
    return answer
