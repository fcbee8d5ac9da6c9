"""From an upload to a confirmed edition: sources, readings, documents, measures, items, rules."""

from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.clock.rules import CountUnit, DayOff, Kind, Rule, Sense
from tracker.reading.pairing import ChangeKind
from tracker.reading.plan import NameKind, Role
from tracker.rules.labels import Labelled
from tracker.store.core.base import Base, Key, Short, Words, choice
from tracker.store.models.registry import Jurisdiction, Unit, UnitGroup
from tracker.store.models.versioned import Versioned

if TYPE_CHECKING:
    from tracker.store.models.cases import CaseType
    from tracker.store.models.confirmation import EditionDoubt

# Ways back up a tree that was loaded from above are lazy="raise_on_sql": at hand in the session, never a query.


class DocumentState(Labelled):
    """Where a document stands."""

    DRAFT = "draft", "待核对"
    PUBLISHED = "published", "已发布"
    WITHDRAWN = "withdrawn", "不跟踪"


class EditionState(Labelled):
    """Where one reading of a document stands."""

    DRAFT = "draft", "待核对"
    CURRENT = "current", "现行"
    SUPERSEDED = "superseded", "已被替代"


class PlanAnswer(Labelled):
    """What a supervisor said of a plan that nearly agrees with a document already in."""

    SAME = "same", "同一文件"
    NEW_EDITION = "new_edition", "新版本"
    ANOTHER = "another", "另一文件"


class ChangeAnswer(Labelled):
    """What a supervisor said of one change of a new edition."""

    ADOPT = "adopt", "采用"
    KEEP = "keep", "保留原样"


class Party(Labelled):
    """Who is bound by a time limit."""

    UNIT = "unit", "责任单位"
    OTHER = "other", "对方（由责任单位督促）"  # 发包人, 中标人: a watch clock


class PastAnswer(Labelled):
    """What becomes of a date that was past when the document came in."""

    DONE = "done", "已完成"
    OPEN = "open", "仍需办理"
    UNTRACKED = "untracked", "不跟踪"


class UploadState(Labelled):
    """How far the reading of an upload is that takes longer than anybody waits for."""

    READING = "reading", "读取中"
    DONE = "done", "已读取"
    FAILED = "failed", "没有读成"


class Upload(Base):
    """读取中的上传: bytes that came in (kept under their sha256) and are still being read, or could not be."""

    __tablename__ = "uploads"
    __table_args__ = (Index(None, "jurisdiction_id", "state"),)
    id: Mapped[Key]
    jurisdiction_id: Mapped[int] = mapped_column(ForeignKey("jurisdictions.id"))
    filename: Mapped[Short]
    pasted: Mapped[bool] = mapped_column(default=False)
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    # The published document it is to be a new edition of.
    document_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"))
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    uploaded_at: Mapped[datetime]
    begun_at: Mapped[datetime]  # when its reading began last
    state: Mapped[UploadState] = mapped_column(choice(UploadState, "state"), default=UploadState.READING)
    words: Mapped[str | None] = mapped_column(String(1000))  # why it could not be read, and what to do
    # What was made of it, or what was in already.
    source_id: Mapped[int | None] = mapped_column(ForeignKey("sources.id"))


class BesideAnswer(Labelled):
    """Which of two counts, where a document's limit and a case type's (a statute's) differ for one act."""

    CLAUSE = "clause", "取文件的"
    TYPE = "type", "取另一个"
    BOTH = "both", "两个都要"


class Source(Base):
    """上传: one upload or paste, its bytes (kept under their sha256) and its stored text."""

    __tablename__ = "sources"
    __table_args__ = (UniqueConstraint("jurisdiction_id", "sha256"),)
    id: Mapped[Key]
    jurisdiction_id: Mapped[int] = mapped_column(ForeignKey("jurisdictions.id"))
    filename: Mapped[Short]
    pasted: Mapped[bool] = mapped_column(default=False)
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    encoding: Mapped[str] = mapped_column(String(20))
    text: Mapped[Words] = mapped_column(deferred=True)
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    uploaded_at: Mapped[datetime]
    plans: Mapped[list["PlanReading"]] = relationship(
        back_populates="source", order_by="PlanReading.ordinal", lazy="raise"
    )
    jurisdiction: Mapped[Jurisdiction] = relationship(lazy="raise")


