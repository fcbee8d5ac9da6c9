"""The ledger of cases (办件台账): types with their steps as data, cases, referrals, records, and whom they are from."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.rules.labels import Labelled
from tracker.rules.phases import BEYOND, NOTHING_KNOWN, Phase
from tracker.store.core.base import Base, Key, Short, Words, choice
from tracker.store.models.documents import DeadlineRule, Document
from tracker.store.models.people import User
from tracker.store.models.registry import Jurisdiction, Unit
from tracker.store.models.versioned import Versioned
from tracker.store.models.work import Attachment, Duty, ExtensionState, Milestone, Task


class StepKind(Labelled):
    """What act a step asks for: its form and its effect."""

    ACCEPT = "accept", "受理", "受理情况", "受理"
    REFER = "refer", "转办"  # to a unit, which signs
    HANDLE = "handle", "办理"  # a result in words
    ANSWER = "answer", "答复", "答复的内容和方式"  # whom the case is from
    VERIFY = "verify", "核实", "核实结果"
    REFUND = "refund", "返还", "返还情况", "记录返还"  # a sum and a date
    PUBLICISE = "publicise", "公示", "公示内容"  # start, end, place
    CLAIM = "claim", "申请", "申请情况"  # what a waiting period allows
    PROGRESS = "progress", "反馈进展", "本期进展", "提交反馈"  # period by period until the case is done
    LETTER = "letter", "督办书", "督办的事项和要求", "发出督办书"
    VISIT = "visit", "回访", "回访情况"

    account: str
    button: str

    def __init__(self, _value: str, _label: str = "", account: str = "办理情况", button: str = "办结这一步") -> None:
        """Keep what has to be written of such a step, and what its button says."""
        self.account, self.button = account, button


class Starts(Labelled):
    """When a step's clock starts."""

    EVENT = "event", "起算事件发生时"  # the case's own event: received, contract signed
    ACCEPTED = "accepted", "正式受理时"  # formal acceptance
    AFTER = "after", "另一步办结后"  # another step is done
    LATE = "late", "另一步逾期时"  # another step is overdue: offered then, without a clock unless it has a limit


class Bound(Labelled):
    """Who is bound by a step."""

    HANDLER = "handler", "办理单位"  # the unit that handles the case
    REFERRED = "referred", "接收转办的单位"  # the unit it was referred to
    OTHER = "other", "对方（由办理单位督促）"  # another party: a watch clock


class CaseType(Versioned, Base):
    """办件类型: what sort of case, with its steps and limits in versions; running cases keep theirs."""

    __tablename__ = "case_types"
    __table_args__ = (UniqueConstraint("jurisdiction_id", "code"),)
    id: Mapped[Key]
    jurisdiction_id: Mapped[int] = mapped_column(ForeignKey("jurisdictions.id"))
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[Short]
    active: Mapped[bool] = mapped_column(default=True)
    # Made from a document's relative time limit: its cases stand under that measure's task.
    document_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"), index=True)
    measure_key: Mapped[str | None] = mapped_column(String(60))
    jurisdiction: Mapped[Jurisdiction] = relationship(lazy="raise")
    document: Mapped[Document | None] = relationship(lazy="raise")
    versions: Mapped[list["CaseTypeVersion"]] = relationship(
        back_populates="type", order_by="CaseTypeVersion.number", lazy="raise"
    )


class CaseTypeVersion(Base):
    """One version of a type; never changed once a case has been opened from it, the highest number is in use."""

    __tablename__ = "case_type_versions"
    __table_args__ = (UniqueConstraint("type_id", "number"),)
    id: Mapped[Key]
    type_id: Mapped[int] = mapped_column(ForeignKey("case_types.id"))
    number: Mapped[int]
    event: Mapped[Short]  # what opens a case: 收到投诉, 签订书面合同
    note: Mapped[str | None] = mapped_column(String(500))  # why this version
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    type: Mapped[CaseType] = relationship(back_populates="versions", lazy="raise")
    steps: Mapped[list["CaseTypeStep"]] = relationship(
        order_by="CaseTypeStep.ordinal", lazy="raise", cascade="all, delete-orphan"
    )


