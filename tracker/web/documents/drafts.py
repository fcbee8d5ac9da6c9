"""What the pages of confirmation stand on: their blueprint, and the loader that finds a draft and authorises."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for

from tracker.rules.permissions import PlaceAction
from tracker.store.documents.drafts import find_document
from tracker.store.editions.changes import draft_of
from tracker.store.models import Document, DocumentState
from tracker.web.kit.access import actor, db, or_404, this_act
from tracker.web.kit.forms import changed
from tracker.web.kit.links import own_address
from tracker.web.kit.posting import Answer

confirm = Blueprint("confirm", __name__, url_prefix="/confirm")


def supervised(document_id: int) -> Document:
    """Return a document whose draft, first or new edition, the actor may confirm; else lead to its own page."""
    document = or_404(find_document(db(), actor(), document_id))
    this_act().require(PlaceAction.CONFIRM, document.jurisdiction_id)
    if document.state is not DocumentState.DRAFT and draft_of(db(), document_id) is None:
        if request.method == "POST":
            flash("文件已发布，不能再改核对结果；如需调整，请在责任页增加单位或撤销责任。", "info")
        abort(redirect(url_for("documents.show", document_id=document_id)))
    return document


def left_for(document_id: int, form: Any, fresh: Callable[[], Any], again: Callable[[str], str]) -> Answer | None:
    """Answer a press on a way out of a page (go): lead there, or `again` first where something was typed.

    None where the form was sent for its own sake.  `fresh` is the form as it is drawn now.
    """
    going = request.form.get("go", "") if request.method == "POST" else ""
    if not going:
        return None
    supervised(document_id)
    url = own_address(going) or url_for("confirm.show", document_id=document_id)
    return again(url) if changed(form, fresh()) else redirect(url)


def then_or(address: str) -> str:
    """Return where a form leads once it is carried out: where its reader was going (then), else its own address."""
    return own_address(request.form.get("then", "")) or address
