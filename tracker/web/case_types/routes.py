"""办件类型: the sorts of case of a place, their steps and limits, tried out on a day; kept by supervisors."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import ClassVar

from flask import Blueprint, request, url_for

from tracker.clock.rules import Resolved
from tracker.now import SHANGHAI
from tracker.rules.permissions import PlaceAction
from tracker.services.case_types import limits
from tracker.services.case_types import versions as verbs
from tracker.services.case_types.steps import input_of, limit_words
from tracker.services.case_types.trial import Tried, try_out
from tracker.store.case_types.versions import (
    TypeRow,
    VersionRow,
    find_rule,
    find_type_version,
    list_types,
    steps_for,
    variants_of,
    versions_of,
)
from tracker.store.documents.drafts import find_document
from tracker.store.documents.sources import places
from tracker.store.models import CaseType, CaseTypeStep, CaseTypeVersion, DeadlineRule, Jurisdiction
from tracker.web.case_types.forms import (
    NewTypeForm,
    ReviseForm,
    TypeForm,
    offer,
    place_fault,
    rearranged,
    said,
    starts_words,
    type_input,
    values_of,
)
from tracker.web.kit.access import actor, calendar, db, or_404, this_act, this_day, whole
from tracker.web.kit.forms import VersionForm
from tracker.web.kit.links import measure_url
from tracker.web.kit.posting import Answer, Conflict, Done, Posting, press
from tracker.web.kit.views import View
from tracker.web.kit.words import around, day, due_day, instant

case_types = Blueprint("case_types", __name__, url_prefix="/case-types")

OPENING_HOUR = time(9)


@dataclass(frozen=True, slots=True)
class TypeStepView:
    """One step in words, with the dates it would have."""

    step: CaseTypeStep
    starts: str
    limit: str
    statute: str


@dataclass(frozen=True, slots=True)
class TrialView:
    """One step's dates for the day asked for, in words."""

    step: CaseTypeStep
    starts: str
    due: str
    statute: str
    longest: str
    tried: Tried


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTypesPage(View):
    """The types of cases, by place."""

    template: ClassVar[str] = "case_types/index.html"
    by_place: dict[str, list[tuple[TypeRow, list[TypeStepView], VersionForm | None]]]
    places: list[Jurisdiction]
    place: int | None
    may_create: bool


@case_types.get("/")
def index() -> str:
    """The types of the places one works in or oversees, with their steps in words."""
    place = request.args.get("jurisdiction", type=whole)
    held = places(db(), actor().places(PlaceAction.READ_TYPES))
    rows = list_types(db(), actor(), place if place in {p.id for p in held} else None)
    by_place: dict[str, list[tuple[TypeRow, list[TypeStepView], VersionForm | None]]] = {}
    for row in rows:
        form = VersionForm(formdata=None, version=row.type.version) if _keeps(row.type) else None
        by_place.setdefault(row.type.jurisdiction.name, []).append((row, _views(row.version), form))
    return CaseTypesPage(by_place=by_place, places=held, place=place, may_create=bool(_supervised())).render()


def _supervised() -> set[int]:
    return actor().places(PlaceAction.KEEP_TYPES)


def _keeps(of: CaseType) -> bool:
    return actor().may(PlaceAction.KEEP_TYPES, of.jurisdiction_id)


