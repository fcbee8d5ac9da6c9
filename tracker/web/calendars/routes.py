"""日历: a place's working days as data, read by its supervisors and leaders, kept by its administrators."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from tracker.adapters.files.readers import ReadError, read_table_or_source
from tracker.clock.notices import Mark, Notice, NoticedDay, NoticeError, read_days
from tracker.rules.permissions import PlaceAction
from tracker.services.calendars import versions as verbs
from tracker.services.calendars.notices import load_notice
from tracker.services.core.errors import NotPermitted, Refused, Stale
from tracker.services.deadlines import calendar_changes
from tracker.store.calendars.versions import missing_years, version_in
from tracker.store.models import CalendarState, CalendarVersion
from tracker.web.calendars.forms import BACK, ApplyForm, DayForm, NoticeForm
from tracker.web.calendars.page import READERS, readable, shown_place, years_around
from tracker.web.kit import access
from tracker.web.kit.access import actor, db, keep_args, requires, this_act, this_day, whole
from tracker.web.kit.fields import rename

calendars = Blueprint("calendars", __name__, url_prefix="/calendars")


@calendars.get("/")
@requires(*READERS)
def index() -> str:
    here = request.args.get("place", type=whole)
    own = readable()
    return _page(here if here in own else min(own))


def _kept(place_id: int) -> int:
    """Return a place whose calendar the actor keeps: a stranger's is not found, a reader's refused."""
    if place_id not in readable():
        abort(404)
    if not actor().may(PlaceAction.KEEP_CALENDAR, place_id):
        abort(403)
    return place_id


@calendars.post("/<int:place_id>/day")
@requires(*READERS)
def day(place_id: int) -> Response | tuple[str, int]:
    """Settle one day in the draft, or give it back to the national table."""
    _kept(place_id)
    form = DayForm()
    if not form.validate():
        return _page(place_id, day_form=form), 422

    def act() -> CalendarVersion:
        shared: dict[str, Any] = {"why": form.why.data or "", "version": form.version.data}
        if form.mark.data == BACK:
            return verbs.clear_day(this_act(), place_id, form.on.data, **shared)
        said = NoticedDay(Mark(form.mark.data), form.name.data or "")
        return verbs.set_day(this_act(), place_id, form.on.data, said, **shared)

    return _drafted(place_id, act, form, form.on.data.year if form.on.data else None, day_form=form)


@calendars.post("/<int:place_id>/notice")
@requires(*READERS)
def notice(place_id: int) -> Response | tuple[str, int]:
    """Read a pasted or uploaded notice into the draft; reading it happens before the transaction begins."""
    _kept(place_id)
    form = NoticeForm()
    found = _read(form) if form.validate() else None
    if found is None:
        return _page(place_id, notice_form=form), 422

    def act() -> CalendarVersion:
        return load_notice(this_act(), place_id, found, why=form.why.data or "", version=form.version.data)

    lacking = f"没有读到{'、'.join(found.lacking)}，只按单独的日期载入，不算全年的通知。" if found.lacking else ""
    years = [*(on.year for on in found.days), *found.years]
    return _drafted(place_id, act, form, max(years), lacking, notice_form=form)


def _read(form: NoticeForm) -> Notice | None:
    """Return what was pasted or uploaded, as read; else None, with the reason beside its field."""
    upload = form.file.data
    field = form.file if upload else form.paste
    try:
        if not upload:
            return read_days(form.paste.data or "")
        return read_days(read_table_or_source(upload.read(), upload.filename or "").text)
    except (NoticeError, ReadError) as error:
        field.errors = [*field.errors, str(error)]
        return None


def _drafted(
    place_id: int,
    act: Callable[[], CalendarVersion],
    form: FlaskForm,
    year: int | None,
    also: str = "",
    **forms: FlaskForm,
) -> Response | tuple[str, int]:
    try:
        act()
    except NotPermitted:
        raise
    except Stale as stale:
        db().rollback()
        form.form_errors.append(str(stale))
        return _page(place_id, **forms), 409
    except Refused as refusal:
        db().rollback()
        form.form_errors.append(str(refusal))
        return _page(place_id, **forms), 422
    flash(f"已写入草稿，还没有生效。{also}请核对受影响的时限。", "success")
    return redirect(url_for("calendars.index", place=place_id, year=year, draft=1))


@calendars.post("/<int:place_id>/apply")
@requires(*READERS)
def apply(place_id: int) -> Response | tuple[str, int]:
    """Put the draft into force, as it was previewed; where the preview has changed, show the new one instead."""
    draft, form = _shown_draft(place_id)

    def act() -> str:
        job = calendar_changes.apply_version(this_act(), draft, version=form.version.data, seen=form.seen.data or "")
        return f"日历第 {draft.number} 版已生效，{job.changed} 个时限重新计算。"

    return _done(place_id, act)


@calendars.post("/<int:place_id>/discard")
@requires(*READERS)
def discard(place_id: int) -> Response | tuple[str, int]:
    """Give the draft up."""
    draft, form = _shown_draft(place_id)

    def act() -> str:
        verbs.discard(this_act(), draft, version=form.version.data)
        return f"已放弃日历草稿第 {draft.number} 版。"

    return _done(place_id, act)


@calendars.post("/<int:place_id>/recount")
@requires(*READERS)
def recount(place_id: int) -> Response | tuple[str, int]:
    """Count the dates again that were counted before the installed table knew their year."""
    _kept(place_id)
    seen = request.form.get("seen", "")

    def act() -> str:
        job = calendar_changes.recount_current(this_act(), place_id, seen=seen)
        return f"{job.changed} 个时限已按现行日历重新计算。"

    return _done(place_id, act)


def _shown_draft(place_id: int) -> tuple[CalendarVersion, ApplyForm]:
    """Return the draft of a kept place, and the form that was shown with it."""
    _kept(place_id)
    form = ApplyForm()
    if not form.validate():
        abort(400)
    draft = version_in(db(), place_id, CalendarState.DRAFT)
    if draft is None:
        raise Stale
    return draft, form


def _done(place_id: int, act: Callable[[], str]) -> Response | tuple[str, int]:
    try:
        said = act()
    except NotPermitted:
        raise
    except Refused as refusal:
        db().rollback()
        return _page(place_id, wrong=str(refusal)), 409 if isinstance(refusal, Stale) else 422
    flash(said, "success")
    return redirect(url_for("calendars.index", place=place_id))


def _page(
    place_id: int, *, day_form: DayForm | None = None, notice_form: NoticeForm | None = None, wrong: str = ""
) -> str:
    found = shown_place(place_id)
    years = years_around(found.year.number)
    version = found.draft.version if found.draft is not None else 0
    for form in (day_form, notice_form):
        if form is not None:
            # The page shows the draft as it is now, so that is what the next attempt answers.
            form.version.data, form.version.raw_data = version, None
    day_form = day_form or DayForm(formdata=None, data={"version": version, "on": None})
    notice_form = notice_form or NoticeForm(formdata=None, data={"version": version})
    rename(day_form, "day")
    rename(notice_form, "notice")
    return render_template(
        "calendars/index.html",
        shown=found,
        years=[(year, url_for("calendars.index", **keep_args(place=place_id, year=year))) for year in years],
        day_form=day_form,
        notice_form=notice_form,
        wrong=wrong,
        missing=missing_years(access.calendars(), [place_id], this_day()).get(place_id, []),
    )
