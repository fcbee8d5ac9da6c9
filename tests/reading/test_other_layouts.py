"""The same document pasted in another layout is read the same."""

import re
from collections.abc import Callable

import pytest

from tests.reading.scoring import gold_of, score, text_of
from tracker.reading.extraction import read

WIDTHS = str.maketrans("（），：；．", "(),:;.")
LAYOUTS: dict[str, Callable[[str], str]] = {
    "indents for line breaks": lambda text: "　　" + re.sub(r"\s*\n\s*", "　　", text.strip()),
    "entities": lambda text: re.sub(r"\n\s*", "\n&nbsp;&nbsp;&nbsp;&nbsp;", text),
    "tags": lambda text: "".join(f"<p>{line}</p>" for line in text.split("\n")),
    "half-width marks": lambda text: text.translate(WIDTHS),
    "full-width marks": lambda text: text.translate(str.maketrans("(),:;", "（），：；")),
    "indented paragraphs": lambda text: "\n".join("　　" + line.strip() for line in text.split("\n") if line.strip()),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    "name", ["anshan-burden", "yangquan", "compilation-2-industry", "anhui-rcep-2022", "state-council-employment-2018"]
)
def test_layout_changes_nothing(name: str, layout: str) -> None:
    gold = gold_of(f"{name}.json")
    found = score(gold, read(LAYOUTS[layout](text_of(gold["source"]))))
    for sort in (found.measures, found.items, found.assignments, found.contacts, found.deadlines, found.keys):
        assert sort.f1 >= 0.99, sort.misses


@pytest.mark.parametrize("name", ["yangquan", "anhui-rcep-2022"])
def test_a_document_on_one_line_loses_nothing(name: str) -> None:
    gold = gold_of(f"{name}.json")
    found = score(gold, read(re.sub(r"\s*\n\s*", "", text_of(gold["source"]))))
    for sort in (found.measures, found.items, found.assignments, found.deadlines, found.keys):
        assert sort.f1 >= 0.99, sort.misses


@pytest.mark.parametrize("name", ["anshan-burden", "yangquan", "compilation-1-business-environment"])
def test_lines_cut_at_a_fixed_width_are_put_together(name: str) -> None:
    gold = gold_of(f"{name}.json")
    lines = text_of(gold["source"]).split("\n")
    found = score(gold, read("\n".join(line[at : at + 40] for line in lines for at in range(0, max(len(line), 1), 40))))
    assert found.measures.f1 >= 0.99, found.measures.misses
    assert found.assignments.f1 >= 0.97, found.assignments.misses
