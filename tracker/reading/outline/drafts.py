"""Drafts (措施稿): what each plan's body consists of, once its clauses and their levels are known."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import pairwise

from tracker.reading.outline.clauses import Clause, Draft, Keys, tree_of
from tracker.reading.outline.endings import OF_ITSELF, Ending, answered_ends, cut_tail, led_ends, without_end
from tracker.reading.outline.layout import TERMINAL, Layout, Line
from tracker.reading.outline.levels import Levels
from tracker.reading.outline.markers import RANKS
from tracker.reading.plan import Doubt, DoubtKind, Node, Span
from tracker.reading.text.lazy import lazy
from tracker.reading.text.marks import BACKGROUND, CHARGED, CLOSING, DUTY, LIMIT, OVERALL

_HEADING_LIMIT = 60
_SHORT = 25
_COMMA_HEADING = 40  # a longer line with a comma is the first line of a paragraph
_LAST_PART = "附则"
_PURPOSE = lazy(
    r"为了?(?!民|什么)[^。]{4,160}制定本|本(?:办法|规定|细则|条例|措施|方案|意见)(?:所称|适用|所指)|制定本(?:办法"
    r"|规定|细则|条例)"
)


@dataclass(slots=True)
class Outline:
    """What a plan's body consists of."""

    drafts: list[Draft] = field(default_factory=list)
    headings: list[Line] = field(default_factory=list)
    left: list[tuple[Line, str]] = field(default_factory=list)  # lines that belong to no measure, with the reason
    nodes: list[tuple[Node, frozenset[int]]] = field(default_factory=list)  # each with where its text may begin
    doubts: list[Doubt] = field(default_factory=list)

    def marked(self, cut: Set[int]) -> tuple[Node, ...]:
        """The nodes, those marked whose text begins where a measure was cut."""
        return tuple(replace(node, is_measure=not cut.isdisjoint(starts)) for node, starts in self.nodes)


def outline_of(layout: Layout, body: Sequence[Line], level: str | None = None) -> Outline:
    """The measures, headings and left-over lines of a plan's body; a level makes every number of its style one."""
    outline = Outline()
    ending = Ending()
    lines = without_end(layout.bare, list(body), ending)
    _collect(layout, lines, outline, level)
    outline.left.extend(ending.left)
    for part in ending.attachments:
        head = next((n for n, line in enumerate(part) if line.number), 0)
        outline.headings.extend(part[:head])
        _collect(layout, part[head:], outline, level)
    return outline


def _collect(layout: Layout, lines: Sequence[Line], outline: Outline, level: str | None) -> None:
    root = tree_of(lines)
    if not root.children:
        for n, line in enumerate(root.lines, start=1):
            outline.drafts.append(_sourced(layout, Draft(f"#{n}", None, None, line.start, (line,), needs_charge=True)))
        return
    tail = cut_tail(layout.bare, root)
    collector = _Collector(layout, root, level)
    collector.collect(outline)
    for n, line in enumerate(tail):
        if CLOSING.search(layout.bare, line.start, line.end) and OF_ITSELF.match(layout.bare, line.start):
            outline.left.append((line, "附则"))
        else:
            key = "尾" if not n else f"尾#{n + 1}"
            outline.drafts.append(_sourced(layout, Draft(key, None, None, line.start, (line,), needs_charge=True)))


def _sourced(layout: Layout, draft: Draft) -> Draft:
    """The draft with its places in the source."""

    if draft.heading is None and draft.inherited is None and len(draft.lines) == 1:
        line = layout.sourced(draft.lines[0])
        own = draft.start == draft.lines[0].start and draft.start < draft.lines[0].end
        start = line.start if own else min(layout.place(draft.start), line.end)
        return replace(draft, start=start, lines=(line,))

    def pair(places: tuple[int, int] | None) -> tuple[int, int] | None:
        return (layout.place(places[0]), layout.place(places[1] - 1) + 1) if places else None

    lines = tuple(layout.sourced(line) for line in draft.lines)
    start = min(layout.place(draft.start), lines[-1].end)
    return replace(draft, heading=pair(draft.heading), start=start, lines=lines, inherited=pair(draft.inherited))


