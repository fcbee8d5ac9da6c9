"""Layouts of plain text: joined, wrapped, Markdown."""

import re
from collections.abc import Callable, Sequence

from tests.reading.layouts.blocks import Block, TableBlock

_CHAPTER = re.compile(r"(?:第[一二三四五六七八九十]{1,3}[编章]|[一二三四五六七八九十]{1,3}、)")
_SECTION = re.compile(r"(?:第[一二三四五六七八九十]{1,3}节|[（(][一二三四五六七八九十]{1,3}[）)])")
_HEADING = 40  # characters; what is longer is a paragraph whose first sentence is set bold


def joined(mark: str) -> Callable[[Sequence[Block]], str]:
    """Paragraphs one behind another with this mark between them; a table stays on lines of its own."""

    def layout(blocks: Sequence[Block]) -> str:
        text = ""
        for block in blocks:
            if isinstance(block, TableBlock):
                text += f"\n{block.as_lines()}\n"
            else:
                text += block if not text or text.endswith("\n") else mark + block
        return text

    return layout


def wrapped(width: int, indent: str = "") -> Callable[[Sequence[Block]], str]:
    """Every paragraph cut into lines of a fixed width, wherever that falls."""

    def layout(blocks: Sequence[Block]) -> str:
        lines: list[str] = []
        for block in blocks:
            if isinstance(block, TableBlock):
                lines.append(block.as_lines())
            else:
                words = indent + block
                lines.extend(words[at : at + width] for at in range(0, len(words), width))
        return "\n".join(lines)

    return layout


def markdown(blocks: Sequence[Block]) -> str:
    """As an assistant writes it: # for titles and chapters, bold for the sentence that leads a paragraph."""
    return "\n\n".join(
        _pipes(block) if isinstance(block, TableBlock) else _marked(n, block) for n, block in enumerate(blocks)
    )


def _marked(n: int, paragraph: str) -> str:
    if n == 0 and len(paragraph) < _HEADING and paragraph[-1] not in "。：:":
        return f"# {paragraph}"
    for sign, marker in (("##", _CHAPTER), ("###", _SECTION)):
        if marker.match(paragraph):
            if len(paragraph) < _HEADING and paragraph[-1] not in "。；）)":
                return f"{sign} {paragraph}"
            head, stop, rest = paragraph.partition("。")
            return f"**{head}{stop}**{rest}" if len(head) < _HEADING else paragraph
    return paragraph


def _pipes(table: TableBlock) -> str:
    def line(row: Sequence[str]) -> str:
        return "| " + " | ".join(cell.replace("\n", " ") for cell in row) + " |"

    full = [("",) * (table.columns - len(row)) + row for row in table.rows]
    return "\n".join([line(full[0]), "|" + " --- |" * table.columns, *(line(row) for row in full[1:])])


TEXT_LAYOUTS: dict[str, Callable[[Sequence[Block]], str]] = {
    "one line": joined(""),
    "ideographic blanks": joined("\u3000\u3000"),
    "em blanks": joined("\u2003\u2003"),
    "one blank": joined(" "),
    "four blanks": joined("    "),
    "nbsp entities": joined("&nbsp;" * 3),
    "tabs": joined("\t"),
    "wrapped at 27": wrapped(27),
    "wrapped at 33": wrapped(33, "\u3000\u3000"),
    "wrapped at 38": wrapped(38),
    "markdown": markdown,
}
