"""What is wrong with a case type as somebody wrote it: everything that could not be run as a case, step by step."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from tracker.clock.calendar import national
from tracker.clock.describing import describe_rule
from tracker.clock.resolution import resolve
from tracker.clock.rules import ClockError, Sense
from tracker.services.case_types.steps import (
    LONGEST_ARTICLE,
    LONGEST_EVENT,
    LONGEST_NAME,
    LONGEST_NOTE,
    LONGEST_VARIANT,
    LimitInput,
    StepInput,
    TypeInput,
    extended,
    settled,
    words_of,
)
from tracker.services.core.errors import Fault, Refused, refuse
from tracker.store.documents.drafts import ANY_EVENT
from tracker.store.models import Bound, Starts, StepKind

MOST_STEPS = 40
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_FOLLOWS = (Starts.AFTER, Starts.LATE)


@dataclass(frozen=True, slots=True)
class _Steps:
    """A type's steps as they would be kept."""

    all: tuple[StepInput, ...]
    by_key: dict[str, StepInput]
    sorts: tuple[str | None, ...]

    def before(self, step: StepInput) -> list[StepInput]:
        """Return the steps one waits for: what it follows, or 受理 of each sort of case it stands in."""
        if step.starts in _FOLLOWS:
            found = self.by_key.get(step.after_key or "")
            return [found] if found is not None else []
        if step.starts is Starts.ACCEPTED:
            return [s for s in self.all if s.kind is StepKind.ACCEPT and s.variant in (None, *self._sorts_of(step))]
        return []

    def chain(self, step: StepInput) -> list[StepInput]:
        """Return everything a step waits for, the nearest first; itself among it where it waits for itself."""
        found: list[StepInput] = []
        left = self.before(step)
        while left:
            at = left.pop(0)
            if at not in found:
                found.append(at)
                left += self.before(at)
        return found

    def unaccepted(self, step: StepInput) -> bool:
        """Whether a step stands in a sort of case that has no step 受理."""
        accepted = [s.variant for s in self.all if s.kind is StepKind.ACCEPT]
        return any(None not in accepted and sort not in accepted for sort in self._sorts_of(step))

    def _sorts_of(self, step: StepInput) -> tuple[str | None, ...]:
        return (step.variant,) if step.variant else self.sorts


def check(given: TypeInput) -> None:
    """Refuse what cannot be run as a case, all that is wrong with it, a step's under `steps-<place from 0>`.

    Versions stored before a rule was added stay in use.
    """
    _worded(given.name, "办件类型的名称")
    _worded(given.event, "起算事件，例如“收到投诉”", LONGEST_EVENT)
    if len(given.note.strip()) > LONGEST_NOTE:
        raise Refused(f"说明请不超过 {LONGEST_NOTE} 个字。")
    if not given.steps:
        raise Refused("请至少写一个步骤。")
    if len(given.steps) > MOST_STEPS:
        raise Refused(f"步骤请不超过 {MOST_STEPS} 个。")
    kept = tuple(settled(step) for step in given.steps)
    by_key: dict[str, StepInput] = {}
    for step in kept:
        by_key.setdefault(step.key, step)
    sorts = tuple(dict.fromkeys(s.variant for s in kept if s.variant))
    steps = _Steps(kept, by_key, sorts or (None,))
    refuse(
        Fault(words, f"steps-{at}")
        for at, typed in enumerate(given.steps)
        for words in dict.fromkeys(_wrong_with(typed, kept[at], kept[:at], steps))
    )


def _wrong_with(typed: StepInput, step: StepInput, earlier: Sequence[StepInput], steps: _Steps) -> Iterator[str]:
    looks: tuple[Callable[[], None], ...] = (
        lambda: _check_words(step, earlier),
        lambda: _check_start(step, steps),
        lambda: _check_bound(step, earlier, steps),
        lambda: _check_kind(step, steps),
        lambda: _check_end(step, steps),
        lambda: _check_limits(typed),
        lambda: _check_circle(step, steps),
    )
    for look in looks:
        try:
            look()
        except Refused as refusal:
            yield str(refusal)


def _worded(words: str, what: str, longest: int = LONGEST_NAME) -> None:
    if not words.strip():
        raise Refused(f"请填写{what}。")
    if len(words.strip()) > longest:
        raise Refused(f"“{words.strip()[:12]}…”太长，请不超过 {longest} 个字。")


def _check_words(step: StepInput, earlier: Sequence[StepInput]) -> None:
    _worded(step.name, "每个步骤的名称")
    if not _KEY.fullmatch(step.key):
        raise Refused(f"步骤“{step.name}”的代号“{step.key}”只能用小写字母、数字和下划线，以字母开头。")
    # One key, one step, whatever sort of case it is for: what follows a step names it by its key alone.
    if (same := next((s for s in earlier if s.key == step.key), None)) is not None:
        raise Refused(f"步骤“{same.name}”和“{step.name}”的代号重复，请改一个。")
    if len(step.variant or "") > LONGEST_VARIANT:
        raise Refused(f"步骤“{step.name}”的适用情形请不超过 {LONGEST_VARIANT} 个字。")


