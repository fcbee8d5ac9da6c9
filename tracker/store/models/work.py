"""What has to be done: tasks, duties, their dates, pauses, extensions, reports and evidence."""

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, TextClause, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.reading.plan import Role
from tracker.rules.labels import Labelled
from tracker.rules.phases import NOTHING_RUNS, Phase, position_of_duty
from tracker.rules.workflow import State
from tracker.store.core.base import Base, Key, Short, Words, choice
from tracker.store.models.documents import DeadlineRule, Document, Item
from tracker.store.models.people import User
from tracker.store.models.registry import Unit, UnitGroup
from tracker.store.models.versioned import Versioned

if TYPE_CHECKING:
    from tracker.store.models.cases import CaseStep

OPEN_MILESTONE = text("met_at IS NULL AND cancelled_at IS NULL")
LIVE_DUTY = text("state <> 'revoked'")
LEADING_DUTY = text("role = 'lead' AND state <> 'revoked'")
SUBMITTED_DUTY = text("state = 'submitted'")
WATCHED_DUTY = text("watch_at IS NOT NULL AND state <> 'revoked'")
RETURNED_REPORT = text("outcome = 'returned'")
WAITING_DUTY = text("phase = 'waiting' AND earliest_on IS NOT NULL AND state <> 'revoked'")


def _part(name: str, condition: TextClause, *columns: str) -> Index:
    """Return an index over the rows that meet a condition, which its queries have to say in the same words."""
    return Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


class ReportKind(StrEnum):
    """What a report is."""

    PROGRESS = "progress"  # 进展反馈
    SUBMISSION = "submission"  # 申请办结


class Outcome(StrEnum):
    """What the review of a submission said."""

    ACCEPTED = "accepted"
    RETURNED = "returned"


class Task(Base):
    """任务: one responsibility item of a document that has to be done."""

    __tablename__ = "tasks"
    __table_args__ = (UniqueConstraint("document_id", "key"),)
    id: Mapped[Key]
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), index=True)
    key: Mapped[str] = mapped_column(String(80))
    ordinal: Mapped[int]
    title: Mapped[Words]
    created_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]
    document: Mapped[Document] = relationship(lazy="raise")
    item: Mapped[Item] = relationship(lazy="raise")
    duties: Mapped[list["Duty"]] = relationship(back_populates="task", order_by="Duty.id", lazy="raise")


