"""The layout (版面) of a source: its content without white space, cut into lines wherever a paragraph begins.

Line ends, indents and blanks are evidence of where a paragraph may begin and no more: a line filled to the width of
the page goes on in the next, blanks that stand for line ends part what they part, and where nothing is left of the
layout the words themselves say where a number, a signature, a title or a label begins.
"""

from collections import Counter
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from tracker.reading.outline.contents import contents_of
from tracker.reading.outline.furniture import Furniture
from tracker.reading.outline.headings import headings_in
from tracker.reading.outline.joints import joints_in
from tracker.reading.outline.markers import MOST, RANKS, Marker, markers_in
from tracker.reading.outline.series import Entry, best_outline
from tracker.reading.plan import Span
from tracker.reading.text.cleaning import Clean
from tracker.reading.text.lazy import lazy
from tracker.reading.text.marks import hands_out
from tracker.reading.text.numerals import HAN

_LINE = lazy(r"[^\s](?:[^\n\f\v\x1c-\x1e\x85\u2028\u2029]*[^\s])?")
_BLANKS = lazy(r"[^\S\n\x1f]+")  # where a mark of emphasis stood is no gap between words
_BEGINS = lazy(
    rf"第[{HAN}\d]{{1,4}}[编章节条]|[{HAN}\d]{{1,3}}[、.]|（[{HAN}\d]{{1,3}}）|附件|[\u4e00-\u9fff]{{2,8}}："
)
_FIELD = lazy(
    r"(?:单位|部门|主体|对象|方式|标准|条件|材料|流程|内容|措施|依据|范围|目标|[时期]限|时间|地点|人|电话)：$"
)
_NUMBERED = lazy(rf"第[{HAN}\d]{{1,4}}条$")
_TITLED = lazy(r"(?:通知|意见|措施|方案|办法|决定|计划|要点)$")
TERMINAL = "。；：！？）”…"
# Nobody sets a paragraph this long without a line end, unless the line ends were lost.
_JOINED = 240
# No document has so many paragraphs; what lies behind them is not laid out, and that is asked.
MOST_LINES = 20_000
TOO_LONG = "段落太多，没有往下读"
_PAGE = (18, 60)  # the least and the greatest width of a page in characters


