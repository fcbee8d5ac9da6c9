"""The form of a case type: its steps as groups of fields, from rows and to what the verb takes."""

import re
from typing import Any

from wtforms import BooleanField, FieldList, FormField, HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from tracker.clock.rules import CountUnit, DayOff, Sense
from tracker.services.case_types.steps import (
    LONGEST_ARTICLE,
    LONGEST_EVENT,
    LONGEST_NAME,
    LONGEST_NOTE,
    LONGEST_VARIANT,
    LimitInput,
    StepInput,
    TypeInput,
    limit_input,
    words_of,
)
from tracker.services.core.errors import Fault
from tracker.store.models import Bound, CaseTypeStep, CaseTypeVersion, DeadlineRule, Starts, StepKind
from tracker.web.kit.fields import Choice, RowVersion, Whole, options, trimmed, wrong
from tracker.web.kit.forms import FormPart, PageForm

# 反馈进展 is written as 每 3 日: the same two fields as a limit, said to the clock as a rhythm.
_FREQUENCY = {
    CountUnit.DAY: "DAILY",
    CountUnit.WEEK: "WEEKLY",
    CountUnit.MONTH: "MONTHLY",
    CountUnit.YEAR: "YEARLY",
}
_EVERY = re.compile(r"FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)(?:;INTERVAL=(\d+))?")
UNITS = {"": "单位", **options(CountUnit)}
COUNTED = [Optional(), NumberRange(0, 9999)]
CITED = [Length(max=LONGEST_ARTICLE)]


class TypeStepForm(FormPart):
    """One step; `after` is the place of another one in the form, from 0."""

    key = HiddenField()
    name = StringField("步骤名称", [Length(max=LONGEST_NAME)], filters=[trimmed])
    kind = Choice("做什么", choices=options(StepKind), default=StepKind.HANDLE.value)
    starts = Choice("从何时起算", choices=options(Starts), default=Starts.EVENT.value)
    after = Choice("哪一步", choices={"": "不接在某一步之后"}, default="")
    bound = Choice("约束谁", choices=options(Bound), default=Bound.HANDLER.value)
    amount = Whole("时限数量", COUNTED)
    unit = Choice("时限单位", choices=UNITS, default="")
    sense = Choice("要求", choices=options(Sense), default=Sense.WITHIN.value)
    article = StringField("依据", CITED, filters=[trimmed], description="条文或文件，例如“招标投标法实施条例 57”。")
    counts_as_workday = BooleanField("所写“日”依法按工作日计算")
    day_off = Choice("遇休息日", choices={"": "按规则", **options(DayOff)}, default="")
    extend_amount = Whole("最长可延至", COUNTED)
    extend_unit = Choice("延期单位", choices=UNITS, default="")
    statute_amount = Whole("法定时限", COUNTED)
    statute_unit = Choice("法定时限单位", choices=UNITS, default="")
    statute_article = StringField("法定时限的依据", CITED, filters=[trimmed])
    variant = StringField(
        "只适用于",
        [Length(max=LONGEST_VARIANT)],
        filters=[trimmed],
        description="例如“咨询类”；不填则每件都有这一步。",
    )
    optional = BooleanField("可以不办")
    remove = BooleanField("去掉这一步")

    @property
    def blank(self) -> bool:
        return not self.key.data and not self.name.data and self.amount.data is None

    def validate(self, extra_validators: Any = None) -> bool:
        if self.remove.data or self.blank:
            return True
        if not super().validate(extra_validators):
            return False
        if not self.name.data:
            return wrong(self.name, "请填写步骤名称，或者去掉这一步。")
        if self.kind.data == StepKind.PROGRESS and self.amount.data is not None and rhythm(self) is None:
            return wrong(self.unit, "反馈进展的周期请用日、周、月或年，例如每 3 日。")
        return True


class TypeForm(PageForm):
    """办件类型"""

    name = StringField(
        "名称",
        [DataRequired("请填写名称。"), Length(max=LONGEST_NAME)],
        filters=[trimmed],
    )
    event = StringField(
        "起算事件",
        [DataRequired("请填写起算事件。"), Length(max=LONGEST_EVENT)],
        filters=[trimmed],
        description="发生什么时登记一件，例如“收到投诉”“签订书面合同”。",
    )
    steps = FieldList(FormField(TypeStepForm, "步骤"), "步骤", max_entries=60)
    note = TextAreaField(
        "说明",
        [Length(max=LONGEST_NOTE)],
        filters=[trimmed],
        description="依据什么、为什么这样定。",
    )


class NewTypeForm(TypeForm):
    """新建办件类型"""

    jurisdiction = Choice("辖区", choices={})


