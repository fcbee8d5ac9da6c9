"""cases"""

from flask import Blueprint

cases = Blueprint("cases", __name__, url_prefix="/cases")


@cases.get("/")
def index() -> str:
    return "cases"