class PlanReading(Base):
    """One plan as the machine read it, kept unchanged beside what people made of it."""

    __tablename__ = "plan_readings"
    __table_args__ = (UniqueConstraint("source_id", "ordinal"),)
    id: Mapped[Key]
    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id"))
    ordinal: Mapped[int]
    title: Mapped[Words]
    measure_count: Mapped[int]
    reading: Mapped[dict[str, Any]] = mapped_column(JSON, deferred=True)
    document_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"), index=True)
    answer: Mapped[PlanAnswer | None] = mapped_column(choice(PlanAnswer, "answer"))
    similar_to_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"))
    source: Mapped[Source] = relationship(back_populates="plans", lazy="raise")


class Document(Versioned, Base):
    """文件: one plan, tracked through its editions."""

    __tablename__ = "documents"
    __table_args__ = (Index(None, "jurisdiction_id", "state"),)
    id: Mapped[Key]
    jurisdiction_id: Mapped[int] = mapped_column(ForeignKey("jurisdictions.id"))
    title: Mapped[Words]
    doc_no: Mapped[str | None] = mapped_column(String(200))
    issued_on: Mapped[date | None]
    effective_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    state: Mapped[DocumentState] = mapped_column(choice(DocumentState, "state"), default=DocumentState.DRAFT)
    expired_answer: Mapped[PastAnswer | None] = mapped_column(choice(PastAnswer, "expired_answer"))
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    jurisdiction: Mapped[Jurisdiction] = relationship(lazy="raise")
    editions: Mapped[list["Edition"]] = relationship(back_populates="document", order_by="Edition.number", lazy="raise")


class Edition(Versioned, Base):
    """版本: one reading of a document, as confirmed."""

    __tablename__ = "editions"
    __table_args__ = (UniqueConstraint("document_id", "number"),)
    id: Mapped[Key]
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"))
    number: Mapped[int]
    plan_reading_id: Mapped[int] = mapped_column(ForeignKey("plan_readings.id"))
    state: Mapped[EditionState] = mapped_column(choice(EditionState, "state"), default=EditionState.DRAFT)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    # What the document says of itself in this edition: kept here while it is a draft and once it is superseded.
    title: Mapped[Words | None]
    doc_no: Mapped[str | None] = mapped_column(String(200))
    issued_on: Mapped[date | None]
    effective_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    applied_at: Mapped[datetime | None]  # 生效, of an edition after the first
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    document: Mapped[Document] = relationship(back_populates="editions", lazy="raise_on_sql")
    plan_reading: Mapped[PlanReading] = relationship(lazy="raise")
    measures: Mapped[list["Measure"]] = relationship(back_populates="edition", order_by="Measure.ordinal", lazy="raise")
    doubts: Mapped[list["EditionDoubt"]] = relationship(
        back_populates="edition", order_by="EditionDoubt.ordinal", lazy="raise"
    )
    expired_answer: ClassVar[None] = None  # a new edition is of a document in force

    @property
    def amends(self) -> bool:
        """Whether it is a draft of a document that is already published in an earlier edition."""
        return self.number > 1 and self.state is EditionState.DRAFT

    @property
    def facts(self) -> "Document | Edition":
        """Return what holds the title, number and dates it is confirmed by."""
        return self if self.amends else self.document


class Measure(Versioned, Base):
    """措施: one numbered measure of an edition; a person confirms it."""

    __tablename__ = "measures"
    __table_args__ = (UniqueConstraint("edition_id", "ordinal"), Index(None, "made_by_id"), Index(None, "taken_by_id"))
    id: Mapped[Key]
    # One that was taken out of a draft is in no edition: it waits, whole, for the act to be taken back.
    edition_id: Mapped[int] = mapped_column(ForeignKey("editions.id"), nullable=True)
    ordinal: Mapped[int]
    key: Mapped[str] = mapped_column(String(60))
    section: Mapped[str | None] = mapped_column(String(500))
    title: Mapped[Words]
    start: Mapped[int]
    end: Mapped[int]
    text: Mapped[Words]
    is_task: Mapped[bool] = mapped_column(default=True)  # False: 不作为任务
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    confirmed_at: Mapped[datetime | None]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("recuts.id"))
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("recuts.id"))
    edition: Mapped[Edition] = relationship(back_populates="measures", lazy="raise_on_sql")
    items: Mapped[list["Item"]] = relationship(back_populates="measure", order_by="Item.ordinal", lazy="raise")


