"""上传: sources come in, and one of their plans is chosen to be confirmed."""

from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_wtf.file import FileField
from markupsafe import Markup
from werkzeug.wrappers import Response
from wtforms import RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

import config
from tracker.adapters.files.readers import ACCEPTED_SUFFIXES, ReadError, SourceText, read_source
from tracker.reading.comparison import pairs
from tracker.reading.extraction import read
from tracker.reading.rendering import as_json
from tracker.services.core.errors import NotPermitted, Refused
from tracker.services.documents import intake
from tracker.services.editions import opening
from tracker.store.documents.drafts import find_supervised, slips_in_source
from tracker.store.documents.sources import documents_of, find_plan, find_source, list_sources, measures_of, places
from tracker.store.editions.changes import draft_of
from tracker.store.models import Document, DocumentState, MemberRole, PlanAnswer, PlanReading, Source
from tracker.web.kit.access import actor, db, or_404, outfit, page_number, requires, this_act, whole
from tracker.web.kit.fields import Choice, options, trimmed
from tracker.web.kit.forms import PageForm
from tracker.web.kit.pagination import links

sources = Blueprint("sources", __name__, url_prefix="/sources")

PASTED = "粘贴的正文"
# Variants of a web page's extension are taken, but not worth naming.
OFFERED = [suffix for suffix in ACCEPTED_SUFFIXES if suffix in (".docx", ".pdf", ".xlsx", ".html", ".txt")]
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


class AnswerForm(PageForm):
    """What a plan is beside a document that nearly agrees."""

    answer = RadioField("这一份是", choices=options(PlanAnswer), validators=[InputRequired("请选择一种。")])


@dataclass(frozen=True, slots=True)
class SourceUpload:
    """What a form brought: bytes and the text read from them."""

    data: bytes
    name: str
    pasted: bool
    source: SourceText


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


@sources.get("/")
@requires(MemberRole.SUPERVISOR)
def index() -> str:
    page = list_sources(db(), actor(), page_number())
    documents = documents_of(db(), [p for row in page.rows for p in row.source.plans])
    return render_template("documents/sources/index.html", rows=page.rows, documents=documents, page=links(page))


@sources.route("/new", methods=["GET", "POST"])
@requires(MemberRole.SUPERVISOR)
def new() -> Response | str | tuple[str, int]:
    """Take an upload or a paste in; everything slow happens before the transaction begins."""
    form = _form()
    if not form.is_submitted():
        return render_template(
            "documents/sources/new.html", form=form, accept=",".join(ACCEPTED_SUFFIXES), amended=_amended(request.args)
        )
    if not form.validate():
        return _new_again(form)
    upload = _upload(form)
    if upload is None:
        return _new_again(form)
    plans = as_json(read(upload.source.text))["plans"]
    digest = outfit().files.put(upload.data)
    taken = intake.NewSource(
        jurisdiction_id=int(form.jurisdiction.data),
        filename=upload.name,
        pasted=upload.pasted,
        sha256=digest,
        size=len(upload.data),
        encoding=upload.source.encoding,
        text=upload.source.text,
        plans=plans,
    )
    try:
        source = intake.take_in(this_act(), taken)
    except NotPermitted:
        raise
    except intake.AlreadyIn as refusal:
        link = Markup('<a href="{}">打开它</a>').format(url_for("sources.show", source_id=refusal.source_id))
        return _new_again(form, Markup("{}{}。").format(str(refusal), link), anew=False)
    except Refused as refusal:
        return _new_again(form, str(refusal))
    flash(f"已读取：{len(source.plans)} 份文件。" if len(source.plans) > 1 else "已读取。", "success")
    document_id = request.form.get("document", type=whole)
    return redirect(url_for("sources.show", source_id=source.id, document=document_id))


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


def _upload(form: SourceForm) -> SourceUpload | None:
    """Read what was sent; None where it cannot be, with the reason beside its field."""
    file, pasted = request.files.get("file"), form.paste.data or ""
    chosen = file is not None and bool(file.filename)
    if chosen and pasted.strip():
        _say(
            form.file,
            "文件和粘贴的正文只能选一种：要用粘贴的，请直接提交（文件已清除）；要用文件，请清空正文后重新选择文件。",
        )
        return None
    if not chosen and not pasted.strip():
        _say(form.file, "请选择一个文件，或者粘贴正文。")
        return None
    try:
        if file is not None and chosen:
            return _file(file, form.title.data or "")
        return _paste(pasted, form.title.data or PASTED)
    except ReadError as error:
        _say(form.file if chosen else form.paste, str(error))
        return None


def _file(file: Any, title: str) -> SourceUpload:
    """Read an uploaded file; raises ReadError."""
    data: bytes = file.stream.read(config.MAX_UPLOAD_BYTES + 1)
    name = PurePath(str(file.filename).replace("\\", "/")).name
    found = read_source(data, name)
    shown = f"{title}{PurePath(name).suffix}" if title else name
    # PostgreSQL keeps no NUL; a blank in its place leaves every offset where it was.
    return SourceUpload(data, _clean(shown), False, SourceText(found.text.replace("\x00", " "), found.encoding))