def _views(version: CaseTypeVersion) -> list[TypeStepView]:
    names = {s.key: s.name for s in version.steps}
    return [
        TypeStepView(
            s,
            starts_words(s.starts, version.event, names.get(s.after_key or "")),
            limit_words(s.rule),
            limit_words(s.statute_rule),
        )
        for s in version.steps
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTypePage(View):
    """One version of a type, tried out on an instant."""

    template: ClassVar[str] = "case_types/show.html"
    type: CaseType
    version: CaseTypeVersion
    newest: bool
    steps: list[TypeStepView]
    versions: list[VersionRow]
    variants: list[str]
    variant: str | None
    at: datetime
    trial: list[TrialView]
    by_hour: bool
    may_edit: bool
    version_form: VersionForm
    may_read_document: bool


@case_types.get("/<int:type_id>")
def show(type_id: int) -> str:
    """One type, in its newest version or the one asked for, tried out on a day."""
    version = or_404(find_type_version(db(), actor(), type_id, request.args.get("v", type=whole)))
    sorts = variants_of(version)
    asked = request.args.get("variant", "")
    variant = asked if asked in sorts else sorts[0] if sorts else None
    at = _asked_instant()
    versions, of = versions_of(db(), type_id), version.type
    return CaseTypePage(
        type=of,
        version=version,
        newest=version.number == versions[0].version.number,
        steps=_views(version),
        versions=versions,
        variants=sorts,
        variant=variant,
        at=at,
        trial=_trial(version, variant, at),
        by_hour=any(s.rule is not None and s.rule.unit == "hour" for s in version.steps),
        may_edit=_keeps(of),
        may_read_document=of.document_id is not None and find_document(db(), actor(), of.document_id) is not None,
        version_form=VersionForm(formdata=None, version=of.version),
    ).render()


def _asked_instant() -> datetime:
    """Return the day asked for, today where none or nonsense is, at the hour asked for or the opening of offices."""
    try:
        on = date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        on = this_day()
    try:
        hour = time.fromisoformat(request.args.get("at", "")[:5])
    except ValueError:
        hour = OPENING_HOUR
    return datetime.combine(on, hour, SHANGHAI)


def _trial(version: CaseTypeVersion, variant: str | None, at: datetime) -> list[TrialView]:
    days = calendar(version.type.jurisdiction_id)
    return [
        TrialView(t.step, day(t.started_at), _when(t.resolved) or t.trouble, _when(t.statute), _when(t.longest), t)
        for t in try_out(steps_for(version, variant), at, days)
    ]


def _when(found: Resolved | None) -> str:
    if found is None:
        return ""
    if found.due_on is not None:
        return due_day(found.due_on, found.due_at)
    if found.due_at is not None:
        return instant(found.due_at)
    return around("", day(found.earliest_on), "起")


# --- Making and revising ----------------------------------------------------------------------------------------------


@case_types.route("/new", methods=["GET", "POST"])
def new() -> Answer:
    """Write a type of one's own."""
    form = NewTypeForm()
    form.jurisdiction.choices = {str(p.id): p.name for p in places(db(), _supervised())}
    if request.method == "GET":
        form.jurisdiction.data = next(iter(form.jurisdiction.choices))
        form.steps.append_entry({})
    elif wanted := request.form.get("do"):
        again = NewTypeForm(formdata=None, data=rearranged(form, wanted))
        again.jurisdiction.choices = form.jurisdiction.choices
        return _form_page(again, None)
    offer(form)

    def verb(_: None) -> Done:
        made = verbs.create_type(this_act(), int(form.jurisdiction.data), type_input(form))
        return Done(f"已新建办件类型“{made.name}”。", url_for("case_types.show", type_id=made.id))

    return Posting(
        form, lambda: None, verb, lambda _: _form_page(form, None), place=lambda fault: place_fault(form, fault)
    ).answer()


@case_types.route("/<int:type_id>/edit", methods=["GET", "POST"])
def edit(type_id: int) -> Answer:
    """Write the next version of a type; cases already opened keep theirs."""
    form = ReviseForm()
    if request.method == "GET":
        current = _kept(type_id)
        return _form_page(ReviseForm(formdata=None, data=values_of(current)), current)
    if wanted := request.form.get("do"):
        return _form_page(ReviseForm(formdata=None, data=rearranged(form, wanted)), _kept(type_id))
    offer(form)

    def verb(current: CaseTypeVersion) -> Done:
        made = verbs.revise_type(this_act(), current, type_input(form, current), form.version.data)
        words = f"已保存为第 {made.number} 版，新登记的办件按这一版办理；在办的仍按原来的版本。"
        return Done(words, url_for("case_types.show", type_id=type_id))

    def conflict(current: CaseTypeVersion) -> Conflict:
        back = url_for("case_types.edit", type_id=type_id)
        return Conflict(said(input_of(current, current.type.name)), back, typed=said(type_input(form, current)))

    return Posting(
        form,
        lambda: _kept(type_id),
        verb,
        lambda current: _form_page(form, current),
        conflict,
        place=lambda fault: place_fault(form, fault),
    ).answer()


def _kept(type_id: int) -> CaseTypeVersion:
    """Return the newest version of a type the actor keeps."""
    version = or_404(find_type_version(db(), actor(), type_id))
    this_act().require(PlaceAction.KEEP_TYPES, version.type.jurisdiction_id)
    return version


@dataclass(frozen=True, slots=True, kw_only=True)
class EditTypePage(View):
    """The form of a type."""

    template: ClassVar[str] = "case_types/edit.html"
    form: TypeForm
    type: CaseType | None


def _form_page(form: TypeForm, current: CaseTypeVersion | None) -> str:
    offer(form)
    return EditTypePage(form=form, type=current.type if current else None).render()


@case_types.post("/<int:type_id>/retire")
def retire(type_id: int) -> Answer:
    """Take a type out of use."""
    return _switch(type_id, verbs.retire_type, "已停用“{}”，不再登记新的办件；在办的继续办理。")


@case_types.post("/<int:type_id>/restore")
def restore(type_id: int) -> Answer:
    """Put a type back into use."""
    return _switch(type_id, verbs.restore_type, "已启用“{}”。")


def _switch(type_id: int, verb: Callable[..., object], words: str) -> Answer:
    form = VersionForm()

    def carry_out(current: CaseTypeVersion) -> Done:
        verb(this_act(), current.type, form.version.data)
        return Done(words.format(current.type.name), url_for("case_types.show", type_id=type_id))

    return press(form, lambda: _kept(type_id), carry_out, url_for("case_types.show", type_id=type_id))


@case_types.post("/from-rule/<int:rule_id>")
def from_rule(rule_id: int) -> Answer:
    """Make a type of a document's time limit; the page of confirmation goes on where it was."""

    def verb(rule: DeadlineRule) -> Done:
        made = limits.make_from_rule(this_act(), rule)
        return Done(f"已新建办件类型“{made.name}”，可以补充步骤。", _after(rule, made.id))

    return press(None, lambda: or_404(find_rule(db(), actor(), rule_id)), verb, url_for("case_types.index"))


@case_types.post("/from-rule/<int:rule_id>/take/<int:type_id>")
def take(rule_id: int, type_id: int) -> Answer:
    """Let the cases of a document's time limit be those of a type that exists."""

    def verb(rule: DeadlineRule) -> Done:
        of = or_404(find_type_version(db(), actor(), type_id))
        limits.take(this_act(), rule, of)
        return Done(f"“{rule.quote or rule.act}”沿用办件类型“{of.type.name}”。", _after(rule, type_id))

    return press(None, lambda: or_404(find_rule(db(), actor(), rule_id)), verb, url_for("case_types.index"))


def _after(rule: DeadlineRule, type_id: int) -> str:
    """Return where one goes on: the measure under confirmation, else the type."""
    if request.form.get("back") == "confirm":
        return measure_url(rule.item.measure.edition.document_id, rule.item.measure.id)
    return url_for("case_types.show", type_id=type_id)
