"""登记办件: the type is chosen first, then the form of an intake, its dates shown before anything is saved.

The one way in: an event of a duty's own limit is an intake of that limit's type, `?duty=` saying which duty it is for.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from tracker.clock.rules import CountUnit, Resolved
from tracker.now import shanghai
from tracker.rules.permissions import PlaceAction
from tracker.services.case_types.limits import waiting_rules
from tracker.services.case_types.steps import limit_words
from tracker.services.case_types.trial import try_out
from tracker.services.cases import ledger
from tracker.services.cases.handlers import able_handlers, handlers, may_register
from tracker.services.core.act import permit
from tracker.services.core.errors import Refused
from tracker.store.case_types.versions import find_type_version, steps_for, usable_types, variants_of
from tracker.store.cases.page import tasks_of_type, units_in
from tracker.store.duties.duty import find_duty
from tracker.store.models import (
    Bound,
    CaseType,
    CaseTypeStep,
    CaseTypeVersion,
    DeadlineRule,
    Duty,
    MemberRole,
    Starts,
    StepKind,
)
from tracker.web.cases.forms import IntakeForm
from tracker.web.cases.instants import instant_of, resolved_words
from tracker.web.cases.posting import page_of
from tracker.web.duties.page import load, own_words
from tracker.web.kit import evidence
from tracker.web.kit.access import actor, calendar, db, now, or_404, outfit, this_act, this_day, whole
from tracker.web.kit.posting import Answer, Done, Posting, form_key
from tracker.web.kit.views import View


@dataclass(frozen=True, slots=True)
class TrialLine:
    """One step's dates before anything is saved."""

    step: CaseTypeStep
    due: str
    statute: str
    limit: str
    resolved: Resolved | None
    trouble: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoicePage(View):
    """The types of case one may take in; `duty` where they are those of its limits."""

    template: ClassVar[str] = "cases/choose.html"
    by_place: dict[str, list[CaseTypeVersion]]
    duty: Duty | None
    limit_words: Callable[[DeadlineRule | None], str]
    variants_of: Callable[[CaseTypeVersion], list[str]]


def choose() -> str:
    """The types of case the actor may take in, by place; those of one duty where it is asked for."""
    duty = _duty_asked()
    wanted = types_of(duty) if duty is not None else None
    by_place: dict[str, list[CaseTypeVersion]] = {}
    for version in usable_types(db(), actor()):
        if wanted is None or version.type_id in wanted:
            by_place.setdefault(version.type.jurisdiction.name, []).append(version)
    return ChoicePage(by_place=by_place, duty=duty, limit_words=limit_words, variants_of=variants_of).render()


def from_duty(duty_id: int) -> Response:
    """Lead to where an event of a duty's limit is registered: its type, or the choice where there are several."""
    duty = load(duty_id)
    permit(may_register(actor(), duty.task), "只有督查员或承担这项任务（非配合）的承办人可以登记。")
    found = types_of(duty)
    if not found or not able_handlers(duty.task):
        raise Refused("这项责任没有可以登记事件的时限，或者已经结束，或者办件类型已停用。请回到责任页查看。")
    if len(found) > 1:
        return redirect(url_for("cases.choose", duty=duty_id))
    return redirect(url_for("cases.intake", type_id=found[0], duty=duty_id))


def types_of(duty: Duty) -> list[int]:
    """Return the case types in use of a duty's limits that wait for an event."""
    kinds = [r.case_type for r in waiting_rules(duty.task.item)]
    return list(dict.fromkeys(kind.id for kind in kinds if kind is not None and kind.active))


def _duty_asked() -> Duty | None:
    """Return the duty an intake is for, where the address names one the actor may see."""
    asked = request.args.get("duty", type=whole)
    return find_duty(db(), actor(), asked) if asked is not None else None


def intake(type_id: int) -> Answer:
    """Take a case in: its steps are those of its type, its clocks run from the event."""
    if request.method == "GET":
        version = _version(type_id)
        return _page(version, _fresh(version))
    with outfit().database.read() as reading:
        found = find_type_version(reading, actor(), type_id)
        open_to_actor = found is not None and actor().may(PlaceAction.OPEN_CASE, found.type.jurisdiction_id)
    form = IntakeForm()
    files = evidence.receive(form, open_to_actor)

    def verb(version: CaseTypeVersion) -> Done | str:
        if form.happened_time.data is None and _by_hour(version, form):
            raise Refused("这一类办件有按小时计算的时限，请填写时刻。", "happened_time")
        if "try" in request.form:
            return _page(version, form, _trial(version, form))
        case = ledger.open_case(this_act(), version, _new_case(form, files))
        return Done(f"办件 {case.number} 已登记。", page_of(case.id))

    return Posting(
        form, lambda: _version(type_id), verb, lambda version: _page(version, form), offer=lambda v: _offer(form, v)
    ).answer()


def _version(type_id: int) -> CaseTypeVersion:
    """Find a type in use in its newest version; 404 for a stranger, 403 for who takes nothing in there."""
    version = or_404(find_type_version(db(), actor(), type_id))
    this_act().require(PlaceAction.OPEN_CASE, version.type.jurisdiction_id)
    if not version.type.active:
        raise Refused(f"“{version.type.name}”已停用，请回到办件台账选择其他类型。")
    return version