class Item(Base):
    """责任项: one responsibility block of a measure."""

    __tablename__ = "items"
    __table_args__ = (UniqueConstraint("measure_id", "ordinal"),)
    id: Mapped[Key]
    measure_id: Mapped[int] = mapped_column(ForeignKey("measures.id"))
    ordinal: Mapped[int]
    start: Mapped[int]
    end: Mapped[int]
    text: Mapped[Words]
    beneficiaries: Mapped[str | None] = mapped_column(String(1000))
    vague: Mapped[list[str]] = mapped_column(JSON, default=list)
    measure: Mapped[Measure] = relationship(back_populates="items", lazy="raise_on_sql")
    assignments: Mapped[list["Assignment"]] = relationship(
        back_populates="item", order_by="Assignment.ordinal", lazy="raise", cascade="all, delete-orphan"
    )
    rules: Mapped[list["DeadlineRule"]] = relationship(
        back_populates="item", order_by="DeadlineRule.ordinal", lazy="raise", cascade="all, delete-orphan"
    )
    contacts: Mapped[list["Contact"]] = relationship(back_populates="item", order_by="Contact.id", lazy="raise")


class Assignment(Base):
    """One name of a responsibility block, and what the registry or a person made of it."""

    __tablename__ = "assignments"
    __table_args__ = (Index(None, "item_id"),)
    id: Mapped[Key]
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"))
    ordinal: Mapped[int]
    printed: Mapped[Short]
    role: Mapped[Role] = mapped_column(choice(Role, "role"))
    kind: Mapped[NameKind] = mapped_column(choice(NameKind, "kind"))
    start: Mapped[int | None]  # null: added by a person
    end: Mapped[int | None]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("unit_groups.id"))
    # A collective name is answered by chosen units, or by 暂不落实 (left out).
    left_out: Mapped[bool] = mapped_column(default=False)
    confidence: Mapped[float] = mapped_column(default=1.0)
    found_by: Mapped[str | None] = mapped_column(String(60))
    item: Mapped[Item] = relationship(back_populates="assignments", lazy="raise_on_sql")
    unit: Mapped[Unit | None] = relationship(lazy="raise")
    group: Mapped[UnitGroup | None] = relationship(lazy="raise")
    chosen: Mapped[list["AssignmentChoice"]] = relationship(lazy="raise", cascade="all, delete-orphan")

    @property
    def answered(self) -> bool:
        """Whether it is settled whom this name means."""
        return bool(self.unit_id or self.group_id or self.left_out or self.chosen)


class AssignmentChoice(Base):
    """A unit a supervisor chose for a collective name (各有关部门)."""

    __tablename__ = "assignment_choices"
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True)


class Contact(Base):
    """责任人 / 联系方式 as printed."""

    __tablename__ = "contacts"
    __table_args__ = (Index(None, "item_id"),)
    id: Mapped[Key]
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"))
    unit: Mapped[str | None] = mapped_column(String(200))
    post: Mapped[str | None] = mapped_column(String(200))
    name: Mapped[str | None] = mapped_column(String(100))
    phones: Mapped[list[str]] = mapped_column(JSON, default=list)
    item: Mapped[Item] = relationship(back_populates="contacts", lazy="raise")


