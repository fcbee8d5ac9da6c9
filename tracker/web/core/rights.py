"""权限: who may do what, printed from the tables that decide it."""

from flask import Blueprint, render_template

from tracker.rules.matrix import matrices

rights = Blueprint("rights", __name__, url_prefix="/rights")


@rights.get("/")
def index() -> str:
    return render_template("core/rights.html", matrices=matrices())