class CaseTypeStep(Base):
    """One step of a type: what, when its clock starts, whom it binds, its limit and the statute's outer limit."""

    __tablename__ = "case_type_steps"
    __table_args__ = (UniqueConstraint("version_id", "ordinal"), UniqueConstraint("version_id", "key"))
    id: Mapped[Key]
    version_id: Mapped[int] = mapped_column(ForeignKey("case_type_versions.id"))
    ordinal: Mapped[int]
    key: Mapped[str] = mapped_column(String(40))
    name: Mapped[Short]
    kind: Mapped[StepKind] = mapped_column(choice(StepKind, "kind"))
    variant: Mapped[str | None] = mapped_column(String(40))  # 咨询类: only cases of that sort have this step
    starts: Mapped[Starts] = mapped_column(choice(Starts, "starts"))
    after_key: Mapped[str | None] = mapped_column(String(40))
    bound: Mapped[Bound] = mapped_column(choice(Bound, "bound"), default=Bound.HANDLER)
    optional: Mapped[bool] = mapped_column(default=False)  # a case can be concluded without it
    rule_id: Mapped[int | None] = mapped_column(ForeignKey("deadline_rules.id"), index=True)
    statute_rule_id: Mapped[int | None] = mapped_column(ForeignKey("deadline_rules.id"))
    rule: Mapped[DeadlineRule | None] = relationship(foreign_keys=[rule_id], lazy="raise")
    statute_rule: Mapped[DeadlineRule | None] = relationship(foreign_keys=[statute_rule_id], lazy="raise")


class Satisfaction(Labelled):
    """What whom the case is from says of its handling (回访)."""

    CONTENT = "content", "满意"
    FAIR = "fair", "基本满意"
    DISCONTENT = "discontent", "不满意"
    UNREACHED = "unreached", "未联系上"


OPEN_CASE = text("closed_at IS NULL")


class Case(Versioned, Base):
    """办件: one real event, handled by a unit; its complainant stands apart and no list reads him."""

    __tablename__ = "cases"
    __table_args__ = (
        UniqueConstraint("jurisdiction_id", "number"),
        Index(None, "unit_id", "closed_at"),
        Index(None, "jurisdiction_id", "closed_at"),
        Index(None, "type_version_id"),
        # The order of a list, for whoever sees a place and for whoever handles.
        Index("ix_cases_place_due", "jurisdiction_id", "next_at", "id"),
        Index("ix_cases_unit_due", "unit_id", "next_at", "id"),
        Index("ix_cases_opened_due", "opened_by_id", "next_at", "id"),
        Index("ix_cases_place_happened", "jurisdiction_id", "happened_at", "id"),
        Index("ix_cases_place_left", "jurisdiction_id", "left_fen", "id"),
        Index("ix_cases_place_number", "jurisdiction_id", "id"),
        Index("ix_cases_place_accused", "jurisdiction_id", "accused_unit_id"),
        # The lights of those still handled, counted without reading a row.
        Index(
            "ix_cases_lit", "jurisdiction_id", "phase", "next_at", "own_at", "watch_at", "earliest_on", "closed_at",
            sqlite_where=OPEN_CASE, postgresql_where=OPEN_CASE,
        ),
        # What the worker asks every minute: those still handled.
        Index("ix_cases_open", "unit_id", sqlite_where=OPEN_CASE, postgresql_where=OPEN_CASE),
    )  # fmt: skip
    id: Mapped[Key]
    jurisdiction_id: Mapped[int] = mapped_column(ForeignKey("jurisdictions.id"))
    number: Mapped[str] = mapped_column(String(20))
    type_version_id: Mapped[int] = mapped_column(ForeignKey("case_type_versions.id"))
    variant: Mapped[str | None] = mapped_column(String(40))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))  # who handles it
    # The measure it stands under, where a document asks for it.
    task_id: Mapped[int | None] = mapped_column(ForeignKey("tasks.id"), index=True)
    duty_id: Mapped[int | None] = mapped_column(ForeignKey("duties.id"), index=True)
    event: Mapped[Short]  # the event's own words (正式受理)
    happened_at: Mapped[datetime]
    happened_on: Mapped[date]  # its day in Shanghai
    accepted_at: Mapped[datetime | None]
    reference: Mapped[str] = mapped_column(String(60))  # a short label, never a complainant's name or phone
    channel: Mapped[str | None] = mapped_column(String(40))  # 来源: 来信, 12345热线
    firm: Mapped[str | None] = mapped_column(String(200))
    content: Mapped[Words | None]
    owed_fen: Mapped[int | None] = mapped_column(BigInteger)  # sums in 分: whole numbers add up on both databases
    refunded_fen: Mapped[int] = mapped_column(BigInteger, default=0)
    accused_unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"), index=True)  # 被投诉单位
    accused: Mapped[str | None] = mapped_column(String(200))  # the same as text, where it is no unit of the registry
    form_key: Mapped[str] = mapped_column(String(40), unique=True)  # the form that opened it: posted twice, one case
    opened_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    opened_at: Mapped[datetime]
    paused_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    conclusion: Mapped[str | None] = mapped_column(String(1000))
    satisfaction: Mapped[Satisfaction | None] = mapped_column(choice(Satisfaction, "satisfaction"))
    # Its standing, which follows from its state and its open steps' dates: services/core/standing.py writes it.
    phase: Mapped[Phase] = mapped_column(choice(Phase, "phase"), default=Phase.UNDATED)
    next_at: Mapped[datetime] = mapped_column(default=BEYOND[Phase.UNDATED])  # the nearest end, its own or another's
    own_at: Mapped[datetime | None]
    watch_at: Mapped[datetime | None]
    earliest_on: Mapped[date | None]
    # What is owed and not yet refunded, for the order of a list; behind all sums where nobody knows what is owed.
    left_fen: Mapped[int] = mapped_column(BigInteger, default=NOTHING_KNOWN)
    # The sums with which it is added up; none refunded is no sum at all before it is.
    tallied_owed_fen: Mapped[int | None] = mapped_column(BigInteger)
    tallied_refunded_fen: Mapped[int | None] = mapped_column(BigInteger)
    jurisdiction: Mapped[Jurisdiction] = relationship(lazy="raise")
    type_version: Mapped[CaseTypeVersion] = relationship(lazy="raise")
    unit: Mapped[Unit] = relationship(foreign_keys=[unit_id], lazy="raise")
    accused_unit: Mapped[Unit | None] = relationship(foreign_keys=[accused_unit_id], lazy="raise")
    task: Mapped[Task | None] = relationship(lazy="raise")
    duty: Mapped[Duty | None] = relationship(lazy="raise")
    opened_by: Mapped[User] = relationship(lazy="raise")
    steps: Mapped[list["CaseStep"]] = relationship(back_populates="case", order_by="CaseStep.ordinal", lazy="raise")


