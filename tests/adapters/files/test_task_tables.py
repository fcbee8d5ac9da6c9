"""One task table reads the same from every file it comes in, whoever made it, and hostile ones cost little."""

from collections.abc import Callable
from pathlib import Path

import docx
import openpyxl
import pytest

from tests.conftest import skip_or_fail
from tests.kit import builders as built
from tests.kit import cpu
from tests.kit import task_tables as tabled
from tracker.adapters.files.readers import ReadError, read_source
from tracker.reading.extraction import read

LONG = (
    ("序号", "重点任务", "牵头单位", "配合单位", "完成时限"),
    *(
        (
            str(n),
            f"第{n}批惠民事项逐件办好，"
            + "、".join(f"清单第{k}项" for k in range(n, n + 9 + n % 4 * 7))
            + "，形成经验。",
            tabled.BODIES[n % 5],
            "、".join(tabled.BODIES[(n + k) % 5] for k in (1, 2, 3)),
            f"2026年{n % 12 + 1}月底前",
        )
        for n in range(1, 15)
    ),
)


def facts(text: str) -> list[tuple[object, ...]]:
    """What is read of every item: key, section, title, words, units with roles, limits."""
    return [
        (
            measure.key,
            measure.section,
            measure.title,
            item.text,
            [(one.unit, one.role) for one in item.assignments],
            [one.quote for one in item.deadlines],
        )
        for plan in read(text).plans
        for measure in plan.measures
        for item in measure.items
    ]


@pytest.fixture(scope="module", params=["merged and sectioned", "longer than a page"])
def rows(request: pytest.FixtureRequest) -> tabled.Rows:
    """A short table of merged cells and sections, and one whose rows a page's end breaks."""
    return tabled.ROWS if request.param == "merged and sectioned" else LONG


@pytest.mark.parametrize("form", tabled.FILES)
def test_a_table_reads_the_same_from_every_file(rows: tabled.Rows, form: str) -> None:
    as_it_is = facts(f"{tabled.TITLE}\n{tabled.from_our_readers(rows)}")
    assert len(as_it_is) > 5
    assert facts(tabled.FILES[form](rows)) == as_it_is


def test_a_row_split_by_a_page_without_a_line_below_it_is_one() -> None:
    """Then no line closes the table at the page's end, and none parts the repeated header from the rest of the row."""
    as_it_is = facts(f"{tabled.TITLE}\n{tabled.from_our_readers(LONG)}")
    assert facts(read_source(tabled.reportlab_pdf(LONG, split=True), "a.pdf").text) == as_it_is


@pytest.mark.long
def test_a_table_reads_the_same_from_a_pdf_by_an_office_program(rows: tabled.Rows, tmp_path: Path) -> None:
    data = tabled.office_pdf(rows, tmp_path)
    if data is None:
        skip_or_fail("LibreOffice (Debian's libreoffice-writer) is not installed")
    as_it_is = facts(f"{tabled.TITLE}\n{tabled.from_our_readers(rows)}")
    assert facts(read_source(data, "a.pdf").text) == as_it_is


def merging_page(cell: str, rows: int) -> bytes:
    return f"<html><body><p>{'做好服务。' * 60}</p><table>{f'<tr>{cell}</tr>' * rows}</table></body></html>".encode()


def merging_docx() -> bytes:
    document = docx.Document()
    table = document.add_table(rows=400, cols=2)
    table.cell(0, 0).merge(table.cell(399, 0))
    table.cell(0, 0).text = "字" * 3000
    return built.saved(document)


def merging_xlsx() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for n in range(1, 2001):
        sheet.cell(n, 2, n)
    sheet.cell(1, 1, "字" * 30_000)
    sheet.merge_cells("A1:A2000")
    return built.saved(book)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: merging_page("<td rowspan=10000 colspan=10000>甲</td>" * 5, 500), "a.html"),
        (lambda: merging_page("<td rowspan=900>" + "字" * 2000 + "</td><td>乙</td>", 60), "a.html"),
        (merging_docx, "a.docx"),
        (merging_xlsx, "a.xlsx"),
    ],
    ids=["wide and high", "long words", "docx", "xlsx"],
)
def test_merged_cells_that_would_fill_a_table_without_end_are_refused(make: Callable[[], bytes], name: str) -> None:
    data = make()
    with cpu.at_most(10), pytest.raises(ReadError, match="合并单元格"):
        read_source(data, name)
