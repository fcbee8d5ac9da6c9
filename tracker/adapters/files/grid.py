"""Tables (表格) of any format, written out as lines whose cells are parted by TAB characters.

One rule for all formats: a cell that spans rows is repeated in each of them, so that every line can be read
by itself; a cell that spans columns is written once, the places beside it stay empty.
"""

import re
from collections.abc import Iterable, Sequence

from tracker.adapters.files.readers import ReadError

# What merged cells may add to a table, in places and repeated characters.
MAX_FILLED = 500_000
_TOO_FAR = "表格的合并单元格跨度过大，不像正常的表格，没有读取。请只保留需要的行列后重新上传，或直接粘贴正文。"
_BLANKS = re.compile(r"\s+")


def cell_text(text: str) -> str:
    """The words of a cell on one line: breaks within it become single blanks."""
    return _BLANKS.sub(" ", text.replace("\u200b", "")).strip(" ")


class Filling:
    """Counts what merged cells add to a table, and refuses one that would not end."""

    def __init__(self) -> None:
        self._filled = 0

    def add(self, count: int) -> None:
        """Count places or repeated characters; raises ReadError where they are too many."""
        self._filled += count
        if self._filled > MAX_FILLED:
            raise ReadError(_TOO_FAR)


class Grid:
    """The places of a table, filled cell by cell from the left, as rows come."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = []
        self._reaching: dict[int, tuple[int, int, str]] = {}  # column -> rows left, width, text
        self._filling = Filling()

    def begin_row(self) -> None:
        """Start a row; the cells that reach into it from above take their places."""
        self.rows.append([])

    def add(self, text: str, *, down: int = 1, across: int = 1) -> None:
        """Put a cell into the next free place of the row, spanning rows and columns."""
        self._fill_from_above()
        row = self.rows[-1]
        if down > 1:
            self._reaching[len(row)] = (down - 1, across, text)
        self._put(text, across)

    def end_row(self) -> None:
        """Close the row, with what reaches into its right end."""
        self._fill_from_above()

    def _fill_from_above(self) -> None:
        row = self.rows[-1]
        while len(row) in self._reaching:
            at = len(row)
            left, across, text = self._reaching[at]
            if left > 1:
                self._reaching[at] = (left - 1, across, text)
            else:
                del self._reaching[at]
            self._put(text, across)
            self._filling.add(len(text))

    def _put(self, text: str, across: int) -> None:
        self._filling.add(across - 1)
        self.rows[-1].extend([text, *[""] * (across - 1)])


def lines_of_rows(rows: Iterable[Sequence[str]]) -> list[str]:
    """Each row as one line; a row of one cell alone is a plain line, an empty row none, empty columns are left out."""
    cleaned = [[cell_text(cell) for cell in row] for row in rows]
    width = max((len(row) for row in cleaned), default=0)
    used = [any(len(row) > n and row[n] for row in cleaned) for n in range(width)]
    lines = []
    for row in cleaned:
        cells = [cell for n, cell in enumerate(row) if used[n]]
        while cells and not cells[-1]:
            cells.pop()
        if not cells:
            continue
        filled = [cell for cell in cells if cell]
        lines.append(filled[0] if len(filled) == 1 and cells[0] else "\t".join(cells))
    return lines
