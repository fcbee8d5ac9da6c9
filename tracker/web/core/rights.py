"""权限: who may do what, printed from the tables that decide it."""

from flask import Blueprint, render_template

from tracker.rules.matrix import matrices
from tracker.rules.permissions import PlaceAction, roles_for
from tracker.web.kit.access import requires

rights = Blueprint("rights", __name__, url_prefix="/rights")


@rights.get("/")
@requires(*roles_for(PlaceAction.READ_RIGHTS))
def index() -> str:
    return render_template("core/rights.html", matrices=matrices())
