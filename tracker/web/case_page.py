"""What a case's page shows, put together from the store's rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from flask import render_template, session, url_for

from tracker.clock.resolution import resolve
from tracker.clock.rules import ClockError, CountUnit, Suspension
from tracker.clock.wording import shanghai
from tracker.ladder import Light, Signal
from tracker.services import privacy
from tracker.services.case_acts import referrals_of
from tracker.services.case_type_steps import limit_words
from tracker.services.corrections import may_correct_event
from tracker.services.pausing import AUTHORITIES
from tracker.services.privacy import Shown
from tracker.store.case_standing import state_of
from tracker.store.cases import dated_steps, extensions_of, find_case, pauses_of, records_of, sees_duty
from tracker.store.duties import DatedMilestone
from tracker.store.history import history_of_case
from tracker.store.models import (
    Case,
    CaseRecord,
    CaseStep,
    DeadlineRule,
    Milestone,
    RecordKind,
    Starts,
    StepKind,
)
from tracker.store.pauses import suspensions_of
from tracker.web import evidence, histories
from tracker.web.access import actor, calendar, db, now, or_404
from tracker.web.case_offers import Facts, Offer, offers, waits
from tracker.web.case_register import resolved_words
from tracker.web.clocks import ClockView, view
from tracker.web.duty_page import own_words
from tracker.web.words import milestone_signal
from tracker.workflow import CASE_LABELS, State

# What was shown once is gone with the next page; one that was never fetched is forgotten after this.
SHOWN_FOR = timedelta(minutes=2)
SHOWN_KEY = "unmasked"
# What these said stands in the list of records, or is their name alone.
RECORDED = frozenset({f"case.{verb}" for verb in ("step", "refer", "progress", "conclude", "visit", "note", "unmask")})


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of the time line: where it stands, its date, the limits it rests on, who did it."""

    step: CaseStep
    status: str  # done running paused waiting stopped
    clock: ClockView | None
    unit: str
    promise: str  # 本市承诺 3个工作日内
    statute: str  # 法定 10个工作日内，3月9日 周一（条例 25）
    when: str  # when it starts, of one that has not begun
    who: str
    sheet_url: str | None


def load(case_id: int) -> Case:
    """Find a case the actor may see, fully loaded; 404 for a stranger."""
    return or_404(find_case(db(), actor(), case_id))


def facts_of(case: Case) -> Facts:
    """Read what the page and its forms are made from."""
    return Facts(case, referrals_of(db(), case.id), extensions_of(db(), case.id), dated_steps(db(), case.id))


def render(case: Case, failed: Offer | None = None) -> str:
    """Return the page of a case; a form that was refused comes back, open, with what was typed."""
    facts, records = facts_of(case), records_of(db(), case.id)
    person = shown(case)
    hide = privacy.is_accused(actor(), case)
    read = _reader(case, person, hide)
    views, lines = step_views(facts, records), histories.lines(history_of_case(db(), case.id), None, RECORDED)
    return render_template(
        "cases/show.html",
        case=case,
        duty=case.duty,
        **_policy(case),
        type=case.type_version.type if case.type_version else None,
        state=CASE_LABELS[state_of(case)],
        light=signal(case, nearest(facts.clocks.values())),
        reference=privacy.HIDDEN if hide else case.reference,
        conclusion=read(case.conclusion),
        steps=views,
        names={v.step.id: v.step.name for v in views},
        clocks={v.step.id: v.clock for v in views},
        waiting=[s for s in case.steps if s.done_at is None and waits(facts.clocks.get(s.id))],
        by_hour=any(s.rule is not None and s.rule.unit is CountUnit.HOUR for s in case.steps),
        offers=_with(offers(facts), failed),
        failed=failed.key if failed else None,
        stopped=case.duty is not None and case.duty.state is State.REVOKED,
        by_others=_by_others(facts),
        authorities=AUTHORITIES,
        records=[] if hide else [(r, read(r.text)) for r in records if _tells(r)],
        open_files=not person.masked,
        came_with_files=any(r.kind is RecordKind.INTAKE and r.attachments for r in records),
        referrals=facts.referrals,
        extensions=facts.extensions,
        pauses=pauses_of(db(), case.id),
        person=person,
        may_unmask=person.masked and privacy.may_unmask(db(), actor(), case),
        read=read,
        may_correct=may_correct_event(actor(), case),
        history=[replace(line, note=read(_short(case, line.note))) for line in lines],
        size_words=evidence.size_words,
        accept=evidence.ACCEPT,
    )


