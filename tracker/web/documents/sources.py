"""上传: sources come in, and one of their plans is chosen to be confirmed."""

from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, ClassVar

from flask import Blueprint, current_app, redirect, request, url_for
from flask_wtf.file import FileField
from markupsafe import Markup
from werkzeug.wrappers import Response
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

import config
from tracker.adapters.files.readers import ACCEPTED_SUFFIXES, OFFERED, ReadError, recognise
from tracker.reading.comparison import pairs
from tracker.reading.slips import Slip
from tracker.services.core.errors import Refused
from tracker.services.documents import intake, uploads
from tracker.services.editions import opening
from tracker.store.documents.drafts import find_supervised, slips_in_source
from tracker.store.documents.places import other_place_words, other_places
from tracker.store.documents.sources import (
    SourceRow,
    documents_of,
    find_plan,
    find_source,
    find_upload,
    list_sources,
    measures_of,
    places,
    unread_uploads,
)
from tracker.store.editions.changes import draft_of
from tracker.store.models import (
    Document,
    DocumentState,
    MemberRole,
    PlanAnswer,
    PlanReading,
    Source,
    Upload,
    UploadState,
)
from tracker.web.documents.readings import (
    ASK_AGAIN_S,
    FAILED,
    TOO_MANY,
    Came,
    ReadUpload,
    TooManyWaiting,
    readings,
    waited,
)
from tracker.web.kit.access import actor, db, or_404, outfit, page_number, this_act, whole
from tracker.web.kit.fields import Choice, options, trimmed, wrong
from tracker.web.kit.forms import PageForm
from tracker.web.kit.pagination import Links, links
from tracker.web.kit.posting import Answer, Done, Posting, press
from tracker.web.kit.views import View

sources = Blueprint("sources", __name__, url_prefix="/sources")

PASTED = "粘贴的正文"
EXPLAINED = {
    PlanAnswer.SAME: "内容一样，用已有的那份；这一份只留底。",
    PlanAnswer.NEW_EDITION: "内容有修订。逐项比对，采用哪些变化由您决定；原来的日期和记录都保留。",
    PlanAnswer.ANOTHER: "只是写法相近，是另一份文件，单独核对和发布。",
}


class SourceForm(PageForm):
    """上传或粘贴"""

    jurisdiction = Choice("辖区", choices={})
    file = FileField("选择文件", description=f"可以上传 {'、'.join(OFFERED)}，不超过 20 MB。")
    paste = TextAreaField("或者粘贴正文", description="从网页或文档里复制全文，不超过 2 MB。")
    title = StringField(
        "名称",
        [Length(max=100)],
        filters=[trimmed],
        description="便于以后查找；不填则用文件名。",
    )

    came: Came
    reading: "Future[ReadUpload]"
    taken: ReadUpload | None = None  # None while it is still being read
    anew = True  # whether a file that was refused is to be sent again

    def validate(self, extra_validators: Any = None) -> bool:
        """Read what was sent; what cannot be read is said beside its field."""
        if not super().validate(extra_validators):
            return False
        file, pasted = self.file.data, self.paste.data or ""
        if file and pasted.strip():
            return wrong(
                self.file,
                "文件和粘贴的正文只能选一种：要用粘贴的，请直接提交（文件已清除）；要用文件，请清空正文后重新选择文件。",
            )
        if not file and not pasted.strip():
            return wrong(self.file, "请选择一个文件，或者粘贴正文。")
        title = self.title.data or ""
        try:
            self.came = _file(file, title) if file else _paste(pasted, title or PASTED)
            self.reading = readings().submit(self.came)
            if waited(self.reading):
                self.taken = self.reading.result()
        except ReadError as error:
            return wrong(self.file if file else self.paste, str(error))
        except TooManyWaiting:
            return wrong(self.file if file else self.paste, TOO_MANY)
        except Exception:
            current_app.logger.exception("an upload could not be read")
            return wrong(self.file if file else self.paste, FAILED)
        return True

    def say_file_is_gone(self) -> None:
        """Say that a chosen file cannot be kept, unless nothing is to be sent anew."""
        if self.anew and self.file.data:
            wrong(self.file, "请重新选择文件。" if self.file.errors else "浏览器不保留选过的文件，请重新选择文件。")


