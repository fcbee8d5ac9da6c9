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
    unit: str | None = None  # workday | day | hour | minute | week | month | year
    date: Day | None = None
    date_from: Day | None = None
    rrule: str | None = None
    offset: tuple[int, str] | None = None  # counted from the end of each period: 每季度终了后15日内 is (15, "day")
    nth_workday: int | None = None  # of each period: 每月前5个工作日内 is 5, 每月最后一个工作日 is -1
    time: str | None = None  # the hour printed with a date: "17:00"
    party: str = "unit"  # unit | other
    act: str | None = None
    bound: tuple[str, ...] | None = None
    direction: str = "after"  # after | before | until (a window that ends with its event: 届满前30日内)
    day_off: str | None = None  # next | previous, where the wording says what a day off does: 遇节假日顺延
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


class DoubtKind(Labelled):
    """疑问: what a reading cannot settle by itself and a supervisor has to; with why it is asked."""

    SUSPECT = "suspect", "正文之外有责任或时限", "它不在任何一条措施里，不处理就没有人办。"
    HALF_LIMIT = "half_limit", "时限没有读全", "旁边还有没读进去的字，日期可能算错。"
    UNSURE_UNIT = "unsure_unit", "责任单位没有把握", "可能读错了谁来办，或者把牵头、配合弄反了。"
    NO_UNIT = "no_unit", "像是交办，却没有读到责任单位", "没有责任单位的措施发布后没有人收到。"
    CONFLICT = "conflict", "同一件事有两个时限", "两个都发布会重复催办，请选其一或都要。"
    EARLIER_PERIOD = "earlier_period", "上一期还来得及", "印发时上一期的期限还没有过，上一期是否也要报？"
    LEVEL = "level", "哪一级是措施没有把握", "拆得太粗或太细，任务就交错了人。"
    GAP = "gap", "编号不连续", "中间可能有一条没有读到。"
    TABLE = "table", "表格没有认出来", "表里可能有任务，没有读进措施。"
    UNREAD = "unread", "有大段文字没有读到", "里面可能有措施，没有读出来，请对照原文。"
    NO_TEXT = "no_text", "有的地方没有读到文字", "可能是扫描的图片，或没有结果的公式，请对照原件补录。"

    PLACE = "place", "像是别处的文件", "责任单位和提醒都按上传时选的辖区；选错了，请在正确的辖区重新上传。"

    why: str

    def __init__(self, _value: str, _label: str = "", why: str = "") -> None:
        """Keep why it is asked, one sentence for whoever has to answer."""
        self.why = why


@dataclass(frozen=True, slots=True)
class Doubt:
    """疑问: one thing seen that a person has to settle; `measure` is the key of the measure it is about, if any."""

    kind: DoubtKind
    span: Span
    seen: str  # one line: the words that were seen
    measure: str | None = None
    others: tuple[Span, ...] = ()  # what is laid beside it: the second limit of a conflict


@dataclass(frozen=True, slots=True)
class Node:
    """One heading or numbered part of the outline (条目), in the order of the text; its children follow it."""

    style: str  # of its number, as `outline.markers` names them; "markdown" where a # alone marks it
    key: str  # its numbering path as the annotation schema has it
    depth: int  # 0 for the outermost
    head: Span  # the number and the first sentence after it
    span: Span  # everything up to the next node of its depth or an outer one
    is_measure: bool  # whether the reading cut a measure here


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
    outline: tuple[Node, ...] = ()
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything read from one source text."""

    plans: tuple[Plan, ...]
    unassigned: tuple[Unassigned, ...] = ()
    doubts: tuple[Doubt, ...] = ()  # of the whole source, of no single plan
