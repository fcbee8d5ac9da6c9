"""Every format of upload gives the same text to the reader; what cannot be read is refused in plain words."""

import io
import subprocess
import sys
import zipfile

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from tests.kit import builders as built
from tests.kit import cpu
from tracker.adapters.files import readers
from tracker.adapters.files.readers import MAX_SOURCE_BYTES, ReadError, read_source
from tracker.reading.extraction import read

ROWS = [
    "序号\t重点任务\t责任单位\t完成时限",
    "1\t加强电能计量服务\t市发展改革委、市财政局\t2022年6月底前",
    "2\t加强电能计量服务\t市工业和信息化局\t2022年12月底前",
    "3\t推广网上办电\t国网鞍山供电公司\t2022年9月底前",
]


def measures(text: str) -> list[tuple[object, ...]]:
    """What the reader makes of a text, without its layout."""
    return [
        (
            m.key,
            "".join(m.text.split()),
            [(a.unit, a.role) for i in m.items for a in i.assignments],
            [(d.quote, d.kind, d.date, d.trigger) for i in m.items for d in i.deadlines],
        )
        for plan in read(text).plans
        for m in plan.measures
    ]


def refused(data: bytes, name: str) -> str:
    with pytest.raises(ReadError) as caught:
        read_source(data, name)
    return str(caught.value)


def outcome(data: bytes, name: str) -> tuple[str, str]:
    """What became of a file that may or may not be readable; anything but ReadError fails the test."""
    try:
        return "read", read_source(data, name).text
    except ReadError as error:
        return "refused", str(error)


@pytest.mark.parametrize("text", [built.ANSHAN, built.JINING], ids=["anshan", "jining"])
@pytest.mark.parametrize(
    ("make", "name"),
    [
        (built.plain_docx, "a.docx"),
        (lambda text: built.pdf(text, header="鞍山市人民政府文件"), "a.pdf"),
        (lambda text: built.page(text).encode(), "a.html"),
        (lambda text: built.page(text).replace("utf-8", "gb2312").encode("gb18030"), "a.htm"),
        (lambda text: text.encode("gb18030"), "a.txt"),
    ],
    ids=["docx", "pdf", "html", "gb-html", "gb-txt"],
)
def test_every_format_gives_the_measures_of_the_plain_text(text: str, make, name: str) -> None:
    expected = measures(text)
    assert len(expected) >= 20
    assert measures(read_source(make(text), name).text) == expected


def test_numbers_that_word_computes_give_the_same_measures() -> None:
    assert measures(read_source(built.numbered_docx(built.ANSHAN), "a.docx").text) == measures(built.ANSHAN)


def test_lists_of_every_level_are_numbered_as_word_numbers_them() -> None:
    document = docx.Document()
    key = built.with_numbering(document)
    for text, level in [("甲", 0), ("乙", 1), ("丙", 2), ("丁", 3), ("戊", 2), ("己", 1), ("庚", 0), ("辛", 1)]:
        built.numbered(document, text, key, level)
    other = built.with_numbering(document, (("upperLetter", "%1."), ("decimal", "%1.%2")), start=3)
    built.numbered(document, "壬", other, 0)
    built.numbered(document, "癸", other, 1)
    lines = read_source(built.saved(document), "a.docx").text.split("\n")
    assert [line for line in lines if line] == [
        "一、甲",
        "（一）乙",
        "1.丙",
        "①丁",
        "2.戊",
        "（二）己",
        "二、庚",
        "（一）辛",
        "C.壬",
        "C.3 癸",
    ]


def test_a_number_is_inherited_from_the_style() -> None:
    document = docx.Document()
    key = built.with_numbering(document, (("chineseCountingThousand", "第%1条"),))
    props = document.styles["Heading 2"].element.get_or_add_pPr()
    props.append(parse_xml(f'<w:numPr {nsdecls("w")}><w:numId w:val="{key}"/></w:numPr>'))
    for n in range(12):
        document.add_heading(f"条文{n}。", 2)
    lines = [line for line in read_source(built.saved(document), "a.docx").text.split("\n") if line]
    assert lines[0] == "第一条 条文0。"
    assert lines[-1] == "第十二条 条文11。"


