"""审计: the trail of who did what, for which unit, when."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

from flask import Blueprint, request, url_for
from werkzeug.datastructures.structures import MultiDict

from tracker.now import SHANGHAI
from tracker.rules.verbs import Verb
from tracker.store.core.pages import PER_PAGE
from tracker.store.core.trail import AuditFilter, TrailPlace, TrailRow, TrailRows, list_audit
from tracker.web.core.trail_words import trail
from tracker.web.kit.access import actor, db, keep_args, page_number, whole
from tracker.web.kit.views import View

VERBS = [("", "全部"), *((verb.value, verb.label) for verb in Verb)]

audit = Blueprint("audit", __name__, url_prefix="/audit")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailPage(View):
    """The audit trail."""

    template: ClassVar[str] = "core/trail.html"
    entries: list[TrailRow]
    trail: Callable[[Mapping[str, Any]], str]
    page: TrailRows
    shown: str  # which entries, and of how many
    pages: int
    later_url: str | None
    earlier_url: str | None
    oldest_url: str | None
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
    before, after = (request.args.get(name, type=whole) for name in ("before", "after"))
    page = list_audit(db(), actor(), wanted, TrailPlace(page_number(), before, after))
    return TrailPage(
        entries=page.rows,
        trail=trail,
        page=page,
        shown=_shown(page),
        pages=-(-page.total // PER_PAGE),
        later_url=_later(page),
        earlier_url=_earlier(page),
        oldest_url=_at(after=0) if page.more and page.earlier else None,
        verbs=VERBS,
        args=request.args,
        narrowed=any(request.args.get(k) for k in ("verb", "who", "since", "until")),
    ).render()


def _shown(page: TrailRows) -> str:
    if page.number is None:
        return f"本页 {len(page.rows)} 项"
    first = (page.number - 1) * PER_PAGE
    return f"第 {first + 1}–{first + len(page.rows)} 项，共 {page.total} 项{'以上' if page.more else ''}"


def _at(**place: int) -> str:
    """Return the address of another page of what is shown."""
    return url_for("audit.index", **keep_args(**{"page": None, "before": None, "after": None, **place}))


def _later(page: TrailRows) -> str | None:
    if not page.later:
        return None
    if page.number is not None:
        return _at(page=page.number - 1)
    return _at(after=page.rows[0].id) if page.rows else _at()


def _earlier(page: TrailRows) -> str | None:
    """Return the address of the page of older entries: by number as far as they were counted, then by key."""
    if not page.earlier or not page.rows:
        return None
    if page.number is not None and (not page.more or page.number * PER_PAGE < page.total):
        return _at(page=page.number + 1)
    return _at(before=page.rows[-1].id)


def _day(name: str) -> date | None:
    """Return a day of the address bar; nonsense narrows nothing."""
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)
