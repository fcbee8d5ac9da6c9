"""What a duty's page shows, put together from the store's rows."""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any, ClassVar

from flask import url_for

from tracker.reading.plan import Role
from tracker.rules.lights import Signal
from tracker.rules.permissions import PlaceAction
from tracker.rules.verbs import Verb
from tracker.rules.workflow import ENDED, Action, State
from tracker.services.case_types.limits import Taken, offers_for, waiting_rules
from tracker.services.cases.handlers import may_register
from tracker.services.deadlines.periods import reportable
from tracker.services.duties.extensions import can_wait
from tracker.services.duties.progress import may
from tracker.store.cases.lists import cases_of_duty, clocks_of_cases
from tracker.store.core.actors import Actor
from tracker.store.core.history import history_of_duty
from tracker.store.core.stages import stage_of_document
from tracker.store.core.visible import OWN
from tracker.store.deadlines.extensions import extensions_of_duty
from tracker.store.deadlines.pauses import open_pause
from tracker.store.duties.duty import DatedMilestone, beside, find_duty, milestones_of, reports_of
from tracker.store.duties.page import source_slice, unreachable_of
from tracker.store.models import (
    Alert,
    AuditEntry,
    Case,
    DeadlineRule,
    Document,
    Duty,
    Extension,
    ExtensionState,
    Item,
    Measure,
    MemberRole,
    Milestone,
    Outcome,
    Pause,
    Report,
    ReportKind,
    Task,
)
from tracker.web.deadlines.clocks import ClockView, view
from tracker.web.duties.forms import NOTHING_NEW, ReportForm, ReviewForm
from tracker.web.kit import evidence, histories
from tracker.web.kit.access import actor, db, or_404, this_day
from tracker.web.kit.forms import VersionForm
from tracker.web.kit.histories import HistoryLine
from tracker.web.kit.marking import marks_of, segments
from tracker.web.kit.views import View
from tracker.web.kit.words import case_signal

# The way of a duty: the states it passes, each under what brought it there or what goes on in it.
WAY = (
    (State.ASSIGNED, "交办"),
    (State.ACKNOWLEDGED, Action.ACKNOWLEDGE.label),
    (State.IN_PROGRESS, State.IN_PROGRESS.label),
    (State.SUBMITTED, State.SUBMITTED.label),
    (State.COMPLETED, State.COMPLETED.label),
    (State.CLOSED, Action.CLOSE.label),
)
# What these said stands in the list of reports.
REPORTED = frozenset({Verb.DUTY_REPORT, Verb.DUTY_SUBMIT})
CASES_SHOWN = 8
CLOCKS_SHOWN = 5
# A measure as long as a page is shown by its item alone.
LONGEST_PARAGRAPH = 1_500


@dataclass(frozen=True, slots=True)
class Peer:
    """Another unit of the task, as far as the reader may know of it."""

    name: str
    role: Role
    state: State
    percent: int | None
    url: str | None


def load(duty_id: int) -> Duty:
    """Find a duty the actor may see, fully loaded; 404 for a stranger."""
    return or_404(find_duty(db(), actor(), duty_id))


def oversees(who: Actor, duty: Duty) -> bool:
    """Whether the actor reads every duty of this task: supervisor, leader, or at work in a leading unit."""
    place = duty.task.document.jurisdiction_id
    if who.supervises(place) or who.holds(MemberRole.LEADER, place):
        return True
    own = who.units(*OWN)
    return any(d.unit_id in own and d.role is Role.LEAD and d.state is not State.REVOKED for d in duty.task.duties)


def peers(who: Actor, duty: Duty) -> list[Peer]:
    """Return the task's other units: names, roles and states for all; percent and link for those who oversee."""
    everything, own = oversees(who, duty), who.units(*OWN)
    supervisor = who.supervises(duty.task.document.jurisdiction_id)
    found: list[Peer] = []
    order = {Role.LEAD: 0, Role.RESPONSIBLE: 1, Role.EACH: 1, Role.SUPPORT: 2}
    for other in sorted(duty.task.duties, key=lambda d: (order[d.role], d.id)):
        if other.id == duty.id or (other.state is State.REVOKED and not supervisor):
            continue
        open_to = everything or other.unit_id in own
        url = url_for("duties.show", duty_id=other.id) if open_to else None
        found.append(Peer(other.unit.name, other.role, other.state, other.percent if open_to else None, url))
    return found


