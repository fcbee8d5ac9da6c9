"""Files a supervisor uploads (上传), turned into the text that is stored and shown.

What a file holds decides how it is read, not its name. Everything but plain text is read in a process apart
(reading_apart), which also keeps the heavy libraries out of this one.
"""

import re
from contextlib import suppress
from dataclasses import dataclass

MAX_SOURCE_BYTES = 20 * 1024 * 1024
# What the upload page offers; the order is that of its hint.
ACCEPTED_SUFFIXES = (
    ".docx", ".pdf", ".xlsx", ".html", ".htm", ".shtml", ".mht", ".mhtml", ".txt", ".text", ".md", ".csv", ".tsv",
)  # fmt: skip
# Variants of a web page's extension are taken, but not worth naming.
OFFERED = (".docx", ".pdf", ".xlsx", ".html", ".txt", ".md", ".csv")
# Tables as spreadsheets export them: plain text with a mark between the cells.
DELIMITED = ("csv", "tsv")
_SUFFIXES = {
    "txt": ("txt", "text", "md", "markdown", *DELIMITED), "docx": ("docx",), "xlsx": ("xlsx",), "pdf": ("pdf",),
    "html": ("html", "htm", "shtml", "xhtml", "mht", "mhtml"),
}  # fmt: skip
_NAMES = {
    "txt": "纯文本", "docx": "Word 文档（.docx）", "xlsx": "Excel 表格（.xlsx）", "pdf": "PDF 文件", "html": "网页",
}  # fmt: skip
# Formats that are not read, with what to do; by what the file holds, or by its extension where that says nothing.
_SAVE_AS_DOCX = "请用 Word 或 WPS 打开，另存为 .docx 后上传，或直接粘贴正文。"
_SAVE_AS_XLSX = "请用 Excel 或 WPS 打开，另存为 .xlsx 后上传，或直接粘贴正文。"
_REMEDY = "请将文件另存为 .docx 或纯文本（.txt）后上传，或直接粘贴正文。"
_OLD = {
    "doc": ("旧版 Word 文档（.doc）", _SAVE_AS_DOCX), "wps": ("WPS 文档（.wps）", _SAVE_AS_DOCX),
    "xls": ("旧版 Excel 表格（.xls）", _SAVE_AS_XLSX), "et": ("WPS 表格（.et）", _SAVE_AS_XLSX),
    "ppt": ("演示文稿", _REMEDY), "pptx": ("演示文稿", _REMEDY), "rtf": ("RTF 文档", _SAVE_AS_DOCX),
    "odt": ("OpenDocument 文档", _SAVE_AS_DOCX), "ods": ("OpenDocument 表格", _SAVE_AS_XLSX),
    "ofd": ("OFD 版式文件", "请用 OFD 阅读器另存为可复制文字的 PDF 后上传，或直接粘贴正文。"),
    "docm": ("含宏的 Word 文档", _SAVE_AS_DOCX), "xlsm": ("含宏的 Excel 表格", _SAVE_AS_XLSX),
    "zip": ("压缩包", "请解压后逐个上传其中的文件。"),
    "rar": ("压缩包", "请解压后逐个上传其中的文件。"), "7z": ("压缩包", "请解压后逐个上传其中的文件。"),
}  # fmt: skip
_PICTURE = "图片没有文字层，请上传 Word 版或可复制文字的 PDF，或先做文字识别（OCR）后粘贴正文。"
_UNPACK = "请解压后逐个上传其中的文件。"
# What a file begins with says more than its name: a picture named .txt is still a picture.
_MAGIC = (
    (b"\x89PNG", "PNG 图片", _PICTURE), (b"\xff\xd8\xff", "JPEG 图片", _PICTURE), (b"GIF8", "GIF 图片", _PICTURE),
    (b"BM", "BMP 图片", _PICTURE), (b"II*\x00", "TIFF 图片", _PICTURE), (b"MM\x00*", "TIFF 图片", _PICTURE),
    (b"Rar!", "压缩包", _UNPACK), (b"7z\xbc\xaf", "压缩包", _UNPACK), (b"\x1f\x8b", "压缩包", _UNPACK),
    (b"{\\rtf", "RTF 文档", _SAVE_AS_DOCX), (b"\x7fELF", "程序", _REMEDY), (b"MZ", "程序", _REMEDY),
)  # fmt: skip
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
# Control characters other than tab, line feed, vertical tab and form feed; lone surrogates; the replacement mark.
_NEVER_TEXT = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffd]")
_PAGE = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_TAGS = re.compile(rb"<(?:p|div|td|tr|table|span|br|meta|a)\b[^<>]{0,300}>", re.IGNORECASE)
_ARCHIVED_PAGE = re.compile(rb"(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*?content-type:\s*multipart/related", re.IGNORECASE)
_CHARSET = re.compile(rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)


