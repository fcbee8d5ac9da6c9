"""时限: dates with their lights and reasons, as the duty's and the case's page show them."""

from dataclasses import dataclass, field
from typing import Any

from tracker.clock.wording import unstopped
from tracker.rules.lights import Light, Signal, hour_of
from tracker.rules.workflow import State
from tracker.store.duties.duty import DatedMilestone
from tracker.store.models import DeadlineRule, Milestone
from tracker.web.kit.words import due_words, milestone_signal


@dataclass(frozen=True, slots=True)
class ClockView:
    """One date: its words and light, what it is of, why it is that day, and what it was at first."""

    milestone: Milestone
    words: str
    light: Signal
    label: str
    tail: str = ""
    steps: list[dict[str, Any]] = field(default_factory=list)
    first: str = ""
    changed: str = ""

    @property
    def css(self) -> str:
        """Return what colours the date: late, soon or nothing."""
        if self.light.light in (Light.LATE, Light.WATCH):
            return "late"
        return "soon" if self.light.light is Light.SOON else ""

    @property
    def rule(self) -> DeadlineRule:
        return self.milestone.rule

    @property
    def watch(self) -> bool:
        return self.milestone.watch


def view(dated: DatedMilestone, state: State = State.IN_PROGRESS) -> ClockView:
    """Return a milestone as a page shows it; `state` is its duty's."""
    milestone = dated.milestone
    changed = dated.current.version != dated.first.version
    because = milestone.cancelled_because
    return ClockView(
        milestone=milestone,
        words=due_words(milestone),
        light=Signal(Light.NONE, because.label) if because else milestone_signal(milestone, state),
        label=what(milestone),
        tail="24:00" if milestone.due_on and not milestone.met_at and not hour_of(milestone.due_at) else "",
        steps=dated.current.explanation,
        first=due_words(dated.first) if changed else "",
        changed=unstopped(dated.current.why) if changed else "",  # its sentence goes on
    )


def what(milestone: Milestone) -> str:
    """Return what a date is of: the case's step, the period and its act, or the act alone."""
    rule = milestone.rule
    if milestone.case_step is not None:
        return f"办件 {milestone.case_step.case.number} · {milestone.case_step.name}"
    act = rule.act or ("反馈进展" if milestone.label else "办理完成")
    return f"{milestone.label} · {act}" if milestone.label else act