def own_words(item: Item) -> list[tuple[str, str]]:
    """Return the measure's own words, units and time limits marked; a long measure by its item alone."""
    measure = item.measure
    start, end = measure.start, measure.end
    if end - start > LONGEST_PARAGRAPH:
        start, end = item.start, item.end
    text = source_slice(db(), measure.edition.plan_reading_id, start, end)
    return segments(text or item.text, start if text else item.start, marks_of(item))


def periods(milestones: list[Milestone], duty: Duty) -> list[Milestone]:
    """Return the periods a report made today can count for."""
    held = [m for m in milestones if m.duty_id == duty.id and m.met_at is None and m.cancelled_at is None]
    return reportable(held, this_day())


def period_choices(found: list[Milestone]) -> dict[str, str]:
    choices = {str(m.id): f"{m.label or '本期'}（{m.rule.act or '定期反馈'}）" for m in found}
    return {**choices, "": "不对应某一期，只更新进展"} if choices else {}


def fresh_report(duty: Duty, reports: list[Report], found: list[Milestone]) -> ReportForm:
    """Return the form of the next report, carrying on from the last one."""
    said = [r.text for r in reports if r.kind is ReportKind.PROGRESS and r.text != NOTHING_NEW]
    form = ReportForm(formdata=None, version=duty.version, percent=duty.percent, text=said[0] if said else "")
    form.milestone.choices = period_choices(found)
    form.milestone.data = next(iter(form.milestone.choices), "")
    return form


def returned(duty: Duty, reports: list[Report]) -> Report | None:
    """Return the submission that was sent back and has not been followed by another."""
    last = next((r for r in reports if r.kind is ReportKind.SUBMISSION), None)
    at_work = duty.state in (State.ACKNOWLEDGED, State.IN_PROGRESS)
    return last if at_work and last is not None and last.outcome is Outcome.RETURNED else None


def may_do(who: Actor, duty: Duty) -> set[str]:
    """Return the actions whose buttons are drawn."""
    return {action.value for action in Action if may(who, duty, action)}


def _waiting_rules(duty: Duty) -> list[Any]:
    """Return the time limits that wait for somebody to register their event."""
    return [] if duty.supporting or duty.state in ENDED else waiting_rules(duty.task.item)


def _may_register(who: Actor, duty: Duty) -> bool:
    """Whether an event of the duty's can be registered: its limits have a type in use."""
    kinds = [rule.case_type for rule in waiting_rules(duty.task.item)]
    return may_register(who, duty.task) and any(kind is not None and kind.active for kind in kinds)


def _offers(duty: Duty, supervisor: bool) -> dict[int, list[Taken]]:
    """Return, by time limit that waits for an event, the case types a supervisor may let it take."""
    waiting = _waiting_rules(duty) if supervisor else []
    return offers_for(db(), waiting, duty.task.document.jurisdiction_id)


def _may_add_unit(who: Actor, document: Document) -> bool:
    return who.may(PlaceAction.ADD_UNIT, document.jurisdiction_id, stage_of_document(document))


def _beginning(duty: Duty, entries: list[AuditEntry]) -> tuple[Any, str] | None:
    # A unit added later has its own first entry; one from publication begins with the task.
    added = any(entry.verb == Verb.DUTY_ADD for entry in entries)
    return None if added else (duty.task.created_at, "交办")


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyPage(View):
    """A duty: its clocks, reports and history, and what can be done with it."""

    template: ClassVar[str] = "duties/show.html"
    duty: Duty
    task: Task
    document: Document
    measure: Measure
    words: list[tuple[str, str]]
    steps: tuple[list[str], int] | None
    may: set[str]
    wishes: list[Extension]
    extendable: bool
    me: int | None
    paused: Pause | None
    report_form: ReportForm
    review_form: ReviewForm
    version_form: VersionForm
    failed: VersionForm | None
    clocks: list[ClockView]
    more_clocks: int
    met: list[ClockView]
    waiting: list[DeadlineRule]
    offers: dict[int, list[Taken]]
    reports: list[Report]
    submission: Report | None
    own_submission: bool
    returned: Report | None
    history: list[HistoryLine]
    ended_note: str | None
    peers: list[Peer]
    cases: list[tuple[Case, Signal]]
    case_total: int
    may_register: bool
    unreachable: list[Alert]
    supervisor: bool
    may_add_unit: bool
    size_words: Callable[[int], str]
    accept: str


