"""Word documents (.docx): paragraphs, computed numbers, tables and text boxes in the order in which they stand."""

import re
from collections.abc import Iterator
from typing import Any

from tracker.adapters.files.archive import BROKEN, open_archive, part_of
from tracker.adapters.files.grid import Filling, cell_text, lines_of_rows
from tracker.adapters.files.numbers import Numbering
from tracker.adapters.files.readers import ReadError
from tracker.adapters.files.strikes import Strikes

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_TRANSITIONAL = b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
# Containers whose content stands in the text; anything not named here (deletions, field codes, pictures) does not.
_KEPT = "ins moveTo hyperlink smartTag sdt sdtContent fldSimple customXml ruby rubyBase dir bdo"
_THROUGH = {f"{_W}{name}" for name in _KEPT.split()} | {f"{_MC}AlternateContent", f"{_MC}Choice"}
_SIMPLE = {f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_NEEDS_BLANK = re.compile(r"[0-9A-Za-z编章节条款]$")
_PAGE_NUMBER = re.compile(r"\t\s*[（(]?\d{1,4}[）)]?\s*$")
_DEEPEST_TABLE = 8
# What refers to a note, and the part that holds the notes of its sort.
_NOTES = {f"{_W}footnoteReference": "footnotes", f"{_W}endnoteReference": "endnotes"}


def text_of(data: bytes) -> str:
    """The text of a document, a paragraph or a table row to the line."""
    archive = open_archive(data)
    document = _parsed(part_of(archive, "word/document.xml"))
    if document is None:
        raise ReadError(BROKEN)
    styles = _parsed(part_of(archive, "word/styles.xml"))
    numbers = Numbering(_parsed(part_of(archive, "word/numbering.xml")), styles)
    body = document.find(f"{_W}body")
    notes = {tag: _parsed(part_of(archive, f"word/{name}.xml")) for tag, name in _NOTES.items()}
    return "\n".join(_Writer(numbers, Strikes(styles), notes).lines(body)) if body is not None else ""


def _parsed(part: bytes | None) -> Any | None:
    """The elements of a part as python-docx has them; its parser resolves no entities."""
    if part is None:
        return None
    from docx.oxml.parser import parse_xml
    from lxml.etree import XMLSyntaxError

    try:
        return parse_xml(part.replace(_STRICT, _TRANSITIONAL))
    except (XMLSyntaxError, ValueError) as error:
        raise ReadError(BROKEN) from error


class _Writer:
    """Writes blocks out as lines, counting the numbers on the way; a note stands behind the paragraph that calls it."""

    def __init__(self, numbers: Numbering, strikes: Strikes, notes: dict[str, Any | None]) -> None:
        self.numbers = numbers
        self.strikes = strikes
        self.notes = {
            (tag, note.get(f"{_W}id")): note for tag, part in notes.items() if part is not None for note in part
        }
        self._called: list[Any] = []
        self._noted = 0

    def lines(self, parent: Any, depth: int = 0) -> Iterator[str]:
        """The lines of a body, a cell or a text box."""
        text, boxes = "", list[Any]()
        for block in parent:
            if block.tag == f"{_W}p":
                text += "".join(self._runs(block, block, boxes))
                if not _goes_on(block):
                    yield from self._paragraph(block, text, boxes, depth)
                    text, boxes = "", []
            elif block.tag == f"{_W}tbl":
                yield from self._table(block, depth)
            elif block.tag in _THROUGH:
                yield from self.lines(block, depth)

    def _paragraph(self, paragraph: Any, text: str, boxes: list[Any], depth: int) -> Iterator[str]:
        if "\t" in text:
            # The TAB before a page number tells a table of contents; any other one is only a wide blank.
            found = _PAGE_NUMBER.search(text)
            text = text[: found.start()].replace("\t", " ") + found[0] if found else text.replace("\t", " ")
        if text.strip():
            label = self.numbers.label(paragraph)
            gap = " " if _NEEDS_BLANK.search(label) or (label.endswith(".") and text[:1].isdigit()) else ""
            yield from (label + gap + (text.lstrip() if label else text)).split("\n")
        elif any(self.strikes.cover(run, paragraph) for run in paragraph.iterchildren(f"{_W}r")):
            # Struck whole: Word prints its number, struck too, and counts on from it.
            self.numbers.label(paragraph)
        elif not boxes and not depth:
            yield ""
        for box in boxes if depth < _DEEPEST_TABLE else ():
            yield from self.lines(box, depth + 1)
        called, self._called = self._called, []
        for note in called:
            self._noted += 1
            yield f"注{self._noted}：" + cell_text(" ".join(self.lines(note, _DEEPEST_TABLE)))

    def _table(self, table: Any, depth: int) -> Iterator[str]:
        rows = list(_rows(table))
        width = max((sum(_span(cell) for cell in _cells(row)) for row in rows), default=0)
        if width < 2 or depth >= _DEEPEST_TABLE:
            # A table of one column is a box around ordinary paragraphs.
            for row in rows:
                for cell in _cells(row):
                    yield from self.lines(cell, min(depth + 1, _DEEPEST_TABLE))
            return
        yield from lines_of_rows(self._grid(rows, depth))

    def _grid(self, rows: list[Any], depth: int) -> list[list[str]]:
        grid: list[list[str]] = []
        above: dict[int, str] = {}
        filling = Filling()
        for row in rows:
            line: list[str] = [""] * _skipped(row, "gridBefore")
            here: dict[int, str] = {}
            for cell in _cells(row):
                merged = cell.find(f"{_W}tcPr/{_W}vMerge")
                goes_on = merged is not None and merged.get(f"{_W}val", "continue") == "continue"
                own = cell_text(" ".join(self.lines(cell, depth + 1)))
                text = above.get(len(line), "") if goes_on and not own else own
                if merged is not None:
                    here[len(line)] = text
                    filling.add(len(text) if goes_on else 0)
                filling.add(_span(cell) - 1)
                line.extend([text, *[""] * (_span(cell) - 1)])
            above = here
            grid.append(line)
        return grid

    def _runs(self, parent: Any, paragraph: Any, boxes: list[Any]) -> Iterator[str]:
        """The words of a paragraph's runs; text boxes that hang on it are put aside."""
        for child in parent:
            if child.tag == f"{_W}r":
                yield from self._run(child, paragraph, boxes)
            elif child.tag in _THROUGH:
                yield from self._runs(child, paragraph, boxes)

    def _run(self, run: Any, paragraph: Any, boxes: list[Any]) -> Iterator[str]:
        if _is_hidden(run):
            return
        if self.strikes.cover(run, paragraph):
            boxes.extend(_boxes(run))
            return
        for child in run:
            if child.tag == f"{_W}t":
                yield child.text or ""
            elif child.tag in (f"{_W}tab", f"{_W}ptab"):
                yield "\t"
            elif child.tag == f"{_W}br":
                yield "" if child.get(f"{_W}type") in ("page", "column") else "\n"
            elif child.tag in _SIMPLE:
                yield _SIMPLE[child.tag]
            elif child.tag in _NOTES:
                # A note is written once, by whichever place calls it first.
                note = self.notes.pop((child.tag, child.get(f"{_W}id")), None)
                self._called.extend([note] if note is not None else [])
            elif child.tag in (f"{_W}drawing", f"{_W}pict", f"{_W}object"):
                boxes.extend(_boxes(child))
            elif child.tag == f"{_MC}AlternateContent":
                chosen = child.find(f"{_MC}Choice")
                if chosen is not None:
                    yield from self._run(chosen, paragraph, boxes)
            elif child.tag in _THROUGH:
                yield from self._runs(child, paragraph, boxes)


def _goes_on(paragraph: Any) -> bool:
    """Whether a paragraph's end was deleted with tracked changes: then the next one goes on with it."""
    deleted = paragraph.find(f"{_W}pPr/{_W}rPr/{_W}del") is not None
    return deleted and getattr(paragraph.getnext(), "tag", None) == f"{_W}p"


def _rows(table: Any) -> Iterator[Any]:
    for child in table:
        if child.tag == f"{_W}tr":
            # A row that was deleted with tracked changes is kept in the file, but no longer in the document.
            if child.find(f"{_W}trPr/{_W}del") is None:
                yield child
        elif child.tag in _THROUGH:
            yield from _rows(child)


def _cells(row: Any) -> Iterator[Any]:
    for child in row:
        if child.tag == f"{_W}tc":
            yield child
        elif child.tag in _THROUGH:
            yield from _cells(child)


def _span(cell: Any) -> int:
    own = cell.find(f"{_W}tcPr/{_W}gridSpan")
    text = own.get(f"{_W}val", "1") if own is not None else "1"
    return min(max(int(text), 1), 200) if text.isdigit() else 1


def _skipped(row: Any, name: str) -> int:
    own = row.find(f"{_W}trPr/{_W}{name}")
    text = own.get(f"{_W}val", "0") if own is not None else "0"
    return min(int(text), 200) if text.isdigit() else 0


def _is_hidden(run: Any) -> bool:
    mark = run.find(f"{_W}rPr/{_W}vanish")
    return mark is not None and mark.get(f"{_W}val") not in ("0", "false")


def _boxes(drawing: Any) -> Iterator[Any]:
    """The outermost text boxes of a drawing; those inside them are met when they are written out."""
    waiting = [drawing]
    while waiting:
        one = waiting.pop()
        if one.tag == f"{_W}txbxContent":
            yield one
        elif one.tag != f"{_MC}Fallback":
            waiting.extend(reversed(one))