class AnswerForm(PageForm):
    """What a plan is beside a document that nearly agrees."""

    answer = RadioField("这一份是", choices=options(PlanAnswer), validators=[InputRequired("请选择一种。")])


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One plan of a source: the document it became, or the one it resembles."""

    plan: PlanReading
    document: Document | None
    similar: Document | None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two measures side by side, and how far they agree; one of them may be missing."""

    mine: Any
    theirs: Any
    words: str
    css: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcesPage(View):
    """The uploads."""

    template: ClassVar[str] = "documents/sources/index.html"
    rows: list[SourceRow]
    documents: dict[int, Document]
    page: Links
    unread: list[Upload]


@sources.get("/")
def index() -> str:
    page = list_sources(db(), actor(), page_number())
    documents = documents_of(db(), [p for row in page.rows for p in row.source.plans])
    unread = unread_uploads(db(), actor())
    return SourcesPage(rows=page.rows, documents=documents, page=links(page), unread=unread).render()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSourcePage(View):
    """The form of an upload."""

    template: ClassVar[str] = "documents/sources/new.html"
    form: SourceForm
    accept: str
    amended: Document | None


@sources.route("/new", methods=["GET", "POST"])
def new() -> Answer:
    """Take an upload or a paste in; everything slow happens before the transaction begins."""
    form = _form()

    def verb(_: None) -> Done:
        place, came, amended = int(form.jurisdiction.data), form.came, _amended(request.form)
        if form.taken is None:
            upload = uploads.begin(this_act(), place, came.as_bytes(), amended)
            readings().follow(upload, came, form.reading)
            return Done("", url_for("sources.reading", upload_id=upload.id))
        try:
            source = intake.take_in(this_act(), form.taken.new_source(place, came))
        except intake.AlreadyIn as refusal:
            form.anew = False
            link = Markup('<a href="{}">打开它</a>').format(url_for("sources.show", source_id=refusal.source_id))
            raise Refused(Markup("{}{}。").format(str(refusal), link)) from refusal
        words = f"已读取：{len(source.plans)} 份文件。" if len(source.plans) > 1 else "已读取。"
        document_id = amended.id if amended else None
        return Done(words, url_for("sources.show", source_id=source.id, document=document_id))

    def page(_: None) -> str:
        if request.method == "POST":
            form.say_file_is_gone()
        amended = _amended(request.values)
        accept = ",".join(ACCEPTED_SUFFIXES)
        return NewSourcePage(form=form, accept=accept, amended=amended).render()

    return Posting(form, lambda: None, verb, page).answer()


def _amended(given: Any) -> Document | None:
    """Return the published document an upload is to be a new edition of, where one is named."""
    document_id = given.get("document", type=whole)
    if document_id is None:
        return None
    document = or_404(find_supervised(db(), actor(), document_id))
    return document if document.state is DocumentState.PUBLISHED else None


def _form() -> SourceForm:
    form = SourceForm()
    supervised = {p.jurisdiction_id for p in actor().posts if p.role is MemberRole.SUPERVISOR}
    if len(supervised) == 1:
        form.jurisdiction.choices = {str(i): "" for i in supervised}
        form.jurisdiction.data = str(next(iter(supervised)))
        return form
    # A session of its own: nobody waits for a lock while the text is being read.
    with outfit().database.read() as reading:
        form.jurisdiction.choices = {str(j.id): j.name for j in places(reading, supervised)}
        if not form.is_submitted() and (wanted := request.args.get("document", type=whole)) is not None:
            document = find_supervised(reading, actor(), wanted)
            form.jurisdiction.data = str(document.jurisdiction_id) if document else None
    return form