def test_word_deletions_hidden_words_and_field_codes_are_left_out_and_text_boxes_kept() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("保留")
    paragraph.add_run("隐藏").font.hidden = True
    w = nsdecls("w")
    for xml in (
        f"<w:del {w}><w:r><w:delText>删去</w:delText></w:r></w:del>",
        f"<w:ins {w}><w:r><w:t>新增</w:t></w:r></w:ins>",
        f"<w:r {w}><w:instrText>PAGE</w:instrText></w:r>",
        f"<w:r {w}><w:pict><w:txbxContent><w:p><w:r><w:t>框中文字</w:t></w:r></w:p></w:txbxContent></w:pict></w:r>",
    ):
        paragraph._p.append(parse_xml(xml))
    assert read_source(built.saved(document), "a.docx").text == "保留新增\n框中文字"


def test_a_task_table_of_word_comes_by_rows_with_merged_cells_filled() -> None:
    lines = read_source(built.task_docx(), "a.docx").text.split("\n")
    assert lines == ["任务分工表", *ROWS, "表后的说明。"]


def test_a_box_of_one_column_is_ordinary_text() -> None:
    document = docx.Document()
    cell = document.add_table(rows=1, cols=1).cell(0, 0)
    cell.text = "专栏1"
    cell.add_paragraph("第一项。")
    assert read_source(built.saved(document), "a.docx").text == "专栏1\n第一项。"


def test_a_workbook_gives_its_visible_sheets_by_rows() -> None:
    text = read_source(built.task_xlsx(), "a.xlsx").text
    first, second = text.split("\n\n")
    assert first.split("\n") == ["重点任务", "鞍山市减轻企业负担任务分工表", *ROWS]
    assert second.split("\n") == [
        "其他任务",
        "任务\t牵头单位\t配合单位\t时限",
        "清理拖欠账款\t市工业和信息化局\t市财政局 市住建局\t2022年底前",
    ]
    assert "不得外传" not in text


def test_dates_and_numbers_of_a_workbook_read_as_printed() -> None:
    import datetime

    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["任务", "时限", "比例", "数量"])
    book.active.append(["一项工作", datetime.date(2024, 6, 30), 0.25, 3.0])
    book.active["C2"].number_format = "0%"
    book.active.append(["另一项", datetime.date(2024, 9, 1), 1, 1.5])
    book.active["B3"].number_format = 'yyyy"年"m"月"'
    lines = read_source(built.saved(book), "a.xlsx").text.split("\n")
    assert lines[1:] == ["一项工作\t2024年6月30日\t25%\t3", "另一项\t2024年9月\t1\t1.5"]


def test_a_ruled_table_of_a_pdf_comes_by_rows_with_wrapped_words_whole() -> None:
    assert read_source(built.ruled_pdf(), "a.pdf").text.split("\n") == ["任务分工表", *ROWS]


@pytest.mark.parametrize("heights", [(20, 20, 20, 20, 20), (20, 70, 20, 20, 20), (20, 20, 20, 70, 70)])
def test_rows_of_a_merged_group_of_a_pdf_keep_their_own_cells(heights: tuple[int, ...]) -> None:
    rows = [
        ["序号", "重点任务", "具体措施", "责任单位", "完成时限"],
        ["1", "优化服务", "推行首问负责", "市财政局", "2026年6月底前"],
        ["", "", "推行限时办结", "市教育局", "2026年9月底前"],
        ["", "", "推行一次告知", "市民政局", ""],
        ["2", "建立台账", "按月通报", "市审计局", "2026年12月底前"],
    ]
    lines = read_source(built.merged_pdf(rows, heights), "a.pdf").text.split("\n")
    above = rows[0]
    for line, row in zip(lines, rows, strict=True):
        above = [own or over for own, over in zip(row, above, strict=True)]
        assert line.split("\t") == above


def test_headers_footers_and_page_numbers_of_a_pdf_are_dropped_and_broken_words_joined() -> None:
    text = read_source(built.pdf(built.ANSHAN, header="鞍山市人民政府办公室文件"), "a.pdf").text
    assert "办公室文件" not in text
    assert "— 1 —" not in text
    squeezed = "".join(text.split()).replace("　", "")
    for paragraph in built.paragraphs(built.ANSHAN):
        assert "".join(paragraph.split()).replace("»", "") in squeezed.replace("»", "")
    assert len([line for line in text.split("\n") if line.strip()]) <= len(built.paragraphs(built.ANSHAN)) + 2


def test_two_columns_of_a_pdf_are_read_one_after_the_other() -> None:
    text = read_source(built.pdf(built.ANSHAN, size=10, columns=2), "a.pdf").text
    assert measures(text) == measures(built.ANSHAN)


def test_a_last_page_whose_second_column_is_short_keeps_its_columns() -> None:
    lines = [f"{n}.{'落实各项惠企政策措施' * 6}。" for n in range(1, 40)]
    text = "\n".join(["一、做好服务", *lines])
    for cut in range(20, 40, 6):
        part = "\n".join(text.split("\n")[:cut])
        assert measures(read_source(built.pdf(part, size=9, columns=2), "a.pdf").text) == measures(part)