def _paste(pasted: str, title: str) -> SourceUpload:
    """Take a pasted text as it is: BOM and NULs dropped, line ends made \\n; raises ReadError."""
    text = pasted.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").removeprefix("\ufeff")
    data = text.encode("utf-8", errors="replace")
    if len(data) > config.MAX_PASTE_BYTES:
        raise ReadError("粘贴的正文超过 2 MB。请存为文件上传，或者只粘贴需要的部分。")
    return SourceUpload(data, _clean(title), True, SourceText(data.decode("utf-8"), "utf-8"))


def _clean(name: str) -> str:
    return "".join(c for c in name if c.isprintable())[:200] or PASTED


def _say(field: Any, words: str) -> None:
    field.errors = [*field.errors, words]


def _new_again(form: SourceForm, wrong: str = "", *, anew: bool = True) -> tuple[str, int]:
    """Show the form as it was sent; a chosen file cannot be kept, which is said unless nothing is to be sent `anew`."""
    if wrong:
        form.form_errors.append(wrong)
    file = request.files.get("file")
    if anew and file is not None and file.filename:
        _say(form.file, "请重新选择文件。" if form.file.errors else "浏览器不保留选过的文件，请重新选择文件。")
    db().rollback()
    amended = _amended(request.form)
    return render_template(
        "documents/sources/new.html", form=form, accept=",".join(ACCEPTED_SUFFIXES), amended=amended
    ), 422


@sources.get("/<int:source_id>")
@requires(MemberRole.SUPERVISOR)
def show(source_id: int) -> str:
    """Show the plans of a source, each with the way on."""
    return _show_page(source_id)


def _show_page(source_id: int) -> str:
    source = or_404(find_source(db(), actor(), source_id))
    amended = _amended(request.values)
    if amended is not None and amended.jurisdiction_id != source.jurisdiction_id:
        amended = None
    return render_template(
        "documents/sources/show.html",
        source=source,
        plans=_plan_lines(source),
        states=DocumentState,
        slips=slips_in_source(db(), source.id),
        amended=amended,
    )


def _plan_lines(source: Source) -> list[PlanLine]:
    documents = documents_of(db(), source.plans)
    return [PlanLine(p, documents.get(p.document_id or 0), documents.get(p.similar_to_id or 0)) for p in source.plans]


@sources.post("/<int:source_id>/plans/<int:ordinal>")
@requires(MemberRole.SUPERVISOR)
def choose(source_id: int, ordinal: int) -> Response | str | tuple[Response | str, int]:
    """Start confirming a plan; one that nearly agrees with a document already in is asked about first."""
    form = AnswerForm()
    plan = or_404(find_plan(db(), actor(), source_id, ordinal))
    answer = PlanAnswer(form.answer.data) if form.answer.data in set(PlanAnswer) else None
    try:
        document = opening.choose_plan(this_act(), plan, plan.source, answer, _amended(request.form))
    except NotPermitted:
        raise
    except intake.NeedsAnswer:
        if "asked" not in request.form:
            return redirect(url_for("sources.similar", source_id=source_id, ordinal=ordinal))
        form.answer.errors = ["请选择一种。"]
        db().rollback()
        return _similar_page(source_id, ordinal, form), 422
    except Refused as refusal:
        db().rollback()
        flash(str(refusal), "error")
        return _show_page(source_id), 422
    draft = draft_of(db(), document.id) if document.state is DocumentState.PUBLISHED else None
    if draft is not None and draft.plan_reading_id == plan.id:
        return redirect(url_for("amend.show", document_id=document.id))
    if answer is PlanAnswer.SAME:
        flash("已记为同一文件，用已有的这一份。", "info")
    drafted = document.state is DocumentState.DRAFT
    return redirect(url_for("confirm.show" if drafted else "documents.show", document_id=document.id))


@sources.get("/<int:source_id>/plans/<int:ordinal>/similar")
@requires(MemberRole.SUPERVISOR)
def similar(source_id: int, ordinal: int) -> Response | str:
    """Show a plan beside the document it nearly agrees with, measure by measure."""
    return _similar_page(source_id, ordinal, AnswerForm())


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
    return render_template(
        "documents/sources/similar.html",
        plan=plan,
        form=form,
        document=found.document,
        rows=rows,
        explained=EXPLAINED,
        same=sum(1 for r in rows if r.css == ""),
        percent=round(100 * found.share),
    )


def _pair(mine: Any, theirs: Any, share: float) -> Pair:
    if mine is None:
        return Pair(None, theirs, "只在已有的一份", "differs")
    if theirs is None:
        return Pair(mine, None, "只在这一份", "differs")
    return Pair(
        mine, theirs, "相同" if share >= 0.995 else f"相近 {round(100 * share)}%", "" if share >= 0.995 else "differs"
    )
