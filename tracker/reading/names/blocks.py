"""Labelled lines (享受主体 / 办理方式 / 责任单位 / 责任人 / 联系方式): fields, and the items they make up."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tracker.reading.outline.layout import Line
from tracker.reading.text.lazy import lazy
from tracker.reading.text.marks import LABEL_WORD

WHO, PERSON, PHONE, BENEFICIARY, TIME, TEXT = "who", "person", "phone", "beneficiary", "time", "text"

_LABEL = lazy(r"(?:（?[\d一二三四五六七八九十]{1,2}[）.、]\s*)?(?P<label>[\u4e00-\u9fff（）/及和、]{2,16}?)\s*：\s*")
_KINDS = (
    (WHO, lazy(LABEL_WORD)),
    (PERSON, lazy(r"(?:责任|联系|经办|牵头|负责|具体责任|业务联系)人|(?:牵头|责任|分管|包保|市级|县级)领导")),
    (PHONE, lazy(r"联系方式|(?:联系|咨询|办公|服务|监督)?电话|传真")),
    (
        TIME,
        lazy(r"(?:计划)?(?:完成|办理|落实|工作|实施|整改|任务)?(?:时限|时间|期限|节点|进度)(?:要求|安排|节点)?"),
    ),
    (BENEFICIARY, lazy(r"(?:享受|受益|适用|支持|政策|服务|惠及|扶持|奖补|补贴)(?:主体|对象|范围|企业)")),
)
_CONTINUES_LIST = 40


@dataclass(slots=True)
class Field:
    """One labelled field, or a run of plain lines, as source ranges."""

    kind: str
    label: str
    ranges: list[tuple[int, int]]  # the values, without the label
    lines: list[Line]


@dataclass(slots=True)
class FieldGroup:
    """The fields of one item."""

    fields: list[Field] = field(default_factory=list)
    answered: bool = False  # whether its units are named

    def add(self, one: Field) -> None:
        """Take in one more field."""
        self.fields.append(one)
        self.answered = self.answered or one.kind == WHO

    def of(self, kind: str) -> list[Field]:
        """The fields of one kind."""
        return [one for one in self.fields if one.kind == kind]


def is_labelled(flat: str, lines: Sequence[Line]) -> bool:
    """Whether the duty of a measure is laid out in labelled lines."""
    return any(line.number is None and _kind_at(flat, line)[0] == WHO for line in lines)


def _kind_at(flat: str, line: Line) -> tuple[str, str, int]:
    match = _LABEL.match(flat, line.start, line.end)
    if match:
        for kind, pattern in _KINDS:
            if pattern.fullmatch(match["label"]):
                return kind, match["label"], match.end()
        return TEXT, match["label"], line.start
    return TEXT, "", line.start


def groups_of(flat: str, lines: Sequence[Line], start: int) -> list[FieldGroup]:
    """The items of a labelled measure: a new one begins with text or 享受主体 once the last has its units."""
    groups = [FieldGroup()]
    for n, line in enumerate(lines):
        kind, label, value = _kind_at(flat, line) if n or start == line.start else (TEXT, "", start)
        last = groups[-1].fields[-1] if groups[-1].fields else None
        if kind == TEXT and not label and last is not None and _continues(flat, last, line):
            last.ranges.append((line.start, line.end))
            last.lines.append(line)
            continue
        plain = kind == TEXT and last is not None and last.kind == TEXT
        again = bool(label) and any(one.label == label for one in groups[-1].fields)
        begins = kind == BENEFICIARY or (kind == TEXT and (again or not label))
        if groups[-1].answered and begins and not (plain and not label):
            groups.append(FieldGroup())
        elif plain and not label and last is not None:
            last.ranges.append((line.start, line.end))
            last.lines.append(line)
            continue
        groups[-1].add(Field(kind, label, [(value, line.end)], [line]))
    return _with_rest(groups)


def _continues(flat: str, last: Field, line: Line) -> bool:
    """Whether a plain line is the rest of a field that the page or the column broke."""
    if last.kind == TEXT:
        return False
    text = flat[line.start : line.end]
    if len(text) > _CONTINUES_LIST or any(c in text for c in "。；！"):
        return last.kind == BENEFICIARY and flat[last.ranges[-1][1] - 1] not in "。；"
    if last.kind == PHONE:
        return any(c.isdigit() for c in text)
    if last.kind == WHO:
        return "：" not in text and flat[last.ranges[-1][1] - 1] not in "。；"
    return "：" not in text


def _with_rest(groups: list[FieldGroup]) -> list[FieldGroup]:
    """A last group without units belongs to the one before it."""
    if len(groups) > 1 and not groups[-1].answered:
        rest = groups.pop()
        groups[-1].fields.extend(rest.fields)
    return groups
