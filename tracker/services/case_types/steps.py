"""Steps of a case type (办件步骤) as somebody writes them, made into rows and back; checked in case_type_checks."""

from dataclasses import dataclass, replace
from datetime import time

from tracker.clock.describing import describe_rule
from tracker.clock.rules import ClockError, CountUnit, DayOff, Kind, Rule, Sense
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
ACCEPTANCE = "正式受理"


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
    due_time: time | None = None  # the printed hour of its day: 次日12时前
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
            due_time=self.due_time,
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


def settled(step: StepInput) -> StepInput:
    """Return a step as it is kept: a statute's limit (法定时限) beside no local one is the step's limit itself.

    Nothing was promised that could be shorter, and a step without a limit has no clock and is never late.
    """
    variant = (step.variant or "").strip() or None
    if step.limit is None and step.statute is not None:
        return replace(step, variant=variant, limit=step.statute, statute=None)
    return replace(step, variant=variant)


def extended(rule: Rule, amount: int, unit: CountUnit) -> Rule:
    """Return a rule as it counts once extended to so much in all."""
    return replace(rule, amount=amount, unit=unit)


# --- To rows and back -------------------------------------------------------------------------------------------------


def rows_of(given: TypeInput, set_by_id: int | None) -> list[CaseTypeStep]:
    """Return the rows of checked steps, each with limits of its own."""
    names = {s.key: s.name.strip() for s in given.steps}
    made = []
    for ordinal, step in enumerate(map(settled, given.steps), 1):
        trigger = _trigger(step, given.event.strip(), names)
        follows = step.starts in (Starts.AFTER, Starts.LATE)
        made.append(
            CaseTypeStep(
                ordinal=ordinal,
                key=step.key,
                name=step.name.strip(),
                kind=step.kind,
                variant=step.variant,
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
        due_time=limit.due_time,
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
        due_time=rule.due_time,
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
