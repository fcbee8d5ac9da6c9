"""What can be done in a case: one POST a verb, with the same answers to a refused, a stale and a repeated form."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from tracker.services import case_steps, extensions, ledger, pausing, privacy, referrals
from tracker.services.case_acts import Facts as StepFacts
from tracker.services.case_acts import referrals_of
from tracker.services.errors import NotPermitted, Refused, Stale
from tracker.store.case_standing import may_ever, state_of
from tracker.store.cases import extensions_of, find_case, records_of, returned_since
from tracker.store.history import history_of_case
from tracker.store.models import Case, CaseStep, Satisfaction, StepKind, Unit
from tracker.web import evidence, histories
from tracker.web.access import actor, calendar, db, now, or_404, outfit
from tracker.web.case_forms import (
    ConcludeForm,
    DecideForm,
    ExtendForm,
    NoteForm,
    PauseForm,
    ReturnForm,
    StepForm,
    VisitForm,
    rename,
    step_form,
)
from tracker.web.case_offers import Offer, offers, refer_form
from tracker.web.case_page import facts_of, load, render, show_next
from tracker.web.case_register import instant_of
from tracker.web.duty_forms import FilesForm, VersionForm
from tracker.workflow import CASE_LABELS, CaseAction

Answer = Response | str | tuple[str, int]
# A form that arrives again within this time, word for word, is the same click and not a second act.
SAME_CLICK = timedelta(minutes=10)


@dataclass(slots=True)
class Act:
    """One posted form: what it asks for, and the entry of the trail by which it is known again."""

    key: str
    title: str
    button: str
    form: VersionForm
    verb: Callable[[Case], object]
    done: str
    trail: str  # the verb of the entry it leaves
    note: str | None = None  # how that entry's note ends
    after: dict[str, Any] = field(default_factory=dict)
    step: CaseStep | None = None


def _carry_out(case_id: int, act: Act) -> Answer:
    """Carry out one verb; a refused form comes back on the case's page."""
    rename(act.form, act.key)
    if not act.form.validate():
        return render(load(case_id), failed=_offer(act)), 422
    case = load(case_id)
    try:
        act.verb(case)
        db().flush()  # another writer shows here, while the form can still be kept
    except NotPermitted:
        raise
    except (Refused, StaleDataError) as refusal:
        db().rollback()
        return _refused(load(case_id), act, refusal)
    flash(act.done, "success")
    return _to_page(case_id)


def _to_page(case_id: int) -> Response:
    # Who hands a case back sees it no longer.
    with_case = find_case(db(), actor(), case_id) is not None
    return redirect(url_for("cases.show", case_id=case_id) if with_case else url_for("cases.index"))


def _refused(case: Case, act: Act, refusal: Exception) -> Answer:
    if _repeated(case, act):
        flash("这次操作已经收到，没有重复记录。", "info")
        return redirect(url_for("cases.show", case_id=case.id))
    over = act.step is not None and _step(case, act.step.id).done_at is not None
    if over or isinstance(refusal, (Stale, StaleDataError)):
        return _conflict(case, act), 409
    act.form.form_errors.append(str(refusal))
    return render(case, failed=_offer(act)), 422


def _offer(act: Act) -> Offer:
    return Offer(act.key, "failed", act.title, request.path, act.form, act.button, step=act.step)


def _repeated(case: Case, act: Act) -> bool:
    """Whether the case's last act was this very form: the same person, verb, words and facts, a moment ago."""
    last = next(iter(history_of_case(db(), case.id)), None)
    if last is None or last.verb != act.trail or last.actor_id != actor().user_id or now() - last.at >= SAME_CLICK:
        return False
    same_words = act.note is None or (last.note or "") == f"{case.number} {act.note}".strip()
    return same_words and all((last.after or {}).get(k) == v for k, v in act.after.items())


def _conflict(case: Case, act: Act) -> str:
    """Return the page that shows both contents; what was typed can be sent again where it still may be."""
    still = any(offer.key == act.key for offer in offers(facts_of(case)))
    again = [(k, v) for k, v in request.form.items(multi=True) if k not in ("csrf_token", "version", "kept")]
    if isinstance(act.form, FilesForm):
        again += [("kept", token) for token in act.form.kept.data or []]
    return render_template(
        "errors/409.html",
        current=_present(case, act),
        typed=_typed(act.form),
        changed_words=histories.last_said(history_of_case(db(), case.id)),
        back_url=url_for("cases.show", case_id=case.id),
        again_url=request.path if still else None,
        again_fields=[*again, ("version", case.version)],
    )


def _present(case: Case, act: Act) -> list[tuple[str, Any]]:
    """Return what a conflict page shows as the present content."""
    found: list[tuple[str, Any]] = [("状态", CASE_LABELS[state_of(case)])]
    if act.step is not None:
        step = _step(case, act.step.id)
        said = [r for r in records_of(db(), case.id) if r.step_id == step.id]
        found += [("步骤", f"{step.name}{'（已办结）' if step.done_at else ''}")]
        found += [(_words_label(act.form), said[-1].text if said else step.note)]
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


