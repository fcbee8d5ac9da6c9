"""audit"""

from flask import Blueprint

audit = Blueprint("audit", __name__, url_prefix="/audit")


@audit.get("/")
def index() -> str:
    return "audit"
