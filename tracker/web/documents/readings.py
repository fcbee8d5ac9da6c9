"""读取: what came in, or is read anew, is read beside the pages; who asked waits a moment, then is shown how far."""

import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from flask import current_app
from sqlalchemy import event

import config
from tracker.adapters.files.plans import NotReadInTime, plans_of
from tracker.adapters.files.readers import ReadError, SourceText, read_source
from tracker.reading.extraction import recut
from tracker.reading.plan import Measure, Span
from tracker.reading.restoring import measures_of
from tracker.services.core.act import begin
from tracker.services.documents import uploads
from tracker.services.documents.intake import NewSource
from tracker.store.core.actors import actor_of
from tracker.store.core.engine import Database
from tracker.store.models import Upload, User
from tracker.web.kit.access import db, outfit

T = TypeVar("T")

AT_ONCE = config.READING_THREADS
MOST_WAITING = 20
# How long a reading is waited for before its progress is shown, and how often that page asks again.
PATIENCE_S = 4.0
ASK_AGAIN_S = 2
# Characters of a text that is read anew at once: at the pace that every text is read at (400,000 in 5 s) a quarter of
# a second, and another process takes longer to start.
READ_HERE = 20_000
# How many readings at another level are kept for the press that follows.
KEPT = 4
TOO_MANY = "正在读取的文件太多，请过几分钟再试。"
UNTOUCHED = "草稿没有改动，核对过的都还在。"
BY_HAND = "可以打开一项措施拆分、合并，在全文页选中文字新增"
LEVEL_TOO_LONG = f"正文很长，按这一级没有在规定的时间里读完。{UNTOUCHED}请换一级再看，也{BY_HAND}。"
LEVEL_FAILED = f"按这一级读取时出了错，没有读成。{UNTOUCHED}请再试一次；再不行，{BY_HAND}。"
FAILED = "读取时出了错，没有读成。请再试一次；再不行，请把正文另存为纯文本（.txt）后上传，或直接粘贴正文。"


@dataclass(frozen=True, slots=True)
class Came:
    """Bytes that came in, with the name of their file, and the name they are shown by."""

    data: bytes
    filename: str
    shown: str
    pasted: bool
    sha256: str

    def as_bytes(self) -> uploads.Bytes:
        """Return what is noted of them."""
        return uploads.Bytes(self.shown, self.pasted, self.sha256, len(self.data))


@dataclass(frozen=True, slots=True)
class ReadUpload:
    """What was read of them: their text, and its whole reading as JSON values."""

    source: SourceText
    reading: dict[str, Any]

    def new_source(self, jurisdiction_id: int, came: Came) -> NewSource:
        """Return what intake keeps."""
        return NewSource(
            jurisdiction_id=jurisdiction_id,
            filename=came.shown,
            pasted=came.pasted,
            sha256=came.sha256,
            size=len(came.data),
            encoding=self.source.encoding,
            text=self.source.text,
            plans=self.reading["plans"],
            questions=self.reading["questions"],
        )


def read_came(came: Came) -> ReadUpload:
    """Read bytes that came in, in processes apart; raises ReadError."""
    if came.pasted:
        source = SourceText(came.data.decode("utf-8"), "utf-8")
    else:
        found = read_source(came.data, came.filename)
        # PostgreSQL keeps no NUL; a blank in its place leaves every offset where it was.
        source = SourceText(found.text.replace("\x00", " "), found.encoding)
    return ReadUpload(source, plans_of(source.text))


class TooManyWaiting(Exception):
    """More readings wait than anybody would wait for."""