@dataclass(frozen=True, slots=True)
class Number:
    """序号: the style of a number, its value, how deep it stands, and where the words after it begin."""

    style: str
    ordinal: int
    path: tuple[int, ...]
    body: int
    depth: int = 0  # in the outline of the whole text; 0 for the outermost
    jump: int = 0  # how many numbers are missing before it; -1 where one is printed twice

    @property
    def rank(self) -> int:
        """How far in this style usually stands."""
        return RANKS[self.style]


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph, or a part of one that begins with its own number.

    Inside this package its places are those of the text without white space; a draft has them in the source.
    """

    start: int
    end: int
    number: Number | None
    indented: bool
    joined: bool = False  # whether it comes from a run of paragraphs whose line ends were lost


@dataclass(frozen=True, slots=True)
class Layout:
    """A source laid out to be read."""

    clean: Clean
    lines: tuple[Line, ...]
    furniture: tuple[tuple[Span, str], ...]  # what is no part of the policy, and why
    strays: tuple[
        Span, ...
    ] = ()  # numbers at line starts, of a style the outline has, that fit into none of its series
    last_number: int | None = None  # where the last number stands that was looked at, where there are too many
    rest: Span | None = None  # what was not laid out, where there are too many lines

    @property
    def bare(self) -> str:
        """The folded content without white space."""
        return self.clean.flat

    def span(self, line: Line) -> Span:
        """Where a line stands in the source."""
        return self.clean.span(line.start, line.end)

    def place(self, index: int) -> int:
        """Where a character stands in the source; behind the last one for the end of the text."""
        return self.clean.source(index) if index < len(self.bare) else self.clean.source(index - 1) + 1

    def sourced(self, line: Line) -> Line:
        """The line with its places in the source."""
        span = self.span(line)
        number = replace(line.number, body=min(self.place(line.number.body), span.end)) if line.number else None
        return Line(span.start, span.end, number, line.indented, line.joined)


@dataclass(frozen=True, slots=True)
class _Piece:
    start: int
    end: int
    indented: bool
    joined: bool  # whether its line ends were lost


def laid_out(printed: str, flat: str, outside: Container[int] = ()) -> Layout:
    """The layout of a source; what begins in one of the places `outside` is not laid out."""
    pieces: list[_Piece] = []
    aside: list[tuple[Span, str]] = []
    furniture = Furniture()
    rest: Span | None = None
    for match in _LINE.finditer(flat):
        if match.start() in outside:
            continue
        if len(pieces) + len(aside) >= MOST_LINES:
            rest = Span(match.start(), len(flat))
            break
        joined = match.end() - match.start() > _JOINED
        for start, end in _unjoined(flat, match.start(), match.end()) if joined else [match.span()]:
            reason = furniture.reason(flat, start, end)
            if reason:
                aside.append((Span(start, end), reason))
            else:
                pieces.append(_Piece(start, end, start > 0 and flat[start - 1] == "\u3000", joined))
    clean = Clean(printed, flat, [(piece.start, piece.end) for piece in pieces])
    markers = markers_in(clean, flat)
    last = clean.source(markers[-1].start) if len(markers) >= MOST else None
    entries = best_outline(markers)
    listed = contents_of(clean.flat, entries)
    if listed:
        aside.append((clean.span(*listed), "目录"))
        entries = [entry for entry in entries if not listed[0] <= entry.marker.start < listed[1]]
    lines = list(_cut(clean, list(_unwrapped(flat, pieces)), entries, listed))
    strays = tuple(clean.span(one.start, one.body) for one in _strays(markers, entries, listed))
    return Layout(clean, tuple(lines), tuple(aside), strays, last, rest)


def _strays(markers: Sequence[Marker], entries: Sequence[Entry], listed: tuple[int, int] | None) -> Iterator[Marker]:
    """The numbers at line starts that the outline passed over, though it has others of their style."""
    styles = {entry.marker.style for entry in entries}
    taken = {place for entry in entries for place in range(entry.marker.start, entry.marker.body)}
    for one in markers:
        is_listed = listed is not None and listed[0] <= one.start < listed[1]
        if one.set_off and one.style in styles and not is_listed and not {one.start, one.body - 1} & taken:
            yield one


def _unjoined(flat: str, start: int, end: int) -> list[tuple[int, int]]:
    """The paragraphs of a line in which blanks stand for line ends."""
    runs = list(_BLANKS.finditer(flat, start, end))
    sorts = Counter(run[0] for run in runs)
    tells = Counter(run[0] for run in runs if flat[run.start() - 1] in TERMINAL or _BEGINS.match(flat, run.end()))
    # One blank may stand inside a sentence; two and more hardly do.
    parts = {sort for sort, count in sorts.items() if count > 2 and tells[sort] * (3 if sort == " " else 5) >= count}
    places = [start]
    for run in runs:
        if _NUMBERED.search(flat, max(start, run.start() - 8), run.start()):
            continue  # 第一条 为了…: what is numbered follows
        if (
            run[0] in parts
            or (len(run[0]) > 1 and parts)
            or (len(run[0]) > 1 and _ends_paragraph(flat, start, run.start()))
        ):
            places.extend(run.span())
    places.append(end)
    return list(zip(places[::2], places[1::2], strict=True))


def _ends_paragraph(flat: str, start: int, place: int) -> bool:
    return flat[place - 1] in TERMINAL or _TITLED.search(flat, max(start, place - 4), place) is not None


def _unwrapped(flat: str, pieces: Sequence[_Piece]) -> Iterator[_Piece]:
    """The pieces, those joined that a page broke at its width."""
    width = _width(flat, pieces)
    indents = sum(piece.indented for piece in pieces) * 8 >= len(pieces)
    last: _Piece | None = None
    for piece in pieces:
        if last is None:
            last = piece
        elif (width and _goes_on(flat, last, piece, width, indents=indents)) or _breaks_off(flat, last):
            last = _Piece(last.start, piece.end, last.indented, last.joined)
        else:
            yield last
            last = piece
    if last is not None:
        yield last


def _breaks_off(flat: str, piece: _Piece) -> bool:
    """Whether a line of prose ends in the middle of a sentence, as where a page ends."""
    if piece.end - piece.start < _PAGE[0] * 2 or flat[piece.end - 1] in TERMINAL:
        return False
    return flat.find("。", piece.start, piece.end) >= 0 and flat.find("，", piece.end - 24, piece.end) >= 0


def _width(flat: str, pieces: Sequence[_Piece]) -> int | None:
    """The width of the page, where lines were broken at one."""
    lengths = Counter(_extent(flat, piece) for piece in pieces)
    long = {length: count for length, count in lengths.items() if length >= _PAGE[0]}
    if not long:
        return None
    width = max(long, key=lambda length: long[length] + long.get(length - 1, 0) * 0.5)
    full = sum(count for length, count in long.items() if width - 2 <= length <= width + 1)
    wider = sum(count for length, count in long.items() if length > width + 2)
    if width > _PAGE[1] or full < 5 or full * 5 < sum(long.values()) * 2 or wider * 12 > full:
        return None
    return width


def _extent(flat: str, piece: _Piece) -> int:
    """How far a line reaches, its indent included."""
    start = piece.start
    while start > 0 and flat[start - 1] == "\u3000":
        start -= 1
    return piece.end - start


def _goes_on(flat: str, last: _Piece, piece: _Piece, width: int, *, indents: bool) -> bool:
    begin = flat.rfind("\n", 0, last.end) + 1
    while begin < last.end and flat[begin] in " \t":
        begin += 1
    if last.end - begin < width - 2:
        return False
    if flat.rfind("（", begin, last.end) > flat.rfind("）", begin, last.end):
        return True  # a bracket is open: （责⏎任单位：
    begins = _BEGINS.match(flat, piece.start, piece.end)
    if begins and (begins[0][-1] != "：" or flat[last.end - 1] in TERMINAL or _FIELD.search(begins[0])):
        return False  # …由区住建⏎部门责令改正：… is no label
    if flat[last.end - 1] == "）" and hands_out(flat, max(last.start, last.end - 200), last.end):
        return False
    return not (piece.indented and indents)


def _cut(
    clean: Clean, pieces: Sequence[_Piece], entries: Sequence[Entry], listed: tuple[int, int] | None
) -> Iterator[Line]:
    """The lines of the pieces: each is cut where the outline has a number, and where its words begin a paragraph."""
    bare = clean.flat
    numbers = {entry.marker.start: entry for entry in entries}
    starts = sorted(numbers)
    at = 0
    for piece in pieces:
        start, end = clean.index(piece.start), clean.index(piece.end - 1) + 1
        places = {start, end}
        while at < len(starts) and starts[at] < end:
            if starts[at] >= start:
                places.add(starts[at])
            at += 1
        joined = piece.joined and len(places) > 4
        if end - start > 12:
            places.update(joints_in(bare, start, end, joined=joined))
        if joined:
            places.update(headings_in(bare, sorted(places), numbers))
        if listed:
            places.update(place for place in listed if start < place < end)
        for a, b in pairwise(sorted(places)):
            if listed and listed[0] <= a < listed[1]:
                continue
            entry = numbers.get(a)
            number = None
            if entry:
                marker = entry.marker
                number = Number(marker.style, marker.ordinal, marker.path, min(marker.body, b), entry.depth, entry.jump)
            yield Line(a, b, number, piece.indented and a == start, joined)
