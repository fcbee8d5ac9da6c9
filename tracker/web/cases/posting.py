"""A posted form of a case: one of the forms its page offers, answered there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from tracker.rules.workflow import CaseAction
from tracker.services.cases import privacy
from tracker.services.cases.acts import check_ever, referrals_of
from tracker.services.core.errors import Refused, Stale
from tracker.store.cases.page import find_case, records_of
from tracker.store.cases.standing import may_ever, state_of
from tracker.store.models import Case, CaseStep
from tracker.web.cases.offers import Offer, offers
from tracker.web.cases.page import facts_of, last_said, load, render
from tracker.web.core.addresses import right_here
from tracker.web.kit import evidence
from tracker.web.kit.access import actor, db, or_404, outfit
from tracker.web.kit.fields import rename
from tracker.web.kit.forms import FilesForm, VersionForm
from tracker.web.kit.posting import Answer, Conflict, Done, Posting


@dataclass(slots=True)
class CaseAct:
    """One posted form: what it asks for, and what is said once it is done."""

    key: str
    title: str
    button: str
    form: VersionForm
    verb: Callable[[Case], object]
    done: str
    step: CaseStep | None = None


def carry_out(case_id: int, act: CaseAct) -> Answer:
    """Carry out one verb; a refused form comes back on the case's page."""
    rename(act.form, act.key)

    def verb(case: Case) -> Done:
        try:
            act.verb(case)
        except Refused as refusal:
            over = act.step is not None and step_in(case, act.step.id).done_at is not None
            raise Stale if over else refusal from refusal
        return Done(act.done, page_of(case_id))

    def page(case: Case) -> str:
        return render(
            case, failed=Offer(act.key, "failed", act.title, request.path, act.form, act.button, step=act.step)
        )

    def find() -> Case:
        case = load(case_id)
        if isinstance(action := right_here(), CaseAction):
            check_ever(db(), actor(), case, action)
        return case

    return Posting(act.form, find, verb, page, lambda case: _conflict(case, act)).answer()


def page_of(case_id: int) -> str:
    """Return the address of a case's page; of the list where the actor sees the case no longer: he handed it back."""
    with_case = find_case(db(), actor(), case_id) is not None
    return url_for("cases.show", case_id=case_id) if with_case else url_for("cases.index")


def _conflict(case: Case, act: CaseAct) -> Conflict:
    """Tell a case as it stands; what was typed can be sent again where the act is still offered."""
    still = any(offer.key == act.key for offer in offers(facts_of(case)))
    back = url_for("cases.show", case_id=case.id)
    return Conflict(_present(case, act), back, last_said(case), case.version if still else None)


def _present(case: Case, act: CaseAct) -> list[tuple[str, Any]]:
    """Return what a conflict page shows as the present content."""
    found: list[tuple[str, Any]] = [("状态", state_of(case).label)]
    if act.step is not None:
        step = step_in(case, act.step.id)
        said = [r for r in records_of(db(), case.id) if r.step_id == step.id]
        found += [("步骤", f"{step.name}{'（已办结）' if step.done_at else ''}")]
        read = privacy.reader_of(db(), actor(), case)
        found += [(_words_label(act.form), read(said[-1].text if said else step.note))]
    return found


def _words_label(form: VersionForm) -> str:
    found = getattr(form, "note", None) or getattr(form, "reason", None)
    return found.label.text if found is not None else "说明"


def files_of(case_id: int, action: CaseAction, form: FilesForm) -> evidence.Evidence:
    """Store what came with a form, where the actor may act at all: nobody else fills the disk."""
    with outfit().database.read() as reading:
        case = or_404(find_case(reading, actor(), case_id))
        open_to_actor = may_ever(actor(), case, referrals_of(reading, case_id), action)
    return evidence.receive(form, open_to_actor)


def step_in(case: Case, step_id: int) -> CaseStep:
    """Return a step of a case; 404 for any other."""
    return or_404(next((s for s in case.steps if s.id == step_id), None))


def look(case_id: int, step_id: int) -> CaseStep:
    """Return what kind of step a form is of, before the writing session begins."""
    with outfit().database.read() as reading:
        return step_in(or_404(find_case(reading, actor(), case_id)), step_id)