def render(
    duty: Duty,
    *,
    report: ReportForm | None = None,
    review: ReviewForm | None = None,
    failed: VersionForm | None = None,
) -> str:
    """Return the page of a duty; a form that was refused comes back with what was typed."""
    session, who = db(), actor()
    supervisor = who.supervises(duty.task.document.jurisdiction_id)
    dated = milestones_of(session, duty.id)
    open_dates = sorted((d for d in dated if d.milestone.met_at is None and not d.milestone.cancelled_at), key=_nearest)
    reports = reports_of(session, duty.id)
    entries, there = history_of_duty(session, who, duty.id), beside(session, duty.id)
    cases, case_total = cases_of_duty(session, who, duty.id, CASES_SHOWN) if there.cases else ([], 0)
    wishes = extensions_of_duty(session, duty.id) if there.extensions else []
    may = may_do(who, duty)
    found = periods([d.milestone for d in dated], duty)
    clocks = [view(d, duty.state) for d in open_dates]
    submission = next((r for r in reports if r.kind is ReportKind.SUBMISSION), None)
    if report is not None:
        report.milestone.choices = period_choices(found)
    return DutyPage(
        duty=duty,
        task=duty.task,
        document=duty.task.document,
        measure=duty.task.item.measure,
        words=own_words(duty.task.item),
        steps=_steps(duty),
        may=may,
        wishes=[e for e in wishes if e.state is ExtensionState.PENDING],
        extendable="extend" in may and any(can_wait(d.milestone) for d in dated if d.milestone.duty_id == duty.id),
        me=who.user_id,
        paused=open_pause(session, duty.id) if duty.paused_at is not None else None,
        report_form=report or fresh_report(duty, reports, found),
        review_form=review or ReviewForm(formdata=None, version=duty.version),
        version_form=VersionForm(formdata=None, version=duty.version),
        failed=failed,
        clocks=clocks[:CLOCKS_SHOWN],
        more_clocks=len(clocks) - CLOCKS_SHOWN,
        met=[view(d, duty.state) for d in dated if d.milestone.met_at is not None],
        waiting=_waiting_rules(duty),
        offers=_offers(duty, supervisor),
        reports=reports,
        submission=submission,
        own_submission=submission is not None and submission.by_id == who.user_id,
        returned=returned(duty, reports),
        history=histories.lines(entries, _beginning(duty, entries), REPORTED),
        ended_note=entries[0].note if entries and duty.state is State.REVOKED else None,
        peers=peers(who, duty),
        cases=_case_lines(cases),
        case_total=case_total,
        may_register=_may_register(who, duty),
        unreachable=unreachable_of(session, duty.id) if supervisor and there.unreachable else [],
        supervisor=supervisor,
        may_add_unit=_may_add_unit(who, duty.task.document),
        size_words=evidence.size_words,
        accept=evidence.ACCEPT,
    ).render()


def _nearest(dated: DatedMilestone) -> tuple[bool, bool, float]:
    """Order dates as the lists do: own ones first, those under review last, then by date."""
    milestone = dated.milestone
    at = milestone.due_at.timestamp() if milestone.due_at else inf
    return milestone.watch, milestone.submitted_at is not None, at


def _steps(duty: Duty) -> tuple[list[str], int] | None:
    if duty.state is State.REVOKED:
        return None
    # A supporting unit submits nothing: its duty is completed with the task.
    beside = (State.SUBMITTED, State.CLOSED)
    passes_by = duty.supporting and duty.state not in beside
    way = [(state, words) for state, words in WAY if not (passes_by and state in beside)]
    return [words for _, words in way], [state for state, _ in way].index(duty.state)


def _case_lines(cases: list[Case]) -> list[tuple[Any, Any]]:
    clocks = clocks_of_cases(db(), [c.id for c in cases])
    return [(c, case_signal(c, clocks.get(c.id))) for c in cases]


def last_said(duty: Duty) -> str | None:
    """Return the last act on a duty as a sentence, for a conflict page."""
    return histories.last_said(history_of_duty(db(), actor(), duty.id))


def current_facts(duty: Duty, reports: list[Report]) -> list[tuple[str, Any]]:
    """Return what a conflict page shows as the present content."""
    return [
        ("状态", duty.state.label),
        ("完成程度", f"{duty.percent}%"),
        ("说明", reports[0].text if reports else ""),
    ]