def _file(file: Any, title: str) -> Came:
    """Take an uploaded file, once its kind is one that is read; raises ReadError."""
    data: bytes = file.stream.read(config.MAX_UPLOAD_BYTES + 1)
    name = PurePath(str(file.filename).replace("\\", "/")).name
    recognise(data, name)
    shown = f"{title}{PurePath(name).suffix}" if title else name
    return Came(data, name, _clean(shown), pasted=False, sha256=outfit().files.put(data))


def _paste(pasted: str, title: str) -> Came:
    """Take a pasted text as it is: BOM and NULs dropped, line ends made \\n; raises ReadError."""
    text = pasted.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").removeprefix("\ufeff")
    data = text.encode("utf-8", errors="replace")
    if len(data) > config.MAX_PASTE_BYTES:
        raise ReadError("粘贴的正文超过 2 MB。请存为文件上传，或者只粘贴需要的部分。")
    return Came(data, f"{PASTED}.txt", _clean(title), pasted=True, sha256=outfit().files.put(data))


def _clean(name: str) -> str:
    return "".join(c for c in name if c.isprintable())[:200] or PASTED


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingPage(View):
    """An upload that is being read, or could not be."""

    template: ClassVar[str] = "documents/sources/reading.html"
    upload: Upload
    under_way: bool
    ahead: int
    pasted: str | None


@sources.get("/readings/<int:upload_id>")
def reading(upload_id: int) -> Response | str:
    """Show how far the reading of an upload is; lead on once it is done."""
    upload = _upload(upload_id)
    if upload.state is UploadState.DONE:
        return redirect(url_for("sources.show", source_id=upload.source_id, document=upload.document_id))
    under_way = upload.state is UploadState.READING and readings().is_under_way(upload)
    pasted = outfit().files.path(upload.sha256).read_text("utf-8") if upload.pasted and not under_way else None
    page = ReadingPage(upload=upload, under_way=under_way, ahead=readings().ahead(), pasted=pasted)
    # The page asks again by itself, with or without scripts.
    return Response(page.render(), headers={"Refresh": str(ASK_AGAIN_S)} if under_way else {})


@sources.post("/readings/<int:upload_id>/again")
def read_again(upload_id: int) -> Answer:
    """Read an upload once more whose reading failed, or was cut off by a restart."""
    here = url_for("sources.reading", upload_id=upload_id)

    def verb(upload: Upload) -> Done:
        if readings().is_under_way(upload):
            return Done("", here)
        uploads.begin_again(this_act(), upload)
        data = outfit().files.path(upload.sha256).read_bytes()
        came = Came(data, upload.filename, upload.filename, upload.pasted, upload.sha256)
        try:
            readings().follow(upload, came, readings().submit(came))
        except TooManyWaiting:
            raise Refused(TOO_MANY) from None
        return Done("", here)

    return press(None, lambda: _upload(upload_id), verb, here)


@sources.post("/readings/<int:upload_id>/discard")
def discard_reading(upload_id: int) -> Answer:
    """Take an upload that nothing was made of off the list."""

    def verb(upload: Upload) -> Done:
        uploads.discard(this_act(), upload)
        return Done("已不再读取这份上传。", url_for("sources.index"))

    return press(None, lambda: _upload(upload_id), verb, url_for("sources.index"))


def _upload(upload_id: int) -> Upload:
    return or_404(find_upload(db(), actor(), upload_id))


