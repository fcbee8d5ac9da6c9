"""Steps of a case type (办件步骤) as somebody writes them: checked in plain words, and made into rows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tracker.clock.calendar import national
from tracker.clock.recurrence import describe_rule
from tracker.clock.resolution import resolve
from tracker.clock.rules import ClockError, CountUnit, DayOff, Kind, Rule, Sense
from tracker.services.errors import Refused
from tracker.store.editions import ANY_EVENT
from tracker.store.models import (
    Bound,
    CaseTypeStep,
    CaseTypeVersion,
    DeadlineRule,
    Party,
    Starts,
    StepKind,
)

LONGEST_NAME = 60
LONGEST_EVENT = 200
LONGEST_VARIANT = 40
LONGEST_ARTICLE = 200
LONGEST_NOTE = 500
MOST_STEPS = 40
ACCEPTANCE = "正式受理"
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
# Days of each unit, a workday as 7/5 of one: only to compare two limits in different units.
_DAYS = {
    CountUnit.HOUR: 1 / 24,
    CountUnit.DAY: 1.0,
    CountUnit.WORKDAY: 1.4,
    CountUnit.WEEK: 7.0,
    CountUnit.MONTH: 30.0,
    CountUnit.YEAR: 365.0,
}


@dataclass(frozen=True, slots=True)
class LimitInput:
    """One limit of a step: an amount with its unit, or for 反馈进展 a rhythm (RFC 5545)."""

    amount: int | None = None
    unit: CountUnit | None = None
    sense: Sense = Sense.WITHIN
    rrule: str | None = None
    article: str | None = None
    extend_amount: int | None = None  # extendable to so much in all, not by so much
    extend_unit: CountUnit | None = None
    counts_as_workday: bool = False
    day_off: DayOff | None = None
    direction: str = "after"
    quote: str | None = None

    def as_rule(self) -> Rule:
        """Return the countable rule."""
        return Rule(
            kind=Kind.RECURRING if self.rrule else Kind.RELATIVE,
            sense=self.sense,
            amount=self.amount,
            unit=self.unit,
            rrule=self.rrule,
            direction=self.direction,
            counts_as_workday=self.counts_as_workday,
            article=self.article,
            day_off=self.day_off,
        )


@dataclass(frozen=True, slots=True)
class StepInput:
    """One step: what act, when its clock starts, whom it binds, its limit and the statute's outer limit."""

    key: str
    name: str
    kind: StepKind
    starts: Starts = Starts.EVENT
    after_key: str | None = None
    bound: Bound = Bound.HANDLER
    optional: bool = False
    variant: str | None = None
    limit: LimitInput | None = None
    statute: LimitInput | None = None


@dataclass(frozen=True, slots=True)
class TypeInput:
    """A case type as written: its name, the event that opens a case, its steps, and why it is so."""

    name: str
    event: str
    steps: tuple[StepInput, ...]
    note: str = ""


# --- Checking ---------------------------------------------------------------------------------------------------------


def check(given: TypeInput) -> None:
    """Refuse what cannot be run as a case, naming the step."""
    _worded(given.name, "办件类型的名称")
    _worded(given.event, "起算事件，例如“收到投诉”", LONGEST_EVENT)
    if len(given.note.strip()) > LONGEST_NOTE:
        raise Refused(f"说明请不超过 {LONGEST_NOTE} 个字。")
    if not given.steps:
        raise Refused("请至少写一个步骤。")
    if len(given.steps) > MOST_STEPS:
        raise Refused(f"步骤请不超过 {MOST_STEPS} 个。")
    by_key: dict[str, StepInput] = {}
    for step in given.steps:
        _worded(step.name, "每个步骤的名称")
        if not _KEY.fullmatch(step.key):
            raise Refused(f"步骤“{step.name}”的代号“{step.key}”只能用小写字母、数字和下划线，以字母开头。")
        if step.key in by_key:
            raise Refused(f"步骤“{by_key[step.key].name}”和“{step.name}”的代号重复，请改一个。")
        if len(step.variant or "") > LONGEST_VARIANT:
            raise Refused(f"步骤“{step.name}”的适用情形请不超过 {LONGEST_VARIANT} 个字。")
        by_key[step.key] = step
    for at, step in enumerate(given.steps):
        _check_start(step, by_key)
        _check_bound(step, given.steps[:at])
        _check_kind(step, by_key)
        for limit, what in ((step.limit, "时限"), (step.statute, "法定时限")):
            if limit is not None:
                _check_limit(step, limit, what)
        _check_outer(step)
    _check_circle(by_key)


def _worded(words: str, what: str, longest: int = LONGEST_NAME) -> None:
    if not words.strip():
        raise Refused(f"请填写{what}。")
    if len(words.strip()) > longest:
        raise Refused(f"“{words.strip()[:12]}…”太长，请不超过 {longest} 个字。")


