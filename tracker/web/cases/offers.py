"""What the reader may do in a case now: the forms its page draws, from the workflow table and the steps' own state."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for

from tracker.now import shanghai
from tracker.rules.workflow import ENDED, CaseAction
from tracker.services.cases.checks import late_steps
from tracker.services.cases.conclusion import asked_for
from tracker.services.cases.referrals import done_already
from tracker.services.deadlines.extensions import extendable
from tracker.store.cases.page import units_in
from tracker.store.cases.standing import answers_for, decides_for, may
from tracker.store.core.actors import Actor
from tracker.store.duties.duty import DatedMilestone
from tracker.store.models import (
    Bound,
    Case,
    CaseRecord,
    CaseStep,
    Extension,
    ExtensionState,
    MemberRole,
    Milestone,
    Pause,
    PauseRequest,
    Referral,
    Starts,
    StepKind,
)
from tracker.web.cases.forms import (
    CaseDecideForm,
    CasePauseForm,
    ConcludeForm,
    NoteForm,
    ReferForm,
    ReturnForm,
    StepForm,
    VisitForm,
    extend_form,
    step_form,
)
from tracker.web.kit.access import actor, db, now, this_day
from tracker.web.kit.fields import rename
from tracker.web.kit.forms import VersionForm

# What is drawn first where several things can be done: the first of these stands open, with the one primary button.
FIRST = ("sign", "resume", "decide", "decide_pause", "letter", "step", "refer", "progress", "conclude", "visit")


@dataclass(slots=True)
class Offer:
    """One form of the page: `key` names it, `kind` orders it, `own` says it is the reader's unit's to do."""

    key: str
    kind: str
    title: str
    url: str
    form: VersionForm
    button: str
    own: bool = True
    note: str = ""
    unit: str = ""  # what stands after the number of an extension
    step: CaseStep | None = None
    extension: Extension | None = None
    request: PauseRequest | None = None  # 暂停申请

    @property
    def rank(self) -> tuple[bool, int]:
        return not self.own, FIRST.index(self.kind) if self.kind in FIRST else len(FIRST)

    @property
    def primary(self) -> bool:
        return self.kind in FIRST


@dataclass(frozen=True, slots=True)
class OfferFacts:
    """What the offers of a case are made from."""

    case: Case
    referrals: Sequence[Referral]
    extensions: Sequence[Extension]
    clocks: dict[int, DatedMilestone]
    requests: Sequence[PauseRequest]  # 暂停申请
    pauses: Sequence[Pause]
    records: Sequence[CaseRecord]


def offers(facts: OfferFacts) -> list[Offer]:
    """Return what the actor may do now, what comes first in front."""
    case = facts.case
    if case.duty is not None and case.duty.state in ENDED:
        return []
    found = [
        *_of_referral(facts), *_of_extensions(facts), *_of_steps(facts), *_of_case(facts), *_of_pauses(facts)
    ]  # fmt: skip
    for offer in found:
        offer.form.version.data = case.version
        rename(offer.form, offer.key)
    return sorted(found, key=lambda offer: offer.rank)


def permitted(facts: OfferFacts, action: CaseAction) -> bool:
    return may(actor(), facts.case, facts.referrals, action)


def _url(facts: OfferFacts, endpoint: str, **more: Any) -> str:
    return url_for(f"cases.{endpoint}", case_id=facts.case.id, **more)


# --- Referral and extensions -----------------------------------------------------------------------------------------


def handed(who: Actor, referrals: Sequence[Referral]) -> Referral | None:
    """Return the newest referral to one of the actor's units that was not returned."""
    own = who.units(MemberRole.OFFICER)
    mine = [r for r in referrals if r.to_unit_id in own and r.returned_at is None]
    return mine[-1] if mine else None


def _of_referral(facts: OfferFacts) -> list[Offer]:
    mine = handed(actor(), facts.referrals)
    if mine is None:
        return []
    found = []
    if mine.signed_at is None and permitted(facts, CaseAction.SIGN):
        told = f"签收表示{mine.to_unit.name}已收到，由您办理。期限自转办时起算。"
        form = VersionForm(formdata=None)
        found.append(Offer("sign", "sign", "签收", _url(facts, "sign"), form, "签收", note=told))
    may = this_day() <= mine.object_until and done_already(facts.case, mine) is None
    if may and permitted(facts, CaseAction.RETURN):
        told = f"不属于本单位的，{_day(mine)}以前可以退回，由转办单位重新转办（信访工作条例 22）。"
        form = ReturnForm(formdata=None)
        found.append(Offer("return", "return", "退回转办", _url(facts, "send_back"), form, "退回", note=told))
    return found


def _day(referral: Referral) -> str:
    return f"{referral.object_until.month}月{referral.object_until.day}日（含当日）"


