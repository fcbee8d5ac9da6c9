"""The same document pasted in another layout is read the same."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import permutations

import pytest

from tests.reading.scoring import DOCUMENTS, gold_of, plain, reading_of, score, text_of
from tracker.reading.extraction import read
from tracker.reading.plan import Reading

WIDTHS = str.maketrans("（），：；．", "(),:;.")
LAYOUTS: dict[str, Callable[[str], str]] = {
    "indents for line breaks": lambda text: "　　" + re.sub(r"\s*\n\s*", "　　", text.strip()),
    "entities": lambda text: re.sub(r"\n\s*", "\n&nbsp;&nbsp;&nbsp;&nbsp;", text),
    "tags": lambda text: "".join(f"<p>{line}</p>" for line in text.split("\n")),
    "half-width marks": lambda text: text.translate(WIDTHS),
    "full-width marks": lambda text: text.translate(str.maketrans("(),:;", "（），：；")),
    "indented paragraphs": lambda text: "\n".join("　　" + line.strip() for line in text.split("\n") if line.strip()),
}


MARKS, MARKUP = {"half-width marks", "full-width marks"}, {"entities", "tags"}


def facts(reading: Reading) -> Counter[tuple[str, ...]]:
    """Return what is read of a document, without where it stands: measures, units with their roles, time limits."""
    found: Counter[tuple[str, ...]] = Counter()
    for plan in reading.plans:
        for measure in plan.measures:
            found["measure", measure.key] += 1
            for item in measure.items:
                found.update(("unit", measure.key, plain(a.unit), a.role) for a in item.assignments)
                found.update(
                    ("limit", measure.key, plain(d.quote), d.kind, str(d.date), plain(d.trigger))
                    for d in item.deadlines
                )
    return found


def read_otherwise(layouts: Sequence[tuple[str, ...]], turns: int | None = None) -> list[str]:
    """Name every document that is read otherwise in some layout, one upon the other where there are several.

    With `turns` each document is tried in so many of them, turning.
    """
    wrong = []
    for n, name in enumerate(DOCUMENTS):
        if "\t" in text_of(name):  # a table on one line is none; tests/reading/layouts sets real ones
            continue
        as_it_is = facts(reading_of(name))
        assert as_it_is, name
        for chain in layouts if turns is None else [layouts[(n + k) % len(layouts)] for k in range(turns)]:
            text = text_of(name)
            for layout in chain:
                text = LAYOUTS[layout](text)
            if facts(read(text)) != as_it_is:
                wrong.append(f"{name}: {' + '.join(chain)}")
    return wrong


def test_the_documents_are_read_the_same_in_layouts_that_turn() -> None:
    assert len(DOCUMENTS) >= 3 * len(LAYOUTS)
    assert read_otherwise([(layout,) for layout in LAYOUTS], turns=2) == []


@pytest.mark.long
def test_every_document_is_read_the_same_in_every_layout() -> None:
    assert read_otherwise([(layout,) for layout in LAYOUTS]) == []


@pytest.mark.long
def test_every_document_is_read_the_same_in_one_layout_upon_another() -> None:
    """Marks are set before markup is put around them: with a full-width semicolon an entity is none."""
    pairs = [(a, b) for a, b in permutations(LAYOUTS, 2) if not (a in MARKUP and b in MARKS)]
    assert read_otherwise(pairs) == []


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
