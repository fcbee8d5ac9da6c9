"""Clauses (条款): the numbered paragraphs of one plan as a tree, and which of them are its measures."""

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field, replace

from tracker.reading.plan import Node, Span
from tracker.reading.text.layout import TERMINAL, Line
from tracker.reading.text.lazy import lazy
from tracker.reading.text.markers import RANKS
from tracker.reading.text.marks import BACKGROUND, CLOSING, OVERALL, hands_out
from tracker.reading.text.numbering import Number
from tracker.reading.text.numerals import in_han

_SUBPOINT = RANKS["arabic_paren"]
_HEADING_LIMIT = 60
_COMMA_HEADING = 40  # a longer line with a comma is the first line of a paragraph
_REMARK = lazy(r"（(?:此件|本文|联系人|有删减|公开).*）?|（.{0,20}(?:公开|删减|印发).{0,10}）")
_DATE = lazy(r"\d{4}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日")
_ATTACHED = lazy(r"附\s*[件表]\s*\d*\s*(?:：|$)")
_PURPOSE = lazy(
    r"为了?(?!民|什么)[^。]{4,160}制定本|本(?:办法|规定|细则|条例|措施|方案|意见)(?:所称|适用|所指)|制定本(?:办法"
    r"|规定|细则|条例)"
)
_OF_ITSELF = lazy(r"本|由|此前|以上|上述|自|各地|原")
_IN_FORCE = lazy(
    r"[。）](本(?:措施|方案|意见|办法|通知|细则|规定|计划|政策|要点)自[^。]{2,40}(?:施行|实施|执行)[^。]{0,80}。?(?:[^。]{0,80}。)?)$"
)
_SIGNED = lazy(r"[。）]([^。；，：（）]{2,40}?\d{4}年\d{1,2}月\d{1,2}日(?:（此件[^（）]*）)?)$")


_ROOT = Number("part", 0, (0,), 0)


@dataclass(slots=True)
class Clause:
    """A numbered paragraph with the unnumbered lines after it and the clauses under it."""

    number: Number | None
    lines: list[Line] = field(default_factory=list)
    children: list["Clause"] = field(default_factory=list)
    parent: "Clause | None" = None

    @property
    def own(self) -> Number:
        """Its number; only the root has none."""
        return self.number or _ROOT

    def everything(self) -> Iterator[Line]:
        """All lines of the clause and of those under it, in order."""
        yield from self.lines
        for child in self.children:
            yield from child.everything()


@dataclass(frozen=True, slots=True)
class Draft:
    """The lines of one measure to be, before they are read."""

    key: str
    section: str | None
    heading: tuple[int, int] | None  # a heading that stands apart from the text
    start: int  # where the text begins, after the number
    lines: tuple[Line, ...]
    background: bool = False
    needs_charge: bool = False  # a measure only if it charges somebody
    inherited: tuple[int, int] | None = None  # the heading whose responsibility block holds for it too


@dataclass(slots=True)
class Outline:
    """What a plan's body consists of."""

    drafts: list[Draft] = field(default_factory=list)
    headings: list[Line] = field(default_factory=list)
    left: list[tuple[Line, str]] = field(default_factory=list)  # lines that belong to no measure, with the reason
    nodes: list[tuple[Node, frozenset[int]]] = field(default_factory=list)  # each with where its text may begin

    def marked(self, taken: Container[Draft]) -> tuple[Node, ...]:
        """The nodes, those marked at which one of these drafts was cut."""
        cut = {draft.start for draft in self.drafts if draft in taken}
        return tuple(replace(node, is_measure=not cut.isdisjoint(starts)) for node, starts in self.nodes)


def outline_of(flat: str, body: Sequence[Line], level: str | None = None) -> Outline:
    """The measures, headings and left-over lines of a plan's body; a level makes every number of its style one."""
    outline = Outline()
    lines = _without_end(flat, list(body), outline)
    root = _tree(lines)
    if not root.children:
        for n, line in enumerate(root.lines, start=1):
            outline.drafts.append(Draft(f"#{n}", None, None, line.start, (line,), needs_charge=True))
        return outline
    tail = _cut_tail(flat, root)
    arabic = [c.number.ordinal for c in _walk(root) if c.number and c.number.style == "arabic" and not _is_inner(c)]
    _Collector(flat, outline, runs_through=arabic.count(1) < 2, level=level).collect(root)
    for n, line in enumerate(tail):
        closing = CLOSING.search(flat, line.start, line.end)
        if closing:
            outline.left.append((line, "附则"))
        else:
            key = "尾" if not n else f"尾#{n + 1}"
            outline.drafts.append(Draft(key, None, None, line.start, (line,), needs_charge=True))
    return outline