def _of_extensions(facts: OfferFacts) -> list[Offer]:
    if not permitted(facts, CaseAction.DECIDE):
        return []
    who = actor()
    waiting = [e for e in facts.extensions if e.state is ExtensionState.PENDING]
    found = []
    for asked in waiting:
        if asked.by_id == who.user_id or not decides_for(who, facts.case, asked.milestone.unit_id):
            continue
        name = asked.milestone.case_step.name if asked.milestone.case_step else ""
        found.append(
            Offer(
                f"decide-{asked.id}",
                "decide",
                f"审批延期：{name}",
                _url(facts, "decide", extension_id=asked.id),
                CaseDecideForm(formdata=None),
                "批准延期",
                extension=asked,
            )
        )
    return found


# --- Steps -----------------------------------------------------------------------------------------------------------


def _of_steps(facts: OfferFacts) -> list[Offer]:
    waits_for_late = any(step.starts is Starts.LATE for step in facts.case.steps)
    late = late_steps(db(), facts.case, now()) if waits_for_late else set()
    found: list[Offer] = []
    longer: dict[tuple[object, ...], Offer] = {}
    for step in facts.case.steps:
        if not answers_for(actor(), facts.case, step, facts.referrals) or not _is_open(facts, step, late):
            continue
        if (offer := _of_step(facts, step)) is not None:
            offer.step = step
            offer.own = _is_own(facts.case, step)
            found.append(offer)
            _offer_more_time(facts, step, longer)
    return [*found, *longer.values()]


def _offer_more_time(facts: OfferFacts, step: CaseStep, longer: dict[tuple[object, ...], Offer]) -> None:
    """Add one offer for each period: steps that run by the same period are extended together."""
    if (offer := _extend(facts, step)) is None:
        return
    period = _period(facts.clocks[step.id].milestone)
    if period in longer:
        longer[period].title += f"、{step.name}"
        longer[period].note = "这几步同属一个期限，批准后一并延长。"
    else:
        longer[period] = offer


def _period(milestone: Milestone) -> tuple[object, ...]:
    """Return what tells a period from another: its article, event and length (条例 25: handling and written answer)."""
    rule = milestone.rule
    own = rule.article or milestone.id
    return own, milestone.event_at, rule.amount, rule.unit, rule.extend_amount, milestone.granted_amount


def _is_own(case: Case, step: CaseStep) -> bool:
    """Whether the step is the reader's own unit's; a supervisor may record any."""
    who = actor()
    held = who.units(MemberRole.OFFICER, MemberRole.SUPERVISOR)
    # A letter is the supervisor's as much as the handling unit's.
    return (step.unit_id or case.unit_id) in held or step.kind is StepKind.LETTER


def _is_open(facts: OfferFacts, step: CaseStep, late: set[str | None]) -> bool:
    """Whether the step's turn has come."""
    if step.done_at is not None or step.cancelled_at is not None or step.kind is StepKind.VISIT:
        return False
    if step.starts is Starts.LATE:
        return step.after_key in late
    return step.started_at is not None and not waits(facts.clocks.get(step.id))


def waits(dated: DatedMilestone | None) -> bool:
    """Whether a step's waiting period has not passed."""
    return dated is not None and dated.milestone.earliest_on is not None and this_day() < dated.milestone.earliest_on


def _of_step(facts: OfferFacts, step: CaseStep) -> Offer | None:
    if step.kind is StepKind.REFER:
        if not permitted(facts, CaseAction.REFER):
            return None
        url = _url(facts, "refer", step_id=step.id)
        return Offer(f"refer-{step.id}", "refer", step.name, url, refer_form(facts.case), "转办")
    if step.kind is StepKind.PROGRESS:
        if not permitted(facts, CaseAction.PROGRESS):
            return None
        url = _url(facts, "progress", step_id=step.id)
        form = step_form(step, formdata=None)
        return Offer(f"progress-{step.id}", "progress", step.name, url, form, step.kind.button)
    if not permitted(facts, CaseAction.STEP):
        return None
    kind = "letter" if step.kind is StepKind.LETTER else "step"
    form = _fresh(step_form(step, formdata=None), step)
    url = _url(facts, "close_step", step_id=step.id)
    return Offer(f"step-{step.id}", kind, step.name, url, form, step.kind.button, note=_told(step))


def _told(step: CaseStep) -> str:
    if step.bound is Bound.OTHER:
        return "这是对方的期限。对方已经办理的，写明日期和结果；还没有办理的，请先督促对方。"
    return ""


def _fresh(form: StepForm, step: CaseStep) -> StepForm:
    """Fill in what is most often right."""
    if step.kind is StepKind.ACCEPT:
        form.done_on.data, form.done_time.data = this_day(), _minute(now())
    elif "done_on" in form:
        form.done_on.data = this_day()
    if step.kind is StepKind.REFUND:
        form.from_on.data = this_day()
    return form


