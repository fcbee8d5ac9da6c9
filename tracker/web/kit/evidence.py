"""佐证材料: files taken in with a report, kept through a refused form, and handed out again."""

import io
import re
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from flask import Response, current_app, send_file
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.datastructures import FileStorage

import config
from tracker.services.duties.progress import NewFile
from tracker.store.models import Attachment
from tracker.web.kit.access import actor, not_found, outfit

MOST = 10
LONGEST_NAME = 120
# Ten files and the form around them; the limit of other pages stays as it is.
MAX_REQUEST_BYTES = MOST * config.MAX_UPLOAD_BYTES + config.MAX_FORM_MEMORY_SIZE
HINT = "PDF、Word、Excel、WPS、OFD 或图片，单个不超过 20 MB，最多 10 个。不要求拍照留痕。"
WRONG_KIND = "只收 PDF、Word、Excel、WPS、OFD 和 PNG、JPG 图片，请转换格式后再上传。"

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _begins(mark: bytes) -> Callable[[bytes], bool]:
    return lambda data: data.startswith(mark)


def _is_pdf(data: bytes) -> bool:
    # Some scanners write a few bytes before the header; readers allow a kilobyte.
    return b"%PDF-" in data[:1024]


def _zip_with(member: str) -> Callable[[bytes], bool]:
    """Return a test for an archive that holds `member`; nothing is unpacked."""

    def holds(data: bytes) -> bool:
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                return member in archive.namelist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError):
            return False

    return holds


# extension: media type we store and send, and what the bytes must be
KINDS: dict[str, tuple[str, Callable[[bytes], bool]]] = {
    "pdf": ("application/pdf", _is_pdf),
    "doc": ("application/msword", _begins(_OLE)),
    "xls": ("application/vnd.ms-excel", _begins(_OLE)),
    "wps": ("application/vnd.ms-works", _begins(_OLE)),
    "et": ("application/vnd.ms-excel", _begins(_OLE)),
    "docx": (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        _zip_with("word/document.xml"),
    ),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _zip_with("xl/workbook.xml")),
    "ofd": ("application/ofd", _zip_with("OFD.xml")),
    "png": ("image/png", _begins(b"\x89PNG\r\n\x1a\n")),
    "jpg": ("image/jpeg", _begins(b"\xff\xd8\xff")),
    "jpeg": ("image/jpeg", _begins(b"\xff\xd8\xff")),
}
ACCEPT = ",".join(f".{kind}" for kind in KINDS)


@dataclass(slots=True)
class Evidence:
    """What came with a form: files already stored, the tokens that keep them, and what was refused."""

    files: list[NewFile] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    @property
    def kept(self) -> list[tuple[str, NewFile]]:
        """Return each file with the token that brings it back with the next form."""
        return [(seal(file), file) for file in self.files]


def take(uploads: Iterable[FileStorage] | None, tokens: Iterable[str] = ()) -> Evidence:
    """Store what was uploaded and recall what was kept; call it before the first db() of a POST."""
    found = Evidence(files=[file for token in tokens if (file := unseal(token)) is not None][:MOST])
    for upload in uploads or ():
        if not upload.filename:
            continue
        name = clean_name(upload.filename)
        if len(found.files) >= MOST:
            found.refusals.append(f"“{name}”没有收下：一次最多 {MOST} 个文件，其余请下次再传。")
            continue
        data = upload.stream.read(config.MAX_UPLOAD_BYTES + 1)
        why = refusal(name, data)
        if why:
            found.refusals.append(f"“{name}”没有收下：{why}")
            continue
        file = NewFile(name, KINDS[kind_of(name)][0], len(data), outfit().files.put(data))
        if file not in found.files:
            found.files.append(file)
    return found


def receive(form: Any, open_to_actor: bool) -> Evidence:
    """Store a form's files, where its reader may act at all, and let it keep them: before the first db() of a POST."""
    found = take(form.files.data, form.kept.data or []) if open_to_actor else Evidence()
    form.kept.choices = {token: f"{file.filename}（{size_words(file.size)}）" for token, file in found.kept}
    form.kept.data = [token for token, _ in found.kept]
    form.refusals = tuple(found.refusals)
    return found


def any_sent(form: Any) -> bool:
    """Whether a form brought a file, or names one that was kept for it."""
    return bool(form.kept.data) or any(sent and sent.filename for sent in form.files.data or ())


def refusal(name: str, data: bytes) -> str | None:
    """Return why a file cannot be taken, None where it can."""
    if not data:
        return "文件是空的。"
    if len(data) > config.MAX_UPLOAD_BYTES:
        return f"超过 {config.MAX_UPLOAD_BYTES // config.MEGABYTE} MB，请压缩或拆分后再上传。"
    kind = KINDS.get(kind_of(name))
    if kind is None:
        return WRONG_KIND
    if not kind[1](data):
        return f"内容不是 {kind_of(name).upper()} 格式，请用原程序另存后再上传。"
    return None


def kind_of(name: str) -> str:
    return PurePosixPath(name).suffix.lower().lstrip(".")


def clean_name(name: str) -> str:
    """Return a name to show and to send back: its last part, without control characters, not too long."""
    last = re.split(r"[\\/]", name)[-1]
    last = "".join(c for c in last if c.isprintable()).strip() or "附件"
    stem, dot, suffix = last.rpartition(".")
    return f"{stem[: LONGEST_NAME - len(suffix) - 1]}.{suffix}" if dot and len(suffix) < 10 else last[:LONGEST_NAME]


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="evidence")


def seal(file: NewFile) -> str:
    """Return a token that only this user can hand back, so that a refused form does not lose its files."""
    token: str = _signer().dumps([actor().user_id, file.filename, file.media_type, file.size, file.sha256])
    return token


def unseal(token: str) -> NewFile | None:
    """Return the file a token of this user names; None for anything else."""
    try:
        user_id, filename, media_type, size, sha256 = _signer().loads(token)
    except (BadSignature, ValueError, TypeError):
        return None
    return NewFile(filename, media_type, size, sha256) if user_id == actor().user_id else None


def send(attachment: Attachment) -> Response:
    """Hand out a file as a download, under its own name and never to be shown in the page's place."""
    path = outfit().files.path(attachment.sha256)
    if not path.is_file():
        not_found()
    response = send_file(
        path, mimetype=attachment.media_type, as_attachment=True, download_name=attachment.filename, max_age=0
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


def size_words(size: int) -> str:
    """Return a file's size as people say it: 812 KB, 2.4 MB."""
    if size < config.MEGABYTE:
        return f"{max(1, round(size / 1024))} KB"
    return f"{size / config.MEGABYTE:.1f} MB"
