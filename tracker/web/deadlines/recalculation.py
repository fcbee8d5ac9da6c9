"""更正: a document's issue date or a case's instants, with every date that follows shown before it is saved."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, ClassVar, NamedTuple

from flask import Blueprint, request, url_for
from wtforms import HiddenField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from tracker.now import SHANGHAI, shanghai
from tracker.rules.permissions import PlaceAction
from tracker.services.core.errors import Refused
from tracker.services.deadlines.recalculation import CHANGED, Shift, fingerprint, preview_event, preview_issue_date
from tracker.services.deadlines.shifts import named_for
from tracker.services.editions import corrections as verbs
from tracker.store.cases.page import find_case
from tracker.store.core.stages import stage_of_document
from tracker.store.documents.drafts import find_document
from tracker.store.models import Case, Document, Recalculation
from tracker.web.kit.access import actor, calendar, db, now, or_404, this_act
from tracker.web.kit.fields import DayField, TimeOfDayField, trimmed
from tracker.web.kit.forms import VersionForm
from tracker.web.kit.posting import Answer, Done, Posting
from tracker.web.kit.views import View

recalculation = Blueprint("recalculation", __name__)


class CorrectionForm(VersionForm):
    """What every correction asks; `previewed` names the preview it confirms, empty while there is none."""

    why = TextAreaField(
        "更正的原因",
        [
            DataRequired("请写明更正的原因，例如：落款日期看错。"),
            Length(max=verbs.LONGEST_REASON),
        ],
        description="记入经过，承办单位会看到。",
        filters=[trimmed],
        render_kw={"rows": 2},
    )
    previewed = HiddenField()


class IssueDateForm(CorrectionForm):
    """更正印发日期"""

    issued_on = DayField("正确的印发日期", [InputRequired("请填写印发日期。")])


class EventForm(CorrectionForm):
    """更正发生、受理时间"""

    happened_on = DayField("发生日期", [InputRequired("请填写发生日期。")])
    happened_time = TimeOfDayField("发生时间", [Optional()])
    accepted_on = DayField("受理日期", [Optional()])
    accepted_time = TimeOfDayField("受理时间", [Optional()])


class Correction(NamedTuple):
    """What a correction does with its row and its form; the row is a document or a case."""

    load: Callable[[int], Any]
    check: Callable[[Any, Any], None]
    shifts: Callable[[Any, Any], list[Shift]]
    correct: Callable[[Any, Any], Recalculation]
    page: Callable[..., str]
    done: Callable[[Recalculation], Done]


def _carry_out(how: Correction, row_id: int, form: CorrectionForm) -> Answer:
    """Show the form, then the preview, then correct; a refused or overtaken form comes back with what was typed."""

    def verb(row: Any) -> Done | str:
        how.check(row, form)
        return how.done(how.correct(row, form)) if form.previewed.data else how.page(row, form, how.shifts(row, form))

    def conflict(row: Any) -> str:
        # The next preview is of what stands now.
        form.version.data, form.version.raw_data = row.version, None
        return how.page(row, form, how.shifts(row, form), fresh=CHANGED)

    return Posting(form, lambda: how.load(row_id), verb, lambda row: how.page(row, form), conflict).answer()


@recalculation.route("/documents/<int:document_id>/issue-date", methods=["GET", "POST"])
def issue_date(document_id: int) -> Answer:
    """Correct the issue date of a published document."""
    form = IssueDateForm()
    if request.method == "GET":
        document = _document(document_id)
        form = IssueDateForm(version=document.version, issued_on=document.issued_on)

    def done(job: Recalculation) -> Done:
        return Done(f"印发日期已更正{_told(job)}", url_for("documents.show", document_id=document_id))

    how = Correction(_document, _check_issue_date, _issue_shifts, _correct_issue_date, _issue_page, done)
    return _carry_out(how, document_id, form)


def _document(document_id: int) -> Document:
    document = or_404(find_document(db(), actor(), document_id))
    this_act().require(PlaceAction.CORRECT_ISSUE_DATE, document.jurisdiction_id, stage_of_document(document))
    return document


def _check_issue_date(document: Document, form: IssueDateForm) -> None:
    verbs.check_issue_date(document, form.issued_on.data, now())


def _correct_issue_date(document: Document, form: IssueDateForm) -> Recalculation:
    return verbs.correct_issue_date(
        this_act(),
        document,
        form.issued_on.data,
        form.why.data,
        form.previewed.data,
        form.version.data,
    )


def _issue_shifts(document: Document, form: IssueDateForm) -> list[Shift]:
    return preview_issue_date(db(), document, form.issued_on.data, calendar(document.jurisdiction_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueDatePage(View):
    """The form that corrects a document's issue date, and what would move."""

    template: ClassVar[str] = "deadlines/recalculation/issue_date.html"
    document: Document
    form: IssueDateForm
    shifts: list[Shift] | None  # none before the preview
    kept: list[tuple[str, Any]]
    fresh: str | None  # why the preview is shown once more


