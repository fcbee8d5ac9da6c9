"""What reading a policy document (政策文件) yields: plain values, with offsets into the stored text."""

from dataclasses import dataclass
from datetime import date as Day
from enum import StrEnum

from tracker.rules.labels import Labelled


class Role(Labelled):
    """What a responsible unit (责任单位) is asked to be."""

    LEAD = "lead", "牵头单位", "牵头"
    SUPPORT = "support", "配合单位", "配合"
    EACH = "each", "分别落实"
    RESPONSIBLE = "responsible", "责任单位"  # plain list

    brief: str

    def __init__(self, _value: str, _label: str = "", brief: str = "") -> None:
        """Keep what stands before a unit's name in a row of many, where its part is another than the rest's."""
        self.brief = brief


class NameKind(StrEnum):
    """What sort of name stands in a responsibility list."""

    UNIT = "unit"  # one body
    GROUP = "group"  # 各县〔市〕区政府: expands to its members
    COLLECTIVE = "collective"  # 各有关部门: a person must say who


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open code-point range of the source's stored text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Assignment:
    """One unit named by a responsibility block, as printed (inner blanks removed)."""

    unit: str
    role: Role
    kind: NameKind
    span: Span
    confidence: float  # 0..1
    found_by: str  # the reading rule's name


@dataclass(frozen=True, slots=True)
class Contact:
    """A person to call (责任人 / 联系方式)."""

    unit: str | None
    post: str | None
    name: str | None
    phones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Deadline:
    """A time limit (时限) as worded; see the annotation schema for the meaning of each field."""

    quote: str
    span: Span
    kind: str  # absolute | relative | recurring | validity
    sense: str  # within | on | not_before | span
    trigger: str | None = None
    amount: int | None = None
    unit: str | None = None  # workday | day | hour | week | month | year
    date: Day | None = None
    date_from: Day | None = None
    rrule: str | None = None
    party: str = "unit"  # unit | other
    act: str | None = None
    bound: tuple[str, ...] | None = None
    direction: str = "after"  # after | before
    counts_as: str | None = None  # "workday" where a law makes a printed 日 a working day
    by: str | None = None  # the article that does
    extendable_to: tuple[int, str] | None = None
    extension: bool = False  # 可以延长十五日: time added with approval, not a first limit
    confidence: float = 1.0
    found_by: str = ""


@dataclass(frozen=True, slots=True)
class Vague:
    """A promptness word without a measure (及时, 定期): listed, never dated."""

    quote: str
    span: Span


@dataclass(frozen=True, slots=True)
class Item:
    """One responsibility block (责任项) of a measure."""

    text: str
    span: Span
    assignments: tuple[Assignment, ...] = ()
    beneficiaries: str | None = None
    contacts: tuple[Contact, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    vague: tuple[Vague, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure (措施): its numbering path, heading, text and responsibility blocks."""

    key: str
    section: str | None
    title: str | None
    text: str
    span: Span
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Unassigned:
    """A paragraph that belongs to no measure, with the reason; `suspect` where it seems to state a duty."""

    span: Span
    reason: str
    suspect: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """One policy document read from a source that may hold several."""

    title: str
    span: Span
    measures: tuple[Measure, ...]
    jurisdiction: str | None = None
    doc_no: str | None = None
    issued_on: Day | None = None
    effective_on: Day | None = None
    expires_on: Day | None = None
    unassigned: tuple[Unassigned, ...] = ()
    headings: tuple[Span, ...] = ()  # title and section headings: read, but no measure


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything read from one source text."""

    plans: tuple[Plan, ...]
    unassigned: tuple[Unassigned, ...] = ()
