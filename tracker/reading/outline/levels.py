"""Levels (层级): which clause of a tree is one measure, weighed over all that stand on one level together."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from tracker.reading.outline.clauses import Clause, Keys
from tracker.reading.outline.layout import Line
from tracker.reading.outline.markers import RANKS
from tracker.reading.text.marks import DUTY, LIMIT, hands_out

_SUBPOINT = RANKS["arabic_paren"]
_POINT_LIMIT = 120
_HEADING_LIMIT = 60
_SURE = 1.5  # what a clause says so clearly that its siblings do not overrule it


@dataclass(frozen=True, slots=True)
class Split:
    """Clauses of one level of which some are measures by what they say, and some are sections."""

    clause: Clause
    as_measures: int
    as_sections: int


class Levels:
    """Decides which clauses of one plan are measures; a chosen level leaves nothing to decide where it occurs."""

    def __init__(self, bare: str, root: Clause, keys: Keys, level: str | None) -> None:
        self.bare = bare
        self.keys = keys
        self.level = level
        self._least = _SUBPOINT if level is None else max(_SUBPOINT, RANKS[level] + 1)
        self._hands: dict[tuple[int, int], bool] = {}
        self._measures: set[int] = set()
        self.splits: list[Split] = []
        self.twofold: list[Clause] = []  # answered for as a whole and again in their parts
        groups: dict[tuple[str, int], list[tuple[Clause, float]]] = defaultdict(list)
        for clause in root.walk():
            under = self.under(clause)
            if under:
                groups[clause.own.style, clause.own.depth].append((clause, self._weight(clause, under)))
        for group in groups.values():
            self._settle(group)

    def under(self, clause: Clause) -> list[Clause]:
        """The clauses under one that may be measures themselves; sub-points never are."""
        return [child for child in clause.children if child.own.rank < self._least]

    def is_measure(self, clause: Clause) -> bool:
        """Whether a clause that has others under it is one measure all the same."""
        if self.level is not None:
            if clause.own.style == self.level:
                return True
            if any(child.own.style == self.level for child in clause.walk()):
                return False
        return id(clause) in self._measures

    def hands(self, line: Line) -> bool:
        """Whether a line holds a responsibility block."""
        key = line.start, line.end
        if key not in self._hands:
            self._hands[key] = hands_out(self.bare, line.start, line.end)
        return self._hands[key]

    def hands_any(self, lines: Sequence[Line]) -> bool:
        """Whether one of the lines holds a responsibility block."""
        return any(self.hands(line) for line in lines)

    def answers_for_all(self, clause: Clause, under: Sequence[Clause]) -> Line | None:
        """The heading that says who answers for everything under it (一、投资政策（由县发改局牵头实施）)."""
        if any(self.hands_any(list(child.everything())) for child in under):
            return None
        for line in clause.lines[:2]:
            short = line.end - line.start < 160 and "。" not in self.bare[line.start : line.end - 1]
            if short and self.hands(line):
                return None if LIMIT.search(self.bare, line.start, line.end) else line
        return None

    def _settle(self, group: Sequence[tuple[Clause, float]]) -> None:
        total = sum(weight for _, weight in group)
        sure = [weight for _, weight in group if abs(weight) >= _SURE]
        for clause, weight in group:
            if weight >= _SURE or (weight > -_SURE and total > 0 and weight + total > 0):
                self._measures.add(id(clause))
        ups, downs = sum(weight > 0 for weight in sure), sum(weight < 0 for weight in sure)
        if ups and downs:
            odd = next(clause for clause, weight in group if (weight > 0) == (ups < downs) and abs(weight) >= _SURE)
            self.splits.append(Split(odd, ups, downs))

    def _weight(self, clause: Clause, under: Sequence[Clause]) -> float:
        """How much speaks for one measure (above nought), or for a section with measures under it."""
        if clause.own.style == "article":
            return 3
        blocks = [self.hands_any(list(child.everything())) for child in under]
        own = self.hands_any(clause.lines)
        if any(blocks[:-1]):
            # Who answers for the whole in a full sentence, and then for each part, has given one task with its parts.
            if own and self._is_sentence(clause):
                self.twofold.append(clause)
                return 2
            return -3
        if self._is_list(clause, under, blocks):
            return 2
        inner = all(child.own.rank >= RANKS["arabic"] for child in under)
        runs_on = self.keys.runs_through and len(under) > 1 and (clause.parent is None or clause.parent.number is None)
        if not inner or runs_on:
            return -2
        if clause.own.rank <= RANKS["han"] and self.answers_for_all(clause, under):
            return -2
        if own and not blocks[-1]:
            return -2 if self._is_dated_heading(clause, under) else 2
        if blocks[-1] and len(under) > 1:
            last = list(under[-1].everything())
            points = all(self.bare[list(child.everything())[-1].end - 1] == "；" for child in under[:-1])
            apart = self.hands_any(last[1:])
            second = clause.own.style == "han_paren" and not self.keys.runs_through
            if points or apart or second:
                return 2
        return -0.5

    def _is_dated_heading(self, clause: Clause, under: Sequence[Clause]) -> bool:
        """Whether a heading gives a task and its limit itself, and others stand under it in full paragraphs."""
        head = clause.lines[0]
        words = self.bare[clause.own.body : head.end]
        if clause.own.rank > RANKS["han"] or "。" in words[:-1] or not LIMIT.search(words) or not self.hands(head):
            return False
        return all(list(child.everything())[-1].end - child.own.body > _HEADING_LIMIT for child in under)

    def _is_sentence(self, clause: Clause) -> bool:
        """Whether a clause says what is to be done before it says who answers for it."""
        words = self.bare[clause.own.body : clause.lines[-1].end]
        at = words.find("（")
        return at > 6 and (any(c in words[:at] for c in "，。") or words.endswith("："))

    def _is_list(self, clause: Clause, under: Sequence[Clause], blocks: Sequence[bool]) -> bool:
        """Whether what stands under a clause are the points of one sentence: conditions, papers, cases."""
        if any(blocks) or len(under) < 2:
            return False
        ends = [list(child.everything())[-1].end for child in under]
        sizes = [end - child.own.body for end, child in zip(ends, under, strict=True)]
        if max(sizes) > _POINT_LIMIT or any(child.children for child in under):
            return False
        parted = all(self.bare[end - 1] in "；，" for end in ends[:-1])
        opened = self.bare[clause.lines[-1].end - 1] == "：" and clause.lines[-1].end - clause.own.body > 8
        duties = sum(bool(DUTY.search(self.bare, child.own.body, end)) for child, end in zip(under, ends, strict=True))
        return (opened and (parted or duties * 3 < len(under))) or (parted and not duties)
