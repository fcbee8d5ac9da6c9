"""Office files are ZIP archives (压缩容器): their parts are read within limits, so that no small one unpacks huge."""

import io
import re
import zipfile
import zlib
from collections.abc import Callable

from tracker.adapters.files.readers import ReadError

MAX_PARTS = 5_000
MAX_UNPACKED = 300 * 1024 * 1024  # bytes, all parts together, by the archive's directory
MAX_XML = 80 * 1024 * 1024  # bytes of the XML parts that are read
MAX_RATIO = 200
_RATIO_FROM = 5 * 1024 * 1024  # a small part may be as repetitive as it likes
_CHUNK = 1 << 18
_ENTITY = re.compile(
    rb"<!(?:DOCTYPE|ENTITY)|<\x00!\x00(?:D\x00O|E\x00N)|\x00<\x00!\x00(?:D\x00O|E\x00N)", re.IGNORECASE
)

_BOMB = ReadError(
    "文件解压后过大，不像正常的办公文档，为安全起见没有读取。请将正文另存为纯文本（.txt）后上传，或直接粘贴正文。"
)
BROKEN = "文件已损坏，无法打开。请用 Word、WPS 或 Excel 打开后另存一份再上传，或直接粘贴正文。"


def open_archive(data: bytes) -> zipfile.ZipFile:
    """The archive, once its directory shows sizes and ratios that an office file can have."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, RecursionError, NotImplementedError) as error:
        raise ReadError(BROKEN) from error
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise ReadError(_BOMB)
    for part in parts:
        if part.flag_bits & 1:
            raise ReadError("文件已加密，无法读取。请取消密码后重新上传，或直接粘贴正文。")
        if part.file_size > _RATIO_FROM and part.file_size > MAX_RATIO * max(part.compress_size, 1):
            raise ReadError(_BOMB)
    return archive


def part_of(archive: zipfile.ZipFile, name: str) -> bytes | None:
    """The bytes of one XML part, counted while they are unpacked; None where there is none."""
    if name not in archive.NameToInfo:
        return None
    found = io.BytesIO()
    unpack(archive, name, found.write)
    return found.getvalue()


def unpack(archive: zipfile.ZipFile, name: str, take: Callable[[bytes], object]) -> int:
    """Pass one XML part on in pieces and return its size; refuses entity declarations, which no office writes."""
    size = 0
    before = b""
    try:
        with archive.open(name) as stream:
            while piece := stream.read(_CHUNK):
                size += len(piece)
                if size > MAX_XML:
                    raise ReadError(_BOMB)
                if _ENTITY.search(before[-16:] + piece):
                    raise ReadError(
                        "文件里含有办公软件不会写入的声明（DOCTYPE），为安全起见没有读取。请另存一份后上传，或直接粘贴正文。"
                    )
                take(piece)
                before = piece
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        if isinstance(error, ReadError):
            raise
        raise ReadError(BROKEN) from error
    return size
