"""Addresses (网址) of things that more than one room's pages lead to."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import url_for


def measure_url(document_id: int, measure_id: int, **more: Any) -> str:
    return url_for("confirm.show", document_id=document_id, m=measure_id, **more, _anchor="here")


def addresses(endpoint: str, name: str) -> Callable[[int], str]:
    """Return what makes the addresses of rows by their number: built once, where a list would build one a row."""
    mark = 1_000_000_007
    given: dict[str, Any] = {name: mark}
    before, after = url_for(endpoint, **given).split(str(mark))
    return lambda number: f"{before}{number}{after}"


def own_address(text: str) -> str | None:
    """Return an address of our own that a form names (where its reader wants to go); None for any other."""
    if not text.startswith("/") or text[1:2] in ("/", "\\") or not text.isprintable() or len(text) > 1000:
        return None
    try:
        split = urlsplit(text)
    except ValueError:
        return None
    return None if split.scheme or split.netloc else text