def _files(case_id: int, action: CaseAction, form: FilesForm) -> evidence.Evidence:
    """Store what came with a form, where the actor may act at all: nobody else fills the disk."""
    with outfit().database.read() as reading:
        case = or_404(find_case(reading, actor(), case_id))
        open_to_actor = may_ever(actor(), case, referrals_of(reading, case_id), action)
    return receive(form, open_to_actor)


def receive(form: Any, open_to_actor: bool = True) -> evidence.Evidence:
    """Store a form's files and let it keep them; call it before the first db() of a POST."""
    found = evidence.take(form.files.data, form.kept.data or []) if open_to_actor else evidence.Evidence()
    form.kept.choices = {token: f"{file.filename}（{evidence.size_words(file.size)}）" for token, file in found.kept}
    form.kept.data = [token for token, _ in found.kept]
    return found


def _with_files(case_id: int, act: Act, found: evidence.Evidence) -> Answer:
    if not found.refusals:
        return _carry_out(case_id, act)
    rename(act.form, act.key)
    act.form.validate()
    act.form.files.errors = [*act.form.files.errors, *found.refusals]  # type: ignore[attr-defined]
    return render(load(case_id), failed=_offer(act)), 422


def _step(case: Case, step_id: int) -> CaseStep:
    return or_404(next((s for s in case.steps if s.id == step_id), None))


def _look(case_id: int, step_id: int) -> CaseStep:
    """Return what kind of step a form is of, before the writing session begins."""
    with outfit().database.read() as reading:
        return _step(or_404(find_case(reading, actor(), case_id)), step_id)


# --- Steps -----------------------------------------------------------------------------------------------------------


def close_step(case_id: int, step_id: int) -> Answer:
    """办理一步, by the act its kind asks for."""
    step = _look(case_id, step_id)
    form = step_form(step)
    found = _files(case_id, CaseAction.STEP, form)
    facts = _facts(form, found)
    more = bool(form.more.data) if "more" in form else False

    def verb(case: Case) -> None:
        act = case_steps.StepAct(facts, _done_at(form), more)
        days = calendar(case.jurisdiction_id)
        case_steps.close_step(db(), actor(), now(), case, _step(case, step_id), act, days, form.version.data)

    told = f"“{step.name}”已记录，还有后续返还。" if more else f"“{step.name}”已办结。"
    act = Act(
        f"step-{step_id}", step.name, "发出督办书" if step.kind is StepKind.LETTER else "办结这一步", form, verb, told,
        "case.step", f"{step.name}：{facts.text}", {"amount_fen": facts.amount_fen, "part": more or None}, step,
    )  # fmt: skip
    return _with_files(case_id, act, found)


def _facts(form: StepForm, found: evidence.Evidence) -> StepFacts:
    def value(name: str) -> Any:
        return form[name].data if name in form else None

    return StepFacts(
        text=form.note.data or "",
        amount_fen=value("amount"),
        from_on=value("from_on"),
        until_on=value("until_on"),
        place=value("place"),
        files=found.files,
    )


def _done_at(form: StepForm) -> Any:
    """Return when the act took place, where the form asks for it: at the time given, else at noon of its day."""
    day: date | None = form.done_on.data if "done_on" in form else None
    if day is None:
        return None
    return instant_of(day, form.done_time.data if "done_time" in form else None)


def progress(case_id: int, step_id: int) -> Answer:
    """反馈进展 of a step that asks for it again and again."""
    step = _look(case_id, step_id)
    form = step_form(step)
    found = _files(case_id, CaseAction.PROGRESS, form)

    def verb(case: Case) -> None:
        facts, days = _facts(form, found), calendar(case.jurisdiction_id)
        case_steps.report_step(db(), actor(), now(), case, _step(case, step_id), facts, days, form.version.data)

    act = Act(
        f"progress-{step_id}", step.name, "提交反馈", form, verb, "进展已反馈。", "case.progress",
        f"{step.name}：{form.note.data or ''}", step=step,
    )  # fmt: skip
    return _with_files(case_id, act, found)


def refer(case_id: int, step_id: int) -> Answer:
    """转办 to a unit."""
    case = load(case_id)
    step = _step(case, step_id)
    form = refer_form(case, posted=True)
    name = form.to.choices.get(form.to.data, "")

    def verb(fresh: Case) -> None:
        unit = db().get_one(Unit, int(form.to.data))
        days = calendar(fresh.jurisdiction_id)
        referrals.refer(
            db(), actor(), now(), fresh, _step(fresh, step_id), unit, form.note.data, days, form.version.data
        )  # fmt: skip

    act = Act(
        f"refer-{step_id}", step.name, "转办", form, verb, f"已转{name}，等待签收。", "case.refer",
        f"转{name}：{form.note.data or ''}", step=step,
    )  # fmt: skip
    return _carry_out(case_id, act)


def sign(case_id: int) -> Answer:
    """签收转办"""
    form = VersionForm()

    def verb(case: Case) -> None:
        referrals.sign(db(), actor(), now(), case, form.version.data)

    return _carry_out(case_id, Act("sign", "签收", "签收", form, verb, "已签收。", "case.sign"))


