"""What an uploader is told of a file that is not read, whatever it calls itself; and what is read all the same."""

import io
import zipfile

import pytest

from tests.kit import builders as built
from tracker.adapters.files import archive, docx
from tracker.adapters.files.grid import Grid, lines_of_rows
from tracker.adapters.files.readers import ReadError, read_source, read_table_or_source


def refused(data: bytes, name: str) -> str:
    with pytest.raises(ReadError) as caught:
        read_source(data, name)
    return str(caught.value)


def zipped(*names: str, text: bytes = b"<a/>") -> bytes:
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w") as made:
        for name in names:
            made.writestr(name, text)
    return found.getvalue()


PICTURE_ALONE = b"Content-Type: multipart/related; boundary=x\n\n--x\nContent-Type: image/png\n\n-\n--x--"


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (zipped("OFD.xml"), "a.ofd", "OFD 版式文件"),
        (zipped("ppt/presentation.xml"), "a.pptx", "演示文稿"),
        (zipped("content.xml"), "a.odt", "OpenDocument"),
        (zipped("xl/workbook.bin"), "a.xlsb", ".xlsb"),
        (zipped("读我.txt"), "a.zip", "实际是压缩包"),
        (b"PK\x03\x04 and no more", "a.docx", "已损坏"),
        (b"Rar!\x1a\x07\x00" + bytes(20), "a.rar", "压缩包"),
        (b"BM" + bytes(60), "a.bmp", "BMP 图片"),
        (b"MZ" + bytes(60), "a.exe", "程序"),
        ("正文。".encode(), "a.doc", "暂不支持旧版 Word"),
        ("正文。".encode(), "无扩展名", "暂不支持这种文件。"),
        (built.page("正文。").encode(), "无扩展名", "却没有扩展名"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "a.txt", "旧版 Office 文档"),
        (b"  \r\n\t ", "a.txt", "没有文字内容"),
        (("一" + "\x01" * 9).encode(), "a.txt", "不是文字"),
        (b"\x81\xff\xff\xff\xfe\x80", "a.txt", "无法识别文件的文字编码"),
        (b"\xff\xfe\x00\xd8", "a.txt", "无法识别文件的文字编码"),
        (PICTURE_ALONE, "a.mht", "没有正文"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_read_is_named_and_a_way_out_is_said(data: bytes, name: str, words: str) -> None:
    assert words in refused(data, name)


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("BM指标由市财政局落实。".encode(), "utf-8"),  # begins as a picture does, and is none
        ("正文。".encode("utf-8-sig"), "utf-8-sig"),
        ("正文。".encode("utf-16"), "utf-16"),
        ("A. 正文。".encode("utf-16-le"), "utf-16-le"),
        ("A. 正文。".encode("utf-16-be"), "utf-16-be"),
        ("正文。".encode("gb18030"), "gb18030"),
    ],
)
def test_plain_text_is_read_in_whatever_it_was_written(data: bytes, encoding: str) -> None:
    found = read_source(data, "a.txt")
    assert found.encoding == encoding
    assert found.text.endswith("。")
    assert not found.text.startswith("\ufeff")


@pytest.mark.parametrize(
    ("declared", "written", "encoding"),
    [
        ("gb2312", "gb18030", "gb2312"), ("utf-8", "gb18030", "gb18030"), ("no-such-set", "utf-8", "utf-8"),
        ("gb2312", "utf-16", "utf-16"),
    ],
)  # fmt: skip
def test_a_page_is_read_whatever_character_set_it_declares(declared: str, written: str, encoding: str) -> None:
    data = built.page(built.ANSHAN).replace("utf-8", declared).encode(written)
    found = read_source(data, "a.html")
    assert "减轻企业办电负担" in found.text
    assert found.encoding == encoding.replace("gb2312", "gb18030")


def test_a_fragment_of_a_page_is_one_where_its_name_says_so() -> None:
    fragment = "<p>一、做好服务。</p><p>（责任单位：市财政局）</p><br>"
    assert read_source(fragment.encode(), "a.html").text == "一、做好服务。\n（责任单位：市财政局）"
    assert read_source(fragment.encode(), "a.txt").text == fragment


@pytest.mark.parametrize("name", ["a.csv", "a.TSV", "a.txt"])
def test_a_table_exported_as_text_is_read_as_it_stands(name: str) -> None:
    assert read_table_or_source("日期,说明\n".encode(), name).text == "日期,说明\n"


def test_more_parts_than_any_office_writes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_PARTS", 3)
    assert "解压后过大" in refused(built.plain_docx("一"), "a.docx")


def test_a_part_that_grows_beyond_what_is_read_is_refused_while_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_XML", 10)
    with pytest.raises(ReadError, match="解压后过大"):
        archive.part_of(archive.open_archive(zipped("a.xml", text=b"<a>" + b" " * 20)), "a.xml")


def test_a_part_under_a_password_is_refused() -> None:
    data = bytearray(zipped("word/document.xml"))
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + flags] |= 1
    assert "已加密" in refused(bytes(data), "a.docx")


def test_a_part_that_is_not_there_is_none() -> None:
    assert archive.part_of(archive.open_archive(zipped("a.xml")), "b.xml") is None


def test_a_document_whose_parts_are_no_xml_is_refused() -> None:
    for data in (zipped("word/document.xml", text=b"<w:document"), zipped("word/other.xml")):
        with pytest.raises(ReadError, match="已损坏"):
            docx.text_of(data)
    w = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    assert docx.text_of(zipped("word/document.xml", text=f'<w:document xmlns:w="{w}"/>'.encode())) == ""


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        ([], []),
        ([["", ""], ["甲", ""]], ["甲"]),
        ([["甲", "", "乙"], ["", "", "丙"]], ["甲\t乙", "\t丙"]),
        ([["甲", "乙"], ["丙"]], ["甲\t乙", "丙"]),
    ],
)
def test_rows_become_lines_without_empty_rows_and_columns(rows: list[list[str]], lines: list[str]) -> None:
    assert lines_of_rows(rows) == lines


def test_a_cell_over_several_rows_stands_in_each() -> None:
    grid = Grid()
    for row in ([("甲", 3, 1), ("乙", 1, 2)], [("丙", 1, 1)], [("丁", 1, 1), ("戊", 1, 1)]):
        grid.begin_row()
        for text, down, across in row:
            grid.add(text, down=down, across=across)
        grid.end_row()
    assert grid.rows == [["甲", "乙", ""], ["甲", "丙"], ["甲", "丁", "戊"]]
