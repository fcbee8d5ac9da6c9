"""信箱: what would have been sent, for administrators of an installation without a mail server."""

from flask import Blueprint, Response, render_template
from werkzeug.exceptions import NotFound

from tracker.adapters.mail.maildir import Folder, OpenLetter
from tracker.store.core.pages import PER_PAGE, Page, page_bounds
from tracker.web.kit.access import or_404, outfit, page_number
from tracker.web.kit.pagination import links

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


@mailbox.get("/")
def index() -> str:
    _, total = folder().page(0, 0)
    number, offset = page_bounds(total, page_number())
    letters, total = folder().page(offset, PER_PAGE)
    return render_template("reminders/mailbox.html", letters=letters, page=links(Page(letters, number, total)))


@mailbox.get("/<key>")
def show(key: str) -> str:
    return render_template("reminders/mailbox_mail.html", letter=letter(key))


@mailbox.get("/<key>/html")
def html(key: str) -> Response:
    answer = Response(letter(key).html, mimetype="text/html")
    answer.headers["Content-Security-Policy"] = MAIL_SECURITY
    return answer