def send_back(case_id: int) -> Answer:
    """退回转办 as not ours."""
    form = ReturnForm()
    if returned_since(db(), actor(), case_id, now() - SAME_CLICK):
        flash("已退回，没有重复记录。", "info")  # the same click twice: he sees the case no longer
        return redirect(url_for("cases.index"))

    def verb(case: Case) -> None:
        days = calendar(case.jurisdiction_id)
        referrals.send_back(db(), actor(), now(), case, form.note.data, days, form.version.data)

    return _carry_out(case_id, Act("return", "退回转办", "退回", form, verb, "已退回转办单位。", "case.return"))


# --- Pauses and extensions -------------------------------------------------------------------------------------------


def pause(case_id: int) -> Answer:
    """暂停计时"""
    form = PauseForm()

    def verb(case: Case) -> None:
        reason, authority = form.reason.data, form.authority.data
        pausing.pause_case(
            db(), actor(), now(), case, reason=reason, authority=authority, version=form.version.data
        )  # fmt: skip

    note = f"{form.reason.data}（{form.authority.data}）"
    return _carry_out(case_id, Act("pause", "暂停计时", "暂停计时", form, verb, "已暂停计时。", "case.pause", note))


def resume(case_id: int) -> Answer:
    """恢复计时"""
    form = VersionForm()

    def verb(case: Case) -> None:
        pausing.resume_case(db(), actor(), now(), case, calendar(case.jurisdiction_id), form.version.data)

    told = "已恢复计时，期限已重新计算。"
    return _carry_out(case_id, Act("resume", "恢复计时", "恢复计时", form, verb, told, "case.resume"))


def extend(case_id: int, step_id: int) -> Answer:
    """申请延期 of a step."""
    form, step = ExtendForm(), _look(case_id, step_id)

    def verb(case: Case) -> None:
        amount, reason = form.amount.data, form.reason.data
        extensions.ask_extension(
            db(), actor(), now(), case, _step(case, step_id), amount, reason, form.version.data
        )  # fmt: skip

    act = Act(
        f"extend-{step_id}", f"申请延期：{step.name}", "申请延期", form, verb, "延期申请已提交，等待审批。",
        "case.extend", f"{step.name}：{form.reason.data or ''}", {"amount": form.amount.data}, step,
    )  # fmt: skip
    return _carry_out(case_id, act)


def decide(case_id: int, extension_id: int) -> Answer:
    """审批延期: granted, or refused with a reason."""
    form, grant = DecideForm(), "refuse" not in request.form

    def verb(case: Case) -> None:
        asked = or_404(next((e for e in extensions_of(db(), case.id) if e.id == extension_id), None))
        days = calendar(case.jurisdiction_id)
        extensions.decide_extension(
            db(), actor(), now(), case, asked, grant, form.note.data or "", days, form.version.data
        )  # fmt: skip

    told = "已批准延期，期限已重新计算。" if grant else "已答复不批准延期，期限不变。"
    act = Act(
        f"decide-{extension_id}", "审批延期", "批准延期", form, verb, told,
        "case.extended" if grant else "case.not_extended", form.note.data or "",
    )  # fmt: skip
    return _carry_out(case_id, act)


# --- The whole case --------------------------------------------------------------------------------------------------


def conclude(case_id: int) -> Answer:
    """办结"""
    form = ConcludeForm()

    def verb(case: Case) -> None:
        ledger.conclude(db(), actor(), now(), case, form.note.data, form.version.data)

    act = Act("conclude", "办结本件", "办结", form, verb, "已办结。", "case.conclude", form.note.data or "")
    return _carry_out(case_id, act)


def visit(case_id: int) -> Answer:
    """回访"""
    form = VisitForm()

    def verb(case: Case) -> None:
        said = Satisfaction(form.satisfaction.data)
        ledger.visit(db(), actor(), now(), case, said, form.note.data, form.version.data)

    act = Act(
        "visit", "回访", "保存回访", form, verb, "回访已保存。", "case.visit", f"回访：{form.note.data or ''}",
        {"satisfaction": form.satisfaction.data},
    )  # fmt: skip
    return _carry_out(case_id, act)


def note(case_id: int) -> Answer:
    """补充说明"""
    form = NoteForm()
    found = _files(case_id, CaseAction.NOTE, form)

    def verb(case: Case) -> None:
        facts = StepFacts(form.note.data or "", files=found.files)
        ledger.add_note(db(), actor(), now(), case, facts, form.version.data)

    act = Act("note", "补充说明", "保存", form, verb, "补充说明已保存。", "case.note", form.note.data or "")
    return _with_files(case_id, act, found)


def unmask(case_id: int) -> Answer:
    """查看来件人信息: who looked is written down, and the next page shows it once."""
    case = load(case_id)
    privacy.unmask(db(), actor(), now(), case)
    show_next(case)
    return redirect(url_for("cases.show", case_id=case_id, _anchor="person"))
