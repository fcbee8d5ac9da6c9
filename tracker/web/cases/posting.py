"""A posted form of a case: carried out, or sent back; refused, stale and repeated forms get the same answers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from tracker.rules.workflow import CaseAction
from tracker.services.cases import privacy
from tracker.services.cases.acts import referrals_of
from tracker.services.core.errors import NotPermitted, Refused, Stale
from tracker.store.cases.page import find_case, records_of
from tracker.store.cases.standing import may_ever, state_of
from tracker.store.models import Case, CaseStep
from tracker.web.cases.offers import Offer, offers
from tracker.web.cases.page import facts_of, last_said, load, render
from tracker.web.duties.forms import FilesForm
from tracker.web.kit import evidence, posted
from tracker.web.kit.access import actor, db, or_404, outfit
from tracker.web.kit.fields import rename
from tracker.web.kit.forms import VersionForm

Answer = Response | str | tuple[str, int]


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
    if not act.form.validate():
        return render(load(case_id), failed=_offer(act)), 422
    key = posted.form_key()
    if (before := posted.led_before(key)) is not None:
        return before
    case = load(case_id)
    try:
        act.verb(case)
        db().flush()  # another writer shows here, while the form can still be kept
    except NotPermitted:
        raise
    except (Refused, StaleDataError) as refusal:
        db().rollback()
        if (before := posted.led_before(key)) is not None:  # both arrived at once
            return before
        return _refused(load(case_id), act, refusal)
    return posted.carried_out(key, act.done, _page_of(case_id))


def to_page(case_id: int) -> Response:
    """Lead to a case's page; to the list where the actor sees the case no longer: he handed it back."""
    return redirect(_page_of(case_id))


def _page_of(case_id: int) -> str:
    with_case = find_case(db(), actor(), case_id) is not None
    return url_for("cases.show", case_id=case_id) if with_case else url_for("cases.index")


def _refused(case: Case, act: CaseAct, refusal: Exception) -> Answer:
    over = act.step is not None and step_in(case, act.step.id).done_at is not None
    if over or isinstance(refusal, (Stale, StaleDataError)):
        return _conflict(case, act), 409
    act.form.form_errors.append(str(refusal))
    return render(case, failed=_offer(act)), 422


def _offer(act: CaseAct) -> Offer:
    return Offer(act.key, "failed", act.title, request.path, act.form, act.button, step=act.step)


def _conflict(case: Case, act: CaseAct) -> str:
    """Return the page that shows both contents; what was typed can be sent again where it still may be."""
    still = any(offer.key == act.key for offer in offers(facts_of(case)))
    again = [(k, v) for k, v in request.form.items(multi=True) if k not in ("csrf_token", "version", "kept")]
    if isinstance(act.form, FilesForm):
        again += [("kept", token) for token in act.form.kept.data or []]
    return render_template(
        "kit/errors/409.html",
        current=_present(case, act),
        typed=_typed(act.form),
        changed_words=last_said(case),
        back_url=url_for("cases.show", case_id=case.id),
        again_url=request.path if still else None,
        again_fields=[*again, ("version", case.version)],
    )


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


def _typed(form: VersionForm) -> list[tuple[str, Any]]:
    """Return a form's fields as a person reads them."""
    found: list[tuple[str, Any]] = []
    for one in form:
        if one.short_name in ("csrf_token", "version", "files", "kept") or one.data in (None, "", False):
            continue
        found.append((one.label.text, _said(one)))
    return found


def _said(one: Any) -> str:
    """Return what a field holds in words: a choice by its label, a box ticked as 是."""
    choices = getattr(one, "choices", None)
    if choices:
        return str(dict(choices.items() if isinstance(choices, dict) else choices).get(one.data, one.data))
    return "是" if one.data is True else str(one._value())


def files_of(case_id: int, action: CaseAction, form: FilesForm) -> evidence.Evidence:
    """Store what came with a form, where the actor may act at all: nobody else fills the disk."""
    with outfit().database.read() as reading:
        case = or_404(find_case(reading, actor(), case_id))
        open_to_actor = may_ever(actor(), case, referrals_of(reading, case_id), action)
    return evidence.receive(form, open_to_actor)


def with_files(case_id: int, act: CaseAct, found: evidence.Evidence) -> Answer:
    """Carry out a verb whose form brought files; one that was not taken refuses the form."""
    if not found.refusals:
        return carry_out(case_id, act)
    rename(act.form, act.key)
    act.form.validate()
    act.form.files.errors = [*act.form.files.errors, *found.refusals]
    return render(load(case_id), failed=_offer(act)), 422


def step_in(case: Case, step_id: int) -> CaseStep:
    """Return a step of a case; 404 for any other."""
    return or_404(next((s for s in case.steps if s.id == step_id), None))


def look(case_id: int, step_id: int) -> CaseStep:
    """Return what kind of step a form is of, before the writing session begins."""
    with outfit().database.read() as reading:
        return step_in(or_404(find_case(reading, actor(), case_id)), step_id)
