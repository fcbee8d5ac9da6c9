"""Clauses (条款): the numbered paragraphs of one plan as a tree, their keys, and drafts of measures."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tracker.reading.outline.layout import Line, Number
from tracker.reading.outline.markers import RANKS
from tracker.reading.text.numerals import in_han

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

    def walk(self) -> Iterator["Clause"]:
        """The clauses under it, in order."""
        for child in self.children:
            yield child
            yield from child.walk()

    def last(self) -> "Clause":
        """The innermost clause at its end."""
        here = self
        while here.children:
            here = here.children[-1]
        return here


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


def tree_of(lines: Sequence[Line]) -> Clause:
    """The root of the clauses that these lines make up."""
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


class Keys:
    """The numbering path of a clause as the schema has it: 四.2, 17, 三.二."""

    def __init__(self, root: Clause) -> None:
        firsts = [c.own.style for c in root.walk() if c.own.ordinal == 1 and not _is_inner(c)]
        self.runs_through = firsts.count("arabic") < 2 and _spans(root)
        self._han_restarts = firsts.count("han") > 1

    def of(self, clause: Clause) -> str:
        """The key of one clause."""
        number = clause.own
        if number.style == "dotted":
            return ".".join(map(str, number.path))
        own = str(number.ordinal) if number.rank >= RANKS["arabic"] else in_han(number.ordinal)
        parent = clause.parent
        if parent is None or parent.number is None:
            return own
        alone = number.rank < RANKS["han"] or (number.style == "arabic" and self.runs_through)
        if number.style == "han":
            alone = not self._han_restarts
        if alone or (parent.number.rank < RANKS["article"] and number.style != "han"):
            return own
        return f"{self.of(parent)}.{own}"


def _spans(root: Clause) -> bool:
    """Whether arabic numbers run on from one clause into the next, or stand under none."""
    parents = {id(c.parent) for c in root.walk() if c.own.style == "arabic" and not _is_inner(c)}
    return len(parents) != 1 or id(root) in parents or len(root.children) == 1


def _is_inner(clause: Clause) -> bool:
    """Whether the clause stands under a sub-point, where its number starts again for its own reasons."""
    parent = clause.parent
    while parent is not None and parent.number is not None:
        if parent.number.rank >= RANKS["arabic"]:
            return True
        parent = parent.parent
    return False
