"""A page of a list with the links around it, and the views of a list beside each other."""

from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from tracker.store.core.pages import Page
from tracker.web.kit.access import keep_args


@dataclass(frozen=True, slots=True)
class Links:
    """What the pager macro shows."""

    number: int
    pages: int
    total: int
    first: int
    last: int
    prev_url: str | None
    next_url: str | None
    more: bool = False  # than `total`


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

    return Links(
        page.number,
        page.pages,
        page.total,
        page.first,
        page.last,
        url(page.number - 1) if page.number > 1 else None,
        url(page.number + 1) if page.number < page.pages or page.more else None,
        page.more,
    )
