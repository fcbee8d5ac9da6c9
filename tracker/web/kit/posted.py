"""A form that arrives again: known by all it holds, and led to where its first arrival led."""

import hashlib
from collections.abc import Iterator

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from tracker.services.core import posting
from tracker.store.core.posting import where_it_led
from tracker.web.kit.access import actor, db, this_act


def form_key() -> str:
    """Return what tells the posted form from every other: its address, its fields, the row's version among them, files.

    Every act moves the version its page is drawn with: who means the same a second time sends another form.  Call it
    before the first db() of a POST, since it reads the files.
    """
    digest = hashlib.sha256()
    for part in _parts():
        digest.update(f"{len(part)}:{part}".encode())  # with its length: no two forms run together alike
    return digest.hexdigest()


def _parts() -> Iterator[str]:
    yield request.path
    for name, value in sorted(request.form.items(multi=True)):
        if name != "csrf_token":
            yield from (name, value)
    for name, upload in request.files.items(multi=True):
        upload.stream.seek(0)
        content = hashlib.file_digest(upload.stream, "sha256").hexdigest()  # type: ignore[arg-type]
        yield from (name, upload.filename or "", content)


def led_before(key: str) -> Response | None:
    """Lead to where this very form led when it was carried out, and say that it was; None for a form not seen yet."""
    address = where_it_led(db(), actor().user_id or 0, key)
    if address is None:
        return None
    flash("这次操作已经收到，没有重复记录。", "info")
    return redirect(address)


def carried_out(key: str, done: str, address: str) -> Response:
    """Lead on from a form just carried out, and remember it with its act."""
    posting.remember(this_act(), key, address)
    flash(done, "success")
    return redirect(address)
