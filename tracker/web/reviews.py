"""待审核: the submissions and the requests for more time that wait to be decided, the longest waiting first."""

from flask import Blueprint, render_template

from tracker.store.dashboard import submitted
from tracker.store.extensions import waiting_extensions
from tracker.store.models import MemberRole
from tracker.web.access import actor, db, page_number, requires
from tracker.web.pagination import links

reviews = Blueprint("reviews", __name__, url_prefix="/reviews")


@reviews.get("/")
@requires(MemberRole.SUPERVISOR, MemberRole.HEAD)
def index() -> str:
    """What the reader may decide: a supervisor everything of his places, a head the requests of his unit's cases."""
    page = submitted(db(), actor(), page_number())
    return render_template(
        "reviews/index.html",
        duties=page.rows,
        page=links(page),
        wishes=waiting_extensions(db(), actor()),
        supervisor=actor().holds(MemberRole.SUPERVISOR),
    )
