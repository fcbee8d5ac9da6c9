"""Endings (文末): closing words, signature, date and attachments behind the last measure of a plan."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tracker.reading.outline.clauses import Clause, tree_of
from tracker.reading.outline.layout import TERMINAL, Line
from tracker.reading.text.lazy import lazy
from tracker.reading.text.marks import CHARGED, CLOSING, hands_out

OF_ITSELF = lazy(r"本|由|此前|以上|上述|自|各地|原|有效期|执行期")
_REMARK = lazy(
    r"（(?:此件|本文|联系人|有删减|公开).*）?|（.{0,20}(?:公开|删减|印发).{0,10}）"
    r"|(?:抄[送报]|分送|报送单位)：.*|.{2,30}\d{4}年\d{1,2}月\d{1,2}日印发"
)
_DATE = lazy(r"(?:\d{4}年\d{1,2}月\d{1,2}日)?印发|\d{4}年\d{1,2}月\d{1,2}日")
ATTACHED = lazy(
    r"附[件表](?:[\d一二三四五六七八九十]{0,2}[：、.]|[\d一二三四五六七八九十]{0,2}$|\d{1,2}(?=[\u4e00-\u9fff《])"
    r"|(?=[\u4e00-\u9fff《“]{4,60}$))(?!所|中|的|规定)"
)
_COPIES = lazy(r"(?:抄送|抄报|分送)：")  # who is only sent the paper
_SIGN_LIMIT = 50


@dataclass(slots=True)
class Ending:
    """What was taken off the end of a plan: left lines with the reason, and the attachments."""

    left: list[tuple[Line, str]] = field(default_factory=list)
    attachments: list[list[Line]] = field(default_factory=list)


def without_end(bare: str, lines: list[Line], ending: Ending) -> list[Line]:
    """The body without what follows its last paragraph: signature, date, remarks, attachments."""
    for n, line in enumerate(lines):
        if line.number is None and ATTACHED.match(bare, line.start, line.end):
            _attach(bare, lines[n:], ending, alone=all(one.number is None for one in lines[:n]))
            lines = lines[:n]
            break
    while lines:
        line = lines[-1]
        dated = bool(_DATE.fullmatch(bare, line.start, line.end))
        if dated or _REMARK.fullmatch(bare, line.start, line.end):
            ending.left.append((lines.pop(), "落款"))
            while dated and lines and _is_signature(bare, lines[-1]):
                ending.left.append((lines.pop(), "落款"))
            continue
        if line.number is None and _COPIES.match(bare, line.start, line.end):
            ending.left.append((lines.pop(), "抄送"))
            continue
        closing = _closing(bare, line)
        if closing > line.start and closing < line.end:
            lines[-1] = replace(line, end=closing)
            ending.left.append((Line(closing, line.end, None, indented=False), "附则"))
        break
    return lines


def _closing(bare: str, line: Line) -> int:
    """Where the sentences begin that say since when and how long a plan holds, at the end of a paragraph."""
    least = line.number.body if line.number else line.start
    end = line.end
    while end > least:
        starts = [max(bare.rfind(mark, least, end - 1) + 1, least) for mark in "。）"]
        start = next((at for at in starts if at > least and _takes_leave(bare, at, end)), least)
        if start == least:
            break
        end = start
    return end


def _is_signature(bare: str, line: Line) -> bool:
    return line.number is None and line.end - line.start < _SIGN_LIMIT and bare[line.end - 1] not in TERMINAL


def _attach(bare: str, lines: Sequence[Line], ending: Ending, *, alone: bool) -> None:
    """The attachments that these lines hold: those that hand out duties are read, the others are left."""
    parts: list[list[Line]] = []
    for line in lines:
        if not parts or (line.number is None and ATTACHED.match(bare, line.start, line.end)):
            parts.append([])
        parts[-1].append(line)
    for part in parts:
        if _hands_out_duties(bare, part, alone=alone):
            ending.attachments.append(part)
        else:
            ending.left.extend((line, "附件") for line in part)


def _hands_out_duties(bare: str, part: Sequence[Line], *, alone: bool) -> bool:
    """Whether an attachment is a plan too; where the letter itself has none, one duty makes it one."""
    leaves = [clause for clause in tree_of(part).walk() if not clause.children]
    blocks = charges = 0
    for leaf in leaves:
        block = any(hands_out(bare, line.start, line.end) for line in leaf.lines)
        blocks += block
        charges += block or any(CHARGED.search(bare, line.start, line.end) for line in leaf.lines)
    if alone and charges:
        return True
    return blocks > 1 or charges * 3 >= max(len(leaves), 1) * 2 or (charges > 1 and charges * 3 >= len(leaves))


def cut_tail(bare: str, root: Clause) -> list[Line]:
    """Take off the last clause what stands behind it and is none of it: closing words, and whom all of it charges."""
    last = root.last()
    if last is root:
        return []
    leaves = [clause for clause in root.walk() if not clause.children and clause is not last]
    closed = [leaf for leaf in leaves if _closed_at(bare, leaf.lines[-1]) == leaf.lines[-1].end]
    if len(leaves) > 2 and len(closed) * 10 >= len(leaves) * 6:
        for n in range(len(last.lines) - 1, -1, -1):
            at = _closed_at(bare, last.lines[n])
            if at:
                return _split_off(last, n, at)
    at = len(last.lines)
    while at > 1 and _takes_leave(bare, last.lines[at - 1].start, last.lines[at - 1].end):
        at -= 1
    tail = last.lines[at:]
    last.lines = last.lines[:at]
    return tail


def _takes_leave(bare: str, start: int, end: int) -> bool:
    return bool(OF_ITSELF.match(bare, start, end) and CLOSING.search(bare, start, end))


_BLOCK_END = lazy(r"(?:负责|落实|配合|牵头|单位：[^（）]{1,160}|[局委办厅院会部府部门][^（）。；]{0,3})）[。.；]?")


def answered_ends(bare: str, line: Line) -> list[int]:
    """Where the sentences end that say in brackets who answers for what stands before."""
    return [
        m.end() for m in _BLOCK_END.finditer(bare, line.start, line.end) if hands_out(bare, m.start() - 60, m.end())
    ]


_LEAD = lazy(
    r"(?:^|(?<=。))(?:加强|强化|完善|健全|建立|推动|推进|提升|提高|优化|落实|压实|严格|做好|加快|加大|畅通|营造|注重|抓好"
    r"|夯实|深化|细化|明确|拓宽|规范|开展|狠抓|严肃)[\u4e00-\u9fff]{2,10}。(?=[^。])"
)


def led_ends(bare: str, start: int, end: int) -> list[int]:
    """Where the paragraphs end that begin with what is to be done in a short sentence: 强化督查。…压实责任。…"""
    words = bare[start:end]
    starts = [start + match.start() for match in _LEAD.finditer(words)]
    return [*starts[1:], end] if starts[:1] == [start] else []


def _closed_at(bare: str, line: Line) -> int:
    """Where the last responsibility block of a line ends; nought where it has none."""
    end = 0
    for match in _BLOCK_END.finditer(bare, line.start, line.end):
        end = match.end()
    return end if end and hands_out(bare, line.start, end) else 0


def _split_off(last: Clause, n: int, at: int) -> list[Line]:
    line = last.lines[n]
    tail = list(last.lines[n + 1 :])
    if line.end - at > 14:
        tail.insert(0, Line(at, line.end, None, indented=False))
        last.lines[n] = replace(line, end=at)
    last.lines = last.lines[: n + 1]
    return tail
