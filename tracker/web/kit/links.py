"""Addresses (网址) of things that more than one room's pages lead to."""

from typing import Any
from urllib.parse import urlsplit

from flask import url_for


def measure_url(document_id: int, measure_id: int, **more: Any) -> str:
    return url_for("confirm.show", document_id=document_id, m=measure_id, **more, _anchor="here")


def own_address(text: str) -> str | None:
    """Return an address of our own that a form names (where its reader wants to go); None for any other."""
    if not text.startswith("/") or text[1:2] in ("/", "\\") or not text.isprintable() or len(text) > 1000:
        return None
    try:
        split = urlsplit(text)
    except ValueError:
        return None
    return None if split.scheme or split.netloc else text
