"""What can be done in a case: one POST a verb; the forms are those its page offers."""

from datetime import date
from typing import Any

from flask import redirect, request, url_for

from tracker.rules.workflow import CaseAction
from tracker.services.cases import conclusion, extensions, pauses, privacy, referrals, steps
from tracker.services.cases.acts import StepFacts
from tracker.services.cases.checks import StepAct
from tracker.services.deadlines.extensions import Wish
from tracker.store.cases.page import extensions_of
from tracker.store.deadlines.pauses import pause_requests_of
from tracker.store.models import Case, Satisfaction, StepKind, Unit
from tracker.web.cases.forms import (
    CaseDecideForm,
    CasePauseForm,
    ConcludeForm,
    NoteForm,
    ReturnForm,
    StepForm,
    VisitForm,
    extend_form,
    step_form,
)
from tracker.web.cases.instants import instant_of
from tracker.web.cases.offers import refer_form
from tracker.web.cases.page import load, show_next
from tracker.web.cases.posting import CaseAct, carry_out, files_of, look, step_in
from tracker.web.kit import evidence
from tracker.web.kit.access import db, or_404, this_act
from tracker.web.kit.forms import VersionForm
from tracker.web.kit.posting import Answer

# --- Steps -----------------------------------------------------------------------------------------------------------


def close_step(case_id: int, step_id: int) -> Answer:
    """办理一步, by the act its kind asks for."""
    step = look(case_id, step_id)
    form = step_form(step)
    found = files_of(case_id, CaseAction.STEP, form)
    facts = _facts(form, found)
    more = bool(form.more.data) if "more" in form else False

    def verb(case: Case) -> None:
        act = StepAct(facts, _done_at(form), more)
        steps.close_step(this_act(), case, step_in(case, step_id), act, form.version.data)

    told = f"“{step.name}”已记录，还有后续返还。" if more else f"“{step.name}”已办结。"
    act = CaseAct(
        f"step-{step_id}",
        step.name,
        "发出督办书" if step.kind is StepKind.LETTER else "办结这一步",
        form,
        verb,
        told,
        step,
    )
    return carry_out(case_id, act)


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
    step = look(case_id, step_id)
    form = step_form(step)
    found = files_of(case_id, CaseAction.PROGRESS, form)

    def verb(case: Case) -> None:
        facts = _facts(form, found)
        steps.report_step(this_act(), case, step_in(case, step_id), facts, form.version.data)

    act = CaseAct(f"progress-{step_id}", step.name, "提交反馈", form, verb, "进展已反馈。", step)
    return carry_out(case_id, act)


def refer(case_id: int, step_id: int) -> Answer:
    """转办 to a unit."""
    case = load(case_id)
    step = step_in(case, step_id)
    form = refer_form(case, posted=True)
    name = form.to.choices.get(form.to.data, "")

    def verb(fresh: Case) -> None:
        unit = db().get_one(Unit, int(form.to.data))
        referrals.refer(this_act(), fresh, step_in(fresh, step_id), unit, form.note.data, form.version.data)

    act = CaseAct(f"refer-{step_id}", step.name, "转办", form, verb, f"已转{name}，等待签收。", step)
    return carry_out(case_id, act)


def sign(case_id: int) -> Answer:
    """签收转办"""
    form = VersionForm()

    def verb(case: Case) -> None:
        referrals.sign(this_act(), case, form.version.data)

    return carry_out(case_id, CaseAct("sign", "签收", "签收", form, verb, "已签收。"))


def send_back(case_id: int) -> Answer:
    """退回转办 as not ours."""
    form = ReturnForm()

    def verb(case: Case) -> None:
        referrals.send_back(this_act(), case, form.note.data, form.version.data)

    return carry_out(case_id, CaseAct("return", "退回转办", "退回", form, verb, "已退回转办单位。"))


# --- Pauses and extensions -------------------------------------------------------------------------------------------


def pause(case_id: int) -> Answer:
    """暂停计时"""
    form = CasePauseForm()

    def verb(case: Case) -> None:
        reason, authority = form.reason.data, form.authority.data
        pauses.pause_case(this_act(), case, reason=reason, authority=authority, version=form.version.data)

    return carry_out(case_id, CaseAct("pause", "暂停计时", "暂停计时", form, verb, "已暂停计时。"))