@sources.get("/<int:source_id>")
def show(source_id: int) -> str:
    """Show the plans of a source, each with the way on."""
    return _show_page(source_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePage(View):
    """An upload with the plans in it."""

    template: ClassVar[str] = "documents/sources/show.html"
    source: Source
    plans: list[PlanLine]
    slips: list[Slip]
    amended: Document | None
    elsewhere: list[str]


def _show_page(source_id: int) -> str:
    source = or_404(find_source(db(), actor(), source_id))
    amended = _amended(request.values)
    if amended is not None and amended.jurisdiction_id != source.jurisdiction_id:
        amended = None
    return SourcePage(
        source=source,
        plans=_plan_lines(source),
        slips=slips_in_source(db(), source.id),
        amended=amended,
        elsewhere=list(
            dict.fromkeys(
                other_place_words(place, source.jurisdiction.name)
                for place in other_places(db(), source.id, source.jurisdiction_id).values()
            )
        ),
    ).render()


def _plan_lines(source: Source) -> list[PlanLine]:
    documents = documents_of(db(), source.plans)
    return [PlanLine(p, documents.get(p.document_id or 0), documents.get(p.similar_to_id or 0)) for p in source.plans]


@sources.post("/<int:source_id>/plans/<int:ordinal>")
def choose(source_id: int, ordinal: int) -> Answer:
    """Start confirming a plan; one that nearly agrees with a document already in is asked about first."""
    form = AnswerForm()
    answer = PlanAnswer(form.answer.data) if form.answer.data in set(PlanAnswer) else None
    asked = "asked" in request.form

    def verb(plan: PlanReading) -> Done:
        try:
            document = opening.choose_plan(this_act(), plan, plan.source, answer, _amended(request.form))
        except intake.NeedsAnswer as needs:
            if asked:
                raise Refused("请选择一种。", "answer") from needs
            return Done("", url_for("sources.similar", source_id=source_id, ordinal=ordinal))
        draft = draft_of(db(), document.id) if document.state is DocumentState.PUBLISHED else None
        if draft is not None and draft.plan_reading_id == plan.id:
            return Done("", url_for("amend.show", document_id=document.id))
        drafted = document.state is DocumentState.DRAFT
        words = "已记为同一文件，用已有的这一份。" if answer is PlanAnswer.SAME else ""
        return Done(words, url_for("confirm.show" if drafted else "documents.show", document_id=document.id), "info")

    def page(_: PlanReading) -> Response | str:
        return _similar_page(source_id, ordinal, form) if asked else _show_page(source_id)

    def load() -> PlanReading:
        return or_404(find_plan(db(), actor(), source_id, ordinal))

    return Posting(form if asked else None, load, verb, page).answer()


@sources.get("/<int:source_id>/plans/<int:ordinal>/similar")
def similar(source_id: int, ordinal: int) -> Response | str:
    """Show a plan beside the document it nearly agrees with, measure by measure."""
    return _similar_page(source_id, ordinal, AnswerForm())


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarPage(View):
    """A plan beside the document it is almost the same as."""

    template: ClassVar[str] = "documents/sources/similar.html"
    plan: PlanReading
    form: AnswerForm
    document: Document
    rows: list[Pair]
    explained: dict[PlanAnswer, str]
    percent: int


def _similar_page(source_id: int, ordinal: int, form: AnswerForm) -> Response | str:
    plan = or_404(find_plan(db(), actor(), source_id, ordinal))
    found = intake.most_similar(db(), plan, plan.source.jurisdiction_id) if plan.document_id is None else None
    if found is None:
        return redirect(url_for("sources.show", source_id=source_id))
    mine, theirs = plan.reading["measures"], measures_of(db(), found.document.id)
    rows = [
        _pair(mine[a] if a is not None else None, theirs[b] if b is not None else None, share)
        for a, b, share in pairs([m["text"] for m in mine], [m.text for m in theirs])
    ]
    return SimilarPage(
        plan=plan,
        form=form,
        document=found.document,
        rows=rows,
        explained=EXPLAINED,
        percent=round(100 * found.share),
    ).render()


def _pair(mine: Any, theirs: Any, share: float) -> Pair:
    if mine is None:
        return Pair(None, theirs, "只在已有的一份", "differs")
    if theirs is None:
        return Pair(mine, None, "只在这一份", "differs")
    return Pair(
        mine, theirs, "相同" if share >= 0.995 else f"相近 {round(100 * share)}%", "" if share >= 0.995 else "differs"
    )