class ReadError(ValueError):
    """The file cannot be read as text; the message tells the uploader, in Chinese, what to do."""


@dataclass(frozen=True, slots=True)
class SourceText:
    """Text of a source, and the encoding it came in: a character set, or docx, xlsx, pdf."""

    text: str
    encoding: str


def read_source(data: bytes, filename: str) -> SourceText:
    """Read an uploaded file: BOM dropped, line ends made \\n, plain text otherwise unchanged; raises ReadError."""
    kind, suffix = recognise(data, filename)
    if kind == "txt":
        text, encoding = _decode(data)
        text = _rows(text) if suffix in DELIMITED else text
    elif kind == "html":
        text, encoding = _page(data)
    else:
        text, encoding = _apart(kind, data), kind
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise ReadError("文件中没有文字内容。请检查文件后重新上传，或直接粘贴正文。")
    if _is_garbage(text):
        raise ReadError(f"文件内容不是文字（含有大量控制字符）。{_REMEDY}")
    return SourceText(text, encoding)


def recognise(data: bytes, filename: str) -> tuple[str, str]:
    """Return what an upload is (txt, html, docx, xlsx, pdf) and its extension, without reading it; raises ReadError."""
    _check_size(data)
    suffix = _suffix(filename)
    kind = _kind(data, suffix)
    if suffix not in _SUFFIXES[kind]:
        _refuse_name(kind, suffix)
    return kind, suffix


def read_table_or_source(data: bytes, filename: str) -> SourceText:
    """Read a file as `read_source` does, and a CSV or TSV export as the plain text it is."""
    stem, _, suffix = filename.rpartition(".")
    return read_source(data, f"{stem}.txt" if suffix.lower() in ("csv", "tsv") else filename)


def _rows(text: str) -> str:
    """The rows of an exported table as every table is written: a line to the row, TAB characters between the cells."""
    import csv
    from io import StringIO

    from tracker.adapters.files.grid import lines_of_rows

    text = text.removeprefix("\ufeff")
    first = next((line for line in text.splitlines() if line.strip()), "")
    mark = max("\t,;", key=first.count)
    csv.field_size_limit(MAX_SOURCE_BYTES)
    try:
        return "\n".join(lines_of_rows(csv.reader(StringIO(text, newline=""), delimiter=mark)))
    except csv.Error:
        return text  # no table after all: the words are read as they stand


def _check_size(data: bytes) -> None:
    if not data:
        raise ReadError("文件是空的。请检查文件后重新上传，或直接粘贴正文。")
    if len(data) > MAX_SOURCE_BYTES:
        limit = MAX_SOURCE_BYTES // (1024 * 1024)
        raise ReadError(f"文件超过 {limit} MB 的上限。请拆分后分别上传，或只粘贴需要的正文。")


def _suffix(filename: str) -> str:
    name = filename.strip().lower()
    return name.rpartition(".")[2] if "." in name else ""


def _refuse_name(kind: str, suffix: str) -> None:
    """Refuse a name that says something else than the content, and say what the file really is."""
    if kind == "txt":
        if suffix in _OLD:
            what, remedy = _OLD[suffix]
            raise ReadError(f"暂不支持{what}。{remedy}")
        for other, suffixes in _SUFFIXES.items():
            if suffix in suffixes:
                raise ReadError(
                    f"这个文件的内容不是{_NAMES[other]}，打不开。请检查文件是否完整，或将正文另存为纯文本（.txt）后上传。"
                )
        shown = f"（.{suffix}）" if suffix else ""
        taken = "、".join(OFFERED)
        raise ReadError(f"暂不支持这种文件{shown}。可以上传 {taken}，也可以直接粘贴正文。")
    named = f"扩展名却是 .{suffix}" if suffix else "却没有扩展名"
    raise ReadError(f"这个文件实际是{_NAMES[kind]}，{named}。请将扩展名改为 .{_SUFFIXES[kind][0]} 后重新上传。")