def ask_pause(case_id: int) -> Answer:
    """申请暂停"""
    form = CasePauseForm()

    def verb(case: Case) -> None:
        reason, authority = form.reason.data, form.authority.data
        pauses.ask_pause(this_act(), case, reason=reason, authority=authority, version=form.version.data)

    told = "暂停申请已提交，等待督查员审批；批准之前照常计时。"
    return carry_out(case_id, CaseAct("ask-pause", "申请暂停", "申请暂停", form, verb, told))


def decide_pause(case_id: int, request_id: int) -> Answer:
    """审批暂停: granted, or refused with a reason."""
    form, grant = CaseDecideForm(), "refuse" not in request.form

    def verb(case: Case) -> None:
        asked = or_404(next((r for r in pause_requests_of(db(), case.id) if r.id == request_id), None))
        pauses.decide_pause(this_act(), case, asked, grant, form.note.data or "", form.version.data)

    told = "已批准，暂停计时。" if grant else "已答复不批准暂停，照常计时。"
    return carry_out(case_id, CaseAct(f"decide-pause-{request_id}", "审批暂停", "批准暂停", form, verb, told))


def resume(case_id: int) -> Answer:
    """恢复计时"""
    form = VersionForm()

    def verb(case: Case) -> None:
        pauses.resume_case(this_act(), case, form.version.data)

    told = "已恢复计时，期限已重新计算。"
    return carry_out(case_id, CaseAct("resume", "恢复计时", "恢复计时", form, verb, told))


def extend(case_id: int, step_id: int) -> Answer:
    """申请延期 of a step."""
    step = look(case_id, step_id)
    form = extend_form(step.rule)

    def verb(case: Case) -> None:
        wish = Wish(*(form[name].data if name in form else None for name in ("amount", "wanted_on")))
        extensions.ask_extension(this_act(), case, step_in(case, step_id), wish, form.reason.data, form.version.data)

    title, told = f"申请延期：{step.name}", "延期申请已提交，等待审批。"
    return carry_out(case_id, CaseAct(f"extend-{step_id}", title, "申请延期", form, verb, told, step))


def decide(case_id: int, extension_id: int) -> Answer:
    """审批延期: granted, or refused with a reason."""
    form, grant = CaseDecideForm(), "refuse" not in request.form

    def verb(case: Case) -> None:
        asked = or_404(next((e for e in extensions_of(db(), case.id) if e.id == extension_id), None))
        extensions.decide_extension(this_act(), case, asked, grant, form.note.data or "", form.version.data)

    told = "已批准延期，期限已重新计算。" if grant else "已答复不批准延期，期限不变。"
    return carry_out(case_id, CaseAct(f"decide-{extension_id}", "审批延期", "批准延期", form, verb, told))


# --- The whole case --------------------------------------------------------------------------------------------------


def conclude(case_id: int) -> Answer:
    """办结"""
    form = ConcludeForm()

    def verb(case: Case) -> None:
        conclusion.conclude(this_act(), case, form.note.data, form.version.data)

    return carry_out(case_id, CaseAct("conclude", "办结本件", "办结", form, verb, "已办结。"))


def visit(case_id: int) -> Answer:
    """回访"""
    form = VisitForm()

    def verb(case: Case) -> None:
        said = Satisfaction(form.satisfaction.data)
        conclusion.visit(this_act(), case, said, form.note.data, form.version.data)

    return carry_out(case_id, CaseAct("visit", "回访", "保存回访", form, verb, "回访已保存。"))


def note(case_id: int) -> Answer:
    """补充说明"""
    form = NoteForm()
    found = files_of(case_id, CaseAction.NOTE, form)

    def verb(case: Case) -> None:
        facts = StepFacts(form.note.data or "", files=found.files)
        conclusion.add_note(this_act(), case, facts, form.version.data)

    act = CaseAct("note", "补充说明", "保存", form, verb, "补充说明已保存。")
    return carry_out(case_id, act)


def unmask(case_id: int) -> Answer:
    """查看来件人信息: who looked is written down, and the next page shows it once."""
    case = load(case_id)
    privacy.unmask(this_act(), case)
    show_next(case)
    return redirect(url_for("cases.show", case_id=case_id, _anchor="person"))
