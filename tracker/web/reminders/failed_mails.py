"""未发出的邮件: which mails did not go out and why; administrators send them again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from flask import Blueprint, url_for

from tracker.rules.permissions import PlaceAction, roles_for, whose
from tracker.services.core.act import forbid
from tracker.services.reminders.failed_mails import send_again
from tracker.store.models import Message
from tracker.store.reminders.messages import FailedMail, list_failed, open_failed, visible_failed
from tracker.web.kit.access import actor, db, or_404, page_number, this_act
from tracker.web.kit.pagination import Links, links
from tracker.web.kit.posting import Answer, Done, press
from tracker.web.kit.views import View

failed_mails = Blueprint("failed_mails", __name__, url_prefix="/mails/failed")

READERS = roles_for(PlaceAction.READ_FAILED_MAILS)
RESENDERS = roles_for(PlaceAction.RESEND_MAILS)


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedMailsPage(View):
    """The mails that did not go out."""

    template: ClassVar[str] = "reminders/failed_mails.html"
    rows: list[FailedMail]
    page: Links
    may_send: bool


@failed_mails.get("/")
def index() -> str:
    page = list_failed(db(), actor(), READERS, page_number())
    return FailedMailsPage(
        rows=page.rows,
        page=links(page),
        may_send=actor().may(PlaceAction.RESEND_MAILS),
    ).render()


@failed_mails.post("/<int:message_id>/again")
def again(message_id: int) -> Answer:
    """Send one again; it may have been pressed twice."""

    def load() -> list[int]:
        seen = visible_failed(actor(), *READERS).where(Message.id == message_id)
        or_404(db().scalar(seen.with_only_columns(Message.id)))
        own = visible_failed(actor(), *RESENDERS).where(Message.id == message_id)
        if db().scalar(own.with_only_columns(Message.id)) is None:
            forbid(whose(PlaceAction.RESEND_MAILS))
        return [message_id]

    return press(None, load, _send, url_for("failed_mails.index"))


@failed_mails.post("/again")
def all_again() -> Answer:
    """Send all again that stand open."""

    def load() -> Sequence[int]:
        return db().scalars(open_failed(actor(), *RESENDERS).with_only_columns(Message.id)).all()

    return press(None, load, _send, url_for("failed_mails.index"))


def _send(wanted: Sequence[int]) -> Done:
    count, back = send_again(this_act(), wanted), url_for("failed_mails.index")
    if count:
        return Done(f"已安排重新发送 {count} 封，约一分钟后发出；所提事项已经办结的，不再发送。", back)
    return Done("没有需要重新发送的邮件：先前已经安排过，或者已经送达。", back, "info")