def _minute(at: datetime) -> Any:
    return shanghai(at).time().replace(second=0, microsecond=0)


def refer_form(case: Case, *, posted: bool = False) -> ReferForm:
    """Return the form of a referral: any unit of the place, neither the handling one nor the one complained of."""
    form = ReferForm() if posted else ReferForm(formdata=None)
    barred = {case.unit_id, case.accused_unit_id}
    open_to = {str(key): name for key, name in units_in(db(), case.jurisdiction_id) if key not in barred}
    form.to.choices = {"": "请选择", **open_to}
    return form


def _extend(facts: OfferFacts, step: CaseStep) -> Offer | None:
    """Offer more time where the limit allows it, late or not, and nothing has been asked for yet."""
    dated = facts.clocks.get(step.id)
    milestone = dated.milestone if dated is not None else None
    if milestone is None or not permitted(facts, CaseAction.EXTEND) or not extendable(milestone, step.statute_rule):
        return None
    pending = [e.milestone for e in facts.extensions if e.state is ExtensionState.PENDING]
    if any(_period(asked) == _period(milestone) for asked in pending):
        return None
    rule, form = milestone.rule, extend_form(milestone.rule, formdata=None)
    unit, present = rule.unit.label if rule.unit else "", milestone.granted_amount or rule.amount
    told = "经单位负责人或督查员批准后生效。"
    if "amount" in form:
        form.amount.description = f"现在 {present}{unit}，最长 {rule.extend_amount}{unit}。{told}"
    else:
        form.wanted_on.description = told
    url = _url(facts, "extend", step_id=step.id)
    title = f"申请延期：{step.name}"
    return Offer(
        f"extend-{step.id}", "extend", title, url, form, "申请延期", step=step, unit=unit, own=_is_own(facts.case, step)
    )


# --- The whole case --------------------------------------------------------------------------------------------------


def _of_case(facts: OfferFacts) -> list[Offer]:
    case, found = facts.case, []
    if permitted(facts, CaseAction.RESUME):
        form = VersionForm(formdata=None)
        told = "恢复后各步的期限按扣除暂停的时间重新计算。"
        found.append(Offer("resume", "resume", "恢复计时", _url(facts, "resume"), form, "恢复计时", note=told))
    if permitted(facts, CaseAction.CONCLUDE) and not asked_for(case):
        form = ConcludeForm(formdata=None)
        found.append(Offer("conclude", "conclude", "办结本件", _url(facts, "conclude"), form, "办结"))
    if permitted(facts, CaseAction.VISIT):
        again = case.satisfaction is not None
        kind, title = ("again", "再次回访") if again else ("visit", "回访")
        found.append(Offer("visit", kind, title, _url(facts, "visit"), VisitForm(formdata=None), "保存回访"))
    if permitted(facts, CaseAction.NOTE):
        found.append(Offer("note", "note", "补充说明", _url(facts, "note"), NoteForm(formdata=None), "保存"))
    return found


def _of_pauses(facts: OfferFacts) -> list[Offer]:
    """Offer to ask, to decide what was asked, or to stop the clocks of others: one of them at a time."""
    asked = next((r for r in facts.requests if r.state is ExtensionState.PENDING), None)
    if asked is not None:
        if asked.by_id == actor().user_id or not permitted(facts, CaseAction.PAUSE):
            return []
        url = _url(facts, "decide_pause", request_id=asked.id)
        form = CaseDecideForm(formdata=None)
        return [Offer(f"decide-pause-{asked.id}", "decide_pause", "审批暂停", url, form, "批准暂停", request=asked)]
    if not _counting(facts):
        return []
    told = "听证、征求第三方意见等依法不计入期限的时间。"
    form = CasePauseForm(formdata=None)
    if permitted(facts, CaseAction.ASK_PAUSE):
        told += "批准之前照常计时；批准后各步都不计时，直到恢复。"
        return [Offer("ask-pause", "ask_pause", "申请暂停", _url(facts, "ask_pause"), form, "申请暂停", note=told)]
    if permitted(facts, CaseAction.PAUSE):
        told += "恢复前各步都不计时。"
        return [Offer("pause", "pause", "暂停计时", _url(facts, "pause"), form, "暂停计时", note=told)]
    return []


def _counting(facts: OfferFacts) -> bool:
    """Whether a clock runs that can be stopped: none of one's own has run out."""
    running = [c.milestone for c in facts.clocks.values()]
    running = [m for m in running if m.met_at is None and m.cancelled_at is None]
    return bool(running) and all(m.watch or m.due_at is None or m.due_at > now() for m in running)