def test_a_table_of_contents_keeps_the_tab_before_its_page_numbers() -> None:
    document = docx.Document()
    document.add_paragraph("1. 减轻负担的措施\t(12)")
    document.add_paragraph("一、宽\t空白")
    assert read_source(built.saved(document), "a.docx").text == "1. 减轻负担的措施\t(12)\n一、宽 空白"


def test_a_cell_in_the_last_corner_of_a_sheet_costs_no_time() -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active["A1"] = "任务"
    book.active["B1048576"] = "尾"
    with cpu.at_most(15):
        assert read_source(built.saved(book), "a.xlsx").text == "任务\n\t尾"


def test_menus_scripts_and_footers_of_a_page_are_dropped() -> None:
    text = read_source(built.page(built.ANSHAN, table=built.html_table()).encode(), "a.html").text
    for word in ("顶栏", "导航栏目", "侧栏目录", "解读文章", "脚本内容", "看不见", "ICP备", "&nbsp;", "<"):
        assert word not in text
    assert text.startswith("关于印发若干措施的通知\n")
    assert "\n".join(ROWS) in text
    assert "\n　　一、减轻企业办电负担\n" in text


def test_a_page_without_an_article_keeps_everything_but_its_menus() -> None:
    text = read_source(
        "<html><body><p>一、做好服务。</p><div>（责任单位：市财政局）</div></body></html>".encode(), "a.html"
    ).text
    assert text == "一、做好服务。\n（责任单位：市财政局）"


def test_a_web_archive_is_read_like_the_page_in_it() -> None:
    import email.message

    message = email.message.EmailMessage()
    message["Subject"] = "page"
    message.set_type("multipart/related")
    part = email.message.EmailMessage()
    part.set_content(built.page(built.ANSHAN), subtype="html", charset="utf-8", cte="quoted-printable")
    message.attach(part)
    assert measures(read_source(message.as_bytes(), "a.mht").text) == measures(built.ANSHAN)


def test_offsets_of_the_reading_point_into_the_text_of_a_word_file() -> None:
    text = read_source(built.numbered_docx(built.ANSHAN), "a.docx").text
    for plan in read(text).plans:
        for measure in plan.measures:
            for item in measure.items:
                for one in item.assignments:
                    assert text[one.span.start : one.span.end] == one.unit


# What cannot be read, and what the uploader is told.


def test_a_scan_is_told_from_a_pdf_with_words() -> None:
    assert "扫描件" in refused(built.scanned_pdf(), "a.pdf")


def test_a_scanned_page_among_others_is_named() -> None:
    import pypdfium2

    both = pypdfium2.PdfDocument(built.pdf(built.ANSHAN))
    pages = len(both)
    scan = pypdfium2.PdfDocument(built.scanned_pdf(1))
    both.import_pages(scan)
    found = io.BytesIO()
    both.save(found)
    scan.close()
    both.close()
    assert f"［第{pages + 1}页没有文字" in read_source(found.getvalue(), "a.pdf").text


def test_encrypted_files_are_named_as_such() -> None:
    assert "加密" in refused(built.encrypted_pdf(), "a.pdf")
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    assert "加密" in refused(ole + "EncryptedPackage".encode("utf-16-le") + bytes(600), "a.docx")


@pytest.mark.parametrize(
    ("name", "inner", "words"),
    [
        ("a.doc", "WordDocument", "另存为 .docx"), ("a.wps", "WordDocument", "WPS 文档"),
        ("a.et", "Workbook", "另存为 .xlsx"),
        ("a.xls", "Workbook", "旧版 Excel"), ("a.docx", "WordDocument", "实际是旧版 Word"),
        ("a.txt", "Workbook", "实际是旧版 Excel"),
    ],
)  # fmt: skip
def test_old_formats_say_how_to_save_them_anew(name: str, inner: str, words: str) -> None:
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000) + inner.encode("utf-16-le") + bytes(1000)
    assert words in refused(data, name)


