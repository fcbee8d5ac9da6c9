"""The same words in another layout are read the same: text joined or wrapped, Markdown, Word, PDFs, saved pages."""

from itertools import product

import pytest

from tests.conftest import skip_or_fail
from tests.reading.layouts.agreement import LAYOUTS, blocks, compared, typeset
from tests.reading.layouts.blocks import TableBlock, blocks_of
from tests.reading.layouts.files import LIBREOFFICE, SOFFICE, as_docx, by_libreoffice
from tests.reading.scoring import DOCUMENTS
from tracker.adapters.files.readers import read_source

# Each document in one of the layouts, turning; the longest way, by another office program, is for the long proof.
TURNING = [one for one in LAYOUTS if one != LIBREOFFICE]
TURNS = [(document, TURNING[(5 * n + 7) % len(TURNING)]) for n, document in enumerate(DOCUMENTS)]
# The bar of all pairs: so many alike, and so many unlike.
ALIKE, UNLIKE = 0.95, 0


def test_the_documents_turn_through_nearly_all_layouts() -> None:
    assert len({layout for _, layout in TURNS}) == len(TURNING) >= 17
    assert len(DOCUMENTS) >= 21


@pytest.mark.parametrize(("document", "layout"), TURNS)
def test_a_document_is_read_the_same_in_one_layout(document: str, layout: str) -> None:
    share, misses = compared(document, typeset(document, layout))
    assert share >= 0.9, misses


@pytest.mark.long
@pytest.mark.timeout(1500)
def test_every_document_is_read_the_same_in_every_layout() -> None:
    """The bar: .99 on at least 95 % of all pairs, none under .9."""
    if SOFFICE is None:
        skip_or_fail("LibreOffice (Debian's libreoffice-writer) is not installed")
    shares = {
        (document, layout): compared(document, typeset(document, layout))[0]
        for document, layout in product(DOCUMENTS, TURNING)
    }
    made = by_libreoffice([as_docx(blocks(document)) for document in DOCUMENTS])
    for document, data in zip(DOCUMENTS, made, strict=True):
        shares[document, LIBREOFFICE] = compared(document, read_source(data, "document.pdf").text)[0]
    least = [f"{share:.2f} {' '.join(pair)}" for pair, share in shares.items() if share < 0.9]
    alike = sum(share >= 0.99 for share in shares.values()) / len(shares)
    assert alike >= ALIKE, alike
    assert len(least) <= UNLIKE, least


def test_blocks_are_paragraphs_and_tables_whatever_the_lines() -> None:
    assert blocks_of("标题\n\n　　一、开展检查。\n") == ["标题", "一、开展检查。"]
    assert blocks_of("　　".join(["第一章　　总则" + "字" * 200, "第二条"])) == [
        "第一章",
        "总则" + "字" * 200,
        "第二条",
    ]
    table = blocks_of('任务表\n序号\t任务\t单位\n1\t"开展\n检查"\t县水务局\n县住建局\n后文')[1]
    assert table == TableBlock((("序号", "任务", "单位"), ("1", "开展\n检查", "县水务局")))
    short = TableBlock((("序号", "任务", "单位"), ("1", "检查", "县水务局"), ("巡查", "县住建局")))
    assert [short.merged(row) for row in short.rows] == [0, 0, 1]
