"""责任: the list every number of the product leads to, one duty's page, and its files."""

from dataclasses import dataclass
from typing import Any, ClassVar

from flask import Blueprint, Response, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as ResponseBase

from tracker.reading.plan import Role
from tracker.rules.workflow import State, StateClass
from tracker.services.reminders.lists import told_in
from tracker.store.core.visible import OVERSEEING, OWN
from tracker.store.duties.choices import document_choices, unit_choices
from tracker.store.duties.duty import find_attachment
from tracker.store.duties.lights import NARROWING
from tracker.store.duties.lists import DutyFilter, list_duties
from tracker.web.duties import acts, extensions
from tracker.web.duties.lines import DutyLine, duty_lines
from tracker.web.duties.page import load, render
from tracker.web.kit import evidence
from tracker.web.kit.access import actor, db, keep_args, moment, or_404, page_number, whole
from tracker.web.kit.fields import options
from tracker.web.kit.pagination import Links, Tab, links
from tracker.web.kit.views import View

duties = Blueprint("duties", __name__, url_prefix="/duties")

STATES = options([*StateClass, State.REVOKED])
ROLES = options([Role.LEAD, Role.RESPONSIBLE, Role.EACH, Role.SUPPORT])
LIGHTS = options(NARROWING)
SORTS = {"key": "事项", "unit": "单位", "due": "时限", "state": "办理状态"}


@duties.url_value_preprocessor
def _room_for_files(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let a signed-in person send ten files: set here, before the CSRF check reads the form."""
    if endpoint in ("duties.report", "duties.submit") and current_user.is_authenticated:
        request.max_content_length = evidence.MAX_REQUEST_BYTES


def wanted() -> DutyFilter:
    """Return what the address asks for; what it does not understand narrows nothing."""
    args = request.args
    state, light, role, sort = (args.get(name, "") for name in ("state", "light", "role", "sort"))
    return DutyFilter(
        light=light if light in LIGHTS else None,
        state=state if state in STATES else None,
        document_id=args.get("document", type=whole),
        unit_id=args.get("unit", type=whole),
        jurisdiction_id=args.get("jurisdiction", type=whole),
        role=Role(role) if role in ROLES else None,
        words=args.get("q", "").strip()[:100] or None,
        own_only=args.get("own") == "1",
        told=told_in(args.get("mail", "")[:200], args.get("told", "")[:40]),
        sort=sort if sort in SORTS else "due",
    )


def sort_links(sort: str) -> dict[str, tuple[str, str, str | None]]:
    """Return, by column, its label, the address that sorts by it, and the direction where it is the present one."""
    return {
        name: (
            label,
            url_for("duties.index", **keep_args(sort=name, page=None)),
            "ascending" if name == sort else None,
        )
        for name, label in SORTS.items()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class DutiesPage(View):
    """The duties a reader may see."""

    template: ClassVar[str] = "duties/index.html"
    lines: list[DutyLine]
    page: Links
    asked: DutyFilter
    sorts: dict[str, tuple[str, str, str | None]]
    tabs: list[Tab]
    lights: list[tuple[str, str]]
    states: list[tuple[str, str]]
    roles: list[tuple[str, str]]
    documents: list[tuple[str | int, str]]
    units: list[tuple[str, str]]
    narrowed: bool
    own_names: str
    oversees: bool


@duties.get("/")
def index() -> str:
    """The duties the actor may see, narrowed and sorted as the address says."""
    asked, who = wanted(), actor()
    page = list_duties(db(), who, moment(), asked, page_number())
    units = unit_choices(db(), who)
    own = who.units(*OWN)
    # Whoever sees his own units' duties and nothing else needs no choice between the two.
    sees_others = any(unit_id not in own for unit_id, _ in units)
    return DutiesPage(
        lines=duty_lines(page.rows),
        page=links(page),
        asked=asked,
        sorts=sort_links(asked.sort),
        tabs=_tabs(asked.own_only) if own and (sees_others or asked.own_only) else [],
        lights=[("", "全部"), *LIGHTS.items()],
        states=[("", "全部"), *STATES.items()],
        roles=[("", "全部"), *ROLES.items()],
        documents=[("", "全部"), *document_choices(db(), who)],
        units=[("", "全部"), *((str(unit_id), name) for unit_id, name in units)],
        narrowed=any(request.args.get(name) for name in ("light", "state", "role", "document", "unit", "q", "mail")),
        own_names="、".join(dict.fromkeys(p.unit_name for p in who.posts if p.role in OWN)),
        oversees=bool(who.jurisdictions(*OVERSEEING)),
    ).render()


def _tabs(own_only: bool) -> list[Tab]:
    def url(own: str | None) -> str:
        return url_for("duties.index", **keep_args(own=own, page=None))

    return [
        Tab("全部可见", url(None), not own_only),
        Tab("只看本单位", url("1"), own_only),
    ]


@duties.get("/<int:duty_id>")
def show(duty_id: int) -> str:
    """One duty: the policy's words first, then what is to be done, by when and why."""
    return render(load(duty_id))


@duties.get("/attachments/<int:attachment_id>")
def attachment(attachment_id: int) -> Response:
    """A file of a report, as a download, to those who may see the duty."""
    return evidence.send(or_404(find_attachment(db(), actor(), attachment_id)))


_ONE = "/<int:duty_id>"


@duties.get(f"{_ONE}/<any(acknowledge, report, complete, 'send-back', close, resume):_act>")
def back_to_page(duty_id: int, _act: str) -> ResponseBase:
    """The address of a refused form, opened again: the duty's page."""
    return redirect(url_for("duties.show", duty_id=duty_id))


duties.post(f"{_ONE}/acknowledge")(acts.acknowledge)
duties.post(f"{_ONE}/report")(acts.report)
duties.route(f"{_ONE}/submit", methods=["GET", "POST"])(acts.submit)
duties.post(f"{_ONE}/complete")(acts.complete)
duties.post(f"{_ONE}/send-back")(acts.send_back)
duties.post(f"{_ONE}/close")(acts.close)
duties.route(f"{_ONE}/revoke", methods=["GET", "POST"])(acts.revoke)
duties.route(f"{_ONE}/restore", methods=["GET", "POST"])(acts.restore)
duties.route(f"{_ONE}/pause", methods=["GET", "POST"])(acts.pause)
duties.post(f"{_ONE}/resume")(acts.resume)
duties.route(f"{_ONE}/extend", methods=["GET", "POST"])(extensions.extend)
duties.post(f"{_ONE}/extensions/<int:extension_id>/decide")(extensions.decide)
duties.route(f"{_ONE}/units", methods=["GET", "POST"])(acts.add_unit)
