"""Words a file holds where a reader looks last: notes, list numbers, escapes, days without format, formulas."""

import io
import zipfile
from datetime import date
from typing import Any

import docx
import openpyxl
import pytest

from tracker.adapters.files import xlsx
from tracker.adapters.files.readers import read_source

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
ROWS = "序号\t任务\t责任单位\t完成时限\n1\t推进改造，做到“五有”\t县水务局\t2026年12月底前"


def noted_docx(*paragraphs: str, notes: dict[int, str], sort: str = "footnote") -> bytes:
    """A document in which `*` calls the next note."""
    plain = docx.Document()
    for words in paragraphs:
        plain.add_paragraph(words)
    saved, made = io.BytesIO(), io.BytesIO()
    plain.save(saved)
    numbers = iter(notes)
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            content = old.read(name).decode("utf-8", "surrogateescape")
            while name == "word/document.xml" and "*" in content:
                called = f'</w:t></w:r><w:r><w:{sort}Reference w:id="{next(numbers)}"/></w:r><w:r><w:t>'
                content = content.replace("*", called, 1)
            new.writestr(name, content.encode("utf-8", "surrogateescape"))
        bodies = "".join(
            f'<w:{sort} w:id="{n}"><w:p><w:r><w:{sort}Ref/></w:r><w:r><w:t>{words}</w:t></w:r></w:p></w:{sort}>'
            for n, words in notes.items()
        )
        new.writestr(f"word/{sort}s.xml", f"<w:{sort}s {W}>{bodies}</w:{sort}s>")
    return made.getvalue()


def workbook(*rows: list[Any], forms: dict[str, str] | None = None) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for place, form in (forms or {}).items():
        book.active[place].number_format = form
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


@pytest.mark.parametrize("sort", ["footnote", "endnote"])
def test_a_note_stands_behind_the_paragraph_that_calls_it(sort: str) -> None:
    data = noted_docx(
        "一、推进改造*，做好服务。", "二、开展检查*。", notes={2: "于2026年底前完成。", 7: "每年一次。"}, sort=sort
    )
    assert read_source(data, "a.docx").text.splitlines() == [
        "一、推进改造，做好服务。", "注1：于2026年底前完成。", "二、开展检查。", "注2：每年一次。",
    ]  # fmt: skip


def test_a_note_that_is_called_again_is_written_once() -> None:
    data = noted_docx("一、推进改造*。", "二、检查*。", notes={2: "同上。", 3: "另见。"})
    text = read_source(data, "a.docx").text
    assert (text.count("同上。"), text.count("另见。")) == (1, 1)


@pytest.mark.parametrize(
    ("markup", "lines"),
    [
        ("<ol><li>推进改造。</li><li>开展检查。</li></ol>", ["1.推进改造。", "2.开展检查。"]),
        (
            "<ol start=3><li><p>推进改造。</p><p>每月报送。</p></li><li>检查。</li></ol>",
            ["3.推进改造。", "每月报送。", "4.检查。"],
        ),
        ("<ol><li value=5>推进改造。</li><li>检查。</li></ol>", ["5.推进改造。", "6.检查。"]),
        ("<ol reversed><li>推进改造。</li><li>检查。</li></ol>", ["2.推进改造。", "1.检查。"]),
        ('<ol style="list-style-type: cjk-ideographic"><li>推进改造。</li></ol>', ["一、推进改造。"]),
        ('<ol style="list-style:none"><li>推进改造。</li></ol>', ["推进改造。"]),
        ("<ol><li>（一）推进改造。</li><li>2024年底前完成。</li></ol>", ["（一）推进改造。", "2. 2024年底前完成。"]),
        ("<ol><li>甲类<ol><li>推进。</li></ol></li><li>乙类</li></ol>", ["1.甲类", "1.推进。", "2.乙类"]),
        ("<ul><li>推进改造。</li></ul>", ["推进改造。"]),
        ("<ol start=x><li></li><li>推进改造。</li></ol>", ["2.推进改造。"]),
    ],
)  # fmt: skip
def test_the_numbers_of_a_list_are_those_a_browser_prints(markup: str, lines: list[str]) -> None:
    page = f"<html><body><h1>云岭县若干措施</h1><p>为做好工作，制定以下措施。</p>{markup}</body></html>"
    assert read_source(page.encode(), "a.html").text.splitlines()[2:] == lines


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_an_exported_table_is_read_as_the_rows_it_is(encoding: str, mark: str) -> None:
    table = ROWS.replace("\t", mark).replace("推进改造，做到“五有”", '"推进改造，\n做到“五有”"')
    name = "a.tsv" if mark == "\t" else "a.CSV"
    assert read_source(table.encode(encoding), name).text == ROWS.replace("改造，做", "改造， 做")


def test_words_without_columns_stay_words_in_an_exported_table() -> None:
    assert read_source("云岭县若干措施\n一、推进改造。\n".encode(), "a.csv").text == "云岭县若干措施\n一、推进改造。"


def test_a_hostile_cell_of_an_exported_table_costs_nothing() -> None:
    data = b'"' * 1_000_001
    assert read_source(b"a,b\n" + data, "a.csv").text


def test_markdown_is_read_as_it_stands() -> None:
    words = "# 云岭县若干措施\n\n**一、推进改造。**（县水务局）\n"
    assert read_source(words.encode(), "a.md").text == words


def test_an_escaped_line_end_in_a_cell_is_a_line_end() -> None:
    data = workbook(["任务", "责任单位"], ["推进_x000D_\n改造", "县_x005F_水务局"])
    assert read_source(data, "a.xlsx").text == "任务\t责任单位\n推进 改造\t县_水务局"


@pytest.mark.parametrize("header", ["完成时限", "办结时间（年月日）", "日期", "整改期限"])
def test_a_day_that_lost_its_format_is_a_day_in_a_column_of_days(header: str) -> None:
    data = workbook(["任务", header, "金额"], ["改造", 46387, 46387], ["检查", date(2026, 6, 1), 5])
    lines = read_source(data, "a.xlsx").text.splitlines()
    assert lines[1:] == ["改造\t2026年12月31日\t46387", "检查\t2026年6月1日\t5"]


@pytest.mark.parametrize("number", [5, 2026, 99999, 36525])
def test_another_number_in_a_column_of_days_stays_itself(number: int) -> None:
    assert read_source(workbook(["任务", "完成时限"], ["改造", number]), "a.xlsx").text.endswith(f"\t{number}")


def test_a_formula_without_a_result_says_so_in_its_own_cell() -> None:
    data = workbook(
        ["序号", "任务", "责任单位"], [1, '=A1&"x"', "县水务局"], [2, "检查", "=B2"], [3, "公示", "县公安局"]
    )
    assert read_source(data, "a.xlsx").text.splitlines()[1:] == [
        f"1\t{xlsx.NO_RESULT}\t县水务局", f"2\t检查\t{xlsx.NO_RESULT}", "3\t公示\t县公安局",
    ]  # fmt: skip


def test_the_ledger_takes_no_words_for_a_missing_result() -> None:
    ((_, rows),) = xlsx.grids(workbook(["编号", "金额"], ["甲", "=1+1"]), lambda cell: str(cell.value or ""))
    assert rows[2] == ["甲", ""]