def _check_start(step: StepInput, steps: _Steps) -> None:
    if step.starts is Starts.ACCEPTED and steps.unaccepted(step):
        raise Refused(f"步骤“{step.name}”自正式受理起算，请先加一步“受理”。")
    if step.starts not in _FOLLOWS:
        return
    if not step.after_key:
        raise Refused(f"步骤“{step.name}”要写明在哪一步之后。")
    before = steps.by_key.get(step.after_key)
    if before is None or before.key == step.key:
        raise Refused(f"步骤“{step.name}”所接的步骤不在这个类型里，请另选一步。")
    if before.variant not in (None, step.variant):
        raise Refused(f"步骤“{step.name}”接在只适用于“{before.variant}”的“{before.name}”之后，请写同样的适用情形。")
    never_late = before.limit is None or before.limit.sense is Sense.NOT_BEFORE
    if step.starts is Starts.LATE and never_late:
        raise Refused(f"步骤“{before.name}”没有时限，不会逾期，“{step.name}”无从开始。请给它时限，或改接有时限的步骤。")


def _check_bound(step: StepInput, earlier: Sequence[StepInput], steps: _Steps) -> None:
    if step.bound is not Bound.REFERRED:
        return
    if not any(s.kind is StepKind.REFER and s.variant in (None, step.variant) for s in earlier):
        raise Refused(f"步骤“{step.name}”由接收转办的单位办理，前面要先有一步转办。")
    if not any(s.kind is StepKind.REFER for s in steps.chain(step)):
        raise Refused(
            f"步骤“{step.name}”由接收转办的单位办理，转办之前还不知道是哪个单位。"
            "请改为“另一步办结后”起算，接在转办之后。"
        )


def _check_kind(step: StepInput, steps: _Steps) -> None:
    limit = step.limit
    if step.kind is StepKind.PROGRESS and (limit is None or not limit.rrule):
        raise Refused(f"步骤“{step.name}”是定期反馈进展，请写明周期，例如每 3 天。")
    waits = limit is not None and limit.sense is Sense.NOT_BEFORE
    if waits and step.kind is not StepKind.CLAIM:
        raise Refused(f"步骤“{step.name}”写的是期满后方可，只有“申请”这类步骤可以这样写。")
    before = steps.by_key.get(step.after_key or "")
    publicised = step.starts is Starts.AFTER and before is not None and before.kind is StepKind.PUBLICISE
    if step.kind is StepKind.CLAIM and publicised and not waits:
        raise Refused(f"步骤“{step.name}”接在公示之后，请写明公示满多少日方可申请。")


def _is_visit(step: StepInput) -> bool:
    return step.kind is StepKind.VISIT


def _check_end(step: StepInput, steps: _Steps) -> None:
    """Refuse what no case could ever be concluded with: a step that is asked for and may never come to its turn."""
    if step.starts is Starts.LATE:
        _on_occasion(step, "只在另一步逾期时才办", "督办书这样的步骤没有期限：请去掉时限，把限办日期写进督办的内容")
    elif _is_visit(step):
        _on_occasion(step, "是回访，在办结以后进行", "回访没有期限：请去掉时限")
    if step.optional or step.kind is StepKind.PROGRESS:
        return
    for before in steps.before(step):
        if before.kind is StepKind.PROGRESS:
            why = "要一直反馈到本件办结"
        elif before.optional or before.starts is Starts.LATE or _is_visit(before):
            why = "可以不办"
        else:
            continue
        raise Refused(
            f"步骤“{step.name}”接在“{before.name}”之后，而“{before.name}”{why}。请改接别的步骤，或勾选“可以不办”。"
        )


def _on_occasion(step: StepInput, what: str, unlimited: str) -> None:
    if step.limit is not None:
        raise Refused(f"步骤“{step.name}”{what}，{unlimited}。")
    if not step.optional:
        raise Refused(f"步骤“{step.name}”{what}，请勾选“可以不办”。")


def _check_limits(step: StepInput) -> None:
    for limit, what in ((step.limit, "时限"), (step.statute, "法定时限")):
        if limit is not None:
            _check_limit(step, limit, what)
    _check_outer(step)


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
    if limit.extend_unit is not limit.unit:
        # An extension grants a number in the limit's own unit: 30个工作日 are no number of 日.
        plain = words_of(replace(limit, extend_amount=None, extend_unit=None))
        longest = words_of(LimitInput(limit.extend_amount, limit.extend_unit))
        raise Refused(
            f"步骤“{step.name}”的时限是{plain}，最长可延至却写成{longest}，两者的单位要一样。请换成同一单位，"
            "或者不填最长可延至。"
        )
    if limit.extend_amount < (limit.amount or 0):
        raise Refused(f"步骤“{step.name}”最长可延至的期限不能短于原来的时限。")
    try:
        longest_rule = extended(limit.as_rule(), limit.extend_amount, limit.extend_unit)
        resolve(longest_rule, event_at=ANY_EVENT, calendar=national())
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


def _check_circle(step: StepInput, steps: _Steps) -> None:
    if step.after_key != step.key and step in steps.chain(step):
        raise Refused(f"步骤“{step.name}”绕了一圈又接回自己，请改它接在哪一步之后。")
