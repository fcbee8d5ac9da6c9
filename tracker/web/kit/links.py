"""Addresses (网址) of things that more than one room's pages lead to."""

from typing import Any

from flask import url_for


def measure_url(document_id: int, measure_id: int, **more: Any) -> str:
    return url_for("confirm.show", document_id=document_id, m=measure_id, **more, _anchor="here")