def _check_start(step: StepInput, by_key: dict[str, StepInput]) -> None:
    if step.starts not in (Starts.AFTER, Starts.LATE):
        return
    if not step.after_key:
        raise Refused(f"步骤“{step.name}”要写明在哪一步之后。")
    before = by_key.get(step.after_key)
    if before is None or before is step:
        raise Refused(f"步骤“{step.name}”所接的步骤不在这个类型里，请另选一步。")
    if before.variant not in (None, step.variant):
        raise Refused(f"步骤“{step.name}”接在只适用于“{before.variant}”的“{before.name}”之后，请写同样的适用情形。")
    if step.starts is Starts.LATE and before.limit is None and before.statute is None:
        raise Refused(f"步骤“{before.name}”没有时限，不会逾期，“{step.name}”无从开始。请先给它时限。")


def _check_bound(step: StepInput, earlier: Sequence[StepInput]) -> None:
    if step.bound is not Bound.REFERRED:
        return
    if not any(s.kind is StepKind.REFER and s.variant in (None, step.variant) for s in earlier):
        raise Refused(f"步骤“{step.name}”由接收转办的单位办理，前面要先有一步转办。")


def _check_kind(step: StepInput, by_key: dict[str, StepInput]) -> None:
    limit = step.limit
    if step.kind is StepKind.PROGRESS and (limit is None or not limit.rrule):
        raise Refused(f"步骤“{step.name}”是定期反馈进展，请写明周期，例如每 3 天。")
    waits = limit is not None and limit.sense is Sense.NOT_BEFORE
    if waits and step.kind is not StepKind.CLAIM:
        raise Refused(f"步骤“{step.name}”写的是期满后方可，只有“申请”这类步骤可以这样写。")
    before = by_key.get(step.after_key or "")
    publicised = step.starts is Starts.AFTER and before is not None and before.kind is StepKind.PUBLICISE
    if step.kind is StepKind.CLAIM and publicised and not waits:
        raise Refused(f"步骤“{step.name}”接在公示之后，请写明公示满多少日方可申请。")


def _check_limit(step: StepInput, limit: LimitInput, what: str) -> None:
    if limit.rrule and step.kind is not StepKind.PROGRESS:
        raise Refused(f"步骤“{step.name}”的{what}写成了周期，只有“反馈进展”可以按周期。")
    if not limit.rrule and (limit.amount is None or limit.unit is None):
        raise Refused(f"请填写步骤“{step.name}”{what}的数量和单位，例如 3 个工作日。")
    if len(limit.article or "") > LONGEST_ARTICLE:
        raise Refused(f"步骤“{step.name}”{what}的依据请不超过 {LONGEST_ARTICLE} 个字。")
    try:
        if limit.rrule:
            describe_rule(limit.as_rule())
        else:
            resolve(limit.as_rule(), event_at=ANY_EVENT, calendar=national())
    except ClockError as error:
        raise Refused(f"步骤“{step.name}”的{what}无法计算：{error}。") from error
    _check_extension(step, limit)


def _check_extension(step: StepInput, limit: LimitInput) -> None:
    if limit.extend_amount is None and limit.extend_unit is None:
        return
    if limit.extend_amount is None or limit.extend_unit is None:
        raise Refused(f"请填写步骤“{step.name}”最长可延至的数量和单位。")
    if limit.rrule or limit.sense is Sense.NOT_BEFORE:
        raise Refused(f"步骤“{step.name}”没有截止日期，不能延期。")
    if _length(limit.extend_amount, limit.extend_unit) < _length(limit.amount or 0, limit.unit or CountUnit.DAY):
        raise Refused(f"步骤“{step.name}”最长可延至的期限不能短于原来的时限。")
    try:
        resolve(
            extended(limit.as_rule(), limit.extend_amount, limit.extend_unit), event_at=ANY_EVENT, calendar=national()
        )
    except ClockError as error:
        raise Refused(f"步骤“{step.name}”最长可延至的期限无法计算：{error}。") from error


def _check_outer(step: StepInput) -> None:
    limit, outer = step.limit, step.statute
    if outer is None:
        return
    if outer.rrule or outer.sense is Sense.NOT_BEFORE or (limit is not None and limit.sense is Sense.NOT_BEFORE):
        raise Refused(f"步骤“{step.name}”的法定时限只能写成多少日内。")
    if limit is not None and limit.unit is outer.unit and (limit.amount or 0) > (outer.amount or 0):
        raise Refused(f"步骤“{step.name}”的时限不能长于法定时限。")


def _check_circle(by_key: dict[str, StepInput]) -> None:
    for step in by_key.values():
        passed, at = {step.key}, step
        while at.starts in (Starts.AFTER, Starts.LATE) and at.after_key:
            at = by_key[at.after_key]
            if at.key in passed:
                raise Refused(f"步骤“{step.name}”绕了一圈又接回自己，请改它接在哪一步之后。")
            passed.add(at.key)


def _length(amount: int, unit: CountUnit) -> float:
    return amount * _DAYS[unit]


