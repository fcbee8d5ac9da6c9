"""审计: the trail of who did what, for which unit, when."""

from datetime import date, datetime, time, timedelta

from flask import Blueprint, render_template, request

from tracker.now import SHANGHAI
from tracker.rules.verbs import Verb
from tracker.store.core.trail import AuditFilter, list_audit
from tracker.web.core.trail_words import trail
from tracker.web.kit.access import actor, db, page_number
from tracker.web.kit.pagination import links

audit = Blueprint("audit", __name__, url_prefix="/audit")


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
    return render_template(
        "core/trail.html",
        entries=page.rows,
        trail=trail,
        page=links(page),
        verbs=[("", "全部"), *((verb.value, verb.label) for verb in Verb)],
        args=request.args,
        narrowed=any(request.args.get(k) for k in ("verb", "who", "since", "until")),
    )


def _day(name: str) -> date | None:
    """Return a day of the address bar; nonsense narrows nothing."""
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)
