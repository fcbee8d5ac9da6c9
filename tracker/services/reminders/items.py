"""One thing a mail tells of (事项): a clock with its state now, what is to be signed for, a date counted again."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from tracker.clock.rules import Kind
from tracker.now import shanghai
from tracker.rules.ladder import Level, Signal
from tracker.store.models import Case, Duty, Jurisdiction, MemberRole, Milestone, MilestoneDate, Referral, Unit

LATE, TODAY, SOON, NEW, REFERRED, AVAILABLE, CHANGED, CALENDAR = (
    Level.LATE_1.label,
    Level.DAY.label,
    Level.BEFORE_3.label,
    Level.ASSIGNED.label,
    Level.REFERRED.label,
    Level.AVAILABLE.label,
    Level.CHANGED.label,
    Level.CALENDAR.label,
)
SENT_BACK, RETURNED, REGISTERED, ASKED, SUBMITTED, DECIDED, ACCEPTED = OUTCOMES = (
    Level.SENT_BACK.label,
    Level.RETURNED.label,
    Level.REGISTERED.label,
    Level.EXTENSION_ASKED.label,
    Level.SUBMITTED.label,
    Level.EXTENSION_DECIDED.label,
    Level.ACCEPTED.label,
)
TO_CHASE = "（需督促）"
"""Added where the reader does not act but sees to it that others do: a head, a supervisor, a leader."""
LATE_CHASED, UNSIGNED = LATE + TO_CHASE, Level.UNSIGNED_2.label
UNSIGNED_CHASED = UNSIGNED + TO_CHASE
GROUPS = (
    LATE, LATE_CHASED, TODAY, SOON, UNSIGNED, UNSIGNED_CHASED, NEW, REFERRED, *OUTCOMES, AVAILABLE, CHANGED, CALENDAR,
)  # fmt: skip
# A longer act is said by the clause that is quoted.
LONGEST_ACT = 12
_TICK = timedelta(microseconds=1)


@dataclass(slots=True)
class Matter:
    """What one reader is told, once, in the group of its urgency."""

    group: str
    signal: Signal
    duty: Duty | None = None  # in whose figures it stands; none of a case outside any document
    milestone: Milestone | None = None  # of a new duty: its first date, if it has one
    referral: Referral | None = None
    place: Jurisdiction | None = None  # whose calendar lacks the notice of `years`
    years: tuple[int, ...] = ()
    was: MilestoneDate | None = None  # the date it had before it was counted again
    as_head: bool = False  # told to the unit head, who urges the officer
    overseer: MemberRole | None = None  # told to a supervisor or a leader, who urges the unit
    unsigned: bool = False
    as_supervisor: bool = False  # told to a supervisor of the place, who decides
    told_case: Case | None = None  # registered for the unit, or returned to it
    registered: bool = False  # its clock is told of in the mail that would say its case is new
    said: str = ""  # what whoever acted gave as a reason
    granted: bool = False  # more time was given

    @property
    def as_officer(self) -> bool:
        """Whether its reader is of the unit that acts."""
        return not (self.chased or self.as_supervisor)

    @property
    def chased(self) -> bool:
        """Whether the reader does not act himself but urges others."""
        return self.as_head or self.overseer is not None

    @property
    def watch(self) -> bool:
        return self.milestone is not None and self.milestone.watch

    @property
    def case(self) -> Case | None:
        """The case it belongs to, if it does."""
        if self.told_case is not None:
            return self.told_case
        if self.referral is not None:
            return self.referral.case
        step = self.milestone.case_step if self.milestone is not None else None
        return step.case if step is not None else None

    @property
    def unit(self) -> Unit | None:
        """The unit that has to act; none where an administrator has."""
        if self.duty is not None:
            return self.duty.unit
        if self.told_case is not None:
            return self.told_case.unit
        if self.referral is not None:
            return self.referral.to_unit
        return self.milestone.unit if self.milestone is not None else None

    @property
    def place_id(self) -> int | None:
        """The jurisdiction it belongs to."""
        if self.duty is not None:
            return self.duty.task.document.jurisdiction_id
        if self.case is not None:
            return self.case.jurisdiction_id
        return self.place.id if self.place is not None else None

    @property
    def due_day(self) -> date | None:
        """The day it ends, from which it may be asked for, or until which it may be returned."""
        if self.referral is not None:
            return self.referral.object_until
        return None if self.milestone is None else day_of(self.milestone)

    @property
    def to_the_hour(self) -> bool:
        """Whether it ends at an hour and not with its day."""
        m = self.milestone
        return m is not None and m.due_on is None and m.due_at is not None

    @property
    def key(self) -> str:
        """The number it is known by: the measure's, or the case's where it stands under no duty."""
        if self.duty is not None:
            return self.duty.task.key
        return self.case.number if self.case is not None else ""

    @property
    def name(self) -> str:
        """What it is about: the task, the case's step, the notice that is missing."""
        if self.place is not None:
            return f"{self.place.name}{'、'.join(f'{year}年' for year in self.years)}放假通知尚未载入"
        if self.told_case is not None:
            return self.told_case.reference
        if self.referral is not None:
            return f"转办 {self.referral.case.reference}"
        step = self.milestone.case_step if self.milestone is not None else None
        if self.duty is None:
            return f"{step.name} {step.case.reference}" if step is not None else ""
        return f"办件 {step.case.number} {step.name}" if step is not None else flat(self.duty.task.title)

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


def day_of(dated: Milestone | MilestoneDate) -> date | None:
    """Return the Shanghai day on which a clock ends, or a waiting period's first day after it."""
    if dated.due_at is None:
        return dated.earliest_on
    # The end of a day is the next day's midnight and still belongs to the day it ends.
    return dated.due_on or (shanghai(dated.due_at) - _TICK).date()


def flat(text: str) -> str:
    """Return text on one line: line breaks of print go, other space becomes one."""
    return " ".join(re.sub(r"[ \t　]*[\r\n]+[ \t　]*", "", text).split())


def cut(text: str, longest: int) -> str:
    """Return text of at most so many characters, its cut shown."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