class ReadingQueue:
    """Reads in threads of its own, `AT_ONCE` at a time; they end with the process, whatever they are at."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[tuple[Future[Any], Callable[[], Any]]] = queue.Queue(MOST_WAITING)
        self._lock = threading.Lock()
        self._running = 0

    def submit(self, read: Callable[[], T]) -> "Future[T]":
        """Put a reading in the queue; raises TooManyWaiting."""
        future: Future[T] = Future()
        try:
            self._waiting.put_nowait((future, read))
        except queue.Full:
            raise TooManyWaiting from None
        with self._lock:
            if self._running < AT_ONCE:
                self._running += 1
                threading.Thread(target=self._work, name="reading", daemon=True).start()
        return future

    def ahead(self) -> int:
        """Return how many readings wait."""
        return self._waiting.qsize()

    def _work(self) -> None:
        while True:
            with suppress(queue.Empty):
                future, read = self._waiting.get(timeout=0.1)
                self._carry_out(future, read)
                continue
            with self._lock:
                if self._waiting.empty():
                    self._running -= 1
                    return

    @staticmethod
    def _carry_out(future: "Future[T]", read: Callable[[], T]) -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            found = read()
        except BaseException as error:
            # Whoever waits for it is told, whatever it was.
            future.set_exception(error)
        else:
            future.set_result(found)


def waited(reading: "Future[Any]") -> bool:
    """Wait for a reading as long as anybody would for a page; whether it has ended, in whatever way."""
    return bool(wait([reading], timeout=PATIENCE_S).done)


@dataclass(frozen=True, slots=True)
class ReadAtLevel:
    """How far a text is read at a level: its measures, or why there are none; neither while it is being read."""

    measures: tuple[Measure, ...] | None = None
    words: str = ""
    ahead: int = 0  # how many readings wait, while it is being read

    @property
    def under_way(self) -> bool:
        return self.measures is None and not self.words


class LevelReadings:
    """Texts read anew at another level, each once whoever asks; the latest are kept for the press that follows.

    They are nothing but what reading the stored text again gives: what is forgotten, or lost by a restart, is read
    again when it is asked for.
    """

    def __init__(self, readings: ReadingQueue) -> None:
        self._queue = readings
        self._lock = threading.Lock()
        self._found: dict[tuple[int, str], Future[tuple[Measure, ...]]] = {}

    def ask(self, source_id: int, level: str, text: Callable[[int], str]) -> ReadAtLevel:
        """Read a source's text at a level, or say how far that is; who asks first waits a moment.

        A failure is told once: whoever asks after that has it tried again.
        """
        key = (source_id, level)
        with self._lock:
            found = self._found.get(key)
        if found is None:
            whole = text(source_id)
            if len(whole) <= READ_HERE:
                return ReadAtLevel(recut(whole, Span(0, len(whole)), level))
            try:
                found = self._begin(key, whole)
            except TooManyWaiting:
                return ReadAtLevel(words=TOO_MANY)
            waited(found)
        if not found.done():
            return ReadAtLevel(ahead=self._queue.ahead())
        error = found.exception()
        if error is None:
            return ReadAtLevel(found.result())
        with self._lock:
            if self._found.get(key) is found:
                del self._found[key]
        logging.getLogger(__name__).warning("a text could not be read at a level: %s", type(error).__name__)
        return ReadAtLevel(words=LEVEL_TOO_LONG if isinstance(error, NotReadInTime) else LEVEL_FAILED)

    def _begin(self, key: tuple[int, str], text: str) -> "Future[tuple[Measure, ...]]":
        with self._lock:
            if key not in self._found:
                done = [k for k, reading in self._found.items() if reading.done()]
                for old in done[: max(0, len(done) - KEPT + 1)]:
                    del self._found[old]
                self._found[key] = self._queue.submit(lambda: measures_of(plans_of(text, key[1])))
            return self._found[key]


class Readings:
    """The readings under way in this process."""

    def __init__(self) -> None:
        self._queue: ReadingQueue = ReadingQueue()
        self._under_way: dict[int, Future[ReadUpload]] = {}
        self.at_levels = LevelReadings(self._queue)

    def submit(self, came: Came) -> "Future[ReadUpload]":
        """Begin to read; raises TooManyWaiting."""
        return self._queue.submit(lambda: read_came(came))

    def follow(self, upload: Upload, came: Came, reading: "Future[ReadUpload]") -> None:
        """Keep what comes of a reading once the request that noted the upload has committed."""
        number, database, clock = upload.id, outfit().beside, outfit().clock

        def kept(done: "Future[ReadUpload]") -> None:
            try:
                _keep(database, clock(), number, came, done)
            finally:
                self._under_way.pop(number, None)

        def committed(_: object) -> None:
            self._under_way[number] = reading
            reading.add_done_callback(kept)

        # A request that is refused in the end leaves no upload, and nothing to keep or to wait for.
        event.listen(db(), "after_commit", committed, once=True)

    def is_under_way(self, upload: Upload) -> bool:
        """Whether this process is reading an upload; after a restart nobody is."""
        return upload.id in self._under_way

    def ahead(self) -> int:
        """Return how many readings wait for their turn."""
        return self._queue.ahead()


def _keep(database: Database, now: datetime, number: int, came: Came, done: "Future[ReadUpload]") -> None:
    with database.write() as session:
        # Two may have read it, one of them before a restart: the second waits, and finds it kept.
        upload = session.get(Upload, number, with_for_update=True)
        if upload is None:
            return  # given up meanwhile
        act = begin(session, actor_of(session, session.get_one(User, upload.uploaded_by_id)), now)
        error = done.exception()
        if error is None:
            uploads.finish(act, upload, done.result().new_source(upload.jurisdiction_id, came))
        else:
            logging.getLogger(__name__).warning("an upload could not be read: %s", type(error).__name__)
            uploads.fail(act, upload, str(error) if isinstance(error, ReadError) else FAILED)
        session.commit()


def readings() -> Readings:
    """Return the readings under way in this process."""
    found: Readings = current_app.extensions["readings"]
    return found
