"""步骤: a case's steps as a time line, each with its date, its light and the limits it rests on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from tracker.clock.resolution import resolve
from tracker.clock.rules import ClockError, Suspension
from tracker.rules.workflow import State
from tracker.services.case_types.steps import limit_words
from tracker.store.duties.duty import DatedMilestone
from tracker.store.models import Case, CaseStep, DeadlineRule, Milestone, Starts, StepKind
from tracker.web.cases.instants import resolved_words
from tracker.web.cases.offers import OfferFacts
from tracker.web.deadlines.clocks import ClockView, view
from tracker.web.kit.access import calendar
from tracker.web.kit.words import around


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
    stopped: str = ""  # why it is not asked for any more


def nearest(dated: Iterable[DatedMilestone]) -> Milestone | None:
    """Return the nearest open date of some."""
    found = [d.milestone for d in dated if d.milestone.met_at is None and d.milestone.cancelled_at is None]
    return min(found, key=lambda m: (m.due_at is None, m.due_at.timestamp() if m.due_at else 0), default=None)


def step_views(facts: OfferFacts) -> list[StepView]:
    """Return the steps in the order in which they come: done, running, still to begin."""
    case = facts.case
    held = [Suspension(p.from_at, p.until_at, p.reason, p.authority) for p in facts.pauses]
    done_by = {r.step_id: f"{r.unit.name} {r.by.name}" if r.unit else r.by.name for r in facts.records if r.step_id}
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


def _view(facts: OfferFacts, step: CaseStep, held: Sequence[Suspension], done_by: Mapping[int, str]) -> StepView:
    case, dated = facts.case, facts.clocks.get(step.id)
    clock = view(dated, case.duty.state if case.duty else State.IN_PROGRESS) if dated else None
    suspended = held if dated else []
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
        stopped=_stopped(case, step),
    )


def _stopped(case: Case, step: CaseStep) -> str:
    """Say why a step is not asked for any more: handed back, so that it is done anew; else its case ended."""
    if step.cancelled_at is None:
        return ""
    anew = any(s.key == step.key and s.ordinal > step.ordinal for s in case.steps)
    return "已退回，不再办理" if anew else "本件已办结，不再办理"


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
    return around(f"{said} ", resolved_words(found), _cited(rule))


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