def _kind(data: bytes, suffix: str) -> str:
    """What a file is, by its content: txt, docx, xlsx, pdf or html; raises ReadError for what is not read."""
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith(b"PK\x03\x04"):
        return _kind_of_archive(data)
    if data.startswith(_OLE):
        _refuse_ole(data, suffix)
    for magic, what, remedy in _MAGIC:
        if data.startswith(magic) and (len(magic) > 2 or b"\x00" in data[:512]):
            raise ReadError(f"这个文件实际是{what}，不能读取。{remedy}")
    head = _plain_head(data)
    if _PAGE.match(head) or _ARCHIVED_PAGE.match(head):
        return "html"
    if suffix in _SUFFIXES["html"] and len(_TAGS.findall(head)) >= 3:
        return "html"
    return "txt"


def _plain_head(data: bytes) -> bytes:
    """The first bytes of a text, in ASCII as far as they are, whatever its encoding."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data[2:20000].replace(b"\x00", b"")
    return data[:20000].removeprefix(b"\xef\xbb\xbf")


def _kind_of_archive(data: bytes) -> str:
    from tracker.adapters.files.archive import open_archive

    names = set(open_archive(data).namelist())
    if "word/document.xml" in names:
        return "docx"
    if "xl/workbook.xml" in names:
        return "xlsx"
    for mark, name in (("OFD.xml", "ofd"), ("ppt/presentation.xml", "pptx"), ("content.xml", "odt")):
        if mark in names:
            what, remedy = _OLD[name]
            raise ReadError(f"暂不支持{what}。{remedy}")
    if "xl/workbook.bin" in names:
        raise ReadError(f"暂不支持二进制 Excel 表格（.xlsb）。{_SAVE_AS_XLSX}")
    raise ReadError(f"这个文件实际是压缩包，不能读取。{_UNPACK}")


def _refuse_ole(data: bytes, suffix: str) -> None:
    """Refuse the old container of Office and WPS: it holds encrypted new files as well as old formats."""
    parts = {
        name for name in ("EncryptedPackage", "WordDocument", "Workbook", "Book") if name.encode("utf-16-le") in data
    }
    if "EncryptedPackage" in parts:
        raise ReadError("文件已加密，需要密码才能打开。请取消密码后重新上传，或直接粘贴正文。")
    if suffix not in ("doc", "wps", "xls", "et", "ppt"):
        suffix = "doc" if "WordDocument" in parts else "xls" if parts else ""
        what, remedy = _OLD.get(suffix, ("旧版 Office 文档", _SAVE_AS_DOCX))
        raise ReadError(f"这个文件实际是{what}。{remedy}")
    what, remedy = _OLD[suffix]
    raise ReadError(f"暂不支持{what}。{remedy}")


def _apart(kind: str, data: bytes) -> str:
    from tracker.adapters.files.sandbox import read_apart

    text, reason = read_apart(f"{__package__}.{kind}", data)
    if text is None:
        raise ReadError(reason)
    return text


def _page(data: bytes) -> tuple[str, str]:
    """The main text of a saved page, and the character set it was saved in."""
    if _ARCHIVED_PAGE.match(_plain_head(data)):
        from tracker.adapters.files.html import main_part

        inner = main_part(data)
        if inner is None:
            raise ReadError("这个网页归档里没有正文。请在浏览器中将网页另存为 .html 后上传，或直接粘贴正文。")
        data = inner
    declared = _CHARSET.search(data[:4096])
    if declared and not any(data.startswith(mark) for mark, _ in _BOMS):
        # Pages that say gb2312 use characters of its supersets.
        name = declared[1].decode("ascii", "replace").lower()
        name = "gb18030" if name.startswith("gb") else name
        # A wrong declaration is passed over: the bytes themselves are asked.
        with suppress(LookupError, UnicodeError):
            return _apart("html", data.decode(name).encode()), name[:20]
    text, encoding = _decode(data)
    return _apart("html", text.encode()), encoding


def _decode(data: bytes) -> tuple[str, str]:
    """Try the byte order mark, then UTF-8, UTF-16 without mark, GB18030."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _strictly(data, encoding), encoding
    if b"\x00" in data[:4096]:
        # Text holds no NUL bytes, except UTF-16, where they stand at the odd or the even places only.
        encoding = "utf-16-le" if data[1:4096:2].count(0) >= data[0:4096:2].count(0) else "utf-16-be"
        return _strictly(data, encoding), encoding
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _strictly(data, "gb18030"), "gb18030"


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ReadError("无法识别文件的文字编码。请另存为 UTF-8 编码的 .txt 文件后上传，或直接粘贴正文。") from error


def _is_garbage(text: str) -> bool:
    """Whether its control characters show that this never was text."""
    sample = text[:20000]
    return len(_NEVER_TEXT.findall(sample)) * 50 > len(sample)