def _fresh(version: CaseTypeVersion) -> IntakeForm:
    at = shanghai(now()).time().replace(second=0, microsecond=0)
    form = IntakeForm(happened_on=this_day(), happened_time=at)
    _offer(form, version)
    form.unit.data = next((str(u) for u in _likely_units(version) if str(u) in form.unit.choices), "")
    return form


def _likely_units(version: CaseTypeVersion) -> Iterator[int]:
    """Tell which unit is likely to handle the case, the likeliest first."""
    duty, own = _duty_asked(), actor().units(MemberRole.OFFICER)
    if duty is not None and (duty.unit_id in own or actor().supervises(version.type.jurisdiction_id)):
        yield duty.unit_id
    able = [d.unit_id for task in tasks_of_type(db(), version.type_id) for d in able_handlers(task)]
    yield from (unit_id for unit_id in able if unit_id in own)
    yield from sorted(own)
    yield from able
    yield from sorted(actor().units(MemberRole.SUPERVISOR))


def _offer(form: IntakeForm, version: CaseTypeVersion) -> None:
    """Give the form the choices of its type and place; take out what the type does not ask."""
    place = version.type.jurisdiction_id
    units = units_in(db(), place)
    allowed = handlers(actor(), place, tasks_of_type(db(), version.type_id))
    own = {str(key): name for key, name in units if allowed is None or key in allowed}
    form.unit.choices = own if len(own) == 1 else {"": "请选择", **own}
    form.accused_unit.choices = {"": "未注明或不在单位库中", **{str(key): name for key, name in units}}
    form.happened_on.label.text = f"{version.event}的日期"
    if sorts := variants_of(version):
        form.variant.choices = {sort: sort for sort in sorts}
    else:
        del form.variant
    if not accepts(version):
        del form.accepted_on
        del form.accepted_time


def accepts(version: CaseTypeVersion) -> bool:
    """Whether formal acceptance means anything to a type."""
    return any(s.kind is StepKind.ACCEPT or s.starts is Starts.ACCEPTED for s in version.steps)


def _instants(form: IntakeForm) -> tuple[datetime, datetime | None]:
    happened_at = instant_of(form.happened_on.data, form.happened_time.data)
    if "accepted_on" not in form or form.accepted_on.data is None:
        return happened_at, None
    accepted_at = instant_of(form.accepted_on.data, form.accepted_time.data)
    if form.accepted_time.data is None and form.accepted_on.data == form.happened_on.data:
        accepted_at = max(accepted_at, happened_at)  # no time was given: not before the event on its own day
    return happened_at, accepted_at


def _new_case(form: IntakeForm, files: evidence.Evidence) -> ledger.NewCase:
    happened_at, accepted_at = _instants(form)
    accused, duty = form.accused_unit.data or "", _duty_asked()
    return ledger.NewCase(
        unit_id=int(form.unit.data),
        happened_at=happened_at,
        reference=form.reference.data or "",
        form_key=form_key()[:40],
        variant=form.variant.data if "variant" in form else None,
        accepted_at=accepted_at,
        channel=form.channel.data,
        firm=form.firm.data,
        content=form.content.data,
        owed_fen=form.amount.data,
        accused_unit_id=int(accused) if accused else None,
        accused=form.accused.data,
        name=form.name.data,
        phone=form.phone.data,
        address=form.address.data,
        files=files.files,
        task_id=duty.task_id if duty is not None else None,
    )


def _by_hour(version: CaseTypeVersion, form: IntakeForm) -> bool:
    """Whether a limit of this sort of case is counted in hours."""
    steps = steps_for(version, form.variant.data if "variant" in form else None)
    return any(s.rule is not None and s.rule.unit is CountUnit.HOUR for s in steps)


def _trial(version: CaseTypeVersion, form: IntakeForm) -> list[TrialLine]:
    happened_at, accepted_at = _instants(form)
    steps = steps_for(version, form.variant.data if "variant" in form else None)
    tried = try_out(steps, happened_at, calendar(version.type.jurisdiction_id), accepted_at)
    return [
        TrialLine(
            t.step,
            resolved_words(t.resolved),
            resolved_words(t.statute),
            limit_words(t.step.rule),
            t.resolved,
            t.trouble,
        )
        for t in tried
        if t.step.rule is not None or t.step.statute_rule is not None
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakePage(View):
    """The intake of a case, and the dates it would get."""

    template: ClassVar[str] = "cases/intake.html"
    duty: Duty | None  # whose event it is
    words: list[tuple[str, str]]  # of its measure
    watch: bool
    version: CaseTypeVersion
    type: CaseType
    form: IntakeForm
    trial: list[TrialLine] | None
    by_hour: bool
    not_accepted: bool
    accept: str


def _page(version: CaseTypeVersion, form: IntakeForm, trial: list[TrialLine] | None = None) -> str:
    duty = _duty_asked()
    return IntakePage(
        duty=duty,
        words=own_words(duty.task.item) if duty is not None else [],
        watch=any(s.bound is Bound.OTHER for s in version.steps),
        version=version,
        type=version.type,
        form=form,
        trial=trial,
        by_hour=any(s.rule is not None and s.rule.unit is CountUnit.HOUR for s in version.steps),
        not_accepted=trial is not None and accepts(version) and form.accepted_on.data is None,
        accept=evidence.ACCEPT,
    ).render()
