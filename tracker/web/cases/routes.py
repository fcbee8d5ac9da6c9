"""办件台账: the list of cases, one case, its files and letters; the forms are case_intake's and case_acts'."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, cast

from flask import Blueprint, Response, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as ResponseBase

from tracker.rules.lights import Light, Signal
from tracker.rules.permissions import PlaceAction
from tracker.rules.workflow import CaseState, State
from tracker.services.cases import privacy
from tracker.services.reminders.lists import told_in
from tracker.store.cases.figures import CASE_LIGHTS, Totals, choices, light_counts
from tracker.store.cases.lists import CaseRow, ledger
from tracker.store.cases.narrowing import CaseFilter
from tracker.store.cases.page import find_case_attachment, records_of
from tracker.store.cases.standing import is_accused
from tracker.store.models import Case, RecordKind
from tracker.web.cases import acts, intake
from tracker.web.cases.letter import letter as letter_page
from tracker.web.cases.page import load, render
from tracker.web.kit import evidence
from tracker.web.kit.access import actor, db, keep_args, moment, or_404, page_number, whole
from tracker.web.kit.fields import options
from tracker.web.kit.pagination import Links, links
from tracker.web.kit.views import View
from tracker.web.kit.words import due_words, milestone_signal

cases = Blueprint("cases", __name__)

STATES = options(CaseState)
LIGHTS = options(CASE_LIGHTS)
SORTS = {"number": "编号", "happened": "事件日", "due": "时限", "owed": "涉及金额"}
NARROWING = ("state", "light", "q", "duty", "type", "unit", "accused", "since", "until", "mail")
TAKES_FILES = frozenset({"cases.close_step", "cases.progress", "cases.note", "cases.intake"})


@cases.url_value_preprocessor
def _room_for_files(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let a signed-in person send ten files: set here, before the CSRF check reads the form."""
    if endpoint in TAKES_FILES and current_user.is_authenticated:
        request.max_content_length = evidence.MAX_REQUEST_BYTES


def wanted() -> CaseFilter:
    """Return what the address asks for; what it does not understand narrows nothing."""
    args = request.args
    state, light, sort = (args.get(name, "") for name in ("state", "light", "sort"))
    return CaseFilter(
        state=state if state in STATES else None,
        light=light if light in LIGHTS else None,
        words=args.get("q", "").strip()[:100] or None,
        duty_id=args.get("duty", type=whole),
        type_id=args.get("type", type=whole),
        unit_id=args.get("unit", type=whole),
        accused_unit_id=args.get("accused", type=whole),
        since=_day("since"),
        until=_day("until"),
        told=told_in(args.get("mail", "")[:200], args.get("told", "")[:40]),
        sort=sort if sort in SORTS else "due",
    )


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerPage(View):
    """The cases a reader may see."""

    template: ClassVar[str] = "cases/index.html"
    export_url: str
    rows: list[tuple[CaseRow, Signal, str, bool]]  # with its light, its date in words, whether it is about the reader's
    address: str  # of the list: that of a case adds its key
    page: Links
    asked: CaseFilter
    sums: Totals
    figures: list[tuple[str, str, int, str]]
    sorts: dict[str, tuple[str, str, str | None]]
    states: list[tuple[str, str]]
    lights: list[tuple[str, str]]
    types: list[tuple[str, str]]
    units: list[tuple[str, str]]
    accused: list[tuple[str, str]]
    narrowed: bool
    may_register: bool
    hidden: str


@cases.get("/cases/")
def index() -> str:
    """The cases the actor may see, narrowed and sorted as the address says, and what they add up to."""
    asked, who = wanted(), actor()
    page, sums = ledger(db(), who, moment(), asked, page_number())
    known = choices(db(), who)
    narrowed, posts = any(request.args.get(n) for n in NARROWING), {post.unit_id for post in who.posts}
    return LedgerPage(
        export_url=url_for("ledger_export.export", **keep_args(page=None)),
        rows=_lines(page.rows, posts),
        address=url_for("cases.index"),
        page=links(page),
        asked=asked,
        sums=sums,
        figures=_figures(),
        sorts=_sorts(asked.sort),
        states=[("", "全部"), *STATES.items()],
        lights=[("", "全部"), *LIGHTS.items()],
        types=_options(known.types),
        units=_options(known.units),
        accused=_options(known.accused),
        narrowed=narrowed,
        may_register=who.may(PlaceAction.OPEN_CASE),
        hidden=privacy.HIDDEN,
    ).render()


def _options(found: list[tuple[int, str]]) -> list[tuple[str, str]]:
    return [("", "全部"), *((str(key), name) for key, name in found)]


def _figures() -> list[tuple[str, str, int, str]]:
    """Return, for each light, its style, its word, how many open cases have it, and the address that lists them."""
    counts = light_counts(db(), actor(), moment())
    ledger_of = f"{url_for('cases.index', state=CaseState.OPEN.value)}&light="
    return [(light.value, light.label, counts.get(light, 0), f"{ledger_of}{light.value}") for light in CASE_LIGHTS]


