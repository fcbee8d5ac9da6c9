"""审计: the trail of who did what, for which unit, when."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

from flask import Blueprint, request
from werkzeug.datastructures.structures import MultiDict

from tracker.now import SHANGHAI
from tracker.rules.verbs import Verb
from tracker.store.core.trail import AuditFilter, list_audit
from tracker.store.models import AuditEntry
from tracker.web.core.trail_words import trail
from tracker.web.kit.access import actor, db, page_number
from tracker.web.kit.pagination import Links, links
from tracker.web.kit.views import View

audit = Blueprint("audit", __name__, url_prefix="/audit")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailPage(View):
    """The audit trail."""

    template: ClassVar[str] = "core/trail.html"
    entries: list[AuditEntry]
    trail: Callable[[Mapping[str, Any]], str]
    page: Links
    verbs: list[tuple[str, str]]
    args: MultiDict[str, str]
    narrowed: bool


@audit.get("/")
def index() -> str:
    since, until = _day("since"), _day("until")
    wanted = AuditFilter(
        verb=request.args.get("verb") if request.args.get("verb") in set(Verb) else None,
        login=(request.args.get("who") or "").strip() or None,
        since=_start(since) if since else None,
        until=_start(until + timedelta(days=1)) if until and until < date.max else None,
    )
    page = list_audit(db(), actor(), wanted, page_number())
    return TrailPage(
        entries=page.rows,
        trail=trail,
        page=links(page),
        verbs=[("", "全部"), *((verb.value, verb.label) for verb in Verb)],
        args=request.args,
        narrowed=any(request.args.get(k) for k in ("verb", "who", "since", "until")),
    ).render()


def _day(name: str) -> date | None:
    """Return a day of the address bar; nonsense narrows nothing."""
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)
