"""Uploads that take long to read (读取): begun in one request, finished by the queue, begun again after a restart."""

from dataclasses import dataclass

from tracker.rules.permissions import PlaceAction
from tracker.rules.verbs import Subject, Verb
from tracker.services.core.act import Act
from tracker.services.core.errors import Refused
from tracker.services.documents.intake import AlreadyIn, NewSource, take_in
from tracker.store.models import Document, Source, Upload, UploadState


@dataclass(frozen=True, slots=True)
class Bytes:
    """What came in: kept under its sha256, named as it is to be shown."""

    filename: str
    pasted: bool
    sha256: str
    size: int


def begin(act: Act, jurisdiction_id: int, came: Bytes, document: Document | None = None) -> Upload:
    """Note that an upload is being read; what it is to be a new edition of is kept with it."""
    act.require(PlaceAction.UPLOAD, jurisdiction_id)
    upload = Upload(
        jurisdiction_id=jurisdiction_id,
        filename=came.filename[:200],
        pasted=came.pasted,
        sha256=came.sha256,
        size=came.size,
        document_id=document.id if document else None,
        uploaded_by_id=act.actor.user_id or 0,
        uploaded_at=act.now,
        begun_at=act.now,
        state=UploadState.READING,
    )
    act.session.add(upload)
    act.session.flush()  # the audit entry needs its id
    _record(act, Verb.UPLOAD_BEGIN, upload)
    return upload


def begin_again(act: Act, upload: Upload) -> None:
    """Note that an upload whose reading failed or was cut off is being read once more."""
    act.require(PlaceAction.UPLOAD, upload.jurisdiction_id)
    if upload.state is UploadState.DONE:
        raise Refused("这份上传已经读好了。")
    upload.state, upload.begun_at, upload.words = UploadState.READING, act.now, None
    _record(act, Verb.UPLOAD_BEGIN, upload)


def finish(act: Act, upload: Upload, new: NewSource) -> Source | None:
    """Keep what was read; what cannot be kept is said on the upload. Returns the source, ours or the one already in."""
    if upload.state is not UploadState.READING:
        return None  # somebody was faster, or it was given up
    try:
        source = take_in(act, new)
    except AlreadyIn as refusal:
        upload.source_id = refusal.source_id
        fail(act, upload, str(refusal))
        return None
    except Refused as refusal:
        fail(act, upload, str(refusal))
        return None
    upload.state, upload.source_id = UploadState.DONE, source.id
    return source


def fail(act: Act, upload: Upload, words: str) -> None:
    """Say on an upload why it could not be read, and what to do."""
    upload.state, upload.words = UploadState.FAILED, words[:1000]
    _record(act, Verb.UPLOAD_FAIL, upload)


def discard(act: Act, upload: Upload) -> None:
    """Take an upload that nothing was made of off the list."""
    act.require(PlaceAction.UPLOAD, upload.jurisdiction_id)
    if upload.state is UploadState.DONE:
        raise Refused("这份上传已经读好了。")
    _record(act, Verb.UPLOAD_DISCARD, upload)
    act.session.delete(upload)


def _record(act: Act, verb: Verb, upload: Upload) -> None:
    after = {"filename": upload.filename, "sha256": upload.sha256, "words": upload.words}
    act.record(verb, Subject.UPLOAD, upload.id, jurisdiction_id=upload.jurisdiction_id, after=after)
