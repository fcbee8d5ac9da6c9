"""台账导入: a template to fill in, a workbook uploaded, what became of its rows, and those that could not be taken in.

Good rows are committed with the redirect to the result, as every POST is.  The result is a file of its own for a day
(adapters/ledger/results), for the person who uploaded, so that no page carries the personal data of faulty rows; after
that the same upload gives it again, since rows that are in are not added twice.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import Blueprint, Response, abort, request, url_for
from flask_wtf.file import FileField
from sqlalchemy.orm import Session
from wtforms import ValidationError

from tracker.adapters.files.readers import ReadError
from tracker.adapters.ledger.reading import MAX_BYTES, read_ledger
from tracker.adapters.ledger.results import Parcels
from tracker.adapters.ledger.rows import MOST_ROWS, LedgerColumn, LedgerRow, Sheet, columns_of, read_rows
from tracker.adapters.ledger.workbook import FaultyRow, TemplateChoices, columns_for, faults_book, template
from tracker.rules.permissions import PlaceAction, whose
from tracker.services.cases import handlers
from tracker.services.core.act import permit
from tracker.services.ledger_import.rows import FromFile, Imported, import_rows, starts_hours
from tracker.store.case_types.versions import find_type_version, usable_types, variants_of
from tracker.store.cases.page import units_in
from tracker.store.models import CaseTypeVersion, Starts
from tracker.web.kit import evidence
from tracker.web.kit.access import actor, db, now, or_404, outfit, this_act, whole
from tracker.web.kit.downloads import workbook_response
from tracker.web.kit.fields import Choice
from tracker.web.kit.forms import PageForm
from tracker.web.kit.posting import Answer, Done, Posting
from tracker.web.kit.views import View

ledger_import = Blueprint("ledger_import", __name__, url_prefix="/cases/import")

FIRST_FAULTS = 20


class UploadForm(PageForm):
    """导入台账"""

    type = Choice("办件类型", choices={})
    file = FileField(
        "选择文件", description=f"Excel 表格（.xlsx），不超过 {MAX_BYTES // 1024 // 1024} MB、{MOST_ROWS} 行。"
    )
    taken: "LedgerUpload"

    def validate_file(self, field: FileField) -> None:
        """Read what was sent; a browser does not keep the file of a form that is shown again."""
        if not field.data:
            raise ValidationError("请选择一个文件。")
        data = field.data.stream.read(MAX_BYTES + 1)
        try:
            sheet = read_ledger(data)
            rows = read_rows(sheet)
        except (ReadError, ValueError) as error:
            raise ValidationError(str(error)) from error
        name = evidence.clean_name(str(field.data.filename))
        self.taken = LedgerUpload(FromFile(name, hashlib.sha256(data).hexdigest()), sheet, rows)


@dataclass(frozen=True, slots=True)
class LedgerUpload:
    """What was uploaded: the file, the sheet in it, and what its rows say."""

    file: FromFile
    sheet: Sheet
    rows: list[LedgerRow]


@ledger_import.get("")
def index() -> str:
    """Choose a type, fetch its template, upload it filled in."""
    types = usable_types(db(), actor())
    wanted = request.args.get("type", type=whole)
    chosen = next((v for v in types if v.type_id == wanted), None)
    if wanted is not None and chosen is None:
        abort(404)
    return _page(UploadForm(formdata=None), types, chosen or (types[0] if len(types) == 1 else None))


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPage(View):
    """The upload of a ledger's workbook."""

    template: ClassVar[str] = "ledger_import/index.html"
    form: UploadForm
    types: list[tuple[int, str]]
    chosen: CaseTypeVersion | None
    columns: list[LedgerColumn] | tuple[()]


def _page(form: UploadForm, types: list[CaseTypeVersion], chosen: CaseTypeVersion | None) -> str:
    several = len({v.type.jurisdiction_id for v in types}) > 1
    names = [(v.type_id, f"{v.type.jurisdiction.name} {v.type.name}" if several else v.type.name) for v in types]
    form.type.choices = {str(key): name for key, name in names}
    form.type.data = str(chosen.type_id) if chosen else None
    return ImportPage(
        form=form,
        types=names,
        chosen=chosen,
        columns=columns_for(_offer(db(), chosen)) if chosen else (),
    ).render()


