"""What a reading asks and leaves over, as lines a person reads at a terminal; like questions stand together."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import groupby

from tracker.reading.loss.coverage import Coverage, coverage_of
from tracker.reading.plan import Doubt, DoubtKind, Reading, Span

_WORDS = 40  # characters of a paragraph that are shown


def as_questions(reading: Reading, text: str) -> str:
    """Every doubt with its line and why it is asked, by plan and kind, then what nothing accounts for."""
    lines = Lines(text)
    found: list[str] = []
    for title, doubts in [(plan.title or "（无标题）", plan.doubts) for plan in reading.plans]:
        found.append(f"{title}：疑问 {len(doubts)} 处")
        found.extend(_kinds(doubts, lines))
        found.append("")
    if reading.doubts:
        found.append(f"全文：疑问 {len(reading.doubts)} 处")
        found.extend(_kinds(reading.doubts, lines))
        found.append("")
    return "\n".join([*found, *coverage_lines(coverage_of(text, reading), text)])


def coverage_lines(coverage: Coverage, text: str) -> Iterator[str]:
    """How much of the text is accounted for, and each stretch that nothing accounts for."""
    lines = Lines(text)
    yield f"可见文字 {coverage.visible} 字，读到或有说明的 {coverage.percent}%，没有着落的 {len(coverage.rest)} 段"
    for one in coverage.rest:
        yield f"  第 {lines.at(one.span.start)} 行  {one.visible} 字  {_short(text, one.span)}"


class Lines:
    """The numbers of a text's lines, as an editor counts them."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(n + 1 for n, char in enumerate(text) if char == "\n")]

    def at(self, place: int) -> int:
        """The line that a place lies on, from 1."""
        return bisect_right(self._starts, place)


def _kinds(doubts: Sequence[Doubt], lines: Lines) -> Iterator[str]:
    order = list(DoubtKind)
    for kind, of_kind in groupby(sorted(doubts, key=lambda one: order.index(one.kind)), key=lambda one: one.kind):
        alike = list(of_kind)
        yield f"  {kind.label}（{len(alike)} 处）：{kind.why}"
        for doubt in alike:
            beside = "".join(f"，另见第 {lines.at(other.start)} 行" for other in doubt.others)
            yield f"    第 {lines.at(doubt.span.start)} 行{beside}  {doubt.measure or ''}  {doubt.seen}"


def _short(text: str, span: Span) -> str:
    words = " ".join(text[span.start : span.end].split())
    return words if len(words) <= _WORDS else words[: _WORDS - 1] + "…"
