"""How far a document typeset otherwise is read as it is where it stands: one figure for each layout."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache

from tests.reading.layouts.blocks import Block, blocks_of
from tests.reading.layouts.files import FILE_LAYOUTS, LIBREOFFICE, SOFFICE, as_docx, by_libreoffice
from tests.reading.layouts.texts import TEXT_LAYOUTS
from tests.reading.scoring import plain, reading_of, text_of
from tracker.adapters.files.readers import read_source
from tracker.reading.extraction import read
from tracker.reading.plan import Reading

Facts = Counter[tuple[str, ...]]
LAYOUTS = [*TEXT_LAYOUTS, *FILE_LAYOUTS, *([LIBREOFFICE] if SOFFICE else [])]
_BEGINNING = 12


def facts(reading: Reading) -> Facts:
    """What is read of a document, without where it stands: measures, units with their roles, time limits."""
    found: Facts = Counter()
    for plan in reading.plans:
        for measure in plan.measures:
            found["measure", measure.key, re.sub(r"[*#|]", "", plain(measure.text))[:_BEGINNING]] += 1
            for item in measure.items:
                found.update(("unit", measure.key, plain(a.unit), a.role) for a in item.assignments)
                found.update(
                    ("limit", measure.key, plain(d.quote), d.kind, f"{d.date} {d.rrule} {d.amount}", plain(d.trigger))
                    for d in item.deadlines
                )
    return found


def agreement(a: Facts, b: Facts) -> float:
    """Twice what two readings share over what both hold; 1 where neither holds anything."""
    both = a.total() + b.total()
    return 2 * (a & b).total() / both if both else 1.0


@cache
def blocks(document: str) -> Sequence[Block]:
    """The paragraphs and tables of a policy document."""
    return blocks_of(text_of(document))


def typeset(document: str, layout: str) -> str:
    """The text of a document set in a layout: a file is made and read as an upload is."""
    if layout in TEXT_LAYOUTS:
        return TEXT_LAYOUTS[layout](blocks(document))
    if layout == LIBREOFFICE:
        (data,), suffix = by_libreoffice([as_docx(blocks(document))]), "pdf"
    else:
        make, suffix = FILE_LAYOUTS[layout]
        data = make(blocks(document))
    return read_source(data, f"document.{suffix}").text


def compared(document: str, text: str) -> tuple[float, list[str]]:
    """How far a text of a document is read as the document itself, and what is missing or made up."""
    here, there = facts(reading_of(document)), facts(read(text))
    lost = [f"- {' '.join(fact)}" for fact in (here - there).elements()]
    return agreement(here, there), [*lost, *(f"+ {' '.join(fact)}" for fact in (there - here).elements())]