def _short(case: Case, note: str) -> str:
    """Return an entry's words without the number, which stands at the head of the page."""
    return note.removeprefix(case.number).strip()


def _tells(record: CaseRecord) -> bool:
    """Whether a record says more than the head of the page: an intake does by its files."""
    return record.kind is not RecordKind.INTAKE or bool(record.attachments)


def _policy(case: Case) -> dict[str, Any]:
    """Return the measure a case stands under, where it stands under one."""
    task, duty = case.task, case.duty
    if task is None:
        return {"task": None, "document": None, "measure": None, "words": [], "sees_duty": False}
    return {
        "task": task,
        "document": task.document,
        "measure": task.item.measure,
        "words": own_words(case),  # type: ignore[arg-type]
        "sees_duty": duty is not None and sees_duty(db(), actor(), duty.id),
    }


def _with(found: list[Offer], failed: Offer | None) -> list[Offer]:
    """Put a refused form in the place of its fresh one; one that is not offered any more stays to be read."""
    if failed is None:
        return found
    if all(offer.key != failed.key for offer in found):
        return [failed, *found]
    for offer in found:
        if offer.key == failed.key:
            offer.form = failed.form
    return found


# --- Whom the case is from -------------------------------------------------------------------------------------------


def shown(case: Case) -> Shown:
    """Return whom the case is from: masked, unless the reader has just asked and it was written down."""
    kept = session.pop(SHOWN_KEY, None)
    if kept and _is_for(kept, case) and privacy.may_unmask(db(), actor(), case):
        return privacy.shown_again(db(), actor(), case)
    return privacy.masked(db(), actor(), case)


def _is_for(kept: list[Any], case: Case) -> bool:
    user_id, case_id, at = kept
    return [user_id, case_id] == [actor().user_id, case.id] and now() - datetime.fromisoformat(at) < SHOWN_FOR


def show_next(case: Case) -> None:
    """Let the next page of this case, and no other, show this reader whom it is from."""
    session[SHOWN_KEY] = [actor().user_id, case.id, now().isoformat()]


def _reader(case: Case, person: Shown, hide: bool) -> Callable[[str | None], str]:
    """Return how the reader sees what handlers wrote: those who do not handle the case without names and numbers."""
    if hide:
        return lambda text: ""
    if not person.masked or privacy.may_unmask(db(), actor(), case):
        return lambda text: text or ""
    return lambda text: privacy.without_private(db(), case, text)


# --- Lights ----------------------------------------------------------------------------------------------------------


def signal(case: Case, milestone: Milestone | None) -> Signal:
    """Return a case's light: closed, paused, its nearest open date's, or none; one whose duty was revoked has none."""
    if case.closed_at is not None:
        return Signal(Light.DONE, "办结")
    if case.duty is not None and case.duty.state is State.REVOKED:
        return Signal(Light.NONE, "已停止")
    if case.paused_at is not None:
        return Signal(Light.HOLD, "暂停")
    if milestone is None or milestone.met_at is not None or milestone.cancelled_at is not None:
        return Signal(Light.NONE, "无时限")
    return milestone_signal(milestone, case.duty.state if case.duty else State.IN_PROGRESS)


def nearest(dated: Any) -> Milestone | None:
    """Return the nearest open date of some."""
    found = [d.milestone for d in dated if d.milestone.met_at is None and d.milestone.cancelled_at is None]
    return min(found, key=lambda m: (m.due_at is None, m.due_at.timestamp() if m.due_at else 0), default=None)


def _by_others(facts: Facts) -> str:
    """Name the unit whose turn it is, where it is not the reader's."""
    running = [s for s in facts.case.steps if s.started_at and s.done_at is None and s.cancelled_at is None]
    names = [s.unit.name for s in running if s.unit is not None] or [facts.case.unit.name]
    return "、".join(dict.fromkeys(names))


# --- The time line ---------------------------------------------------------------------------------------------------


def step_views(facts: Facts, records: Sequence[CaseRecord]) -> list[StepView]:
    """Return the steps in the order in which they come: done, running, still to begin."""
    case = facts.case
    held = suspensions_of(db(), [d.milestone.id for d in facts.clocks.values()])
    done_by = {r.step_id: f"{r.unit.name} {r.by.name}" if r.unit else r.by.name for r in records if r.step_id}
    first: dict[str | None, int] = {}
    for step in case.steps:
        first.setdefault(step.key, step.ordinal)
    shown_steps = [s for s in case.steps if s.cancelled_at is None or s.started_at is not None]
    views = [_view(facts, step, held, done_by) for step in shown_steps]
    order = {"done": 0, "stopped": 0, "running": 1, "paused": 1, "waiting": 2}

    def place(v: StepView) -> tuple[Any, ...]:
        ended = v.step.done_at or v.step.cancelled_at
        at = ended.timestamp() if ended else 0
        return order[v.status], at, first[v.step.key], v.step.ordinal

    return sorted(views, key=place)