class _Collector:
    """Walks the tree of one plan and drafts the measures of the levels that were decided on."""

    def __init__(self, layout: Layout, root: Clause, level: str | None) -> None:
        self.layout = layout
        self.bare = layout.bare
        self.root = root
        self.keys = Keys(root)
        self.levels = Levels(layout.bare, root, self.keys, level)
        self.drafts: list[Draft] = []
        self.headings: list[Line] = []
        self.left: list[tuple[Line, str]] = []

    def collect(self, outline: Outline) -> None:
        """Add every measure under the root, in order, with whatever lies around them."""
        self.left.extend((line, "引言") for line in self.root.lines)
        for child in self.root.children:
            self._take(child, background=False, inherited=None)
        outline.drafts.extend(_sourced(self.layout, draft) for draft in self.drafts)
        outline.headings.extend(self.headings)
        outline.left.extend(self.left)
        outline.nodes.extend(self._nodes(self.root, 0))
        outline.doubts.extend(self._doubts())

    def _nodes(self, clause: Clause, depth: int) -> Iterator[tuple[Node, frozenset[int]]]:
        """Every numbered clause in the order of the text."""
        for child in clause.children:
            lines = list(child.everything())
            head = lines[0]
            stop = self.bare.find("。", child.own.body, head.end)
            end = head.end if stop < 0 else stop + 1
            clean = self.layout.clean
            node = Node(
                child.own.style,
                self.keys.of(child),
                depth,
                clean.span(head.start, end),
                clean.span(head.start, lines[-1].end),
                is_measure=False,
            )
            starts = [child.own.body, *(line.start for line in child.lines[1:])]
            yield node, frozenset(self.layout.place(start) for start in starts)
            yield from self._nodes(child, depth + 1)

    def _doubts(self) -> Iterator[Doubt]:
        """What is odd about the numbers: gaps, and levels that two good readers would cut differently."""
        for clause in self.root.walk():
            if clause.own.jump:
                line = clause.lines[0]
                words = self.bare[line.start : clause.own.body]
                what = "印了两次" if clause.own.jump < 0 else f"之前少了{clause.own.jump}个编号"
                yield Doubt(DoubtKind.GAP, self._span(line), f"「{words}」{what}")
        for clause in self.levels.twofold[:1]:
            line = clause.lines[0]
            words = self.bare[line.start : line.start + 24]
            seen = f"「{words}」一级{len(self.levels.twofold)}处自己写了责任单位，下一级又各写了责任单位"
            yield Doubt(DoubtKind.LEVEL, self._span(line), seen)
        for split in self.levels.splits:
            line = split.clause.lines[0]
            words = self.bare[line.start : line.start + 24]
            seen = f"「{words}」一级有{split.as_measures}处像是一条措施，{split.as_sections}处像是标题"
            yield Doubt(DoubtKind.LEVEL, self._span(line), seen)

    def _span(self, line: Line) -> Span:
        return self.layout.span(line)

    def _take(self, clause: Clause, *, background: bool, inherited: tuple[int, int] | None) -> None:
        background = background or self._sets_scene(clause)
        under = self.levels.under(clause)
        if not under and self._takes_leave(clause):
            self.left.extend((line, "附则") for line in clause.lines)
            return
        if not under or self.levels.is_measure(clause):
            self._leaf(clause, tuple(clause.everything()), background=background, inherited=inherited)
            return
        answering = self.levels.answers_for_all(clause, under)
        inherited = (answering.start, answering.end) if answering else inherited
        self._section(clause, background=background, inherited=inherited)
        for child in clause.children:
            self._take(child, background=background, inherited=inherited)

    def _takes_leave(self, clause: Clause) -> bool:
        """Whether a numbered clause only says since when and how long the plan holds."""
        start, end = clause.own.body, clause.lines[0].end
        if self.bare.startswith(_LAST_PART, start):
            start, end = start + len(_LAST_PART), clause.lines[-1].end
            if start >= end:
                return True
        short = end - start < 160 and OF_ITSELF.match(self.bare, start)
        return bool(short and CLOSING.search(self.bare, start, end))

    def _sets_scene(self, clause: Clause) -> bool:
        line = clause.lines[0]
        start, end = clause.own.body, line.end
        limit = min(end, start + 24)
        stop = next((n for n in range(start, limit) if self.bare[n] in "。，；：（"), limit)
        if _PURPOSE.match(self.bare, start, end):
            return True
        if not (BACKGROUND.fullmatch(self.bare, start, stop) or OVERALL.match(self.bare, start, end)):
            return False
        return not self.levels.hands_any(list(clause.everything()))

    def _section(self, clause: Clause, *, background: bool, inherited: tuple[int, int] | None) -> None:
        """A clause with measures under it: its heading, and the words that introduce them."""
        head, rest = clause.lines[0], clause.lines[1:]
        rest = self._wrapped_heading(head, rest)
        own = [line for line in [head, *rest] if self.levels.hands(line)]
        if own and inherited is None:
            self._leaf(clause, tuple(clause.lines), background=background, inherited=None)
            return
        if head in own or self._is_heading(clause, head):
            self.headings.append(head)
        else:
            rest = [replace(head, start=clause.own.body, number=None), *rest]
        self.headings.extend(line for line in own if line is not head)
        rest = [line for line in rest if line not in own]
        if rest:
            key = f"{self.keys.of(clause)}#1"
            section = self._heading_text(clause)
            self.drafts.append(Draft(key, section, None, rest[0].start, tuple(rest), background, needs_charge=True))

    def _wrapped_heading(self, head: Line, rest: list[Line]) -> list[Line]:
        """The lines under a heading without those that are only its second half."""
        if len(rest) != 1 or rest[0].indented or rest[0].end - rest[0].start >= 30:
            return rest
        if self._ends_sentence(head) or self._ends_sentence(rest[0]):
            return rest
        if "：" in self.bare[rest[0].start : rest[0].end]:
            return rest
        self.headings.append(rest[0])
        return []

    def _leaf(
        self, clause: Clause, lines: tuple[Line, ...], *, background: bool, inherited: tuple[int, int] | None
    ) -> None:
        head = lines[0]
        section = self._heading_text(clause.parent) if clause.parent and clause.parent.number else None
        heading, start = None, clause.own.body
        # A heading with a stop is the first sentence of its paragraph, whether or not that begins a line of its own.
        apart = len(lines) > 1 and self._is_heading(clause, head) and not lines[1].number
        apart = apart and not self._ends_sentence(head)
        if apart and clause.own.rank <= RANKS["han_paren"] and not self._goes_on(head, lines[1]):
            heading, start = (clause.own.body, head.end), lines[1].start
            if clause.own.style == "han":
                section, heading = self._heading_text(clause), None
            self.headings.append(head)
            lines = lines[1:]
        elif len(lines) > 1 and lines[1].number and not self._ends_sentence(head) and head.end - start < 40:
            heading = (start, head.end)
        elif clause.own.style == "han" and section is None:
            section = self._heading_text(clause)
        draft = Draft(self.keys.of(clause), section, heading, start, lines, background, inherited=inherited)
        self.drafts.extend(self._parted(clause, draft))

    def _parted(self, clause: Clause, draft: Draft) -> Iterator[Draft]:
        """An unnumbered list of tasks under a heading: each paragraph that states one is a measure."""
        top = clause.own.rank <= RANKS["han"] and clause.own.style != "article"
        lines = draft.lines
        if top and len(lines) == 1 and lines[0].joined and not clause.children and not draft.inherited:
            yield from self._unjoined(draft)
            return
        plain = top and len(lines) > 1 and not clause.children and not draft.inherited and not lines[0].number
        if not plain or any("：" in self.bare[line.start : line.start + 8] for line in lines):
            yield draft
            return
        states = [self._states_a_task(line) for line in lines]
        long = sum(line.end - line.start >= _SHORT for line in lines)
        if sum(states) < 2 or sum(states) * 3 < long * 2:
            yield draft
            return
        # What states no task belongs to the paragraph before it; a short line leads in what follows.
        starts = [0]
        for n, one in enumerate(states):
            if n and one and lines[n - 1].end - lines[starts[-1]].start >= _SHORT:
                starts.append(n)
        for n, (at, end) in enumerate(pairwise([*starts, len(lines)]), start=1):
            yield replace(draft, key=f"{draft.key}#{n}", start=lines[at].start, lines=lines[at:end])

    def _unjoined(self, draft: Draft) -> Iterator[Draft]:
        """The tasks of a section whose line ends were lost: each ends with who answers, or begins with what it is."""
        (line,) = draft.lines
        ends = answered_ends(self.bare, line)
        if len(ends) < 2:
            ends = led_ends(self.bare, draft.start, line.end)
        if len(ends) < 2:
            yield draft
            return
        ends[-1] = line.end
        for n, (start, end) in enumerate(pairwise([draft.start, *ends]), start=1):
            part = replace(line, end=end) if n == 1 else Line(start, end, None, indented=False)
            yield replace(draft, key=f"{draft.key}#{n}", start=start, lines=(part,))

    def _states_a_task(self, line: Line) -> bool:
        """Whether a paragraph says who does something, by when, or begins with what is to be done."""
        if self.levels.hands(line) or CHARGED.search(self.bare, line.start, line.end):
            return True
        lead = self.bare.find("。", line.start, line.start + 24)
        return (
            LIMIT.search(self.bare, line.start, line.end) is not None
            or 4 < lead - line.start < line.end - line.start - 8
        )

    def _is_heading(self, clause: Clause, head: Line) -> bool:
        """Whether a numbered line is only a heading: short, one sentence at most, and no duty."""
        words = self.bare[clause.own.body : head.end]
        if not 0 < len(words) < _HEADING_LIMIT or any(c in words[:-1] for c in "。；") or words.endswith("）"):
            return False
        states = DUTY.search(words) or LIMIT.search(words)
        return not states or self.levels.hands(head)

    def _goes_on(self, head: Line, following: Line) -> bool:
        """Whether a line after a short numbered one continues its sentence, as where a page broke a word."""
        if self._ends_sentence(head) or following.indented:
            return False
        words = self.bare[head.start : head.end]
        return "；" in words or ("，" in words and len(words) >= _COMMA_HEADING)

    def _heading_text(self, clause: Clause | None) -> str | None:
        if clause is None or clause.number is None:
            return None
        line = clause.lines[0]
        text = self.bare[line.start : min(line.end, line.start + 160)]
        stop = text.find("。", clause.own.body - line.start)
        heading = text if stop < 0 else text[:stop]
        return heading.replace(" ", "")[:80]

    def _ends_sentence(self, line: Line) -> bool:
        return self.bare[line.end - 1] in TERMINAL