class ReviseForm(TypeForm):
    """修改办件类型"""

    version = RowVersion()
    note = TextAreaField(
        "为什么修改",
        [InputRequired("请写明为什么修改。"), Length(max=LONGEST_NOTE)],
        filters=[trimmed],
        description="留在版本记录里。在办的办件仍按登记时的版本办理。",
    )


def offer(form: TypeForm) -> None:
    """Let each step be put after any other, by its place and name; before validation, since only these are taken."""
    named = [(str(n), f"第 {n + 1} 步 {e.form.name.data or ''}".strip()) for n, e in enumerate(form.steps)]
    for n, entry in enumerate(form.steps):
        others = {place: words for place, words in named if place != str(n)}
        entry.form.after.choices = {"": "不接在某一步之后", **others}


# --- Rows added, moved ------------------------------------------------------------------------------------------------


def rearranged(form: TypeForm, wanted: str) -> dict[str, Any]:
    """Return what was typed with one step more (add), or one moved before the step above it (up-2)."""
    steps: list[dict[str, Any]] = [dict(entry.data) for entry in form.steps]
    sort, _, number = wanted.partition("-")
    at = int(number) if number.isdigit() else 0
    if sort == "add":
        steps.append({})
    elif sort == "up" and 0 < at < len(steps):
        steps[at - 1], steps[at] = steps[at], steps[at - 1]
        moved = {str(at): str(at - 1), str(at - 1): str(at)}
        for step in steps:
            step["after"] = moved.get(step.get("after") or "", step.get("after"))
    return {**{name: field.data for name, field in form._fields.items() if name != "csrf_token"}, "steps": steps}


# --- From rows to the form --------------------------------------------------------------------------------------------


def values_of(version: CaseTypeVersion) -> dict[str, Any]:
    """Return a version as the form's data."""
    place = {step.key: str(n) for n, step in enumerate(version.steps)}
    return {
        "version": version.type.version,
        "name": version.type.name,
        "event": version.event,
        "steps": [_step_values(step, place) for step in version.steps],
    }


def _step_values(step: CaseTypeStep, place: dict[str, str]) -> dict[str, Any]:
    rule, outer = step.rule, step.statute_rule
    amount, unit = _counted(rule)
    given = {
        "key": step.key,
        "name": step.name,
        "kind": step.kind.value,
        "starts": step.starts.value,
        "after": place.get(step.after_key or "", ""),
        "bound": step.bound.value,
        "variant": step.variant,
        "optional": step.optional,
        "amount": amount,
        "unit": unit.value if unit else "",
    }
    if rule is not None:
        given |= {
            "sense": rule.sense.value,
            "article": rule.article,
            "counts_as_workday": rule.counts_as_workday,
            "day_off": rule.day_off.value if rule.day_off else "",
            "extend_amount": rule.extend_amount,
            "extend_unit": rule.extend_unit.value if rule.extend_unit else "",
        }
    if outer is not None:
        given |= {
            "statute_amount": outer.amount,
            "statute_unit": outer.unit.value if outer.unit else "",
            "statute_article": outer.article,
        }
    return given


def _counted(rule: DeadlineRule | None) -> tuple[int | None, CountUnit | None]:
    """Return a limit's amount and unit; a rhythm's, where our two fields can say it."""
    if rule is None:
        return None, None
    if rule.rrule is None:
        return rule.amount, rule.unit
    found = _EVERY.fullmatch(rule.rrule)
    if found is None:
        return None, None
    return int(found[2] or 1), next(unit for unit, word in _FREQUENCY.items() if word == found[1])


# --- From the form to what the service takes --------------------------------------------------------------------------


def type_input(form: TypeForm, current: CaseTypeVersion | None = None) -> TypeInput:
    """Return a valid form as the verb takes it; steps that stood in `current` keep their keys."""
    rows = {step.key: step for step in current.steps} if current else {}
    kept = _kept_steps(form)
    taken = {f.key.data for _, f in kept} | set(rows)
    fresh = (key for key in (f"step{n}" for n in range(1, 200)) if key not in taken)
    keys = {str(n): f.key.data or next(fresh) for n, f in kept}
    steps = tuple(_step_input(f, keys[str(n)], keys, rows.get(f.key.data)) for n, f in kept)
    return TypeInput(form.name.data or "", form.event.data or "", steps, form.note.data or "")


def _kept_steps(form: TypeForm) -> list[tuple[int, TypeStepForm]]:
    """Return the steps that are written and not taken away, each with its place in the form."""
    return [(n, e.form) for n, e in enumerate(form.steps) if not e.form.remove.data and not e.form.blank]


