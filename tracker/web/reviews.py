"""待审核: the submissions that wait for a supervisor, the longest waiting first."""

from flask import Blueprint, render_template

from tracker.store.dashboard import submitted
from tracker.store.models import MemberRole
from tracker.web.access import actor, db, page_number, requires
from tracker.web.pagination import links

reviews = Blueprint("reviews", __name__, url_prefix="/reviews")


@reviews.get("/")
@requires(MemberRole.SUPERVISOR)
def index() -> str:
    page = submitted(db(), actor(), page_number())
    return render_template("reviews/index.html", duties=page.rows, page=links(page))