class Duty(Versioned, Base):
    """责任: one unit's share of a task.

    It carries its standing: from `jurisdiction_id` to `tallied_state`, what lists sort and filter by and what is added
    up in `DutyTally`.  All of it follows from its task, its own state and its milestones; services/core/standing.py
    alone writes it, in the transaction that changes them.
    """

    __tablename__ = "duties"
    __table_args__ = (
        UniqueConstraint("task_id", "unit_id"),
        Index(None, "unit_id", "state"),
        # One index an order and holder of a list; what is read beside the order stands at the end.
        _part(
            "ix_duties_place_due", LIVE_DUTY, "jurisdiction_id", "next_at", "document_id", "ordinal", "id", "unit_id"
        ),
        _part("ix_duties_place_key", LIVE_DUTY, "jurisdiction_id", "document_id", "ordinal", "id"),
        _part("ix_duties_document_due", LIVE_DUTY, "document_id", "next_at", "ordinal", "id", "unit_id"),
        _part("ix_duties_document_key", LIVE_DUTY, "document_id", "ordinal", "id"),
        _part("ix_duties_unit_due", LIVE_DUTY, "unit_id", "next_at", "document_id", "ordinal", "id"),
        _part("ix_duties_submitted", SUBMITTED_DUTY, "jurisdiction_id", "submitted_at", "id"),
        _part("ix_duties_watched", WATCHED_DUTY, "jurisdiction_id", "watch_at"),
        _part("ix_duties_unit_watched", WATCHED_DUTY, "unit_id", "watch_at"),
        Index("ix_duties_place_state", "jurisdiction_id", "state", "next_at", "document_id", "ordinal", "id"),
        _part("ix_duties_place_role", LIVE_DUTY, "jurisdiction_id", "role", "next_at", "document_id", "ordinal", "id"),
        # The tasks a unit leads, and what others do in them.
        _part("ix_duties_leading", LEADING_DUTY, "unit_id", "task_id"),
        _part("ix_duties_beside", LIVE_DUTY, "task_id", "unit_id", "next_at", "document_id", "ordinal", "id"),
        _part("ix_duties_waiting", WAITING_DUTY, "jurisdiction_id", "earliest_on", "document_id", "unit_id"),
    )
    id: Mapped[Key]
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    role: Mapped[Role] = mapped_column(choice(Role, "role"))
    via_group_id: Mapped[int | None] = mapped_column(ForeignKey("unit_groups.id"))
    state: Mapped[State] = mapped_column(choice(State, "state"), default=State.ASSIGNED)
    percent: Mapped[int] = mapped_column(default=0)
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)  # who signed for it
    assigned_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    reported_at: Mapped[datetime | None]  # the last report
    submitted_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]  # 暂停 since then; the interval is a Pause
    # A relative time limit waits for its event (待触发) as long as no case has been opened.
    awaits_event: Mapped[bool] = mapped_column(default=False)
    jurisdiction_id: Mapped[int] = mapped_column(ForeignKey("jurisdictions.id"))
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"))
    section: Mapped[str | None] = mapped_column(String(500))
    ordinal: Mapped[int]
    phase: Mapped[Phase] = mapped_column(choice(Phase, "phase"))
    next_at: Mapped[datetime]  # the nearest end of its own open dates, else a year of its phase's own
    watch_at: Mapped[datetime | None]  # the nearest end of another party's
    earliest_on: Mapped[date | None]
    # Of its dates that an act has decided (met, or put off late): how many, and how many of them on time.
    decided: Mapped[int] = mapped_column(default=0)
    met_by_first: Mapped[int] = mapped_column(default=0)
    met_by_present: Mapped[int] = mapped_column(default=0)
    open_days: Mapped[Words] = mapped_column(default="")  # of its open dates, as rules/phases.py writes them
    # The role and state under which it is added up; none before it is.
    tallied_role: Mapped[Role | None] = mapped_column(choice(Role, "tallied_role"))
    tallied_state: Mapped[State | None] = mapped_column(choice(State, "tallied_state"))
    task: Mapped[Task] = relationship(back_populates="duties", lazy="raise")
    unit: Mapped[Unit] = relationship(lazy="raise")
    via_group: Mapped[UnitGroup | None] = relationship(lazy="raise")
    officer: Mapped[User | None] = relationship(lazy="raise")

    @classmethod
    def of_task(cls, task: Task, unit_id: int, role: Role, now: datetime, via_group_id: int | None = None) -> "Duty":
        """Return a unit's new share of a task, whose document must be loaded; nothing of it runs yet."""
        position = position_of_duty(State.ASSIGNED, paused=False, awaits_event=False, running=NOTHING_RUNS)
        return cls(
            task=task,
            unit_id=unit_id,
            role=role,
            via_group_id=via_group_id,
            state=State.ASSIGNED,
            assigned_at=now,
            jurisdiction_id=task.document.jurisdiction_id,
            document_id=task.document.id,
            ordinal=task.ordinal,
            phase=position.phase,
            next_at=position.next_at,
        )

    @property
    def supporting(self) -> bool:
        return self.role is Role.SUPPORT


class DutyTally(Base):
    """责任统计: how many duties stand alike, and their decided dates added up; kept with the duties' own standing.

    A row that came to nothing stays: another duty will come to it.
    """

    __tablename__ = "duty_tallies"
    __table_args__ = (Index(None, "document_id"), Index(None, "unit_id"))
    jurisdiction_id: Mapped[int] = mapped_column(ForeignKey("jurisdictions.id"), primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True)
    role: Mapped[Role] = mapped_column(choice(Role, "role"), primary_key=True)
    state: Mapped[State] = mapped_column(choice(State, "state"), primary_key=True)
    phase: Mapped[Phase] = mapped_column(choice(Phase, "phase"), primary_key=True)
    number: Mapped[int]
    decided: Mapped[int]
    met_by_first: Mapped[int]
    met_by_present: Mapped[int]


class Cancellation(Labelled):
    """Why a milestone runs no more although nothing met it; its words stand where the date's light would."""

    REVOKED = "revoked", "责任已撤销"
    SUPPORTING = "supporting", "改为配合单位"
    COMPLETED = "completed", "已办结，不再要求"  # periods that had not begun by then
    PAUSED = "paused", "暂停期间不要求"  # a period that ended while its holder was paused
    EDITION = "edition", "新版本不再要求"
    RETURNED = "returned", "转办已退回"
    CASE_ENDED = "case_ended", "办件已办结"

    @property
    def regained(self) -> bool:
        """Whether a duty that is restored gets back what fell away so: what was taken from it, not what had ended."""
        return self in (Cancellation.REVOKED, Cancellation.SUPPORTING)


