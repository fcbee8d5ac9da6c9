"""One posted form (一次提交), from the row it is about to the page that answers it: the only way a page writes.

Load and authorise, read the form, carry out one verb, lead on.  A form that is refused comes back with what was typed
and every fault beside its field; one that was overtaken is shown beside the row as it stands now; one that was carried
out before leads where it led.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

from flask import current_app, flash, g, redirect, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from tracker.clock.rules import ClockError
from tracker.services.core import posting
from tracker.services.core.errors import Fault, Refused, Stale
from tracker.store.core.posting import posted_so_far, where_it_led
from tracker.web.kit.access import actor, db, keep, signed_in, this_act
from tracker.web.kit.views import View

Answer = Response | str | tuple[Response | str, int]
Row = TypeVar("Row")

# What a form carries for us and nobody typed.
OURS = ("csrf_token", "version", "files", "kept", "form_token", "sure")


class Done(NamedTuple):
    """What is said once a form is carried out, and where it leads."""

    words: str
    address: str
    kind: str = "success"


class Partly(NamedTuple):
    """Carried out in part: what was taken stays taken, and the form's page shows the rest with what is wrong.

    For forms without a token alone: sent twice, such a form finds its first part done and does it no second time.
    """

    words: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """What the 409 page shows of the row as it stands now; what was typed is read from the form unless given."""

    current: Sequence[tuple[str, Any]]
    back_url: str
    changed_words: str | None = None
    version: int | None = None  # with which it may be sent once more; None where it may not
    typed: Sequence[tuple[str, Any]] | None = None


@dataclass(slots=True)
class Posting(Generic[Row]):
    """How one form is answered.

    `load` finds the row and authorises (404, 403); it is asked again after a refusal, when everything is read afresh.
    `verb` carries out and says where to lead, or that it did so in part; a page (text) instead asks first, and nothing
    is kept.
    `page` draws the page the form stands on.  `offer` gives the form what it chooses from, where that needs the row.
    `conflict` tells the row as it stands; without it a form that was overtaken is refused on its own page.
    `place` puts one fault on the form where its field has another name there; True where it did.
    """

    form: FlaskForm | None
    load: Callable[[], Row]
    verb: Callable[[Row], Done | Partly | str]
    page: Callable[[Row], Response | str]
    conflict: Callable[[Row], Conflict | str] | None = None
    offer: Callable[[Row], None] | None = None
    place: Callable[[Fault], bool] | None = None

    def answer(self) -> Answer:
        """Answer a POST; a GET shows the page."""
        if request.method != "POST":
            return self.page(self.load())
        # A lone button does whatever is open: pressed again it does what is open then.
        key = form_key() if self.form is not None and "form_token" in request.form else None
        if self.offer is not None:
            if not _is_first(key):  # asked first: what it chose may not be offered any more
                return _again(key)
            row = self.load()
            self.offer(row)
            if self._valid():
                return self._carry_out(row, key)
            db().rollback()
            return self._page(self.load(), 422)
        # A form that needs no row is read before the transaction, and its lock, begin.
        if not self._valid():
            return self._page(self.load(), 422)
        return self._carry_out(self.load(), key) if _is_first(key) else _again(key)

    def _valid(self) -> bool:
        return self.form is None or bool(self.form.validate())

    def _carry_out(self, row: Row, key: str | None) -> Answer:
        try:
            done = self.verb(row)
            db().flush()  # another writer shows here, while the form can still be kept
        except (Stale, StaleDataError) as overtaken:
            return self._overtaken(overtaken)
        except IntegrityError as error:
            # Somebody else made the same thing at the same time: what stands now is told on the form's own page.
            current_app.logger.warning("not kept, another was first: %s on %s", type(error.orig).__name__, request.path)
            return self._overtaken(Stale())
        except ClockError as error:
            return self._refused(Refused(f"{error}，请核对填写的日期和期限。"))
        except Refused as refusal:
            return self._refused(refusal)
        if isinstance(done, str):
            db().rollback()
            return done
        if isinstance(done, Partly):
            keep()
            if done.words:
                flash(done.words, "success")
            return self._page(self.load(), 422)
        if key is not None:
            posting.remember(this_act(), key, done.address)
        if done.words:
            flash(done.words, done.kind)
        return redirect(done.address)

    def _refused(self, refusal: Refused) -> Answer:
        db().rollback()
        row = self.load()
        if self.form is None:
            flash(str(refusal), "error")
        else:
            show(self.form, refusal.faults, self.place)
        return self._page(row, 422)

    def _page(self, row: Row, status: int) -> Answer:
        """Return the form's page; where it leads elsewhere by now, lead there."""
        page = self.page(row)
        return page if isinstance(page, Response) else (page, status)

    def _overtaken(self, overtaken: Exception) -> Answer:
        db().rollback()
        row = self.load()
        if self.conflict is None:
            words = str(overtaken) if isinstance(overtaken, Stale) else str(Stale())
            if self.form is None:
                flash(words, "error")
            else:
                self.form.form_errors.append(words)
            return self._page(row, 409)
        found = self.conflict(row)
        return (found if isinstance(found, str) else conflict_page(found, self.form)), 409