def place_fault(form: TypeForm, fault: Fault) -> bool:
    """Put what is wrong with a step beside that step: the verb counts the steps that are kept."""
    sort, _, at = (fault.field or "").partition("-")
    if sort != "steps":
        return False
    wrong(_kept_steps(form)[int(at)][1].name, fault.words)
    form.steps.errors = [entry.form.errors for entry in form.steps]  # the list made its own when it was validated
    return True


def _step_input(form: TypeStepForm, key: str, keys: dict[str, str], row: CaseTypeStep | None) -> StepInput:
    starts = Starts(form.starts.data)
    follows = starts in (Starts.AFTER, Starts.LATE)
    return StepInput(
        key=key,
        name=form.name.data or "",
        kind=StepKind(form.kind.data),
        starts=starts,
        after_key=keys.get(form.after.data or "") if follows else None,
        bound=Bound(form.bound.data),
        optional=form.optional.data,
        variant=form.variant.data or None,
        limit=_limit(form, limit_input(row.rule) if row else None),
        statute=_statute(form, limit_input(row.statute_rule) if row else None),
    )


def _limit(form: TypeStepForm, old: LimitInput | None) -> LimitInput | None:
    amount, unit = form.amount.data, CountUnit(form.unit.data) if form.unit.data else None
    said = amount is not None or unit or form.article.data or form.extend_amount.data is not None
    if form.kind.data == StepKind.PROGRESS:
        every = rhythm(form) if amount is not None else old.rrule if old and unit is None else None
        if every is None and not said:
            return None
        return LimitInput(rrule=every, article=form.article.data or None, quote=_kept(old, rrule=every))
    if not said:
        return None
    sense = Sense(form.sense.data)
    return LimitInput(
        amount=amount,
        unit=unit,
        sense=sense,
        article=form.article.data or None,
        extend_amount=form.extend_amount.data,
        extend_unit=CountUnit(form.extend_unit.data) if form.extend_unit.data else None,
        counts_as_workday=form.counts_as_workday.data,
        day_off=DayOff(form.day_off.data) if form.day_off.data else None,
        direction=old.direction if old else "after",
        due_time=old.due_time if old else None,
        quote=_kept(old, amount=amount, unit=unit, sense=sense),
    )


def _statute(form: TypeStepForm, old: LimitInput | None) -> LimitInput | None:
    amount, unit = form.statute_amount.data, CountUnit(form.statute_unit.data) if form.statute_unit.data else None
    if amount is None and unit is None and not form.statute_article.data:
        return None
    return LimitInput(
        amount=amount, unit=unit, article=form.statute_article.data or None, quote=_kept(old, amount=amount, unit=unit)
    )


def _kept(old: LimitInput | None, **numbers: Any) -> str | None:
    """Return the quoted words of a limit while its numbers are still theirs."""
    if old is None or any(getattr(old, name) != value for name, value in numbers.items()):
        return None
    return old.quote


def rhythm(form: TypeStepForm) -> str | None:
    """Return 每 3 日 as a rhythm; None where the unit is not one of the calendar's."""
    amount, unit = form.amount.data, CountUnit(form.unit.data) if form.unit.data else None
    if not amount:
        return None
    if unit is CountUnit.WORKDAY:
        return "FREQ=DAILY" if amount == 1 else None
    if unit not in _FREQUENCY:
        return None
    return f"FREQ={_FREQUENCY[unit]}" + (f";INTERVAL={amount}" if amount > 1 else "")


# --- In words ---------------------------------------------------------------------------------------------------------


def said(given: TypeInput) -> list[tuple[str, str]]:
    """Say a type line by line, so that two can be compared."""
    names = {step.key: step.name for step in given.steps}
    lines = [("名称", given.name), ("起算事件", given.event)]
    for n, step in enumerate(given.steps, 1):
        told = [step.kind.label, starts_words(step.starts, given.event, names.get(step.after_key or ""))]
        told += [step.bound.label, *([f"只适用于{step.variant}"] if step.variant else [])]
        told += [words_of(step.limit), step.limit.article or "" if step.limit else ""]
        told += [f"法定 {words_of(step.statute)}" if step.statute else "", "可以不办" if step.optional else ""]
        lines.append((f"第 {n} 步", f"{step.name}：" + "；".join(part for part in told if part)))
    return lines


def starts_words(starts: Starts, event: str, before: str | None) -> str:
    """Say when a step's clock starts."""
    match starts:
        case Starts.EVENT:
            return f"自{event}起"
        case Starts.ACCEPTED:
            return "自正式受理起"
        case Starts.AFTER:
            return f"“{before}”办结后"
    return f"“{before}”逾期时"