class CaseTally(Base):
    """办件统计: how many cases stand alike, and their sums in 分; kept with the cases' own standing."""

    __tablename__ = "case_tallies"
    __table_args__ = (Index(None, "unit_id"), Index(None, "type_version_id"))
    jurisdiction_id: Mapped[int] = mapped_column(ForeignKey("jurisdictions.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True)
    type_version_id: Mapped[int] = mapped_column(ForeignKey("case_type_versions.id"), primary_key=True)
    phase: Mapped[Phase] = mapped_column(choice(Phase, "phase"), primary_key=True)
    number: Mapped[int]
    owed_fen: Mapped[int] = mapped_column(BigInteger)
    refunded_fen: Mapped[int] = mapped_column(BigInteger)  # where the sum owed is known
    beside_fen: Mapped[int] = mapped_column(BigInteger)  # where it is not


class Complainant(Base):
    """来件人: the personal data of whom a case is from, shown masked unless asked for by those who handle it."""

    __tablename__ = "complainants"
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    name: Mapped[str | None] = mapped_column(String(100))
    phone: Mapped[str | None] = mapped_column(String(60))
    address: Mapped[str | None] = mapped_column(String(200))


class CaseStep(Base):
    """办件步骤: one act a case asks for (转办), closed by its own action; its clock starts at `started_at`."""

    __tablename__ = "case_steps"
    __table_args__ = (UniqueConstraint("case_id", "ordinal"), Index(None, "unit_id"))
    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    ordinal: Mapped[int]
    key: Mapped[str | None] = mapped_column(String(40))  # that of its type's step
    name: Mapped[Short]
    kind: Mapped[StepKind] = mapped_column(choice(StepKind, "kind"), default=StepKind.HANDLE)
    starts: Mapped[Starts] = mapped_column(choice(Starts, "starts"), default=Starts.EVENT)
    after_key: Mapped[str | None] = mapped_column(String(40))
    bound: Mapped[Bound] = mapped_column(choice(Bound, "bound"), default=Bound.HANDLER)
    optional: Mapped[bool] = mapped_column(default=False)
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))  # whom it binds, once that is known
    rule_id: Mapped[int | None] = mapped_column(ForeignKey("deadline_rules.id"), index=True)
    statute_rule_id: Mapped[int | None] = mapped_column(ForeignKey("deadline_rules.id"))
    started_at: Mapped[datetime | None]  # the instant its clock counts from
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    cancelled_at: Mapped[datetime | None]  # not asked for any more
    note: Mapped[str | None] = mapped_column(String(1000))
    case: Mapped[Case] = relationship(back_populates="steps", lazy="raise_on_sql")
    unit: Mapped[Unit | None] = relationship(lazy="raise")
    rule: Mapped[DeadlineRule | None] = relationship(foreign_keys=[rule_id], lazy="raise")
    statute_rule: Mapped[DeadlineRule | None] = relationship(foreign_keys=[statute_rule_id], lazy="raise")