def press(
    form: FlaskForm | None,
    load: Callable[[], Row],
    verb: Callable[[Row], Done | str],
    back: str,
    conflict: Callable[[Row], Conflict | str] | None = None,
) -> Answer:
    """Answer a lone button: what is refused is said on the page it stands on, which `back` opens."""

    def page(_: Row) -> Response:
        if form is not None:
            for words in refused_words(form):
                flash(words, "error")
        return redirect(back)

    return Posting(form, load, verb, page, conflict or (lambda _: Conflict((), back))).answer()


def _is_first(key: str | None) -> bool:
    """Whether this form has not been carried out yet; one without a token is not known again."""
    return key is None or posting.claim(this_act(), key)


def _again(key: str | None) -> Response:
    """Lead to where this very form led when it was carried out, and say that it was."""
    flash("这次操作已经收到，没有重复记录。", "info")
    return redirect(where_it_led(db(), actor().user_id or 0, key or ""))


def show(form: FlaskForm, faults: Iterable[Fault], place: Callable[[Fault], bool] | None = None) -> None:
    """Put each fault beside the field it is about; above the form what is about none of its fields."""
    for fault in faults:
        if place is not None and place(fault):
            continue
        field = form[fault.field] if fault.field is not None and fault.field in form else None
        if field is None:
            form.form_errors.append(fault.words)
        else:
            field.errors = [*field.errors, fault.words]


def refused_words(form: FlaskForm) -> list[str]:
    """Return everything that is wrong with a form, for a page that shows none of its fields."""
    return [*form.form_errors, *(str(error) for field in form for error in field.errors)]


# --- The same form twice ---------------------------------------------------------------------------------------------


def form_key() -> str:
    """Return what tells the posted form from every other: who, its address with its query, its fields and its files.

    Its token stands still until its reader has carried something out.  So a double click, the back button and a second
    tab send the same form, and who means the same a second time, or of another thing, sends another.  The key reads
    the files: call it before the first db() of a POST.
    """
    if "form_key" not in g:
        digest = hashlib.sha256()
        for part in _parts():
            digest.update(f"{len(part)}:{part}".encode())  # with its length: no two forms run together alike
        g.form_key = digest.hexdigest()
    key: str = g.form_key
    return key


def _parts() -> Iterator[str]:
    yield str(actor().user_id)
    yield request.path
    yield request.query_string.decode("utf-8", "replace")
    for name, value in sorted(request.form.items(multi=True)):
        if name != "csrf_token":
            yield from (name, value)
    for name, upload in request.files.items(multi=True):
        upload.stream.seek(0)
        content = hashlib.file_digest(upload.stream, "sha256").hexdigest()  # type: ignore[arg-type]
        upload.stream.seek(0)
        yield from (name, upload.filename or "", content)


def form_token() -> str:
    """Return how far the reader has come: another once he has carried something out; what signs in needs none."""
    if not signed_in():
        return ""
    if "form_token" not in g:
        number, at = posted_so_far(db(), actor().user_id or 0)
        g.form_token = f"{number}_{at:%Y%m%d%H%M%S%f}" if at else "0"
    token: str = g.form_token
    return token


# --- 409 -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictPage(View):
    """What was typed beside the row as it stands now."""

    template: ClassVar[str] = "kit/errors/409.html"
    current: list[tuple[str, Any]]
    typed: list[tuple[str, Any]]
    changed_words: str | None
    back_url: str
    again_url: str | None
    again_fields: list[tuple[str, Any]]


def conflict_page(found: Conflict, form: FlaskForm | None) -> str:
    """Return the page that shows both contents; what was typed can be sent again where it still may be."""
    typed = found.typed if found.typed is not None else said(form) if form is not None else posted_words()
    return ConflictPage(
        current=list(found.current),
        typed=list(typed),
        changed_words=found.changed_words,
        back_url=found.back_url,
        again_url=request.path if found.version is not None else None,
        again_fields=[*_sent_again(form), ("sure", "1"), ("version", found.version)],
    ).render()


def overtaken_page() -> str:
    """Return the 409 page where nothing is known of the row: what was typed stays to be copied."""
    return conflict_page(Conflict((), request.referrer or url_for("home.index"), typed=posted_words()), None)


def posted_words() -> list[tuple[str, str]]:
    """Return what was typed by the names of its fields, so that it can be copied."""
    return [(k, v) for k, v in request.form.items() if k not in OURS and v]


def _sent_again(form: FlaskForm | None) -> list[tuple[str, str]]:
    fields = [(k, v) for k, v in request.form.items(multi=True) if k not in OURS]
    kept = getattr(form, "kept", None)
    return fields + [("kept", token) for token in (kept.data or [] if kept is not None else [])]


def said(form: FlaskForm) -> list[tuple[str, str]]:
    """Return a form's fields as a person reads them, the empty left out."""
    return [
        (field.label.text, field_words(field))
        for field in form
        if field.short_name not in OURS and field.data not in (None, "", False)
    ]


def field_words(field: Any) -> str:
    """Return what a field holds in words: a choice by its label, a box ticked as 是, a number with its unit."""
    choices = getattr(field, "choices", None)
    if choices:
        return str(dict(choices.items() if isinstance(choices, dict) else choices).get(field.data, field.data))
    return "是" if field.data is True else str(field._value())