def _tree(lines: Sequence[Line]) -> Clause:
    root = Clause(None)
    here = root
    for line in lines:
        if line.number is None:
            here.lines.append(line)
            continue
        while here.number is not None and here.number.depth >= line.number.depth and here.parent is not None:
            here = here.parent
        child = Clause(line.number, [line], parent=here)
        here.children.append(child)
        here = child
    return root


def _walk(clause: Clause) -> Iterator[Clause]:
    for child in clause.children:
        yield child
        yield from _walk(child)


def _is_inner(clause: Clause) -> bool:
    """Whether the clause stands under a sub-point, where its number starts again for its own reasons."""
    parent = clause.parent
    while parent is not None and parent.number is not None:
        if parent.number.rank >= RANKS["arabic"]:
            return True
        parent = parent.parent
    return False


class _Collector:
    """Walks the tree of one plan and decides at which level its measures stand."""

    def __init__(self, flat: str, outline: Outline, *, runs_through: bool, level: str | None) -> None:
        self.flat = flat
        self.level = level
        self.outline = outline
        self.runs_through = runs_through

    def collect(self, root: Clause) -> None:
        """Every measure under the root, in order."""
        self.outline.left.extend((line, "引言") for line in root.lines)
        for child in root.children:
            self._take(child, background=False, inherited=None)
        self.outline.nodes.extend(self._nodes(root, 0))

    def _nodes(self, clause: Clause, depth: int) -> Iterator[tuple[Node, frozenset[int]]]:
        """Every numbered clause in the order of the text."""
        for child in clause.children:
            lines = list(child.everything())
            head = lines[0]
            stop = self.flat.find("。", child.own.body, head.end)
            end = head.end if stop < 0 else stop + 1
            whole = Span(head.start, lines[-1].end)
            node = Node(child.own.style, self._key(child), depth, Span(head.start, end), whole, is_measure=False)
            yield node, frozenset([child.own.body, *(line.start for line in child.lines[1:])])
            yield from self._nodes(child, depth + 1)

    def _take(self, clause: Clause, *, background: bool, inherited: tuple[int, int] | None) -> None:
        background = background or self._sets_scene(clause)
        least = _SUBPOINT if self.level is None else max(_SUBPOINT, RANKS[self.level] + 1)
        under = [c for c in clause.children if c.number and c.number.rank < least]
        if not under and self._takes_leave(clause):
            self.outline.left.extend((line, "附则") for line in clause.lines)
            return
        if not under or self._is_measure(clause, under):
            self._leaf(clause, tuple(clause.everything()), background=background, inherited=inherited)
            return
        inherited = self._answers_for_all(clause, under) or inherited
        self._section(clause, background=background, inherited=inherited)
        for child in clause.children:
            self._take(child, background=background, inherited=inherited)

    def _is_measure(self, clause: Clause, under: list[Clause]) -> bool:
        """Whether a clause with others under it is one measure: by the level a person chose, else by what they say."""
        if self.level is None:
            return self._belong_together(clause, under)
        if clause.own.style == self.level:
            return True
        holds = any(child.own.style == self.level for child in _walk(clause))
        return not holds and self._belong_together(clause, under)

    def _takes_leave(self, clause: Clause) -> bool:
        """Whether a numbered clause only says since when and how long the plan holds."""
        start, end = clause.own.body, clause.lines[0].end
        short = end - start < 160 and _OF_ITSELF.match(self.flat, start)
        return bool(short and CLOSING.search(self.flat, start, end))

    def _answers_for_all(self, clause: Clause, under: list[Clause]) -> tuple[int, int] | None:
        """The heading that says who answers for everything under it (一、投资政策（由县发改局牵头实施）)."""
        if any(hands_out(self.flat, x.start, x.end) for c in under for x in c.everything()):
            return None
        for line in clause.lines[:2]:
            short = line.end - line.start < 160 and "。" not in self.flat[line.start : line.end - 1]
            if short and hands_out(self.flat, line.start, line.end):
                return line.start, line.end
        return None

    def _sets_scene(self, clause: Clause) -> bool:
        line = clause.lines[0]
        start, end = clause.own.body, line.end
        limit = min(end, start + 24)
        stop = next((n for n in range(start, limit) if self.flat[n] in "。，；：（"), limit)
        if _PURPOSE.match(self.flat, start, end):
            return True
        if not (BACKGROUND.fullmatch(self.flat, start, stop) or OVERALL.match(self.flat, start, end)):
            return False
        return not any(hands_out(self.flat, part.start, part.end) for part in clause.everything())

    def _belong_together(self, clause: Clause, under: list[Clause]) -> bool:
        """Whether numbered lines are the points of one measure: it is answered for once, before or after them."""
        blocks = [any(hands_out(self.flat, x.start, x.end) for x in child.everything()) for child in under]
        inner = all(c.number and c.number.rank >= RANKS["arabic"] for c in under)
        if any(blocks[:-1]) or not inner or (self.runs_through and len(under) > 1 and not clause_has_parent(clause)):
            return False
        if clause.own.rank <= RANKS["han"] and self._answers_for_all(clause, under):
            return False
        own = any(hands_out(self.flat, line.start, line.end) for line in clause.lines)
        if own and not blocks[-1]:
            return True
        second = clause.own.style == "han_paren"
        points = all(self.flat[list(c.everything())[-1].end - 1] == "；" for c in under[:-1])
        apart = any(hands_out(self.flat, x.start, x.end) for x in list(under[-1].everything())[1:])
        return blocks[-1] and len(under) > 1 and (points or apart or (second and not self.runs_through))

    def _section(self, clause: Clause, *, background: bool, inherited: tuple[int, int] | None) -> None:
        """A clause with measures under it: its heading, and the paragraphs that introduce them."""
        head, rest = clause.lines[0], clause.lines[1:]
        rest = self._wrapped_heading(head, rest)
        own = [line for line in [head, *rest] if hands_out(self.flat, line.start, line.end)]
        if own and inherited is None:
            self._leaf(clause, tuple(clause.lines), background=background, inherited=None)
            return
        self.outline.headings.append(head)
        self.outline.headings.extend(line for line in own if line is not head)
        rest = [line for line in rest if line not in own]
        for n, line in enumerate(rest, start=1):
            key = f"{self._key(clause)}#{n}"
            draft = Draft(key, self._heading_text(clause), None, line.start, (line,), background, needs_charge=True)
            self.outline.drafts.append(draft)

    def _wrapped_heading(self, head: Line, rest: list[Line]) -> list[Line]:
        """The lines under a heading without those that are only its second half."""
        if len(rest) != 1 or rest[0].indented or rest[0].end - rest[0].start >= 30:
            return rest
        if _ends_sentence(self.flat, head) or _ends_sentence(self.flat, rest[0]):
            return rest
        if "：" in self.flat[rest[0].start : rest[0].end]:
            return rest
        self.outline.headings.append(rest[0])
        return []

    def _leaf(
        self, clause: Clause, lines: tuple[Line, ...], *, background: bool, inherited: tuple[int, int] | None
    ) -> None:
        head = lines[0]
        section = self._heading_text(clause.parent) if clause.parent and clause.parent.number else None
        heading, start = None, clause.own.body
        apart = len(lines) > 1 and self._is_heading(clause, head) and not lines[1].number
        if apart and clause.own.rank <= RANKS["han_paren"] and not self._goes_on(head, lines[1]):
            heading, start = (clause.own.body, head.end), lines[1].start
            if clause.own.style == "han":
                section, heading = self._heading_text(clause), None
            self.outline.headings.append(head)
            lines = lines[1:]
        elif len(lines) > 1 and lines[1].number and not _ends_sentence(self.flat, head) and head.end - start < 40:
            heading = (start, head.end)
        elif clause.own.style == "han" and section is None:
            section = self._heading_text(clause)
        draft = Draft(self._key(clause), section, heading, start, lines, background, inherited=inherited)
        self.outline.drafts.append(draft)

    def _is_heading(self, clause: Clause, head: Line) -> bool:
        """Whether a numbered line is only a heading: short, and one sentence at most."""
        words = self.flat[clause.own.body : head.end]
        return 0 < len(words) < _HEADING_LIMIT and not any(c in words[:-1] for c in "。；") and not words.endswith("）")

    def _goes_on(self, head: Line, following: Line) -> bool:
        """Whether a line after a short numbered one continues its sentence, as where a page broke a word."""
        if _ends_sentence(self.flat, head) or following.indented:
            return False
        words = self.flat[head.start : head.end]
        return "；" in words or ("，" in words and len(words) >= _COMMA_HEADING)

    def _heading_text(self, clause: Clause | None) -> str | None:
        if clause is None or clause.number is None:
            return None
        line = clause.lines[0]
        text = self.flat[line.start : min(line.end, line.start + 160)]
        stop = text.find("。", clause.own.body - line.start)
        heading = text if stop < 0 else text[:stop]
        return re.sub(r"\s+", "", heading)[:80]

    def _key(self, clause: Clause) -> str:
        """The numbering path as the schema has it: 四.2, 17, 三.二."""
        number = clause.own
        if number.style == "dotted":
            return ".".join(map(str, number.path))
        own = str(number.ordinal) if number.rank >= RANKS["arabic"] else in_han(number.ordinal)
        alone = number.rank <= RANKS["han"] or (number.style == "arabic" and self.runs_through)
        if alone or clause.parent is None or clause.parent.number is None:
            return own
        if clause.parent.number.rank < RANKS["article"]:
            return own
        return f"{self._key(clause.parent)}.{own}"