def _sorts(sort: str) -> dict[str, tuple[str, str, str | None]]:
    falls = {"due": "ascending"}
    return {
        name: (
            words,
            url_for("cases.index", **keep_args(sort=name, page=None)),
            falls.get(name, "descending") if name == sort else None,
        )
        for name, words in SORTS.items()
    }


def _lines(rows: list[CaseRow], posts: set[int]) -> list[tuple[CaseRow, Signal, str, bool]]:
    """Return the lines of a page: in the order of their dates many end alike, and are put into words once."""
    said: dict[Hashable, tuple[Signal, str]] = {}
    lines = []
    for row in rows:
        clock, ended = row.clock, row.closed_at is not None or row.paused_at is not None
        alike = (clock.ends, row.duty_state) if clock is not None and not ended else row.id
        if alike not in said:
            running = clock is not None and clock.runs and row.closed_at is None
            said[alike] = (signal_of(row), due_words(cast("Any", clock)) if running else "")
        lines.append((row, *said[alike], row.accused_unit_id in posts))
    return lines


_DONE, _STOPPED = Signal(Light.DONE, Light.DONE.label), Signal(Light.NONE, "已停止")
_HELD, _UNDATED = Signal(Light.HOLD, Light.HOLD.label), Signal(Light.NONE, Light.NONE.label)


def signal_of(row: CaseRow) -> Signal:
    """Return a case's light in the list: closed, stopped with its duty, paused, its nearest open date's, or none."""
    if row.closed_at is not None:
        return _DONE
    if row.duty_state is State.REVOKED:
        return _STOPPED
    if row.paused_at is not None:
        return _HELD
    if row.clock is None or not row.clock.runs:
        return _UNDATED
    return milestone_signal(cast("Any", row.clock), row.duty_state or State.IN_PROGRESS)


@cases.get("/cases/<int:case_id>")
def show(case_id: int) -> str:
    """One case: its steps and dates, what can be done now, what was done."""
    return render(load(case_id))


@cases.get("/cases/attachments/<int:attachment_id>")
def attachment(attachment_id: int) -> Response:
    """A file of a case, as a download; those of the intake only to those who handle it."""
    found, record = or_404(find_case_attachment(db(), actor(), attachment_id))
    if record.kind is RecordKind.INTAKE:
        or_404(privacy.may_unmask(db(), actor(), load(record.case_id)) or None)
    return evidence.send(found)


@cases.get("/cases/<int:case_id>/letter/<int:record_id>")
def letter(case_id: int, record_id: int) -> str:
    """督办书, to be printed and sent to the unit that is late."""
    case = load(case_id)
    return letter_page(case, _letter_of(case, record_id))


def _letter_of(case: Case, record_id: int) -> Any:
    """Find a letter of a case; the unit complained of finds none."""
    if is_accused(actor(), case):
        return or_404(None)
    found = (r for r in records_of(db(), case.id) if r.id == record_id and r.kind is RecordKind.LETTER)
    return or_404(next(found, None))


# --- Forms -----------------------------------------------------------------------------------------------------------

_ONE = "/cases/<int:case_id>"
_STEP = f"{_ONE}/steps/<int:step_id>"

cases.get("/cases/intake")(intake.choose)
cases.add_url_rule("/cases/new", "new", intake.choose)
cases.route("/cases/intake/<int:type_id>", methods=["GET", "POST"])(intake.intake)
cases.route("/duties/<int:duty_id>/cases/new", methods=["GET", "POST"])(intake.from_duty)


@cases.get(f"{_ONE}/<any(sign, return, pause, resume, conclude, visit, note, unmask):_act>")
@cases.get(f"{_STEP}/<any(close, refer, progress, extend):_act>")
@cases.get(f"{_ONE}/extensions/<int:extension_id>/decide")
@cases.get(f"{_ONE}/ask-pause")
@cases.get(f"{_ONE}/pause-requests/<int:request_id>/decide")
def back_to_page(case_id: int, **_rest: Any) -> ResponseBase:
    """The address of a refused form, opened again: the case's page."""
    return redirect(url_for("cases.show", case_id=case_id))


cases.post(f"{_STEP}/close")(acts.close_step)
cases.post(f"{_STEP}/refer")(acts.refer)
cases.post(f"{_STEP}/progress")(acts.progress)
cases.post(f"{_STEP}/extend")(acts.extend)
cases.post(f"{_ONE}/sign")(acts.sign)
cases.post(f"{_ONE}/return")(acts.send_back)
cases.post(f"{_ONE}/pause")(acts.pause)
cases.post(f"{_ONE}/ask-pause")(acts.ask_pause)
cases.post(f"{_ONE}/pause-requests/<int:request_id>/decide")(acts.decide_pause)
cases.post(f"{_ONE}/resume")(acts.resume)
cases.post(f"{_ONE}/extensions/<int:extension_id>/decide")(acts.decide)
cases.post(f"{_ONE}/conclude")(acts.conclude)
cases.post(f"{_ONE}/visit")(acts.visit)
cases.post(f"{_ONE}/note")(acts.note)
cases.post(f"{_ONE}/unmask")(acts.unmask)