def _view(facts: Facts, step: CaseStep, held: dict[int, list[Suspension]], done_by: dict[int | None, str]) -> StepView:
    case, dated = facts.case, facts.clocks.get(step.id)
    clock = view(dated, case.duty.state if case.duty else State.IN_PROGRESS) if dated else None
    suspended = held.get(dated.milestone.id, []) if dated else []
    who = done_by.get(step.id, "")
    if not who and step.done_by_id == case.opened_by_id:
        who = case.opened_by.name
    return StepView(
        step=step,
        status=_status(case, step),
        clock=clock,
        unit=step.unit.name if step.unit else "",
        promise=_promise(step, dated),
        statute=_statute(case, step, suspended),
        when=_when(case, step) if step.started_at is None else "",
        who=who,
        sheet_url=url_for("milestones.show", milestone_id=dated.milestone.id) if dated else None,
    )


def _status(case: Case, step: CaseStep) -> str:
    if step.done_at is not None:
        return "done"
    if step.cancelled_at is not None:
        return "stopped"
    if step.started_at is None:
        return "waiting"
    return "paused" if case.paused_at is not None else "running"


def _promise(step: CaseStep, dated: DatedMilestone | None) -> str:
    """Say the limit a step counts by, and whose word it is."""
    rule = step.rule
    if rule is None:
        return ""
    said = limit_words(rule)
    if dated is not None and dated.milestone.granted_amount:
        said += "，已批准延长"
    if step.statute_rule is not None:
        return f"本市承诺 {said}"
    return f"时限 {said}{_cited(rule)}"


def _cited(rule: DeadlineRule) -> str:
    return f"（{rule.article}）" if rule.article else ""


def _statute(case: Case, step: CaseStep, suspended: Sequence[Suspension]) -> str:
    """Say the statute's outer limit and the day it ends on, counted from the same event."""
    rule = step.statute_rule
    if rule is None:
        return ""
    said = f"法定 {limit_words(rule)}"
    if step.started_at is None or step.done_at is not None:
        return f"{said}{_cited(rule)}"
    try:
        found = resolve(
            rule.as_rule(), event_at=step.started_at, calendar=calendar(case.jurisdiction_id), suspensions=suspended
        )
    except ClockError:
        return f"{said}{_cited(rule)}"  # while it is paused no day can be named
    return f"{said} {resolved_words(found)}{_cited(rule)}"


def _when(case: Case, step: CaseStep) -> str:
    """Say when the clock of a step that has not begun starts."""
    before = next((s.name for s in case.steps if s.key is not None and s.key == step.after_key), "上一步")
    match step.starts:
        case Starts.ACCEPTED:
            return "正式受理后开始"
        case Starts.AFTER if step.kind is StepKind.VISIT:
            return "本件办结后办理"
        case Starts.AFTER:
            return f"“{before}”办结后开始"
        case Starts.LATE:
            return f"“{before}”逾期时可以办理"
    return f"{case.event}时开始"


# --- The letter ------------------------------------------------------------------------------------------------------


def letter(case: Case, record: CaseRecord) -> str:
    """Return a 督办书 as it is printed: to the unit that is late, on which ground, and what it is to do by when."""
    step = next(s for s in case.steps if s.id == record.step_id)
    held_up = next((s for s in case.steps if s.key == step.after_key and s.started_at is not None), None)
    dated = dated_steps(db(), case.id).get(held_up.id) if held_up else None
    milestone = dated.milestone if dated else None
    days = calendar(case.jurisdiction_id)
    late = days.workdays_between(milestone.due_on, _day_of(record.at)) if milestone and milestone.due_on else 0
    return render_template(
        "cases/letter.html",
        case=case,
        record=record,
        step=held_up,
        to=held_up.unit if held_up and held_up.unit else case.unit,
        rule=held_up.rule if held_up else None,
        due_on=milestone.due_on if milestone else None,
        late=late,
        written_on=_day_of(record.at),
        document=case.task.document if case.task else None,
        type=case.type_version.type if case.type_version else None,
        office=record.unit.name if record.unit else case.unit.name,
    )


def _day_of(at: datetime) -> date:
    return shanghai(at).date()
