"""One thing a mail tells of (事项): a clock with its state now, or a duty to sign for."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from tracker.clock.rules import Kind
from tracker.clock.wording import shanghai
from tracker.ladder import Level, Signal
from tracker.store.models import Duty, Milestone

LATE, TODAY, SOON, NEW, AVAILABLE = (
    Level.LATE_1.label,
    Level.DAY.label,
    Level.BEFORE_3.label,
    Level.ASSIGNED.label,
    Level.AVAILABLE.label,
)
GROUPS = (LATE, TODAY, SOON, NEW, AVAILABLE)
# A longer act is said by the clause that is quoted.
LONGEST_ACT = 12
_TICK = timedelta(microseconds=1)


@dataclass(slots=True)
class Matter:
    """What one reader is told, once, in the group of its urgency."""

    duty: Duty
    milestone: Milestone | None  # of a new duty: its first date, if it has one
    group: str
    signal: Signal
    as_head: bool  # told to the unit head, who urges the officer
    unsigned: bool

    @property
    def watch(self) -> bool:
        return self.milestone is not None and self.milestone.watch

    @property
    def due_day(self) -> date | None:
        """The day it ends, or from which it may be asked for."""
        return None if self.milestone is None else day_of(self.milestone)

    @property
    def name(self) -> str:
        """What it is about: the case's step, or the task."""
        m = self.milestone
        if m is not None and m.case_step is not None:
            return f"办件 {m.case_step.case.number} {m.case_step.name}"
        return flat(self.duty.task.title)

    @property
    def title(self) -> str:
        """Its name, with the period a report is for."""
        m = self.milestone
        return f"{self.name}（{m.label}）" if m is not None and m.label else self.name

    @property
    def reported(self) -> bool:
        """Whether a report meets it."""
        return self.milestone is not None and self.milestone.rule.kind is Kind.RECURRING

    @property
    def act(self) -> str:
        """What is asked for: the step's name, a report, the act the document names, or completion."""
        m = self.milestone
        if m is None:
            return "办结"
        if m.case_step is not None:
            return m.case_step.name if len(m.case_step.name) <= LONGEST_ACT else "办理"
        act = m.rule.act if m.rule.act and len(m.rule.act) <= LONGEST_ACT else "办结"
        return "反馈进展" if self.reported else act


def day_of(milestone: Milestone) -> date | None:
    """Return the Shanghai day on which a clock ends, or a waiting period's first day after it."""
    if milestone.due_at is None:
        return milestone.earliest_on
    # The end of a day is the next day's midnight and still belongs to the day it ends.
    return milestone.due_on or (shanghai(milestone.due_at) - _TICK).date()


def flat(text: str) -> str:
    """Return text on one line: line breaks of print go, other space becomes one."""
    return " ".join(re.sub(r"[ \t　]*[\r\n]+[ \t　]*", "", text).split())


def cut(text: str, longest: int) -> str:
    """Return text of at most so many characters, its cut shown."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