def clause_has_parent(clause: Clause) -> bool:
    """Whether a clause stands under another numbered one."""
    return clause.parent is not None and clause.parent.number is not None


def _ends_sentence(flat: str, line: Line) -> bool:
    return flat[line.end - 1] in TERMINAL


def _without_end(flat: str, lines: list[Line], outline: Outline) -> list[Line]:
    """The body without what follows its last paragraph: signature, date, remarks, lists of attachments."""
    for n, line in enumerate(lines):
        if _ATTACHED.match(flat, line.start, line.end) and line.end - line.start < 80 and n > 0:
            outline.left.extend((part, "附件") for part in lines[n:])
            lines = lines[:n]
            break
    while lines:
        line = lines[-1]
        dated = bool(_DATE.fullmatch(flat, line.start, line.end))
        if dated or _REMARK.fullmatch(flat, line.start, line.end):
            outline.left.append((lines.pop(), "落款"))
            if dated:
                while lines and _is_signature(flat, lines[-1]):
                    outline.left.append((lines.pop(), "落款"))
            continue
        signed = _SIGNED.search(flat, max(line.start, line.end - 120), line.end)
        if signed:
            lines[-1] = line = Line(line.start, signed.start(1), line.number, line.indented)
            outline.left.append((Line(signed.start(1), signed.end(), None, False), "落款"))
        closing = _IN_FORCE.search(flat, max(line.start, line.end - 260), line.end)
        if closing:
            lines[-1] = Line(line.start, closing.start(1), line.number, line.indented)
            outline.left.append((Line(closing.start(1), line.end, None, False), "附则"))
        break
    return lines


