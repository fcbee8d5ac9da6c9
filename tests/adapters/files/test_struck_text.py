"""Struck text (删除线) is not read: Word's strike and tracked deletions, <del>, <s> and line-through of pages."""

from typing import Any

import docx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from tests.kit import builders as built
from tracker.adapters.files.readers import read_source
from tracker.reading.extraction import read

W = nsdecls("w")
STRUCK = (
    "<del>5</del>", "<s>5</s>", "<strike>5</strike>", '<span style="text-decoration:line-through">5</span>',
    '<font style="color:red; text-decoration-line: line-through red">5</font>',
)  # fmt: skip


def of_word(document: Any) -> str:
    return read_source(built.saved(document), "a.docx").text


@pytest.mark.parametrize("struck", STRUCK)
def test_struck_words_of_a_page_are_not_read(struck: str) -> None:
    body = "".join(
        f"<p>{n}.财政局应当自收到申请之日起{struck}<ins>3</ins>个工作日内答复。（责任单位：市财政局）</p>"
        for n in range(1, 5)
    )
    text = read_source(f"<html><body>{body}</body></html>".encode(), "a.html").text
    assert text.split("\n")[0] == "1.财政局应当自收到申请之日起3个工作日内答复。（责任单位：市财政局）"
    for measure in read(text).plans[0].measures:
        (limit,) = measure.items[0].deadlines
        assert limit.amount == 3
        assert text[limit.span.start : limit.span.end] == limit.quote


def test_an_article_struck_in_part_is_read_to_its_last_paragraph() -> None:
    lines = [f"{n}.推行首问负责制，对咨询事项一次告知、限时办结。" for n in range(1, 20)]
    body = "".join(f"<div><p>{line}</p></div>" for line in lines)
    last = "<div><p><del>旧的</del>各单位要在2026年12月25日前报送工作总结和下年计划。</p></div>"
    text = read_source(f"<html><body><div>{body}</div>{last}</body></html>".encode(), "a.html").text
    assert text.split("\n")[-1] == "各单位要在2026年12月25日前报送工作总结和下年计划。"


def test_struck_runs_of_word_are_not_read_and_those_that_say_they_are_not_struck_are() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("自受理之日起")
    paragraph.add_run("5").font.strike = True
    paragraph.add_run("7").font.double_strike = True
    paragraph.add_run("3").font.strike = False
    paragraph.add_run("个工作日内答复")
    assert of_word(document) == "自受理之日起3个工作日内答复"


def test_a_strike_is_inherited_from_the_styles_of_run_and_paragraph() -> None:
    document = docx.Document()
    base = document.styles.add_style("Removed", WD_STYLE_TYPE.CHARACTER)
    base.font.strike = True
    own = document.styles.add_style("Removed too", WD_STYLE_TYPE.CHARACTER)
    own.base_style = base
    whole = document.styles.add_style("Removed lines", WD_STYLE_TYPE.PARAGRAPH)
    whole.font.strike = True
    paragraph = document.add_paragraph("在")
    paragraph.add_run("5", style="Removed")
    paragraph.add_run("6", style="Removed too")
    paragraph.add_run("7", style="Removed too").font.strike = False
    paragraph.add_run("日内")
    line = document.add_paragraph("整段", style="Removed lines")
    line.add_run("保留").font.strike = False
    # Word lets a style that is applied twice cancel itself: what is printed plain must not be lost.
    line.add_run("抵消", style="Removed")
    assert of_word(document) == "在7日内\n保留抵消"


def test_a_paragraph_struck_whole_leaves_no_line_and_keeps_its_number() -> None:
    document = docx.Document()
    key = built.with_numbering(document)
    for n, words in enumerate(("甲", "乙", "丙")):
        paragraph = built.numbered(document, words, key, 0)
        paragraph.runs[0].font.strike = n == 1
    assert of_word(document) == "一、甲\n三、丙"


def test_struck_words_in_a_cell_are_not_read() -> None:
    document = docx.Document()
    cells = document.add_table(rows=1, cols=2).rows[0].cells
    cells[0].text = "市财政局"
    cells[1].paragraphs[0].add_run("2025年底前").font.strike = True
    cells[1].paragraphs[0].add_run("2026年底前")
    assert of_word(document) == "市财政局\t2026年底前"


def test_tracked_insertions_are_read_and_tracked_deletions_are_not() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("自受理之日起")
    for xml in (
        f"<w:del {W}><w:r><w:delText>5</w:delText></w:r></w:del>",
        f"<w:moveFrom {W}><w:r><w:t>6</w:t></w:r></w:moveFrom>",
        f"<w:ins {W}><w:r><w:t>3</w:t></w:r><w:del><w:r><w:delText>4</w:delText></w:r></w:del></w:ins>",
        f"<w:r {W}><w:t>个工作日内</w:t></w:r>",
    ):
        paragraph._p.append(parse_xml(xml))
    assert of_word(document) == "自受理之日起3个工作日内"


def test_a_paragraph_whose_end_was_deleted_goes_on_with_the_next() -> None:
    document = docx.Document()
    mark = f"<w:rPr {W}><w:del/></w:rPr>"
    document.add_paragraph("由市财政局").paragraph_format.element.get_or_add_pPr().append(parse_xml(mark))
    document.add_paragraph("在3日内答复。")
    document.add_paragraph("另一段").paragraph_format.element.get_or_add_pPr().append(parse_xml(mark))
    assert of_word(document) == "由市财政局在3日内答复。\n另一段"