OPEN_REFERRAL = text("signed_at IS NULL AND returned_at IS NULL")
RETURNED_REFERRAL = text("returned_at IS NOT NULL")
PENDING_REQUEST = text("state = 'pending'")
INTAKE = text("kind = 'intake'")


class Referral(Base):
    """转办: a case handed to a unit, which signs for it or returns it within the days it may object."""

    __tablename__ = "referrals"
    __table_args__ = (
        CheckConstraint("signed_at IS NULL OR returned_at IS NULL OR returned_at >= signed_at", name="in_order"),
        Index(None, "case_id"),
        Index(None, "to_unit_id", "signed_at"),
        # What the worker asks every minute: those nobody has signed for yet.
        Index("ix_referrals_open", "to_unit_id", sqlite_where=OPEN_REFERRAL, postgresql_where=OPEN_REFERRAL),
        Index(
            "ix_referrals_returned", "returned_at", sqlite_where=RETURNED_REFERRAL, postgresql_where=RETURNED_REFERRAL
        ),
    )
    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    step_id: Mapped[int] = mapped_column(ForeignKey("case_steps.id"))
    to_unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]
    note: Mapped[str | None] = mapped_column(String(1000))
    object_until: Mapped[date]  # the last day on which it may be returned (信访工作条例 22: 5 workdays)
    signed_at: Mapped[datetime | None]
    signed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    returned_at: Mapped[datetime | None]
    returned_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    return_reason: Mapped[str | None] = mapped_column(String(1000))
    case: Mapped[Case] = relationship(lazy="raise")
    to_unit: Mapped[Unit] = relationship(lazy="raise")


class PauseRequest(Base):
    """暂停申请: a unit's wish that the clocks of a case stand still, and what the supervisor decided."""

    __tablename__ = "pause_requests"
    __table_args__ = (
        Index(None, "case_id"),
        Index(
            "ix_pause_requests_pending", "case_id", unique=True,
            sqlite_where=PENDING_REQUEST, postgresql_where=PENDING_REQUEST,
        ),
    )  # fmt: skip
    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"))  # the unit that asks
    reason: Mapped[str] = mapped_column(String(500))
    authority: Mapped[str] = mapped_column(String(200))  # 依据
    state: Mapped[ExtensionState] = mapped_column(choice(ExtensionState, "state"), default=ExtensionState.PENDING)
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(String(500))
    case: Mapped[Case] = relationship(lazy="raise")
    unit: Mapped[Unit] = relationship(lazy="raise")
    by: Mapped[User] = relationship(foreign_keys=[by_id], lazy="raise")
    decided_by: Mapped[User | None] = relationship(foreign_keys=[decided_by_id], lazy="raise")


class RecordKind(Labelled):
    """What a record of a case is."""

    INTAKE = "intake", "登记"
    STEP = "step", "办理"  # a step done, in words
    PROGRESS = "progress", "反馈进展"
    PUBLICITY = "publicity", "公示"
    REFUND = "refund", "返还"
    LETTER = "letter", "督办书"
    CONCLUSION = "conclusion", "办结"
    VISIT = "visit", "回访"
    NOTE = "note", "补充说明"


class CaseRecord(Base):
    """办件记录: what was done in a case, with its facts and evidence."""

    __tablename__ = "case_records"
    __table_args__ = (
        Index(None, "case_id"),
        # What a unit took in, for itself or for another.
        Index("ix_case_records_intake", "unit_id", "case_id", sqlite_where=INTAKE, postgresql_where=INTAKE),
    )
    id: Mapped[Key]
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    step_id: Mapped[int | None] = mapped_column(ForeignKey("case_steps.id"))
    milestone_id: Mapped[int | None] = mapped_column(ForeignKey("milestones.id"))  # the period a progress record meets
    kind: Mapped[RecordKind] = mapped_column(choice(RecordKind, "kind"))
    text: Mapped[Words | None]
    amount_fen: Mapped[int | None] = mapped_column(BigInteger)  # 返还金额
    from_on: Mapped[date | None]  # 公示 begins; 返还 on
    until_on: Mapped[date | None]  # 公示 ends
    place: Mapped[str | None] = mapped_column(String(200))  # where it was publicised
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    at: Mapped[datetime]
    by: Mapped[User] = relationship(lazy="raise")
    unit: Mapped[Unit | None] = relationship(lazy="raise")
    milestone: Mapped[Milestone | None] = relationship(lazy="raise")
    attachments: Mapped[list[Attachment]] = relationship(order_by="Attachment.id", lazy="raise")


class CaseCounter(Base):
    """The last case number given in a jurisdiction's year."""

    __tablename__ = "case_counters"
    jurisdiction_id: Mapped[int] = mapped_column(ForeignKey("jurisdictions.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]