def _issue_page(
    document: Document, form: IssueDateForm, shifts: list[Shift] | None = None, fresh: str | None = None
) -> str:
    # Cases hang on a document, too: the reader may be of the unit one of them complains of.
    named = named_for(db(), actor(), shifts) if shifts is not None else None
    kept = _preview(form, named, ["issued_on", "why"])
    return IssueDatePage(document=document, form=form, shifts=named, kept=kept, fresh=fresh).render()


@recalculation.route("/cases/<int:case_id>/event", methods=["GET", "POST"])
def event(case_id: int) -> Answer:
    """Correct when a case's event happened, and when it was accepted."""
    form = EventForm() if request.method == "POST" else EventForm(**_as_it_stands(_case(case_id)))

    def done(job: Recalculation) -> Done:
        return Done(f"时间已更正{_told(job)}", url_for("cases.show", case_id=case_id))

    how = Correction(_case, _check_event, _event_shifts, _correct_event, _event_page, done)
    return _carry_out(how, case_id, form)


def _case(case_id: int) -> Case:
    case = or_404(find_case(db(), actor(), case_id))
    if case.closed_at is not None:
        raise Refused("办件已经办结，不能再更正时间。请回到办件页查看。")
    verbs.check_may_correct_event(actor(), case)
    return case


def _as_it_stands(case: Case) -> dict[str, Any]:
    """Return what the form opens with."""
    happened, accepted = shanghai(case.happened_at), shanghai(case.accepted_at) if case.accepted_at else None
    return {
        "version": case.version,
        "happened_on": happened.date(),
        "happened_time": happened.time(),
        "accepted_on": accepted and accepted.date(),
        "accepted_time": accepted and accepted.time(),
    }


def _instants(case: Case, form: EventForm) -> tuple[datetime, datetime | None]:
    """Return the instants typed; one left as it was keeps its seconds."""
    happened_at = _instant(form.happened_on.data, form.happened_time.data, case.happened_at)
    if case.accepted_at is None:
        return happened_at, None
    day = form.accepted_on.data or shanghai(case.accepted_at).date()
    return happened_at, _instant(day, form.accepted_time.data, case.accepted_at)


def _instant(day: date, at: time | None, was: datetime) -> datetime:
    typed = datetime.combine(day, at or time(12), SHANGHAI)
    kept = shanghai(was)
    same = typed.date() == kept.date() and (
        at is None or typed.replace(second=0) == kept.replace(second=0, microsecond=0)
    )
    return was if same else typed


def _check_event(case: Case, form: EventForm) -> None:
    verbs.check_event(case, *_instants(case, form), now())


def _correct_event(case: Case, form: EventForm) -> Recalculation:
    return verbs.correct_event(
        this_act(),
        case,
        *_instants(case, form),
        form.why.data,
        form.previewed.data,
        form.version.data,
    )


def _event_shifts(case: Case, form: EventForm) -> list[Shift]:
    return preview_event(db(), case, *_instants(case, form), calendar(case.jurisdiction_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPage(View):
    """The form that corrects when a case's event was, and what would move."""

    template: ClassVar[str] = "deadlines/recalculation/event.html"
    case: Case
    form: EventForm
    shifts: list[Shift] | None  # none before the preview
    kept: list[tuple[str, Any]]
    fresh: str | None  # why the preview is shown once more


def _event_page(case: Case, form: EventForm, shifts: list[Shift] | None = None, fresh: str | None = None) -> str:
    names = ["happened_on", "happened_time", "accepted_on", "accepted_time", "why"]
    kept = _preview(form, shifts, names)
    return EventPage(case=case, form=form, shifts=shifts, kept=kept, fresh=fresh).render()


def _preview(form: CorrectionForm, shifts: list[Shift] | None, names: list[str]) -> list[tuple[str, Any]]:
    """Mark the form with what is previewed; returns what was typed, for the button beneath that confirms it."""
    form.previewed.data = fingerprint(shifts) if shifts is not None else ""
    return [(n, form[n]._value()) for n in names if form[n].data is not None]


def _told(job: Recalculation) -> str:
    return f"，{job.changed} 个时限重新计算，有关人员会收到通知。" if job.changed else "，没有时限因此改动。"