def _is_signature(flat: str, line: Line) -> bool:
    return line.number is None and line.end - line.start < 50 and not _ends_sentence(flat, line)


def _cut_tail(flat: str, root: Clause) -> list[Line]:
    """Take the closing paragraphs off the last clause: unnumbered ones after a clause that was complete."""
    last = root
    while last.children:
        last = last.children[-1]
    if len(last.lines) < 2 or last is root:
        return []
    head = last.lines[0]
    at = 1
    while at < len(last.lines) and not _ends_sentence(flat, last.lines[at - 1]):
        at += 1
    tail = list(last.lines[at:])
    if any(hands_out(flat, line.start, line.end) for line in tail):
        return []
    closed = hands_out(flat, max(head.start, head.end - 200), head.end)
    others = [c for c in _walk(root) if not c.children and c is not last]
    single = all(len(c.lines) == 1 or c.lines[0].end - c.lines[0].start < 30 for c in others)
    whole = _ends_sentence(flat, head) and head.end - last.own.body >= 20
    if not whole or not (closed or single):
        while tail and not (_OF_ITSELF.match(flat, tail[0].start) and CLOSING.search(flat, tail[0].start, tail[0].end)):
            tail.pop(0)
    last.lines = last.lines[: len(last.lines) - len(tail)]
    return tail
