"""A document's text as paragraphs and tables, whatever its lines: what every layout is set from."""

import re
from dataclasses import dataclass

# A row's cell copied from a spreadsheet stands in quotation marks where it holds line breaks.
_CELL = re.compile(r'"((?:[^"\t]|"")*)"(?=\t|\n|\Z)|([^\t\n]*)')
# What parts the paragraphs of a document that came on one line; a short line may only space out its words.
_WIDE = re.compile(r"[^\S\n]{2,}")
_ONE_LINE = 200


@dataclass(frozen=True, slots=True)
class TableBlock:
    """Consecutive lines of TAB-parted cells; a row with fewer cells stands under those merged from above."""

    rows: tuple[tuple[str, ...], ...]

    @property
    def columns(self) -> int:
        """How many columns its widest row has."""
        return max(len(row) for row in self.rows)

    def merged(self, row: tuple[str, ...]) -> int:
        """How many of a row's first cells are merged with those above."""
        return self.columns - len(row) if row is not self.rows[0] else 0

    def as_lines(self) -> str:
        """The table as it is pasted: a row to the line."""
        return "\n".join("\t".join(f'"{cell}"' if "\n" in cell else cell for cell in row) for row in self.rows)


Block = str | TableBlock


def blocks_of(text: str) -> list[Block]:
    """The paragraphs and tables of a text, in order, without blanks around them."""
    found: list[Block] = []
    rows: list[tuple[str, ...]] = []
    at = 0
    while at < len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        if "\t" in text[at:end].strip():
            cells, end = _cells(text, at)
            rows.append(cells)
        else:
            if rows and text[at:end].strip():
                found.append(TableBlock(tuple(rows)))
                rows = []
            found.extend(_paragraphs(text[at:end]))
        at = end + 1
    return [*found, TableBlock(tuple(rows))] if rows else found


def _paragraphs(line: str) -> list[str]:
    parts = _WIDE.split(line) if len(line) > _ONE_LINE else [line]
    return [part.strip() for part in parts if part.strip()]


def _cells(text: str, at: int) -> tuple[tuple[str, ...], int]:
    cells: list[str] = []
    while True:
        match = _CELL.match(text, at)
        assert match is not None
        cells.append((match[2] if match[1] is None else match[1]).strip())
        at = match.end()
        if at >= len(text) or text[at] == "\n":
            return tuple(cells), at
        at += 1
