"""Blocks (责任条目) inside running text: brackets, labels and bare lists that say who answers, and where they end."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tracker.reading.names.bodies import is_name, names_in, top_level_cuts
from tracker.reading.names.charge_patterns import PREDICATE
from tracker.reading.names.responsibility import FIRST_LEADS, LABELS, LEADING, NOT_CHARGED, TAIL
from tracker.reading.names.subjects import stands_alone
from tracker.reading.text.lazy import lazy
from tracker.reading.text.marks import LABEL, LABEL_WORD, SHORT_LABEL

_LIMIT = 1500
_MOST = 40  # names of a list without a bracket


@dataclass(frozen=True, slots=True)
class Block:
    """A responsibility block inside running text: from its bracket or label to its end."""

    start: int
    end: int
    inner_start: int
    inner_end: int


# 新建幼儿园2所（县教育局）: a measure word that looks like the end of a name.
_COUNTED = lazy(r"\d[所家个台站]$")
_OFFICE = lazy(
    r".{2,20}(?:[局委办厅署院站队行联关]|(?<![大机社开年展峰览动讲交])会|(?<!报)社|(?<![场处厕])所|政府|公司|中心|部|办公室|小组)"
)
# （办公室设在某局，联系电话：…）: where a body is found, not who answers.
_STANDS = lazy(r"设[在于]|位于")
# （6月底完成，牵头考核单位：某局）: the label stands behind a date or a remark.
_LABEL_LATER = lazy(rf"[，；。](?:{LABEL})：")
# （含市某局）, （以下简称某局）: what a bracket says of the name before it, or of nobody.
_SAYS_OF = lazy(r"含|包括|包含|不含|如|指|即|限|除|其中|以下|以上|简称|原|又称|注|见|附|详")
_ANY_LABEL = lazy(r"[\u4e00-\u9fff]{2,8}：")
_CHARGES_NOBODY = lazy(rf"(?:{NOT_CHARGED})：|联系|电话|责任人|负责人")
_INLINE = lazy(rf"(?<=[。；！）”])(?:{LABEL_WORD})：")
_LABEL_HEAD = lazy(
    rf"{SHORT_LABEL}：|[^（）：。；，]{{0,4}}(?:(?:{LABEL_WORD})(?:：|为)|(?:责任人|(?:责任|牵头|分管|包联)领导)：)"
)


def blocks_in(flat: str, breaks: Sequence[int] = ()) -> list[Block]:
    """The responsibility blocks of a clean text in order; `breaks` are the places where its lines ended."""
    pairs = _pairs(flat)
    found: list[Block] = []
    until = -1
    for start, end in pairs:
        if start < until:
            continue
        if _is_block(flat, start, end):
            found.append(Block(start, min(end + 1, len(flat)), start + 1, end))
            until = end
    for match in _INLINE.finditer(flat):
        if not any(block.start <= match.start() < block.end for block in found):
            stop = flat.find("。", match.end())
            stop = len(flat) if stop < 0 else stop
            following = next((b.start for b in sorted(found, key=lambda b: b.start) if b.start > match.start()), stop)
            found.append(Block(match.start(), min(stop, following), match.start(), min(stop, following)))
    for block in _bare_lists(flat, breaks):
        if not any(other.start < block.end and block.start < other.end for other in found):
            found.append(block)
    return sorted(found, key=lambda block: block.start)


_BARE_NAME = lazy(r"(?:（[^（）]{1,12}）|[^、，；。：！（）《》“” ]){2,26}")
# One name at the end or before a date is who signed.
_SIGNED = lazy(r"$|20\d\d年|二[〇零○]")
_STOP = lazy(r"[。！；，]")
# ——市教育局: a dash before a name alone is no signature.
_DASH = lazy(r"-{1,4}")
_GOES_ON = lazy(rf"{PREDICATE}|[等和及与、的]|配合|负责|共同")


def _bare_lists(flat: str, breaks: Sequence[int]) -> Iterator[Block]:
    """Lists of offices that stand between two stops, or on a line of their own, without a bracket or a label."""
    if not breaks and not any(mark in flat for mark in "、-"):
        return
    lines = frozenset((*breaks, len(flat)))
    left = sorted({*breaks, *(match.end() for match in _STOP.finditer(flat))})
    until = 0
    for place in left:
        dashed = _DASH.match(flat, place)
        start = dashed.end() if dashed else place
        if start < until or start >= len(flat):
            continue
        # A run of names is read once: what its first start did not give, a later one does not either.
        names, until = _offices_from(flat, start, lines)
        if not names:
            continue
        end = names[-1][1]
        several = len(names) > 1 or dashed is not None
        own_line = end in lines and (several or not _SIGNED.match(flat, end))
        inline = flat[end : end + 1] == "。" and several
        if not (inline or (own_line and flat[place - 1] != "，")) or _GOES_ON.match(flat, end):
            continue
        for a, b in names:
            yield Block(a, b, a, b)


def _offices_from(flat: str, start: int, lines: frozenset[int]) -> tuple[list[tuple[int, int]], int]:
    """The offices listed from a place on, parted by marks, blanks or lines, and how far they were read.

    There are none where one of them is no office.
    """
    found: list[tuple[int, int]] = []
    at = start
    while len(found) < _MOST and at < len(flat):
        match = _BARE_NAME.match(flat, at)
        if match is None:
            return [], at
        end = next((place for place in range(at + 2, match.end()) if place in lines), match.end())
        if not (_OFFICE.fullmatch(flat, at, end) and stands_alone(flat[at:end])):
            # 市财政局⏎对单户500万元以下…: the list ended with the line before.
            return found if at in lines else [], at
        found.append((at, end))
        if end in lines and flat[end : end + 1] not in ("、", "；", " "):
            at = end
        elif flat[end : end + 1] in ("、", "；", " ", "，"):
            at = end + 1
        else:
            return found, end
    return found if at >= len(flat) else [], at


def _pairs(flat: str) -> list[tuple[int, int]]:
    """Matching brackets in order of their start; a block whose closing bracket was lost runs to its line's end."""
    stack: list[int] = []
    pairs: list[tuple[int, int]] = []
    for match in re.finditer("[（）]", flat):
        if match[0] == "（":
            stack.append(match.start())
        elif stack:
            pairs.append((stack.pop(), match.start()))
    pairs.extend((start, len(flat)) for start in stack[-3:] if _LABEL_HEAD.match(flat, start + 1))
    return sorted(pairs)