class Milestone(Base):
    """节点: one resolved date, held by exactly one duty or one case step.

    `unit_id` is the unit that answers for it, `jurisdiction_id` the place whose calendar counts, `answering_duty_id`
    the duty in whose figures it stands (the holder, or its case's handler; none for a case outside any document):
    copies that let every list ask one indexed question.  `watch` marks another party's clock (■ 对方逾期), which
    enters no unit's figures.

    What its date is counted from is kept beside it, so that it can be counted again: `event_at`, the total
    `granted_amount` of an extension (in the rule's unit), or `fixed_on`, a date set by a person in the rule's place.
    """

    __tablename__ = "milestones"
    __table_args__ = (
        CheckConstraint("(duty_id IS NULL) <> (case_step_id IS NULL)", name="one_holder"),
        CheckConstraint("(cancelled_at IS NULL) = (cancelled_because IS NULL)", name="cancelled_for_a_cause"),
        UniqueConstraint("duty_id", "rule_id", "occurrence"),
        UniqueConstraint("case_step_id", "rule_id", "occurrence"),
        # What is due, and nothing else: the worker's and every list's question.
        Index("ix_milestones_open_due_at", "due_at", sqlite_where=OPEN_MILESTONE, postgresql_where=OPEN_MILESTONE),
        Index(
            "ix_milestones_open_answering",
            "answering_duty_id",
            "due_at",
            sqlite_where=OPEN_MILESTONE,
            postgresql_where=OPEN_MILESTONE,
        ),
        Index(
            "ix_milestones_open_unit", "unit_id", "due_at", sqlite_where=OPEN_MILESTONE, postgresql_where=OPEN_MILESTONE
        ),
        Index(
            "ix_milestones_open_jurisdiction",
            "jurisdiction_id",
            "due_at",
            sqlite_where=OPEN_MILESTONE,
            postgresql_where=OPEN_MILESTONE,
        ),
        Index(None, "answering_duty_id"),
        Index(None, "rule_id"),
    )
    id: Mapped[Key]
    duty_id: Mapped[int | None] = mapped_column(ForeignKey("duties.id"))
    case_step_id: Mapped[int | None] = mapped_column(ForeignKey("case_steps.id"))
    answering_duty_id: Mapped[int | None] = mapped_column(ForeignKey("duties.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    jurisdiction_id: Mapped[int] = mapped_column(ForeignKey("jurisdictions.id"))
    rule_id: Mapped[int] = mapped_column(ForeignKey("deadline_rules.id"))
    occurrence: Mapped[int] = mapped_column(default=0)
    label: Mapped[str | None] = mapped_column(String(60))  # 2026年11月
    opens_on: Mapped[date | None]  # a period's first day: reports count for it from here
    due_on: Mapped[date | None]
    due_at: Mapped[datetime | None]
    first_due_at: Mapped[datetime | None]  # that of its first date, which never changes
    earliest_on: Mapped[date | None]
    event_at: Mapped[datetime | None]
    granted_amount: Mapped[int | None]
    fixed_on: Mapped[date | None]
    missed_at: Mapped[datetime | None]  # the end it had run past when it was put off: it stays counted as missed
    provisional: Mapped[bool] = mapped_column(default=False)
    calendar_version: Mapped[str] = mapped_column(String(40))
    watch: Mapped[bool] = mapped_column(default=False)
    submitted_at: Mapped[datetime | None]  # under review: neither met nor overdue
    paused_at: Mapped[datetime | None]  # its holder is paused: neither due nor overdue
    met_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancelled_because: Mapped[Cancellation | None] = mapped_column(choice(Cancellation, "cancelled_because"))
    version: Mapped[int] = mapped_column(default=1)  # of its date
    rule: Mapped[DeadlineRule] = relationship(lazy="raise")
    duty: Mapped[Duty | None] = relationship(foreign_keys=[duty_id], lazy="raise")
    case_step: Mapped["CaseStep | None"] = relationship(lazy="raise")
    answering_duty: Mapped[Duty | None] = relationship(foreign_keys=[answering_duty_id], lazy="raise")
    unit: Mapped[Unit] = relationship(lazy="raise")

    def cancel(self, now: datetime, because: Cancellation) -> None:
        """Let it run no more, and say why."""
        self.cancelled_at, self.cancelled_because = now, because

    def revive(self) -> None:
        """Let it run again, under review no more."""
        self.cancelled_at = self.cancelled_because = self.submitted_at = None


class MilestoneDate(Base):
    """One date a milestone has had; rows are appended, version 1 never changes."""

    __tablename__ = "milestone_dates"
    __table_args__ = (UniqueConstraint("milestone_id", "version"),)
    id: Mapped[Key]
    milestone_id: Mapped[int] = mapped_column(ForeignKey("milestones.id"))
    version: Mapped[int]
    due_on: Mapped[date | None]
    due_at: Mapped[datetime | None]
    earliest_on: Mapped[date | None]
    provisional: Mapped[bool]
    calendar_version: Mapped[str] = mapped_column(String(40))
    # 为什么是这一天: [{"text", "on", "article"}, …]
    explanation: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    why: Mapped[Short]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]
    recalculation_id: Mapped[int | None] = mapped_column(ForeignKey("recalculations.id"), index=True)
    milestone: Mapped[Milestone] = relationship(lazy="raise")
    by: Mapped[User | None] = relationship(lazy="raise")


class Pause(Base):
    """暂停: an interval in which the counted clocks of a duty or a case do not run; open while `until_at` is null.

    The day it begins on still counts and so does none until the day it ends on, which does not count either
    (民法典 201): the days of the half-open interval (from, until] are left out.
    """

    __tablename__ = "pauses"
    __table_args__ = (
        CheckConstraint("(duty_id IS NULL) <> (case_id IS NULL)", name="one_holder"),
        CheckConstraint("until_at IS NULL OR until_at >= from_at", name="in_order"),
        Index(None, "duty_id"),
        Index(None, "case_id"),
    )
    id: Mapped[Key]
    duty_id: Mapped[int | None] = mapped_column(ForeignKey("duties.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    from_at: Mapped[datetime]
    until_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(500))
    authority: Mapped[str] = mapped_column(String(200))  # 依据: 行政许可法 45
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    ended_at: Mapped[datetime | None]


class ExtensionState(Labelled):
    """Where a request for more time, or for a pause, stands."""

    PENDING = "pending", "待审批"
    GRANTED = "granted", "已批准"
    REFUSED = "refused", "未批准"


class Extension(Base):
    """延期: a request for more time, by a new total in the rule's own unit or by a date, and what was decided."""

    __tablename__ = "extensions"
    __table_args__ = (
        CheckConstraint("(amount IS NULL) <> (wanted_on IS NULL)", name="one_wish"),
        Index(None, "milestone_id"),
        Index(None, "state"),
    )
    id: Mapped[Key]
    milestone_id: Mapped[int] = mapped_column(ForeignKey("milestones.id"))
    amount: Mapped[int | None]
    wanted_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(String(500))
    state: Mapped[ExtensionState] = mapped_column(choice(ExtensionState, "state"), default=ExtensionState.PENDING)
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(String(500))
    milestone: Mapped[Milestone] = relationship(lazy="raise")
    by: Mapped[User] = relationship(foreign_keys=[by_id], lazy="raise")
    decided_by: Mapped[User | None] = relationship(foreign_keys=[decided_by_id], lazy="raise")


class RecalculationKind(StrEnum):
    """What changed, so that dates had to be counted again."""

    CALENDAR = "calendar"  # a version of the calendar: subject_id is CalendarVersion.id
    ISSUE_DATE = "issue_date"  # 印发日期: Document.id
    EVENT = "event"  # 事件日期: Case.id


class Recalculation(Base):
    """重新计算: one job that gave many milestones a new date at once."""

    __tablename__ = "recalculations"
    __table_args__ = (Index(None, "jurisdiction_id"),)
    id: Mapped[Key]
    jurisdiction_id: Mapped[int] = mapped_column(ForeignKey("jurisdictions.id"))
    kind: Mapped[RecalculationKind] = mapped_column(choice(RecalculationKind, "kind"))
    subject_id: Mapped[int]
    why: Mapped[Short]
    changed: Mapped[int]  # how many milestones
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]


class Report(Base):
    """进展反馈, or a submission for completion with its review."""

    __tablename__ = "reports"
    __table_args__ = (
        Index(None, "duty_id"),
        Index(None, "milestone_id"),
        Index(None, "reviewed_at"),
        _part("ix_reports_returned", RETURNED_REPORT, "duty_id"),
    )
    id: Mapped[Key]
    duty_id: Mapped[int] = mapped_column(ForeignKey("duties.id"))
    kind: Mapped[ReportKind] = mapped_column(choice(ReportKind, "kind"))
    percent: Mapped[int]
    text: Mapped[Words]
    milestone_id: Mapped[int | None] = mapped_column(ForeignKey("milestones.id"))  # the period it reports on
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]
    outcome: Mapped[Outcome | None] = mapped_column(choice(Outcome, "outcome"))
    reviewed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reviewed_at: Mapped[datetime | None]
    review_note: Mapped[Words | None]
    attachments: Mapped[list["Attachment"]] = relationship(order_by="Attachment.id", lazy="raise")
    by: Mapped[User] = relationship(foreign_keys=[by_id], lazy="raise")
    milestone: Mapped[Milestone | None] = relationship(lazy="raise")


class Attachment(Base):
    """佐证材料: one file of a report or of a case's record; its bytes lie under their sha256, its name is no path."""

    __tablename__ = "attachments"
    __table_args__ = (
        CheckConstraint("(report_id IS NULL) <> (case_record_id IS NULL)", name="one_holder"),
        Index(None, "report_id"),
        Index(None, "case_record_id"),
    )
    id: Mapped[Key]
    report_id: Mapped[int | None] = mapped_column(ForeignKey("reports.id"))
    case_record_id: Mapped[int | None] = mapped_column(ForeignKey("case_records.id"))
    filename: Mapped[Short]
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
