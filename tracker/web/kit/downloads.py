"""Workbooks handed out as downloads (表格下载): as attachments only, never kept by a browser's cache."""

import io

from flask import Response, send_file

from tracker.adapters.ledger.workbook import MEDIA_TYPE
from tracker.web.kit import evidence


def workbook_response(data: bytes, name: str) -> Response:
    """Return a workbook under a name, which may be Chinese."""
    response = send_file(
        io.BytesIO(data), mimetype=MEDIA_TYPE, as_attachment=True, download_name=evidence.clean_name(name), max_age=0
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response