def _find(session: Session, type_id: int) -> CaseTypeVersion:
    """Return the newest version of a type in use: 404 for a stranger's, 403 for whom takes nothing in there."""
    version = or_404(find_type_version(session, actor(), type_id))
    permit(actor().may(PlaceAction.IMPORT_CASES, version.type.jurisdiction_id), whose(PlaceAction.IMPORT_CASES))
    return version


def _offer(session: Session, version: CaseTypeVersion) -> TemplateChoices:
    own = handlers.handling_units(actor(), version.type.jurisdiction_id)
    units = [name for key, name in units_in(session, version.type.jurisdiction_id) if own is None or key in own]
    sorts = variants_of(version)
    kinds: list[str | None] = [*sorts] if sorts else [None]
    by_hour = any(starts_hours(version, sort, Starts.EVENT) for sort in kinds)
    return TemplateChoices(version.type.name, version.event, sorts, units, by_hour)


@ledger_import.get("/<int:type_id>/template.xlsx")
def blank(type_id: int) -> Response:
    """The template of a type, with the units of whoever asks to choose from."""
    version = _find(db(), type_id)
    return workbook_response(template(_offer(db(), version)), f"台账导入模板-{version.type.name}.xlsx")


@ledger_import.post("")
def upload() -> Answer:
    """Take the good rows of a workbook in; it is read and understood before the transaction begins."""
    form = UploadForm()
    type_id = int(form.type.data) if str(form.type.data or "").isdecimal() else 0
    with outfit().database.read() as reading:  # a session of its own: nobody waits while the file is being read
        version = _find(reading, type_id)
        offer = _offer(reading, version)
        form.type.choices = {str(type_id): version.type.name}

    def verb(current: CaseTypeVersion) -> Done:
        done = import_rows(this_act(), current, form.taken.rows, form.taken.file)
        secret = _keep(type_id, offer, form.taken, done)
        return Done("", url_for("ledger_import.result", secret=secret))

    def page(_: CaseTypeVersion) -> str:
        types = usable_types(db(), actor())
        chosen = next((v for v in types if v.type_id == type_id), None)
        if chosen is None:  # no longer in use: the page shows no form
            form.form_errors.extend(form.file.errors)
        return _page(form, types, chosen)

    return Posting(form, lambda: _find(db(), type_id), verb, page).answer()


def _parcels() -> Parcels:
    return Parcels(outfit().settings.imports_dir)


def _keep(type_id: int, offer: TemplateChoices, taken: LedgerUpload, done: Imported) -> str:
    """Keep what the result page and the workbook of faulty rows need; returns the secret in its address."""
    cells = dict(taken.sheet.rows)
    kept = {
        "type": type_id,
        "file": taken.file.name,
        "offer": [offer.type_name, offer.event, list(offer.variants), list(offer.units), offer.by_hour],
        "new": done.new,
        "already": done.already,
        "headings": taken.sheet.headings,
        "faults": [[f.line, f.reason, cells[f.line]] for f in done.faults],
    }
    return _parcels().put(actor().user_id or 0, json.dumps(kept, ensure_ascii=False).encode(), now())


def _kept(secret: str) -> dict[str, Any]:
    found = or_404(_parcels().get(actor().user_id or 0, secret, now()))
    kept: dict[str, Any] = json.loads(found)
    return kept


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResultPage(View):
    """What became of a ledger's workbook."""

    template: ClassVar[str] = "ledger_import/result.html"
    kept: dict[str, Any]
    secret: str
    type_name: str
    faults: list[dict[str, Any]]
    total: int
    reference: int | None


@ledger_import.get("/result/<secret>")
def result(secret: str) -> str:
    """What became of an upload: new, in already, and the first faults with their reasons."""
    kept = _kept(secret)
    return ImportResultPage(
        kept=kept,
        secret=secret,
        type_name=kept["offer"][0],
        faults=kept["faults"][:FIRST_FAULTS],
        total=len(kept["faults"]),
        reference=_column(kept["headings"]),
    ).render()


def _column(headings: list[str]) -> int | None:
    return columns_of(headings).get("reference")


@ledger_import.get("/result/<secret>/faults.xlsx")
def faults(secret: str) -> Response:
    """The rows that were not taken in, with their reasons, to be corrected and uploaded."""
    kept = _kept(secret)
    rows = [FaultyRow(line, reason, cells) for line, reason, cells in kept["faults"]]
    if not rows:
        abort(404)
    stem = kept["file"].rsplit(".", 1)[0]
    return workbook_response(
        faults_book(TemplateChoices(*kept["offer"]), kept["headings"], rows), f"{stem}-待改正.xlsx"
    )