@pytest.mark.parametrize(
    ("make", "name", "words"),
    [
        (built.task_docx, "a.pdf", "实际是Word 文档（.docx），扩展名却是 .pdf"),
        (built.task_docx, "a.doc", "改为 .docx"),
        (built.task_xlsx, "a.docx", "实际是Excel 表格"),
        (built.ruled_pdf, "a.txt", "实际是PDF 文件"),
        (lambda: built.page("正文。").encode(), "a.xls", "实际是网页"),
        (lambda: b"\x89PNG\r\n\x1a\n" + bytes(100), "a.docx", "实际是PNG 图片"),
        (lambda: "正文。".encode(), "a.docx", "内容不是Word 文档"),
        (lambda: "正文。".encode(), "a.xyz", "暂不支持这种文件（.xyz）"),
        (lambda: b"{\\rtf1 abc}", "a.doc", "实际是RTF"),
    ],
)
def test_a_wrong_extension_is_answered_with_what_the_file_really_is(make, name: str, words: str) -> None:
    assert words in refused(make(), name)


def test_an_empty_file_and_one_of_two_hundred_megabytes_are_refused_at_once() -> None:
    assert "空的" in refused(b"", "a.docx")
    with cpu.at_most(1):
        assert "20 MB" in refused(b"%PDF-1.7" + bytes(200 * 1024 * 1024), "a.pdf")
    assert MAX_SOURCE_BYTES == 20 * 1024 * 1024


def test_a_zip_bomb_is_refused_by_its_directory() -> None:
    bomb = built.repacked(built.task_docx(), word__document_xml=b"")
    bomb = built.repacked(built.plain_docx("一"), **{"word__document.xml": b"<a>" + b" " * 60_000_000 + b"</a>"})
    assert len(bomb) < 200_000
    assert "解压后过大" in refused(bomb, "a.docx")


def test_a_zip_bomb_that_lies_about_its_size_is_refused_as_broken() -> None:
    bomb = built.repacked(built.plain_docx("一"), **{"word__document.xml": b"<a>" + b" " * 60_000_000 + b"</a>"})
    with zipfile.ZipFile(io.BytesIO(bomb)) as archive:
        real = archive.getinfo("word/document.xml").file_size.to_bytes(4, "little")
    refused(bomb.replace(real, (90_000).to_bytes(4, "little")), "a.docx")


@pytest.mark.parametrize(("make", "name", "part"), [
    (lambda: built.plain_docx("一"), "a.docx", "word__document.xml"),
    (built.task_xlsx, "a.xlsx", "xl__worksheets__sheet1.xml"),
    (built.task_xlsx, "a.xlsx", "xl__workbook.xml"),
])  # fmt: skip
def test_entity_bombs_cannot_hurt(make, name: str, part: str) -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "lol"}">' for n in range(12))
    bomb = f'<?xml version="1.0"?><!DOCTYPE x [{entities}]><x>&e11;</x>'
    with cpu.at_most(10):
        assert "声明" in refused(built.repacked(make(), **{part: bomb.encode()}), name)
        assert "声明" in refused(built.repacked(make(), **{part: bomb.encode("utf-16")}), name)


@pytest.mark.parametrize("make", [lambda: built.plain_docx(built.ANSHAN), built.task_xlsx, built.ruled_pdf])
def test_cut_off_and_damaged_files_are_refused_in_words(make) -> None:
    data = make()
    name = "a.pdf" if data.startswith(b"%PDF") else "a.docx" if b"word/" in data else "a.xlsx"
    for damaged in (data[: len(data) // 2], data[:40], data[:300] + bytes(300) + data[600:]):
        assert outcome(damaged, name)[0] in ("read", "refused")


def test_deeply_nested_pages_are_read_or_refused_at_bounded_cost() -> None:
    deep = "<html><body>" + "<div>" * 50_000 + "正文内容。" + "</div>" * 50_000
    with cpu.at_most(20):
        assert outcome(deep.encode(), "a.html")[0] in ("read", "refused")


def test_a_reader_that_runs_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    from tracker.adapters.files import sandbox

    monkeypatch.setattr(sandbox, "MAX_SECONDS", 0.01)
    assert "超时" in refused(built.task_docx(), "a.docx")


def test_no_heavy_library_is_loaded_here_by_reading_a_word_file() -> None:
    code = (
        "import sys; from tracker.adapters.files.readers import read_source\n"
        "read_source(sys.stdin.buffer.read(), 'a.docx')\n"
        "heavy = {'docx', 'lxml', 'pdfplumber', 'pdfminer', 'openpyxl', 'trafilatura', 'PIL'} & set(sys.modules)\n"
        "print(sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], input=built.task_docx(), capture_output=True, check=True)
    assert done.stdout.decode().strip() == "[]"


def test_the_extensions_offered_are_those_read() -> None:
    offered = {suffix.removeprefix(".") for suffix in readers.ACCEPTED_SUFFIXES}
    assert offered <= {suffix for suffixes in readers._SUFFIXES.values() for suffix in suffixes}
