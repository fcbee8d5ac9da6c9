"""What Word keeps in a paragraph, a box and a table, and what of it a reader of the printed page would see."""

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from tests.kit import builders as built
from tracker.adapters.files.docx import text_of

W = nsdecls("w")


def word(*paragraphs: str) -> str:
    """Return the text of a document with paragraphs given as XML."""
    document = docx.Document()
    for inner in paragraphs:
        document.element.body.insert(-1, parse_xml(inner.replace("<w:p>", f"<w:p {W}>", 1)))
    return text_of(built.saved(document))


def run(inner: str) -> str:
    return f"<w:p><w:r>{inner}</w:r></w:p>"


RUN = "<w:r><w:t>{}</w:t></w:r>"


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        (run('<w:t>甲</w:t><w:br/><w:t>乙</w:t><w:br w:type="page"/><w:t>丙</w:t>'), "甲\n乙丙"),
        (run("<w:t>甲</w:t><w:cr/><w:t>2022</w:t><w:noBreakHyphen/><w:t>12</w:t>"), "甲\n2022-12"),
        (run("<w:t>甲</w:t><w:tab/><w:t>乙</w:t>"), "甲 乙"),
        ('<w:p><w:hyperlink><w:r><w:t>甲</w:t></w:r></w:hyperlink><w:r><w:t/></w:r></w:p>', "甲"),
        (run('<w:rPr><w:vanish w:val="0"/></w:rPr><w:t>看得见</w:t>'), "看得见"),
        (run(f"<w:ruby><w:rubyBase>{RUN.format('字')}</w:rubyBase><w:rt>{RUN.format('zi')}</w:rt></w:ruby>"), "字"),
        (run("<w:delText>删</w:delText><w:t>留</w:t>"), "留"),
    ],
    ids=["breaks", "returns", "blanks", "link and an empty run", "not hidden", "sounds beside signs", "deleted"],
)  # fmt: skip
def test_the_marks_within_a_run_become_plain_text(xml: str, text: str) -> None:
    assert word(xml) == text


MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
BOX = "<w:txbxContent><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:txbxContent>"


def test_of_two_drawings_of_one_box_the_newer_is_read() -> None:
    both = (
        f"<mc:AlternateContent {MC}><mc:Choice><w:drawing>{BOX.format('新')}</w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict>{BOX.format('旧')}</w:pict></mc:Fallback></mc:AlternateContent>"
    )
    old = f"<mc:AlternateContent {MC}><mc:Fallback>{BOX.format('旧')}</mc:Fallback></mc:AlternateContent>"
    assert word(run(both), run(old)) == "新\n"


def test_boxes_within_boxes_are_read_to_a_bounded_depth() -> None:
    inner = ""
    for n in range(12, 0, -1):
        inner = f"<w:pict><w:txbxContent><w:p><w:r><w:t>{n}</w:t>{inner}</w:r></w:p></w:txbxContent></w:pict>"
    assert word(run(inner)).split("\n") == [str(n) for n in range(1, 9)]


def table(*rows: str) -> str:
    return f"<w:tbl {W}>{''.join(rows)}</w:tbl>"


def cell(text: str, props: str = "") -> str:
    return f"<w:tc><w:tcPr>{props}</w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>"


SPAN = '<w:gridSpan w:val="{}"/>'


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        # A row deleted with tracked changes is no longer in the document; one within a content control is.
        (
            (
                f"<w:tr>{cell('甲')}{cell('乙')}</w:tr>",
                f"<w:tr><w:trPr><w:del/></w:trPr>{cell('删')}{cell('去')}</w:tr>",
                f"<w:sdt><w:sdtContent><w:tr><w:sdt><w:sdtContent>{cell('丙')}</w:sdtContent></w:sdt>{cell('丁')}</w:tr>"
                "</w:sdtContent></w:sdt>",
            ),
            "甲\t乙\n丙\t丁",
        ),
        # Cells that begin further right, reach over columns, or claim to by what is no number.
        (
            (
                f"<w:tr>{cell('一')}{cell('二')}{cell('三')}</w:tr>",
                f'<w:tr><w:trPr><w:gridBefore w:val="1"/></w:trPr>{cell("乙")}{cell("丙")}</w:tr>',
                f"<w:tr>{cell('横', SPAN.format(2))}{cell('末', SPAN.format('x'))}</w:tr>",
            ),
            "一\t二\t三\n\t乙\t丙\n横\t\t末",
        ),
    ],
    ids=["rows deleted and held", "cells that reach"],
)  # fmt: skip
def test_a_table_of_word_is_read_by_the_rows_and_columns_it_shows(rows: tuple[str, ...], text: str) -> None:
    assert word(table(*rows)) == text


def test_a_table_as_large_as_no_page_is_bounded() -> None:
    far = f'<w:tr><w:trPr><w:gridBefore w:val="999999999"/></w:trPr>{cell("远")}{cell("近")}</w:tr>'
    assert word(table(far)) == "远\t近"


def test_tables_within_tables_are_read_as_paragraphs_from_a_bounded_depth() -> None:
    inner = f"<w:tr>{cell('底')}{cell('层')}</w:tr>"
    for _ in range(10):
        inner = f"<w:tr><w:tc>{table(inner)}<w:p/></w:tc>{cell('旁')}</w:tr>"
    text = word(table(inner))
    assert "底" in text
    assert "层" in text
    assert text.count("旁") == 10
