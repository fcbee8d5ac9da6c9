"""One thing a mail tells of (事项): a clock with its state now, what is to be signed for, a date counted again."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from tracker.clock.rules import Kind
from tracker.now import shanghai
from tracker.rules.labels import Labelled
from tracker.rules.lights import Light, Signal
from tracker.store.models import Case, Duty, Jurisdiction, MemberRole, Milestone, MilestoneDate, Referral, Unit

TO_CHASE = "（需督促）"
"""Added where the reader does not act but sees to it that others do: a head, a supervisor, a leader."""


class Group(Labelled):
    """In which group of a mail (邮件分组) a thing is told of, most urgent first.

    Beside its word stand the light that gives its heading a shape, and what a subject asks where all is of one group.
    """

    LATE = "late", "逾期", Light.LATE
    LATE_CHASED = "late_chased", f"逾期{TO_CHASE}", Light.LATE, "请督促"
    TODAY = "today", "今日到期", Light.SOON
    SOON = "soon", "临期", Light.SOON
    UNSIGNED = "unsigned", "未签收", Light.SOON, "请签收"
    UNSIGNED_CHASED = "unsigned_chased", f"未签收{TO_CHASE}", Light.SOON, "请督促"
    NEW = "new", "新交办", Light.WAIT, "请签收"
    REFERRED = "referred", "新转办", Light.WAIT, "请签收"
    SENT_BACK = "sent_back", "退回修改", Light.SOON, "请修改"
    RETURNED = "returned", "退回的办件", Light.SOON, "请重新转办"
    REGISTERED = "registered", "新登记办件", Light.WAIT
    ASKED = "asked", "延期申请", Light.REVIEW, "请审批"
    SUBMITTED = "submitted", "待审核", Light.REVIEW, "请审核"
    DECIDED = "decided", "延期决定", Light.WAIT, "请查看"
    ACCEPTED = "accepted", "审核通过", Light.DONE, "请查看"
    AVAILABLE = "available", "可以申请", Light.FINE
    CHANGED = "changed", "时限调整", Light.WAIT, "请查看"
    CALENDAR = "calendar", "放假安排", Light.WAIT, "请载入"

    light: Light
    asks: str

    def __init__(self, _value: str, _label: str = "", light: Light = Light.WAIT, asks: str = "请办理") -> None:
        """Keep what stands beside the word."""
        self.light, self.asks = light, asks

    @property
    def plain(self) -> "Group":
        """The same without who has to act: what is chased is counted with what one does oneself."""
        return {Group.LATE_CHASED: Group.LATE, Group.UNSIGNED_CHASED: Group.UNSIGNED}.get(self, self)


ORDER = {group: place for place, group in enumerate(Group)}
OUTCOME_GROUPS = (
    Group.SENT_BACK, Group.RETURNED, Group.REGISTERED, Group.ASKED, Group.SUBMITTED, Group.DECIDED, Group.ACCEPTED,
)  # fmt: skip
# A longer act is said by the clause that is quoted.
LONGEST_ACT = 12
_TICK = timedelta(microseconds=1)


@dataclass(slots=True)
class Matter:
    """What one reader is told, once, in the group of its urgency."""

    group: Group
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