class DeadlineRule(Base):
    """时限: a time limit as worded, or as a supervisor set it (督查员设定); a case type's has no item."""

    __tablename__ = "deadline_rules"
    __table_args__ = (
        Index(None, "item_id"),
        Index(None, "case_type_id"),
        Index(None, "beside_id"),
        CheckConstraint("kind <> 'relative' OR (amount IS NOT NULL AND unit IS NOT NULL)", name="relative_counts"),
        CheckConstraint("kind <> 'recurring' OR rrule IS NOT NULL", name="recurring_recurs"),
        CheckConstraint("(offset_amount IS NULL) = (offset_unit IS NULL)", name="offset_is_whole"),
    )
    id: Mapped[Key]
    item_id: Mapped[int | None] = mapped_column(ForeignKey("items.id"))
    ordinal: Mapped[int]
    quote: Mapped[str | None] = mapped_column(String(500))
    start: Mapped[int | None]
    end: Mapped[int | None]
    kind: Mapped[Kind] = mapped_column(choice(Kind, "kind"))
    sense: Mapped[Sense] = mapped_column(choice(Sense, "sense"))
    trigger: Mapped[str | None] = mapped_column(String(200))
    amount: Mapped[int | None]
    unit: Mapped[CountUnit | None] = mapped_column(choice(CountUnit, "unit"))
    due_on: Mapped[date | None]
    date_from: Mapped[date | None]
    rrule: Mapped[str | None] = mapped_column(String(200))
    # Of each period: counted from its end (每季度终了后15日内), or by its n-th workday (每月前5个工作日内).
    offset_amount: Mapped[int | None]
    offset_unit: Mapped[CountUnit | None] = mapped_column(choice(CountUnit, "offset_unit"))
    nth_workday: Mapped[int | None]
    due_time: Mapped[time | None]  # the printed hour of its day: 17:00前
    direction: Mapped[str] = mapped_column(String(10), default="after")
    counts_as_workday: Mapped[bool] = mapped_column(default=False)
    article: Mapped[str | None] = mapped_column(String(200))
    day_off: Mapped[DayOff | None] = mapped_column(choice(DayOff, "day_off"))
    extend_amount: Mapped[int | None]
    extend_unit: Mapped[CountUnit | None] = mapped_column(choice(CountUnit, "extend_unit"))
    party: Mapped[Party] = mapped_column(choice(Party, "party"), default=Party.UNIT)
    act: Mapped[str | None] = mapped_column(String(200))
    past_answer: Mapped[PastAnswer | None] = mapped_column(choice(PastAnswer, "past_answer"))
    renewed_on: Mapped[date | None]  # the new date given to a past one that is still to be done
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # 督查员设定
    # It already stood in the edition before: its clock goes on as it is, nothing is asked again.
    carried: Mapped[bool] = mapped_column(default=False, server_default=false())
    # The one type whose cases its event opens (办件类型), where it counts from an event somebody registers.
    case_type_id: Mapped[int | None] = mapped_column(ForeignKey("case_types.id"))
    # The limit of a case type that says another length for the same act, and which of the two counts.
    beside_id: Mapped[int | None] = mapped_column(ForeignKey("deadline_rules.id"))
    beside_answer: Mapped[BesideAnswer | None] = mapped_column(choice(BesideAnswer, "beside_answer"))
    confidence: Mapped[float] = mapped_column(default=1.0)
    found_by: Mapped[str | None] = mapped_column(String(60))
    item: Mapped[Item] = relationship(back_populates="rules", lazy="raise_on_sql")
    case_type: Mapped["CaseType | None"] = relationship(lazy="raise_on_sql")
    bindings: Mapped[list["RuleBinding"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="RuleBinding.assignment_id"
    )

    def as_rule(self) -> Rule:
        """Return the countable rule."""
        return Rule(
            kind=self.kind,
            sense=self.sense,
            amount=self.amount,
            unit=self.unit,
            due_on=self.due_on,
            date_from=self.date_from,
            rrule=self.rrule,
            direction=self.direction,
            counts_as_workday=self.counts_as_workday,
            article=self.article,
            day_off=self.day_off,
            offset=self.offset,
            nth_workday=self.nth_workday,
            due_time=self.due_time,
        )

    @property
    def offset(self) -> tuple[int, CountUnit] | None:
        """Return how long after the end of each period it is due, where it is counted so."""
        return (self.offset_amount, self.offset_unit) if self.offset_amount is not None and self.offset_unit else None


class RuleBinding(Base):
    """Whom a time limit binds (约束对象): one of the item's assignments."""

    __tablename__ = "rule_bindings"
    rule_id: Mapped[int] = mapped_column(ForeignKey("deadline_rules.id"), primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id"), primary_key=True, index=True)
    assignment: Mapped[Assignment] = relationship(lazy="raise")  # orders deletes: a binding goes before its name


class EditionChange(Versioned, Base):
    """One measure of a new edition beside the one in force, or one of them alone, and what is to become of it."""

    __tablename__ = "edition_changes"
    __table_args__ = (
        UniqueConstraint("edition_id", "ordinal"),
        CheckConstraint("old_measure_id IS NOT NULL OR new_measure_id IS NOT NULL", name="one_measure"),
        Index(None, "old_measure_id"),
        Index(None, "new_measure_id"),
    )
    id: Mapped[Key]
    edition_id: Mapped[int] = mapped_column(ForeignKey("editions.id"))
    ordinal: Mapped[int]
    kind: Mapped[ChangeKind] = mapped_column(choice(ChangeKind, "kind"))
    old_measure_id: Mapped[int | None] = mapped_column(ForeignKey("measures.id"))
    new_measure_id: Mapped[int | None] = mapped_column(ForeignKey("measures.id"))
    answer: Mapped[ChangeAnswer | None] = mapped_column(choice(ChangeAnswer, "answer"))
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    answered_at: Mapped[datetime | None]
    edition: Mapped[Edition] = relationship(lazy="raise_on_sql")
    old: Mapped[Measure | None] = relationship(foreign_keys=[old_measure_id], lazy="raise_on_sql")
    new: Mapped[Measure | None] = relationship(foreign_keys=[new_measure_id], lazy="raise_on_sql")
