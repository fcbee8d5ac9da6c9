"""日历: a place's working days as data, read by its supervisors and leaders, kept by its administrators."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from flask import Blueprint, abort, request, url_for
from flask_wtf import FlaskForm

from tracker.clock.notices import Mark, NoticedDay
from tracker.rules.permissions import PlaceAction
from tracker.services.calendars import versions as verbs
from tracker.services.calendars.notices import load_notice
from tracker.services.core.errors import Stale
from tracker.services.deadlines import calendar_changes
from tracker.store.calendars.content import Content
from tracker.store.calendars.versions import missing_years, version_in
from tracker.store.models import CalendarState, CalendarVersion
from tracker.web.calendars.forms import BACK, ApplyForm, DayForm, NoticeForm
from tracker.web.calendars.page import CalendarView, readable, shown_place, years_around
from tracker.web.kit import access, posting
from tracker.web.kit.access import db, keep_args, this_act, this_day, whole
from tracker.web.kit.fields import rename
from tracker.web.kit.posting import Answer, Conflict, Done, Posting, refused_words
from tracker.web.kit.views import View
from tracker.web.kit.words import full_day

calendars = Blueprint("calendars", __name__, url_prefix="/calendars")


@calendars.get("/")
def index() -> str:
    here = request.args.get("place", type=whole)
    own = readable()
    return _page(here if here in own else min(own))


def _kept(place_id: int) -> int:
    """Return a place whose calendar the actor keeps: a stranger's is not found, a reader's refused."""
    if place_id not in readable():
        abort(404)
    this_act().require(PlaceAction.KEEP_CALENDAR, place_id)
    return place_id


@calendars.post("/<int:place_id>/day")
def day(place_id: int) -> Answer:
    """Settle one day in the draft, or give it back to the national table."""
    form = DayForm()

    def verb(_: int) -> Done:
        shared: dict[str, Any] = {"why": form.why.data or "", "version": form.version.data}
        if form.mark.data == BACK:
            verbs.clear_day(this_act(), place_id, form.on.data, **shared)
        else:
            verbs.set_day(
                this_act(), place_id, form.on.data, NoticedDay(Mark(form.mark.data), form.name.data or ""), **shared
            )
        return _drafted(place_id, form.on.data.year if form.on.data else None)

    def conflict(_: int) -> Conflict:
        version, days = _content(place_id)
        on = form.on.data
        said = days.get(on) if on else None
        now = [(form.mark.label.text, said.mark.label if said else "按国家安排"), ("名称", said.name if said else "")]
        typed = [(label, words) for label, words in posting.said(form) if label != "日期"]
        back = url_for("calendars.index", place=place_id, year=on.year if on else None)
        told = ("日期", full_day(on))
        return Conflict([told, *now], back, version=version, typed=[told, *typed])

    return Posting(form, lambda: _kept(place_id), verb, lambda _: _page(place_id, day_form=form), conflict).answer()


def _content(place_id: int) -> tuple[int, Mapping[date, NoticedDay]]:
    """Return the version of a place's draft, 0 where there is none, and the days that the calendar will settle."""
    draft = version_in(db(), place_id, CalendarState.DRAFT)
    shown = draft if draft is not None else version_in(db(), place_id, CalendarState.CURRENT)
    return draft.version if draft is not None else 0, Content.of(shown).days


@calendars.post("/<int:place_id>/notice")
def notice(place_id: int) -> Answer:
    """Read a pasted or uploaded notice into the draft; reading it happens before the transaction begins."""
    form = NoticeForm()

    def verb(_: int) -> Done:
        found = form.read
        load_notice(this_act(), place_id, found, why=form.why.data or "", version=form.version.data)
        lacking = f"没有读到{'、'.join(found.lacking)}，只按单独的日期载入，不算全年的通知。" if found.lacking else ""
        return _drafted(place_id, max([*(on.year for on in found.days), *found.years]), lacking)

    def conflict(_: int) -> Conflict:
        version, days = _content(place_id)
        now = [("粘贴通知全文或表格", f"现在的日历另行规定了 {len(days)} 天")]
        # A browser keeps no file: one that was chosen has to be chosen again.
        again = None if form.file.data else version
        return Conflict(now, url_for("calendars.index", place=place_id), version=again)

    return Posting(form, lambda: _kept(place_id), verb, lambda _: _page(place_id, notice_form=form), conflict).answer()


def _drafted(place_id: int, year: int | None, also: str = "") -> Done:
    address = url_for("calendars.index", place=place_id, year=year, draft=1)
    return Done(f"已写入草稿，还没有生效。{also}请核对受影响的时限。", address)


@calendars.post("/<int:place_id>/apply")
def apply(place_id: int) -> Answer:
    """Put the draft into force, as it was previewed; where the preview has changed, show the new one instead."""
    form = ApplyForm()

    def verb(_: int) -> Done:
        draft = _draft(place_id)
        job = calendar_changes.apply_version(this_act(), draft, version=form.version.data, seen=form.seen.data or "")
        return _back(place_id, f"日历第 {draft.number} 版已生效，{job.changed} 个时限重新计算。")

    return _settle(place_id, form, verb)


@calendars.post("/<int:place_id>/discard")
def discard(place_id: int) -> Answer:
    """Give the draft up."""
    form = ApplyForm()

    def verb(_: int) -> Done:
        draft = _draft(place_id)
        verbs.discard(this_act(), draft, version=form.version.data)
        return _back(place_id, f"已放弃日历草稿第 {draft.number} 版。")

    return _settle(place_id, form, verb)


@calendars.post("/<int:place_id>/recount")
def recount(place_id: int) -> Answer:
    """Count the dates again that were counted before the installed table knew their year."""
    seen = request.form.get("seen", "")

    def verb(_: int) -> Done:
        job = calendar_changes.recount_current(this_act(), place_id, seen=seen)
        return _back(place_id, f"{job.changed} 个时限已按现行日历重新计算。")

    return _settle(place_id, FlaskForm(), verb)


def _draft(place_id: int) -> CalendarVersion:
    """Return the draft of a place; one that was there when the page was drawn and is no more has been overtaken."""
    draft = version_in(db(), place_id, CalendarState.DRAFT)
    if draft is None:
        raise Stale
    return draft


def _back(place_id: int, words: str) -> Done:
    return Done(words, url_for("calendars.index", place=place_id))


def _settle(place_id: int, form: FlaskForm, verb: Callable[[int], Done]) -> Answer:
    return Posting(
        form, lambda: _kept(place_id), verb, lambda _: _page(place_id, wrong="".join(refused_words(form)))
    ).answer()


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarPage(View):
    """A place's calendar, with the forms that change its draft."""

    template: ClassVar[str] = "calendars/index.html"
    shown: CalendarView
    years: list[tuple[int, str]]
    day_form: DayForm
    notice_form: NoticeForm
    wrong: str
    missing: list[int]


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
    return CalendarPage(
        shown=found,
        years=[(year, url_for("calendars.index", **keep_args(place=place_id, year=year))) for year in years],
        day_form=day_form,
        notice_form=notice_form,
        wrong=wrong,
        missing=missing_years(access.calendars(), [place_id], this_day()).get(place_id, []),
    ).render()
