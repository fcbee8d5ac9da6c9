"""dashboard"""

from flask import Blueprint

dashboard = Blueprint("dashboard", __name__, url_prefix="/dashboard")


@dashboard.get("/")
def index() -> str:
    return "dashboard"