def extended(rule: Rule, amount: int, unit: CountUnit) -> Rule:
    """Return a rule as it counts once extended to so much in all."""
    return Rule(
        kind=rule.kind,
        sense=rule.sense,
        amount=amount,
        unit=unit,
        direction=rule.direction,
        counts_as_workday=rule.counts_as_workday,
        article=rule.article,
        day_off=rule.day_off,
    )


# --- To rows and back -------------------------------------------------------------------------------------------------


def rows_of(given: TypeInput, set_by_id: int | None) -> list[CaseTypeStep]:
    """Return the rows of checked steps, each with limits of its own."""
    names = {s.key: s.name.strip() for s in given.steps}
    made = []
    for ordinal, step in enumerate(given.steps, 1):
        trigger = _trigger(step, given.event.strip(), names)
        follows = step.starts in (Starts.AFTER, Starts.LATE)
        made.append(
            CaseTypeStep(
                ordinal=ordinal,
                key=step.key,
                name=step.name.strip(),
                kind=step.kind,
                variant=(step.variant or "").strip() or None,
                starts=step.starts,
                after_key=step.after_key if follows else None,
                bound=step.bound,
                optional=step.optional,
                rule=_rule(step, step.limit, ordinal, trigger, set_by_id),
                statute_rule=_rule(step, step.statute, ordinal, trigger, set_by_id),
            )
        )
    return made


def _trigger(step: StepInput, event: str, names: dict[str, str]) -> str:
    """Return the words of what a step's clock counts from, for the explanation of its date."""
    match step.starts:
        case Starts.EVENT:
            return event
        case Starts.ACCEPTED:
            return ACCEPTANCE
        case Starts.AFTER:
            return names[step.after_key or ""]
    return f"{names[step.after_key or '']}逾期"


def _rule(
    step: StepInput, limit: LimitInput | None, ordinal: int, trigger: str, set_by_id: int | None
) -> DeadlineRule | None:
    if limit is None:
        return None
    return DeadlineRule(
        ordinal=ordinal,
        quote=limit.quote,
        kind=Kind.RECURRING if limit.rrule else Kind.RELATIVE,
        sense=limit.sense,
        trigger=trigger,
        amount=None if limit.rrule else limit.amount,
        unit=None if limit.rrule else limit.unit,
        rrule=limit.rrule,
        direction=limit.direction,
        counts_as_workday=limit.counts_as_workday,
        article=(limit.article or "").strip() or None,
        day_off=limit.day_off,
        extend_amount=limit.extend_amount,
        extend_unit=limit.extend_unit,
        party=Party.OTHER if step.bound is Bound.OTHER else Party.UNIT,
        act=step.name.strip(),
        set_by_id=set_by_id,
    )


def input_of(version: CaseTypeVersion, name: str) -> TypeInput:
    """Return a version as it would be written; its steps and limits must be loaded."""
    return TypeInput(name, version.event, tuple(step_input(step) for step in version.steps))


def step_input(step: CaseTypeStep) -> StepInput:
    """Return a step as it would be written."""
    return StepInput(
        key=step.key,
        name=step.name,
        kind=step.kind,
        starts=step.starts,
        after_key=step.after_key,
        bound=step.bound,
        optional=step.optional,
        variant=step.variant,
        limit=limit_input(step.rule),
        statute=limit_input(step.statute_rule),
    )


def limit_input(rule: DeadlineRule | None) -> LimitInput | None:
    """Return a limit's words and numbers, to be copied."""
    if rule is None:
        return None
    return LimitInput(
        amount=rule.amount,
        unit=rule.unit,
        sense=rule.sense,
        rrule=rule.rrule,
        article=rule.article,
        extend_amount=rule.extend_amount,
        extend_unit=rule.extend_unit,
        counts_as_workday=rule.counts_as_workday,
        day_off=rule.day_off,
        direction=rule.direction,
        quote=rule.quote,
    )


def limit_words(rule: DeadlineRule | None) -> str:
    """Say a limit in short: 3个工作日内, 公示30日后方可, 30日内，经批准可延长至90日."""
    return words_of(limit_input(rule))


def words_of(limit: LimitInput | None) -> str:
    """Say a limit as written in short; empty where there is none."""
    if limit is None:
        return ""
    try:
        # A type has no day of publication: what a rhythm counts from is the step's own start.
        said = describe_rule(limit.as_rule()).removesuffix("（自发布日起算）")
        if limit.extend_amount is not None and limit.extend_unit is not None:
            longest = extended(limit.as_rule(), limit.extend_amount, limit.extend_unit)
            said += f"，经批准可延长至{describe_rule(longest).removesuffix('内')}"
    except ClockError as error:
        return str(error)
    return said


def outline(version: CaseTypeVersion) -> dict[str, object]:
    """Return a version in words, for the trail."""
    steps = [f"{s.name} {limit_words(s.rule)}".strip() for s in version.steps]
    return {"number": version.number, "event": version.event, "steps": steps}
