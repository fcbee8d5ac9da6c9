"""PDF pages, sheets and saved pages in the states that documents of ours are not in."""

from datetime import date, time
from typing import Any

import openpyxl
import pytest

from tests.kit import builders as built
from tracker.adapters.files import html, pdf, xlsx
from tracker.adapters.files.pdf_lines import PdfLine, lines_of_chars
from tracker.adapters.files.pdf_paragraphs import paragraphs_of
from tracker.adapters.files.readers import ReadError


def line(text: str, x0: float = 90, top: float = 100, size: float = 16, page: int = 1) -> PdfLine:
    return PdfLine(text, x0, x0 + len(text) * size, top, top + size, size, page)


@pytest.mark.parametrize(
    ("pages", "said"),
    [
        ([[line("\ue001\ue002\ue003字")]], "没有文字编码"),
        ([[line("(cid:12)(cid:13)字")]], "没有文字编码"),
        ([[line("［第1页没有文字，可能是扫描图片，请对照原件补录］")], [line("附件")]], "扫描件"),
    ],
    ids=["private signs", "signs without a code", "hardly a word beside scans"],
)
def test_a_pdf_without_words_says_why(pages: list[list[PdfLine]], said: str) -> None:
    with pytest.raises(ReadError, match=said):
        pdf._text(pages, [800.0] * len(pages))


def test_a_pdf_of_too_many_pages_is_refused_before_they_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MAX_PAGES", 0)
    with pytest.raises(ReadError, match="超过 0 页"):
        pdf.text_of(built.pdf("一、做好服务。"))


@pytest.mark.parametrize(
    ("error", "said"),
    [(KeyError("Root"), "已损坏"), (ValueError("bad"), "已损坏"), (ReadError("说过的话"), "说过的话")],
)
def test_whatever_breaks_in_a_pdf_is_told_in_words(
    monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    def breaks(_: object) -> None:
        raise error

    monkeypatch.setattr(pdf, "_pages", breaks)
    with pytest.raises(ReadError, match=said):
        pdf.text_of(built.pdf("一、做好服务。"))


@pytest.mark.parametrize(("printed", "read"), [("⼯", "工"), ("ﬁ", "fi"), ("工", "工"), ("豈", "豈")])
def test_a_sign_that_only_looks_like_a_letter_becomes_it(printed: str, read: str) -> None:
    assert pdf._modern(printed) == read


def char(text: str, x0: float, top: float = 100, size: float = 10) -> dict[str, Any]:
    return {"text": text, "x0": x0, "x1": x0 + size, "top": top, "bottom": top + size, "size": size}


@pytest.mark.parametrize(
    ("chars", "text"),
    [
        ([char("甲", 0), char("甲", 0.5), char("乙", 10)], ["甲乙"]),  # set twice to look bold
        ([char("a", 0), char("b", 14), char("c", 24)], ["a bc"]),
        ([char("甲", 0), char("乙", 0, top=130)], ["甲", "乙"]),
        ([], []),
    ],
    ids=["bold by twice", "a blank by distance", "two lines", "nothing"],
)
def test_signs_become_lines_by_where_they_stand(chars: list[dict[str, Any]], text: list[str]) -> None:
    assert [found.text for found in lines_of_chars(chars, 1)] == text


def test_a_heading_of_another_size_and_a_line_far_below_begin_paragraphs() -> None:
    full = "为减轻企业负担制定本措施请各单位认真落实到位"
    lines = [
        line("关于减轻负担的措施", size=22),
        *(line(full, top=140 + 28 * n) for n in range(6)),
        line("附件", top=500),
    ]
    assert paragraphs_of([lines]) == ["关于减轻负担的措施", full * 6, "附件"]


def test_words_of_latin_letters_broken_over_lines_keep_their_blank() -> None:
    words = "the quick brown fox jumps ov"
    lines = [line(words, top=100 + 28 * n) for n in range(8)]
    assert paragraphs_of([lines]) == [" ".join([words] * 8)]


@pytest.mark.parametrize(
    ("value", "form", "printed"),
    [
        (True, "General", "是"), (False, "General", "否"), (time(9, 30), "hh:mm", "09:30"), (0.5, "0%", "50%"),
        (date(2026, 6, 1), "yyyy-mm", "2026年6月"), (date(2026, 6, 1), "yyyy-mm-dd", "2026年6月1日"),
        ("#REF!", "General", ""), ("甲", "General", "甲"), (12345678901, "General", "1.23456789e+10"),
    ],
)  # fmt: skip
def test_a_cell_reads_as_it_is_shown(value: object, form: str, printed: str) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = value if not isinstance(value, str) or not value.startswith("#") else None
    cell = book.active["A1"]
    if isinstance(value, str):
        cell.value, cell.data_type = value, "s"
    cell.number_format = form
    assert xlsx._text(cell) == printed


def test_more_rows_than_a_task_table_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MAX_ROWS", 2)
    with pytest.raises(ReadError, match="超过 2 行"):
        xlsx.text_of(built.task_xlsx())


def test_a_workbook_without_a_word_gives_none() -> None:
    assert xlsx.text_of(built.saved(openpyxl.Workbook())) == ""


def test_a_workbook_whose_sheet_is_no_xml_is_refused() -> None:
    with pytest.raises(ReadError, match="已损坏"):
        xlsx.text_of(built.repacked(built.task_xlsx(), xl__workbook_xml=b"", **{"xl__workbook.xml": b"<workbook"}))


HEAD = '<meta name="ArticleTitle" content="{}">'
LINK = "<li><a href=/>{}</a></li>"


@pytest.mark.parametrize(
    ("page", "lines"),
    [
        ("", []),
        (HEAD.format("关于减负的措施") + "<p>一、做好服务。</p>", ["关于减负的措施", "一、做好服务。"]),
        (HEAD.format("") + "<title>措施_某市政府</title><h1>短</h1><p>一、做好。</p>", ["措施", "短", "一、做好。"]),
        ('<?xml version="1.0" encoding="utf-8"?><html><pre>一、 做好\n服务。</pre></html>', ["一、 做好 服务。"]),
        ("<p>一、做好。<br>（责任单位：市财政局）<!-- 注 --></p><table><tr><td>唯一</td></tr></table>",
         ["一、做好。", "（责任单位：市财政局）", "唯一"]),
        ("<table><tr><td>甲</td><td><table><tr><td>乙</td></tr></table></td></tr></table>", ["甲", "乙"]),
        ("<table><tr><td colspan=x>甲</td><td rowspan=9999>乙</td></tr><tr><td>丙</td></tr></table>",
         ["甲\t乙", "丙\t乙"]),
        (f"<ul>{LINK.format('首页')}{LINK.format('公开')}{LINK.format('服务')}</ul><p>正文。</p>", ["正文。"]),
        ("<p>&nbsp;&nbsp;&nbsp;&nbsp;一、做好&nbsp;服务。</p>", ["　　一、做好 服务。"]),
    ],
    ids=[
        "nothing", "a title in its field", "a title of the page", "spaced text", "breaks", "a table that lays out",
        "absurd spans", "a menu", "an indent",
    ],
)  # fmt: skip
def test_a_saved_page_becomes_its_lines(page: str, lines: list[str]) -> None:
    assert html.text_of(page.encode()).splitlines() == lines
