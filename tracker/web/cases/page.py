"""What a case's page shows, put together from the store's rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from flask import session

from tracker.rules.lights import Signal
from tracker.rules.verbs import Verb
from tracker.rules.workflow import State
from tracker.services.cases import privacy
from tracker.services.cases.acts import referrals_of
from tracker.services.cases.privacy import ShownComplainant
from tracker.services.deadlines.pauses import AUTHORITIES
from tracker.services.editions.corrections import may_correct_event
from tracker.store.cases.page import beside, dated_steps, extensions_of, find_case, pauses_of, records_of, sees_duty
from tracker.store.cases.standing import is_accused, state_of
from tracker.store.core.history import history_of_case
from tracker.store.deadlines.pauses import pause_requests_of
from tracker.store.models import (
    Case,
    CaseRecord,
    CaseStep,
    CaseType,
    Document,
    Duty,
    Extension,
    Measure,
    Pause,
    PauseRequest,
    RecordKind,
    Referral,
    Task,
)
from tracker.web.cases.offers import Offer, OfferFacts, offers, waits
from tracker.web.cases.timeline import StepView, nearest, step_views
from tracker.web.deadlines.clocks import ClockView
from tracker.web.duties.page import own_words
from tracker.web.kit import evidence, histories
from tracker.web.kit.access import actor, db, now, or_404, this_day
from tracker.web.kit.histories import HistoryLine
from tracker.web.kit.views import View
from tracker.web.kit.words import case_signal

# What was shown once is gone with the next page; one that was never fetched is forgotten after this.
SHOWN_FOR = timedelta(minutes=2)
SHOWN_KEY = "unmasked"
# What these said stands in the list of records, or is their name alone.
RECORDED = frozenset(
    {
        Verb.CASE_STEP, Verb.CASE_REFER, Verb.CASE_SIGN, Verb.CASE_PROGRESS, Verb.CASE_CONCLUDE, Verb.CASE_VISIT,
        Verb.CASE_NOTE, Verb.CASE_UNMASK, Verb.CASE_OPEN,
    }
)  # fmt: skip


def load(case_id: int) -> Case:
    """Find a case the actor may see, fully loaded; 404 for a stranger."""
    return or_404(find_case(db(), actor(), case_id))


def last_said(case: Case) -> str | None:
    """Return the last act in a case as a sentence, for a conflict page."""
    return histories.last_said(history_of_case(db(), case.id))


def facts_of(case: Case) -> OfferFacts:
    """Read what the page and its forms are made from."""
    session, has = db(), beside(db(), case.id)
    return OfferFacts(
        case,
        referrals_of(session, case.id) if has.referrals else [],
        extensions_of(session, case.id) if has.extensions else [],
        dated_steps(session, case.id),
        pause_requests_of(session, case.id) if has.requests else [],
        pauses_of(session, case.id) if has.pauses else [],
        records_of(session, case.id) if has.records else [],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePage(View):
    """A case, what has been done and what can be."""

    template: ClassVar[str] = "cases/show.html"
    case: Case
    duty: Duty | None
    task: Task | None
    document: Document | None
    measure: Measure | None
    words: list[tuple[str, str]]
    sees_duty: bool
    type: CaseType
    state: str
    light: Signal
    reference: str
    conclusion: str
    steps: list[StepView]
    names: dict[int, str]
    clocks: dict[int, ClockView | None]
    waiting: list[CaseStep]
    offers: list[Offer]
    failed: str | None
    stopped: bool
    by_others: str
    authorities: tuple[str, str]
    records: list[tuple[CaseRecord, str]]
    open_files: bool
    came_with_files: bool
    referrals: Sequence[Referral]
    today: date
    extensions: Sequence[Extension]
    pauses: Sequence[Pause]
    requests: Sequence[PauseRequest]
    person: ShownComplainant
    may_unmask: bool
    read: Callable[[str | None], str]
    may_correct: bool
    history: list[HistoryLine]
    size_words: Callable[[int], str]
    accept: str


def render(case: Case, failed: Offer | None = None) -> str:
    """Return the page of a case; a form that was refused comes back, open, with what was typed."""
    facts = facts_of(case)
    records, person = facts.records, shown(case)
    task: Task | None = case.task
    hide, read = is_accused(actor(), case), privacy.reader_of(db(), actor(), case, facts.referrals)
    views, lines = (
        [_as_read(v, read) for v in step_views(facts)],
        histories.lines(history_of_case(db(), case.id), None, RECORDED),
    )
    return CasePage(
        case=case,
        duty=case.duty,
        task=task,
        document=task.document if task else None,
        measure=task.item.measure if task else None,
        words=own_words(task.item) if task else [],
        sees_duty=case.duty is not None and sees_duty(db(), actor(), case.duty.id),
        type=case.type_version.type,
        state=state_of(case),
        light=case_signal(case, nearest(facts.clocks.values())),
        reference=privacy.HIDDEN if hide else case.reference,
        conclusion=read(case.conclusion),
        steps=views,
        names={v.step.id: v.step.name for v in views},
        clocks={v.step.id: v.clock for v in views},
        waiting=[s for s in case.steps if s.done_at is None and waits(facts.clocks.get(s.id))],
        offers=_with(offers(facts), failed),
        failed=failed.key if failed else None,
        stopped=case.duty is not None and case.duty.state is State.REVOKED,
        by_others=_by_others(facts),
        authorities=AUTHORITIES,
        records=[] if hide else [(r, read(r.text)) for r in records if _tells(r)],
        open_files=not person.masked,
        came_with_files=any(r.kind is RecordKind.INTAKE and r.attachments for r in records),
        referrals=facts.referrals,
        today=this_day(),
        extensions=facts.extensions,
        pauses=facts.pauses,
        requests=facts.requests,
        person=person,
        may_unmask=person.masked and privacy.may_unmask(db(), actor(), case, facts.referrals),
        read=read,
        may_correct=may_correct_event(actor(), case),
        history=[replace(line, note=read(_short(case, line.note))) for line in lines],
        size_words=evidence.size_words,
        accept=evidence.ACCEPT,
    ).render()


def _short(case: Case, note: str) -> str:
    """Return an entry's words without the number, which stands at the head of the page."""
    return note.removeprefix(case.number).strip()


def _tells(record: CaseRecord) -> bool:
    """Whether a record says more than the head of the page: an intake does by its files."""
    return record.kind is not RecordKind.INTAKE or bool(record.attachments)


def _as_read(view: StepView, read: Callable[[str | None], str]) -> StepView:
    """Return a step as the reader sees it: the reasons of a date quote what handlers wrote of pauses."""
    if view.clock is None:
        return view
    steps = [{**step, "text": read(step["text"])} for step in view.clock.steps]
    told = [step for step in steps if step["text"]]
    clock = replace(view.clock, steps=told, changed=read(view.clock.changed))
    return replace(view, clock=clock, sheet_url=view.sheet_url if told else None)


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


def shown(case: Case) -> ShownComplainant:
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


def _by_others(facts: OfferFacts) -> str:
    """Name the unit whose turn it is, where it is not the reader's."""
    running = [s for s in facts.case.steps if s.started_at and s.done_at is None and s.cancelled_at is None]
    names = [s.unit.name for s in running if s.unit is not None] or [facts.case.unit.name]
    return "、".join(dict.fromkeys(names))
