"""A page of a list with the links around it, and the views of a list beside each other."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from tracker.store.core.pages import DEEPEST, Page
from tracker.web.kit.access import keep_args


@dataclass(frozen=True, slots=True)
class Links:
    """What the pager macro shows; `place` says which page of how many, where there is more than one."""

    total: int
    rows: str
    place: str
    prev_url: str | None
    next_url: str | None
    last_url: str | None = None  # of a list whose length is not known


@dataclass(frozen=True, slots=True)
class Tab:
    """One view of a list, or one of several pages of one thing."""

    label: str
    url: str
    active: bool
    count: int | None = None


def links(page: Page[Any]) -> Links:
    """Return the pager of this request's list, every other query argument kept."""

    def url(number: int) -> str:
        values = {**(request.view_args or {}), **keep_args(page=number)}
        return url_for(request.endpoint or "", **values)

    if page.from_end:
        return _open_ended(page, url)
    return Links(
        page.total,
        f"第 {page.first}–{page.last} 项，共 {page.total_words}" if page.total else "共 0 项",
        _place(page),
        url(page.number - 1) if page.number > 1 else None,
        url(page.number + 1) if page.number < page.pages or page.more else None,
    )


def _place(page: Page[Any]) -> str:
    if page.more:
        return f"第 {page.number} 页"
    return f"第 {page.number} / {page.pages} 页" if page.pages > 1 else ""


def _open_ended(page: Page[Any], url: Callable[[int], str]) -> Links:
    """Return the pager of a list of which only is known that it is longer than one counts."""
    from_end, at = page.number < 0, abs(page.number)
    first = (at - 1) * page.per_page + 1
    said = "倒数第" if from_end else "第"
    deeper = at + 1 if at < DEEPEST and len(page.rows) == page.per_page else 0
    nearer = at - 1
    earlier, later = (-deeper, -nearer) if from_end else (nearer, deeper)
    return Links(
        page.total,
        f"{said} {first}–{first + len(page.rows) - 1} 项，共 {page.total_words}",
        f"{said} {at} 页",
        url(earlier) if earlier else None,
        url(later) if later else None,
        None if page.number == -1 else url(-1),
    )