def _is_charged(flat: str, start: int, end: int) -> bool:
    """Whether a segment is a list of names with a verb behind it (发展改革委牵头)."""
    tail = TAIL.search(flat, max(start, end - 40), end)
    if tail is None or tail.start() == start:
        return False
    names = names_in(flat, start, tail.start())
    return bool(names) and all(is_name(flat[a:b]) for a, b in names)


def _is_block(flat: str, start: int, end: int) -> bool:
    if not 2 < end - start < _LIMIT:
        return False
    if _LABEL_HEAD.match(flat, start + 1, end):
        return True
    stop = end - 1 if flat[end - 1] in "。." else end
    first = FIRST_LEADS.search(flat, start + 1, end) if flat.startswith("下同", end - 2) else None
    stop = first.start() if first else stop
    tail = TAIL.search(flat, max(start + 1, stop - 40), stop)
    last_sentence = flat.rfind("。", start + 1, stop)
    if tail is None and last_sentence > 0:
        tail = TAIL.search(flat, max(start + 1, last_sentence - 40), last_sentence)
    if tail:
        piece = next(iter(top_level_cuts(flat, start + 1, tail.start(), "、，；。")))
        lead = LEADING.match(flat, *piece)
        name = flat[lead.end() if lead else piece[0] : piece[1]].removesuffix("等")
        inner = TAIL.search(name)
        name = name[: inner.start()] if inner else name
        if is_name(name) or is_name(name.split("和")[0]):
            return True
    if any(_is_charged(flat, a, b) for a, b in list(top_level_cuts(flat, start + 1, stop, "，；。"))[:4]):
        return True
    if _LABEL_LATER.search(flat, start + 1, end) or _is_labelled_somehow(flat, start + 1, end):
        return True
    if LABELS.search(flat, start + 1, end) and not _STANDS.search(flat, start + 1, end):
        first_piece = next(iter(top_level_cuts(flat, start + 1, end)))
        return is_name(flat[slice(*first_piece)])
    before = flat[start - 1] if start else ""
    at_end = end + 1 >= len(flat) or flat[end + 1 : end + 2] in "。"
    followed = flat[end + 1 : end + 2] in ("；", "。", "")
    apart = followed and before and not _ends_name(flat, start)
    several = "、" in flat[start:end] and before not in "、，" and not _ends_name(flat, start)
    several = several or (before == "，" and "、" in flat[start:end])
    if before and (before in "。；！" or apart or several) and not _SAYS_OF.match(flat, start + 1):
        names = names_in(flat, start + 1, end)
        return bool(names) and all(
            is_name(flat[a:b])
            and b - a > 2
            and (at_end or _OFFICE.fullmatch(flat, a, b) or (n and flat.startswith("各", a)))
            for n, (a, b) in enumerate(names)
        )
    return False


def _is_labelled_somehow(flat: str, start: int, end: int) -> bool:
    """Whether a bracket names bodies behind a label nobody knows (任务承接方：某局), unless it charges nobody."""
    label = _ANY_LABEL.match(flat, start, end)
    if label is None or _SAYS_OF.match(flat, start) or _CHARGES_NOBODY.match(flat, start):
        return False
    first = next(iter(top_level_cuts(flat, label.end(), end, "；。")))
    names = names_in(flat, *first)
    return bool(names) and all(_OFFICE.fullmatch(flat, a, b) and is_name(flat[a:b]) for a, b in names)


def _ends_name(flat: str, place: int) -> bool:
    """Whether a name ends here, so that a bracket behind it holds its other name: 市营商局（市行政审批局）."""
    return is_name(flat[max(0, place - 4) : place]) and not _COUNTED.search(flat, max(0, place - 4), place)
