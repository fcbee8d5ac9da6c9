"""Files a supervisor uploads (上传), turned into text; plain text only so far."""

import re
from dataclasses import dataclass

MAX_SOURCE_BYTES = 20 * 1024 * 1024

_TEXT_SUFFIXES = (".txt", ".text")
_LATER = {
    "doc": "Word 文档", "docx": "Word 文档", "wps": "WPS 文档", "pdf": "PDF 文件", "htm": "网页", "html": "网页",
    "xls": "Excel 表格", "xlsx": "Excel 表格", "et": "WPS 表格", "rtf": "RTF 文档", "odt": "文档", "ofd": "OFD 文件",
}
# What a file begins with says more than its name: a picture named .txt is still a picture.
_MAGIC = (
    (b"\x89PNG", "PNG 图片"), (b"\xff\xd8\xff", "JPEG 图片"), (b"GIF8", "GIF 图片"), (b"BM", "BMP 图片"),
    (b"%PDF", "PDF 文件"), (b"PK\x03\x04", "Office 文档或压缩包"), (b"\xd0\xcf\x11\xe0", "旧版 Office 文档"),
    (b"Rar!", "压缩包"), (b"7z\xbc\xaf", "压缩包"), (b"\x1f\x8b", "压缩包"), (b"{\\rtf", "RTF 文档"),
    (b"\x7fELF", "程序"), (b"MZ", "程序"),
)
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
# Control characters other than tab, line feed, vertical tab and form feed; lone surrogates; the replacement mark.
_NEVER_TEXT = re.compile("[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufffd]")
_REMEDY = "请将文件另存为纯文本（.txt）后上传，或直接粘贴正文。"


class ReadError(ValueError):
    """The file cannot be read as text; the message tells the uploader, in Chinese, what to do."""


@dataclass(frozen=True, slots=True)
class SourceText:
    """Decoded text of a source and the encoding it came in."""

    text: str
    encoding: str


def read_source(data: bytes, filename: str) -> SourceText:
    """Decode an uploaded file: BOM dropped, line ends made \\n, nothing else changed; raises ReadError."""
    _check_name(filename)
    _check_bytes(data)
    text, encoding = _decode(data)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise ReadError("文件中没有文字内容。请检查文件后重新上传，或直接粘贴正文。")
    if _is_garbage(text):
        raise ReadError(f"文件内容不是文字（含有大量控制字符）。{_REMEDY}")
    return SourceText(text, encoding)


def _check_name(filename: str) -> None:
    """Refuse the formats that are not read yet, by the file's extension."""
    name = filename.strip().lower()
    suffix = name.rpartition(".")[2] if "." in name else ""
    if suffix in _LATER:
        raise ReadError(f"暂不支持{_LATER[suffix]}（.{suffix}）。{_REMEDY}")
    if not name.endswith(_TEXT_SUFFIXES):
        shown = f"（.{suffix}）" if suffix else ""
        raise ReadError(f"暂不支持这种文件{shown}，目前只能读取纯文本（.txt）。{_REMEDY}")


def _check_bytes(data: bytes) -> None:
    """Refuse what is empty, too large, or begins like something that is not text."""
    if not data:
        raise ReadError("文件是空的。请检查文件后重新上传，或直接粘贴正文。")
    if len(data) > MAX_SOURCE_BYTES:
        limit = MAX_SOURCE_BYTES // (1024 * 1024)
        raise ReadError(f"文件超过 {limit} MB 的上限。请拆分后分别上传，或只粘贴需要的正文。")
    for magic, what in _MAGIC:
        if data.startswith(magic) and (len(magic) > 2 or b"\x00" in data[:512]):
            raise ReadError(f"这个文件实际是{what}，不是文本文件。{_REMEDY}")


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
